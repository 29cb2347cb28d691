import {
  type EscapePart,
  type EscapeTemplate,
  type EscapeTime,
  readEscapes,
  timeText,
} from '../../component/escape-template.ts';
import type { JavaZone } from '../../java/time-zone.ts';
import type { EventBatch } from '../../records/event-batch.ts';

export interface Rounding {
  readonly unit: 'second' | 'minute' | 'hour';
  /** Times are floored to a multiple of it within the unit. */
  readonly value: number;
}

export interface BucketPathOptions {
  /** Below the store's prefix; may hold escapes. */
  readonly folder: string;
  /** What files begin with; may hold escapes. */
  readonly prefix: string;
  readonly zone: JavaZone;
  readonly rounding: Rounding | null;
  /** The time of this machine instead of the header `timestamp`. */
  readonly useLocalTime: boolean;
  /** Why no file of a bucket can have a name; null: it can. */
  readonly faultOf: (bucket: Bucket) => string | null;
  /** Unix ms. */
  readonly now?: () => number;
}

/** Where an event goes. */
export interface Bucket {
  /** Relative to the store; `''`: its prefix. */
  readonly folder: string;
  /** What names of its files begin with. */
  readonly prefix: string;
  /** One for each bucket. */
  readonly key: string;
}

/** Events `from` to `to` (exclusive) of a batch go to one bucket, or can't be had a place, which `fault` says. */
export interface BucketRun {
  readonly from: number;
  readonly to: number;
  readonly place: Bucket | { readonly fault: string };
}

/**
 * Which bucket each event belongs to: Flume's `hdfs.path` and `hdfs.filePrefix` with their escapes. What a header puts
 * into a path stays below the prefix: a name with `..`, a control character or too long a part is a fault of the event.
 */
export class BucketPath {
  readonly #options: BucketPathOptions;
  readonly #folder: EscapeTemplate;
  readonly #prefix: EscapeTemplate;
  readonly #headers: readonly string[];
  readonly #needsTime: boolean;
  /** Every time has a text of its own. */
  readonly #needsMs: boolean;
  /** The last answer and what it was for. */
  #last: BucketRun['place'] | null = null;
  #lastStamp = Number.NaN;
  readonly #lastHeaders: (string | undefined)[] = [];

  constructor(options: BucketPathOptions) {
    this.#options = options;
    this.#folder = readEscapes(options.folder);
    this.#prefix = readEscapes(options.prefix);
    const parts = [...this.#folder.parts, ...this.#prefix.parts];
    this.#headers = [
      ...new Set(
        parts.flatMap((part) => (typeof part !== 'string' && 'header' in part ? [part.header] : [])),
      ),
    ];
    this.#needsTime = this.#folder.needsTime || this.#prefix.needsTime;
    this.#needsMs = parts.some((part) => typeof part !== 'string' && 'time' in part && part.time === 't');
  }

  /** The events of a batch, in runs of one bucket. */
  *runs(batch: EventBatch): Iterable<BucketRun> {
    const readsHeaders = this.#headers.length > 0 || (this.#needsTime && !this.#options.useLocalTime);
    const perEvent = readsHeaders && (batch.hasRecordHeaders || batch.origin !== undefined);
    if (!perEvent) {
      yield { from: 0, to: batch.count, place: this.#place((name) => batch.sharedHeaders.get(name)) };
      return;
    }
    let from = 0;
    let place: BucketRun['place'] | null = null;
    for (let i = 0; i < batch.count; i++) {
      const event = batch.event(i);
      const its = this.#place((name) => event.header(name));
      if (place !== null && its !== place) {
        yield { from, to: i, place };
        from = i;
      }
      place = its;
    }
    if (place !== null) yield { from, to: batch.count, place };
  }

  /** The same object as the last time where nothing that it is made of has changed. */
  #place(header: (name: string) => string | undefined): BucketRun['place'] {
    const { useLocalTime, now = Date.now } = this.#options;
    let time: EscapeTime | null = null;
    if (this.#needsTime) {
      const written = useLocalTime ? String(now()) : header('timestamp');
      const answer = this.#time(written);
      if (typeof answer === 'string') return { fault: answer };
      time = answer;
    }
    const stamp = time === null ? 0 : this.#needsMs ? Number(time.written) : Math.floor(time.ms / 1000);
    let isSame = this.#last !== null && stamp === this.#lastStamp;
    for (let i = 0; i < this.#headers.length; i++) {
      const value = header(this.#headers[i]!);
      if (value !== this.#lastHeaders[i]) isSame = false;
      this.#lastHeaders[i] = value;
    }
    this.#lastStamp = stamp;
    if (!isSame) this.#last = this.#make(time);
    return this.#last!;
  }

  #make(time: EscapeTime | null): BucketRun['place'] {
    const text = (part: EscapePart) => {
      if (typeof part === 'string') return part;
      if ('time' in part) return timeText(part.time, time!);
      return this.#lastHeaders[this.#headers.indexOf(part.header)] ?? '';
    };
    const folder = plainPath(this.#folder.parts.map(text).join(''));
    const prefix = plainPath(this.#prefix.parts.map(text).join(''));
    const bucket = { folder, prefix, key: `${folder}/${prefix}` };
    const fault = this.#options.faultOf(bucket);
    return fault === null ? bucket : { fault: `no file can be named after it: ${fault}` };
  }

  /** The rounded time, or why there is none, in Flume's words. */
  #time(written: string | undefined): EscapeTime | string {
    if (written === undefined) return 'Expected timestamp in the Flume event headers, but it was null';
    const ms = /^[+-]?\d{1,16}$/.test(written) ? Number(written) : Number.NaN;
    if (!Number.isSafeInteger(ms) || Math.abs(ms) > longestMs)
      return "Flume wasn't able to parse timestamp header in the event to resolve time based bucketing";
    const { rounding, zone } = this.#options;
    if (rounding === null) return { ms, offsetMs: zone.offsetAt(ms), written };
    if (ms <= 0) return 'Timestamp must be positive';
    const rounded = roundDown(ms, rounding, zone);
    return { ms: rounded, offsetMs: zone.offsetAt(rounded), written };
  }
}

/** What a Date holds, less a day for the zone. */
const longestMs = 8.64e15 - 86_400_000;

const unitMs = { second: 1000, minute: 60_000, hour: 3_600_000 };
const unitsPerWhole = { second: 60, minute: 60, hour: 24 };

/** Floors a time to a multiple of so many units, counted in the zone from the start of the minute, hour or day. */
export function roundDown(ms: number, { unit, value }: Rounding, zone: JavaZone): number {
  const offset = zone.offsetAt(ms);
  const local = ms + offset;
  const units = Math.floor(local / unitMs[unit]);
  const field = units % unitsPerWhole[unit];
  const rounded = (units - (field % value)) * unitMs[unit] - offset;
  // The clock may have been put forward or back in between: what it showed then is what counts.
  return rounded + offset - zone.offsetAt(rounded);
}

/** Without empty parts and parts that mean the folder itself. */
function plainPath(path: string): string {
  return path
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/');
}
