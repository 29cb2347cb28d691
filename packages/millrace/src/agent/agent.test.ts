import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { tempDir } from '../../../testkit/src/files/temp-dir.ts';
import { waitFor } from '../../../testkit/src/process/wait.ts';
import type { Spawn } from '../component/background.ts';
import { SinkCounter } from '../component/counters.ts';
import { defineSink, defineSource } from '../component/define.ts';
import { OutcomeBuilder } from '../component/delivery.ts';
import { refusedOptions } from '../component/refused.ts';
import type { ProcessStatus } from '../component/source.ts';
import { recordingLogger } from '../component/testing/context.ts';
import { batchOf, bodiesOf } from '../component/testing/test-api.ts';
import { Deadline } from '../runtime/deadline.ts';
import { Agent } from './agent.ts';
import { defineAgent } from './configuration/typed-config.ts';

/** A program's own source and sink: three events, and a list. */
function ownComponents() {
  const got: string[] = [];
  const state = { sinkStarts: 0, failFirstStarts: 0, hold: false };
  const source = defineSource({
    type: 'three',
    classNames: [],
    summary: 'Three events.',
    options: {},
    create: ({ channels }) => {
      let left = 3;
      return {
        start: async () => {},
        stop: async () => {},
        process: async (): Promise<ProcessStatus> => {
          if (left === 0) return 'backoff';
          await channels.put(batchOf(`event ${left}`));
          left--;
          return 'ready';
        },
      };
    },
  });
  const sink = defineSink({
    type: 'list',
    classNames: [],
    summary: 'A list.',
    options: {},
    create: () => ({
      batch: { events: 10 },
      start: async () => {
        if (state.sinkStarts++ < state.failFirstStarts) throw new Error('not yet');
      },
      stop: async () => {},
      prepare: async () => {
        if (state.hold) throw new Error('held');
      },
      deliver: async ({ batches }) => {
        for (const batch of batches) got.push(...bodiesOf(batch));
      },
    }),
  });
  return { got, state, components: [source, sink] };
}

const config = defineAgent({
  name: 'a1',
  sources: { r1: { type: 'three', channels: ['c1'] } },
  channels: { c1: { type: 'memory' } },
  sinks: { k1: { type: 'list', channel: 'c1' } },
});
const all = ['event 3', 'event 2', 'event 1'];

