import type { Channel, Transaction } from '../../component/channel.ts';
import type { SinkCounter } from '../../component/counters.ts';
import { type DeliveryOutcome, deliveryOf, partOf, placeOf } from '../../component/delivery.ts';
import type { RefusedEvents } from '../../component/refused.ts';
import type { DeliverOptions, Sink } from '../../component/sink.ts';
import type { ProcessStatus } from '../../component/source.ts';
import type { EventBatch } from '../../records/event-batch.ts';
import type { Deadline } from '../../runtime/deadline.ts';
import { errorText, MillraceError } from '../../runtime/errors.ts';
import { Flight } from './flight.ts';

export interface SinkDriverOptions {
  readonly name: string;
  readonly sink: Sink;
  readonly channel: Channel;
  readonly refused: RefusedEvents;
  /** `retry`: a refused event is tried again like any other, and holds up what is behind it. */
  readonly onRefused: 'setAside' | 'retry';
  /** Takes that wait to be delivered again, of all sinks of a group that share the channel: any of them goes on there. */
  readonly held: Flight[];
  /** Called when events have been acknowledged. */
  readonly onAcknowledged?: () => void;
}

/** Deliveries that one turn of a group's sink has, where the sink has a window for so many. */
const turnDeliveries = 16;
/** A take with it does not wait for events. */
const noWait = AbortSignal.abort();

/**
 * Drives one sink: takes events, has them delivered within the sink's window, commits takes in their order once they
 * are acknowledged, and sees to what is not.
 *
 * Events that are refused are set aside before their take commits. After a failure everything under way is landed
 * first: what was acknowledged is committed; what was not goes back to the channel, or is held where a rollback would
 * deliver its acknowledged part twice. Then the window is one delivery, and twice as large with each that works.
 */
export class SinkDriver {
  readonly name: string;
  readonly channel: Channel;
  readonly #options: SinkDriverOptions;
  readonly #sink: Sink;
  readonly #counter: SinkCounter | undefined;
  readonly #held: Flight[];
  /** Under way, in the order of their takes. */
  readonly #flights: Flight[] = [];
  #flightBytes = 0;
  /** Deliveries that may be under way at once, up to the sink's window. */
  #allowed = Number.POSITIVE_INFINITY;
  #failed = false;
  #open = false;
  /** Ends deliveries that nobody waits for any longer. */
  #giveUp = new AbortController();
  #deliverOptions: DeliverOptions = { signal: this.#giveUp.signal };
  /** Ends waits of takes when something under way has failed, or the sink is to stop. */
  #interrupt = new AbortController();
  #wake: { readonly of: AbortSignal; readonly either: AbortSignal } | null = null;
  #flushing = false;
  #flushWanted = false;
  /** Whether its last look into the channel found nothing. */
  foundNone = false;
  /** Why nothing has been acknowledged since; null while it works. */
  lastError: unknown = null;
  /** Events that are out of the channel because they were set aside. */
  refusedEvents = 0;

  constructor(options: SinkDriverOptions) {
    this.#options = options;
    this.name = options.name;
    this.channel = options.channel;
    this.#sink = options.sink;
    this.#counter = options.sink.counter;
    this.#held = options.held;
  }

  /** The sink has started. */
  open(): void {
    this.#giveUp = new AbortController();
    this.#deliverOptions = { signal: this.#giveUp.signal };
    this.#resetInterrupt();
    this.#allowed = Number.POSITIVE_INFINITY;
    this.#open = true;
  }

