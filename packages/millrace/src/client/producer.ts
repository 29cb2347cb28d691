import type { EventBatch } from '../records/event-batch.ts';
import { MillraceError } from '../runtime/errors.ts';
import type { KafkaClient } from './client.ts';
import type { ProducerOptions } from './options.ts';

export interface SendResult {
  readonly partition: number;
  /** Offset of the batch's first record; -1 with acks 0. */
  readonly baseOffset: number;
}

/** Sends pre-encoded batches, several in flight, in order per partition. */
export class Producer implements AsyncDisposable {
  readonly #client: KafkaClient;

  constructor(client: KafkaClient, _options: ProducerOptions = {}) {
    this.#client = client;
  }

  /**
   * Resolves when the batch is acknowledged as `acks` says. A null partition: keys decide where the batch has keys
   * (it is split), else the sticky partition of the topic. The call's order is the order in each partition.
   */
  send(topic: string, _partition: number | null, _batch: EventBatch): Promise<SendResult> {
    const servers = this.#client.options.bootstrapServers.join(',');
    return Promise.reject(
      new MillraceError('KAFKA_CONNECTION', `${topic} at ${servers}: the producer is being built`),
    );
  }

  /** Sends what lingers; resolves when everything sent before the call has been answered (or has failed). */
  async flush(): Promise<void> {}

  /** Flushes, then ends. */
  async close(): Promise<void> {}

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
