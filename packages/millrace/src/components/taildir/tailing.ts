import type { SourceCounter } from '../../component/counters.ts';
import type { Fate } from '../../component/lifetime.ts';
import { putUntilTaken } from '../../component/put-until-taken.ts';
import type { BatchProgress, ChannelProcessor } from '../../component/source.ts';
import type { EventBatch } from '../../records/event-batch.ts';
import type { Diagnostic } from '../../runtime/diagnostics.ts';
import { errorText, hasErrno } from '../../runtime/errors.ts';
import type { FileLayer } from '../../runtime/files.ts';
import type { Logger } from '../../runtime/logger.ts';
import { Wait, type WaitReport, waitReport } from '../../runtime/wait.ts';
import { Pace } from '../../tracking/pace.ts';
import { PackedFiles } from '../../tracking/packed-files.ts';
import type { SourceFiles } from '../../tracking/source-files.ts';
import { batchProgress } from './channel-progress.ts';
import { ChunkReader } from './chunk-reader.ts';
import type { Deliveries, FilePlace, Span } from './deliveries.ts';
import { FileSet } from './file-set.ts';
import { isFileError } from './open-files.ts';
import { PositionStore } from './position-store.ts';
import { ReadingAhead } from './reading-ahead.ts';
import { SpanningEvents } from './spanning-events.ts';
import { loadStored } from './stored-positions.ts';
import type { Settings } from './table.ts';
import type { NextBatch, ReadOptions, TailedFile } from './tailed-file.ts';

export interface TailingOptions extends Settings, ReadOptions {
  readonly positionPath: string;
  readonly cachePatternMatching: boolean;
  readonly readCompressed: boolean;
  readonly fileHeaderKey: string | undefined;
  readonly idleTimeoutMs: number;
  readonly deletedTimeoutMs: number;
  /** With `lineGroups`: an event goes on when nothing has come to its file for so long. */
  readonly eventTimeoutMs: number;
  readonly maxBatchCount: number;
  readonly acknowledge: 'channel' | 'delivered';
}

/** The world around: in tests it is imitated. */
export interface TailingWorld {
  readonly files: SourceFiles;
  /** Where the position file and the journal are. */
  readonly state: FileLayer;
  /** Monotonic clock, ms. */
  nowMs(): number;
  pause(ms: number, signal: AbortSignal): Promise<void>;
}

export interface TailingContext {
  readonly channels: ChannelProcessor;
  readonly counter: SourceCounter;
  readonly log: Logger;
  report(diagnostic: Diagnostic): void;
}

type Batch = Extract<NextBatch, { kind: 'batch' }>;

/** A file that still has bytes gives way to the next one after this many. */
const visitBytes = 16 * 1024 * 1024;
/**
 * Bytes of one read, and so the most of one batch: with what encoding adds to ten thousand lines they still fit into
 * one produce request of Kafka's default size (1 MiB), so that no batch has to be cut, which copies it. As much for
 * small batches: each read wakes a thread of the pool.
 */
const chunkBytes = 896 * 1024;
const leastScanMs = 250;
const mostScanMs = 1000;
const leastRetryMs = 100;
const mostRetryMs = 5000;

/** Reads the files of a FileSet in turn, puts their lines, and moves their positions. */
export class Tailing {
  readonly #world: TailingWorld;
  readonly #context: TailingContext;
  readonly #options: TailingOptions;
  readonly #pace = new Pace();
  readonly #chunk: ChunkReader;
  readonly #store: PositionStore;
  /** Files that can't be read, with the reason. */
  readonly #unreadable = new Map<TailedFile, { readonly why: string; readonly since: number }>();
  readonly #noFiles = new Wait('idle');
  readonly #set: FileSet;
  readonly #ahead = new ReadingAhead();
  /** Null where each line is an event. */
  readonly #spanning: SpanningEvents | null;
  #nextScanMs = 0;
  /** All channels keep how far each file has come. */
  readonly #channelsKnow: boolean;
  /** The put that is on its way while the next batch is made. */
  #inFlight: Promise<void> | null = null;

