/** kill -9 of an agent and of Apache Kafka between topic and topic: KafkaChannel → transactional KafkaSink, every id once. */
import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { KafkaClient } from '../../packages/millrace/src/clients/kafka/client.ts';
import { tempDir } from '../../packages/testkit/src/files/temp-dir.ts';
import { kcat } from '../../packages/testkit/src/kafka/kcat.ts';
import { RealKafka } from '../../packages/testkit/src/kafka/real-kafka.ts';
import { Feeder } from '../../packages/testkit/src/oracle/feeder.ts';
import { millraceProgram } from '../../packages/testkit/src/oracle/programs.ts';
import { chanceOf, roundsOr } from '../../packages/testkit/src/oracle/seed.ts';
import { killRounds } from '../../packages/testkit/src/oracle/tailing.ts';

let kafka: RealKafka;
let client: KafkaClient;
beforeAll(async () => {
  kafka = await RealKafka.start();
  client = new KafkaClient({ bootstrapServers: [kafka.bootstrap] });
});
afterAll(async () => {
  await client.close();
  await kafka[Symbol.asyncDispose]();
});

/** From `in-NAME` to `out-NAME`; a static member takes over from the one that was killed without waiting for its session. */
const agentText = (name: string): string => `
a1.channels = c1
a1.sinks = k1
a1.channels.c1.type = org.apache.flume.channel.kafka.KafkaChannel
a1.channels.c1.kafka.bootstrap.servers = ${kafka.bootstrap}
a1.channels.c1.kafka.topic = in-${name}
a1.channels.c1.parseAsFlumeEvent = false
a1.channels.c1.kafka.consumer.group.id = g-${name}
a1.channels.c1.kafka.consumer.group.instance.id = a1
a1.sinks.k1.type = org.apache.flume.sink.kafka.KafkaSink
a1.sinks.k1.channel = c1
a1.sinks.k1.kafka.bootstrap.servers = ${kafka.bootstrap}
a1.sinks.k1.kafka.topic = out-${name}
a1.sinks.k1.flumeBatchSize = 150
a1.sinks.k1.kafka.producer.acks = all
a1.sinks.k1.kafka.producer.transactional.id = a1-k1-${name}
`;

/** How long a topic may take to be read while it is written. */
const mostReadMs = 20_000;

async function committedOf(topic: string, timeoutMs = 120_000): Promise<string[]> {
  const args = ['-C', '-t', topic, '-o', 'beginning', '-e', '-q', '-X', 'isolation.level=read_committed'];
  const { stdout } = await kcat(kafka.bootstrap, args, { timeoutMs });
  return stdout.split('\n').filter((line) => line !== '');
}

/** What has arrived of a topic that is being written; null where kcat found no end of it: more came all the time. */
async function arrivedIn(topic: string): Promise<string[] | null> {
  try {
    return await committedOf(topic, mostReadMs);
  } catch (error) {
    if (error instanceof Error && error.message.includes('did not end within')) return null;
    throw error;
  }
}

interface Found {
  readonly fed: number;
  readonly missing: number;
  readonly doubles: number;
}

async function underFire(
  name: string,
  options: { rounds: number; sabotage?: string; restartsBroker?: boolean; stillMs?: number },
): Promise<Found> {
  const chance = chanceOf(`exactly once, ${name}`);
  await using dir = tempDir('millrace-once-');
  await kafka.tools.createTopic(`in-${name}`, { partitions: 2 });
  await kafka.tools.createTopic(`out-${name}`, { partitions: 3 });
  const file = dir.join('a1.properties');
  writeFileSync(file, agentText(name));
  await using agent = millraceProgram({
    name: 'agent a1',
    ready: /Kafka Channel: c1/,
    args: ['agent', '-n', 'a1', '-f', file, '-Dflume.root.logger=INFO,console'],
    sabotage: options.sabotage,
  });
  await agent.start();
  const feeder = new Feeder(client, `in-${name}`);
  const half = Math.ceil(options.rounds / 2);
  // Longer than a start takes, so that kills meet transactions.
  const kills = { chance: chance.fork(), maxPauseMs: 4000 };
  await killRounds([agent], { ...kills, rounds: half });
  if (options.restartsBroker === true) {
    await agent.ready();
    await sleep(chance.int(500, 3000));
    await kafka.kill();
    await sleep(chance.int(0, 2000));
    await kafka.restart();
    await sleep(chance.int(500, 3000));
  }
  await killRounds([agent], { ...kills, rounds: options.rounds - half });
  const fed = await feeder.stop();
  await agent.ready();
  let seen = new Set<string>();
  for (let still = 0, last = -1; seen.size < fed && still < (options.stillMs ?? 60_000); ) {
    await sleep(1000);
    const arrived = await arrivedIn(`out-${name}`);
    if (arrived !== null) seen = new Set(arrived);
    still = seen.size === last ? still + (arrived === null ? mostReadMs : 1000) : 0;
    last = seen.size;
  }
  // What is under way may still come twice.
  await sleep(2000);
  await agent.stop();
  const bodies = await committedOf(`out-${name}`);
  seen = new Set(bodies);
  const found = { fed, missing: fed - seen.size, doubles: bodies.length - seen.size };
  console.log(`exactly once, ${name}: ${agent.kills} kills, ${JSON.stringify(found)}`);
  if (found.missing > 0) console.log(agent.output.slice(-8000));
  return found;
}

test('the agent is killed at any moment, the broker in between: none is missing, none comes twice', async () => {
  const found = await underFire('kills', { rounds: roundsOr(6), restartsBroker: true });
  expect(found).toEqual({ fed: found.fed, missing: 0, doubles: 0 });
  expect(found.fed).toBeGreaterThan(1000);
});

test('the oracle goes red: offsets that are committed behind the transaction', async () => {
  const { doubles } = await underFire('sabotage', { rounds: 4, sabotage: 'offsets-behind' });
  expect(doubles).toBeGreaterThan(0);
});
