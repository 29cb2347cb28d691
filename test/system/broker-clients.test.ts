/** Kafka clients of other languages against the embedded broker: confluent-kafka (librdkafka), kafka-python and kafkajs. */
import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Broker } from '../../packages/millrace/src/broker/index.ts';
import { type TempDir, tempDir } from '../../packages/testkit/src/files/temp-dir.ts';
import {
  type ForeignClient,
  type ForeignRecord,
  foreignAdmin,
  foreignRecords,
  foreignTransactions,
  startForeignMember,
} from '../../packages/testkit/src/kafka/foreign-clients.ts';
import { kcatProduce } from '../../packages/testkit/src/kafka/kcat.ts';
import type { ManagedProcess } from '../../packages/testkit/src/process/processes.ts';
import { waitFor } from '../../packages/testkit/src/process/wait.ts';

let dir: TempDir;
let broker: Broker;
beforeAll(async () => {
  dir = tempDir('millrace-clients-');
  broker = await Broker.start({
    dataDir: dir.join('data'),
    groupInitialRebalanceDelayMs: 100,
    groupConsumerHeartbeatIntervalMs: 500,
    defaultPartitions: 2,
  });
});
afterAll(async () => {
  await broker?.stop();
  dir?.[Symbol.dispose]();
});

/** As the attributes of a batch name them, by their numbers. */
const codecs = ['none', 'gzip', 'snappy', 'lz4', 'zstd'];

/** The codecs of the batches of a partition, as they lie in the log (length at 8, attributes at 21, both big-endian). */
function codecsInLog(topic: string, partition: number): string[] {
  const folder = dir.join('data', `${topic}-${partition}`);
  const segment = readdirSync(folder).find((name) => name.endsWith('.log'))!;
  const log = readFileSync(`${folder}/${segment}`);
  const found = new Set<string>();
  for (let at = 0; at < log.length; at += 12 + log.readInt32BE(at + 8)) {
    found.add(codecs[log.readInt16BE(at + 21) & 7]!);
  }
  return [...found];
}

const bytes = (data: string | Uint8Array): string => Buffer.from(data).toString('base64');
const everyByte = Uint8Array.from({ length: 256 }, (_, i) => i);
/** Of these confluent-kafka alone has headers without a value; kafka-python has no records without both key and value. */
function recordsFor(client: ForeignClient): readonly ForeignRecord[] {
  const keys = [null, bytes(''), bytes(everyByte)];
  const values = [bytes(everyByte), null, bytes(''), bytes('välue '.repeat(200))];
  const headers: readonly ForeignRecord['headers'][] = [
    [],
    [['one', bytes('1')]],
    [
      ['two', bytes(everyByte)],
      ['two', client === 'confluent-kafka' ? null : bytes('')],
    ],
  ];
  return Array.from({ length: 600 }, (_, i) => {
    const key = i % 5 === 0 ? bytes(`key ${i}`) : keys[i % 3]!;
    const value = i % 7 === 0 ? bytes(`value ${i}`) : values[i % 4]!;
    return {
      partition: i % 2,
      key: client === 'kafka-python' && value === null ? (key ?? bytes('key')) : key,
      value,
      headers: headers[(i >> 1) % 3]!,
      timestamp: 1_700_000_000_000 + ((i * 7919) % 600) * 1000,
    };
  });
}

interface Line {
  readonly assigned?: readonly number[];
  readonly record?: string;
}
const linesOf = (member: ManagedProcess): Line[] =>
  member.stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Line);
const assignedOf = (member: ManagedProcess): readonly number[] =>
  linesOf(member).findLast((line) => line.assigned !== undefined)?.assigned ?? [];
const readBy = (...members: ManagedProcess[]): string[] =>
  members.flatMap((member) =>
    linesOf(member).flatMap(({ record }) => (record === undefined ? [] : [record])),
  );

