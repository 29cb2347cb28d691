/**
 * Lines as obligations. Every line names its stream and its number in it and can be made again from these two, so the
 * destination is checked by id and by bytes without keeping what was written.
 */
import { appendFileSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { Chance } from './seed.ts';

const filler = 'abcdefghijklmnopqrstuvwxyz0123456789-ÄÖÜ€'.repeat(12);

/** How long lines are: a stream that has `~NAME` in its name has lines of that profile. */
const profiles: Readonly<Record<string, (sum: number) => number>> = {
  /** One in 50 has 2 to 100 KB. */
  mixed: (sum) => (sum % 50 === 0 ? 2_000 + ((sum >>> 6) % 98_000) : 0),
  /** One in 200 is longer than Kafka's default request may be, one in 40 has some KB. */
  poison: (sum) => (isPoison(sum) ? 1_200_000 : sum % 40 === 1 ? 4_000 : 0),
};

const isPoison = (sum: number): boolean => sum % 200 === 0;

/** Whether this line is larger than any Kafka request of default size. */
export const isPoisonLine = (stream: string, number: number): boolean =>
  stream.includes('~poison') && isPoison(crc32(`${stream}#${number}`));

/** The line `number` of `stream`, without its newline: 20 to 300 bytes, not all of them ASCII, and longer by its profile. */
export function lineOf(stream: string, number: number): string {
  const sum = crc32(`${stream}#${number}`);
  const profile = profiles[/~([a-z]+)/.exec(stream)?.[1] ?? ''];
  const more = profile?.(sum) ?? 0;
  const text = filler.slice(sum % 97, (sum % 97) + 10 + ((sum >>> 8) % 230));
  return `${stream}#${number}#${text}${more > 0 ? 'x'.repeat(more) : ''}`;
}

/** What a line says it is; null for bytes that no writer wrote. */
export function lineIdentity(line: string): { stream: string; number: number } | null {
  const parts = line.split('#', 3);
  const number = Number(parts[1]);
  if (parts.length < 3 || !Number.isInteger(number) || lineOf(parts[0]!, number) !== line) return null;
  return { stream: parts[0]!, number };
}

/** What was promised: for each stream, lines 0 to count - 1. */
export type Obligations = ReadonlyMap<string, number>;

/** Writes numbered lines to files; a whole line in a file is an obligation. */
export class LineWriter {
  readonly #written = new Map<string, number>();

  get obligations(): Obligations {
    return this.#written;
  }

  get count(): number {
    return [...this.#written.values()].reduce((sum, count) => sum + count, 0);
  }

  /** Appends `count` lines of a stream to a file; with `chance`, now and then torn into two writes. */
  append(path: string, stream: string, count: number, chance?: Chance): void {
    const first = this.#written.get(stream) ?? 0;
    let text = '';
    for (let i = 0; i < count; i++) text += `${lineOf(stream, first + i)}\n`;
    const bytes = Buffer.from(text);
    const cut = chance?.bool(0.3) ? chance.int(0, bytes.length) : bytes.length;
    appendFileSync(path, bytes.subarray(0, cut));
    if (cut < bytes.length) appendFileSync(path, bytes.subarray(cut));
    this.#written.set(stream, first + count);
  }
}

/** One event as the destination has it. */
export interface Arrival {
  readonly line: string;
  /** What order is promised within, beside the stream: a partition; '' where there is one way only. */
  readonly lane: string;
}

export interface Verdict {
  readonly promised: number;
  readonly arrived: number;
  readonly doubles: number;
  /** Promised and not there. */
  readonly missing: readonly string[];
  /** There, and nobody wrote it, or not in these bytes. */
  readonly foreign: readonly string[];
  /** First arrivals that came after a later one of their stream and lane. */
  readonly disordered: readonly string[];
}

/** Looks up every obligation. Faults are listed up to a hundred each; counts are whole. */
export function judge(obligations: Obligations, arrivals: Iterable<Arrival>): Verdict {
  const seen = new Map<string, Set<number>>();
  const latest = new Map<string, number>();
  const foreign: string[] = [];
  const disordered: string[] = [];
  let arrived = 0;
  let doubles = 0;
  for (const { line, lane } of arrivals) {
    arrived++;
    const identity = lineIdentity(line);
    if (identity === null || identity.number >= (obligations.get(identity.stream) ?? 0)) {
      foreign.push(line.slice(0, 200));
      continue;
    }
    const { stream, number } = identity;
    const numbers = seen.get(stream) ?? new Set<number>();
    seen.set(stream, numbers);
    if (numbers.has(number)) {
      doubles++;
      continue;
    }
    numbers.add(number);
    const key = `${stream}|${lane}`;
    const before = latest.get(key) ?? -1;
    if (number < before) disordered.push(`${stream}#${number} after #${before} in lane '${lane}'`);
    latest.set(key, Math.max(before, number));
  }
  const missing: string[] = [];
  for (const [stream, count] of obligations) {
    const numbers = seen.get(stream);
    for (let number = 0; number < count; number++) {
      if (numbers?.has(number) !== true) missing.push(`${stream}#${number}`);
    }
  }
  const promised = [...obligations.values()].reduce((sum, count) => sum + count, 0);
  return { promised, arrived, doubles, missing, foreign, disordered };
}

/** What is wrong, or nothing. Doubles are no fault by themselves: who allows none says so. */
export function faultsOf(verdict: Verdict, options: { allowDoubles?: number } = {}): string[] {
  const few = (what: string, list: readonly string[]) =>
    list.length === 0 ? [] : [`${list.length} ${what}: ${list.slice(0, 5).join(', ')}`];
  const allowed = options.allowDoubles ?? Number.POSITIVE_INFINITY;
  return [
    ...few('missing', verdict.missing),
    ...few('that nobody wrote', verdict.foreign),
    ...few('out of order', verdict.disordered),
    ...(verdict.doubles > allowed ? [`${verdict.doubles} doubles, ${allowed} allowed`] : []),
  ];
}

/** Files of a file_roll sink, oldest first: `MILLIS-NUMBER`. */
function rollFiles(dir: string): string[] {
  const key = (name: string) => name.split('-').map(Number) as [number, number];
  return readdirSync(dir).sort((a, b) => key(a)[0] - key(b)[0] || key(a)[1] - key(b)[1]);
}

/**
 * The lines in a file_roll sink's folder. A piece without newline at the end of a file is what a kill left of a write
 * that was not acknowledged: it counts as nothing.
 */
export function* rolledLines(dir: string): Generator<string> {
  for (const name of rollFiles(dir)) {
    const lines = readFileSync(join(dir, name), 'utf8').split('\n');
    lines.pop();
    yield* lines;
  }
}

export function* rolledArrivals(dir: string): Generator<Arrival> {
  for (const line of rolledLines(dir)) yield { line, lane: '' };
}

/** Lines of the HEADER_AND_TEXT serializer that came through a Kafka source: their partition is the lane. */
export function* rolledKafkaArrivals(dir: string): Generator<Arrival & { offset: number }> {
  for (const text of rolledLines(dir)) {
    const end = text.indexOf('} ');
    const headers = text.slice(0, end);
    const field = (name: string) => new RegExp(`[{ ]${name}=([^,}]*)`).exec(headers)?.[1] ?? '';
    yield { line: text.slice(end + 2), lane: field('partition'), offset: Number(field('offset')) };
  }
}

/** Whole lines in a folder, cheaply: to see whether something still comes. */
export function countRolled(dir: string): number {
  let count = 0;
  for (const name of readdirSync(dir)) {
    const bytes = readFileSync(join(dir, name));
    for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) count++;
  }
  return count;
}
