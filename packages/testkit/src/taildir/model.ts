/**
 * Random histories of tailed files against TAILDIR: writes, rotations, copies, deletes, inodes given again, moments in
 * which nothing can be read, stops and kills. For every line it is known whether it must arrive, and how often it may.
 */

import { inFlumeOrder } from '../../../millrace/src/components/taildir/file-groups.ts';
import { loadStored } from '../../../millrace/src/components/taildir/stored-positions.ts';
import { MemoryFiles } from '../../../millrace/src/log/memory-files.ts';
import { Chance } from '../oracle/seed.ts';
import { positionPath, TailEngine } from './engine.ts';
import { Ledger } from './ledger.ts';
import { Streams } from './streams.ts';
import { TailWorld } from './world.ts';

export interface HistoryResult {
  readonly steps: number;
  readonly lines: number;
  /** Events that stood in two files and were put as one. */
  readonly joined: number;
  readonly faults: readonly string[];
}

const errors = ['EACCES', 'EIO', 'ESTALE', 'EMFILE', 'EINTR'];

/** Rounds without a line after which nothing more is awaited: longer than every wait for a copy. */
const roundsOfRest = 90;
const mostRoundsToRest = 5000;

class History {
  readonly #chance: Chance;
  readonly #world: TailWorld;
  readonly #state = new MemoryFiles();
  readonly #ledger = new Ledger();
  readonly #engine: TailEngine;
  readonly #streams: Streams;
  #done: string[] = [];
  readonly #drawn: readonly string[];

