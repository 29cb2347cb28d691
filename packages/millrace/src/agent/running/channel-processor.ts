import type { Channel } from '../../component/channel.ts';
import type { Interceptor } from '../../component/interceptor.ts';
import type { ChannelSelector, Route } from '../../component/selector.ts';
import type { BatchProgress, ChannelProcessor, PutOptions, SourceProgress } from '../../component/source.ts';
import type { StateTeller } from '../../component/state.ts';
import type { EventBatch } from '../../records/event-batch.ts';
import { errorText, MillraceError } from '../../runtime/errors.ts';
import type { Logger } from '../../runtime/logger.ts';
import { pause } from '../../runtime/timers.ts';
import type { Wait } from '../../runtime/wait.ts';
import { ChannelDelivery, hasAlready, putInto } from './channel-delivery.ts';
import { InterceptorChain } from './interceptor-chain.ts';

/** Between two tries at the end of the waits, of a channel that rejects at once (ms). */
const lastTriesMs = 10;

/**
 * Flume's ChannelProcessor: the interceptors see a batch once, the selector routes it, each channel gets its part in a
 * transaction of its own. Required channels first, one after the other; one that fails is rolled back and the source
 * told, what others have committed stays. Optional channels may fail; that is logged.
 *
 * Unlike Flume's, a put of a batch that failed before goes on where it ended: interceptors and selector don't see it
 * again, and channels that have committed their part don't get it twice. The source's progress goes into its channels
 * under its name, so that sources which share a channel don't meet there.
 *
 * Nor does it end a put half-way where that can be helped: when its source is to stop, what some channels have waits for
 * room in the others as long as somebody may make some (`endWaits`, `giveUp`), as those would get it twice otherwise.
 */
export class InterceptingChannelProcessor implements ChannelProcessor {
  readonly #channels: readonly Channel[];
  readonly #interceptors: InterceptorChain;
  readonly #selector: ChannelSelector;
  readonly #log: Logger;
  readonly #source: string;
  /** The channels have rejected the last put that ended. */
  readonly #rejected: Wait | null;
  /** Of batches whose put has failed: how far it came. A batch that its source forgets takes its entry along. */
  readonly #unfinished = new WeakMap<EventBatch, ChannelDelivery>();
  /** Aborts when the source is to stop: for puts that were given no signal of their own. */
  #ending = new AbortController();
  /** Aborts when batches that only some channels have are given up, too. */
  #givingUp = new AbortController();
  /** What waits for room although the source is to stop. */
  #stuck: ChannelDelivery | null = null;

  /** `channels`: all that the selector may choose from; `source`: its name; `state`: where to say that puts are rejected. */
  constructor(
    interceptors: readonly Interceptor[],
    selector: ChannelSelector,
    channels: readonly Channel[],
    log: Logger,
    source: string,
    state?: StateTeller,
  ) {
    this.#rejected = state?.wait('held') ?? null;
    this.#channels = channels;
    this.#interceptors = new InterceptorChain(interceptors);
    this.#selector = selector;
    this.#log = log;
    this.#source = source;
  }

