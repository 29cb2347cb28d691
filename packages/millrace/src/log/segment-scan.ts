import { crc32c } from '@node-rs/crc32';
import {
  type BatchHeader,
  batchChecksumStart,
  batchHeaderBytes,
  batchLengthOverhead,
  batchSizeBytes,
} from '../records/batch-header.ts';
import { type LayerFile, writeFully } from '../runtime/files.ts';
import { parseHeader, ScanWindow } from './scan-window.ts';
import { SegmentIndexes } from './segment-indexes.ts';
import type { ByteRange } from './segment-swap.ts';
import type { OffsetIndex } from './sparse-index.ts';

const maxInt32 = 0x7fffffff;
/** What a device writes or loses as a whole, at least. */
const sectorBytes = 512;

/** Bytes that are no good batches. */
export interface Damage extends ByteRange {
  /** The first offset that is missing for them, and the one that is there again behind them; null at the end. */
  readonly fromOffset: number;
  toOffset: number | null;
}

/** What a scan of a segment's bytes came to. */
export interface ScanResult {
  /** Good batches, in order; all of the file where there is no damage. */
  readonly good: readonly ByteRange[];
  readonly goodBytes: number;
  readonly damage: readonly Damage[];
  /** Offset after the last good batch. */
  readonly nextOffset: number;
  /** Of the good batches as they lie when the damage is taken out. */
  readonly indexes: SegmentIndexes;
  /** Batches whose base offset was wrong and could only be one. */
  readonly repairedOffsets: number;
}

/** How far the device surely has a segment: a place where a batch ends. */
export interface Boundary {
  readonly position: number;
  /** No batch up to there ends at or beyond it; null where it is not known. */
  readonly endOffset: number | null;
}

export interface ScanOptions {
  readonly baseOffset: number;
  readonly sizeBytes: number;
  /** Up to here only headers are looked at: these bytes were on the device and known to be good. */
  readonly trustedBytes: number;
  /** Base offset of the next segment: batches at or after it do not belong here. */
  readonly limitOffset: number;
  readonly intervalBytes: number;
  /** Null: nothing is known. */
  readonly durable: Boundary | null;
  /** The offset index as it was saved; null where there is none. */
  readonly saved: OffsetIndex | null;
}

/**
 * Goes through a segment batch by batch, checks lengths, checksums and the order of offsets, makes its indexes anew.
 * Gives the event loop a turn now and then.
 *
 * Behind damage it goes on only where a batch surely begins. A value may hold whole batches (a mirrored segment, a
 * captured request), with checksums that are right and offsets that fit, and whoever wrote it chose them: that a good
 * batch is found somewhere proves nothing. What proves a beginning:
 *
 * - the end of the damaged batch by its own length, where its base offset is the one that must come there and, unless
 *   the device had it all, no sector border (where a write may have been torn) lies between the two;
 * - where the device had it all and the length is damaged, the end that its checksum says; not where both are possible;
 * - a place that is known from an index entry or the log's checkpoint.
 */
export class SegmentScan {
  readonly #file: LayerFile;
  readonly #options: ScanOptions;
  readonly #window: ScanWindow;
  readonly #headers: ScanWindow;
  /** Entries of the saved index that were passed, and whether each was the beginning of a batch. */
  #savedPassed = 0;
  #savedIsRight = true;
  #breathAt = 16 << 20;
  #trustedBytes: number;

  constructor(file: LayerFile, options: ScanOptions) {
    this.#trustedBytes = options.trustedBytes;
    this.#file = file;
    this.#options = options;
    this.#window = new ScanWindow(file, options.sizeBytes, 1 << 20);
    this.#headers = new ScanWindow(file, options.sizeBytes, 1 << 16);
  }

