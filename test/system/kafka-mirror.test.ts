/** `millrace kafka-mirror` between the embedded broker and Apache Kafka. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Broker } from '../../packages/millrace/src/broker/index.ts';
import { run } from '../../packages/millrace/src/cli/kafka-mirror.ts';
import { Producer } from '../../packages/millrace/src/clients/kafka/producer/producer.ts';
import { BatchBuilder } from '../../packages/millrace/src/records/batch-builder.ts';
import { kcat, kcatConsumeAll } from '../../packages/testkit/src/kafka/kcat.ts';
import { killMirror, MirrorSide } from '../../packages/testkit/src/kafka/mirror-cases.ts';
import { RealKafka } from '../../packages/testkit/src/kafka/real-kafka.ts';
import { chanceOf, roundsOr } from '../../packages/testkit/src/oracle/seed.ts';
import { runCli } from '../../packages/testkit/src/process/cli-io.ts';
import { startMillrace } from '../../packages/testkit/src/process/millrace.ts';

let kafka: RealKafka;
let broker: Broker;
let cluster: MirrorSide;
let embedded: MirrorSide;

beforeAll(async () => {
  [kafka, broker] = await Promise.all([RealKafka.start(), Broker.start({ groupInitialRebalanceDelayMs: 0 })]);
  cluster = new MirrorSide(kafka.bootstrap);
  embedded = new MirrorSide(broker.bootstrapServers);
});
afterAll(async () => {
  await cluster.client.close();
  await embedded.client.close();
  await broker.stop();
  await kafka[Symbol.asyncDispose]();
});

const mirror = (from: string, to: string, ...argv: string[]) =>
  runCli(run, ['--from', from, '--to', to, ...argv]);

/** What kcat sees of a topic, offsets and times included. */
const seenByKcat = async (bootstrap: string, topic: string): Promise<string[]> =>
  (await kcatConsumeAll(bootstrap, topic))
    .map(({ partition, offset, timestampMs, key, headers, value }) =>
      JSON.stringify([partition, offset, timestampMs, key?.toString() ?? null, headers, value.toString()]),
    )
    .sort();

