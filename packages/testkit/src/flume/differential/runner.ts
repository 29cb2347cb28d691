/** Cases run by both programs, many at once: each until both are at rest and alike, or have been at rest for long. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Built, keptDifferences, type Programs } from './built.ts';
import { type Case, type Place, portsOf, unplaced } from './case.ts';
import { explained } from './deliberate-runs.ts';
import { feed, layOut } from './feed.ts';
import { differences, type Observation, observe } from './observe.ts';
import { both, type Counters, type Kept, type Who } from './program.ts';
import { propertiesText } from './properties-text.ts';
import { quietPorts } from './quiet-ports.ts';

export interface Ran {
  readonly text: string;
  readonly prefix: string;
  readonly kept: Built['kept'];
  readonly seen: Readonly<Record<Who, Observation>>;
  /** Names of what differs and is not deliberate. */
  readonly differing: readonly string[];
  /** Entries of the list of what is deliberate that explain what else differs. */
  readonly deliberate: readonly string[];
}

/** Nothing has changed for so long: it will not any more. Flume's runners sleep up to 5 s. */
const restMs = 12_000;
const mostMs = 60_000;
const everyMs = 700;

let runs = 0;

export class Runner {
  readonly #programs: Programs;
  readonly #dir: string;

  constructor(programs: Programs, dir: string) {
    this.#programs = programs;
    this.#dir = dir;
  }

  /** At most `width` of them at a time. */
  async runAll(cases: readonly Case[], width = 40): Promise<Ran[]> {
    const ran: Ran[] = [];
    let next = 0;
    const worker = async () => {
      for (let i = next++; i < cases.length; i = next++) ran[i] = await this.run(cases[i]!);
    };
    await Promise.all(Array.from({ length: Math.min(width, cases.length) }, worker));
    return ran;
  }

  async run(given: Case): Promise<Ran> {
    const id = `x${++runs}_`;
    const places = {
      flume: await this.#place(given, id, 'flume'),
      millrace: await this.#place(given, id, 'millrace'),
    };
    const sides = await Promise.all(both.map((who) => this.#start(given, places[who], id, who)));
    const kept = { flume: sides[0]!, millrace: sides[1]! };
    const keptDiffer = keptDifferences(kept).length > 0;
    const answers = keptDiffer ? null : await this.#watch(given, places, id, kept.flume.sources);
    const counters = await this.#counters(id);
    await Promise.all(both.map((who) => this.#programs[who].stop(id)));
    const text = propertiesText(given, { ...places.millrace, dir: 'DIR', prefix: '' });
    if (answers === null) {
      const nothing: Observation = new Map();
      return {
        text,
        prefix: id,
        kept,
        seen: { flume: nothing, millrace: nothing },
        differing: keptDifferences(kept),
        deliberate: [],
      };
    }
    const seen = {
      flume: observe(given, places.flume, counters.flume, answers.flume, true),
      millrace: observe(given, places.millrace, counters.millrace, answers.millrace, true),
    };
    return { text, prefix: id, kept, seen, ...judged(given, seen) };
  }

  async #place(given: Case, prefix: string, who: Who): Promise<Place> {
    const names = [
      ...portsOf(given),
      ...given.inputs.flatMap(({ give }) => ('port' in give ? [give.port] : [])),
    ];
    const unique = [...new Set(names)];
    const ports = await quietPorts(unique.length);
    return {
      prefix,
      dir: join(this.#dir, prefix + who),
      ports: new Map(unique.map((name, i) => [name, ports[i]!])),
    };
  }

  async #start(given: Case, place: Place, id: string, who: Who): Promise<Kept> {
    layOut(given, place);
    const file = `${place.dir}.conf`;
    writeFileSync(file, propertiesText(given, place));
    const kept = await this.#programs[who].start(id, file);
    return JSON.parse(unplaced(JSON.stringify(kept), place)) as Kept;
  }

  async #counters(id: string) {
    const [flume, millrace] = await Promise.all(both.map((who) => this.#programs[who].counters(id, id)));
    return { flume: flume!, millrace: millrace! };
  }

  /** A source of Flume's may listen before it begins to count. */
  async #untilStarted(id: string): Promise<void> {
    for (let left = 200; left > 0; left--) {
      const all = Object.values(await this.#counters(id)).flatMap((each) => Object.entries(each));
      const late = all.some(([name, { StartTime }]) => name.startsWith('source ') && StartTime === '0');
      if (!late) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  /** Feeds both and looks at them until they are alike and at rest. */
  async #watch(given: Case, places: Readonly<Record<Who, Place>>, id: string, sources: readonly string[]) {
    await this.#untilStarted(id);
    const [ofFlume, ofMillrace] = await Promise.all(both.map((who) => feed(given, places[who], sources)));
    const answers = { flume: ofFlume!, millrace: ofMillrace! };
    const began = performance.now();
    let last = '';
    let since = began;
    for (;;) {
      await new Promise((resolve) => setTimeout(resolve, everyMs));
      const counters = await this.#counters(id);
      const [flume, millrace] = both.map((who) =>
        whileRunning(given, places[who], counters[who], answers[who]),
      );
      const now = JSON.stringify([[...flume!], [...millrace!]]);
      if (now !== last) since = performance.now();
      last = now;
      const alike =
        judged(given, { flume: flume!, millrace: millrace! }).differing.length === 0 &&
        isDrained(flume!) &&
        hasInput(given, flume!);
      const still = performance.now() - since;
      if ((alike && still >= 2 * everyMs) || still >= restMs || performance.now() - began > mostMs)
        return answers;
    }
  }
}

/** A file may go while it is looked at, or be half of one. */
function whileRunning(
  given: Case,
  place: Place,
  counters: Counters,
  answers: readonly string[],
): Observation {
  try {
    return observe(given, place, counters, answers, false);
  } catch (error) {
    return new Map([[`not to be read ${performance.now()}`, String(error)]]);
  }
}

/** What differs, apart from what is deliberate. */
function judged(given: Case, { flume, millrace }: Ran['seen']): Pick<Ran, 'differing' | 'deliberate'> {
  const differing: string[] = [];
  const deliberate = new Set<string>();
  for (const name of differences(flume, millrace)) {
    const why = explained(name, { flume: flume.get(name), millrace: millrace.get(name) }, given);
    if (why === null) differing.push(name);
    else for (const id of why) deliberate.add(id);
  }
  return { differing, deliberate: [...deliberate] };
}

const isDrained = (seen: Observation): boolean =>
  [...seen].every(([name, value]) => !/^counter channel .* ChannelSize$/.test(name) || value === '0');

/** Sources that fetch what there is have begun to. */
function hasInput({ inputs, components }: Case, seen: Observation): boolean {
  const fetched = new Set(
    inputs.flatMap(({ source, give }) => (give.kind === 'file' && give.bytes.length > 0 ? [source] : [])),
  );
  return [...fetched].every(
    (name) =>
      !components.some((each) => each.name === name) ||
      Number(seen.get(`counter source ${name} EventReceivedCount`) ?? 1) > 0,
  );
}
