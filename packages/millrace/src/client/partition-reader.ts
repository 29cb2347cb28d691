import { MillraceError } from '../runtime/errors.ts';
import { Bell } from '../runtime/timers.ts';
import type { KafkaClient } from './client.ts';
import type { FetchedBatch } from './fetched-batch.ts';
import { Fetcher } from './fetcher.ts';
import { earliestOffset, latestOffset, listOffsets } from './offsets.ts';
import type { ConsumerOptions, TopicPartition, TopicPartitionOffset } from './options.ts';

/** About so much is handed on by one `poll`. */
const pollBytes = 4 * 1024 * 1024;
let readers = 0;

/** Reads given partitions from given offsets on, without a group: nothing is committed, nobody shares the work. */
export class PartitionReader implements AsyncDisposable {
  readonly #client: KafkaClient;
  readonly #options: Partial<ConsumerOptions>;
  readonly #fetcher: Fetcher;
  readonly #bell = new Bell();

  /** The partitions must be in the client's metadata. */
  constructor(
    client: KafkaClient,
    positions: readonly TopicPartitionOffset[],
    options: Partial<ConsumerOptions> = {},
  ) {
    this.#client = client;
    this.#options = options;
    this.#fetcher = new Fetcher(
      client,
      {
        fetchMinBytes: options.fetchMinBytes ?? 1,
        fetchMaxBytes: options.fetchMaxBytes ?? 52_428_800,
        maxPartitionFetchBytes: options.maxPartitionFetchBytes ?? 1_048_576,
        fetchMaxWaitMs: options.fetchMaxWaitMs ?? 500,
        requestTimeoutMs: options.requestTimeoutMs ?? 30_000,
        retryBackoffMs: options.retryBackoffMs ?? 100,
        readCommitted: options.readCommitted ?? false,
        checkCrcs: options.checkCrcs ?? true,
      },
      `reader-${++readers}`,
      () => this.#bell.ring(),
    );
    this.#fetcher.start(positions);
  }

  /**
   * Batches in order per partition; empty when none came within `maxWaitMs`. A position that the log does not have
   * goes where `auto.offset.reset` says. Throws `KAFKA`, `KAFKA_CONNECTION` or `BATCH_CORRUPT`; the next call tries
   * again.
   */
  async poll(maxWaitMs: number, signal?: AbortSignal): Promise<readonly FetchedBatch[]> {
    const deadline = Date.now() + maxWaitMs;
    for (;;) {
      if (this.#fetcher.outOfRange.length > 0) await this.#reset(this.#fetcher.outOfRange.splice(0));
      const batches = this.#fetcher.take(pollBytes);
      const left = deadline - Date.now();
      if (batches.length > 0 || left <= 0 || signal?.aborted === true) return batches;
      await this.#bell.wait(left, signal);
    }
  }

  /** The next `poll` reads the partition from there; what was fetched ahead is dropped. */
  seek({ topic, partition }: TopicPartition, offset: number): void {
    this.#fetcher.start([{ topic, partition, offset }]);
  }

  async close(): Promise<void> {
    this.#fetcher.close();
    this.#bell.ring();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #reset(partitions: readonly TopicPartition[]): Promise<void> {
    const policy = this.#options.autoOffsetReset ?? 'latest';
    if (policy === 'none') {
      const names = partitions.map(({ topic, partition }) => `${topic}-${partition}`).join(', ');
      throw new MillraceError('OFFSET_OUT_OF_RANGE', `${names}: the offset is not in the log`);
    }
    try {
      const timestamp = policy === 'earliest' ? earliestOffset : latestOffset;
      this.#fetcher.start(
        await listOffsets(this.#client, partitions, timestamp, this.#options.readCommitted),
      );
    } catch (error) {
      this.#fetcher.outOfRange.push(...partitions);
      throw error;
    }
  }
}