  /**
   * One turn of a sink that has its channel for itself: deliveries may be under way when it resolves. `ready`: go on at
   * once; `backoff`: there was nothing. Rejects with `DELIVERY_FAILED` when a delivery has failed, landed then.
   */
  async flow(signal: AbortSignal): Promise<ProcessStatus> {
    if (this.#limit === 1) return await this.turn(signal);
    this.#assertOpen();
    await this.#waitForWindow(signal);
    if (this.#failed) await this.#landFailed(signal);
    if (signal.aborted) return 'ready';
    if (this.#held.length > 0) return await this.#redeliver(signal);
    const idle = this.#flights.length > 0;
    const flight = await this.#next(idle ? noWait : this.#wakeSignal(signal), signal);
    if (flight !== null) {
      this.#depart(flight);
      return 'ready';
    }
    if (!idle) return 'backoff';
    await this.#arrivalsOrEvents(signal);
    if (this.#failed) await this.#landFailed(signal);
    return 'ready';
  }

  /**
   * One turn of a sink of a group: a few deliveries, all acknowledged when it resolves with `ready`. `backoff`: there
   * was nothing. Rejects with `DELIVERY_FAILED`; nothing is under way then.
   */
  async turn(signal: AbortSignal): Promise<ProcessStatus> {
    this.#assertOpen();
    if (this.#flights.length > 0) await this.land(signal);
    if (signal.aborted) return 'ready';
    if (this.#held.length > 0) return await this.#redeliver(signal);
    const most = Math.min(turnDeliveries, this.#limit);
    const first = await this.#next(this.#wakeSignal(signal), signal);
    if (first === null) return 'backoff';
    if (most === 1) {
      await this.#deliverAlone(first);
      return 'ready';
    }
    for (let flight: Flight | null = first; flight !== null; ) {
      this.#depart(flight);
      const more: boolean = this.#flights.length < most && !this.#isFull && !this.#failed;
      flight = more ? await this.#next(noWait, signal) : null;
    }
    await this.land(signal);
    return 'ready';
  }

  /** Has all that is under way end. Rejects when some of it failed; returns early when the signal aborts. */
  async land(signal: AbortSignal): Promise<void> {
    if (this.#flights.length === 0) return;
    await unlessAborted(this.#allLanded(), signal);
    if (this.#failed) await this.#landFailed(signal);
  }

  /** Before the sink stops: no more takes, and what is under way may end until the deadline. */
  async ground(deadline: Deadline): Promise<void> {
    this.#open = false;
    this.#interrupt.abort();
    if (this.#flights.length > 0) await deadline.race(this.#allLanded(deadline));
    this.#giveUp.abort();
  }

  /** After the sink has stopped: what is not acknowledged is in the channel again or held. It may be opened again. */
  async giveBack(deadline: Deadline): Promise<void> {
    // Deliveries have to end before their events go back, or one could still arrive behind its own second copy.
    if (this.#flights.length > 0) await deadline.race(this.#allLanded());
    await this.#settleFlights();
    this.#failed = false;
  }

  get #limit(): number {
    return Math.min(this.#allowed, this.#sink.window?.deliveries ?? 1);
  }

  get #isFull(): boolean {
    const { bytes = 0 } = this.#sink.window ?? {};
    return this.#flights.length >= this.#limit || this.#flightBytes >= bytes;
  }

  #assertOpen(): void {
    if (!this.#open) throw new MillraceError('DELIVERY_FAILED', `sink ${this.name} is not started`);
  }

  async #waitForWindow(signal: AbortSignal): Promise<void> {
    while (this.#isFull && this.#flights.length > 0 && !this.#failed && !signal.aborted) {
      void this.#flush();
      await unlessAborted(this.#flights[0]!.landed, signal);
    }
  }

  /** Resolves when all that is under way has ended. */
  #allLanded(deadline?: Deadline): Promise<unknown> {
    void this.#flush(deadline === undefined ? {} : { deadline });
    return Promise.all(this.#flights.map(({ landed }) => landed));
  }

  /** Resolves when all under way has ended or one has failed, when there are events, or when the signal aborts. */
  async #arrivalsOrEvents(signal: AbortSignal): Promise<void> {
    const done = new AbortController();
    const either = AbortSignal.any([this.#wakeSignal(signal), done.signal]);
    const landed = this.#allLanded();
    const { channel } = this;
    await unlessAborted(
      channel.waitForEvents === undefined
        ? landed
        : Promise.race([landed, channel.waitForEvents(Number.POSITIVE_INFINITY, either)]),
      either,
    );
    done.abort();
  }

  /**
   * The next take, up to a batch of events, the sink being ready for it; null when there is none. What fails here is
   * told after all that is under way has landed.
   */
  async #next(waits: AbortSignal, signal: AbortSignal): Promise<Flight | null> {
    const { events: most, bytes: enough = Number.POSITIVE_INFINITY } = this.#sink.batch;
    let transaction: Transaction | null = null;
    const batches: EventBatch[] = [];
    let events = 0;
    let sizeBytes = 0;
    try {
      if (this.#sink.prepare !== undefined) await this.#sink.prepare();
      transaction = this.channel.begin();
      while (events < most && sizeBytes < enough) {
        const batch = await transaction.take(most - events, waits);
        if (batch === null) break;
        events += batch.count;
        sizeBytes += batch.sizeBytes;
        batches.push(batch);
      }
    } catch (error) {
      await transaction?.rollback();
      await this.#landAfter(error, signal);
      throw error;
    }
    this.foundNone = events === 0;
    this.#sink.onTaken?.(events, events >= most || sizeBytes >= enough);
    // What failed meanwhile is to be seen to before anything behind it leaves.
    if (events > 0 && this.#open && !this.#failed)
      return new Flight(transaction, { batches, events, sizeBytes });
    await (events === 0 ? transaction.commit() : transaction.rollback());
    return null;
  }

  async #landAfter(error: unknown, signal: AbortSignal): Promise<void> {
    await unlessAborted(this.#allLanded(), signal);
    if (signal.aborted) return;
    await this.#settleFlights();
    this.#resetInterrupt();
    if (!this.#open) this.#interrupt.abort();
    this.#noteFailure(error);
  }

  /** Aborts with the runner's signal, and when something under way fails. */
  #wakeSignal(signal: AbortSignal): AbortSignal {
    if (this.#wake?.of !== signal) {
      this.#wake = { of: signal, either: AbortSignal.any([signal, this.#interrupt.signal]) };
    }
    return this.#wake.either;
  }

  #resetInterrupt(): void {
    this.#failed = false;
    this.#interrupt = new AbortController();
    this.#wake = null;
  }

  /** Sends a take off, to be committed after those before it. */
  #depart(flight: Flight): void {
    const before = this.#flights.at(-1)?.landed;
    this.#flightBytes += flight.sizeBytes;
    this.#flights.push(flight);
    flight.landed = this.#fly(flight, before);
  }

  /** Delivers a flight and commits it behind those before it. Never rejects. */
  async #fly(flight: Flight, before: Promise<void> | undefined): Promise<void> {
    const { delivery } = flight;
    if (this.#counter !== undefined) this.#counter.eventDrainAttempt += delivery.events;
    try {
      const outcome = await this.#sink.deliver(delivery, this.#deliverOptions);
      if (outcome === undefined) flight.isDone = true;
      else await this.#sort(flight, outcome);
    } catch (error) {
      flight.error = error;
    }
    if (before !== undefined) await before;
    if (flight.isSettled) return;
    if (flight.isDone && !this.#failed && (await this.#commit(flight))) {
      this.#flights.shift();
      this.#flightBytes -= flight.sizeBytes;
    } else if (!this.#failed) {
      this.#failed = true;
      this.#interrupt.abort();
    }
  }

  /** A delivery with nothing else under way; rejects when it failed. */
  async #deliverAlone(flight: Flight): Promise<void> {
    this.#depart(flight);
    if (this.#sink.flush !== undefined) void this.#flush();
    await flight.landed;
    if (this.#failed) await this.#landFailed(null);
  }

  /** Delivers what is held, one take after the other, before anything new is taken. */
  async #redeliver(signal: AbortSignal): Promise<ProcessStatus> {
    for (let flight = this.#held[0]; flight !== undefined; flight = this.#held[0]) {
      if (signal.aborted || !this.#open) break;
      this.#held.shift();
      flight.isSettled = false;
      await this.#deliverAlone(flight);
    }
    return 'ready';
  }

  /** Sets aside what is refused, and leaves in the flight what is to be delivered again. */
  async #sort(flight: Flight, outcome: DeliveryOutcome): Promise<void> {
    const { delivery } = flight;
    const { refused = [] } = outcome;
    let { pending = [], error = null } = outcome;
    if (refused.length > 0) {
      const failure = await this.#setAside(flight, refused);
      if (failure !== null) {
        error = failure;
        pending = [...pending, ...refused.map(({ index }) => index)].sort((a, b) => a - b);
      }
    }
    flight.isDone = pending.length === 0;
    if (flight.isDone) return;
    flight.error = error ?? new Error('the destination has not acknowledged all events');
    if (pending.length === delivery.events) return;
    flight.isPartial = true;
    flight.delivery = partOf(delivery, pending);
  }

  /** Null when the events are set aside; else why they have to be tried again. */
  async #setAside(flight: Flight, refused: NonNullable<DeliveryOutcome['refused']>): Promise<unknown> {
    const { onRefused, refused: file } = this.#options;
    if (onRefused === 'retry') return new MillraceError('DELIVERY_FAILED', refused[0]!.reason);
    try {
      await file.setAside(
        refused.map(({ index, reason }) => ({
          ...placeOf(flight.delivery, index),
          reason,
          stage: 'deliver',
        })),
      );
    } catch (error) {
      return error;
    }
    flight.setAside += refused.length;
    return null;
  }

  /** Whether the take could be committed; else it is to be rolled back. */
  async #commit(flight: Flight): Promise<boolean> {
    try {
      await flight.transaction.commit();
    } catch (error) {
      flight.error = error;
      flight.isDone = false;
      flight.isPartial = false;
      flight.delivery = deliveryOf([]);
      return false;
    }
    this.refusedEvents += flight.setAside;
    if (this.#counter !== undefined) {
      this.#counter.eventDrainSuccess += flight.events - flight.setAside;
      this.#counter.eventRefused += flight.setAside;
    }
    if (this.#allowed !== Number.POSITIVE_INFINITY) this.#widen();
    this.lastError = null;
    this.#options.onAcknowledged?.();
    return true;
  }

  #widen(): void {
    this.#allowed *= 2;
    if (this.#allowed >= (this.#sink.window?.deliveries ?? 1)) this.#allowed = Number.POSITIVE_INFINITY;
  }

  #noteFailure(error: unknown): void {
    this.#allowed = 1;
    this.lastError = error;
  }

  /** After a failure: waits until all under way has ended, sorts it, and throws. Returns when the signal aborts first. */
  async #landFailed(signal: AbortSignal | null): Promise<void> {
    if (signal !== null) {
      await unlessAborted(this.#allLanded(), signal);
      if (signal.aborted) return; // the stop sees to what is under way
    }
    const error = await this.#settleFlights();
    this.#resetInterrupt();
    if (!this.#open) this.#interrupt.abort();
    this.#noteFailure(error);
    if (error instanceof MillraceError && error.code === 'DELIVERY_FAILED') throw error;
    throw new MillraceError('DELIVERY_FAILED', `sink ${this.name}: ${errorText(error)}`, { cause: error });
  }

  /**
   * Commits what is acknowledged. The rest goes back to the channel, the latest first; or, when any of it is partly
   * acknowledged or something behind it is held, all of it is held, so that its order stays. The first error.
   */
  async #settleFlights(): Promise<unknown> {
    const flights = this.#flights.splice(0);
    this.#flightBytes = 0;
    const rest: Flight[] = [];
    for (const flight of flights) {
      flight.isSettled = true;
      if (!flight.isDone || !(await this.#commit(flight))) rest.push(flight);
    }
    const error = rest[0]?.error ?? null;
    // What can be committed no more has been delivered; only its channel can say what becomes of it.
    const broken = rest.filter(({ delivery }) => delivery.events === 0);
    const whole = rest.filter(({ delivery }) => delivery.events > 0);
    const holds = this.#held.length > 0 || whole.some(({ isPartial }) => isPartial);
    if (holds) this.#held.unshift(...whole);
    for (const flight of (holds ? broken : rest).reverse()) await flight.transaction.rollback();
    return error;
  }

  /** Hurries what is under way; one flush at a time, and another behind it for what came meanwhile. */
  async #flush(options: { deadline?: Deadline } = {}): Promise<void> {
    if (this.#sink.flush === undefined) return;
    this.#flushWanted = true;
    if (this.#flushing) return;
    this.#flushing = true;
    while (this.#flushWanted && this.#flights.length > 0) {
      this.#flushWanted = false;
      try {
        await this.#sink.flush(options);
      } catch {
        // What failed is told by the deliveries.
      }
    }
    this.#flushing = false;
  }
}

/** Resolves with the promise, or when the signal aborts. */
async function unlessAborted(promise: Promise<unknown>, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  const { promise: aborted, resolve } = Promise.withResolvers<void>();
  const wake = (): void => resolve();
  signal.addEventListener('abort', wake);
  await Promise.race([promise, aborted]);
  signal.removeEventListener('abort', wake);
}

/** Rolls back takes that are held for another attempt, the latest first: when nobody is left to make it. */
export async function giveBackHeld(held: Flight[]): Promise<void> {
  for (const { transaction } of held.splice(0).reverse()) await transaction.rollback();
}
