/** Hostile variations of good files, and the corpus that is kept of them. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';

export const corpusDir = join(import.meta.dirname, '../../../../test/fuzz/corpus');

/** The files of `test/fuzz/corpus/NAME`: good ones to start from, and every one that ever found a fault. */
export function corpus(name: string): Buffer[] {
  const dir = join(corpusDir, name);
  if (!existsSync(dir)) return [];
  return readdirSync(dir)
    .sort()
    .map((file) => readFileSync(join(dir, file)));
}

const change = fc.record({
  kind: fc.constantFrom('flip', 'set', 'int32', 'int64', 'cut', 'double', 'truncate', 'insert'),
  at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  value: fc.integer(),
});

function changed(bytes: Buffer, { kind, at, value }: { kind: string; at: number; value: number }): Buffer {
  const i = Math.floor(at * bytes.length);
  const copy = Buffer.from(bytes);
  switch (kind) {
    case 'flip':
      if (i < copy.length) copy[i] = copy[i]! ^ (1 << (value & 7));
      return copy;
    case 'set':
      if (i < copy.length) copy[i] = value & 0xff;
      return copy;
    case 'int32':
      if (i + 4 <= copy.length) copy.writeInt32BE(value, i);
      return copy;
    case 'int64':
      if (i + 8 <= copy.length) copy.writeBigInt64BE(BigInt.asIntN(64, BigInt(value) * 0x1_0000_0001n), i);
      return copy;
    case 'cut':
      return Buffer.concat([copy.subarray(0, i), copy.subarray(i + (value & 15))]);
    case 'double':
      return Buffer.concat([copy.subarray(0, i), copy.subarray(Math.max(0, i - (value & 63)))]);
    case 'insert':
      return Buffer.concat([copy.subarray(0, i), Buffer.from(`${value}`), copy.subarray(i)]);
    default:
      return copy.subarray(0, i);
  }
}

/** Random bytes, or a good file with one to four changes. */
export function hostileBytes(good: readonly Buffer[]): fc.Arbitrary<Buffer> {
  const random = fc.uint8Array({ maxLength: 400 }).map((bytes) => Buffer.from(bytes));
  const varied = fc
    .tuple(fc.constantFrom(...good), fc.array(change, { minLength: 1, maxLength: 4 }))
    .map(([bytes, changes]) => changes.reduce(changed, bytes));
  return fc.oneof({ weight: 1, arbitrary: random }, { weight: 6, arbitrary: varied });
}
