/** Flume's own hbase2 sink and ours on one real HBase, Flume's by its RPC, ours by the REST gateway: the same tables. */
import { writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { regexClass } from '../../packages/millrace/src/components/hbase/options.ts';
import { tempDir } from '../../packages/testkit/src/files/temp-dir.ts';
import { both, runAgent, type Who } from '../../packages/testkit/src/flume/both-agents.ts';
import { RealHbase } from '../../packages/testkit/src/hbase/real-hbase.ts';
import { type Chance, chanceOf } from '../../packages/testkit/src/oracle/seed.ts';

const events = 300;

/** What sinks are told, and the keys of their rows where they are not the event's. */
const sinks: readonly { readonly lines: readonly string[]; readonly key?: RegExp }[] = [
  {
    lines: [
      `serializer = ${regexClass}`,
      'serializer.regex = (\\\\w+)[ ](\\\\d*)[ ]?(.*)',
      'serializer.colNames = ROW_KEY,größe,rest',
      'serializer.rowKeyIndex = 0',
      'serializer.depositHeaders = true',
    ],
  },
  {
    lines: [
      `serializer = ${regexClass}`,
      'serializer.regex = (k[a-f]+\\\\d+)[ ].*?([^0-9 ]*)',
      'serializer.regexIgnoreCase = true',
      'serializer.colNames = row_key,größe',
      'serializer.rowKeyIndex = 0',
      'serializer.depositHeaders = true',
      'serializer.charset = ISO-8859-1',
    ],
  },
  // Without a key of its own: the body is in the payload, and the group too few.
  { lines: [`serializer = ${regexClass}`, 'serializer.colNames = a,b'] },
  { lines: [`serializer = ${regexClass}`], key: /^\d{13}-[A-Za-z\d]{10}-\d+$/ },
  {
    lines: ['coalesceIncrements = true', 'serializer.rowPrefix = ä/'],
    key: /^ä\/[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/,
  },
  {
    lines: ['serializer.suffix = random', 'serializer.payloadColumn = p', 'serializer.incrementRow = n'],
    key: /^default-?\d{1,19}$/,
  },
  { lines: ['serializer.suffix = nano', 'serializer.incrementColumn = größe'], key: /^default\d+$/ },
];

/** Lines that fit a pattern, and some that don't. */
function drawnLine(chance: Chance, i: number): string {
  const key = `${chance.pick(['ka', 'KB', 'kf', 'zz'])}${i}`;
  const number = chance.pick(['', '1', '007', '99999999999999999999']);
  const rest = chance.pick(['', 'größe', 'a b\tc', '日本 語', '😀', '"q" {}', 'ÄÖ']);
  return chance.bool(0.1) ? rest : `${key} ${number} ${rest}`;
}

/** Java reads a file of properties as ISO-8859-1. */
const escaped = (text: string) =>
  text.replaceAll(/[^\x20-\x7e\n]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** Each sink has a family of its own in the program's table. */
function confOf(who: Who, hbase: RealHbase, file: string): string {
  const names = (kind: string) => sinks.map((_, i) => `${kind}${i}`).join(' ');
  const where = who === 'flume' ? `zookeeperQuorum = ${hbase.zooKeeper}` : `rest.url = ${hbase.url}`;
  const lines = [
    'a1.sources = r',
    `a1.channels = ${names('c')}`,
    `a1.sinks = ${names('k')}`,
    'a1.sources.r.type = exec',
    `a1.sources.r.command = cat ${file}`,
    `a1.sources.r.channels = ${names('c')}`,
    'a1.sources.r.interceptors = i j',
    ...['a1.sources.r.interceptors.i.type = static', 'a1.sources.r.interceptors.i.key = h:1'],
    'a1.sources.r.interceptors.i.value = ßx',
    ...['a1.sources.r.interceptors.j.type = static', 'a1.sources.r.interceptors.j.key = ünï'],
    'a1.sources.r.interceptors.j.value = 日',
    ...sinks.flatMap((sink, i) => [
      ...[`a1.channels.c${i}.type = memory`, `a1.channels.c${i}.capacity = 1000`],
      ...[`a1.sinks.k${i}.type = hbase2`, `a1.sinks.k${i}.channel = c${i}`],
      ...[`a1.sinks.k${i}.table = ${who}`, `a1.sinks.k${i}.columnFamily = f${i}`],
      ...[where, ...sink.lines].map((line) => `a1.sinks.k${i}.${line}`),
    ]),
  ];
  return escaped(lines.join('\n'));
}

/** The rows of a table; keys that are made up are held to the pattern of their sink, and left out. */
async function rowsOf(hbase: RealHbase, table: string): Promise<string[]> {
  const rows = await hbase.rows(table);
  return rows
    .map((row) => {
      const family = /^f(\d+):/.exec([...row.cells.keys()][0]!)!;
      const isMadeUp = sinks[Number(family[1])]!.key?.test(row.key) === true;
      const cells = [...row.cells].map(([column, value]) => `${column}=${value.toString('latin1')}`);
      return `${isMadeUp ? '' : row.key} ${cells.join('|')}`;
    })
    .sort();
}

it('writes the same rows and counts', { timeout: 400_000 }, async () => {
  const chance = chanceOf('hbase2 sink');
  using dir = tempDir('millrace-flume-hbase2-');
  await using hbase = await RealHbase.start();
  const lines = Array.from({ length: events }, (_, i) => drawnLine(chance, i));
  writeFileSync(dir.join('lines'), `${lines.join('\n')}\n`);
  const tables: Record<Who, string[]> = { flume: [], millrace: [] };
  const drained: Record<Who, (number | undefined)[]> = { flume: [], millrace: [] };
  for (const who of both) {
    await hbase.createTable(who, ...sinks.map((_, i) => `f${i}`));
    const counters = sinks.map((_, i) => `SINK.k${i} EventDrainSuccessCount`);
    const areTaken = sinks.map((_, i) => [`CHANNEL.c${i} EventTakeSuccessCount`, events] as const);
    const ran = await runAgent({
      ...{ who, counters, conf: confOf(who, hbase, dir.join('lines')), dir: dir.path },
      reached: new Map(areTaken),
      beside: ['flume-hbase2-sink', 'hbase'],
    });
    drained[who] = counters.map((counter) => ran.counter(counter));
    tables[who] = await rowsOf(hbase, who);
  }
  expect(tables.millrace).toEqual(tables.flume);
  expect(drained.millrace).toEqual(drained.flume);
  for (const [i, count] of drained.flume.entries())
    if (i === 2) expect(count).toBe(0);
    else expect(count).toBeGreaterThan(events / 10);
});
