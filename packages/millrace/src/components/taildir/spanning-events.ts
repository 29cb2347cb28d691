import { BatchBuilder } from '../../records/batch-builder.ts';
import { encodeLineGroups, firstLineBegins, type LineGroupRule } from '../../records/line-groups.ts';
import type { ChunkReader } from './chunk-reader.ts';
import { isFileError } from './open-files.ts';
import type { Bytes } from './read-bytes.ts';
import type { Snapshot } from './snapshot.ts';
import { type KnownFiles, NamedGenerations, successionOf } from './succession.ts';
import type { NextBatch, ReadOptions, TailedFile } from './tailed-file.ts';

type End = Extract<NextBatch, { kind: 'end' }>;
type Batch = Extract<NextBatch, { kind: 'batch' }>;

/** What reading over the end of a file needs of whoever reads. */
export interface SpanningReader {
  readonly chunk: ChunkReader;
  readonly options: ReadOptions & { readonly eventTimeoutMs: number };
  has(file: TailedFile): boolean;
  /** Opens a file; false, and told, where it can't be. */
  open(file: TailedFile, nowMs: number): Promise<boolean>;
  failed(file: TailedFile, error: unknown, nowMs: number): void;
  /** Something is not as the last look at the folders showed it. */
  lookSoon(): void;
}

/**
 * Events of several lines at the end of a file. Where the path of the file has another one by now, the lines that wait
 * may go on in that one: then both parts are one event, of one batch, which moves the places in both files. Until that is
 * decided the first lines of the next file wait, at most for as long as an event waits for more lines.
 */
export class SpanningEvents {
  readonly #reader: SpanningReader;
  readonly #rule: LineGroupRule;
  readonly #named = new NamedGenerations();
  /** Of each file the one before, and the one behind. */
  #before: ReadonlyMap<TailedFile, TailedFile> = new Map();
  readonly #after = new Map<TailedFile, TailedFile>();
  /** When the folders were looked at last. */
  #scannedMs = Number.NEGATIVE_INFINITY;

  constructor(reader: SpanningReader, rule: LineGroupRule) {
    this.#reader = reader;
    this.#rule = rule;
  }

  /** What a look at the folders showed. */
  looked(snapshot: Snapshot): void {
    this.#named.looked(snapshot);
  }

