import { describe, expect, test } from 'vitest';
import { batchOf, clusterBench } from '../../../../../testkit/src/kafka/fake-cluster/bench.ts';
import type { FakeCluster, Fault } from '../../../../../testkit/src/kafka/fake-cluster/cluster.ts';
import { waitFor } from '../../../../../testkit/src/process/wait.ts';
import type { KafkaErrorName } from '../../../protocol/error-codes.ts';
import { nextTurn } from '../../../runtime/timers.ts';
import type { ProducerOptions } from '../options.ts';
import { produceErrors } from './produce-errors.ts';
import type { Producer } from './producer.ts';

interface Bench extends AsyncDisposable {
  readonly cluster: FakeCluster;
  readonly producer: Producer;
}
async function bench(
  options: ProducerOptions = {},
  { nodes = 1, partitions = 1 }: { nodes?: number; partitions?: number } = {},
): Promise<Bench> {
  const b = await clusterBench(nodes);
  const leaders = Array.from({ length: partitions }, () => 1);
  b.cluster.addTopic('t', partitions, leaders);
  return { ...b, producer: b.newProducer(options) };
}

/** Sends `count` batches of one event that may not be joined, all at once. */
function sendMany(producer: Producer, count: number): Promise<unknown>[] {
  return Array.from({ length: count }, (_, i) => producer.send('t', 0, batchOf([`e${i}`])));
}
const many = (count: number): string[] => Array.from({ length: count }, (_, i) => `e${i}`);
const alone: ProducerOptions = { batchSizeBytes: 0 };

/** A fault that comes once, when the batch with this sequence is seen first. */
function onceAt(
  sequence: number,
  fault: Fault,
): (batch: { header: { baseSequence: number } }) => Fault | null {
  let left = 1;
  return ({ header }) => (header.baseSequence === sequence && left-- > 0 ? fault : null);
}

describe('order and no doubles with several requests in flight', () => {
  test.each<Fault>(['NOT_ENOUGH_REPLICAS', 'NOT_LEADER_OR_FOLLOWER', 'REQUEST_TIMED_OUT', 'lose'])(
    'after %s in the middle',
    async (fault) => {
      await using b = await bench(alone);
      b.cluster.batchFault = onceAt(7, fault);
      await Promise.all(sendMany(b.producer, 30));
      expect(b.cluster.partition('t').bodies).toEqual(many(30));
      expect(b.cluster.produced.length).toBeGreaterThan(30);
      expect(b.cluster.produced.every(({ header }) => header.producerEpoch === 0)).toBe(true);
    },
  );

  test.each<Fault>(['UNKNOWN_TOPIC_OR_PARTITION', 'NOT_LEADER_OR_FOLLOWER', 'lose'])(
    'after %s at the very first batch, when the broker takes any sequence',
    async (fault) => {
      await using b = await bench(alone);
      b.cluster.batchFault = onceAt(0, fault);
      await Promise.all(sendMany(b.producer, 30));
      expect(b.cluster.partition('t').bodies).toEqual(many(30));
    },
  );

  test('when the leader moves', async () => {
    await using b = await bench(alone, { nodes: 2 });
    b.cluster.batchFault = ({ header }) => {
      if (header.baseSequence === 10) b.cluster.partition('t').moveTo(2);
      return null;
    };
    await Promise.all(sendMany(b.producer, 30));
    expect(b.cluster.partition('t').bodies).toEqual(many(30));
    expect(new Set(b.cluster.produced.map(({ nodeId }) => nodeId))).toEqual(new Set([1, 2]));
  });

  test('when batches are compressed in the thread pool', async () => {
    await using b = await bench({ ...alone, compression: 'gzip' });
    b.cluster.batchFault = onceAt(3, 'NOT_ENOUGH_REPLICAS');
    await Promise.all(sendMany(b.producer, 20));
    expect(b.cluster.partition('t').bodies).toEqual(many(20));
  });

  test('a lost producer state begins a new epoch with sequence 0', async () => {
    await using b = await bench(alone);
    await Promise.all(sendMany(b.producer, 3));
    b.cluster.batchFault = onceAt(3, 'UNKNOWN_PRODUCER_ID');
    await b.producer.send('t', 0, batchOf(['after']));
    await b.producer.send('t', 0, batchOf(['last']));
    expect(b.cluster.partition('t').bodies).toEqual([...many(3), 'after', 'last']);
    const { header } = b.cluster.produced.at(-1)!;
    expect([header.producerEpoch, header.baseSequence]).toEqual([1, 1]);
  });

  test('a batch that is refused for good leaves no gap in the sequences behind it', async () => {
    await using b = await bench(alone);
    b.cluster.batchFault = onceAt(4, 'INVALID_RECORD');
    const results = await Promise.allSettled(sendMany(b.producer, 12));
    expect(results.map(({ status }) => status)).toEqual(
      many(12).map((_, i) => (i === 4 ? 'rejected' : 'fulfilled')),
    );
    expect(b.cluster.partition('t').bodies).toEqual(many(12).filter((body) => body !== 'e4'));
  });
});

