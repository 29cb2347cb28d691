/** kill -9 of agents and broker: TAILDIR → channel → Kafka sink → embedded broker → Kafka source → file channel → file_roll. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { tempDir } from '../../packages/testkit/src/files/temp-dir.ts';
import { kcatConsumeAll } from '../../packages/testkit/src/kafka/kcat.ts';
import { TcpProxy } from '../../packages/testkit/src/net/tcp-proxy.ts';
import { type Chain, kafkaChain, kafkaChannelChain } from '../../packages/testkit/src/oracle/chains.ts';
import { segmentFaults, strayArrivals, topicArrivals } from '../../packages/testkit/src/oracle/kafka.ts';
import {
  type Arrival,
  countRolled,
  faultsOf,
  judge,
  LineWriter,
  type Obligations,
  rolledArrivals,
  rolledKafkaArrivals,
  type Verdict,
} from '../../packages/testkit/src/oracle/lines.ts';
import { lastingPort } from '../../packages/testkit/src/oracle/port.ts';
import type { Program } from '../../packages/testkit/src/oracle/program.ts';
import { agentProgram, brokerProgram } from '../../packages/testkit/src/oracle/programs.ts';
import { chanceOf, roundsOr } from '../../packages/testkit/src/oracle/seed.ts';
import { arrivedOrStill, BusyWriters, killRounds } from '../../packages/testkit/src/oracle/tailing.ts';

interface Setting {
  readonly name: string;
  readonly rounds: number;
  readonly programs: readonly Program[];
  readonly chain: Chain;
  readonly arrivals: () => Iterable<Arrival>;
  readonly settleMs?: number;
}

/** Faults while lines are written; then everything runs until all has arrived, or nothing more comes. */
async function underFire(setting: Setting): Promise<{ verdict: Verdict; obligations: Obligations }> {
  const { name, rounds, programs, chain, arrivals } = setting;
  const chance = chanceOf(name);
  for (const program of programs) await program.start();
  const writers = new BusyWriters(chain.input, chance.fork(), { pauseMs: 15 }).start();
  await killRounds(programs, { rounds, chance: chance.fork() });
  for (const program of programs) await program.ready();
  const { obligations, count } = await writers.stop();
  const present = () => count - judge(obligations, arrivals()).missing.length;
  await arrivedOrStill(present, count, setting.settleMs ?? 30_000);
  const verdict = judge(obligations, arrivals());
  const kills = programs.map((program) => `${program.name} ${program.kills}`).join(', ');
  console.log(
    `${name}: ${rounds} rounds, kills: ${kills}; ${verdict.promised} lines, ${verdict.missing.length} missing, ${verdict.doubles} doubles`,
  );
  return { verdict, obligations };
}

/**
 * Flume doubled 21,500 of 80,000 lines over 8 kills: a fifth of that for every kill. Here it is what the sink has under
 * way, 1,000 to 1,500 lines in 8 kills, and more on a machine whose broker falls behind.
 */
const doublesAllowed = (kills: number) => (4_300 * kills) / 8;

test.each([
  { partitions: 4, keyed: true },
  { partitions: 1, keyed: false },
])('the whole chain on the embedded broker, %o', async ({ partitions, keyed }) => {
  await using dir = tempDir('millrace-oracle-');
  const port = await lastingPort();
  const chain = kafkaChain(dir, `127.0.0.1:${port}`, { keyed });
  await using broker = brokerProgram(dir.join('broker'), port, { args: ['--partitions', `${partitions}`] });
  await using a1 = agentProgram(chain.configFile, 'a1');
  await using a2 = agentProgram(chain.configFile, 'a2');
  const programs = [broker, a1, a2];
  const arrivals = () => rolledKafkaArrivals(chain.output);
  const rounds = roundsOr(8);
  const { verdict, obligations } = await underFire({
    name: 'whole chain',
    rounds,
    programs,
    chain,
    arrivals,
  });
  const records = await kcatConsumeAll(`127.0.0.1:${port}`, 'events');
  await Promise.all([a1.stop(), a2.stop()]);
  await broker.stop();

  const kills = broker.kills + a1.kills + a2.kills;
  expect(faultsOf(verdict, { allowDoubles: doublesAllowed(kills) })).toEqual([]);
  expect(faultsOf(judge(obligations, topicArrivals(records)))).toEqual([]);
  expect(strayArrivals(records, arrivals())).toEqual([]);
  const logs = await segmentFaults([dir.join('broker'), dir.join('a1-data'), dir.join('a2-data')]);
  expect(logs.faults).toEqual([]);
  expect(logs.files).toBeGreaterThan(2);
});

