import { unescapeJson } from '../../formats/json/json-fields.ts';
import type { Rows } from './database.ts';
import { cellKind, type EventCells } from './event-cells.ts';

/** How a column wants its cells. */
export type CellForm =
  | 'text'
  /** JSON, to the letter. */
  | 'json'
  /** Bytes in hexadecimal digits behind `\x`. */
  | 'bytes'
  /** A whole number: times are Unix ms. */
  | 'number';

const tab = 0x09;
const newline = 0x0a;
const backslash = 0x5c;
const letterOf: Readonly<Record<number, number>> = { 9: 0x74, 10: 0x6e, 13: 0x72, 92: 0x5c };

const halfPair = 'a text has half of a surrogate pair, which is no character';

/**
 * Rows as text, a line each, cells separated by tabs: what PostgreSQL's COPY and ClickHouse's TabSeparated read. Nothing
 * in a cell can end it. Zero bytes and bytes that are no UTF-8 go as they are: the database says what it thinks of them.
 */
export class TextRows implements Rows {
  readonly forms: readonly CellForm[];
  #out: Buffer;
  #at = 0;
  #ends = new Float64Array(1024);
  #count = 0;
  #scratch: Buffer = Buffer.alloc(0);

  /** `sizeBytes`: about what the events have, so that the lines seldom have to move. */
  constructor(forms: readonly CellForm[], sizeBytes = 0) {
    this.forms = forms;
    this.#out = Buffer.allocUnsafe(sizeBytes + (sizeBytes >> 2) + 64 * 1024);
  }

  get count(): number {
    return this.#count;
  }

  /** The lines of rows `from` to `to` (exclusive). */
  lines(from: number, to: number): Buffer {
    return this.#out.subarray(this.#startOf(from), this.#startOf(to));
  }

  #startOf(row: number): number {
    return row === 0 ? 0 : this.#ends[row - 1]!;
  }

  add(cells: EventCells): string | null {
    const start = this.#at;
    for (let column = 0; column < this.forms.length; column++) {
      this.#room(2);
      if (column > 0) this.#out[this.#at++] = tab;
      if (this.#cell(cells, column)) continue;
      this.#at = start;
      return halfPair;
    }
    this.#room(1);
    this.#out[this.#at++] = newline;
    if (this.#count === this.#ends.length) {
      const larger = new Float64Array(this.#count * 2);
      larger.set(this.#ends);
      this.#ends = larger;
    }
    this.#ends[this.#count++] = this.#at;
    return null;
  }

  #cell(cells: EventCells, column: number): boolean {
    const form = this.forms[column]!;
    const kind = cells.kind[column]!;
    const { bytes } = cells;
    const from = cells.from[column]!;
    const to = cells.to[column]!;
    switch (kind) {
      case cellKind.absent:
        this.#null();
        return true;
      case cellKind.jsonNull:
        if (form === 'json') this.#plain('null');
        else this.#null();
        return true;
      case cellKind.jsonString:
        if (form === 'json') this.#escaped(bytes, from, to);
        else return this.#unescaped(bytes, from, to, form);
        return true;
      case cellKind.jsonScalar:
      case cellKind.jsonNested:
      case cellKind.bytes:
        this.#formed(bytes, from, to, form);
        return true;
      case cellKind.time:
        this.#plain(form === 'number' ? cells.text[column]! : timeText(cells.text[column]!, form));
        return true;
      default:
        return this.#text(cells.text[column]!, kind, form);
    }
  }

  #text(text: string, kind: number, form: CellForm): boolean {
    if (form === 'text' && this.#ascii(text)) return true;
    if (!text.isWellFormed()) return false;
    const value = Buffer.from(
      form === 'json' && kind === cellKind.text ? JSON.stringify(text) : text,
      'utf8',
    );
    this.#formed(value, 0, value.length, form);
    return true;
  }

  /** Most texts are short and plain: they need no buffer of their own. False: this one is not, and nothing is written. */
  #ascii(text: string): boolean {
    this.#room(2 * text.length);
    const out = this.#out;
    let at = this.#at;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code >= 0x80) return false;
      if (code === backslash || code === newline || code === tab || code === 0x0d) {
        out[at++] = backslash;
        out[at++] = letterOf[code]!;
      } else out[at++] = code;
    }
    this.#at = at;
    return true;
  }

  #unescaped(bytes: Buffer, from: number, to: number, form: CellForm): boolean {
    if (this.#scratch.length < to - from) this.#scratch = Buffer.allocUnsafe((to - from) * 2);
    const length = unescapeJson(bytes, from, to, this.#scratch);
    if (length === -1) return false;
    this.#formed(this.#scratch, 0, length, form);
    return true;
  }

  #formed(bytes: Buffer, from: number, to: number, form: CellForm): void {
    if (form === 'bytes') this.#hex(bytes, from, to);
    else this.#escaped(bytes, from, to);
  }

  #null(): void {
    this.#room(2);
    this.#out[this.#at++] = backslash;
    this.#out[this.#at++] = 0x4e;
  }

  /** Text without anything to escape. */
  #plain(text: string): void {
    this.#room(text.length);
    this.#at += this.#out.write(text, this.#at, 'latin1');
  }

  #hex(bytes: Buffer, from: number, to: number): void {
    this.#room(3 + 2 * (to - from));
    this.#at += this.#out.write('\\\\x', this.#at, 'latin1');
    this.#at += this.#out.write(bytes.toString('hex', from, to), this.#at, 'latin1');
  }

  #escaped(bytes: Buffer, from: number, to: number): void {
    this.#room(2 * (to - from));
    const out = this.#out;
    let at = this.#at;
    for (let i = from; i < to; i++) {
      const byte = bytes[i]!;
      if (byte === backslash || byte === newline || byte === tab || byte === 0x0d) {
        out[at++] = backslash;
        out[at++] = letterOf[byte]!;
      } else out[at++] = byte;
    }
    this.#at = at;
  }

  #room(bytes: number): void {
    const needed = this.#at + bytes;
    if (needed <= this.#out.length) return;
    const larger = Buffer.allocUnsafe(Math.max(needed, this.#out.length * 2));
    this.#out.copy(larger, 0, 0, this.#at);
    this.#out = larger;
  }
}

function timeText(digits: string, form: CellForm): string {
  const time = new Date(Number(digits));
  const text = Number.isNaN(time.getTime()) ? digits : time.toISOString();
  return form === 'json' ? JSON.stringify(text) : text;
}
