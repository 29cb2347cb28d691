import { type JsonTape, tapeKind, tapeNext, tapeStep } from '../json/json-tape.ts';
import { type Column, type ColumnType, mostColumnDepth, mostColumns } from './column-type.ts';
import { textOf } from './json-text.ts';
import { JsonValue, microsOf } from './json-value.ts';
import { elementsOf, leavesOf, listLimit } from './list-room.ts';

/** What was seen of the values of one column, as bits. */
const seen = {
  boolean: 1,
  int64: 2,
  /** An int64 that a double has not exactly. */
  longInt64: 4,
  double: 8,
  /** A number that neither has exactly. */
  otherNumber: 16,
  string: 32,
  /** A string that is no time of RFC 3339. */
  noTime: 64,
  object: 128,
  array: 256,
  /** What only its JSON text tells. */
  other: 512,
} as const;
const families = [
  seen.boolean,
  seen.int64 | seen.longInt64 | seen.double | seen.otherNumber,
  seen.string | seen.noTime,
  seen.object,
  seen.array,
];

interface Seen {
  bits: number;
  fields: Map<string, Seen> | null;
  element: Seen | null;
  /** Of the arrays that were seen here, the one that has the most elements for its limit. */
  densest: { readonly elements: number; readonly limit: number } | null;
}

export interface InferenceOptions {
  /** Objects become structs of their fields, lists lists; else both are JSON text. */
  readonly nested: 'struct' | 'json';
  /** Columns whose strings are all times of RFC 3339 become timestamps. */
  readonly timestamps: boolean;
  /** Names that no column can have. */
  readonly except: ReadonlySet<string>;
  readonly isName: (name: string) => boolean;
}

/**
 * The columns in which the objects that were added have a place, each value exactly: int64 before double before JSON text.
 * What was only ever null, and what differs from event to event, is JSON text. All columns are nullable.
 */
export class ColumnInference {
  readonly #options: InferenceOptions;
  readonly #root: Seen = { bits: 0, fields: new Map(), element: null, densest: null };
  readonly #value = new JsonValue();
  #count = 0;

  constructor(options: InferenceOptions) {
    this.#options = options;
  }

  /** Adds the object that the tape holds. False: one of its fields becomes no column. */
  add(tape: JsonTape): boolean {
    let all = true;
    for (const [name, value] of members(tape, 0)) {
      const { except, isName } = this.#options;
      const field = except.has(name) || !isName(name) ? null : this.#fieldOf(this.#root, name);
      if (field === null) all = false;
      else this.#see(field, tape, value, 1);
    }
    return all;
  }

