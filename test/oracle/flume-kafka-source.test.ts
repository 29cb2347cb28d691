/** KafkaSource beside Flume's own on an Apache Kafka: the same events, headers and counters. */
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { KafkaClient } from '../../packages/millrace/src/clients/kafka/client.ts';
import { Producer } from '../../packages/millrace/src/clients/kafka/producer/producer.ts';
import { encodeAvroEvents } from '../../packages/millrace/src/records/avro-event.ts';
import { BatchBuilder } from '../../packages/millrace/src/records/batch-builder.ts';
import type { EventBatch } from '../../packages/millrace/src/records/event-batch.ts';
import { tempDir } from '../../packages/testkit/src/files/temp-dir.ts';
import {
  both,
  eventFileSink,
  eventsOf,
  type Ran,
  runAgent,
  type Who,
} from '../../packages/testkit/src/flume/both-agents.ts';
import { RealKafka } from '../../packages/testkit/src/kafka/real-kafka.ts';
import { type Chance, chanceOf, roundsOr } from '../../packages/testkit/src/oracle/seed.ts';

const recordHeaders = ['trace', 'kind', 'zone', 'timestamp'];
const texts = ['', 'a', 'é€', 'topic', '17', '{"a":1}', 'x'.repeat(300)];

/** Topics by name: how many partitions, and whether their values are Avro events. */
const topics: readonly { name: string; partitions: number; avro: boolean }[] = [
  { name: 'plain', partitions: 1, avro: false },
  { name: 'many-1', partitions: 3, avro: false },
  { name: 'many-2', partitions: 2, avro: false },
  { name: 'manyfold', partitions: 1, avro: false },
  { name: 'avro', partitions: 2, avro: true },
];

function drawBatch(chance: Chance, avro: boolean): EventBatch {
  const builder = new BatchBuilder();
  for (let i = chance.int(1, 12); i > 0; i--) {
    const names = avro ? ['a', 'topic', 'offset', 'key', 'timestamp', 'Größe'] : recordHeaders;
    const headers: [string, string][] = [];
    for (const name of names) if (chance.bool(0.3)) headers.push([name, chance.pick(texts)]);
    // A record may have several headers of one name, an event has not.
    if (!avro && headers.length > 0 && chance.bool(0.2)) headers.push([headers[0]![0], 'the last']);
    // No older than a day: Kafka removes what is older than a week, half a minute after its start.
    const key = chance.bool(0.4) ? chance.pick(texts) : null;
    builder.add(chance.pick(texts), headers, key, Date.now() - chance.int(0, 10 ** 8));
  }
  const batch = builder.build();
  return avro ? encodeAvroEvents(batch) : batch;
}

interface DrawnSource {
  readonly lines: readonly string[];
  readonly events: number;
}

function drawSource(chance: Chance, counts: ReadonlyMap<string, number>): DrawnSource {
  const [which, read]: [string, readonly string[]] = chance.pick([
    ['kafka.topics = plain', ['plain']],
    ['kafka.topics = plain , many-2', ['plain', 'many-2']],
    ['kafka.topics.regex = many-\\\\d', ['many-1', 'many-2']],
    ['kafka.topics.regex = (?i)MANY.*', ['many-1', 'many-2', 'manyfold']],
    ['kafka.topics = avro', ['avro']],
  ]);
  const lines = [which];
  if (read[0] === 'avro') lines.push('useFlumeEventFormat = true');
  // What the regular expression does not name is not read.
  if (which.includes('regex') && chance.bool()) lines.push('kafka.topics = plain');
  if (chance.bool(0.3)) lines.push(`setTopicHeader = ${chance.pick(['false', 'true'])}`);
  if (chance.bool(0.3)) lines.push(`topicHeader = ${chance.pick(['from', 'kind', 'timestamp', 'offset'])}`);
  for (const shown of ['trace', 'mine', 'timestamp', 'partition', 'topic', 'key']) {
    if (chance.bool(0.25)) lines.push(`header.${shown} = ${chance.pick([...recordHeaders, 'none'])}`);
  }
  if (chance.bool(0.3)) lines.push(`batchSize = ${chance.pick([1, 7, 100])}`);
  if (chance.bool(0.2)) lines.push('migrateZookeeperOffsets = true');
  const events = read.reduce((sum, topic) => sum + counts.get(topic)!, 0);
  return { lines, events };
}

function confOf(who: Who, bootstrap: string, sources: readonly DrawnSource[], dir: string): string {
  const names = (kind: string) => sources.map((_, i) => `${kind}${i}`).join(' ');
  const lines = [`sources = ${names('r')}`, `channels = ${names('c')}`, `sinks = ${names('k')}`];
  for (const [i, source] of sources.entries()) {
    const own = [
      'type = org.apache.flume.source.kafka.KafkaSource',
      `channels = c${i}`,
      `kafka.bootstrap.servers = ${bootstrap}`,
      `kafka.consumer.group.id = ${who}${i}`,
      'kafka.consumer.auto.offset.reset = earliest',
      'batchSize = 100',
      ...source.lines,
    ];
    lines.push(
      ...own.map((line) => `sources.r${i}.${line}`),
      `channels.c${i}.type = memory`,
      `channels.c${i}.capacity = 1000`,
      ...eventFileSink(`k${i}`, `c${i}`, join(dir, who, `${i}`)),
    );
  }
  return lines.map((line) => `a1.${line}\n`).join('');
}

it('reads the same events with the same headers as Flume', async () => {
  using dir = tempDir('millrace-kafka-source-');
  await using kafka = await RealKafka.start();
  const chance = chanceOf('kafka source');
  const counts = new Map<string, number>();
  await using client = new KafkaClient({ bootstrapServers: [kafka.bootstrap] });
  const producer = new Producer(client, { lingerMs: 0 });
  for (const { name, partitions, avro } of topics) {
    await kafka.tools.createTopic(name, { partitions });
    for (let partition = 0; partition < partitions; partition++) {
      for (let i = chance.int(1, 3); i > 0; i--) {
        const batch = drawBatch(chance, avro);
        await producer.send(name, partition, batch);
        counts.set(name, (counts.get(name) ?? 0) + batch.count);
      }
    }
  }
  await producer.close();
  const sources = Array.from({ length: roundsOr(10) }, () => drawSource(chance, counts));
  const drains = new Map(sources.map(({ events }, i) => [`k${i}`, events]));
  const counters = sources.flatMap((_, i) =>
    ['EventReceivedCount', 'EventAcceptedCount'].map((name) => `SOURCE.r${i} ${name}`),
  );
  const ran: Partial<Record<Who, Ran>> = {};
  for (const who of both) {
    const conf = confOf(who, kafka.bootstrap, sources, dir.path);
    ran[who] = await runAgent({ who, conf, dir: dir.path, drains, counters });
  }
  for (const [i, { lines, events }] of sources.entries()) {
    const [theirs, ours] = await Promise.all(both.map((who) => eventsOf(dir.join(who, `${i}`))));
    expect(theirs, lines.join('; ')).toHaveLength(events);
    expect(ours, lines.join('; ')).toEqual(theirs);
    for (const counter of counters.slice(2 * i, 2 * i + 2))
      expect(ran.millrace!.counter(counter), counter).toBe(ran.flume!.counter(counter));
  }
});
