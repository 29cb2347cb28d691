import { EventBatch, type Headers, type Provenance } from '../../records/event-batch.ts';
import {
  type ContentMark,
  type FileKey,
  holdsMark,
  keyOf,
  markAt,
  maxHeadBytes,
  maxTailBytes,
  noMark,
} from '../../tracking/content-mark.ts';
import type { JournalEntry, JournalTail } from '../../tracking/position-journal.ts';
import type { SourceFiles, SourceHandle } from '../../tracking/source-files.ts';
import { newProgressId } from './channel-progress.ts';
import { type ChunkEvents, chunkEvents, type EventOptions, groupedEvents, oneEvent } from './chunk-events.ts';
import type { ChunkReader } from './chunk-reader.ts';
import { Deliveries, type FilePlace } from './deliveries.ts';
import { linePosition } from './line-position.ts';
import { bomBytes, nulBytes } from './no-line.ts';
import { type Bytes, ReadBytes } from './read-bytes.ts';
import type { SeenFile } from './snapshot.ts';
import type { KnownFile } from './table.ts';

/** What reading a file needs of the source's settings. */
export interface ReadOptions extends EventOptions {
  readonly skipBom: boolean;
  readonly skipNul: boolean;
  /** The source's name, for provenance. */
  readonly source: string;
}

/** What a look for the next batch came to. */
export type NextBatch =
  | {
      readonly kind: 'batch';
      readonly batch: EventBatch;
      readonly from: FilePlace;
      readonly to: FilePlace;
      /** Of an event that ends in the next file: what of that belongs to it. */
      readonly head?: { readonly file: TailedFile; readonly from: FilePlace; readonly to: FilePlace };
    }
  /** Nothing more; `pending` bytes wait: a line without newline, lines whose event may go on. */
  | { readonly kind: 'end'; readonly pending: number }
  /** The file is shorter than what was read of it, or holds other bytes there: it was truncated or overwritten. */
  | { readonly kind: 'rewritten' };

export interface TailedFileInit {
  readonly key: FileKey | null;
  readonly dev: bigint | null;
  readonly ino: bigint;
  readonly path: string | null;
  readonly headers: Headers;
  readonly place: FilePlace;
  readonly birthMs: number;
  readonly folderDev: bigint | null;
  readonly awaited?: boolean;
  readonly largestSize?: number;
  /** Absent: it is drawn. */
  readonly progressId?: number;
  readonly packedBytes?: number;
  readonly ahead?: readonly number[];
  readonly tail?: JournalTail | undefined;
}

/** The file in which the first event of another one began, and up to where that is done. */
export interface TailBefore extends JournalTail {
  /** Null: an earlier process put them together. */
  readonly deliveries: Deliveries<TailedFile> | null;
}

/**
 * One file that is tailed, known by what it is and not by its name. `position`: up to where every channel has committed
 * its lines; `readTo`: up to where batches have been made; `stored`: what a restart goes on from.
 */
export class TailedFile implements KnownFile {
  key: FileKey | null;
  dev: bigint | null;
  readonly ino: bigint;
  path: string | null;
  headers: Headers;
  position: number;
  mark: ContentMark;
  stored: FilePlace;
  deliveries = new Deliveries<TailedFile>(this);
  /** Under which channels know its progress. */
  readonly progressId: number;
  /** Positions at which channels stand that had more of it than others at the start: a batch ends at each. */
  ahead: readonly number[];
  /** The file in which its first event began; null: none. */
  tail: TailBefore | null;
  /** Its first lines go on as they are: they don't wait for an event that began in the file before. */
  isOwn = false;
  /** All of it that was there at the last look was read or waits. */
  isAtEnd = false;
  /** How its first lines wait for the file before: where that stood, and since when, by the monotonic clock; null: they don't. */
  held: { readonly readTo: number; readonly sinceMs: number } | null = null;
  readTo: number;
  birthMs: number;
  folderDev: bigint | null;
  at: string | null = null;
  last: SeenFile | null = null;
  missedLooks = 0;
  rewritten = false;
  largestSize: number;
  /** Its content is gone from the file; a copy of it may turn up. */
  awaited: boolean;
  /** It was awaited when this process started. */
  readonly wasAwaited: boolean;
  /** Which file (`identity`) held what it holds until that was truncated, in this process; null: it is no such copy. */
  copyOf: string | null = null;
  packedBytes: number;
  /** Size and time at the last turn. */
  knownSize = 0;
  #knownBytes = 0;
  #knownMtimeMs = 0;
  /** When bytes last came, by the monotonic clock (ms). */
  lastGrowthMs = 0;
  /** `waiting`: may not be read yet; `ready`: to be opened at its turn; `asleep`: closed, as nothing came for long. */
  phase: 'waiting' | 'ready' | 'asleep' = 'waiting';
  /** No name of its folder shows it any more. */
  gone = false;
  /** Its slot in the journal; below 0: none. */
  slot = -1;
  /** After a failure: not before this moment, by the monotonic clock. */
  retryAtMs = 0;
  failures = 0;
  #handle: SourceHandle | null = null;
  /** What was read last, before `readTo`. */
  readonly #read: ReadBytes;

