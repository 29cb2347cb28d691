/** A run of writers, a victim, and faults at random moments. */
import { existsSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { LineWriter } from './lines.ts';
import type { Program } from './program.ts';
import type { Chance } from './seed.ts';

/** Writes to several files in a folder until stopped; rotates them by renaming now and then. */
export class BusyWriters {
  readonly lines = new LineWriter();
  readonly #dir: string;
  readonly #chance: Chance;
  readonly #rotate: boolean;
  readonly #pauseMs: number;
  readonly #files: { name: string; generation: number }[];
  #running = true;
  #done: Promise<void> | null = null;

  constructor(
    dir: string,
    chance: Chance,
    options: { files?: number; rotate?: boolean; pauseMs?: number; prefix?: string } = {},
  ) {
    this.#dir = dir;
    this.#chance = chance;
    this.#rotate = options.rotate ?? true;
    this.#pauseMs = options.pauseMs ?? 10;
    this.#files = Array.from({ length: options.files ?? 3 }, (_, i) => ({
      name: `${options.prefix ?? ''}w${i}.log`,
      generation: 0,
    }));
  }

  get given(): number {
    return this.lines.count;
  }

  start(): this {
    this.#done = this.#write();
    return this;
  }

  /** Ends the writing, with a last fresh line in every file. */
  async stop(): Promise<LineWriter> {
    this.#running = false;
    await this.#done;
    for (const file of this.#files) this.#append(file, 1);
    return this.lines;
  }

  #append({ name, generation }: { name: string; generation: number }, count: number): void {
    if (!existsSync(this.#dir)) return; // away for a while
    this.lines.append(join(this.#dir, name), `${name}/${generation}`, count, this.#chance);
  }

  async #write(): Promise<void> {
    while (this.#running) {
      const file = this.#chance.pick(this.#files);
      this.#append(file, this.#chance.int(1, 60));
      if (this.#rotate && this.#chance.bool(0.01) && existsSync(join(this.#dir, file.name))) {
        renameSync(join(this.#dir, file.name), join(this.#dir, `${file.name}.${++file.generation}`));
      }
      await sleep(this.#pauseMs);
    }
  }
}

/** Resolves when `count` gives at least `wanted`, or has not changed for `stillMs`; false in the second case. */
export async function arrivedOrStill(
  count: () => number,
  wanted: number,
  stillMs = 15_000,
  everyMs = 100,
): Promise<boolean> {
  let last = -1;
  let changedAt = performance.now();
  for (;;) {
    const now = count();
    if (now >= wanted) return true;
    if (now !== last) {
      last = now;
      changedAt = performance.now();
    } else if (performance.now() - changedAt > stillMs) return false;
    await sleep(everyMs);
  }
}

export interface KillOptions {
  readonly rounds: number;
  readonly chance: Chance;
  /** The longest time between a start and the next kill. */
  readonly maxPauseMs?: number;
  /** In every fifth round or so a program is not killed but halted (SIGSTOP) for a while. */
  readonly halt?: boolean;
}

/**
 * Kills one, several or all of the programs at random moments, also while they start, and starts them again at once.
 * All must run before; all run after, though maybe not ready.
 */
export async function killRounds(
  programs: readonly Program[],
  { rounds, chance, maxPauseMs = 1200, halt = true }: KillOptions,
): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    const waitsFor = chance.bool(0.7) ? chance.pick(programs) : null;
    await waitsFor?.ready();
    await sleep(chance.int(0, maxPauseMs));
    if (halt && chance.bool(0.2)) {
      const halted = chance.pick(programs);
      halted.signal('SIGSTOP');
      await sleep(chance.int(100, maxPauseMs));
      halted.signal('SIGCONT');
    }
    const first = chance.pick(programs);
    const victims = programs.filter((program) => program === first || chance.bool(0.3));
    await Promise.all(victims.map((victim) => victim.kill()));
    for (const victim of victims) await victim.spawn();
  }
}
