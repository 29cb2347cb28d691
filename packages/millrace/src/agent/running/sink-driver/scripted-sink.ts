/** A sink that does what chance says, and a channel that watches it: for the model of the sink driver. */
import { expect } from 'vitest';
import type { Transaction } from '../../../component/channel.ts';
import { type Delivery, type DeliveryOutcome, OutcomeBuilder } from '../../../component/delivery.ts';
import type { Sink } from '../../../component/sink.ts';
import { TestChannel } from '../../../component/testing/test-channel.ts';
import type { EventBatch } from '../../../records/event-batch.ts';

/** A random generator of its own, so that a seed is a whole history (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** What all sinks of a history deliver to. */
export class Destination {
  readonly bodies: string[] = [];
  readonly counts = new Map<string, number>();
  /** Names of sinks that have deliveries under way, with how many. */
  readonly busy = new Map<string, number>();
  failing = new Set<string>();

  acknowledge(body: string): void {
    this.bodies.push(body);
    this.counts.set(body, (this.counts.get(body) ?? 0) + 1);
  }
}

export interface Script {
  readonly random: () => number;
  /** Deliveries that may be under way. */
  readonly window: number;
  readonly batchEvents: number;
  /** A failure fails all deliveries behind it, as a destination does that keeps the order. */
  readonly keepsOrder: boolean;
  /** Chance that a delivery fails: as a whole, or in part. */
  readonly failures: number;
  /** It acknowledges only at a flush. */
  readonly atFlush: boolean;
}

const isPoison = (body: string) => body.startsWith('P');

/** Delivers to the destination after a random time, fails by chance, and refuses what is poison. */
export class ScriptedSink implements Sink {
  readonly name: string;
  readonly batch;
  readonly window;
  readonly #script: Script;
  readonly #to: Destination;
  #isOpen = false;
  #flush = Promise.withResolvers<void>();
  /** Ends when all deliveries before have ended: what keeps the order waits for it. */
  #last: Promise<boolean> = Promise.resolve(true);
  deliveries = 0;

  constructor(name: string, script: Script, to: Destination) {
    this.name = name;
    this.#script = script;
    this.#to = to;
    this.batch = { events: script.batchEvents };
    this.window = { deliveries: script.window, bytes: 1 << 20 };
  }

  async start(): Promise<void> {
    this.#isOpen = true;
  }

  async stop(): Promise<void> {
    this.#isOpen = false;
    this.#flush.resolve();
  }

  async flush(): Promise<void> {
    this.#flush.resolve();
    this.#flush = Promise.withResolvers();
  }

  async deliver(delivery: Delivery): Promise<DeliveryOutcome | undefined> {
    const { busy } = this.#to;
    for (const other of busy.keys()) expect(other, 'one sink of a group at a time').toBe(this.name);
    busy.set(this.name, (busy.get(this.name) ?? 0) + 1);
    expect(busy.get(this.name)).toBeLessThanOrEqual(this.#script.window);
    this.deliveries++;
    const before = this.#last;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    this.#last = promise;
    let worked = false;
    try {
      await this.#wait();
      const beforeWorked = this.#script.keepsOrder ? await before : true;
      const outcome = this.#decide(delivery, beforeWorked);
      worked = outcome === undefined || (outcome.pending ?? []).length === 0;
      return outcome;
    } finally {
      const left = busy.get(this.name)! - 1;
      if (left === 0) {
        busy.delete(this.name);
        // The driver hears of a failure a moment later: what it sent by then fails, too.
        setImmediate(() => {
          if (!busy.has(this.name)) this.#last = Promise.resolve(true);
        });
      } else busy.set(this.name, left);
      resolve(worked);
    }
  }

  async #wait(): Promise<void> {
    const { random, atFlush } = this.#script;
    if (atFlush) await this.#flush.promise;
    for (let i = Math.floor(random() * 6); i > 0; i--) await new Promise(setImmediate);
  }

  #decide(delivery: Delivery, beforeWorked: boolean): DeliveryOutcome | undefined {
    const { random, failures } = this.#script;
    const fails = !beforeWorked || !this.#isOpen || this.#to.failing.has(this.name);
    if (fails || random() < failures / 2) throw new Error(`${this.name} fails`);
    const bodies = delivery.batches.flatMap((batch) => [...batch].map((event) => event.body.toString()));
    const partly = random() < failures;
    // What keeps the order takes a beginning and nothing behind it.
    const cut = partly ? Math.floor(random() * bodies.length) : bodies.length;
    const built = new OutcomeBuilder();
    let isWhole = true;
    for (const [i, body] of bodies.entries()) {
      const pends = this.#script.keepsOrder ? i >= cut : partly && random() < 0.5;
      if (isPoison(body)) built.refuse(i, 'poison');
      else if (pends) built.pend(i, new Error('not now'));
      else {
        this.#to.acknowledge(body);
        continue;
      }
      isWhole = false;
    }
    return isWhole ? undefined : built.outcome();
  }
}

/** A channel that sees that nothing is committed before it is acknowledged or set aside. */
export class WatchedChannel extends TestChannel {
  readonly #isDone: (body: string) => boolean;

  constructor(isDone: (body: string) => boolean) {
    super();
    this.#isDone = isDone;
  }

  override begin(): Transaction {
    const transaction = super.begin();
    const taken: EventBatch[] = [];
    const take = transaction.take.bind(transaction);
    const commit = transaction.commit.bind(transaction);
    transaction.take = async (most, signal) => {
      const batch = await take(most, signal);
      if (batch !== null) taken.push(batch);
      return batch;
    };
    transaction.commit = async () => {
      for (const batch of taken) {
        for (const event of batch) {
          const body = event.body.toString();
          expect(this.#isDone(body), `${body} is committed and not delivered`).toBe(true);
        }
      }
      await commit();
    };
    return transaction;
  }
}
