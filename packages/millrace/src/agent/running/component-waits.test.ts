/** What components say that they wait for, as `Agent.state()` shows it: each of its own, in an agent. */
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { tempDir } from '../../../../testkit/src/files/temp-dir.ts';
import { FakeCluster } from '../../../../testkit/src/kafka/fake-cluster/cluster.ts';
import { waitFor } from '../../../../testkit/src/process/wait.ts';
import { defineSink } from '../../component/define.ts';
import { Deadline } from '../../runtime/deadline.ts';
import { Agent, type ComponentState } from '../agent.ts';
import type { AgentInput } from '../configuration/typed-config.ts';

/** Takes nothing while `open` is false. */
function gate() {
  const state = { open: false, fault: 'disk full: ENOSPC' };
  const sink = defineSink({
    type: 'gate',
    classNames: [],
    summary: 'Takes events once it is open.',
    options: {},
    create: () => ({
      batch: { events: 10 },
      start: async () => {},
      stop: async () => {},
      deliver: async () => {
        if (!state.open) throw new Error(state.fault);
      },
    }),
  });
  return { state, sink };
}

type Parts = Partial<Pick<AgentInput, 'sources' | 'channels' | 'sinks'>>;

/** An agent that runs; what is not given is seq, memory, null. */
async function running(parts: Parts, components: Parameters<typeof Agent.fromConfig>[1] = {}) {
  const agent = await Agent.fromConfig(
    {
      name: 'a1',
      sources: { r1: { type: 'seq', channels: ['c1'], totalEvents: 0 } },
      channels: { c1: { type: 'memory' } },
      sinks: { k1: { type: 'null', channel: 'c1' } },
      ...parts,
    } as AgentInput,
    components,
  );
  await agent.start();
  const of = (name: string): ComponentState => agent.state().find((each) => each.name === name)!;
  return {
    agent,
    of,
    waitsOf: (name: string) => of(name).waits.map(({ kind, what }) => `${kind}: ${what}`),
    [Symbol.asyncDispose]: () => agent.stop({ deadline: Deadline.in(1000) }),
  };
}

