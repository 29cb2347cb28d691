import { expect, test } from 'vitest';
import { BatchBuilder } from '../../../records/batch-builder.ts';
import type { EventBatch } from '../../../records/event-batch.ts';
import { cutByKey, cutBySize, joinBatches } from './batch-pieces.ts';
import { partitionForKey } from './partitioner.ts';

function batchOf(events: readonly (readonly [key: string | null, body: string])[]): EventBatch {
  const builder = new BatchBuilder();
  for (const [key, body] of events) builder.add(body, undefined, key);
  return builder.build();
}
const bodies = (batch: EventBatch): string[] => [...batch].map((event) => event.body.toString());

test('cutBySize keeps order and limit; an event above the limit stands alone', () => {
  const batch = batchOf([1, 2, 500, 3, 4].map((size) => [null, 'x'.repeat(size)] as const));
  const pieces = cutBySize(batch, 40);
  expect(pieces.flatMap(bodies)).toEqual(bodies(batch));
  expect(pieces.map(({ count }) => count)).toEqual([2, 1, 2]);
});

test('cutByKey puts each key where Kafka does, and events without a key together', () => {
  const keys = [...Array.from({ length: 40 }, (_, i) => `key-${i}`), 'k'.repeat(300)];
  const events = keys.flatMap((key) => [[key, `of ${key}`] as const, [null, `before ${key}`] as const]);
  const pieces = cutByKey(batchOf(events), 3, 1);
  for (let partition = 0; partition < 3; partition++) {
    const expected = events.filter(
      ([key]) => (key === null ? 1 : partitionForKey(Buffer.from(key), 3)) === partition,
    );
    expect(bodies(pieces.get(partition)!.batch)).toEqual(expected.map(([, body]) => body));
    expect([...pieces.get(partition)!.batch].map(({ key }) => key?.toString() ?? null)).toEqual(
      expected.map(([key]) => key),
    );
  }
});

test('cutByKey gives the batch itself where all belong together', () => {
  const batch = batchOf([
    ['a', '1'],
    ['a', '2'],
  ]);
  expect([...cutByKey(batch, 4, 0).values()][0]!.batch).toBe(batch);
});

test('joinBatches copies nothing where slices follow one another', () => {
  const batch = batchOf(Array.from({ length: 30 }, (_, i) => [null, `e${i}`] as const));
  const joined = joinBatches([batch.slice(0, 10), batch.slice(10, 20), batch.slice(20, 30)], null);
  expect(joined.records).toBe(batch.records);
  expect(bodies(joined)).toEqual(bodies(batch));
  const apart = joinBatches([batch.slice(0, 10), batch.slice(20, 30)], null);
  expect(bodies(apart)).toEqual([...bodies(batch.slice(0, 10)), ...bodies(batch.slice(20, 30))]);
});
