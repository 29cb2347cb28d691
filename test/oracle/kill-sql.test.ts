/** kill -9 of an agent between topic and table: KafkaChannel or KafkaSource → sql → PostgreSQL, every id once. */
import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { KafkaClient } from '../../packages/millrace/src/clients/kafka/client.ts';
import { tempDir } from '../../packages/testkit/src/files/temp-dir.ts';
import { RealKafka } from '../../packages/testkit/src/kafka/real-kafka.ts';
import { Feeder, jsonId } from '../../packages/testkit/src/oracle/feeder.ts';
import { agentProgram } from '../../packages/testkit/src/oracle/programs.ts';
import { chanceOf, roundsOr } from '../../packages/testkit/src/oracle/seed.ts';
import { killRounds } from '../../packages/testkit/src/oracle/tailing.ts';
import { RealPostgres } from '../../packages/testkit/src/sql/real-postgres.ts';

let kafka: RealKafka;
let postgres: RealPostgres;
let client: KafkaClient;
beforeAll(async () => {
  [kafka, postgres] = await Promise.all([RealKafka.start(), RealPostgres.start()]);
  client = new KafkaClient({ bootstrapServers: [kafka.bootstrap] });
});
afterAll(async () => {
  await client?.close();
  await Promise.all([kafka?.[Symbol.asyncDispose](), postgres?.[Symbol.asyncDispose]()]);
});

const sinkLines = (name: string, key: string): string => `
a1.sinks = k1
a1.sinks.k1.type = sql
a1.sinks.k1.channel = c1
a1.sinks.k1.url = ${postgres.url()}
a1.sinks.k1.table = ${name}
a1.sinks.k1.columns = id
a1.sinks.k1.types.id = bigint
a1.sinks.k1.key = ${key}
a1.sinks.k1.batchSize = 150
`;

/** A static member takes over from the one that was killed without waiting for its session. */
const channelText = (name: string, key: string): string => `
a1.channels = c1
a1.channels.c1.type = org.apache.flume.channel.kafka.KafkaChannel
a1.channels.c1.kafka.bootstrap.servers = ${kafka.bootstrap}
a1.channels.c1.kafka.topic = ${name}
a1.channels.c1.parseAsFlumeEvent = false
a1.channels.c1.kafka.consumer.group.id = g-${name}
a1.channels.c1.kafka.consumer.group.instance.id = a1
${sinkLines(name, key)}`;

const sourceText = (name: string, key: string, folder: string): string => `
a1.sources = r1
a1.channels = c1
a1.sources.r1.type = org.apache.flume.source.kafka.KafkaSource
a1.sources.r1.channels = c1
a1.sources.r1.kafka.bootstrap.servers = ${kafka.bootstrap}
a1.sources.r1.kafka.topics = ${name}
a1.sources.r1.kafka.consumer.group.id = g-${name}
a1.sources.r1.kafka.consumer.group.instance.id = a1
a1.sources.r1.kafka.consumer.auto.offset.reset = earliest
a1.channels.c1.type = file
a1.channels.c1.checkpointDir = ${folder}/checkpoint
a1.channels.c1.dataDirs = ${folder}/data
${sinkLines(name, key)}`;

interface Found {
  readonly fed: number;
  readonly missing: number;
  readonly doubles: number;
}

async function underFire(
  name: string,
  {
    text,
    rounds,
    key,
  }: { text: (name: string, key: string, folder: string) => string; rounds: number; key: string },
): Promise<Found> {
  const chance = chanceOf(`sql, ${name}`);
  await using dir = tempDir('millrace-sql-');
  await kafka.tools.createTopic(name, { partitions: 2 });
  // A statement takes its time, and goes on when its client has died: what nobody was told is stored all the same.
  await postgres.rows(
    `CREATE TABLE "${name}" (event_source text, event_part text, event_position bigint, id bigint,
       ${key === 'none' ? '' : 'PRIMARY KEY (event_source, event_part, event_position),'} at timestamptz DEFAULT now());
     CREATE FUNCTION "slow ${name}"() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(0.15); RETURN NULL; END';
     CREATE TRIGGER slow AFTER INSERT ON "${name}" FOR EACH STATEMENT EXECUTE FUNCTION "slow ${name}"()`,
  );
  const file = dir.join('a1.properties');
  writeFileSync(file, text(name, key, dir.join('channel')));
  await using agent = agentProgram(file, 'a1', { ready: /Starting Sink k1/ });
  await agent.start();
  const feeder = new Feeder(client, name, { pauseMs: 10, bodyOf: jsonId });
  const arrived = async () => Number(await postgres.value(`SELECT count(DISTINCT id) FROM "${name}"`));
  const doubles = async () =>
    Number(await postgres.value(`SELECT count(id) - count(DISTINCT id) FROM "${name}"`));
  for (let round = 0; round < rounds; round++) {
    await killRounds([agent], { chance: chance.fork(), rounds: 1, maxPauseMs: 3000 });
    if (key === 'none' && (await doubles()) > 0) break;
  }
  const fed = await feeder.stop();
  await agent.ready();
  for (let still = 0, last = -1; still < 60; ) {
    const now = await arrived();
    if (now >= fed) break;
    still = now === last ? still + 1 : 0;
    last = now;
    await sleep(1000);
  }
  // What is under way may still come twice.
  await sleep(2000);
  await agent.stop();
  const found = { fed, missing: fed - (await arrived()), doubles: await doubles() };
  console.log(`sql, ${name}: ${agent.kills} kills, ${JSON.stringify(found)}`);
  if (found.missing > 0) console.log(agent.output.slice(-8000));
  return found;
}

test.each([
  ['channel', channelText],
  ['source', sourceText],
])('from a Kafka%s: none is missing, none comes twice', async (name, text) => {
  const found = await underFire(`from-${name}`, { text, rounds: roundsOr(3), key: 'offset' });
  expect(found).toEqual({ fed: found.fed, missing: 0, doubles: 0 });
  expect(found.fed).toBeGreaterThan(1000);
});

test('the oracle goes red: rows without a key', async () => {
  const { missing, doubles } = await underFire('no-key', { text: channelText, rounds: 12, key: 'none' });
  expect(missing).toBe(0);
  expect(doubles).toBeGreaterThan(0);
});
