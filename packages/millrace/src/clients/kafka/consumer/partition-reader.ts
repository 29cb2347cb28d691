import { Deadline } from '../../../runtime/deadline.ts';
import { Bell } from '../../../runtime/timers.ts';
import type { KafkaClient } from '../client.ts';
import type { ConsumerOptions, TopicPartition, TopicPartitionOffset } from '../options.ts';
import type { FetchedBatch } from './fetched-batch.ts';
import { Fetcher, fetcherOptions } from './fetcher.ts';
import { Positions } from './positions.ts';

/** About so much is handed on by one `poll`. */
const pollBytes = 4 * 1024 * 1024;
let readers = 0;

/** Reads given partitions from given offsets on, without a group: nothing is committed, nobody shares the work. */
export class PartitionReader implements AsyncDisposable {
  readonly #client: KafkaClient;
  readonly #fetcher: Fetcher;
  readonly #positions: Positions;
  readonly #purpose: string;
  readonly #bell = new Bell();

  /** The partitions must be in the client's metadata. */
  constructor(
    client: KafkaClient,
    positions: readonly TopicPartitionOffset[],
    options: Partial<ConsumerOptions> = {},
  ) {
    this.#client = client;
    this.#purpose = `reader-${++readers}`;
    const wake = (): void => this.#bell.ring();
    this.#fetcher = new Fetcher(
      client,
      fetcherOptions(options, client.options.metadataMaxAgeMs),
      this.#purpose,
      wake,
    );
    const positionOptions = {
      prefix: '',
      reset: options.autoOffsetReset ?? 'latest',
      readCommitted: options.readCommitted ?? false,
      retryBackoffMs: options.retryBackoffMs ?? 100,
      committed: async () => [],
    };
    this.#positions = new Positions(client, this.#fetcher, positionOptions, wake);
    this.#positions.add(positions);
  }

  /**
   * Batches in order per partition; empty when none came within `maxWaitMs`. A position that the log does not have
   * goes where `auto.offset.reset` says; with `none`, each call throws `OFFSET_OUT_OF_RANGE`. Throws `KAFKA`,
   * `KAFKA_CONNECTION` or `BATCH_CORRUPT`, too; the next call tries again.
   */
  async poll(maxWaitMs: number, signal?: AbortSignal): Promise<readonly FetchedBatch[]> {
    const deadline = Deadline.in(maxWaitMs);
    for (;;) {
      this.#positions.step();
      const batches = this.#fetcher.take(pollBytes);
      if (batches.length === 0) this.#positions.throwIfStuck();
      if (batches.length > 0 || deadline.passed || signal?.aborted === true) return batches;
      await this.#bell.wait(deadline.leftMs, signal);
    }
  }

  /** The next `poll` reads the partition from there; what was fetched ahead is dropped. */
  seek(partition: TopicPartition, offset: number): void {
    this.#positions.seek(partition, offset);
  }

  async close(): Promise<void> {
    this.#fetcher.close();
    this.#positions.close();
    this.#bell.ring();
    this.#client.disconnect(this.#purpose);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
