import { setTimeout as sleep } from 'node:timers/promises';
import { SourceCounter } from '../component/counters.ts';
import { defineSource, type SourceContext } from '../component/define.ts';
import type { PollableSource, ProcessStatus } from '../component/source.ts';
import { type OptionFinding, type OptionValues, opt } from '../config/options.ts';
import type { EventBatch } from '../records/event-batch.ts';
import { errorText, hasErrno } from '../runtime/errors.ts';
import { expandHome } from '../runtime/home-path.ts';
import { FileGroup, inFlumeOrder } from './taildir/file-groups.ts';
import { FileSet } from './taildir/file-set.ts';
import { formatPositions, loadPositions, savePositions } from './taildir/position-file.ts';
import { type JournalEntry, PositionJournal, readJournal } from './taildir/position-journal.ts';
import { ChunkReader, type NextBatch, type TailedFile } from './taildir/tailed-file.ts';

const options = {
  filegroups: opt.list({ doc: 'Names of the file groups.', required: true }),
  filegroupPaths: opt.map({
    doc: 'filegroups.NAME: an absolute path whose last segment is a Java regular expression.',
    prefix: 'filegroups',
  }),
  headers: opt.map({ doc: 'headers.GROUP.KEY: a header for every event of that group.' }),
  positionFile: opt.string({
    doc: "Where positions are kept, in Flume's JSON form.",
    default: '~/.flume/taildir_position.json',
  }),
  byteOffsetHeader: opt.boolean({
    doc: 'Whether events show where their line starts (header `byteoffset`).',
    default: false,
  }),
  skipToEnd: opt.boolean({
    doc: 'Whether files without a stored position at the start are read from their end.',
    default: false,
  }),
  idleTimeout: opt.int({
    doc: 'A file without new bytes for this long is closed; a last line without newline is sent.',
    unit: 'ms',
    default: 120_000,
    min: 0,
  }),
  writePosInterval: opt.int({
    doc: 'How often the position file is written.',
    unit: 'ms',
    default: 3000,
    min: 1,
  }),
  batchSize: opt.int({ doc: 'Most lines of one transaction.', unit: 'events', default: 100, min: 1 }),
  maxBatchCount: opt.int({
    doc: 'Most batches read from one file before the next has its turn.',
    default: Number.MAX_SAFE_INTEGER,
    min: 1,
  }),
  cachePatternMatching: opt.boolean({
    doc: 'Whether a directory is listed again only when its time changed.',
    default: true,
  }),
  fileHeader: opt.boolean({ doc: "Whether events show their file's path.", default: false }),
  fileHeaderKey: opt.string({ doc: 'The name of that header.', default: 'file' }),
} as const;

type Options = OptionValues<typeof options>;

/** The first save of the position file comes this long after the start, as in Flume. */
const firstSaveMs = 5000;
/** A file that still has bytes gives way to the next one after this many. */
const visitBytes = 16 * 1024 * 1024;
/** A deleted file that nobody writes to any more is let go after this long, so that it does not fill the disk. */
const deletedGraceMs = 5000;
/**
 * Bytes of one read, and so the most of one batch: with what encoding adds to ten thousand lines they still fit into
 * one produce request of Kafka's default size (1 MiB), so that no batch has to be cut, which copies it.
 */
const mostChunkBytes = 896 * 1024;
const leastChunkBytes = 256 * 1024;
const shortestPollMs = 10;
const longestPollMs = 250;

/** TAILDIR: follows growing files, by identity, and sends each line once (o.a.f.source.taildir.TaildirSource). */
class TaildirSource implements PollableSource {
  readonly counter = new SourceCounter();
  readonly #context: SourceContext<typeof options>;
  readonly #options: Options;
  readonly #chunk: ChunkReader;
  readonly #journalPath: string;
  readonly #positionPath: string;
  readonly #unreadable = new Set<string>();
  #set: FileSet | null = null;
  #journal: PositionJournal | null = null;
  #savedText = '';
  #nextSaveMs = 0;
  #saving: Promise<void> = Promise.resolve();
  #pollMs = shortestPollMs;
  #nextScanMs = 0;
  /** The put that is on its way while the next batch is made. */
  #inFlight: Promise<void> | null = null;

