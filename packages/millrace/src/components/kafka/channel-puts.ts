import type { Producer } from '../../clients/kafka/producer/producer.ts';
import { SendFailure } from '../../clients/kafka/producer/send-failure.ts';
import type { ComponentContext } from '../../component/define.ts';
import { LastAttempt } from '../../component/last-attempt.ts';
import type { RefusedEventOf } from '../../component/refused.ts';
import { keepEvents } from '../../records/edit.ts';
import type { EventBatch } from '../../records/event-batch.ts';
import { Deadline } from '../../runtime/deadline.ts';
import { errorText, MillraceError } from '../../runtime/errors.ts';
import { unlessAborted } from '../../runtime/timers.ts';
import type { channelOptions } from './channel-options.ts';
import { type RoutedBatch, type RouteOptions, routeBatch, routeEvents } from './route.ts';

/** How often a put that is to end looks whether the brokers are down. */
const lookMs = 20;

/** The way of a KafkaChannel's puts to its topic: a put that is tried again goes on with what has not arrived. */
export class ChannelPuts {
  readonly #context: ComponentContext<typeof channelOptions>;
  readonly #route: RouteOptions;
  /** Of puts that failed: what of them has not arrived. */
  readonly #unfinished = new WeakMap<EventBatch, Unsent>();

  constructor(context: ComponentContext<typeof channelOptions>) {
    this.#context = context;
    const { options: values } = context;
    this.#route = {
      topic: values['kafka.topic'],
      allowTopicOverride: false,
      topicHeader: 'topic',
      partitionIdHeader: values.partitionIdHeader,
      defaultPartitionId: values.defaultPartitionId,
      timestampHeader: undefined,
      headerNames: new Map(),
      useFlumeEventFormat: values.parseAsFlumeEvent,
      onBadTimestamp: () => {},
    };
  }

  /**
   * Sends the batches and resolves when all their events are acknowledged, or set aside because the topic will never take
   * them. Throws what `KafkaChannel` throws, `DELIVERY_FAILED`; the same batches then go on where they ended. When the
   * signal aborts, brokers that are known to be down get one more attempt. Gives how many events were set aside.
   */
  async send(producer: Producer, batches: readonly EventBatch[], signal?: AbortSignal): Promise<number> {
    const unsent = batches.map((batch): [EventBatch, Unsent] => [
      batch,
      this.#unfinished.get(batch) ?? this.#routed(batch),
    ]);
    const ended = unsent.map(([, { parts }]) =>
      Promise.allSettled(
        parts.map(({ topic, partition, batch, stamp }) => producer.send(topic, partition, batch, { stamp })),
      ),
    );
    producer.hurry();
    if (!(await this.#answered(producer, ended, signal))) {
      const { trouble: cause } = producer;
      throw new MillraceError('DELIVERY_FAILED', `Commit given up: ${errorText(cause)}`, { cause });
    }
    let cause: unknown = null;
    let setAside = 0;
    for (const [i, [batch, before]] of unsent.entries()) {
      const left = leftOver(batch, before, await ended[i]!, this.#context.options.onRefused);
      cause ??= left.cause;
      try {
        await this.#setAsideRefused(left.refused);
        left.setAside += left.refused.length;
        left.refused = [];
      } catch (error) {
        cause ??= error;
      }
      setAside += left.setAside;
      // Also what has nothing left: another of the same transaction may fail, and both come again.
      this.#unfinished.set(batch, left);
    }
    if (cause !== null) {
      throw new MillraceError(
        'DELIVERY_FAILED',
        `Commit failed as send to Kafka failed: ${errorText(cause)}`,
        { cause },
      );
    }
    for (const batch of batches) this.#unfinished.delete(batch);
    return setAside;
  }

  /** False when the signal has aborted and the brokers were down for a last attempt. */
  async #answered(
    producer: Producer,
    ended: readonly Promise<unknown>[],
    signal: AbortSignal | undefined,
  ): Promise<boolean> {
    if (signal === undefined) return true;
    let done = false;
    const all = Promise.all(ended).then(() => {
      done = true;
    });
    await unlessAborted(all, signal);
    const lastAttempt = new LastAttempt();
    while (!done) {
      if (lastAttempt.isOver(producer.trouble !== null)) return false;
      await Deadline.in(lookMs).race(all);
    }
    return true;
  }

  #routed(batch: EventBatch): Unsent {
    if (this.#context.options.onRefused === 'retry') {
      return { parts: routeBatch(batch, this.#route), refused: [], setAside: 0 };
    }
    const { parts, refused } = routeEvents(batch, this.#route);
    return {
      parts,
      refused: refused.map(({ index, reason }) => ({ batch, index, reason, stage: 'put' })),
      setAside: 0,
    };
  }

  async #setAsideRefused(events: readonly RefusedEventOf[]): Promise<void> {
    if (events.length === 0) return;
    await this.#context.refused.setAside(events);
    this.#context.log.error(
      `${events.length} events are refused by the topic and are set aside: ${events[0]!.reason}`,
    );
  }
}

/** What of a put has not arrived: as it goes to Kafka, and as it is set aside. */
interface Unsent {
  readonly parts: readonly RoutedBatch[];
  refused: readonly RefusedEventOf[];
  /** Events of it that are set aside already. */
  setAside: number;
}

/** What is left of the batch's parts after the answers, and why. */
function leftOver(
  batch: EventBatch,
  { parts, refused: before, setAside }: Unsent,
  results: readonly PromiseSettledResult<unknown>[],
  onRefused: 'setAside' | 'retry',
): Unsent & { readonly cause: unknown } {
  const left: RoutedBatch[] = [];
  const refused = [...before];
  let cause: unknown = null;
  for (const [i, result] of results.entries()) {
    if (result.status === 'fulfilled') continue;
    const part = parts[i]!;
    const failure: unknown = result.reason;
    if (!(failure instanceof SendFailure)) {
      left.push(part);
      cause ??= failure;
      continue;
    }
    const again = new Set(failure.pending);
    const placeOf = (index: number): number => part.indexes?.[index] ?? index;
    for (const { index, reason } of failure.refused) {
      if (onRefused === 'retry') again.add(index);
      else refused.push({ batch, index: placeOf(index), reason, stage: 'put' });
    }
    if (again.size === 0) continue;
    cause ??= failure;
    left.push({
      ...part,
      batch: keepEvents(part.batch, (n) => again.has(n))!,
      indexes: [...again].sort((a, b) => a - b).map(placeOf),
    });
  }
  return { parts: left, refused, setAside, cause };
}
