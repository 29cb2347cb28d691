import { errorText } from '../../runtime/errors.ts';
import type { FileLayer } from '../../runtime/files.ts';
import type { Logger } from '../../runtime/logger.ts';
import { PositionJournal } from '../../tracking/position-journal.ts';
import type { FilePlace } from './deliveries.ts';
import { formatPositions, savePositions } from './position-file.ts';
import { atStart, type TailedFile } from './tailed-file.ts';

/** The files of which something is kept. */
interface Remembered {
  readonly all: Iterable<TailedFile>;
  /** Files whose content is gone, and may turn up in a copy. */
  readonly awaited: Iterable<TailedFile>;
}

/** The slot of a file that is tailed no longer. */
const released = -2;

/** Keeps what a restart goes on from: Flume's position file, and the journal beside it. */
export class PositionStore {
  readonly #layer: FileLayer;
  readonly #path: string;
  readonly #journalPath: string;
  readonly #files: Remembered;
  readonly #log: Logger;
  #journal: PositionJournal | null;
  #savedText: string | null;
  /** Files whose slots are behind: channels know better. */
  readonly #behind = new Set<TailedFile>();
  /** A position moved after the journal was closed. */
  #isBehind = false;
  #saving: Promise<void> = Promise.resolve();
  /** One line for a run of failures. */
  #told: string | null = null;

  /** Makes the journal anew; throws where it can't be written. */
  constructor(layer: FileLayer, path: string, text: string | null, files: Remembered, log: Logger) {
    this.#layer = layer;
    this.#path = path;
    this.#journalPath = `${path}.journal`;
    this.#files = files;
    this.#log = log;
    this.#savedText = text;
    this.#journal = this.#newJournal(text);
  }

  add(file: TailedFile): void {
    this.#guarded(this.#journalPath, (journal) => {
      file.slot = journal.add(file.entry);
    });
  }

  release(file: TailedFile): void {
    const { slot } = file;
    file.slot = released;
    if (slot >= 0) this.#guarded(this.#journalPath, (journal) => journal.release(slot));
  }

  /** What a file held is awaited in a copy, by a restart, too. */
  await(file: TailedFile): void {
    file.awaited = true;
    this.moved(file, file.stored);
  }

  /** A restart goes on from there; as channels know it, too: the journal may say it later. */
  movedInChannels(file: TailedFile, place: FilePlace): void {
    file.stored = place;
    this.#behind.add(file);
  }

  /** A restart goes on from there. */
  moved(file: TailedFile, place: FilePlace): void {
    file.stored = place;
    this.#behind.delete(file);
    this.#isBehind ||= this.#journal === null;
    this.#guarded(this.#journalPath, (journal) => {
      if (file.slot === released) return; // its lines arrive after it was let go
      if (file.slot < 0) file.slot = journal.add(file.entry);
      else journal.write(file.slot, file.entry);
    });
  }

  /** Writes the position file where it says something else than before. Never rejects: a failure is told, once. */
  save(): Promise<void> {
    this.#saving = this.#saving.then(() => this.#save());
    return this.#saving;
  }

  close(): void {
    this.catchUp();
    this.#journal?.close();
    this.#journal = null;
  }

  /** Takes positions back to before what was lost, after `close`. Returns the number of files so treated. */
  async settle(): Promise<number> {
    let taken = 0;
    const files = [...this.#files.all, ...this.#files.awaited];
    for (const file of files) {
      const lost = file.deliveries.firstLost;
      if (lost === null || lost.position >= file.stored.position) continue;
      file.stored = lost;
      taken++;
    }
    taken += startAnew(files);
    if (taken === 0 && !this.#isBehind && this.#text() === this.#savedText) return 0;
    try {
      this.#journal = this.#newJournal(this.#savedText);
    } catch (error) {
      this.#tell(this.#journalPath, error);
    }
    await this.save();
    this.close();
    return taken;
  }

  #newJournal(text: string | null): PositionJournal {
    const files = [...this.#files.all, ...this.#files.awaited];
    const entries = files.map((file) => file.entry);
    const { journal, slots } = PositionJournal.replace(this.#layer, this.#journalPath, text, entries);
    for (const [i, file] of files.entries()) file.slot = slots[i]!;
    return journal;
  }

  /** Flume's rows: the inode, the position, and the path that events show. */
  #text(): string {
    const rows = [...this.#files.all].flatMap(({ ino, stored, path }) =>
      path === null ? [] : [{ inode: ino, pos: stored.position, file: path }],
    );
    return formatPositions(rows);
  }

  /** Writes down in the journal what so far only channels know. */
  catchUp(): void {
    for (const file of this.#behind) this.moved(file, file.stored);
  }

  async #save(): Promise<void> {
    this.catchUp();
    const text = this.#text();
    if (text === this.#savedText) return;
    try {
      this.#journal?.noteSaving(text);
      await savePositions(this.#layer, this.#path, text);
      this.#savedText = text;
      this.#journal?.noteSaved(text);
      this.#told = null;
    } catch (error) {
      this.#tell(this.#path, error);
    }
  }

  /** A journal that can't be written costs doubles after a kill, no line. */
  #guarded(path: string, write: (journal: PositionJournal) => void): void {
    if (this.#journal === null) return;
    try {
      write(this.#journal);
    } catch (error) {
      this.#tell(path, error);
    }
  }

  #tell(path: string, error: unknown): void {
    const text = `Failed writing positionFile: ${path}: ${errorText(error)}`;
    if (text !== this.#told) this.#log.error(text);
    this.#told = text;
  }
}

/** Takes back to its start what began with the rest of an event that is to be read again. Returns the number of files. */
function startAnew(files: readonly TailedFile[]): number {
  let taken = 0;
  for (let more = true; more; ) {
    more = false;
    for (const file of files) {
      const { stored, tail } = file;
      if (stored.position === 0 || tail === null || tail.deliveries === null) continue;
      if (tail.deliveries.owner.stored.position >= tail.position) continue;
      file.stored = atStart;
      more = true;
      taken++;
    }
  }
  return taken;
}
