import { logFaultOf } from '../../log/faults.ts';
import type { TransactionMarker } from '../../records/transaction-marker.ts';
import { errorText } from '../../runtime/errors.ts';
import type { Logger } from '../../runtime/logger.ts';
import { ErrorCode } from '../core/error-code.ts';
import { type RequestFault, refuse } from '../core/fault.ts';
import type { LogPart, OffsetLog } from './offset-log.ts';
import type { OffsetRecord } from './offset-records.ts';

/** What a command wants written, and what is answered when it is. */
export interface CommandResult<Record, Reply> {
  readonly records: readonly Record[];
  readonly reply: Reply;
  /** Whose transaction the records belong to; absent: they hold at once. */
  readonly stamp?: ProducerStamp;
}

/** Records written under it hold when the transaction of the producer is committed. */
export interface ProducerStamp {
  readonly producerId: number;
  readonly producerEpoch: number;
}

/** The state that a coordinator keeps: nothing but what its records, one after the other, made of it. */
export interface CoordinatorState<Record> {
  /** The same for a record just appended and for one that is read back. */
  apply(record: Record, stamp: ProducerStamp | null): void;
  /** The transaction of the producer is over, the same way: what was applied under its stamp holds now, or is gone. */
  ended(producerId: number, committed: boolean): void;
  /** What would hold if it were committed now, as records without a stamp. */
  closing(producerId: number): readonly Record[];
  /** One record for each key that holds something. May be read a part at a time while the state changes. */
  live(): Iterable<Record>;
  /** What was applied under stamps of transactions that are not over. The same way, after `live`. */
  open(): Iterable<{ readonly stamp: ProducerStamp; readonly records: readonly Record[] }>;
  /** Forgets everything; a replay follows. */
  clear(): void;
  /** The replay is done. */
  loaded(): void;
}

export interface RecordCodec<Record> {
  encode(record: Record): OffsetRecord;
  /** Null for kinds of records that are not kept. */
  decode(key: Buffer, value: Buffer | null): Record | null;
}

export interface RuntimeOptions<Record> {
  readonly state: CoordinatorState<Record>;
  readonly codec: RecordCodec<Record>;
  /** What the records are of, for a person. */
  readonly what: string;
  /** Gives the log, making its topic where it is missing. */
  readonly openLog: () => Promise<OffsetLog>;
  /** Whether there is a log: then nothing may be told before it was read. */
  readonly hasLog: () => boolean;
  /** Unix ms. */
  readonly now: () => number;
  readonly logger: Logger;
}

/** Records of one command together; beyond, it is refused. */
const maxCommandBytes = 16 << 20;
/** Records that a compaction writes in one turn of the event loop. */
const compactAtOnce = 1000;

/**
 * What makes a state out of commands, as Kafka's CoordinatorRuntime: a command looks at the state and gives records and
 * a reply; the records are appended, applied to the state, and the reply is given when the device has them. All of it
 * up to the reply happens in one turn, so the state is at any time exactly what the log makes of it: later commands see
 * what was appended before, and a compaction, which writes the state anew, can leave nothing out.
 *
 * After a sync that failed the log may have lost what the state has: the state is read back from the log before the
 * next command runs.
 */
export class CoordinatorRuntime<Record> {
  readonly #options: RuntimeOptions<Record>;
  #log: OffsetLog | null = null;
  #loading: Promise<OffsetLog> | null = null;
  #isCompacting = false;
  #closed = false;

  constructor(options: RuntimeOptions<Record>) {
    this.#options = options;
  }

  /** Whether the log was opened and read. */
  get isLoaded(): boolean {
    return this.#log !== null;
  }

  /** Whether there is something that was not read yet. */
  get isBehind(): boolean {
    return this.#log === null && this.#options.hasLog();
  }

