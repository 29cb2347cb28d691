import { setFlagsFromString } from 'node:v8';
import { Worker } from 'node:worker_threads';
import { type ErrorCode, errorCodes, MillraceError } from '../runtime/errors.ts';
import { Lifecycle } from '../runtime/lifecycle.ts';
import type { Failure, FromThread, Metric, ToThread } from './threads.ts';

/** A thread that doesn't answer a stop this long after its drain deadline is ended. */
const graceMs = 5000;
/**
 * The heap of a thread begins with so much room (MB). V8 counts the memory of batches towards its limits, and with a
 * small heap it would collect every 20 MB that pass through, a third of an agent's CPU. These are limits, not
 * allocations. V8 reads the flags when it makes a heap, so they hold for threads that start later.
 */
const heapFlags = ['--initial-old-space-size=128', '--min-semi-space-size=8'];

/**
 * The main thread's handle of one worker thread: an agent or the broker. `start` resolves when the thread says that it
 * is ready; `stop` drains it.
 */
export class Thread extends Lifecycle {
  readonly name: string;
  readonly #entry: URL;
  readonly #data: unknown;
  readonly #drainMs: number;
  #worker: Worker | null = null;
  #nextId = 0;
  #waiting = new Map<number, (answer: Extract<FromThread, { kind: 'metrics' }>) => void>();
  #stopped: ((summary: string) => void) | null = null;
  #ended: ((error: MillraceError) => void)[] = [];
  /** What the thread said when it was ready (a broker: its port). */
  info: Readonly<Record<string, unknown>> = {};
  /** What the thread said of its end: what was drained, what was not. */
  summary = '';

  constructor(name: string, entry: URL, data: unknown, drainMs: number) {
    super();
    this.name = name;
    this.#entry = entry;
    this.#data = data;
    this.#drainMs = drainMs;
  }

  /** Called once if the thread ends by itself. */
  onFailure(listener: (error: MillraceError) => void): void {
    this.#ended.push(listener);
  }

  protected open(): Promise<void> {
    return new Promise((resolve, reject) => {
      for (const flag of heapFlags) setFlagsFromString(flag);
      const worker = new Worker(this.#entry, { workerData: this.#data, name: this.name });
      this.#worker = worker;
      worker.on('message', (message: FromThread) => {
        switch (message.kind) {
          case 'ready':
            this.info = message.info;
            resolve();
            break;
          case 'failed':
            reject(revive(message.failure));
            break;
          case 'metrics':
            this.#waiting.get(message.id)?.(message);
            this.#waiting.delete(message.id);
            break;
          case 'stopped':
            this.summary = message.summary;
            this.#stopped?.(message.summary);
            break;
        }
      });
      worker.on('error', (error) => this.#end(reject, error));
      worker.on('exit', (code) =>
        this.#end(reject, new Error(`thread ${this.name} ended with code ${code}`)),
      );
    });
  }

  protected async close(): Promise<void> {
    const worker = this.#worker;
    if (worker === null) return;
    const answered = new Promise<string>((resolve) => {
      this.#stopped = resolve;
    });
    worker.postMessage({ kind: 'stop', drainMs: this.#drainMs } satisfies ToThread);
    const deadline = AbortSignal.timeout(this.#drainMs + graceMs);
    const late = new Promise<string>((resolve) => {
      deadline.addEventListener('abort', () => resolve(`${this.name} did not stop in time and was ended`));
    });
    this.summary = await Promise.race([answered, late]);
    this.#worker = null;
    await worker.terminate();
  }

  /** The thread's counters; none when it doesn't answer within two seconds. */
  metrics(): Promise<{ metrics: readonly Metric[]; ready: boolean }> {
    const worker = this.#worker;
    if (worker === null) return Promise.resolve({ metrics: [], ready: false });
    const id = this.#nextId++;
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(id);
        resolve({ metrics: [], ready: false });
      }, 2000);
      this.#waiting.set(id, (answer) => {
        clearTimeout(timer);
        resolve(answer);
      });
      worker.postMessage({ kind: 'metrics', id } satisfies ToThread);
    });
  }

  #end(reject: (error: unknown) => void, error: unknown): void {
    if (this.#worker === null) return; // ended by close()
    this.#worker = null;
    const failure =
      error instanceof MillraceError
        ? error
        : new MillraceError('INTERNAL', `${this.name}: ${error instanceof Error ? error.message : error}`, {
            cause: error,
          });
    reject(failure);
    this.#stopped?.('');
    for (const listener of this.#ended.splice(0)) listener(failure);
  }
}

function revive({ code, message, remedy, details }: Failure): MillraceError {
  const known = Object.hasOwn(errorCodes, code) ? (code as ErrorCode) : 'INTERNAL';
  return new MillraceError(known, message, { remedy, details });
}
