import type { Sink } from '../../../component/sink.ts';

/** How much a sink may have under way: its own window; after a failure one delivery, then twice as many with each that works. */
export class DeliveryWindow {
  readonly #sink: Pick<Sink, 'window'>;
  readonly #isAlone: boolean;
  #allowed = Number.POSITIVE_INFINITY;

  /** `isAlone`: one delivery at a time, whatever the sink's window says. */
  constructor(sink: Pick<Sink, 'window'>, isAlone: boolean) {
    this.#sink = sink;
    this.#isAlone = isAlone;
  }

  /** Deliveries that may be under way at once. */
  get deliveries(): number {
    if (this.#isAlone) return 1;
    return Math.min(this.#allowed, this.#sink.window?.deliveries ?? 1);
  }

  /** Whether nothing may join so many deliveries with so many bytes. */
  isFullWith(deliveries: number, sizeBytes: number): boolean {
    const { bytes = 0 } = this.#sink.window ?? {};
    return deliveries >= this.deliveries || sizeBytes >= bytes;
  }

  /** As wide as the sink has it. */
  open(): void {
    this.#allowed = Number.POSITIVE_INFINITY;
  }

  narrow(): void {
    this.#allowed = 1;
  }

  /** After a delivery that worked. */
  widen(): void {
    if (this.#allowed === Number.POSITIVE_INFINITY) return;
    this.#allowed *= 2;
    if (this.#allowed >= (this.#sink.window?.deliveries ?? 1)) this.open();
  }
}
