/**
 * UTF-8 of short texts. A call into native code costs more than going through the characters of a header's name or
 * value, of which an event has several.
 */
const shortLength = 48;

/** Bytes of `text` as UTF-8. */
export function utf8Bytes(text: string): number {
  const { length } = text;
  if (length > shortLength) return Buffer.byteLength(text);
  let bytes = length;
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x80) continue;
    if (code >= 0x800) return Buffer.byteLength(text); // three bytes, or a surrogate
    bytes++;
  }
  return bytes;
}

/** Writes `text`, which takes `bytes` bytes as UTF-8, at `at`; returns the position after it. */
export function writeUtf8(buffer: Buffer, at: number, text: string, bytes: number): number {
  if (bytes !== text.length || bytes > shortLength) return at + buffer.write(text, at, 'utf8');
  for (let i = 0; i < bytes; i++) buffer[at + i] = text.charCodeAt(i);
  return at + bytes;
}

/** Whether `buffer[from, to)` is `text`, which must be ASCII. */
export function isAsciiText(buffer: Buffer, from: number, to: number, text: string): boolean {
  if (to - from !== text.length) return false;
  for (let i = 0; i < text.length; i++) if (buffer[from + i] !== text.charCodeAt(i)) return false;
  return true;
}

/** Names seen lately, by a byte of theirs and their length; header names repeat from record to record. */
const recentNames: string[] = new Array(256).fill('');

/** `buffer[from, to)` as text, for names that come again and again. */
export function readName(buffer: Buffer, from: number, to: number): string {
  const length = to - from;
  if (length === 0 || length > shortLength) return buffer.toString('utf8', from, to);
  const slot = (buffer[from]! + buffer[to - 1]! * 7 + length * 31) & 0xff;
  const recent = recentNames[slot]!;
  if (isAsciiText(buffer, from, to, recent)) return recent;
  const name = buffer.toString('utf8', from, to);
  if (utf8Bytes(name) === name.length) recentNames[slot] = name;
  return name;
}
