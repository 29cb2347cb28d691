/**
 * Syslog as Flume's multiport_syslogtcp reads it (org.apache.flume.source.SyslogParser), by what stands where:
 *
 *     <PRI>["1 "](- | MMM dd HH:mm:ss | anything that begins as yyyy-MM-ddTHH:mm:ss[.digits][±hh:mm|Z]) host " " body
 *
 * A message that has no such beginning is none at all. Times without an offset are UTC.
 */
import type { SyslogMessage } from './message.ts';
import { digitsAt, isDigit, isoSecond, isoSecondBytes, monthAt, offsetAt, yearlessTime } from './stamp.ts';

const [open, close, dash, dot, blank] = [0x3c, 0x3e, 0x2d, 0x2e, 0x20];
const lastPlaceOfClose = 6;
/** Java's characters, wherever they are several bytes. */
const datedChars = 15;
/** More digits of a fraction are beyond Java's long. */
const mostFractionDigits = 18;

export class PositionParser {
  readonly #now: () => number;

  /** `now`: Unix ms; also what `-` stands for in place of a time. */
  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** Reads `bytes[from, to)`, a message without its newline. Never throws; `understood` says whether it is one. */
  parse(bytes: Buffer, from: number, to: number, message: SyslogMessage): void {
    message.clear();
    let at = readPriority(bytes, from, to, message);
    if (at < 0 || at >= to) return;
    if (to > at + 2 && bytes[at] === 0x31 && bytes[at + 1] === blank) {
      message.versionFrom = at;
      message.versionTo = at + 1;
      at += 2;
    }
    const stampEnd = this.#stamp(bytes, at, to, message);
    if (stampEnd < 0) return;
    const hostFrom = behindChars(bytes, stampEnd, to, 1);
    const hostTo = indexOfBlank(bytes, hostFrom, to);
    if (hostTo < 0) return;
    message.hostFrom = hostFrom;
    message.hostTo = hostTo;
    message.bodyFrom = hostTo + 1;
    message.bodyTo = to;
    message.understood = true;
  }

  /** Where the stamp ends, which one character follows before the host; -1: it is none. */
  #stamp(bytes: Buffer, at: number, to: number, message: SyslogMessage): number {
    const first = bytes[at]!;
    let end: number;
    if (first === dash) {
      const behind = behindChars(bytes, at, to, 2);
      if (behind < 0 || behind >= to) return -1;
      message.timestampMs = this.#now();
      end = at + 1;
    } else if (first >= 0x41 && first <= 0x5a) {
      end = behindChars(bytes, at, to, datedChars);
      if (end < 0 || end >= to) return -1;
      message.timestampMs = datedTime(bytes, at, this.#now());
    } else {
      end = indexOfBlank(bytes, at, to);
      const ms = end < 0 ? Number.NaN : isoTime(bytes, at, end);
      if (Number.isNaN(ms)) return -1;
      message.timestampMs = ms;
    }
    message.stampFrom = at;
    message.stampTo = end;
    return end;
  }
}

function readPriority(bytes: Buffer, from: number, to: number, message: SyslogMessage): number {
  if (from >= to || bytes[from] !== open) return -1;
  let end = from + 1;
  let value = 0;
  while (end < to && end <= from + lastPlaceOfClose && isDigit(bytes[end])) {
    value = value * 10 + bytes[end]! - 0x30;
    end++;
  }
  if (end === from + 1 || end > from + lastPlaceOfClose || bytes[end] !== close || end >= to) return -1;
  message.priority = value;
  message.priorityFrom = from + 1;
  message.priorityTo = end;
  return end + 1;
}

/** Unix ms of a time without year in UTC; 0 where it is none, as in Flume. */
function datedTime(bytes: Buffer, at: number, nowMs: number): number {
  const month = monthAt(bytes, at);
  const twoDigits = isDigit(bytes[at + 4]);
  const day = twoDigits ? digitsAt(bytes, at + 4, 2) : digitsAt(bytes, at + 5, 1);
  const [hour, minute, second] = [
    digitsAt(bytes, at + 7, 2),
    digitsAt(bytes, at + 10, 2),
    digitsAt(bytes, at + 13, 2),
  ];
  const inPlace =
    bytes[at + 3] === blank &&
    (twoDigits || bytes[at + 4] === blank) &&
    bytes[at + 6] === blank &&
    bytes[at + 9] === 0x3a &&
    bytes[at + 12] === 0x3a;
  if (!inPlace || month < 0 || day < 1 || day > daysOf(2000, month) || !isClock(hour, minute, second))
    return 0;
  const year = new Date(nowMs).getUTCFullYear();
  return yearlessTime(
    'utc',
    nowMs,
    month,
    Math.min(day, daysOf(year, month)),
    hour * 3600 + minute * 60 + second,
  );
}

/** Unix ms of what stands before the blank; NaN where it is no time. What follows an offset is not looked at. */
function isoTime(bytes: Buffer, at: number, to: number): number {
  if (to - at <= isoSecondBytes) return Number.NaN;
  let ms = isoSecond(bytes, at, 'utc');
  if (Number.isNaN(ms) || !isCalendar(bytes, at)) return Number.NaN;
  let end = at + isoSecondBytes;
  if (bytes[end] === dot) {
    const first = end + 1;
    for (end = first; end < to && isDigit(bytes[end]); end++);
    const digits = end - first;
    if (digits === 0 || digits > mostFractionDigits || end === to) return Number.NaN;
    for (let i = 0, unit = 100; i < Math.min(digits, 3); i++, unit /= 10)
      ms += (bytes[first + i]! - 0x30) * unit;
  }
  if (bytes[end] !== 0x2b && bytes[end] !== dash) return ms;
  return to > end + 5 ? ms - offsetAt(bytes, end) : Number.NaN;
}

function isCalendar(bytes: Buffer, at: number): boolean {
  const month = digitsAt(bytes, at + 5, 2) - 1;
  const day = digitsAt(bytes, at + 8, 2);
  if (month < 0 || month > 11 || day < 1 || day > daysOf(digitsAt(bytes, at, 4), month)) return false;
  return isClock(digitsAt(bytes, at + 11, 2), digitsAt(bytes, at + 14, 2), digitsAt(bytes, at + 17, 2));
}

const isClock = (hour: number, minute: number, second: number): boolean =>
  hour >= 0 && hour <= 23 && minute >= 0 && minute <= 59 && second >= 0 && second <= 59;

function daysOf(year: number, month: number): number {
  if (month !== 1) return month === 3 || month === 5 || month === 8 || month === 10 ? 30 : 31;
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
}

/** Behind so many of Java's characters (UTF-16) of a text in UTF-8; -1: there are fewer. What is no UTF-8 counts by bytes. */
function behindChars(bytes: Buffer, from: number, to: number, count: number): number {
  let at = from;
  for (let left = count; left > 0; ) {
    if (at >= to) return -1;
    const length = sequenceBytes(bytes, at, to);
    at += length;
    left -= length === 4 ? 2 : 1;
  }
  return at;
}

function sequenceBytes(bytes: Buffer, at: number, to: number): number {
  const first = bytes[at]!;
  const length = first < 0xc2 || first > 0xf4 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  if (at + length > to) return 1;
  for (let i = 1; i < length; i++) if ((bytes[at + i]! & 0xc0) !== 0x80) return 1;
  return length;
}

function indexOfBlank(bytes: Buffer, from: number, to: number): number {
  for (let i = from; i < to; i++) if (bytes[i] === blank) return i;
  return -1;
}
