import { Log } from '../../../packages/millrace/src/log/log.ts';
import {
  batchChecksumStart,
  iterateBatches,
  type readBatchHeader,
} from '../../../packages/millrace/src/records/batch-header.ts';
import { openBatch } from '../../../packages/millrace/src/records/open-batch.ts';
import { errorText, MillraceError } from '../../../packages/millrace/src/runtime/errors.ts';
import { batchBytes } from '../event-batches.ts';
import { randomFrom } from '../faulty-files.ts';
import { tampered } from '../produced-batch.ts';
import { type Action, BrokenPromise, type HistoryKind, type World } from './history.ts';
import { type DiskLies, SimFiles } from './sim-files.ts';
import { VirtualLoop } from './virtual-loop.ts';

const dir = '/data/t-0';
const hourMs = 3_600_000;
/** Written into values that hold a whole batch; no reader may ever be given it as a record of the log. */
const forgedBody = 'forged';

/** What was appended and may be asked for. */
interface Known {
  /** The first one holds; others were cut away, and may come back as long as no sync has covered the cut. */
  readonly bodies: readonly string[];
  /** The oldest of theirs. */
  readonly timestamp: number;
  /** Its bytes on the device were changed: it may be gone. */
  isDamaged: boolean;
}

export interface LogHistoryOptions {
  readonly lies?: DiskLies;
  /** Whether bytes of batches change on the device. Default true. */
  readonly damage?: boolean;
}

/** Histories of one log: everything that may be done with it, on a disk that ends syncs in any order and fails. */
export function logHistories(options: LogHistoryOptions = {}): HistoryKind {
  return {
    name: 'a log',
    maxActions: 60,
    weights: {
      append: 20,
      flush: 8,
      complete: 16,
      turn: 8,
      idle: 4,
      read: 8,
      roll: 3,
      retention: 2,
      deleteBefore: 2,
      truncate: 1,
      damage: options.damage === false ? 0 : 1,
      repair: 3,
      close: 2,
      kill: 2,
      power: 3,
      dieSoon: 2,
      fail: 2,
      heal: 3,
    },
    make: (seed) => new LogWorld(seed, options),
  };
}

class LogWorld implements World {
  readonly trace: string[] = [];
  readonly #loop = new VirtualLoop();
  readonly #files: SimFiles;
  readonly #known = new Map<number, Known>();
  #log: Log | null = null;
  /** Everything below must be there after a power cut. */
  #promised = 0;
  #start = 0;
  /** What retention or a deletion may take: all below. */
  #mayBeGone = 0;
  #mayExpireBelowMs = Number.NEGATIVE_INFINITY;
  /** A sync failed in this life: what was not promised may be gone after a kill too. */
  #lostBytes = false;
  /** Under way, and how far each will promise. */
  readonly #flushes = new Set<{ end: number }>();
  #serial = 0;
  #repairs = 0;

  constructor(seed: number, options: LogHistoryOptions) {
    this.#files = new SimFiles(randomFrom(seed ^ 0x5bd1e995), options.lies);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#loop[Symbol.dispose]();
  }

  async act({ kind, seed }: Action): Promise<void> {
    const random = randomFrom(seed);
    let log = this.#log;
    while (log === null) {
      log = await this.#open().catch((error: unknown) => {
        if (!this.#files.isDead) throw error;
        this.#kill();
        return null;
      });
    }
    this.#note(kind);
    const steps: Record<string, () => unknown> = {
      append: () => this.#append(log, random),
      flush: () => this.#flush(log),
      complete: () => this.#complete(random),
      turn: () => this.#turn(),
      idle: () => this.#idle(),
      read: () => this.#read(log, random),
      roll: () => this.#allow(() => log.roll()),
      retention: () => this.#retention(log, random),
      deleteBefore: () => this.#deleteBefore(log, random),
      truncate: () => this.#truncate(log, random),
      damage: () => this.#damage(log, random),
      repair: () => this.#repair(log, random),
      close: () => this.#close(log),
      kill: () => this.#kill(),
      power: () => this.#power(),
      dieSoon: () => this.#files.dieAfter(Math.floor(random() * 6)),
      fail: () => this.#fail(random),
      heal: () => this.#heal(),
    };
    try {
      await steps[kind]!();
    } catch (error) {
      if (!this.#files.isDead) throw error;
    }
    await this.#loop.settle();
    if (this.#files.isDead) this.#kill();
  }

  async finish(): Promise<void> {
    this.#files.dieAfter(Number.POSITIVE_INFINITY);
    await this.#heal();
    const log = this.#log ?? (await this.#open());
    this.#note('at the end');
    await this.#idle();
    await this.#healed(log);
    if (this.#repairs === 0) await this.#check(log);
    this.#power();
    await this.#open();
  }

  #note(line: string): void {
    this.trace.push(line);
  }

  #detail(text: string): void {
    this.trace[this.trace.length - 1] += ` ${text}`;
  }

