import { closeSync, fstatSync, openSync, read as readCallback, type Stats } from 'node:fs';
import { crc32c } from '@node-rs/crc32';
import { BatchBuilder } from '../../records/batch-builder.ts';
import { encodeLines } from '../../records/encode-lines.ts';
import type { EventBatch, Headers } from '../../records/event-batch.ts';
import { type FileIdentity, headMark, identityAt, maxHeadBytes, maxTailBytes } from './identity.ts';

/** One group's settings that a file needs. */
export interface TailedFileOptions {
  readonly maxEvents: number;
  /** Header that shows where each line starts in its file, or undefined. */
  readonly byteOffsetHeader: string | undefined;
}

/** What stands just before a position: enough to know the place again. */
export interface TailMark {
  readonly bytes: number;
  readonly crc: number;
}

/** What a look for the next batch came to. */
export type NextBatch =
  | { readonly kind: 'batch'; readonly batch: EventBatch; readonly end: number; readonly tail: TailMark }
  /** Nothing more; `pending` bytes of a line without newline wait. */
  | { readonly kind: 'end'; readonly pending: number }
  /** The file is shorter than what was read of it, or holds other bytes there: it was truncated or overwritten. */
  | { readonly kind: 'truncated' };

/** A line longer than this is cut into events of this size, so that no file can take all memory. */
const maxLineBytes = 64 * 1024 * 1024;

/**
 * The bytes of the file that is being read, shared by all files of a source (one is read at a time). Each read starts
 * a little before the position, and what was read there last must be there still.
 */
export class ChunkReader {
  #buffer: Buffer;
  readonly #normalBytes: number;
  owner: TailedFile | null = null;
  /** Where in the buffer unread bytes start and end. */
  from = 0;
  to = 0;

  constructor(chunkBytes: number) {
    this.#normalBytes = chunkBytes;
    this.#buffer = Buffer.allocUnsafeSlow(chunkBytes + maxTailBytes);
  }

  get bytes(): Buffer {
    return this.#buffer;
  }

  get unreadBytes(): number {
    return this.to - this.from;
  }

  /** Whether no more fits: the line that waits is as long as the buffer. */
  get isFull(): boolean {
    return this.to === this.#buffer.length && this.from <= maxTailBytes;
  }

  get canGrow(): boolean {
    return this.#buffer.length < maxLineBytes;
  }

  grow(): void {
    this.#buffer = Buffer.allocUnsafeSlow(this.#buffer.length * 2);
    this.release();
  }

  /** Forgets the bytes; a buffer that one long line had made large is given back. */
  release(): void {
    this.owner = null;
    this.from = 0;
    this.to = 0;
  }

  shrink(): void {
    if (this.#buffer.length > this.#normalBytes + maxTailBytes) {
      this.#buffer = Buffer.allocUnsafeSlow(this.#normalBytes + maxTailBytes);
      this.release();
    }
  }
}

/**
 * One file that is being tailed, known by its identity and not by its name. `position` is what every channel has
 * committed; `readTo` is how far batches have been made.
 */
export class TailedFile {
  readonly dev: number;
  readonly ino: number;
  /** The path that events show, which is where the file stood when its lines were written. */
  readonly path: string;
  readonly group: string;
  readonly headers: Headers;
  position: number;
  readTo: number;
  /** Size when last looked at, and the largest seen since reading began at 0. */
  knownSize = 0;
  largestSize = 0;
  /** What is known of the bytes before `position`. */
  identity: FileIdentity;
  mtimeMs = 0;
  /** When bytes last came, by the monotonic clock (ms). */
  lastGrowthMs = 0;
  /** Closed because nothing came for long; opened again when its size or time changes. */
  asleep = false;
  /** No directory entry of the group shows this file any more. */
  gone = false;
  /** Where an old generation has moved to; messages name it. */
  currentPath: string;
  slot = -1;
  #fd = -1;
  #tail = Buffer.alloc(maxTailBytes);
  #tailBytes = 0;

