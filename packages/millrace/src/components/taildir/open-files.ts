import { hasErrno } from '../../runtime/errors.ts';
import type { SourceFiles } from '../../tracking/source-files.ts';
import type { TailedFile } from './tailed-file.ts';

/** Whether an error says that the process or the machine has no file descriptor left. */
export function isOutOfDescriptors(error: unknown): boolean {
  return hasErrno(error, 'EMFILE', 'ENFILE');
}

/** An error of the system about a file (`read EIO`), not one of a channel. */
export function isFileError(error: unknown): boolean {
  return (
    error instanceof Error && 'syscall' in error && ['open', 'read', 'fstat'].includes(String(error.syscall))
  );
}

/**
 * Opens files while the system has descriptors, and gives some back when it has not: others in the process need them,
 * too. A closed file is opened again at its turn.
 */
export class OpenFiles {
  readonly #files: SourceFiles;
  readonly #open = new Set<TailedFile>();
  /** Learned from the system's refusals; grows again slowly. */
  #most = Number.POSITIVE_INFINITY;

  constructor(files: SourceFiles) {
    this.#files = files;
  }

  get size(): number {
    return this.#open.size;
  }

  /** As `TailedFile.open`; where descriptors are short, others are closed first. */
  async open(file: TailedFile, nowMs: number): Promise<boolean> {
    if (this.#open.size >= this.#most) this.#closeSome(this.#open.size - this.#most + 1);
    try {
      return await this.#opened(file, nowMs);
    } catch (error) {
      if (!isOutOfDescriptors(error) || this.#open.size === 0) throw error;
      this.relieve();
      return this.#opened(file, nowMs);
    }
  }

  close(file: TailedFile): void {
    this.#open.delete(file);
    file.close();
  }

  /** Closes a quarter of the open files, those first to which nothing was written for longest. */
  relieve(): void {
    this.#closeSome(Math.max(1, Math.ceil(this.#open.size / 4)));
    this.#most = Math.max(1, this.#open.size);
  }

  /** Descriptors were not short for a while. */
  ease(): void {
    this.#most += 1;
  }

  async #opened(file: TailedFile, nowMs: number): Promise<boolean> {
    const opened = await file.open(this.#files, nowMs);
    if (opened) this.#open.add(file);
    return opened;
  }

  #closeSome(count: number): void {
    // A file without a name can't be opened again.
    const closable = [...this.#open].filter((file) => !file.gone);
    closable.sort((a, b) => Number(b.isRead) - Number(a.isRead) || a.lastGrowthMs - b.lastGrowthMs);
    let left = count;
    for (const file of closable) {
      if (left === 0) break;
      if (!file.hasName) continue; // deleted, and nobody has noticed yet
      left--;
      // What the folder showed of it since its last turn is not read yet.
      file.phase = file.isRead && file.readTo >= file.largestSize ? 'asleep' : 'ready';
      this.close(file);
    }
  }
}
