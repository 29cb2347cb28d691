import { crc32c } from '@node-rs/crc32';
import { batchChecksumStart, batchHeaderBytes } from './batch-header.ts';

/** The checksum (CRC32C) of a batch whose header stands at `headerAt` and whose records lie elsewhere. Unsigned. */
export function batchChecksum(header: Buffer, headerAt: number, records: Buffer): number {
  return crc32c(records, crc32c(header.subarray(headerAt + batchChecksumStart, headerAt + batchHeaderBytes)));
}

/** The checksum (CRC32C) of the batch at `bytes[from, to)`. Unsigned. */
export function contiguousBatchChecksum(bytes: Buffer, from: number, to: number): number {
  return crc32c(bytes.subarray(from + batchChecksumStart, to));
}
