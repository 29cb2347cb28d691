import type { GrowingBytes } from '../growing-bytes.ts';
import { unescapeJson } from '../json/json-fields.ts';
import { type JsonTape, tapeFrom, tapeKind, tapeTo } from '../json/json-tape.ts';

/** A copy of fewer bytes is a loop: the call costs more. */
const fewBytes = 24;

export function copyBytes(from: Buffer, start: number, end: number, into: Buffer, at: number): void {
  if (end - start > fewBytes) from.copy(into, at, start, end);
  else for (let i = start, to = at; i < end; i++, to++) into[to] = from[i]!;
}

/**
 * Appends the text of a string as UTF-8, behind so many bytes that are left for the caller to fill; how many the text
 * has. -1: it is no string, or none that is text (half of a surrogate pair), and nothing is appended.
 */
export function appendText(tape: JsonTape, node: number, into: GrowingBytes, headBytes: number): number {
  const kind = tape.nodes[node]!;
  const from = tape.nodes[node + tapeFrom]!;
  const to = tape.nodes[node + tapeTo]!;
  if (kind === tapeKind.text) {
    const bytes = into.room(headBytes + to - from);
    copyBytes(tape.bytes, from + 1, to - 1, bytes, into.length + headBytes);
    into.length += headBytes + to - from - 2;
    return to - from - 2;
  }
  if (kind !== tapeKind.escaped) return -1;
  const room = into.room(headBytes + to - from);
  const at = into.length + headBytes;
  const length = unescapeJson(tape.bytes, from, to, room.subarray(at, at + to - from));
  if (length >= 0) into.length = at + length;
  return length;
}

/** The text of a string as JavaScript has it. */
export function textOf(tape: JsonTape, node: number): string {
  const from = tape.nodes[node + tapeFrom]!;
  const to = tape.nodes[node + tapeTo]!;
  return tape.nodes[node] === tapeKind.text
    ? tape.bytes.toString('utf8', from + 1, to - 1)
    : (JSON.parse(tape.bytes.toString('utf8', from, to)) as string);
}
