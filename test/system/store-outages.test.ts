/** Stores that are away under load: of the ids that are in a topic none is missing in the store, and none is there twice. */
import { writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { Broker } from '../../packages/millrace/src/broker/index.ts';
import { KafkaClient } from '../../packages/millrace/src/clients/kafka/client.ts';
import { tempDir } from '../../packages/testkit/src/files/temp-dir.ts';
import { type SinkProperties, TopicToStore } from '../../packages/testkit/src/kafka/topic-to-store.ts';
import { Feeder, jsonId } from '../../packages/testkit/src/oracle/feeder.ts';
import { RealRedis } from '../../packages/testkit/src/redis/real-redis.ts';
import { FaultFront } from '../../packages/testkit/src/s3/fault-front.ts';
import { credentialsInEnvironment, ObjectStore } from '../../packages/testkit/src/s3/object-store.ts';
import { type SessionCredentials, sessionThatMay } from '../../packages/testkit/src/s3/store-session.ts';
import { RealClickHouse } from '../../packages/testkit/src/sql/real-clickhouse.ts';

/** How long a store is down. */
const downMs = Number(process.env.MILLRACE_AWAY_MS ?? 20_000);

let broker: Broker;
let client: KafkaClient;
let minio: ObjectStore;
let clickhouse: RealClickHouse;
let redis: RealRedis;
beforeAll(async () => {
  [broker, minio, clickhouse, redis] = await Promise.all([
    Broker.start({ groupInitialRebalanceDelayMs: 0 }),
    ObjectStore.start('minio'),
    RealClickHouse.start('server'),
    RealRedis.start(),
  ]);
  client = new KafkaClient({ bootstrapServers: [broker.bootstrapServers] });
});
afterAll(async () => {
  await client?.close();
  await Promise.all([minio, clickhouse, redis].map((store) => store?.[Symbol.asyncDispose]()));
  await broker?.stop();
});

/** A topic that is fed, and an agent from it to each of the sinks. */
async function underLoad<Name extends string>(topic: string, sinks: Readonly<Record<Name, SinkProperties>>) {
  await broker.createTopic(topic, { partitions: 1 });
  const servers = broker.bootstrapServers;
  const started = await Promise.all(
    Object.entries<SinkProperties>(sinks).map(
      async ([name, sink]) =>
        [name, await TopicToStore.start({ servers, topic, name: `${topic}-${name}`, sink })] as const,
    ),
  );
  const flows = Object.fromEntries(started) as Record<Name, TopicToStore>;
  const all = Object.values<TopicToStore>(flows);
  const feeder = new Feeder(client, topic, { partitions: 1, pauseMs: 40, bodyOf: jsonId });
  await Promise.all(all.map((flow) => flow.goesOn()));
  return {
    flows,
    /** Ends the feeding; resolves when every sink has what is in the topic, with how much that is. */
    end: async (): Promise<number> => {
      const fed = await feeder.stop();
      await Promise.all(all.map((flow) => flow.reaches(fed)));
      for (const flow of all) await flow[Symbol.asyncDispose]();
      return fed;
    },
  };
}

const upTo = (end: number, first = 0) => Array.from({ length: end - first }, (_, i) => first + i);
/** What is missing and what is there more than once, of so many ids. */
function compared(ids: readonly number[], fed: number) {
  const seen = new Set(ids);
  return {
    missing: upTo(fed).filter((id) => !seen.has(id)),
    twice: ids.length - seen.size,
    strange: [...seen].filter((id) => id >= fed),
  };
}
const fine = { missing: [], twice: 0, strange: [] };

async function idsInBucket(bucket: string): Promise<number[]> {
  const ids: number[] = [];
  for (const key of await minio.keys(bucket)) {
    const lines = (await minio.read(bucket, key))!.toString().split('\n').slice(0, -1);
    ids.push(...lines.map((line) => (JSON.parse(line) as { id: number }).id));
  }
  return ids;
}

const idsInTable = async (table: string, final = 'FINAL') =>
  (await clickhouse.rows(`SELECT id FROM ${table} ${final} ORDER BY id`)).map(([id]) => Number(id));

const s3Sink = (bucket: string, endpoint = minio.endpoint) => ({
  ...{ type: 's3', 's3.path': `s3://${bucket}/out`, 's3.endpoint': endpoint, 's3.names': 'deterministic' },
  ...{ 's3.rollInterval': 1, 's3.rollCount': 2000, 's3.batchSize': 200 },
});
const clickHouseSink = (table: string) => ({
  ...{ type: 'sql', url: clickhouse.url, table, columns: 'id', 'types.id': 'Int64', batchSize: 1000 },
});

test('MinIO, ClickHouse and Redis are killed and come back: none is missing, none is there twice', async () => {
  using dir = tempDir('millrace-outages-');
  using _ = credentialsInEnvironment();
  await minio.makeBucket('outage');
  const { flows, end } = await underLoad('outage', {
    s3: { ...s3Sink('outage'), openFilesFolder: dir.join('open') },
    clickhouse: clickHouseSink('outage'),
    redis: { type: 'redis', url: redis.url, stream: 'outage', ids: 'offset', batchSize: 200 },
  });
  await Promise.all([minio.stop(), clickhouse.kill(), redis.kill()]);
  const [shown] = await Promise.all([
    Promise.all(Object.values(flows).map((flow) => flow.faultShown(/ECONNREFUSED/))),
    sleep(downMs),
  ]);
  for (const text of shown) expect(text).toMatch(/^[^\n]*127\.0\.0\.1[^\n]*$/);
  await Promise.all([minio.restart(), clickhouse.restart(), redis.restart()]);
  await Promise.all(Object.values(flows).map((flow) => flow.goesOn()));
  const fed = await end();
  const entries = await redis.entries('outage:outage:0');
  const inRedis = entries.map(({ fields }) => (JSON.parse(fields.body!) as { id: number }).id);
  expect(compared(await idsInBucket('outage'), fed)).toEqual(fine);
  expect(compared(await idsInTable('outage'), fed)).toEqual(fine);
  expect(compared(inRedis, fed)).toEqual(fine);
  expect(inRedis).toEqual(upTo(fed));
});

test('a ClickHouse table loses a column, gets it back, is dropped: events wait, and the statement is told', async () => {
  const { flows, end } = await underLoad('altered', { clickhouse: clickHouseSink('altered') });
  const flow = flows.clickhouse;
  await clickhouse.run(
    'CREATE TABLE altered_next (event_source String, event_part String, event_position Int64, other Int64) ENGINE = ReplacingMergeTree() ORDER BY (event_source, event_part, event_position)',
  );
  await clickhouse.run('RENAME TABLE altered TO altered_kept, altered_next TO altered');
  const told = await flow.faultShown(/no column/);
  expect(told).toMatch(
    /^[^\n]*table `altered` has no column `id`: add it, or take it out of columns; the events wait$/,
  );
  const before = flow.delivered;
  await clickhouse.run('ALTER TABLE altered ADD COLUMN id Int64');
  await flow.goesOn();
  await clickhouse.run('RENAME TABLE altered TO altered_since');
  await flow.goesOn();
  const fed = await end();
  expect(flow.lines.filter((line) => line.includes('is made: CREATE TABLE')).length).toBe(2);
  const parts = await Promise.all(
    ['altered_kept', 'altered_since', 'altered'].map((table) => idsInTable(table)),
  );
  expect(compared(parts.flat(), fed)).toEqual(fine);
  // What was acknowledged before the table was another is in the first one.
  expect(parts[0]!.length).toBe(before);
});

test('a bucket that may not be written to, and credentials that expire: each is told, and newer ones are used', async () => {
  using dir = tempDir('millrace-outages-');
  await using front = await FaultFront.start(minio.port);
  await minio.makeBucket('denied');
  const give = ({ accessKeyId, secretAccessKey, sessionToken }: SessionCredentials) =>
    writeFile(
      dir.join('credentials'),
      `[default]\naws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\naws_session_token = ${sessionToken}\n`,
    );
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', dir.join('credentials'));
  vi.stubEnv('AWS_CONFIG_FILE', dir.join('none'));
  try {
    const reader = await sessionThatMay(minio, ['s3:GetObject', 's3:ListBucket']);
    const writer = await sessionThatMay(minio, ['s3:*']);
    const next = await sessionThatMay(minio, ['s3:*']);
    await give(writer);
    const { flows, end } = await underLoad('denied', {
      s3: { ...s3Sink('denied', front.endpoint), openFilesFolder: dir.join('open') },
    });
    const flow = flows.s3;
    front.faultOf = ({ headers }) =>
      String(headers.authorization).includes(writer.accessKeyId) ? 'ExpiredToken' : null;
    expect(await flow.faultShown(/ExpiredToken/)).toMatch(
      /^[^\n]*s3:\/\/denied[^\n]*ExpiredToken, drawn \(400\)[^\n]*$/,
    );
    // What comes next may read alone, which MinIO itself says.
    await give(reader);
    const denied = await flow.faultShown(/AccessDenied/);
    expect(denied).toMatch(
      /^[^\n]*can't write s3:\/\/denied\/[^\n]*: AccessDenied: Access Denied\. \(403\)[^\n]*$/,
    );
    const had = flow.delivered;
    await give(next);
    await flow.goesOn();
    const fed = await end();
    expect(had).toBeLessThan(fed);
    expect(compared(await idsInBucket('denied'), fed)).toEqual(fine);
    const secrets = [reader, writer, next].flatMap(({ secretAccessKey, sessionToken }) => [
      secretAccessKey,
      sessionToken,
    ]);
    for (const line of flow.lines) for (const secret of secrets) expect(line).not.toContain(secret);
  } finally {
    vi.unstubAllEnvs();
  }
});

test('the clock of this machine goes wrong under load, and right again: signatures follow the store’s', async () => {
  using dir = tempDir('millrace-outages-');
  using _ = credentialsInEnvironment();
  await minio.makeBucket('clock');
  const { flows, end } = await underLoad('clock', {
    s3: { ...s3Sink('clock'), openFilesFolder: dir.join('open') },
  });
  const flow = flows.s3;
  try {
    for (const wrongMs of [3_600_000, -3_600_000]) {
      vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + wrongMs });
      await flow.goesOn();
      vi.useRealTimers();
      await flow.goesOn();
    }
  } finally {
    vi.useRealTimers();
  }
  const fed = await end();
  expect(flow.lines.filter((line) => /minutes (ahead of|behind) the store's/.test(line))).not.toEqual([]);
  expect(compared(await idsInBucket('clock'), fed)).toEqual(fine);
});
