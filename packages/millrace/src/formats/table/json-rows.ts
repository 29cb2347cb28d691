import { GrowingBytes } from '../growing-bytes.ts';
import { type JsonTape, tapeFrom, tapeKind, tapeStep, tapeTo } from '../json/json-tape.ts';
import type { Column } from './column-type.ts';
import { textOf } from './json-text.ts';
import { MemberMatch } from './member-match.ts';
import type { TableWriter } from './table-writer.ts';

/** What becomes of a field that is no column, or whose value is not of its column's type. */
export type Misfits = 'rest' | 'refuse' | 'drop';

export interface JsonRowsOptions {
  readonly columns: readonly Column[];
  /** Of these columns, by index, the texts are given with each row, and fields of that name are misfits. */
  readonly given: readonly number[];
  /** The column that has misfits as a JSON object; null: there is none. */
  readonly rest: number | null;
  readonly misfits: Misfits;
}

const openBrace = 0x7b;
const closeBrace = 0x7d;
const comma = 0x2c;
const colon = 0x3a;
/** Writes JSON objects as rows of a table. */
export class JsonRows {
  readonly #writer: TableWriter;
  readonly #options: JsonRowsOptions;
  readonly #match: MemberMatch;
  /** Of each column, which of the given texts it has; -1: none. */
  readonly #given: readonly number[];
  readonly #rest = new GrowingBytes(256);

  constructor(writer: TableWriter, options: JsonRowsOptions) {
    this.#writer = writer;
    this.#options = options;
    this.#given = options.columns.map((_, i) => options.given.indexOf(i));
    this.#match = new MemberMatch(
      options.columns.map(({ name }, i) => (this.#given[i]! >= 0 || i === options.rest ? null : name)),
    );
  }

  /**
   * Writes the object that the tape holds; `given`: a text for each of the given columns, or undefined. Null: done; else
   * why it has no place, and the row has to be taken back.
   */
  write(tape: JsonTape, given: readonly (string | undefined)[]): string | null {
    const { columns, misfits, rest } = this.#options;
    const { fields } = this.#writer;
    const match = this.#match;
    match.match(tape, 0);
    this.#rest.length = 0;
    if (misfits !== 'drop') {
      for (const name of match.unknown) {
        if (misfits === 'refuse') return `it has a field '${shown(textOf(tape, name))}', which is no column`;
        this.#addRest(tape, name);
      }
    }
    for (let i = 0; i < fields.length; i++) {
      if (i === rest) continue;
      const givenAt = this.#given[i]!;
      if (givenAt >= 0) {
        const text = given[givenAt];
        if (text === undefined) {
          if (!fields[i]!.writeNull()) return `its header '${columns[i]!.name}' is missing`;
        } else {
          const bytes = Buffer.from(text);
          fields[i]!.writeText(bytes, 0, bytes.length);
        }
        continue;
      }
      const value = match.slots[i]!;
      const isThere = value >= 0 && tape.nodes[value] !== tapeKind.null;
      if (isThere && fields[i]!.write(tape, value)) continue;
      if (isThere) {
        if (misfits !== 'rest') return misfitOf(columns[i]!);
        if (!fields[i]!.writeNull()) return misfitOf(columns[i]!);
        this.#addRest(tape, value - tapeStep);
      } else if (!fields[i]!.writeNull()) return `its field '${columns[i]!.name}' is missing or null`;
    }
    if (rest !== null) this.#endRest(fields[rest]!);
    this.#writer.endRow();
    return null;
  }

  #addRest({ nodes, bytes }: JsonTape, name: number): void {
    const rest = this.#rest;
    rest.byte(rest.length === 0 ? openBrace : comma);
    rest.copy(bytes, nodes[name + tapeFrom]!, nodes[name + tapeTo]!);
    rest.byte(colon);
    rest.copy(bytes, nodes[name + tapeStep + tapeFrom]!, nodes[name + tapeStep + tapeTo]!);
  }

  #endRest(field: TableWriter['fields'][number]): void {
    if (this.#rest.length === 0) {
      field.writeNull();
      return;
    }
    this.#rest.byte(closeBrace);
    field.writeText(this.#rest.view(), 0, this.#rest.length);
  }
}

function misfitOf({ name, type }: Column): string {
  return `its field '${shown(name)}' has no place in a column of ${type.kind}`;
}

function shown(name: string): string {
  return name.length > 60 ? `${name.slice(0, 60)}…` : name;
}