  constructor(seed: number) {
    this.#chance = new Chance(seed);
    const chance = this.#chance;
    this.#world = new TailWorld(() => chance.bool(0.7));
    const multiline = chance.bool(0.4);
    this.#streams = new Streams(chance, this.#world, this.#ledger, multiline, (what) => this.#note(what));
    const readCompressed = chance.bool(0.6);
    const groups = this.#streams.draw(readCompressed);
    const settings = {
      groups: inFlumeOrder(groups),
      batchSize: chance.int(1, 8),
      idleTimeoutMs: chance.pick([400, 1500, 6000]),
      cachePatternMatching: chance.bool(),
      maxBatchCount: chance.pick([1, 3, Number.POSITIVE_INFINITY]),
      acknowledge: chance.pick(['channel', 'delivered'] as const),
      durable: chance.bool(),
      readCompressed,
      multiline,
      keepsProgress: false as boolean,
    };
    settings.keepsProgress = settings.durable && chance.bool();
    this.#engine = new TailEngine(this.#world, this.#state, this.#ledger, chance.fork(), settings, (what) =>
      this.#note(what),
    );
    const { groups: _, ...shown } = settings;
    this.#drawn = [
      JSON.stringify(shown),
      ...this.#streams.all.map(
        ({ path, regime, wide, keep, compress }) =>
          `${path}: ${regime}${wide ? ', wide' : ''}, ${keep} kept, ${JSON.stringify(compress)}`,
      ),
    ];
  }

  /** What was done last, for whoever reads a fault. */
  get log(): readonly string[] {
    return [...this.#drawn, ...this.#done];
  }

  async run(steps: number): Promise<HistoryResult> {
    await this.#engine.start();
    for (let step = 0; step < steps; step++) await this.#step();
    await this.#comeToRest();
    const faults = [...this.#ledger.verdict(), ...this.#leaks()];
    const { lines, joined } = this.#ledger;
    return { steps, lines: lines.length, joined, faults };
  }

  async #step(): Promise<void> {
    const chance = this.#chance;
    const draw = chance.int(0, 99);
    if (draw < 34) this.#streams.write(chance.pick(this.#streams.all));
    else if (draw < 60) await this.#round();
    else if (draw < 72) this.#streams.rotate(chance.pick(this.#streams.all));
    else if (draw < 75) this.#streams.compress(chance.pick(this.#streams.all));
    else if (draw < 80) this.#streams.advance(chance.pick([10, 50, 300, 300, 700, 1200, 4000, 11_000]));
    else if (draw < 84) this.#engine.deliver();
    else if (draw < 90) await this.#restart();
    else if (draw < 97) this.#accident();
    else if (draw < 99) this.#engine.refusals = chance.int(1, 3);
    else this.#streams.link(chance.pick(this.#streams.all));
  }

  #note(what: string): void {
    this.#done.push(`${this.#world.clockMs % 10_000_000} ${what}`);
    if (this.#done.length > 400) this.#done = this.#done.slice(-200);
  }

  async #round(fuel?: number): Promise<void> {
    if (!this.#engine.runs) return;
    this.#streams.advance(this.#chance.pick([0, 20, 260, 1100]));
    const looked = await this.#engine.round(fuel);
    this.#note(looked === null ? 'round, killed' : 'round');
    if (looked === null) this.#streams.ended();
    else this.#streams.looked(looked);
    this.#streams.dropNameless(looked !== null);
    if (looked !== null && this.#chance.bool(0.1))
      await this.#engine.save(this.#chance.bool(0.1) ? 2 : undefined);
    if (this.#engine.runs) return;
    this.#streams.ended();
    this.#streams.dropNameless();
  }

  /** Stops or kills, and starts again at once or later. */
  async #restart(): Promise<void> {
    const chance = this.#chance;
    if (!this.#engine.runs) {
      await this.#engine.start(chance.bool(0.1) ? chance.int(1, 40) : undefined);
      this.#note(this.#engine.runs ? 'start' : 'start, killed');
      return;
    }
    if (chance.bool(0.4)) {
      await this.#engine.stop(chance.bool(0.5));
      this.#note('stop');
    } else if (chance.bool(0.5)) await this.#round(chance.int(1, 60));
    else {
      this.#engine.kill();
      this.#note('kill');
    }
    if (!this.#engine.runs) this.#streams.ended();
    this.#streams.dropNameless();
    if (!this.#engine.runs && chance.bool(0.4)) await this.#engine.start();
  }

  #accident(): void {
    const chance = this.#chance;
    const stream = chance.pick(this.#streams.all);
    const draw = chance.int(0, 9);
    this.#note(`accident ${draw} ${stream.path}`);
    if (draw < 8) this.#ledger.disturb();
    if (draw < 4) {
      const path = stream.regime === 'symlink' || chance.bool(0.6) ? stream.path : `${stream.path}.1`;
      const [code, at] = [chance.pick(errors), chance.pick(['open', 'read', 'stat'] as const)];
      this.#world.faults.set(path, { code, at });
      this.#ledger.excuse(stream.path);
    } else if (draw < 5) this.#world.listFaults.set(stream.folder, chance.pick(errors));
    else if (draw < 7) this.#world.setFolder(stream.folder, chance.pick(['away', 'unmounted']));
    else if (draw < 8) {
      this.#world.descriptors = chance.int(1, 4);
      for (const { path } of this.#streams.all) this.#ledger.excuse(path);
    } else this.#mend();
  }

  #mend(): void {
    this.#world.faults.clear();
    this.#world.listFaults.clear();
    this.#world.descriptors = Number.POSITIVE_INFINITY;
    for (const folder of this.#streams.folders) this.#world.setFolder(folder, 'there');
  }

  /** Everything is mended but the shortage of descriptors; then all that can come comes. */
  async #comeToRest(): Promise<void> {
    const { descriptors } = this.#world;
    this.#mend();
    this.#world.descriptors = Math.max(2, descriptors);
    for (const stream of this.#streams.all) {
      this.#streams.complete(stream);
      this.#streams.goOn(stream);
      if (stream.copy !== null) this.#streams.copy(stream, false);
      this.#streams.compress(stream, true);
    }
    if (!this.#engine.runs) await this.#engine.start();
    this.#note('coming to rest');
    for (let [i, quiet] = [0, 0]; quiet < roundsOfRest && i < mostRoundsToRest; i++) {
      // The fuel of the last life may have ended between two rounds.
      if (!this.#engine.runs) await this.#engine.start();
      const { taken } = this.#engine;
      this.#world.clockMs += i % 8 === 7 ? 2500 : 600;
      await this.#engine.round();
      this.#engine.deliver(true);
      quiet = this.#engine.taken === taken ? quiet + 1 : 0;
    }
    this.#streams.dropNameless();
    const { taken } = this.#engine;
    // What is gone is let go when its folder changes.
    for (let i = 0; i < 8; i++) {
      this.#world.clockMs += 1200;
      for (const folder of this.#streams.folders) this.#world.create(`${folder}/other${i}`);
      await this.#engine.round();
    }
    if (this.#engine.taken > taken)
      this.#ledger.faults.push('lines came only when names came into their folder');
  }

  /** What is remembered must not outgrow what is there. */
  #leaks(): readonly string[] {
    this.#world.descriptors = Number.POSITIVE_INFINITY;
    const sizes = this.#streams.folders.map((folder) => this.#world.list(folder).length);
    // An empty folder may be a mount point: what was in it is remembered.
    if (sizes.includes(0)) return [];
    const there = sizes.reduce((sum, size) => sum + size, 0);
    const faults: string[] = [];
    const { size } = this.#engine;
    if (size > there + this.#streams.all.length) faults.push(`${size} files are remembered of ${there}`);
    const stored = loadStored(this.#state, positionPath, `${positionPath}.journal`).files.length;
    if (stored > size) faults.push(`the journal knows ${stored} files, of ${size} that are tailed`);
    return faults;
  }
}

/** One history from a seed; its last steps are told where it shows a fault. */
export async function runHistory(
  seed: number,
  steps: number,
): Promise<HistoryResult & { log: readonly string[] }> {
  const history = new History(seed);
  return { ...(await history.run(steps)), log: history.log };
}

export interface ModelResult {
  readonly histories: number;
  readonly steps: number;
  readonly lines: number;
  readonly joined: number;
  /** Null: none was found. */
  readonly failed: {
    readonly seed: number;
    readonly faults: readonly string[];
    readonly log: readonly string[];
  } | null;
}

export const stepsOfHistory = 120;

/** Steps of a run: `MILLRACE_MODEL_STEPS`, or the quick run's number. */
export function stepsOr(quick: number): number {
  const given = Number(process.env.MILLRACE_MODEL_STEPS);
  return Number.isInteger(given) && given > 0 ? given : quick;
}

/** Histories until so many steps are done, or one shows a fault. */
export async function runModel(seed: number, steps: number): Promise<ModelResult> {
  const seeds = new Chance(seed);
  let [histories, done, lines, joined] = [0, 0, 0, 0];
  while (done < steps) {
    const own = histories === 0 ? seed : seeds.int(1, 2 ** 31 - 1);
    const { faults, log, ...result } = await runHistory(own, stepsOfHistory);
    histories++;
    done += result.steps;
    lines += result.lines;
    joined += result.joined;
    if (faults.length > 0) {
      const failed = { seed: own, faults, log };
      return { histories, steps: done, lines, joined, failed };
    }
  }
  return { histories, steps: done, lines, joined, failed: null };
}
