/** kill -9 of the embedded broker under transactional producers: each transaction is there as a whole or not at all. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Admin } from '../../packages/millrace/src/clients/kafka/admin/admin.ts';
import { KafkaClient } from '../../packages/millrace/src/clients/kafka/client.ts';
import { PartitionReader } from '../../packages/millrace/src/clients/kafka/consumer/partition-reader.ts';
import { TransactionalProducer } from '../../packages/millrace/src/clients/kafka/producer/transactional-producer.ts';
import { bodiesOf } from '../../packages/millrace/src/component/testing/test-api.ts';
import { EmbeddedKafka } from '../../packages/testkit/src/kafka/embedded-kafka.ts';
import { batchOf } from '../../packages/testkit/src/kafka/fake-cluster/bench.ts';
import { kcatConsumeAll } from '../../packages/testkit/src/kafka/kcat.ts';
import { type Chance, chanceOf, roundsOr } from '../../packages/testkit/src/oracle/seed.ts';

const partitions = 3;
/** Records that a transaction writes to a partition; it writes to two. */
const perPartition = 2;

/** Lets transactions begin, or has them wait until all has been read. */
class Gate {
  isRunning = true;
  #inside = 0;
  #closed: PromiseWithResolvers<void> | null = null;
  readonly #workers: number;

  constructor(workers: number) {
    this.#workers = workers;
  }

