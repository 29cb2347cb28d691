import { readCheckpoint } from '../../../millrace/src/log/checkpoint.ts';
import type { Log } from '../../../millrace/src/log/log.ts';
import { MemoryFiles } from '../../../millrace/src/log/memory-files.ts';
import { SlotFile } from '../../../millrace/src/log/slot-file.ts';
import { iterateBatches } from '../../../millrace/src/records/batch-header.ts';
import { openBatch } from '../../../millrace/src/records/open-batch.ts';
import { BrokenPromise } from './history.ts';
import type { DrawnBatch } from './sim-log-draw.ts';

/** What was appended at an offset and may be asked for. */
interface Known {
  /** The first one holds, where there is one; the others are of appends that were refused, and may be found after a crash. */
  readonly bodies: readonly string[];
  /** The oldest of theirs. */
  readonly timestamp: number;
  /** Its bytes on the device were changed: it may be gone. */
  isDamaged: boolean;
  /** It was taken back, or lost by the device, and a crash may bring it again until the log goes on. */
  isGone: boolean;
}

/** A flush that is under way, and how far it will promise. */
export interface FlushPromise {
  end: number;
  /** What the log had taken back when it began. */
  readonly takenBack: number;
  /** The log has said that it lost some of what this flush is for. */
  isVain: boolean;
}

/** What a log's own file says: how far the device has it, and the end of the log at a sync that failed. */
export interface Checkpointed {
  readonly durableEnd: number;
  readonly givenEnd: number;
}

/** What a start would read in the bytes of a checkpoint's file; a write that failed may have left a torn slot. */
export function checkpointed(bytes: Buffer): Checkpointed {
  const files = new MemoryFiles();
  files.makeDir('/');
  files.open('/checkpoint', 'create').write([bytes], 0);
  const found = readCheckpoint(new SlotFile(files, '/checkpoint'));
  return { durableEnd: found?.durable.endOffset ?? 0, givenEnd: found?.givenEnd ?? 0 };
}

/** What one log was given and has promised, and the judge of what it gives back. */
export class LogLedger {
  readonly #known = new Map<number, Known>();
  readonly #flushes = new Set<FlushPromise>();
  /** Everything below must be there after a power cut. */
  promised = 0;
  /** What was told to whoever appended: no offset below is given again, promised or not. */
  #given = 0;
  #start = 0;
  /** What retention or a deletion may take: all below. */
  #mayBeGone = 0;
  /** A sync failed in this life: what was not promised may be gone after a kill too. */
  lostBytes = false;
  /** A cut to here was refused: after a crash the log may end here, if nothing is behind it. */
  #mayEndAt = Number.POSITIVE_INFINITY;
  /** How often the log has taken something back. */
  #takenBack = 0;
  /** Found where nothing may be thrown: within a call of the log. */
  #broken: BrokenPromise | null = null;

  get start(): number {
    return this.#start;
  }

