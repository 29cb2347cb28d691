import {
  type BatchHeader,
  batchHeaderBytes,
  batchSizeBytes,
  readBatchHeader,
} from '../records/batch-header.ts';
import { errorText, hasErrno, MillraceError } from '../runtime/errors.ts';
import { type FileLayer, type LayerFile, readFully, writeFully } from '../runtime/files.ts';
import { BatchWalker, damagedAt } from './batch-walker.ts';
import { SegmentIndexes, type SegmentMark, startOf } from './segment-indexes.ts';
import type { OffsetIndex } from './sparse-index.ts';

/** `00000000000000000042` for base offset 42. */
export function segmentName(baseOffset: number): string {
  return String(baseOffset).padStart(20, '0');
}

/** Base offset of `00000000000000000042.log`; null for other names. */
export function parseSegmentName(name: string): number | null {
  const match = /^(\d{20})\.log$/.exec(name);
  const offset = match === null ? -1 : Number(match[1]);
  return Number.isSafeInteger(offset) && offset >= 0 ? offset : null;
}

/** One segment: its log file and its indexes, both opened when they are needed. */
export class Segment {
  readonly baseOffset: number;
  /** Path without extension. */
  readonly stem: string;
  readonly #files: FileLayer;
  readonly #intervalBytes: number;
  #file: LayerFile | null = null;
  #indexes: SegmentIndexes | null = null;
  #sizeBytes: number;
  /** Offset after its last batch; of a segment that is only read, not known. */
  #endOffset: number;
  #isRemoved = false;
  #mayHaveSaved = true;
  #tookBack = false;
  #durable: SegmentMark;

  constructor(files: FileLayer, dir: string, baseOffset: number, sizeBytes: number, intervalBytes: number) {
    this.#files = files;
    this.baseOffset = baseOffset;
    this.stem = `${dir}/${segmentName(baseOffset)}`;
    this.#sizeBytes = sizeBytes;
    this.#endOffset = baseOffset;
    this.#durable = { ...startOf(baseOffset), bytes: sizeBytes };
    this.#intervalBytes = intervalBytes;
  }

