import type { EventBatch } from '../records/event-batch.ts';
import { MillraceError } from '../runtime/errors.ts';
import type { KafkaClient } from './client.ts';
import type { ConsumerOptions, TopicPartition, TopicPartitionOffset } from './options.ts';

/** One batch as fetched; its bytes are those the broker sent (decompressed where they were compressed). */
export interface FetchedBatch {
  readonly topic: string;
  readonly partition: number;
  /** Offset of the record whose offset delta is 0. */
  readonly baseOffset: number;
  /** What to commit when all of the batch is done with. */
  readonly nextOffset: number;
  readonly batch: EventBatch;
}

/** A member of a consumer group that hands on whole batches. Offsets are committed only by `commit`. */
export class Consumer implements AsyncDisposable {
  readonly #options: ConsumerOptions;

  constructor(_client: KafkaClient, options: ConsumerOptions) {
    this.#options = options;
  }

  /** Batches in order per partition; empty when none came within `maxWaitMs`. Joins the group at the first call. */
  poll(_maxWaitMs: number): Promise<readonly FetchedBatch[]> {
    return Promise.reject(new MillraceError('KAFKA_CONNECTION', `${this.#options.groupId}: being built`));
  }

  async commit(_offsets: readonly TopicPartitionOffset[]): Promise<void> {}

  /** The next `poll` reads the partition from there; what was prefetched is dropped. */
  seek(_partition: TopicPartition, _offset: number): void {}

  /** Leaves the group (a static member stays, as in KIP-345) and ends. Commits nothing. */
  async close(): Promise<void> {}

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
