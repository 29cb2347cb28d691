/** KafkaSource through an agent of its own process: what a stop takes back, and topics that begin anew. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Broker } from '../../packages/millrace/src/broker/index.ts';
import { Admin } from '../../packages/millrace/src/clients/kafka/admin/admin.ts';
import { KafkaClient } from '../../packages/millrace/src/clients/kafka/client.ts';
import { Producer } from '../../packages/millrace/src/clients/kafka/producer/producer.ts';
import { batchOf } from '../../packages/millrace/src/component/testing/test-api.ts';
import { tempDir } from '../../packages/testkit/src/files/temp-dir.ts';
import { rolledLines } from '../../packages/testkit/src/oracle/lines.ts';
import { chanceOf, roundsOr } from '../../packages/testkit/src/oracle/seed.ts';
import { startMillrace } from '../../packages/testkit/src/process/millrace.ts';
import { waitFor } from '../../packages/testkit/src/process/wait.ts';

const linesIn = (dir: string): string[] => [...rolledLines(dir)];

async function cluster() {
  const broker = await Broker.start({ groupInitialRebalanceDelayMs: 0, autoCreateTopics: false });
  const client = new KafkaClient({ bootstrapServers: [broker.bootstrapServers] });
  const producer = new Producer(client);
  const admin = new Admin(client);
  return {
    servers: broker.bootstrapServers,
    admin,
    create: (topic: string, partitions: number) =>
      admin.createTopics([{ topic, partitions, replicationFactor: 1 }]),
    async produce(topic: string, partitions: number, bodies: readonly string[]): Promise<void> {
      await client.refreshTopics([topic]);
      await Promise.all(bodies.map((body, i) => producer.send(topic, i % partitions, batchOf(body))));
    },
    /** Committed offsets of the group, over all partitions. */
    async committed(group: string): Promise<number> {
      const offsets = await admin.groupOffsets(group);
      return offsets.reduce((sum, { offset }) => sum + Math.max(0, offset), 0);
    },
    async [Symbol.asyncDispose]() {
      await producer.close(0);
      await client.close();
      await broker.stop();
    },
  };
}

interface Way {
  readonly servers: string;
  readonly topic: string;
  readonly channel: readonly string[];
  readonly sink: readonly string[];
  readonly acknowledge?: string;
  readonly more?: readonly string[];
}

const agentText = ({ servers, topic, channel, sink, acknowledge = 'channel', more = [] }: Way): string =>
  [
    'sources = r',
    'channels = c',
    'sinks = k',
    'sources.r.type = org.apache.flume.source.kafka.KafkaSource',
    `sources.r.kafka.bootstrap.servers = ${servers}`,
    `sources.r.kafka.topics = ${topic}`,
    'sources.r.kafka.consumer.auto.offset.reset = earliest',
    `sources.r.acknowledge = ${acknowledge}`,
    'sources.r.batchSize = 50',
    'sources.r.channels = c',
    ...channel.map((line) => `channels.c.${line}`),
    'sinks.k.channel = c',
    ...sink.map((line) => `sinks.k.${line}`),
    ...more,
  ]
    .map((line) => `a.${line}\n`)
    .join('');

const kafkaNowhere = [
  'type = org.apache.flume.sink.kafka.KafkaSink',
  'kafka.bootstrap.servers = 127.0.0.1:1',
];
const memory = ['type = memory', 'capacity = 100000', 'transactionCapacity = 1000'];

