import { EventKey } from '../../component/event-key.ts';
import { JsonFields, jsonKind } from '../../formats/json/json-fields.ts';
import type { EventBatch } from '../../records/event-batch.ts';
import type { Column } from './columns.ts';

/** What the cell of a column is. */
export const cellKind = {
  /** There is no such field or header. */
  absent: 0,
  /** A field that is null in JSON. */
  jsonNull: 1,
  /** Bytes of a JSON string, with quotes and escapes. */
  jsonString: 2,
  /** Bytes of a number, true or false. */
  jsonScalar: 3,
  /** Bytes of an object or array. */
  jsonNested: 4,
  /** Bytes of the body, whatever they are. */
  bytes: 5,
  /** Text. */
  text: 6,
  /** Text that is JSON. */
  jsonText: 7,
  /** Unix ms, as digits. */
  time: 8,
} as const;

const cellOfJson: Readonly<Record<number, number>> = {
  [jsonKind.absent]: cellKind.absent,
  [jsonKind.null]: cellKind.jsonNull,
  [jsonKind.string]: cellKind.jsonString,
  [jsonKind.scalar]: cellKind.jsonScalar,
  [jsonKind.nested]: cellKind.jsonNested,
};

/** The cells of one event, column by column. Read anew for each event, so that none of it is an object per event. */
export class EventCells {
  readonly kind: Uint8Array;
  /** Of kinds with bytes: where in `bytes`. */
  readonly from: Uint32Array;
  readonly to: Uint32Array;
  /** Of kinds with text. */
  readonly text: string[];
  bytes: Buffer = Buffer.alloc(0);
  readonly key = new EventKey();
  readonly #columns: readonly Column[];
  readonly #fields: JsonFields | null;
  readonly #needsKey: boolean;

  constructor(columns: readonly Column[]) {
    this.#columns = columns;
    this.kind = new Uint8Array(columns.length);
    this.from = new Uint32Array(columns.length);
    this.to = new Uint32Array(columns.length);
    this.text = columns.map(() => '');
    const paths = columns.flatMap(({ source }) => (source.kind === 'field' ? [source.path] : []));
    this.#fields = paths.length === 0 ? null : new JsonFields(paths);
    this.#needsKey = columns.some(({ source }) => source.kind === 'position');
  }

  get count(): number {
    return this.#columns.length;
  }

  /** Null: the cells are those of event `i`; else why it has none. */
  read(batch: EventBatch, i: number): string | null {
    const event = batch.event(i);
    const { body } = event;
    this.bytes = body;
    if (this.#fields !== null) {
      const fault = this.#fields.read(body);
      if (fault !== null) return `the body has no fields: ${fault}`;
    }
    if (this.#needsKey) this.key.read(batch, event, i);
    let field = 0;
    for (const [at, { source }] of this.#columns.entries()) {
      switch (source.kind) {
        case 'field': {
          const fields = this.#fields!;
          this.kind[at] = cellOfJson[fields.kind[field]!]!;
          this.from[at] = fields.from[field]!;
          this.to[at] = fields.to[field]!;
          field++;
          break;
        }
        case 'body':
          this.kind[at] = cellKind.bytes;
          this.from[at] = 0;
          this.to[at] = body.length;
          break;
        case 'header':
          this.#setText(at, event.header(source.name));
          break;
        case 'headers':
          this.#setText(at, JSON.stringify(Object.fromEntries(event.headers())), cellKind.jsonText);
          break;
        case 'timestamp':
          this.#setText(at, String(event.timestamp), cellKind.time);
          break;
        case 'key':
          this.#setText(at, event.key?.toString('utf8') ?? event.header('key'));
          break;
        default:
          this.#setText(at, this.key[source.kind]);
      }
    }
    return null;
  }

  #setText(at: number, text: string | undefined, kind: number = cellKind.text): void {
    this.kind[at] = text === undefined ? cellKind.absent : kind;
    this.text[at] = text ?? '';
  }
}
