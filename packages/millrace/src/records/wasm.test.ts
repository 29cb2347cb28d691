import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, expect, test } from 'vitest';
import { assembled, sha256, wasmModules } from '../../../../scripts/generate-wasm.ts';

const hasAssembler = ((): boolean => {
  try {
    createRequire(import.meta.url).resolve('wabt');
    return true;
  } catch {
    return false;
  }
})();

describe.each(wasmModules)('the generated module of $name', (module) => {
  const generated = readFileSync(module.generated, 'utf8');

  test('is of the source as it stands: else run `npm run generate:wasm`', () => {
    expect(generated).toContain(`sourceSha256 = '${sha256(readFileSync(module.source, 'utf8'))}'`);
  });

  test.skipIf(!hasAssembler)('is what the assembler makes of it', async () => {
    expect(await assembled(module)).toBe(generated);
  });
});
