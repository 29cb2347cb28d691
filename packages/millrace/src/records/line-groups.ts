import { isAscii } from 'node:buffer';
import { type EncodedLines, type EncodeLinesOptions, encodeLinesUpTo } from './encode-lines.ts';

/** Which lines are one event. It knows a line and no other, so that reading may begin at the end of any event. */
export interface LineGroupRule {
  /** Whether a line (without what ends it) begins an event; else it belongs to the one before, where there is one. */
  begins(line: string): boolean;
  /** An event ends with the line that makes so many; at least 1. */
  readonly maxLines: number;
  /** A line that would make an event longer than this begins the next one; a longer line is an event of its own. */
  readonly maxBytes: number;
}

/** The event in hand, of lines that come one after the other: where it ends by a rule. */
export class OpenGroup {
  readonly #rule: LineGroupRule;
  #lines = 0;

  constructor(rule: LineGroupRule) {
    this.#rule = rule;
  }

  /** Nothing is in hand. */
  get isEmpty(): boolean {
    return this.#lines === 0;
  }

  /** Whether a line would make it so many bytes that the line begins the next event. */
  isTooLong(bytes: number): boolean {
    return this.#lines > 0 && bytes > this.#rule.maxBytes;
  }

  /** Whether a line (without what ends it) begins the next event. */
  endsBefore(line: string): boolean {
    return this.#lines > 0 && this.#rule.begins(line);
  }

  /** Takes a line; whether the event is whole by it. */
  take(): boolean {
    this.#lines += 1;
    return this.#lines === this.#rule.maxLines;
  }

  end(): void {
    this.#lines = 0;
  }
}

/**
 * What is known of what follows. `more`: an event is whole once the next one begins, or it is at its limits. `lines`:
 * nothing comes for the moment, so whole lines are whole events; a line without its end waits. `all`: nothing comes.
 */
export type GroupsEnd = 'more' | 'lines' | 'all';

const newline = 0x0a;
const carriageReturn = 0x0d;

/** Where the events of the chunk at hand end; kept between calls, as they are synchronous. */
let groupEnds = new Uint32Array(1024);

/**
 * The whole events of `chunk[from, to)`, each one or several lines as they stand there: with what is between its lines,
 * without what ends the last one.
 */
export function encodeLineGroups(
  chunk: Buffer,
  from: number,
  to: number,
  rule: LineGroupRule,
  end: GroupsEnd,
  options: EncodeLinesOptions,
): EncodedLines {
  const count = findGroups(chunk, from, to, rule, end, options.maxEvents);
  if (count === 0) return { batch: null, consumed: 0 };
  const consumed = Math.min(groupEnds[count - 1]! + 1, to) - from;
  return { batch: encodeLinesUpTo(groupEnds, count, chunk, from, to, options), consumed };
}

/** Where each event of such a batch begins in `chunk[from, …)`, from `from` on. */
export function groupStarts(batch: { readonly count: number }, from: number, chunk: Buffer): Uint32Array {
  const starts = new Uint32Array(batch.count);
  for (let i = 1; i < batch.count; i++) {
    const end = groupEnds[i - 1]!; // a `\r` taken off stands before its `\n`
    starts[i] = end + (chunk[end] === newline ? 1 : 2) - from;
  }
  return starts;
}

/** Whether the first line of `chunk[from, to)` begins an event; null where it has no end there. */
export function firstLineBegins(
  chunk: Buffer,
  from: number,
  to: number,
  rule: LineGroupRule,
): boolean | null {
  const end = chunk.indexOf(newline, from);
  if (end < 0 || end >= to) return null;
  return rule.begins(
    chunk.toString('utf8', from, end > from && chunk[end - 1] === carriageReturn ? end - 1 : end),
  );
}

/** Notes in `groupEnds` where each event's last line ends; returns how many there are. */
function findGroups(
  chunk: Buffer,
  from: number,
  to: number,
  rule: LineGroupRule,
  endOf: GroupsEnd,
  maxEvents: number,
): number {
  const bytes = to === chunk.length ? chunk : chunk.subarray(0, to);
  const text = new LineText(bytes);
  const group = new OpenGroup(rule);
  let count = 0;
  let start = from;
  /** Where the last line of the event in hand ends. */
  let lastEnd = from;
  for (let at = from; at < to && count < maxEvents; ) {
    let end = bytes.indexOf(newline, at);
    if (end < 0) {
      // What follows makes the event no shorter.
      if (group.isTooLong(to - start)) {
        count = noteEnd(count, lastEnd);
        start = at;
        group.end();
      }
      if (endOf !== 'all' || count === maxEvents) break;
      end = to;
    }
    if (!group.isEmpty && (group.isTooLong(end - start) || group.endsBefore(text.line(at, end)))) {
      count = noteEnd(count, lastEnd);
      start = at;
      group.end();
      if (count === maxEvents) return count;
    }
    const isWhole = group.take();
    lastEnd = end;
    at = end + 1;
    if (isWhole) {
      count = noteEnd(count, lastEnd);
      start = at;
      group.end();
    }
  }
  return endOf !== 'more' && !group.isEmpty && count < maxEvents ? noteEnd(count, lastEnd) : count;
}

function noteEnd(count: number, end: number): number {
  if (count === groupEnds.length) {
    const larger = new Uint32Array(groupEnds.length * 2);
    larger.set(groupEnds);
    groupEnds = larger;
  }
  groupEnds[count] = end;
  return count + 1;
}

/** So much text is made at once: the lines of it are then slices, which have no characters of their own. */
const windowBytes = 8 * 1024;

/** Lines of a chunk as text, UTF-8. */
class LineText {
  readonly #chunk: Buffer;
  #text = '';
  #from = 0;
  #end = 0;

  constructor(chunk: Buffer) {
    this.#chunk = chunk;
  }

  line(from: number, end: number): string {
    const chunk = this.#chunk;
    const to = end > from && chunk[end - 1] === carriageReturn ? end - 1 : end;
    if (to > this.#end || from < this.#from) {
      const windowEnd = Math.min(chunk.length, from + windowBytes);
      if (to > windowEnd || !isAscii(chunk.subarray(from, windowEnd)))
        return chunk.toString('utf8', from, to);
      this.#text = chunk.toString('latin1', from, windowEnd);
      this.#from = from;
      this.#end = windowEnd;
    }
    return this.#text.slice(from - this.#from, to - this.#from);
  }
}
