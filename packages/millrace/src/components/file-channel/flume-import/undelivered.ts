import type { EventPointer } from '../../../formats/flume-log/checkpoint.ts';
import { LogRecord, recordTypes } from '../../../formats/flume-log/record.ts';
import type { FileLayer } from '../../../runtime/files.ts';
import type { EventReader } from './event-reader.ts';
import { FileWindow } from './file-window.ts';
import type { FlumeLogFile } from './log-files.ts';
import { type LogDamage, LogScan } from './log-scan.ts';
import { PointerSet } from './pointer-set.ts';
import type { SavedQueue } from './saved-queue.ts';

/** Lets others run after so many records: a line that tells the progress, a signal that ends the process. */
const recordsPerTurn = 50_000;

/** What the logs of a Flume file channel come to, whatever of it is delivered. */
export interface ReplayCounts {
  records: number;
  /** Records that Flume's integrity tool has taken out. */
  removed: number;
  /** Of transactions that were neither committed nor rolled back when Flume ended. */
  uncommittedPuts: number;
  uncommittedTakes: number;
  /** Order of the newest write. */
  newestOrder: number;
}

/**
 * Which events of a stopped Flume file channel were committed and not delivered, in the order in which Flume would
 * deliver them: those that a take had when Flume ended first, then those of the checkpoint, then those that were
 * committed after it, by the order of their commits.
 *
 * The logs are read twice: once for what was taken, of which a bit each is kept, and once for what was put, of which
 * only open transactions are kept. So memory is that of neither the events nor their number.
 */
export class Undelivered {
  readonly #dirs: readonly (readonly FlumeLogFile[])[];
  readonly #saved: SavedQueue | null;
  readonly #files: FileLayer;
  readonly #taken: PointerSet;
  /** Takes of the checkpoint whose transaction was not committed. */
  #givenBack: EventPointer[] = [];
  readonly counts: ReplayCounts = {
    records: 0,
    removed: 0,
    uncommittedPuts: 0,
    uncommittedTakes: 0,
    newestOrder: 0,
  };
  readonly damage: LogDamage[] = [];

  private constructor(
    dirs: readonly (readonly FlumeLogFile[])[],
    saved: SavedQueue | null,
    files: FileLayer,
  ) {
    this.#dirs = dirs;
    this.#saved = saved;
    this.#files = files;
    this.#taken = new PointerSet(dirs.flat().map(({ id }) => id));
  }

  /** Learns what was taken. */
  static async of(
    dirs: readonly (readonly FlumeLogFile[])[],
    saved: SavedQueue | null,
    files: FileLayer,
    reader: EventReader,
  ): Promise<Undelivered> {
    const undelivered = new Undelivered(dirs, saved, files);
    await undelivered.#learnTaken(reader);
    return undelivered;
  }

