import { batchSizeBytes } from '../records/batch-header.ts';
import { contiguousBatchChecksum } from '../records/checksum.ts';
import { readFully, writeFully } from '../runtime/files.ts';
import { parseHeader } from './scan-window.ts';
import type { Segment } from './segment.ts';
import type { SegmentMark } from './segment-indexes.ts';

const portionBytes = 1 << 20;

/**
 * Writes what a segment holds behind a mark once more, as it is. After a failed sync the kernel counts its pages as
 * clean though the device does not have them (fsyncgate): only bytes that are written again are synced again. Batches
 * are checked on the way, since a page that was dropped comes back as the device has it. What is in front of the mark
 * is not looked at.
 *
 * `limitOffset` is where the segment ends at the latest. Returns up to where it is good: from there on it has to be cut.
 * Rejects with the system's error.
 */
export async function rewriteFrom(
  segment: Segment,
  from: SegmentMark,
  limitOffset: number,
): Promise<SegmentMark> {
  segment.closeFile();
  const { file, sizeBytes } = segment;
  // More than that is what a failed write left.
  if (file.size() > sizeBytes) file.truncate(sizeBytes);
  let good = from;
  while (good.bytes < sizeBytes) {
    const start = good.bytes;
    const bytes = readPortion(segment, start);
    good = passGood(bytes, good, limitOffset);
    if (good.bytes === start) break;
    writeFully(file, [bytes.subarray(0, good.bytes - start)], start);
    if (good.bytes < sizeBytes) await new Promise((resolve) => setImmediate(resolve));
  }
  return good;
}

/** Goes over the whole, good batches that lie in `bytes`, which begin at `from`. */
function passGood(bytes: Buffer, from: SegmentMark, limitOffset: number): SegmentMark {
  let { endOffset, maxTimestamp, maxTimestampOffset } = from;
  let at = 0;
  for (;;) {
    const header = parseHeader(bytes.subarray(at));
    if (header === null) break;
    const end = at + batchSizeBytes(header);
    const lastOffset = header.baseOffset + header.lastOffsetDelta;
    if (end > bytes.length || header.baseOffset < endOffset || lastOffset >= limitOffset) break;
    if (contiguousBatchChecksum(bytes, at, end) !== header.crc) break;
    if (header.maxTimestamp > maxTimestamp) {
      maxTimestamp = header.maxTimestamp;
      maxTimestampOffset = lastOffset;
    }
    endOffset = lastOffset + 1;
    at = end;
  }
  return { bytes: from.bytes + at, endOffset, maxTimestamp, maxTimestampOffset };
}

/** The bytes from a batch start on: a portion of them, or all of the first batch where that is larger. */
function readPortion(segment: Segment, at: number): Buffer {
  const left = segment.sizeBytes - at;
  const bytes = readAt(segment, at, Math.min(portionBytes, left));
  const header = parseHeader(bytes);
  const size = header === null ? 0 : batchSizeBytes(header);
  return size > bytes.length && size <= left ? readAt(segment, at, size) : bytes;
}

function readAt({ file }: Segment, at: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafeSlow(length);
  return bytes.subarray(0, readFully(file, bytes, at));
}
