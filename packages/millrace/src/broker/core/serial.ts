/** Runs the tasks of one key one after the other, in the order of the calls; those of different keys at the same time. */
export class KeyedSerial {
  readonly #tails = new Map<string, Promise<unknown>>();

  run<T>(key: string, task: () => Promise<T>): Promise<T> {
    const before = this.#tails.get(key);
    const result = before === undefined ? task() : before.then(task, task);
    this.#tails.set(key, result);
    const forget = () => {
      if (this.#tails.get(key) === result) this.#tails.delete(key);
    };
    result.then(forget, forget);
    return result;
  }

  /** Resolves when nothing runs any more. */
  async idle(): Promise<void> {
    while (this.#tails.size > 0) await Promise.allSettled(this.#tails.values());
  }
}

/** Lets so many tasks run at the same time; the others wait for their turn in the order of the calls. */
export class Slots {
  readonly #waiting: (() => void)[] = [];
  #free: number;

  constructor(atOnce: number) {
    this.#free = atOnce;
  }

  async run<T>(task: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await task();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free++;
      else next();
    }
  }
}

/** Runs tasks one after the other, in the order of the calls. */
export class Serial {
  #tail: Promise<unknown> | null = null;

  get isIdle(): boolean {
    return this.#tail === null;
  }

  run<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#tail === null ? task() : this.#tail.then(task, task);
    this.#tail = result;
    const forget = () => {
      if (this.#tail === result) this.#tail = null;
    };
    result.then(forget, forget);
    return result;
  }
}