describe('every produce error', () => {
  const named = [...produceErrors].filter(([, { name }]) => name !== 'NONE').map(([, rule]) => rule);
  test.each(named)('$name: $action', async ({ name, action }) => {
    await using b = await bench();
    b.cluster.batchFault = onceAt(0, name as KafkaErrorName);
    const sent = b.producer.send('t', 0, batchOf(['only']));
    if (action === 'refuse') {
      const refused = [{ index: 0, reason: expect.stringContaining(name) }];
      await expect(sent).rejects.toMatchObject({ refused, pending: [] });
      expect(b.cluster.produced).toHaveLength(1);
    } else if (action === 'pending') {
      const cause = { code: 'KAFKA', message: expect.stringContaining(name) };
      await expect(sent).rejects.toMatchObject({ refused: [], pending: [0], cause });
      expect(b.cluster.produced).toHaveLength(1);
    } else if (action === 'done') {
      await sent;
      expect(b.cluster.produced).toHaveLength(1);
    } else {
      await sent;
      expect(b.cluster.partition('t').bodies).toEqual(['only']);
      expect(b.cluster.produced).toHaveLength(2);
    }
  });

  test('a split batch keeps its order, also against what is in flight behind it', async () => {
    await using b = await bench();
    b.cluster.batchFault = ({ header }) => (header.recordCount > 3 ? 'MESSAGE_TOO_LARGE' : null);
    const bodies = many(20);
    await Promise.all([
      b.producer.send('t', 0, batchOf(bodies.slice(0, 15))),
      b.producer.send('t', 0, batchOf(bodies.slice(15))),
    ]);
    expect(b.cluster.partition('t').bodies).toEqual(bodies);
  });
});

describe('limits', () => {
  test('delivery.timeout.ms ends the tries', async () => {
    await using b = await bench({ deliveryTimeoutMs: 100 });
    b.cluster.batchFault = () => 'NOT_ENOUGH_REPLICAS';
    await expect(b.producer.send('t', 0, batchOf(['a']))).rejects.toMatchObject({
      pending: [0],
      cause: { code: 'TIMEOUT' },
    });
  });

  test('retries ends them too', async () => {
    await using b = await bench({ retries: 2 });
    b.cluster.batchFault = () => 'NOT_ENOUGH_REPLICAS';
    await expect(b.producer.send('t', 0, batchOf(['a']))).rejects.toMatchObject({
      pending: [0],
      cause: { code: 'KAFKA' },
    });
    expect(b.cluster.produced).toHaveLength(3);
  });

  test('a broker that does not answer is asked again over a new connection', async () => {
    await using b = await bench({ requestTimeoutMs: 100 });
    b.cluster.batchFault = onceAt(0, 'silence');
    await b.producer.send('t', 0, batchOf(['a']));
    expect(b.cluster.partition('t').bodies).toEqual(['a']);
  });

  test('close fails what has no answer', async () => {
    await using b = await bench();
    b.cluster.batchFault = () => 'silence';
    const sent = b.producer.send('t', 0, batchOf(['a']));
    const failed = expect(sent).rejects.toMatchObject({ cause: { code: 'TIMEOUT' } });
    await b.producer.close(50);
    await failed;
    await expect(b.producer.send('t', 0, batchOf(['b']))).rejects.toMatchObject({
      cause: { code: 'KAFKA_CONNECTION' },
    });
  });
});

