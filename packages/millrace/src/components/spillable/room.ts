import type { DurableQueue } from '../../queues/durable-queue.ts';
import { EventRoom } from '../../queues/event-room.ts';
import { MillraceError } from '../../runtime/errors.ts';
import { Bell } from '../../runtime/timers.ts';
import type { Wait } from '../../runtime/wait.ts';
import { overflowCapacityOf, type SpillableOptions } from './options.ts';

/** Flume's default of `byteCapacity`, of the JVM's heap. */
const shareOfHeap = 0.8;

/** Where a put goes: room in memory, else in the files; and whether puts still wait for memory before they spill. */
export class SpillRoom {
  readonly #channel: string;
  readonly #full: Wait;
  readonly #heapBytes: () => number;
  #options!: SpillableOptions;
  /** Puts spill without waiting, until enough of the memory is free. */
  #spills = false;
  readonly #memory: EventRoom;
  /** Rings when something has left the memory or the files. */
  readonly #left = new Bell();
  #isClosed: (() => Error) | null = null;

  constructor(channel: string, full: Wait, heapBytes: () => number) {
    this.#channel = channel;
    this.#full = full;
    this.#heapBytes = heapBytes;
    this.#memory = new EventRoom(() => ({
      events: this.#options.memoryCapacity,
      slots: this.#slotLimit,
      lent: 0,
      // A part of the memory that happens to be small must not stop a put for ever.
      overfills: this.#options.byteCapacity === undefined && this.#overflow === 0,
    }));
  }

  configure(options: SpillableOptions): void {
    this.#options = options;
    if (this.#overflow === 0) this.#spills = false;
    this.#memory.admit();
  }

  get #overflow(): number {
    return overflowCapacityOf(this.#options);
  }

  /** Events that memory and files hold together. */
  get capacity(): number {
    return this.#options.memoryCapacity + this.#overflow;
  }

  /** Events in memory, open takes among them. */
  get inMemory(): number {
    return this.#memory.heldEvents;
  }

  get countsBytes(): boolean {
    return this.#slotLimit !== Number.POSITIVE_INFINITY;
  }

  get #slotLimit(): number {
    const {
      byteCapacity = this.#heapBytes() * shareOfHeap,
      byteCapacityBufferPercentage,
      avgEventSize,
    } = this.#options;
    const slots = Math.floor((byteCapacity * (1 - byteCapacityBufferPercentage / 100)) / avgEventSize);
    return slots < 1 ? Number.POSITIVE_INFINITY : slots;
  }

  /** Takes room for a put; waits up to `overflowTimeout`. Throws `CHANNEL_FULL`, and `refuseAll`'s error. */
  async acquire(
    events: number,
    slots: number,
    files: DurableQueue,
    signal: AbortSignal | undefined,
  ): Promise<'memory' | 'files'> {
    const deadline = performance.now() + this.#options.overflowTimeout * 1000;
    if (this.#memory.tryAcquire(events, slots)) return this.#found('memory');
    const fitsEver = events <= this.#options.memoryCapacity && slots <= this.#slotLimit;
    if (this.#overflow === 0 || (fitsEver && !this.#spills)) {
      const found = await this.#waitForMemory(events, slots, signal);
      if (found) return this.#found('memory');
      this.#spills = true;
    }
    for (;;) {
      if (this.#isClosed !== null) throw this.#isClosed();
      if (files.claimed + events <= this.#overflow) {
        files.reserve(events);
        return this.#found('files');
      }
      if (this.#memory.tryAcquire(events, slots)) return this.#found('memory');
      this.#full.begin(() => this.#fullText(files));
      const left = deadline - performance.now();
      if (left <= 0 || signal?.aborted === true) throw this.#fullError();
      await this.#left.wait(left, signal);
    }
  }

  /** False: there was none, and there are files to go to. */
  async #waitForMemory(events: number, slots: number, signal: AbortSignal | undefined): Promise<boolean> {
    const full = new Error('no room in memory');
    if (this.#overflow === 0) this.#full.begin(() => this.#fullText(null));
    const waitMs = this.#options.overflowTimeout * 1000;
    try {
      await this.#memory.acquire(events, slots, { waitMs, signal, full: () => full });
      return true;
    } catch (error) {
      if (error !== full) throw error;
      if (this.#overflow > 0) return false;
      throw this.#memoryError(events, slots);
    }
  }

  #found(place: 'memory' | 'files'): 'memory' | 'files' {
    this.#full.end();
    return place;
  }

  /** Events have left the memory. */
  release(events: number, slots: number): void {
    this.#memory.release(events, slots);
  }

  /** A take has committed: where enough of the memory is free now, puts wait for it again. */
  haveTaken(): void {
    this.#left.ring();
    const { memoryCapacity, overflowDeactivationThreshold } = this.#options;
    if (!this.#spills || memoryCapacity === 0) return;
    const free = (memoryCapacity - this.#memory.heldEvents) / memoryCapacity;
    if (free >= overflowDeactivationThreshold / 100) this.#spills = false;
  }

  /** Looks again who has room: limits have changed. */
  admit(): void {
    this.#memory.admit();
  }

  open(): void {
    this.#isClosed = null;
  }

  /** Nobody waits any longer, until it is opened again. */
  close(error: () => Error): void {
    this.#isClosed = error;
    this.#memory.refuseAll(error);
    this.#left.ring();
  }

  #fullText(files: DurableQueue | null): string {
    const { filledEvents, filledSlots } = this.#memory;
    const { memoryCapacity, avgEventSize } = this.#options;
    const limit = this.#slotLimit;
    const bytes = Number.isFinite(limit) ? ` (${filledSlots} of ${limit} times ${avgEventSize} bytes)` : '';
    const inFiles = files === null ? '' : ` and ${files.held} of ${this.#overflow} in its files`;
    return `its sinks: it is full, ${filledEvents} of ${memoryCapacity} events in memory${bytes}${inFiles}`;
  }

  #fullError(): MillraceError {
    const [channel, { memoryCapacity }] = [this.#channel, this.#options];
    return new MillraceError(
      'CHANNEL_FULL',
      `The channel has reached it's capacity. This might be the result of a sink on the channel having too low of batch size, a downstream system running slower than normal, or that the channel capacity is just too low. [channel=${channel}]`,
      {
        details: { channel, memoryCapacity, overflowCapacity: this.#overflow },
        remedy: `Raise overflowCapacity of channel ${channel} (${this.#overflow} events), or make its sink faster.`,
      },
    );
  }

  /** There is none in memory, and no files to go to. */
  #memoryError(events: number, slots: number): MillraceError {
    const [channel, { memoryCapacity, avgEventSize }] = [this.#channel, this.#options];
    const hasPlaces = this.#memory.filledEvents + events <= memoryCapacity;
    const bytesAreFull = hasPlaces && this.#memory.lacksBytes(slots);
    const free = Math.max(0, this.#slotLimit - this.#memory.filledSlots) * avgEventSize;
    return new MillraceError(
      'CHANNEL_FULL',
      bytesAreFull
        ? `Spillable Memory Channel's memory capacity has been reached.  ${free} bytes are free and overflow is disabled. Consider increasing byteCapacity or capacity.`
        : "Spillable Memory Channel's memory capacity has been reached and overflow is disabled. Consider increasing memoryCapacity.",
      {
        details: { channel, memoryCapacity },
        remedy: bytesAreFull
          ? `Raise byteCapacity of channel ${channel}, give it an overflowCapacity, or make its sink faster.`
          : `Raise memoryCapacity of channel ${channel} (${memoryCapacity} events), give it an overflowCapacity, or make its sink faster.`,
      },
    );
  }
}
