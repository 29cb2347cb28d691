import { NotFlumeLog } from '../../../formats/flume-log/not-flume-log.ts';
import type { DurableQueue } from '../../../queues/durable-queue.ts';
import {
  type FlumeFile,
  type FlumeImport,
  fingerprintOf,
  flumeDirsOf,
  flumeFilesIn,
  folderKey,
  importKey,
  importProgress,
  parseImport,
} from '../../../queues/flume-files.ts';
import { BatchBuilder } from '../../../records/batch-builder.ts';
import { MillraceError } from '../../../runtime/errors.ts';
import { type FileLayer, realFiles } from '../../../runtime/files.ts';
import { EventReader, type StoredEvent } from './event-reader.ts';
import { findLogs } from './log-files.ts';
import type { LogDamage } from './log-scan.ts';
import { SavedQueue } from './saved-queue.ts';
import { type ReplayCounts, Undelivered } from './undelivered.ts';

export interface ImportOptions {
  /** Folders of Flume's channel. The checkpoint's may be missing: the logs say the same. */
  readonly dataDirs: readonly string[];
  readonly checkpointDir?: string | undefined;
  /** Where the events go; null: nowhere, they are only looked at. */
  readonly queue: DurableQueue | null;
  /** Nothing is put, but what the queue has by now counts. */
  readonly dryRun?: boolean;
  /** Damaged records are left out; else nothing is imported where there is one. */
  readonly skipDamaged?: boolean;
  readonly files?: FileLayer;
  /** Most events of one commit; 10,000 by default. */
  readonly batchEvents?: number;
  /** Called now and then: so many events of how many are in. */
  readonly onProgress?: (done: number, of: number) => void;
}

/** What an import found and did. Counts are events unless their name says otherwise. */
export interface ImportReport {
  /** Those that Flume had not delivered. */
  readonly undelivered: number;
  readonly undeliveredBytes: number;
  /** Those that an earlier run had brought over. */
  readonly alreadyImported: number;
  readonly imported: number;
  readonly uncommittedPuts: number;
  readonly uncommittedTakes: number;
  /** Records that Flume's integrity tool had taken out. */
  readonly removedRecords: number;
  /** Why Flume's checkpoint was not used; null: it was. */
  readonly withoutCheckpoint: string | null;
  /** Bytes that are no records, also events that can't be read. */
  readonly damage: readonly LogDamage[];
  /** Whether all that can be imported is in the queue. */
  readonly complete: boolean;
}

const mostEvents = 10_000;
const mostBytes = 4 << 20;

/**
 * Puts into a queue what a stopped Flume file channel has not delivered. How far it has come is stored with the events,
 * so an import that was cut off goes on where it was, and a second one finds nothing to do. Nothing of Flume's is changed.
 *
 * All that is to be imported is read and checked first: where something of it is damaged, the queue gets nothing.
 * Throws `CONFIG_INVALID` for files that can't be imported, or not now, and what the queue's `store` throws.
 */
export async function importFlumeChannel(options: ImportOptions): Promise<ImportReport> {
  const { files = realFiles } = options;
  const source = new ImportSource(options, files);
  const { dirs, before, startState } = source;
  if (before?.complete === true && before.files === startState.files) return alreadyDone(before);
  const logs = findLogs(dirs, files);
  const saved = source.checkpoint();
  const reader = new EventReader(logs.flat(), files);
  try {
    const undelivered = await Undelivered.of(logs, typeof saved === 'string' ? null : saved, files, reader);
    const state: FlumeImport = {
      ...startState,
      checkpoint: typeof saved === 'string' ? null : saved.order,
      newest: Math.max(
        startState.since,
        undelivered.counts.newestOrder,
        typeof saved === 'string' ? 0 : saved.order,
      ),
    };
    const survey = await surveyOf(undelivered, reader, state);
    const { damage } = survey;
    const stops = options.skipDamaged !== true && damage.some(({ isTail }) => !isTail);
    const report = {
      undelivered: survey.events,
      undeliveredBytes: survey.bytes,
      alreadyImported: survey.eventsBefore,
      ...countsOf(undelivered.counts),
      withoutCheckpoint: typeof saved === 'string' ? saved : null,
      damage,
    };
    const { queue, onProgress = () => {} } = options;
    if (stops || options.dryRun === true || queue === null)
      return { ...report, imported: 0, complete: false };
    const tell = (done: number) => onProgress(done, survey.pointers);
    const run = new ImportRun(queue, dirs, state, reader, options.batchEvents ?? mostEvents, tell);
    return { ...report, imported: await run.run(undelivered), complete: true };
  } finally {
    reader.close();
    if (typeof saved !== 'string') saved.close();
  }
}

/** What there is, and what the queue knows of it. */
class ImportSource {
  readonly dirs: readonly string[];
  readonly before: FlumeImport | null;
  /** Where this run begins. */
  readonly startState: FlumeImport;
  readonly #options: ImportOptions;
  readonly #files: FileLayer;

  constructor(options: ImportOptions, files: FileLayer) {
    this.#options = options;
    this.#files = files;
    const found = givenFlumeFiles(options.dataDirs, files);
    this.dirs = flumeDirsOf(found);
    const key = importKey(this.dirs);
    for (const dir of this.dirs) this.#refuseOtherSet(dir, options.queue?.placeOf(folderKey(dir)), key);
    this.before = parseImport(options.queue?.placeOf(key));
    const fingerprint = fingerprintOf(found);
    const goesOn = this.before !== null && !this.before.complete;
    if (goesOn && this.before!.files !== fingerprint) throw changedInBetween(this.dirs);
    this.startState = goesOn
      ? this.before!
      : {
          ...{ files: fingerprint, checkpoint: null, done: 0, complete: false, newest: 0 },
          since: this.before?.newest ?? 0,
        };
  }

