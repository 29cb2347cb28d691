import type { Channel, Transaction } from '../../../component/channel.ts';
import type { Delivery } from '../../../component/delivery.ts';
import type { Sink } from '../../../component/sink.ts';
import type { EventBatch } from '../../../records/event-batch.ts';
import { withPositions } from './whole-delivery.ts';

/** A take, and what is to be delivered of it; perhaps nothing. */
export interface Take {
  readonly transaction: Transaction;
  readonly delivery: Delivery;
  /** It has as much as the sink wants at once. */
  readonly isFull: boolean;
}

/**
 * Takes up to a batch of events, the sink being ready for it. `waits` ends the wait for them; `withPlaces`: the channel
 * is to tell where they stood. Rejects with nothing taken.
 */
export async function takeDelivery(
  sink: Sink,
  channel: Channel,
  waits: AbortSignal,
  withPlaces: boolean,
): Promise<Take> {
  const { events: most, bytes: enough = Number.POSITIVE_INFINITY } = sink.batch;
  let transaction: Transaction | null = null;
  const batches: EventBatch[] = [];
  let events = 0;
  let sizeBytes = 0;
  try {
    if (sink.prepare !== undefined) await sink.prepare();
    transaction = channel.begin(undefined, { positions: withPlaces });
    while (events < most && sizeBytes < enough) {
      const batch = await transaction.take(most - events, waits);
      if (batch === null) break;
      events += batch.count;
      sizeBytes += batch.sizeBytes;
      batches.push(batch);
    }
    const taken: Delivery = { batches, events, sizeBytes };
    const delivery = withPlaces ? withPositions(transaction, taken) : taken;
    return { transaction, delivery, isFull: events >= most || sizeBytes >= enough };
  } catch (error) {
    await transaction?.rollback();
    throw error;
  }
}
