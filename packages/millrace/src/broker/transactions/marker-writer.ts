import type { TransactionMarker } from '../../records/transaction-marker.ts';
import { ErrorCode } from '../core/error-code.ts';
import type { RequestFault } from '../core/fault.ts';
import type { Coordinator } from '../group/coordinator.ts';
import { offsetsTopic } from '../storage/internal-topics.ts';
import type { Partition } from '../storage/partition.ts';
import type { TopicStore } from '../storage/topics.ts';
import type { Transaction } from './transaction.ts';

/** The one coordinator there ever is. */
export const coordinatorEpoch = 0;

export interface MarkerPlaces {
  readonly topics: Pick<TopicStore, 'partition'>;
  readonly groups: Pick<Coordinator, 'endTransaction'>;
  /** Whether a marker must be on the device before it counts as written. */
  readonly durable: boolean;
}

/** Writes the markers of prepared transactions, and knows which are written until all of them are. */
export class MarkerWriter {
  readonly #places: MarkerPlaces;
  readonly #written = new WeakMap<Transaction, Set<string>>();

  constructor(places: MarkerPlaces) {
    this.#places = places;
  }

  /** Resolves with null once every partition that is still there has its marker, or with why one has none yet. */
  async write(prepared: Transaction): Promise<string | null> {
    const written = this.#written.get(prepared) ?? new Set();
    this.#written.set(prepared, written);
    const { producerId, producerEpoch, status } = prepared;
    const marker = { producerId, producerEpoch, coordinatorEpoch, committed: status === 'PrepareCommit' };
    const waits: Promise<string | null>[] = [];
    for (const [topic, partitions] of prepared.partitions) {
      for (const partition of partitions) {
        const name = `${topic}-${partition}`;
        if (written.has(name)) continue;
        const writing = writeMarker(this.#places, topic, partition, marker).then((fault) => {
          if (fault !== null && !isSettled(fault.errorCode)) return `${name}: ${fault.message}`;
          written.add(name);
          return null;
        });
        waits.push(writing);
      }
    }
    return (await Promise.all(waits)).find((fault) => fault !== null) ?? null;
  }
}

/** Resolves with null when the marker is as safe as the broker promises, or with why it is not. */
export async function writeMarker(
  { topics, groups, durable }: MarkerPlaces,
  topic: string,
  index: number,
  marker: TransactionMarker,
): Promise<RequestFault | null> {
  const partition = topics.partition(topic, index);
  if (partition === undefined || partition.isClosed)
    return { errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, message: 'no such partition' };
  if (marker.producerId < 0) return { errorCode: ErrorCode.UNKNOWN_SERVER_ERROR, message: 'no producer' };
  if (topic === offsetsTopic) return groups.endTransaction(marker);
  if (partition.isOffline)
    return { errorCode: ErrorCode.KAFKA_STORAGE_ERROR, message: 'the partition is offline' };
  const outcome = partition.appendMarker(marker);
  if ('message' in outcome) return outcome;
  return durable ? flushed(partition) : null;
}

function flushed(partition: Partition): Promise<RequestFault | null> {
  return partition.flush().then(
    () => null,
    (error) => ({ errorCode: ErrorCode.KAFKA_STORAGE_ERROR, message: String(error) }),
  );
}

/** The partition is gone, or has seen a later producer or coordinator: there is nothing to end any more. */
function isSettled(errorCode: number): boolean {
  return (
    errorCode === ErrorCode.UNKNOWN_TOPIC_OR_PARTITION ||
    errorCode === ErrorCode.INVALID_PRODUCER_EPOCH ||
    errorCode === ErrorCode.TRANSACTION_COORDINATOR_FENCED
  );
}
