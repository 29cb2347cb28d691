import type { Transaction } from '../../../component/channel.ts';
import type { Delivery } from '../../../component/delivery.ts';

/** A take whose events are on their way, or wait to be delivered again. */
export class Flight {
  readonly transaction: Transaction;
  /** Events of the take. */
  readonly events: number;
  readonly sizeBytes: number;
  /** What is still to be acknowledged. */
  delivery: Delivery;
  /** Whether some of its events are acknowledged or set aside and others not: a rollback would double the former. */
  isPartial = false;
  setAside = 0;
  /** All its events are acknowledged or set aside; it may be committed. */
  isDone = false;
  /** The sink has committed the take along with its events. */
  isCommittedBySink = false;
  /** Committed, rolled back or held: a delivery that ends later changes nothing any more. */
  isSettled = false;
  error: unknown = null;
  /** How often it was delivered. An attempt that ends after another has begun changes nothing any more. */
  attempts = 0;
  /**
   * Resolves when the delivery has ended and, if nothing before it failed, the take is committed, or when it is not
   * waited for any longer; never rejects.
   */
  landed: Promise<void> = Promise.resolve();
  /** Resolves `landed`. */
  land: () => void = () => {};

  constructor(transaction: Transaction, delivery: Delivery) {
    this.transaction = transaction;
    this.delivery = delivery;
    this.events = delivery.events;
    this.sizeBytes = delivery.sizeBytes;
  }
}

/** Rolls back takes that are held for another attempt, the latest first: when nobody is left to make it. */
export async function giveBackHeld(held: Flight[]): Promise<void> {
  for (const { transaction } of held.splice(0).reverse()) await transaction.rollback();
}
