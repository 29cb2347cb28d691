/** Clean stops under load, second signals, and a configuration that changes all the time. */

import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Agent } from '../../packages/millrace/src/agent/agent.ts';
import { tempDir } from '../../packages/testkit/src/files/temp-dir.ts';
import { fileChain, kafkaChain } from '../../packages/testkit/src/oracle/chains.ts';
import {
  faultsOf,
  judge,
  rolledArrivals,
  rolledKafkaArrivals,
} from '../../packages/testkit/src/oracle/lines.ts';
import { LiveChain } from '../../packages/testkit/src/oracle/live.ts';
import { lastingPort } from '../../packages/testkit/src/oracle/port.ts';
import { agentProgram, brokerProgram } from '../../packages/testkit/src/oracle/programs.ts';
import { chanceOf, roundsOr } from '../../packages/testkit/src/oracle/seed.ts';
import { arrivedOrStill, BusyWriters } from '../../packages/testkit/src/oracle/tailing.ts';

const signals = ['SIGTERM', 'SIGINT'] as const;
const exitCodes = { SIGTERM: [0, 3], SIGINT: [0, 3] };

test.each(['file', 'memory'] as const)(
  'stopped under load, %s channel: no loss and no double',
  async (channel) => {
    await using dir = tempDir('millrace-fault-');
    const chance = chanceOf(`stop, ${channel} channel`);
    const chain = fileChain(dir, { channel });
    const writers = new BusyWriters(chain.input, chance.fork(), { pauseMs: 5 }).start();
    await using agent = agentProgram(chain.configFile);
    for (let round = 0; round < roundsOr(6); round++) {
      await agent.start();
      await sleep(chance.int(0, 600));
      const signal = signals[round % 2]!;
      const { code } = await agent.stop(signal);
      expect(exitCodes[signal]).toContain(code);
    }
    await agent.start();
    const { obligations, count } = await writers.stop();
    await arrivedOrStill(
      () => count - judge(obligations, rolledArrivals(chain.output)).missing.length,
      count,
    );
    await agent.stop();
    expect(faultsOf(judge(obligations, rolledArrivals(chain.output)), { allowDoubles: 0 })).toEqual([]);
  },
);

test('stopped under load, through Kafka: no loss and no double', async () => {
  await using dir = tempDir('millrace-fault-');
  const chance = chanceOf('stop, Kafka');
  const port = await lastingPort();
  const chain = kafkaChain(dir, `127.0.0.1:${port}`);
  await using broker = brokerProgram(dir.join('broker'), port, { args: ['--partitions', '4'] });
  await using a1 = agentProgram(chain.configFile, 'a1');
  await using a2 = agentProgram(chain.configFile, 'a2');
  await broker.start();
  const writers = new BusyWriters(chain.input, chance.fork(), { pauseMs: 10 }).start();
  for (let round = 0; round < roundsOr(5); round++) {
    await Promise.all([a1.start(), a2.start()]);
    await sleep(chance.int(200, 1000));
    const signal = signals[round % 2]!;
    const exits = await Promise.all([a1.stop(signal), a2.stop(signal)]);
    for (const { code } of exits) expect(exitCodes[signal]).toContain(code);
    if (round % 2 === 1) {
      await broker.stop(signal);
      await broker.start();
    }
  }
  await Promise.all([a1.start(), a2.start()]);
  const { obligations, count } = await writers.stop();
  const arrivals = () => rolledKafkaArrivals(chain.output);
  await arrivedOrStill(() => count - judge(obligations, arrivals()).missing.length, count);
  expect(faultsOf(judge(obligations, arrivals()), { allowDoubles: 0 })).toEqual([]);
});

/** A server that takes connections and never answers. */
async function silentServer() {
  const { promise: connected, resolve } = Promise.withResolvers<void>();
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => {}));
    resolve();
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    port: (server.address() as AddressInfo).port,
    connected,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((closed) => server.close(closed));
    },
  };
}

test.each(['delivered', 'channel'] as const)(
  'killed while a memory channel holds what nobody has taken, acknowledge = %s',
  async (acknowledge) => {
    await using silent = await silentServer();
    const kafka = `a1.sinks.k1.type = org.apache.flume.sink.kafka.KafkaSink\na1.sinks.k1.kafka.bootstrap.servers = 127.0.0.1:${silent.port}`;
    await using live = await LiveChain.start({
      channel: 'memory',
      more: `a1.sources.r1.acknowledge = ${acknowledge}\n${kafka}`,
    });
    const count = chanceOf(`killed, ${acknowledge}`).int(1, 3000);
    live.write('app.log', count);
    await silent.connected;
    await sleep(500);
    await live.agent.kill();
    appendFileSync(live.chain.configFile, '\na1.sinks.k1.type = file_roll\n');
    await live.agent.start();
    if (acknowledge === 'delivered') expect(await live.onceFaults()).toEqual([]);
    // Flume's way: the position has moved, and the lines are gone with the channel.
    else expect((await live.settle(2000)).missing.length).toBeGreaterThan(0);
  },
);

