import type { EventBatch } from '../records/event-batch.ts';
import type { DurableQueue } from './durable-queue.ts';
import type { TakenRun } from './log-queue.ts';
import { type Chunk, MemoryQueue } from './memory-queue.ts';

/** What is kept of a put whose events are in memory. */
interface InMemory<Put> {
  readonly of: Put;
  /** The end of the files when it was put: events before it are older, those behind it are younger. */
  readonly end: number;
}

interface MemoryRun<Put> {
  readonly batch: EventBatch;
  readonly chunk: Chunk<InMemory<Put>>;
}

/** A run of events that was taken: out of memory or out of the files. */
export type SpilledRun<Put> = MemoryRun<Put> | { readonly batch: EventBatch; readonly run: TakenRun };

/**
 * The one order over events in memory and events in files. What is put in memory is marked with the end of the files at
 * that moment; a take goes by these marks, and not by counts, so that damage or a failed write in the files moves
 * nothing. Events of two puts are in the order in which they could first be taken.
 */
export class SpillingQueue<Put> {
  readonly #memory: MemoryQueue<InMemory<Put>>;
  #files: DurableQueue | null = null;

  constructor(slotsOf: (batch: EventBatch) => number) {
    this.#memory = new MemoryQueue(slotsOf);
  }

  /** The files to go by from now on; `known`: those of before, so that what is in memory keeps its place. Else it comes first. */
  attach(files: DurableQueue, known: boolean): void {
    this.#files = files;
    if (known) return;
    for (const { batch, chunk } of this.takeMemory())
      this.#memory.append(batch, chunk.slots, { of: chunk.of.of, end: 0 });
  }

  detach(): void {
    this.#files = null;
  }

  /** Events in memory that can be taken. */
  get inMemory(): number {
    return this.#memory.eventCount;
  }

  get hasEvents(): boolean {
    return this.#memory.eventCount > 0 || this.#files?.hasEvents === true;
  }

  appendToMemory(batch: EventBatch, slots: number, of: Put): void {
    this.#memory.append(batch, slots, { of, end: this.#files?.end ?? 0 });
  }

  /** The next run of at most `maxEvents`, never from two batches; null when there is none. Throws where the files can't be read. */
  async take(maxEvents: number): Promise<SpilledRun<Put> | null> {
    const files = this.#files;
    /** Before it there was nothing, although it looked so: of what is left there, a device has lost all. */
    let emptyBefore = -1;
    for (;;) {
      const end = this.#memory.first?.of.end;
      if (end === undefined) return ofFiles((await files?.take(maxEvents)) ?? null);
      if (end <= emptyBefore || files?.hasEventsBefore(end) !== true) return this.#takeFromMemory(maxEvents);
      const run = await files.take(maxEvents, end);
      if (run !== null) return ofFiles(run);
      emptyBefore = end;
    }
  }

  #takeFromMemory(maxEvents: number): MemoryRun<Put> | null {
    const chunk = this.#memory.take(maxEvents);
    return chunk === null ? null : { batch: chunk.batch, chunk };
  }

  /** All that is in memory, whatever is in the files. */
  takeMemory(): MemoryRun<Put>[] {
    const runs: MemoryRun<Put>[] = [];
    for (let run = this.#takeFromMemory(Infinity); run !== null; run = this.#takeFromMemory(Infinity))
      runs.push(run);
    return runs;
  }

  /** Whether events in the files may be younger than some in memory. */
  get isMixed(): boolean {
    const [end, files] = [this.#memory.first?.of.end, this.#files];
    return end !== undefined && files !== null && files.held > 0 && files.end > end;
  }

  giveBack(run: SpilledRun<Put>): void {
    if ('chunk' in run) this.#memory.giveBack(run.chunk);
    else this.#files?.giveBack([run.run]);
  }
}

function ofFiles(run: TakenRun | null): { batch: EventBatch; run: TakenRun } | null {
  return run === null ? null : { batch: run.batch, run };
}
