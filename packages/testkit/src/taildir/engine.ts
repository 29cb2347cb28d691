/** TAILDIR's engine in the model's world: rounds, stops, kills at any call, and a channel that may lose what it holds. */
import { SourceCounter } from '../../../millrace/src/component/counters.ts';
import type { PutOptions } from '../../../millrace/src/component/source.ts';
import type { FileGroup } from '../../../millrace/src/components/taildir/file-groups.ts';
import { Tailing } from '../../../millrace/src/components/taildir/tailing.ts';
import type { TailingOptions } from '../../../millrace/src/components/taildir/tailing-options.ts';
import type { MemoryFiles } from '../../../millrace/src/log/memory-files.ts';
import type { EventBatch } from '../../../millrace/src/records/event-batch.ts';
import type { Diagnostic } from '../../../millrace/src/runtime/diagnostics.ts';
import { MillraceError } from '../../../millrace/src/runtime/errors.ts';
import type { FileLayer, LayerFile } from '../../../millrace/src/runtime/files.ts';
import { silentLogger } from '../../../millrace/src/runtime/logger.ts';
import type { SourceFiles } from '../../../millrace/src/tracking/source-files.ts';
import type { Chance } from '../oracle/seed.ts';
import { count, type Ledger, type Line, type Put } from './ledger.ts';
import type { TailWorld } from './world.ts';

export interface EngineSettings {
  readonly groups: readonly FileGroup[];
  readonly batchSize: number;
  readonly idleTimeoutMs: number;
  readonly cachePatternMatching: boolean;
  readonly readCompressed: boolean;
  readonly maxBatchCount: number;
  readonly acknowledge: 'channel' | 'delivered';
  /** Lines that begin with a blank belong to the event before. */
  readonly multiline: boolean;
  /** Whether the channel keeps its events beyond the end of a process. */
  readonly durable: boolean;
  /** Whether it keeps with its events how far each file has come. */
  readonly keepsProgress: boolean;
}

export const positionPath = '/state/positions.json';

const lineGroups = { begins: (line: string) => !line.startsWith(' '), maxLines: 100, maxBytes: 1_000_000 };

class Killed extends Error {}

/** One process: each call that it makes to the outside may be its last. */
class Life {
  /** Calls until the kill. */
  fuel = Number.POSITIVE_INFINITY;
  dead = false;

  spend(): void {
    if (!this.dead && this.fuel-- > 0) return;
    this.dead = true;
    throw new Killed('killed');
  }
}

export class TailEngine {
  readonly #world: TailWorld;
  readonly #state: MemoryFiles;
  readonly #ledger: Ledger;
  readonly #chance: Chance;
  readonly #settings: EngineSettings;
  readonly #note: (what: string) => void;
  /** Stats of paths since the last whole round. */
  readonly #looked = new Set<string>();
  #life = new Life();
  #tailing: Tailing | null = null;
  /** Puts of this life, in their order, from the first whose fate is open. */
  #puts: Put[] = [];
  #lastPut: Put | null = null;
  #refused: EventBatch | null = null;
  /** What the channel keeps of the source's progress. */
  readonly #places = new Map<string, string>();
  /** Batches that the channel took, in all lives. */
  taken = 0;
  /** Puts that the channel refuses before it takes one. */
  refusals = 0;

  constructor(
    world: TailWorld,
    state: MemoryFiles,
    ledger: Ledger,
    chance: Chance,
    settings: EngineSettings,
    note: (what: string) => void,
  ) {
    this.#world = world;
    this.#state = state;
    this.#ledger = ledger;
    this.#chance = chance;
    this.#settings = settings;
    this.#note = note;
  }

  get runs(): boolean {
    return this.#tailing !== null;
  }

  get size(): number {
    return this.#tailing?.size ?? 0;
  }

