import { NotFlumeLog } from '../../../formats/flume-log/not-flume-log.ts';
import {
  frameFault,
  type LogRecord,
  operations,
  recordHeadBytes,
  recordPrefixBytes,
  recordTypes,
} from '../../../formats/flume-log/record.ts';
import type { FileWindow } from './file-window.ts';

/** Bytes of a log that hold no record, where one is expected. */
export interface LogDamage {
  readonly file: string;
  /** First byte of it, and the byte at which records go on. */
  readonly offset: number;
  readonly to: number;
  readonly reason: string;
  /** Nothing follows it: what a process or a machine leaves that ends while it writes. */
  readonly isTail: boolean;
}

const searchBytes = 64 << 10;

/** Goes from record to record of one log, over damage, which it tells. */
export class LogScan {
  readonly #window: FileWindow;
  readonly #record: LogRecord;
  readonly #tell: (damage: LogDamage) => void;
  #at: number;
  /** Records that Flume's integrity tool has taken out. */
  removed = 0;

  /** Begins at `from`, where a record begins. Each record is opened in `record`. */
  constructor(window: FileWindow, record: LogRecord, from: number, tell: (damage: LogDamage) => void) {
    this.#window = window;
    this.#record = record;
    this.#at = from;
    this.#tell = tell;
  }

  /** Opens the next record, of a put only its header; the byte where its prefix begins, -1 at the end of the log. */
  next(): number {
    for (;;) {
      const at = this.#at;
      const prefix = this.#window.view(at, recordPrefixBytes);
      if (prefix.length === 0 || prefix[0] === operations.end) return -1;
      const reason = this.#open(prefix);
      if (reason === null) return at;
      if (reason === 'removed') continue;
      const to = this.#findRecord(at + 1);
      // Zeros to the end: what the device had allocated, and nobody wrote.
      const isTail = to === this.#window.sizeBytes;
      if (!isTail || prefix[0] !== operations.noop || !this.#isZero(at))
        this.#tell({ file: this.#window.path, offset: at, to, reason, isTail });
      this.#at = to;
      if (isTail) return -1;
    }
  }

  /** Why there is no record at `#at`; null: it is open, and `#at` is behind it. */
  #open(prefix: Buffer): 'removed' | string | null {
    const at = this.#at;
    const left = this.#window.sizeBytes - at - recordPrefixBytes;
    if (left < 0) return 'the file ends within the length of a record';
    const [operation, length] = [prefix[0], prefix.readInt32BE(1)];
    if (operation === operations.noop && length > 0 && length <= left) {
      this.removed++;
      this.#at = at + recordPrefixBytes + length;
      return 'removed';
    }
    if (operation !== operations.record) return `no record begins with the byte ${operation}`;
    if (length < 0 || length > left) return `a record of ${length} bytes, of which ${left} are there`;
    const head = this.#window.view(at + recordPrefixBytes, Math.min(length, recordHeadBytes));
    const fault = frameFault(head, 0, length);
    if (fault !== null) return fault;
    try {
      this.#record.openHeader(head, 0);
      if (this.#record.type !== recordTypes.put)
        this.#record.open(this.#window.view(at + recordPrefixBytes, length), 0, length);
    } catch (error) {
      if (error instanceof NotFlumeLog) return error.message;
      throw error;
    }
    this.#at = at + recordPrefixBytes + length;
    return null;
  }

  /** The next byte from `from` on at which a record begins, by all that a header shows; the end of the file where there is none. */
  #findRecord(from: number): number {
    const { sizeBytes } = this.#window;
    const needed = recordPrefixBytes + recordHeadBytes;
    for (let base = from; base < sizeBytes; ) {
      const bytes = this.#window.view(base, searchBytes);
      const last = base + bytes.length >= sizeBytes;
      const end = last ? bytes.length : bytes.length - needed;
      for (
        let i = bytes.indexOf(operations.record);
        i >= 0 && i < end;
        i = bytes.indexOf(operations.record, i + 1)
      ) {
        if (bytes.length - i < recordPrefixBytes + 26) break;
        const length = bytes.readInt32BE(i + 1);
        if (length > sizeBytes - base - i - recordPrefixBytes) continue;
        if (frameFault(bytes, i + recordPrefixBytes, length) === null) return base + i;
      }
      if (last) break;
      base += Math.max(1, end);
    }
    return sizeBytes;
  }

  #isZero(from: number): boolean {
    for (let at = from; at < this.#window.sizeBytes; at += searchBytes) {
      if (this.#window.view(at, searchBytes).some((byte) => byte !== 0)) return false;
    }
    return true;
  }
}