  scanned(files: KnownFiles, nowMs: number): void {
    this.#scannedMs = nowMs;
    this.#before = successionOf(files, this.#named);
    this.#after.clear();
    for (const [next, one] of this.#before) this.#after.set(one, next);
  }

  /** A file has no more whole events: what waits in it may be one by now. */
  async ended(file: TailedFile, end: End, nowMs: number): Promise<NextBatch> {
    if (end.pending === 0 || file.isWhole === false) return end;
    const { chunk, options } = this.#reader;
    const next = this.#after.get(file);
    if (next !== undefined && file.ahead.length === 0) {
      const spanning = await this.#spanning(file, next, nowMs);
      if (spanning === 'open') return end;
      if (spanning !== 'apart') return spanning;
    }
    if (!this.#isLate(file)) return end;
    return (await file.whole(chunk, options)) ?? end;
  }

  /** Whether lines of a file wait for more of their event. */
  waits(file: TailedFile): boolean {
    return file.readTo < file.knownSize && !this.#isLate(file);
  }

  /** Whether the first lines of a file may belong to an event that began in the file before. */
  async isHeld(file: TailedFile, nowMs: number): Promise<boolean> {
    const before = this.#before.get(file);
    if (before === undefined || !this.#mayTake(file)) {
      file.held = null;
      return false;
    }
    const { chunk, options } = this.#reader;
    if (!(await file.peek(chunk, options))) return false;
    const begins = firstLineBegins(chunk.bytes, chunk.from, chunk.to, this.#rule);
    if (begins === null) return !this.#isLate(file); // there is nothing to be read yet
    const { readTo } = before;
    if (file.held?.readTo !== readTo) file.held = { readTo, sinceMs: nowMs };
    file.isOwn = begins || !this.#mayGoOn(before, file.held.sinceMs, nowMs);
    if (file.isOwn) file.held = null;
    return !file.isOwn;
  }

  /**
   * Whether lines of a file may wait, or come, that belong before what was seen of the next one. `sinceMs`: so long that
   * one waits, and nothing more of the other was read.
   */
  #mayGoOn(before: TailedFile, sinceMs: number, nowMs: number): boolean {
    const isPatient = nowMs - sinceMs < this.#reader.options.eventTimeoutMs;
    if (!this.#reader.has(before)) return isPatient && before.largestSize > before.position;
    if (!before.isOpen) return before.phase === 'asleep' ? this.#scannedMs <= sinceMs : isPatient;
    try {
      before.look(nowMs); // behind the look at the lines that came after
    } catch {
      return isPatient;
    }
    if (before.isRead) return false;
    if (before.held !== null) return true;
    return before.isAtEnd ? !this.#isLate(before) : isPatient;
  }

  /**
   * Whether nothing came to a file, nor to the next where its event may go on, for so long that nothing more is awaited,
   * and a look at the folders since then showed no other file.
   */
  #isLate(file: TailedFile): boolean {
    const next = this.#after.get(file);
    const nextMs = next !== undefined && this.#mayTake(next) ? next.lastGrowthMs : 0;
    const quietMs = this.#scannedMs - Math.max(file.lastGrowthMs, nextMs);
    return quietMs >= this.#reader.options.eventTimeoutMs;
  }

  /** Whether the first lines of a file are free to belong to an event of the one before. */
  #mayTake({ isOwn, position }: TailedFile): boolean {
    return !isOwn && position === 0;
  }

  /** What the lines that wait at the end of a file are with the first ones of the next. */
  async #spanning(file: TailedFile, next: TailedFile, nowMs: number): Promise<Batch | 'apart' | 'open'> {
    const { chunk, options, has, open, failed, lookSoon } = this.#reader;
    if (!this.#mayTake(next) || !has(next) || next.phase === 'waiting') return 'apart';
    const waiting = file.waiting(chunk);
    if (waiting === null || next.retryAtMs > nowMs) return 'apart';
    const isOpen = next.isOpen || (await open(next, nowMs));
    if (!file.isOpen) return 'open'; // it was closed for want of descriptors
    if (!isOpen) return 'apart';
    try {
      next.look(nowMs);
      // Truncated and written to again it is another file; the folder shows that, as nothing was read of it.
      if (next.lastGrowthMs > this.#scannedMs) return 'open';
      for (;;) {
        const isCut = next.knownSize < next.largestSize; // before anything was read of it
        if (isCut || !(await next.peek(chunk, options))) {
          lookSoon();
          return 'apart';
        }
        const event = spanningEvent(file, waiting, next, chunk, { ...options, isLate: this.#isLate(file) });
        if (event !== 'open' || !chunk.isFull || !chunk.canGrow) return event;
        chunk.grow();
      }
    } catch (error) {
      if (!isFileError(error)) throw error;
      failed(next, error, nowMs);
      return 'apart';
    }
  }
}

/**
 * The event that begins with the lines that wait at the end of `file` and ends in `next`, of which the chunk has the
 * first lines. `apart`: the next one begins there. `open`: it may go on, and it is not late.
 */
function spanningEvent(
  file: TailedFile,
  waiting: Bytes,
  next: TailedFile,
  chunk: ChunkReader,
  options: ReadOptions & { readonly isLate: boolean },
): Batch | 'apart' | 'open' {
  const { byteOffsetHeader, isLate } = options;
  const rule = options.lineGroups!;
  const lines = waiting.bytes.subarray(waiting.from);
  const bound = next.endOf(chunk);
  // By what is beyond the longest event an unfinished line is known to be too long for it.
  const to = Math.min(bound, chunk.from + Math.max(0, rule.maxBytes + 2 - lines.length));
  const both = Buffer.concat([lines, chunk.bytes.subarray(chunk.from, to)]);
  const isBound = to === bound && next.ahead.includes(next.readTo + (bound - chunk.from));
  const end = isBound ? 'all' : isLate ? 'lines' : 'more';
  const encoding = { maxEvents: 1, stripCarriageReturn: true, timestampMs: Date.now() };
  const { batch, consumed } = encodeLineGroups(both, 0, both.length, rule, end, encoding);
  if (batch === null) return 'open';
  if (consumed <= lines.length) return 'apart';
  const { readTo } = file;
  const { from, to: done } = file.advance(waiting, lines.length);
  const head = { file: next, ...next.advance(chunk, consumed - lines.length) };
  next.isOwn = true;
  return {
    kind: 'batch',
    batch: file.shown(shownAt(batch), readTo, options, new Uint32Array(1)),
    from,
    to: done,
    head,
  };

  function shownAt(event: typeof batch & object) {
    if (byteOffsetHeader === undefined) return event;
    const builder = new BatchBuilder();
    builder.add(event.event(0).body, new Map([[byteOffsetHeader, String(readTo)]]));
    return builder.build();
  }
}