  async start(fuel = Number.POSITIVE_INFINITY): Promise<void> {
    this.#life = new Life();
    this.#life.fuel = fuel;
    this.#looked.clear();
    const { groups, acknowledge, batchSize, idleTimeoutMs, maxBatchCount, cachePatternMatching } =
      this.#settings;
    const { readCompressed } = this.#settings;
    const options: TailingOptions = {
      ...{ groups, acknowledge, idleTimeoutMs, maxBatchCount, cachePatternMatching, positionPath },
      readCompressed,
      ...{ maxEvents: batchSize, deletedTimeoutMs: 1000, fileHeaderKey: 'file', byteOffsetHeader: undefined },
      ...{ skipToEnd: false, continueReplaced: false, skipBom: false, skipNul: false, source: 'r1' },
      ...{ lineGroups: this.#settings.multiline ? lineGroups : null, eventTimeoutMs: 700 },
    };
    await this.#guarded(async () => {
      const life = this.#life;
      const context = {
        counter: new SourceCounter(),
        log: silentLogger,
        report: ({ message }: Diagnostic) => this.#told(message),
      };
      const progress = { complete: true, placesOf: (key: string) => [this.#places.get(key)] };
      const channels = {
        put: (batch: EventBatch, put?: PutOptions) => this.#put(life, batch, put),
        progress: this.#settings.keepsProgress ? progress : undefined,
      };
      const world = {
        files: livingFiles(this.#world, life, (path) => this.#looked.add(path)),
        state: livingState(this.#state, life),
        nowMs: () => this.#world.clockMs,
        pause: async (ms: number) => {
          life.spend();
          this.#world.clockMs += ms;
        },
      };
      this.#tailing = new Tailing(world, { ...context, channels }, options);
      await this.#tailing.scan();
    });
    this.#looked.clear(); // what stood there then may be gone at the end of the first round
  }

  /** One round, which may end in a kill. Returns the paths that were looked at; null after a kill. */
  async round(fuel = Number.POSITIVE_INFINITY): Promise<ReadonlySet<string> | null> {
    this.#life.fuel = fuel;
    if (!(await this.#guarded(() => this.#tailing!.round(new AbortController().signal)))) return null;
    // Only now the positions of what was delivered before are written.
    while (this.#puts.length > 0 && this.#puts[0]!.settle === null) this.#puts.shift();
    const looked = new Set(this.#looked);
    this.#looked.clear();
    return looked;
  }

  async save(fuel = Number.POSITIVE_INFINITY): Promise<void> {
    this.#life.fuel = fuel;
    await this.#guarded(() => this.#tailing!.save());
  }

  /** Some of what the channel holds arrives, not always in the order in which it came. */
  deliver(all = false): void {
    for (const put of this.#puts) {
      if (put.settle === null || (!all && !this.#chance.bool(0.5))) continue;
      this.#settle(put, 'delivered');
    }
  }

  /** A clean stop. `lossy`: a memory channel can't get rid of all it holds. */
  async stop(lossy: boolean): Promise<void> {
    if (this.#life.dead) {
      this.kill(); // as a fate came in
      return;
    }
    const tailing = this.#tailing!;
    this.#life.fuel = Number.POSITIVE_INFINITY;
    await tailing.close();
    let lost = false;
    for (const put of this.#puts) {
      const loses = put.settle !== null && !this.#settings.durable && lossy && this.#chance.bool(0.4);
      lost ||= loses;
      if (lost) mayRepeat(put); // its file goes back to before the first that was lost
      if (put.settle !== null)
        this.#settle(put, loses ? 'lost' : this.#settings.durable ? 'held' : 'delivered');
    }
    await tailing.settle();
    this.#end();
  }

  kill(): void {
    this.#life.dead = true;
    const { acknowledge, durable } = this.#settings;
    if (this.#lastPut !== null && !this.#settings.keepsProgress) {
      mayRepeat(this.#lastPut);
      for (const { line } of this.#lastPut.lines) line.stored = false;
    }
    for (const put of this.#puts) {
      if (acknowledge === 'delivered' && !this.#settings.keepsProgress) mayRepeat(put);
      else if (!durable && put.settle !== null) for (const { line } of put.lines) line.mayMiss = true;
    }
    this.#end();
  }

  #end(): void {
    this.#tailing = null;
    this.#puts = [];
    this.#lastPut = null;
    this.#refused = null;
    this.#world.closeAll();
  }

  /** False where the process was killed on the way. */
  async #guarded(action: () => Promise<unknown>): Promise<boolean> {
    try {
      await action();
    } catch (error) {
      if (!this.#life.dead) this.#ledger.faults.push(`threw ${error instanceof Error ? error.stack : error}`);
    }
    if (!this.#life.dead) return true;
    this.kill();
    return false;
  }

  async #put(life: Life, batch: EventBatch, { signal, onFate, progress }: PutOptions = {}): Promise<void> {
    life.spend();
    if (signal === undefined || onFate === undefined)
      this.#ledger.faults.push('a put without signal or onFate');
    if (this.refusals > 0) {
      this.refusals--;
      this.#refused = batch;
      throw new MillraceError('CHANNEL_FULL', 'full');
    }
    if (this.#refused !== null && this.#refused !== batch)
      this.#ledger.faults.push('a retry of another batch');
    this.#refused = null;
    const lines: Put['lines'][number][] = [];
    for (const event of batch) {
      const pieces = this.#ledger.pieces(event.body.toString('utf8'));
      lines.push(...pieces);
      for (const { line } of pieces) this.#checkHeaders(line, event.headers());
    }
    const put: Put = { lines, settle: onFate ?? null, counted: false };
    this.taken++;
    if (this.#settings.keepsProgress) this.#places.set(progress!.key, progress!.place);
    this.#note(`    took ${shown(lines)}`);
    count(put, 'puts');
    for (const { line } of put.lines) line.stored = true;
    if (this.#settings.durable) this.#arrive(put);
    this.#puts.push(put);
    this.#lastPut = put;
    life.spend();
  }

  #told(message: string): void {
    const [, bytes, path] = /^at least (\d+) bytes of (\S+?\.log)\S* are lost/.exec(message) ?? [];
    this.#note(`    ${message}`);
    if (path === undefined) this.#ledger.faults.push(`told ${message}`);
    else this.#ledger.tell(path, Number(bytes));
  }

  #arrive(put: Put): void {
    if (put.counted) return;
    put.counted = true;
    count(put, 'arrivals');
  }

  #settle(put: Put, fate: 'delivered' | 'held' | 'lost'): void {
    if (fate !== 'lost') this.#arrive(put);
    const { settle } = put;
    if (fate !== 'delivered') this.#note(`    ${fate}: ${shown(put.lines)}`);
    put.settle = null;
    settle?.(fate);
  }

  /** A line shows its own group, and a path of its own stream: under a reused inode, too. */
  #checkHeaders({ stream, text }: Line, headers: ReadonlyMap<string, string>): void {
    const [path, group] = stream.split('@');
    const shown = headers.get('file') ?? '';
    if (headers.get('group') !== group || !(shown === path || shown.startsWith(`${path}.`)))
      this.#ledger.faults.push(`${text} came as of ${shown}, group ${headers.get('group')}`);
  }
}

/** Lines by their numbers, for whoever reads a history. */
function shown(lines: Put['lines']): string {
  return lines
    .map(({ line, piece }) => `${/#\d+/.exec(line.text)![0]}${piece === 'whole' ? '' : piece}`)
    .join(' ');
}

function mayRepeat(put: Put): void {
  for (const { line } of put.lines) line.mayRepeat++;
}

function livingFiles(files: TailWorld, life: Life, looked: (path: string) => void): SourceFiles {
  return {
    list(path) {
      life.spend();
      return files.list(path);
    },
    stat(path) {
      life.spend();
      const stat = files.stat(path);
      if (stat !== null) looked(path);
      return stat;
    },
    open(path) {
      life.spend();
      return files.open(path);
    },
    wallMs: () => files.wallMs(),
  };
}

function livingState(files: MemoryFiles, life: Life): FileLayer {
  const living = (file: LayerFile): LayerFile => ({
    path: file.path,
    size: () => file.size(),
    write(buffers, position) {
      life.spend();
      return file.write(buffers, position);
    },
    read: (into, position) => file.read(into, position),
    truncate(size) {
      life.spend();
      file.truncate(size);
    },
    datasync: async () => life.spend(),
    close: () => file.close(),
  });
  return Object.setPrototypeOf(
    {
      open(path: string, mode: 'read' | 'write' | 'create') {
        life.spend();
        return living(files.open(path, mode));
      },
      size: (path: string) => files.size(path),
      makeDir: (path: string) => files.makeDir(path),
      rename(from: string, to: string) {
        life.spend();
        files.rename(from, to);
      },
    },
    files,
  ) as FileLayer;
}
