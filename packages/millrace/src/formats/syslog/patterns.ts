/**
 * Syslog as Flume's syslogtcp and syslogudp read it (org.apache.flume.source.SyslogUtils): the priority first, then one
 * of two patterns of the whole message, without the regular expressions and without text:
 *
 *     <PRI> [digit] [space] (yyyy-MM-ddTHH:mm:ss[.1-6 digits][±hh:mm|Z] | -) space (host | -) space body
 *     <PRI> [digit] [space] MMM (1 or 2 spaces) (1 or 2 digits) space HH:mm:ss space host space body
 *
 * `space` is one of tab, VT, FF, CR and blank; the body has no character at which Java's `.` stops. What fits neither
 * has its priority alone.
 */
import type { SyslogMessage } from './message.ts';
import { digitsAt, isDigit, isoSecond, isoSecondBytes, monthAt, offsetAt, yearlessTime } from './stamp.ts';

const [open, close, dash, dot, at, blank, tab] = [0x3c, 0x3e, 0x2d, 0x2e, 0x40, 0x20, 0x09];
const mostPriorityDigits = 3;

export class PatternParser {
  readonly #now: () => number;
  /** The time without a year that was last read, since the next is likely the same: its bytes, when, what it is. */
  readonly #known = Buffer.alloc(16);
  #knownBytes = 0;
  #knownAt = Number.NEGATIVE_INFINITY;
  #knownMs = Number.NaN;

  /** `now`: Unix ms. */
  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** Reads `bytes[from, to)`, a message without its newline. Never throws; everything is in `message` afterwards. */
  parse(bytes: Buffer, from: number, to: number, message: SyslogMessage): void {
    message.clear();
    const start = readPriority(bytes, from, to, message);
    if (start < 0 || start > to) return;
    const lastReturn = lastCarriageReturn(bytes, start, to);
    if (lastReturn === unfit) return;
    // As the pattern tries them: digit and space, digit, space, neither.
    const digit = start < to && isDigit(bytes[start]);
    for (let withDigit = digit ? 1 : 0; withDigit >= 0; withDigit--) {
      const after = start + withDigit;
      for (let withSpace = after < to && isSpace(bytes[after]!) ? 1 : 0; withSpace >= 0; withSpace--) {
        const begin = after + withSpace;
        if (
          (this.#iso(bytes, begin, to, message) || this.#dated(bytes, begin, to, message)) &&
          lastReturn < message.bodyFrom
        ) {
          message.versionFrom = start;
          message.versionTo = after;
          message.understood = true;
          return;
        }
      }
    }
  }

  #iso(bytes: Buffer, begin: number, to: number, message: SyslogMessage): boolean {
    let end = begin + 1;
    let ms = Number.NaN;
    if (bytes[begin] !== dash) {
      end = begin + isoSecondBytes;
      if (end >= to) return false;
      const utc = isoSecond(bytes, begin, 'utc');
      if (Number.isNaN(utc)) return false;
      let fraction = 0;
      if (bytes[end] === dot) {
        let digits = end + 1;
        while (digits < to && digits <= end + 6 && isDigit(bytes[digits])) digits++;
        if (digits === end + 1) return false;
        for (let i = 0; i < 3; i++)
          fraction = fraction * 10 + (end + 1 + i < digits ? bytes[end + 1 + i]! - 0x30 : 0);
        end = digits;
      }
      if (bytes[end] === 0x5a) {
        ms = utc + fraction;
        end += 1;
      } else if (end + 6 <= to && !Number.isNaN(offsetAt(bytes, end))) {
        ms = utc + fraction - offsetAt(bytes, end);
        end += 6;
      } else ms = isoSecond(bytes, begin, 'local') + fraction;
    }
    if (!readHostAndBody(bytes, end, to, message, true)) return false;
    message.stampFrom = begin;
    message.stampTo = bytes[begin] === dash ? begin : end;
    message.timestampMs = ms;
    return true;
  }

  #dated(bytes: Buffer, begin: number, to: number, message: SyslogMessage): boolean {
    const end = endOfDate(bytes, begin, to);
    if (end < 0 || !readHostAndBody(bytes, end, to, message, false)) return false;
    message.stampFrom = begin;
    message.stampTo = end;
    message.timestampMs = this.#timeOf(bytes, begin, end);
    return true;
  }

  #timeOf(bytes: Buffer, from: number, to: number): number {
    const nowMs = this.#now();
    const length = to - from;
    // The year may be another one a moment later.
    const fresh = nowMs - this.#knownAt < 1000 && nowMs >= this.#knownAt;
    if (fresh && length === this.#knownBytes && bytes.compare(this.#known, 0, length, from, to) === 0)
      return this.#knownMs;
    this.#knownBytes = bytes.copy(this.#known, 0, from, to);
    this.#knownAt = nowMs;
    this.#knownMs = datedTime(bytes, from, to, nowMs);
    return this.#knownMs;
  }
}

