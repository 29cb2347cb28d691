import type { Delivery, OutcomeBuilder } from '../../component/delivery.ts';
import type { EventBatch } from '../../records/event-batch.ts';
import { CellSet } from './cell-set.ts';
import { counts, type HbaseValues, isSimple } from './options.ts';
import { RegexRows } from './regex-rows.ts';
import { type KeyText, mostKeyBytes, OffsetKeys, regexKeys, simpleKeys } from './row-keys.ts';
import { SimpleRows } from './simple-rows.ts';
import { UnfinishedEvents } from './unfinished.ts';

/** An event of a delivery, and how far it has come. */
export interface EventOnItsWay {
  /** Its place in the delivery. */
  readonly at: number;
  readonly batch: EventBatch;
  /** Its place in the batch. */
  readonly i: number;
  /** Null: it has no row of its own. */
  readonly key: Buffer | null;
  /** Its row is there, or it has none. */
  isPut: boolean;
  isCounted: boolean;
  isRefused: boolean;
}

/** What a delivery comes to before the gateway has seen it. */
export interface Rows {
  /** All but those that are refused already. */
  readonly events: readonly EventOnItsWay[];
  /** The rows that are to be put, and the event of each. */
  readonly set: CellSet;
  readonly inSet: readonly EventOnItsWay[];
}

/** What a row costs beside its value. */
const rowBytes = 64;

/** Makes rows of events, and knows again those that come again. */
export class RowMaker {
  readonly #serializer: SimpleRows | RegexRows;
  readonly #keyText: KeyText;
  readonly #offsetKeys: OffsetKeys | null;
  readonly #counts: boolean;
  readonly #unfinished: UnfinishedEvents;

  constructor(options: HbaseValues) {
    this.#unfinished = UnfinishedEvents.of(options);
    const simple = isSimple(options);
    const prefix = simple ? options['serializer.rowPrefix'] : '';
    this.#serializer = simple ? new SimpleRows(options) : new RegexRows(options);
    this.#offsetKeys = options.rowKey === 'offset' ? new OffsetKeys(prefix) : null;
    const madeUp = simple ? simpleKeys(prefix, options['serializer.suffix']) : regexKeys;
    this.#keyText = this.#offsetKeys?.text ?? madeUp;
    this.#counts = counts(options);
  }

  /** With `rowKey = offset`: no event has had a key that was made up yet. */
  get isKnown(): boolean {
    return this.#offsetKeys?.isKnown ?? true;
  }

  rows(delivery: Delivery, outcome: OutcomeBuilder): Rows {
    const set = new CellSet(delivery.sizeBytes + rowBytes * delivery.events);
    const events: EventOnItsWay[] = [];
    const inSet: EventOnItsWay[] = [];
    let at = 0;
    for (const batch of delivery.batches) {
      for (let i = 0; i < batch.count; i++, at++) {
        const event = this.#add(batch, i, at, set);
        if (typeof event === 'string') outcome.refuse(at, event);
        else {
          events.push(event);
          if (set.count > inSet.length) inSet.push(event);
        }
      }
    }
    return { events, set, inSet };
  }

  /** Adds the row of an event, where it has one that is not there yet. A text: why the event is refused. */
  #add(batch: EventBatch, i: number, at: number, set: CellSet): EventOnItsWay | string {
    const view = batch.event(i);
    const row = this.#serializer.row(view);
    if (typeof row === 'string') return row;
    const known = this.#unfinished.take(batch, i);
    const isCounted = known?.isCounted ?? false;
    if (row === null) return { at, batch, i, key: null, isPut: true, isCounted, isRefused: false };
    const key = row.key ?? known?.key ?? this.#serializer.encode(this.#keyText(batch, view, i));
    if (key.length === 0) return 'the key of its row is empty';
    if (key.length > mostKeyBytes)
      return `the key of its row has ${key.length} bytes, and HBase takes ${mostKeyBytes}`;
    const isPut = known?.isPut ?? false;
    if (!isPut) set.add(key, row.cells);
    return { at, batch, i, key, isPut, isCounted, isRefused: false };
  }

  /** Remembers how far those have come that are not done; their places in the delivery. */
  unfinished(events: readonly EventOnItsWay[]): number[] {
    const places: number[] = [];
    for (const { at, batch, i, key, isPut, isCounted, isRefused } of events) {
      if (isRefused || (isPut && (isCounted || !this.#counts))) continue;
      this.#unfinished.keep(batch, i, { key, isPut, isCounted });
      places.push(at);
    }
    return places;
  }
}
