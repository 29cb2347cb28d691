/**
 * A cluster of three brokers, each on a host of its own, and agents on hosts of theirs: what is collected arrives while
 * brokers are killed and started again, networks are cut and healed, and agents are killed. And what is to be there
 * once is there once: from topic to topic in transactions, and mirrored from an embedded broker.
 */
import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Admin } from '../../packages/millrace/src/clients/kafka/admin/admin.ts';
import { KafkaClient } from '../../packages/millrace/src/clients/kafka/client.ts';
import { readableEnds } from '../../packages/millrace/src/clients/kafka/mirror/partition-ends.ts';
import { retrying } from '../../packages/millrace/src/clients/kafka/mirror/retrying.ts';
import { tempDir } from '../../packages/testkit/src/files/temp-dir.ts';
import { kcat, kcatConsumeAll } from '../../packages/testkit/src/kafka/kcat.ts';
import { MirrorSide } from '../../packages/testkit/src/kafka/mirror-cases.ts';
import { RealKafka } from '../../packages/testkit/src/kafka/real-kafka.ts';
import { freePort } from '../../packages/testkit/src/net/free-port.ts';
import { type HostNetwork, startHosts } from '../../packages/testkit/src/net/hosts.ts';
import { kafkaChain } from '../../packages/testkit/src/oracle/chains.ts';
import { Feeder } from '../../packages/testkit/src/oracle/feeder.ts';
import { strayArrivals, topicArrivals } from '../../packages/testkit/src/oracle/kafka.ts';
import {
  countRolled,
  faultsOf,
  judge,
  type Obligations,
  rolledKafkaArrivals,
} from '../../packages/testkit/src/oracle/lines.ts';
import { agentProgram, brokerProgram } from '../../packages/testkit/src/oracle/programs.ts';
import { type Chance, chanceOf, roundsOr } from '../../packages/testkit/src/oracle/seed.ts';
import { arrivedOrStill, BusyWriters } from '../../packages/testkit/src/oracle/tailing.ts';
import { startMillrace } from '../../packages/testkit/src/process/millrace.ts';
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

let network: HostNetwork;
let kafka: RealKafka;
let client: KafkaClient;
beforeAll(async () => {
  const hosts = sites.flatMap((site) => [`${site}-in`, `${site}-out`]);
  network = await startHosts([...brokerHosts, ...hosts]);
  kafka = await RealKafka.start({
    nodes: 3,
    hosts: { names: brokerHosts, network },
    jvmFlags: ['-Xmx256m'],
    settings: { 'min.insync.replicas': 2 },
  });
  client = new KafkaClient({ bootstrapServers: kafka.bootstrap.split(',') });
  await waitFor('three brokers', async () => (await client.metadata([])).brokers.size === 3);
});
afterAll(async () => {
  await client?.close();
  await kafka?.[Symbol.asyncDispose]();
  await network?.[Symbol.asyncDispose]();
});

const replicated = (topics: readonly string[]) =>
  waitFor(
    'all replicas in sync',
    async () => {
      const found = (await client.metadata(topics)).topics;
      return topics.every((name) =>
        found.get(name)?.partitions.every(({ isr, leader }) => isr.length === 3 && leader > 0),
      );
    },
    { timeoutMs: 120_000, everyMs: 250 },
  );

