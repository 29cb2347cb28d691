import type { EventBatch } from '../records/event-batch.ts';
import type { MillraceError } from '../runtime/errors.ts';

export interface SendResult {
  readonly partition: number;
  /** Offset of the batch's first record; -1 where the broker does not say (acks 0, a duplicate). */
  readonly baseOffset: number;
}

/** One call of `send` on its way: it ends when all its parts have, or with the first that fails. */
export class Delivery {
  readonly topic: string;
  readonly sizeBytes: number;
  readonly queuedAt: number;
  readonly deadline: number;
  readonly promise: Promise<SendResult>;
  #resolve!: (result: SendResult) => void;
  #reject!: (error: MillraceError) => void;
  #onSettled: (delivery: Delivery) => void;
  #parts = 1;
  #first: SendResult | null = null;
  #settled = false;

  constructor(
    topic: string,
    sizeBytes: number,
    now: number,
    deliveryTimeoutMs: number,
    onSettled: (delivery: Delivery) => void,
  ) {
    this.topic = topic;
    this.sizeBytes = sizeBytes;
    this.queuedAt = now;
    this.deadline = now + deliveryTimeoutMs;
    this.#onSettled = onSettled;
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  get settled(): boolean {
    return this.#settled;
  }

  /** A part was cut into `pieces`. */
  cut(pieces: number): void {
    this.#parts += pieces - 1;
  }

  partDone(result: SendResult): void {
    this.#first ??= result;
    if (--this.#parts > 0 || this.#settled) return;
    this.#settled = true;
    this.#resolve(this.#first);
    this.#onSettled(this);
  }

  fail(error: MillraceError): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#reject(error);
    this.#onSettled(this);
  }
}

/** A part of a delivery that waits for its turn. */
export interface QueuedPart {
  readonly delivery: Delivery;
  readonly batch: EventBatch;
  /** Records without times of their own get the time at which they leave. */
  readonly stamp: boolean;
}
