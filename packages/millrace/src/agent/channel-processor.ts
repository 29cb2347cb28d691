import type { Channel } from '../component/channel.ts';
import type { Interceptor } from '../component/interceptor.ts';
import type { ChannelSelector } from '../component/selector.ts';
import type { ChannelProcessor } from '../component/source.ts';
import type { EventBatch } from '../records/event-batch.ts';
import { errorText } from '../runtime/errors.ts';
import type { Logger } from '../runtime/logger.ts';

/**
 * Flume's ChannelProcessor: the interceptors see a batch once, the selector routes it, each channel gets its part in a
 * transaction of its own. Required channels first, one after the other; one that fails is rolled back and the source
 * told, what others have committed stays. Optional channels may fail; that is logged.
 */
export class InterceptingChannelProcessor implements ChannelProcessor {
  readonly #channels: readonly Channel[];
  readonly #interceptors: readonly Interceptor[];
  readonly #selector: ChannelSelector;
  readonly #log: Logger;

  /** `channels`: all that the selector may choose from. */
  constructor(
    interceptors: readonly Interceptor[],
    selector: ChannelSelector,
    channels: readonly Channel[],
    log: Logger,
  ) {
    this.#channels = channels;
    this.#interceptors = interceptors;
    this.#selector = selector;
    this.#log = log;
  }

  get transactionCapacity(): number {
    return Math.min(...this.#channels.map((channel) => channel.transactionCapacity));
  }

  async put(batch: EventBatch): Promise<void> {
    let current = batch;
    for (const interceptor of this.#interceptors) {
      const next = interceptor.intercept(current);
      if (next === null || next.count === 0) return;
      current = next;
    }
    if (current.count === 0) return;
    const routes = this.#selector.select(current);
    for (const { batch, required } of routes) {
      for (const channel of required) await putInto(channel, batch);
    }
    for (const { batch, optional } of routes) {
      for (const channel of optional) await this.#tryPut(channel, batch);
    }
  }

  close(): void {
    for (const interceptor of this.#interceptors) interceptor.close?.();
  }

  async #tryPut(channel: Channel, batch: EventBatch): Promise<void> {
    try {
      await putInto(channel, batch);
    } catch (error) {
      this.#log.error(`Unable to put batch on optional channel: ${channel.name}: ${errorText(error)}`);
    }
  }
}

async function putInto(channel: Channel, batch: EventBatch): Promise<void> {
  const transaction = channel.begin();
  try {
    await transaction.put(batch);
    await transaction.commit();
  } catch (error) {
    await transaction.rollback();
    throw error;
  }
}