  /** Runs what may be refused while the disk fails or the log has not healed; anything else is not refused. */
  #allow(action: () => void): boolean {
    const excused = this.#files.plan !== null || this.#log?.failure != null || this.#repairs > 0;
    try {
      action();
      return true;
    } catch (error) {
      this.#detail(`→ ${errorText(error)}`);
      const isDamage = error instanceof MillraceError && error.code === 'LOG_CORRUPT' && this.#anyDamage();
      if (!excused && !isDamage && !this.#files.isDead) throw error;
      return false;
    }
  }

  async #open(): Promise<Log> {
    this.#note('open');
    const opening = Log.open(dir, {
      files: this.#files.life(),
      segmentBytes: 1500,
      indexIntervalBytes: 200,
      retentionMs: 50 * hourMs,
      now: () => this.#loop.nowMs,
    });
    const log = await this.#drive(opening);
    this.#log = log;
    this.#lostBytes = false;
    this.#detail(`${log.startOffset}–${log.endOffset}`);
    await this.#check(log);
    // Of what was not promised, any part may have survived; what did is promised from now on.
    for (const offset of [...this.#known.keys()]) {
      if (offset >= log.endOffset) this.#known.delete(offset);
    }
    this.#promised = log.endOffset;
    this.#start = log.startOffset;
    return log;
  }

