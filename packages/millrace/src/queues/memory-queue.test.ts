import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { batchOf, bodiesOf, numbered } from '../component/testing/test-api.ts';
import { type Chunk, MemoryQueue } from './memory-queue.ts';

const bodies = (chunk: Chunk | null) => bodiesOf(chunk?.batch ?? null);

describe('the queue in memory', () => {
  it('splits a batch, and its slots with it', () => {
    const queue = new MemoryQueue((batch) => batch.count * 2);
    queue.append(batchOf('a', 'b', 'c'), 6, undefined);
    expect(queue.take(2)).toMatchObject({ sequence: 0, slots: 4 });
    expect(queue.take(2)).toMatchObject({ sequence: 2, slots: 2 });
    expect(queue.take(2)).toBeNull();
  });

  it('grows beyond its first ring while its head has moved', () => {
    const queue = new MemoryQueue(() => 0);
    const expected: string[] = [];
    const got: string[] = [];
    for (const body of numbered('e', 100)) {
      queue.append(batchOf(body), 0, undefined);
      expected.push(body);
      if (expected.length % 3 === 0) got.push(...bodies(queue.take(1)));
    }
    while (queue.eventCount > 0) got.push(...bodies(queue.take(1)));
    expect(got).toEqual(expected);
  });

  it('keeps the order of all events whatever is taken, given back and kept', () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('append' as const), count: fc.integer({ min: 1, max: 5 }) }),
      fc.record({ kind: fc.constant('take' as const), count: fc.integer({ min: 1, max: 6 }) }),
      fc.record({ kind: fc.constant('return' as const), which: fc.nat() }),
      fc.record({ kind: fc.constant('keep' as const), which: fc.nat() }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const queue = new MemoryQueue(() => 0);
        let next = 0;
        let waiting: number[] = []; // the model: numbers in order
        const out: { chunk: Chunk; numbers: number[] }[] = [];
        for (const action of steps) {
          if (action.kind === 'append') {
            const numbers = Array.from({ length: action.count }, () => next++);
            queue.append(batchOf(...numbers.map(String)), 0, undefined);
            waiting.push(...numbers);
          } else if (action.kind === 'take') {
            const chunk = queue.take(action.count);
            const numbers = bodies(chunk).map(Number);
            expect(numbers).toEqual(waiting.slice(0, numbers.length));
            expect(numbers.length > 0).toBe(waiting.length > 0);
            waiting = waiting.slice(numbers.length);
            if (chunk !== null) out.push({ chunk, numbers });
          } else if (out.length > 0) {
            const [taken] = out.splice(action.which % out.length, 1);
            if (action.kind === 'keep') continue;
            queue.giveBack(taken!.chunk);
            waiting = [...waiting, ...taken!.numbers].sort((a, b) => a - b);
          }
          expect(queue.eventCount).toBe(waiting.length);
        }
      }),
    );
  });
});
