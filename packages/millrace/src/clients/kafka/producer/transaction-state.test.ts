/** A transactional producer's life, request by request; and what must hold of it in any history. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fuzzRuns } from '../../../../../testkit/src/fuzz/fuzz-runs.ts';
import type { KafkaErrorName } from '../../../protocol/error-codes.ts';
import { MillraceError } from '../../../runtime/errors.ts';
import { type GroupPositions, type TransactionAnswer, TransactionState } from './transaction-state.ts';

const errorOf = (name: string): MillraceError =>
  new MillraceError('KAFKA', name, { details: { error: name } });
const ok: TransactionAnswer = { errors: [] };
const failed = (name: KafkaErrorName): TransactionAnswer => ({ errors: [{ name }] });
const at = (partition: number) => ({ topic: 't', partition });
const positions: GroupPositions = {
  ...{ groupId: 'g', memberId: 'm', generationId: 3, groupInstanceId: null },
  offsets: [{ topic: 'in', partition: 0, offset: 10 }],
};

/** A state that is ready for its first transaction. */
function ready(implicit: boolean): TransactionState {
  const state = new TransactionState();
  state.prepare(implicit);
  state.answered(state.next()!, { errors: [], identity: { producerId: 7, epoch: 0 } }, errorOf);
  expect(state.phase).toBe('ready');
  return state;
}

/** Answers whatever is due; the kinds, in order. */
function settle(state: TransactionState, answerOf: (kind: string) => TransactionAnswer = () => ok): string[] {
  const kinds: string[] = [];
  for (let request = state.next(); request !== null; request = state.next()) {
    kinds.push(request.kind);
    state.answered(request, answerOf(request.kind), errorOf);
  }
  return kinds;
}

describe('without transaction.version 2', () => {
  test('partitions and the group are added before anything goes there', () => {
    const state = ready(false);
    state.begin();
    expect(state.admits(at(0))).toBe(false);
    expect(state.next()).toEqual({ kind: 'addPartitions', partitions: [at(0)] });
    expect(settle(state)).toEqual(['addPartitions']);
    expect(state.admits(at(0))).toBe(true);
    state.addOffsets(positions);
    expect(settle(state)).toEqual(['addOffsets', 'commitOffsets']);
    state.end(true);
    expect(settle(state)).toEqual(['endTransaction']);
    expect(state.phase).toBe('ready');
    expect(state.identity).toEqual({ producerId: 7, epoch: 0 });
  });

  test('after a failure the abort is followed by a higher epoch', () => {
    const state = ready(false);
    state.begin();
    state.admits(at(0));
    settle(state);
    state.fail(errorOf('MESSAGE_TOO_LARGE'), 'MESSAGE_TOO_LARGE');
    expect(() => state.end(true)).toThrow('MESSAGE_TOO_LARGE');
    state.end(false);
    const identity = { producerId: 7, epoch: 1 };
    const kinds = settle(state, (kind) => (kind === 'initProducerId' ? { errors: [], identity } : ok));
    expect(kinds).toEqual(['endTransaction', 'initProducerId']);
    expect(state.identity).toEqual(identity);
    expect(state.phase).toBe('ready');
  });
});

describe('with transaction.version 2', () => {
  test('nothing is added, and each end brings the epoch of the next', () => {
    const state = ready(true);
    state.begin();
    expect(state.admits(at(0))).toBe(true);
    state.addOffsets(positions);
    expect(settle(state)).toEqual(['commitOffsets']);
    state.end(true);
    const identity = { producerId: 7, epoch: 1 };
    expect(settle(state, () => ({ errors: [], identity }))).toEqual(['endTransaction']);
    expect(state.identity).toEqual(identity);
  });

  test('a cluster that has risen to it gives an epoch before the next transaction', () => {
    const state = ready(false);
    state.begin();
    state.end(true);
    settle(state);
    state.prepare(true);
    expect(state.next()).toEqual({ kind: 'initProducerId', identity: { producerId: 7, epoch: 0 } });
  });
});

test('nothing was sent: nothing is ended', () => {
  const state = ready(true);
  state.begin();
  state.end(true);
  expect(settle(state)).toEqual([]);
  expect(state.phase).toBe('ready');
});

test('a commit without an answer is asked for again, and an error that passes, too', () => {
  const state = ready(true);
  state.begin();
  state.admits(at(0));
  state.end(true);
  state.lost(state.next()!);
  expect(state.next()).toEqual({ kind: 'endTransaction', committed: true });
  expect(state.answered(state.next()!, failed('NOT_COORDINATOR'), errorOf)).toBe('coordinator');
  expect(state.answered(state.next()!, failed('CONCURRENT_TRANSACTIONS'), errorOf)).toBe('retry');
  expect(state.phase).toBe('committing');
  state.answered(state.next()!, ok, errorOf);
  expect(state.phase).toBe('ready');
});

