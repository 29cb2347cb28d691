import {
  type DeliveryOutcome,
  partOf,
  placeOf,
  type RefusedInDelivery,
} from '../../../component/delivery.ts';
import type { RefusedEvents } from '../../../component/refused.ts';
import { MillraceError } from '../../../runtime/errors.ts';
import type { Flight } from './flight.ts';

/** What is done with events that a destination refuses. */
export interface RefusalRule {
  readonly refused: RefusedEvents;
  /** `retry`: a refused event is tried again like any other, and holds up what is behind it. */
  readonly onRefused: 'setAside' | 'retry';
}

/** Sets aside what is refused, and leaves in the flight what is to be delivered again. */
export async function sortOutcome(
  flight: Flight,
  outcome: DeliveryOutcome,
  rule: RefusalRule,
): Promise<void> {
  const { delivery } = flight;
  const { refused = [] } = outcome;
  let { pending = [], error = null } = outcome;
  if (refused.length > 0) {
    const failure = await setAside(flight, refused, rule);
    if (failure !== null) {
      error = failure;
      pending = [...pending, ...refused.map(({ index }) => index)].sort((a, b) => a - b);
    }
  }
  flight.isDone = pending.length === 0;
  if (flight.isDone) return;
  flight.error = error ?? new Error('the destination has not acknowledged all events');
  if (pending.length === delivery.events) return;
  flight.isPartial = true;
  flight.delivery = partOf(delivery, pending);
}

/** Null when the events are set aside; else why they have to be tried again. */
export async function setAside(
  flight: Flight,
  refused: readonly RefusedInDelivery[],
  { onRefused, refused: file }: RefusalRule,
): Promise<unknown> {
  if (onRefused === 'retry') return new MillraceError('DELIVERY_FAILED', refused[0]!.reason);
  try {
    await file.setAside(
      refused.map(({ index, reason }) => ({
        ...placeOf(flight.delivery, index),
        reason,
        stage: 'deliver',
      })),
    );
  } catch (error) {
    return error;
  }
  flight.setAside += refused.length;
  return null;
}
