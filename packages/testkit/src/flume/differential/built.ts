/** Configurations built by both programs: what differs between what each would run. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { type Case, type Place, portsOf, unplaced } from './case.ts';
import { both, type Kept, type Program, type Who } from './program.ts';
import { propertiesText } from './properties-text.ts';

export type Programs = Readonly<Record<Who, Program>>;

export interface Built {
  readonly place: Place;
  /** The file's text. */
  readonly text: string;
  readonly kept: Readonly<Record<Who, Kept>>;
}

/** Ports that nobody will listen on: nothing is started. */
const somePorts = (given: Case) => new Map([...portsOf(given)].map((name, i) => [name, 40_001 + i]));

export class Builder {
  readonly #programs: Programs;
  readonly #dir: string;
  #made = 0;

  constructor(programs: Programs, dir: string) {
    this.#programs = programs;
    this.#dir = dir;
    mkdirSync(dir, { recursive: true });
  }

  async build(given: Case): Promise<Built> {
    const prefix = `b${++this.#made}_`;
    const place = { prefix, dir: join(this.#dir, 'd'), ports: somePorts(given) };
    const file = join(this.#dir, `${prefix}.conf`);
    const text = propertiesText(given, place);
    writeFileSync(file, text);
    const [flume, millrace] = await Promise.all(both.map((who) => this.#programs[who].build(file)));
    return { place, text, kept: { flume: plain(flume!, place), millrace: plain(millrace!, place) } };
  }
}

/** By the names of the case. */
const plain = (kept: Kept, place: Place): Kept => JSON.parse(unplaced(JSON.stringify(kept), place)) as Kept;

const kinds = ['sources', 'channels', 'runners'] as const;

/** What one has and the other has not, a line each: `flume has sources r1`. */
export function keptDifferences({ flume, millrace }: Built['kept']): string[] {
  if (flume.fatal !== undefined || millrace.fatal !== undefined)
    return isDeepStrictEqual(flume, millrace)
      ? []
      : [`flume ${flume.fatal ?? 'goes on'}`, `millrace ${millrace.fatal ?? 'goes on'}`];
  return kinds.flatMap((kind) => [
    ...flume[kind]
      .filter((name) => !millrace[kind].includes(name))
      .map((name) => `flume has ${kind} ${name}`),
    ...millrace[kind]
      .filter((name) => !flume[kind].includes(name))
      .map((name) => `millrace has ${kind} ${name}`),
  ]);
}