test('an addition without an answer may be known: its transaction is ended', () => {
  const state = ready(false);
  state.begin();
  state.admits(at(0));
  state.lost(state.next()!);
  state.fail(errorOf('x'));
  state.end(false);
  expect(state.next()).toEqual({ kind: 'endTransaction', committed: false });
});

test.each([
  ['commitOffsets', 'ILLEGAL_GENERATION', 'failed'],
  ['commitOffsets', 'UNKNOWN_MEMBER_ID', 'failed'],
  ['commitOffsets', 'FENCED_INSTANCE_ID', 'failed'],
  ['commitOffsets', 'PRODUCER_FENCED', 'dead'],
  ['commitOffsets', 'INVALID_PRODUCER_EPOCH', 'dead'],
  ['endTransaction', 'PRODUCER_FENCED', 'dead'],
  ['endTransaction', 'INVALID_TXN_STATE', 'dead'],
  ['endTransaction', 'TRANSACTION_ABORTABLE', 'failed'],
] as const)('%s: %s leaves the producer %s', (kind, name, phase) => {
  const state = ready(true);
  state.begin();
  state.admits(at(0));
  state.addOffsets(positions);
  if (kind === 'endTransaction') {
    settle(state);
    state.end(true);
  }
  expect(state.next()?.kind).toBe(kind);
  state.answered(state.next()!, failed(name), errorOf);
  expect(state.phase).toBe(phase);
  expect(state.error?.message).toBe(name);
  expect(state.next()).toBeNull();
});

test('an abort that may not be is the end', () => {
  const state = ready(true);
  state.begin();
  state.admits(at(0));
  state.fail(errorOf('x'));
  state.end(false);
  state.answered(state.next()!, failed('TRANSACTION_ABORTABLE'), errorOf);
  expect(state.phase).toBe('dead');
});

test('offsets that a part of the answer refuses for now are sent again, the others not', () => {
  const offsets = [0, 1].map((partition) => ({ topic: 'in', partition, offset: 5 }));
  const state = ready(true);
  state.begin();
  state.addOffsets({ ...positions, offsets });
  const errors = [
    { name: 'NONE', at: { topic: 'in', partition: 0 } },
    { name: 'COORDINATOR_LOAD_IN_PROGRESS', at: { topic: 'in', partition: 1 } },
  ] as const;
  expect(state.answered(state.next()!, { errors }, errorOf)).toBe('retry');
  expect(state.next()).toMatchObject({ positions: { offsets: [offsets[1]] } });
});

test('in any history nothing that has failed is committed, and nothing is committed twice', () => {
  const names = [
    ...([
      'NONE',
      'NONE',
      'NONE',
      'NOT_COORDINATOR',
      'CONCURRENT_TRANSACTIONS',
      'ILLEGAL_GENERATION',
    ] as const),
    ...(['TRANSACTION_ABORTABLE', 'PRODUCER_FENCED', 'lost'] as const),
  ];
  const step = fc.record({ name: fc.constantFrom(...names), fails: fc.nat(9).map((n) => n === 0) });
  fc.assert(
    fc.property(fc.boolean(), fc.array(step, { maxLength: 60 }), (implicit, steps) => {
      const state = ready(implicit);
      let epoch = 0;
      let hasFailed = false;
      for (const { name, fails } of steps) {
        if (state.phase === 'dead') return;
        if (state.phase === 'ready') {
          state.prepare(implicit);
          state.begin();
          hasFailed = false;
          state.admits(at(0));
          state.addOffsets(positions);
        } else if (state.phase === 'open' && fails) {
          state.fail(errorOf('x'));
          hasFailed = true;
        } else if (state.phase === 'open' && state.next() === null) {
          state.admits(at(1));
          if (state.next() === null) state.end(true);
        } else if (state.phase === 'failed') {
          hasFailed = true;
          expect(() => state.end(true)).toThrow();
          state.end(false);
        }
        const request = state.next();
        if (request === null) continue;
        if (request.kind === 'endTransaction') expect(request.committed && hasFailed).toBe(false);
        if (name === 'lost') state.lost(request);
        else {
          const givesEpoch =
            request.kind === 'initProducerId' || (implicit && request.kind === 'endTransaction');
          if (givesEpoch && name === 'NONE') epoch++;
          const identity = givesEpoch ? { identity: { producerId: 7, epoch } } : {};
          state.answered(request, { errors: [{ name }], ...identity }, errorOf);
        }
      }
    }),
    fuzzRuns(500),
  );
});
