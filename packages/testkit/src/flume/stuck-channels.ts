/** Agents of a real Flume with file channels whose sinks are slow, stuck or now and then refused; drawn from a seed. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Chance } from '../oracle/seed.ts';
import type { HalfWayHttp, SilentServer } from './half-way-sinks.ts';

export interface StuckChannel {
  readonly name: string;
  readonly dataDirs: readonly string[];
  readonly checkpointDir: string;
  /** Where a sink that takes everything writes; null: it has none. */
  readonly out: string | null;
  readonly http: HalfWayHttp | null;
  /** Several sinks give back in any order, so order is kept by one alone. */
  readonly oneSink: boolean;
  readonly lines: readonly string[];
}

export const eventsPerChannel = 4000;

/** One channel with its source and its sinks. Its folders are below `dir`. */
export function drawStuckChannel(
  name: string,
  dir: string,
  chance: Chance,
  http: HalfWayHttp,
  silent: SilentServer,
): StuckChannel {
  const at = (path: string) => join(dir, name, path);
  for (const folder of ['spool', 'out']) mkdirSync(at(folder), { recursive: true });
  // Several files: their end is a place where a batch ends, too.
  const perFile = chance.int(300, 2000);
  for (let from = 0, file = 0; from < eventsPerChannel; from += perFile, file++) {
    const numbers = Array.from({ length: Math.min(perFile, eventsPerChannel - from) }, (_, i) => from + i);
    const text = numbers.map((n) => `${n} ${'x'.repeat(chance.int(0, 200))}\n`).join('');
    writeFileSync(at(`spool/${String(file).padStart(4, '0')}`), text);
  }
  const dataDirs = Array.from({ length: chance.int(1, 2) }, (_, i) => at(`data${i}`));
  const sinks = chance.pick([
    ['http'],
    ['silent'],
    ['silent'],
    ['roll'],
    ['http', 'silent'],
    ['roll', 'silent'],
    ['http', 'roll'],
  ]);
  const capacity = chance.pick([200, 1000, 10_000]);
  const lines = [
    ...[
      `sources.${name}.type = spooldir`,
      `sources.${name}.spoolDir = ${at('spool')}`,
      `sources.${name}.channels = ${name}`,
    ],
    ...[`sources.${name}.batchSize = ${chance.int(1, 60)}`, `sources.${name}.consumeOrder = oldest`],
    `sources.${name}.basenameHeader = true`,
    ...[`channels.${name}.type = file`, `channels.${name}.dataDirs = ${dataDirs.join(',')}`],
    `channels.${name}.checkpointDir = ${at('checkpoint')}`,
    ...[`channels.${name}.capacity = ${capacity}`, `channels.${name}.transactionCapacity = 100`],
    `channels.${name}.checkpointInterval = ${chance.pick([1000, 2500, 60_000])}`,
    `channels.${name}.maxFileSize = ${chance.pick([30_000, 200_000, 2_000_000_000])}`,
    ...[`channels.${name}.minimumRequiredSpace = 1048576`, `channels.${name}.keep-alive = 1`],
    ...sinks.flatMap((kind) => sinkLines(`${name}${kind}`, name, kind, { at, chance, http, silent })),
  ];
  return {
    ...{ name, dataDirs, checkpointDir: at('checkpoint'), lines: lines.map((line) => `a1.${line}`) },
    out: sinks.includes('roll') ? at('out') : null,
    http: sinks.includes('http') ? http : null,
    oneSink: sinks.length === 1,
  };
}

interface Around {
  at(path: string): string;
  readonly chance: Chance;
  readonly http: HalfWayHttp;
  readonly silent: SilentServer;
}

function sinkLines(sink: string, channel: string, kind: string, around: Around): string[] {
  const { at, chance, http, silent } = around;
  const of: Readonly<Record<string, string[]>> = {
    http: [
      ...['type = http', `endpoint = http://127.0.0.1:${http.port}/${channel}`, 'requestTimeout = 700'],
      ...['defaultBackoff = false', 'defaultRollback = true', 'backoff.200 = false', 'rollback.200 = false'],
    ],
    // Takes a batch, waits for an answer, and gives the batch back. An avro sink would shake hands before it takes.
    silent: [
      ...[
        'type = thrift',
        'hostname = 127.0.0.1',
        `port = ${silent.port}`,
        `batch-size = ${chance.int(1, 100)}`,
      ],
      ...['connect-timeout = 1000', `request-timeout = ${chance.pick([1000, 20_000])}`],
    ],
    roll: [
      ...['type = file_roll', `sink.directory = ${at('out')}`, 'sink.rollInterval = 0'],
      `sink.batchSize = ${chance.int(1, 100)}`,
    ],
  };
  return [`sinks.${sink}.channel = ${channel}`, ...of[kind]!.map((line) => `sinks.${sink}.${line}`)];
}

/** The agent of them all. */
export function stuckConf(channels: readonly StuckChannel[]): string {
  const sinks = channels.flatMap(({ lines }) =>
    lines.flatMap((line) => /^a1\.sinks\.(\w+)\.type/.exec(line)?.[1] ?? []),
  );
  const names = channels.map(({ name }) => name).join(' ');
  return [
    ...[`a1.sources = ${names}`, `a1.channels = ${names}`, `a1.sinks = ${sinks.join(' ')}`],
    ...channels.flatMap(({ lines }) => lines),
    '',
  ].join('\n');
}

/** The same channels without sources, each emptied into files below `out/NAME`. */
export function drainConf(channels: readonly StuckChannel[], out: string): string {
  const names = channels.map(({ name }) => name).join(' ');
  return [
    ...[`a1.channels = ${names}`, `a1.sinks = ${names}`],
    ...channels.flatMap(({ name, lines }) => {
      mkdirSync(join(out, name), { recursive: true });
      return [
        ...lines.filter((line) => line.startsWith('a1.channels.')),
        ...[`a1.sinks.${name}.type = file_roll`, `a1.sinks.${name}.channel = ${name}`],
        ...[`a1.sinks.${name}.sink.directory = ${join(out, name)}`, `a1.sinks.${name}.sink.rollInterval = 0`],
      ];
    }),
    '',
  ].join('\n');
}
