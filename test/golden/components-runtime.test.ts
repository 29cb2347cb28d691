/** Golden rows of the runtime: sink groups, reload, supervision, stop. */
import { appendFile, mkdir, readdir, readFile, rename, utimes, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { listen } from '../../packages/millrace/src/net/listen.ts';
import { waitFor } from '../../packages/testkit/src/process/wait.ts';
import { configText, netcatLines, runAgent, talk } from './agent-harness.ts';

async function linesIn(directory: string): Promise<string[]> {
  const names = (await readdir(directory)).sort();
  const texts = await Promise.all(names.map((name) => readFile(`${directory}/${name}`, 'utf8')));
  return texts.join('').split('\n').slice(0, -1);
}

const twoFileSinks = `
  a1.sinks = k1 k2
  a1.sinkgroups = g1
  a1.sinkgroups.g1.sinks = k1 k2
  a1.sinks.k2.channel = c1
  a1.sinks.k1.type = file_roll
  a1.sinks.k1.sink.directory = DIR/out1
  a1.sinks.k1.sink.rollInterval = 0
  a1.sinks.k1.sink.batchSize = 1
  a1.sinks.k2.type = file_roll
  a1.sinks.k2.sink.directory = DIR/out2
  a1.sinks.k2.sink.rollInterval = 0
  a1.sinks.k2.sink.batchSize = 1
`;

describe('E5 load_balance', () => {
  it('gives each turn to the next sink', async () => {
    const { port, lines } = await netcatLines();
    await using run = await runAgent(async (dir) => {
      await mkdir(dir.join('out1'));
      await mkdir(dir.join('out2'));
      return `${lines}${twoFileSinks}a1.sinkgroups.g1.processor.type = load_balance`;
    });
    await talk(port, '0\n1\n2\n3\n4\n5\n', 'OK\n'.repeat(6));
    const both = async () => [await linesIn(run.dir.join('out1')), await linesIn(run.dir.join('out2'))];
    await waitFor('six events', async () => (await both()).flat().length === 6);
    expect((await both()).map((lines) => lines.join(' ')).sort()).toEqual(['0 2 4', '1 3 5']);
  });

  it('passes a failing sink over at once', async () => {
    const { port, lines } = await netcatLines();
    await using run = await runAgent(async (dir) => {
      await mkdir(dir.join('out2'));
      return `${lines}${twoFileSinks}a1.sinkgroups.g1.processor.type = load_balance`;
    });
    await talk(port, '0\n1\n2\n', 'OK\n'.repeat(3));
    await waitFor('three events', async () => (await linesIn(run.dir.join('out2'))).length === 3);
    expect(await linesIn(run.dir.join('out2'))).toEqual(['0', '1', '2']);
    expect(run.logged('Sink failed to consume event. Attempting next sink if available.')).not.toEqual([]);
  });

  it('says when all have failed', async () => {
    const { port, lines } = await netcatLines();
    await using run = await runAgent(`${lines}${twoFileSinks}a1.sinkgroups.g1.processor.type = load_balance`);
    await talk(port, '0\n', 'OK\n');
    await waitFor('the failure', () => run.logged('All configured sinks have failed').length > 0);
    expect(run.logged('All configured sinks have failed')[0]).toMatch(/^error Unable to deliver event\./);
  });
});

describe('E6 failover', () => {
  const group = `${twoFileSinks}
    a1.sinkgroups.g1.processor.type = failover
    a1.sinkgroups.g1.processor.priority.k1 = 5
    a1.sinkgroups.g1.processor.priority.k2 = 10
    a1.sinkgroups.g1.processor.maxpenalty = 1
    a1.channels.c1.keep-alive = 0`;

  it('uses the sink of the highest priority, then the next, and goes back after its repair', async () => {
    const { port, lines } = await netcatLines();
    await using run = await runAgent(async (dir) => {
      await mkdir(dir.join('out1'));
      return lines + group;
    });
    await talk(port, 'a\n', 'OK\n');
    await waitFor('the event at k1', async () => (await linesIn(run.dir.join('out1'))).length === 1);
    expect(run.logged('Sink k2 failed and has been sent to failover list')).not.toEqual([]);
    await mkdir(run.dir.join('out2'));
    await talk(port, 'b\n', 'OK\n');
    await waitFor('the event at k2', async () => (await linesIn(run.dir.join('out2'))).length === 1);
    expect(await linesIn(run.dir.join('out1'))).toEqual(['a']);
  });

  it('says when none is left', async () => {
    const { lines } = await netcatLines();
    await using run = await runAgent(lines + group);
    await waitFor('the failure', () => run.logged('nothing left to failover to').length > 0);
    expect(run.logged('nothing left')[0]).toContain(
      'All sinks failed to process, nothing left to failover to',
    );
  });
});

describe('A9: a group that cannot be had takes its sinks with it', () => {
  it.each(['default', 'nosuch'])('processor.type = %s with two sinks', async (type) => {
    const { port, lines } = await netcatLines();
    await using run = await runAgent(`${lines}${twoFileSinks}a1.sinkgroups.g1.processor.type = ${type}`);
    expect(run.logged('sinkRunners:{}')).toHaveLength(1);
    await talk(port, 'a\n', 'OK\n');
    expect(run.agent.counters().map(({ kind, name }) => `${kind} ${name}`)).toEqual(['channel c1']);
    expect(run.agent.counters()[0]?.attributes.ChannelSize).toBe('1');
  });
});

describe('F: reload', () => {
  it('takes a change of the file: stops sources, sinks, channels, starts the other way round; content survives', async () => {
    const { port, lines } = await netcatLines();
    const noSink = `${lines}\na1.sinks = none`;
    await using run = await runAgent(noSink, { reloadIntervalMs: 20 });
    await talk(port, 'kept 1\nkept 2\n', 'OK\nOK\n');
    await writeFile(run.configFile, configText(lines, run.dir));
    await waitFor('both events', () => run.logged('kept ').length === 2);
    const told = run.lines
      .filter((line) => /Reloading|Shutting|Stopping|Starting/.test(line))
      .map((line) => line.replace(/^info /, '').replace(run.dir.path, 'DIR'));
    expect(told).toEqual([
      expect.stringContaining(
        'Starting new configuration:{ sourceRunners:{r1} sinkRunners:{} channels:{c1} }',
      ),
      'Starting Channel c1',
      'Starting Source r1',
      'Reloading configuration file:DIR/f.conf',
      'Shutting down configuration',
      'Stopping Source r1',
      'Stopping Channel c1',
      expect.stringContaining(
        'Starting new configuration:{ sourceRunners:{r1} sinkRunners:{k1} channels:{c1} }',
      ),
      'Starting Channel c1',
      'Starting Sink k1',
      'Starting Source r1',
    ]);
  });

  it('reloads at a mere touch, and not without one', async () => {
    const { lines } = await netcatLines();
    await using run = await runAgent(lines, { reloadIntervalMs: 20 });
    const later = new Date(Date.now() + 5000);
    await utimes(run.configFile, later, later);
    await waitFor('the reload', () => run.logged('Starting Source r1').length === 2);
    expect(run.logged('Reloading configuration file')).toHaveLength(1);
  });

  it('gives a memory channel its new capacity, with its content', async () => {
    const { port, lines } = await netcatLines();
    await using run = await runAgent(`${lines}\na1.sinks = none`);
    await talk(port, 'a\nb\n', 'OK\nOK\n');
    await writeFile(
      run.configFile,
      configText(`${lines}\na1.sinks = none\na1.channels.c1.capacity = 500`, run.dir),
    );
    expect(await run.agent.reload()).toMatchObject({ reloaded: true });
    const channel = run.agent.counters().find(({ kind }) => kind === 'channel');
    expect(channel?.attributes).toMatchObject({ ChannelCapacity: '500', ChannelSize: '2' });
  });

  it.each([
    ['an unknown type (Flume would never look at the file again)', 'a1.sinks.k1.type = loger', 'loger'],
    ['no channels (Flume would stop all)', 'a1.channels = ', 'not be valid'],
    ['a bad number', 'a1.sources.r1.port = 80x', '80x'],
    [
      'a selector that names no channel',
      'a1.sources.r1.selector.type = multiplexing\na1.sources.r1.selector.default = c9',
      'c9',
    ],
  ])('goes on with what runs when the new file has %s, and says why and where', async (_, fault, why) => {
    const { port, lines } = await netcatLines();
    await using run = await runAgent(lines);
    await writeFile(run.configFile, configText(`${lines}\n${fault}`, run.dir));
    const before = run.lines.length;
    expect(await run.agent.reload()).toMatchObject({ reloaded: false });
    const told = run.lines.slice(before).join('\n');
    expect(told).toContain('The new configuration is not taken, the old one goes on');
    expect(told).toContain(why);
    expect(await talk(port, 'still here\n', 'OK\n')).toBe('OK\n');
    await waitFor('the event', () => run.logged('still here').length === 1);

    await writeFile(run.configFile, configText(lines, run.dir));
    expect(await run.agent.reload()).toMatchObject({ reloaded: true });
    expect(await talk(port, 'later\n', 'OK\n')).toBe('OK\n');
  });

  it('names line and column of the fault', async () => {
    const { lines } = await netcatLines();
    await using run = await runAgent(lines);
    const text = configText(lines, run.dir);
    await writeFile(run.configFile, text);
    await appendFile(run.configFile, 'a1.sinks.k1.type = loger\n');
    await run.agent.reload();
    const line = text.split('\n').length;
    expect(run.logged(`${run.configFile}:${line}:`).join('\n')).toContain('loger');
  });

  it('drains a memory channel that the new configuration no longer has', async () => {
    const { port, lines } = await netcatLines();
    const old = `${lines}
      a1.sinks.k1.type = file_roll
      a1.sinks.k1.sink.directory = DIR/later
      a1.sinks.k1.sink.rollInterval = 0`;
    await using run = await runAgent(old, { drainMs: 60_000 });
    await talk(port, 'a\nb\n', 'OK\nOK\n');
    await waitFor('the failing sink', () => run.logged('Failed to open file').length > 0);
    const renamed = old
      .replaceAll('c1', 'c2')
      .concat(
        '\na1.channels = c2\na1.sources.r1.channels = c2\na1.sinks.k1.channel = c2\na1.channels.c2.type = memory',
      );
    await writeFile(run.configFile, configText(renamed, run.dir));
    const reloading = run.agent.reload();
    await mkdir(run.dir.join('later'));
    expect(await reloading).toEqual({ reloaded: true, undelivered: [] });
    expect(await linesIn(run.dir.join('later'))).toEqual(['a', 'b']);
    expect(run.agent.counters().map(({ name }) => name)).toEqual(['c2', 'k1']);
  });

  it('goes on when the file is away for a moment', async () => {
    const { port, lines } = await netcatLines();
    await using run = await runAgent(lines, { reloadIntervalMs: 20 });
    await rename(run.configFile, `${run.configFile}.away`);
    expect(await talk(port, 'a\n', 'OK\n')).toBe('OK\n');
    await writeFile(run.configFile, configText(lines, run.dir));
    await waitFor('the reload', () => run.logged('Starting Source r1').length === 2);
  });
});

describe('F: supervision and stop', () => {
  it('tries a source whose port is taken again, and runs the rest', async () => {
    const { port, lines } = await netcatLines();
    const holder = createServer();
    await listen(holder, { host: '127.0.0.1', port, component: 'test', portOption: 'port' });
    await using run = await runAgent(lines);
    expect(run.logged('Unable to start Source r1')[0]).toContain(
      `source r1: port ${port} on 127.0.0.1 is in use by another program`,
    );
    expect(run.logged('Starting Sink k1')).toHaveLength(1);
    await new Promise((resolve) => holder.close(resolve));
    const answer = await waitFor('the source', () => talk(port, 'a\n', 'OK\n'));
    expect(answer).toBe('OK\n');
  });

  it('prints the shutdown metrics of each counter group', async () => {
    const { port, lines } = await netcatLines();
    const run = await runAgent(`${lines}
      a1.sinks.k1.type = file_roll
      a1.sinks.k1.sink.directory = DIR/out
      a1.sinks.k1.sink.rollInterval = 0`);
    await talk(port, 'a\nb\n', 'OK\nOK\n');
    await waitFor('both events', async () => (await linesIn(run.dir.join('out'))).length === 2);
    await run[Symbol.asyncDispose]();
    const metrics = run
      .logged('Shutdown Metric')
      .map((line) => line.replace(/\d{13}/, 'TIME').replace(/^info /, ''));
    expect(metrics).toEqual(
      [
        'SINK, name: k1. sink.start.time == TIME',
        'SINK, name: k1. sink.stop.time == TIME',
        'SINK, name: k1. sink.batch.complete == 0',
        'SINK, name: k1. sink.batch.empty == 0',
        'SINK, name: k1. sink.batch.underflow == 0',
        'SINK, name: k1. sink.channel.read.fail == 0',
        'SINK, name: k1. sink.connection.closed.count == 1',
        'SINK, name: k1. sink.connection.creation.count == 1',
        'SINK, name: k1. sink.connection.failed.count == 0',
        'SINK, name: k1. sink.event.drain.attempt == 2',
        'SINK, name: k1. sink.event.drain.sucess == 2',
        'SINK, name: k1. sink.event.write.fail == 0',
        'CHANNEL, name: c1. channel.start.time == TIME',
        'CHANNEL, name: c1. channel.stop.time == TIME',
        'CHANNEL, name: c1. channel.capacity == 100',
        'CHANNEL, name: c1. channel.current.size == 0',
        'CHANNEL, name: c1. channel.event.put.attempt == 2',
        'CHANNEL, name: c1. channel.event.put.success == 2',
        expect.stringMatching(/CHANNEL, name: c1\. channel\.event\.take\.attempt == \d+$/),
        'CHANNEL, name: c1. channel.event.take.success == 2',
      ].map((text) => (typeof text === 'string' ? `Shutdown Metric for type: ${text}` : text)),
    );
  });

  it('drains a memory channel at stop', async () => {
    const { port, lines } = await netcatLines();
    const run = await runAgent(
      `${lines}
      a1.sinks.k1.type = file_roll
      a1.sinks.k1.sink.directory = DIR/later
      a1.sinks.k1.sink.rollInterval = 0`,
      { drainMs: 60_000 },
    );
    await talk(port, 'a\nb\n', 'OK\nOK\n');
    await waitFor('the failing sink', () => run.logged('Failed to open file').length > 0);
    const stopping = run.agent.stop();
    await mkdir(run.dir.join('later'));
    await stopping;
    expect(run.agent.undelivered).toEqual([]);
    expect(await linesIn(run.dir.join('later'))).toEqual(['a', 'b']);
    await run[Symbol.asyncDispose]();
  });

  it('tells how many events a stop loses', async () => {
    const { port, lines } = await netcatLines();
    const run = await runAgent(`${lines}\na1.sinks = none`, { drainMs: 60_000 });
    await talk(port, 'a\nb\n', 'OK\nOK\n');
    await run.agent.stop();
    expect(run.agent.undelivered).toEqual([{ channel: 'c1', events: 2 }]);
    expect(run.logged('Channel c1: 2 events could not be delivered')).toHaveLength(1);
    await run[Symbol.asyncDispose]();
  });
});
