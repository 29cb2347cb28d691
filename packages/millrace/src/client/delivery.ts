import type { EventBatch } from '../records/event-batch.ts';
import type { MillraceError } from '../runtime/errors.ts';

export interface SendResult {
  readonly partition: number;
  /** Offset of the batch's first record; -1 where the broker does not say (acks 0, a duplicate). */
  readonly baseOffset: number;
}

/** One call of `send` on its way: it ends when all its parts have, and fails when one has. */
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
  #failure: MillraceError | null = null;

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

  /** A part of it failed: what is not yet on its way need not leave. */
  get failure(): MillraceError | null {
    return this.#failure;
  }

  /** A part was cut into `pieces`. */
  cut(pieces: number): void {
    this.#parts += pieces - 1;
  }

  partDone(result: SendResult): void {
    this.#first ??= result;
    this.#partEnded();
  }

  partFailed(error: MillraceError): void {
    this.#failure ??= error;
    this.#partEnded();
  }

  #partEnded(): void {
    if (--this.#parts > 0) return;
    if (this.#failure === null) this.#resolve(this.#first!);
    else this.#reject(this.#failure);
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
