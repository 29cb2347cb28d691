import type { SourceCounter } from '../../component/counters.ts';
import {
  type DeserializedEvents,
  type EventDeserializer,
  InputUnreadable,
} from '../../component/deserializer.ts';
import { putUntilTaken } from '../../component/put-until-taken.ts';
import type { RefusedEvents } from '../../component/refused.ts';
import type { ChannelProcessor } from '../../component/source.ts';
import type { EventBatch, Headers } from '../../records/event-batch.ts';
import type { Diagnostic } from '../../runtime/diagnostics.ts';
import { errorText, hasErrno } from '../../runtime/errors.ts';
import type { FileLayer } from '../../runtime/files.ts';
import type { Logger } from '../../runtime/logger.ts';
import { Pace } from '../../tracking/pace.ts';
import type { SourceFiles, SourceHandle } from '../../tracking/source-files.ts';
import { type FileProgress, Progress } from './progress.ts';
import { type RetireOptions, retire, takenName } from './retire.ts';
import { SpoolFile } from './spool-file.ts';
import { type Candidate, SpoolFolder, type SpoolFolderOptions } from './spool-folder.ts';

export interface SpoolingOptions extends SpoolFolderOptions, RetireOptions {
  readonly trackerDir: string;
  readonly maxEvents: number;
  readonly maxBackoffMs: number;
  /** Any fault ends the reading for good, as in Flume. */
  readonly stopsAtFaults: boolean;
  readonly headersOf: (candidate: Candidate) => Headers;
  /** The source's name. */
  readonly source: string;
}

export interface SpoolingContext {
  readonly channels: ChannelProcessor;
  readonly counter: SourceCounter;
  readonly refused: RefusedEvents;
  readonly log: Logger;
  /** The files that are read; what is kept of them. */
  readonly files: SourceFiles;
  readonly state: FileLayer;
  deserialize(handle: SourceHandle, sizeBytes: number): EventDeserializer;
  report(diagnostic: Diagnostic): void;
}

/** A file that is left alone for now, while the others are read. */
interface Held {
  readonly sizeBytes: number;
  readonly mtimeMs: number;
  readonly failures: number;
  /** Monotonic ms; not before that, unless it changes. */
  readonly retryAtMs: number;
  /** Read to its end; only its name can't be changed. */
  readonly isRead: boolean;
}

const firstBackoffMs = 250;
const firstRetryMs = 500;
const mostRetryMs = 60_000;

/** A fault after which Flume's source is dead until it is restarted. */
class Fatal extends Error {}

/** Reads the files of a spool directory one after the other, and takes each out of the way when all of it is taken. */
export class Spooling {
  readonly #options: SpoolingOptions;
  readonly #context: SpoolingContext;
  readonly #pace = new Pace();
  readonly #folder: SpoolFolder;
  readonly #progress: Progress;
  readonly #held = new Map<string, Held>();
  #current: SpoolFile | null = null;
  #isDead = false;

