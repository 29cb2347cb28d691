/**
 * Assembles the WebAssembly of the records room into a TypeScript file, so that it is compiled and packed like any other
 * source: `npm run generate:wasm`. The assembler is a development dependency; nobody needs it to build or to run.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

const records = resolve(import.meta.dirname, '../packages/millrace/src/records');

export interface WasmModule {
  readonly name: string;
  readonly source: string;
  readonly generated: string;
}

export const wasmModules: readonly WasmModule[] = ['batch-bytes', 'json-records'].map((name) => ({
  name,
  source: join(records, `${name}.wat`),
  generated: join(records, `generated/${name}-wasm.ts`),
}));

/** The text of the generated file. */
export async function assembled({ name, source }: WasmModule): Promise<string> {
  const text = readFileSync(source, 'utf8');
  const { default: wabt } = await import('wabt');
  const parsed = (await wabt()).parseWat(`${name}.wat`, text, { simd: true });
  try {
    parsed.validate();
    const { buffer } = parsed.toBinary({ canonicalize_lebs: true, write_debug_names: false });
    const base64 = Buffer.from(buffer).toString('base64');
    return `/** Generated from ${name}.wat by \`npm run generate:wasm\`; do not edit. */

/** SHA-256 of the source. */
export const sourceSha256 = '${sha256(text)}';

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
  for (const each of wasmModules) {
    mkdirSync(dirname(each.generated), { recursive: true });
    writeFileSync(each.generated, await assembled(each));
  }
}
