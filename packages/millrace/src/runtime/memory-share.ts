import { totalmem } from 'node:os';
import { getEnvironmentData, setEnvironmentData } from 'node:worker_threads';

/** Java's default: a heap takes a quarter of the memory that its process may use. */
const shareOfMemory = 4;
const threadsKey = 'millrace.memoryThreads';

/** Says among how many threads, started after this, the memory for events is divided. Default 1. */
export function divideMemoryAmong(threads: number): void {
  setEnvironmentData(threadsKey, Math.max(1, threads));
}

/** A quarter of what this process may use (its control group's limit, or what the machine has), less other threads' part. */
function memoryOfThread(): number {
  const threads = Number(getEnvironmentData(threadsKey) ?? 1);
  // Without a limit Node gives none, or a number beyond any machine.
  const limit = process.constrainedMemory() || Number.POSITIVE_INFINITY;
  return Math.floor(Math.min(limit, totalmem()) / shareOfMemory / threads);
}

/** Memory of a thread in equal parts, for whatever holds events there without a limit of its own. */
export class MemoryShare {
  readonly totalBytes: number;
  readonly #holders = new Set<{ shareChanged(): void }>();

  constructor(totalBytes = memoryOfThread()) {
    this.totalBytes = totalBytes;
  }

  /** The part of each holder. */
  get bytes(): number {
    return Math.floor(this.totalBytes / Math.max(1, this.#holders.size));
  }

  join(holder: { shareChanged(): void }): void {
    if (this.#holders.has(holder)) return;
    this.#holders.add(holder);
    this.#tell();
  }

  leave(holder: { shareChanged(): void }): void {
    if (this.#holders.delete(holder)) this.#tell();
  }

  #tell(): void {
    for (const holder of this.#holders) holder.shareChanged();
  }
}

let threadShare: MemoryShare | undefined;

/** That of the calling thread. */
export function memoryShare(): MemoryShare {
  threadShare ??= new MemoryShare();
  return threadShare;
}
