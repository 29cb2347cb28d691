import { type JsonTape, tapeFrom, tapeKind, tapeTo } from '../json/json-tape.ts';
import type { ColumnType } from './column-type.ts';

const minus = 0x2d;
const powersOfTen = Array.from({ length: 23 }, (_, i) => Number(`1e${i}`));
/** So many digits a double gives back as they were, and an integer of them is exact. */
const safeDigits = 15;

/**
 * Numbers and times of a JSON text, exactly or not at all: each method answers whether the value is one of the kind that
 * nothing is lost of, and leaves it in a field.
 */
export class JsonValue {
  /** Of an int64, its halves. */
  low = 0;
  high = 0;
  number = 0;

  /** An integer of 64 bits. */
  int64(tape: JsonTape, node: number): boolean {
    if (tape.nodes[node] !== tapeKind.integer) return false;
    return this.#integer(tape.bytes, tape.nodes[node + tapeFrom]!, tape.nodes[node + tapeTo]!);
  }

  /** An integer of 32 bits, in `number`. */
  int32(tape: JsonTape, node: number): boolean {
    if (!this.int64(tape, node)) return false;
    this.number = this.low | 0;
    return this.high === (this.number < 0 ? -1 : 0);
  }

  /** A number that a double gives back digit by digit (its shortest form has the same value). */
  double(tape: JsonTape, node: number): boolean {
    const kind = tape.nodes[node]!;
    if (kind !== tapeKind.integer && kind !== tapeKind.decimal) return false;
    const from = tape.nodes[node + tapeFrom]!;
    const to = tape.nodes[node + tapeTo]!;
    if (this.#shortDouble(tape.bytes, from, to)) return true;
    const text = tape.bytes.toString('latin1', from, to);
    this.number = Number(text);
    return Number.isFinite(this.number) && sameDecimal(text, String(this.number));
  }

  /** As `double`, of 32 bits. */
  float(tape: JsonTape, node: number): boolean {
    if (!this.double(tape, node)) return false;
    const rounded = Math.fround(this.number);
    return (
      Number.isFinite(rounded) && (rounded === this.number || Number(rounded.toPrecision(6)) === this.number)
    );
  }

  /** An instant in ms or us since 1970, as an int64: of a string of RFC 3339, or of a number that is it already. */
  timestamp(tape: JsonTape, node: number, { unit, isText }: ColumnType & { kind: 'timestamp' }): boolean {
    if (tape.nodes[node] !== tapeKind.text) return isText !== true && this.int64(tape, node);
    const micros = microsOf(plainText(tape, node));
    if (micros === null || (unit === 'ms' && micros % 1000n !== 0n)) return false;
    this.#split(unit === 'ms' ? micros / 1000n : micros);
    return true;
  }

  /** Days since 1970, in `number`: of `YYYY-MM-DD`, or of a number that is it already. */
  date(tape: JsonTape, node: number): boolean {
    if (tape.nodes[node] !== tapeKind.text) return this.int32(tape, node);
    const text = plainText(tape, node);
    const micros = /^\d{4}-\d\d-\d\d$/.test(text) ? microsOf(`${text}T00:00:00Z`) : null;
    if (micros === null) return false;
    this.number = Number(micros / 86_400_000_000n);
    return true;
  }

  /** A number, or a string of one, as units of ten to the power of -scale; null: it is none, or has more digits. */
  decimal(tape: JsonTape, node: number, precision: number, scale: number): bigint | null {
    const kind = tape.nodes[node]!;
    const isNumber = kind === tapeKind.integer || kind === tapeKind.decimal;
    if (!isNumber && kind !== tapeKind.text) return null;
    const text = isNumber
      ? tape.bytes.toString('latin1', tape.nodes[node + tapeFrom]!, tape.nodes[node + tapeTo]!)
      : plainText(tape, node);
    const { digits, exponent, isNegative } = decimalOf(text) ?? {
      digits: '',
      exponent: 0,
      isNegative: false,
    };
    if (digits === '') return null;
    if (digits === '0') return 0n;
    const zeros = exponent + scale;
    if (zeros < 0 || digits.length + zeros > precision) return null;
    const units = BigInt(digits) * 10n ** BigInt(zeros);
    return isNegative ? -units : units;
  }

  #integer(bytes: Buffer, from: number, to: number): boolean {
    const isNegative = bytes[from] === minus;
    const digits = to - from - (isNegative ? 1 : 0);
    if (digits > 19) return false;
    if (digits > safeDigits) {
      const value = BigInt(bytes.toString('latin1', from, to));
      if (BigInt.asIntN(64, value) !== value) return false;
      this.#split(value);
      return true;
    }
    let value = 0;
    for (let at = isNegative ? from + 1 : from; at < to; at++) value = value * 10 + bytes[at]! - 0x30;
    if (isNegative) value = -value;
    this.low = value | 0;
    this.high = Math.floor(value / 2 ** 32) | 0;
    return true;
  }

