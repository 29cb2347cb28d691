import { type Leaf, physical } from './leaf.ts';

/** What a reader may pass a row group over by. */
export interface ColumnStatistics {
  readonly nulls: number;
  /** As values are written, texts without their lengths; null: none are told. */
  readonly bounds: { readonly min: Buffer; readonly max: Buffer } | null;
}

/** Longer texts are no bounds. */
const longestBound = 64;

/** Of the values of a column in a row group, with the length of each in front where they have none of their own. */
export function statisticsOf(leaf: Leaf): ColumnStatistics {
  const { mostDefined, type } = leaf.place;
  let nulls = 0;
  const defined = leaf.defined.view();
  for (let i = 0; i < defined.length; i++) if (defined[i]! < mostDefined) nulls++;
  const values = leaf.values.view();
  if (values.length === 0) return { nulls, bounds: null };
  switch (leaf.physical) {
    case physical.int32:
      return { nulls, bounds: fixedBounds(values, 4, (at) => values.readInt32LE(at)) };
    case physical.int64:
      return { nulls, bounds: longBounds(values) };
    case physical.double:
      return { nulls, bounds: zeroSafe(fixedBounds(values, 8, (at) => values.readDoubleLE(at))) };
    case physical.bytes:
      return { nulls, bounds: type.kind === 'json' ? null : textBounds(values) };
    default:
      return { nulls, bounds: null };
  }
}

type Bounds = { min: Buffer; max: Buffer };

function fixedBounds(values: Buffer, width: number, read: (at: number) => number): Bounds {
  let min = 0;
  let max = 0;
  let least = read(0);
  let most = least;
  for (let at = width; at < values.length; at += width) {
    const value = read(at);
    if (value < least) {
      least = value;
      min = at;
    } else if (value > most) {
      most = value;
      max = at;
    }
  }
  return { min: copied(values, min, min + width), max: copied(values, max, max + width) };
}

/** Zeros have two forms that compare as one: the bounds take in both. */
function zeroSafe(bounds: Bounds): Bounds {
  if (bounds.min.readDoubleLE() === 0) bounds.min.writeDoubleLE(-0);
  if (bounds.max.readDoubleLE() === 0) bounds.max.writeDoubleLE(0);
  return bounds;
}

function longBounds(values: Buffer): Bounds {
  let min = 0;
  let max = 0;
  for (let at = 8; at < values.length; at += 8) {
    if (isLess(values, at, min)) min = at;
    else if (isLess(values, max, at)) max = at;
  }
  return { min: copied(values, min, min + 8), max: copied(values, max, max + 8) };
}

function isLess(values: Buffer, a: number, b: number): boolean {
  const highA = values.readInt32LE(a + 4);
  const highB = values.readInt32LE(b + 4);
  return highA < highB || (highA === highB && values.readUInt32LE(a) < values.readUInt32LE(b));
}

function textBounds(values: Buffer): Bounds | null {
  let min = 0;
  let minBytes = values.readInt32LE(0);
  let max = 0;
  let maxBytes = minBytes;
  for (let at = 0; at < values.length; ) {
    const bytes = values[at]! | (values[at + 1]! << 8) | (values[at + 2]! << 16) | (values[at + 3]! << 24);
    if (compare(values, at + 4, bytes, min + 4, minBytes) < 0) {
      min = at;
      minBytes = bytes;
    } else if (compare(values, at + 4, bytes, max + 4, maxBytes) > 0) {
      max = at;
      maxBytes = bytes;
    }
    at += 4 + bytes;
  }
  const bounds = { min: textAt(values, min), max: textAt(values, max) };
  return bounds.min.length > longestBound || bounds.max.length > longestBound ? null : bounds;
}

/** By bytes, without the call that `Buffer.compare` is. */
function compare(values: Buffer, a: number, aBytes: number, b: number, bBytes: number): number {
  const shared = Math.min(aBytes, bBytes);
  for (let i = 0; i < shared; i++) {
    const difference = values[a + i]! - values[b + i]!;
    if (difference !== 0) return difference;
  }
  return aBytes - bBytes;
}

function textAt(values: Buffer, at: number): Buffer {
  return copied(values, at + 4, at + 4 + values.readInt32LE(at));
}

function copied(values: Buffer, from: number, to: number): Buffer {
  return Buffer.from(values.subarray(from, to));
}
