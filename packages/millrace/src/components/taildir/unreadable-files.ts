import type { SourceCounter } from '../../component/counters.ts';
import { errorText } from '../../runtime/errors.ts';
import type { Logger } from '../../runtime/logger.ts';
import { type WaitReport, waitReport } from '../../runtime/wait.ts';
import type { TailedFile } from './tailed-file.ts';

const leastRetryMs = 100;
const mostRetryMs = 5000;

/** Files that can't be read, with the reason: each is told once, and tried again after longer and longer pauses. */
export class UnreadableFiles {
  readonly #files = new Map<TailedFile, { readonly why: string; readonly since: number }>();
  readonly #counter: SourceCounter;
  readonly #log: Logger;

  constructor(counter: SourceCounter, log: Logger) {
    this.#counter = counter;
    this.#log = log;
  }

  /** `now`: monotonic, ms. */
  failed(file: TailedFile, error: unknown, now: number): void {
    file.retryAtMs = now + Math.min(mostRetryMs, leastRetryMs * 2 ** Math.min(file.failures, 10));
    file.failures += 1;
    if (this.#files.has(file)) return;
    const why = `${file.shownPath}: ${errorText(error)}`;
    this.#files.set(file, { why, since: Date.now() });
    this.#counter.eventReadFail += 1;
    this.#log.warn(`Can't read ${why}; it is tried again`);
  }

  /** It was read. */
  wasRead(file: TailedFile): void {
    if (file.failures === 0) return;
    file.failures = 0;
    this.#files.delete(file);
  }

  forget(file: TailedFile): void {
    this.#files.delete(file);
  }

  /** For whoever looks: a fault where no file of so many can be read. */
  waits(all: number): readonly WaitReport[] {
    const [first] = this.#files.values();
    if (first === undefined) return [];
    const of = this.#files.size > 1 ? `${this.#files.size} of ${all} files, the first is ` : '';
    const kind = this.#files.size >= all ? 'fault' : 'held';
    return [waitReport(kind, `what can't be read: ${of}${first.why}`, first.since)];
  }
}