  /** Reads what earlier runs left. */
  constructor(context: SpoolingContext, options: SpoolingOptions) {
    this.#context = context;
    this.#options = options;
    this.#progress = new Progress(context.state, options.trackerDir, context.log);
    for (const path of this.#progress.files) {
      if (context.files.stat(path) === null) this.#progress.forget(path);
    }
    this.#folder = new SpoolFolder(options, this.#pace, (folder, why) => {
      context.counter.genericProcessingFail += 1;
      context.log.error(`I/O exception occurred while listing directories. ${folder}: ${why}`);
    });
  }

  /** Reads some files, or a part of one; false: there was nothing to read. */
  async turn(signal: AbortSignal): Promise<boolean> {
    if (this.#isDead) return false;
    try {
      this.#current ??= await this.#open();
      if (this.#current === null) {
        this.#forgetGone();
        return false;
      }
      await this.#readOn(this.#current, signal);
      return true;
    } catch (error) {
      if (!(error instanceof Fatal)) throw error;
      this.#isDead = true;
      this.#context.log.error(
        `FATAL: Spool Directory source ${this.#options.source}: { spoolDir: ${this.#options.root} }: Restart or reconfigure to continue processing: ${error.message}`,
      );
      return false;
    }
  }

  close(): void {
    this.#current?.close();
    this.#current = null;
    this.#progress.close();
  }

  /** The next file that can be opened. */
  async #open(): Promise<SpoolFile | null> {
    const { files, deserialize } = this.#context;
    const { source, headersOf } = this.#options;
    for (;;) {
      if (this.#pace.due()) await this.#pace.breath();
      const candidate = await this.#folder.next((each) => this.#isHeld(each));
      if (candidate === null) return null;
      if (this.#held.get(candidate.path)?.isRead === true) {
        this.#retire(candidate, this.#progress.of(candidate.path));
        continue;
      }
      const stored = this.#progress.of(candidate.path);
      try {
        const headers = headersOf(candidate);
        const file = new SpoolFile(candidate, stored, { files, deserialize, headers, source });
        if (file.progress !== stored) {
          this.#progress.forget(candidate.path);
          this.#tell(
            candidate.path,
            'spooldir-replaced',
            'is not the file that was begun under this name: it is read from its start',
          );
        }
        return file;
      } catch (error) {
        if (hasErrno(error, 'ENOENT', 'ENOTDIR')) continue;
        this.#hold(candidate, 'spooldir-unreadable', `can't be opened: ${errorText(error)}`);
        if (this.#options.stopsAtFaults) return null;
      }
    }
  }

  /** Reads the file until it ends, or the loop must have its turn. */
  async #readOn(file: SpoolFile, signal: AbortSignal): Promise<void> {
    for (;;) {
      let found: DeserializedEvents | null;
      try {
        found = await file.read(this.#options.maxEvents);
      } catch (error) {
        this.#let(file);
        this.#readFailed(file, error);
        return;
      }
      if (found === null) {
        this.#finish(file);
        return;
      }
      if (found.unreadable.length > 0 && file.change() === 'grown') {
        // What can't be read may be what its writer has not finished.
        file.rewind();
        this.#finish(file);
        return;
      }
      try {
        await this.#deliver(file, found, signal);
      } catch (error) {
        file.rewind();
        if (signal.aborted) return;
        throw error;
      }
      if (signal.aborted) return;
    }
  }

  async #deliver(
    file: SpoolFile,
    { batch, unreadable }: DeserializedEvents,
    signal: AbortSignal,
  ): Promise<void> {
    const { counter, refused } = this.#context;
    if (unreadable.length > 0) {
      counter.eventReadFail += 1;
      if (this.#options.stopsAtFaults) throw new Fatal(`${file.path}: ${unreadable[0]!.reason}`);
      await refused.setAsideBytes(unreadable.map((each) => ({ ...each, stage: 'decode', place: file.path })));
    }
    if (batch !== null) {
      counter.eventReceived += batch.count;
      counter.appendBatchReceived += 1;
      await this.#putUntilTaken(batch, signal);
      counter.eventAccepted += batch.count;
      counter.appendBatchAccepted += 1;
    }
    file.commit();
    // Of one that ends here the next step is to take it out of the way.
    if (!file.isAtEnd) this.#progress.moved(file.path, file.progress);
  }

  /** The same batch again after 250 ms, doubled up to `maxBackoff`. */
  #putUntilTaken(batch: EventBatch, signal: AbortSignal): Promise<void> {
    const { channels, counter, log } = this.#context;
    return putUntilTaken(channels, batch, {
      signal,
      firstDelayMs: firstBackoffMs,
      mostDelayMs: this.#options.maxBackoffMs,
      rejected: (error, delayMs) => {
        counter.channelWriteFail += 1;
        log.warn(
          `The channel is full, and cannot write data now. The source will try again after ${delayMs} milliseconds: ${errorText(error)}`,
        );
      },
    });
  }

  /** All of it is taken. What changed meanwhile is told, and what was added is read later. */
  #finish(file: SpoolFile): void {
    const change = file.change();
    const { candidate, path } = file;
    this.#let(file);
    if (change !== 'same' && this.#options.stopsAtFaults) {
      this.#context.counter.eventReadFail += 1;
      throw new Fatal(`File has been modified since being read: ${path}`);
    }
    switch (change) {
      case 'gone':
        this.#progress.forget(path);
        this.#tell(
          path,
          'spooldir-gone',
          'was deleted or renamed while it was read; all that it held is sent',
        );
        return;
      case 'grown':
        this.#progress.moved(path, file.progress);
        this.#hold(
          candidate,
          'spooldir-still-written',
          'has grown while it was read: the rest is read later; its last line may be in two events',
        );
        return;
      case 'rewritten':
        this.#progress.forget(path);
        this.#hold(
          candidate,
          'spooldir-rewritten',
          'holds other bytes than were read of it: it is read from its start again',
        );
        return;
      case 'touched':
        this.#tell(path, 'spooldir-touched', 'was changed while it was read: it may hold what was not sent');
    }
    this.#retire(candidate, file.progress);
  }

  /** A finished file that can't be renamed is not read again: its place is kept, and the name is tried again. */
  #retire(candidate: Candidate, progress: FileProgress): void {
    const { path } = candidate;
    const { log } = this.#context;
    const taken = this.#options.stopsAtFaults ? takenName(candidate, this.#options) : null;
    if (taken !== null) {
      this.#context.counter.eventReadFail += 1;
      throw new Fatal(
        `File name has been re-used with different files. Spooling assumptions violated for ${taken}`,
      );
    }
    try {
      const { to, isReused } = retire(candidate, this.#options);
      log.debug(to === null ? `Deleted file ${path}` : `Finished file ${path}: ${to}`);
      this.#held.delete(path);
      this.#progress.forget(path);
      if (!isReused) return;
      this.#tell(
        path,
        'spooldir-name-reused',
        `was sent, and its name was that of another file before: it is ${to} now`,
      );
    } catch (error) {
      this.#progress.moved(path, progress);
      this.#hold(
        candidate,
        'spooldir-not-renamed',
        `is sent, and can't be taken out of the way: ${errorText(error)}`,
        true,
      );
    }
  }

  #readFailed({ candidate, path }: SpoolFile, error: unknown): void {
    this.#context.counter.eventReadFail += 1;
    if (this.#options.stopsAtFaults) throw new Fatal(`${path}: ${errorText(error)}`);
    if (error instanceof InputUnreadable) {
      this.#hold(
        candidate,
        'spooldir-undecodable',
        `can't be read: ${error.message}; it stays where it is`,
        false,
        Number.POSITIVE_INFINITY,
      );
      return;
    }
    this.#hold(candidate, 'spooldir-unreadable', `can't be read: ${errorText(error)}; it is tried again`);
  }

  #isHeld({ path, sizeBytes, mtimeMs }: Candidate): boolean {
    const held = this.#held.get(path);
    if (held === undefined || held.retryAtMs <= performance.now()) return false;
    const isForGood = held.retryAtMs === Number.POSITIVE_INFINITY;
    return !isForGood || (held.sizeBytes === sizeBytes && held.mtimeMs === mtimeMs);
  }

  /** Leaves a file alone for a while, which grows; told once. */
  #hold(candidate: Candidate, code: string, why: string, isRead = false, waitMs?: number): void {
    const { path, sizeBytes, mtimeMs } = candidate;
    const failures = (this.#held.get(path)?.failures ?? 0) + 1;
    const retryMs = waitMs ?? Math.min(mostRetryMs, firstRetryMs * 2 ** Math.min(failures - 1, 10));
    this.#held.set(path, { sizeBytes, mtimeMs, failures, isRead, retryAtMs: performance.now() + retryMs });
    if (failures === 1) this.#tell(path, code, why);
  }

  /** Files that somebody took away need no memory. */
  #forgetGone(): void {
    for (const path of this.#held.keys()) {
      if (this.#context.files.stat(path) !== null) continue;
      this.#held.delete(path);
      this.#progress.forget(path);
    }
  }

  #let(file: SpoolFile): void {
    file.close();
    this.#current = null;
  }

  #tell(file: string, code: string, why: string): void {
    const message = `${file} ${why}`;
    this.#context.log.warn(`source ${this.#options.source}: ${message}`);
    this.#context.report({ file, line: 0, column: 0, severity: 'warning', code, message });
  }
}
