/**
 * A cluster of three brokers, each on a host of its own, and agents on hosts of theirs: what is collected arrives while
 * brokers are killed and started again, networks are cut and healed, and agents are killed.
 */
import { expect, test } from 'vitest';
import { Admin } from '../../packages/millrace/src/clients/kafka/admin/admin.ts';
import { KafkaClient } from '../../packages/millrace/src/clients/kafka/client.ts';
import { tempDir } from '../../packages/testkit/src/files/temp-dir.ts';
import { kcatConsumeAll } from '../../packages/testkit/src/kafka/kcat.ts';
import { RealKafka } from '../../packages/testkit/src/kafka/real-kafka.ts';
import { startHosts } from '../../packages/testkit/src/net/hosts.ts';
import { kafkaChain } from '../../packages/testkit/src/oracle/chains.ts';
import { strayArrivals, topicArrivals } from '../../packages/testkit/src/oracle/kafka.ts';
import {
  countRolled,
  faultsOf,
  judge,
  type Obligations,
  rolledKafkaArrivals,
} from '../../packages/testkit/src/oracle/lines.ts';
import { agentProgram } from '../../packages/testkit/src/oracle/programs.ts';
import { type Chance, chanceOf, roundsOr } from '../../packages/testkit/src/oracle/seed.ts';
import { arrivedOrStill, BusyWriters } from '../../packages/testkit/src/oracle/tailing.ts';
import { waitFor } from '../../packages/testkit/src/process/wait.ts';

const brokerHosts = ['broker-1', 'broker-2', 'broker-3'];
const topic = 'events';

/** The one comes back under its name; of the other the group waits until its session is over. */
const sessionMs = 'a2.sources.r1.kafka.consumer.session.timeout.ms = 6000';
const membership = {
  north: [sessionMs, 'a2.sources.r1.kafka.consumer.group.instance.id = north'],
  south: [sessionMs, 'a2.sources.r1.kafka.consumer.group.instance.id ='],
};
type Site = keyof typeof membership;
const sites = Object.keys(membership) as Site[];

function shuffled<T>(list: readonly T[], chance: Chance): T[] {
  const rest = [...list];
  return list.map(() => rest.splice(chance.int(0, rest.length - 1), 1)[0]!);
}

test('every event arrives, over brokers and agents killed and networks cut', async () => {
  const chance = chanceOf('cluster');
  await using network = await startHosts([
    ...brokerHosts,
    ...sites.flatMap((site) => [`${site}-in`, `${site}-out`]),
  ]);
  await using kafka = await RealKafka.start({
    nodes: 3,
    hosts: { names: brokerHosts, network },
    jvmFlags: ['-Xmx256m'],
    settings: { 'min.insync.replicas': 2 },
  });
  await using client = new KafkaClient({ bootstrapServers: kafka.bootstrap.split(',') });
  await waitFor('three brokers', async () => (await client.metadata([])).brokers.size === 3);
  await new Admin(client).createTopics([{ topic, partitions: 6, replicationFactor: 3 }]);
  await using stack = new AsyncDisposableStack();
  const collectors = sites.map((site) => {
    const dir = stack.use(tempDir(`millrace-${site}-`));
    const chain = kafkaChain(dir, kafka.bootstrap, { more: membership[site].join('\n') });
    const on = (host: string, agent: string) =>
      stack.use(
        agentProgram(chain.configFile, agent, {
          name: `${agent} on ${host}`,
          wrapper: network.host(host).wrapper,
        }),
      );
    const writers = new BusyWriters(chain.input, chance.fork(), { prefix: `${site}-`, pauseMs: 150 });
    return { site, chain, writers, first: on(`${site}-in`, 'a1'), second: on(`${site}-out`, 'a2') };
  });
  const [north, south] = collectors as [(typeof collectors)[0], (typeof collectors)[0]];
  await Promise.all(collectors.flatMap(({ first, second }) => [first.start(), second.start()]));
  for (const { writers } of collectors) writers.start();

  const stored = () => collectors.reduce((sum, { chain }) => sum + countRolled(chain.output), 0);
  /** Lines go on arriving at the far end. */
  const flows = async (lines = 200) => arrivedOrStill(stored, stored() + lines, 120_000);
  const replicated = () =>
    waitFor(
      'all replicas in sync',
      async () =>
        (await client.metadata([topic])).topics
          .get(topic)
          ?.partitions.every(({ isr, leader }) => isr.length === 3 && leader > 0),
      { timeoutMs: 120_000, everyMs: 250 },
    );
  const told: string[] = [];
  /** Whose kills the run is about; the first collector lives through all of it. */
  const victims = [south.first, north.second, south.second];
  const agentKilled = async () => {
    const victim = chance.pick(victims);
    await victim.kill();
    await victim.start();
  };
  const cut = async (host: string) => {
    await network.cut(host);
    // Nothing can be demanded of what is cut off; a while of it is enough.
    await arrivedOrStill(stored, stored() + 100, 3000);
    await network.heal(host);
    told.push(`${host} cut off`);
  };
  expect(await flows()).toBe(true);
  for (let round = 0; round < roundsOr(1); round++) {
    const [cutOff, ...others] = shuffled([1, 2, 3], chance);
    for (const node of others) {
      await kafka.kill(node);
      await agentKilled();
      expect(await flows(), `without broker ${node}`).toBe(true);
      await kafka.restart(node);
      told.push(`broker ${node} killed`);
      await replicated();
    }
    await cut(`broker-${cutOff}`);
    await agentKilled();
    await replicated();
    if (network.kind === 'namespaces') await cut(`${chance.pick(sites)}-${chance.pick(['in', 'out'])}`);
    expect(await flows(), 'when all is healed').toBe(true);
  }
  for (const { writers } of collectors) await writers.stop();

  const obligations: Obligations = new Map(
    collectors.flatMap(({ writers }) => [...writers.lines.obligations]),
  );
  const arrivals = function* () {
    for (const { chain } of collectors) yield* rolledKafkaArrivals(chain.output);
  };
  /** A partition that came to the other site goes on there: order is promised within one. */
  const bySite = function* () {
    for (const { site, chain } of collectors)
      for (const { line, lane } of rolledKafkaArrivals(chain.output)) yield { line, lane: `${site}/${lane}` };
  };
  const count = [...obligations.values()].reduce((sum, lines) => sum + lines, 0);
  await arrivedOrStill(() => count - judge(obligations, bySite()).missing.length, count, 90_000, 500);
  const records = await kcatConsumeAll(kafka.bootstrap, topic);
  for (const { first, second } of collectors) await Promise.all([first.stop(), second.stop()]);
  const verdict = judge(obligations, bySite());
  const inTopic = judge(obligations, topicArrivals(records));
  // Its collector was never killed: what an idempotent producer sends again is not stored again.
  const ofNorth = judge(
    north.writers.lines.obligations,
    [...topicArrivals(records)].filter(({ line }) => line.startsWith('north-')),
  );
  const kills = victims.map(({ name, kills }) => `${name} killed ${kills} times`);
  console.log(
    `cluster on ${network.kind}: ${told.join(', ')}, ${kills.join(', ')}; ${verdict.promised} lines, ` +
      `${inTopic.doubles} doubles in the topic, ${verdict.doubles} at the destination`,
  );
  expect(faultsOf(inTopic)).toEqual([]);
  expect(faultsOf(ofNorth, { allowDoubles: 0 })).toEqual([]);
  expect(faultsOf(verdict)).toEqual([]);
  expect(strayArrivals(records, arrivals())).toEqual([]);
}, 600_000);
