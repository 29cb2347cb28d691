import { describe, expect, it } from 'vitest';
import type { SinkProcessor } from '../../../component/processor.ts';
import { RecordedRefusals, recordingLogger } from '../../../component/testing/context.ts';
import { batchOf } from '../../../component/testing/test-api.ts';
import { FailoverProcessor } from '../../../components/routing/failover-processor.ts';
import { LoadBalanceProcessor } from '../../../components/routing/load-balance-processor.ts';
import { Deadline } from '../../../runtime/deadline.ts';
import { type Flight, giveBackHeld } from './flight.ts';
import { Destination, randomOf, type Script, ScriptedSink, WatchedChannel } from './scripted-sink.ts';
import { SinkDriver } from './sink-driver.ts';

type Kind = 'default' | 'failover' | 'load_balance';

/** One history: a channel, one or more sinks, a number of events some of which are poison. */
class History {
  readonly destination = new Destination();
  readonly refused = new RecordedRefusals();
  readonly channel: WatchedChannel;
  readonly held: Flight[] = [];
  readonly sinks: ScriptedSink[];
  readonly drivers: SinkDriver[];
  readonly processor: SinkProcessor;
  readonly random: () => number;
  readonly scripts: Script[];
  readonly good: string[] = [];
  readonly poison: string[] = [];
  clock = 0;
  stops = 0;

  constructor(seed: number, kind: Kind) {
    this.random = randomOf(seed);
    const count = kind === 'default' ? 1 : 2 + Math.floor(this.random() * 2);
    this.channel = new WatchedChannel(
      (body) => this.destination.counts.has(body) || this.refused.bodies().includes(body),
    );
    this.scripts = Array.from({ length: count }, () => this.#script());
    this.sinks = this.scripts.map((script, i) => new ScriptedSink(`k${i}`, script, this.destination));
    this.drivers = this.sinks.map(
      (sink) =>
        new SinkDriver({
          name: sink.name,
          ...{ sink, channel: this.channel, refused: this.refused, held: this.held },
          onRefused: 'setAside',
        }),
    );
    this.processor = this.#processorOf(kind);
  }

  #script(): Script {
    const { random } = this;
    const window = random() < 0.4 ? 1 : 2 + Math.floor(random() * 5);
    return {
      random,
      window,
      batchEvents: 1 + Math.floor(random() * 12),
      keepsOrder: window === 1 || random() < 0.7,
      failures: random() < 0.3 ? 0 : random() * 0.4,
      atFlush: random() < 0.3,
    };
  }

  #processorOf(kind: Kind): SinkProcessor {
    const log = recordingLogger();
    const now = () => this.clock;
    if (kind === 'default') return { process: (signal) => this.drivers[0]!.flow(signal) };
    if (kind === 'load_balance') {
      const options = { selector: 'round_robin', backoff: this.random() < 0.5, maxTimeOutMs: 3000 } as const;
      return new LoadBalanceProcessor(this.drivers, options, log, now, this.random);
    }
    const priorities = new Map(this.drivers.map(({ name }, i) => [name, i]));
    return new FailoverProcessor(this.drivers, { priorities, maxPenaltyMs: 3000 }, log, now);
  }

  addBatch(): void {
    const bodies = Array.from({ length: 1 + Math.floor(this.random() * 9) }, () => {
      const isPoison = this.random() < 0.08;
      const list = isPoison ? this.poison : this.good;
      list.push(`${isPoison ? 'P' : 'e'}${this.good.length + this.poison.length}`);
      return list.at(-1)!;
    });
    this.channel.add(batchOf(...bodies));
  }

  async run(batches: number): Promise<void> {
    await this.#start();
    const abort = new AbortController();
    let toAdd = batches;
    for (let turn = 0; toAdd > 0 || this.channel.eventCount > 0; turn++) {
      expect(turn, 'it comes to an end').toBeLessThan(5000);
      if (toAdd > 0 && this.random() < 0.5) {
        this.addBatch();
        toAdd--;
      }
      this.#weather(toAdd > 0);
      this.clock += 500;
      await this.processor.process(abort.signal).catch(() => {});
      if (this.random() < 0.02) await this.#restart();
      await new Promise(setImmediate);
    }
    await this.#stop();
  }

  /** Sinks die and come back; the file of refused events is full now and then. At the end all works. */
  #weather(stormy: boolean): void {
    for (const { name } of this.sinks) {
      if (this.random() < 0.03) this.destination.failing.add(name);
      if (!stormy || this.random() < 0.1) this.destination.failing.delete(name);
    }
    this.refused.failure = stormy && this.random() < 0.1 ? new Error('disk full') : null;
  }

  async #start(): Promise<void> {
    for (const [i, sink] of this.sinks.entries()) {
      await sink.start();
      this.drivers[i]!.open();
    }
  }

  async #stop(): Promise<void> {
    for (const [i, sink] of this.sinks.entries()) {
      const driver = this.drivers[i]!;
      const deadline = this.random() < 0.5 ? Deadline.in(0) : Deadline.never();
      await driver.ground(deadline);
      await sink.stop();
      await driver.giveBack(Deadline.never());
    }
  }

  async #restart(): Promise<void> {
    this.stops++;
    await this.#stop();
    await this.#start();
  }
}

