import type { Transform } from 'node:stream';
import { promisify } from 'node:util';
import zlib from 'node:zlib';
import { errorText, hasErrno, MillraceError } from '../runtime/errors.ts';
import { compressLz4, compressLz4Sync, decompressLz4, decompressLz4InTurns } from './lz4.ts';
import { compressSnappy, compressSnappySync, decompressSnappy, decompressSnappyInTurns } from './snappy.ts';
import { finishStepsInTurns, joinSteps } from './steps.ts';

export type CompressionType = 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd';

/** By their number in the batch's attributes. */
export const compressionTypes: readonly CompressionType[] = ['none', 'gzip', 'snappy', 'lz4', 'zstd'];

/** What a batch may grow to when decompressed, unless the caller says otherwise. */
export const defaultMaxDecompressedBytes = 128 * 1024 * 1024;

/** Node's default of 16 KiB makes a copy and a call for each. */
const chunkSize = 256 * 1024;

const gzip = promisify(zlib.gzip) as (bytes: Buffer, options: zlib.ZlibOptions) => Promise<Buffer>;
const zstdCompress = promisify(zlib.zstdCompress) as (
  bytes: Buffer,
  options: zlib.ZstdOptions,
) => Promise<Buffer>;

/** Compresses a record section as Kafka's Java client reads it. */
export function compressSync(type: CompressionType, bytes: Buffer): Buffer {
  switch (type) {
    case 'none':
      return bytes;
    case 'gzip':
      return zlib.gzipSync(bytes, { chunkSize });
    case 'snappy':
      return compressSnappySync(bytes);
    case 'lz4':
      return compressLz4Sync(bytes);
    case 'zstd':
      return zlib.zstdCompressSync(bytes, { chunkSize, pledgedSrcSize: bytes.length });
  }
}

/** Like `compressSync`, in the thread pool. */
export async function compress(type: CompressionType, bytes: Buffer): Promise<Buffer> {
  switch (type) {
    case 'none':
      return bytes;
    case 'gzip':
      return gzip(bytes, { chunkSize });
    case 'snappy':
      return compressSnappy(bytes);
    case 'lz4':
      return compressLz4(bytes);
    case 'zstd':
      return zstdCompress(bytes, { chunkSize, pledgedSrcSize: bytes.length });
  }
}

/**
 * Throws `COMPRESSION` when the bytes are damaged or would grow beyond `maxBytes`; never allocates much more than the
 * smaller of that and what the compressed bytes can really hold.
 */
export function decompressSync(type: CompressionType, bytes: Buffer, maxBytes: number): Buffer {
  try {
    switch (type) {
      case 'none':
        return bytes;
      case 'gzip':
        return zlib.gunzipSync(bytes, { chunkSize: chunkSizeFor(bytes), maxOutputLength: maxBytes });
      case 'snappy':
        return decompressSnappy(bytes, maxBytes);
      case 'lz4':
        return decompressLz4(bytes, maxBytes);
      case 'zstd':
        return zlib.zstdDecompressSync(bytes, { chunkSize: chunkSizeFor(bytes), maxOutputLength: maxBytes });
    }
  } catch (cause) {
    throw decompressionFault(cause, type, bytes, maxBytes);
  }
}

/**
 * Like `decompressSync`, without keeping the event loop: in the thread pool, or in turns with others in between. The
 * parts are put together in turns, too, and each is let go when it is copied.
 */
export async function decompress(type: CompressionType, bytes: Buffer, maxBytes: number): Promise<Buffer> {
  try {
    switch (type) {
      case 'none':
        return bytes;
      case 'gzip':
        return await inflated(zlib.createGunzip({ chunkSize: chunkSizeFor(bytes) }), bytes, maxBytes);
      case 'snappy':
        return await decompressSnappyInTurns(bytes, maxBytes);
      case 'lz4':
        return await decompressLz4InTurns(bytes, maxBytes);
      case 'zstd':
        return await inflated(zlib.createZstdDecompress({ chunkSize: chunkSizeFor(bytes) }), bytes, maxBytes);
    }
  } catch (cause) {
    throw decompressionFault(cause, type, bytes, maxBytes);
  }
}

async function inflated(stream: Transform, bytes: Buffer, maxBytes: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  let total = 0;
  stream.end(bytes);
  for await (const part of stream as AsyncIterable<Buffer>) {
    total += part.length;
    // Leaving the loop destroys the stream, and with it what it would still make.
    if (total > maxBytes) throw new RangeError(tooLarge(maxBytes));
    parts.push(part);
  }
  return finishStepsInTurns(joinSteps(parts, total));
}

function tooLarge(maxBytes: number): string {
  return `they grow beyond ${maxBytes} bytes`;
}

function decompressionFault(
  cause: unknown,
  type: CompressionType,
  bytes: Buffer,
  maxBytes: number,
): MillraceError {
  if (cause instanceof MillraceError) return cause;
  const what = hasErrno(cause, 'ERR_BUFFER_TOO_LARGE') ? tooLarge(maxBytes) : errorText(cause);
  return new MillraceError('COMPRESSION', `Cannot decompress ${bytes.length} bytes of ${type}: ${what}`, {
    cause,
  });
}

function chunkSizeFor(bytes: Buffer): number {
  return Math.min(chunkSize, Math.max(1024, bytes.length * 8));
}
