/** A stop or reload in the middle of a put: some channels have the batch, others had no room for it yet. */
import { describe, expect, it } from 'vitest';
import { virtualTime } from '../../../../testkit/src/oracle/virtual-time.ts';
import { defineSink, defineSource } from '../../component/define.ts';
import { putUntilTaken } from '../../component/put-until-taken.ts';
import { recordingLogger } from '../../component/testing/context.ts';
import { batchOf, bodiesOf } from '../../component/testing/test-api.ts';
import { Deadline } from '../../runtime/deadline.ts';
import { pause } from '../../runtime/timers.ts';
import { Agent } from '../agent.ts';
import type { AgentInput } from '../configuration/typed-config.ts';

interface Case {
  /** Of the channel that is full. */
  readonly keepAlive: number;
  /** How long it has been full when the stop comes: the put waits for room, or between two tries. */
  readonly fullForMs: number;
  /** What the sink of that channel does from the stop on. */
  readonly sinkThen: 'takes' | 'fails' | 'hangs';
}

const lines = Array.from({ length: 12 }, (_, i) => `e${i}`);

/** An agent whose source goes on, like TAILDIR, at the place up to which its puts have worked. */
function parts({ sinkThen }: Case) {
  const got: Record<string, string[]> = { quick: [], gated: [] };
  const gate = { isShut: true, after: sinkThen };
  let place = 0;
  const source = defineSource({
    type: 'places',
    classNames: [],
    summary: 'Lines with places.',
    options: {},
    create: ({ channels }) => ({
      start: async () => {},
      stop: async () => {},
      process: async (signal) => {
        const some = lines.slice(place, place + 2);
        if (some.length === 0) return 'backoff';
        await putUntilTaken(channels, batchOf(...some), { signal });
        place += some.length;
        return 'ready';
      },
    }),
  });
  const sink = defineSink({
    type: 'gated',
    classNames: [],
    summary: 'Takes what it is let to.',
    options: {},
    create: ({ name }) => ({
      batch: { events: 1 },
      start: async () => {},
      stop: async () => {},
      deliver: async ({ batches }, { signal }) => {
        while (name === 'gated' && gate.isShut && !signal.aborted) await pause(10, signal);
        if (name === 'gated' && gate.after === 'fails') throw new Error('connection refused');
        if (name === 'gated' && gate.isShut) throw new Error('given up');
        for (const batch of batches) got[name]!.push(...bodiesOf(batch));
      },
    }),
  });
  return { got, gate, components: [source, sink] };
}

const configOf = ({ keepAlive }: Case): AgentInput =>
  ({
    name: 'a1',
    sources: { r1: { type: 'places', channels: ['roomy', 'full'] } },
    channels: {
      roomy: { type: 'memory', capacity: 100 },
      full: { type: 'memory', capacity: 2, transactionCapacity: 2, 'keep-alive': keepAlive },
    },
    sinks: { quick: { type: 'gated', channel: 'roomy' }, gated: { type: 'gated', channel: 'full' } },
  }) as AgentInput;

/** Runs until the source's put stands at the full channel, and stops or reloads then. */
async function ended(drawn: Case, how: 'stop' | 'reload') {
  using time = virtualTime();
  const { got, gate, components } = parts(drawn);
  const log = recordingLogger();
  const agent = await Agent.fromConfig(configOf(drawn), { components, log, reloadIntervalMs: 0 });
  await time.until(agent.start());
  await time.pass(drawn.fullForMs);
  const before = { quick: got.quick!.length, gated: got.gated!.length };
  const ending: Promise<unknown> =
    how === 'reload' ? agent.reload() : agent.stop({ deadline: Deadline.in(60_000) });
  await time.pass(50);
  gate.isShut = drawn.sinkThen === 'hangs';
  const tookMs = await time.until(ending);
  gate.isShut = false;
  gate.after = 'takes';
  if (how === 'stop') await time.until(agent.start());
  await time.pass(30_000);
  await time.until(agent.stop());
  return { got, before, tookMs, told: log.lines.filter((line) => /given up at the stop/.test(line)) };
}

describe('a put that only some channels have taken', () => {
  const waits = [
    { what: 'waits for room', keepAlive: 600, fullForMs: 500 },
    { what: 'waits between two tries', keepAlive: 0, fullForMs: 500 },
    { what: 'is rejected again at once', keepAlive: 0, fullForMs: 10_000 },
  ];
  for (const how of ['stop', 'reload'] as const)
    it.each(waits)(`goes on at a ${how} while the sinks make room: one that $what`, async (wait) => {
      const { got, before, told } = await ended({ ...wait, sinkThen: 'takes' }, how);
      // The put of which the full channel has nothing is under way.
      expect(before.quick).toBeGreaterThan(0);
      expect(before.gated).toBe(0);
      expect(got).toEqual({ quick: lines, gated: lines });
      expect(told).toEqual([]);
    });

  it.each([0, 600])(
    'is given up at once where the sinks are down, and that is told: keep-alive %d s',
    async (keepAlive) => {
      const { got, tookMs, told } = await ended({ keepAlive, fullForMs: 500, sinkThen: 'fails' }, 'stop');
      // The second attempt of the sink, 1 s; nothing of it is for the put.
      expect(tookMs).toBeLessThan(2000);
      expect(told).toEqual([
        'warn A batch of 2 events was given up at the stop, as channel full could not take it; channel roomy has it, and may get it again when the source goes on',
      ]);
      expect([...new Set(got.quick)]).toEqual(lines);
      expect(got.quick).toHaveLength(lines.length + 2);
    },
  );

  it('is given up in time where a sink says nothing', async () => {
    const { got, tookMs, told } = await ended({ keepAlive: 0, fullForMs: 500, sinkThen: 'hangs' }, 'stop');
    expect(tookMs).toBeLessThanOrEqual(60_100);
    expect(told).toHaveLength(1);
    expect([...new Set(got.quick)]).toEqual(lines);
  });
});