  constructor(init: TailedFileInit) {
    this.key = init.key;
    this.dev = init.dev;
    this.ino = init.ino;
    this.path = init.path;
    this.headers = init.headers;
    this.position = init.place.position;
    this.mark = init.place.mark;
    this.stored = init.place;
    this.readTo = this.position;
    this.#read = new ReadBytes(this.mark);
    this.birthMs = init.birthMs;
    this.folderDev = init.folderDev;
    this.awaited = init.awaited ?? false;
    this.wasAwaited = this.awaited;
    this.largestSize = init.largestSize ?? 0;
    this.progressId = init.progressId ?? newProgressId();
    this.ahead = init.ahead ?? [];
    this.tail = init.tail === undefined ? null : { ...init.tail, deliveries: null };
    this.packedBytes = init.packedBytes ?? 0;
  }

  get isOpen(): boolean {
    return this.#handle !== null;
  }

  /** Which file it is, whatever it holds. */
  get identity(): string {
    return `${this.key} ${this.birthMs}`;
  }

  /** Where it stands, for messages. */
  get shownPath(): string {
    return this.at ?? this.path ?? `inode ${this.ino}`;
  }

  /** All that was seen of it has been read. */
  get isRead(): boolean {
    const whole = this.#handle?.whole;
    if (whole !== undefined) return whole?.bytes === this.readTo;
    return this.readTo >= this.knownSize;
  }

  /** What a restart knows of it. */
  get entry(): JournalEntry {
    const { dev, ino, stored, birthMs, folderDev, awaited, largestSize, path, progressId } = this;
    // What was taken back is to be read again.
    const packedBytes = stored.position === this.position ? this.packedBytes % 2 ** 32 : 0;
    // The head of what was read: by it the file, or a copy of it, is known even where the position goes back to 0.
    const { headBytes, headCrc } = this.mark;
    const { position } = stored;
    const mark = headBytes > stored.mark.headBytes ? { ...stored.mark, headBytes, headCrc } : stored.mark;
    const sizes = { largestSize, packedBytes };
    return {
      ...this.#tailBehind(position),
      dev,
      ino,
      position,
      mark,
      birthMs,
      folderDev,
      awaited,
      ...sizes,
      path,
      progressId,
    };
  }

