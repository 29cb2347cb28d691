import { promisify } from 'node:util';
import zlib, { inflateRawSync, zstdDecompressSync } from 'node:zlib';
import { crc32 } from '@node-rs/crc32';
import { onFirstUse } from '../../runtime/on-first-use.ts';
import { NotAvro } from './not-avro.ts';

const snappy = onFirstUse<typeof import('snappy')>('snappy');

/** The codecs of container files that can be read and written here; the others that Avro has are bzip2 and xz. */
export const containerCodecs = ['null', 'deflate', 'snappy', 'zstandard'] as const;
export type ContainerCodec = (typeof containerCodecs)[number];

export function isContainerCodec(name: string): name is ContainerCodec {
  return (containerCodecs as readonly string[]).includes(name);
}

/** A block's data as it was before its compression, at most `mostBytes` of it. Throws `NotAvro`. */
export function decompressBlock(codec: ContainerCodec, data: Buffer, mostBytes: number): Buffer {
  try {
    switch (codec) {
      case 'null':
        return data;
      case 'deflate':
        return inflateRawSync(data, { maxOutputLength: mostBytes });
      case 'zstandard':
        return zstdDecompressSync(data, { maxOutputLength: mostBytes });
      case 'snappy':
        return unsnappy(data, mostBytes);
    }
  } catch (error) {
    if (error instanceof NotAvro) throw error;
    throw new NotAvro(`a block is no ${codec}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

const deflateRaw = promisify(zlib.deflateRaw) as (data: Buffer) => Promise<Buffer>;
const zstdCompress = promisify(zlib.zstdCompress) as (data: Buffer) => Promise<Buffer>;

/** A block's data as its codec has them; in the thread pool. */
export async function compressBlock(codec: ContainerCodec, data: Buffer): Promise<Buffer> {
  switch (codec) {
    case 'null':
      return data;
    case 'deflate':
      return await deflateRaw(data);
    case 'zstandard':
      return await zstdCompress(data);
    case 'snappy': {
      const checksum = Buffer.alloc(checksumBytes);
      checksum.writeUInt32BE(crc32(data));
      return Buffer.concat([await snappy().compress(data), checksum]);
    }
  }
}

const checksumBytes = 4;

/** Snappy's raw form, and behind it the CRC32 of what it holds. */
function unsnappy(data: Buffer, mostBytes: number): Buffer {
  const end = data.length - checksumBytes;
  if (end < 1) throw new NotAvro('a block is too short for snappy');
  const compressed = data.subarray(0, end);
  if (snappyLength(compressed) > mostBytes) throw new NotAvro('a block is larger than may be');
  const plain = snappy().uncompressSync(compressed, { asBuffer: true }) as Buffer;
  if (crc32(plain) !== data.readUInt32BE(end)) throw new NotAvro('the checksum of a block is wrong');
  return plain;
}

/** Snappy begins with the length of what it holds, seven bits a byte. */
function snappyLength(data: Buffer): number {
  let length = 0;
  for (let i = 0; i < 5 && i < data.length; i++) {
    length += (data[i]! & 0x7f) * 128 ** i;
    if (data[i]! < 0x80) return length;
  }
  throw new NotAvro('a block is no snappy');
}
