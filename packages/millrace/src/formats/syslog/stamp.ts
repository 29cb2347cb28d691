/** The two ways in which syslog writes a time: ISO 8601 (RFC 5424), and a month's name without a year (RFC 3164). */

const minuteMs = 60_000;
const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

export const isDigit = (byte: number | undefined): boolean =>
  byte !== undefined && byte >= 0x30 && byte <= 0x39;

/** So many digits at a place as a number; -1 where one is none. */
export function digitsAt(bytes: Buffer, at: number, count: number): number {
  let value = 0;
  for (let i = at; i < at + count; i++) {
    const byte = bytes[i];
    if (!isDigit(byte)) return -1;
    value = value * 10 + byte! - 0x30;
  }
  return value;
}

/** Unix ms of a date and time, too large a part running over into the next, as Java's lenient calendars do. */
export function lenientTime(
  zone: 'utc' | 'local',
  year: number,
  month: number,
  day: number,
  seconds: number,
  ms: number,
): number {
  const date = new Date(0);
  if (zone === 'utc') {
    date.setUTCFullYear(year, month, day);
    return date.getTime() + seconds * 1000 + ms;
  }
  date.setFullYear(year, month, day);
  date.setHours(0, 0, seconds, ms);
  return date.getTime();
}

/** `yyyy-MM-ddTHH:mm:ss` at a place, in the zone; NaN where there is none. */
export function isoSecond(bytes: Buffer, at: number, zone: 'utc' | 'local'): number {
  const [dash, colon] = [0x2d, 0x3a];
  if (bytes[at + 4] !== dash || bytes[at + 7] !== dash || bytes[at + 10] !== 0x54) return Number.NaN;
  if (bytes[at + 13] !== colon || bytes[at + 16] !== colon) return Number.NaN;
  const year = digitsAt(bytes, at, 4);
  const month = digitsAt(bytes, at + 5, 2);
  const day = digitsAt(bytes, at + 8, 2);
  const hour = digitsAt(bytes, at + 11, 2);
  const minute = digitsAt(bytes, at + 14, 2);
  const second = digitsAt(bytes, at + 17, 2);
  if (year < 0 || month < 0 || day < 0 || hour < 0 || minute < 0 || second < 0) return Number.NaN;
  const seconds = hour * 3600 + minute * 60 + second;
  if (zone === 'utc' && year >= 100) return Date.UTC(year, month - 1, day) + seconds * 1000;
  return lenientTime(zone, year, month - 1, day, seconds, 0);
}

/** Bytes of `yyyy-MM-ddTHH:mm:ss`. */
export const isoSecondBytes = 19;

/** `+hh:mm` or `-hh:mm` at a place, in ms; NaN where there is none. */
export function offsetAt(bytes: Buffer, at: number): number {
  const sign = bytes[at] === 0x2b ? 1 : bytes[at] === 0x2d ? -1 : 0;
  const hours = digitsAt(bytes, at + 1, 2);
  const minutes = digitsAt(bytes, at + 4, 2);
  if (sign === 0 || hours < 0 || minutes < 0 || bytes[at + 3] !== 0x3a) return Number.NaN;
  return sign * (hours * 60 + minutes) * minuteMs;
}

/** Number of a month (0 to 11) by its three letters in any case; -1 where they are none. */
export function monthAt(bytes: Buffer, at: number): number {
  const letters = ((bytes[at]! | 0x20) << 16) | ((bytes[at + 1]! | 0x20) << 8) | (bytes[at + 2]! | 0x20);
  return monthCodes.indexOf(letters);
}
const monthCodes = months.map(
  (name) => (name.charCodeAt(0) << 16) | (name.charCodeAt(1) << 8) | name.charCodeAt(2),
);

/**
 * A time without a year, in the year that puts it between eleven months ago and a month ahead. `year` is what it is in
 * now, in UTC.
 */
export function yearlessTime(
  zone: 'utc' | 'local',
  nowMs: number,
  month: number,
  day: number,
  seconds: number,
): number {
  const year = new Date(nowMs).getUTCFullYear();
  const time = lenientTime(zone, year, month, day, seconds, 0);
  if (time > nowMs && addMonths(zone, time, -1) > nowMs) return addMonths(zone, time, -12);
  if (time < nowMs && addMonths(zone, time, 11) < nowMs) return addMonths(zone, time, 12);
  return time;
}

/** So many months later, on the month's last day where it has no such day, as Java's Calendar.add. */
export function addMonths(zone: 'utc' | 'local', ms: number, count: number): number {
  const date = new Date(ms);
  if (zone === 'utc') {
    const day = date.getUTCDate();
    date.setUTCDate(1);
    date.setUTCMonth(date.getUTCMonth() + count);
    const last = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
    date.setUTCDate(Math.min(day, last));
    return date.getTime();
  }
  const day = date.getDate();
  date.setDate(1);
  date.setMonth(date.getMonth() + count);
  date.setDate(Math.min(day, new Date(date.getFullYear(), date.getMonth() + 1, 0).getDate()));
  return date.getTime();
}