  columns(): Column[] {
    return [...this.#root.fields!].map(([name, field]) => this.#column(name, field));
  }

  #fieldOf({ fields }: Seen, name: string): Seen | null {
    const known = fields!.get(name);
    if (known !== undefined) return known;
    if (this.#count >= mostColumns) return null;
    this.#count++;
    const made = { bits: 0, fields: null, element: null, densest: null };
    fields!.set(name, made);
    return made;
  }

  #see(column: Seen, tape: JsonTape, node: number, depth: number): void {
    switch (tape.nodes[node]) {
      case tapeKind.null:
        return;
      case tapeKind.true:
      case tapeKind.false:
        column.bits |= seen.boolean;
        return;
      case tapeKind.integer:
      case tapeKind.decimal:
        column.bits |= this.#numberBits(tape, node);
        return;
      case tapeKind.text:
      case tapeKind.escaped:
        column.bits |= this.#stringBits(tape, node);
        return;
      case tapeKind.object:
        column.bits |= seen.object;
        if (!this.#seeFields(column, tape, node, depth)) column.bits |= seen.other;
        return;
      default:
        column.bits |= seen.array;
        if (!this.#seeElements(column, tape, node, depth)) column.bits |= seen.other;
    }
  }

  #numberBits(tape: JsonTape, node: number): number {
    if (this.#value.int64(tape, node)) return this.#value.double(tape, node) ? seen.int64 : seen.longInt64;
    return this.#value.double(tape, node) ? seen.double : seen.otherNumber;
  }

  #stringBits(tape: JsonTape, node: number): number {
    if (!this.#options.timestamps || tape.nodes[node] === tapeKind.escaped) return seen.string | seen.noTime;
    return microsOf(textOf(tape, node)) === null ? seen.string | seen.noTime : seen.string;
  }

  /** Whether all of an object has its place in columns. */
  #seeFields(column: Seen, tape: JsonTape, node: number, depth: number): boolean {
    if (this.#options.nested === 'json' || depth >= mostColumnDepth || (column.bits & seen.other) !== 0)
      return false;
    column.fields ??= new Map();
    for (const [name, value] of members(tape, node)) {
      const field = this.#options.isName(name) ? this.#fieldOf(column, name) : null;
      if (field === null) return false;
      this.#see(field, tape, value, depth + 1);
    }
    return true;
  }

  #seeElements(column: Seen, tape: JsonTape, node: number, depth: number): boolean {
    if (this.#options.nested === 'json' || depth >= mostColumnDepth || (column.bits & seen.other) !== 0)
      return false;
    column.element ??= { bits: 0, fields: null, element: null, densest: null };
    noteDensity(column, tape, node);
    const end = tape.nodes[node + tapeNext]!;
    for (let each = node + tapeStep; each < end; each = tape.nodes[each + tapeNext]!)
      this.#see(column.element, tape, each, depth + 1);
    return true;
  }

  #column(name: string, column: Seen): Column {
    return { name, type: this.#typeOf(column), isNullable: true };
  }

  #typeOf(column: Seen): ColumnType {
    const { bits } = column;
    const some = families.filter((family) => (bits & family) !== 0);
    if (some.length !== 1 || (bits & (seen.other | seen.otherNumber)) !== 0) return { kind: 'json' };
    if ((bits & seen.boolean) !== 0) return { kind: 'boolean' };
    if ((bits & seen.string) !== 0)
      return this.#options.timestamps && (bits & seen.noTime) === 0
        ? { kind: 'timestamp', unit: 'us', isText: true }
        : { kind: 'string' };
    if ((bits & seen.array) !== 0) return this.#listOf(column);
    if ((bits & seen.object) !== 0) {
      const fields = [...column.fields!].map(([name, field]) => this.#column(name, field));
      return fields.length === 0 ? { kind: 'json' } : { kind: 'struct', fields };
    }
    if ((bits & seen.double) === 0) return { kind: 'int64' };
    return (bits & seen.longInt64) === 0 ? { kind: 'double' } : { kind: 'json' };
  }

  /** JSON text where one of the lists has no room (`hasRoom`): all that was seen has its place. */
  #listOf({ element, densest }: Seen): ColumnType {
    const type: ColumnType = { kind: 'list', element: this.#column('element', element!) };
    return densest!.elements * leavesOf(type) > densest!.limit ? { kind: 'json' } : type;
  }
}

function noteDensity(column: Seen, tape: JsonTape, node: number): void {
  const elements = elementsOf(tape, node);
  const limit = listLimit(tape, node);
  const { densest } = column;
  if (densest === null || elements * densest.limit > densest.elements * limit)
    column.densest = { elements, limit };
}

/** Names of an object and the nodes of their values. */
function* members(tape: JsonTape, object: number): Iterable<[name: string, value: number]> {
  const { nodes } = tape;
  const end = nodes[object + tapeNext]!;
  for (let name = object + tapeStep; name < end; ) {
    const value = name + tapeStep;
    yield [textOf(tape, name), value];
    name = nodes[value + tapeNext]!;
  }
}

/** Names that every reader of tables takes. */
export function isColumnName(name: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what they are told apart by
  return name.length > 0 && name.length <= 255 && name.isWellFormed() && !/[\u0000-\u001f\u007f]/.test(name);
}
