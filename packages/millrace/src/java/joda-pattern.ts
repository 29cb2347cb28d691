import { MillraceError } from '../runtime/errors.ts';

/** A pattern of org.joda.time.format.DateTimeFormat, for parsing. */
export interface JodaPattern {
  /**
   * Unix ms of a text, in the zone of this machine where it names none. What the pattern leaves out is the first of
   * January, midnight, of 2000 where it has a month or a day, else of 1970. Throws `RangeError` where the text is no such date.
   */
  parse(text: string): number;
}

/** What has been read of a text so far. */
interface Fields {
  year: number;
  month: number;
  day: number;
  dayOfYear: number;
  dayOfWeek: number;
  hour: number;
  /** 0 to 11, with `pm`; -1: not given. */
  halfHour: number;
  pm: boolean;
  minute: number;
  second: number;
  millis: number;
  /** Minutes east of UTC; null: the machine's zone. */
  offsetMinutes: number | null;
}

/** Reads a field at `at`; the position behind it, or -1 where it isn't there. */
type Step = (text: string, at: number, fields: Fields) => number;

const months = 'january february march april may june july august september october november december'.split(
  ' ',
);
const weekdays = 'monday tuesday wednesday thursday friday saturday sunday'.split(' ');
/** The zone names that Joda reads without being given any. */
const zoneHours: Readonly<Record<string, number>> = {
  UT: 0,
  UTC: 0,
  GMT: 0,
  EST: -5,
  EDT: -4,
  CST: -6,
  CDT: -5,
  MST: -7,
  MDT: -6,
  PST: -8,
  PDT: -7,
};
const mostYearDigits = 9;

/** The numeric fields but the year: most digits, least and most value, and where it goes. */
const numbers: Readonly<
  Record<
    string,
    { digits: number; least: number; most: number; name: string; put(fields: Fields, n: number): void }
  >
> = {
  M: { digits: 2, least: 1, most: 12, name: 'monthOfYear', put: (f, n) => (f.month = n) },
  d: { digits: 2, least: 1, most: 31, name: 'dayOfMonth', put: (f, n) => (f.day = n) },
  D: { digits: 3, least: 1, most: 366, name: 'dayOfYear', put: (f, n) => (f.dayOfYear = n) },
  e: { digits: 1, least: 1, most: 7, name: 'dayOfWeek', put: (f, n) => (f.dayOfWeek = n) },
  H: { digits: 2, least: 0, most: 23, name: 'hourOfDay', put: (f, n) => (f.hour = n) },
  k: { digits: 2, least: 1, most: 24, name: 'clockhourOfDay', put: (f, n) => (f.hour = n % 24) },
  K: { digits: 2, least: 0, most: 11, name: 'hourOfHalfday', put: (f, n) => (f.halfHour = n) },
  h: { digits: 2, least: 1, most: 12, name: 'clockhourOfHalfday', put: (f, n) => (f.halfHour = n % 12) },
  m: { digits: 2, least: 0, most: 59, name: 'minuteOfHour', put: (f, n) => (f.minute = n) },
  s: { digits: 2, least: 0, most: 59, name: 'secondOfMinute', put: (f, n) => (f.second = n) },
};

/**
 * Reads a pattern: `y Y M d D e E a H k K h m s S z Z` and text in quotes, as Joda-Time documents them.
 * Throws `CONFIG_INVALID` for other letters (era, century, week years, zone ids), with their place.
 */
