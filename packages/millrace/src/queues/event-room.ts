import { BodyCursor } from '../records/body-cursor.ts';
import type { EventBatch } from '../records/event-batch.ts';
import { WaitingPuts } from './waiting-puts.ts';

/** What an `EventRoom` goes by; read anew each time, so that it may change while events are inside. */
export interface RoomLimits {
  /** Most events. */
  readonly events: number;
  /** Most slots of bytes; Infinity: no limit. */
  readonly slots: number;
  /** Of the events held, so many may be lent out without filling the room. */
  readonly lent: number;
  /** Whether an empty room takes a put of any number of bytes. */
  readonly overfills: boolean;
  /** Whether an empty room takes a put of any number of events. */
  readonly overfillsEvents?: boolean;
}

/**
 * Room for events in memory, counted in events and in slots of bytes. Commits that wait for room are served in their
 * order. Events that were lent out (open takes) leave their room to others up to `limits.lent`; their bytes don't.
 */
export class EventRoom {
  readonly #limits: () => RoomLimits;
  #heldEvents = 0;
  #heldSlots = 0;
  #lentEvents = 0;
  readonly #waiting = new WaitingPuts({
    fits: (events, slots) => this.#fits(events, slots),
    hold: (events, slots) => this.#hold(events, slots),
  });

  constructor(limits: () => RoomLimits) {
    this.#limits = limits;
  }

  get heldEvents(): number {
    return this.#heldEvents;
  }

  /** Commits that wait for room. */
  get waiting(): number {
    return this.#waiting.count;
  }

  /** Of the events held, those that fill the room: not those that are lent, up to the limit. */
  get filledEvents(): number {
    return this.#heldEvents - Math.min(this.#lentEvents, this.#limits().lent);
  }

  get filledSlots(): number {
    return this.#heldSlots;
  }

  /** Takes room, where there is some and nobody waits; else nothing happens, and the answer is false. */
  tryAcquire(events: number, slots: number): boolean {
    if (this.#waiting.count > 0 || !this.#fits(events, slots)) return false;
    this.#hold(events, slots);
    return true;
  }

  /** Waits up to `waitMs` for room and takes it; rejects with `full()` when there is none by then, or the signal aborts. */
  async acquire(
    events: number,
    slots: number,
    options: { waitMs: number; signal: AbortSignal | undefined; full: () => Error },
  ): Promise<void> {
    if (this.tryAcquire(events, slots)) return;
    if (options.signal?.aborted) throw options.full();
    await this.#waiting.wait(events, slots, options);
  }

  /** Gives room back. */
  release(events: number, slots: number): void {
    this.#hold(-events, -slots);
    this.admit();
  }

  /** Events go out with an open take; negative numbers: the take has ended, one way or the other. */
  lend(events: number): void {
    this.#lentEvents += events;
    if (events > 0) this.admit();
  }

  /** Admits who waits and has room by now: also to be called when the limits have changed. */
  admit(): void {
    this.#waiting.admit();
  }

  /** Nobody waits any longer. */
  refuseAll(error: () => Error): void {
    this.#waiting.refuseAll(error);
  }

  /** Whether it is the bytes that leave no room for so many slots. */
  lacksBytes(slots: number): boolean {
    return slots > 0 && this.#heldSlots + slots > this.#limits().slots;
  }

  #fits(events: number, slots: number): boolean {
    const limits = this.#limits();
    const lent = Math.min(this.#lentEvents, limits.lent);
    const eventsFit =
      events <= 0 ||
      this.#heldEvents - lent + events <= limits.events ||
      (limits.overfillsEvents === true && this.#heldEvents === 0);
    if (!eventsFit || slots <= 0 || this.#heldSlots + slots <= limits.slots) return eventsFit;
    return this.#heldSlots === 0 && limits.overfills;
  }

  #hold(events: number, slots: number): void {
    this.#heldEvents += events;
    this.#heldSlots += slots;
  }
}

/** What a batch's bodies come to in slots of so many bytes: each in whole slots, at least one. */
export function slotsOfBodies(batch: EventBatch, slotBytes: number): number {
  let slots = 0;
  const cursor = new BodyCursor(batch);
  while (cursor.next()) slots += Math.max(1, Math.ceil((cursor.to - cursor.from) / slotBytes));
  return slots;
}