  /** Reads what earlier runs left. Throws where neither position file nor journal can be written. */
  constructor(world: TailingWorld, context: TailingContext, options: TailingOptions) {
    this.#world = world;
    this.#context = context;
    this.#options = options;
    this.#chunk = new ChunkReader(chunkBytes);
    const journalPath = `${options.positionPath}.journal`;
    const { progress } = context.channels;
    this.#channelsKnow = progress?.complete === true;
    const stored = loadStored(world.state, options.positionPath, journalPath, progress);
    if (stored.problem !== null)
      context.log.error(`Failed loading positionFile: ${options.positionPath}: ${stored.problem}`);
    this.#set = new FileSet(
      {
        ...options,
        files: options.readCompressed ? new PackedFiles(world.files) : world.files,
        pace: this.#pace,
        log: context.log,
        lost: (file, bytes, why) => this.#lost(file, bytes, why),
        looked: (snapshot) => this.#spanning?.looked(snapshot),
        added: (file) => this.#store.add(file),
        removed: (file) => {
          this.#unreadable.delete(file);
          if (this.#chunk.owner === file) this.#chunk.release();
        },
        awaited: (file) => this.#store.await(file),
        forgotten: (file) => this.#store.release(file),
      },
      stored.files,
    );
    this.#store = new PositionStore(world.state, options.positionPath, stored.text, this.#set, context.log);
    const { lineGroups } = options;
    this.#spanning = lineGroups === null ? null : new SpanningEvents(this.#spanningReader(), lineGroups);
  }

