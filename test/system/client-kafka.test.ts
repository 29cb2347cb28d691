/** The client against Apache Kafka itself, with Kafka's and librdkafka's clients on the other side. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Admin } from '../../packages/millrace/src/clients/kafka/admin/admin.ts';
import { KafkaClient } from '../../packages/millrace/src/clients/kafka/client.ts';
import { Consumer } from '../../packages/millrace/src/clients/kafka/consumer/consumer.ts';
import { Producer } from '../../packages/millrace/src/clients/kafka/producer/producer.ts';
import { encodeLines } from '../../packages/millrace/src/records/encode-lines.ts';
import type { EventBatch } from '../../packages/millrace/src/records/event-batch.ts';
import { realLogFiles } from '../../packages/testkit/src/files/real-logs.ts';
import { kcatConsumeAll, kcatProduce } from '../../packages/testkit/src/kafka/kcat.ts';
import { RealKafka } from '../../packages/testkit/src/kafka/real-kafka.ts';

let kafka: RealKafka;
let client: KafkaClient;
let admin: Admin;

beforeAll(async () => {
  kafka = await RealKafka.start();
  client = new KafkaClient({ bootstrapServers: [kafka.bootstrap], requestTimeoutMs: 10_000 });
  admin = new Admin(client);
});
afterAll(async () => {
  await client.close();
  await kafka[Symbol.asyncDispose]();
});

/** Lines of the machine's own logs, at least `count` of them. */
function realLines(count: number): Buffer {
  const text = Buffer.concat(realLogFiles().map((file) => readFileSync(file)));
  const newlines = text.filter((byte) => byte === 10).length;
  return Buffer.concat(Array.from({ length: Math.ceil(count / newlines) }, () => text));
}

function* batches(text: Buffer, maxEvents: number): Generator<EventBatch> {
  for (let from = 0; from < text.length; ) {
    const { batch, consumed } = encodeLines(text, from, text.length, { maxEvents, timestampMs: Date.now() });
    if (batch === null) return;
    yield batch;
    from += consumed;
  }
}

const create = (topic: string, partitions: number): Promise<void> =>
  admin.createTopics([{ topic, partitions, replicationFactor: 1 }]);

/** Bodies per partition, in order, until `count` came. */
async function readAll(topic: string, count: number): Promise<Map<number, string[]>> {
  await using consumer = new Consumer(client, {
    groupId: `read-${topic}`,
    topics: [topic],
    autoOffsetReset: 'earliest',
  });
  const bodies = new Map<number, string[]>();
  const deadline = Date.now() + 60_000;
  for (let n = 0; n < count; ) {
    if (Date.now() > deadline) throw new Error(`${n} of ${count} events within 60 s`);
    for (const { partition, batch } of await consumer.poll(500)) {
      n += batch.count;
      const list = bodies.get(partition) ?? [];
      for (const event of batch) list.push(event.body.toString('latin1'));
      bodies.set(partition, list);
    }
  }
  return bodies;
}

describe('producer', () => {
  test.each(['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const)(
    'kcat reads every byte of real logs, in order per partition: %s',
    async (compression) => {
      const topic = `produced-${compression}`;
      await create(topic, 2);
      const expected: [string[], string[]] = [[], []];
      await using producer = new Producer(client, { compression });
      const sends: Promise<unknown>[] = [];
      let turn = 0;
      for (const batch of batches(realLines(20_000), 500)) {
        const partition = turn++ % 2;
        for (const event of batch) expected[partition]!.push(event.body.toString('latin1'));
        sends.push(producer.send(topic, partition, batch));
      }
      await Promise.all(sends);
      const found: [string[], string[]] = [[], []];
      for (const { partition, value } of await kcatConsumeAll(kafka.bootstrap, topic)) {
        found[partition]!.push(value.toString('latin1'));
      }
      expect(found[0].length + found[1].length).toBeGreaterThanOrEqual(20_000);
      expect(found).toEqual(expected);
      expect(
        [...(await readAll(topic, turn === 0 ? 0 : found.flat().length))].sort().map(([, list]) => list),
      ).toEqual(expected);
    },
  );

  test('a broker that is killed and comes back: every event once and in order', async () => {
    const topic = 'killed';
    await create(topic, 1);
    await using producer = new Producer(client, { requestTimeoutMs: 5000 });
    const sends: Promise<unknown>[] = [];
    const expected: string[] = [];
    const all = [...batches(realLines(40_000), 200)];
    const third = Math.floor(all.length / 3);
    for (const [i, batch] of all.entries()) {
      for (const event of batch) expected.push(event.body.toString('latin1'));
      sends.push(producer.send(topic, 0, batch));
      if (i === third) {
        await sends[10];
        await kafka.kill();
      }
      if (i === 2 * third) await kafka.restart();
    }
    await Promise.all(sends);
    expect((await readAll(topic, expected.length)).get(0)).toEqual(expected);
    expect((await admin.listOffsets([{ topic, partition: 0 }], 'latest'))[0]?.offset).toBe(expected.length);
  });
});

describe('consumer', () => {
  test.each(['none', 'gzip', 'snappy', 'lz4', 'zstd'])('reads what kcat wrote: %s', async (compression) => {
    const topic = `written-${compression}`;
    await create(topic, 1);
    const lines = Array.from({ length: 3000 }, (_, i) => `line ${i} ${'příliš žluťoučký '.repeat(i % 5)}`);
    await kcatProduce(kafka.bootstrap, topic, lines, ['-z', compression]);
    const found = (await readAll(topic, lines.length)).get(0)!;
    expect(found.map((body) => Buffer.from(body, 'latin1').toString('utf8'))).toEqual(lines);
  });

  test.each([
    ['range', 'org.apache.kafka.clients.consumer.RangeAssignor'],
    ['cooperative-sticky', 'org.apache.kafka.clients.consumer.CooperativeStickyAssignor'],
  ] as const)(
    'shares a group with a Java consumer, and takes over when it leaves: %s',
    async (assignor, java) => {
      const topic = `shared-${assignor}`;
      await create(topic, 4);
      const groupId = `group-${topic}`;
      await using member = new Consumer(client, {
        groupId,
        topics: [topic],
        assignors: [assignor],
        autoOffsetReset: 'earliest',
        heartbeatIntervalMs: 500,
      });
      const until = async (what: string, condition: () => boolean): Promise<void> => {
        const deadline = Date.now() + 60_000;
        while (!condition()) {
          if (Date.now() > deadline) throw new Error(`${what}: not within 60 s`);
          await member.poll(100);
        }
      };
      await until('all partitions', () => member.assignment.length === 4);
      const other = await kafka.tools.start('kafka-console-consumer', [
        ...[
          '--topic',
          topic,
          '--group',
          groupId,
          '--command-property',
          `partition.assignment.strategy=${java}`,
        ],
        ...['--command-property', 'heartbeat.interval.ms=500'],
      ]);
      await until('half of them', () => member.assignment.length === 2);
      let stable = false;
      for (let i = 0; i < 100 && !stable; i++) {
        await member.poll(100);
        const [group] = await admin.describeGroups([groupId]);
        const sizes = group?.members.map(({ assignment }) => assignment.length) ?? [];
        stable = group?.state === 'Stable' && group.assignor === assignor && sizes.join() === '2,2';
      }
      expect(stable).toBe(true);
      await other.stop();
      await until('all again', () => member.assignment.length === 4);
    },
  );
});