export function jodaPattern(pattern: string): JodaPattern {
  const steps = stepsOf(pattern);
  const year = /[MdDeE]/.test(pattern.replace(/'[^']*'/g, '')) ? 2000 : 1970;
  return {
    parse: (text) => {
      const fields: Fields = {
        ...{ year, month: 1, day: 1, dayOfYear: 0, dayOfWeek: 0, hour: 0, halfHour: -1, pm: false },
        ...{ minute: 0, second: 0, millis: 0, offsetMinutes: null },
      };
      let at = 0;
      for (const step of steps) {
        const next = step(text, at, fields);
        if (next < 0) throw malformed(text, `is malformed at "${text.slice(at)}"`);
        at = next;
      }
      if (at < text.length) throw malformed(text, `is malformed at "${text.slice(at)}"`);
      return instantOf(fields, text);
    },
  };
}

function malformed(text: string, what: string): RangeError {
  return new RangeError(`Cannot parse "${text}": it ${what}`);
}

function stepsOf(pattern: string): Step[] {
  const tokens = [...pattern.matchAll(/'((?:[^']|'')*)'|([A-Za-z])\2*|[^A-Za-z']|'/g)];
  return tokens.map((token, i) => {
    const [whole, quoted, letter] = token;
    if (whole === "'") throw invalid(pattern, token.index, 'a quote that nothing ends');
    if (quoted !== undefined) return literal(quoted === '' ? "'" : quoted.replaceAll("''", "'"));
    if (letter === undefined) return literal(whole);
    const step = fieldStep(letter, whole.length, isNumeric(tokens[i + 1]));
    if (step === null) throw invalid(pattern, token.index, `${whole} is not supported`);
    return step;
  });
}

function invalid(pattern: string, index: number, what: string): MillraceError {
  return new MillraceError('CONFIG_INVALID', `'${pattern}', character ${index + 1}: ${what}`);
}

function isNumeric(token: RegExpMatchArray | undefined): boolean {
  const letter = token?.[2];
  if (letter === undefined) return false;
  return letter === 'M' ? token![0].length < 3 : /[yYxdDeHkKhmsSw]/.test(letter);
}

function fieldStep(letter: string, width: number, numberFollows: boolean): Step | null {
  if (letter === 'y' || letter === 'Y') return year(width, numberFollows);
  if (letter === 'M' && width >= 3) return name(months, (fields, n) => (fields.month = n));
  if (letter === 'E') return name(weekdays, (fields, n) => (fields.dayOfWeek = n));
  if (letter === 'a') return halfday;
  if (letter === 'S') return fraction(width);
  if (letter === 'z') return zoneName;
  if (letter === 'Z') return width <= 2 ? offset : null;
  const number = numbers[letter];
  if (number === undefined) return null;
  return (text, at, fields) => {
    const end = digitsEnd(text, at, number.digits);
    if (end === at) return -1;
    const value = Number(text.slice(at, end));
    if (value < number.least || value > number.most) throw outside(text, value, number.name, number);
    number.put(fields, value);
    return end;
  };
}

function outside(
  text: string,
  value: number,
  name: string,
  { least, most }: { least: number; most: number },
): RangeError {
  return new RangeError(
    `Cannot parse "${text}": Value ${value} for ${name} must be in the range [${least},${most}]`,
  );
}

function digitsEnd(text: string, at: number, most: number): number {
  let end = at;
  while (end < text.length && end - at < most && text[end]! >= '0' && text[end]! <= '9') end++;
  return end;
}

/** Letters in any case. */
function literal(wanted: string): Step {
  const low = wanted.toLowerCase();
  return (text, at) => (text.slice(at, at + wanted.length).toLowerCase() === low ? at + wanted.length : -1);
}

/** Two digits lie in the 100 years that begin 80 years ago; any other number of them is the year itself. */
function year(width: number, numberFollows: boolean): Step {
  const most = width === 2 ? (numberFollows ? 2 : mostYearDigits) : numberFollows ? width : mostYearDigits;
  return (text, at, fields) => {
    const signed = width !== 2 && (text[at] === '-' || text[at] === '+');
    const from = signed ? at + 1 : at;
    const end = digitsEnd(text, from, most);
    if (end === from) return -1;
    const value = Number(text.slice(at, end));
    if (width === 2 && end - from === 2) {
      const lowest = new Date().getFullYear() - 80;
      fields.year = value + Math.ceil((lowest - value) / 100) * 100;
      return end;
    }
    if (width === 2 && numberFollows) return -1;
    fields.year = value;
    return end;
  };
}

