/** kill -9 of agents and broker: TAILDIR → channel → Kafka sink → embedded broker → Kafka source → file channel → file_roll. */
import { expect, test } from 'vitest';
import { kcatConsumeAll } from '../support/kcat.ts';
import { type Chain, kafkaChain, kafkaChannelChain } from '../support/oracle-chains.ts';
import { segmentFaults, strayArrivals, topicArrivals } from '../support/oracle-kafka.ts';
import {
  type Arrival,
  faultsOf,
  judge,
  type Obligations,
  rolledArrivals,
  rolledKafkaArrivals,
  type Verdict,
} from '../support/oracle-lines.ts';
import { lastingPort } from '../support/oracle-port.ts';
import { agentProgram, brokerProgram, type Program } from '../support/oracle-programs.ts';
import { chanceOf, roundsOr } from '../support/oracle-seed.ts';
import { arrivedOrStill, BusyWriters, killRounds } from '../support/oracle-tailing.ts';
import { tempDir } from '../support/temp-dir.ts';

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

/** Flume doubled 21,500 of 80,000 lines over 8 kills: a tenth of that for every kill. */
const doublesAllowed = (kills: number) => (2_150 * kills) / 8;

test('the whole chain on the embedded broker', async () => {
  await using dir = tempDir('millrace-oracle-');
  const port = await lastingPort();
  const chain = kafkaChain(dir, `127.0.0.1:${port}`);
  await using broker = brokerProgram(dir.join('broker'), port, { args: ['--partitions', '4'] });
  await using a1 = agentProgram(chain.configFile, 'a1');
  await using a2 = agentProgram(chain.configFile, 'a2');
  const programs = [broker, a1, a2];
  const arrivals = () => rolledKafkaArrivals(chain.output);
  const rounds = roundsOr(12);
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

test('the oracle goes red: a Kafka sink that commits before the broker has answered', async () => {
  await using dir = tempDir('millrace-oracle-');
  const port = await lastingPort();
  const chain = kafkaChain(dir, `127.0.0.1:${port}`);
  await using broker = brokerProgram(dir.join('broker'), port, { args: ['--partitions', '4'] });
  await using a1 = agentProgram(chain.configFile, 'a1', { sabotage: 'early-send-commit' });
  await using a2 = agentProgram(chain.configFile, 'a2');
  const { verdict } = await underFire({
    name: 'early-send-commit',
    rounds: 6,
    programs: [broker, a1, a2],
    chain,
    arrivals: () => rolledKafkaArrivals(chain.output),
    settleMs: 4_000,
  });
  expect(verdict.missing.length).toBeGreaterThan(0);
});