describe('an agent from a program', () => {
  it('runs a program’s own components, and stops at the end of a block', async () => {
    const { got, components } = ownComponents();
    const log = recordingLogger();
    {
      await using agent = await Agent.fromConfig(config, { components, log });
      await agent.start();
      expect(agent.ready).toBe(true);
      await waitFor('three events', () => got.length === 3);
      expect(agent.counters().map(({ kind, name }) => `${kind} ${name}`)).toEqual(['channel c1']);
      expect(agent.counters()[0]?.attributes.EventPutSuccessCount).toBe('3');
    }
    expect(got).toEqual(all);
    expect(log.lines.slice(-1)[0]).toContain('Shutdown Metric for type: CHANNEL, name: c1.');
  });

  it('throws with every finding when a component cannot be had', async () => {
    const { components } = ownComponents();
    const broken = { ...config, sinks: { k1: { type: 'lisd', channel: 'c1' } } };
    await expect(Agent.fromConfig(broken, { components })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('lisd'),
    });
  });

  it('loses nothing of a memory channel at stop while its sink works', async () => {
    const { got, state, components } = ownComponents();
    state.hold = true;
    const agent = await Agent.fromConfig(config, { components });
    await agent.start();
    await waitFor('a filled channel', () => agent.counters()[0]?.attributes.ChannelSize === '3');
    state.hold = false;
    await agent.stop();
    expect(got).toEqual(all);
    expect(agent.undelivered).toEqual([]);
  });

  it('says what was lost when the time to drain is over', async () => {
    const { state, components } = ownComponents();
    state.hold = true;
    const log = recordingLogger();
    const agent = await Agent.fromConfig(config, { components, log, drainMs: 0 });
    await agent.start();
    await waitFor('a filled channel', () => agent.counters()[0]?.attributes.ChannelSize === '3');
    await agent.stop();
    expect(agent.undelivered).toEqual([{ channel: 'c1', events: 3 }]);
    expect(log.lines.join('\n')).toContain(
      'Channel c1: 3 events could not be delivered before the stop and are lost',
    );
  });

  it('counts what a channel saves at its stop as held, and brings it to the next run', async () => {
    using dir = tempDir('millrace-spill-');
    const { got, state, components } = ownComponents();
    state.hold = true;
    const c1 = {
      ...{ type: 'spillablememory', memoryCapacity: 2, overflowTimeout: 0, minimumRequiredSpace: 0 },
      ...{ checkpointDir: dir.join('c'), dataDirs: dir.join('d') },
    } as const;
    const agent = await Agent.fromConfig({ ...config, channels: { c1 } }, { components, drainMs: 0 });
    await agent.start();
    await waitFor('a filled channel', () => agent.counters()[0]?.attributes.ChannelSize === '3');
    await agent.stop();
    expect(agent.outcome).toEqual([{ channel: 'c1', delivered: 0, refused: 0, held: 3, lost: 0 }]);
    state.hold = false;
    await agent.start();
    await waitFor('the events', () => got.length === 6);
    await agent.stop();
    expect(got.slice(0, 3)).toEqual(['event 1', 'event 3', 'event 2']);
  });

  it('starts again after a stop', async () => {
    const { got, components } = ownComponents();
    const agent = await Agent.fromConfig(config, { components });
    for (const count of [3, 6]) {
      await agent.start();
      await waitFor('the events', () => got.length === count);
      await agent.stop();
    }
    expect(got).toEqual([...all, ...all]);
  });

  it('stops while a start is being tried again', async () => {
    const { state, components } = ownComponents();
    state.failFirstStarts = Number.POSITIVE_INFINITY;
    const log = recordingLogger();
    const agent = await Agent.fromConfig(config, { components, log, drainMs: 0 });
    await agent.start();
    expect(agent.ready).toBe(false);
    await agent.stop();
    expect(log.lines.join('\n')).toContain('Unable to start Sink k1: not yet; it is tried again in 3 s');
    expect(state.sinkStarts).toBe(1);
  });

  it('refuses a reload while it does not run', async () => {
    const { components } = ownComponents();
    const agent = await Agent.fromConfig(config, { components });
    expect(await agent.reload()).toMatchObject({ reloaded: false, reasons: ['agent a1 is not running'] });
  });
});

/** A source that does nothing but what the test wants of its start, with its context. */
function sourceThat(start: (context: { spawn: Spawn }, signal?: AbortSignal) => Promise<void>) {
  return defineSource({
    type: 'odd',
    classNames: [],
    summary: 'Odd.',
    options: {},
    create: (context) => ({ start: (signal) => start(context, signal), stop: async () => {} }),
  });
}

const oddConfig = { ...config, sources: { r1: { type: 'odd', channels: ['c1'] } } };

