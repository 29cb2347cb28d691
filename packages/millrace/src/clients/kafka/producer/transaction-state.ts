import type { KafkaErrorName } from '../../../protocol/error-codes.ts';
import { MillraceError } from '../../../runtime/errors.ts';
import { keyOf, type TopicPartition, type TopicPartitionOffset } from '../options.ts';
import type { ProducerIdentity } from './partition-queue.ts';
import { isFatalToProduce, transactionErrorAction } from './transaction-errors.ts';

/** Offsets to be committed within a transaction, and as which member of the group they were read (KIP-447). */
export interface GroupPositions {
  readonly groupId: string;
  readonly memberId: string;
  readonly generationId: number;
  readonly groupInstanceId: string | null;
  readonly offsets: readonly (TopicPartitionOffset & { readonly metadata?: string })[];
}

/** A request that the state asks for. One at a time; each is asked for until it has an answer. */
export type TransactionRequest =
  /** `identity`: the present one, to get a higher epoch (KIP-360); null at the beginning. */
  | { readonly kind: 'initProducerId'; readonly identity: ProducerIdentity | null }
  | { readonly kind: 'addPartitions'; readonly partitions: readonly TopicPartition[] }
  | { readonly kind: 'addOffsets'; readonly groupId: string }
  | { readonly kind: 'commitOffsets'; readonly positions: GroupPositions }
  | { readonly kind: 'endTransaction'; readonly committed: boolean };

/** What a broker has answered. */
export interface TransactionAnswer {
  /** Of each partition where the answer tells them apart, else one for all; those without an error may be left out. */
  readonly errors: readonly { readonly name: KafkaErrorName; readonly at?: TopicPartition }[];
  /** Who the producer is from now on, where the answer says so. */
  readonly identity?: ProducerIdentity;
}

export type TransactionPhase =
  | 'new'
  | 'initializing'
  | 'ready'
  | 'open'
  | 'committing'
  | 'aborting'
  /** Can only be aborted. */
  | 'failed'
  /** Is over: another producer has to be made. */
  | 'dead';

/** What to do after an answer: go on with the next request, or wait a moment first. */
export type AnswerVerdict = 'next' | 'retry' | 'coordinator';

/**
 * The life of a transactional producer (KIP-98, KIP-360, KIP-447; with `implicit` KIP-890, `transaction.version` 2):
 * which request is due, and what its answer changes. Pure: no clock, no socket.
 *
 * With `implicit` the brokers add partitions and groups to the transaction by themselves, and each end of a transaction
 * brings a new epoch, so that nothing of it that is late can reach the next. Without it both are asked for, and the epoch
 * is raised after a failure only.
 */
export class TransactionState {
  #phase: TransactionPhase = 'new';
  #identity: ProducerIdentity | null = null;
  #implicit = false;
  #error: MillraceError | null = null;
  /** Brokers may know of the transaction: it has to be ended there. */
  #started = false;
  #needsEpoch = false;
  /** There was a transaction. */
  #used = false;
  readonly #added = new Set<string>();
  #toAdd = new Map<string, TopicPartition>();
  #positions: GroupPositions | null = null;
  #groupAdded = false;

  get phase(): TransactionPhase {
    return this.#phase;
  }

  /** Null before the first `initProducerId`. */
  get identity(): ProducerIdentity | null {
    return this.#identity;
  }

  get implicit(): boolean {
    return this.#implicit;
  }

  /** Why the transaction, or the producer, has failed. */
  get error(): MillraceError | null {
    return this.#error;
  }

