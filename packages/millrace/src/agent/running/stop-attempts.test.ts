/** How long a stop waits, and for whom: drawn agents whose destinations work, are slow, or are down in every way. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cutEvery, givenSource } from '../../../../testkit/src/flume/given-source.ts';
import { fuzzRuns } from '../../../../testkit/src/fuzz/fuzz-runs.ts';
import { virtualTime } from '../../../../testkit/src/oracle/virtual-time.ts';
import { defineChannel, defineSink } from '../../component/define.ts';
import type { Delivery, DeliveryOutcome } from '../../component/delivery.ts';
import { refusedOptions } from '../../component/refused.ts';
import type { DeliverOptions, Sink } from '../../component/sink.ts';
import { recordingLogger } from '../../component/testing/context.ts';
import { batchOf, bodiesOf, numbered } from '../../component/testing/test-api.ts';
import { TestChannel } from '../../component/testing/test-channel.ts';
import { opt } from '../../config/options.ts';
import { Deadline } from '../../runtime/deadline.ts';
import { pause } from '../../runtime/timers.ts';
import { Agent } from '../agent.ts';
import type { AgentInput } from '../configuration/typed-config.ts';

/** What a destination is like. */
const workingModes = ['works', 'slow', 'late'] as const;
const downModes = [
  'fails', // each delivery is rejected at once
  'refuses', // each event is refused, and to be tried again
  'fails in part', // the first event is taken, the rest is not: it gets on, slowly
  'hangs', // tries again by itself for ever, until its stop
  'hangs for good', // the same, and hears neither signal nor stop
  'cannot start',
  'cannot prepare',
] as const;
type Mode = (typeof workingModes)[number] | (typeof downModes)[number] | 'silent';

/** A sink whose destination is as its mode says. */
class ModedSink implements Sink {
  readonly batch = { events: 3 };
  readonly window;
  readonly mode: Mode;
  readonly got: string[] = [];
  attempts = 0;
  trouble: unknown = null;
  #stopped = Promise.withResolvers<void>();

  constructor(mode: Mode, deliveries: number) {
    this.mode = mode;
    this.window = { deliveries, bytes: 1 << 20 };
  }

  async start(): Promise<void> {
    if (this.mode === 'cannot start') throw new Error('the folder is not there');
    this.#stopped = Promise.withResolvers();
  }

  async stop(): Promise<void> {
    this.trouble = null;
    this.#stopped.resolve();
  }

  async prepare(): Promise<void> {
    if (this.mode !== 'cannot prepare') return;
    this.attempts++;
    throw new Error('the disk is full');
  }

