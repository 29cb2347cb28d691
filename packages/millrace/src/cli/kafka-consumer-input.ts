/** Where the console consumer's records come from: a consumer group, or one partition. */
import type { KafkaClient } from '../clients/kafka/client.ts';
import { CommitRefused } from '../clients/kafka/consumer/commit-refused.ts';
import { Consumer } from '../clients/kafka/consumer/consumer.ts';
import type { FetchedBatch } from '../clients/kafka/consumer/fetched-batch.ts';
import { earliestOffset, latestOffset, listOffsets } from '../clients/kafka/consumer/offsets.ts';
import { PartitionReader } from '../clients/kafka/consumer/partition-reader.ts';
import { kafkaError } from '../clients/kafka/kafka-errors.ts';
import {
  type ConsumerOptions,
  keyOf,
  type OffsetReset,
  type TopicPartition,
  type TopicPartitionOffset,
} from '../clients/kafka/options.ts';
import { readRecord } from '../records/record.ts';
import { Deadline, late } from '../runtime/deadline.ts';
import { errorText, MillraceError } from '../runtime/errors.ts';
import { pause } from '../runtime/timers.ts';

export interface PollOptions {
  /** A damaged batch is told of and left out. */
  readonly skipDamaged: boolean;
  tell(message: string): void;
}

export interface Input {
  /** Batches; none after `maxWaitMs`. What may pass is tried again; throws the rest. */
  poll(maxWaitMs: number, signal: AbortSignal, options: PollOptions): Promise<readonly FetchedBatch[]>;
  /** The first `count` records of the batch are printed. */
  printed(fetched: FetchedBatch, count: number): void;
  close(tell: (message: string) => void): Promise<void>;
}

const retryMs = 500;
const closeMs = 5000;

/** Both kinds poll alike. */
async function pollOnce(
  from: {
    poll(maxWaitMs: number, signal?: AbortSignal): Promise<readonly FetchedBatch[]>;
    seek(partition: TopicPartition, offset: number): void;
  },
  maxWaitMs: number,
  signal: AbortSignal,
  { skipDamaged, tell }: PollOptions,
): Promise<readonly FetchedBatch[]> {
  try {
    return await from.poll(maxWaitMs, signal);
  } catch (error) {
    if (!(error instanceof MillraceError)) throw error;
    const { topic, partition, nextOffset } = error.details;
    const isDamaged = error.code === 'BATCH_CORRUPT' && typeof nextOffset === 'number';
    if (isDamaged && skipDamaged) {
      tell(`${error.message}; it is left out`);
      from.seek({ topic: String(topic), partition: Number(partition) }, nextOffset);
    } else if (error.retryable) {
      tell(error.message);
      await pause(retryMs, signal);
    } else throw error;
    return [];
  }
}

/** The offset after the first `count` records of the batch. */
function offsetAfter({ batch, baseOffset, nextOffset }: FetchedBatch, count: number): number {
  if (count === batch.count) return nextOffset;
  return baseOffset + readRecord(batch.records, batch.index[count - 1]!).offsetDelta + 1;
}

/** A member of a group that commits what was printed, every so often and at the end; null commits nothing. */
export class GroupInput implements Input {
  readonly #consumer: Consumer;
  readonly #commits: { readonly everyMs: number } | null;
  readonly #uncommitted = new Map<string, TopicPartitionOffset>();
  /** Partitions whose start was noted. */
  readonly #started = new Set<string>();
  #lastCommit = performance.now();

