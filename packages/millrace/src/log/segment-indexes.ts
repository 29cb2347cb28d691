import { batchSizeBytes } from '../records/batch-header.ts';
import type { FileLayer, LayerFile } from '../runtime/files.ts';
import { BatchWalker } from './batch-walker.ts';
import { OffsetIndex, readIndexFile, TimeIndex, writeIndexFile } from './sparse-index.ts';

/** No index of ours grows beyond this; a larger file is not one. */
const maxIndexFileBytes = 512 << 20;

/** A place between two batches of a segment, and what the indexes can't tell of the batches in front of it. */
export interface SegmentMark {
  readonly bytes: number;
  /** Offset after the last of them. */
  readonly endOffset: number;
  /** Unix ms of their newest record; -1 when there is none. */
  readonly maxTimestamp: number;
  /** Last offset of the batch that has it. */
  readonly maxTimestampOffset: number;
}

/** Where a segment begins. */
export function startOf(baseOffset: number): SegmentMark {
  return { bytes: 0, endOffset: baseOffset, maxTimestamp: -1, maxTimestampOffset: baseOffset };
}

/**
 * The two sparse indexes of a segment and what is needed to go on with them. Entries are made as Kafka makes them
 * (`LogSegment.append`): a batch gets one when more than the interval lies between it and the last indexed batch.
 */
export class SegmentIndexes {
  readonly baseOffset: number;
  readonly offsets: OffsetIndex;
  readonly times: TimeIndex;
  /** Unix ms of the newest record so far; -1 when there is none. */
  maxTimestamp: number;
  /** Last offset of the batch that has it. */
  maxTimestampOffset: number;
  #bytesSinceEntry = 0;

  constructor(baseOffset: number, offsets = new OffsetIndex(), times = new TimeIndex()) {
    this.baseOffset = baseOffset;
    this.offsets = offsets;
    this.times = times;
    this.maxTimestamp = times.lastTimestamp;
    this.maxTimestampOffset = baseOffset + times.lastRelativeOffset;
  }

  /** Takes note of a batch that starts at `position`. */
  note(
    lastOffset: number,
    position: number,
    sizeBytes: number,
    maxTimestamp: number,
    intervalBytes: number,
  ): void {
    if (maxTimestamp > this.maxTimestamp) {
      this.maxTimestamp = maxTimestamp;
      this.maxTimestampOffset = lastOffset;
    }
    if (this.#bytesSinceEntry > intervalBytes) {
      this.offsets.add(lastOffset - this.baseOffset, position);
      this.times.add(this.maxTimestamp, this.maxTimestampOffset - this.baseOffset);
      this.#bytesSinceEntry = 0;
    }
    this.#bytesSinceEntry += sizeBytes;
  }

  /** Whether another entry would not fit index files of `maxBytes`; one is kept for `seal`. */
  isFull(maxBytes: number): boolean {
    return (this.offsets.count + 1) * 8 > maxBytes || (this.times.count + 2) * 12 > maxBytes;
  }

  /** Writes both files. The time index then ends with the newest timestamp, which retention goes by. Not synced. */
  save(files: FileLayer, stem: string): void {
    this.times.add(this.maxTimestamp, this.maxTimestampOffset - this.baseOffset);
    writeIndexFile(files, `${stem}.index`, this.offsets.encode());
    writeIndexFile(files, `${stem}.timeindex`, this.times.encode());
  }

  /** Reads both files; null when one is missing, damaged, or too poor for a segment of this size. */
  static load(
    files: FileLayer,
    stem: string,
    baseOffset: number,
    segmentBytes: number,
  ): SegmentIndexes | null {
    const offsetBytes = readIndexFile(files, `${stem}.index`, maxIndexFileBytes);
    const timeBytes = readIndexFile(files, `${stem}.timeindex`, maxIndexFileBytes);
    if (offsetBytes === null || timeBytes === null) return null;
    const offsets = OffsetIndex.decode(offsetBytes, segmentBytes);
    const times = TimeIndex.decode(timeBytes);
    if (offsets === null || times === null) return null;
    if (segmentBytes > 0 && times.count === 0) return null;
    return new SegmentIndexes(baseOffset, offsets, times);
  }

  /** The indexes of the batches in front of a mark, without a look at the log. */
  upTo({ bytes, endOffset, maxTimestamp, maxTimestampOffset }: SegmentMark): SegmentIndexes {
    const offsets = this.offsets.upTo(bytes);
    // An entry is the newest of all batches up to some place: also of those up to an earlier one, if it lies there.
    const cut = new SegmentIndexes(this.baseOffset, offsets, this.times.upTo(endOffset - this.baseOffset));
    cut.maxTimestamp = maxTimestamp;
    cut.maxTimestampOffset = maxTimestampOffset;
    cut.#bytesSinceEntry = bytes - (offsets.count === 0 ? 0 : offsets.positionOf(offsets.count - 1));
    return cut;
  }

  /** Makes the indexes from the batch headers. Throws `LOG_CORRUPT`. */
  static build(
    file: LayerFile,
    baseOffset: number,
    segmentBytes: number,
    intervalBytes: number,
  ): SegmentIndexes {
    const indexes = new SegmentIndexes(baseOffset);
    const walker = new BatchWalker(file, 0, segmentBytes, 1 << 16);
    for (let header = walker.peek(); header !== null; header = walker.peek()) {
      const lastOffset = header.baseOffset + header.lastOffsetDelta;
      indexes.note(lastOffset, walker.position, batchSizeBytes(header), header.maxTimestamp, intervalBytes);
      walker.advance();
    }
    return indexes;
  }
}