  /**
   * Before a transaction. `implicit`: what the cluster says now; when it has risen the next transaction gets an epoch of
   * its own first, as in Kafka.
   */
  prepare(implicit: boolean): void {
    if (this.#phase === 'new') this.#phase = 'initializing';
    else if (this.#phase === 'ready' && implicit && !this.#implicit && this.#used)
      this.#phase = 'initializing';
    if (this.#phase === 'initializing' || this.#phase === 'ready') this.#implicit = implicit;
  }

  begin(): void {
    this.#expect('ready');
    this.#phase = 'open';
    this.#used = true;
  }

  /** Whether records may go there; else the partition is added by the next request. */
  admits(partition: TopicPartition): boolean {
    if (this.#phase !== 'open') return false;
    if (this.#implicit) {
      this.#started = true;
      return true;
    }
    const key = keyOf(partition);
    if (this.#added.has(key)) return true;
    this.#toAdd.set(key, partition);
    return false;
  }

  addOffsets(positions: GroupPositions): void {
    this.#expect('open');
    if (positions.offsets.length === 0) return;
    this.#positions = positions;
    this.#groupAdded = this.#implicit;
    if (this.#implicit) this.#started = true;
  }

  /** Something that was sent in the transaction has failed, or whoever writes it gives it up. `name`: a broker's error. */
  fail(error: MillraceError, name = ''): void {
    if (isFatalToProduce(name)) this.#die(error);
    else if (this.#phase === 'open') this.#abortable(error);
  }

  /** Everything of the transaction is answered: ends it. Commits only what has not failed. */
  end(committed: boolean): void {
    if (committed) this.#expect('open');
    else if (this.#phase !== 'failed') this.#expect('open');
    this.#phase = committed ? 'committing' : 'aborting';
    if (committed) return;
    this.#toAdd.clear();
    this.#positions = null;
  }

  /** The request that is due; null: none. */
  next(): TransactionRequest | null {
    switch (this.#phase) {
      case 'initializing':
        return { kind: 'initProducerId', identity: this.#identity };
      case 'open':
        return this.#nextAddition();
      case 'committing':
      case 'aborting': {
        const addition = this.#phase === 'committing' ? this.#nextAddition() : null;
        if (addition !== null) return addition;
        if (this.#started) return { kind: 'endTransaction', committed: this.#phase === 'committing' };
        this.#ended();
        return this.next();
      }
      default:
        return null;
    }
  }

  #nextAddition(): TransactionRequest | null {
    if (this.#toAdd.size > 0) return { kind: 'addPartitions', partitions: [...this.#toAdd.values()] };
    if (this.#positions === null) return null;
    return this.#groupAdded
      ? { kind: 'commitOffsets', positions: this.#positions }
      : { kind: 'addOffsets', groupId: this.#positions.groupId };
  }

  /** The request has an answer. `errorOf` makes the error of a broker's name for whoever waits. */
  answered(
    request: TransactionRequest,
    { errors, identity }: TransactionAnswer,
    errorOf: (name: KafkaErrorName) => MillraceError,
  ): AnswerVerdict {
    const told = errors.filter(({ name }) => name !== 'NONE');
    this.#takeOver(request, told, identity);
    let verdict: AnswerVerdict = 'next';
    for (const { name } of told) {
      const action = transactionErrorAction(request.kind, name);
      if (action === 'fatal') {
        this.#die(errorOf(name));
        return 'next';
      }
      // An abort that may not be is no way out; Kafka's producer ends there, too.
      if (action === 'abort' && this.#phase === 'aborting') this.#die(errorOf(name));
      else if (action === 'abort') this.#abortable(errorOf(name));
      if (action === 'abort') return 'next';
      if (action === 'coordinator' || verdict === 'next') verdict = action;
    }
    return verdict;
  }

  /** The request has no answer: the broker may have done as it says. It is due again. */
  lost(request: TransactionRequest): void {
    if (request.kind === 'addPartitions' || request.kind === 'addOffsets') this.#started = true;
  }

  /** The request can't be sent at all, whatever one tries. */
  impossible(error: MillraceError): void {
    this.#die(error);
  }

  #takeOver(
    request: TransactionRequest,
    errors: TransactionAnswer['errors'],
    identity: ProducerIdentity | undefined,
  ): void {
    const works = errors.length === 0;
    switch (request.kind) {
      case 'initProducerId':
        if (!works) return;
        this.#identity = identity!;
        this.#error = null;
        this.#phase = 'ready';
        return;
      case 'addPartitions':
        if (!works) return;
        this.#started = true;
        for (const partition of request.partitions) {
          this.#added.add(keyOf(partition));
          this.#toAdd.delete(keyOf(partition));
        }
        return;
      case 'addOffsets':
        if (!works) return;
        this.#started = true;
        this.#groupAdded = true;
        return;
      case 'commitOffsets': {
        const open = new Set(errors.flatMap(({ at }) => (at === undefined ? [] : [keyOf(at)])));
        const offsets = request.positions.offsets.filter((offset) => open.has(keyOf(offset)));
        if (works) this.#positions = null;
        else if (offsets.length > 0) this.#positions = { ...request.positions, offsets };
        return;
      }
      case 'endTransaction':
        if (!works) return;
        if (identity !== undefined) {
          this.#identity = identity;
          this.#needsEpoch = false;
        }
        this.#ended();
    }
  }

  #ended(): void {
    this.#phase = this.#needsEpoch ? 'initializing' : 'ready';
    this.#needsEpoch = false;
    this.#started = false;
    this.#error = null;
    this.#added.clear();
    this.#toAdd.clear();
    this.#positions = null;
    this.#groupAdded = false;
  }

  /** Sequences have gaps after a failure: a new epoch begins them anew. With `implicit` the end brings it. */
  #abortable(error: MillraceError): void {
    if (this.#phase === 'dead') return;
    this.#phase = this.#phase === 'initializing' ? 'dead' : 'failed';
    this.#error = error;
    this.#needsEpoch = this.#started;
    this.#positions = null;
    this.#toAdd.clear();
  }

  #die(error: MillraceError): void {
    if (this.#phase === 'dead') return;
    this.#phase = 'dead';
    this.#error = error;
  }

  #expect(phase: TransactionPhase): void {
    if (this.#phase === phase) return;
    if (this.#error !== null) throw this.#error;
    throw new MillraceError(
      'TRANSACTION_STATE',
      `the producer's transaction is ${this.#phase}, not ${phase}`,
    );
  }
}