  #spanningReader(): ConstructorParameters<typeof SpanningEvents>[0] {
    return {
      chunk: this.#chunk,
      options: this.#options,
      has: (file) => this.#set.has(file),
      open: (file, now) => this.#open(file, now),
      failed: (file, error, now) => this.#failed(file, error, now),
      lookSoon: () => {
        this.#nextScanMs = 0;
      },
    };
  }

  get size(): number {
    return this.#set.size;
  }

  /** Looks at the folders now. */
  scan(): Promise<void> {
    return this.#scan(this.#world.nowMs());
  }

  /** For whoever looks: a file that can't be read is a fault where there is no other. */
  waits(): readonly WaitReport[] {
    const none = this.#noFiles.report();
    const [first] = this.#unreadable.values();
    const unreadable = this.#unreadable.size;
    const of = unreadable > 1 ? `${unreadable} of ${this.#set.size} files, the first is ` : '';
    const kind = unreadable >= this.#set.size ? 'fault' : 'held';
    return [
      ...(none === null ? [] : [none]),
      ...(first === undefined
        ? []
        : [waitReport(kind, `what can't be read: ${of}${first.why}`, first.since)]),
    ];
  }

  /** One round over all files; the number of events put. Rejects when a put was given up, as the signal aborts. */
  async round(signal: AbortSignal): Promise<number> {
    const now = this.#world.nowMs();
    if (now >= this.#nextScanMs) {
      this.#store.catchUp();
      await this.#scan(now);
      this.#nextScanMs = this.#world.nowMs() + Math.min(mostScanMs, Math.max(leastScanMs, this.#set.size));
    }
    let events = 0;
    try {
      for (const file of this.#set.order) {
        if (signal.aborted) break;
        if (!this.#set.has(file)) continue;
        if (this.#pace.due()) await this.#pace.breath();
        events += await this.#visitSafely(file, signal);
      }
      await this.#settlePut();
    } catch (error) {
      this.#inFlight = null;
      this.#chunk.release();
      for (const file of this.#set.all) file.rewind();
      throw error;
    }
    return events;
  }

  async #scan(now: number): Promise<void> {
    await this.#set.scan(now);
    this.#spanning?.scanned(this.#set, now);
    if (this.#set.size > 0) this.#noFiles.end();
    else
      this.#noFiles.begin(
        () => `files: none matches ${this.#options.groups.map(({ path }) => path).join(', ')}`,
      );
  }

  /** Writes the position file where something changed. */
  save(): Promise<void> {
    return this.#store.save();
  }

  /** Ends the put in hand, saves positions, and lets go of the files. `fates` may still come. */
  async close(): Promise<void> {
    await this.#inFlight?.catch(() => {});
    this.#inFlight = null;
    await this.#store.save();
    for (const file of this.#set.all) this.#set.open.close(file);
    this.#store.close();
    this.#chunk.release();
  }

  /** All fates are known: positions go back to before the first lost event of each file. Returns the files so treated. */
  settle(): Promise<number> {
    return this.#store.settle();
  }

  /** A file that can't be read does not hold up the others. */
  async #visitSafely(file: TailedFile, signal: AbortSignal): Promise<number> {
    const now = this.#world.nowMs();
    if (file.phase === 'waiting' || (file.phase === 'asleep' && !file.isOpen)) return 0;
    if (file.retryAtMs > now) return 0;
    if (!file.isOpen && !(await this.#open(file, now))) return 0;
    let events: number;
    try {
      events = await this.#visit(file, now, signal);
    } catch (error) {
      if (!isFileError(error)) throw error;
      await this.#settlePut();
      this.#failed(file, error, now);
      return 0;
    }
    if (file.failures > 0) {
      file.failures = 0;
      this.#unreadable.delete(file);
    }
    return events;
  }

  /** Reads one file until it has no more whole lines, or its turn is over. Returns the number of events. */
  async #visit(file: TailedFile, now: number, signal: AbortSignal): Promise<number> {
    const { grew, links } = file.look(now);
    if (!grew && file.readTo === file.knownSize) {
      await this.#letGoWhenIdle(file, links, now, signal);
      return 0;
    }
    if (this.#spanning !== null && (await this.#spanning.isHeld(file, now))) return 0;
    let events = 0;
    const visitEnd = file.readTo + visitBytes;
    for (let batches = 0; batches < this.#options.maxBatchCount && file.readTo < visitEnd; batches++) {
      const next = await this.#next(file, now);
      if (next.kind === 'rewritten') {
        await this.#settlePut();
        this.#nextScanMs = 0;
        break;
      }
      if (next.kind === 'end') {
        if (!grew) await this.#letGoWhenIdle(file, links, now, signal);
        break;
      }
      events += next.batch.count;
      file.isOwn = true;
      await this.#deliver(file, next, signal);
      if (signal.aborted) break;
    }
    return events;
  }

  async #next(file: TailedFile, now: number): Promise<NextBatch> {
    const next = await file.next(this.#chunk, this.#options);
    return this.#spanning === null || next.kind !== 'end' ? next : this.#spanning.ended(file, next, now);
  }

  async #open(file: TailedFile, now: number): Promise<boolean> {
    try {
      if (await this.#set.open.open(file, now)) return true;
      // It holds something else, or its name (a symbolic link) leads to another file: the table decides.
      this.#nextScanMs = 0;
      file.last = null;
      file.phase = 'waiting';
    } catch (error) {
      if (hasErrno(error, 'ENOENT', 'ENOTDIR')) file.phase = 'waiting';
      else this.#failed(file, error, now);
      file.last = null; // the next look at the folder tells more
    }
    return false;
  }

  #failed(file: TailedFile, error: unknown, now: number): void {
    this.#set.open.close(file);
    if (this.#chunk.owner === file) this.#chunk.release();
    file.retryAtMs = now + Math.min(mostRetryMs, leastRetryMs * 2 ** Math.min(file.failures, 10));
    file.failures += 1;
    if (this.#unreadable.has(file)) return;
    const why = `${file.shownPath}: ${errorText(error)}`;
    this.#unreadable.set(file, { why, since: Date.now() });
    this.#context.counter.eventReadFail += 1;
    this.#context.log.warn(`Can't read ${why}; it is tried again`);
  }

  /** Sends what is left of a file that nobody writes to any more, and closes it. */
  async #letGoWhenIdle(file: TailedFile, links: number, now: number, signal: AbortSignal): Promise<void> {
    const { idleTimeoutMs, deletedTimeoutMs } = this.#options;
    const deleted = links === 0;
    if (!file.isOpen || this.#spanning?.waits(file) === true) return;
    if (file.isWhole === false) return; // it is being written, or will be told as cut off
    const patience =
      deleted || file.isWhole === true ? Math.min(idleTimeoutMs, deletedTimeoutMs) : idleTimeoutMs;
    if (now - file.lastGrowthMs < patience) return;
    // Of lines that are one event, those that wait and one without its newline may be two.
    for (let most = this.#options.lineGroups === null ? 1 : 2; most > 0; most--) {
      const rest = await file.rest(this.#chunk, this.#options);
      if (rest?.kind === 'rewritten') {
        this.#nextScanMs = 0;
        return;
      }
      if (rest?.kind !== 'batch') break;
      await this.#deliver(file, rest, signal);
    }
    await this.#settlePut();
    if (deleted || file.gone) {
      this.#set.letGo(file, now);
      return;
    }
    const { packedBytes } = file;
    this.#set.open.close(file);
    if (file.packedBytes !== packedBytes) this.#store.moved(file, file.stored);
    file.phase = 'asleep';
  }

  /** Puts a batch; the next one may be made meanwhile, but never overtakes it. */
  async #deliver(file: TailedFile, { batch, from, to, head }: Batch, signal: AbortSignal): Promise<void> {
    await this.#settlePut();
    await this.#ahead.pause(batch.sizeBytes, signal);
    const { counter } = this.#context;
    counter.eventReceived += batch.count;
    counter.appendBatchReceived += 1;
    const { deliveries } = file;
    const headSpan = head?.file.deliveries.begin(head.from, head.to);
    const span = deliveries.begin(
      from,
      to,
      headSpan && ((fate) => this.#settled(head!.file.deliveries, headSpan, fate)),
    );
    this.#ahead.begin(batch.sizeBytes);
    const last = head ?? { file, from, to };
    const tail = head === undefined ? file.tail : { ...to, progressId: file.progressId, deliveries };
    const catchingUp = (last.file.ahead.at(-1) ?? 0) > last.from.position;
    const progress = batchProgress(last.file.progressId, last.to, catchingUp, tail);
    last.file.tail = tail;
    this.#inFlight = this.#putUntilTaken(deliveries, span, batch, { signal, progress }).then(
      () => {
        counter.eventAccepted += batch.count;
        counter.appendBatchAccepted += 1;
        // First that in which the event ended, which tells of the other, too.
        if (head !== undefined) this.#took(head.file, head.to);
        this.#took(file, to);
      },
      (error) => {
        deliveries.giveUp(span);
        if (headSpan !== undefined) {
          head!.file.deliveries.giveUp(headSpan);
          head!.file.tail = null;
        }
        this.#ahead.end(batch.sizeBytes);
        throw error;
      },
    );
    this.#inFlight.catch(() => {}); // whoever settles it next sees the error
  }

  #took(file: TailedFile, to: FilePlace): void {
    const isFirst = file.mark.headBytes === 0;
    file.took(to);
    if (this.#options.acknowledge === 'channel') this.#moved(file, to);
    else if (isFirst) this.#store.moved(file, file.stored); // it can be told from others from now on
  }

  /** What became of a batch in all channels. */
  #settled(deliveries: Deliveries<TailedFile>, span: Span, fate: Fate): void {
    const done = deliveries.settle(span, fate);
    if (done !== null && this.#options.acknowledge === 'delivered') this.#moved(deliveries.owner, done);
  }

  async #settlePut(): Promise<void> {
    const put = this.#inFlight;
    this.#inFlight = null;
    await put;
  }

  /** The same batch again after 1, 2, 4, 5, 5 … s (ReliableTaildirEventReader's back-off); ends when aborted. */
  #putUntilTaken(
    deliveries: Deliveries<TailedFile>,
    span: Span,
    batch: EventBatch,
    { signal, progress }: { signal: AbortSignal; progress: BatchProgress },
  ): Promise<void> {
    const { channels, counter, log } = this.#context;
    return putUntilTaken(channels, batch, {
      signal,
      progress,
      pause: this.#world.pause,
      onFate: (fate) => {
        this.#ahead.end(batch.sizeBytes);
        this.#settled(deliveries, span, fate);
      },
      rejected: (error, delayMs) => {
        counter.channelWriteFail += 1;
        log.warn(
          `The channel is full or unexpected failure. The source will try again after ${delayMs} ms: ${errorText(error)}`,
        );
      },
    });
  }

  #moved(file: TailedFile, to: FilePlace): void {
    if (this.#channelsKnow) this.#store.movedInChannels(file, to);
    else this.#store.moved(file, to);
  }

  #lost(file: string, bytes: number, why: string): void {
    this.#context.counter.eventReadFail += 1;
    this.#context.report({
      file,
      line: 0,
      column: 0,
      severity: 'warning',
      code: 'taildir-lost-bytes',
      message: `at least ${bytes} bytes of ${file} are lost: ${why}`,
      suggestion: 'rotate by renaming, or let logrotate use delaycompress and keep the copy beside the file',
    });
  }
}