test('a Kafka channel on the embedded broker', async () => {
  await using dir = tempDir('millrace-oracle-');
  const port = await lastingPort();
  const chain = kafkaChannelChain(dir, `127.0.0.1:${port}`);
  await using broker = brokerProgram(dir.join('broker'), port);
  await using a1 = agentProgram(chain.configFile, 'a1');
  const programs = [broker, a1];
  const arrivals = () => rolledArrivals(chain.output);
  const { verdict } = await underFire({
    name: 'Kafka channel',
    rounds: roundsOr(8),
    programs,
    chain,
    arrivals,
  });
  await a1.stop();
  await broker.stop();
  expect(faultsOf(verdict, { allowDoubles: doublesAllowed(broker.kills + a1.kills) })).toEqual([]);
  const logs = await segmentFaults([dir.join('broker')]);
  expect(logs.faults).toEqual([]);
});

/** Lines that are with the sink while the broker does not answer; then both are killed. */
async function killedWhileWaiting(sabotage?: string): Promise<Verdict> {
  await using dir = tempDir('millrace-oracle-');
  const port = await lastingPort();
  const chain = kafkaChain(dir, `127.0.0.1:${port}`);
  await using broker = brokerProgram(dir.join('broker'), port);
  await using a1 = agentProgram(chain.configFile, 'a1', { sabotage });
  await using a2 = agentProgram(chain.configFile, 'a2');
  const programs = [broker, a1, a2];
  for (const program of programs) await program.start();
  const lines = new LineWriter();
  const path = dir.join('in', 'w.log');
  const present = () =>
    lines.count - judge(lines.obligations, rolledKafkaArrivals(chain.output)).missing.length;
  lines.append(path, 'w', 200);
  await arrivedOrStill(present, lines.count);
  broker.signal('SIGSTOP');
  lines.append(path, 'w', 500);
  await sleep(1500);
  await Promise.all([broker.kill(), a1.kill()]);
  for (const program of [broker, a1]) await program.start();
  lines.append(path, 'w', 100);
  await arrivedOrStill(present, lines.count, sabotage === undefined ? 30_000 : 4_000);
  return judge(lines.obligations, rolledKafkaArrivals(chain.output));
}

test('broker and agent killed while events are on their way', async () => {
  expect(faultsOf(await killedWhileWaiting())).toEqual([]);
});

test('the oracle goes red: a Kafka sink that commits before the broker has answered', async () => {
  expect((await killedWhileWaiting('early-send-commit')).missing.length).toBeGreaterThan(0);
});