  get anyDamage(): boolean {
    return [...this.#known.values()].some(({ isDamaged }) => isDamaged);
  }

  /** The first damaged offset at or above `startOffset`. */
  damagedFrom(startOffset: number): number | undefined {
    return [...this.#known].find(([offset, each]) => each.isDamaged && offset >= startOffset)?.[0];
  }

  appended(baseOffset: number, batches: readonly DrawnBatch[]): void {
    if (baseOffset < this.#given)
      throw new BrokenPromise(`offset ${baseOffset} is given again: the end was ${this.#given}`);
    this.#goesOn();
    this.#given = this.#each(baseOffset, batches, (offset, body, timestamp) => {
      const known = this.#known.get(offset);
      if (known !== undefined && offset < this.promised && !known.isDamaged)
        throw new BrokenPromise(`offset ${offset} is given twice`);
      this.#known.set(offset, { bodies: [body], timestamp, isDamaged: false, isGone: false });
    });
  }

  /** What a failing disk or a dying process wrote in part may be found after a crash. */
  refused(baseOffset: number, batches: readonly DrawnBatch[]): void {
    this.#each(baseOffset, batches, (offset, body, timestamp) => {
      const before = this.#known.get(offset);
      this.#known.set(offset, {
        bodies: [body, ...(before?.bodies ?? [])],
        timestamp: Math.min(timestamp, before?.timestamp ?? timestamp),
        isDamaged: false,
        isGone: before?.isGone ?? false,
      });
    });
  }

  #each(
    baseOffset: number,
    batches: readonly DrawnBatch[],
    action: (offset: number, body: string, timestamp: number) => void,
  ): number {
    let offset = baseOffset;
    for (const { bodies, timestamp } of batches) {
      for (const body of bodies) action(offset++, body, timestamp);
    }
    return offset;
  }

  beginFlush(end: number): FlushPromise {
    const flush = { end, takenBack: this.#takenBack, isVain: false };
    this.#flushes.add(flush);
    return flush;
  }

  endFlush(flush: FlushPromise, isDone: boolean): void {
    this.#flushes.delete(flush);
    if (!isDone) return;
    if (flush.isVain) this.#broken ??= new BrokenPromise(`up to ${flush.end} was promised, and is lost`);
    this.promised = Math.max(this.promised, flush.end);
    if (flush.takenBack === this.#takenBack) this.#goesOn();
  }

  /** The log takes and syncs again: what it had taken back is gone for good. */
  #goesOn(): void {
    for (const [offset, each] of [...this.#known]) if (each.isGone) this.#known.delete(offset);
  }

  /** The device lost what was not promised, from an offset up to the end of the log. Damage looks like that, too. */
  lost(fromOffset: number, endOffset: number): void {
    if (!this.lostBytes && !this.anyDamage)
      this.#broken ??= new BrokenPromise(`offset ${fromOffset} was lost, and no sync has failed`);
    if (fromOffset < this.promised)
      this.#broken ??= new BrokenPromise(`offset ${fromOffset} was lost, ${this.promised} was promised`);
    for (const flush of this.#flushes) flush.isVain ||= flush.end > fromOffset;
    this.#takeBack(fromOffset, endOffset);
  }

  /** Throws what was found within a call of the log. */
  assertKept(): void {
    if (this.#broken !== null) throw this.#broken;
  }

  /** The log was cut, or will be once it has healed. */
  truncated(endOffset: number, before: number, isDone: boolean): void {
    this.promised = Math.min(this.promised, endOffset);
    this.#given = Math.min(this.#given, endOffset);
    for (const flush of this.#flushes) flush.end = Math.min(flush.end, endOffset);
    this.#takeBack(endOffset, before);
    if (isDone) this.#goesOn();
  }

  refusedCut(offset: number): void {
    this.#mayEndAt = Math.min(this.#mayEndAt, offset);
  }

  #takeBack(fromOffset: number, endOffset: number): void {
    this.#takenBack++;
    for (let offset = fromOffset; offset < endOffset; offset++) {
      const known = this.#known.get(offset);
      if (known !== undefined) known.isGone = true;
    }
  }

  damaged(fromOffset: number, toOffset: number): void {
    // Of an empty batch nothing is known, and there is damage all the same.
    const nothing = { bodies: [], timestamp: 0 };
    for (let offset = fromOffset; offset < toOffset; offset++)
      this.#known.set(offset, { ...(this.#known.get(offset) ?? nothing), isDamaged: true, isGone: false });
  }

  mayDelete(offset: number): void {
    this.#mayBeGone = Math.max(this.#mayBeGone, offset);
  }

  deletedUpTo(startOffset: number): void {
    this.#start = startOffset;
  }

  /** Retention moved the start of the log; what is newer than `expiredMs` must have stayed. */
  retained(startOffset: number, expiredMs: number): void {
    for (let offset = this.#start; offset < startOffset; offset++) {
      const known = this.#known.get(offset);
      if (known === undefined || known.isDamaged || known.isGone) continue;
      if (known.timestamp >= expiredMs && offset >= this.#mayBeGone)
        throw new BrokenPromise(`retention took offset ${offset}, which is not old enough`);
    }
    this.#mayBeGone = Math.max(this.#mayBeGone, startOffset);
    this.#start = startOffset;
  }

  /** The process ended; the page cache outlives it. */
  killed(log: Log | null, { durableEnd, givenEnd }: Checkpointed): void {
    this.#spareBehindDamage(durableEnd);
    if (!this.lostBytes && log !== null) this.promised = log.endOffset;
    // A process that ended before it could note that its sync had failed knows of no offset it gave since the last.
    if (this.lostBytes) this.#given = Math.min(this.#given, Math.max(this.promised, givenEnd));
    this.#flushes.clear();
  }

  powerCut(log: Log | null): void {
    if (log !== null) this.promised = Math.max(this.promised, Math.min(log.durableEndOffset, log.endOffset));
    this.#spareBehindDamage(0);
    this.#given = Math.min(this.#given, this.promised);
    this.#flushes.clear();
  }

  closed(log: Log): void {
    this.promised = log.endOffset;
    this.#flushes.clear();
  }

  /**
   * Damage and a crash at once: where the checkpoint does not say how far the device had it, what is behind the damage
   * in its segment may be cut off with it.
   */
  #spareBehindDamage(from: number): void {
    const first = Math.min(
      ...[...this.#known].filter(([, each]) => each.isDamaged).map(([offset]) => offset),
    );
    for (const [offset, each] of this.#known) if (offset >= Math.max(first, from)) each.isDamaged = true;
  }

  /** A log was opened and looked at: of what was not promised any part survived, and is promised from now on. */
  opened(log: Log): void {
    for (const [offset, each] of [...this.#known])
      if (offset >= log.endOffset || each.isGone) this.#known.delete(offset);
    this.promised = log.endOffset;
    this.#given = log.endOffset;
    this.#start = log.startOffset;
    this.#mayEndAt = Number.POSITIVE_INFINITY;
    this.lostBytes = false;
  }

  /** What a read of a running log gave must be what was appended, with nothing left out. */
  look(log: Log, from: number, bytes: Buffer): void {
    let offset = from;
    for (const { at, header } of iterateBatches(bytes)) {
      const batch = openBatchOrNull(bytes, at);
      if (batch === null && this.anyDamage) return; // the reader's checksum finds it: no record is skipped
      const count = batch?.count ?? 0;
      for (let missing = offset; missing < header.baseOffset; missing++) this.#mayMiss(log, missing);
      for (let i = 0; i < count; i++) {
        const each = header.baseOffset + i;
        const body = batch!.event(i).body.toString('latin1');
        const known = this.#known.get(each);
        if (known?.bodies[0] !== body || known.isGone) throw this.#wrong(each, body);
      }
      offset = header.baseOffset + header.lastOffsetDelta + 1;
      for (let missing = header.baseOffset + count; missing < offset; missing++) this.#mayMiss(log, missing);
    }
    if (bytes.length > 0) return;
    for (; offset < log.endOffset; offset++) this.#mayMiss(log, offset);
  }

  #mayMiss(log: Log, offset: number): void {
    const known = this.#known.get(offset);
    if (offset < log.startOffset || known === undefined || known.isDamaged || known.isGone) return;
    if (offset >= this.promised && this.lostBytes) return;
    throw new BrokenPromise(`offset ${offset} is not there (log ${log.startOffset}–${log.endOffset})`);
  }

  /** The bounds of a log that was just opened. */
  checkBounds(log: Log): void {
    for (const [what, end] of [
      ['promised', this.promised],
      ['given', this.#given],
    ] as const) {
      let least = end;
      while (this.#known.get(least - 1)?.isDamaged === true) least--;
      while (least > this.#mayEndAt && !this.#known.has(least - 1)) least--;
      if (log.endOffset < least)
        throw new BrokenPromise(`the log ends at ${log.endOffset}, ${end} was ${what}`);
    }
    for (let gone = Math.max(this.#mayBeGone, this.#start); gone < log.startOffset; gone++)
      this.#mustHave(gone);
  }

  /** What a log that was just opened gives from `from` on; returns where to go on. */
  lookAfterStart(log: Log, from: number, bytes: Buffer): number {
    let offset = from;
    for (const { at, header } of iterateBatches(bytes)) {
      const batch = openBatch(bytes, at, { verifyCrc: true });
      for (let missing = offset; missing < header.baseOffset; missing++) this.#mustHave(missing);
      for (let i = 0; i < batch.count; i++)
        this.#mustBe(header.baseOffset + i, batch.event(i).body.toString('latin1'));
      offset = header.baseOffset + header.lastOffsetDelta + 1;
      for (let missing = header.baseOffset + batch.count; missing < offset; missing++)
        this.#mustHave(missing);
    }
    if (bytes.length === 0) {
      for (; offset < log.endOffset; offset++) this.#mustHave(offset);
    }
    return offset;
  }

  #mustHave(offset: number): void {
    const known = this.#known.get(offset);
    if (known === undefined || known.isDamaged) return;
    if (offset < this.promised && !known.isGone)
      throw new BrokenPromise(`offset ${offset} is gone, ${this.promised} was promised`);
    this.#known.delete(offset);
  }

  #mustBe(offset: number, body: string): void {
    const known = this.#known.get(offset);
    const may = offset < this.promised ? known?.bodies.slice(0, 1) : known?.bodies;
    if (may?.includes(body) !== true) throw this.#wrong(offset, body);
    this.#known.set(offset, { ...known!, bodies: [body], isGone: false });
  }

  #wrong(offset: number, body: string): BrokenPromise {
    const known = this.#known.get(offset);
    const was = `${brief(known?.bodies[0] ?? 'never given')}${known?.isGone ? ', gone' : ''}`;
    return new BrokenPromise(`offset ${offset} reads ${brief(body)}, it was ${was}`);
  }
}

function openBatchOrNull(bytes: Buffer, at: number): ReturnType<typeof openBatch> | null {
  try {
    return openBatch(bytes, at, { verifyCrc: true });
  } catch {
    return null; // damaged bytes are given as they are: the reader's checksum finds them
  }
}

function brief(body: string): string {
  return JSON.stringify(body.length > 24 ? `${body.slice(0, 24)}…` : body);
}