  constructor(context: SourceContext<typeof options>) {
    this.#context = context;
    this.#options = context.options;
    this.#positionPath = expandHome(this.#options.positionFile);
    this.#journalPath = `${this.#positionPath}.journal`;
    this.#chunk = new ChunkReader(
      Math.min(mostChunkBytes, Math.max(leastChunkBytes, this.#options.batchSize * 256)),
    );
  }

  async start(): Promise<void> {
    const { log } = this.#context;
    const stored = loadPositions(this.#positionPath);
    if (stored.problem !== null)
      log.error(`Failed loading positionFile: ${this.#positionPath}: ${stored.problem}`);
    const journal = readJournal(this.#journalPath, stored.text);
    this.#set = new FileSet(
      {
        groups: this.#groups(),
        skipToEnd: this.#options.skipToEnd,
        fileHeaderKey: this.#options.fileHeader ? this.#options.fileHeaderKey : undefined,
        log,
        lost: (file, bytes, why) => this.#lost(file, bytes, why),
      },
      stored.entries,
      journal,
    );
    const now = performance.now();
    this.#set.scan(now);
    this.#openJournal(stored.text, this.#set);
    this.#nextSaveMs = now + firstSaveMs;
    this.counter.start();
  }

  async stop(): Promise<void> {
    await this.#inFlight?.catch(() => {});
    this.#inFlight = null;
    await this.#saving;
    const set = this.#set;
    if (set !== null) {
      await this.#save(set);
      for (const file of set.files) file.close();
    }
    this.#set = null;
    this.#journal?.close();
    this.#journal = null;
    this.#chunk.release();
    this.counter.stop();
  }

  /** One round over all files. Waits a little by itself when nothing is new, so it is always ready. */
  async process(signal: AbortSignal): Promise<ProcessStatus> {
    const set = this.#set!;
    const now = performance.now();
    if (now >= this.#nextScanMs) {
      set.scan(now);
      this.#nextScanMs = now + Math.min(1000, Math.max(longestPollMs, set.size));
    }
    let events = 0;
    try {
      for (const file of set.files) {
        if (signal.aborted) break;
        events += await this.#visit(set, file, signal);
        this.#saveWhenDue(set);
      }
      await this.#settle();
    } catch (error) {
      this.#inFlight = null;
      this.#chunk.release();
      for (const file of set.files) file.rewind();
      if (!signal.aborted) throw error;
    }
    if (events === 0) {
      await sleep(Math.max(this.#pollMs, set.size / 4), undefined, { signal }).catch(() => {});
      this.#pollMs = Math.min(longestPollMs, this.#pollMs * 2);
    } else {
      this.#pollMs = shortestPollMs;
    }
    return 'ready';
  }

  #groups(): readonly FileGroup[] {
    const { filegroups, filegroupPaths, headers, cachePatternMatching } = this.#options;
    const groups = filegroups.map((name) => {
      const own = [...headers].flatMap(([key, value]): [string, string][] =>
        key.startsWith(`${name}.`) ? [[key.slice(name.length + 1), value]] : [],
      );
      return new FileGroup(name, expandHome(filegroupPaths.get(name)!), new Map(own), cachePatternMatching);
    });
    return inFlumeOrder(groups);
  }

  #openJournal(text: string | null, set: FileSet): void {
    const files = new Map(set.files.map((file) => [file.ino, file]));
    const entries: JournalEntry[] = set.files.map(({ identity, position }) => ({ identity, position }));
    this.#journal = PositionJournal.replace(
      this.#journalPath,
      text,
      [...entries, ...set.unclaimed],
      (entry, slot) => {
        const file = files.get(entry.identity.ino);
        if (file !== undefined) file.slot = slot;
      },
    );
  }

  /** Reads one file until it has no more whole lines, or its turn is over. Returns the number of events. */
  async #visit(set: FileSet, file: TailedFile, signal: AbortSignal): Promise<number> {
    if (!file.isOpen && (file.asleep || !this.#open(set, file))) return 0;
    const now = performance.now();
    const { grew, links } = file.refresh(now);
    if (!grew && file.readTo === file.knownSize) {
      await this.#letGoWhenIdle(set, file, links, now, signal);
      return 0;
    }
    let events = 0;
    const visitEnd = file.readTo + visitBytes;
    for (let batches = 0; batches < this.#options.maxBatchCount && file.readTo < visitEnd; batches++) {
      const next = await file.next(this.#chunk, this.#fileOptions());
      if (next.kind === 'truncated') {
        await this.#settle();
        set.truncated(file, now);
        break;
      }
      if (next.kind === 'end') {
        if (!grew) await this.#letGoWhenIdle(set, file, links, now, signal);
        break;
      }
      events += next.batch.count;
      await this.#deliver(file, next, signal);
      if (signal.aborted) break;
    }
    return events;
  }

  #fileOptions(): { maxEvents: number; byteOffsetHeader: string | undefined } {
    const { batchSize, byteOffsetHeader } = this.#options;
    return { maxEvents: batchSize, byteOffsetHeader: byteOffsetHeader ? 'byteoffset' : undefined };
  }

  #open(set: FileSet, file: TailedFile): boolean {
    try {
      file.open();
      this.#unreadable.delete(file.path);
      return true;
    } catch (error) {
      if (file.gone && hasErrno(error, 'ENOENT')) {
        this.#forget(set, file);
        return false;
      }
      if (!this.#unreadable.has(file.path)) {
        this.#unreadable.add(file.path);
        this.counter.eventReadFail += 1;
        this.#context.log.warn(`Can't read ${file.currentPath}: ${errorText(error)}; it is tried again`);
      }
      return false;
    }
  }

  /** Sends what is left of a file that nobody writes to any more, and closes it. */
  async #letGoWhenIdle(
    set: FileSet,
    file: TailedFile,
    links: number,
    now: number,
    signal: AbortSignal,
  ): Promise<void> {
    const { idleTimeout } = this.#options;
    const patience = links === 0 ? Math.min(idleTimeout, deletedGraceMs) : idleTimeout;
    if (now - file.lastGrowthMs < patience) return;
    const rest = await file.rest(this.#chunk, this.#fileOptions());
    if (rest?.kind === 'truncated') {
      set.truncated(file, now);
      return;
    }
    if (rest?.kind === 'batch') await this.#deliver(file, rest, signal);
    await this.#settle();
    if (file.gone) {
      this.#forget(set, file);
      return;
    }
    file.close();
    file.asleep = true;
  }

  #forget(set: FileSet, file: TailedFile): void {
    if (file.slot >= 0) this.#journal?.release(file.slot);
    set.remove(file);
  }

