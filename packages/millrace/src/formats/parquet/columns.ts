import { type JsonTape, tapeKind, tapeNext, tapeStep } from '../json/json-tape.ts';
import type { Column } from '../table/column-type.ts';
import { elementsOf, entriesOf, hasRoom, leavesOf } from '../table/list-room.ts';
import { hasNameTwice, MemberMatch } from '../table/member-match.ts';
import type { FieldWriter } from '../table/table-writer.ts';
import { Leaf } from './leaf.ts';

/**
 * Takes JSON values apart into the columns of a file, with their repetition and definition levels (Dremel's, see
 * https://parquet.apache.org/docs/file-format/nestedencoding/). `write` may have written some of a value when it answers
 * false.
 */
export interface Shredder {
  /** `node` -1: there is none. `defined`: how much of what the value is in is there. */
  write(tape: JsonTape, node: number, repeated: number, defined: number): boolean;
  /** What the value is in is null, or an empty list. */
  writeNull(repeated: number, defined: number): void;
}

interface Place {
  readonly path: readonly string[];
  readonly defined: number;
  readonly repeated: number;
}

/** Makes the shredder of a column and adds its leaves in the order in which files have them. */
function shredderOf({ name, type, isNullable }: Column, place: Place, leaves: Leaf[]): Shredder {
  const path = [...place.path, name];
  const defined = place.defined + (isNullable ? 1 : 0);
  const { repeated } = place;
  switch (type.kind) {
    case 'struct': {
      const fields = type.fields.map((field) => shredderOf(field, { path, defined, repeated }, leaves));
      const match = new MemberMatch(type.fields.map((field) => field.name));
      return new StructShredder(fields, match, isNullable);
    }
    case 'list': {
      const inner = { path: [...path, 'list'], defined: defined + 1, repeated: repeated + 1 };
      const element = shredderOf({ ...type.element, name: 'element' }, inner, leaves);
      return new ListShredder(element, isNullable, inner.repeated, leavesOf(type));
    }
    case 'map': {
      const inner = { path: [...path, 'key_value'], defined: defined + 1, repeated: repeated + 1 };
      const key = leafOf({ name: 'key', type: { kind: 'string' }, isNullable: false }, inner, leaves);
      const value = shredderOf({ ...type.value, name: 'value' }, inner, leaves);
      return new MapShredder(key, value, isNullable, inner.repeated, leavesOf(type));
    }
    default:
      return leafOf({ name, type, isNullable }, place, leaves);
  }
}

function leafOf({ name, type, isNullable }: Column, place: Place, leaves: Leaf[]): Leaf {
  const leaf = new Leaf({
    path: [...place.path, name],
    type: type as Leaf['place']['type'],
    isNullable,
    mostDefined: place.defined + (isNullable ? 1 : 0),
    mostRepeated: place.repeated,
  });
  leaves.push(leaf);
  return leaf;
}

const isNone = (tape: JsonTape, node: number) => node < 0 || tape.nodes[node] === tapeKind.null;

class StructShredder implements Shredder {
  readonly #fields: readonly Shredder[];
  readonly #match: MemberMatch;
  readonly #isNullable: boolean;

  constructor(fields: readonly Shredder[], match: MemberMatch, isNullable: boolean) {
    this.#fields = fields;
    this.#match = match;
    this.#isNullable = isNullable;
  }

