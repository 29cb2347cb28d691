import { errorText } from '../../runtime/errors.ts';
import type { Logger } from '../../runtime/logger.ts';
import { after, every, type Timer } from '../../runtime/timers.ts';
import { ErrorCode } from '../core/error-code.ts';
import { isFault } from '../core/fault.ts';
import { CoordinatorRuntime } from '../group/coordinator-runtime.ts';
import type { OffsetLog } from '../group/offset-log.ts';
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
  type PartitionSet,
  type ProducerIdentity,
  type Transaction,
  type Verdict,
} from './transaction.ts';
import { decodeTransaction, encodeTransaction, type TransactionRecord } from './transaction-records.ts';
import { TransactionStore } from './transaction-store.ts';

export interface TransactionOptions {
  /** `transaction.max.timeout.ms`. */
  readonly maxTimeoutMs: number;
  /** `transactional.id.expiration.ms`. */
  readonly idExpirationMs: number;
  /** How often is looked for transactions that take too long. */
  readonly abortIntervalMs: number;
  /** Unix ms. */
  readonly now: () => number;
  readonly logger: Logger;
  /** Gives the log of `__transaction_state`, making the topic where it is missing. Rejects while it is not well. */
  readonly openLog: () => Promise<OffsetLog>;
  /** Whether there is that topic. */
  readonly hasLog: () => boolean;
  readonly newProducerId: () => Promise<number>;
  /** Resolves with null once all partitions of a prepared transaction have their markers, or with why one has none. */
  readonly writeMarkers: (prepared: Transaction) => Promise<string | null>;
}

/** NONE with who the producer is from now on, or why not. */
export interface IdentityAnswer extends ProducerIdentity {
  readonly errorCode: number;
}

/** Before markers that could not be written are tried again; doubles with each time. */
const retryAfterMs = { first: 100, most: 10_000 } as const;
/** Ids beyond that are refused: each is kept, and is in every record of it. */
const longestIdBytes = 0x7fff;

/**
 * The transaction coordinator: gives the pure rules (`transaction.ts`) their log and their time. A transaction is
 * decided once the device has the record that says so; only then its markers are written, and once the device has
 * those, that it is complete. So a broker that is killed at any point goes on where its log says it was.
 *
 * The end of a transaction is answered when its markers are written, in one try; Kafka answers before, and lets what
 * follows wait in steps.
 */
export class TransactionCoordinator {
  readonly #options: TransactionOptions;
  readonly #store: TransactionStore;
  readonly #runtime: CoordinatorRuntime<TransactionRecord>;
  /** Prepared transactions whose markers are being written, or wait to be tried again. */
  readonly #completing = new Map<string, { readonly prepared: Transaction; timer: Timer | null }>();
  readonly #sweep: Timer;
  #closed = false;