describe.each(['embedded to Kafka', 'Kafka to embedded'])('%s', (direction) => {
  const toKafka = direction === 'embedded to Kafka';
  const source = () => (toKafka ? embedded : cluster);
  const target = () => (toKafka ? cluster : embedded);
  const servers = (): [string, string] =>
    toKafka ? [broker.bootstrapServers, kafka.bootstrap] : [kafka.bootstrap, broker.bootstrapServers];
  const named = (name: string): string => `${name}-${toKafka ? 'out' : 'in'}`;

  test('every record with its key, headers, time and offset, of every codec and either kind of time', async () => {
    const chance = chanceOf(direction);
    const topics = [
      { topic: named('plain'), partitions: 3, configs: new Map([['max.message.bytes', '2000000']]) },
      {
        topic: named('stamped'),
        partitions: 2,
        configs: new Map([['message.timestamp.type', 'LogAppendTime']]),
      },
    ];
    for (const topic of topics) {
      await source().create(topic);
      await source().fill(chance, topic, 30);
      await kcat(
        servers()[0],
        ['-P', '-t', topic.topic, '-p', '0', '-K', ':', '-Z', '-z', 'snappy', '-H', 'h=1'],
        {
          stdin: 'a:one\nb:\n:three\n',
        },
      );
    }
    const { code, stdout, stderr } = await mirror(...servers(), '--topics', named('(plain|stamped)'));
    expect(code, `${stdout}\n${stderr}`).toBe(0);
    for (const { topic, partitions } of topics) {
      expect(await target().records(topic, partitions), topic).toEqual(
        await source().records(topic, partitions),
      );
      const seen = await seenByKcat(servers()[1], topic);
      expect(seen.length).toBeGreaterThan(30);
      expect(seen).toEqual(await seenByKcat(servers()[0], topic));
    }
    expect((await target().admin.topicConfigs(topics[0]!.topic)).get('max.message.bytes')).toBe('2000000');
  });

  test('a partition that begins late keeps its offsets', async () => {
    const topic = { topic: named('late'), partitions: 2 };
    await source().create(topic);
    await source().fill(chanceOf(`late, ${direction}`), topic, 30);
    const cut = (await source().ends(topic.topic, 2)).map(({ end }, partition) => ({
      ...{ topic: topic.topic, partition },
      offset: partition === 0 ? Math.floor(end / 2) : end,
    }));
    await source().admin.deleteRecordsBefore(cut);
    expect((await mirror(...servers(), '--topics', topic.topic)).code).toBe(0);
    expect(await target().ends(topic.topic, 2)).toEqual(await source().ends(topic.topic, 2));
    expect(await target().records(topic.topic, 2)).toEqual(await source().records(topic.topic, 2));
  });

  test('a reader that got half on the one side goes on with the very next record on the other', async () => {
    const topic = { topic: named('halved'), partitions: 1 };
    await source().create(topic);
    const count = await source().fill(chanceOf(`groups, ${direction}`), topic, 20);
    const half = Math.floor(count / 2);
    const group = ['-G', named('readers'), '-q', '-f', '%o\n', '-X', 'auto.offset.reset=earliest'];
    const read = async (bootstrap: string, records: number): Promise<number[]> => {
      const { stdout } = await kcat(bootstrap, [...group, '-c', `${records}`, topic.topic], {
        timeoutMs: 90_000,
      });
      return stdout.split('\n').filter(Boolean).map(Number);
    };
    const before = await read(servers()[0], half);
    expect(before).toEqual(Array.from({ length: half }, (_, i) => i));
    expect((await mirror(...servers(), '--topics', topic.topic)).code).toBe(0);
    const [committed] = await source().admin.groupOffsets(named('readers'));
    expect(committed!.offset).toBe(half);
    const after = await read(servers()[1], count - half);
    expect(after).toEqual(Array.from({ length: count - half }, (_, i) => half + i));
  });
});

test('kill -9 at drawn moments: every record once, and where it was', async () => {
  const chance = chanceOf('kills of the mirror');
  const topic = 'killed';
  const partitions = 3;
  const recordsOfBatch = 100;
  const batches = 600;
  await embedded.create({ topic, partitions });
  {
    await using producer = new Producer(embedded.client, { acks: -1, compression: 'none', lingerMs: 0 });
    const sends: Promise<unknown>[] = [];
    for (let n = 0; n < batches; n++) {
      const builder = new BatchBuilder();
      for (let i = 0; i < recordsOfBatch; i++) builder.add(`${n * recordsOfBatch + i} ${'x'.repeat(200)}`);
      sends.push(producer.send(topic, n % partitions, builder.build()));
    }
    await Promise.all(sends);
  }
  const total = batches * recordsOfBatch;
  const args = [
    'kafka-mirror',
    '--from',
    broker.bootstrapServers,
    '--to',
    kafka.bootstrap,
    '--topics',
    topic,
  ];
  const rounds = roundsOr(2);
  const copied = async (): Promise<number> => {
    const { topics } = await cluster.client.metadata([topic]);
    if ((topics.get(topic)?.partitions.length ?? 0) < partitions) return 0;
    return (await cluster.ends(topic, partitions)).reduce((sum, { end }) => sum + end, 0);
  };
  const until = async () => {
    const already = await copied();
    return already + chance.int(0, Math.floor((total - already) / 2));
  };
  const kills = await killMirror({ args, rounds, copied, until });
  await using last = await startMillrace([...args, '--json']);
  const { code } = await last.exited;
  expect(code, last.tail(20)).toBe(0);
  expect(kills).toBeGreaterThan(0);
  const values = (await kcatConsumeAll(kafka.bootstrap, topic)).map(({ value }) =>
    Number.parseInt(value.toString(), 10),
  );
  expect(values.length).toBe(total);
  expect(new Set(values).size).toBe(total);
  expect(await cluster.records(topic, partitions)).toEqual(await embedded.records(topic, partitions));
});
