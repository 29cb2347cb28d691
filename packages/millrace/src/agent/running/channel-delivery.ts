import type { Channel, Progress } from '../../component/channel.ts';
import type { Fate, FateListener } from '../../component/lifetime.ts';
import type { Route } from '../../component/selector.ts';
import type { BatchProgress } from '../../component/source.ts';
import type { EventBatch } from '../../records/event-batch.ts';

const worse: Readonly<Record<Fate, number>> = { delivered: 0, held: 1, lost: 2 };

interface Part {
  readonly channel: Channel;
  readonly batch: EventBatch;
  /** Of the whole; what is stored comes with the last part for a channel. */
  readonly progress: BatchProgress | undefined;
  isLast: boolean;
}

/** A batch on its way into its required channels: which of them have their part, and what became of it there. */
export class ChannelDelivery {
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

  /** Some of its parts are in their channels. */
  get isUnderWay(): boolean {
    return this.#committed > 0;
  }

  /** Whose turn it is. */
  get next(): Channel | null {
    return this.#parts[this.#committed]?.channel ?? null;
  }

  /** The names of the channels that have parts, and of those that lack some. */
  get halves(): [have: string[], lack: string[]] {
    const names = (parts: readonly Part[]) => [...new Set(parts.map(({ channel }) => channel.name))];
    return [names(this.#parts.slice(0, this.#committed)), names(this.#parts.slice(this.#committed))];
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
export function hasAlready(channel: Channel, progress: BatchProgress | undefined): boolean {
  if (progress?.has === undefined) return false;
  const place = channel.progress?.placeOf(progress.key);
  return place !== undefined && progress.has(place);
}

export async function putInto(
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
