/** What deliveries of a transactional sink have beside the events. */
import type { Transaction } from '../../../component/channel.ts';
import type { Delivery } from '../../../component/delivery.ts';
import type { DeliverOptions } from '../../../component/sink.ts';
import type { Flight } from './flight.ts';
import { type RefusalRule, setAside } from './sort-outcome.ts';

/** With the positions of the take, where the channel has some. Throws as `Transaction.positions`. */
export function withPositions(transaction: Transaction, delivery: Delivery): Delivery {
  if (delivery.events === 0) return delivery;
  const positions = transaction.positions?.() ?? null;
  return positions === null ? delivery : { ...delivery, positions };
}

/** The sink has refused events set aside before it commits the others. */
export function optionsWithSetAside(
  flight: Flight,
  options: DeliverOptions,
  rule: RefusalRule,
): DeliverOptions {
  return {
    ...options,
    setAside: async (refused) => {
      const failure = refused.length === 0 ? null : await setAside(flight, refused, rule);
      if (failure !== null) throw failure;
    },
  };
}
