import { type JsonTape, tapeFrom, tapeNext, tapeStep, tapeTo } from '../json/json-tape.ts';
import type { ColumnType } from './column-type.ts';

/** What a list may always take, in values and nulls: as much as a row of many columns. */
const freeValues = 1000;
/** And for each byte of its text. */
const valuesPerByte = 16;
/** An element and its comma are two bytes: with so few columns there is always room. */
const fewLeaves = 2 * valuesPerByte;

/** Of a column, how many there are that have values themselves: an element takes a value or a null in each. */
export function leavesOf(type: ColumnType): number {
  switch (type.kind) {
    case 'struct':
      return type.fields.reduce((sum, field) => sum + leavesOf(field.type), 0);
    case 'list':
      return leavesOf(type.element.type);
    case 'map':
      return 1 + leavesOf(type.value.type);
    default:
      return 1;
  }
}

/** How many values and nulls the text of an array, or of an object that is a map, may stand for. */
export function listLimit({ nodes }: JsonTape, node: number): number {
  return freeValues + valuesPerByte * (nodes[node + tapeTo]! - nodes[node + tapeFrom]!);
}

/** Elements of an array. */
export function elementsOf({ nodes }: JsonTape, node: number): number {
  const end = nodes[node + tapeNext]!;
  let count = 0;
  for (let each = node + tapeStep; each < end; each = nodes[each + tapeNext]!) count++;
  return count;
}

/** Entries of an object. */
export function entriesOf({ nodes }: JsonTape, node: number): number {
  const end = nodes[node + tapeNext]!;
  let count = 0;
  for (let name = node + tapeStep; name < end; name = nodes[name + tapeStep + tapeNext]!) count++;
  return count;
}

/**
 * Whether a list may go into its columns. A few bytes can stand for any number of nulls, as `[{},{},{}]` does where
 * elements have a thousand fields: such a list has no place, or one event would take all memory.
 */
export function hasRoom(tape: JsonTape, node: number, count: number, leaves: number): boolean {
  return leaves <= fewLeaves || count * leaves <= listLimit(tape, node);
}