test('every event arrives, over brokers and agents killed and networks cut', async () => {
  const chance = chanceOf('cluster');
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
      await replicated([topic]);
    }
    await cut(`broker-${cutOff}`);
    await agentKilled();
    await replicated([topic]);
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

const [source, sink] = ['once-in', 'once-out'];
const mirrored = 'mirrored';

/** A static member takes over from the one that was killed without waiting for its session. */
const onceText = (): string => `
a1.channels = c1
a1.sinks = k1
a1.channels.c1.type = org.apache.flume.channel.kafka.KafkaChannel
a1.channels.c1.kafka.bootstrap.servers = ${kafka.bootstrap}
a1.channels.c1.kafka.topic = ${source}
a1.channels.c1.parseAsFlumeEvent = false
a1.channels.c1.kafka.consumer.group.id = once
a1.channels.c1.kafka.consumer.group.instance.id = a1
a1.sinks.k1.type = org.apache.flume.sink.kafka.KafkaSink
a1.sinks.k1.channel = c1
a1.sinks.k1.kafka.bootstrap.servers = ${kafka.bootstrap}
a1.sinks.k1.kafka.topic = ${sink}
a1.sinks.k1.flumeBatchSize = 150
a1.sinks.k1.kafka.producer.acks = all
a1.sinks.k1.kafka.producer.transactional.id = once
`;

/** Bodies of what counts in a topic. */
async function committedIn(topic: string): Promise<string[]> {
  const args = ['-C', '-t', topic, '-o', 'beginning', '-e', '-q', '-X', 'isolation.level=read_committed'];
  const { stdout } = await kcat(kafka.bootstrap, args, { timeoutMs: 120_000 });
  return stdout.split('\n').filter((line) => line !== '');
}

test('each record is there once: in transactions and mirrored, over every broker killed in turn', async () => {
  const chance = chanceOf('once in a cluster');
  await using dir = tempDir('millrace-once-');
  const port = await freePort();
  await using embedded = await brokerProgram(dir.join('broker'), port).start();
  const from = `127.0.0.1:${port}`;
  await using here = new MirrorSide(from);
  await using there = new MirrorSide(kafka.bootstrap);
  await here.create({ topic: mirrored, partitions: 2 });
  await there.admin.createTopics(
    [source, sink].map((topic) => ({ topic, partitions: 2, replicationFactor: 3 })),
  );
  const file = dir.join('a1.properties');
  writeFileSync(file, onceText());
  await using agent = await agentProgram(file, 'a1', { ready: /Kafka Channel: c1/ }).start();
  const args = ['kafka-mirror', '--from', from, '--to', kafka.bootstrap, '--topics', mirrored];
  await using stack = new AsyncDisposableStack();
  const startMirror = async () =>
    stack.use(await startMillrace([...args, '--follow', '--replication-factor', '3']));
  let mirror = await startMirror();
  const feeders = [
    new Feeder(here.client, mirrored, { pauseMs: 20 }),
    new Feeder(client, source, { pauseMs: 20 }),
  ] as const;

  /** Records of the topic that count, and markers. */
  const counted = async (topic: string): Promise<number> => {
    const partitions = [0, 1].map((partition) => ({ topic, partition }));
    const ends = await retrying(() => readableEnds(client, partitions), new AbortController().signal);
    return [...ends.values()].reduce((sum, { end }) => sum + end, 0);
  };
  /** More and more of it counts in the cluster. */
  const flows = async (when: string): Promise<void> => {
    for (const topic of [sink, mirrored]) {
      const wanted = (await counted(topic)) + 500;
      await waitFor(`progress in ${topic}, ${when}`, async () => (await counted(topic)) >= wanted, {
        ...{ timeoutMs: 120_000, everyMs: 200 },
      });
    }
  };
  await waitFor(
    'the mirrored topic',
    async () => (await there.client.metadata([mirrored])).topics.get(mirrored)?.errorCode === 0,
  );
  const { partitions } = (await there.client.metadata([mirrored])).topics.get(mirrored)!;
  expect(partitions.map(({ replicas }) => replicas.length)).toEqual([3, 3]);
  await flows('at first');
  for (const [round, node] of shuffled([1, 2, 3], chance).entries()) {
    await kafka.kill(node);
    await flows(`without broker ${node}`);
    if (round === 0) {
      await embedded.kill();
      await embedded.start();
      await flows('after the source was killed');
    }
    if (round === 1) {
      await agent.kill();
      await agent.spawn();
    }
    if (round === 2) {
      await mirror.kill();
      mirror = await startMirror();
      await flows('after the mirror was killed');
    }
    await kafka.restart(node);
    await replicated([source, sink, mirrored, '__consumer_offsets', '__transaction_state']);
  }
  await flows('when all are there again');
  const [fedHere, fedThere] = await Promise.all(feeders.map((feeder) => feeder.stop()));
  expect(mirror.running, mirror.tail(20)).toBe(true);
  expect((await mirror.stop({ signal: 'SIGINT', graceMs: 60_000 })).code, mirror.tail(20)).toBe(0);
  await using last = await startMillrace(args);
  expect((await last.exited).code, last.tail(20)).toBe(0);
  const found = await there.records(mirrored, 2);
  expect(found).toEqual(await here.records(mirrored, 2));
  expect(new Set(found.flat().map((text) => JSON.parse(text).value)).size).toBe(fedHere);

  await waitFor('all that was fed', async () => new Set(await committedIn(sink)).size >= fedThere!, {
    ...{ timeoutMs: 120_000, everyMs: 1000 },
  });
  await agent.stop();
  const bodies = await committedIn(sink);
  const distinct = new Set(bodies).size;
  console.log(`cluster, once: ${fedThere} through transactions, ${fedHere} mirrored`);
  expect({ missing: fedThere! - distinct, doubles: bodies.length - distinct }).toEqual({
    missing: 0,
    doubles: 0,
  });
}, 600_000);
