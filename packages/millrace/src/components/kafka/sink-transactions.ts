import type { KafkaClient } from '../../clients/kafka/client.ts';
import { SendFailure } from '../../clients/kafka/producer/send-failure.ts';
import {
  type GroupPositions,
  type TransactionalOptions,
  TransactionalProducer,
} from '../../clients/kafka/producer/transactional-producer.ts';
import {
  type Delivery,
  type DeliveryOutcome,
  partOf,
  type RefusedInDelivery,
} from '../../component/delivery.ts';
import type { TakenPositions } from '../../component/positions.ts';
import type { DeliverOptions } from '../../component/sink.ts';
import { Deadline } from '../../runtime/deadline.ts';
import { errorText, MillraceError } from '../../runtime/errors.ts';
import type { WaitReport } from '../../runtime/wait.ts';
import { type RouteOptions, routeEvents } from './route.ts';

/** So long a look whether the transactional id can be had may take; the next goes on where it ended. */
const readyMs = 10_000;
/** `delivery.timeout.ms`, where it is not set: as long a commit is waited for. */
const commitMs = 120_000;

/**
 * A KafkaSink's deliveries as transactions, one after the other: each is written whole or not at all, and with it the
 * offsets of the take, where the channel is a topic of the same cluster.
 */
export class SinkTransactions {
  readonly #client: KafkaClient;
  readonly #options: TransactionalOptions;
  readonly #route: RouteOptions;
  #producer: TransactionalProducer | null = null;

  constructor(client: KafkaClient, options: TransactionalOptions, route: RouteOptions) {
    this.#client = client;
    this.#options = options;
    this.#route = route;
  }

  waits(): readonly WaitReport[] {
    return this.#producer?.waits() ?? [];
  }

  get trouble(): unknown {
    return this.#producer?.trouble ?? null;
  }

  /**
   * Resolves when a transaction can begin; what the last user of the id had open has ended then. A producer that is over
   * is made anew, which fences whoever else has the id. Rejects with `DELIVERY_FAILED`.
   */
  async ready(): Promise<void> {
    try {
      if (this.#producer?.isDead === true) await this.close();
      this.#producer ??= new TransactionalProducer(this.#client, this.#options);
      if (this.#client.clusterId === null) await this.#client.metadata([]);
      await this.#producer.ready(Deadline.in(Math.min(readyMs, this.#options.maxBlockMs ?? readyMs)));
    } catch (cause) {
      throw failed(cause);
    }
  }

  hurry(): void {
    this.#producer?.hurry();
  }

  async close(): Promise<void> {
    const producer = this.#producer;
    this.#producer = null;
    await producer?.close();
  }

  /**
   * Rejects with `DELIVERY_FAILED` when the delivery was not written, or nobody knows. Events that are refused are set
   * aside before the others are committed; what brokers refuse is found out by a transaction that is aborted.
   */
  async deliver(delivery: Delivery, options: DeliverOptions): Promise<DeliveryOutcome> {
    const refused: RefusedInDelivery[] = [];
    let left = Array.from({ length: delivery.events }, (_, i) => i);
    for (;;) {
      await this.ready();
      const found = await this.#attempt(delivery, left, refused, options);
      if (found === null) return { committed: this.#enlisted(delivery) !== null };
      refused.push(...found);
      const gone = new Set(found.map(({ index }) => index));
      left = left.filter((index) => !gone.has(index));
    }
  }

  /** The events of a delivery with these indexes, in a transaction. Null: it is committed; else those refused, aborted. */
  async #attempt(
    delivery: Delivery,
    left: readonly number[],
    before: readonly RefusedInDelivery[],
    { setAside }: DeliverOptions,
  ): Promise<readonly RefusedInDelivery[] | null> {
    const producer = this.#producer;
    if (producer === null) throw new MillraceError('DELIVERY_FAILED', 'the sink is stopped');
    const unroutable: RefusedInDelivery[] = [];
    try {
      producer.begin();
      const refused: RefusedInDelivery[] = [];
      const sends: Promise<unknown>[] = [];
      let first = 0;
      for (const batch of partOf(delivery, left).batches) {
        const { parts, refused: bad } = routeEvents(batch, this.#route);
        for (const { index, reason } of bad) unroutable.push({ index: left[first + index]!, reason });
        for (const part of parts) {
          const { topic, partition, stamp, indexes } = part;
          const start = first;
          const sending = producer.send(topic, partition, part.batch, { stamp }).catch((failure: unknown) => {
            if (!(failure instanceof SendFailure)) throw failure;
            for (const { index, reason } of failure.refused) {
              refused.push({ index: left[start + (indexes === null ? index : indexes[index]!)]!, reason });
            }
            throw failure;
          });
          sends.push(sending);
        }
        first += batch.count;
      }
      const results = await Promise.allSettled(sends);
      if (refused.length > 0) {
        producer.giveUp();
        return refused;
      }
      for (const result of results) if (result.status === 'rejected') throw result.reason;
      const bad = [...before, ...unroutable].sort((a, b) => a.index - b.index);
      if (bad.length > 0 && setAside === undefined) throw new Error(bad[0]!.reason);
      await setAside?.(bad);
      // Behind the records: the coordinator takes one addition to a transaction at a time, and makes others wait.
      const offsets = this.#enlisted(delivery);
      if (offsets !== null) producer.addOffsets(offsets);
      await producer.commit(Deadline.in(this.#options.deliveryTimeoutMs ?? commitMs));
      return null;
    } catch (cause) {
      // It is aborted before the next begins: nobody waits here for a cluster that is away.
      producer.giveUp();
      throw failed(cause);
    }
  }

  /** The delivery's positions as offsets of this cluster; null: they are of another system, or there are none. */
  #enlisted({ positions }: Delivery): GroupPositions | null {
    if (positions === undefined || positions.cluster !== this.#client.clusterId) return null;
    return offsetsOf(positions);
  }
}

function offsetsOf({
  groupId,
  memberId,
  generationId,
  groupInstanceId,
  ranges,
}: TakenPositions): GroupPositions {
  const offsets = ranges.map(({ topic, partition, next: offset }) => ({ topic, partition, offset }));
  return { groupId, memberId, generationId, groupInstanceId, offsets };
}

function failed(cause: unknown): MillraceError {
  if (cause instanceof MillraceError && cause.code === 'DELIVERY_FAILED' && !(cause instanceof SendFailure))
    return cause;
  const remedy = cause instanceof MillraceError ? { remedy: cause.remedy } : {};
  return new MillraceError('DELIVERY_FAILED', `Failed to publish events: ${errorText(cause)}`, {
    cause,
    ...remedy,
  });
}