  /** Ends syncs and turns until the promise is settled; nothing else happens meanwhile. */
  async #drive<T>(promise: Promise<T>): Promise<T> {
    let state: 'open' | 'done' = 'open';
    const done = () => {
      state = 'done';
    };
    promise.then(done, done);
    for (let i = 0; i < 10_000; i++) {
      await this.#loop.settle();
      if ((state as string) === 'done') return promise;
      if (this.#loop.immediates > 0) this.#loop.turn();
      else if (this.#files.completions.length > 0) this.#files.complete(0);
      else if (this.#loop.nextTimerMs < Number.POSITIVE_INFINITY)
        await this.#loop.advance(this.#loop.nextTimerMs);
      else break;
      if (this.#files.isDead) throw new BrokenPromise('the process has ended');
    }
    throw new BrokenPromise('a call never ended');
  }

  async #idle(): Promise<void> {
    for (let i = 0; i < 10_000; i++) {
      await this.#loop.settle();
      if (this.#files.isDead) return;
      if (this.#loop.immediates > 0) this.#loop.turn();
      else if (this.#files.completions.length > 0) this.#files.complete(0);
      else return;
    }
    throw new BrokenPromise('the log never comes to rest');
  }

  #append(log: Log, random: () => number): void {
    const batches = 1 + Math.floor(random() * 3);
    const now = this.#loop.nowMs;
    const bodies: string[][] = [];
    const timestamps: number[] = [];
    for (let i = 0; i < batches; i++) {
      const count = 1 + Math.floor(random() * 3);
      bodies.push(Array.from({ length: count }, () => this.#body(log, random)));
      const extreme = random();
      timestamps.push(
        extreme < 0.03 ? 2 ** 63 : extreme < 0.05 ? -(2 ** 62) : now - Math.floor(random() * 60 * hourMs),
      );
    }
    const bytes = Buffer.concat(bodies.map((each, i) => timedBatch(each, timestamps[i]!)));
    const before = log.endOffset;
    const took = this.#allow(() => {
      const { baseOffset } = log.appendMany(bytes);
      if (baseOffset !== before) throw new BrokenPromise(`appended at ${baseOffset}, the end was ${before}`);
      let offset = baseOffset;
      for (const [i, each] of bodies.entries()) {
        for (const body of each) this.#know(offset++, body, timestamps[i]!);
      }
      this.#detail(`${baseOffset}–${offset - 1}`);
    });
    if (!took && !this.#files.isDead && log.endOffset !== before)
      throw new BrokenPromise('a refused append left something');
    if (took) return;
    // What a failing disk or a dying process wrote in part may be found after a crash.
    let offset = before;
    for (const [i, each] of bodies.entries()) {
      for (const body of each) this.#know(offset++, body, timestamps[i]!);
    }
    if (this.#files.isDead) this.#lostBytes = true;
  }

  #know(offset: number, body: string, timestamp: number): void {
    const known = this.#known.get(offset);
    if (known !== undefined && offset < this.#promised && !known.isDamaged) {
      throw new BrokenPromise(`offset ${offset} is given twice`);
    }
    // Where the log was cut back and no sync has covered it, what was there before may come back.
    const before = offset >= this.#promised ? known : undefined;
    this.#known.set(offset, {
      bodies: [body, ...(before?.bodies ?? [])],
      timestamp: Math.min(timestamp, before?.timestamp ?? timestamp),
      isDamaged: false,
    });
  }

  /** Some hold a whole batch, as a mirrored segment does, at an offset that could be the log's. */
  #body(log: Log, random: () => number): string {
    const body = `${this.#serial++} ${'x'.repeat(Math.floor(random() ** 3 * 1200))}`;
    if (random() > 0.25) return body;
    const inner = batchBytes([forgedBody]);
    inner.writeBigInt64BE(BigInt(log.endOffset + Math.floor(random() * 5)), 0);
    return `${body}${inner.toString('latin1')}${inner.toString('latin1')}`;
  }

  #flush(log: Log): void {
    const flush = { end: log.endOffset };
    this.#flushes.add(flush);
    const done = () => this.#flushes.delete(flush);
    log.flush().then(() => {
      done();
      if (this.#log === log) this.#promised = Math.max(this.#promised, flush.end);
    }, done);
  }

  #complete(random: () => number): void {
    const { length } = this.#files.completions;
    if (length === 0) return;
    this.#detail(this.#files.complete(Math.floor(random() * length)));
  }

  #turn(): void {
    this.#loop.turn();
  }

