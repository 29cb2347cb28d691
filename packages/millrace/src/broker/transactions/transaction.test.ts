import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ErrorCode } from '../core/error-code.ts';
import {
  addPartitions,
  admits,
  completed,
  endTransaction,
  fence,
  identityAfter,
  initProducerId,
  isForgettable,
  isTimedOut,
  type ProducerIdentity,
  type Transaction,
  type TransactionStatus,
  transactionStatuses,
  type Verdict,
} from './transaction.ts';
import { decodeTransaction, encodeTransaction } from './transaction-records.ts';

const at = (topic: string, ...partitions: number[]) => new Map([[topic, new Set(partitions)]]);
const known = (change: Partial<Transaction> = {}): Transaction => ({
  transactionalId: 'id',
  producerId: 7,
  previousProducerId: -1,
  nextProducerId: -1,
  producerEpoch: 3,
  lastProducerEpoch: -1,
  timeoutMs: 60_000,
  status: 'Empty',
  partitions: new Map(),
  startedAt: -1,
  updatedAt: 0,
  clientVersion: 0,
  ...change,
});
const me: ProducerIdentity = { producerId: 7, producerEpoch: 3 };
const init = (
  before: Transaction | undefined,
  expected: ProducerIdentity | null = null,
  id: number | null = null,
) => initProducerId(before, { transactionalId: 'id', timeoutMs: 1000, expected, newProducerId: id, now: 50 });
const end = (
  before: Transaction | undefined,
  committed: boolean,
  clientVersion: number,
  who = me,
  id: number | null = null,
) => endTransaction(before, { ...who, committed, clientVersion, newProducerId: id, now: 50 });
const errorOf = (verdict: Verdict) => (verdict.kind === 'refuse' ? verdict.errorCode : verdict.kind);
function next(verdict: Verdict): Transaction {
  if (verdict.kind !== 'write') throw new Error(JSON.stringify(verdict));
  return verdict.next;
}

describe('InitProducerId', () => {
  test('a new id is given a producer id and epoch 0, asked for first', () => {
    expect(init(undefined)).toEqual({ kind: 'needs-id' });
    expect(next(init(undefined, null, 9))).toMatchObject({
      producerId: 9,
      producerEpoch: 0,
      status: 'Empty',
    });
  });

  test('whoever uses it next gets a higher epoch, in every state in which nothing is open', () => {
    for (const status of ['Empty', 'CompleteCommit', 'CompleteAbort'] as const)
      expect(next(init(known({ status })))).toMatchObject({
        producerId: 7,
        producerEpoch: 4,
        status: 'Empty',
      });
  });

  test('what is open is aborted first, and its producer fenced; what is being ended has to be waited for', () => {
    const open = known({ status: 'Ongoing', partitions: at('t', 0), startedAt: 10 });
    expect(next(init(open))).toMatchObject({
      producerEpoch: 4,
      status: 'PrepareAbort',
      partitions: at('t', 0),
    });
    for (const status of ['PrepareCommit', 'PrepareAbort'] as const)
      expect(errorOf(init(known({ status })))).toBe(ErrorCode.CONCURRENT_TRANSACTIONS);
  });

  test('who says who he is gets the next epoch; once more, where the answer was lost; another is fenced', () => {
    const raised = next(init(known(), me));
    expect(raised).toMatchObject({ producerEpoch: 4, lastProducerEpoch: 3 });
    expect(next(init(raised, me))).toMatchObject({ producerEpoch: 4, lastProducerEpoch: 3 });
    expect(errorOf(init(raised, { ...me, producerEpoch: 2 }))).toBe(ErrorCode.PRODUCER_FENCED);
    expect(errorOf(init(raised, { producerId: 8, producerEpoch: 3 }))).toBe(ErrorCode.PRODUCER_FENCED);
  });

  test('behind the last epoch comes another producer id, and the last user of the old one is known for a while', () => {
    const last = known({ producerEpoch: 32_766 });
    expect(init(last)).toEqual({ kind: 'needs-id' });
    const renewed = next(init(last, { producerId: 7, producerEpoch: 32_766 }, 9));
    expect(renewed).toMatchObject({ producerId: 9, producerEpoch: 0, previousProducerId: 7 });
    expect(next(init(renewed, { producerId: 7, producerEpoch: 32_766 }))).toMatchObject({
      producerId: 9,
      producerEpoch: 0,
    });
  });
});

