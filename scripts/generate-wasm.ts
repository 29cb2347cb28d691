/**
 * Assembles the WebAssembly of the records room into a TypeScript file, so that it is compiled and packed like any other
 * source: `npm run generate:wasm`. The assembler is a development dependency; nobody needs it to build or to run.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

const records = resolve(import.meta.dirname, '../packages/millrace/src/records');
export const wasmSource = join(records, 'batch-bytes.wat');
export const wasmModule = join(records, 'generated/batch-bytes-wasm.ts');

/** The text of the generated file. */
export async function assembled(source: string): Promise<string> {
  const { default: wabt } = await import('wabt');
  const parsed = (await wabt()).parseWat('batch-bytes.wat', source, { simd: true });
  try {
    parsed.validate();
    const { buffer } = parsed.toBinary({ canonicalize_lebs: true, write_debug_names: false });
    const base64 = Buffer.from(buffer).toString('base64');
    return `/** Generated from batch-bytes.wat by \`npm run generate:wasm\`; do not edit. */

/** SHA-256 of the source. */
export const sourceSha256 = '${sha256(source)}';

/** The assembled module (${buffer.length} bytes) as base64. */
export const wasmBase64 =
  '${base64}';
`;
  } finally {
    parsed.destroy();
  }
}

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

if (import.meta.main) {
  mkdirSync(dirname(wasmModule), { recursive: true });
  writeFileSync(wasmModule, await assembled(readFileSync(wasmSource, 'utf8')));
}
