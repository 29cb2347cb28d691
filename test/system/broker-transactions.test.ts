/** Transactions of Kafka's Java clients and tools, and of other clients, against the embedded broker. */
import { Producer } from '@platformatic/kafka';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Broker } from '../../packages/millrace/src/broker/index.ts';
import { KafkaClient } from '../../packages/millrace/src/clients/kafka/client.ts';
import { TransactionalProducer } from '../../packages/millrace/src/clients/kafka/producer/transactional-producer.ts';
import { tempDir } from '../../packages/testkit/src/files/temp-dir.ts';
import { batchOf } from '../../packages/testkit/src/kafka/fake-cluster/bench.ts';
import { dumpSegment, KafkaTools, runKafkaTool } from '../../packages/testkit/src/kafka/kafka-tools.ts';
import { kcatConsumeAll, kcatProduce } from '../../packages/testkit/src/kafka/kcat.ts';

const dir = tempDir();
const dataDir = dir.join('data');
let broker: Broker;
let tools: KafkaTools;

beforeAll(async () => {
  broker = await Broker.start({ dataDir });
  tools = new KafkaTools(broker.bootstrapServers);
});
afterAll(async () => {
  await broker.stop();
  dir[Symbol.dispose]();
});

const committed = (topic: string) =>
  kcatConsumeAll(broker.bootstrapServers, topic, ['-X', 'isolation.level=read_committed']);
const bodies = async (topic: string) => (await committed(topic)).map(({ value }) => value.toString());

test('Kafka’s copier with aborts in between: what goes in comes out once, the group stands at the end', async () => {
  await broker.createTopic('in', { partitions: 1 });
  await broker.createTopic('out', { partitions: 2 });
  const lines = Array.from({ length: 500 }, (_, i) => `line ${i}`);
  await kcatProduce(broker.bootstrapServers, 'in', lines, ['-p', '0']);
  const { stdout } = await runKafkaTool(
    'transactional-message-copier',
    [
      ...['--broker-list', broker.bootstrapServers, '--transactional-id', 'copier'],
      ...['--input-topic', 'in', '--input-partition', '0', '--output-topic', 'out'],
      ...['--max-messages', '500', '--transaction-size', '50', '--consumer-group', 'copiers'],
      ...['--enable-random-aborts', '--group-mode', '--use-group-metadata'],
    ],
    { timeoutMs: 120_000 },
  );
  expect(stdout).toContain('"remaining":0');
  expect((await bodies('out')).toSorted()).toEqual(lines.toSorted());
  const group = await tools.run('kafka-consumer-groups', ['--describe', '--group', 'copiers']);
  expect(group.stdout).toMatch(/copiers\s+in\s+0\s+500\s+500\s+0/);
});

test('Kafka’s producer, a transaction every few milliseconds; its segments are sound to Kafka', async () => {
  await broker.createTopic('perf', { partitions: 2 });
  await runKafkaTool('kafka-producer-perf-test', [
    ...['--topic', 'perf', '--num-records', '5000', '--record-size', '100', '--throughput', '-1'],
    ...['--producer-props', `bootstrap.servers=${broker.bootstrapServers}`],
    ...['--transactional-id', 'perf', '--transaction-duration-ms', '5'],
  ]);
  const consumed = await tools.run('kafka-console-consumer', [
    ...['--topic', 'perf', '--from-beginning', '--max-messages', '5000', '--timeout-ms', '30000'],
    ...['--consumer-property', 'isolation.level=read_committed'],
  ]);
  expect(consumed.stdout.match(/^[A-Z]{100}$/gm)).toHaveLength(5000);
  for (const folder of ['perf-0', '__transaction_state-0', '__consumer_offsets-0']) {
    const dump = await dumpSegment(`${dataDir}/${folder}/00000000000000000000.log`);
    expect(dump.faults).toEqual([]);
    if (folder === 'perf-0') expect(dump.text).toContain('endTxnMarker: COMMIT');
  }
});

test('kafka-transactions lists, describes, finds and ends what is open', async () => {
  await broker.createTopic('open', { partitions: 1 });
  await using client = new KafkaClient({ bootstrapServers: [broker.bootstrapServers] });
  await using producer = new TransactionalProducer(client, { transactionalId: 'opener', lingerMs: 0 });
  await producer.ready();
  producer.begin();
  await producer.send('open', 0, batchOf(['never']));
  const list = await tools.run('kafka-transactions', ['list', '--transactional-id-pattern', 'open.*']);
  expect(list.stdout).toMatch(/opener\s+\S+\s+\d+\s+Ongoing/);
  expect(list.stdout).not.toContain('copier');
  const described = await tools.run('kafka-transactions', ['describe', '--transactional-id', 'opener']);
  expect(described.stdout).toMatch(/opener\s.*\sOngoing\s.*\sopen-0/);
  const producers = await tools.run('kafka-transactions', [
    ...['describe-producers', '--topic', 'open', '--partition', '0'],
  ]);
  const [, ...row] = /^(\d+)\s+(\d+)\s+(-?\d+)\s+(\d+)\s+\d+\s+(\d+)/m.exec(producers.stdout)!;
  expect([row.at(-1), producers.stdout]).toEqual([
    '0',
    expect.stringContaining('CurrentTransactionStartOffset'),
  ]);
  await tools.run('kafka-transactions', [
    ...['abort', '--topic', 'open', '--partition', '0', '--start-offset', '0'],
  ]);
  expect(await committed('open')).toEqual([]);
  await producer.abort().catch(() => {});
});

test('@platformatic/kafka, which speaks as clients did before Kafka 4', async () => {
  await broker.createTopic('platformatic', { partitions: 1 });
  const producer = new Producer({
    clientId: 'p',
    bootstrapBrokers: [broker.bootstrapServers],
    transactionalId: 'platformatic',
    idempotent: true,
  });
  try {
    for (const [i, commits] of [true, false, true].entries()) {
      const transaction = await producer.beginTransaction();
      const messages = [0, 1].map((n) => ({ topic: 'platformatic', value: Buffer.from(`${i}-${n}`) }));
      await transaction.send({ messages });
      await (commits ? transaction.commit() : transaction.abort());
    }
  } finally {
    await producer.close();
  }
  expect(await bodies('platformatic')).toEqual(['0-0', '0-1', '2-0', '2-1']);
});
