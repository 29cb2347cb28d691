import type { EventBatch } from '../../../records/event-batch.ts';
import type { MillraceError } from '../../../runtime/errors.ts';
import { type RefusedEvent, SendFailure } from './send-failure.ts';

export interface SendResult {
  readonly partition: number;
  /** Offset of the batch's first record; -1 where the broker does not say (acks 0, a duplicate). */
  readonly baseOffset: number;
}

/**
 * One call of `send` on its way. It ends when each of its events is acknowledged, refused or given up, and then resolves
 * where all are acknowledged, else rejects with a `SendFailure` that tells them apart.
 */
export class Delivery {
  readonly topic: string;
  readonly batch: EventBatch;
  readonly sizeBytes: number;
  readonly promise: Promise<SendResult>;
  /** Calls of `send` are counted. */
  readonly serial: number;
  /** There was room for it. */
  admitted = false;
  /** When it was admitted (ms, as `performance.now()` counts), and until when it is tried. */
  queuedAt = 0;
  deadline = Number.POSITIVE_INFINITY;
  #resolve!: (result: SendResult) => void;
  #reject!: (error: SendFailure) => void;
  readonly #onSettled: (delivery: Delivery) => void;
  #open: number;
  #first: SendResult | null = null;
  #refused: RefusedEvent[] | null = null;
  #pending: number[] | null = null;
  #failure: MillraceError | null = null;

  constructor(topic: string, batch: EventBatch, serial: number, onSettled: (delivery: Delivery) => void) {
    this.topic = topic;
    this.serial = serial;
    this.batch = batch;
    this.sizeBytes = batch.sizeBytes;
    this.#open = batch.count;
    this.#onSettled = onSettled;
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  admit(nowMs: number, deliveryTimeoutMs: number): void {
    this.admitted = true;
    this.queuedAt = nowMs;
    this.deadline = nowMs + deliveryTimeoutMs;
  }

  /** Some of its events were given up: what is not yet on its way need not leave, as it will be sent again anyway. */
  get failure(): MillraceError | null {
    return this.#failure;
  }

  acknowledged(count: number, result: SendResult): void {
    this.#first ??= result;
    this.#ended(count);
  }

  /** The brokers will never take the event at this place of the batch. */
  refused(index: number, reason: string): void {
    this.#refused ??= [];
    this.#refused.push({ index, reason });
    this.#ended(1);
  }

  /** The events of the span are given up for now. */
  failed(span: Span, error: MillraceError): void {
    this.#failure ??= error;
    this.#pending ??= [];
    for (let i = 0; i < span.count; i++) this.#pending.push(placeIn(span, i));
    this.#ended(span.count);
  }

  #ended(count: number): void {
    this.#open -= count;
    if (this.#open > 0) return;
    if (this.#refused === null && this.#pending === null) this.#resolve(this.#first!);
    else this.#reject(this.#sendFailure());
    this.#onSettled(this);
  }

  #sendFailure(): SendFailure {
    const refused = (this.#refused ?? []).sort((a, b) => a.index - b.index);
    const pending = (this.#pending ?? []).sort((a, b) => a - b);
    const told: string[] = [];
    if (refused.length > 0) {
      told.push(`${refused.length} of ${this.batch.count} events are refused: ${refused[0]!.reason}`);
    }
    if (this.#failure !== null) told.push(this.#failure.message);
    return new SendFailure(told.join('; '), { refused, pending, cause: this.#failure });
  }
}

/** Events of a delivery: where those of a piece stand in the batch that was given to `send`. */
export interface Span {
  readonly delivery: Delivery;
  readonly count: number;
  /** Place of the first, where they follow one another; else where in `places` the first one's place stands. */
  readonly from: number;
  readonly places: Uint32Array | null;
}

export const placeIn = ({ from, places }: Span, i: number): number =>
  places === null ? from + i : places[from + i]!;

/** Events `from` to `to` (exclusive) of the span. */
export const cutSpan = (span: Span, from: number, to: number): Span => ({
  delivery: span.delivery,
  places: span.places,
  from: span.from + from,
  count: to - from,
});

/** A part of a delivery that waits for its turn. */
export interface QueuedPart {
  readonly span: Span;
  readonly batch: EventBatch;
  /** Records without times of their own get the time at which they leave. */
  readonly stamp: boolean;
}