  constructor(client: KafkaClient, options: ConsumerOptions, commits: { readonly everyMs: number } | null) {
    this.#commits = commits;
    this.#consumer = new Consumer(client, {
      ...options,
      onRevoked: async (partitions) => {
        await this.#commit();
        this.#forget(partitions);
      },
      onLost: (partitions) => this.#forget(partitions),
      onReset: (partitions) => this.#forget(partitions),
    });
  }

  async poll(maxWaitMs: number, signal: AbortSignal, options: PollOptions): Promise<readonly FetchedBatch[]> {
    this.#noteStarts();
    if (this.#commits !== null && performance.now() - this.#lastCommit >= this.#commits.everyMs) {
      await this.#commit().catch((error: unknown) =>
        options.tell(`offsets are not committed: ${errorText(error)}`),
      );
    }
    return await pollOnce(this.#consumer, maxWaitMs, signal, options);
  }

  /** Where the group begins is committed too, as by Kafka's consumer: it goes on there though nothing was read. */
  #noteStarts(): void {
    if (this.#commits === null) return;
    for (const position of this.#consumer.positions) {
      const key = keyOf(position);
      if (this.#started.has(key)) continue;
      this.#started.add(key);
      if (!this.#uncommitted.has(key)) this.#uncommitted.set(key, position);
    }
  }

  #forget(partitions: readonly TopicPartition[]): void {
    for (const partition of partitions) {
      this.#started.delete(keyOf(partition));
      this.#uncommitted.delete(keyOf(partition));
    }
  }

  printed(fetched: FetchedBatch, count: number): void {
    if (this.#commits === null) return;
    const { topic, partition } = fetched;
    const position = { topic, partition, offset: offsetAfter(fetched, count) };
    this.#uncommitted.set(keyOf(position), position);
  }

  /** Commits and leaves the group; a broker that does not answer is not waited for long. */
  async close(tell: (message: string) => void): Promise<void> {
    const deadline = Deadline.in(closeMs);
    this.#noteStarts();
    try {
      if ((await deadline.race(this.#commit(deadline))) === late)
        tell(`offsets are not committed: no answer within ${closeMs} ms`);
    } catch (error) {
      tell(`offsets are not committed: ${errorText(error)}`);
    }
    await deadline.race(this.#consumer.close({ deadline }));
  }

  /** What could not be committed stays for the next time. */
  async #commit(deadline?: Deadline): Promise<void> {
    this.#lastCommit = performance.now();
    if (this.#uncommitted.size === 0) return;
    const offsets = new Map(this.#uncommitted);
    this.#uncommitted.clear();
    try {
      await this.#consumer.commit([...offsets.values()], deadline === undefined ? {} : { deadline });
    } catch (error) {
      const isFinal =
        error instanceof CommitRefused && (error.reason === 'stale' || error.reason === 'made-again');
      const refused = isFinal ? error.offsets : [];
      for (const offset of refused) offsets.delete(keyOf(offset));
      for (const [key, offset] of offsets) {
        if (!this.#uncommitted.has(key)) this.#uncommitted.set(key, offset);
      }
      throw error;
    }
  }
}

/** One partition from an offset on, without a group. */
export class PartitionInput implements Input {
  readonly #reader: PartitionReader;

  private constructor(reader: PartitionReader) {
    this.#reader = reader;
  }

  static async open(
    client: KafkaClient,
    partition: TopicPartition,
    start: OffsetReset | number,
    options: Partial<ConsumerOptions>,
  ): Promise<PartitionInput> {
    const { topic } = partition;
    const metadata = await client.metadata([topic]);
    const found = metadata.topics.get(topic);
    if (found !== undefined && found.errorCode !== 0) throw kafkaError(found.errorCode, `topic ${topic}`);
    const count = found?.partitions.length ?? 0;
    if (partition.partition >= count) {
      throw new MillraceError('KAFKA', `topic ${topic} has no partition ${partition.partition}`, {
        remedy: `Its partitions are 0 to ${count - 1}.`,
      });
    }
    const offset =
      typeof start === 'number'
        ? start
        : (await listOffsets(client, [partition], start === 'earliest' ? earliestOffset : latestOffset))[0]!
            .offset;
    return new PartitionInput(new PartitionReader(client, [{ ...partition, offset }], options));
  }

  poll(maxWaitMs: number, signal: AbortSignal, options: PollOptions): Promise<readonly FetchedBatch[]> {
    return pollOnce(this.#reader, maxWaitMs, signal, options);
  }

  printed(): void {}

  close(): Promise<void> {
    return this.#reader.close();
  }
}