  #read(log: Log, random: () => number): void {
    const from = log.startOffset + Math.floor(random() * (log.endOffset - log.startOffset + 1));
    let bytes: Buffer;
    try {
      bytes = log.read(from, 1 + Math.floor(random() * 3000));
    } catch (error) {
      this.#detail(`${from} → ${errorText(error)}`);
      const excused = this.#files.plan !== null || this.#files.isDead || this.#anyDamage();
      if (!excused) throw error;
      return;
    }
    this.#detail(`${from}`);
    this.#look(log, from, bytes);
  }

  #anyDamage(): boolean {
    return [...this.#known.values()].some(({ isDamaged }) => isDamaged);
  }

  /** What a read gave must be what was appended, with nothing left out. */
  #look(log: Log, from: number, bytes: Buffer): number {
    let offset = from;
    for (const { at, header } of iterateBatches(bytes)) {
      for (let missing = offset; missing < header.baseOffset; missing++) this.#mayMiss(log, missing);
      const batch = openBatchOrNull(bytes, at);
      if (batch === null && this.#anyDamage()) return log.endOffset; // the reader's checksum finds it: no record is skipped
      for (let i = 0; batch !== null && i < batch.count; i++) {
        const each = header.baseOffset + i;
        const body = batch.event(i).body.toString('latin1');
        const known = this.#known.get(each);
        if (known?.bodies[0] !== body) {
          throw new BrokenPromise(
            `offset ${each} reads ${brief(body)}, it was ${brief(known?.bodies[0] ?? 'never given')}`,
          );
        }
      }
      offset = header.baseOffset + header.lastOffsetDelta + 1;
    }
    if (bytes.length === 0 && from < log.endOffset) {
      for (let missing = from; missing < log.endOffset; missing++) this.#mayMiss(log, missing);
      return log.endOffset;
    }
    return offset;
  }

  #mayMiss(log: Log, offset: number): void {
    const known = this.#known.get(offset);
    if (offset < log.startOffset || known === undefined || known.isDamaged) return;
    if (offset >= this.#promised && this.#mayLose(offset)) return;
    throw new BrokenPromise(`offset ${offset} is not there (log ${log.startOffset}–${log.endOffset})`);
  }

  #mayLose(offset: number): boolean {
    return offset >= this.#promised && this.#lostBytes;
  }

  #retention(log: Log, random: () => number): void {
    this.#loop.nowMs += Math.floor(random() * 20 * hourMs);
    this.#mayExpireBelowMs = this.#loop.nowMs - 50 * hourMs;
    // Refused, it may have been done all the same.
    if (!this.#allow(() => log.applyRetention())) this.#mayBeGone = log.endOffset;
    for (let offset = this.#start; offset < log.startOffset; offset++) {
      const known = this.#known.get(offset);
      if (
        known?.isDamaged === false &&
        known.timestamp >= this.#mayExpireBelowMs &&
        offset >= this.#mayBeGone
      ) {
        throw new BrokenPromise(`retention took offset ${offset}, which is not old enough`);
      }
    }
    this.#mayBeGone = Math.max(this.#mayBeGone, log.startOffset);
    this.#start = log.startOffset;
  }

  #deleteBefore(log: Log, random: () => number): void {
    const offset = this.#start + Math.floor(random() * (this.#promised - this.#start + 1));
    if (offset > log.endOffset) return;
    this.#mayBeGone = Math.max(this.#mayBeGone, offset);
    this.#allow(() => log.deleteRecordsBefore(offset));
    this.#detail(`${offset}`);
    this.#start = log.startOffset;
  }

  async #truncate(log: Log, random: () => number): Promise<void> {
    if (this.#repairs > 0) return;
    const offset = log.startOffset + Math.floor(random() * (log.endOffset - log.startOffset + 1));
    this.#promised = Math.min(this.#promised, offset);
    for (const flush of this.#flushes) flush.end = Math.min(flush.end, offset);
    try {
      await this.#drive(log.truncateTo(offset));
    } catch (error) {
      this.#lostBytes = true;
      this.#allow(() => {
        throw error;
      });
    }
    this.#promised = Math.min(this.#promised, log.endOffset);
    for (const flush of this.#flushes) flush.end = Math.min(flush.end, log.endOffset);
    this.#detail(`${offset} → ${log.endOffset}`);
  }

  /** Bytes of one batch change behind the log's back. */
  #damage(log: Log, random: () => number): void {
    const paths = this.#files.paths('/data/t-0').filter((path) => path.endsWith('.log'));
    if (paths.length === 0 || this.#anyDamage()) return;
    const path = paths[Math.floor(random() * paths.length)]!;
    const bytes = this.#files.bytes(path);
    const batches = [...iterateBatchesSafely(bytes)];
    if (batches.length === 0) return;
    const { at, header } = batches[Math.floor(random() * batches.length)]!;
    if (header.baseOffset < log.startOffset) return;
    const inHeader = random() < 0.5;
    const position = inHeader
      ? at + 8 + Math.floor(random() * 13)
      : at + batchChecksumStart + 40 + Math.floor(random() * 4);
    const changed = Buffer.from([bytes[position]! ^ (1 + Math.floor(random() * 255))]);
    // A length that leads to where another batch begins, or to the end, can't be told from a batch that holds what is in
    // between: what is there is set aside with it, and that is no fault.
    const length = Buffer.from(bytes.subarray(at + 8, at + 12));
    if (position < at + 12) changed.copy(length, position - at - 8);
    const end = at + 12 + length.readInt32BE(0);
    const before = batches.findLast((other) => other.at < at)?.header;
    const due = before ? before.baseOffset + before.lastOffsetDelta + 1 : Number(path.slice(-24, -4));
    // Behind a gap a base offset proves nothing: what follows a damaged batch there is set aside with it (known-gaps).
    if (header.baseOffset !== due) return;
    const isTrue = end === at + 12 + header.batchLength;
    if (!isTrue && (end === bytes.length || batches.some((other) => other.at === end))) return;
    this.#files.damage(path, position, changed);
    for (let i = 0; i <= header.lastOffsetDelta; i++) {
      const known = this.#known.get(header.baseOffset + i);
      if (known !== undefined) known.isDamaged = true;
    }
    this.#detail(`${path} byte ${position}, offset ${header.baseOffset}`);
  }

  #repair(log: Log, random: () => number): void {
    const damaged = [...this.#known].find(([offset, each]) => each.isDamaged && offset >= log.startOffset);
    const offset = damaged?.[0] ?? log.startOffset + Math.floor(random() * (log.endOffset - log.startOffset));
    if (offset >= log.endOffset || log.endOffset === log.startOffset) return;
    this.#detail(`${offset}`);
    this.#repairs++;
    log.repair(offset).then(
      () => this.#repairs--,
      () => this.#repairs--,
    );
  }

  async #close(log: Log): Promise<void> {
    if (this.#files.plan !== null || log.failure !== null) return;
    await this.#drive(log.close());
    if (this.#files.isDead) return;
    if (this.#files.openFiles > 0)
      throw new BrokenPromise(`${this.#files.openFiles} files stay open after a stop`);
    this.#promised = log.endOffset;
    this.#stop();
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

  /** How far the checkpoint's file says that the device had the log: a process may die before it is written. */
  #checkpointedEnd(): number {
    const path = '/data/t-0/log.checkpoint';
    if (!this.#files.paths('/data/t-0').includes(path)) return 0;
    const slots = this.#files
      .bytes(path)
      .toString('latin1')
      .split('\n')
      .filter((slot) => slot.trim() !== '')
      .map((slot) => slot.trim().split(' ').map(Number));
    const newest = slots.reduce((a, b) => (b[0]! > a[0]! ? b : a), [-1]);
    return newest[5] ?? 0;
  }

  #kill(): void {
    this.#spareBehindDamage(this.#checkpointedEnd());
    // The page cache outlives the process.
    if (!this.#lostBytes && this.#log !== null) this.#promised = this.#log.endOffset;
    this.#files.kill();
    this.#stop();
  }

  #power(): void {
    if (this.#log !== null)
      this.#promised = Math.max(this.#promised, Math.min(this.#log.durableEndOffset, this.#log.endOffset));
    this.#spareBehindDamage(0);
    this.#files.cutPower();
    this.#stop();
  }

  #stop(): void {
    this.#loop.forget();
    this.#log = null;
    this.#repairs = 0;
  }

  /** From now on the disk fails, every call or some. */
  #fail(random: () => number): void {
    const code = ['EMFILE', 'ENOSPC', 'EIO'][Math.floor(random() * 3)]!;
    const rate = random() < 0.5 ? 1 : 0.3;
    const fails: Record<string, readonly string[]> = {
      EMFILE: ['open', 'syncDir'],
      ENOSPC: ['open', 'write', 'rename', 'makeDir'],
      EIO: [['datasync', 'syncDir'], ['write'], ['read']][Math.floor(random() * 3)]!,
    };
    this.#detail(`${code} ${rate}: ${fails[code]!.join(' ')}`);
    this.#files.plan = (call) => {
      if (!fails[code]!.includes(call) || random() > rate) return null;
      if (call === 'datasync') this.#lostBytes = true;
      return code;
    };
  }

  async #heal(): Promise<void> {
    this.#files.plan = null;
    if (this.#log === null) return;
    await this.#idle();
    // A log that waits before it tries again is given the time.
    for (let i = 0; i < 20 && this.#log.failure !== null && this.#loop.nextTimerMs < hourMs; i++) {
      await this.#loop.advance(this.#loop.nextTimerMs);
      await this.#idle();
    }
    if (this.#files.isDead) this.#kill();
  }

  /** A disk that is well again makes a log that works, without a restart. */
  async #healed(log: Log): Promise<void> {
    if (this.#files.isDead) return;
    if (log.failure !== null) throw new BrokenPromise(`the log never heals: ${log.failure.message}`);
    this.#append(log, () => 0.5);
    await this.#drive(log.flush());
    this.#promised = log.endOffset;
  }

  /** Everything that must be there is there, and nothing else. */
  async #check(log: Log): Promise<void> {
    let promised = this.#promised;
    while (this.#known.get(promised - 1)?.isDamaged === true) promised--;
    if (log.endOffset < promised) {
      throw new BrokenPromise(`the log ends at ${log.endOffset}, ${this.#promised} was promised`);
    }
    for (let gone = Math.max(this.#mayBeGone, this.#start); gone < log.startOffset; gone++)
      this.#mustHave(gone);
    let offset = log.startOffset;
    let repaired = -1;
    while (offset < log.endOffset) {
      let next: number;
      try {
        next = this.#lookAfterStart(log, offset, log.read(offset, 700));
      } catch (error) {
        const isDamage =
          error instanceof MillraceError && ['LOG_CORRUPT', 'BATCH_CORRUPT'].includes(error.code);
        if (!isDamage || !this.#anyDamage() || repaired === offset) throw error;
        repaired = offset;
        await this.#drive(log.repair(offset));
        continue;
      }
      if (next <= offset) throw new BrokenPromise(`nothing at ${offset} of ${log.endOffset}`);
      offset = next;
    }
  }

  #lookAfterStart(log: Log, from: number, bytes: Buffer): number {
    let offset = from;
    for (const { at, header } of iterateBatches(bytes)) {
      const batch = openBatch(bytes, at, { verifyCrc: true });
      for (let missing = offset; missing < header.baseOffset; missing++) this.#mustHave(missing);
      for (let i = 0; i < batch.count; i++)
        this.#mustBe(header.baseOffset + i, batch.event(i).body.toString('latin1'));
      offset = header.baseOffset + header.lastOffsetDelta + 1;
    }
    if (bytes.length === 0) {
      for (; offset < log.endOffset; offset++) this.#mustHave(offset);
    }
    return offset;
  }

  #mustHave(offset: number): void {
    const known = this.#known.get(offset);
    if (known === undefined || known.isDamaged) return;
    if (offset < this.#promised)
      throw new BrokenPromise(`offset ${offset} is gone, ${this.#promised} was promised`);
    this.#known.delete(offset);
  }

  #mustBe(offset: number, body: string): void {
    const known = this.#known.get(offset);
    const may = offset < this.#promised ? known?.bodies.slice(0, 1) : known?.bodies;
    if (may?.includes(body) === true) {
      this.#known.set(offset, { ...known!, bodies: [body] });
      return;
    }
    throw new BrokenPromise(
      `offset ${offset} reads ${brief(body)}, it was ${brief(known?.bodies[0] ?? 'never given')}`,
    );
  }
}

function timedBatch(bodies: readonly string[], timestamp: number): Buffer {
  const buffers = bodies.map((body) => Buffer.from(body, 'latin1'));
  const isExtreme = Math.abs(timestamp) > 2 ** 53;
  const bytes = batchBytes(buffers as never, isExtreme ? 1000 : timestamp);
  if (!isExtreme) return bytes;
  const extreme = timestamp > 0 ? 0x7fff_ffff_ffff_ffffn : BigInt(timestamp);
  return tampered(bytes, (copy) => copy.writeBigInt64BE(extreme, 35));
}

function openBatchOrNull(bytes: Buffer, at: number): ReturnType<typeof openBatch> | null {
  try {
    return openBatch(bytes, at, { verifyCrc: true });
  } catch {
    return null; // damaged bytes are given as they are: the reader's checksum finds them
  }
}

function* iterateBatchesSafely(
  bytes: Buffer,
): Generator<{ at: number; header: ReturnType<typeof readBatchHeader> }> {
  try {
    yield* iterateBatches(bytes);
  } catch {
    // damaged already
  }
}

function brief(body: string): string {
  return JSON.stringify(body.length > 24 ? `${body.slice(0, 24)}…` : body);
}
