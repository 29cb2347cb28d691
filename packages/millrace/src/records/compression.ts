import { MillraceError } from '../runtime/errors.ts';

export type CompressionType = 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd';

/** By their number in the batch's attributes. */
export const compressionTypes: readonly CompressionType[] = ['none', 'gzip', 'snappy', 'lz4', 'zstd'];

/** What a batch may grow to when decompressed, unless the caller says otherwise. */
export const defaultMaxDecompressedBytes = 128 * 1024 * 1024;

export function compressSync(_type: CompressionType, _bytes: Buffer): Buffer {
  throw new MillraceError('COMPRESSION', 'compression is being built');
}

export function compress(_type: CompressionType, _bytes: Buffer): Promise<Buffer> {
  throw new MillraceError('COMPRESSION', 'compression is being built');
}

/** Throws `COMPRESSION` when the bytes are damaged or would grow beyond `maxBytes`, before allocating more than that. */
export function decompressSync(_type: CompressionType, _bytes: Buffer, _maxBytes: number): Buffer {
  throw new MillraceError('COMPRESSION', 'compression is being built');
}