  async #learnTaken(reader: EventReader): Promise<void> {
    const { counts } = this;
    /** Takes of open transactions: number of the file and offset, one after the other. */
    const open = new Map<number, number[]>();
    for (const [transaction, pointers] of this.#saved?.takes ?? [])
      open.set(
        transaction,
        pointers.flatMap(({ fileId, offset }) => [fileId, offset]),
      );
    for (const dir of this.#dirs) {
      const chain = new LogChain(dir, this.#saved?.order ?? 0, this.#files, (damage) =>
        this.damage.push(damage),
      );
      for (; chain.next(); counts.records++) {
        if (counts.records % recordsPerTurn === 0) await turn();
        const { record } = chain;
        counts.newestOrder = Math.max(counts.newestOrder, record.writeOrder);
        switch (record.type) {
          case recordTypes.take: {
            const takes = open.get(record.transaction);
            if (takes === undefined) open.set(record.transaction, [record.fileId, record.offset]);
            else takes.push(record.fileId, record.offset);
            break;
          }
          case recordTypes.rollback:
            open.delete(record.transaction);
            break;
          case recordTypes.commit:
            if (record.committed === recordTypes.take) this.#markTaken(open.get(record.transaction));
            open.delete(record.transaction);
        }
      }
      counts.removed += chain.removed;
    }
    for (const takes of open.values()) counts.uncommittedTakes += takes.length / 2;
    const givenBack = [...(this.#saved?.takes.values() ?? [])]
      .flat()
      .filter(({ fileId, offset }) => !this.#taken.has(fileId, offset));
    // Flume keeps them as a set. Numbers of files say nothing of the order: each folder has its own.
    const orders = new Map(givenBack.map((pointer) => [pointer, reader.orderOf(pointer)]));
    this.#givenBack = givenBack.sort((one, other) => orders.get(one)! - orders.get(other)!);
  }

  #markTaken(takes: readonly number[] = []): void {
    for (let i = 0; i < takes.length; i += 2) this.#taken.add(takes[i]!, takes[i + 1]!);
  }

  /** The events, by where they lie: the same each time. */
  async *events(): AsyncGenerator<readonly EventPointer[]> {
    if (this.#givenBack.length > 0) yield this.#givenBack;
    let group: EventPointer[] = [];
    for (const pointer of this.#saved?.entries() ?? []) {
      if (this.#taken.has(pointer.fileId, pointer.offset)) continue;
      group.push(pointer);
      if (group.length < 1000) continue;
      yield group;
      group = [];
    }
    if (group.length > 0) yield group;
    yield* this.#committedSince();
  }

  /** What was put and committed after the checkpoint, by the order of the commits over all folders. */
  async *#committedSince(): AsyncGenerator<readonly EventPointer[]> {
    const open = new Map<number, EventPointer[]>();
    for (const [transaction, pointers] of this.#saved?.puts ?? [])
      open.set(
        transaction,
        [...pointers].sort((a, b) => a.fileId - b.fileId || a.offset - b.offset),
      );
    // The scan for what was taken has told the damage.
    const chains = this.#dirs.map((dir) => new LogChain(dir, this.#saved?.order ?? 0, this.#files, () => {}));
    let heads = chains.filter((chain) => chain.next());
    try {
      for (let records = 1; heads.length > 0; records++) {
        if (records % recordsPerTurn === 0) await turn();
        const chain = heads.reduce((a, b) => (b.record.writeOrder < a.record.writeOrder ? b : a));
        const group = this.#step(chain, open);
        if (group !== undefined && group.length > 0) yield group;
        if (!chain.next()) heads = heads.filter((other) => other !== chain);
      }
    } finally {
      for (const chain of chains) chain.close();
    }
    this.counts.uncommittedPuts = 0;
    for (const puts of open.values()) this.counts.uncommittedPuts += puts.length;
  }

  /** What the record commits of events that were not taken. */
  #step({ record, fileId, offset }: LogChain, open: Map<number, EventPointer[]>): EventPointer[] | undefined {
    const { transaction } = record;
    switch (record.type) {
      case recordTypes.put: {
        const puts = open.get(transaction);
        if (puts === undefined) open.set(transaction, [{ fileId, offset }]);
        else puts.push({ fileId, offset });
        return undefined;
      }
      case recordTypes.rollback:
        open.delete(transaction);
        return undefined;
      case recordTypes.commit: {
        if (record.committed !== recordTypes.put) return undefined;
        const puts = open.get(transaction);
        open.delete(transaction);
        return puts?.filter((put) => !this.#taken.has(put.fileId, put.offset));
      }
      default:
        return undefined;
    }
  }
}

/** The logs of one folder, one after the other, from the checkpoint on. */
class LogChain {
  readonly record = new LogRecord();
  fileId = 0;
  offset = 0;
  removed = 0;
  readonly #logs: readonly FlumeLogFile[];
  readonly #since: number;
  readonly #files: FileLayer;
  readonly #tell: (damage: LogDamage) => void;
  #index = -1;
  #window: FileWindow | null = null;
  #scan: LogScan | null = null;

  /** Records of an order up to `since` are left out. */
  constructor(
    logs: readonly FlumeLogFile[],
    since: number,
    files: FileLayer,
    tell: (damage: LogDamage) => void,
  ) {
    this.#logs = logs;
    this.#since = since;
    this.#files = files;
    this.#tell = tell;
  }

  /** Opens the next record; false behind the last. */
  next(): boolean {
    for (;;) {
      this.offset = this.#scan?.next() ?? -1;
      if (this.offset >= 0) {
        if (this.record.writeOrder > this.#since) return true;
        continue;
      }
      this.close();
      const log = this.#logs[++this.#index];
      if (log === undefined) return false;
      this.fileId = log.id;
      this.#window = new FileWindow(log.path, log.sizeBytes, this.#files);
      this.#scan = new LogScan(this.#window, this.record, startIn(log, this.#since), this.#tell);
    }
  }

  close(): void {
    this.removed += this.#scan?.removed ?? 0;
    this.#scan = null;
    this.#window?.close();
    this.#window = null;
  }
}

/** Where in the log the checkpoint ends. A position behind the file is none: Flume wrote it down for a file that is not whole now. */
function startIn({ meta, sizeBytes }: FlumeLogFile, since: number): number {
  const covered = meta.checkpointPosition > 0 && meta.checkpointOrder <= since;
  return covered && meta.checkpointPosition <= sizeBytes ? meta.checkpointPosition : 0;
}

async function turn(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}
