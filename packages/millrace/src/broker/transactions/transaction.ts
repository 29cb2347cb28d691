import { ErrorCode } from '../core/error-code.ts';

/** As Kafka names and stores them (TransactionState); two of its states are never stored and not needed here. */
export const transactionStatuses = {
  Empty: 0,
  Ongoing: 1,
  PrepareCommit: 2,
  PrepareAbort: 3,
  CompleteCommit: 4,
  CompleteAbort: 5,
} as const;
export type TransactionStatus = keyof typeof transactionStatuses;

/** Topic → partitions. */
export type PartitionSet = ReadonlyMap<string, ReadonlySet<number>>;

/** What is known of a transactional id: who its producer is and how far its transaction is. Never changed, but replaced. */
export interface Transaction {
  readonly transactionalId: string;
  readonly producerId: number;
  /** Before the last new producer id; -1: there was none. */
  readonly previousProducerId: number;
  /** Of the producer once the end of the present transaction is complete; -1: the same. */
  readonly nextProducerId: number;
  readonly producerEpoch: number;
  /** What the producer had before, where it may ask once more for what follows; -1: it may not. Forgotten at a restart. */
  readonly lastProducerEpoch: number;
  readonly timeoutMs: number;
  readonly status: TransactionStatus;
  /** Those that the transaction has written to, and that have no marker yet. */
  readonly partitions: PartitionSet;
  /** Unix ms; -1 without a transaction. */
  readonly startedAt: number;
  /** Unix ms. */
  readonly updatedAt: number;
  /** The `transaction.version` that its client goes by, as far as an end has shown; 0: not known. */
  readonly clientVersion: number;
}

export interface ProducerIdentity {
  readonly producerId: number;
  readonly producerEpoch: number;
}

/** What a request comes to. */
export type Verdict =
  /** Store the next state; it is the answer, too. */
  | { readonly kind: 'write'; readonly next: Transaction }
  /** It was done before. */
  | { readonly kind: 'done'; readonly at: Transaction }
  | { readonly kind: 'refuse'; readonly errorCode: number }
  /** Nobody can fence the producer beyond: ask again with a new producer id. */
  | { readonly kind: 'needs-id' };

/** `transaction.version` 2 (KIP-890): the end of each transaction raises the epoch. */
const epochBumpVersion = 2;
/** The last epoch that a producer gets; one more is kept to fence it. */
const lastEpoch = 0x7fff - 1;
const nothing: PartitionSet = new Map();

const refuse = (errorCode: number): Verdict => ({ kind: 'refuse', errorCode });
const isExhausted = (epoch: number): boolean => epoch >= lastEpoch;
const isPreparing = ({ status }: Transaction): boolean =>
  status === 'PrepareCommit' || status === 'PrepareAbort';

export interface InitInput {
  readonly transactionalId: string;
  readonly timeoutMs: number;
  /** Who the producer takes itself for (KIP-360); null: it says nothing. */
  readonly expected: ProducerIdentity | null;
  /** Null where none was asked for yet. */
  readonly newProducerId: number | null;
  /** Unix ms. */
  readonly now: number;
}

/**
 * InitProducerId: a new epoch, so that whoever had the id before is fenced. An open transaction is aborted first: the
 * next state is the abort then, and the client asks again.
 */
export function initProducerId(known: Transaction | undefined, input: InitInput): Verdict {
  const { expected, newProducerId, timeoutMs, now } = input;
  if (known === undefined) {
    if (newProducerId === null) return { kind: 'needs-id' };
    return { kind: 'write', next: newTransaction(input.transactionalId, newProducerId, timeoutMs, now) };
  }
  if (expected !== null && !mayBe(known, expected)) return refuse(ErrorCode.PRODUCER_FENCED);
  if (isPreparing(known)) return refuse(ErrorCode.CONCURRENT_TRANSACTIONS);
  if (known.status === 'Ongoing') return { kind: 'write', next: fence(known, now) };
  const { producerId, producerEpoch, lastProducerEpoch } = known;
  const begun = { timeoutMs, status: 'Empty', partitions: nothing, startedAt: -1, updatedAt: now } as const;
  const base = { ...known, ...begun, previousProducerId: producerId, nextProducerId: -1, clientVersion: 0 };
  if (expected !== null && expected.producerEpoch !== producerEpoch) {
    if (expected.producerEpoch !== lastProducerEpoch) return refuse(ErrorCode.PRODUCER_FENCED);
    // The answer to the same request was lost.
    return { kind: 'write', next: { ...base, previousProducerId: known.previousProducerId } };
  }
  const before = expected === null ? -1 : producerEpoch;
  if (!isExhausted(producerEpoch))
    return {
      kind: 'write',
      next: { ...base, producerEpoch: producerEpoch + 1, lastProducerEpoch: before },
    };
  if (newProducerId === null) return { kind: 'needs-id' };
  return {
    kind: 'write',
    next: { ...base, producerId: newProducerId, producerEpoch: 0, lastProducerEpoch: before },
  };
}

