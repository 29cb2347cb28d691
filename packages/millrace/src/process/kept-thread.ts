import type { StopOptions } from '../component/lifetime.ts';
import { errorText, type MillraceError } from '../runtime/errors.ts';
import { after, type Timer } from '../runtime/timers.ts';
import type { Thread, ThreadListener } from './thread.ts';
import { type NotReady, nothingEnded, type ThreadEnd, type ThreadState, type ToThread } from './threads.ts';

/** How long until a thread that ended by itself is started again: doubled each time, as long as it does not last. */
const restart = { firstMs: 1000, longestMs: 60_000, lastsMs: 60_000 } as const;

/** One life of a thread, as `Thread` is. */
export type Life = Pick<Thread, 'info' | 'start' | 'stop' | 'state' | 'post'>;

/**
 * A thread that is started again when it ends by itself: a fault in one agent leaves the others alone. What its
 * channels held in memory is gone with it, which `stop` tells; a broker's log is on the disk, and loses nothing.
 */
export class KeptThread {
  readonly name: string;
  readonly #make: (listener: ThreadListener) => Life;
  readonly #listener: Omit<ThreadListener, 'ended'>;
  readonly #losesMemory: boolean;
  #thread: Life | null = null;
  #timer: Timer | null = null;
  #waitMs: number = restart.firstMs;
  #startedMs = 0;
  #fault = '';
  #stopping = false;
  #deaths = 0;

  /** `losesMemory`: whether anything is lost with a life that ended by itself. */
  constructor(
    name: string,
    make: (listener: ThreadListener) => Life,
    listener: Omit<ThreadListener, 'ended'>,
    { losesMemory = true } = {},
  ) {
    this.name = name;
    this.#losesMemory = losesMemory;
    this.#make = make;
    this.#listener = listener;
  }

  /** What the thread said when it was ready. */
  get info(): Readonly<Record<string, unknown>> {
    return this.#thread?.info ?? {};
  }

  /** The first start; rejects when it fails. */
  start(): Promise<void> {
    return this.#live(() => {});
  }

  /** Begins a life. Its end is heard once `begun` was called, even when both come in one turn. */
  async #live(begun: () => void): Promise<void> {
    const end = Promise.withResolvers<MillraceError>();
    const thread = this.#make({ ...this.#listener, ended: end.resolve });
    this.#thread = thread;
    await thread.start();
    this.#startedMs = performance.now();
    this.#fault = '';
    begun();
    end.promise.then((error) => this.#ended(error));
  }

  async stop(options: StopOptions): Promise<ThreadEnd> {
    this.#stopping = true;
    this.#timer?.cancel();
    const end = (await this.#thread?.stop(options)) ?? nothingEnded;
    if (this.#deaths === 0) return end;
    const times = this.#deaths === 1 ? 'once' : `${this.#deaths} times`;
    const problem = `${this.name} ended by itself ${times}`;
    if (!this.#losesMemory) return { ...end, problems: [...end.problems, problem] };
    const lost = `${problem}: what its channels held in memory then is lost`;
    return { ...end, problems: [...end.problems, lost], known: false };
  }

  /** As it is now; a thread that does not answer is not ready. */
  async state(): Promise<ThreadState> {
    const state = this.#fault === '' ? ((await this.#thread?.state()) ?? null) : null;
    if (state !== null) return state;
    const reason = this.#fault === '' ? 'it does not answer' : this.#fault;
    const notReady: NotReady[] = [{ component: this.name, reason }];
    return { metrics: [], notReady, broker: null, components: [] };
  }

  post(message: Extract<ToThread, { kind: 'reload' | 'reopen' }>): void {
    this.#thread?.post(message);
  }

  #ended(error: MillraceError): void {
    this.#deaths += 1;
    if (performance.now() - this.#startedMs >= restart.lastsMs) this.#waitMs = restart.firstMs;
    this.#again(error.message);
  }

  #again(why: string): void {
    if (this.#stopping) return;
    const waitMs = this.#waitMs;
    this.#waitMs = Math.min(waitMs * 2, restart.longestMs);
    this.#fault = `it ended by itself and is started again (${why})`;
    this.#listener.told(`${this.name} ended by itself (${why}); it is started again in ${waitMs / 1000} s`);
    this.#timer = after(waitMs, () => {
      this.#live(() => this.#listener.told(`${this.name} runs again`)).catch((error: unknown) =>
        this.#again(errorText(error)),
      );
    });
  }
}
