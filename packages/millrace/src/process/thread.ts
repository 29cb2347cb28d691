import { setFlagsFromString } from 'node:v8';
import { Worker } from 'node:worker_threads';
import type { StopOptions } from '../component/lifetime.ts';
import { Deadline, late } from '../runtime/deadline.ts';
import { type ErrorCode, errorCodes, errorText, MillraceError } from '../runtime/errors.ts';
import { after } from '../runtime/timers.ts';
import type { Failure, FromThread, ThreadEnd, ThreadState, ToThread } from './threads.ts';
import { nothingEnded } from './threads.ts';

/**
 * What lies between a thread's deadline and its end by force: a thread that gave up at the deadline still has to say
 * so. No work is done in it.
 */
const lastWordMs = 500;
/** A thread that is busy with other things answers later than this; its state is not known then. */
const answerMs = 2000;
/**
 * The heap of a thread begins with so much room (MB). V8 counts the memory of batches towards its limits, and with a
 * small heap it would collect every 20 MB that pass through, a third of an agent's CPU. These are limits, not
 * allocations. V8 reads the flags when it makes a heap, so they hold for threads that start later.
 */
const heapFlags = ['--initial-old-space-size=128', '--min-semi-space-size=4'];

export interface ThreadListener {
  /** A sentence for whoever sits at the terminal. */
  told(text: string): void;
  /** Lines went to the terminal. */
  shown(): void;
  /** It ended by itself after it was ready; called at most once. */
  ended(error: MillraceError): void;
}

/**
 * The main thread's handle of one worker thread: an agent or the broker. `start` resolves when the thread says that it
 * is ready; `stop` lets it drain, and ends it where it does not end by the deadline.
 */
export class Thread {
  readonly name: string;
  readonly #entry: URL;
  readonly #data: unknown;
  readonly #listener: ThreadListener;
  #worker: Worker | null = null;
  #nextId = 0;
  readonly #waiting = new Map<number, (state: ThreadState) => void>();
  readonly #end = Promise.withResolvers<ThreadEnd>();
  #isReady = false;
  #isStopping = false;
  /** What the thread said when it was ready (a broker: its port). */
  info: Readonly<Record<string, unknown>> = {};
  /** The last answer to `state`. */
  lastState: ThreadState | null = null;

  constructor(name: string, entry: URL, data: unknown, listener: ThreadListener) {
    this.name = name;
    this.#entry = entry;
    this.#data = data;
    this.#listener = listener;
  }

  /** Rejects with what the thread said of its failure. A `stop` meanwhile ends it. */
  start(): Promise<void> {
    return new Promise((resolve, reject) => {
      for (const flag of heapFlags) setFlagsFromString(flag);
      const worker = new Worker(this.#entry, { workerData: this.#data, name: this.name });
      this.#worker = worker;
      worker.on('message', (message: FromThread) => {
        switch (message.kind) {
          case 'ready':
            this.#isReady = true;
            this.info = message.info;
            resolve();
            break;
          case 'failed':
            reject(revive(message.failure));
            break;
          case 'state':
            this.lastState = message.state;
            this.#waiting.get(message.id)?.(message.state);
            this.#waiting.delete(message.id);
            break;
          case 'told':
            this.#listener.told(message.text);
            break;
          case 'shown':
            this.#listener.shown();
            break;
          case 'stopped':
            this.#end.resolve(message.end);
            break;
        }
      });
      const gone = (error: MillraceError): void => {
        if (this.#worker === null) return;
        this.#worker = null;
        reject(error);
        this.#end.resolve({ ...nothingEnded, problems: [error.message], known: false });
        if (this.#isReady && !this.#isStopping) this.#listener.ended(error);
      };
      worker.on('error', (error: unknown) => gone(this.#failure(error)));
      worker.on('exit', (code) => gone(this.#failure(new Error(`its thread ended with code ${code}`))));
    });
  }

  async stop({ deadline }: StopOptions): Promise<ThreadEnd> {
    const worker = this.#worker;
    if (worker === null) return nothingEnded;
    this.#isStopping = true;
    worker.postMessage({ kind: 'stop', leftMs: deadline.leftMs } satisfies ToThread);
    const end = await Deadline.in(deadline.leftMs + lastWordMs).race(this.#end.promise);
    this.#worker = null;
    // Code that never comes back ends here. Where it waits inside the system, the process's end takes it along.
    worker.unref();
    await Deadline.in(lastWordMs).race(worker.terminate());
    if (end !== late) return end;
    return {
      ...nothingEnded,
      problems: [`${this.name} did not stop by the deadline and was ended`],
      known: !this.#isReady,
    };
  }

  /** As it is now, or null where it doesn't answer. */
  state(): Promise<ThreadState | null> {
    const worker = this.#worker;
    if (worker === null || !this.#isReady) return Promise.resolve(null);
    const id = this.#nextId++;
    return new Promise((resolve) => {
      const timer = after(answerMs, () => {
        this.#waiting.delete(id);
        resolve(null);
      });
      this.#waiting.set(id, (state) => {
        timer.cancel();
        resolve(state);
      });
      worker.postMessage({ kind: 'state', id } satisfies ToThread);
    });
  }

  post(message: Extract<ToThread, { kind: 'reload' | 'reopen' }>): void {
    this.#worker?.postMessage(message);
  }

  #failure(thrown: unknown): MillraceError {
    if (thrown instanceof MillraceError) return thrown;
    const heap = thrown instanceof Error && 'code' in thrown && thrown.code === 'ERR_WORKER_OUT_OF_MEMORY';
    const why = heap ? 'its memory limit is reached (V8 heap)' : errorText(thrown);
    const details = thrown instanceof Error ? { stack: thrown.stack } : {};
    return new MillraceError('INTERNAL', `${this.name}: ${why}`, { cause: thrown, details });
  }
}

function revive({ code, message, remedy, details }: Failure): MillraceError {
  const known = Object.hasOwn(errorCodes, code) ? (code as ErrorCode) : 'INTERNAL';
  return new MillraceError(known, message, { remedy, details });
}
