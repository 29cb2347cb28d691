/** The order over memory and files, held to a list: any puts, takes, commits and rollbacks, stops and kills. */
import { expect, it } from 'vitest';
import { FaultyFiles } from '../../../../testkit/src/files/faulty-files.ts';
import { spillableContext } from '../../../../testkit/src/flume/spillable-channel.ts';
import { type Chance, chanceOf, roundsOr } from '../../../../testkit/src/oracle/seed.ts';
import type { Transaction } from '../../component/channel.ts';
import { batchOf, bodiesOf } from '../../component/testing/test-api.ts';
import { Deadline } from '../../runtime/deadline.ts';
import { SpillableChannel } from './channel.ts';

interface Held {
  readonly body: string;
  /** In the order of commits. */
  place: number;
  inFiles: boolean;
}

interface Seen {
  inMemory: number;
  inFiles: number;
  kills: number;
  /** Came twice. */
  again: number;
}

/** A channel beside the list of what it should hold. */
class Model {
  readonly #chance: Chance;
  readonly #files: FaultyFiles;
  readonly #seen: Seen;
  readonly #memoryCapacity: number;
  #channel: SpillableChannel;
  #places = 0;
  /** What can be taken, in its order. */
  #held: Held[] = [];
  #open: { readonly transaction: Transaction; readonly has: Held[] }[] = [];
  /** Delivered out of the files. */
  #done: Held[] = [];

  constructor(chance: Chance, seen: Seen) {
    this.#chance = chance;
    this.#seen = seen;
    this.#files = new FaultyFiles(chance.int(1, 1 << 30));
    this.#memoryCapacity = chance.int(4, 24);
    this.#channel = this.#make();
  }

  #make(): SpillableChannel {
    const context = spillableContext({
      ...{
        maxFileSize: 600,
        memoryCapacity: this.#memoryCapacity,
        overflowCapacity: 10_000,
        overflowTimeout: 0,
      },
    });
    return new SpillableChannel(context, { files: this.#files.life(), lock: false });
  }

  async run(): Promise<void> {
    await this.#channel.start();
    for (let i = 0; i < 60; i++) {
      await this.#step();
      const out = this.#open.reduce((sum, { has }) => sum + has.length, 0);
      expect(this.#channel.eventCount).toBe(this.#held.length + out);
    }
    while (this.#open.length > 0) await this.#rollBack();
    if (this.#chance.bool()) await this.#kill();
    do await this.#take();
    while (this.#held.length > 0);
    await this.#channel.stop();
  }

  #step(): Promise<void> {
    const step = this.#chance.int(0, 99);
    if (step < 35) return this.#put();
    if (step < 60) return this.#take();
    if (step < 75) return this.#commit();
    if (step < 88) return this.#rollBack();
    if (step < 93) return this.#keep();
    return this.#stop();
  }

  async #put(): Promise<void> {
    const from = this.#places;
    this.#places += this.#chance.int(1, 6);
    const events = Array.from({ length: this.#places - from }, (_, i) => ({
      ...{ body: `e${from + i}`, place: from + i, inFiles: false },
    }));
    const transaction = this.#channel.begin();
    let isHeld = false;
    const onFate = (fate: string) => {
      isHeld = fate === 'held';
    };
    await transaction.put(batchOf(...events.map(({ body }) => body)), onFate);
    await transaction.commit();
    for (const event of events) event.inFiles = isHeld;
    this.#held.push(...events);
    this.#seen[events[0]!.inFiles ? 'inFiles' : 'inMemory'] += events.length;
  }

  async #take(): Promise<void> {
    const transaction = this.#channel.begin();
    const has: Held[] = [];
    for (let left = this.#chance.int(1, 8); left > 0; ) {
      const batch = await transaction.take(left);
      if (batch === null) {
        expect(this.#held).toEqual([]);
        break;
      }
      const bodies = bodiesOf(batch);
      const expected = this.#held.splice(0, bodies.length);
      expect(bodies).toEqual(expected.map(({ body }) => body));
      has.push(...expected);
      left -= bodies.length;
    }
    this.#open.push({ transaction, has });
  }

  async #commit(): Promise<void> {
    const ended = this.#endOne();
    await ended?.transaction.commit();
    this.#done.push(...(ended?.has.filter(({ inFiles }) => inFiles) ?? []));
  }

  async #rollBack(): Promise<void> {
    const ended = this.#endOne();
    await ended?.transaction.rollback();
    this.#isBack(ended?.has ?? []);
  }

  #endOne() {
    if (this.#open.length === 0) return undefined;
    return this.#open.splice(this.#chance.int(0, this.#open.length - 1), 1)[0]!;
  }

  #isBack(events: readonly Held[]): void {
    this.#held.push(...events);
    this.#held.sort((a, b) => a.place - b.place);
  }

  /** The files are read again, from the first event that was not delivered. */
  #reopened(): void {
    this.#isBack(this.#open.splice(0).flatMap(({ has }) => has));
    const from = this.#held.find(({ inFiles }) => inFiles)?.place ?? Number.POSITIVE_INFINITY;
    const again = this.#done.filter(({ place }) => place > from);
    this.#done = this.#done.filter(({ place }) => place <= from);
    this.#seen.again += again.length;
    this.#isBack(again);
  }

  async #keep(): Promise<void> {
    await this.#channel.stop({ deadline: Deadline.never(), kept: true });
    this.#reopened();
    await this.#channel.start();
  }

  /** What is in memory goes behind what is in the files. */
  async #stop(): Promise<void> {
    const inMemory = () => [...this.#held, ...this.#open.flatMap(({ has }) => has)];
    const moved = inMemory().filter(({ inFiles }) => !inFiles);
    await this.#channel.stop();
    expect(this.#channel.volatileCount).toBe(0);
    for (const event of moved.sort((a, b) => a.place - b.place)) {
      event.place = this.#places++;
      event.inFiles = true;
    }
    this.#reopened();
    await this.#channel.start();
  }

  /** What is in memory is gone, what is in files is there. */
  async #kill(): Promise<void> {
    this.#files.kill();
    this.#seen.kills++;
    this.#channel = this.#make();
    await this.#channel.start();
    this.#held = this.#held.filter(({ inFiles }) => inFiles);
    this.#reopened();
  }
}

it('a spillable channel keeps one order, whatever is put where', async () => {
  const chance = chanceOf('order over memory and files');
  const seen: Seen = { inMemory: 0, inFiles: 0, kills: 0, again: 0 };
  for (let round = 0; round < roundsOr(80); round++) await new Model(chance.fork(), seen).run();
  expect(Math.min(seen.inMemory, seen.inFiles)).toBeGreaterThan(1000);
  expect(seen.again).toBeLessThan((seen.inFiles + seen.inMemory) / 5);
  expect(seen.kills).toBeGreaterThan(10);
});
