import { opt } from '../config/options.ts';
import type { EventBatch } from '../records/event-batch.ts';

/** An event that will never be taken where it is to go. */
export interface RefusedEventOf {
  readonly batch: EventBatch;
  /** Its place in `batch`. */
  readonly index: number;
  /** For a person: what is wrong with it, and which limit it breaks. */
  readonly reason: string;
  /** Who refused it: `deliver`, `decode`, `put`. */
  readonly stage: string;
}

/** Bytes that should have been an event and are none, as a record of a topic that is no datum. */
export interface RefusedBytes {
  readonly bytes: Buffer;
  readonly reason: string;
  readonly stage: string;
  /** Where they came from: a file, `topic-partition`. */
  readonly place: string;
  /** Where in `place` they began: bytes of a file, the offset of a record. */
  readonly position: number;
}

/**
 * Where a component leaves what can't go on, so that all else can: a file of JSON lines, one of each component. Resolves
 * when the lines are on the disk; only then may what they came from be committed. Rejects when they can't be written
 * (`DISK_FULL`, permissions): then nothing may be forgotten, and the whole is tried again later.
 */
export interface RefusedEvents {
  setAside(events: readonly RefusedEventOf[]): Promise<void>;
  setAsideBytes(records: readonly RefusedBytes[]): Promise<void>;
}

/** Options of every component that may set events aside. */
export const refusedOptions = {
  onRefused: opt.enum(['setAside', 'retry'], {
    doc: "What becomes of an event that the destination will never take: setAside writes it to a file of JSON lines and goes on with the others; retry is Flume's way, all events of its batch again and again.",
    default: 'setAside',
  }),
  refusedFile: opt.path({
    doc: 'Where events go that are set aside. Default: the folder refused beside the events of a file channel, else ~/.flume/refused; AGENT-KIND-NAME.jsonl there.',
  }),
};