  /** The file before, where this one says more of it than its own slot does. */
  #tailBehind(position: number): { tail?: JournalTail } {
    const stored = this.tail?.deliveries?.owner.stored.position ?? Number.POSITIVE_INFINITY;
    return this.tail !== null && position > 0 && this.tail.position > stored ? { tail: this.tail } : {};
  }

  /**
   * Opens the file and makes sure that it still holds what was read of it; false where it does not (`rewritten`). Throws
   * the system's error; ENOENT when another file stands there by now.
   */
  async open(files: SourceFiles, nowMs: number): Promise<boolean> {
    if (this.#handle !== null) return true;
    const handle = files.open(this.at ?? this.path!);
    try {
      if (keyOf(handle.stat()) !== this.key) {
        throw Object.assign(new Error(`${this.shownPath} is another file by now`), { code: 'ENOENT' });
      }
      this.#handle = handle;
      if (await this.#arm()) {
        // One that was closed for want of descriptors is as quiet as it was.
        if (this.lastGrowthMs === 0) this.lastGrowthMs = nowMs;
        return true;
      }
    } catch (error) {
      this.#handle = null;
      handle.close();
      throw error;
    }
    this.close();
    this.rewritten = true;
    return false;
  }

  close(): void {
    const handle = this.#handle;
    const whole = handle?.whole;
    if (whole?.bytes === this.position) this.packedBytes = whole.packedBytes;
    this.#handle = null;
    this.#read.forget();
    this.readTo = this.position;
    handle?.close();
  }

  /** Of an open compressed file whether its end was found; undefined for other files. */
  get isWhole(): boolean | undefined {
    const whole = this.#handle?.whole;
    return whole === undefined ? undefined : whole !== null;
  }

  /** Whether an open file still has a name; true where that can't be told. */
  get hasName(): boolean {
    try {
      return this.#handle!.look().links > 0;
    } catch {
      return true;
    }
  }

  /** Looks at size and time; whether the file changed since the last look. */
  look(nowMs: number): { grew: boolean; links: number } {
    const { size, storedBytes = size, mtimeMs, links } = this.#handle!.look();
    const grew = storedBytes !== this.#knownBytes || mtimeMs !== this.#knownMtimeMs;
    if (grew) this.lastGrowthMs = nowMs;
    this.knownSize = size;
    // What is behind the end that is not found yet can't be counted, and may be nothing.
    this.largestSize = Math.max(this.largestSize, this.isWhole === false ? size - 1 : size);
    this.#knownBytes = storedBytes;
    this.#knownMtimeMs = mtimeMs;
    return { grew, links };
  }

  /** Every channel has committed what stands before `to`. */
  took({ position, mark }: FilePlace): void {
    this.position = position;
    this.mark = mark;
    if (this.ahead.length > 0) this.ahead = this.ahead.filter((other) => other > position);
  }

  /** Gives up batches that were made but not committed. */
  rewind(): void {
    if (this.readTo === this.position) return;
    this.readTo = this.position;
    this.isOwn = false;
    this.#read.forget();
  }

  /** The next batch of whole events after `readTo`. */
  async next(chunk: ChunkReader, options: ReadOptions): Promise<NextBatch> {
    for (;;) {
      if (chunk.owner === this && this.#read.isKnown) {
        const events = chunkEvents(chunk, this.endOf(chunk), this.readTo, options);
        if (events !== null) return this.#taken(chunk, events, options);
        if (chunk.isFull) {
          if (!chunk.canGrow) return this.#takeAll(chunk, options);
          chunk.grow();
        }
      }
      const filled = await this.#fill(chunk, options);
      if (filled === 'rewritten') {
        chunk.release();
        this.rewritten = true;
        return { kind: 'rewritten' };
      }
      this.isAtEnd = filled === 'nothing new';
      if (this.isAtEnd) return { kind: 'end', pending: chunk.unreadBytes };
    }
  }

  /** What waits for more lines of its event, as nothing comes; null where no whole line waits. */
  async whole(chunk: ChunkReader, options: ReadOptions): Promise<NextBatch | null> {
    const next = await this.next(chunk, options);
    if (next.kind !== 'end') return next;
    const events = groupedEvents(chunk, chunk.to, this.readTo, options, 'lines');
    return events === null ? null : this.#taken(chunk, events, options);
  }

  /** The waiting bytes, a last line without newline, too, as an event or two; null when there are none. */
  async rest(chunk: ChunkReader, options: ReadOptions): Promise<NextBatch | null> {
    const next = await this.next(chunk, options);
    if (next.kind !== 'end') return next;
    return next.pending === 0 ? null : this.#takeAll(chunk, options);
  }

  #takeAll(chunk: ChunkReader, options: ReadOptions): NextBatch {
    const { to } = chunk;
    const events =
      options.lineGroups === null
        ? oneEvent(chunk, to, this.readTo, options)
        : groupedEvents(chunk, to, this.readTo, options, 'all')!;
    const taken = this.#taken(chunk, events, options);
    if (chunk.from === to) chunk.shrink();
    return taken;
  }

  /** The lines that wait for more of their event, whole ones alone; null where there are none. `next` left them. */
  waiting(chunk: ChunkReader): Bytes | null {
    const { from, to } = chunk;
    if (chunk.owner !== this || to === from || chunk.bytes[to - 1] !== 0x0a) return null;
    const keptFrom = Math.max(0, from - maxHeadBytes - maxTailBytes);
    return { bytes: Buffer.from(chunk.bytes.subarray(keptFrom, to)), from: from - keptFrom };
  }

  /** Reads what stands behind `readTo`, and takes nothing of it; false where the file was rewritten. */
  async peek(chunk: ChunkReader, options: ReadOptions): Promise<boolean> {
    if ((await this.#fill(chunk, options)) !== 'rewritten') return true;
    chunk.release();
    this.rewritten = true;
    return false;
  }

  /** Where the bytes for the next batch end: at the place of a channel that is ahead, if one stands there. */
  endOf(chunk: ChunkReader): number {
    if (this.ahead.length === 0) return chunk.to;
    const next = this.ahead.find((position) => position > this.readTo);
    return next === undefined ? chunk.to : Math.min(chunk.to, chunk.from + (next - this.readTo));
  }

  #taken(chunk: ChunkReader, { batch, consumed, starts }: ChunkEvents, options: ReadOptions): NextBatch {
    const start = this.readTo;
    const { from, to } = this.advance(chunk, consumed);
    return { kind: 'batch', batch: this.shown(batch, start, options, starts), from, to };
  }

  /** Reading goes on behind so many bytes. */
  advance(chunk: Bytes, consumed: number): { from: FilePlace; to: FilePlace } {
    const from = { position: this.readTo, mark: this.#read.mark };
    chunk.from += consumed;
    this.readTo += consumed;
    const mark = this.#read.advance(chunk, this.readTo, this.#handle!);
    return { from, to: { position: this.readTo, mark } };
  }

  /** The batch with the file's headers, and with word of where it came from; `starts`: of events of several lines. */
  shown(batch: EventBatch, start: number, { source }: ReadOptions, starts?: Uint32Array): EventBatch {
    const place = this.at ?? this.path!;
    // The file may have moved on when somebody asks; it must not keep this object, or the bytes, alive.
    let positionOf = (event: number) => start + (starts?.[event] ?? 0);
    if (starts === undefined && this.isWhole === undefined) positionOf = linePosition(place, start);
    const provenance: Provenance = { source, place, positionOf };
    const { records, index, baseTimestamp, hasRecordHeaders } = batch;
    return new EventBatch({
      ...{ records, index, baseTimestamp, hasRecordHeaders, provenance },
      sharedHeaders: this.headers,
    });
  }

  /** Makes sure that what stands before `position` is what was read, and keeps the end of it for the next reads. */
  async #arm(): Promise<boolean> {
    const handle = this.#handle!;
    this.readTo = this.position;
    await handle.ready?.(this.mark.headBytes);
    await handle.ready?.(this.position);
    if (this.mark.headBytes === 0 && this.position > 0) {
      // Flume's row, or a file that is read from its end: what stands there now is what counts.
      if (handle.look().size < this.position) return false;
      this.mark = markAt(handle, this.position);
    } else if (!holdsMark(handle, this.mark, this.position)) return false;
    return this.#read.lookUp(handle, this.mark, this.position);
  }

  /** Reads from a little before `readTo` as much as the chunk takes. */
  async #fill(chunk: ChunkReader, options: ReadOptions): Promise<'filled' | 'nothing new' | 'rewritten'> {
    const had = chunk.owner === this ? chunk.unreadBytes : 0;
    chunk.release();
    if (!this.#read.isKnown && !(await this.#arm())) return 'rewritten';
    const handle = this.#handle!;
    const overlap = this.#read.tailBytes;
    const got = await handle.read(chunk.bytes, chunk.bytes.length, this.readTo - overlap);
    if (got < overlap || !this.#read.isAtStartOf(chunk.bytes)) return 'rewritten';
    if (got === 0 && handle.look().size < this.readTo) return 'rewritten';
    chunk.owner = this;
    chunk.from = overlap;
    chunk.to = got;
    if (options.skipBom && this.readTo === 0) this.#skip(chunk, bomBytes(chunk));
    if (options.skipNul) this.#skip(chunk, nulBytes(chunk));
    return chunk.unreadBytes > had || got === chunk.bytes.length ? 'filled' : 'nothing new';
  }

  /** Passes over bytes that stand before a line and are none of it. */
  #skip(chunk: ChunkReader, bytes: number): void {
    if (bytes === 0) return;
    chunk.from += bytes;
    this.readTo += bytes;
    this.#read.passedOver();
  }
}

/** A file that nothing is known of. */
export const atStart: FilePlace = { position: 0, mark: noMark };
