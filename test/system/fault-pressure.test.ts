/** Destinations that are away, disks that are full: back-pressure to the file, bounded memory, nothing lost. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { tempDir } from '../../packages/testkit/src/files/temp-dir.ts';
import { tmpfs } from '../../packages/testkit/src/files/tmpfs.ts';
import { kafkaChain } from '../../packages/testkit/src/oracle/chains.ts';
import { faultsOf, judge, LineWriter, rolledKafkaArrivals } from '../../packages/testkit/src/oracle/lines.ts';
import { LiveChain } from '../../packages/testkit/src/oracle/live.ts';
import { lastingPort } from '../../packages/testkit/src/oracle/port.ts';
import { fetchAll, RawProducer, topicFaults } from '../../packages/testkit/src/oracle/produce.ts';
import {
  agentProgram,
  brokerProgram,
  counterOf,
  monitoringArgs,
} from '../../packages/testkit/src/oracle/programs.ts';
import { arrivedOrStill } from '../../packages/testkit/src/oracle/tailing.ts';
import { memoryOf } from '../../packages/testkit/src/process/process-figures.ts';
import { waitFor } from '../../packages/testkit/src/process/wait.ts';

/** Far above what an agent needs and far below what the input has while nothing leaves. */
const memoryBound = 400e6;
/** How long the destination is away, ms. */
const awayMs = Number(process.env.MILLRACE_AWAY_MS ?? 10_000);

test.each(['memory', 'file'] as const)('the broker is away at full input, %s channel', async (channel) => {
  await using dir = tempDir('millrace-fault-');
  const port = await lastingPort();
  const metricsPort = await lastingPort();
  const chain = kafkaChain(dir, `127.0.0.1:${port}`, {
    channel,
    keyed: false,
    more: `a1.channels.c1.capacity = 10000\na1.channels.c1.keep-alive = 1`,
  });
  await using broker = brokerProgram(dir.join('broker'), port);
  await using a1 = agentProgram(chain.configFile, 'a1', { args: monitoringArgs(metricsPort) });
  await using a2 = agentProgram(chain.configFile, 'a2');
  for (const program of [broker, a1, a2]) await program.start();
  const lines = new LineWriter();
  const present = () =>
    lines.count - judge(lines.obligations, rolledKafkaArrivals(chain.output)).missing.length;
  lines.append(dir.join('in', 'w.log'), 'w', 1000);
  await arrivedOrStill(present, lines.count);

  broker.signal('SIGSTOP');
  const until = Date.now() + awayMs;
  while (Date.now() < until) {
    // About 500 MB/min: what is not held back would be in memory.
    lines.append(dir.join('in', 'w.log'), 'w', 1500);
    await sleep(100);
  }
  const accepted = () => counterOf(metricsPort, 'SOURCE.r1', 'EventAcceptedCount');
  const before = await accepted();
  await sleep(2000);
  expect(await accepted(), 'the source reads on').toBe(before);
  expect(before).toBeLessThan(lines.count);
  expect(memoryOf(a1.pid)!.peakRssBytes).toBeLessThan(memoryBound);
  broker.signal('SIGCONT');
  lines.append(dir.join('in', 'w.log'), 'w', 100);
  await arrivedOrStill(present, lines.count, 40_000);
  const verdict = judge(lines.obligations, rolledKafkaArrivals(chain.output));
  const peak = Math.round(memoryOf(a1.pid)!.peakRssBytes / 1e6);
  console.log(
    `away ${awayMs} ms, ${channel}: ${verdict.promised} lines, ${verdict.doubles} doubles, peak RSS ${peak} MB`,
  );
  expect(faultsOf(verdict)).toEqual([]);
  expect(memoryOf(a1.pid)!.peakRssBytes).toBeLessThan(memoryBound);
});

test('a full disk under the file channel: told, waited for, gone on', async () => {
  await using dir = tempDir('millrace-fault-');
  mkdirSync(dir.join('disk'));
  using _disk = tmpfs(dir.join('disk'), 12);
  const ballast = dir.join('disk', 'ballast');
  writeFileSync(ballast, Buffer.alloc(9 << 20));
  const metricsPort = await lastingPort();
  await using live = await LiveChain.start({
    more: `a1.channels.c1.dataDirs = ${dir.join('disk', 'data')}\na1.channels.c1.checkpointDir = ${dir.join('disk', 'checkpoint')}`,
    prepare: (it) => rmSync(it.chain.output, { recursive: true }),
    program: { args: monitoringArgs(metricsPort) },
  });
  live.write('app.log', 30_000);
  await live.agent.process.waitForLine(
    /Usable space exhausted, only \d+ bytes remaining, required \d+ bytes/,
  );
  rmSync(ballast);
  const accepted = () => counterOf(metricsPort, 'SOURCE.r1', 'EventAcceptedCount');
  const stuckAt = await accepted();
  await waitFor('the source to go on', async () => (await accepted()) > stuckAt);
  mkdirSync(live.chain.output);
  expect(await live.onceFaults()).toEqual([]);
});

test('a full disk under the broker: refused, not acknowledged; gone on when there is room', async () => {
  await using dir = tempDir('millrace-fault-');
  mkdirSync(dir.join('disk'));
  using _disk = tmpfs(dir.join('disk'), 12);
  const port = await lastingPort();
  await using broker = brokerProgram(dir.join('disk', 'broker'), port, {
    args: ['--set', 'segment.bytes=1048576'],
  });
  await broker.start();
  const producer = new RawProducer('p', 1);
  const { WireClient } = await import('../../packages/testkit/src/kafka/wire-client.ts');
  using client = await WireClient.connect(port);
  await client.request('metadata', 9, { topics: [{ name: 't' }], allowAutoTopicCreation: true });
  const ballast = dir.join('disk', 'ballast');
  await producer.run(port, 't', () => producer.acknowledged.length < 200);
  const fill = () => {
    try {
      writeFileSync(ballast, Buffer.alloc(12 << 20));
    } catch {
      // as much as there was room for
    }
  };
  fill();
  await producer.run(port, 't', () => producer.refusals < 50 && producer.acknowledged.length < 50_000);
  expect(producer.refusals).toBeGreaterThan(0);
  expect(broker.running).toBe(true);
  rmSync(ballast);
  const before = producer.acknowledged.length;
  await producer.run(port, 't', () => producer.acknowledged.length < before + 200);
  expect(producer.acknowledged.length).toBeGreaterThanOrEqual(before + 200);
  expect(topicFaults(await fetchAll(port, 't', 1), producer.acknowledged, producer.attempted)).toEqual([]);
});