  constructor(init: {
    stat: Stats;
    path: string;
    group: string;
    headers: Headers;
    position: number;
    nowMs: number;
    identity?: FileIdentity;
  }) {
    this.dev = init.stat.dev;
    this.ino = init.stat.ino;
    this.path = init.path;
    this.currentPath = init.path;
    this.group = init.group;
    this.headers = init.headers;
    this.position = init.position;
    this.readTo = init.position;
    this.identity = init.identity ?? {
      dev: this.dev,
      ino: this.ino,
      headBytes: 0,
      headCrc: 0,
      tailBytes: 0,
      tailCrc: 0,
    };
    this.mtimeMs = init.stat.mtimeMs;
    this.lastGrowthMs = init.nowMs;
  }

  get isOpen(): boolean {
    return this.#fd >= 0;
  }

  get fd(): number {
    return this.#fd;
  }

  /** Opens the file. Throws the system's error (EACCES, EMFILE, …); ENOENT when it was moved meanwhile. */
  open(): void {
    if (this.isOpen) return;
    const fd = openSync(this.currentPath, 'r');
    const stat = fstatSync(fd);
    if (stat.ino !== this.ino || stat.dev !== this.dev) {
      closeSync(fd);
      throw Object.assign(new Error(`${this.currentPath} is another file by now`), { code: 'ENOENT' });
    }
    this.#fd = fd;
  }