test.each([
  ['memory', 'channel', 'dead port'],
  ['memory', 'delivered', 'dead port'],
  ['memory', 'channel', 'no folder'],
  ['memory', 'delivered', 'refuses for ever'],
  ['file', 'channel', 'dead port'],
] as const)(
  'KafkaSource → %s channel (acknowledge = %s) → %s, SIGTERM: what is lost is told and read again, what is held is not',
  async (kind, acknowledge, down) => {
    await using dir = tempDir();
    await using kafka = await cluster();
    mkdirSync(dir.join('out'));
    const chance = chanceOf(`positions, ${kind}, ${acknowledge}, ${down}`);
    const partitions = chance.int(1, 3);
    const bodies = Array.from({ length: chance.int(1, 400) }, (_, i) => `line ${i}`);
    await kafka.create('t', partitions);
    await kafka.produce('t', partitions, bodies);
    const sinks = {
      'dead port': kafkaNowhere,
      'no folder': ['type = file_roll', 'sink.directory = /proc/none', 'sink.batchSize = 10'],
      'refuses for ever': [...kafkaNowhere, 'kafka.topic = no/topic', 'onRefused = retry'],
    };
    const channel =
      kind === 'memory'
        ? memory
        : ['type = file', `checkpointDir = ${dir.join('cp')}`, `dataDirs = ${dir.join('data')}`];
    const file = dir.join('a.conf');
    const way = { servers: kafka.servers, topic: 't', channel, acknowledge };
    writeFileSync(file, agentText({ ...way, sink: sinks[down] }));
    const args = ['agent', '-n', 'a', '-f', file, '--drain', '600'];
    {
      await using agent = await startMillrace(args);
      if (acknowledge === 'channel') {
        await waitFor('committed offsets', async () => (await kafka.committed('flume')) === bodies.length);
      } else {
        await agent.waitForLine(/established|refused|Unable/);
        await sleep(500);
      }
      expect(await agent.stop({ graceMs: 45_000 })).toEqual({
        code: kind === 'memory' ? 3 : 0,
        signal: null,
      });
      if (kind === 'memory')
        expect(agent.stderr).toMatch(/events of channel c could not be delivered and are lost/);
    }
    expect(await kafka.committed('flume')).toBe(kind === 'memory' ? 0 : bodies.length);
    const roll = [
      'type = file_roll',
      `sink.directory = ${dir.path}/out`,
      'sink.rollInterval = 0',
      'sink.batchSize = 10',
    ];
    writeFileSync(file, agentText({ ...way, sink: roll }));
    await using agent = await startMillrace(args);
    await waitFor('all lines', () => linesIn(dir.join('out')).length >= bodies.length);
    expect((await agent.stop({ graceMs: 45_000 })).code).toBe(0);
    expect(linesIn(dir.join('out')).toSorted()).toEqual(bodies.toSorted());
  },
);

test('a topic that is deleted and made again under a running group: every new record arrives', async () => {
  await using dir = tempDir();
  await using kafka = await cluster();
  mkdirSync(dir.join('out'));
  const chance = chanceOf('topic made again');
  const file = dir.join('a.conf');
  const roll = [
    'type = file_roll',
    `sink.directory = ${dir.path}/out`,
    'sink.rollInterval = 0',
    'sink.batchSize = 10',
  ];
  const quick = ['sources.r.kafka.consumer.metadata.max.age.ms = 1000'];
  writeFileSync(
    file,
    agentText({
      servers: kafka.servers,
      topic: 't',
      channel: memory,
      sink: roll,
      more: quick,
      acknowledge: chance.pick(['channel', 'delivered']),
    }),
  );
  let partitions = 2;
  await kafka.create('t', 2);
  await using agent = await startMillrace(['agent', '-n', 'a', '-f', file, '--drain', '600']);
  for (let round = 0; round < roundsOr(4); round++) {
    if (round > 0) partitions = Math.max(partitions, chance.int(2, 4));
    if (round > 0) {
      await kafka.admin.deleteTopics(['t']);
      await sleep(chance.pick([0, 50, 2000]));
      await kafka.create('t', partitions);
    }
    // Fewer, as many or more than before: an old position may lie inside, at the end of, or beyond the new topic.
    const bodies = Array.from({ length: chance.int(1, 60) }, (_, i) => `round ${round}, line ${i}`);
    await kafka.produce('t', partitions, bodies);
    const got = () => new Set(linesIn(dir.join('out')));
    await waitFor(`round ${round}`, () => bodies.every((body) => got().has(body)), {
      timeoutMs: 60_000,
    }).catch((error: unknown) => {
      throw new Error(`missing: ${bodies.filter((body) => !got().has(body)).join('; ')}\n${agent.tail()}`, {
        cause: error,
      });
    });
    await waitFor('the commit', async () => (await kafka.committed('flume')) === bodies.length, {
      timeoutMs: 60_000,
    });
  }
  expect((await agent.stop({ graceMs: 45_000 })).code).toBe(0);
});
