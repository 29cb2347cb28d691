import type { Channel, Progress } from '../../component/channel.ts';
import type { Interceptor } from '../../component/interceptor.ts';
import type { Fate, FateListener } from '../../component/lifetime.ts';
import type { ChannelSelector, Route } from '../../component/selector.ts';
import type { BatchProgress, ChannelProcessor, PutOptions, SourceProgress } from '../../component/source.ts';
import type { StateTeller } from '../../component/state.ts';
import type { EventBatch } from '../../records/event-batch.ts';
import { errorText } from '../../runtime/errors.ts';
import type { Logger } from '../../runtime/logger.ts';
import type { Wait } from '../../runtime/wait.ts';
import { InterceptorChain } from './interceptor-chain.ts';

/**
 * Flume's ChannelProcessor: the interceptors see a batch once, the selector routes it, each channel gets its part in a
 * transaction of its own. Required channels first, one after the other; one that fails is rolled back and the source
 * told, what others have committed stays. Optional channels may fail; that is logged.
 *
 * Unlike Flume's, a put of a batch that failed before goes on where it ended: interceptors and selector don't see it
 * again, and channels that have committed their part don't get it twice. The source's progress goes into its channels
 * under its name, so that sources which share a channel don't meet there.
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
  readonly #unfinished = new WeakMap<EventBatch, Delivery>();
  /** Aborts when the source is to stop: for puts that were given no signal of their own. */
  #ending = new AbortController();

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
        await delivery.putRequired(signal);
      } catch (error) {
        this.#unfinished.set(batch, delivery);
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
    await this.#interceptors.start(signal);
  }

  /** The source is to stop: puts wait no longer. */
  endWaits(): void {
    this.#ending.abort();
  }

  async close(): Promise<void> {
    await this.#interceptors.close();
  }

  /** `cuts`: there are more events than the source has put, perhaps more than a channel takes at once. */
  #route(batch: EventBatch, cuts: boolean, tracks: boolean, progress: BatchProgress | undefined): Delivery {
    const routes = this.#selector.select(batch);
    return new Delivery(cuts ? routes.flatMap(cutRoute) : routes, tracks, this.#selector.always, progress);
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

const worse: Readonly<Record<Fate, number>> = { delivered: 0, held: 1, lost: 2 };

interface Part {
  readonly channel: Channel;
  readonly batch: EventBatch;
  /** Of the whole; what is stored comes with the last part for a channel. */
  readonly progress: BatchProgress | undefined;
  isLast: boolean;
}

/** A batch on its way into its required channels: which of them have their part, and what became of it there. */
class Delivery {
  readonly routes: readonly Route[];
  readonly #parts: Part[] = [];
  #committed = 0;
  /** Parts whose fate is known. */
  #known = 0;
  #worst: Fate = 'delivered';
  #onFate: FateListener | null = null;
  readonly #note: FateListener | undefined;

  /** `tracks`: somebody wants to know the fate. */
  constructor(
    routes: readonly Route[],
    tracks: boolean,
    keepers: readonly Channel[] | undefined,
    progress: BatchProgress | undefined,
  ) {
    this.routes = routes;
    this.#note = tracks ? (fate) => this.#hear(fate) : undefined;
    for (const { batch, required } of routes) {
      for (const channel of required) {
        const own = keepers?.includes(channel) === true ? progress : undefined;
        if (own !== undefined)
          for (const part of this.#parts) if (part.channel === channel) part.isLast = false;
        this.#parts.push({ channel, batch, progress: own, isLast: true });
      }
    }
  }

  /** Puts the parts that have not committed yet, in order; rejects at the first that fails. */
  async putRequired(signal: AbortSignal | undefined): Promise<void> {
    while (this.#committed < this.#parts.length) {
      const { channel, batch, progress, isLast } = this.#parts[this.#committed]!;
      if (hasAlready(channel, progress)) this.#note?.('held');
      else await putInto(channel, batch, signal, this.#note, isLast ? progress : undefined);
      this.#committed++;
    }
  }

  /** Tells when all parts are known, at once if they are. */
  listen(onFate: FateListener): void {
    if (this.#known === this.#parts.length) onFate(this.#worst);
    else this.#onFate = onFate;
  }

  #hear(fate: Fate): void {
    this.#known++;
    if (worse[fate] > worse[this.#worst]) this.#worst = fate;
    if (this.#known === this.#parts.length) this.#onFate?.(this.#worst);
  }
}

/** Whether the channel got the batch before a kill that came before another one had it. */
function hasAlready(channel: Channel, progress: BatchProgress | undefined): boolean {
  if (progress?.has === undefined) return false;
  const place = channel.progress?.placeOf(progress.key);
  return place !== undefined && progress.has(place);
}

async function putInto(
  channel: Channel,
  batch: EventBatch,
  signal: AbortSignal | undefined,
  onFate?: FateListener,
  progress?: Progress,
): Promise<void> {
  const transaction = channel.begin(signal);
  try {
    await transaction.put(batch, onFate, progress);
    await transaction.commit();
  } catch (error) {
    await transaction.rollback();
    throw error;
  }
}