  #refuseOtherSet(dir: string, together: string | undefined, key: string): void {
    if (together === undefined || together === key) return;
    throw new MillraceError('CONFIG_INVALID', `${dir} was imported together with other folders`, {
      remedy: `Name the same ones: ${together.slice(together.indexOf(' ') + 1).replaceAll('\n', ', ')}`,
    });
  }

  /** The checkpoint by which the events are counted: the same one in every run over the same files. */
  checkpoint(): SavedQueue | string {
    const { checkpointDir } = this.#options;
    const goesOn = this.startState === this.before;
    const wanted = goesOn ? this.before!.checkpoint : undefined;
    if (wanted === null) return 'the import began without it';
    const saved =
      checkpointDir === undefined ? 'none was named' : SavedQueue.read(checkpointDir, this.#files);
    if (wanted === undefined || (typeof saved !== 'string' && saved.order === wanted)) return saved;
    throw changedInBetween(this.dirs);
  }
}

function changedInBetween(dirs: readonly string[]): MillraceError {
  return new MillraceError(
    'CONFIG_INVALID',
    `an import of ${dirs.join(', ')} was cut off, and the files have changed since`,
    {
      remedy:
        'Put them back as they were. Or import into new, empty folders: what is in those of the first import would come twice.',
    },
  );
}

interface Survey {
  /** All that is listed, whether it can be read or not. */
  pointers: number;
  events: number;
  eventsBefore: number;
  bytes: number;
  readonly damage: LogDamage[];
}

/** Reads all that is to be imported. */
async function surveyOf(undelivered: Undelivered, reader: EventReader, state: FlumeImport): Promise<Survey> {
  const survey: Survey = {
    ...{ pointers: 0, events: 0, eventsBefore: 0, bytes: 0 },
    damage: [...undelivered.damage],
  };
  for await (const group of undelivered.events()) {
    for (const pointer of group) {
      const nth = survey.pointers++;
      try {
        const event = reader.read(pointer);
        if (event === null) continue;
        survey.events++;
        if (nth < state.done || event.writeOrder <= state.since) survey.eventsBefore++;
        else survey.bytes += event.body.length;
      } catch (error) {
        if (!(error instanceof NotFlumeLog)) throw error;
        const { fileId, offset } = pointer;
        const [file, reason] = [reader.pathOf(fileId), error.message];
        survey.damage.push({ file, offset, to: offset, reason, isTail: false });
      }
    }
  }
  return survey;
}

/** The second reading, which puts. */
class ImportRun {
  readonly #queue: DurableQueue;
  readonly #dirs: readonly string[];
  readonly #reader: EventReader;
  readonly #batchEvents: number;
  readonly #tell: (done: number) => void;
  readonly #builder = new BatchBuilder();
  #state: FlumeImport;
  #imported = 0;

  constructor(
    queue: DurableQueue,
    dirs: readonly string[],
    state: FlumeImport,
    reader: EventReader,
    batchEvents: number,
    tell: (done: number) => void,
  ) {
    this.#queue = queue;
    this.#dirs = dirs;
    this.#state = state;
    this.#reader = reader;
    this.#batchEvents = batchEvents;
    this.#tell = tell;
  }

  async run(undelivered: Undelivered): Promise<number> {
    const { done, since } = this.#state;
    let nth = 0;
    for await (const group of undelivered.events()) {
      for (const pointer of group) {
        if (nth++ < done) continue;
        const event = this.#readable(pointer);
        if (event !== null && event.writeOrder > since) this.#builder.add(event.body, event.headers);
        if (this.#builder.count < this.#batchEvents && this.#builder.sizeBytes < mostBytes) continue;
        await this.#store(nth);
      }
    }
    await this.#store(nth, true);
    return this.#imported;
  }

  /** What the survey has found damaged is left out by now. */
  #readable(pointer: Parameters<EventReader['read']>[0]): StoredEvent | null {
    try {
      return this.#reader.read(pointer);
    } catch (error) {
      if (error instanceof NotFlumeLog) return null;
      throw error;
    }
  }

  async #store(done: number, complete = false): Promise<void> {
    this.#state = { ...this.#state, done, complete };
    const progress = importProgress(this.#dirs, this.#state);
    const { count } = this.#builder;
    if (count === 0) this.#queue.note(progress);
    else {
      this.#queue.reserve(count);
      await this.#queue.store([this.#builder.build()], count, progress);
    }
    this.#imported += count;
    this.#tell(done);
  }
}

function countsOf({ uncommittedPuts, uncommittedTakes, removed }: ReplayCounts) {
  return { uncommittedPuts, uncommittedTakes, removedRecords: removed };
}

function alreadyDone({ done }: FlumeImport): ImportReport {
  return {
    ...{ undelivered: done, undeliveredBytes: 0, alreadyImported: done, imported: 0 },
    ...{ uncommittedPuts: 0, uncommittedTakes: 0, removedRecords: 0, withoutCheckpoint: null, damage: [] },
    complete: true,
  };
}

/** The files of Flume's file channel in these folders. Throws `CONFIG_INVALID` where there is none: they may be wrong. */
export function givenFlumeFiles(dataDirs: readonly string[], files: FileLayer): readonly FlumeFile[] {
  const found = flumeFilesIn(dataDirs, files);
  if (found.length > 0) return found;
  throw new MillraceError(
    'CONFIG_INVALID',
    `there is no file of Flume's file channel (log-N) in ${dataDirs.join(', ')}`,
    {
      remedy:
        'Name the folders of dataDirs with --data-dirs, or the configuration with -f, -n and --channel.',
    },
  );
}