/** Reads `<PRI>`; gives where the rest begins, or -1 where there is no priority. */
function readPriority(bytes: Buffer, from: number, to: number, message: SyslogMessage): number {
  if (from >= to || bytes[from] !== open) return -1;
  let end = from + 1;
  let value = 0;
  while (end < to && isDigit(bytes[end])) {
    if (end - from > mostPriorityDigits) return -1;
    value = value * 10 + bytes[end]! - 0x30;
    end++;
  }
  if (end === from + 1 || (end < to && bytes[end] !== close)) return -1;
  message.priority = value;
  message.priorityFrom = from + 1;
  message.priorityTo = end;
  return end + 1;
}

/** Where the date of `MMM d HH:mm:ss` ends; -1 where there is none. */
function endOfDate(bytes: Buffer, begin: number, to: number): number {
  if (begin + 14 > to) return -1;
  if (!isUpper(bytes[begin]!) || !isLower(bytes[begin + 1]!) || !isLower(bytes[begin + 2]!)) return -1;
  let i = begin + 3;
  if (!isSpace(bytes[i]!)) return -1;
  i += isSpace(bytes[i + 1]!) ? 2 : 1;
  if (!isDigit(bytes[i])) return -1;
  i += isDigit(bytes[i + 1]) ? 2 : 1;
  const isTime =
    i + 9 <= to &&
    isSpace(bytes[i]!) &&
    digitsAt(bytes, i + 1, 2) >= 0 &&
    bytes[i + 3] === 0x3a &&
    digitsAt(bytes, i + 4, 2) >= 0 &&
    bytes[i + 6] === 0x3a &&
    digitsAt(bytes, i + 7, 2) >= 0;
  return isTime ? i + 9 : -1;
}

/** NaN where the month is none, or blanks are not where Java's format has them. */
function datedTime(bytes: Buffer, from: number, to: number, nowMs: number): number {
  const month = monthAt(bytes, from);
  const clock = to - 8;
  const second = bytes[from + 4]!;
  if (month < 0 || bytes[from + 3] !== blank || bytes[clock - 1] !== blank) return Number.NaN;
  if (!isDigit(second) && second !== blank && second !== tab) return Number.NaN;
  const dayFrom = isDigit(second) ? from + 4 : from + 5;
  const day = digitsAt(bytes, dayFrom, clock - 1 - dayFrom);
  const seconds =
    digitsAt(bytes, clock, 2) * 3600 + digitsAt(bytes, clock + 3, 2) * 60 + digitsAt(bytes, clock + 6, 2);
  return yearlessTime('local', nowMs, month, day, seconds);
}

function readHostAndBody(
  bytes: Buffer,
  stampEnd: number,
  to: number,
  message: SyslogMessage,
  mayBeDash: boolean,
): boolean {
  if (stampEnd >= to || !isSpace(bytes[stampEnd]!)) return false;
  const hostFrom = stampEnd + 1;
  let hostTo = hostFrom;
  if (hostFrom >= to) return false;
  if (isWord(bytes[hostFrom]!)) {
    hostTo++;
    while (hostTo < to && isHostByte(bytes[hostTo]!)) hostTo++;
  } else if (!mayBeDash || bytes[hostFrom] !== dash) return false;
  const end = hostTo === hostFrom ? hostFrom + 1 : hostTo;
  if (end >= to || !isSpace(bytes[end]!)) return false;
  message.hostFrom = hostFrom;
  message.hostTo = hostTo;
  message.bodyFrom = end + 1;
  message.bodyTo = to;
  return true;
}

const unfit = Number.POSITIVE_INFINITY;

/**
 * The place of the last CR, before `from` where there is none: one in the body keeps the message from fitting, as Java's
 * `.` stops there; between the parts it counts as a blank. `unfit` for NEL, LS and PS, which fit nowhere.
 */
function lastCarriageReturn(bytes: Buffer, from: number, to: number): number {
  let last = -1;
  for (let i = from; i < to; i++) {
    const byte = bytes[i]!;
    if (byte === 0x0d) last = i;
    if (byte < 0xc2) continue;
    if (byte === 0xc2 && i + 1 < to && bytes[i + 1] === 0x85) return unfit;
    if (byte === 0xe2 && i + 2 < to && bytes[i + 1] === 0x80 && (bytes[i + 2]! & 0xfe) === 0xa8) return unfit;
  }
  return last;
}

const isSpace = (byte: number): boolean =>
  byte === blank || byte === tab || byte === 0x0b || byte === 0x0c || byte === 0x0d;
const isUpper = (byte: number): boolean => byte >= 0x41 && byte <= 0x5a;
const isLower = (byte: number): boolean => byte >= 0x61 && byte <= 0x7a;
const isWord = (byte: number): boolean =>
  isUpper(byte) || isLower(byte) || (byte >= 0x30 && byte <= 0x39) || byte === 0x5f;
const isHostByte = (byte: number): boolean => isWord(byte) || byte === dot || byte === at || byte === dash;
