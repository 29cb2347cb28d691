import { hasErrno } from '../../runtime/errors.ts';
import { Wait, type WaitReport } from '../../runtime/wait.ts';
import { Pace } from '../../tracking/pace.ts';
import { PackedFiles } from '../../tracking/packed-files.ts';
import { ChunkReader } from './chunk-reader.ts';
import { FileSet } from './file-set.ts';
import { isFileError } from './open-files.ts';
import { PositionStore } from './position-store.ts';
import { Putting } from './putting.ts';
import { SpanningEvents } from './spanning-events.ts';
import { loadStored } from './stored-positions.ts';
import type { NextBatch, TailedFile } from './tailed-file.ts';
import type { TailingContext, TailingOptions, TailingWorld } from './tailing-options.ts';
import { UnreadableFiles } from './unreadable-files.ts';

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

/** Reads the files of a FileSet in turn, puts their lines, and moves their positions. */
export class Tailing {
  readonly #world: TailingWorld;
  readonly #context: TailingContext;
  readonly #options: TailingOptions;
  readonly #pace = new Pace();
  readonly #chunk: ChunkReader;
  readonly #store: PositionStore;
  readonly #unreadable: UnreadableFiles;
  readonly #noFiles = new Wait('idle');
  readonly #set: FileSet;
  readonly #putting: Putting;
  /** Null where each line is an event. */
  readonly #spanning: SpanningEvents | null;
  #nextScanMs = 0;

  /** Reads what earlier runs left. Throws where neither position file nor journal can be written. */
  constructor(world: TailingWorld, context: TailingContext, options: TailingOptions) {
    this.#world = world;
    this.#context = context;
    this.#options = options;
    this.#chunk = new ChunkReader(chunkBytes);
    const journalPath = `${options.positionPath}.journal`;
    const { channels, counter, log } = context;
    const stored = loadStored(world.state, options.positionPath, journalPath, channels.progress);
    this.#unreadable = new UnreadableFiles(counter, log);
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
          this.#unreadable.forget(file);
          if (this.#chunk.owner === file) this.#chunk.release();
        },
        awaited: (file) => this.#store.await(file),
        forgotten: (file) => this.#store.release(file),
      },
      stored.files,
    );
    this.#store = new PositionStore(world.state, options.positionPath, stored.text, this.#set, context.log);
    this.#putting = new Putting(context, world.pause, options.acknowledge, this.#store);
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
    return [...(none === null ? [] : [none]), ...this.#unreadable.waits(this.#set.size)];
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
      await this.#putting.settle();
    } catch (error) {
      this.#putting.giveUp();
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
    await this.#putting.settle().catch(() => {});
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
      await this.#putting.settle();
      this.#failed(file, error, now);
      return 0;
    }
    this.#unreadable.wasRead(file);
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
        await this.#putting.settle();
        this.#nextScanMs = 0;
        break;
      }
      if (next.kind === 'end') {
        if (!grew) await this.#letGoWhenIdle(file, links, now, signal);
        break;
      }
      events += next.batch.count;
      file.isOwn = true;
      await this.#putting.deliver(file, next, signal);
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
    this.#unreadable.failed(file, error, now);
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
      await this.#putting.deliver(file, rest, signal);
    }
    await this.#putting.settle();
    if (deleted || file.gone) {
      this.#set.letGo(file, now);
      return;
    }
    const { packedBytes } = file;
    this.#set.open.close(file);
    if (file.packedBytes !== packedBytes) this.#store.moved(file, file.stored);
    file.phase = 'asleep';
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
