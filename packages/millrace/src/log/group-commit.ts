/**
 * Shares one sync among all who ask while another is under way: a request is answered by the first sync that starts
 * after it. One runs at a time; requests made in the same turn of the event loop go together.
 */
export class GroupCommit {
  readonly #sync: () => Promise<void>;
  #next: PromiseWithResolvers<void> | null = null;
  #running = false;

  constructor(sync: () => Promise<void>) {
    this.#sync = sync;
  }

  /** Whether a sync is under way or about to be. */
  get isBusy(): boolean {
    return this.#running;
  }

  request(): Promise<void> {
    this.#next ??= Promise.withResolvers<void>();
    const { promise } = this.#next;
    if (!this.#running) {
      this.#running = true;
      setImmediate(() => void this.#run());
    }
    return promise;
  }

  async #run(): Promise<void> {
    while (this.#next !== null) {
      const turn = this.#next;
      this.#next = null;
      try {
        await this.#sync();
        turn.resolve();
      } catch (error) {
        turn.reject(error);
      }
    }
    this.#running = false;
  }
}
