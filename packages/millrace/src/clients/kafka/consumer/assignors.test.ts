import { expect, test } from 'vitest';
import { assignors, type GroupAssignment, type MemberSubscription } from './assignors.ts';

const member = (
  memberId: string,
  topics: string[],
  rest: Partial<MemberSubscription> = {},
): MemberSubscription => ({
  memberId,
  topics,
  groupInstanceId: null,
  ownedPartitions: [],
  generationId: -1,
  ...rest,
});
const shown = (assignment: GroupAssignment): Record<string, string> =>
  Object.fromEntries(
    [...assignment].map(([id, list]) => [
      id,
      list
        .map((p) => `${p.topic}${p.partition}`)
        .sort()
        .join(' '),
    ]),
  );
const counts = (entries: Record<string, number>): Map<string, number> => new Map(Object.entries(entries));

test('range deals consecutive partitions per topic, the first members get the rest', () => {
  const result = assignors.range(counts({ a: 3, b: 3 }), [
    member('m2', ['a', 'b']),
    member('m1', ['a', 'b']),
  ]);
  expect(shown(result)).toEqual({ m1: 'a0 a1 b0 b1', m2: 'a2 b2' });
});

test('range puts static members first, by instance id', () => {
  const result = assignors.range(counts({ a: 2 }), [
    member('m1', ['a']),
    member('m9', ['a'], { groupInstanceId: 'z' }),
    member('m8', ['a'], { groupInstanceId: 'y' }),
  ]);
  expect(shown(result)).toEqual({ m8: 'a0', m9: 'a1', m1: '' });
});

test('round robin skips members that do not subscribe to the topic', () => {
  const result = assignors.roundrobin(counts({ t0: 1, t1: 2, t2: 3 }), [
    member('c0', ['t0']),
    member('c1', ['t0', 't1']),
    member('c2', ['t0', 't1', 't2']),
  ]);
  expect(shown(result)).toEqual({ c0: 't00', c1: 't10', c2: 't11 t20 t21 t22' });
});

test('cooperative-sticky keeps what members hold and frees what must move in a first round', () => {
  const held = [0, 1, 2, 3].map((partition) => ({ topic: 'a', partition }));
  const first = assignors['cooperative-sticky'](counts({ a: 4 }), [
    member('m1', ['a'], { ownedPartitions: held, generationId: 1 }),
    member('m2', ['a']),
  ]);
  expect(first.get('m1')).toHaveLength(2);
  expect(first.get('m2')).toHaveLength(0);
  const second = assignors['cooperative-sticky'](counts({ a: 4 }), [
    member('m1', ['a'], { ownedPartitions: first.get('m1')!, generationId: 2 }),
    member('m2', ['a'], { generationId: 2 }),
  ]);
  expect(second.get('m1')).toEqual(first.get('m1'));
  expect(second.get('m2')).toHaveLength(2);
});

test('cooperative-sticky believes the newest generation', () => {
  const result = assignors['cooperative-sticky'](counts({ a: 2 }), [
    member('old', ['a'], { ownedPartitions: [{ topic: 'a', partition: 0 }], generationId: 3 }),
    member('new', ['a'], { ownedPartitions: [{ topic: 'a', partition: 0 }], generationId: 4 }),
  ]);
  expect(shown(result)).toEqual({ new: 'a0', old: 'a1' });
});

test('cooperative-sticky is even where subscriptions differ', () => {
  const result = assignors['cooperative-sticky'](counts({ a: 4, b: 2 }), [
    member('m1', ['a', 'b']),
    member('m2', ['a']),
    member('m3', ['a', 'b']),
  ]);
  expect([...result.values()].map((list) => list.length)).toEqual([2, 2, 2]);
});

test('cooperative-sticky gives to nobody in this round what somebody else says that he has', () => {
  const p0 = { topic: 'a', partition: 0 };
  const disputed = assignors['cooperative-sticky'](counts({ a: 1 }), [
    member('m1', ['a'], { ownedPartitions: [p0], generationId: 3 }),
    member('m2', ['a'], { ownedPartitions: [p0], generationId: 3 }),
    member('m3', ['a'], { generationId: 3 }),
  ]);
  expect(shown(disputed)).toEqual({ m1: '', m2: '', m3: '' });
  const unsubscribed = assignors['cooperative-sticky'](counts({ a: 1, b: 1 }), [
    member('m1', ['b'], { ownedPartitions: [p0], generationId: 3 }),
    member('m2', ['a'], { generationId: 3 }),
  ]);
  expect(shown(unsubscribed)).toEqual({ m1: 'b0', m2: '' });
});
