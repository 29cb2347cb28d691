/**
 * A running configuration is changed under load: each key by itself, then drawn ones in a row, then what can't run. Each
 * line arrives once at each destination, and what can't run leaves running what ran, and says why. Only a batch that a
 * reload says it has given up half-way may come twice, where some channels had it.
 */
import { appendFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { Agent } from '../../packages/millrace/src/agent/agent.ts';
import { defineSink } from '../../packages/millrace/src/component/define.ts';
import { recordingLogger } from '../../packages/millrace/src/component/testing/context.ts';
import { bodiesOf } from '../../packages/millrace/src/component/testing/test-api.ts';
import { type TempDir, tempDir } from '../../packages/testkit/src/files/temp-dir.ts';
import { type Chance, chanceOf, roundsOr } from '../../packages/testkit/src/oracle/seed.ts';
import { arrivedOrStill } from '../../packages/testkit/src/oracle/tailing.ts';

/** Each key with the values that it may have; the first is that of the beginning, '' leaves it out. */
const keys: Readonly<Record<string, readonly string[]>> = {
  'sources.tail.batchSize': ['100', '1', '37'],
  'sources.tail.maxBatchCount': ['', '1', '5'],
  'sources.tail.fileHeader': ['false', 'true'],
  'sources.tail.idleTimeout': ['120000', '1000'],
  'sources.tail.backoffSleepIncrement': ['', '10'],
  'sources.tail.interceptors': ['', 'i1', 'i1 i2', 'i2 i1'],
  'sources.tail.interceptors.i1.type': ['timestamp', 'host', 'static'],
  'sources.tail.selector.type': ['replicating', ''],
  'channels.m.type': ['memory', 'file'],
  'channels.m.capacity': ['1000', '5000', '400'],
  'channels.m.transactionCapacity': ['200', '400'],
  'channels.m.keep-alive': ['3', '0'],
  'channels.f.capacity': ['1000000', '500'],
  'channels.f.transactionCapacity': ['400', '100'],
  'channels.f.checkpointInterval': ['30000', '50'],
  'channels.f.maxFileSize': ['100000000', '20000'],
  'channels.f.fsyncPerTransaction': ['true', 'false'],
  'sinks.km.sink.batchSize': ['100', '1', '20'],
  'sinks.km.sink.rollInterval': ['30', '0', '1'],
  'sinks.kf.sink.batchSize': ['100', '7'],
  'sinks.kf.sink.serializer': ['TEXT', 'org.apache.flume.serialization.BodyTextEventSerializer$Builder'],
};
type Values = Record<string, string>;

function fixedLines(dir: TempDir): string {
  return [
    ...['sources = tail', 'channels = m f s', 'sinks = km kf ks'],
    ...['sources.tail.type = TAILDIR', 'sources.tail.channels = m f s', 'sources.tail.filegroups = g'],
    `sources.tail.filegroups.g = ${dir.join('logs')}/.*`,
    `sources.tail.positionFile = ${dir.join('positions.json')}`,
    'sources.tail.interceptors.i1.key = k',
    ...['sources.tail.interceptors.i2.type = static', 'sources.tail.interceptors.i2.key = a b'],
    'channels.f.type = file',
    ...['channels.s.type = memory', 'channels.s.capacity = 5000', 'channels.s.transactionCapacity = 400'],
    ...['sinks.ks.type = slow', 'sinks.ks.channel = s'],
    ...['m', 'f'].flatMap((name) => [
      `channels.${name}.dataDirs = ${dir.join(name, 'data')}`,
      `channels.${name}.checkpointDir = ${dir.join(name, 'checkpoint')}`,
      `channels.${name}.minimumRequiredSpace = 1048576`,
      ...[`sinks.k${name}.type = file_roll`, `sinks.k${name}.channel = ${name}`],
      `sinks.k${name}.sink.directory = ${dir.join('out', name)}`,
    ]),
  ]
    .map((line) => `a1.${line}\n`)
    .join('');
}

/** A destination that takes its time, so that the memory channel in front of it has events when a reload comes. */
function slowSink(got: string[]) {
  return defineSink({
    type: 'slow',
    classNames: [],
    summary: 'Slow.',
    options: {},
    create: () => ({
      batch: { events: 400 },
      start: async () => {},
      stop: async () => {},
      deliver: async ({ batches }) => {
        await new Promise((resolve) => setTimeout(resolve, 10));
        for (const batch of batches) got.push(...bodiesOf(batch));
      },
    }),
  });
}

const textOf = (dir: TempDir, values: Values): string =>
  fixedLines(dir) +
  Object.entries(values)
    .filter(([, value]) => value !== '')
    .map(([key, value]) => `a1.${key} = ${value}\n`)
    .join('');

/** What no configuration of an agent may be, and what is told of it. */
const broken: readonly (readonly [what: (text: string) => string, why: RegExp])[] = [
  [() => '', /a1/],
  [(text) => text.replace('a1.channels = m f s', 'a1.channels = x'), /channel/i],
  [(text) => text.replace('a1.sinks.kf.type = file_roll', 'a1.sinks.kf.type = nosuch'), /nosuch/],
  [(text) => `${text}a1.sources.tail.batchSize = many\n`, /batchSize|tail/],
  [(text) => text.replace('a1.sinks.km.channel = m', 'a1.sinks.km.channel = nowhere'), /km/],
];

/** Lines are written as long as it runs: a few in each turn, so that something is always on its way. */
class Load {
  written = 0;
  #running = true;
  readonly #done: Promise<void>;

  constructor(dir: TempDir, chance: Chance) {
    this.#done = this.#run(dir, chance);
  }

  async #run(dir: TempDir, chance: Chance): Promise<void> {
    while (this.#running) {
      const lines = Array.from({ length: chance.int(1, 30) }, () => `line ${this.written++}\n`);
      appendFileSync(dir.join('logs', `app${chance.int(0, 2)}.log`), lines.join(''));
      await new Promise((resolve) => setTimeout(resolve, chance.int(1, 20)));
    }
  }

  /** So much at once that it is on its way for a while: read, in the channels, half written. */
  burst(dir: TempDir, lines: number): void {
    const text = Array.from({ length: lines }, () => `line ${this.written++}\n`).join('');
    appendFileSync(dir.join('logs', 'app0.log'), text);
  }

  async stop(): Promise<void> {
    this.#running = false;
    await this.#done;
  }
}

