/** Flume's KafkaChannel and Millrace's on the topics of one Apache Kafka: either reads what either has written. */
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { tempDir } from '../../packages/testkit/src/files/temp-dir.ts';
import {
  both,
  eventFileSink,
  eventsOf,
  runAgent,
  type Who,
} from '../../packages/testkit/src/flume/both-agents.ts';
import { kcatConsumeAll } from '../../packages/testkit/src/kafka/kcat.ts';
import { RealKafka } from '../../packages/testkit/src/kafka/real-kafka.ts';

const events = 23;
const partitions = 2;
/** Lines of a channel, and the headers of its events. */
const cases: readonly {
  readonly name: string;
  readonly lines: readonly string[];
  readonly headers: readonly (readonly [string, string])[];
}[] = [
  {
    name: 'avro',
    lines: [],
    headers: [
      ['host', 'a.example'],
      ['Groesse', 'abc'],
      ['empty', ''],
    ],
  },
  {
    name: 'keyed',
    lines: ['parseAsFlumeEvent = true', 'kafka.pollTimeout = 100', 'migrateZookeeperOffsets = false'],
    headers: [
      ['key', 'k-1'],
      ['app', 'x'],
    ],
  },
  {
    name: 'bodies',
    lines: ['parseAsFlumeEvent = false', 'capacity = 10', 'transactionCapacity = 10'],
    headers: [
      ['key', 'k'],
      ['app', 'lost on the way'],
    ],
  },
  { name: 'fixed', lines: ['defaultPartitionId = 1'], headers: [['p', '0']] },
  {
    name: 'by-header',
    lines: ['defaultPartitionId = 1', 'partitionIdHeader = p', 'kafka.producer.compression.type = gzip'],
    headers: [['p', '0']],
  },
  { name: 'without', lines: ['parseAsFlumeEvent = false', 'partitionIdHeader = p'], headers: [] },
];

const topicOf = (name: string, writer: Who) => `${name}-${writer}`;

function channel(name: string, topic: string, group: string, bootstrap: string, lines: readonly string[]) {
  return [
    'type = org.apache.flume.channel.kafka.KafkaChannel',
    `kafka.bootstrap.servers = ${bootstrap}`,
    `kafka.topic = ${topic}`,
    `kafka.consumer.group.id = ${group}`,
    ...lines,
  ].map((line) => `channels.${name}.${line}`);
}

/** A source for each case, into a channel that no sink empties. */
function writerConf(who: Who, bootstrap: string): string {
  const all = (kind: string) => cases.map((_, i) => `${kind}${i}`).join(' ');
  const lines = [`sources = ${all('r')}`, `channels = ${all('c')} done`, 'sinks = none'];
  for (const [i, { name, lines: own, headers }] of cases.entries()) {
    lines.push(
      ...['type = seq', `totalEvents = ${events}`, `channels = c${i}`].map((line) => `sources.r${i}.${line}`),
      ...channel(`c${i}`, topicOf(name, who), `w-${who}`, bootstrap, own),
    );
    if (headers.length > 0)
      lines.push(`sources.r${i}.interceptors = ${headers.map((_, n) => `i${n}`).join(' ')}`);
    for (const [n, [key, value]] of headers.entries()) {
      const it = `sources.r${i}.interceptors.i${n}`;
      lines.push(`${it}.type = static`, `${it}.key = ${key}`, `${it}.value = ${value}`);
    }
  }
  lines.push('channels.done.type = memory', 'sinks.none.type = null', 'sinks.none.channel = done');
  return lines.map((line) => `a1.${line}\n`).join('');
}

/** A sink for each case and writer. */
function readerConf(who: Who, bootstrap: string, dir: string): string {
  const read = cases.flatMap((each) => both.map((writer) => ({ ...each, writer })));
  const all = (kind: string) => read.map((_, i) => `${kind}${i}`).join(' ');
  const lines = [`channels = ${all('c')}`, `sinks = ${all('k')}`];
  for (const [i, { name, writer, lines: own }] of read.entries()) {
    const topic = topicOf(name, writer);
    lines.push(
      ...channel(`c${i}`, topic, `r-${who}`, bootstrap, own),
      ...eventFileSink(`k${i}`, `c${i}`, join(dir, who, topic)),
    );
  }
  return lines.map((line) => `a1.${line}\n`).join('');
}

it('exchange events with Flume’s, both ways', async () => {
  using dir = tempDir('millrace-kafka-channel-');
  await using kafka = await RealKafka.start();
  for (const { name } of cases) {
    for (const writer of both) await kafka.tools.createTopic(topicOf(name, writer), { partitions });
  }
  const accepted = cases.map((_, i) => `SOURCE.r${i} EventAcceptedCount`);
  const put = cases.map((_, i) => `CHANNEL.c${i} EventPutSuccessCount`);
  const drains = new Map(cases.flatMap((_, i) => [0, 1].map((n) => [`k${2 * i + n}`, events] as const)));
  for (const who of both) {
    const reached = new Map(accepted.map((counter) => [counter, events]));
    const conf = writerConf(who, kafka.bootstrap);
    const ran = await runAgent({ who, conf, dir: dir.path, reached, counters: put });
    for (const counter of put) expect(ran.counter(counter), `${who}: ${counter}`).toBe(events);
  }
  for (const who of both)
    await runAgent({ who, conf: readerConf(who, kafka.bootstrap, dir.path), dir: dir.path, drains });
  for (const { name, headers } of cases) {
    const records = await Promise.all(both.map((who) => recordsOf(kafka.bootstrap, topicOf(name, who))));
    expect(records[0], name).toHaveLength(events);
    // Which partition a record without key or number gets is its producer's own.
    const isSpread = headers.every(([key]) => key !== 'key' && key !== 'p');
    const shown = records.map((all) =>
      all.map(({ partition, ...record }) => (isSpread ? record : { partition, ...record })),
    );
    expect(sorted(shown[1]!), name).toEqual(sorted(shown[0]!));
    for (const writer of both) {
      const topic = topicOf(name, writer);
      const [theirs, ours] = await Promise.all(both.map((who) => eventsOf(dir.join(who, topic))));
      expect(theirs, topic).toHaveLength(events);
      expect(ours, topic).toEqual(theirs);
    }
  }
});

async function recordsOf(bootstrap: string, topic: string) {
  const records = await kcatConsumeAll(bootstrap, topic);
  return records.map(({ partition, key, headers, value }) => ({
    ...{ partition, key: key?.toString('hex') ?? null, headers, value: value.toString('hex') },
  }));
}

const sorted = <T>(records: readonly T[]): string[] => records.map((record) => JSON.stringify(record)).sort();
