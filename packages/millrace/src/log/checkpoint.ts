import type { SlotFile } from './slot-file.ts';

/** A place in a log: byte `bytes` of the segment with base offset `segment`, and the offset of what comes there. */
export interface LogPosition {
  readonly segment: number;
  readonly bytes: number;
  readonly endOffset: number;
}

/**
 * `open`: in use, or killed. `clean`: stopped cleanly; then `durable` is the very end. `failed`: a sync failed, so that
 * bytes behind `durable` may be in the page cache and, although that says so, not on the device.
 */
export type LogState = 'open' | 'clean' | 'failed';

const states: readonly LogState[] = ['open', 'clean', 'failed'];

/** What the checkpoint of a log says. */
export interface LogCheckpoint {
  readonly startOffset: number;
  /** Bytes below were checked and are on the device: a start looks at their headers only. */
  readonly recoverySegment: number;
  readonly recoveryBytes: number;
  readonly state: LogState;
  /** All below was on the device when this was written. A power cut may bring back an older one. */
  readonly durable: LogPosition;
  /** Offsets below were given out when a sync failed, though the device may have none of their records. */
  readonly givenEnd: number;
}

export function readCheckpoint(slots: SlotFile): LogCheckpoint | null {
  const values = slots.read();
  if (values === null || ![5, 7, 8].includes(values.length)) return null;
  const [startOffset = 0, recoverySegment = 0, recoveryBytes = 0, state = 0, endOffset = 0] = values;
  // The first version had no durable position of its own.
  const [segment, bytes] = values.length >= 7 ? [values[5]!, values[6]!] : [recoverySegment, recoveryBytes];
  const durable = { segment, bytes, endOffset };
  const givenEnd = endOffset + (values[7] ?? 0);
  return { startOffset, recoverySegment, recoveryBytes, state: states[state] ?? 'open', durable, givenEnd };
}

/** Bytes of durable log between two recovery points: what a start after a crash has to check. */
const checkpointEveryBytes = 64 << 20;

/** Keeps the checkpoint of a running log. */
export class CheckpointKeeper {
  readonly #slots: SlotFile;
  #recovery: { readonly segment: number; readonly bytes: number };
  #durable: LogPosition;
  /** What the checkpoint on disk says; null: there is none yet. */
  #state: LogState | null;
  #givenEnd = 0;
  #unsynced = true;
  #bytesSince = 0;

  /** `state` is what the file says, null where it is new. */
  constructor(slots: SlotFile, durable: LogPosition, state: LogState | null) {
    this.#slots = slots;
    this.#recovery = durable;
    this.#durable = durable;
    this.#state = state;
  }

  get saysClean(): boolean {
    return this.#state === 'clean';
  }

  /** Notes bytes that were appended. */
  noteBytes(sizeBytes: number): void {
    this.#bytesSince += sizeBytes;
  }

  /** Notes how far the device has the log; moves the recovery point there too when it is due or `isRolled`. */
  settled(startOffset: number, durable: LogPosition, isRolled: boolean): void {
    this.#durable = durable;
    if (isRolled || this.#bytesSince >= checkpointEveryBytes) {
      this.#recovery = durable;
      this.#bytesSince = 0;
    }
    this.#write(startOffset, this.#state === 'clean' ? 'clean' : 'open');
  }

  /** The log is about to be cut back to a place: what is written next knows nothing behind it any more. */
  forgetFrom(to: LogPosition): void {
    if (isBefore(to, this.#durable)) this.#durable = to;
    if (isBefore(to, this.#recovery)) this.#recovery = to;
  }

  /** Writes the checkpoint with what is known: the log is in use. */
  save(startOffset: number): void {
    this.#unsynced ||= this.#state !== 'open';
    this.#write(startOffset, 'open');
  }

  /** Notes that a sync failed: a start must not believe the page cache, nor give an offset below `endOffset` again. */
  saveFailed(startOffset: number, endOffset: number): void {
    this.#unsynced = true;
    this.#givenEnd = endOffset;
    this.#write(startOffset, 'failed');
  }

  /** Writes the checkpoint of a clean stop and syncs it. */
  async saveClean(startOffset: number, end: LogPosition): Promise<void> {
    this.#recovery = end;
    this.#durable = end;
    this.#write(startOffset, 'clean');
    await this.#slots.sync();
  }

  /** Puts the mark that the log is in use on the device, where it is not there yet; `all`: whatever was written. */
  async sync(all = false): Promise<void> {
    if (!this.#unsynced && !all) return;
    this.#unsynced = false;
    try {
      await this.#slots.sync();
    } catch (error) {
      this.#unsynced = true;
      throw error;
    }
  }

  close(): void {
    this.#slots.close();
  }

  #write(startOffset: number, state: LogState): void {
    const { segment, bytes } = this.#recovery;
    const durable = this.#durable;
    this.#slots.write([
      startOffset,
      segment,
      bytes,
      states.indexOf(state),
      durable.endOffset,
      durable.segment,
      durable.bytes,
      ...(state === 'failed' ? [Math.max(0, this.#givenEnd - durable.endOffset)] : []),
    ]);
    this.#state = state;
  }
}

function isBefore(
  one: { readonly segment: number; readonly bytes: number },
  other: { readonly segment: number; readonly bytes: number },
): boolean {
  return one.segment < other.segment || (one.segment === other.segment && one.bytes < other.bytes);
}
