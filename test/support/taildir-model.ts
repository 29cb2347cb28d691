/**
 * Random histories of tailed files against TAILDIR: writes, rotations, copies, deletes, inodes given again, moments in
 * which nothing can be read, stops and kills. For every line it is known whether it must arrive, and how often it may.
 */
import { MemoryFiles } from '../../packages/millrace/src/log/memory-files.ts';
import { FileGroup, inFlumeOrder } from '../../packages/millrace/src/sources/taildir/file-groups.ts';
import { Chance } from './oracle-seed.ts';
import { TailEngine } from './taildir-engine.ts';
import { Ledger, type Line } from './taildir-ledger.ts';
import { TailWorld, type WorldFile } from './taildir-world.ts';

type Regime = 'rename' | 'copytruncate' | 'delete' | 'symlink';

/** A writer: the name it writes to, and how that name is rotated. */
interface Stream {
  /** `path@group`. */
  readonly name: string;
  readonly path: string;
  readonly folder: string;
  readonly regime: Regime;
  /** Whether the pattern matches generations, too. */
  readonly wide: boolean;
  readonly keep: number;
  file: WorldFile | null;
  partial: { file: WorldFile; line: Line } | null;
  /** A copy in the making. */
  copy: { to: WorldFile; path: string; copied: number; quietMs: number; own: boolean } | null;
  /** The engine has looked at a file under its name, so that later generations are known as such. */
  seen: boolean;
  seenLife: number;
  generations: number;
}

export interface HistoryResult {
  readonly steps: number;
  readonly lines: number;
  readonly faults: readonly string[];
}

