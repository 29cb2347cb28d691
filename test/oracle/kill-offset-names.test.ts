/**
 * kill -9 of an agent between a Kafka topic and a store of files whose names tell offsets: every id is there once. The
 * store is taken away and brought back in between.
 */
import { writeFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { KafkaClient } from '../../packages/millrace/src/clients/kafka/client.ts';
import { tempDir } from '../../packages/testkit/src/files/temp-dir.ts';
import { RealKafka } from '../../packages/testkit/src/kafka/real-kafka.ts';
import { Feeder, jsonId } from '../../packages/testkit/src/oracle/feeder.ts';
import { millraceProgram } from '../../packages/testkit/src/oracle/programs.ts';
import { chanceOf, roundsOr } from '../../packages/testkit/src/oracle/seed.ts';
import { killRounds } from '../../packages/testkit/src/oracle/tailing.ts';
import { credentialsInEnvironment, ObjectStore } from '../../packages/testkit/src/s3/object-store.ts';
import { readTables } from '../../packages/testkit/src/tables/read-tables.ts';

let kafka: RealKafka;
let minio: ObjectStore;
let client: KafkaClient;
beforeAll(async () => {
  credentialsInEnvironment();
  [kafka, minio] = await Promise.all([RealKafka.start(), ObjectStore.start('minio')]);
  client = new KafkaClient({ bootstrapServers: [kafka.bootstrap] });
});
afterAll(async () => {
  await client.close();
  await kafka[Symbol.asyncDispose]();
  await minio[Symbol.asyncDispose]();
});

interface Flow {
  readonly name: string;
  readonly from: 'KafkaChannel' | 'KafkaSource and a file channel';
  readonly to: 's3' | 'hdfs';
  readonly names: 'counter' | 'deterministic';
  /** Absent: lines of text. */
  readonly fileType?: 'parquet';
}

/** A static member takes over from the one that was killed without waiting for its session. */
function agentText({ name, from, to, names, fileType }: Flow, folder: string): string {
  const group = `kafka.consumer.group.id = g-${name}`;
  const way =
    from === 'KafkaChannel'
      ? `
a1.channels.c1.type = org.apache.flume.channel.kafka.KafkaChannel
a1.channels.c1.kafka.bootstrap.servers = ${kafka.bootstrap}
a1.channels.c1.kafka.topic = in-${name}
a1.channels.c1.parseAsFlumeEvent = false
a1.channels.c1.${group}
a1.channels.c1.kafka.consumer.group.instance.id = a1`
      : `
a1.sources = r1
a1.sources.r1.type = org.apache.flume.source.kafka.KafkaSource
a1.sources.r1.channels = c1
a1.sources.r1.kafka.bootstrap.servers = ${kafka.bootstrap}
a1.sources.r1.kafka.topics = in-${name}
a1.sources.r1.${group}
a1.sources.r1.kafka.consumer.auto.offset.reset = earliest
a1.sources.r1.kafka.consumer.group.instance.id = a1
a1.channels.c1.type = file
a1.channels.c1.checkpointDir = ${folder}/checkpoint
a1.channels.c1.dataDirs = ${folder}/data`;
  const place =
    to === 's3'
      ? `
a1.sinks.k1.s3.path = s3://${name}/out
a1.sinks.k1.s3.endpoint = ${minio.endpoint}
a1.sinks.k1.s3.fileType = ${fileType ?? 'DataStream'}
a1.sinks.k1.s3.names = ${names}`
      : `
a1.sinks.k1.hdfs.path = file://${folder}/out
a1.sinks.k1.hdfs.fileType = ${fileType ?? 'DataStream'}
a1.sinks.k1.hdfs.rollSize = 0
a1.sinks.k1.writeMode = stream
a1.sinks.k1.names = ${names}`;
  return `
a1.channels = c1
a1.sinks = k1
${way}
a1.sinks.k1.type = ${to}
a1.sinks.k1.channel = c1
${place}
a1.sinks.k1.${to}.batchSize = 150
a1.sinks.k1.${to}.rollInterval = 1
a1.sinks.k1.${to}.rollCount = 400
a1.sinks.k1.openFilesFolder = ${folder}/open
`;
}

/** All whole files by name. */
async function filesOf({ name, to }: Flow, folder: string): Promise<Map<string, Buffer>> {
  if (to === 's3') {
    const keys = await minio.keys(name);
    const bytes = await Promise.all(keys.map(async (key) => (await minio.read(name, key))!));
    return new Map(keys.map((key, i) => [key, bytes[i]!]));
  }
  const out = join(folder, 'out');
  const names = (await readdir(out).catch(() => [])).filter((file) => !file.endsWith('.tmp'));
  return new Map(
    await Promise.all(names.map(async (file) => [file, await readFile(join(out, file))] as const)),
  );
}

/** The events in files. */
async function eventsIn({ fileType }: Flow, files: ReadonlyMap<string, Buffer>): Promise<string[]> {
  if (fileType === undefined)
    return [...files.values()].flatMap((bytes) => bytes.toString().split('\n').slice(0, -1));
  using dir = tempDir('millrace-names-');
  const asked = [...files.values()].map((bytes, i) => {
    const path = dir.join(`${i}.${fileType}`);
    writeFileSync(path, bytes);
    return { reader: 'duckdb' as const, path };
  });
  if (asked.length === 0) return [];
  const rows = (await readTables(asked)).flatMap((table) => table.rows);
  return rows.map((row) => row.replace(',"_rest":null', ''));
}

async function underFire(flow: Flow, rounds: number) {
  const chance = chanceOf(`names by offsets, ${flow.name}`);
  await using dir = tempDir('millrace-names-');
  await kafka.tools.createTopic(`in-${flow.name}`, { partitions: 2 });
  if (flow.to === 's3') await minio.makeBucket(flow.name);
  const file = dir.join('a1.properties');
  writeFileSync(file, agentText(flow, dir.path));
  await using agent = millraceProgram({
    name: 'agent a1',
    ready: /c1/,
    args: ['agent', '-n', 'a1', '-f', file, '-Dflume.root.logger=INFO,console'],
  });
  await agent.start();
  const feeder = new Feeder(client, `in-${flow.name}`, { pauseMs: 20, bodyOf: jsonId });
  const half = Math.ceil(rounds / 2);
  // Longer than a start takes, so that kills meet files that are on their way.
  const kills = { chance: chance.fork(), maxPauseMs: 4000, halt: false };
  await killRounds([agent], { ...kills, rounds: half });
  if (flow.to === 's3') {
    await agent.ready();
    await sleep(chance.int(500, 2000));
    await minio.stop();
    await sleep(chance.int(500, 3000));
    await minio.restart();
  }
  await killRounds([agent], { ...kills, rounds: rounds - half });
  const fed = await feeder.stop();
  let lines: string[] = [];
  for (let still = 0, last = -1; still < 60_000; still = lines.length === last ? still + 1000 : 0) {
    last = lines.length;
    await sleep(1000);
    lines = await eventsIn(flow, await filesOf(flow, dir.path));
    if (new Set(lines).size === fed) break;
  }
  // What is under way may still come twice.
  await sleep(2500);
  await agent.stop();
  const files = await filesOf(flow, dir.path);
  lines = await eventsIn(flow, files);
  const different = new Set(lines).size;
  const found = { fed, missing: fed - different, doubles: lines.length - different };
  console.log(
    `names by offsets, ${flow.name}: ${agent.kills} kills, ${files.size} files, ${JSON.stringify(found)}`,
  );
  if (found.missing > 0) console.log(agent.output.slice(-8000));
  return { ...found, names: [...files.keys()] };
}

/** Only in long runs: what differs is what a file looks like. */
const longFlows: readonly Flow[] = (['s3', 'hdfs'] as const).map((to) => ({
  ...({ from: 'KafkaChannel', names: 'deterministic', fileType: 'parquet' } as const),
  ...{ name: `channel-${to}-parquet`, to },
}));

test.each<Flow>([
  { name: 'channel-s3', from: 'KafkaChannel', to: 's3', names: 'deterministic' },
  { name: 'source-s3', from: 'KafkaSource and a file channel', to: 's3', names: 'deterministic' },
  { name: 'channel-hdfs', from: 'KafkaChannel', to: 'hdfs', names: 'deterministic' },
  ...(process.env.MILLRACE_ORACLE_ROUNDS === undefined ? [] : longFlows),
])('$from to $to: the agent is killed at any moment, none is missing, none comes twice', async (flow) => {
  const { fed, missing, doubles, names } = await underFire(flow, roundsOr(3));
  expect({ missing, doubles }).toEqual({ missing: 0, doubles: 0 });
  expect(fed).toBeGreaterThan(500);
  for (const name of names) expect(name).toMatch(/FlumeData\.in-[\w-]+\+[01]\+\d{10}\+\d{10}(\.parquet)?$/);
});