test.each([
  ['SIGTERM', 143],
  ['SIGINT', 130],
] as const)('a second %s ends a stop that takes its time', async (signal, code) => {
  // The destination takes connections and says nothing: it is not known to be down, so the stop waits for it.
  await using silent = await silentServer();
  await using live = await LiveChain.start({
    channel: 'memory',
    more: `a1.sinks.k1.type = org.apache.flume.sink.kafka.KafkaSink\na1.sinks.k1.kafka.bootstrap.servers = 127.0.0.1:${silent.port}`,
    program: { args: ['--drain', '600'] },
  });
  live.write('app.log', 50);
  await silent.connected;
  await sleep(1000);
  live.agent.signal(signal);
  await live.agent.process.waitForLine(/stopping/);
  await sleep(500);
  expect(live.agent.running).toBe(true);
  live.agent.signal(signal);
  expect((await live.agent.process.exited).code).toBe(code);
});

/** A sound variation of the configuration: other batch sizes, capacities, an interceptor that comes and goes. */
const variation = (text: string, n: number): string =>
  [
    text,
    `a1.sources.r1.batchSize = ${20 + n}`,
    `a1.sinks.k1.sink.batchSize = ${10 + 3 * n}`,
    `a1.channels.c1.transactionCapacity = ${500 + n}`,
    ...(n % 3 === 0
      ? ['a1.sources.r1.interceptors = i1', 'a1.sources.r1.interceptors.i1.type = timestamp']
      : []),
    '',
  ].join('\n');

test.each(['file', 'memory'] as const)(
  '50 reloads in a row under load, %s channel: in is out',
  async (channel) => {
    await using dir = tempDir('millrace-fault-');
    const chain = fileChain(dir, { channel });
    const text = readFileSync(chain.configFile, 'utf8');
    const agent = await Agent.fromFile(chain.configFile, 'a1', { reloadIntervalMs: 0, drainMs: 5_000 });
    await agent.start();
    const writers = new BusyWriters(chain.input, chanceOf(`reload, ${channel} channel`), {
      pauseMs: 5,
    }).start();
    for (let n = 0; n < roundsOr(50); n++) {
      writeFileSync(chain.configFile, variation(text, n));
      expect(await agent.reload()).toMatchObject({ reloaded: true, undelivered: [] });
      await sleep(20);
    }
    const { obligations, count } = await writers.stop();
    await arrivedOrStill(
      () => count - judge(obligations, rolledArrivals(chain.output)).missing.length,
      count,
    );
    await agent.stop();
    expect(faultsOf(judge(obligations, rolledArrivals(chain.output)), { allowDoubles: 0 })).toEqual([]);
  },
);

test('the file changes 50 times under a running agent; a broken one leaves the old running and says why', async () => {
  await using live = await LiveChain.start({ program: { args: ['-i', '1'] } });
  const text = readFileSync(live.chain.configFile, 'utf8');
  for (let n = 0; n < 50; n++) {
    writeFileSync(live.chain.configFile, variation(text, n));
    live.write('app.log', 30);
    await sleep(60);
  }
  await live.agent.process.waitForLine(/Reloading configuration file/);
  const broken: [string, RegExp][] = [
    ['a1.channels.c1.type = fiel', /not taken, the old one goes on: .*c1/],
    ['a1.sources.r1.channels = c9', /not taken, the old one goes on: .*r1/],
    ['a1.sinks.k1.sink.batchSize = many', /not taken, the old one goes on: .*k1/],
    ['a1.channels =', /not taken, the old one goes on: /],
  ];
  for (const [line, why] of broken) {
    await sleep(20); // a later modification time
    writeFileSync(live.chain.configFile, `${text}${line}\n`);
    const told = live.agent.output.split('not taken').length;
    while (live.agent.output.split('not taken').length === told) await sleep(50);
    expect(
      live.agent.output
        .split('\n')
        .filter((it) => it.includes('not taken'))
        .at(-1),
      line,
    ).toMatch(why);
    live.write('app.log', 100);
    expect(faultsOf(await live.settle()), line).toEqual([]);
  }
  writeFileSync(live.chain.configFile, variation(text, 51));
  live.write('app.log', 100);
  expect(await live.onceFaults()).toEqual([]);
});
