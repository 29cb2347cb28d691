import type { TextReader } from '../java/text-reader.ts';
import type { EventBatch } from '../records/event-batch.ts';

/**
 * The bytes of one file or object that does not change while it is read (Flume's ResettableInputStream). Whoever reads
 * it may go anywhere in it; it keeps no mark of its own, as the place to go back to is the deserializer's
 * (`EventDeserializer.mark`), which may be more than a number of bytes.
 */
export interface ResettableInput {
  /** Bytes of the whole. What is written behind them after it was opened is not seen. */
  readonly length: number;
  /** How its bytes are text: charset and what becomes of bytes that are none. */
  readonly text: TextReader;
  /** Bytes before the place where it stands. */
  tell(): number;
  /** Goes to that place, 0 to `length`; costs nothing until bytes are asked for. */
  seek(position: number): void;
  /**
   * The bytes from where it stands, without moving: at least so many, and as many more as are there anyway; fewer only
   * where the input ends. A view, valid until the next call on the input. Rejects with the system's error.
   */
  ahead(bytes: number): Promise<Buffer>;
}

/** A place between two events of an input, from which a later process can go on. */
export interface InputMark {
  /** Bytes of the input: where Flume's deserializer of the same name goes on, too. */
  readonly offset: number;
  /** Events behind `offset` that are done: formats have places to go to that are far apart. Most have 0. */
  readonly events: number;
}

/** The place before the first event. */
export const startMark: InputMark = { offset: 0, events: 0 };

/** Bytes that should have been an event and are none. */
export interface UnreadableBytes {
  readonly bytes: Buffer;
  /** For a person: what is wrong with them. */
  readonly reason: string;
  /** Where they begin in the input, bytes. */
  readonly position: number;
}

/** What one read has found. */
export interface DeserializedEvents {
  /** Null: only unreadable bytes. */
  readonly batch: EventBatch | null;
  /** In their order; the events before, between and after them are in `batch`. */
  readonly unreadable: readonly UnreadableBytes[];
}

/**
 * Makes events of an input (Flume's EventDeserializer), whole batches at a time: text that is UTF-8 already goes from
 * the input's bytes into the records without an object per line. One instance per input; its calls don't overlap.
 *
 * What it holds is bounded by its options, not by the input: a batch ends early where its events are large.
 */
export interface EventDeserializer {
  /**
   * The next events, at most so many and at least one, or bytes that are none; null at the end. Rejects with the
   * system's error, and with `InputUnreadable` where nothing of the input can be read; it stands where it stood then.
   */
  read(maxEvents: number): Promise<DeserializedEvents | null>;
  /** Where it stands: behind everything that `read` gave. */
  mark(): InputMark;
  /** Goes to a mark that this or an earlier instance gave of the same bytes; what followed it then follows now. */
  reset(mark: InputMark): void;
}

/** An input that is not what its deserializer reads at all: no header, a codec that there isn't. */
export class InputUnreadable extends Error {
  override readonly name = 'InputUnreadable';
}
