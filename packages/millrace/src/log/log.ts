import { MillraceError } from '../runtime/errors.ts';
import type { LogOptions, LogSettings } from './log-options.ts';

export interface AppendResult {
  /** Offset of the first record. */
  readonly baseOffset: number;
  /** Offset of the last record. */
  readonly lastOffset: number;
}

/** Told synchronously after each append with the new end offset; must not throw. */
export type AppendListener = (endOffset: number) => void;

/**
 * A segmented, append-only log of record batches in one folder, in Kafka's own file layout. One writer; offsets are
 * safe integers. `read` sees what is appended at once; `durableEndOffset` says how far the device has it.
 *
 * Errors: `DISK_FULL` (nothing of the batch was kept; the log stays usable), `LOG_FAILED` (the device lost bytes or
 * failed to write: nothing more is accepted until the log is opened anew), `OFFSET_OUT_OF_RANGE`, `BATCH_CORRUPT`.
 */
export class Log {
  readonly dir: string;

  private constructor(dir: string) {
    this.dir = dir;
  }

  /** Opens or makes the log in `dir`; repairs it after a crash. The caller holds the folder's lock. */
  static open(dir: string, _options: LogOptions = {}): Promise<Log> {
    return Promise.reject(new MillraceError('LOG_CORRUPT', `${dir}: Log is being built`));
  }

  /** First offset that can be read. */
  get startOffset(): number {
    return 0;
  }
  /** Offset that the next record will get. */
  get endOffset(): number {
    return 0;
  }
  /** All below is on the device. */
  get durableEndOffset(): number {
    return 0;
  }
  /** Bytes of all segments. */
  get sizeBytes(): number {
    return 0;
  }

  /** Changes settings of a running log. */
  configure(_settings: LogSettings): void {}

  /** The epoch that `append` writes into the headers of later batches. */
  setLeaderEpoch(_epoch: number): void {}

  /**
   * Appends one batch (its 61-byte header, CRC set, and its records) to the page cache. Writes base offset and leader
   * epoch into `header`; the CRC covers neither.
   */
  append(_header: Buffer, _records: Buffer): AppendResult {
    throw new MillraceError('LOG_CORRUPT', 'Log is being built');
  }

  /**
   * Appends one or more whole batches that lie one after another in `bytes` (a produce request's record set), all or
   * none. Writes base offsets and leader epoch into `bytes`. Lengths and magic are checked, CRCs are the caller's.
   */
  appendMany(_bytes: Buffer): AppendResult {
    throw new MillraceError('LOG_CORRUPT', 'Log is being built');
  }

  /** Resolves when all that was appended before the call is on the device; concurrent callers share one sync. */
  flush(): Promise<void> {
    return Promise.resolve();
  }

  /**
   * Whole batches from the one that holds `fromOffset` on, of one segment, at most `maxBytes` (at least one batch with
   * `minOneBatch`, whatever its size), none that ends at or after `limitOffset`. Empty at the end.
   */
  read(
    _fromOffset: number,
    _maxBytes: number,
    _minOneBatch = true,
    _limitOffset = Number.MAX_SAFE_INTEGER,
  ): Buffer {
    throw new MillraceError('LOG_CORRUPT', 'Log is being built');
  }

  /** The first record whose timestamp is `timestampMs` or later, as Kafka's ListOffsets; null when there is none. */
  offsetForTimestamp(_timestampMs: number): { readonly offset: number; readonly timestamp: number } | null {
    return null;
  }

  /** The batch with the greatest timestamp (ListOffsets -3): the offset of its last record. Null for an empty log. */
  offsetOfMaxTimestamp(): { readonly offset: number; readonly timestamp: number } | null {
    return null;
  }

  /** Moves the start of the log up to `offset` (at most the end) and removes segments that lie wholly below. */
  deleteRecordsBefore(_offset: number): void {}

  /** Drops everything from `offset` on. */
  truncateTo(_offset: number): void {}

  /** Removes segments beyond retention time and size, never the active one. Returns how many. */
  applyRetention(_nowMs: number): number {
    return 0;
  }

  /** Closes the active segment and starts a new one; nothing when it is empty. */
  roll(): void {}

  /** Returns the way to stop listening. */
  onAppend(_listener: AppendListener): () => void {
    return () => {};
  }

  /** Flushes, writes the clean-shutdown checkpoint, closes the files. */
  close(): Promise<void> {
    return Promise.resolve();
  }
}
