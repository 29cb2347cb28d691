import { createHash } from 'node:crypto';

/** What happened, as a line tells it: numbers, texts, and lists of them. */
export interface AuditEvent {
  readonly event: string;
  readonly [fact: string]: unknown;
}

/** Where a chain begins. */
export const noHash = '0'.repeat(64);
/** Facts are cut to this; so a line has an end. */
const longestText = 300;
const longestList = 100;
/** No line of a chain is longer. */
export const longestLine = 256 * 1024;

/** The place of a line in its chain. */
export interface Link {
  readonly number: number;
  readonly hash: string;
}

/**
 * One line: JSON of number, time, what happened, the hash of the line before, and last its own, SHA-256 over all that
 * stands before it. Whoever changes, drops or swaps lines has to write all that follow anew.
 */
export function auditLine(event: AuditEvent, timeMs: number, before: Link): { line: string; link: Link } {
  const number = before.number + 1;
  const facts = Object.fromEntries(Object.entries(event).map(([name, value]) => [name, bounded(value)]));
  const body = JSON.stringify({
    number,
    time: new Date(timeMs).toISOString(),
    ...facts,
    before: before.hash,
  });
  const open = body.slice(0, -1);
  const hash = hashOf(open);
  return { line: `${open},"hash":"${hash}"}\n`, link: { number, hash } };
}

/** What is wrong with a line that is to follow on another; null: nothing. `before` null: the chain may begin with it. */
export function lineFault(line: string, before: Link | null): string | null {
  const link = linkOf(line);
  if (link === null) return 'it is no line of an audit log';
  const open = line.slice(0, line.length - ',"hash":""}'.length - link.hash.length);
  if (hashOf(open) !== link.hash) return 'it was changed: its hash is not that of what it says';
  if (before === null) return null;
  const stated = (JSON.parse(line) as { before?: unknown }).before;
  if (link.number !== before.number + 1)
    return `it has number ${link.number} after ${before.number}: lines are missing, doubled or in another order`;
  if (stated !== before.hash) return 'it does not follow on the line before: that one was written anew';
  return null;
}

/** The place that a line says it has; null: it is none. */
export function linkOf(line: string): Link | null {
  try {
    const { number, hash } = JSON.parse(line) as { number?: unknown; hash?: unknown };
    if (!Number.isSafeInteger(number) || typeof hash !== 'string' || !/^[0-9a-f]{64}$/.test(hash))
      return null;
    return line.endsWith(`,"hash":"${hash}"}`) ? { number: number as number, hash } : null;
  } catch {
    return null;
  }
}

const hashOf = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex');

function bounded(value: unknown): unknown {
  if (typeof value === 'string')
    return value.length <= longestText ? value : `${value.slice(0, longestText)}…`;
  if (!Array.isArray(value)) return value;
  const shown = value.slice(0, longestList).map(bounded);
  return value.length <= longestList ? shown : [...shown, `… ${value.length - longestList} more`];
}
