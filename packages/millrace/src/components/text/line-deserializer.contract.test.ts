import { describe, it } from 'vitest';
import { contextFor } from '../../component/testing/context.ts';
import { deserializerContract } from '../../component/testing/deserializer-contract.ts';
import { findCharset } from '../../java/charsets.ts';
import { lineDeserializer } from './line-deserializer.ts';

const lines = Array.from({ length: 20 }, (_, i) => `line ${i} ${'aé€😀'.repeat(i % 4)}`);
lines.push('', '', 'x'.repeat(30), 'no newline €');

for (const [charset, outputCharset] of [
  ['UTF-8', 'UTF-8'],
  ['UTF-8', 'UTF-16'],
  ['UTF-16', 'UTF-8'],
  ['UTF-16LE', 'UTF-8'],
  ['GB18030', 'UTF-8'],
] as const) {
  const bytes = findCharset(charset)!.encoder();
  const body = (line: string): Buffer => findCharset(outputCharset)!.encoder()(line);
  const context = contextFor(lineDeserializer, { maxLineLength: 31, outputCharset });
  deserializerContract({ describe, it }, `LINE, ${charset} to ${outputCharset}`, {
    create: (input) => lineDeserializer.create(context, input),
    sample: bytes(lines.join('\n')),
    events: lines.map(body),
    text: { charset },
    empty: 'no events',
    huge: {
      head: Buffer.alloc(0),
      unit: bytes(`${lines.slice(0, 20).join('\n')}\n`),
      times: 20_000,
      eventsPerUnit: 20,
    },
    mostBytes: 6 * 1024 * 1024,
  });
}

for (const charset of ['UTF-8', 'UTF-16LE'] as const) {
  const bytes = findCharset(charset)!.encoder();
  const grouped: Record<string, string> = { 'multiline.startPattern': '^line [0-9]*[02468] ' };
  const context = contextFor(lineDeserializer, grouped);
  const pairs = Array.from({ length: 10 }, (_, i) => `line ${2 * i} é\nline ${2 * i + 1} €\n at here`);
  deserializerContract({ describe, it }, `LINE, several lines of ${charset}`, {
    create: (input) => lineDeserializer.create(context, input),
    sample: bytes(pairs.join('\n')),
    events: pairs.map((event) => Buffer.from(event)),
    text: { charset },
    empty: 'no events',
    huge: {
      head: Buffer.alloc(0),
      unit: bytes(`${pairs.join('\n')}\n`),
      times: 20_000,
      eventsPerUnit: 10,
    },
    mostBytes: 6 * 1024 * 1024,
  });
}