  async pass(): Promise<void> {
    if (this.#closed === null) return;
    this.#inside++;
    await this.#closed.promise;
    this.#inside--;
  }

  /** Runs `read` while nobody writes. */
  async whileClosed<T>(read: () => Promise<T>): Promise<T> {
    this.#closed = Promise.withResolvers();
    while (this.#inside < this.#workers) await sleep(20);
    try {
      return await read();
    } finally {
      this.#closed.resolve();
      this.#closed = null;
    }
  }
}

/** Writes transactions, one after the other; each also commits its own number as the offset of a group. */
class Worker {
  readonly name: string;
  readonly committed = new Set<string>();
  readonly aborted = new Set<string>();
  lastOffset = 0;
  readonly #client: KafkaClient;
  readonly #chance: Chance;

  constructor(name: string, client: KafkaClient, chance: Chance) {
    this.name = name;
    this.#client = client;
    this.#chance = chance;
  }

  get groupId(): string {
    return `g-${this.name}`;
  }

  async run(gate: Gate): Promise<void> {
    // A life of the producer; the next one has the same id, and ends what this one left open.
    while (gate.isRunning) {
      const producer = this.#newProducer();
      try {
        for (let left = this.#chance.int(5, 40); left > 0 && gate.isRunning && !producer.isDead; left--) {
          await gate.pass();
          await this.#transaction(producer);
          await sleep(this.#chance.int(0, 10));
        }
      } finally {
        await producer.close();
      }
    }
  }

  #newProducer(): TransactionalProducer {
    const quick = { lingerMs: 0, retryBackoffMs: 20, requestTimeoutMs: 5000, deliveryTimeoutMs: 20_000 };
    return new TransactionalProducer(this.#client, { transactionalId: `id-${this.name}`, ...quick });
  }

  async #transaction(producer: TransactionalProducer): Promise<void> {
    const number = this.committed.size + this.aborted.size + 1;
    const name = `${this.name}.${number}`;
    await producer.ready();
    producer.begin();
    const first = this.#chance.int(0, partitions - 1);
    const sends = [first, (first + 1) % partitions].flatMap((partition) =>
      Array.from({ length: perPartition }, (_, i) =>
        producer.send('t', partition, batchOf([`${name} ${partition} ${i}`])),
      ),
    );
    const offsets = [{ topic: 't', partition: 0, offset: number }];
    producer.addOffsets({
      groupId: this.groupId,
      memberId: '',
      generationId: -1,
      groupInstanceId: null,
      offsets,
    });
    try {
      await Promise.all(sends);
      if (this.#chance.int(0, 3) === 0) throw new Error('given up');
      await producer.commit();
      this.committed.add(name);
      this.lastOffset = number;
    } catch {
      await Promise.allSettled(sends);
      this.aborted.add(name);
      if (!producer.isDead) await producer.abort().catch(() => {});
    }
  }
}

/** Transactions of which a reader with read_committed has only a part of what they wrote to a partition. */
function tornIn(values: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const value of values) {
    const place = value.split(' ').slice(0, 2).join(' ');
    counts.set(place, (counts.get(place) ?? 0) + 1);
  }
  return [...counts].filter(([, count]) => count !== perPartition).map(([place]) => place);
}

/** Reads along while it is written, over every kill. */
async function follow(reader: PartitionReader, into: string[], isDone: () => boolean): Promise<void> {
  while (!isDone()) for (const { batch } of await reader.poll(200)) into.push(...bodiesOf(batch));
}

async function readCommitted(bootstrap: string): Promise<string[]> {
  const records = await kcatConsumeAll(bootstrap, 't', ['-X', 'isolation.level=read_committed']);
  return records.map(({ value }) => value.toString());
}

test.each([2, 1])('by transaction.version %i', async (version) => {
  const chance = chanceOf(`kill under transactions, version ${version}`);
  await using kafka = await EmbeddedKafka.start({
    settings: {
      'millrace.transaction.version': version,
      'transaction.abort.timed.out.transaction.cleanup.interval.ms': 200,
    },
  });
  const quick = { reconnectBackoffMs: 20, reconnectBackoffMaxMs: 200, requestTimeoutMs: 5000 };
  await using client = new KafkaClient({ bootstrapServers: [kafka.bootstrap], ...quick });
  const admin = new Admin(client);
  await admin.createTopics([
    { topic: 't', partitions, replicationFactor: -1, configs: new Map([['segment.ms', '700']]) },
  ]);
  const workers = ['a', 'b', 'c'].map((name) => new Worker(name, client, chance.fork()));
  const positions = Array.from({ length: partitions }, (_, partition) => ({
    topic: 't',
    partition,
    offset: 0,
  }));
  await using reader = new PartitionReader(client, positions, { readCommitted: true });
  const followed: string[] = [];
  let mostFollowed = Number.POSITIVE_INFINITY;
  const following = follow(reader, followed, () => followed.length >= mostFollowed);
  const gate = new Gate(workers.length);
  const done = Promise.all(workers.map((worker) => worker.run(gate)));
  const rounds = roundsOr(4);
  for (let round = 0; round < rounds; round++) {
    await sleep(chance.int(200, 1500));
    await kafka.kill();
    await kafka.restart();
    // In every tenth round, as reading all of it takes longer each time.
    if (rounds >= 10 && round % 10 > 0) continue;
    expect(tornIn(await gate.whileClosed(() => readCommitted(kafka.bootstrap)))).toEqual([]);
  }
  await sleep(500);
  gate.isRunning = false;
  await done;
  const seen = await readCommitted(kafka.bootstrap);
  mostFollowed = seen.length;
  await following;
  expect(followed.toSorted()).toEqual(seen.toSorted());
  const committed = workers.flatMap((worker) => [...worker.committed]);
  const aborted = workers.reduce((sum, worker) => sum + worker.aborted.size, 0);
  console.log(`version ${version}: ${rounds} kills, ${committed.length} committed, ${aborted} aborted`);
  expect(tornIn(seen)).toEqual([]);
  const counts = new Map<string, number>();
  for (const value of seen) {
    const name = value.split(' ', 1)[0]!;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  expect([...counts].filter(([, count]) => count !== 2 * perPartition)).toEqual([]);
  expect([...counts.keys()].toSorted()).toEqual(committed.toSorted());
  expect(committed.length).toBeGreaterThan(10 * rounds);
  for (const { groupId, lastOffset } of workers) {
    const offsets = (await admin.groupOffsets(groupId)).map(({ offset }) => offset);
    expect([groupId, ...offsets]).toEqual([groupId, lastOffset]);
  }
});
