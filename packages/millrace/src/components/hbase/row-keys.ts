import { randomBytes, randomInt, randomUUID } from 'node:crypto';
import { EventKey } from '../../component/event-key.ts';
import type { EventBatch, EventView } from '../../records/event-batch.ts';

/** HBase takes no longer key of a row (`HConstants.MAX_ROW_LENGTH`). */
export const mostKeyBytes = 0x7fff;

/** Makes up the key of a row whose event names none. */
export type KeyText = (batch: EventBatch, event: EventView, i: number) => string;

/** Flume's SimpleRowKeyGenerator: what stands behind the prefix. An unknown suffix is `uuid`. */
export function simpleKeys(prefix: string, suffix: string): KeyText {
  if (suffix === 'timestamp') return () => prefix + Date.now();
  if (suffix === 'random') return () => prefix + randomBytes(8).readBigInt64BE();
  if (suffix === 'nano') return nanoKeys(prefix);
  return () => prefix + randomUUID();
}

/** Two events never have the same, however coarse the clock is. */
function nanoKeys(prefix: string): KeyText {
  let last = 0n;
  return () => {
    const now = process.hrtime.bigint();
    last = now > last ? now : last + 1n;
    return prefix + last;
  };
}

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
/** Of this process, as in Flume of one JVM. */
const chanceText = Array.from({ length: 10 }, () => letters[randomInt(letters.length)]).join('');
let nonce = 0;

/** Those of Flume's RegexHBase2EventSerializer: milliseconds, a text of chance, a number that counts. */
export const regexKeys: KeyText = () => `${Date.now()}-${chanceText}-${nonce++}`;

/** So many digits has the greatest offset: keys of one partition stand in its order. */
const offsetDigits = 19;

/** Keys that name an event for good: `STREAM:PART:POSITION`. */
export class OffsetKeys {
  readonly #key = new EventKey();
  readonly #prefix: string;

  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  /** No event has had a key that was made up yet. */
  get isKnown(): boolean {
    return this.#key.isKnown;
  }

  readonly text: KeyText = (batch, event, i) => {
    this.#key.read(batch, event, i);
    const { stream, part, position } = this.#key;
    const digits = position.replace(/^0+(?=\d)/, '').padStart(offsetDigits, '0');
    return `${this.#prefix}${stream}:${part}:${digits}`;
  };
}