describe('what belongs to a transaction', () => {
  test('begins with the first partition, and grows; what is in it already is not stored again', () => {
    const open = next(addPartitions(known(), me, at('t', 0), 50));
    expect(open).toMatchObject({ status: 'Ongoing', startedAt: 50, partitions: at('t', 0) });
    const grown = next(addPartitions(open, me, at('t', 0, 1), 60));
    expect(grown).toMatchObject({ startedAt: 50, updatedAt: 60, partitions: at('t', 0, 1) });
    expect(open.partitions).toEqual(at('t', 0));
    expect(addPartitions(grown, me, at('t', 1), 70)).toEqual({ kind: 'done', at: grown });
    expect([admits(grown, me, 't', 1), admits(grown, me, 't', 2), admits(grown, me, 'u', 0)]).toEqual([
      ErrorCode.NONE,
      ErrorCode.TRANSACTION_ABORTABLE,
      ErrorCode.TRANSACTION_ABORTABLE,
    ]);
  });

  test('is its producer’s alone', () => {
    const open = known({ status: 'Ongoing', partitions: at('t', 0) });
    const others: [Transaction | undefined, ProducerIdentity, number][] = [
      [undefined, me, ErrorCode.INVALID_PRODUCER_ID_MAPPING],
      [open, { ...me, producerId: 8 }, ErrorCode.INVALID_PRODUCER_ID_MAPPING],
      [open, { ...me, producerEpoch: 2 }, ErrorCode.PRODUCER_FENCED],
      [open, { ...me, producerEpoch: 4 }, ErrorCode.PRODUCER_FENCED],
    ];
    for (const [before, who, error] of others) {
      expect(admits(before, who, 't', 0)).toBe(error);
      expect(errorOf(addPartitions(before, who, at('t', 0), 50))).toBe(error);
      for (const version of [1, 2]) expect(errorOf(end(before, true, version, who))).toBe(error);
    }
  });

  test('takes nothing while it is being ended', () => {
    const ending = known({ status: 'PrepareCommit', partitions: at('t', 0) });
    expect(admits(ending, me, 't', 0)).toBe(ErrorCode.CONCURRENT_TRANSACTIONS);
    expect(errorOf(addPartitions(ending, me, at('t', 0), 50))).toBe(ErrorCode.CONCURRENT_TRANSACTIONS);
  });
});

describe.each([1, 2])('the end, by transaction.version %i', (version) => {
  const open = known({ status: 'Ongoing', partitions: at('t', 0), startedAt: 10 });
  const raise = version - 1;

  test.each([true, false])(
    'committed: %s; asked once more it is the same, the opposite is refused',
    (committed) => {
      const [prepare, complete] = committed
        ? ['PrepareCommit', 'CompleteCommit']
        : ['PrepareAbort', 'CompleteAbort'];
      const ending = next(end(open, committed, version));
      expect(ending).toMatchObject({ status: prepare, partitions: at('t', 0), producerEpoch: 3 + raise });
      expect(errorOf(end(ending, committed, version))).toBe(ErrorCode.CONCURRENT_TRANSACTIONS);
      expect(errorOf(end(ending, !committed, version))).toBe(ErrorCode.INVALID_TXN_STATE);
      const ended = completed(ending, 60);
      expect(ended).toMatchObject({ status: complete, partitions: new Map(), producerEpoch: 3 + raise });
      expect(end(ended, committed, version)).toEqual({ kind: 'done', at: ended });
      expect(errorOf(end(ended, !committed, version))).toBe(ErrorCode.INVALID_TXN_STATE);
    },
  );

  test('a transaction that took too long is aborted, and its producer can write and end no more', () => {
    expect([isTimedOut(open, 60_010), isTimedOut(open, 60_011), isTimedOut(known(), 1e12)]).toEqual([
      false,
      true,
      false,
    ]);
    for (const fenced of [fence(open, 70_000), completed(fence(open, 70_000), 70_001)]) {
      expect(fenced).toMatchObject({ producerEpoch: 4 });
      expect(errorOf(end(fenced, true, version))).toBe(ErrorCode.PRODUCER_FENCED);
      expect(admits(fenced, me, 't', 0)).toBe(ErrorCode.PRODUCER_FENCED);
    }
  });

  test('where nothing was added there is nothing to commit', () => {
    expect(errorOf(end(known(), true, version))).toBe(ErrorCode.INVALID_TXN_STATE);
  });
});

