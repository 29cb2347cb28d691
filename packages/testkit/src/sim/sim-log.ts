import { Log } from '../../../millrace/src/log/log.ts';
import { errorText, MillraceError } from '../../../millrace/src/runtime/errors.ts';
import { randomFrom } from '../files/faulty-files.ts';
import { type Action, BrokenPromise, type HistoryKind, type World } from './history.ts';
import { type DiskLies, SimFiles } from './sim-files.ts';
import { bytesOf, drawBatches, drawDamage, drawFault } from './sim-log-draw.ts';
import { checkpointed, LogLedger } from './sim-log-ledger.ts';
import { VirtualLoop } from './virtual-loop.ts';

const dir = '/data/t-0';
const checkpointPath = `${dir}/log.checkpoint`;
const hourMs = 3_600_000;
const retentionMs = 50 * hourMs;

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
      wait: 3,
      read: 8,
      roll: 3,
      retention: 2,
      deleteBefore: 2,
      truncate: 2,
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
  readonly #ledger = new LogLedger();
  #log: Log | null = null;
  #serial = 0;
  #repairs = 0;
  /** An append found the disk full: until the device knows that it was taken back, others are refused with it. */
  #wasFull = false;

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
      turn: () => this.#loop.turn(),
      idle: () => this.#idle(),
      wait: () => this.#wait(),
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
    this.#ledger.assertKept();
  }

  async finish(): Promise<void> {
    this.#files.dieAfter(Number.POSITIVE_INFINITY);
    await this.#heal();
    const log = this.#log ?? (await this.#open());
    this.#note('at the end');
    await this.#idle();
    await this.#healed(log);
    this.#ledger.assertKept();
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
    const isFailing = this.#files.plan !== null || this.#log?.failure != null || this.#repairs > 0;
    try {
      action();
      return true;
    } catch (error) {
      this.#detail(`→ ${errorText(error)}`);
      const code = error instanceof MillraceError ? error.code : '';
      const isDamage = code === 'LOG_CORRUPT' && this.#ledger.anyDamage;
      const isHeld = code === 'DISK_FULL' && this.#wasFull;
      if (code === 'DISK_FULL') this.#wasFull = true;
      if (!isFailing && !isDamage && !isHeld && !this.#files.isDead) throw error;
      return false;
    }
  }

  async #open(): Promise<Log> {
    this.#note('open');
    const opening = Log.open(dir, {
      files: this.#files.life(),
      segmentBytes: 1500,
      indexIntervalBytes: 200,
      retentionMs,
      now: () => this.#loop.nowMs,
    });
    const log = await this.#drive(opening);
    log.onCut((firstLostOffset) => {
      this.#note(`lost ${firstLostOffset}–${log.endOffset - 1}`);
      this.#ledger.lost(firstLostOffset, log.endOffset);
    });
    this.#log = log;
    this.#wasFull = false;
    this.#detail(`${log.startOffset}–${log.endOffset}`);
    await this.#check(log);
    this.#ledger.opened(log);
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

  /** Time passes and no sync ends: a device may be that slow. */
  async #wait(): Promise<void> {
    const { nextTimerMs } = this.#loop;
    if (nextTimerMs < hourMs) await this.#loop.advance(nextTimerMs);
  }

  #append(log: Log, random: () => number): void {
    const before = log.endOffset;
    const batches = drawBatches(random, this.#loop.nowMs, before, () => this.#serial++);
    const took = this.#allow(() => {
      const { baseOffset } = log.appendMany(Buffer.concat(batches.map(bytesOf)));
      if (baseOffset !== before) throw new BrokenPromise(`appended at ${baseOffset}, the end was ${before}`);
      this.#ledger.appended(baseOffset, batches);
      this.#wasFull = false;
      this.#detail(`${baseOffset}–${log.endOffset - 1}`);
    });
    if (took) return;
    if (!this.#files.isDead && log.endOffset !== before)
      throw new BrokenPromise('a refused append left something');
    this.#ledger.refused(before, batches);
    if (this.#files.isDead) this.#ledger.lostBytes = true;
  }

  #flush(log: Log): void {
    const flush = this.#ledger.beginFlush(log.endOffset);
    log.flush().then(
      () => this.#ledger.endFlush(flush, this.#log === log),
      () => this.#ledger.endFlush(flush, false),
    );
  }

  #complete(random: () => number): void {
    const { length } = this.#files.completions;
    if (length > 0) this.#detail(this.#files.complete(Math.floor(random() * length)));
  }

  #read(log: Log, random: () => number): void {
    const from = log.startOffset + Math.floor(random() * (log.endOffset - log.startOffset + 1));
    let bytes: Buffer;
    try {
      bytes = log.read(from, 1 + Math.floor(random() * 3000));
    } catch (error) {
      this.#detail(`${from} → ${errorText(error)}`);
      const excused = this.#files.plan !== null || this.#files.isDead || this.#ledger.anyDamage;
      if (!excused) throw error;
      return;
    }
    this.#detail(`${from}`);
    this.#ledger.look(log, from, bytes);
  }

  #retention(log: Log, random: () => number): void {
    this.#loop.nowMs += Math.floor(random() * 20 * hourMs);
    // Refused, it may have been done all the same.
    if (!this.#allow(() => log.applyRetention())) this.#ledger.mayDelete(log.endOffset);
    this.#ledger.retained(log.startOffset, this.#loop.nowMs - retentionMs);
  }

  #deleteBefore(log: Log, random: () => number): void {
    const { start, promised } = this.#ledger;
    const offset = start + Math.floor(random() * (promised - start + 1));
    if (offset > log.endOffset) return;
    this.#ledger.mayDelete(offset);
    this.#allow(() => log.deleteRecordsBefore(offset));
    this.#detail(`${offset}`);
    this.#ledger.deletedUpTo(log.startOffset);
  }

  async #truncate(log: Log, random: () => number): Promise<void> {
    if (this.#repairs > 0) return;
    const before = log.endOffset;
    const offset = log.startOffset + Math.floor(random() * (before - log.startOffset + 1));
    this.#detail(`${offset}`);
    let fault: unknown = null;
    await this.#drive(log.truncateTo(offset)).catch((error: unknown) => {
      fault = error;
    });
    // It may end at the beginning of a segment behind the offset; nothing may be left in between.
    const wasCut = fault === null || log.endOffset !== before;
    if (wasCut && log.endOffset > offset && log.read(offset, 1).length > 0)
      throw new BrokenPromise(`cut to ${offset}, the log ends at ${log.endOffset}: ${before} was its end`);
    if (log.endOffset !== before) this.#ledger.truncated(log.endOffset, before, fault === null);
    else if (fault !== null) this.#ledger.refusedCut(offset);
    this.#detail(`→ ${log.endOffset}`);
    if (fault === null) return;
    this.#allow(() => {
      throw fault;
    });
    const isHalf = log.endOffset !== before && log.failure === null && !this.#files.isDead;
    if (isHalf) throw new BrokenPromise('a cut that was not ended, and the log goes on');
  }

  /** Bytes of one batch change behind the log's back. */
  #damage(log: Log, random: () => number): void {
    const paths = this.#files.paths(dir).filter((path) => path.endsWith('.log'));
    if (paths.length === 0 || this.#ledger.anyDamage) return;
    const path = paths[Math.floor(random() * paths.length)]!;
    const base = Number(path.slice(-24, -4));
    const drawn = drawDamage(random, this.#files.bytes(path), base, log.startOffset);
    if (drawn === null) return;
    this.#files.damage(path, drawn.position, drawn.bytes);
    this.#ledger.damaged(drawn.fromOffset, drawn.toOffset);
    this.#detail(`${path} byte ${drawn.position}, offset ${drawn.fromOffset}`);
  }

  #repair(log: Log, random: () => number): void {
    const damaged = this.#ledger.damagedFrom(log.startOffset);
    const offset = damaged ?? log.startOffset + Math.floor(random() * (log.endOffset - log.startOffset));
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
    this.#ledger.closed(log);
    this.#stop();
  }

  #kill(): void {
    const hasCheckpoint = this.#files.paths(dir).includes(checkpointPath);
    const checkpoint = hasCheckpoint ? this.#files.bytes(checkpointPath) : Buffer.alloc(0);
    this.#ledger.killed(this.#log, checkpointed(checkpoint));
    this.#files.kill();
    this.#stop();
  }

  #power(): void {
    this.#ledger.powerCut(this.#log);
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
    const { what, plan } = drawFault(random);
    this.#detail(what);
    this.#files.plan = (call, path) => {
      const code = plan(call, path);
      if (code !== null && call === 'datasync') this.#ledger.lostBytes = true;
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
    await this.#drive(log.flush());
    this.#wasFull = false;
    this.#append(log, () => 0.5);
    await this.#drive(log.flush());
    this.#ledger.closed(log);
  }

  /** Everything that must be there is there, and nothing else. */
  async #check(log: Log): Promise<void> {
    this.#ledger.checkBounds(log);
    let offset = log.startOffset;
    let repaired = -1;
    while (offset < log.endOffset) {
      let next: number;
      try {
        next = this.#ledger.lookAfterStart(log, offset, log.read(offset, 700));
      } catch (error) {
        const isDamage =
          error instanceof MillraceError && ['LOG_CORRUPT', 'BATCH_CORRUPT'].includes(error.code);
        if (!isDamage || !this.#ledger.anyDamage || repaired === offset) throw error;
        repaired = offset;
        await this.#drive(log.repair(offset));
        continue;
      }
      if (next <= offset) throw new BrokenPromise(`nothing at ${offset} of ${log.endOffset}`);
      offset = next;
    }
  }
}