function mayBe(known: Transaction, { producerId, producerEpoch }: ProducerIdentity): boolean {
  if (producerId === known.producerId) return true;
  return producerId === known.previousProducerId && isExhausted(producerEpoch);
}

function newTransaction(
  transactionalId: string,
  producerId: number,
  timeoutMs: number,
  now: number,
): Transaction {
  return {
    transactionalId,
    producerId,
    previousProducerId: -1,
    nextProducerId: -1,
    producerEpoch: 0,
    lastProducerEpoch: -1,
    timeoutMs,
    status: 'Empty',
    partitions: nothing,
    startedAt: -1,
    updatedAt: now,
    clientVersion: 0,
  };
}

/** The coordinator aborts an open transaction itself: the epoch rises, so that its producer can write no more. */
export function fence(open: Transaction, now: number): Transaction {
  return {
    ...open,
    producerEpoch: open.producerEpoch + 1,
    lastProducerEpoch: -1,
    status: 'PrepareAbort',
    updatedAt: now,
    clientVersion: 1,
  };
}

/** Whether the transaction has outlived what its producer asked for. */
export function isTimedOut({ status, startedAt, timeoutMs }: Transaction, now: number): boolean {
  return status === 'Ongoing' && startedAt + timeoutMs < now;
}

/** Whether the id may be forgotten: nobody has used it for so long, and nothing is open. */
export function isForgettable(transaction: Transaction, now: number, expirationMs: number): boolean {
  if (transaction.status === 'Ongoing' || isPreparing(transaction)) return false;
  return transaction.updatedAt <= now - expirationMs;
}

/** AddPartitionsToTxn, AddOffsetsToTxn, and with `transaction.version` 2 the first write to a partition. */
export function addPartitions(
  known: Transaction | undefined,
  producer: ProducerIdentity,
  added: PartitionSet,
  now: number,
): Verdict {
  const error = identityError(known, producer);
  if (known === undefined || error !== ErrorCode.NONE) return refuse(error);
  if (isPreparing(known)) return refuse(ErrorCode.CONCURRENT_TRANSACTIONS);
  const isOpen = known.status === 'Ongoing';
  const partitions = isOpen ? union(known.partitions, added) : added;
  if (isOpen && partitions === known.partitions) return { kind: 'done', at: known };
  const startedAt = isOpen ? known.startedAt : now;
  const next: Transaction = {
    ...known,
    previousProducerId: known.producerId,
    nextProducerId: -1,
    status: 'Ongoing',
    partitions,
    startedAt,
    updatedAt: now,
    clientVersion: 0,
  };
  return { kind: 'write', next };
}

/** Whether the producer may write to the partition within its transaction now: NONE or why not (KIP-890). */
export function admits(
  known: Transaction | undefined,
  producer: ProducerIdentity,
  topic: string,
  partition: number,
): number {
  const error = identityError(known, producer);
  if (known === undefined || error !== ErrorCode.NONE) return error;
  if (isPreparing(known)) return ErrorCode.CONCURRENT_TRANSACTIONS;
  const isIn = known.status === 'Ongoing' && known.partitions.get(topic)?.has(partition) === true;
  return isIn ? ErrorCode.NONE : ErrorCode.TRANSACTION_ABORTABLE;
}

function identityError(
  known: Transaction | undefined,
  { producerId, producerEpoch }: ProducerIdentity,
): number {
  if (known === undefined || known.producerId !== producerId) return ErrorCode.INVALID_PRODUCER_ID_MAPPING;
  return known.producerEpoch === producerEpoch ? ErrorCode.NONE : ErrorCode.PRODUCER_FENCED;
}

export interface EndInput extends ProducerIdentity {
  readonly committed: boolean;
  /** 2 where the client goes by it (EndTxn from version 5 on), else 1. */
  readonly clientVersion: number;
  /** Null where none was asked for yet. */
  readonly newProducerId: number | null;
  /** Unix ms. */
  readonly now: number;
}

/** EndTxn. What is stored next decides the transaction; the markers follow, then `completed`. */
export function endTransaction(known: Transaction | undefined, input: EndInput): Verdict {
  return input.clientVersion >= epochBumpVersion ? endRaising(known, input) : endKeeping(known, input);
}

