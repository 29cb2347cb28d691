import type { Duplex } from 'node:stream';
import { errorText, MillraceError } from '../../runtime/errors.ts';
import { after, type Timer } from '../../runtime/timers.ts';

/** Cuts what comes into answers, each with the number of its call. */
export interface AnswerCutter<A> {
  push(chunk: Buffer): void;
  /** Null: the rest has not come. Throws for what is none. */
  next(): { readonly id: number; readonly answer: A } | null;
}

export interface CallConnectionOptions<A> {
  /** `host:port`, for messages. */
  readonly peer: string;
  readonly cutter: AnswerCutter<A>;
  /** How long an answer may take, from the call on. */
  readonly requestTimeoutMs: number;
}

interface Waiter<A> {
  resolve(answer: A): void;
  reject(error: Error): void;
  readonly timer: Timer;
}

/**
 * Calls and answers over one connection. Whatever goes wrong with one of them (no answer in time, an answer that is none,
 * nobody who waits) ends the connection and all calls under way: what comes after it would answer something else.
 */
export class CallConnection<A> {
  readonly #socket: Duplex;
  readonly #options: CallConnectionOptions<A>;
  readonly #waiters = new Map<number, Waiter<A>>();
  #fault: Error | null = null;

  constructor(socket: Duplex, options: CallConnectionOptions<A>) {
    this.#socket = socket;
    this.#options = options;
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    socket.on('error', (error) => this.#end(this.#failure(errorText(error))));
    socket.on('end', () => this.#end(this.#failure('the peer closed the connection')));
    socket.on('close', () => this.#end(this.#failure('the connection is closed')));
  }

  get fault(): Error | null {
    return this.#fault;
  }

  /** Calls under way. */
  get pending(): number {
    return this.#waiters.size;
  }

  /**
   * Sends a call; `id` is no other's that is under way. Rejects with `TIMEOUT` or `CONNECTION_FAILED`. `timeoutMs`: in
   * place of the usual one.
   */
  call(id: number, bytes: Buffer, signal?: AbortSignal, timeoutMs?: number): Promise<A> {
    if (this.#fault !== null) return Promise.reject(this.#fault);
    if (signal?.aborted) return Promise.reject(this.#failure('nobody waits for the answer'));
    const { promise, resolve, reject } = Promise.withResolvers<A>();
    const ms = timeoutMs ?? this.#options.requestTimeoutMs;
    const timer = after(ms, () =>
      this.#end(new MillraceError('TIMEOUT', `${this.#options.peer}: no answer after ${ms} ms`)),
    );
    const onAbort = (): void => this.#end(this.#failure('nobody waits for the answer'));
    signal?.addEventListener('abort', onAbort);
    const ended = (): void => {
      timer.cancel();
      signal?.removeEventListener('abort', onAbort);
    };
    this.#waiters.set(id, {
      timer,
      resolve: (answer) => {
        ended();
        resolve(answer);
      },
      reject: (error) => {
        ended();
        reject(error);
      },
    });
    this.#socket.write(bytes);
    return promise;
  }

  close(): void {
    this.#end(this.#failure('the connection was closed on this side'));
  }

  #receive(chunk: Buffer): void {
    if (this.#fault !== null) return;
    const { cutter } = this.#options;
    try {
      cutter.push(chunk);
      for (let next = cutter.next(); next !== null; next = cutter.next()) {
        const waiter = this.#waiters.get(next.id);
        if (waiter === undefined) throw new Error(`it answers a call (${next.id}) that was not made`);
        this.#waiters.delete(next.id);
        waiter.resolve(next.answer);
      }
    } catch (error) {
      this.#end(this.#failure(`the peer's answer can't be read: ${errorText(error)}`, error));
    }
  }

  #failure(why: string, cause?: unknown): MillraceError {
    const message = `${this.#options.peer}: ${why}`;
    return new MillraceError('CONNECTION_FAILED', message, cause === undefined ? {} : { cause });
  }

  #end(error: Error): void {
    if (this.#fault !== null) return;
    this.#fault = error;
    this.#socket.destroy();
    const waiters = [...this.#waiters.values()];
    this.#waiters.clear();
    for (const waiter of waiters) waiter.reject(error);
  }
}
