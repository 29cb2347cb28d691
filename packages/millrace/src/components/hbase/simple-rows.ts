import type { EventView } from '../../records/event-batch.ts';
import type { Cell } from './cell-set.ts';
import type { HbaseValues } from './options.ts';

/** What a serializer makes of an event. */
export interface MadeRow {
  /** Null: the event names no row. */
  readonly key: Buffer | null;
  readonly cells: readonly Cell[];
}

/** Flume's SimpleHBase2EventSerializer: the body in one column; the headers are left out. */
export class SimpleRows {
  readonly #column: Buffer | null;

  constructor(values: HbaseValues) {
    const name = values['serializer.payloadColumn'];
    this.#column = name === '' ? null : Buffer.from(`${values.columnFamily}:${name}`);
  }

  /** Null: events have no rows of their own. */
  row(event: EventView): MadeRow | null {
    if (this.#column === null) return null;
    return { key: null, cells: [{ column: this.#column, value: event.body }] };
  }

  encode(text: string): Buffer {
    return Buffer.from(text);
  }
}