const regimes: readonly Regime[] = ['rename', 'rename', 'copytruncate', 'delete', 'symlink'];
const names = ['app', 'err', 'web'];
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
  readonly #streams: Stream[] = [];
  readonly #folders: string[] = [];
  readonly #nameless = new Set<WorldFile>();
  #number = 0;
  #done: string[] = [];
  /** Device and inode of every file so far, and the files that got those of another. */
  readonly #inodes = new Set<string>();
  readonly #reused = new Set<WorldFile>();
  readonly #drawn: readonly string[];

  constructor(seed: number) {
    this.#chance = new Chance(seed);
    const chance = this.#chance;
    this.#world = new TailWorld(() => chance.bool(0.7));
    const groups = this.#draw();
    const settings = {
      groups: inFlumeOrder(groups),
      batchSize: chance.int(1, 8),
      idleTimeoutMs: chance.pick([400, 1500, 6000]),
      cachePatternMatching: chance.bool(),
      maxBatchCount: chance.pick([1, 3, Number.POSITIVE_INFINITY]),
      acknowledge: chance.pick(['channel', 'delivered'] as const),
      durable: chance.bool(),
    } as const;
    this.#engine = new TailEngine(this.#world, this.#state, this.#ledger, chance.fork(), settings);
    const { groups: _, ...shown } = settings;
    this.#drawn = [
      JSON.stringify(shown),
      ...this.#streams.map(
        ({ path, regime, wide, keep }) => `${path}: ${regime}${wide ? ', wide' : ''}, ${keep} kept`,
      ),
    ];
  }

  /** What was done last, for whoever reads a fault. */
  get log(): readonly string[] {
    return [...this.#drawn, ...this.#done];
  }

  /** Folders, on one device or two, and one or two streams in each; every stream has a group. */
  #draw(): FileGroup[] {
    const chance = this.#chance;
    const groups: FileGroup[] = [];
    for (let i = 0; i < chance.int(1, 2); i++) {
      const folder = `/logs${i}`;
      this.#folders.push(folder);
      this.#world.makeFolder(folder, BigInt(chance.int(0, 1)) + (1n << 60n));
      for (let j = 0; j < chance.int(1, 2); j++) {
        const path = `${folder}/${names[j]!}.log`;
        const regime = chance.pick(regimes);
        // Whether a copy that no pattern matches can be known depends on what was read before: not judged here.
        const wide = regime === 'copytruncate' || chance.bool();
        const group = `g${i}${j}`;
        const pattern = `${path.replace('.log', '\\.log')}${wide ? '.*' : ''}`;
        groups.push(new FileGroup(group, pattern, new Map([['group', group]])));
        this.#streams.push({
          ...{ name: `${path}@${group}`, path, folder, wide, keep: chance.int(1, 4) },
          regime,
          ...{ file: null, partial: null, copy: null, seen: false, seenLife: 0, generations: 0 },
        });
      }
    }
    return groups;
  }

  async run(steps: number): Promise<HistoryResult> {
    await this.#engine.start();
    for (let step = 0; step < steps; step++) await this.#step();
    await this.#comeToRest();
    const faults = [...this.#ledger.verdict(), ...this.#leaks()];
    return { steps, lines: this.#ledger.lines.length, faults };
  }

  async #step(): Promise<void> {
    const chance = this.#chance;
    const draw = chance.int(0, 99);
    if (draw < 34) this.#write(chance.pick(this.#streams));
    else if (draw < 60) await this.#round();
    else if (draw < 72) this.#rotate(chance.pick(this.#streams));
    else if (draw < 79) this.#advance(chance.pick([10, 50, 300, 300, 700, 1200, 4000, 11_000]));
    else if (draw < 84) this.#engine.deliver();
    else if (draw < 90) await this.#restart();
    else if (draw < 97) this.#accident();
    else if (draw < 99) this.#engine.refusals = chance.int(1, 3);
    else this.#link(chance.pick(this.#streams));
  }

  #note(what: string): void {
    this.#done.push(`${this.#world.clockMs % 10_000_000} ${what}`);
    if (this.#done.length > 400) this.#done = this.#done.slice(-200);
  }

  #write(stream: Stream): void {
    if (!this.#world.isThere(stream.folder)) return;
    this.#complete(stream);
    if (stream.file === null) this.#create(stream);
    const file = stream.file!;
    const { copy } = stream;
    const lines = this.#chance.int(1, 6);
    const first = this.#number;
    for (let i = 0; i < lines; i++) this.#append(stream, file, 0);
    if (copy === null && this.#chance.bool(0.2)) this.#append(stream, file, this.#chance.int(1, 20));
    this.#note(
      `wrote ${stream.path} life ${file.life}: ${first} to ${this.#number - 1}${stream.partial === null ? '' : ' half'}`,
    );
  }

  /** A line with its number at both ends, so that its pieces are known, too. `cut`: its newline comes later. */
  #append(stream: Stream, file: WorldFile, cut: number): void {
    const number = this.#number++;
    const filler = 'x'.repeat(this.#chance.int(21, 60));
    const text = `${stream.name}#${number}<${filler}>${number}#${stream.name}`;
    const at = cut === 0 ? 0 : text.indexOf('<') + cut;
    const line = this.#ledger.write(file, stream.name, text, at);
    // How often a line of a copy may come is not known here.
    if (stream.regime === 'copytruncate') line.mayRepeat = Number.POSITIVE_INFINITY;
    // Under an inode that was another file's while nobody looked, what is known of it may not be enough.
    else if (this.#reused.has(file)) line.mayRepeat++;
    this.#world.append(file, Buffer.from(cut === 0 ? `${text}\n` : text.slice(0, at)));
    if (cut > 0) stream.partial = { file, line };
  }

  #complete(stream: Stream): void {
    if (stream.partial === null) return;
    const { file, line } = stream.partial;
    stream.partial = null;
    line.whole = true;
    this.#world.append(file, Buffer.from(`${line.text.slice(line.cut)}\n`));
  }

  #create(stream: Stream): void {
    if (stream.regime === 'symlink') {
      const target = `${stream.path}.${String(++stream.generations).padStart(3, '0')}`;
      stream.file = this.#world.create(target);
      this.#world.symlink(target, stream.path);
    } else stream.file = this.#world.create(stream.path);
    const key = `${stream.file.dev}:${stream.file.ino}`;
    if (this.#inodes.has(key)) this.#reused.add(stream.file);
    this.#inodes.add(key);
    this.#note(`made ${stream.path} life ${stream.file.life} inode ${stream.file.ino - 2n ** 53n}`);
  }

  #rotate(stream: Stream): void {
    if (stream.file === null || !this.#world.isThere(stream.folder)) return;
    this.#advance(5);
    switch (stream.regime) {
      case 'rename':
        this.#unknownGeneration(stream);
        this.#shift(stream);
        this.#world.rename(stream.path, `${stream.path}.1`);
        this.#note(`renamed ${stream.path} life ${stream.file.life}`);
        stream.file = null;
        if (this.#chance.bool(0.7)) this.#create(stream);
        break;
      case 'symlink':
        this.#unknownGeneration(stream);
        this.#drop(`${stream.path}.${String(stream.generations - stream.keep).padStart(3, '0')}`);
        this.#create(stream);
        break;
      case 'delete':
        this.#complete(stream);
        this.#drop(stream.path);
        this.#note(`deleted ${stream.path}`);
        stream.file = null;
        if (this.#chance.bool(0.5)) this.#create(stream);
        break;
      case 'copytruncate':
        this.#copy(stream);
        break;
    }
    this.#advance(5);
  }

  /** A generation that nobody looked at under its live name: it is known as one by those that were. */
  #unknownGeneration(stream: Stream): void {
    if (stream.wide || stream.seenLife === stream.file!.life) return;
    for (const line of this.#ledger.linesIn(stream.file!.life)) line.mayMiss = true;
  }

  /** `x.2` to `x.3`, `x.1` to `x.2`; the oldest goes. */
  #shift({ path, keep }: Stream): void {
    this.#drop(`${path}.${keep}`);
    for (let n = keep - 1; n >= 1; n--) this.#world.rename(`${path}.${n}`, `${path}.${n + 1}`);
  }

  #drop(path: string): void {
    const file = this.#world.at(path);
    this.#world.unlink(path);
    if (file === null || file.links > 0) return;
    for (const stream of this.#streams) {
      if (stream.partial?.file === file) stream.partial.line.mayMiss = true;
    }
    // What is open can still be read; nobody may write to it, though, that would be lost here.
    if (file.opens > 0) this.#nameless.add(file);
    else this.#ledger.drop(file.life);
  }

  /** Files without a name that nobody has open any more. */
  #dropNameless(): void {
    for (const file of this.#nameless) {
      if (file.opens > 0) continue;
      this.#nameless.delete(file);
      this.#ledger.drop(file.life);
    }
  }

  /** A piece of a copy, in whole lines, or all of it; then the original is truncated. */
  #copy(stream: Stream, slow = this.#chance.bool(0.5)): void {
    const file = stream.file!;
    if (stream.copy === null) {
      this.#complete(stream);
      this.#shift(stream);
      const elsewhere = this.#chance.bool(0.1);
      if (elsewhere) {
        this.#truncate(stream);
        return;
      }
      const path = `${stream.path}.1`;
      // Where both are new to the engine it can't know which is the copy.
      const own = stream.seenLife !== file.life;
      stream.copy = { to: this.#world.create(path), path, copied: 0, quietMs: 0, own };
    }
    const { copy } = stream;
    const left = file.content.length - copy.copied;
    const upTo = copy.copied + (slow ? this.#chance.int(0, left) : left);
    const bytes = file.content.lastIndexOf(10, upTo - 1) + 1 - copy.copied;
    if (bytes <= 0 && slow) return;
    this.#world.append(copy.to, file.content.subarray(copy.copied, copy.copied + bytes));
    copy.copied += bytes;
    copy.quietMs = 0;
    this.#note(`copied ${stream.path} life ${file.life} to life ${copy.to.life}: ${copy.copied}`);
    if (copy.copied < file.content.length || slow) return;
    for (const line of this.#ledger.linesIn(file.life)) this.#ledger.hold(copy.to.life, line);
    if (copy.own) this.#mayRepeat(file);
    // A copy of what was never read can't be told from any other file.
    const [first] = this.#ledger.linesIn(file.life);
    const known = first !== undefined && first.arrivals > 0;
    if (!stream.wide && !known) for (const line of this.#ledger.linesIn(file.life)) line.mayMiss = true;
    this.#truncate(stream);
    stream.copy = null;
  }

  #truncate(stream: Stream): void {
    const file = stream.file!;
    this.#ledger.drop(file.life);
    this.#world.truncate(file);
    this.#note(`truncated ${stream.path} life ${file.life}`);
  }

  #mayRepeat(file: WorldFile): void {
    for (const line of this.#ledger.linesIn(file.life)) line.mayRepeat++;
  }

  #advance(ms: number): void {
    this.#world.clockMs += ms;
    for (const { copy } of this.#streams) {
      if (copy === null) continue;
      copy.quietMs += ms;
      // A copy that stands still counts as a file of its own, some time.
      if (copy.quietMs > 2000) copy.own = true;
    }
    if (ms > 3000) this.#world.faults.clear();
  }

  async #round(fuel?: number): Promise<void> {
    if (!this.#engine.runs) return;
    this.#advance(this.#chance.pick([0, 20, 260, 1100]));
    const looked = await this.#engine.round(fuel);
    this.#note(looked === null ? 'round, killed' : 'round');
    for (const stream of this.#streams) {
      if (stream.file === null || looked === null || !looked.has(stream.path)) continue;
      stream.seen = true;
      stream.seenLife = stream.file.life;
    }
    this.#dropNameless();
    if (looked !== null && this.#chance.bool(0.1))
      await this.#engine.save(this.#chance.bool(0.1) ? 2 : undefined);
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
    this.#dropNameless();
    if (!this.#engine.runs && chance.bool(0.4)) await this.#engine.start();
  }

  #accident(): void {
    const chance = this.#chance;
    const stream = chance.pick(this.#streams);
    const draw = chance.int(0, 9);
    this.#note(`accident ${draw} ${stream.path}`);
    if (draw < 4) {
      const path = stream.regime === 'symlink' || chance.bool(0.6) ? stream.path : `${stream.path}.1`;
      const [code, at] = [chance.pick(errors), chance.pick(['open', 'read', 'stat'] as const)];
      this.#world.faults.set(path, { code, at });
    } else if (draw < 5) this.#world.listFaults.set(stream.folder, chance.pick(errors));
    else if (draw < 7) this.#world.setFolder(stream.folder, chance.pick(['away', 'unmounted']));
    else if (draw < 8) this.#world.descriptors = chance.int(1, 4);
    else this.#mend();
  }

  #mend(): void {
    this.#world.faults.clear();
    this.#world.listFaults.clear();
    this.#world.descriptors = Number.POSITIVE_INFINITY;
    for (const folder of this.#folders) this.#world.setFolder(folder, 'there');
  }

  /** A second name, which a wide pattern matches, too. */
  #link({ file, path, folder, regime, wide }: Stream): void {
    if (file === null || !wide || regime === 'symlink' || !this.#world.isThere(folder)) return;
    const name = `${path}.link`;
    if (this.#world.at(name) === null) this.#world.link(file, name);
    else this.#drop(name);
  }

  /** Everything is mended but the shortage of descriptors; then all that can come comes. */
  async #comeToRest(): Promise<void> {
    const { descriptors } = this.#world;
    this.#mend();
    this.#world.descriptors = Math.max(2, descriptors);
    for (const stream of this.#streams) {
      this.#complete(stream);
      if (stream.copy !== null) this.#copy(stream, false);
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
    this.#dropNameless();
    // What is gone is let go when its folder changes.
    for (let i = 0; i < 4; i++) {
      this.#world.clockMs += 1200;
      for (const folder of this.#folders) this.#world.create(`${folder}/other${i}`);
      await this.#engine.round();
    }
  }

  /** What is remembered must not outgrow what is there. */
  #leaks(): readonly string[] {
    const sizes = this.#folders.map((folder) => this.#world.list(folder).length);
    // An empty folder may be a mount point: what was in it is remembered.
    if (sizes.includes(0)) return [];
    const there = sizes.reduce((sum, size) => sum + size, 0);
    const faults =
      this.#engine.size > there + this.#streams.length
        ? [`${this.#engine.size} files are remembered of ${there}`]
        : [];
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
  let [histories, done, lines] = [0, 0, 0];
  while (done < steps) {
    const own = histories === 0 ? seed : seeds.int(1, 2 ** 31 - 1);
    const { faults, log, ...result } = await runHistory(own, stepsOfHistory);
    histories++;
    done += result.steps;
    lines += result.lines;
    if (faults.length > 0) return { histories, steps: done, lines, failed: { seed: own, faults, log } };
  }
  return { histories, steps: done, lines, failed: null };
}
