/** Compressors of the model: beside a file its archive grows, then the file goes. Part of taildir-model.ts. */
import { gzipSync, zstdCompressSync } from 'node:zlib';
import type { Chance } from '../oracle/seed.ts';
import type { Ledger } from './ledger.ts';
import type { TailWorld, WorldFile } from './world.ts';

export const suffixes = ['.gz', '.zst'] as const;
export type Suffix = (typeof suffixes)[number];

/** An archive in the making. */
interface Running {
  readonly from: string;
  readonly file: WorldFile;
  readonly to: WorldFile;
  readonly bytes: Buffer;
  written: number;
}

export class Compressing {
  readonly #chance: Chance;
  readonly #world: TailWorld;
  readonly #ledger: Ledger;
  #running: Running | null = null;

  constructor(chance: Chance, world: TailWorld, ledger: Ledger) {
    this.#chance = chance;
    this.#world = world;
    this.#ledger = ledger;
  }

  /** What is under way; null: nothing. */
  get now(): Running | null {
    return this.#running;
  }

  /** Begins to compress what stands under a name; `make` gives the new file. */
  begin(from: string, suffix: Suffix, make: (path: string) => WorldFile): void {
    const file = this.#world.at(from);
    if (file === null || this.#running !== null) return;
    const bytes = suffix === '.gz' ? gzipSync(file.content) : zstdCompressSync(file.content);
    this.#running = { from, file, to: make(`${from}${suffix}`), bytes, written: 0 };
  }

  /** Writes on; at the end the new file gets the time of the old one. True when all is written: the old one may go. */
  step(all = this.#chance.bool(0.5)): boolean {
    const running = this.#running;
    if (running === null) return false;
    const { file, to, bytes, written } = running;
    const left = bytes.length - written;
    const count = all ? left : this.#chance.int(0, left);
    if (count > 0) this.#world.append(to, bytes.subarray(written, written + count));
    running.written += count;
    if (!all) return false;
    to.mtimeMs = file.mtimeMs;
    for (const line of this.#ledger.linesIn(file.life)) this.#ledger.hold(to.life, line);
    this.#running = null;
    return true;
  }
}
