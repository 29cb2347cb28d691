/** kafkajs as a program: `COMMAND BOOTSTRAP ARGS`, JSON in and out; the commands are in foreign-clients.ts. */
import { text } from 'node:stream/consumers';
import { CompressionTypes, Kafka, type KafkaMessage, logLevel, Partitioners } from 'kafkajs';
import { waitFor } from '../process/wait.ts';
import type { AdminSeen, ForeignRecord, TransactionsSeen } from './foreign-clients.ts';

const [command, bootstrap, topic, ...args] = process.argv.slice(2) as [string, string, string, ...string[]];
const kafka = new Kafka({ brokers: [bootstrap], logLevel: logLevel.NOTHING });
const createPartitioner = Partitioners.DefaultPartitioner;

type Read = KafkaMessage & { readonly partition: number };

/** By partition and offset, once there are so many. */
async function readAll(count: number, readUncommitted: boolean): Promise<Read[]> {
  const groupId = `readers-of-${topic}-${readUncommitted}`;
  const consumer = kafka.consumer({ groupId, readUncommitted, maxWaitTimeInMs: 200 });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  const read: Read[] = [];
  await consumer.run({
    eachMessage: async ({ partition, message }) => {
      read.push({ ...message, partition });
    },
  });
  await waitFor(`${count} records`, () => read.length >= count, { timeoutMs: 60_000 });
  await consumer.disconnect();
  return read.toSorted((a, b) => a.partition - b.partition || Number(a.offset) - Number(b.offset));
}

const packed = (data: Buffer | string | null | undefined): string | null =>
  data === null || data === undefined ? null : Buffer.from(data).toString('base64');
const unpacked = (data: string | null): Buffer | null => (data === null ? null : Buffer.from(data, 'base64'));

async function records(codec: string): Promise<(ForeignRecord & { offset: number })[]> {
  const sent = JSON.parse(await text(process.stdin)) as ForeignRecord[];
  const producer = kafka.producer({ createPartitioner });
  await producer.connect();
  await producer.send({
    topic,
    compression: codec === 'gzip' ? CompressionTypes.GZIP : CompressionTypes.None,
    messages: sent.map(({ key, value, headers, partition, timestamp }) => {
      const grouped = Object.groupBy(headers, ([name]) => name);
      const named = Object.entries(grouped).map(([name, pairs]) => [
        name,
        pairs!.map((pair) => unpacked(pair[1])!),
      ]);
      return {
        ...{ partition, key: unpacked(key), value: unpacked(value), timestamp: String(timestamp) },
        headers: Object.fromEntries(named) as Record<string, Buffer[]>,
      };
    }),
  });
  await producer.disconnect();
  return (await readAll(sent.length, true)).map(({ partition, offset, key, value, headers, timestamp }) => ({
    ...{ partition, offset: Number(offset), key: packed(key), value: packed(value) },
    headers: Object.entries(headers ?? {}).flatMap(([name, values]) =>
      [values].flat().map((each) => [name, packed(each)] as const),
    ),
    timestamp: Number(timestamp),
  }));
}

async function member(groupId: string): Promise<void> {
  const say = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`);
  const consumer = kafka.consumer({ groupId, heartbeatInterval: 500, maxWaitTimeInMs: 200 });
  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
    say({ assigned: payload.memberAssignment[topic] ?? [] });
  });
  process.once('SIGTERM', () => void consumer.disconnect().then(() => process.exit(0)));
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({
    eachMessage: async ({ message }) => {
      say({ record: message.value!.toString() });
    },
  });
}

async function transactions(groupId: string): Promise<TransactionsSeen> {
  const transactionalId = `${topic}-${groupId}`;
  const producer = kafka.producer({
    ...{ createPartitioner, transactionalId, idempotent: true, maxInFlightRequests: 1 },
  });
  await producer.connect();
  for (const [i, outcome] of ['committed', 'aborted', 'committed'].entries()) {
    const transaction = await producer.transaction();
    const messages = [0, 1].map((partition) => ({ partition, value: `${outcome} ${i}` }));
    await transaction.send({ topic, messages });
    const topics = [{ topic, partitions: [{ partition: 0, offset: String(10 + i) }] }];
    await transaction.sendOffsets({ consumerGroupId: groupId, topics });
    await (outcome === 'committed' ? transaction.commit() : transaction.abort());
  }
  await producer.disconnect();
  const admin = kafka.admin();
  await admin.connect();
  const [ofTopic] = await admin.fetchOffsets({ groupId, topics: [topic] });
  await admin.disconnect();
  const seen = async (count: number, readUncommitted: boolean) =>
    (await readAll(count, readUncommitted)).map(
      ({ partition, value }) => [partition, value!.toString()] as const,
    );
  return {
    read_committed: await seen(4, false),
    read_uncommitted: await seen(6, true),
    offset: Number(ofTopic!.partitions.find(({ partition }) => partition === 0)!.offset),
  };
}

async function admin(): Promise<AdminSeen> {
  const client = kafka.admin({ retry: { retries: 1 } }); // it tries again where there is no such topic
  await client.connect();
  const outcome = async (asked: Promise<unknown>): Promise<string | null> =>
    asked.then(
      () => null,
      (error: { type?: string; cause?: { type?: string } }) =>
        error.type ?? error.cause?.type ?? String(error),
    );
  const create = () =>
    client
      .createTopics({
        topics: [{ topic, numPartitions: 3, configEntries: [{ name: 'retention.ms', value: '3600000' }] }],
      })
      // It tells of a topic that exists by `false`.
      .then((made) => (made ? null : Promise.reject(new Error('TOPIC_ALREADY_EXISTS'))));
  const listed = async () => {
    if (!(await client.listTopics()).includes(topic)) return null;
    return (await client.fetchTopicMetadata({ topics: [topic] })).topics[0]!.partitions.length;
  };
  const remove = () => client.deleteTopics({ topics: [topic] });
  const created = [await outcome(create()), await outcome(create())];
  const partitions = await listed();
  const { resources } = await client.describeConfigs({
    resources: [{ type: 2, name: topic, configNames: ['retention.ms', 'cleanup.policy'] }],
    includeSynonyms: false,
  });
  const configs = resources[0]!.configEntries.map(({ configName, configValue }) => [configName, configValue]);
  const deleted = [await outcome(remove()), await outcome(remove())];
  const left = await listed();
  await client.disconnect();
  return {
    created,
    partitions,
    configs: Object.fromEntries(configs) as Record<string, string>,
    deleted,
    left,
  };
}

const commands: Record<string, (...args: string[]) => Promise<unknown>> = {
  records,
  member,
  transactions,
  admin,
};
const answer = await commands[command]!(...args);
if (answer !== undefined) process.stdout.write(`${JSON.stringify(answer)}\n`);
