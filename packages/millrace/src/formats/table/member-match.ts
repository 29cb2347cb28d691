import { type JsonTape, tapeFrom, tapeKind, tapeNext, tapeStep, tapeTo } from '../json/json-tape.ts';
import { textOf } from './json-text.ts';

/** So few names are looked through one by one. */
const fewNames = 24;

/** Which members of a JSON object are the fields of a table, and which are none. Of a name that comes twice the last counts. */
export class MemberMatch {
  /** Of each field the node of its value; -1: the object has none. */
  readonly slots: Int32Array;
  /** Nodes of the names that are no field's. */
  readonly unknown: number[] = [];
  /** Null: nobody's. */
  readonly #names: readonly (Buffer | null)[];
  readonly #byText: ReadonlyMap<string, number>;

  /** `names`: null for a field that no member of an object is. */
  constructor(names: readonly (string | null)[]) {
    this.slots = new Int32Array(names.length);
    this.#names = names.map((name) => (name === null ? null : Buffer.from(name)));
    this.#byText = new Map([...names.entries()].flatMap(([i, name]) => (name === null ? [] : [[name, i]])));
  }

  match(tape: JsonTape, object: number): void {
    const { slots, unknown } = this;
    slots.fill(-1);
    unknown.length = 0;
    const { nodes } = tape;
    const end = nodes[object + tapeNext]!;
    // Events of one program have their fields in one order.
    let expected = 0;
    for (let name = object + tapeStep; name < end; ) {
      const value = name + tapeStep;
      const field = this.#isName(tape, name, expected) ? expected : this.#fieldOf(tape, name);
      if (field < 0) unknown.push(name);
      else {
        slots[field] = value;
        expected = field + 1;
      }
      name = nodes[value + tapeNext]!;
    }
  }

  #isName({ nodes, bytes }: JsonTape, node: number, field: number): boolean {
    if (field >= this.#names.length || nodes[node] !== tapeKind.text) return false;
    const name = this.#names[field]!;
    if (name === null) return false;
    const from = nodes[node + tapeFrom]! + 1;
    const length = nodes[node + tapeTo]! - 1 - from;
    if (name.length !== length) return false;
    for (let i = 0; i < length; i++) if (bytes[from + i] !== name[i]) return false;
    return true;
  }

  #fieldOf(tape: JsonTape, node: number): number {
    if (tape.nodes[node] !== tapeKind.text || this.#names.length > fewNames)
      return this.#byText.get(textOf(tape, node)) ?? -1;
    for (let field = 0; field < this.#names.length; field++)
      if (this.#isName(tape, node, field)) return field;
    return -1;
  }
}

/** Whether a name comes twice in an object: a map has each key once. */
export function hasNameTwice(tape: JsonTape, object: number): boolean {
  const { nodes } = tape;
  const end = nodes[object + tapeNext]!;
  const names = new Set<string>();
  for (let name = object + tapeStep; name < end; name = nodes[name + tapeStep + tapeNext]!) {
    const text = textOf(tape, name);
    if (names.has(text)) return true;
    names.add(text);
  }
  return false;
}