test('by version 2 an abort of nothing raises the epoch; by version 1 it is refused', () => {
  expect(errorOf(end(known(), false, 1))).toBe(ErrorCode.INVALID_TXN_STATE);
  expect(next(end(known(), false, 2))).toMatchObject({
    status: 'PrepareAbort',
    producerEpoch: 4,
    startedAt: 50,
  });
});

test('by version 2 the last epoch ends with another producer id, and who asks once more is told it', () => {
  const who = { producerId: 7, producerEpoch: 32_766 };
  const open = known({ status: 'Ongoing', producerEpoch: 32_766, partitions: at('t', 0), startedAt: 1 });
  expect(end(open, true, 2, who)).toEqual({ kind: 'needs-id' });
  const ending = next(end(open, true, 2, who, 9));
  expect([ending.producerId, ending.producerEpoch, identityAfter(ending)]).toEqual([
    7,
    32_767,
    { producerId: 9, producerEpoch: 0 },
  ]);
  const ended = completed(ending, 60);
  expect(ended).toMatchObject({ producerId: 9, producerEpoch: 0, previousProducerId: 7 });
  expect(end(ended, true, 2, who)).toEqual({ kind: 'done', at: ended });
});

test('an id is forgotten when nobody used it for long, and nothing of it is open', () => {
  const forgettable = (Object.keys(transactionStatuses) as TransactionStatus[]).filter((status) =>
    isForgettable(known({ status, updatedAt: 100 }), 1100, 1000),
  );
  expect(forgettable).toEqual(['Empty', 'CompleteCommit', 'CompleteAbort']);
  expect(isForgettable(known({ updatedAt: 101 }), 1100, 1000)).toBe(false);
});

test('what is stored is read back', () => {
  const status = fc.constantFrom(...(Object.keys(transactionStatuses) as TransactionStatus[]));
  const id = fc.integer({ min: -1, max: 2 ** 50 });
  const partitions = fc.array(
    fc.tuple(fc.string({ minLength: 1, maxLength: 9 }), fc.uniqueArray(fc.nat(), { maxLength: 4 })),
  );
  fc.assert(
    fc.property(status, id, id, fc.nat(2 ** 40), fc.nat(0x7fff), fc.nat(2), partitions, (...drawn) => {
      const [drawnStatus, previousProducerId, nextProducerId, time, producerEpoch, clientVersion, topics] =
        drawn;
      const value = known({
        status: drawnStatus,
        previousProducerId,
        nextProducerId,
        producerEpoch,
        clientVersion,
        updatedAt: time,
        startedAt: time,
        partitions:
          drawnStatus === 'Empty' ? new Map() : new Map(topics.map(([name, list]) => [name, new Set(list)])),
      });
      const { key, value: bytes } = encodeTransaction({ transactionalId: 'id', value });
      expect(decodeTransaction(key, bytes)).toEqual({ transactionalId: 'id', value });
    }),
  );
  const { key } = encodeTransaction({ transactionalId: 'id', value: null });
  expect(decodeTransaction(key, null)).toEqual({ transactionalId: 'id', value: null });
});
