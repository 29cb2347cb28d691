/** TAILDIR in a world in memory, for tests that tell it step by step what happens. */
import { SourceCounter } from '../../../millrace/src/component/counters.ts';
import type { FateListener } from '../../../millrace/src/component/lifetime.ts';
import type { ChannelProcessor, PutOptions } from '../../../millrace/src/component/source.ts';
import { FileGroup } from '../../../millrace/src/components/taildir/file-groups.ts';
import { Tailing } from '../../../millrace/src/components/taildir/tailing.ts';
import type { TailingOptions } from '../../../millrace/src/components/taildir/tailing-options.ts';
import { MemoryFiles } from '../../../millrace/src/log/memory-files.ts';
import type { EventBatch } from '../../../millrace/src/records/event-batch.ts';
import type { LayerFile, OpenMode } from '../../../millrace/src/runtime/files.ts';
import { silentLogger } from '../../../millrace/src/runtime/logger.ts';
import { readJournal } from '../../../millrace/src/tracking/position-journal.ts';
import { TailWorld } from './world.ts';

export const positionPath = '/state/positions.json';
export const [dirA, dirB] = ['/a', '/b'];

/** Files of positions, of which each write is counted. */
class CountedFiles extends MemoryFiles {
  calls = 0;
  /** Writes until the process is killed: what comes later never reaches the disk. */
  writesLeft = Number.POSITIVE_INFINITY;

  override open(path: string, mode: OpenMode): LayerFile {
    const file = super.open(path, mode);
    const write = file.write.bind(file);
    file.write = (...args) => {
      this.calls++;
      if (this.writesLeft-- <= 0) throw new Error('killed');
      return write(...args);
    };
    return file;
  }
}

/** TAILDIR's engine over files in memory, told when to look. */
export class Tail {
  readonly world = new TailWorld(() => true);
  readonly state = new CountedFiles();
  bodies: string[] = [];
  headers: ReadonlyMap<string, string>[] = [];
  readonly lost: string[] = [];
  readonly warnings: string[] = [];
  fates: FateListener[] = [];
  /** Where lines go, instead of into `bodies`. */
  channels: ChannelProcessor | null = null;
  #options: TailingOptions;
  #tailing: Tailing | null = null;

  constructor(patterns: readonly string[] = [`${dirA}/app\\.log`], more: Partial<TailingOptions> = {}) {
    this.world.makeFolder(dirA, 1n);
    this.world.makeFolder(dirB, 2n);
    const groups = patterns.map((it, i) => new FileGroup(`g${i}`, it, new Map([['group', `g${i}`]])));
    this.#options = {
      ...{
        groups,
        positionPath,
        maxEvents: 10,
        maxBatchCount: 1000,
        idleTimeoutMs: 2000,
        deletedTimeoutMs: 500,
      },
      ...{ cachePatternMatching: true, fileHeaderKey: 'file', byteOffsetHeader: undefined, source: 'r1' },
      ...{
        skipToEnd: false,
        skipBom: false,
        skipNul: false,
        continueReplaced: false,
        readCompressed: false,
        acknowledge: 'channel',
        lineGroups: null,
        eventTimeoutMs: 1000,
      },
      ...more,
    };
  }

  write(path: string, ...lines: string[]): void {
    const file = this.world.at(path) ?? this.world.create(path);
    this.world.append(file, Buffer.from(lines.map((line) => `${line}\n`).join('')));
  }

  async start(): Promise<void> {
    const { world } = this;
    const surroundings = {
      files: world,
      state: this.state,
      nowMs: () => world.clockMs,
      pause: async () => {},
    };
    const log = { ...silentLogger, warn: (text: string) => this.warnings.push(text) };
    const context = { counter: new SourceCounter(), log };
    this.#tailing = new Tailing(
      surroundings,
      {
        ...context,
        channels: this.channels ?? {
          put: (batch: EventBatch, options?: PutOptions) => this.#put(batch, options),
        },
        report: ({ message }) => this.lost.push(message),
      },
      this.#options,
    );
    await this.#tailing.scan();
    await this.rounds(3);
  }

  async #put(batch: EventBatch, { onFate }: PutOptions = {}): Promise<void> {
    for (const event of batch) {
      this.bodies.push(event.body.toString());
      this.headers.push(event.headers());
    }
    this.fates.push(onFate!);
  }

  async rounds(count: number, eachMs = 300): Promise<void> {
    for (let i = 0; i < count; i++) {
      this.world.clockMs += eachMs;
      await this.#tailing!.round(new AbortController().signal);
    }
  }

  /** The most calls to the file system between two turns of the event loop. */
  async mostCallsOfATurn(action: () => Promise<void>): Promise<number> {
    const calls = () => this.world.calls + this.state.calls;
    let [before, most, runs] = [calls(), 0, true];
    const turn = () => {
      const now = calls();
      most = Math.max(most, now - before);
      before = now;
      if (runs) setImmediate(turn);
    };
    turn();
    await action();
    runs = false;
    return Math.max(most, calls() - before);
  }

  async stop(): Promise<void> {
    await this.#tailing!.close();
  }

  async settle(): Promise<void> {
    await this.#tailing!.settle();
  }

  kill(): void {
    this.world.closeAll();
    this.state.writesLeft = Number.POSITIVE_INFINITY;
  }

  /** The process is killed on its way: of what it does until `kill`, only so many writes of positions count. */
  killAfter(writes: number): void {
    this.state.writesLeft = writes;
  }

  /** Below 0: it was killed by then. */
  get writesLeft(): number {
    return this.state.writesLeft;
  }

  get size(): number {
    return this.#tailing!.size;
  }

  /** Files that a restart would know. */
  get remembered(): number {
    return readJournal(this.state, `${positionPath}.journal`, null).entries.length;
  }

  /** What came since the last call. */
  take(): string[] {
    const { bodies } = this;
    this.bodies = [];
    this.headers = [];
    return bodies;
  }
}

/** Lines of one kind, numbered. */
export const lines = (name: string, count: number) =>
  Array.from({ length: count }, (_, i) => `${name} line ${i}`);
