import type { EventBatch } from '../../records/event-batch.ts';
import { MillraceError } from '../../runtime/errors.ts';
import { nextTurn, pause } from '../../runtime/timers.ts';
import type { FateListener } from '../lifetime.ts';
import type { ChannelProcessor, PollableSource, PutOptions, Source } from '../source.ts';
import { bodiesOf } from './test-api.ts';

/** What a source puts into, for its tests: takes, refuses or holds up puts as it is told, and says what went on. */
export class TestPuts implements ChannelProcessor {
  readonly transactionCapacity: number;
  /** The bodies of all puts that resolved, in order. */
  readonly taken: string[] = [];
  /** Puts that were called and have not ended, and the most that there were at once. */
  open = 0;
  mostOpen = 0;
  /** Puts that were rejected. */
  rejected = 0;
  /** So many of the next puts reject. */
  rejectNext = 0;
  /** While set, puts wait for it. */
  #gate: PromiseWithResolvers<void> | null = null;
  readonly #fates: FateListener[] = [];

  constructor(transactionCapacity = Number.POSITIVE_INFINITY) {
    this.transactionCapacity = transactionCapacity;
  }

  async put(batch: EventBatch, { signal, onFate }: PutOptions = {}): Promise<void> {
    if (batch.count > this.transactionCapacity)
      throw new Error(`a put of ${batch.count} events is too large`);
    this.open++;
    this.mostOpen = Math.max(this.mostOpen, this.open);
    try {
      await nextTurn();
      await this.#passGate(signal);
      if (this.rejectNext > 0) {
        this.rejectNext--;
        this.rejected++;
        throw new MillraceError('CHANNEL_FULL', 'channel c1 is full');
      }
      this.taken.push(...bodiesOf(batch));
      if (onFate !== undefined) this.#fates.push(onFate);
    } finally {
      this.open--;
    }
  }

  /** Holds puts up until `resume`. */
  holdUp(): void {
    this.#gate ??= Promise.withResolvers<void>();
  }

  resume(): void {
    this.#gate?.resolve();
    this.#gate = null;
  }

  /** Tells of every put that resolved what became of it. */
  tellFates(fate: 'delivered' | 'held' | 'lost'): void {
    for (const tell of this.#fates.splice(0)) tell(fate);
  }

  /** Waits for the gate; a put whose signal aborts meanwhile is rejected, as one that waits for room is. */
  async #passGate(signal: AbortSignal | undefined): Promise<void> {
    const gate = this.#gate;
    if (gate === null) return;
    const { promise: given, resolve: giveUp } = Promise.withResolvers<'given up'>();
    const aborted = (): void => giveUp('given up');
    if (signal?.aborted) aborted();
    signal?.addEventListener('abort', aborted, { once: true });
    const ended = await Promise.race([gate.promise, given]);
    signal?.removeEventListener('abort', aborted);
    if (ended !== 'given up') return;
    this.rejected++;
    throw new MillraceError('CHANNEL_FULL', 'channel c1 is full, and the wait for room was ended');
  }
}

/** Runs a source as the agent does: a polled one is called again and again. */
export class DrivenSource {
  readonly source: Source | PollableSource;
  #abort = new AbortController();
  #running: Promise<void> = Promise.resolve();

  constructor(source: Source | PollableSource) {
    this.source = source;
  }

  async start(): Promise<void> {
    await this.source.start();
    this.#abort = new AbortController();
    if ('process' in this.source) this.#running = this.#run(this.source, this.#abort.signal);
  }

  /** As an agent ends: no turn more, stop, and then every fate is known. */
  async stop(): Promise<void> {
    this.#abort.abort();
    const stopped = this.source.stop();
    await this.#running;
    await stopped;
  }

  async #run(source: PollableSource, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const status = await source.process(signal).catch(() => 'backoff' as const);
      if (status === 'backoff') await pause(5, signal);
      else await nextTurn();
    }
  }
}