describe('one component apart from all others', () => {
  it('a start that never settles does not keep the agent from stopping', async () => {
    const { components } = ownComponents();
    const hung = sourceThat(() => new Promise(() => {}));
    const agent = await Agent.fromConfig(oddConfig, { components: [...components, hung], drainMs: 0 });
    const starting = agent.start();
    await waitFor('the sink', () =>
      agent.state().some(({ kind, state }) => kind === 'sink' && state === 'started'),
    );
    await agent.stop();
    await starting;
    expect(agent.status).toBe('stopped');
  });

  it('a failure in the background is told and restarts the component, and no other', async () => {
    const { components, state } = ownComponents();
    let starts = 0;
    const failing = sourceThat(async ({ spawn }) => {
      starts++;
      spawn('writing positions', Promise.reject(new Error('EMFILE')));
    });
    const log = recordingLogger();
    const agent = await Agent.fromConfig(oddConfig, { components: [...components, failing], log });
    await agent.start();
    await waitFor('a second start', () => starts >= 2);
    expect(log.lines).toContain('error Source r1 failed: writing positions: EMFILE; it is started again');
    expect(agent.ready).toBe(false);
    expect(state.sinkStarts).toBe(1);
    await agent.stop();
  });

  it('a destination that is known to be down does not hold up the stop; what is lost is told', async () => {
    const { components, state } = ownComponents();
    state.hold = true;
    const agent = await Agent.fromConfig(config, { components, drainMs: 600_000 });
    await agent.start();
    await waitFor('a failing sink', () =>
      agent.state().some((one) => one.kind === 'sink' && one.lastError === 'held'),
    );
    await waitFor('a filled channel', () => agent.counters()[0]?.attributes.ChannelSize === '3');
    await agent.stop();
    expect(agent.outcome).toEqual([{ channel: 'c1', delivered: 0, refused: 0, held: 0, lost: 3 }]);
  });

  it.each(['stops the old', 'starts the new'] as const)(
    'a stop does not wait for ever for a reload that %s: nothing begins behind it',
    async (hangs) => {
      const released = Promise.withResolvers<void>();
      const counts = { starts: 0, stops: 0, sourceStarts: 0 };
      const slow = defineSink({
        type: 'slow',
        classNames: [],
        summary: 'Slow.',
        options: {},
        create: () => ({
          batch: { events: 10 },
          deliver: async () => undefined,
          start: async () => {
            if (++counts.starts === 2 && hangs === 'starts the new') await released.promise;
          },
          stop: async () => {
            if (++counts.stops === 1 && hangs === 'stops the old') await released.promise;
          },
        }),
      });
      const source = sourceThat(async () => {
        counts.sourceStarts++;
      });
      const input = { ...oddConfig, sinks: { k1: { type: 'slow', channel: 'c1' } } };
      const agent = await Agent.fromConfig(input, { components: [source, slow], drainMs: 500 });
      await agent.start();
      const reloading = agent.reload();
      await waitFor('the reload', () => (hangs === 'stops the old' ? counts.stops : counts.starts - 1) === 1);
      await agent.stop({ deadline: Deadline.in(200) });
      released.resolve();
      await reloading;
      // What hung has ended by now, or ends in these turns of the event loop.
      for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
      expect(counts.sourceStarts).toBe(1);
      expect(counts.starts).toBe(hangs === 'stops the old' ? 1 : 2);
      expect(agent.status).toBe('stopped');
    },
  );
});

it('counts what is refused apart from what has arrived', async () => {
  await using dir = tempDir('millrace-agent-');
  const { components } = ownComponents();
  const picky = defineSink({
    type: 'picky',
    classNames: [],
    summary: 'Takes odd events only.',
    options: refusedOptions,
    create: () => ({
      batch: { events: 10 },
      counter: new SinkCounter(),
      start: async () => {},
      stop: async () => {},
      deliver: async ({ batches }) => {
        const built = new OutcomeBuilder();
        const bodies = batches.flatMap(bodiesOf);
        for (const [i, body] of bodies.entries()) if (body === 'event 2') built.refuse(i, 'even');
        return built.outcome();
      },
    }),
  });
  const refusedFile = dir.join('refused.jsonl');
  const input = { ...config, sinks: { k1: { type: 'picky', channel: 'c1', refusedFile } } };
  const agent = await Agent.fromConfig(input, { components: [...components, picky] });
  await agent.start();
  const sink = () => agent.counters().find(({ kind }) => kind === 'sink')?.attributes;
  await waitFor(
    'all events',
    () => sink()?.EventDrainSuccessCount === '2' && sink()?.EventRefusedCount === '1',
  );
  await agent.stop();
  expect(agent.outcome).toEqual([{ channel: 'c1', delivered: 2, refused: 1, held: 0, lost: 0 }]);
});

describe('an agent from files', () => {
  it('rejects when a file cannot be read', async () => {
    await expect(Agent.fromFile('/no/such/file.conf', 'a1')).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
    });
  });
});

it('an agent that the file does not have runs empty, as in Flume, and says which it has', async () => {
  await using dir = tempDir('millrace-agent-');
  const file = dir.join('flume.conf');
  writeFileSync(
    file,
    'collect.channels = c1\ncollect.sinks = k1\ncollect.channels.c1.type = memory\n' +
      'collect.sinks.k1.type = null\ncollect.sinks.k1.channel = c1\n',
  );
  const log = recordingLogger();
  const agent = await Agent.fromFile(file, 'colect', { log });
  await agent.start();
  await agent.stop();
  const told = log.lines.find((line) => line.startsWith('error'));
  expect(told).toContain(`${file}: error: there is no agent colect`);
  expect(told).toContain('did you mean collect?');
  const right = await Agent.fromFile(file, 'collect', { log });
  expect(right.diagnostics.map(({ code }) => code)).toEqual(['no-sources']);
});
