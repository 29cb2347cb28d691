/** A source begins when its channels have: what comes before has nowhere to go. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ChannelCounter, SourceCounter } from '../../component/counters.ts';
import { defineChannel, defineSource } from '../../component/define.ts';
import { Deadline } from '../../runtime/deadline.ts';
import { Agent } from '../agent.ts';
import type { AgentInput } from '../configuration/typed-config.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
afterEach(() => void vi.useRealTimers());

/** Starts the agent, with the time that the others give a component that is slow. */
async function started(agent: Agent): Promise<void> {
  const starting = agent.start();
  await vi.advanceTimersByTimeAsync(15_000);
  await starting;
}

/** A channel whose start takes as long as it is told, and a source that writes down when it starts. */
function parts() {
  const order: string[] = [];
  const opening = Promise.withResolvers<void>();
  const channel = defineChannel({
    type: 'slow',
    classNames: [],
    summary: 'Starts when it is told to.',
    options: {},
    create: ({ name }) => ({
      name,
      counter: new ChannelCounter(),
      transactionCapacity: 10,
      start: async () => {
        await opening.promise;
        order.push(name);
      },
      stop: async () => {},
      begin: () => {
        throw new Error('nobody puts here');
      },
    }),
  });
  const source = defineSource({
    type: 'noting',
    classNames: [],
    summary: 'Writes down that it has started.',
    options: {},
    create: ({ name }) => ({
      counter: new SourceCounter(),
      start: async () => void order.push(name),
      stop: async () => {},
    }),
  });
  return { order, opening, components: { components: [channel, source] } };
}

const input = {
  name: 'a1',
  sources: {
    r1: { type: 'noting', channels: ['c1', 'c2'] },
    r2: { type: 'noting', channels: ['c2'] },
  },
  channels: { c1: { type: 'slow' }, c2: { type: 'memory' } },
  sinks: { k2: { type: 'null', channel: 'c2' } },
} as unknown as AgentInput;

test('the source of a channel that takes long waits for it, others do not', async () => {
  const { order, opening, components } = parts();
  await using agent = await Agent.fromConfig(input, components);
  await started(agent);
  expect(order).toEqual(['r2']);
  expect(agent.state().find(({ name }) => name === 'r1')).toMatchObject({ state: 'starting' });
  opening.resolve();
  await vi.advanceTimersByTimeAsync(1);
  expect(order).toEqual(['r2', 'c1', 'r1']);
});

test('the source of a channel that can not start does not wait for ever', async () => {
  const { order, opening, components } = parts();
  opening.reject(new Error('no key'));
  await using agent = await Agent.fromConfig(input, components);
  await started(agent);
  expect(order.sort()).toEqual(['r1', 'r2']);
});

test('a stop ends the wait, and starts nothing', async () => {
  const { order, opening, components } = parts();
  const agent = await Agent.fromConfig(input, components);
  await started(agent);
  const stopping = agent.stop({ deadline: Deadline.in(2000) });
  await vi.advanceTimersByTimeAsync(3000);
  await stopping;
  opening.resolve();
  await new Promise(setImmediate);
  expect(order).not.toContain('r1');
});