describe('joining', () => {
  test('small batches of one partition travel together up to batch.size', async () => {
    await using b = await bench({ lingerMs: 20, batchSizeBytes: 16384 });
    await Promise.all(sendMany(b.producer, 100));
    expect(b.cluster.produced).toHaveLength(1);
    expect(b.cluster.partition('t').bodies).toEqual(many(100));
  });

  /** A producer whose first request is not answered until `answer`. */
  async function busyBench(partitions: number) {
    const b = await clusterBench(2);
    b.cluster.addTopic('t', partitions, [1, 2]);
    const producer = b.newProducer({ batchSizeBytes: 16384, joinWhileBusy: true });
    const { promise, resolve: answer } = Promise.withResolvers<void>();
    let requests = 0;
    b.cluster.hold = ({ api }) => (api === 'Produce' && ++requests === 1 ? promise : null);
    const first = producer.send('t', 0, batchOf(['first']));
    await waitFor('the first request', () => requests === 1);
    return { ...b, producer, first, answer, requests: () => requests };
  }

  test.each([0, null])(
    'small batches for partition %s leave together when a request is answered',
    async (partition) => {
      await using b = await busyBench(1);
      const sent = [b.first];
      for (let i = 0; i < 20; i++) {
        sent.push(b.producer.send('t', partition, batchOf([`e${i}`])));
        await nextTurn();
      }
      b.answer();
      await Promise.all(sent);
      expect(b.requests()).toBe(2);
      expect(b.cluster.partition('t').bodies).toEqual(['first', ...many(20)]);
    },
  );

  test('half of batch.size waits for no answer', async () => {
    await using b = await busyBench(2);
    await b.producer.send('t', 1, batchOf(['x'.repeat(9000)]));
    expect(b.requests()).toBe(2);
    b.answer();
    await b.first;
  });

  test('each send learns the offset of its own first event', async () => {
    await using b = await bench({ lingerMs: 20 });
    const results = await Promise.all(
      [batchOf(['a', 'b']), batchOf(['c']), batchOf(['d'])].map((x) => b.producer.send('t', 0, x)),
    );
    expect(results.map(({ baseOffset }) => baseOffset)).toEqual([0, 2, 3]);
  });

  test('slices of one buffer are one batch again, above batch.size too', async () => {
    await using b = await bench({ lingerMs: 20, batchSizeBytes: 100 });
    const batch = batchOf(many(100));
    await Promise.all(
      Array.from({ length: 10 }, (_, i) => b.producer.send('t', 0, batch.slice(i * 10, i * 10 + 10))),
    );
    expect(b.cluster.produced.length).toBeLessThan(10);
    expect(b.cluster.partition('t').bodies).toEqual(many(100));
  });

  test('batches without a partition spread over all', async () => {
    await using b = await bench(alone, { partitions: 4 });
    await Promise.all(many(40).map((body) => b.producer.send('t', null, batchOf([body]))));
    const got = b.cluster.topics.get('t')!.partitions.map(({ bodies }) => bodies);
    expect(got.every((bodies) => bodies.length > 0)).toBe(true);
    expect(got.flat().sort()).toEqual(many(40).sort());
  });
});
