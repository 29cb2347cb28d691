import { join } from 'node:path';
import { type InputMark, startMark } from '../../component/deserializer.ts';
import { errorText } from '../../runtime/errors.ts';
import type { FileLayer } from '../../runtime/files.ts';
import type { Logger } from '../../runtime/logger.ts';
import { type ContentMark, noMark } from '../../tracking/content-mark.ts';
import { PositionJournal, readJournal } from '../../tracking/position-journal.ts';
import { MetaWriter, readMeta } from './meta-file.ts';

/** Up to where a file is done, and what stands before that place. */
export interface FileProgress {
  readonly mark: InputMark;
  /** `noMark`: Flume wrote it, and said nothing of the content. */
  readonly content: ContentMark;
}

/** Nothing of a file is done. */
export const noProgress: FileProgress = { mark: startMark, content: noMark };

/**
 * What a restart goes on from. Flume's meta file knows one file, the one that is being read; the journal beside it, in
 * TAILDIR's form, knows all that were begun, what stands in them, and how many events of an Avro block are done. Where
 * the two disagree of a file, Flume has run since: its word counts.
 */
export class Progress {
  readonly #layer: FileLayer;
  readonly #metaPath: string;
  readonly #journalPath: string;
  readonly #log: Logger;
  readonly #begun = new Map<string, FileProgress>();
  readonly #slots = new Map<string, number>();
  #journal: PositionJournal | null = null;
  #meta: MetaWriter | null = null;
  /** Which file the meta file names; null: there is none. */
  #metaFile: string | null;
  /** One line for a run of failures. */
  #told: string | null = null;

  constructor(layer: FileLayer, trackerDir: string, log: Logger) {
    this.#layer = layer;
    this.#metaPath = join(trackerDir, '.flumespool-main.meta');
    this.#journalPath = `${this.#metaPath}.journal`;
    this.#log = log;
    for (const { path, position, events = 0, mark } of readJournal(layer, this.#journalPath, null).entries) {
      if (path !== null) this.#begun.set(path, { mark: { offset: position, events }, content: mark });
    }
    const meta = readMeta(layer, this.#metaPath);
    this.#metaFile = meta?.file ?? null;
    if (meta === null || this.#begun.get(meta.file)?.mark.offset === meta.offset) return;
    this.#begun.set(meta.file, { mark: { offset: meta.offset, events: 0 }, content: noMark });
  }

  /** What is done of the file of that name. */
  of(file: string): FileProgress {
    return this.#begun.get(file) ?? noProgress;
  }

  get files(): readonly string[] {
    return [...this.#begun.keys()];
  }

  /** A restart goes on from there. A place that can't be written costs doubles after a kill, no event. */
  moved(file: string, progress: FileProgress): void {
    this.#begun.set(file, progress);
    this.#guarded(() => {
      if (this.#journal === null) this.#openJournal();
      const slot = this.#slots.get(file);
      if (slot === undefined) this.#slots.set(file, this.#journal!.add(entryOf(file, progress)));
      else this.#journal!.write(slot, entryOf(file, progress));
      const { offset } = progress.mark;
      if (this.#meta?.file === file) this.#meta.store(offset);
      else {
        this.#meta?.close();
        this.#meta = new MetaWriter(this.#layer, this.#metaPath, file, offset);
        this.#metaFile = file;
      }
    });
  }

  /** The file is done, or what was done of it counts no longer. */
  forget(file: string): void {
    if (!this.#begun.delete(file)) return;
    this.#guarded(() => {
      const slot = this.#slots.get(file);
      this.#slots.delete(file);
      if (slot !== undefined) this.#journal?.release(slot);
      if (this.#metaFile === file) {
        this.#meta?.close();
        this.#meta = null;
        this.#metaFile = null;
        this.#layer.remove(this.#metaPath);
      }
      if (this.#begun.size > 0) return;
      this.#journal?.close();
      this.#journal = null;
      this.#layer.remove(this.#journalPath);
    });
  }

  close(): void {
    this.#journal?.close();
    this.#journal = null;
    this.#slots.clear();
    this.#meta?.close();
    this.#meta = null;
  }

  #openJournal(): void {
    const begun = [...this.#begun];
    const entries = begun.map(([file, progress]) => entryOf(file, progress));
    const { journal, slots } = PositionJournal.replace(this.#layer, this.#journalPath, null, entries);
    this.#journal = journal;
    for (const [i, [file]] of begun.entries()) this.#slots.set(file, slots[i]!);
  }

  #guarded(write: () => void): void {
    try {
      write();
      this.#told = null;
    } catch (error) {
      const text = `Failed writing ${this.#metaPath}: ${errorText(error)}; after a kill what was read since is read again`;
      if (text !== this.#told) this.#log.error(text);
      this.#told = text;
    }
  }
}

function entryOf(path: string, { mark, content }: FileProgress) {
  return {
    ...{ path, dev: null, ino: 0n, position: mark.offset, events: mark.events, mark: content },
    ...{ birthMs: 0, folderDev: null, awaited: false, largestSize: 0 },
  };
}