/** By clients of `transaction.version` 1 and before: the epoch stays. */
function endKeeping(known: Transaction | undefined, input: EndInput): Verdict {
  const error = identityError(known, input);
  if (known === undefined || error !== ErrorCode.NONE) return refuse(error);
  if (known.status === 'Empty') return refuse(ErrorCode.INVALID_TXN_STATE);
  return known.status === 'Ongoing' ? prepare(known, input) : repeated(known, input.committed);
}

/** By clients of `transaction.version` 2: each end raises the epoch, so what is late belongs to no later transaction. */
function endRaising(known: Transaction | undefined, input: EndInput): Verdict {
  if (known === undefined) return refuse(ErrorCode.INVALID_PRODUCER_ID_MAPPING);
  const { producerId, producerEpoch, committed } = input;
  const raised = known.clientVersion >= epochBumpVersion;
  const isComplete = known.status === 'CompleteCommit' || known.status === 'CompleteAbort';
  // The id was used up by the end that is asked for once more.
  const hasOldId =
    raised &&
    isComplete &&
    known.producerEpoch === 0 &&
    known.previousProducerId === producerId &&
    producerEpoch === lastEpoch;
  if (known.producerId !== producerId && !hasOldId) return refuse(ErrorCode.INVALID_PRODUCER_ID_MAPPING);
  const isRepeated = hasOldId || (raised && known.producerEpoch === producerEpoch + 1);
  const isKnown = known.producerEpoch === producerEpoch;
  if (isPreparing(known)) {
    const isValid = raised ? isRepeated : isKnown;
    return isValid ? repeated(known, committed) : refuse(ErrorCode.PRODUCER_FENCED);
  }
  if (isComplete && isRepeated) return repeated(known, committed);
  if (!isKnown) return refuse(ErrorCode.PRODUCER_FENCED);
  if (known.status === 'Ongoing') return prepare(known, input);
  // Nothing was added, as far as the brokers know; an abort raises the epoch all the same.
  return committed ? refuse(ErrorCode.INVALID_TXN_STATE) : prepare({ ...known, startedAt: input.now }, input);
}

/** An end that was asked for before. */
function repeated(known: Transaction, committed: boolean): Verdict {
  const isSame = known.status.endsWith('Commit') === committed;
  if (!isSame) return refuse(ErrorCode.INVALID_TXN_STATE);
  return isPreparing(known) ? refuse(ErrorCode.CONCURRENT_TRANSACTIONS) : { kind: 'done', at: known };
}

function prepare(known: Transaction, { committed, clientVersion, newProducerId, now }: EndInput): Verdict {
  const status = committed ? 'PrepareCommit' : 'PrepareAbort';
  const { producerId, producerEpoch } = known;
  const next: Transaction = {
    ...known,
    previousProducerId: producerId,
    nextProducerId: -1,
    status,
    updatedAt: now,
    clientVersion,
  };
  if (clientVersion < epochBumpVersion) return { kind: 'write', next };
  const isLast = isExhausted(producerEpoch);
  if (isLast && newProducerId === null) return { kind: 'needs-id' };
  return {
    kind: 'write',
    next: {
      ...next,
      producerEpoch: producerEpoch + 1,
      lastProducerEpoch: producerEpoch,
      nextProducerId: isLast ? newProducerId! : -1,
    },
  };
}

/** All markers of a prepared end are written. */
export function completed(prepared: Transaction, now: number): Transaction {
  const status = prepared.status === 'PrepareCommit' ? 'CompleteCommit' : 'CompleteAbort';
  const next: Transaction = { ...prepared, status, partitions: nothing, updatedAt: now };
  if (prepared.nextProducerId < 0) return next;
  const { producerId, nextProducerId } = prepared;
  return {
    ...next,
    previousProducerId: producerId,
    producerId: nextProducerId,
    nextProducerId: -1,
    producerEpoch: 0,
  };
}

/** Who the producer is once its transaction is over. */
export function identityAfter({ producerId, producerEpoch, nextProducerId }: Transaction): ProducerIdentity {
  return nextProducerId < 0
    ? { producerId, producerEpoch }
    : { producerId: nextProducerId, producerEpoch: 0 };
}

/** The first of the two where it has all of the second. */
function union(some: PartitionSet, more: PartitionSet): PartitionSet {
  let all: Map<string, ReadonlySet<number>> | null = null;
  for (const [topic, partitions] of more) {
    const known = some.get(topic);
    if (known !== undefined && [...partitions].every((each) => known.has(each))) continue;
    all ??= new Map(some);
    all.set(topic, new Set([...(known ?? []), ...partitions]));
  }
  return all ?? some;
}
