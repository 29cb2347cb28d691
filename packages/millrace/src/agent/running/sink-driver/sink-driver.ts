import type { Channel } from '../../../component/channel.ts';
import type { SinkCounter } from '../../../component/counters.ts';
import { type DeliveryOutcome, deliveryOf } from '../../../component/delivery.ts';
import { LastAttempt } from '../../../component/last-attempt.ts';
import type { DeliverOptions, FlushOptions, Sink } from '../../../component/sink.ts';
import type { ProcessStatus } from '../../../component/source.ts';
import { type Deadline, late } from '../../../runtime/deadline.ts';
import { errorText, MillraceError } from '../../../runtime/errors.ts';
import { unlessAborted } from '../../../runtime/timers.ts';
import { DeliveryWindow } from './delivery-window.ts';
import { Flight } from './flight.ts';
import { Flusher } from './flusher.ts';
import { type RefusalRule, sortOutcome } from './sort-outcome.ts';
import { type Take, takeDelivery } from './take-delivery.ts';
import { TurnWaits } from './turn-waits.ts';
import { optionsWithSetAside } from './whole-delivery.ts';

export interface SinkDriverOptions extends RefusalRule {
  readonly name: string;
  readonly sink: Sink;
  readonly channel: Channel;
  /** Takes that wait to be delivered again, of all sinks of a group that share the channel: any of them goes on there. */
  readonly held: Flight[];
  /** Called when events have been acknowledged. */
  readonly onAcknowledged?: () => void;
}

/** Whether all events are acknowledged. */
const isWhole = ({ refused, pending }: DeliveryOutcome): boolean =>
  (refused === undefined || refused.length === 0) && (pending === undefined || pending.length === 0);

