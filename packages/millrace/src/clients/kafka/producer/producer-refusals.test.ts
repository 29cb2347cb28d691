import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fuzzRuns } from '../../../../../testkit/src/fuzz/fuzz-runs.ts';
import { batchOf, clusterBench } from '../../../../../testkit/src/kafka/fake-cluster/bench.ts';
import type { Fault, ProducedBatch } from '../../../../../testkit/src/kafka/fake-cluster/cluster.ts';
import type { EventBatch } from '../../../records/event-batch.ts';
import { openBatch } from '../../../records/open-batch.ts';
import type { SendResult } from './producer.ts';
import { SendFailure } from './send-failure.ts';

/** The places of the poisoned records of a batch as a broker sees it. */
const poisonIn = ({ records }: ProducedBatch): number[] =>
  [...openBatch(records, 0)].flatMap((event, i) => (event.body.toString().includes('poison') ? [i] : []));

/** What a send came to, event by event. */
async function outcome(sent: Promise<SendResult>, batch: EventBatch): Promise<string[]> {
  const fates = Array.from({ length: batch.count }, () => 'acknowledged');
  try {
    await sent;
  } catch (error) {
    if (!(error instanceof SendFailure)) throw error;
    for (const { index } of error.refused) fates[index] = 'refused';
    for (const index of error.pending) fates[index] = 'pending';
    expect(error.refused.map(({ index }) => index)).toEqual(
      error.refused.map(({ index }) => index).sort((a, b) => a - b),
    );
  }
  return fates;
}

const refusing = [
  'MESSAGE_TOO_LARGE',
  'RECORD_LIST_TOO_LARGE',
  'INVALID_RECORD',
  'INVALID_TIMESTAMP',
] as const;

describe('events that the brokers will never take', () => {
  test('are refused alone, whatever surrounds them; all others arrive once and in order', async () => {
    const shape = fc.record({
      sizes: fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 8 }),
      poison: fc.array(fc.nat(320), { maxLength: 12 }),
      code: fc.constantFrom(...refusing, 'CORRUPT_MESSAGE' as const),
      named: fc.boolean(),
      keyed: fc.boolean(),
      partitions: fc.integer({ min: 1, max: 3 }),
      acks: fc.constantFrom(1, -1),
      maxInFlight: fc.constantFrom(1, 5),
      batchSizeBytes: fc.constantFrom(0, 300, 16384),
      compression: fc.constantFrom('none', 'gzip'),
    });
    await fc.assert(
      fc.asyncProperty(shape, async (s) => {
        await using b = await clusterBench();
        b.cluster.addTopic('t', s.partitions);
        b.cluster.batchFault = (batch): Fault | null => (poisonIn(batch).length > 0 ? s.code : null);
        if (s.named) {
          b.cluster.recordErrors = (batch) => poisonIn(batch).map((batchIndex) => ({ batchIndex }));
        }
        // Without idempotence only one request in flight keeps the order.
        const producer = b.newProducer({
          acks: s.acks as 1 | -1,
          maxInFlight: s.acks === 1 ? 1 : s.maxInFlight,
          batchSizeBytes: s.batchSizeBytes,
          compression: s.compression as 'none' | 'gzip',
        });
        const poisoned = new Set(s.poison);
        let n = 0;
        const sends = s.sizes.map((size) => {
          const bodies = Array.from({ length: size }, () => `${poisoned.has(n) ? 'poison' : 'event'} ${n++}`);
          const batch = batchOf(bodies, s.keyed ? (body) => body : undefined);
          const partition = s.keyed ? null : n % s.partitions;
          return { bodies, partition, fates: outcome(producer.send('t', partition, batch), batch) };
        });
        const logs = b.cluster.topics.get('t')!.partitions.map(({ bodies }) => bodies);
        for (const { bodies, fates } of sends) {
          expect(await fates).toEqual(
            bodies.map((body) => (body.startsWith('poison') ? 'refused' : 'acknowledged')),
          );
        }
        const sound = sends.flatMap(({ bodies }) => bodies).filter((body) => body.startsWith('event'));
        expect(logs.flat().toSorted()).toEqual(sound.toSorted());
        const place = new Map(sound.map((body, i) => [body, i]));
        for (const bodies of logs) {
          const places = bodies.map((body) => place.get(body)!);
          expect(places).toEqual(places.toSorted((x, y) => x - y));
        }
      }),
      fuzzRuns(40),
    );
  });

  test.each([1, 7, 30])(
    'an event above max.request.size among %i others never reaches a broker',
    async (others) => {
      await using b = await clusterBench();
      b.cluster.addTopic('t', 1);
      const producer = b.newProducer({ maxRequestBytes: 2000 });
      const bodies = Array.from({ length: others }, (_, i) => `e${i}`);
      const at = others >> 1;
      const batch = batchOf([...bodies.slice(0, at), 'x'.repeat(3000), ...bodies.slice(at)]);
      const failure: unknown = await producer.send('t', 0, batch).catch((error: unknown) => error);
      expect(failure).toMatchObject({ pending: [], refused: [{ index: at }] });
      expect((failure as SendFailure).refused[0]!.reason).toMatch(
        /t-0: the record has 30\d\d bytes, max.request.size .* 2000/,
      );
      expect(b.cluster.partition('t').bodies).toEqual(bodies);
    },
  );

  test('a partition that the topic does not have is refused, after fresh metadata says so too', async () => {
    await using b = await clusterBench();
    const topic = b.cluster.addTopic('t', 1);
    const producer = b.newProducer();
    await producer.send('t', 0, batchOf(['first']));
    const sent = producer.send('t', 5, batchOf(['lost', 'too']));
    await expect(sent).rejects.toMatchObject({
      refused: [
        { index: 0, reason: 'topic t has no partition 5, only 0 to 0' },
        { index: 1, reason: 'topic t has no partition 5, only 0 to 0' },
      ],
    });
    expect(topic.partitions[0]!.bodies).toEqual(['first']);
  });

  test('a topic name that no cluster takes is refused', async () => {
    await using b = await clusterBench();
    b.cluster.topicErrors.set('a b', 'INVALID_TOPIC_EXCEPTION');
    await expect(b.newProducer().send('a b', null, batchOf(['x']))).rejects.toMatchObject({
      pending: [],
      refused: [{ index: 0, reason: expect.stringContaining('INVALID_TOPIC_EXCEPTION') }],
    });
  });

  test('what a person can mend is pending: nothing is set aside for a missing grant', async () => {
    await using b = await clusterBench();
    b.cluster.addTopic('t', 1);
    b.cluster.batchFault = () => 'TOPIC_AUTHORIZATION_FAILED';
    await expect(b.newProducer().send('t', 0, batchOf(['x', 'y']))).rejects.toMatchObject({
      refused: [],
      pending: [0, 1],
    });
  });
});
