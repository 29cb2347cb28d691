import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fuzzRuns } from '../../../../../testkit/src/fuzz/fuzz-runs.ts';
import { ProducerRoom } from './producer-room.ts';

test('room is given in the order of asking, in the moment it is there, and never beyond the bound', () => {
  const step = fc.oneof(
    fc.record({ take: fc.integer({ min: 1, max: 150 }) }),
    fc.record({ release: fc.nat(10) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const room = new ProducerRoom(100, Number.POSITIVE_INFINITY);
      const admitted: number[] = [];
      const held: number[] = [];
      let asked = 0;
      const waiting: { n: number; size: number }[] = [];
      for (const s of steps) {
        if ('take' in s) {
          const n = asked++;
          waiting.push({ n, size: s.take });
          const admit = (): void => {
            expect(waiting.shift()).toEqual({ n, size: s.take });
            admitted.push(n);
            held.push(s.take);
          };
          room.take(s.take, admit, () => {});
        } else if (held.length > 0) {
          room.release(held.splice(s.release % held.length, 1)[0]!);
        }
        expect(room.usedBytes).toBe(held.reduce((sum, size) => sum + size, 0));
        if (held.length > 1) expect(room.usedBytes).toBeLessThanOrEqual(100);
        // Whoever could be let in has been: nobody has to wait for a later turn of the event loop.
        const [next] = waiting;
        if (next !== undefined) expect(held.length > 0 && room.usedBytes + next.size > 100).toBe(true);
      }
      expect(admitted).toEqual(admitted.toSorted((a, b) => a - b));
      room.refuseAll(new Error('the end') as never);
    }),
    fuzzRuns(200),
  );
});
