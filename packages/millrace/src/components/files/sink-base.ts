import { homedir } from 'node:os';
import { join } from 'node:path';
import type { FileStore } from '../../clients/file-store/file-store.ts';
import { SinkCounter } from '../../component/counters.ts';
import type { SinkContext } from '../../component/define.ts';
import type { Delivery, DeliveryOutcome } from '../../component/delivery.ts';
import type { DeliverOptions, FlushOptions, Sink, SinkBatch, SinkWindow } from '../../component/sink.ts';
import type { OptionSpec } from '../../config/options.ts';
import { errorText, MillraceError } from '../../runtime/errors.ts';
import { BucketPath, type BucketPathOptions } from './bucket-path.ts';
import type { RollRules } from './bucket-writer.ts';
import { BucketedFiles } from './bucketed-files.ts';
import type { FileFormat } from './file-format.ts';
import { bucketFault, type FileNaming } from './file-names.ts';
import { LeftFiles } from './left-files.ts';
import { OpenFilesNote } from './open-files-note.ts';
import type { WriteMode } from './rolling-file.ts';

/** What a sink over a store of files is told by its options. */
export interface BucketedSinkSettings {
  readonly openStore: () => FileStore | Promise<FileStore>;
  /** Why the store can't have files of a name that begins so (relative to it), or null. */
  readonly nameFault: (name: string) => string | null;
  readonly batchEvents: number;
  readonly mode: WriteMode;
  readonly format: FileFormat;
  readonly naming: FileNaming;
  readonly path: Omit<BucketPathOptions, 'faultOf'>;
  readonly rules: RollRules;
  readonly maxOpenFiles: number;
  /** Files are named after the offsets that they hold, and what they hold is not written again. */
  readonly namesByOffset: boolean;
  /** How often the renaming of a closed file is tried, and how long after a failure again. */
  readonly closeTries: number;
  readonly closeRetryMs: number;
  /** Where open files are noted; absent: below the user's home. */
  readonly openFilesFolder: string | undefined;
  /** The option that names the place, for messages. */
  readonly pathKey: string;
}

/** What may be unacknowledged at once in stream mode; it is held in memory until its file is closed. */
const streamWindow: SinkWindow = { deliveries: 4096, bytes: 64 * 1024 * 1024 };
/** A half goes out while the other is filled. */
const mostHeldBytes = streamWindow.bytes / 2;
/** In stream mode a file without a roll by time is closed so long after there was nothing more to write. */
const idleCloseMs = 30_000;

/** Flume's HDFSEventSink over a store of files, whichever it is. */
export class BucketedSink<S extends OptionSpec> implements Sink {
  readonly counter = new SinkCounter();
  readonly batch: SinkBatch;
  readonly window?: SinkWindow;
  readonly #context: SinkContext<S>;
  readonly #settings: BucketedSinkSettings;
  #running: Running | null = null;

  constructor(context: SinkContext<S>, settings: BucketedSinkSettings) {
    this.#context = context;
    this.#settings = settings;
    this.batch = { events: settings.batchEvents };
    if (settings.mode === 'stream') this.window = streamWindow;
  }

  async start(): Promise<void> {
    this.counter.start();
    const { name, report } = this.#context;
    await this.#settings.format.prepare?.();
    const store = await this.#settings.openStore();
    const note = this.#openNote(store.url);
    const { closeTries: tries, closeRetryMs: retryMs } = this.#settings;
    const left = new LeftFiles({
      ...{ store, note, tries, retryMs, report },
      label: `sink ${name}`,
      onFailure: () => this.counter.connectionFailed++,
    });
    await left.sweep();
    this.#running = { store, note, left, files: this.#filesOver(store, left) };
  }

  async stop(): Promise<void> {
    const running = this.#running;
    this.#running = null;
    if (running !== null) {
      await running.files.closeAll();
      running.left.stop();
      await running.store.close();
      running.note?.close();
    }
    this.counter.stop();
  }

  async deliver(delivery: Delivery, { signal }: DeliverOptions): Promise<DeliveryOutcome> {
    if (this.#running === null)
      throw new MillraceError('DELIVERY_FAILED', `sink ${this.#context.name} is not started`);
    const outcome = await this.#running.files.deliver(delivery, signal);
    if ((outcome.pending ?? []).length > 0) this.counter.eventWriteFail++;
    return outcome;
  }

  async flush({ idle = false }: FlushOptions = {}): Promise<void> {
    const { mode, rules } = this.#settings;
    if (mode === 'append') return;
    if (!idle) await this.#running?.files.closeAll();
    else if (rules.intervalMs === 0) this.#running?.files.closeWithin(idleCloseMs);
  }

  onTaken(events: number, full: boolean): void {
    if (events === 0) this.counter.batchEmpty++;
    else if (full) this.counter.batchComplete++;
    else this.counter.batchUnderflow++;
  }

  #filesOver(store: FileStore, left: LeftFiles): BucketedFiles {
    const { path, naming, nameFault, format, mode, rules, maxOpenFiles, namesByOffset } = this.#settings;
    const { counter } = this;
    const { name, log } = this.#context;
    return new BucketedFiles({
      ...{ store, left, format, naming, mode, rules, maxOpenFiles, namesByOffset, mostHeldBytes },
      onCovered: (offset, { prefix }) =>
        log.info(
          `sink ${name}: ${store.url} has ${prefix} from offset ${offset} on already: it is not written again`,
        ),
      path: new BucketPath({
        ...path,
        faultOf: (bucket) => bucketFault(naming, bucket) ?? nameFault(`${bucket.folder}/${bucket.prefix}`),
      }),
      now: Date.now,
      onOpened: () => counter.connectionCreated++,
      onOpenFailed: () => counter.connectionFailed++,
      onFinished: () => counter.connectionClosed++,
    });
  }

  /** Without notes the sink works as Flume's: what a kill leaves behind stays. */
  #openNote(url: string): OpenFilesNote | null {
    const { agent, name, log, report } = this.#context;
    const { openFilesFolder, pathKey } = this.#settings;
    const folder = openFilesFolder ?? join(homedir(), '.flume', 'open-files', `${agent}-${name}`);
    try {
      const note = OpenFilesNote.open(folder, url);
      if (note.elsewhere > 0)
        log.warn(
          `${note.elsewhere} files of an earlier ${pathKey} keep their names in use: ${folder}/open-files`,
        );
      return note;
    } catch (error) {
      const message = `sink ${name}: open files can't be noted in ${folder}: ${errorText(error)}; what a kill leaves behind will keep its name in use`;
      const suggestion = 'give it a folder of its own with openFilesFolder';
      report({
        file: folder,
        line: 0,
        column: 0,
        severity: 'warning',
        code: 'file-left',
        message,
        suggestion,
      });
      return null;
    }
  }
}

interface Running {
  readonly store: FileStore;
  readonly note: OpenFilesNote | null;
  readonly left: LeftFiles;
  readonly files: BucketedFiles;
}
