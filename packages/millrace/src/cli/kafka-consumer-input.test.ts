import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fuzzRuns } from '../../../testkit/src/fuzz/fuzz-runs.ts';
import { batchOf, clusterBench, quickConsumer } from '../../../testkit/src/kafka/fake-cluster/bench.ts';
import { GroupInput } from './kafka-consumer-input.ts';

test('what was printed is committed at the end, however many periodic commits failed before', async () => {
  const shape = fc.record({
    partitions: fc.integer({ min: 1, max: 3 }),
    fails: fc.array(fc.boolean(), { maxLength: 30 }),
    error: fc.constantFrom('TOPIC_AUTHORIZATION_FAILED' as const, 'OFFSET_METADATA_TOO_LARGE' as const),
  });
  await fc.assert(
    fc.asyncProperty(shape, async ({ partitions, fails, error }) => {
      await using b = await clusterBench();
      b.cluster.addTopic('t', partitions);
      const producer = b.newProducer({ batchSizeBytes: 0 });
      for (let i = 0; i < partitions * 4; i++) await producer.send('t', i % partitions, batchOf([`${i}`]));
      const group = b.cluster.group('g');
      let commits = 0;
      group.commitFault = () => (fails[commits++] === true ? error : null);
      const told: string[] = [];
      const tell = (message: string): void => void told.push(message);
      const options = { ...quickConsumer, groupId: 'g', topics: ['t'], fetchMaxBytes: 300 };
      const input = new GroupInput(b.newClient(), options, { everyMs: 0 });
      const never = new AbortController().signal;
      for (let printed = 0; printed < partitions * 4; ) {
        for (const fetched of await input.poll(20, never, { skipDamaged: false, tell })) {
          input.printed(fetched, fetched.batch.count);
          printed += fetched.batch.count;
        }
      }
      group.commitFault = () => null;
      await input.close(tell);
      expect([...group.offsets].toSorted()).toEqual(
        Array.from({ length: partitions }, (_, p) => [`t-${p}`, 4]).toSorted(),
      );
      expect(told.length > 0).toBe(group.commits.some((commit) => commit.error !== 'NONE'));
    }),
    fuzzRuns(15),
  );
});
