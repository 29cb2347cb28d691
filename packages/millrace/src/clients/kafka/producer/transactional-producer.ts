import { errorCodeOf } from '../../../protocol/error-codes.ts';
import type { EventBatch } from '../../../records/event-batch.ts';
import { Deadline, late } from '../../../runtime/deadline.ts';
import { MillraceError } from '../../../runtime/errors.ts';
import { pause } from '../../../runtime/timers.ts';
import { type WaitReport, waitReport } from '../../../runtime/wait.ts';
import type { KafkaClient } from '../client.ts';
import type { BrokerNode } from '../cluster-metadata.ts';
import type { Connection } from '../connection.ts';
import { brokerErrorName, kafkaError } from '../kafka-errors.ts';
import type { ProducerOptions, TopicPartition } from '../options.ts';
import type { ProducerIdentity } from './partition-queue.ts';
import { Producer, type SendResult } from './producer.ts';
import { asMillraceError } from './producer-sender.ts';
import type { TransactionGate } from './transaction-gate.ts';
import { askTransaction } from './transaction-requests.ts';
import { type GroupPositions, type TransactionRequest, TransactionState } from './transaction-state.ts';

export type { GroupPositions } from './transaction-state.ts';

export interface TransactionalOptions extends ProducerOptions {
  readonly transactionalId: string;
}

const purpose = 'transactions';
/** The feature that says how transactions are spoken of (KIP-890), and the level from which on epochs rise with each. */
const versionFeature = 'transaction.version';
const implicitFrom = 2;

/**
 * A producer whose sends take effect together or not at all, also with the offsets of what was read for them (KIP-98,
 * KIP-447): readers with `isolation.level=read_committed` see all of a transaction or nothing.
 *
 * `ready`, `begin`, any number of `send` and one `addOffsets`, then `commit` when all sends have worked, else `abort`;
 * one transaction at a time. A transaction in which anything failed can only be aborted, which the next `ready` does, too. When an id is used again, what
 * its last user had open is aborted and whatever he sends late is refused.
 */
export class TransactionalProducer implements AsyncDisposable {
  readonly #client: KafkaClient;
  readonly #options: TransactionalOptions;
  readonly #producer: Producer;
  readonly #state = new TransactionState();
  readonly #closing = new AbortController();
  #coordinator: BrokerNode | null = null;
  readonly #groupCoordinators = new Map<string, BrokerNode>();
  #running = false;
  #work: Promise<void> = Promise.resolve();
  #trouble: MillraceError | null = null;
  #troubleSinceMs = 0;

  constructor(client: KafkaClient, options: TransactionalOptions) {
    if (options.transactionalId === '')
      throw new MillraceError('CONFIG_INVALID', 'transactional.id is empty');
    this.#client = client;
    this.#options = options;
    const state = this.#state;
    const gate: TransactionGate = {
      transactionalId: options.transactionalId,
      get addsPartitions(): boolean {
        return state.implicit;
      },
      get identity(): ProducerIdentity | null {
        return state.phase === 'open' ? state.identity : null;
      },
      admits: (partition: TopicPartition) => {
        if (state.admits(partition)) return true;
        this.#kick();
        return false;
      },
      failed: (error) => state.fail(error, brokerErrorName(error)),
    };
    this.#producer = new Producer(client, options, gate);
  }

  /** It can't be used any more: another has its id, or it may not do what it tries. Make a new one. */
  get isDead(): boolean {
    return this.#state.phase === 'dead' || this.#closing.signal.aborted;
  }