  close(): void {
    if (this.isOpen) closeSync(this.#fd);
    this.#fd = -1;
  }

  /** What a directory scan saw of the file; wakes it when it changed since it was closed. */
  seen(stat: Stats): void {
    if (stat.size !== this.knownSize || stat.mtimeMs !== this.mtimeMs) this.asleep = false;
  }

  /** Looks at size and time; whether the file changed since the last look. */
  refresh(nowMs: number): { grew: boolean; links: number } {
    const stat = fstatSync(this.#fd);
    const grew = stat.size !== this.knownSize || stat.mtimeMs !== this.mtimeMs;
    if (grew) this.lastGrowthMs = nowMs;
    this.knownSize = stat.size;
    this.largestSize = Math.max(this.largestSize, stat.size);
    this.mtimeMs = stat.mtimeMs;
    return { grew, links: stat.nlink };
  }

  /** Every channel has committed what stands before `end`. */
  committed(end: number, tail: TailMark): FileIdentity {
    this.position = end;
    if (this.identity.headBytes < Math.min(maxHeadBytes, end)) {
      Object.assign(this.identity, headMark(this.#fd, end));
    }
    this.identity.tailBytes = tail.bytes;
    this.identity.tailCrc = tail.crc;
    return this.identity;
  }

  /** Starts again from the given position (0 after a truncation); forgets what stood before it. */
  restart(position: number): void {
    this.position = position;
    this.readTo = position;
    this.largestSize = 0;
    this.#tailBytes = 0;
    this.identity = identityAt(this.#fd, { dev: this.dev, ino: this.ino }, position);
  }

  /** Gives up batches that were made but not committed. */
  rewind(): void {
    this.readTo = this.position;
    this.#tailBytes = 0;
  }

  /** The next batch of whole lines after `readTo`. */
  async next(chunk: ChunkReader, options: TailedFileOptions): Promise<NextBatch> {
    for (;;) {
      if (chunk.owner === this) {
        const batch = this.#encode(chunk, options);
        if (batch !== null) return batch;
        if (chunk.isFull) {
          if (!chunk.canGrow) return this.#cutLine(chunk, options);
          chunk.grow();
        }
      }
      const filled = await this.#fill(chunk);
      if (filled === 'truncated') {
        chunk.release();
        return { kind: 'truncated' };
      }
      if (filled === 'nothing new') {
        const pending = chunk.unreadBytes;
        return { kind: 'end', pending };
      }
    }
  }

  /** The waiting bytes of a last line without newline, as an event; null when there are none. */
  async rest(chunk: ChunkReader, options: TailedFileOptions): Promise<NextBatch | null> {
    const next = await this.next(chunk, options);
    if (next.kind !== 'end' || next.pending === 0) return next.kind === 'end' ? null : next;
    return this.#cutLine(chunk, options);
  }

  #encode(chunk: ChunkReader, options: TailedFileOptions): NextBatch | null {
    if (options.byteOffsetHeader !== undefined) return this.#encodeWithOffsets(chunk, options);
    const { batch, consumed } = encodeLines(chunk.bytes, chunk.from, chunk.to, {
      maxEvents: options.maxEvents,
      stripCarriageReturn: true,
      timestampMs: Date.now(),
    });
    if (batch === null) return null;
    return this.#taken(chunk, consumed, batch.withSharedHeaders(this.headers));
  }

  #encodeWithOffsets(chunk: ChunkReader, options: TailedFileOptions): NextBatch | null {
    const builder = new BatchBuilder();
    const { bytes } = chunk;
    let at = chunk.from;
    while (builder.count < options.maxEvents) {
      const newline = bytes.indexOf(10, at);
      if (newline < 0 || newline >= chunk.to) break;
      const end = newline > at && bytes[newline - 1] === 13 ? newline - 1 : newline;
      const offset = this.readTo + (at - chunk.from);
      builder.add(bytes.subarray(at, end), new Map([[options.byteOffsetHeader!, String(offset)]]));
      at = newline + 1;
    }
    if (builder.count === 0) return null;
    return this.#taken(chunk, at - chunk.from, builder.build(this.headers));
  }

  /** Everything unread as one event, newline or not. */
  #cutLine(chunk: ChunkReader, options: TailedFileOptions): NextBatch {
    const builder = new BatchBuilder();
    const body = chunk.bytes.subarray(chunk.from, chunk.to);
    const header = options.byteOffsetHeader;
    builder.add(body, header === undefined ? undefined : new Map([[header, String(this.readTo)]]));
    const batch = builder.build(this.headers);
    const taken = this.#taken(chunk, chunk.unreadBytes, batch);
    chunk.shrink();
    return taken;
  }

  #taken(chunk: ChunkReader, consumed: number, batch: EventBatch): NextBatch {
    chunk.from += consumed;
    this.readTo += consumed;
    this.#tailBytes = Math.min(maxTailBytes, chunk.from);
    chunk.bytes.copy(this.#tail, 0, chunk.from - this.#tailBytes, chunk.from);
    const crc = crc32c(this.#tail.subarray(0, this.#tailBytes));
    return { kind: 'batch', batch, end: this.readTo, tail: { bytes: this.#tailBytes, crc } };
  }

  /** Reads from a little before `readTo` as much as the chunk takes. */
  async #fill(chunk: ChunkReader): Promise<'filled' | 'nothing new' | 'truncated'> {
    const had = chunk.owner === this ? chunk.unreadBytes : 0;
    const overlap = Math.min(this.#tailBytes, this.readTo);
    chunk.release();
    const start = this.readTo - overlap;
    const got = await read(this.#fd, chunk.bytes, chunk.bytes.length, start);
    if (got < overlap || chunk.bytes.compare(this.#tail, 0, overlap, 0, overlap) !== 0) return 'truncated';
    if (got === overlap && overlap === 0 && fstatSync(this.#fd).size < this.readTo) return 'truncated';
    chunk.owner = this;
    chunk.from = overlap;
    chunk.to = got;
    return got - overlap > had ? 'filled' : 'nothing new';
  }
}

function read(fd: number, buffer: Buffer, length: number, position: number): Promise<number> {
  return new Promise((resolve, reject) => {
    readCallback(fd, buffer, 0, length, position, (error, bytes) =>
      error === null ? resolve(bytes) : reject(error),
    );
  });
}
