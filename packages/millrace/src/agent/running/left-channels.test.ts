/** A reload to a configuration that reads a file channel's content no longer. */
import { expect, it } from 'vitest';
import { type TempDir, tempDir } from '../../../../testkit/src/files/temp-dir.ts';
import { givenSource } from '../../../../testkit/src/flume/given-source.ts';
import { waitFor } from '../../../../testkit/src/process/wait.ts';
import { defineSink } from '../../component/define.ts';
import { recordingLogger } from '../../component/testing/context.ts';
import { batchOf, bodiesOf, numbered } from '../../component/testing/test-api.ts';
import { Agent } from '../agent.ts';
import type { AgentInput } from '../configuration/typed-config.ts';

const lines = numbered('e', 30);

/** An agent with one channel, and a sink that takes an event only while `isOpen`, or fails. */
function parts(dir: TempDir) {
  const got: string[] = [];
  const state = { fails: false, isOpen: false };
  const sink = defineSink({
    type: 'gated',
    classNames: [],
    summary: 'Takes what it is let to.',
    options: {},
    create: () => ({
      batch: { events: 1 },
      start: async () => {},
      stop: async () => {},
      deliver: async ({ batches }, { signal }) => {
        if (!state.isOpen && !state.fails)
          await waitFor('the gate', () => state.isOpen || state.fails || signal.aborted, { everyMs: 1 });
        if (!state.isOpen) throw new Error('connection refused');
        for (const batch of batches) got.push(...bodiesOf(batch));
      },
    }),
  });
  const file = (name: string) => ({
    type: 'file',
    dataDirs: [dir.join(name, 'data')],
    checkpointDir: dir.join(name, 'checkpoint'),
    minimumRequiredSpace: 1 << 20,
  });
  const input = {
    name: 'a1',
    sources: { r1: { type: 'given', channels: ['c1'] } },
    channels: { c1: file('one') as object },
    sinks: { k1: { type: 'gated', channel: 'c1' } },
  };
  const log = recordingLogger();
  const agent = () =>
    Agent.fromConfig(input as unknown as AgentInput, {
      components: [givenSource([batchOf(...lines)]), sink],
      log,
      reloadIntervalMs: 0,
      drainMs: 50_000,
    });
  const held = (agent: Agent) => () =>
    agent
      .counters()
      .some(({ name, attributes }) => name === 'c1' && attributes.EventPutSuccessCount === '30');
  return { got, state, input, file, log, agent, held };
}

const told = (lines: readonly string[]) => lines.filter((line) => /has no such channel there/.test(line));
const memory = { type: 'memory', capacity: 1000, transactionCapacity: 100 };

it.each(['another type', 'another folder', 'spillable before'])('is drained first: %s', async (what) => {
  using dir = tempDir('millrace-left-');
  const { got, state, input, file, log, agent: make, held } = parts(dir);
  // Some of it in memory, the rest in files.
  if (what === 'spillable before')
    input.channels.c1 = { ...file('one'), type: 'SPILLABLEMEMORY', memoryCapacity: 10 };
  await using agent = await make();
  await agent.start();
  await waitFor('all events in the channel', held(agent));
  input.channels.c1 = what === 'another folder' ? file('two') : memory;
  const reloading = agent.reload();
  await waitFor('the drain', () => log.lines.some((line) => /Draining c1 \(30 events\)/.test(line)), {
    everyMs: 5,
  });
  state.isOpen = true;
  expect(await reloading).toMatchObject({ reloaded: true, undelivered: [] });
  expect(agent.outcome).toMatchObject([{ delivered: 30, held: 0, lost: 0 }]);
  expect(got.slice(0, 30)).toEqual(lines);
  expect(told(log.lines)).toEqual([]);
});

it('leaves behind what its sinks do not take, tells it, and reads it when the channel is there again', async () => {
  using dir = tempDir('millrace-left-');
  const { got, state, input, log, agent: make, held } = parts(dir);
  await using agent = await make();
  await agent.start();
  await waitFor('all events in the channel', held(agent));
  state.fails = true;
  const { c1 } = input.channels;
  input.channels.c1 = memory;
  expect(await agent.reload()).toMatchObject({ reloaded: true });
  expect(told(log.lines)).toEqual([
    `warn Channel c1: 30 events stay where it has kept them below ${dir.join('one', 'data')}; the new configuration has no such channel there`,
  ]);
  expect(got).toEqual([]);
  state.isOpen = true;
  input.channels.c1 = c1;
  expect(await agent.reload()).toMatchObject({ reloaded: true });
  await waitFor('what was left', () => got.length >= 60);
  expect(told(log.lines)).toHaveLength(1);
  expect(new Set(got).size).toBe(30);
});

it('a channel that the new configuration has as it was keeps its events, and nothing waits for them', async () => {
  using dir = tempDir('millrace-left-');
  const { got, state, log, agent: make, held } = parts(dir);
  await using agent = await make();
  await agent.start();
  await waitFor('all events in the channel', held(agent));
  state.fails = true;
  expect(await agent.reload()).toMatchObject({ reloaded: true });
  expect([got, told(log.lines), log.lines.some((line) => /Draining/.test(line))]).toEqual([[], [], false]);
  state.isOpen = true;
  await waitFor('all that was held', () => new Set(got).size === 30);
});

it('a channel of another name with the same folders keeps its events, and nothing waits for them', async () => {
  using dir = tempDir('millrace-left-');
  const { got, state, input, file, log, agent: make, held } = parts(dir);
  await using agent = await make();
  await agent.start();
  await waitFor('all events in the channel', held(agent));
  state.fails = true;
  const renamed: object = {
    sources: { r1: { type: 'given', channels: ['c2'] } },
    channels: { c2: file('one') },
    sinks: { k1: { type: 'gated', channel: 'c2' } },
  };
  Object.assign(input, renamed);
  expect(await agent.reload()).toMatchObject({ reloaded: true });
  expect([got, told(log.lines), log.lines.some((line) => /Draining/.test(line))]).toEqual([[], [], false]);
  state.isOpen = true;
  await waitFor('all that was held', () => new Set(got).size === 30);
});