  #split(value: bigint): void {
    this.low = Number(BigInt.asIntN(32, value));
    this.high = Number(value >> 32n);
  }

  /** Few digits and no exponent: a division of two exact doubles is rounded once, as it should be. */
  #shortDouble(bytes: Buffer, from: number, to: number): boolean {
    const isNegative = bytes[from] === minus;
    let value = 0;
    let digits = 0;
    let fraction = -1;
    for (let at = isNegative ? from + 1 : from; at < to; at++) {
      const byte = bytes[at]!;
      if (byte === 0x2e) fraction = 0;
      else if (byte < 0x30 || byte > 0x39) return false;
      else {
        if (fraction >= 0) fraction++;
        if (digits > 0 || byte !== 0x30) digits++;
        if (digits > safeDigits || fraction > 22) return false;
        value = value * 10 + byte - 0x30;
      }
    }
    if (fraction > 0) value /= powersOfTen[fraction]!;
    this.number = isNegative ? -value : value;
    return true;
  }
}

/** What stands between the quotes of a string without escapes. */
function plainText(tape: JsonTape, node: number): string {
  return tape.bytes.toString('utf8', tape.nodes[node + tapeFrom]! + 1, tape.nodes[node + tapeTo]! - 1);
}

/** A number as its digits, without zeros around them, times ten to the power of `exponent`; null: it is none. */
function decimalOf(text: string): { digits: string; exponent: number; isNegative: boolean } | null {
  const [whole, sign, before = '', after = '', power = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text) ?? [];
  if (whole === undefined) return null;
  const all = `${before}${after}`.replace(/^0+/, '');
  const digits = withoutLastZeros(all);
  if (digits === '') return { digits: '0', exponent: 0, isNegative: false };
  const exponent = Number(power) - after.length + all.length - digits.length;
  return { digits, exponent, isNegative: sign === '-' };
}

/** No expression does that in one go: it begins anew at each zero of a run that a digit ends. */
function withoutLastZeros(digits: string): string {
  let end = digits.length;
  while (end > 0 && digits.charCodeAt(end - 1) === 0x30) end--;
  return digits.slice(0, end);
}

function sameDecimal(one: string, other: string): boolean {
  const a = decimalOf(one);
  const b = decimalOf(other);
  return (
    a !== null &&
    b !== null &&
    a.digits === b.digits &&
    a.exponent === b.exponent &&
    a.isNegative === b.isNegative
  );
}

const rfc3339 = /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?([Zz]|[+-]\d\d:\d\d)$/;

/** Microseconds since 1970 of a time of RFC 3339; null: it is none, there is no such day, or it is finer. */
export function microsOf(text: string): bigint | null {
  const found = rfc3339.exec(text);
  if (found === null) return null;
  const [year, month, day, hour, minute, second] = found.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const fraction = (found[7] ?? '').padEnd(9, '0');
  if (!fraction.endsWith('000')) return null;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return null;
  if (hour > 23 || minute > 59 || second > 59) return null;
  date.setUTCHours(hour, minute, second);
  const zone = found[8]!;
  let offsetMinutes = 0;
  if (zone.length === 6) {
    const hours = Number(zone.slice(1, 3));
    const minutes = Number(zone.slice(4));
    if (hours > 23 || minutes > 59) return null;
    offsetMinutes = (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes);
  }
  return BigInt(date.getTime() - offsetMinutes * 60_000) * 1000n + BigInt(fraction.slice(0, 6));
}
