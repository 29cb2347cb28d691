import { batchSizeBytes, iterateBatches } from '../records/batch-header.ts';
import { contiguousBatchChecksum } from '../records/checksum.ts';
import { MillraceError } from '../runtime/errors.ts';
import { writeFully } from '../runtime/files.ts';
import type { Segment } from './segment.ts';

const portionBytes = 1 << 20;

/**
 * Writes what a segment holds from byte `from` on once more, as it is. After a failed sync the kernel counts its pages
 * as clean though the device does not have them (fsyncgate): only bytes that are written again are synced again. Batches
 * are checked on the way, since a page that was dropped comes back as the device has it.
 *
 * Returns how many bytes of the segment are good: from there on it has to be cut. Rejects with the system's error.
 */
export async function rewriteFrom(segment: Segment, from: number): Promise<number> {
  segment.closeFile();
  const { file, sizeBytes } = segment;
  // More than that is what a failed write left.
  if (file.size() > sizeBytes) file.truncate(sizeBytes);
  let at = from;
  while (at < sizeBytes) {
    const bytes = readBatches(segment, at);
    let good = 0;
    for (const { at: start, header } of iterateBatches(bytes)) {
      const end = start + batchSizeBytes(header);
      if (contiguousBatchChecksum(bytes, start, end) !== header.crc) break;
      good = end;
    }
    if (good > 0) writeFully(file, [bytes.subarray(0, good)], at);
    at += good;
    if (good < bytes.length || good === 0) break;
    await new Promise((resolve) => setImmediate(resolve));
  }
  return at;
}

function readBatches(segment: Segment, at: number): Buffer {
  try {
    return segment.read(at, portionBytes, true, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY).bytes;
  } catch (error) {
    if (error instanceof MillraceError && error.code === 'LOG_CORRUPT') return Buffer.alloc(0);
    throw error;
  }
}
