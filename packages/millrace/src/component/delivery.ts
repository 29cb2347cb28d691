import type { EventBatch } from '../records/event-batch.ts';
import type { TakenPositions } from './positions.ts';

/** Events on their way to a destination, in the order of their channel. Holds at least one; no batch of it is empty. */
export interface Delivery {
  readonly batches: readonly EventBatch[];
  readonly events: number;
  readonly sizeBytes: number;
  /** Where they stood in their channel, for a sink that is `transactional`; absent: the channel can't tell. */
  readonly positions?: TakenPositions;
}

/** An event of a delivery that the destination will never take as it is. */
export interface RefusedInDelivery {
  /** Its place in the delivery, counted over all its batches. */
  readonly index: number;
  /** For a person: what is wrong with it, and which limit it breaks. */
  readonly reason: string;
}

/** What a delivery came to, event by event: those named in neither list are acknowledged. */
export interface DeliveryOutcome {
  /** Never to be taken; sorted by index. */
  readonly refused?: readonly RefusedInDelivery[];
  /** Not taken for now, to be delivered again; sorted, none of them in `refused`. */
  readonly pending?: readonly number[];
  /** Why some are pending. */
  readonly error?: unknown;
  /** The delivery's positions are committed along with its events: the take counts as committed. */
  readonly committed?: boolean;
}

export function deliveryOf(batches: readonly EventBatch[]): Delivery {
  let events = 0;
  let sizeBytes = 0;
  for (const batch of batches) {
    events += batch.count;
    sizeBytes += batch.sizeBytes;
  }
  return { batches, events, sizeBytes };
}

/** The events of a delivery with these indexes (sorted), in their order, as slices: each keeps where it came from. */
export function partOf(delivery: Delivery, indexes: readonly number[]): Delivery {
  if (indexes.length === delivery.events) return delivery;
  const parts: EventBatch[] = [];
  let at = 0;
  let first = 0;
  for (const batch of delivery.batches) {
    const end = first + batch.count;
    while (at < indexes.length && indexes[at]! < end) {
      const from = indexes[at]!;
      let to = from + 1;
      at++;
      while (at < indexes.length && indexes[at] === to && to < end) {
        to++;
        at++;
      }
      parts.push(batch.slice(from - first, to - first));
    }
    first = end;
  }
  return deliveryOf(parts);
}

/** The batch of a delivery that has the event with this index, and its place there. */
export function placeOf(delivery: Delivery, index: number): { batch: EventBatch; index: number } {
  let first = 0;
  for (const batch of delivery.batches) {
    if (index < first + batch.count) return { batch, index: index - first };
    first += batch.count;
  }
  throw new RangeError(`index ${index} in a delivery of ${delivery.events} events`);
}

const allAcknowledged: DeliveryOutcome = { refused: [], pending: [], error: null };

/** Puts together what the parts of a delivery came to, which were sent apart. */
export class OutcomeBuilder {
  readonly #refused: RefusedInDelivery[] = [];
  /** Null until there is one: most deliveries are acknowledged as a whole. */
  #pending: Set<number> | null = null;
  #error: unknown = null;

  refuse(index: number, reason: string): void {
    this.#refused.push({ index, reason });
  }

  /** The first error stands for all. */
  pend(index: number, error: unknown): void {
    if (this.#pending === null) this.#error = error;
    this.#pending ??= new Set();
    this.#pending.add(index);
  }

  /** What was both refused and pending is refused: it never becomes better. */
  outcome(): DeliveryOutcome {
    if (this.#refused.length === 0 && this.#pending === null) return allAcknowledged;
    const refused = this.#refused.sort((a, b) => a.index - b.index);
    for (const { index } of refused) this.#pending?.delete(index);
    const pending = [...(this.#pending ?? [])].sort((a, b) => a - b);
    return { refused, pending, error: pending.length > 0 ? this.#error : null };
  }
}
