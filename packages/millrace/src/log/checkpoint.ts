import type { Segment } from './segment.ts';
import type { SlotFile } from './slot-file.ts';

/** What the checkpoint of a log says. Bytes below the recovery point are on the device and were checked. */
export interface LogCheckpoint {
  readonly startOffset: number;
  /** Base offset of the segment that the recovery point is in, and how far in bytes. */
  readonly recoverySegment: number;
  readonly recoveryBytes: number;
  /** Written by a clean stop; then `recovery…` is the very end and `endOffset` the next offset. */
  readonly clean: boolean;
  readonly endOffset: number;
}

export function readCheckpoint(slots: SlotFile): LogCheckpoint | null {
  const values = slots.read();
  if (values === null || values.length !== 5) return null;
  const [startOffset = 0, recoverySegment = 0, recoveryBytes = 0, clean = 0, endOffset = 0] = values;
  return { startOffset, recoverySegment, recoveryBytes, clean: clean === 1, endOffset };
}

/** Bytes of durable log between two recovery points: what a start after a crash has to check. */
const checkpointEveryBytes = 64 << 20;

/** Keeps the checkpoint of a running log. */
export class CheckpointKeeper {
  readonly #slots: SlotFile;
  #recovery: { segment: number; bytes: number; endOffset: number };
  /** Whether the checkpoint on disk still says that the log was stopped cleanly. */
  #saysClean: boolean;
  #unsynced = true;
  #bytesSince = 0;

  /** For a log whose active segment is good and on the device as it is. */
  constructor(slots: SlotFile, active: Segment, endOffset: number, saysClean: boolean) {
    this.#slots = slots;
    this.#recovery = { segment: active.baseOffset, bytes: active.sizeBytes, endOffset };
    this.#saysClean = saysClean;
  }

  get saysClean(): boolean {
    return this.#saysClean;
  }

  /** Notes bytes that were appended. */
  noteBytes(sizeBytes: number): void {
    this.#bytesSince += sizeBytes;
  }

  /** Whether a new recovery point is due. */
  get isDue(): boolean {
    return this.#bytesSince >= checkpointEveryBytes;
  }

  /** Moves the recovery point: all before is on the device. */
  advance(startOffset: number, segment: number, bytes: number, endOffset: number): void {
    this.#recovery = { segment, bytes, endOffset };
    this.#bytesSince = 0;
    this.save(startOffset);
  }

  /** Writes the checkpoint with the recovery point as it is. */
  save(startOffset: number): void {
    this.#write(startOffset, false);
    this.#unsynced ||= this.#saysClean;
    this.#saysClean = false;
  }

  /** Writes the checkpoint of a clean stop and syncs it. */
  async saveClean(startOffset: number, active: Segment, endOffset: number): Promise<void> {
    this.#recovery = { segment: active.baseOffset, bytes: active.sizeBytes, endOffset };
    this.#write(startOffset, true);
    this.#saysClean = true;
    await this.#slots.sync();
  }

  /** Puts the mark that the log is in use on the device, where it is not there yet. */
  async sync(): Promise<void> {
    if (!this.#unsynced) return;
    this.#unsynced = false;
    await this.#slots.sync();
  }

  close(): void {
    this.#slots.close();
  }

  #write(startOffset: number, clean: boolean): void {
    const { segment, bytes, endOffset } = this.#recovery;
    this.#slots.write([startOffset, segment, bytes, clean ? 1 : 0, endOffset]);
  }
}