  async deliver(
    { batches, events }: Delivery,
    { signal }: DeliverOptions,
  ): Promise<DeliveryOutcome | undefined> {
    this.attempts++;
    const bodies = batches.flatMap((batch) => bodiesOf(batch));
    const all = Array.from({ length: events }, (_, i) => i);
    switch (this.mode) {
      case 'fails':
        throw new Error('connection refused');
      case 'refuses':
        return { refused: all.map((index) => ({ index, reason: 'too large' })) };
      case 'fails in part':
        return { pending: all.slice(1), error: new Error('not now') };
      case 'hangs':
      case 'hangs for good':
        this.trouble = new Error('connection refused');
        if (this.mode === 'hangs') await Promise.race([this.#stopped.promise, pause(600_000, signal)]);
        else await new Promise(() => {});
        throw new Error('given up');
      case 'silent':
        await Promise.race([this.#stopped.promise, pause(600_000, signal)]);
        throw new Error('given up');
      case 'slow':
        await pause(200);
        break;
      case 'late':
        // It was in trouble, and takes the events all the same.
        this.trouble = new Error('no leader');
        await pause(400);
        this.trouble = null;
        break;
    }
    this.got.push(...bodies);
    return undefined;
  }
}

interface Drawn {
  readonly channel: 'memory' | 'durable';
  readonly processor: 'alone' | 'failover' | 'load_balance' | 'backoff';
  /** Whether each sink of the group has a channel of its own. */
  readonly apart: boolean;
  readonly modes: readonly Mode[];
  /** A sink beside the group, of the first channel. */
  readonly beside: Mode | null;
  readonly window: number;
  readonly events: number;
  /** How long it has run when the stop comes. */
  readonly ranMs: number;
}

function parts(drawn: Drawn) {
  const sinks = new Map<string, ModedSink>();
  const channels: TestChannel[] = [];
  const source = givenSource(cutEvery(numbered('e', drawn.events), 2).map((some) => batchOf(...some)));
  const sink = defineSink({
    type: 'moded',
    classNames: [],
    summary: 'A destination of some kind.',
    options: { mode: opt.string({ doc: 'What it is like.', required: true }), ...refusedOptions },
    create: ({ name, options }) => {
      const made = new ModedSink(options.mode as Mode, drawn.window);
      sinks.set(name, made);
      return made;
    },
  });
  const channel = defineChannel({
    type: 'durable',
    classNames: [],
    summary: 'Keeps what it has.',
    options: {},
    create: ({ name }) => {
      const made = Object.assign(new TestChannel(name), { durable: true });
      channels.push(made);
      return made;
    },
  });
  return { sinks, components: [source, sink, channel] };
}

function configOf({ channel, processor, apart, modes, beside }: Drawn): AgentInput {
  const members = processor === 'alone' ? modes.slice(0, 1) : modes;
  const names = members.map((_, i) => `k${i}`);
  const channelOf = (i: number): string => (apart ? `c${i}` : 'c0');
  const type = channel === 'memory' ? { type: 'memory', capacity: 1000 } : { type: 'durable' };
  const used = [...new Set(members.map((_, i) => channelOf(i)))];
  const sinks = Object.fromEntries(
    members.map((mode, i) => [names[i]!, { type: 'moded', mode, channel: channelOf(i), onRefused: 'retry' }]),
  );
  if (beside !== null) {
    Object.assign(sinks, { beside: { type: 'moded', mode: beside, channel: 'c0', onRefused: 'retry' } });
  }
  const kind =
    processor === 'failover'
      ? { type: 'failover' }
      : { type: 'load_balance', backoff: processor === 'backoff' };
  return {
    name: 'a1',
    sources: { r1: { type: 'given', channels: used } },
    channels: Object.fromEntries(used.map((name) => [name, type])),
    sinks,
    ...(processor === 'alone' ? {} : { sinkgroups: { g1: { sinks: names, processor: kind } } }),
  } as AgentInput;
}

const stopMs = 60_000;
/** One attempt of 1 s; the looks and the turns around it. */
const afterLastAttemptMs = 1000 + 400;

const anyMode = fc.constantFrom<Mode>(...workingModes, ...downModes);
const drawing = fc.record<Drawn>({
  channel: fc.constantFrom('memory', 'memory', 'durable'),
  processor: fc.constantFrom('alone', 'failover', 'load_balance', 'backoff'),
  apart: fc.boolean(),
  modes: fc.array(anyMode, { minLength: 2, maxLength: 3 }),
  beside: fc.option(anyMode, { freq: 3 }),
  window: fc.constantFrom(1, 4),
  events: fc.integer({ min: 0, max: 30 }),
  ranMs: fc.constantFrom(0, 50, 1000, 9000),
});

async function stopped(drawn: Drawn) {
  using time = virtualTime();
  const { sinks, components } = parts(drawn);
  const log = recordingLogger();
  const agent = await Agent.fromConfig(configOf(drawn), { components, log, reloadIntervalMs: 0 });
  await time.until(agent.start());
  await time.pass(drawn.ranMs);
  const down = new Map(
    [...sinks].filter(([, sink]) => sink.attempts > 0).map(([name, sink]) => [name, sink.attempts]),
  );
  const tookMs = await time.until(agent.stop({ deadline: Deadline.in(stopMs) }));
  return { agent, sinks, attemptsBefore: down, tookMs, log };
}

const isDown = (mode: Mode): boolean => (downModes as readonly Mode[]).includes(mode);
const isWorking = (mode: Mode): boolean => (workingModes as readonly Mode[]).includes(mode);

describe('a stop', () => {
  it('gives a destination that is down one more attempt of 1 s, and goes on with all others', async () => {
    await fc.assert(
      fc.asyncProperty(drawing, async (drawn) => {
        const { agent, sinks, attemptsBefore, tookMs } = await stopped(drawn);
        const all = [...sinks.values()];
        // What works is waited for: 200 or 400 ms for each delivery that may still have to be made.
        const workMs = all.some(({ mode }) => isWorking(mode)) ? 450 * drawn.events * all.length : 0;
        // In a group a destination is known to be down only when its turn comes.
        const turns = all.filter(({ mode }) => isDown(mode)).length;
        expect(tookMs).toBeLessThanOrEqual(workMs + (turns + 1) * afterLastAttemptMs);
        for (const [name, sink] of sinks) {
          // One of its group that gets on, an event at a time, gives it more turns.
          if (!isDown(sink.mode) || all.some(({ mode }) => mode === 'fails in part')) continue;
          const before = attemptsBefore.get(name) ?? 0;
          // One more; and what its runner tried by itself before the drain began. Trying for ever is some 20.
          expect(sink.attempts - before, `${name} ${sink.mode}`).toBeLessThanOrEqual(before > 0 ? 3 : 8);
        }
        for (const { channel, lost } of agent.outcome) {
          const takers = [...sinks].filter(
            ([name]) => agent.model.sinks.find((s) => s.name === name)?.channel === channel,
          );
          if (drawn.channel === 'durable') expect(lost).toBe(0);
          else if (takers.some(([, { mode }]) => isWorking(mode))) expect(lost, channel).toBe(0);
        }
      }),
      fuzzRuns(150),
    );
  });

  it.each(['memory', 'durable'] as const)(
    'waits for a destination that only says nothing, until its deadline: %s channel',
    async (channel) => {
      const drawn = { channel, processor: 'alone', apart: false, modes: ['silent'] } as const;
      const { tookMs } = await stopped({ ...drawn, beside: null, window: 4, events: 9, ranMs: 5000 });
      expect(tookMs).toBeGreaterThan(stopMs / 4);
      expect(tookMs).toBeLessThanOrEqual(stopMs + 100);
    },
  );

  it('drains the channels of a group one after the other, though only its best sink runs', async () => {
    const drawn = {
      channel: 'memory',
      processor: 'failover',
      apart: true,
      modes: ['works', 'works', 'slow'],
    } as const;
    const { agent, sinks, tookMs } = await stopped({
      ...drawn,
      beside: null,
      window: 1,
      events: 20,
      ranMs: 2000,
    });
    expect(agent.outcome.map(({ delivered, lost }) => [delivered, lost])).toEqual([
      [20, 0],
      [20, 0],
      [20, 0],
    ]);
    expect([...sinks.values()].map(({ got }) => got.length)).toEqual([20, 20, 20]);
    expect(tookMs).toBeLessThan(stopMs / 4);
  });
});
