import type { EventBatch } from '../../records/event-batch.ts';
import { gatewayUrls, type HbaseValues } from './options.ts';

/** Of sinks that make the same rows for the same table: who delivers next may be another of a group, or that of a reload. */
const shared = new Map<string, UnfinishedEvents>();

/** What is known of an event that comes again. */
export interface Unfinished {
  /** Of its row; null: it has none. */
  readonly key: Buffer | null;
  /** Its row is there. */
  readonly isPut: boolean;
  /** It is counted. */
  readonly isCounted: boolean;
}

/**
 * Events whose delivery has failed and that will come again, as long as their bytes are in memory: they get the key that
 * they had, so that a row which is there already is written over, and are counted no second time. A restart forgets
 * them. Of events with the same bytes (a batch that was put twice) each has an entry.
 */
export class UnfinishedEvents {
  /** Those of all sinks that make such rows there. */
  static of(options: HbaseValues): UnfinishedEvents {
    const { table, columnFamily, rowKey, countEvents } = options;
    const urls = gatewayUrls(options['rest.url'] ?? '').map((url) => url?.href);
    const ofSerializer = Object.entries(options).filter(([name]) => name.startsWith('serializer'));
    const whose = JSON.stringify([urls.sort(), table, columnFamily, rowKey, countEvents, ofSerializer]);
    let unfinished = shared.get(whose);
    if (unfinished === undefined) {
      unfinished = new UnfinishedEvents();
      shared.set(whose, unfinished);
    }
    return unfinished;
  }

  /** By the bytes of a batch, which its slices share, and where the event stands in them. */
  readonly #events = new WeakMap<Buffer, Map<number, Unfinished[]>>();

  /** It is kept no longer. */
  take(batch: EventBatch, i: number): Unfinished | undefined {
    return this.#events.get(batch.records)?.get(batch.index[i]!)?.shift();
  }

  keep(batch: EventBatch, i: number, event: Unfinished): void {
    let ofBatch = this.#events.get(batch.records);
    if (ofBatch === undefined) {
      ofBatch = new Map();
      this.#events.set(batch.records, ofBatch);
    }
    const ofBytes = ofBatch.get(batch.index[i]!);
    if (ofBytes === undefined) ofBatch.set(batch.index[i]!, [event]);
    else ofBytes.push(event);
  }
}