function arrived(dir: TempDir, name: string): string[] {
  return readdirSync(dir.join('out', name)).flatMap((file) =>
    readFileSync(dir.join('out', name, file), 'utf8')
      .split('\n')
      .slice(0, -1),
  );
}

/** Events that may come twice to a channel, as the reloads have told. */
function toldToComeAgain(told: readonly string[], name: string): number {
  const halves = told.flatMap((line) => {
    const [, events, have] = /A batch of (\d+) events was given up .*; channel (.+) has it,/.exec(line) ?? [];
    return have?.split(', ').includes(name) === true ? [Number(events)] : [];
  });
  return halves.reduce((sum, events) => sum + events, 0);
}

it('each change of a running configuration keeps every line, once', async () => {
  const chance = chanceOf('reloads');
  using dir = tempDir('millrace-reload-');
  for (const path of ['logs', 'out/m', 'out/f']) mkdirSync(dir.join(path), { recursive: true });
  const conf = dir.join('flume.conf');
  const first: Values = Object.fromEntries(Object.entries(keys).map(([key, [value]]) => [key, value!]));
  const values = { ...first };
  writeFileSync(conf, textOf(dir, values));
  const log = recordingLogger();
  const slowly: string[] = [];
  let heldAtReloads = 0;
  await using agent = await Agent.fromFile(conf, 'a1', {
    ...{ log, reloadIntervalMs: 0, components: [slowSink(slowly)] },
  });
  expect(agent.diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
  await agent.start();
  const load = new Load(dir, chance.fork());
  const reload = async (text: string) => {
    load.burst(dir, 800);
    const seen = () => Number(agent.counters().find(({ name }) => name === 's')?.attributes.ChannelSize) > 0;
    for (let tries = 0; tries < 300 && !seen(); tries++)
      await new Promise((resolve) => setTimeout(resolve, 1));
    if (seen()) heldAtReloads++;
    writeFileSync(conf, text);
    return await agent.reload();
  };
  const changed = async (key: string, value: string) => {
    values[key] = value;
    const what = `seed ${chance.seed}: ${key} = ${value}`;
    const result = await reload(textOf(dir, values));
    expect(result, what).toMatchObject({ reloaded: true });
    if (result.reloaded) expect(result.undelivered, what).toEqual([]);
  };
  try {
    for (const [key, all] of Object.entries(keys))
      for (const value of [...all.slice(1), all[0]!]) await changed(key, value);
    for (let n = roundsOr(20); n > 0; n--) {
      const key = chance.pick(Object.keys(keys));
      await changed(key, chance.pick(keys[key]!));
      if (!chance.bool(0.2)) continue;
      const [make, why] = chance.pick(broken);
      const result = await reload(make(textOf(dir, values)));
      expect(result).toMatchObject({ reloaded: false });
      if (!result.reloaded) {
        const told = [...result.reasons, ...result.diagnostics.map(({ message }) => message)];
        expect(told.join('\n')).toMatch(why);
      }
      expect(agent.ready).toBe(true);
    }
  } finally {
    await load.stop();
  }
  // What is still to come comes by the first configuration: a drawn one may put line by line. What a slow sink has left
  // in the files of m, when it became a memory channel, is read again by one of files.
  writeFileSync(conf, textOf(dir, { ...first, 'channels.m.type': 'file' }));
  expect(await agent.reload()).toMatchObject({ reloaded: true });
  expect(heldAtReloads, 'reloads with events in memory').toBeGreaterThan(0);
  for (const name of ['m', 'f', 's']) {
    const there = () => (name === 's' ? slowly : arrived(dir, name));
    // However long that takes on a busy machine, as long as some still come.
    await arrivedOrStill(() => new Set(there()).size, load.written, 30_000, 200);
    const seen = new Set<string>();
    const twice = there().filter((line) => seen.size === seen.add(line).size);
    expect(seen.size, `${name}: each line`).toBe(load.written);
    const mayBe = toldToComeAgain(log.lines, name);
    if (twice.length > mayBe)
      expect(twice, `seed ${chance.seed}, ${name}: once, but for ${mayBe}`).toEqual([]);
  }
});
