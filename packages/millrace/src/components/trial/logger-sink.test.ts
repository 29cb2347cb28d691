import fc from 'fast-check';
import { expect, it } from 'vitest';
import { BatchBuilder } from '../../records/batch-builder.ts';
import { dumpEvent } from './logger-sink.ts';

it('an event stays on its line and steers no terminal, whatever its headers and body hold', () => {
  const text = fc.string({
    unit: fc.constantFrom('a', 'é', '\n', '\r', '\u001b', '\u009b', '\0', '\t'),
    maxLength: 8,
  });
  fc.assert(
    fc.property(text, text, text, (name, value, body) => {
      const builder = new BatchBuilder();
      builder.add(body, new Map([[name, value]]));
      const line = dumpEvent(builder.build().event(0));
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
      expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
      expect(line).toMatch(/^Event: \{ headers:\{.*\} body:.* \}$/u);
    }),
  );
});