  write(tape: JsonTape, node: number, repeated: number, defined: number): boolean {
    if (isNone(tape, node)) {
      if (this.#isNullable) this.writeNull(repeated, defined);
      return this.#isNullable;
    }
    if (tape.nodes[node] !== tapeKind.object) return false;
    const match = this.#match;
    match.match(tape, node);
    if (match.unknown.length > 0) return false;
    const inner = defined + (this.#isNullable ? 1 : 0);
    for (let i = 0; i < this.#fields.length; i++)
      if (!this.#fields[i]!.write(tape, match.slots[i]!, repeated, inner)) return false;
    return true;
  }

  writeNull(repeated: number, defined: number): void {
    for (const field of this.#fields) field.writeNull(repeated, defined);
  }
}

class ListShredder implements Shredder {
  readonly #element: Shredder;
  readonly #isNullable: boolean;
  readonly #level: number;
  readonly #leaves: number;

  constructor(element: Shredder, isNullable: boolean, level: number, leaves: number) {
    this.#element = element;
    this.#isNullable = isNullable;
    this.#level = level;
    this.#leaves = leaves;
  }

  write(tape: JsonTape, node: number, repeated: number, defined: number): boolean {
    if (isNone(tape, node)) {
      if (this.#isNullable) this.writeNull(repeated, defined);
      return this.#isNullable;
    }
    const { nodes } = tape;
    if (nodes[node] !== tapeKind.array) return false;
    if (!hasRoom(tape, node, elementsOf(tape, node), this.#leaves)) return false;
    const inner = defined + (this.#isNullable ? 1 : 0);
    const end = nodes[node + tapeNext]!;
    let each = node + tapeStep;
    if (each === end) {
      this.#element.writeNull(repeated, inner);
      return true;
    }
    for (let level = repeated; each < end; each = nodes[each + tapeNext]!, level = this.#level)
      if (!this.#element.write(tape, each, level, inner + 1)) return false;
    return true;
  }

  writeNull(repeated: number, defined: number): void {
    this.#element.writeNull(repeated, defined);
  }
}

class MapShredder implements Shredder {
  readonly #key: Leaf;
  readonly #value: Shredder;
  readonly #isNullable: boolean;
  readonly #level: number;
  readonly #leaves: number;

  constructor(key: Leaf, value: Shredder, isNullable: boolean, level: number, leaves: number) {
    this.#key = key;
    this.#value = value;
    this.#isNullable = isNullable;
    this.#level = level;
    this.#leaves = leaves;
  }

  write(tape: JsonTape, node: number, repeated: number, defined: number): boolean {
    if (isNone(tape, node)) {
      if (this.#isNullable) this.writeNull(repeated, defined);
      return this.#isNullable;
    }
    const { nodes } = tape;
    if (nodes[node] !== tapeKind.object || hasNameTwice(tape, node)) return false;
    if (!hasRoom(tape, node, entriesOf(tape, node), this.#leaves)) return false;
    const inner = defined + (this.#isNullable ? 1 : 0);
    const end = nodes[node + tapeNext]!;
    if (node + tapeStep === end) {
      this.writeNull(repeated, inner);
      return true;
    }
    let level = repeated;
    for (let name = node + tapeStep; name < end; name = nodes[name + tapeStep + tapeNext]!) {
      if (!this.#key.writeName(tape, name, level)) return false;
      if (!this.#value.write(tape, name + tapeStep, level, inner + 1)) return false;
      level = this.#level;
    }
    return true;
  }

  writeNull(repeated: number, defined: number): void {
    this.#key.writeNull(repeated, defined);
    this.#value.writeNull(repeated, defined);
  }
}

/** A column of the table, which is one or several of the file. */
export class ParquetField implements FieldWriter {
  readonly leaves: readonly Leaf[];
  readonly #shredder: Shredder;
  readonly #isNullable: boolean;

  constructor(column: Column) {
    const leaves: Leaf[] = [];
    this.#shredder = shredderOf(column, { path: [], defined: 0, repeated: 0 }, leaves);
    this.leaves = leaves;
    this.#isNullable = column.isNullable;
  }

  write(tape: JsonTape, node: number): boolean {
    // A single leaf has written nothing when it answers false.
    if (this.#shredder instanceof Leaf) return this.#shredder.write(tape, node, 0, 0);
    const { leaves } = this;
    for (let i = 0; i < leaves.length; i++) leaves[i]!.beginValue();
    if (this.#shredder.write(tape, node, 0, 0)) return true;
    for (let i = 0; i < leaves.length; i++) leaves[i]!.undoValue();
    return false;
  }

  writeNull(): boolean {
    if (this.#isNullable) this.#shredder.writeNull(0, 0);
    return this.#isNullable;
  }

  writeText(bytes: Buffer, from: number, to: number): void {
    (this.#shredder as Leaf).writeText(bytes, from, to, 0);
  }
}
