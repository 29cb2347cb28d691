import { crc32c } from '@node-rs/crc32';
import {
  type BatchHeader,
  batchChecksumStart,
  batchHeaderBytes,
  batchSizeBytes,
  readBatchHeader,
} from '../records/batch-header.ts';
import { type LayerFile, readFully, writeFully } from '../runtime/files.ts';
import { SegmentIndexes } from './segment-indexes.ts';

const maxInt32 = 0x7fffffff;

/** What a scan of a segment's bytes came to. */
export interface ScanResult {
  /** All before is whole and good. */
  readonly goodBytes: number;
  /** Offset after the last good batch. */
  readonly nextOffset: number;
  readonly indexes: SegmentIndexes;
  /** Batches whose base offset was wrong and has been put right. */
  readonly repairedOffsets: number;
  /** Where a good batch starts again behind the damage; null when there is none. */
  readonly resumeAt: number | null;
  readonly resumeOffset: number;
}

export interface ScanOptions {
  readonly baseOffset: number;
  readonly sizeBytes: number;
  /** Up to here only headers are looked at: these bytes were on the device and known to be good. */
  readonly trustedBytes: number;
  /** Base offset of the next segment: batches at or after it do not belong here. */
  readonly limitOffset: number;
  readonly intervalBytes: number;
}

/** Reads a file through one window that moves forward. */
class Window {
  readonly #file: LayerFile;
  readonly #end: number;
  readonly #bytes: Buffer;
  #start = 0;
  #length = 0;

  constructor(file: LayerFile, end: number, windowBytes: number) {
    this.#file = file;
    this.#end = end;
    this.#bytes = Buffer.allocUnsafeSlow(windowBytes);
  }

  /** Up to `length` bytes at `position`: as many as the window holds, at least `min(61, what is left)`. */
  view(position: number, length: number): Buffer {
    const wanted = Math.min(length, this.#end - position);
    let from = position - this.#start;
    if (from < 0 || from + Math.min(wanted, batchHeaderBytes) > this.#length) {
      this.#start = position;
      from = 0;
      const size = Math.min(this.#bytes.length, this.#end - position);
      this.#length = readFully(this.#file, this.#bytes.subarray(0, size), position);
    }
    return this.#bytes.subarray(from, Math.min(from + wanted, this.#length));
  }
}

/**
 * Goes through a segment batch by batch, checks lengths, checksums and the order of offsets, makes its indexes anew,
 * and stops at the first damage; behind it, looks for the next good batch. Gives the event loop a turn now and then.
 */
export class SegmentScan {
  readonly #file: LayerFile;
  readonly #options: ScanOptions;
  readonly #window: Window;
  readonly #headers: Window;

  constructor(file: LayerFile, options: ScanOptions) {
    this.#file = file;
    this.#options = options;
    this.#window = new Window(file, options.sizeBytes, 1 << 20);
    this.#headers = new Window(file, options.sizeBytes, 1 << 16);
  }

  async run(): Promise<ScanResult> {
    const { baseOffset, sizeBytes, trustedBytes, intervalBytes } = this.#options;
    const indexes = new SegmentIndexes(baseOffset);
    let nextOffset = baseOffset;
    let repairedOffsets = 0;
    let position = 0;
    let breathAt = 16 << 20;
    while (position < sizeBytes) {
      const found = position < trustedBytes ? this.#headerAt(position) : this.#goodBatchAt(position);
      if (found === null) break;
      let base = found.baseOffset;
      if (!this.#fits(found, position, nextOffset)) {
        this.#writeBaseOffset(position, nextOffset);
        base = nextOffset;
        repairedOffsets++;
      }
      const size = batchSizeBytes(found);
      indexes.note(base + found.lastOffsetDelta, position, size, found.maxTimestamp, intervalBytes);
      nextOffset = base + found.lastOffsetDelta + 1;
      position += size;
      if (position > breathAt) {
        breathAt = position + (16 << 20);
        await turn();
      }
    }
    const resumeAt = position < sizeBytes ? await this.#resume(position + 1, nextOffset) : null;
    const resumeOffset = resumeAt === null ? -1 : this.#headerAt(resumeAt)!.baseOffset;
    return { goodBytes: position, nextOffset, indexes, repairedOffsets, resumeAt, resumeOffset };
  }

  /** Whether the bytes from `position` on are just the beginning of the batch that would come there. */
  isTorn(position: number, nextOffset: number): boolean {
    const left = this.#options.sizeBytes - position;
    if (left < batchHeaderBytes) return true;
    const header = parseHeader(this.#headers.view(position, batchHeaderBytes));
    return header !== null && header.baseOffset === nextOffset && batchSizeBytes(header) > left;
  }

  #headerAt(position: number): BatchHeader | null {
    const header = parseHeader(this.#headers.view(position, batchHeaderBytes));
    if (header === null || position + batchSizeBytes(header) > this.#options.sizeBytes) return null;
    return header;
  }

  #goodBatchAt(position: number): BatchHeader | null {
    const header = parseHeader(this.#window.view(position, batchHeaderBytes));
    if (header === null) return null;
    const end = position + batchSizeBytes(header);
    if (end > this.#options.sizeBytes) return null;
    let crc = 0;
    for (let at = position + batchChecksumStart; at < end; ) {
      const part = this.#window.view(at, end - at);
      if (part.length === 0) return null;
      crc = crc32c(part, crc);
      at += part.length;
    }
    return crc === header.crc ? header : null;
  }

  /**
   * Whether a batch's base offset, which no checksum covers, can be right: not below what must come, not beyond this
   * segment, and not contradicted by the batch behind it. A gap is possible (Kafka's compaction leaves some).
   */
  #fits(header: BatchHeader, position: number, nextOffset: number): boolean {
    if (header.baseOffset === nextOffset) return true;
    if (!this.#inRange(header, nextOffset)) return false;
    const behind = position + batchSizeBytes(header);
    const following = behind < this.#options.sizeBytes ? this.#headerAt(behind) : null;
    return following === null || following.baseOffset > header.baseOffset + header.lastOffsetDelta;
  }

  #inRange(header: BatchHeader, nextOffset: number): boolean {
    const lastOffset = header.baseOffset + header.lastOffsetDelta;
    const { baseOffset, limitOffset } = this.#options;
    return header.baseOffset >= nextOffset && lastOffset < limitOffset && lastOffset - baseOffset <= maxInt32;
  }

  #writeBaseOffset(position: number, baseOffset: number): void {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64BE(BigInt(baseOffset));
    writeFully(this.#file, [bytes], position);
  }

  async #resume(from: number, nextOffset: number): Promise<number | null> {
    const { sizeBytes } = this.#options;
    let breathAt = from + (16 << 20);
    for (let at = from; at + batchHeaderBytes <= sizeBytes; ) {
      const window = this.#headers.view(at, sizeBytes);
      const magic = window.indexOf(2, 16);
      if (magic < 0) {
        at += Math.max(1, window.length - 16);
      } else {
        at += magic - 16;
        const header = at + batchHeaderBytes <= sizeBytes ? this.#headerAt(at) : null;
        if (header !== null && this.#inRange(header, nextOffset) && this.#goodBatchAt(at) !== null) return at;
        at++;
      }
      if (at > breathAt) {
        breathAt = at + (16 << 20);
        await turn();
      }
    }
    return null;
  }
}

function parseHeader(bytes: Buffer): BatchHeader | null {
  try {
    return readBatchHeader(bytes, 0);
  } catch {
    return null;
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
