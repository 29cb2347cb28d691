/** Numbers as Java reads them in a component's options, and what to say of those that are none. */
import { javaTrim } from '../java/blanks.ts';
import type { BytesOption, DurationOption, IntOption } from './options.ts';
import { type Property, shownValue } from './properties-model.ts';

export type NumberOption = IntOption | BytesOption | DurationOption;

/** "Comments need a line of their own", where a value looks as if it had one: `500 # five`. */
export function commentHint(property: Property): string | undefined {
  const comment = /\s+(?:#|!|\/\/|;)(?:\s|$)/.exec(property.value) ?? /\s+#/.exec(property.value);
  if (comment === null) return undefined;
  const before = shownValue({ ...property, value: property.value.slice(0, comment.index).trim() });
  return `a comment needs a line of its own; write ${property.key} = ${before}`;
}

const factors = new Map(
  Object.entries({
    k: 1000,
    kb: 1024,
    m: 1e6,
    mb: 1024 ** 2,
    g: 1e9,
    gb: 1024 ** 3,
  }),
);

const javaInt = { min: -(2 ** 31), max: 2 ** 31 - 1 };

/** What Java's parse makes of it; undefined where it throws. */
export function numberOf(property: Property, { java }: NumberOption): number | undefined {
  const number = parseJavaInteger(property.value);
  if (number === undefined || java === 'long') return number;
  return number >= javaInt.min && number <= javaInt.max ? number : undefined;
}

export const highest = ({ java }: NumberOption): number =>
  java === 'long' ? Number.MAX_SAFE_INTEGER : javaInt.max;

/** Beyond this a duration is as good as for ever. */
export function longest(option: NumberOption): number {
  return option.kind === 'duration' && option.unit === 's'
    ? Math.floor(Number.MAX_SAFE_INTEGER / 1000)
    : Number.MAX_SAFE_INTEGER;
}

export function faultOf(property: Property, number: number | undefined, min: number, max: number): string {
  if (number === undefined) {
    const isWhole = parseJavaInteger(property.value) !== undefined;
    return `"${shownValue(property)}" is ${isWhole ? `beyond ${javaInt.max}, the largest that is read here` : 'not a whole number'}`;
  }
  return number < min ? `${number} is less than ${min}` : `${number} is more than ${max}`;
}

export function rangeHint({ unit }: NumberOption, min: number, max: number): string {
  const from = Number.isFinite(min) ? `from ${min}` : '';
  const to = max >= javaInt.max ? '' : ` to ${max}`;
  const range = from + to === '' ? '' : ` ${(from + to).trim()}`;
  return `write a whole number${range}${unit === undefined ? '' : ` (${unit})`}`;
}

export function unitHint(property: Property, unit: string | undefined): string | undefined {
  if (unit === undefined) return undefined;
  const parts = /^(\d{1,6})\s*([a-z]+)$/i.exec(property.value.trim());
  const times = parts === null ? undefined : factors.get(parts[2]!.toLowerCase());
  if (parts === null || property.written !== undefined) return undefined;
  if (times === undefined || (unit !== 'bytes' && unit !== 'events')) {
    return `numbers have no units; the unit is ${unit}`;
  }
  return `numbers have no units; write ${Number(parts[1]) * times}`;
}

const longMax = 9223372036854775807n;

/** The digits of all scripts as those of ASCII. Each script's ten stand together, from a code that ends in 0 or 6. */
function asciiDigits(text: string): string {
  return text.replace(/(?![0-9])[\p{Nd}&&[\0-\uFFFF]]/gv, (digit) => {
    const code = digit.charCodeAt(0);
    const row = code & ~0xf;
    const zero = /\p{Nd}/u.test(String.fromCharCode(row)) ? row : row + 6;
    return String(code - zero);
  });
}

/**
 * `Long.parseLong` after a trim: decimal digits, of any script as `Character.digit` has them, with an optional sign.
 * Beyond what a number holds exactly it is cut to `Number.MAX_SAFE_INTEGER`; beyond a Java long it is no number.
 */
export function parseJavaInteger(text: string): number | undefined {
  const digits = asciiDigits(javaTrim(text));
  if (!/^[+-]?\d{1,40}$/.test(digits)) return undefined;
  const number = Number(digits);
  if (Number.isSafeInteger(number)) return number === 0 ? 0 : number;
  const exact = BigInt(digits.replace(/^\+/, ''));
  if (exact > longMax || exact < -longMax - 1n) return undefined;
  return exact > 0n ? Number.MAX_SAFE_INTEGER : Number.MIN_SAFE_INTEGER;
}
