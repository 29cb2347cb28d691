/** Bytes that stand before a line and are none of it. */
import type { ChunkReader } from './chunk-reader.ts';

/** The length of a byte order mark (UTF-8) at the head. */
export function bomBytes({ bytes, from, to }: ChunkReader): number {
  return to - from >= 3 && bytes[from] === 0xef && bytes[from + 1] === 0xbb && bytes[from + 2] === 0xbf
    ? 3
    : 0;
}

/** NUL bytes before a line: the hole that a writer leaves which goes on at its old offset after a truncation. */
export function nulBytes({ bytes, from, to }: ChunkReader): number {
  let at = from;
  while (at < to && bytes[at] === 0) at++;
  return at - from;
}