  /** Makes the log file (or finds it there, as after a crash) and empties it. */
  static create(files: FileLayer, dir: string, baseOffset: number, intervalBytes: number): Segment {
    const segment = new Segment(files, dir, baseOffset, 0, intervalBytes);
    segment.#file = files.open(segment.logPath, 'create');
    if (segment.#file.size() > 0) segment.#file.truncate(0);
    segment.#indexes = new SegmentIndexes(baseOffset);
    segment.#mayHaveSaved = false;
    return segment;
  }

  get logPath(): string {
    return `${this.stem}.log`;
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** How far it is known to be on the device, and what is known of that: its bytes may be damaged since. */
  get durable(): SegmentMark {
    return this.#durable;
  }

  /** Where it ends at present. Its indexes must be in memory. */
  get end(): SegmentMark {
    const { maxTimestamp, maxTimestampOffset } = this.indexes;
    return { bytes: this.#sizeBytes, endOffset: this.#endOffset, maxTimestamp, maxTimestampOffset };
  }

  /** Whether it is no part of the log any more; a sync that still has it on its list passes over it. */
  get isRemoved(): boolean {
    return this.#isRemoved;
  }

  /** Whether the last refused write had left bytes that were cut off again. */
  get tookBack(): boolean {
    return this.#tookBack;
  }

  get file(): LayerFile {
    this.#file ??= this.#files.open(this.logPath, 'write');
    return this.#file;
  }

  /** From the index files, or from the log itself where they are missing or damaged. Throws `LOG_CORRUPT`. */
  get indexes(): SegmentIndexes {
    if (this.#indexes === null) {
      this.#indexes = SegmentIndexes.load(this.#files, this.stem, this.baseOffset, this.#sizeBytes);
      if (this.#indexes === null) {
        this.#indexes = SegmentIndexes.build(
          this.file,
          this.baseOffset,
          this.#sizeBytes,
          this.#intervalBytes,
        );
        try {
          this.#indexes.save(this.#files, this.stem);
        } catch {
          // They are made again when they are needed again.
        }
      }
    }
    return this.#indexes;
  }

  /** The offset index in memory or as it was saved; null where there is none that can be read. */
  savedOffsets(): OffsetIndex | null {
    if (this.#indexes !== null) return this.#indexes.offsets;
    return SegmentIndexes.load(this.#files, this.stem, this.baseOffset, this.#sizeBytes)?.offsets ?? null;
  }

  /** Takes over what recovery found: the bytes that are good, the indexes made from them, the offset after the last. */
  adopt(sizeBytes: number, indexes: SegmentIndexes, endOffset: number): void {
    this.#sizeBytes = sizeBytes;
    this.#endOffset = endOffset;
    this.#indexes = indexes;
    if (this.#durable.bytes >= sizeBytes) this.#durable = this.end;
  }

  /** It is the one that is written to, after a start: it ends at `endOffset`, and the device has all of it or nothing. */
  resume(endOffset: number, isDurable: boolean): void {
    this.#endOffset = endOffset;
    this.#durable = isDurable ? this.end : startOf(this.baseOffset);
  }

  /** The device has it up to `mark`, an `end` of before. It may have been cut meanwhile: then that is on its way. */
  synced(mark: SegmentMark): void {
    this.#durable = mark.bytes <= this.#sizeBytes ? mark : this.end;
  }

  /**
   * Writes at the end. On failure the file is cut back to what it was: `DISK_FULL`, or `LOG_FAILED` where the device
   * fails otherwise or does not let it be cut back.
   */
  write(buffers: readonly Buffer[], sizeBytes: number): void {
    const { file } = this;
    this.#tookBack = false;
    // Index files that were saved before do not cover what comes now, and would still pass for whole.
    if (this.#mayHaveSaved) this.#removeIndexes();
    try {
      writeFully(file, buffers, this.#sizeBytes);
    } catch (error) {
      this.#undo(file, error);
    }
    this.#sizeBytes += sizeBytes;
  }

  #undo(file: LayerFile, cause: unknown): never {
    try {
      this.#tookBack = file.size() > this.#sizeBytes;
      if (this.#tookBack) file.truncate(this.#sizeBytes);
    } catch (error) {
      const what = `${this.logPath}: cannot take back a failed write: ${errorText(error)}`;
      throw new MillraceError('LOG_FAILED', what, { cause });
    }
    if (hasErrno(cause, 'ENOSPC', 'EDQUOT')) {
      throw new MillraceError('DISK_FULL', `${this.logPath}: no space left on the device`, { cause });
    }
    throw new MillraceError('LOG_FAILED', `${this.logPath}: ${errorText(cause)}`, { cause });
  }

  /** Notes a batch that `write` has written, for the indexes. */
  note(lastOffset: number, position: number, sizeBytes: number, maxTimestamp: number): void {
    this.indexes.note(lastOffset, position, sizeBytes, maxTimestamp, this.#intervalBytes);
    this.#endOffset = lastOffset + 1;
  }

  /** Where the first batch that ends at or after `offset` starts; the size of the segment when there is none. */
  locate(offset: number): number {
    const from = this.indexes.offsets.lookup(offset - this.baseOffset);
    const walker = new BatchWalker(this.file, from, this.#sizeBytes);
    for (let header = walker.peek(); header !== null; header = walker.peek()) {
      if (header.baseOffset + header.lastOffsetDelta >= offset) break;
      walker.advance();
    }
    return walker.position;
  }

  /**
   * Whole batches from byte `position` on, none that ends at or after offset `limitOffset`. `maxBytes` may be exceeded
   * by the first batch with `minOneBatch`. Also the offset after the last batch read, for the next call.
   *
   * `endOffset` is where the segment ends. Base offsets, which no checksum covers, are held against it and against one
   * another, that of the batch behind the last one given included. Throws `LOG_CORRUPT`.
   */
  read(
    position: number,
    maxBytes: number,
    minOneBatch: boolean,
    limitOffset: number,
    endOffset: number,
    allocate: (bytes: number) => Buffer = Buffer.allocUnsafeSlow,
  ): { readonly bytes: Buffer; readonly nextOffset: number } {
    const left = this.#sizeBytes - position;
    let bytes = this.#readAt(position, Math.min(maxBytes + batchHeaderBytes, left), allocate);
    let end = 0;
    let nextOffset = -1;
    while (end + batchHeaderBytes <= bytes.length) {
      const header = this.#headerIn(bytes, end, position);
      const size = batchSizeBytes(header);
      const lastOffset = header.baseOffset + header.lastOffsetDelta;
      if (header.baseOffset < Math.max(nextOffset, this.baseOffset) || lastOffset >= endOffset) {
        throw damagedAt(
          this.logPath,
          position + end,
          `a batch cannot have the base offset ${header.baseOffset}`,
        );
      }
      if (end + size > left)
        throw damagedAt(this.logPath, position + end, 'the batch is longer than the file');
      if (lastOffset >= limitOffset || (end + size > maxBytes && (end > 0 || !minOneBatch))) break;
      // The first batch alone is larger than asked for: all of it, and the header behind it.
      if (end + size > bytes.length) {
        bytes = this.#readAt(position, Math.min(size + batchHeaderBytes, left), allocate);
      }
      end += size;
      nextOffset = lastOffset + 1;
    }
    return { bytes: bytes.subarray(0, end), nextOffset };
  }

  /** Exactly so many bytes; they were written, so a shorter file is damage. */
  #readAt(position: number, length: number, allocate: (bytes: number) => Buffer): Buffer {
    const bytes = allocate(length);
    if (readFully(this.file, bytes, position) === length) return bytes;
    throw damagedAt(this.logPath, position, `the file ends before byte ${position + length}`);
  }

  #headerIn(bytes: Buffer, at: number, position: number): BatchHeader {
    try {
      return readBatchHeader(bytes, at);
    } catch (error) {
      throw damagedAt(this.logPath, position + at, errorText(error));
    }
  }

  /** The indexes of what is in front of byte `position`, a batch start. Throws `LOG_CORRUPT`. */
  indexesUpTo(position: number): SegmentIndexes {
    return SegmentIndexes.build(this.file, this.baseOffset, position, this.#intervalBytes);
  }

  /** From now on it ends at byte `position`, a batch start; its files follow with `trim`. */
  cutTo(position: number, indexes: SegmentIndexes, endOffset: number): void {
    this.adopt(position, indexes, endOffset);
    this.#mayHaveSaved = true;
  }

  /** Cuts the log file where the segment ends. Indexes on disk do not fit it any more. */
  trim(): void {
    this.#removeIndexes();
    this.file.truncate(this.#sizeBytes);
  }

  saveIndexes(): void {
    this.#mayHaveSaved = true;
    this.indexes.save(this.#files, this.stem);
  }

  #removeIndexes(): void {
    // They are made in memory first: later there is only the log to make them from.
    void this.indexes;
    for (const extension of ['.index', '.timeindex']) this.#files.remove(this.stem + extension);
    this.#mayHaveSaved = false;
  }

  /** Resolves when log and saved index files are on the device. */
  async syncAll(): Promise<void> {
    await this.file.datasync();
    for (const extension of ['.index', '.timeindex']) {
      if (this.#files.size(this.stem + extension) === null) continue;
      const file = this.#files.open(this.stem + extension, 'write');
      try {
        await file.datasync();
      } finally {
        file.close();
      }
    }
  }

  /** The last place at or before byte `position` where a batch starts, or the end. */
  startAtOrBefore(position: number): number {
    const walker = new BatchWalker(this.file, 0, this.#sizeBytes, 1 << 16);
    let start = 0;
    for (let header = walker.peek(); header !== null && walker.position <= position; header = walker.peek()) {
      start = walker.position;
      walker.advance();
    }
    return walker.position <= position ? walker.position : start;
  }

  /** Lets go of the open file; it is opened again when it is needed. */
  closeFile(): void {
    this.#file?.close();
    this.#file = null;
  }

  /** Lets go of the open file and of the indexes in memory; both come back when needed. */
  release(): void {
    this.closeFile();
    this.#indexes = null;
  }

  /** It is no part of the log any more; its files go with `remove`. */
  discard(): void {
    this.release();
    this.#isRemoved = true;
  }

  /** Removes the files, the log file last: an index without its log is no segment. */
  remove(): void {
    this.discard();
    // A repair that failed may have left new bytes for it, which the next start would put in its place.
    const extensions = ['.log.swap', '.index', '.timeindex', '.txnindex', '.log'];
    for (const extension of extensions) this.#files.remove(this.stem + extension);
  }
}