  async run(): Promise<ScanResult> {
    const { baseOffset, sizeBytes, intervalBytes } = this.#options;
    const indexes = new SegmentIndexes(baseOffset);
    const good: ByteRange[] = [];
    const damage: Damage[] = [];
    let nextOffset = baseOffset;
    let repairedOffsets = 0;
    let goodBytes = 0;
    let position = 0;
    let start = 0;
    while (position < sizeBytes) {
      this.#passSaved(position);
      const found = this.#batchAt(position, nextOffset, damage.at(-1)?.end === position);
      if (found === null && this.#trustedBytes > 0) {
        // Bytes that were known to be good are not: the header in front of these may say a wrong length.
        this.#trustedBytes = 0;
        this.#savedPassed = 0;
        this.#savedIsRight = true;
        return this.run();
      }
      if (found === null) {
        if (position > start) good.push({ start, end: position });
        const end = (await this.#resume(position, nextOffset)) ?? sizeBytes;
        damage.push({ start: position, end, fromOffset: nextOffset, toOffset: null });
        start = end;
        position = end;
        continue;
      }
      const { header, isRepaired } = found;
      if (isRepaired) repairedOffsets++;
      const last = damage.at(-1);
      if (last !== undefined) last.toOffset ??= header.baseOffset;
      const size = batchSizeBytes(header);
      const lastOffset = header.baseOffset + header.lastOffsetDelta;
      indexes.note(lastOffset, goodBytes, size, header.maxTimestamp, intervalBytes);
      nextOffset = lastOffset + 1;
      goodBytes += size;
      position += size;
      await this.#breathe(position);
    }
    if (position > start) good.push({ start, end: position });
    return { good, goodBytes, damage, nextOffset, indexes, repairedOffsets };
  }

  /** Whether the bytes from `position` on are just the beginning of the batch that would come there. */
  isTorn(position: number, nextOffset: number): boolean {
    const left = this.#options.sizeBytes - position;
    if (left < batchHeaderBytes) return true;
    const header = parseHeader(this.#headers.view(position, batchHeaderBytes));
    return header !== null && this.#inRange(header, nextOffset) && batchSizeBytes(header) > left;
  }

  /** The good batch that begins there and fits, its base offset put right where it can only be one. */
  #batchAt(
    position: number,
    nextOffset: number,
    isBehindDamage: boolean,
  ): { header: BatchHeader; isRepaired: boolean } | null {
    const isTrusted = position < this.#trustedBytes;
    const header = isTrusted ? this.#headerAt(position) : this.#goodBatchAt(position);
    if (header === null) return null;
    if (this.#fits(header, position, nextOffset, isBehindDamage)) return { header, isRepaired: false };
    const baseOffset = this.#onlyBaseOffset(header, position, nextOffset, isBehindDamage);
    if (baseOffset === null || (isTrusted && this.#goodBatchAt(position) === null)) return null;
    this.#writeBaseOffset(position, baseOffset);
    return { header: { ...header, baseOffset }, isRepaired: true };
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
    return this.#checksum(position + batchChecksumStart, end) === header.crc ? header : null;
  }

  #checksum(start: number, end: number, before = 0): number {
    let crc = before;
    for (let at = start; at < end; ) {
      const part = this.#window.view(at, end - at);
      if (part.length === 0) return -1;
      crc = crc32c(part, crc);
      at += part.length;
    }
    return crc;
  }

  /**
   * Whether a batch's base offset, which no checksum covers, can be right: not below what must come, not beyond this
   * segment, and not contradicted by what is behind it. A gap is possible: compaction leaves some.
   */
  #fits(header: BatchHeader, position: number, nextOffset: number, isBehindDamage: boolean): boolean {
    const end = position + batchSizeBytes(header);
    const after = header.baseOffset + header.lastOffsetDelta + 1;
    const { durable } = this.#options;
    if (durable?.position === end && after > (durable.endOffset ?? after)) return false;
    if (!this.#inRange(header, isBehindDamage ? nextOffset + 1 : nextOffset)) return false;
    if (header.baseOffset === nextOffset) return true;
    // What was given out before a start that found no records for it: its first batch after that begins here.
    if (position === durable?.position && header.baseOffset === durable.endOffset) return true;
    // A device that lost the sector with the base offset, but not the one that the checksum begins in.
    const mayBeTorn =
      position >= (durable?.position ?? 0) && !isInOneSector(position, batchChecksumStart + 1);
    if (mayBeTorn) return false;
    const following = end < this.#options.sizeBytes ? this.#headerAt(end) : null;
    return following === null || following.baseOffset >= after;
  }

  /** The base offset of a good batch that says a wrong one, where what is around it leaves a single value. */
  #onlyBaseOffset(
    header: BatchHeader,
    position: number,
    nextOffset: number,
    isBehindDamage: boolean,
  ): number | null {
    const { durable, sizeBytes, limitOffset } = this.#options;
    const end = position + batchSizeBytes(header);
    const count = header.lastOffsetDelta + 1;
    const fits = this.#inRange({ ...header, baseOffset: nextOffset }, nextOffset);
    if (isBehindDamage || header.baseOffset === nextOffset || !fits) return null;
    const following = end < sizeBytes ? this.#goodBatchAt(end) : null;
    const atEnd = end === durable?.position ? durable.endOffset : end === sizeBytes ? limitOffset : null;
    return (following?.baseOffset ?? atEnd) === nextOffset + count ? nextOffset : null;
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
    this.#window.forget();
    this.#headers.forget();
  }

  /** Checks the entries of the saved index up to a batch that begins at `position`. */
  #passSaved(position: number): void {
    const { saved } = this.#options;
    if (saved === null) return;
    while (this.#savedPassed < saved.count && saved.positionOf(this.#savedPassed) <= position) {
      if (saved.positionOf(this.#savedPassed) !== position) this.#savedIsRight = false;
      this.#savedPassed++;
    }
  }

  /** Where a batch surely begins behind damage at `position`; null where that is not known. */
  async #resume(position: number, nextOffset: number): Promise<number | null> {
    const { durable, saved, sizeBytes } = this.#options;
    const intact = this.#goodBatchAt(position);
    // Its base offset is wrong; its checksum says that its length is not.
    if (intact !== null) return position + batchSizeBytes(intact);
    const places: number[] = [];
    const own = await this.#endOfDamaged(position, nextOffset);
    if (own !== null) places.push(own);
    if (durable !== null) places.push(durable.position);
    if (saved !== null && this.#savedIsRight) {
      for (let i = this.#savedPassed; i < saved.count; i++) places.push(saved.positionOf(i));
    }
    for (const at of places.sort((a, b) => a - b)) {
      if (at <= position || at >= sizeBytes) continue;
      const header = this.#goodBatchAt(at);
      if (header === null || !this.#inRange(header, nextOffset)) continue;
      while (saved !== null && this.#savedPassed < saved.count && saved.positionOf(this.#savedPassed) < at)
        this.#savedPassed++;
      return at;
    }
    return null;
  }

  /** Where the damaged batches that begin at `position` surely end and a good one begins. */
  async #endOfDamaged(position: number, nextOffset: number): Promise<number | null> {
    const { durable } = this.#options;
    const isDurable = position < (durable?.position ?? 0);
    const { end, isPlausible } = this.#endByLength(position, nextOffset, isDurable);
    // A write that was torn leaves a length as it is or takes its sector; bits that turn on a device may change it.
    if (!isDurable) return end;
    const proven = await this.#endByChecksum(position, nextOffset);
    if (proven === null) return end;
    return isPlausible && end !== proven ? null : proven;
  }

  /**
   * Follows the lengths of damaged batches from `position` to the next good one, as long as each says the base offset
   * that must come there. `isPlausible`: the first length leads to a batch or to the end of the file.
   */
  #endByLength(
    position: number,
    nextOffset: number,
    isDurable: boolean,
  ): { end: number | null; isPlausible: boolean } {
    const { sizeBytes } = this.#options;
    let offset = nextOffset;
    let isPlausible = false;
    for (let at = position; at + batchHeaderBytes <= sizeBytes; ) {
      const head = this.#headers.view(at, batchHeaderBytes);
      const mayBeTorn = !isDurable && !isInOneSector(at, 12);
      if (Number(head.readBigInt64BE(0)) !== offset || mayBeTorn) break;
      const end = at + head.readInt32BE(8) + batchLengthOverhead;
      offset += head.readInt32BE(23) + 1;
      if (end < at + batchHeaderBytes || end > sizeBytes) break;
      if (end === sizeBytes) return { end: null, isPlausible: true };
      if (this.#goodBatchAt(end) !== null) return { end, isPlausible: true };
      const next = this.#headers.view(end, batchHeaderBytes);
      if (next.length < batchHeaderBytes || Number(next.readBigInt64BE(0)) !== offset) break;
      isPlausible = true;
      at = end;
    }
    return { end: null, isPlausible };
  }

  /** A batch whose length is damaged: its checksum says where it ends and a good one begins. */
  async #endByChecksum(position: number, nextOffset: number): Promise<number | null> {
    const { sizeBytes } = this.#options;
    if (position + batchHeaderBytes > sizeBytes) return null;
    const head = Buffer.from(this.#headers.view(position, batchHeaderBytes));
    if (Number(head.readBigInt64BE(0)) !== nextOffset) return null;
    const wanted = head.readUInt32BE(17);
    let covered = position + batchChecksumStart;
    let crc = 0;
    for (let at = position + batchHeaderBytes; at + batchHeaderBytes <= sizeBytes; ) {
      const window = this.#headers.view(at, sizeBytes);
      const magic = window.indexOf(2, 16);
      if (magic < 0) {
        at += Math.max(1, window.length - 16);
      } else {
        at += magic - 16;
        if (at + batchHeaderBytes <= sizeBytes && this.#headerAt(at) !== null) {
          crc = this.#checksum(covered, at, crc);
          covered = at;
          if (crc === wanted && this.#goodBatchAt(at) !== null) return at;
        }
        at++;
      }
      await this.#breathe(at);
    }
    return null;
  }

  async #breathe(position: number): Promise<void> {
    if (position <= this.#breathAt) return;
    this.#breathAt = position + (16 << 20);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function isInOneSector(position: number, length: number): boolean {
  return Math.floor(position / sectorBytes) === Math.floor((position + length - 1) / sectorBytes);
}
