import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ErrorCode } from '../core/error-code.ts';
import { decodeProducerSnapshot, encodeProducerSnapshot } from './producer-snapshot.ts';
import { type ProducedBatch, ProducerStates, sequenceAfter } from './producer-state.ts';

function batch(baseSequence: number, recordCount = 1, producerEpoch = 0, producerId = 7): ProducedBatch {
  return { producerId, producerEpoch, baseSequence, recordCount, maxTimestamp: 1000 };
}

/** Checks and, where allowed, records batches one after the other; offsets follow. */
function feed(states: ProducerStates, ...batches: ProducedBatch[]): string[] {
  let offset = 0;
  return batches.map((each) => {
    const verdict = states.check(each);
    if (verdict.kind === 'append') states.record(each, offset, offset + each.recordCount - 1, 5000);
    offset += each.recordCount;
    return verdict.kind === 'refuse' ? String(verdict.errorCode) : verdict.kind;
  });
}

describe('ProducerStates', () => {
  test('takes batches in sequence and refuses a gap', () => {
    const states = new ProducerStates();
    expect(feed(states, batch(0, 10), batch(10, 5), batch(16))).toEqual([
      'append',
      'append',
      String(ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER),
    ]);
  });

  test('answers a repetition within the last five batches with its offsets', () => {
    const states = new ProducerStates();
    feed(states, ...[0, 1, 2, 3, 4, 5].map((sequence) => batch(sequence)));
    const verdict = states.check(batch(1));
    expect(verdict).toMatchObject({ kind: 'duplicate', batch: { baseOffset: 1, lastOffset: 1 } });
    expect(states.check(batch(0))).toMatchObject({
      kind: 'refuse',
      errorCode: ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER,
    });
  });

  test('a repetition must be the whole batch', () => {
    const states = new ProducerStates();
    feed(states, batch(0, 10));
    expect(states.check(batch(0, 9)).kind).toBe('refuse');
  });

  test('a new epoch starts at 0 and fences the old one', () => {
    const states = new ProducerStates();
    feed(states, batch(0, 3));
    expect(states.check(batch(3, 1, 1))).toMatchObject({ errorCode: ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER });
    expect(feed(states, batch(0, 1, 1))).toEqual(['append']);
    expect(states.check(batch(3, 1, 0))).toMatchObject({ errorCode: ErrorCode.INVALID_PRODUCER_EPOCH });
  });

  test('what the log lost is appended again, in its order, wherever it was cut', () => {
    const count = fc.integer({ min: 1, max: 5 });
    fc.assert(
      fc.property(
        fc.array(count, { minLength: 1, maxLength: 12 }),
        fc.nat(),
        fc.nat(4),
        (sizes, at, kept) => {
          const states = new ProducerStates();
          let sequence = 0;
          const sent = sizes.map((size) => {
            const each = batch(sequence, size);
            sequence += size;
            return each;
          });
          feed(states, ...sent);
          const cut = Math.max(0, sent.length - 1 - Math.min(kept, at % sent.length));
          const endOffset = sent[cut]!.baseSequence;
          states.forgetFrom(endOffset);
          if (cut > 0 && cut > sent.length - 5) expect(states.check(sent[cut - 1]!).kind).toBe('duplicate');
          for (const later of sent.slice(cut + 1)) expect(states.check(later).kind).toBe('refuse');
          for (const lost of sent.slice(cut)) {
            expect(states.check(lost).kind).toBe('append');
            states.record(lost, lost.baseSequence, lost.baseSequence + lost.recordCount - 1, 6000);
            expect(states.check(lost).kind).toBe('duplicate');
          }
        },
      ),
    );
  });

  test('sequences wrap to 0 after 2^31-1, inside a batch too', () => {
    const states = new ProducerStates();
    expect(feed(states, batch(0x7fff_fffe, 2), batch(0, 3))).toEqual(['append', 'append']);
    const inside = new ProducerStates();
    expect(feed(inside, batch(0x7fff_fffe, 5), batch(3, 1))).toEqual(['append', 'append']);
    expect(sequenceAfter(0x7fff_ffff, 1)).toBe(0);
  });

  test('an unknown producer may start anywhere, one without id always appends', () => {
    const states = new ProducerStates();
    expect(feed(states, batch(42))).toEqual(['append']);
    expect(feed(states, batch(-1, 1, -1, -1), batch(-1, 1, -1, -1))).toEqual(['append', 'append']);
    expect(states.size).toBe(1);
  });

  test('forgets producers that were silent for the expiration time', () => {
    const states = new ProducerStates();
    feed(states, batch(0));
    states.expire(5999, 1000);
    expect(states.size).toBe(1);
    states.expire(6000, 1000);
    expect(states.size).toBe(0);
  });
});

describe('producer snapshot', () => {
  test('brings back the last batch of each producer', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            producerId: fc.integer({ min: 0, max: 2 ** 40 }),
            epoch: fc.integer({ min: 0, max: 0x7fff }),
            firstSequence: fc.integer({ min: 0, max: 0x7fff_ffff }),
            count: fc.integer({ min: 1, max: 100_000 }),
            baseOffset: fc.integer({ min: 0, max: 2 ** 50 }),
          }),
          { maxLength: 20 },
        ),
        (list) => {
          const entries = list.map(({ producerId, epoch, firstSequence, count, baseOffset }) => {
            const lastSequence = sequenceAfter(firstSequence, count - 1);
            const retained = {
              firstSequence,
              lastSequence,
              baseOffset,
              lastOffset: baseOffset + count - 1,
              timestamp: 77,
            };
            return { producerId, epoch, batches: [retained], lastTimestamp: 77 };
          });
          expect(decodeProducerSnapshot(encodeProducerSnapshot(entries))).toEqual(entries);
        },
      ),
    );
  });

  test('damage is told, not trusted', () => {
    const states = new ProducerStates();
    feed(states, batch(0, 3));
    const bytes = encodeProducerSnapshot(states.entries());
    for (let i = 0; i < bytes.length; i++) {
      const damaged = Buffer.from(bytes);
      damaged[i]! ^= 1;
      expect(() => decodeProducerSnapshot(damaged)).toThrow(/Producer snapshot/);
      expect(() => decodeProducerSnapshot(bytes.subarray(0, i))).toThrow(/Producer snapshot/);
    }
  });
});