/** Deliveries that one turn of a group's sink has, where the sink has a window for so many. */
const turnDeliveries = 16;
/** How often a stop looks whether a destination is down. */
const lookMs = 20;
/** What was given up because the destination is down ends at once when the sink stops, or is not waited for. */
const givenUpMs = 200;
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
  /** There is a counter, and attempts and successes are for the driver to count. */
  readonly #countsDrain: boolean;
  readonly #held: Flight[];
  readonly #flusher: Flusher | null;
  /** Under way, in the order of their takes. */
  readonly #flights: Flight[] = [];
  #flightBytes = 0;
  readonly #window: DeliveryWindow;
  readonly #waits: TurnWaits;
  #failed = false;
  #open = false;
  /** Ends deliveries that nobody waits for any longer. */
  #giveUp = new AbortController();
  #deliverOptions: DeliverOptions = { signal: this.#giveUp.signal };
  /** Whether its last look into the channel found nothing. */
  foundNone = false;
  /** Why nothing has been acknowledged since; null while it works. */
  lastError: unknown = null;
  /** How often its deliveries, or what had to come before them, have failed. */
  failures = 0;
  /** Takes that could be committed. */
  successes = 0;
  /** Events that are out of the channel because they were set aside. */
  refusedEvents = 0;
  /** Its destination was down when it was grounded. */
  #wasDown = false;
  /** Deliveries take effect as a whole or not at all, one at a time. */
  readonly #isWhole: boolean;

  constructor(options: SinkDriverOptions) {
    this.#options = options;
    this.name = options.name;
    this.channel = options.channel;
    this.#sink = options.sink;
    this.#counter = options.sink.counter;
    this.#countsDrain = options.sink.counter !== undefined && options.sink.countsDrain !== true;
    this.#held = options.held;
    this.#isWhole = options.sink.transactional === true;
    this.#window = new DeliveryWindow(options.sink, this.#isWhole);
    this.#waits = new TurnWaits(options.channel);
    this.#flusher =
      options.sink.flush === undefined ? null : new Flusher(options.sink, () => this.#flights.length > 0);
  }

  /** The sink has started. */
  open(): void {
    this.#giveUp = new AbortController();
    this.#deliverOptions = { signal: this.#giveUp.signal };
    this.#failed = false;
    this.#waits.open();
    this.#window.open();
    this.#wasDown = false;
    this.#open = true;
  }

  /** The destination has failed since it last acknowledged something, as far as is known. */
  get isDown(): boolean {
    return this.lastError !== null || (this.#flights.length > 0 && (this.#sink.trouble ?? null) !== null);
  }

  /** Takes of it are under way or wait to be delivered again. */
  get isBusy(): boolean {
    return this.#flights.length > 0 || this.#held.length > 0;
  }

  /**
   * One turn of a sink that has its channel for itself: deliveries may be under way when it resolves. `ready`: go on at
   * once; `backoff`: there was nothing. Rejects with `DELIVERY_FAILED` when a delivery has failed, landed then.
   */
  async flow(signal: AbortSignal): Promise<ProcessStatus> {
    if (this.#window.deliveries === 1) return await this.turn(signal);
    this.#assertOpen();
    await this.#waitForWindow(signal);
    if (this.#failed) await this.#landFailed(signal);
    if (signal.aborted) return 'ready';
    if (this.#held.length > 0) return await this.#redeliver(signal);
    const idle = this.#flights.length > 0;
    const flight = await this.#next(idle ? noWait : this.#waits.wakeSignal(signal), signal);
    if (flight !== null) {
      this.#depart(flight);
      return 'ready';
    }
    if (!idle) return 'backoff';
    await this.#waits.arrivalsOrEvents(() => this.#allLanded({ idle: true }), signal);
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
    const most = Math.min(turnDeliveries, this.#window.deliveries);
    const first = await this.#next(this.#waits.wakeSignal(signal), signal);
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

  /**
   * Before the sink stops: no more takes, and what is under way may end until the deadline, at a destination that is
   * down for one last attempt.
   */
  async ground(deadline: Deadline): Promise<void> {
    this.#open = false;
    this.#waits.close();
    if (this.#flights.length > 0) await this.#lastLanding(deadline);
    this.#wasDown = this.isDown;
    this.#giveUp.abort();
  }

  /** After the sink has stopped: what is not acknowledged is in the channel again or held. It may be opened again. */
  async giveBack(deadline: Deadline): Promise<void> {
    // Deliveries have to end before their events go back, or one could still arrive behind its own second copy.
    const limit = this.#wasDown ? deadline.within(givenUpMs) : deadline;
    if (this.#flights.length > 0) await limit.race(this.#allLanded());
    await this.#settleFlights();
    this.#failed = false;
  }

  /** Waits until all under way has ended, at most until the deadline or the end of the last attempt. */
  async #lastLanding(deadline: Deadline): Promise<void> {
    const landed = this.#allLanded({ deadline });
    const lastAttempt = new LastAttempt(deadline);
    while (!deadline.passed && !lastAttempt.isOver(this.isDown, 0, this.successes)) {
      if ((await deadline.within(lookMs).race(landed)) !== late) return;
    }
  }

  get #isFull(): boolean {
    return this.#window.isFullWith(this.#flights.length, this.#flightBytes);
  }

  #assertOpen(): void {
    if (!this.#open) throw new MillraceError('DELIVERY_FAILED', `sink ${this.name} is not started`);
  }

  async #waitForWindow(signal: AbortSignal): Promise<void> {
    while (this.#isFull && this.#flights.length > 0 && !this.#failed && !signal.aborted) {
      void this.#flusher?.flush();
      await unlessAborted(this.#flights[0]!.landed, signal);
    }
  }

  /** Resolves when all that is under way has ended: the last of it, as each lands behind those before it. */
  #allLanded(options: FlushOptions = {}): Promise<void> {
    void this.#flusher?.flush(options);
    return this.#flights.at(-1)?.landed ?? Promise.resolve();
  }

  /**
   * The next take, up to a batch of events, the sink being ready for it; null when there is none. What fails here is
   * told after all that is under way has landed.
   */
  async #next(waits: AbortSignal, signal: AbortSignal): Promise<Flight | null> {
    let take: Take;
    try {
      take = await takeDelivery(this.#sink, this.channel, waits, this.#isWhole);
    } catch (error) {
      await this.#landAfter(error, signal);
      throw error;
    }
    const { transaction, delivery } = take;
    const { events } = delivery;
    this.foundNone = events === 0;
    this.#sink.onTaken?.(events, take.isFull);
    // What failed meanwhile is to be seen to before anything behind it leaves.
    if (events > 0 && this.#open && !this.#failed) return new Flight(transaction, delivery);
    await (events === 0 ? transaction.commit() : transaction.rollback());
    return null;
  }

  async #landAfter(error: unknown, signal: AbortSignal): Promise<void> {
    await unlessAborted(this.#allLanded(), signal);
    if (signal.aborted) return;
    await this.#settleFlights();
    this.#resetInterrupt();
    this.#noteFailure(error);
  }

  #resetInterrupt(): void {
    this.#failed = false;
    this.#waits.reset();
    if (!this.#open) this.#waits.interrupt();
  }

  /** Sends a take off, to be committed after those before it. */
  #depart(flight: Flight): void {
    const before = this.#flights.at(-1)?.landed;
    this.#flightBytes += flight.sizeBytes;
    this.#flights.push(flight);
    const { promise, resolve } = Promise.withResolvers<void>();
    flight.landed = promise;
    flight.land = resolve;
    void this.#fly(flight, before).then(resolve);
  }

  /** Delivers a flight and commits it behind those before it. Never rejects. */
  async #fly(flight: Flight, before: Promise<void> | undefined): Promise<void> {
    const { delivery } = flight;
    const attempt = ++flight.attempts;
    if (this.#countsDrain) this.#counter!.eventDrainAttempt += delivery.events;
    try {
      const options = this.#isWhole
        ? optionsWithSetAside(flight, this.#deliverOptions, this.#options)
        : this.#deliverOptions;
      const outcome = await this.#sink.deliver(delivery, options);
      if (flight.isSettled || flight.attempts !== attempt) return;
      if (outcome === undefined || isWhole(outcome)) flight.isDone = true;
      else await sortOutcome(flight, outcome, this.#options);
      flight.isCommittedBySink = flight.isDone && outcome?.committed === true;
    } catch (error) {
      if (flight.isSettled || flight.attempts !== attempt) return;
      flight.error = error;
    }
    if (before !== undefined) await before;
    if (flight.isSettled || flight.attempts !== attempt) return;
    if (flight.isDone && !this.#failed && (await this.#commit(flight))) {
      this.#flights.shift();
      this.#flightBytes -= flight.sizeBytes;
    } else if (!this.#failed) {
      this.#failed = true;
      this.#waits.interrupt();
    }
  }

  /** A delivery with nothing else under way; rejects when it failed. */
  async #deliverAlone(flight: Flight): Promise<void> {
    this.#depart(flight);
    void this.#flusher?.flush();
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

  /** Whether the take could be committed; else it is to be rolled back. */
  async #commit(flight: Flight): Promise<boolean> {
    try {
      await flight.transaction.commit(flight.isCommittedBySink ? { by: 'sink' } : undefined);
    } catch (error) {
      flight.error = error;
      flight.isDone = false;
      flight.isPartial = false;
      flight.delivery = deliveryOf([]);
      return false;
    }
    this.successes++;
    this.refusedEvents += flight.setAside;
    if (this.#countsDrain) this.#counter!.eventDrainSuccess += flight.events - flight.setAside;
    if (this.#counter !== undefined) this.#counter.eventRefused += flight.setAside;
    this.#window.widen();
    this.lastError = null;
    this.#options.onAcknowledged?.();
    return true;
  }

  #noteFailure(error: unknown): void {
    this.failures++;
    this.#window.narrow();
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
      flight.land();
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
}
