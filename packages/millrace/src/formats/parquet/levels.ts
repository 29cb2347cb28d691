import { GrowingBytes } from '../growing-bytes.ts';

/** Shorter runs are packed bit by bit. */
const leastRun = 8;

/**
 * Definition or repetition levels as Parquet 1.0's pages have them: their length, then runs of one value and groups of
 * eight that are packed (https://parquet.apache.org/docs/file-format/data-pages/encodings/, RLE).
 */
export function encodeLevels(levels: Buffer, most: number): Buffer {
  const out = new GrowingBytes(64);
  out.int32LE(0);
  appendRuns(levels, bitWidth(most), out);
  const bytes = out.take();
  bytes.writeInt32LE(bytes.length - 4);
  return bytes;
}

export function bitWidth(most: number): number {
  return 32 - Math.clz32(most);
}

/** The hybrid of runs and packed groups, without its length. */
export function appendRuns(values: ArrayLike<number>, width: number, out: GrowingBytes): void {
  const count = values.length;
  // Values that are in no run yet begin here, always a multiple of eight before a run of the rest.
  let packedFrom = 0;
  for (let at = 0; at < count; ) {
    let to = at + 1;
    while (to < count && values[to] === values[at]) to++;
    // What is packed comes in eights: a run gives what its group lacks.
    const lacking = (leastRun - ((at - packedFrom) % leastRun)) % leastRun;
    if (to - at - lacking >= leastRun) {
      appendPacked(values, packedFrom, at + lacking, width, out);
      appendRun(values[at]!, to - at - lacking, width, out);
      packedFrom = to;
    }
    at = to;
  }
  appendPacked(values, packedFrom, count, width, out);
}

function appendRun(value: number, count: number, width: number, out: GrowingBytes): void {
  appendVarint(count * 2, out);
  for (let bits = 0; bits < width; bits += 8) out.byte((value >>> bits) & 0xff);
}

function appendPacked(
  values: ArrayLike<number>,
  from: number,
  to: number,
  width: number,
  out: GrowingBytes,
): void {
  if (from === to) return;
  const groups = Math.ceil((to - from) / 8);
  appendVarint(groups * 2 + 1, out);
  let bits = 0;
  let kept = 0;
  for (let i = 0; i < groups * 8; i++) {
    const value = from + i < to ? values[from + i]! : 0;
    // At most 7 bits are kept and a value has at most 20.
    bits |= value << kept;
    kept += width;
    while (kept >= 8) {
      out.byte(bits & 0xff);
      bits >>>= 8;
      kept -= 8;
    }
  }
}

function appendVarint(value: number, out: GrowingBytes): void {
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 128)) out.byte((rest % 128) | 0x80);
  out.byte(rest);
}