  /** Puts a batch; the next one may be made meanwhile, but never overtakes it. */
  async #deliver(
    file: TailedFile,
    next: Extract<NextBatch, { kind: 'batch' }>,
    signal: AbortSignal,
  ): Promise<void> {
    await this.#settle();
    const { counter } = this;
    counter.eventReceived += next.batch.count;
    counter.appendBatchReceived += 1;
    this.#inFlight = this.#putUntilTaken(next.batch, signal).then(() => {
      counter.eventAccepted += next.batch.count;
      counter.appendBatchAccepted += 1;
      const identity = file.committed(next.end, next.tail);
      if (file.slot < 0) file.slot = this.#journal!.allocate();
      this.#journal!.write(file.slot, { identity, position: file.position });
    });
    this.#inFlight.catch(() => {}); // whoever settles it next sees the error
  }

  async #settle(): Promise<void> {
    const put = this.#inFlight;
    this.#inFlight = null;
    await put;
  }

  /** The same lines again after 1, 2, 4, 5, 5 … s (ReliableTaildirEventReader's back-off); ends when aborted. */
  async #putUntilTaken(batch: EventBatch, signal: AbortSignal): Promise<void> {
    for (let delayMs = 1000; ; delayMs = Math.min(5000, delayMs * 2)) {
      try {
        await this.#context.channels.put(batch);
        return;
      } catch (error) {
        this.counter.channelWriteFail += 1;
        this.#context.log.warn(
          `The channel is full or unexpected failure. The source will try again after ${delayMs} ms: ${errorText(error)}`,
        );
        await sleep(delayMs, undefined, { signal });
      }
    }
  }

  #lost(file: string, bytes: number, why: string): void {
    this.counter.eventReadFail += 1;
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

  #saveWhenDue(set: FileSet): void {
    const now = performance.now();
    if (now < this.#nextSaveMs) return;
    this.#nextSaveMs = now + this.#options.writePosInterval;
    this.#saving = this.#saving.then(() => this.#save(set));
  }

  async #save(set: FileSet): Promise<void> {
    const text = formatPositions(set.positions());
    if (text === this.#savedText) return;
    try {
      await savePositions(this.#positionPath, text);
      this.#savedText = text;
      this.#journal?.noteSaved(text);
    } catch (error) {
      this.#context.log.error(`Failed writing positionFile: ${this.#positionPath}: ${errorText(error)}`);
    }
  }
}

export const taildirSource = defineSource({
  type: 'TAILDIR',
  classNames: ['org.apache.flume.source.taildir.TaildirSource'],
  summary: 'Follows growing files, line by line, through rotation and restarts.',
  options,
  batchSizeOption: 'batchSize',
  validate: ({ filegroups, filegroupPaths }) => {
    const faults: OptionFinding[] = [];
    for (const name of filegroups) {
      const path = filegroupPaths.get(name);
      if (path === undefined) {
        const message = `filegroups.${name} is missing: each name in filegroups needs its path`;
        faults.push({ key: 'filegroups', message });
        continue;
      }
      try {
        new FileGroup(name, expandHome(path), new Map(), false);
      } catch (error) {
        faults.push({ key: `filegroups.${name}`, message: errorText(error) });
      }
    }
    return faults;
  },
  create: (context) => new TaildirSource(context),
});