  /** For whoever looks: what keeps the transaction from going on, but for brokers that don't answer. */
  waits(): readonly WaitReport[] {
    const trouble = this.#trouble;
    if (trouble === null || trouble.code === 'KAFKA_CONNECTION') return this.#producer.waits();
    const what = `the brokers to go on with the transaction: ${trouble.message}`;
    return [waitReport('fault', what, this.#troubleSinceMs), ...this.#producer.waits()];
  }

  #note(error: MillraceError): void {
    if (this.#trouble === null) this.#troubleSinceMs = Date.now();
    this.#trouble = error;
  }

  /** What is tried again, and why; null: nothing. */
  get trouble(): MillraceError | null {
    return this.#trouble ?? this.#producer.trouble;
  }

  /**
   * Resolves when a transaction can begin: the id is this producer's, and what it or its last user had open has ended. Tries
   * until the deadline (absent: `max.block.ms`), then throws `TIMEOUT`. Throws `KAFKA` where it can't be had.
   */
  async ready(deadline = Deadline.in(this.#options.maxBlockMs ?? 60_000)): Promise<void> {
    const ready = this.#becomeReady();
    if ((await deadline.race(ready)) !== late) return;
    ready.catch(() => {});
    const text = `transactional.id ${this.#options.transactionalId} can't be had in time`;
    throw new MillraceError('TIMEOUT', text, { cause: this.#trouble });
  }

  async #becomeReady(): Promise<void> {
    const connection = await this.#retrying(() => this.#connection('initProducerId', ''));
    while (this.#state.phase !== 'new' && this.#state.phase !== 'ready') await this.#finish();
    this.#state.prepare(connection.featureLevel(versionFeature) >= implicitFrom);
    await this.#drive();
    this.#assertReady();
  }

  /** Ends what an earlier transaction left: an end that is not known yet, or an abort. */
  async #finish(): Promise<void> {
    const { phase } = this.#state;
    if (phase === 'dead') throw this.#failure();
    if (phase === 'open' || phase === 'failed') await this.abort();
    else await this.#drive();
  }

  /** Throws `TRANSACTION_STATE` before `ready`. */
  begin(): void {
    this.#state.begin();
  }

  /** As `Producer.send`. When it rejects, the whole transaction has failed: nothing of it counts. */
  async send(
    topic: string,
    partition: number | null,
    batch: EventBatch,
    options: { stamp?: boolean } = {},
  ): Promise<SendResult> {
    if (this.#state.phase !== 'open') throw this.#failure();
    try {
      return await this.#producer.send(topic, partition, batch, options);
    } catch (error) {
      this.#producer.drop(asMillraceError(error));
      throw error;
    }
  }

  /** What lingers leaves now. */
  hurry(): void {
    this.#producer.hurry();
  }

  /** The offsets count when the transaction commits; until then whoever asks for the group's offsets waits. */
  addOffsets(positions: GroupPositions): void {
    this.#state.addOffsets(positions);
    this.#kick();
  }

  /**
   * Ends the transaction, all sends of which have resolved. It resolves when the coordinator has it for sure: a commit
   * without an answer is asked for again, until it is known. Rejects when it is sure that nothing of it counts; with
   * `TIMEOUT` at the deadline, and when this producer is over (`isDead`), its fate being unknown then: `ready` finds out
   * how it ends, and so does who asks for the group's stable offsets.
   */
  async commit(deadline = Deadline.never()): Promise<void> {
    const done = this.#end();
    if ((await deadline.race(done)) !== late) return;
    done.catch(() => {});
    const { phase } = this.#state;
    // Its end was not asked for yet, and never is.
    if (phase === 'open') this.giveUp();
    const text =
      phase === 'open' ? 'was not committed in time' : 'is asked to be committed, without an answer so far';
    throw new MillraceError('TIMEOUT', `the transaction ${text}`, { cause: this.#trouble });
  }

  /**
   * The end is asked for only once the offsets are known to be in the transaction. So whoever asks for the group's stable
   * offsets, while the end is not known, waits for it, and is not told older ones.
   */
  async #end(): Promise<void> {
    await this.#drive();
    this.#state.end(true);
    await this.#drive();
    this.#assertReady();
  }

  /** The transaction is not to count, and nothing more of it leaves: what is open rejects, the next `ready` aborts it. */
  giveUp(): void {
    this.#producer.drop(new MillraceError('KAFKA', 'the transaction is aborted'));
  }

  /** Ends the transaction: nothing of it counts. What of it is under way is waited for. Rejects when the producer is over. */
  async abort(): Promise<void> {
    if (this.#state.phase === 'dead') throw this.#failure();
    this.giveUp();
    await this.#producer.landed();
    // An addition that is under way must not come to the coordinator behind the end.
    await this.#work;
    if (this.#state.phase !== 'failed') throw this.#failure();
    this.#state.end(false);
    await this.#drive();
    this.#assertReady();
  }

  /** Ends at once; an open transaction is aborted by whoever uses the id next, or after `transaction.timeout.ms`. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#producer.close(0);
    this.#client.disconnect(purpose);
    await this.#work;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #assertReady(): void {
    if (this.#state.phase !== 'ready') throw this.#failure();
  }

  #failure(): MillraceError {
    if (this.#closing.signal.aborted) return new MillraceError('KAFKA_CONNECTION', 'the producer is closed');
    const { error, phase } = this.#state;
    return error ?? new MillraceError('TRANSACTION_STATE', `the producer's transaction is ${phase}`);
  }

  // Requests, one after the other

  #kick(): void {
    if (this.#running) return;
    this.#running = true;
    this.#work = this.#run();
  }

  async #drive(): Promise<void> {
    this.#kick();
    await this.#work;
    if (this.#closing.signal.aborted) throw this.#failure();
  }

  /** Until nothing is due. Never rejects. */
  async #run(): Promise<void> {
    const state = this.#state;
    let attempt = 0;
    for (let request = state.next(); request !== null; request = state.next()) {
      if (this.#closing.signal.aborted) break;
      const again = await this.#ask(request);
      if (again) await this.#backoff(attempt++);
      else attempt = 0;
    }
    this.#running = false;
  }

  /** Whether to wait before the next. */
  async #ask(request: TransactionRequest): Promise<boolean> {
    const state = this.#state;
    const { transactionalId, transactionTimeoutMs = 60_000, requestTimeoutMs = 30_000 } = this.#options;
    const { identity, implicit } = state;
    const group = request.kind === 'commitOffsets' ? request.positions.groupId : '';
    try {
      const connection = await this.#connection(request.kind, group);
      const sender = { transactionalId, transactionTimeoutMs, identity, implicit };
      const answer = await askTransaction(connection, request, sender, requestTimeoutMs);
      const where = `transactional.id ${transactionalId}: ${request.kind}`;
      let told: MillraceError | null = null;
      const verdict = state.answered(request, answer, (name) => {
        told = explained(kafkaError(errorCodeOf(name), where));
        return told;
      });
      if (told !== null) this.#producer.drop(told);
      else if (verdict === 'next') this.#trouble = null;
      const [first] = answer.errors.filter(({ name }) => name !== 'NONE');
      if (first !== undefined) this.#note(kafkaError(errorCodeOf(first.name), where));
      if (verdict === 'coordinator') this.#forgetCoordinators();
      if (request.kind === 'addPartitions' && verdict === 'next') this.#producer.wake();
      return verdict !== 'next';
    } catch (failure) {
      const error = asMillraceError(failure);
      this.#note(error);
      if (this.#closing.signal.aborted) return false;
      this.#forgetCoordinators();
      state.lost(request);
      if (error.retryable) return true;
      state.impossible(error);
      this.#producer.drop(error);
      return false;
    }
  }

  async #connection(kind: TransactionRequest['kind'], group: string): Promise<Connection> {
    const { transactionalId, requestTimeoutMs } = this.#options;
    if (kind !== 'commitOffsets') {
      this.#coordinator ??= await this.#client.coordinator(transactionalId, requestTimeoutMs, 'transaction');
      return await this.#client.connection(this.#coordinator.nodeId, purpose);
    }
    let node = this.#groupCoordinators.get(group);
    if (node === undefined) {
      node = await this.#client.coordinator(group, requestTimeoutMs);
      this.#groupCoordinators.set(group, node);
    }
    return await this.#client.connection(node.nodeId, purpose);
  }

  #forgetCoordinators(): void {
    this.#coordinator = null;
    this.#groupCoordinators.clear();
  }

  async #retrying<T>(step: () => Promise<T>): Promise<T> {
    for (let attempt = 0; ; attempt++) {
      if (this.#closing.signal.aborted) throw this.#failure();
      try {
        return await step();
      } catch (failure) {
        const error = asMillraceError(failure);
        this.#note(error);
        this.#forgetCoordinators();
        if (!error.retryable) throw explained(error);
        await this.#backoff(attempt);
      }
    }
  }

  #backoff(attempt: number): Promise<void> {
    const { retryBackoffMs = 100, retryBackoffMaxMs = 1000 } = this.#options;
    // The last transaction's end is still being written down: that takes a moment, as in Kafka's producer.
    const first = brokerErrorName(this.#trouble) === 'CONCURRENT_TRANSACTIONS' ? 20 : retryBackoffMs;
    const ms = Math.min(retryBackoffMaxMs, Math.min(first, retryBackoffMs) * 2 ** Math.min(attempt, 10));
    return pause(ms, this.#closing.signal);
  }
}

const remedies: Readonly<Record<string, string>> = {
  PRODUCER_FENCED:
    'Another producer has this transactional.id now, or a transaction took longer than transaction.timeout.ms.',
  INVALID_PRODUCER_EPOCH:
    'Another producer has this transactional.id now, or a transaction took longer than transaction.timeout.ms.',
  TRANSACTIONAL_ID_AUTHORIZATION_FAILED: 'Grant WRITE and DESCRIBE on the transactional id.',
  INVALID_TRANSACTION_TIMEOUT: "transaction.timeout.ms is above the brokers' transaction.max.timeout.ms.",
};

/** With what a person can do about it. */
function explained(error: MillraceError): MillraceError {
  const remedy = remedies[brokerErrorName(error)];
  if (remedy === undefined) return error;
  const { message, details, cause } = error;
  return new MillraceError('KAFKA', message, { remedy, details, cause });
}