  get transactionCapacity(): number {
    return Math.min(...this.#channels.map((channel) => channel.transactionCapacity));
  }

  get progress(): SourceProgress | undefined {
    const channels = this.#selector.always ?? [];
    const keepers = channels.filter(({ progress }) => progress !== undefined);
    if (keepers.length === 0) return undefined;
    return {
      complete: keepers.length === channels.length,
      placesOf: (key) => keepers.map(({ progress }) => progress!.placeOf(this.#keyOf(key))),
    };
  }

  #keyOf(key: string): string {
    return `${this.#source}/${key}`;
  }

  async put(
    batch: EventBatch,
    { signal = this.#ending.signal, onFate, progress: own }: PutOptions = {},
  ): Promise<void> {
    const progress = own && { ...own, key: this.#keyOf(own.key) };
    let delivery = this.#unfinished.get(batch) ?? null;
    if (delivery === null) {
      const run = this.#interceptors.run(batch, signal);
      const left = run instanceof Promise ? await run : run;
      if (left !== null)
        delivery = this.#route(left, left.count > batch.count, onFate !== undefined, progress);
      else if (progress !== undefined) await this.#noteProgress(batch, progress, signal);
    }
    if (delivery !== null) {
      try {
        await this.#putRequired(delivery, signal);
      } catch (error) {
        this.#unfinished.set(batch, delivery);
        if (this.#givingUp.signal.aborted) this.#tellHalves(delivery, batch.count);
        this.#rejected?.begin(`the channels take nothing: ${errorText(error)}`);
        throw error;
      }
      this.#unfinished.delete(batch);
      this.#rejected?.end();
      for (const { batch: part, optional } of delivery.routes) {
        for (const channel of optional) await this.#tryPut(channel, part, signal);
      }
    }
    if (onFate === undefined) return;
    if (delivery === null) onFate('delivered');
    else delivery.listen(onFate);
  }

  /** Before the source starts. Rejects when an interceptor can't start. */
  async start(signal: AbortSignal): Promise<void> {
    this.#ending = new AbortController();
    this.#givingUp = new AbortController();
    await this.#interceptors.start(signal);
  }

  hasPart(batch: EventBatch): boolean {
    return this.#unfinished.get(batch)?.isUnderWay === true;
  }

  /** The source is to stop: puts of what no channel has wait no longer. */
  endWaits(): void {
    this.#ending.abort();
  }

  /** The channel that has no room for what others have already, after `endWaits`; null: nothing waits. */
  get stuckAt(): Channel | null {
    return this.#stuck?.next ?? null;
  }

  /** No put waits any longer. */
  giveUp(): void {
    this.#givingUp.abort();
  }

  async close(): Promise<void> {
    await this.#interceptors.close();
  }

  async #putRequired(delivery: ChannelDelivery, signal: AbortSignal): Promise<void> {
    try {
      for (let waits = signal; ; waits = this.#givingUp.signal) {
        try {
          await delivery.putRequired(waits);
          return;
        } catch (error) {
          const isEnding = this.#ending.signal.aborted && !this.#givingUp.signal.aborted;
          if (!isEnding || !delivery.isUnderWay || !isFull(error)) throw error;
          this.#stuck = delivery;
          await pause(lastTriesMs, this.#givingUp.signal);
        }
      }
    } finally {
      if (this.#stuck === delivery) this.#stuck = null;
    }
  }

  #tellHalves(delivery: ChannelDelivery, events: number): void {
    if (!delivery.isUnderWay) return;
    const [have, lack] = delivery.halves;
    this.#log.warn(
      `A batch of ${events} events was given up at the stop, as channel ${lack.join(', ')} could not take it; channel ${have.join(', ')} has it, and may get it again when the source goes on`,
    );
  }

  /** `cuts`: there are more events than the source has put, perhaps more than a channel takes at once. */
  #route(
    batch: EventBatch,
    cuts: boolean,
    tracks: boolean,
    progress: BatchProgress | undefined,
  ): ChannelDelivery {
    const routes = this.#selector.select(batch);
    return new ChannelDelivery(
      cuts ? routes.flatMap(cutRoute) : routes,
      tracks,
      this.#selector.always,
      progress,
    );
  }

  /** Nothing is left of a batch: what was before it need not be looked at again. */
  async #noteProgress(batch: EventBatch, progress: BatchProgress, signal: AbortSignal): Promise<void> {
    for (const channel of this.#selector.always ?? []) {
      if (channel.progress === undefined || hasAlready(channel, progress)) continue;
      try {
        await putInto(channel, batch.slice(0, 0), signal, undefined, progress);
      } catch {
        // It comes again after a kill, and nothing is left of it again.
      }
    }
  }

  async #tryPut(channel: Channel, batch: EventBatch, signal: AbortSignal | undefined): Promise<void> {
    try {
      await putInto(channel, batch, signal);
    } catch (error) {
      this.#log.error(`Unable to put batch on optional channel: ${channel.name}: ${errorText(error)}`);
    }
  }
}

/** The route in parts that each of its channels takes in one transaction. */
function cutRoute(route: Route): Route[] {
  const { batch, required, optional } = route;
  const most = Math.min(...[...required, ...optional].map(({ transactionCapacity }) => transactionCapacity));
  if (batch.count <= most) return [route];
  const parts: Route[] = [];
  for (let from = 0; from < batch.count; from += most) {
    parts.push({ batch: batch.slice(from, Math.min(from + most, batch.count)), required, optional });
  }
  return parts;
}

function isFull(error: unknown): boolean {
  return error instanceof MillraceError && error.code === 'CHANNEL_FULL';
}
