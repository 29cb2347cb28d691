import type { EventPointer } from '../../../formats/flume-log/checkpoint.ts';
import { NotFlumeLog } from '../../../formats/flume-log/not-flume-log.ts';
import {
  type FlumeEvent,
  frameFault,
  LogRecord,
  operations,
  recordHeadBytes,
  recordPrefixBytes,
  recordTypes,
} from '../../../formats/flume-log/record.ts';
import type { FileLayer } from '../../../runtime/files.ts';
import { FileWindow } from './file-window.ts';
import type { FlumeLogFile } from './log-files.ts';

/** Logs that are open at once: events that lie near one another in the queue lie in few of them. */
const mostOpen = 8;

export interface StoredEvent extends FlumeEvent {
  /** When it was put, in the order of all writes of the channel. */
  readonly writeOrder: number;
}

/** Reads events by where they lie. */
export class EventReader {
  readonly #logs: ReadonlyMap<number, FlumeLogFile>;
  readonly #files: FileLayer;
  /** Those that were read last stand last. */
  readonly #open = new Map<number, FileWindow>();
  readonly #record = new LogRecord();

  constructor(logs: Iterable<FlumeLogFile>, files: FileLayer) {
    this.#logs = new Map([...logs].map((log) => [log.id, log]));
    this.#files = files;
  }

  /** The event, valid until the next call; null: the integrity tool has taken it out. Throws `NotFlumeLog`. */
  read({ fileId, offset }: EventPointer): StoredEvent | null {
    const window = this.#windowOf(fileId);
    const prefix = window.view(offset, recordPrefixBytes);
    if (offset < 0 || prefix.length < recordPrefixBytes) throw new NotFlumeLog('an event behind its end');
    const [operation, length] = [prefix[0], prefix.readInt32BE(1)];
    if (operation === operations.noop && length > 0) return null;
    if (operation !== operations.record) throw new NotFlumeLog(`no record begins with the byte ${operation}`);
    const from = offset + recordPrefixBytes;
    if (length < 0 || length > window.sizeBytes - from) throw new NotFlumeLog(`a record of ${length} bytes`);
    const fault = frameFault(window.view(from, Math.min(length, recordHeadBytes)), 0, length);
    if (fault !== null) throw new NotFlumeLog(fault);
    this.#record.open(window.view(from, length), 0, length);
    if (this.#record.type !== recordTypes.put) throw new NotFlumeLog('a record that is no event');
    const { headers, body } = this.#record.event();
    return { headers, body, writeOrder: this.#record.writeOrder };
  }

  /** When the event was put; 0 where it can't be read. */
  orderOf(pointer: EventPointer): number {
    try {
      return this.read(pointer)?.writeOrder ?? 0;
    } catch (error) {
      if (error instanceof NotFlumeLog) return 0;
      throw error;
    }
  }

  /** Where a pointer leads, in words. */
  pathOf(fileId: number): string {
    return this.#logs.get(fileId)?.path ?? `log-${fileId}`;
  }

  #windowOf(fileId: number): FileWindow {
    let window = this.#open.get(fileId);
    if (window === undefined) {
      const log = this.#logs.get(fileId);
      if (log === undefined) throw new NotFlumeLog('the file is not there');
      window = new FileWindow(log.path, log.sizeBytes, this.#files);
    } else this.#open.delete(fileId);
    this.#open.set(fileId, window);
    if (this.#open.size > mostOpen) {
      const [oldest, old] = this.#open.entries().next().value!;
      old.close();
      this.#open.delete(oldest);
    }
    return window;
  }

  close(): void {
    for (const window of this.#open.values()) window.close();
    this.#open.clear();
  }
}