  constructor(options: TransactionOptions) {
    const { now, logger, openLog, hasLog, abortIntervalMs } = options;
    this.#options = options;
    // Markers are written once the load is done.
    this.#store = new TransactionStore(() => setImmediate(() => this.#completeAll()));
    this.#runtime = new CoordinatorRuntime({
      state: this.#store,
      codec: { encode: encodeTransaction, decode: decodeTransaction },
      what: 'transactions',
      openLog,
      hasLog,
      now,
      logger,
    });
    this.#sweep = every(abortIntervalMs, () => void this.#abortTimedOut(), { background: true });
  }

  /** Reads the transactions back, making sure that `__transaction_state` exists, as the first FindCoordinator does. */
  async ready(): Promise<void> {
    await this.#runtime.load();
  }

  /** As in Kafka there is no coordinator before somebody looked for it, which makes its topic. */
  get #isThere(): boolean {
    return this.#runtime.isLoaded || this.#options.hasLog();
  }

  // ---- requests --------------------------------------------------------------------------------------------------

  async initProducerId(
    transactionalId: string,
    timeoutMs: number,
    expected: ProducerIdentity | null,
  ): Promise<IdentityAnswer> {
    if (!isPossibleId(transactionalId)) return failed(ErrorCode.INVALID_REQUEST);
    if (timeoutMs <= 0 || timeoutMs > this.#options.maxTimeoutMs)
      return failed(ErrorCode.INVALID_TRANSACTION_TIMEOUT);
    const answer = await this.#change(transactionalId, (known, newProducerId) => {
      const now = this.#options.now();
      return initProducerId(known, { transactionalId, timeoutMs, expected, newProducerId, now });
    });
    // What was open has to be aborted first: the producer asks again.
    return isAbort(answer) ? failed(ErrorCode.CONCURRENT_TRANSACTIONS) : identity(answer);
  }

  /** NONE once all of the partitions belong to the producer's transaction, which begins with the first. */
  async addPartitions(
    transactionalId: string,
    producer: ProducerIdentity,
    partitions: PartitionSet,
  ): Promise<number> {
    if (!isPossibleId(transactionalId)) return ErrorCode.INVALID_REQUEST;
    const answer = await this.#change(transactionalId, (known) =>
      addPartitions(known, producer, partitions, this.#options.now()),
    );
    return typeof answer === 'number' ? answer : ErrorCode.NONE;
  }

  /** Whether the producer may write to the partition within its transaction; told once the device knows that it may. */
  async verify(
    transactionalId: string,
    producer: ProducerIdentity,
    topic: string,
    partition: number,
  ): Promise<number> {
    if (!this.#isThere) return ErrorCode.NOT_COORDINATOR;
    if (!isPossibleId(transactionalId)) return ErrorCode.INVALID_REQUEST;
    const result = await this.#runtime.read(() => this.admits(transactionalId, producer, topic, partition));
    return isFault(result) ? result.errorCode : result;
  }

  /** The same as it is in this turn: whoever writes has asked `verify` or `addPartitions` before. */
  admits(transactionalId: string, producer: ProducerIdentity, topic: string, partition: number): number {
    if (this.#runtime.isBehind) return ErrorCode.COORDINATOR_LOAD_IN_PROGRESS;
    return admits(this.#store.get(transactionalId), producer, topic, partition);
  }

  /** `clientVersion`: 2 where each end raises the epoch (KIP-890), else 1. */
  async end(
    transactionalId: string,
    producer: ProducerIdentity,
    committed: boolean,
    clientVersion: number,
  ): Promise<IdentityAnswer> {
    if (!isPossibleId(transactionalId)) return failed(ErrorCode.INVALID_REQUEST);
    const answer = await this.#change(transactionalId, (known, newProducerId) => {
      const now = this.#options.now();
      return endTransaction(known, { ...producer, committed, clientVersion, newProducerId, now });
    });
    return identity(answer);
  }

  /** Undefined for an id that is not known; an error code while nothing can be told. */
  async describe(transactionalId: string): Promise<Transaction | undefined | number> {
    if (!this.#isThere) return ErrorCode.NOT_COORDINATOR;
    const result = await this.#runtime.read(() => ({ found: this.#store.get(transactionalId) }));
    return isFault(result) ? result.errorCode : result.found;
  }

  /** All ids; an error code while nothing can be told. */
  async list(): Promise<readonly Transaction[] | number> {
    const result = await this.#runtime.read(() => [...this.#store.all()]);
    return isFault(result) ? result.errorCode : result;
  }

  // ---- time ------------------------------------------------------------------------------------------------------

  /** Forgets ids that nobody has used for long, then compacts the log where it pays. */
  async housekeep(): Promise<void> {
    if (!this.#runtime.isLoaded || this.#closed) return;
    const { now, idExpirationMs } = this.#options;
    const at = now();
    const old = [...this.#store.all()].filter((each) => isForgettable(each, at, idExpirationMs));
    for (const each of old) {
      const { transactionalId } = each;
      await this.#runtime.run(() => {
        const isSame = this.#store.get(transactionalId) === each;
        return { records: isSame ? [{ transactionalId, value: null }] : [], reply: null };
      });
    }
    await this.#runtime.compact();
  }

  async #abortTimedOut(): Promise<void> {
    if (this.#closed) return;
    // A reload after a failure goes on with what was being completed.
    if (this.#runtime.isBehind) await this.#runtime.load().catch(() => {});
    const now = this.#options.now();
    for (const each of [...this.#store.all()]) {
      if (!isTimedOut(each, now)) continue;
      const { transactionalId } = each;
      this.#options.logger.info(
        `transaction of ${transactionalId.slice(0, 249)}: aborted, it takes too long`,
      );
      void this.#change(transactionalId, (known) =>
        known === each ? { kind: 'write', next: fence(each, now) } : { kind: 'refuse', errorCode: 0 },
      );
    }
  }

  /** What is under way is left as the log says it is; the next start goes on with it. The log belongs to the topic store. */
  close(): void {
    this.#closed = true;
    this.#runtime.close();
    this.#sweep.cancel();
    for (const { timer } of this.#completing.values()) timer?.cancel();
  }

  // ---- parts -----------------------------------------------------------------------------------------------------

  /**
   * Stores what the rules say; resolves with the state once it is safe, and where it is a decision, once its markers
   * were tried; or with an error code.
   */
  async #change(
    transactionalId: string,
    rule: (known: Transaction | undefined, newProducerId: number | null) => Verdict,
  ): Promise<Transaction | number> {
    if (!this.#isThere) return ErrorCode.NOT_COORDINATOR;
    let newProducerId: number | null = null;
    for (;;) {
      const verdict = await this.#runtime.run(() => {
        const reply = rule(this.#store.get(transactionalId), newProducerId);
        return { records: reply.kind === 'write' ? [{ transactionalId, value: reply.next }] : [], reply };
      });
      if (isFault(verdict)) return verdict.errorCode;
      if (verdict.kind === 'refuse') return verdict.errorCode;
      if (verdict.kind === 'done') {
        const settled = await this.#runtime.read(() => null);
        return isFault(settled) ? settled.errorCode : verdict.at;
      }
      if (verdict.kind === 'needs-id') {
        const id = await this.#newProducerId();
        if (id === null) return ErrorCode.COORDINATOR_LOAD_IN_PROGRESS;
        newProducerId = id;
        continue;
      }
      await this.#complete(verdict.next);
      return verdict.next;
    }
  }

  async #newProducerId(): Promise<number | null> {
    try {
      return await this.#options.newProducerId();
    } catch (error) {
      this.#options.logger.error(`no producer id could be reserved: ${errorText(error)}`);
      return null;
    }
  }

  #completeAll(): void {
    for (const each of [...this.#store.all()]) void this.#complete(each);
  }

  /** Writes the markers of a prepared transaction, and that it is complete; resolves after the first try. */
  #complete(prepared: Transaction): Promise<void> {
    const { transactionalId, status } = prepared;
    if (status !== 'PrepareCommit' && status !== 'PrepareAbort') return Promise.resolve();
    const known = this.#completing.get(transactionalId);
    if (known?.prepared === prepared) return Promise.resolve();
    known?.timer?.cancel();
    this.#completing.set(transactionalId, { prepared, timer: null });
    return this.#tryToComplete(prepared, retryAfterMs.first);
  }

  async #tryToComplete(prepared: Transaction, delayMs: number): Promise<void> {
    const { transactionalId } = prepared;
    const isCurrent = () => this.#completing.get(transactionalId)?.prepared === prepared;
    const fault = await this.#options.writeMarkers(prepared).catch(errorText);
    if (this.#closed || !isCurrent()) return;
    if (fault === null) {
      // Nobody has to wait for the device to know it: it would be found out once more.
      void this.#storeCompleted(prepared).then((error) => {
        if (this.#closed || !isCurrent()) return;
        if (error === null) this.#completing.delete(transactionalId);
        else this.#tryLater(prepared, delayMs, error);
      });
      return;
    }
    this.#tryLater(prepared, delayMs, fault);
  }

  async #storeCompleted(prepared: Transaction): Promise<string | null> {
    const { transactionalId } = prepared;
    const result = await this.#runtime.run(() => {
      // It is read back as another one after a failure, and completed as that.
      if (this.#store.get(transactionalId) !== prepared) return { records: [], reply: null };
      const value = completed(prepared, this.#options.now());
      return { records: [{ transactionalId, value }], reply: null };
    });
    return isFault(result) ? result.message : null;
  }

  #tryLater(prepared: Transaction, delayMs: number, fault: string): void {
    const { transactionalId } = prepared;
    this.#options.logger.warn(
      `transaction of ${transactionalId.slice(0, 249)} is decided, and not complete yet: ${fault}`,
    );
    const again = () => void this.#tryToComplete(prepared, Math.min(2 * delayMs, retryAfterMs.most));
    this.#completing.get(transactionalId)!.timer = after(delayMs, again, { background: true });
  }
}

function isPossibleId(transactionalId: string): boolean {
  return transactionalId !== '' && Buffer.byteLength(transactionalId) <= longestIdBytes;
}

function isAbort(answer: Transaction | number): boolean {
  return typeof answer !== 'number' && answer.status === 'PrepareAbort';
}

function failed(errorCode: number): IdentityAnswer {
  return { errorCode, producerId: -1, producerEpoch: -1 };
}

function identity(answer: Transaction | number): IdentityAnswer {
  return typeof answer === 'number'
    ? failed(answer)
    : { errorCode: ErrorCode.NONE, ...identityAfter(answer) };
}