describe.concurrent('what a component waits for', () => {
  it('TAILDIR: files, and what it can’t read', async () => {
    await using dir = tempDir();
    const pattern = dir.join('in', 'app.*');
    await using run = await running({
      sources: {
        r1: {
          type: 'TAILDIR',
          channels: ['c1'],
          filegroups: 'f1',
          'filegroups.f1': pattern,
          positionFile: dir.join('pos.json'),
        },
      },
    } as Parts);
    await waitFor('a look', () => run.waitsOf('r1').length > 0);
    expect(run.waitsOf('r1')).toEqual([`idle: files: none matches ${pattern}`]);
    expect(run.agent.ready).toBe(true);
    mkdirSync(dir.join('in'));
    writeFileSync(dir.join('in', 'app.log'), 'x\n');
    await waitFor('the file', () => run.waitsOf('r1').length === 0);
  });

  it('memory and file channels: room, with numbers; and the source, that they take something', async () => {
    await using dir = tempDir();
    const files = { checkpointDir: dir.join('c'), dataDirs: dir.join('d'), minimumRequiredSpace: 0 };
    for (const channel of [{ type: 'memory' }, { type: 'file', ...files }]) {
      const { state, sink } = gate();
      await using run = await running(
        {
          sources: { r1: { type: 'seq', channels: ['c1'], batchSize: 5, totalEvents: 1000 } },
          channels: { c1: { ...channel, capacity: 10, transactionCapacity: 10, 'keep-alive': 0 } },
          sinks: { k1: { type: 'gate', channel: 'c1' } },
        } as Parts,
        { components: [sink] },
      );
      // What sinks have under way needs no room of a memory channel: given back, it is more than fits.
      const text = /^held: its sinks: it is full, \d+ of 10 events/;
      await waitFor('a full channel', () => run.waitsOf('c1').some((what) => text.test(what)));
      const seen = await waitFor('the source to see it', () => run.waitsOf('r1')[0]);
      expect(seen).toMatch(/^held: the channels take nothing: /);
      expect(run.of('r1').state).toBe('started');
      await waitFor('the sink to fail', () => run.of('k1').state === 'failing');
      expect(run.of('k1').lastError).toContain('disk full: ENOSPC');
      expect(run.agent.ready).toBe(false);
      const since = run.of('k1').since!;
      state.fault = 'disk gone: EIO';
      await waitFor('the newer fault', () => run.of('k1').lastError?.includes('disk gone: EIO'));
      expect(run.of('k1').since).toBe(since);
      state.open = true;
      await waitFor('all to be well', () => run.agent.ready && run.waitsOf('c1').length === 0);
      await waitFor('the source to get on', () => run.waitsOf('r1').length === 0);
      expect(run.of('k1').lastFailure!.error).toContain('disk gone: EIO');
      expect(run.of('k1').lastFailure!.at).toBeGreaterThanOrEqual(since);
    }
  });

  it('exec: a command that has ended, well or not', async () => {
    const commands = [
      ['true', 'idle', 'started'],
      ['false', 'fault', 'failing'],
    ] as const;
    for (const [command, kind, state] of commands) {
      await using run = await running({
        sources: { r1: { type: 'exec', channels: ['c1'], command } },
      } as Parts);
      await waitFor('its end', () => run.waitsOf('r1').length > 0);
      const code = command === 'true' ? 0 : 1;
      expect(run.waitsOf('r1')).toEqual([
        `${kind}: its command, which has ended with code ${code}: restart is false`,
      ]);
      await waitFor(`the state ${state}`, () => run.of('r1').state === state);
    }
    await using run = await running({
      sources: {
        r1: { type: 'exec', channels: ['c1'], command: 'false', restart: true, restartThrottle: 60_000 },
      },
    } as Parts);
    await waitFor('its end', () => run.waitsOf('r1').length > 0);
    expect(run.waitsOf('r1')[0]).toContain('ended with code 1: it begins again in 60000 ms');
    await run.agent.stop({ deadline: Deadline.in(30_000) });
    expect(run.agent.state().flatMap(({ waits }) => waits)).toEqual([]);
  });

  it('netcat: a port that another program has', async () => {
    const holder = createServer().listen(0, '127.0.0.1');
    await once(holder, 'listening');
    const { port } = holder.address() as { port: number };
    await using run = await running({
      sources: { r1: { type: 'netcat', channels: ['c1'], bind: '127.0.0.1', port } },
    } as Parts);
    expect(run.of('r1')).toMatchObject({
      state: 'failing',
      lastError: `source r1: port ${port} on 127.0.0.1 is in use by another program`,
    });
    holder.close();
  });

  it('KafkaSource and KafkaSink: brokers that don’t answer, topics that are not there, partitions', async () => {
    const cluster = await FakeCluster.start({ nodes: 1 });
    const servers = cluster.bootstrapServers;
    const quick = { 'kafka.consumer.retry.backoff.ms': 10, 'kafka.consumer.reconnect.backoff.max.ms': 50 };
    await using run = await running({
      sources: {
        r1: {
          type: 'org.apache.flume.source.kafka.KafkaSource',
          channels: ['c1'],
          'kafka.bootstrap.servers': servers,
          'kafka.topics': 'gone',
          ...quick,
        },
        r2: { type: 'seq', channels: ['c2'], totalEvents: 1 },
      },
      channels: { c1: { type: 'memory', capacity: 1000, transactionCapacity: 1000 }, c2: { type: 'memory' } },
      sinks: {
        k1: { type: 'null', channel: 'c1' },
        k2: {
          type: 'org.apache.flume.sink.kafka.KafkaSink',
          channel: 'c2',
          'kafka.bootstrap.servers': servers,
          'kafka.topic': 'none',
        },
      },
    } as Parts);
    await waitFor(
      'the missing topics',
      () =>
        [...run.waitsOf('r1'), ...run.waitsOf('k2')].filter((what) => what.includes('not in the cluster'))
          .length === 2,
    );
    expect(run.waitsOf('r1')).toContain(`fault: topic gone: not in the cluster at ${servers}`);
    expect(run.waitsOf('r1')).toContain('idle: partitions: its group has given it none yet');
    expect(run.waitsOf('k2')).toContain(`fault: topic none: not in the cluster at ${servers}`);
    await waitFor('the source to fail', () => run.of('r1').state === 'failing');
    expect(run.of('r1').lastError).toContain('topic gone');
    cluster.addTopic('gone', 1);
    cluster.addTopic('none', 1);
    await waitFor('all to be well', () => run.waitsOf('r1').length + run.waitsOf('k2').length === 0);
    await cluster[Symbol.asyncDispose]();
    const down = `fault: broker ${servers} to answer: `;
    await waitFor('a lost broker', () => run.waitsOf('r1').some((what) => what.startsWith(down)));
    expect(run.agent.ready).toBe(false);
  });
});