  /** Opens the log and reads it back, once. Rejects when that fails; the next call tries again. */
  load(): Promise<OffsetLog> {
    if (this.#log !== null) return Promise.resolve(this.#log);
    this.#loading ??= this.#load().finally(() => {
      this.#loading = null;
    });
    return this.#loading;
  }

  async #load(): Promise<OffsetLog> {
    const { state, codec, openLog } = this.#options;
    const log = await openLog();
    state.clear();
    await log.replay({
      record: (key, value, stamp) => {
        const record = codec.decode(key, value);
        if (record !== null) state.apply(record, stamp);
      },
      ended: ({ producerId, committed }) => state.ended(producerId, committed),
    });
    state.loaded();
    this.#log = log;
    return log;
  }

  /** Runs a command; resolves with its reply, or with why it could not be stored. Runs at once when the log is open. */
  run<Reply>(command: () => CommandResult<Record, Reply>): Promise<Reply | RequestFault> {
    return this.#log !== null ? this.#run(this.#log, command) : this.#runLater(command);
  }

  async #runLater<Reply>(command: () => CommandResult<Record, Reply>): Promise<Reply | RequestFault> {
    let log: OffsetLog;
    try {
      log = await this.load();
    } catch (error) {
      return this.#unavailable(error);
    }
    return this.#run(log, command);
  }

  async #run<Reply>(
    log: OffsetLog,
    command: () => CommandResult<Record, Reply>,
  ): Promise<Reply | RequestFault> {
    const { state, codec, now } = this.#options;
    if (this.#closed) return refuse(ErrorCode.COORDINATOR_NOT_AVAILABLE, 'the broker is stopping');
    const { records, reply, stamp = null } = command();
    if (records.length === 0) return reply;
    try {
      const encoded = records.map((record) => codec.encode(record));
      const fault = tooLarge(encoded);
      if (fault !== null) return fault;
      const refused = log.append(encoded, now(), stamp);
      if (refused !== null) return refused;
      for (const record of records) state.apply(record, stamp);
      await log.settle();
      return reply;
    } catch (error) {
      return this.#unavailable(error);
    }
  }

  /**
   * Appends the end of a transaction and applies it. Resolves with null when that is as safe as the broker promises, or
   * with why it could not be.
   */
  async end(marker: TransactionMarker): Promise<RequestFault | null> {
    const { state } = this.#options;
    if (this.#closed) return refuse(ErrorCode.COORDINATOR_NOT_AVAILABLE, 'the broker is stopping');
    try {
      const log = this.#log ?? (await this.load());
      // A compaction has left out what was open when it began, and may have written what held before.
      if (this.#isCompacting && marker.committed) this.#hold(log, state.closing(marker.producerId));
      const refused = log.appendMarker(marker);
      if (refused !== null) return refused;
      state.ended(marker.producerId, marker.committed);
      await log.settle();
      return null;
    } catch (error) {
      return this.#unavailable(error);
    }
  }

  #hold(log: OffsetLog, records: readonly Record[]): void {
    if (records.length === 0) return;
    const { state, codec, now } = this.#options;
    log.append(
      records.map((record) => codec.encode(record)),
      now(),
    );
    for (const record of records) state.apply(record, null);
  }

  /** What `query` finds now, given when the device has all that it can have seen. */
  async read<Reply>(query: () => Reply): Promise<Reply | RequestFault> {
    try {
      if (this.isBehind) await this.load();
      const reply = query();
      const settled = this.#log?.pending() ?? null;
      if (settled !== null) await settled;
      return reply;
    } catch (error) {
      return this.#unavailable(error);
    }
  }

  /** Writes the state anew and lets go of the log before it, where that pays. */
  async compact(): Promise<void> {
    const log = this.#log;
    if (log === null || this.#isCompacting || !log.isLarge) return;
    this.#isCompacting = true;
    try {
      await log.compact(this.#liveParts(), this.#options.now);
    } finally {
      this.#isCompacting = false;
    }
  }

  close(): void {
    this.#closed = true;
  }

  *#liveParts(): Generator<LogPart> {
    const { state, codec } = this.#options;
    let part: OffsetRecord[] = [];
    for (const record of state.live()) {
      part.push(codec.encode(record));
      if (part.length < compactAtOnce) continue;
      yield { records: part, stamp: null };
      part = [];
    }
    yield { records: part, stamp: null };
    for (const { stamp, records } of state.open())
      yield { records: records.map((record) => codec.encode(record)), stamp };
  }

  #unavailable(error: unknown): RequestFault {
    this.#options.logger.error(`${this.#options.what} could not be stored: ${errorText(error)}`);
    // Whatever else went wrong, nothing was applied that the log does not have.
    if (logFaultOf(error) === 'failed') this.#log = null;
    return refuse(ErrorCode.COORDINATOR_NOT_AVAILABLE, errorText(error));
  }
}

function tooLarge(records: readonly OffsetRecord[]): RequestFault | null {
  let bytes = 0;
  for (const { key, value } of records) bytes += key.length + (value?.length ?? 0);
  if (bytes <= maxCommandBytes) return null;
  const message = `${bytes} bytes of records for the log of the coordinator; at most ${maxCommandBytes} are taken`;
  return refuse(ErrorCode.RECORD_LIST_TOO_LARGE, message);
}