describe.each(['confluent-kafka', 'kafka-python', 'kafkajs'] as const)('%s', (client) => {
  test.each(client === 'kafkajs' ? ['none', 'gzip'] : codecs)(
    '%s: keys, values, headers and times come back as they were',
    async (codec) => {
      const topic = `${client}-${codec}`;
      await broker.createTopic(topic, { partitions: 2 });
      const records = recordsFor(client);
      const read = await foreignRecords(client, broker.bootstrapServers, topic, codec, records);
      const inOrder = (partition: number) =>
        records.filter((each) => each.partition === partition).map((each, offset) => ({ ...each, offset }));
      expect(read).toEqual([...inOrder(0), ...inOrder(1)]);
      // librdkafka leaves batches as they are that would not become smaller, as one of few records.
      for (const partition of [0, 1]) expect(codecsInLog(topic, partition)).toContain(codec);
    },
  );

  test.each(client === 'confluent-kafka' ? (['classic', 'consumer'] as const) : (['classic'] as const))(
    'group.protocol=%s: a second member joins and leaves, every record once',
    async (protocol) => {
      const topic = `${client}-group-${protocol}`;
      await broker.createTopic(topic, { partitions: 4 });
      const sent: string[] = [];
      const send = async (round: string) => {
        for (const partition of [0, 1, 2, 3]) {
          const lines = Array.from({ length: 50 }, (_, i) => `${round} ${partition} ${i}`);
          await kcatProduce(broker.bootstrapServers, topic, lines, ['-p', `${partition}`]);
          sent.push(...lines);
        }
      };
      const start = () => startForeignMember(client, broker.bootstrapServers, topic, `of-${topic}`, protocol);

      await using first = await start();
      await send('alone');
      await waitFor('the first to read all', () => readBy(first).length >= sent.length);
      await using second = await start();
      const both = () => [assignedOf(first), assignedOf(second)];
      await waitFor('two partitions each', () => both().every(({ length }) => length === 2));
      expect(both().flat().toSorted()).toEqual([0, 1, 2, 3]);
      await send('shared');
      await waitFor('both to read all', () => readBy(first, second).length >= sent.length);
      expect(readBy(second)).toHaveLength(100);

      expect(await second.stop()).toEqual({ code: 0, signal: null });
      await waitFor('the first to take over', () => assignedOf(first).length === 4);
      await send('alone again');
      await waitFor('the first to read the rest', () => readBy(first, second).length >= sent.length);
      expect(await first.stop()).toEqual({ code: 0, signal: null });
      expect(readBy(first, second).toSorted()).toEqual(sent.toSorted());
    },
  );

  test('transactions: what is aborted is hidden from read_committed, and so are its offsets', async () => {
    const topic = `${client}-transactions`;
    await broker.createTopic(topic, { partitions: 2 });
    const of = (...values: string[]) =>
      [0, 1].flatMap((partition) => values.map((value) => [partition, value]));
    expect(await foreignTransactions(client, broker.bootstrapServers, topic, `of-${topic}`)).toEqual({
      read_committed: of('committed 0', 'committed 2'),
      read_uncommitted: of('committed 0', 'aborted 1', 'committed 2'),
      offset: 12,
    });
  });

  test('topics are made, described and deleted; what can not be is told by the right error', async () => {
    const names = {
      'confluent-kafka': { exists: 'TOPIC_ALREADY_EXISTS', unknown: 'UNKNOWN_TOPIC_OR_PART' },
      'kafka-python': { exists: 'TopicAlreadyExistsError', unknown: 'UnknownTopicOrPartitionError' },
      kafkajs: { exists: 'Error: TOPIC_ALREADY_EXISTS', unknown: 'UNKNOWN_TOPIC_OR_PARTITION' },
    }[client];
    expect(await foreignAdmin(client, broker.bootstrapServers, `${client}-admin`)).toEqual({
      created: [null, names.exists],
      partitions: 3,
      configs: { 'retention.ms': '3600000', 'cleanup.policy': 'delete' },
      deleted: [null, names.unknown],
      left: null,
    });
  });
});
