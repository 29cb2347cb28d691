/**
 * Avro's object container file: a header with metadata (the schema, the codec) and a sync marker of 16 bytes, then blocks
 * (how many objects, how many bytes, the bytes, the sync marker).
 * https://avro.apache.org/docs/1.11.1/specification/#object-container-files
 */
import { readLong, writeLong } from './long.ts';
import { NotAvro } from './not-avro.ts';

export const syncBytes = 16;
const magic = Buffer.from('Obj\u0001', 'latin1');
/** A header that is larger than this is none. */
export const mostHeaderBytes = 16 * 1024 * 1024;
/** A block that says it is larger than this is damaged. */
export const mostBlockBytes = 256 * 1024 * 1024;

export interface ContainerHeader {
  readonly metadata: ReadonlyMap<string, Buffer>;
  readonly sync: Buffer;
  /** Where the first block begins. */
  readonly sizeBytes: number;
}

/** The header at the front of these bytes; null: they end before it does. Throws `NotAvro`. */
export function readHeader(bytes: Buffer): ContainerHeader | null {
  const begun = Math.min(bytes.length, magic.length);
  if (bytes.compare(magic, 0, begun, 0, begun) !== 0) throw new NotAvro('it is no Avro container file');
  const metadata = new Map<string, Buffer>();
  const at = bytes.length < magic.length ? null : readMap(bytes, magic.length, metadata);
  if (at === null || at + syncBytes > bytes.length) {
    if (bytes.length >= mostHeaderBytes) throw new NotAvro('its header has no end');
    return null;
  }
  return { metadata, sync: Buffer.from(bytes.subarray(at, at + syncBytes)), sizeBytes: at + syncBytes };
}

/** A map of bytes; where it ends, null where the bytes end before it. */
function readMap(bytes: Buffer, start: number, into: Map<string, Buffer>): number | null {
  let at = start;
  for (;;) {
    const count = readLong(bytes, at);
    if (count === null) return null;
    at = count.to;
    if (count.value === 0) return at;
    if (count.value < 0) {
      const size = readLong(bytes, at); // the size of that block of the map, for who passes over it
      if (size === null) return null;
      at = size.to;
    }
    for (let left = Math.abs(count.value); left > 0; left--) {
      const key = readBytes(bytes, at);
      const value = key === null ? null : readBytes(bytes, key.to);
      if (key === null || value === null) return null;
      into.set(key.value.toString('utf8'), Buffer.from(value.value));
      at = value.to;
    }
  }
}

function readBytes(bytes: Buffer, at: number): { value: Buffer; to: number } | null {
  const length = readLong(bytes, at);
  if (length === null) return null;
  if (length.value < 0 || length.value > mostHeaderBytes)
    throw new NotAvro('a length in its header is wrong');
  const to = length.to + length.value;
  return to > bytes.length ? null : { value: bytes.subarray(length.to, to), to };
}

export interface BlockHead {
  /** Objects in it. */
  readonly count: number;
  /** Of its data, compressed as it may be. */
  readonly sizeBytes: number;
  /** Where the data begins. */
  readonly dataAt: number;
}

/** What stands before a block's data; null: the bytes end before it does. Throws `NotAvro`. */
export function readBlockHead(bytes: Buffer, at: number): BlockHead | null {
  const count = readLong(bytes, at);
  const size = count === null ? null : readLong(bytes, count.to);
  if (count === null || size === null) return null;
  if (count.value < 0 || size.value < 0 || size.value > mostBlockBytes) {
    throw new NotAvro(`a block of ${count.value} objects in ${size.value} bytes`);
  }
  return { count: count.value, sizeBytes: size.value, dataAt: size.to };
}

export function encodeHeader(metadata: ReadonlyMap<string, Buffer>, sync: Buffer): Buffer {
  const parts: Buffer[] = [magic, writeLong(metadata.size)];
  for (const [key, value] of metadata) {
    const name = Buffer.from(key);
    parts.push(writeLong(name.length), name, writeLong(value.length), value);
  }
  if (metadata.size > 0) parts.push(writeLong(0));
  return Buffer.concat([...parts, sync]);
}

export function encodeBlock(count: number, data: Buffer, sync: Buffer): Buffer {
  return Buffer.concat([writeLong(count), writeLong(data.length), data, sync]);
}