test('as Flume was measured: 80,000 lines, 8 kills of the agent, under a fifth of its doubles', async () => {
  await using dir = tempDir('millrace-oracle-');
  const chance = chanceOf('80,000 lines, 8 kills');
  const port = await lastingPort();
  const chain = kafkaChain(dir, `127.0.0.1:${port}`, { keyed: false });
  await using broker = brokerProgram(dir.join('broker'), port, { args: ['--partitions', '4'] });
  await using a1 = agentProgram(chain.configFile, 'a1');
  await using a2 = agentProgram(chain.configFile, 'a2');
  for (const program of [broker, a1, a2]) await program.start();
  const lines = new LineWriter();
  for (let kill = 0; kill < 8; kill++) {
    const parts = chance.int(20, 40);
    for (let i = 0; i < parts; i++) {
      const count = Math.round((10_000 * (i + 1)) / parts) - Math.round((10_000 * i) / parts);
      lines.append(dir.join('in', 'w.log'), 'w', count, chance);
      await sleep(chance.int(5, 40));
    }
    await a1.kill();
    await a1.start();
  }
  const arrivals = () => rolledKafkaArrivals(chain.output);
  await arrivedOrStill(() => countRolled(chain.output), lines.count);
  await arrivedOrStill(() => lines.count - judge(lines.obligations, arrivals()).missing.length, lines.count);
  const verdict = judge(lines.obligations, arrivals());
  console.log(`80,000 lines, 8 kills: ${verdict.doubles} doubles`);
  expect(verdict.promised).toBe(80_000);
  expect(faultsOf({ ...verdict, disordered: [] }, { allowDoubles: doublesAllowed(8) })).toEqual([]);
});

test('a network that cuts, delays and swallows between agents and broker', async () => {
  await using dir = tempDir('millrace-oracle-');
  const name = 'bad network';
  const chance = chanceOf(name);
  const port = await lastingPort();
  // Clients go to the address that the broker tells them: the proxy has that one, on the same port.
  const [here, there] = ['127.0.0.1', '127.0.0.2'];
  await using proxy = await TcpProxy.start({ targetPort: port, targetHost: here, host: there, port });
  const quick = ['request.timeout.ms = 3000', 'retry.backoff.ms = 50'];
  const chain = kafkaChain(dir, `${there}:${port}`, {
    more: quick
      .map((line) => `a1.sinks.k1.kafka.producer.${line}\na2.sources.r1.kafka.consumer.${line}`)
      .join('\n'),
  });
  await using broker = brokerProgram(dir.join('broker'), port, {
    args: ['--advertise', there, '--partitions', '4'],
  });
  await using a1 = agentProgram(chain.configFile, 'a1');
  await using a2 = agentProgram(chain.configFile, 'a2');
  for (const program of [broker, a1, a2]) await program.start();
  const writers = new BusyWriters(chain.input, chance.fork(), { pauseMs: 15 }).start();
  const rounds = roundsOr(12);
  const faults = chance.fork();
  const told = new Map<string, number>();
  for (let round = 0; round < rounds; round++) {
    await sleep(faults.int(50, 400));
    const fault = faults.pick(['cut', 'cut-in-the-middle', 'delay', 'swallow', 'refuse'] as const);
    told.set(fault, (told.get(fault) ?? 0) + 1);
    if (fault === 'cut') proxy.cutAll();
    else if (fault === 'cut-in-the-middle') proxy.cutAfter(faults.int(1, 50_000));
    else if (fault === 'delay') proxy.setDelayMs(faults.int(5, 100));
    else if (fault === 'swallow') proxy.setBlackHole(true);
    else {
      proxy.setRefuse(true);
      proxy.cutAll();
    }
    await sleep(faults.int(100, fault === 'swallow' ? 4_000 : 800));
    proxy.setDelayMs(0);
    proxy.setBlackHole(false);
    proxy.setRefuse(false);
  }
  const { obligations, count } = await writers.stop();
  const arrivals = () => rolledKafkaArrivals(chain.output);
  await arrivedOrStill(() => count - judge(obligations, arrivals()).missing.length, count, 30_000);
  const verdict = judge(obligations, arrivals());
  const list = [...told].map(([fault, times]) => `${fault} ${times}`).join(', ');
  console.log(`${name}: ${list}; ${verdict.promised} lines, ${verdict.doubles} doubles`);
  expect(proxy.forwardedBytes).toBeGreaterThan(100_000);
  expect(faultsOf(verdict)).toEqual([]);
});
