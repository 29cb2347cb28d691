import type { Fate } from '../../component/lifetime.ts';
import { putUntilTaken } from '../../component/put-until-taken.ts';
import type { BatchProgress } from '../../component/source.ts';
import type { EventBatch } from '../../records/event-batch.ts';
import { errorText } from '../../runtime/errors.ts';
import { batchProgress } from './channel-progress.ts';
import type { Deliveries, FilePlace, Span } from './deliveries.ts';
import type { PositionStore } from './position-store.ts';
import { ReadingAhead } from './reading-ahead.ts';
import type { NextBatch, TailedFile } from './tailed-file.ts';
import type { TailingContext, TailingOptions, TailingWorld } from './tailing-options.ts';

type Batch = Extract<NextBatch, { kind: 'batch' }>;

/** Puts batches one after the other into the channels, and moves the positions of their files. */
export class Putting {
  readonly #context: TailingContext;
  readonly #pause: TailingWorld['pause'];
  readonly #acknowledge: TailingOptions['acknowledge'];
  readonly #store: PositionStore;
  readonly #ahead = new ReadingAhead();
  /** All channels keep how far each file has come. */
  readonly #channelsKnow: boolean;
  /** The put that is on its way while the next batch is made. */
  #inFlight: Promise<void> | null = null;

  constructor(
    context: TailingContext,
    pause: TailingWorld['pause'],
    acknowledge: TailingOptions['acknowledge'],
    store: PositionStore,
  ) {
    this.#context = context;
    this.#pause = pause;
    this.#acknowledge = acknowledge;
    this.#store = store;
    this.#channelsKnow = context.channels.progress?.complete === true;
  }

  /** Puts a batch; the next one may be made meanwhile, but never overtakes it. */
  async deliver(file: TailedFile, { batch, from, to, head }: Batch, signal: AbortSignal): Promise<void> {
    await this.settle();
    await this.#ahead.pause(batch.sizeBytes, signal);
    const { counter } = this.#context;
    counter.eventReceived += batch.count;
    counter.appendBatchReceived += 1;
    const { deliveries } = file;
    const headSpan = head?.file.deliveries.begin(head.from, head.to);
    const span = deliveries.begin(
      from,
      to,
      headSpan && ((fate) => this.#settled(head!.file.deliveries, headSpan, fate)),
    );
    this.#ahead.begin(batch.sizeBytes);
    const last = head ?? { file, from, to };
    const tail = head === undefined ? file.tail : { ...to, progressId: file.progressId, deliveries };
    const catchingUp = (last.file.ahead.at(-1) ?? 0) > last.from.position;
    const progress = batchProgress(last.file.progressId, last.to, catchingUp, tail);
    last.file.tail = tail;
    this.#inFlight = this.#putUntilTaken(deliveries, span, batch, { signal, progress }).then(
      () => {
        counter.eventAccepted += batch.count;
        counter.appendBatchAccepted += 1;
        // First that in which the event ended, which tells of the other, too.
        if (head !== undefined) this.#took(head.file, head.to);
        this.#took(file, to);
      },
      (error) => {
        deliveries.giveUp(span);
        if (headSpan !== undefined) {
          head!.file.deliveries.giveUp(headSpan);
          head!.file.tail = null;
        }
        this.#ahead.end(batch.sizeBytes);
        throw error;
      },
    );
    this.#inFlight.catch(() => {}); // whoever settles it next sees the error
  }

  /** The put in hand has ended. Rejects when it was given up, as the signal aborts. */
  async settle(): Promise<void> {
    const put = this.#inFlight;
    this.#inFlight = null;
    await put;
  }

  /** Nobody is to be told how the put in hand ends. */
  giveUp(): void {
    this.#inFlight = null;
  }

  #took(file: TailedFile, to: FilePlace): void {
    const isFirst = file.mark.headBytes === 0;
    file.took(to);
    if (this.#acknowledge === 'channel') this.#moved(file, to);
    else if (isFirst) this.#store.moved(file, file.stored); // it can be told from others from now on
  }

  /** What became of a batch in all channels. */
  #settled(deliveries: Deliveries<TailedFile>, span: Span, fate: Fate): void {
    const done = deliveries.settle(span, fate);
    if (done !== null && this.#acknowledge === 'delivered') this.#moved(deliveries.owner, done);
  }

  /** The same batch again after 1, 2, 4, 5, 5 … s (ReliableTaildirEventReader's back-off); ends when aborted. */
  #putUntilTaken(
    deliveries: Deliveries<TailedFile>,
    span: Span,
    batch: EventBatch,
    { signal, progress }: { signal: AbortSignal; progress: BatchProgress },
  ): Promise<void> {
    const { channels, counter, log } = this.#context;
    return putUntilTaken(channels, batch, {
      signal,
      progress,
      pause: this.#pause,
      onFate: (fate) => {
        this.#ahead.end(batch.sizeBytes);
        this.#settled(deliveries, span, fate);
      },
      rejected: (error, delayMs) => {
        counter.channelWriteFail += 1;
        log.warn(
          `The channel is full or unexpected failure. The source will try again after ${delayMs} ms: ${errorText(error)}`,
        );
      },
    });
  }

  #moved(file: TailedFile, to: FilePlace): void {
    if (this.#channelsKnow) this.#store.movedInChannels(file, to);
    else this.#store.moved(file, to);
  }
}
