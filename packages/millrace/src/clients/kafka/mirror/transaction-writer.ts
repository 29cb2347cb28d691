import type { CompressionType } from '../../../records/compression.ts';
import { errorText, MillraceError } from '../../../runtime/errors.ts';
import { Bell, pause } from '../../../runtime/timers.ts';
import type { KafkaClient } from '../client.ts';
import { keyOf } from '../options.ts';
import { SendFailure } from '../producer/send-failure.ts';
import { TransactionalProducer } from '../producer/transactional-producer.ts';
import { retrying } from './retrying.ts';
import type { TransactionRoom, TranslatedCopy, WaitingBatch } from './translated-copy.ts';

export interface TransactionWriterOptions {
  /** Names both the transactions and the group that keeps the progress. */
  readonly name: string;
  readonly signal: AbortSignal;
  readonly changed: () => void;
  /** Offsets of the source that are to be translated exactly. */
  wanted(copy: TranslatedCopy): readonly number[];
}

/** A transaction is to end well before the brokers lose patience. */
const transactionBytes = 16 * 1024 * 1024;
const maxWaitingBytes = 64 * 1024 * 1024;
const backoffMs = 200;
const backoffMaxMs = 5000;
const compression: CompressionType = 'lz4';

type Sent = { readonly waiting: WaitingBatch; readonly target: number };

/**
 * Writes what translated copies have waiting: transaction by transaction, each with the places up to which it goes, so
 * that a mirror that was killed goes on exactly behind what counts.
 */
export class TransactionWriter implements TransactionRoom {
  readonly #client: KafkaClient;
  readonly #options: TransactionWriterOptions;
  readonly #copies = new Map<string, TranslatedCopy>();
  readonly #bell = new Bell();
  #producer: TransactionalProducer | null = null;
  #isRunning = false;
  #isClosed = false;
  waitingBytes = 0;
  readonly maxWaitingBytes = maxWaitingBytes;

  constructor(client: KafkaClient, options: TransactionWriterOptions) {
    this.#client = client;
    this.#options = options;
  }

  /**
   * Ends what a predecessor had open. Throws `KAFKA` where the target serves no transactions, `KAFKA_CONNECTION` when it
   * is closed meanwhile.
   */
  async ready(): Promise<void> {
    if (this.#isClosed) throw new MillraceError('KAFKA_CONNECTION', 'the mirror is ended');
    const transactionalId = this.#options.name;
    this.#producer ??= new TransactionalProducer(this.#client, { transactionalId, compression, lingerMs: 0 });
    await this.#producer.ready();
  }

  add(copy: TranslatedCopy): void {
    this.#copies.set(keyOf(copy.partition), copy);
    if (!this.#isRunning) void this.#run();
  }

  wake(): void {
    this.#bell.ring();
  }

  changed(): void {
    this.#options.changed();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#bell.ring();
    await this.#producer?.close();
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    const { signal } = this.#options;
    while (!signal.aborted && !this.#isClosed) {
      const waiting = this.#take();
      if (waiting.length === 0) await this.#bell.wait(1000, signal);
      else await this.#write(waiting);
      this.changed();
    }
    this.#isRunning = false;
    // What was taken and did not get to count comes again with the next mirror.
    for (const copy of this.#copies.values()) copy.underWay = 0;
  }

  #take(): WaitingBatch[] {
    const open = [...this.#copies.values()].filter(({ failure }) => failure === null);
    const share = Math.max(1, Math.floor(transactionBytes / Math.max(1, open.length)));
    return open.flatMap((copy) => copy.take(share));
  }

  /** Until the batches count, or their partitions are given up. */
  async #write(batches: readonly WaitingBatch[]): Promise<void> {
    let open = batches;
    for (let attempt = 0; open.length > 0 && !this.#options.signal.aborted; attempt++) {
      open = open.filter(({ copy }) => copy.failure === null);
      if (open.length === 0) return;
      try {
        await this.#transaction(open);
        return;
      } catch (error) {
        if (this.#producer?.isDead === true) {
          this.#abandonAll(error);
          return;
        }
        this.#client.log.warn(`transaction ${this.#options.name}: ${errorText(error)}`);
        await pause(Math.min(backoffMaxMs, backoffMs * 2 ** Math.min(attempt, 10)), this.#options.signal);
      }
    }
  }

  async #transaction(batches: readonly WaitingBatch[]): Promise<void> {
    const producer = this.#producer!;
    await producer.ready();
    producer.begin();
    const results = batches.map(async (waiting): Promise<Sent> => {
      const { topic, partition } = waiting.copy.partition;
      try {
        const { baseOffset } = await producer.send(topic, partition, waiting.batch);
        return { waiting, target: baseOffset };
      } catch (error) {
        if (error instanceof SendFailure && error.refused.length > 0)
          waiting.copy.abandon(refusal(waiting, error));
        throw error;
      }
    });
    producer.hurry();
    const settled = await Promise.allSettled(results);
    const failed = settled.find((each) => each.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
    const sent = settled.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
    const parts = [...Map.groupBy(sent, ({ waiting }) => waiting.copy)].map(([copy, list]) => {
      const wanted = this.#options.wanted(copy);
      return { copy, list, wanted, next: copy.extended(list, wanted) };
    });
    producer.addOffsets({
      ...{ groupId: this.#options.name, memberId: '', generationId: -1, groupInstanceId: null },
      offsets: parts.map(({ next }) => next.commit),
    });
    await producer.commit();
    for (const { copy, list, next, wanted } of parts) {
      copy.landed(
        next,
        list.map(({ waiting }) => waiting),
        wanted,
      );
    }
  }

  #abandonAll(error: unknown): void {
    const text = `the transactions of ${this.#options.name} are over: ${errorText(error)}`;
    for (const copy of this.#copies.values()) {
      copy.abandon(
        new MillraceError('KAFKA', text, { cause: error, remedy: 'Does another mirror run? One is enough.' }),
      );
    }
  }
}

function refusal({ copy, baseOffset, nextOffset }: WaitingBatch, error: SendFailure): MillraceError {
  const { topic, partition } = copy.partition;
  const text = `${topic}-${partition}: the target refuses a record of offsets ${baseOffset} to ${nextOffset - 1}: ${error.refused[0]!.reason}`;
  return new MillraceError('KAFKA', text, { cause: error });
}

/** Whether the target serves transactions; throws what else is wrong. */
export async function readyWriter(writer: TransactionWriter, signal: AbortSignal): Promise<boolean> {
  try {
    await retrying(() => writer.ready(), signal);
    return true;
  } catch (error) {
    if (error instanceof MillraceError && error.code === 'KAFKA' && !error.retryable) return false;
    throw error;
  }
}