const histories = Number(process.env.MILLRACE_SINK_HISTORIES ?? 200);

describe.each<Kind>(['default', 'failover', 'load_balance'])('the model of the sink driver: %s', (kind) => {
  it('delivers each event once, sets each refused one aside once, and leaves nothing open', async () => {
    let failures = 0;
    for (let seed = 1; seed <= histories; seed++) {
      const history = new History(seed, kind);
      try {
        await history.run(12);
        const { destination, refused, good, poison, channel, scripts, held } = history;
        expect([...destination.bodies].sort()).toEqual([...good].sort());
        expect(refused.bodies().sort()).toEqual([...poison].sort());
        expect([channel.openTransactions, held.length]).toEqual([0, 0]);
        if (scripts.every(({ keepsOrder }) => keepsOrder)) expect(destination.bodies).toEqual(good);
        failures += channel.rollbacks;
      } catch (error) {
        throw new Error(`seed ${seed} (${kind})`, { cause: error });
      }
    }
    expect(failures, 'the histories have failures').toBeGreaterThan(histories / 2);
  });
});

describe('the sink driver', () => {
  const one = (script: Partial<Script>, onRefused: 'setAside' | 'retry' = 'setAside') => {
    const random = () => 0.999;
    const all: Script = {
      ...{ random, window: 1, batchEvents: 10, keepsOrder: true, failures: 0, atFlush: false },
      ...script,
    };
    const destination = new Destination();
    const refused = new RecordedRefusals();
    const channel = new WatchedChannel(
      (body) => destination.counts.has(body) || refused.bodies().includes(body),
    );
    const sink = new ScriptedSink('k1', all, destination);
    const held: Flight[] = [];
    const driver = new SinkDriver({ name: 'k1', sink, channel, refused, onRefused, held });
    return { destination, refused, channel, sink, driver, held };
  };
  const { signal } = new AbortController();

  it('is not there before its sink is', async () => {
    const { driver } = one({});
    await expect(driver.flow(signal)).rejects.toThrow('sink k1 is not started');
    await expect(driver.turn(signal)).rejects.toThrow('sink k1 is not started');
  });

  it('has its window full of deliveries, one after a failure, and more with each that works', async () => {
    const { driver, sink, channel, destination } = one({ window: 8, batchEvents: 1 });
    await sink.start();
    driver.open();
    const most = { now: 0 };
    const busy = () => destination.busy.get('k1') ?? 0;
    const drive = async (turns: number) => {
      most.now = 0;
      for (let i = 0; i < turns; i++) {
        await driver.flow(signal).catch(() => {});
        most.now = Math.max(most.now, busy());
      }
    };
    for (let i = 0; i < 200; i++) channel.add(batchOf(`e${i}`));
    await drive(20);
    expect(most.now).toBe(8);
    destination.failing.add('k1');
    await driver.land(signal).catch(() => {});
    await drive(1);
    destination.failing.clear();
    await new Promise(setImmediate);
    await drive(1);
    expect(most.now).toBeLessThanOrEqual(1);
    const grown: number[] = [];
    for (let i = 0; i < 30; i++) {
      await drive(1);
      grown.push(most.now);
    }
    expect(Math.max(...grown)).toBe(8);
    expect(grown.findIndex((n) => n >= 2)).toBeLessThan(grown.findIndex((n) => n >= 8));
  });

  it('with onRefused = retry holds up everything behind the refused event, and sends no other twice', async () => {
    const { driver, sink, channel, destination, refused } = one({}, 'retry');
    await sink.start();
    driver.open();
    channel.add(batchOf('a', 'P1', 'b'));
    channel.add(batchOf('c'));
    for (let i = 0; i < 5; i++) await expect(driver.flow(signal)).rejects.toThrow('poison');
    expect(destination.bodies).toEqual(['a', 'b', 'c']);
    expect(refused.bodies()).toEqual([]);
    expect(channel.eventCount).toBe(4);
  });

  it('rolls back what is held when nobody is left to deliver it', async () => {
    const { driver, sink, channel, held } = one({}, 'retry');
    await sink.start();
    driver.open();
    channel.add(batchOf('a', 'P1'));
    await expect(driver.flow(signal)).rejects.toThrow('poison');
    expect(held).toHaveLength(1);
    await giveBackHeld(held);
    expect(channel.openTransactions).toBe(0);
    expect(channel.bodies()).toEqual(['a', 'P1']);
  });
});