/** The longest name that fits, whole or its first three letters. */
function name(names: readonly string[], put: (fields: Fields, n: number) => void): Step {
  return (text, at, fields) => {
    const low = text.slice(at, at + 9).toLowerCase();
    for (const short of [false, true]) {
      const n = names.findIndex((one) => low.startsWith(short ? one.slice(0, 3) : one));
      if (n < 0) continue;
      put(fields, n + 1);
      return at + (short ? 3 : names[n]!.length);
    }
    return -1;
  };
}

const halfday: Step = (text, at, fields) => {
  const two = text.slice(at, at + 2).toLowerCase();
  if (two !== 'am' && two !== 'pm') return -1;
  fields.pm = two === 'pm';
  if (fields.halfHour < 0) fields.halfHour = fields.hour % 12;
  return at + 2;
};

function fraction(width: number): Step {
  return (text, at, fields) => {
    const end = digitsEnd(text, at, width);
    if (end === at) return -1;
    fields.millis = Math.floor(Number(`0.${text.slice(at, end)}`) * 1000 + 1e-7);
    return end;
  };
}

const zoneName: Step = (text, at, fields) => {
  const word = /^[A-Z]+/.exec(text.slice(at))?.[0];
  if (word === undefined || !Object.hasOwn(zoneHours, word)) return -1;
  fields.offsetMinutes = zoneHours[word]! * 60;
  return at + word.length;
};

const offset: Step = (text, at, fields) => {
  const match = /^(?:Z|([+-])(\d\d)(?::?(\d\d))?)/.exec(text.slice(at));
  if (match === null) return -1;
  const [whole, sign, hours, minutes] = match;
  const size = Number(hours ?? 0) * 60 + Number(minutes ?? 0);
  fields.offsetMinutes = sign === '-' ? -size : size;
  return at + whole.length;
};

function instantOf(fields: Fields, text: string): number {
  const { year: y, month, minute, second, millis, offsetMinutes, dayOfYear, dayOfWeek } = fields;
  const hour = fields.halfHour < 0 ? fields.hour : fields.halfHour + (fields.pm ? 12 : 0);
  let day = fields.day;
  const inMonth = new Date(utc(y, month + 1, 0, 0, 0, 0, 0)).getUTCDate();
  if (day > inMonth) throw outside(text, day, 'dayOfMonth', { least: 1, most: inMonth });
  const date = new Date(dayOfYear > 0 ? utc(y, 1, dayOfYear, 0, 0, 0, 0) : utc(y, month, day, 0, 0, 0, 0));
  // A weekday moves the date within its week, as each field that is set does.
  if (dayOfWeek > 0) date.setUTCDate(date.getUTCDate() + dayOfWeek - (date.getUTCDay() || 7));
  day = date.getUTCDate();
  const [fullYear, zeroMonth] = [date.getUTCFullYear(), date.getUTCMonth()];
  if (offsetMinutes !== null) {
    return utc(fullYear, zeroMonth + 1, day, hour, minute, second, millis) - offsetMinutes * 60_000;
  }
  const local = new Date(2000, 0, 1, hour, minute, second, millis);
  local.setFullYear(fullYear, zeroMonth, day);
  local.setHours(hour, minute, second, millis);
  if (local.getHours() !== hour || local.getMinutes() !== minute)
    throw malformed(text, 'is no time of this zone: the clock was put forward over it');
  return local.getTime();
}

/** `Date.UTC` with a month from 1, and years below 100 as they are. */
function utc(
  y: number,
  month: number,
  day: number,
  hour: number,
  minute: number,
  second: number,
  ms: number,
): number {
  const date = new Date(0);
  date.setUTCFullYear(y, month - 1, day);
  return date.setUTCHours(hour, minute, second, ms);
}
