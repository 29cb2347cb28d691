import { hostname } from 'node:os';
import { localHost } from '../runtime/local-host.ts';
import type { HeaderNeed } from './relations.ts';

/**
 * A text with Flume's escapes, read once (`BucketPath.escapeString`): `%{header}`, `%[localhost]`, `%Y`. What is the same
 * for all events is put in at once; what is left is texts, headers and letters of the time.
 */
export type EscapePart = string | { readonly header: string } | { readonly time: string };

export interface EscapeTemplate {
  readonly parts: readonly EscapePart[];
  /** `%[NAME]` with a name that there is not: Flume fails on every event. */
  readonly unknown: readonly string[];
  /** A time is asked for, also by `%%` and by letters that mean nothing. */
  readonly needsTime: boolean;
}

const escapes = /%(\w|%)|%\{([\w.-]+)\}|%\[(\w+)\]/g;

export function readEscapes(text: string): EscapeTemplate {
  const parts: EscapePart[] = [];
  const unknown: string[] = [];
  let literal = '';
  let at = 0;
  const push = (part: EscapePart) => {
    if (literal !== '') parts.push(literal);
    literal = '';
    parts.push(part);
  };
  for (const match of text.matchAll(escapes)) {
    literal += text.slice(at, match.index);
    at = match.index + match[0].length;
    const [, letter, header, place] = match;
    if (letter !== undefined) push({ time: letter });
    else if (header !== undefined) push({ header });
    else {
      const value = placeText(place!);
      if (value === undefined) unknown.push(place!);
      literal += value ?? match[0];
    }
  }
  literal += text.slice(at);
  if (literal !== '') parts.push(literal);
  return { parts, unknown, needsTime: parts.some((part) => typeof part !== 'string' && 'time' in part) };
}

/**
 * The headers that a property with escapes asks events for. `ownTime`: how to have the time of this machine instead of
 * the header `timestamp`, or that it counts already.
 */
export function needsOfEscapes(
  key: string,
  text: string,
  ownTime: { readonly isOn?: boolean; readonly instead?: string } = {},
): HeaderNeed[] {
  const { parts, needsTime } = readEscapes(text);
  const { isOn = false, instead } = ownTime;
  const needs: HeaderNeed[] = [];
  if (needsTime && !isOn)
    needs.push({
      header: 'timestamp',
      key,
      without: 'is set aside and never written',
      ...(instead === undefined ? {} : { instead }),
    });
  for (const part of parts) {
    if (typeof part === 'string' || !('header' in part)) continue;
    needs.push({ header: part.header, key, without: `has nothing in the place of %{${part.header}}` });
  }
  return needs;
}

/** What of a path is the same for all events, and what is not. */
export interface CutPath {
  /** The names of its folders, without those that mean nothing (`.`, and between two slashes). */
  readonly fixed: readonly string[];
  /** What is below them, with escapes. */
  readonly folder: string;
}

/** Cuts a path at the last slash before its first escape that events answer; null: it has `..` in what is fixed. */
export function cutAtEscapes(path: string): CutPath | null {
  const firstOfEvents = [...path.matchAll(escapes)].find(([, , , place]) => place === undefined);
  const cut = firstOfEvents === undefined ? path.length : path.lastIndexOf('/', firstOfEvents.index) + 1;
  const names = readEscapes(path.slice(0, cut)).parts.join('').split('/');
  if (names.includes('..')) return null;
  return { fixed: names.filter((name) => name !== '' && name !== '.'), folder: path.slice(cut) };
}

function placeText(name: string): string | undefined {
  switch (name.toLowerCase()) {
    case 'localhost':
      return hostname();
    case 'ip':
      return localHost().address;
    case 'fqdn':
      return localHost().name;
    default:
      return undefined;
  }
}

const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const months = [
  ...['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September'],
  ...['October', 'November', 'December'],
];
const two = (n: number) => String(n).padStart(2, '0');
const year = (date: Date) => String(date.getUTCFullYear()).padStart(4, '0');
const clock = (date: Date) =>
  `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}`;

/** By letter, of a date whose UTC fields are those of the zone. */
const fields: Readonly<Record<string, (date: Date) => string>> = {
  a: (date) => days[date.getUTCDay()]!.slice(0, 3),
  A: (date) => days[date.getUTCDay()]!,
  b: (date) => months[date.getUTCMonth()]!.slice(0, 3),
  B: (date) => months[date.getUTCMonth()]!,
  c: (date) => `${fields.a!(date)} ${fields.b!(date)} ${date.getUTCDate()} ${clock(date)} ${year(date)}`,
  d: (date) => two(date.getUTCDate()),
  e: (date) => String(date.getUTCDate()),
  D: (date) => `${two(date.getUTCMonth() + 1)}/${two(date.getUTCDate())}/${fields.y!(date)}`,
  H: (date) => two(date.getUTCHours()),
  I: (date) => two(date.getUTCHours() % 12 || 12),
  j: (date) => String(dayOfYear(date)).padStart(3, '0'),
  k: (date) => String(date.getUTCHours()),
  l: (date) => String(date.getUTCHours() % 12 || 12),
  m: (date) => two(date.getUTCMonth() + 1),
  M: (date) => two(date.getUTCMinutes()),
  n: (date) => String(date.getUTCMonth() + 1),
  p: (date) => (date.getUTCHours() < 12 ? 'AM' : 'PM'),
  S: (date) => two(date.getUTCSeconds()),
  y: (date) => two(date.getUTCFullYear() % 100),
  Y: year,
};

function dayOfYear(date: Date): number {
  return (
    (Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()) -
      Date.UTC(date.getUTCFullYear(), 0, 0)) /
    86_400_000
  );
}

/** A time as escapes need it. */
export interface EscapeTime {
  /** Unix ms, rounded. */
  readonly ms: number;
  /** Of the zone at that time. */
  readonly offsetMs: number;
  /** As the event has it. */
  readonly written: string;
}

/** The text of one letter; empty where it means nothing. */
export function timeText(letter: string, time: EscapeTime): string {
  switch (letter) {
    case '%':
      return '%';
    case 's':
      return String(Math.trunc(time.ms / 1000));
    case 't':
      return time.written;
    case 'z':
      return zoneText(time.offsetMs);
    default:
      return Object.hasOwn(fields, letter) ? fields[letter]!(new Date(time.ms + time.offsetMs)) : '';
  }
}

function zoneText(offsetMs: number): string {
  const minutes = Math.abs(Math.trunc(offsetMs / 60_000));
  return `${offsetMs < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}${two(minutes % 60)}`;
}
