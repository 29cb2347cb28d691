import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { FetchedBatch } from '../../clients/kafka/consumer/fetched-batch.ts';
import { batchOf, bodiesOf, numbered } from '../../component/testing/test-api.ts';
import { type TakePiece, TakeQueue } from './channel-takes.ts';

const fetched = (partition: number, baseOffset: number, bodies: string[]): FetchedBatch => ({
  topic: 't',
  partition,
  baseOffset,
  nextOffset: baseOffset + bodies.length,
  batch: batchOf(...bodies),
});

test('offsets are committed only as far as nothing is missing', () => {
  const queue = new TakeQueue();
  queue.add(fetched(0, 10, ['a', 'b', 'c']));
  const [first, second] = [queue.take(1)!, queue.take(2)!];
  expect(queue.finish([second])).toEqual([]);
  expect(queue.finish([first])).toEqual([{ topic: 't', partition: 0, offset: 13 }]);
});

test('a gap in the offsets, as compaction leaves it, is no gap in what is done', () => {
  const queue = new TakeQueue();
  queue.add({ ...fetched(0, 0, ['a', 'b']), nextOffset: 50 });
  queue.add(fetched(0, 90, ['c']));
  expect(queue.finish([queue.take(10)!])).toEqual([{ topic: 't', partition: 0, offset: 50 }]);
  expect(queue.finish([queue.take(10)!])).toEqual([{ topic: 't', partition: 0, offset: 91 }]);
});

test('what is given back is taken again before what came later', () => {
  const queue = new TakeQueue();
  queue.add(fetched(0, 0, numbered('a', 4)));
  queue.add(fetched(1, 0, numbered('b', 2)));
  const [first, second] = [queue.take(2)!, queue.take(2)!];
  queue.giveBack([second]);
  queue.giveBack([first]);
  const again: string[] = [];
  for (let piece = queue.take(10); piece !== null; piece = queue.take(10))
    again.push(...bodiesOf(piece.batch));
  expect(again).toEqual([...numbered('a', 4), ...numbered('b', 2)]);
});

test('a partition that went away is neither taken nor committed nor given back', () => {
  const queue = new TakeQueue();
  queue.add(fetched(0, 0, ['a', 'b', 'c']));
  queue.add(fetched(1, 0, ['d']));
  const [taken, returned] = [queue.take(1)!, queue.take(1)!];
  expect(queue.openOf([{ topic: 't', partition: 0 }])).toBe(2);
  queue.close([{ topic: 't', partition: 0 }]);
  queue.giveBack([returned]);
  expect(queue.finish([taken])).toEqual([]);
  expect(bodiesOf(queue.take(10)!.batch)).toEqual(['d']);
  expect(queue.empty).toBe(true);
});

test('what was read of a topic that is made again is taken and given back, but not committed', () => {
  const queue = new TakeQueue();
  queue.add(fetched(0, 5, ['a', 'b', 'c']));
  const [taken, returned] = [queue.take(1)!, queue.take(1)!];
  queue.uncount([{ topic: 't', partition: 0 }]);
  queue.add(fetched(0, 0, ['new']));
  queue.giveBack([returned]);
  const rest = [queue.take(1)!, queue.take(1)!];
  expect(rest.map(({ batch }) => bodiesOf(batch)[0])).toEqual(['b', 'c']);
  expect(queue.finish([taken, ...rest])).toEqual([]);
  expect(queue.finish([queue.take(1)!])).toEqual([{ topic: 't', partition: 0, offset: 1 }]);
});

test('over any course of takes, commits and rollbacks: nothing lost, nothing doubled, no offset beyond what is done', () => {
  const step = fc.record({ take: fc.integer({ min: 1, max: 4 }), end: fc.nat(3), commits: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const queue = new TakeQueue();
      const all = numbered('e', 20);
      queue.add(fetched(0, 0, all.slice(0, 7)));
      queue.add(fetched(0, 7, all.slice(7)));
      const open: TakePiece[] = [];
      const done = new Set<string>();
      let committed = 0;
      const end = (piece: TakePiece, commits: boolean): void => {
        if (!commits) {
          queue.giveBack([piece]);
          return;
        }
        for (const body of bodiesOf(piece.batch)) {
          expect(done.has(body)).toBe(false);
          done.add(body);
        }
        for (const { offset } of queue.finish([piece])) committed = offset;
        expect(all.slice(0, committed).every((body) => done.has(body))).toBe(true);
      };
      for (const { take, end: which, commits } of steps) {
        const piece = queue.take(take);
        if (piece !== null) open.push(piece);
        if (which < open.length) end(open.splice(which, 1)[0]!, commits);
      }
      for (const piece of open) end(piece, false);
      for (let piece = queue.take(3); piece !== null; piece = queue.take(3)) end(piece, true);
      expect(done.size).toBe(all.length);
      expect(committed).toBe(all.length);
    }),
  );
});

test('positions are told of pieces that nothing open stands in front of', () => {
  const queue = new TakeQueue();
  queue.add(fetched(0, 10, numbered('a', 6)));
  queue.add(fetched(1, 0, numbered('b', 3)));
  const [first, second, third, other] = [queue.take(2)!, queue.take(2)!, queue.take(2)!, queue.take(9)!];
  expect(queue.rangesOf([second])).toBeNull();
  expect(queue.rangesOf([first, second, other])).toEqual([
    { topic: 't', partition: 0, from: 10, next: 14 },
    { topic: 't', partition: 1, from: 0, next: 3 },
  ]);
  // What is done with behind them, because all of it was set aside, goes along.
  queue.finish([third]);
  expect(queue.rangesOf([first, second])).toEqual([{ topic: 't', partition: 0, from: 10, next: 16 }]);
  queue.close([{ topic: 't', partition: 0 }]);
  expect(queue.rangesOf([first])).toBeNull();
});

test('pieces that may be committed are not given back: their partitions are read again', () => {
  const queue = new TakeQueue();
  queue.add(fetched(0, 0, ['a', 'b']));
  queue.add(fetched(0, 2, ['c']));
  queue.add(fetched(1, 0, ['d']));
  const taken = queue.take(2)!;
  expect(queue.rewind([taken])).toEqual([{ topic: 't', partition: 0 }]);
  expect(bodiesOf(queue.take(9)!.batch)).toEqual(['d']);
  expect(queue.empty).toBe(true);
  // They were committed after all.
  queue.add(fetched(0, 2, ['c']));
  expect(queue.finish([queue.take(9)!])).toEqual([{ topic: 't', partition: 0, offset: 3 }]);
});
