import type { FileStore } from '../../clients/file-store/file-store.ts';
import { isStoreFault } from '../../clients/file-store/store-error.ts';
import type { Diagnostic } from '../../runtime/diagnostics.ts';
import { errorText } from '../../runtime/errors.ts';
import { after, type Timer } from '../../runtime/timers.ts';
import type { FileName } from './file-names.ts';
import type { OpenFilesNote } from './open-files-note.ts';

export interface LeftFilesOptions {
  readonly store: FileStore;
  /** Where open files are noted for a later start; null: nowhere. */
  readonly note: OpenFilesNote | null;
  /** How often a rename or a removal is tried, and how long after a failure again. */
  readonly tries: number;
  readonly retryMs: number;
  /** `sink k1`, for messages. */
  readonly label: string;
  readonly report: (diagnostic: Diagnostic) => void;
  /** A rename or a removal has failed. */
  readonly onFailure?: () => void;
}

/**
 * Files that are on their way to their final name or to their end: it sees to each until that is done, also to those
 * that a killed process has left. A file with acknowledged events gets its final name, any other is removed.
 */
export class LeftFiles {
  readonly #options: LeftFilesOptions;
  readonly #timers = new Set<Timer>();
  #isStopped = false;

  constructor(options: LeftFilesOptions) {
    this.#options = options;
  }

  /** A file is about to be made; `keep`: events are acknowledged while it is in use. */
  noteOpen(name: FileName, keep: boolean): void {
    this.#options.note?.open(name, keep);
  }

  /** Nothing is left to do for a file. */
  noteDone(name: FileName): void {
    this.#options.note?.done(name);
  }

  /** Sees to what an earlier process has left. */
  async sweep(): Promise<void> {
    for (const { name, keep } of this.#options.note?.left() ?? []) {
      if (keep) await this.rename(name, true);
      else await this.#remove(name, 1);
    }
  }

  /**
   * Gives a closed file its final name. `keep`: a failure is tried again in the background and told there; else it
   * rejects, and the file is removed.
   */
  async rename(name: FileName, keep: boolean): Promise<void> {
    if (keep) return await this.#renameKept(name, 1);
    try {
      await this.#toFinalName(name);
    } catch (error) {
      this.#options.onFailure?.();
      this.remove(name);
      throw error;
    }
    this.noteDone(name);
  }

  /** Removes a file of which nothing is acknowledged, in the background. */
  remove(name: FileName): void {
    void this.#remove(name, 1);
  }

  /** Ends the tries; what is left is noted for the next start. */
  stop(): void {
    this.#isStopped = true;
    for (const timer of this.#timers) timer.cancel();
    this.#timers.clear();
  }

  async #renameKept(name: FileName, attempt: number): Promise<void> {
    try {
      await this.#toFinalName(name);
    } catch (error) {
      if (isStoreFault(error, 'absent')) {
        this.#tell('file-gone', name, `${name.inUse} is gone, nobody knows where to`);
        this.noteDone(name);
        return;
      }
      this.#again(name, attempt, error, (next) => this.#renameKept(name, next));
      return;
    }
    this.noteDone(name);
  }

  async #remove(name: FileName, attempt: number): Promise<void> {
    try {
      const { store } = this.#options;
      await (store.discard === undefined ? store.delete(name.inUse) : store.discard(name.inUse));
    } catch (error) {
      this.#again(name, attempt, error, (next) => this.#remove(name, next));
      return;
    }
    this.noteDone(name);
  }

  /** Where the name is taken, the next number that is not. */
  async #toFinalName({ inUse, final, n, isOnly = false }: FileName): Promise<void> {
    if (inUse === final) return;
    const at = final.lastIndexOf(`.${n}`);
    for (let to = final, next = n + 1; ; next++) {
      try {
        await this.#options.store.rename(inUse, to);
        return;
      } catch (error) {
        if (!isStoreFault(error, 'exists') || next > n + mostNumbers) throw error;
        if (isOnly) return await this.#options.store.delete(inUse);
        to = `${final.slice(0, at)}.${next}${final.slice(at + 1 + String(n).length)}`;
      }
    }
  }

  #again(name: FileName, attempt: number, error: unknown, work: (attempt: number) => Promise<void>): void {
    const { tries, retryMs, onFailure } = this.#options;
    onFailure?.();
    const goesOn = attempt < tries && !this.#isStopped;
    const next = goesOn ? `it is tried again in ${retryMs / 1000} s` : 'it is left for the next start';
    this.#tell('file-left', name, `${errorText(error)}; ${next}`);
    if (!goesOn) return;
    const timer = after(retryMs, () => {
      this.#timers.delete(timer);
      void work(attempt + 1);
    });
    this.#timers.add(timer);
  }

  #tell(code: string, name: FileName, message: string): void {
    const { label, store, report } = this.#options;
    report({
      file: name.inUse,
      line: 0,
      column: 0,
      severity: 'warning',
      code,
      message: `${label}: ${store.url}: ${message}`,
    });
  }
}

const mostNumbers = 1000;
