/** What must hold of a producer whatever its cluster does, on histories drawn from a seed. */
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fuzzRuns } from '../../../../../testkit/src/fuzz/fuzz-runs.ts';
import { batchOf, clusterBench } from '../../../../../testkit/src/kafka/fake-cluster/bench.ts';
import type { Fault } from '../../../../../testkit/src/kafka/fake-cluster/cluster.ts';

const numbered = (count: number, prefix = 'e'): string[] =>
  Array.from({ length: count }, (_, i) => `${prefix}${i}`);

const passing: Fault[] = [
  ...(['NOT_LEADER_OR_FOLLOWER', 'UNKNOWN_TOPIC_OR_PARTITION', 'LEADER_NOT_AVAILABLE'] as const),
  ...(['NOT_ENOUGH_REPLICAS', 'REQUEST_TIMED_OUT', 'KAFKA_STORAGE_ERROR'] as const),
  ...(['FENCED_LEADER_EPOCH', 'lose', 'drop'] as const),
];

/** One thing that goes wrong with the batch of that number. */
const mishap = fc.record({
  at: fc.nat(60),
  fault: fc.option(fc.constantFrom(...passing)),
  leaderMoves: fc.boolean(),
  metadataToo: fc.boolean(),
  delayMs: fc.constantFrom(0, 0, 3, 8),
});

describe('whatever the cluster does', () => {
  test.each([
    { name: 'idempotent, 5 in flight', acks: -1, maxInFlight: 5, idempotence: true },
    { name: 'idempotent, 1 in flight', acks: -1, maxInFlight: 1, idempotence: true },
    { name: 'acks=all, 1 in flight', acks: -1, maxInFlight: 1, idempotence: false },
    { name: 'acks=1, 1 in flight', acks: 1, maxInFlight: 1, idempotence: false },
  ] as const)('$name: nothing acknowledged is missing, and each partition keeps its order', async (kind) => {
    const shape = fc.record({
      mishaps: fc.array(mishap, { maxLength: 10 }),
      partitions: fc.integer({ min: 1, max: 3 }),
      nodes: fc.integer({ min: 1, max: 3 }),
      events: fc.integer({ min: 1, max: 60 }),
      batchSizeBytes: fc.constantFrom(0, 100, 16384),
      joinWhileBusy: fc.boolean(),
      bufferBytes: fc.constantFrom(150, 33554432),
    });
    await fc.assert(
      fc.asyncProperty(shape, async (s) => {
        await using b = await clusterBench(s.nodes);
        const { partitions } = b.cluster.addTopic('t', s.partitions);
        const { acks, maxInFlight, idempotence } = kind;
        const { batchSizeBytes, bufferBytes, joinWhileBusy } = s;
        const options = { acks, maxInFlight, idempotence, batchSizeBytes, bufferBytes, joinWhileBusy };
        const producer = b.newProducer(options);
        let batches = 0;
        let refreshes: Promise<unknown> = Promise.resolve();
        const delays: number[] = [];
        b.cluster.batchFault = ({ partition }) => {
          const now = s.mishaps.find(({ at }) => at === batches);
          batches++;
          if (now === undefined) return null;
          if (now.leaderMoves) {
            const to = partitions[partition]!;
            to.moveTo((Math.max(0, to.leader) % s.nodes) + 1);
            if (now.metadataToo) refreshes = b.client.refreshTopics(['t']).catch(() => {});
          }
          delays.push(now.delayMs);
          return now.fault;
        };
        b.cluster.delayMs = ({ api }) => (api === 'Produce' ? (delays.shift() ?? 0) : 0);
        const bodies = numbered(s.events);
        await Promise.all(bodies.map((body, i) => producer.send('t', i % s.partitions, batchOf([body]))));
        await refreshes;
        partitions.forEach((partition, p) => {
          const wanted = bodies.filter((_, i) => i % s.partitions === p);
          // A batch whose answer was lost is there twice without idempotence; what follows still follows.
          expect(idempotence ? partition.bodies : [...new Set(partition.bodies)]).toEqual(wanted);
        });
      }),
      fuzzRuns(60),
    );
  });

  test('max.in.flight 1: a batch to a new leader does not overtake one that the old leader still holds', async () => {
    await using b = await clusterBench(2);
    const { partitions } = b.cluster.addTopic('t', 1, [1]);
    const producer = b.newProducer({ acks: 1, maxInFlight: 1 });
    let delay = 0;
    b.cluster.delayMs = ({ api, nodeId }) => (api === 'Produce' && nodeId === 1 ? delay : 0);
    await producer.send('t', 0, batchOf(['before']));
    delay = 60;
    const a = producer.send('t', 0, batchOf(['a']));
    await sleep(20);
    partitions[0]!.moveTo(2);
    await b.client.refreshTopics(['t']);
    await Promise.all([a, producer.send('t', 0, batchOf(['b']))]);
    expect(partitions[0]!.bodies).toEqual(['before', 'a', 'b']);
  });

  test('a batch of unknown fate is not sent under a new epoch when one behind it is refused', async () => {
    await using b = await clusterBench();
    b.cluster.addTopic('t', 1);
    const producer = b.newProducer({ batchSizeBytes: 0 });
    await producer.send('t', 0, batchOf(['first']));
    const seen = new Set<number>();
    // The second is appended and its answer lost; the third is refused while the second waits to be sent again.
    b.cluster.batchFault = ({ header: { baseSequence, producerEpoch } }) => {
      if (producerEpoch > 0 || seen.has(baseSequence)) return null;
      seen.add(baseSequence);
      return baseSequence === 1 ? 'REQUEST_TIMED_OUT' : baseSequence === 2 ? 'MESSAGE_TOO_LARGE' : null;
    };
    b.cluster.appendsAnyway = (fault) => fault === 'REQUEST_TIMED_OUT';
    const sends = ['second', 'third', 'fourth'].map((body) => producer.send('t', 0, batchOf([body])));
    const results = await Promise.allSettled(sends);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(b.cluster.partition('t').bodies).toEqual(['first', 'second', 'fourth']);
  });
});

describe('fairness', () => {
  test.each([2, 5, 8, 13])('%i partitions of one broker, all full: each gets its turn', async (count) => {
    await using b = await clusterBench();
    b.cluster.addTopic('t', count);
    const options = {
      acks: 1,
      batchSizeBytes: 4000,
      maxRequestBytes: 11_000,
      bufferBytes: 10_000_000,
    } as const;
    const producer = b.newProducer(options);
    const done = new AbortController();
    b.cluster.batchFault = () => {
      if (b.cluster.produced.length >= count * 30) done.abort();
      return null;
    };
    const batch = batchOf(['x'.repeat(3900)]);
    const feed = async (partition: number): Promise<void> => {
      while (!done.signal.aborted) {
        await Promise.all(Array.from({ length: 20 }, () => producer.send('t', partition, batch)));
      }
    };
    await Promise.all(Array.from({ length: count }, (_, partition) => feed(partition)));
    const first = b.cluster.produced.slice(0, count * 30);
    const got = Array.from(
      { length: count },
      (_, p) => first.filter(({ partition }) => partition === p).length,
    );
    expect(Math.min(...got)).toBeGreaterThanOrEqual(15);
  });

  test('who waits for room is not overtaken by who comes in the moment when there is some', async () => {
    const shape = fc.record({
      first: fc.integer({ min: 700, max: 900 }),
      waits: fc.integer({ min: 300, max: 600 }),
      comes: fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 4 }),
    });
    await fc.assert(
      fc.asyncProperty(shape, async ({ first, waits, comes }) => {
        await using b = await clusterBench();
        b.cluster.addTopic('t', 1);
        const producer = b.newProducer({ bufferBytes: 1000, batchSizeBytes: 0 });
        const bodies = [first, waits, ...comes].map((size, i) => `${i}:${'x'.repeat(size)}`);
        const send = (body: string): Promise<unknown> => producer.send('t', 0, batchOf([body]));
        const early = send(bodies[0]!);
        const later = early.then(() => Promise.all(bodies.slice(2).map(send)));
        await Promise.all([early, send(bodies[1]!), later]);
        expect(b.cluster.partition('t').bodies).toEqual(bodies);
      }),
      fuzzRuns(20),
    );
  });
});

describe('many topics', () => {
  test.each([20, 300, 500])('%i topics that are not there are asked for together', async (count) => {
    await using b = await clusterBench();
    const producer = b.newProducer({ maxBlockMs: 250 });
    const sends = numbered(count, 'topic-').map((topic) => producer.send(topic, null, batchOf(['x'])));
    const results = await Promise.allSettled(sends);
    expect(results.every(({ status }) => status === 'rejected')).toBe(true);
    expect(b.cluster.count('Metadata')).toBeLessThan(10);
  });

  test('a send costs the same with ten topics and with thousands', async () => {
    const lookUps = async (topics: number): Promise<number> => {
      await using b = await clusterBench();
      const names = numbered(topics, 'topic-');
      for (const name of names) b.cluster.addTopic(name, 3);
      const producer = b.newProducer({ acks: 1 });
      await Promise.all(names.map((name) => producer.send(name, 0, batchOf(['x']))));
      const cachedTopic = b.client.cachedTopic.bind(b.client);
      let calls = 0;
      b.client.cachedTopic = (name) => {
        calls++;
        return cachedTopic(name);
      };
      for (let i = 0; i < 20; i++) await producer.send('topic-0', 0, batchOf(['y']));
      return calls;
    };
    expect(await lookUps(2000)).toBeLessThanOrEqual((await lookUps(10)) * 1.5);
  });

  test('a topic that was idle is forgotten, and what comes later still arrives once', async () => {
    await using b = await clusterBench();
    b.cluster.addTopic('idle', 1);
    b.cluster.addTopic('busy', 1);
    const producer = b.newProducer({ metadataMaxIdleMs: 20 });
    await producer.send('idle', 0, batchOf(['a', 'b']));
    for (let i = 0; i < 10; i++) {
      await sleep(5);
      await producer.send('busy', 0, batchOf([`${i}`]));
    }
    await producer.send('idle', 0, batchOf(['c']));
    await producer.send('idle', 0, batchOf(['d']));
    expect(b.cluster.partition('idle').bodies).toEqual(['a', 'b', 'c', 'd']);
    expect(b.cluster.produced.at(-1)!.header.producerEpoch).toBeGreaterThan(0);
    expect(b.cluster.partition('busy').bodies).toEqual(numbered(10, ''));
  });
});

test('flush ends when what was sent before it has ended, however much comes after', async () => {
  const nodes = 4;
  await using b = await clusterBench(nodes);
  b.cluster.addTopic('t', nodes);
  b.cluster.delayMs = ({ api, nodeId }) => (api === 'Produce' ? nodeId : 0);
  const producer = b.newProducer();
  let flushed = false;
  let rounds = 0;
  // Something is always under way: the brokers answer at different times.
  const load = async (partition: number): Promise<void> => {
    while (!flushed && rounds < 400) {
      await producer.send('t', partition, batchOf(['x']));
      if (++rounds !== 50) continue;
      void producer.flush().then(() => {
        flushed = true;
      });
    }
  };
  await Promise.all(Array.from({ length: nodes }, (_, partition) => load(partition)));
  expect(flushed).toBe(true);
  expect(rounds).toBeLessThan(200);
});
