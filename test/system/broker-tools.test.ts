/** Kafka 4.3's own tools against the embedded broker, each with the arguments people give it. */
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Broker } from '../../packages/millrace/src/broker/index.ts';
import { tempDir } from '../../packages/testkit/src/files/temp-dir.ts';
import { dumpSegment, KafkaTools, runKafkaTool } from '../../packages/testkit/src/kafka/kafka-tools.ts';

const dir = tempDir();
const dataDir = dir.join('data');
let broker: Broker;
let tools: KafkaTools;

beforeAll(async () => {
  broker = await Broker.start({ dataDir, groupInitialRebalanceDelayMs: 100 });
  tools = new KafkaTools(broker.bootstrapServers);
});
afterAll(async () => {
  await broker.stop();
  dir[Symbol.dispose]();
});

function lines(count: number, prefix = 'line'): string {
  return Array.from({ length: count }, (_, i) => `${prefix} ${i}\n`).join('');
}

/** Columns of ConsumerGroupCommand's table, line by line, as name → value. */
function table(stdout: string): Record<string, string>[] {
  const [head, ...rows] = stdout.split('\n').filter((line) => line.trim() !== '');
  const names = head!.trim().split(/\s+/);
  return rows.map((row) =>
    Object.fromEntries(
      row
        .trim()
        .split(/\s+/)
        .map((value, i) => [names[i]!, value]),
    ),
  );
}

describe('kafka-topics', () => {
  test('create, list, describe, alter, delete', async () => {
    await tools.createTopic('made', { partitions: 4, config: { 'retention.ms': '86400000' } });
    expect((await tools.run('kafka-topics', ['--list'])).stdout.split('\n')).toContain('made');
    const { stdout } = await tools.run('kafka-topics', ['--describe', '--topic', 'made']);
    expect(stdout).toMatch(/PartitionCount: 4\s+ReplicationFactor: 1\s+Configs: retention.ms=86400000/);
    expect(stdout.match(/Leader: 1\s+Replicas: 1\s+Isr: 1/g)).toHaveLength(4);
    await tools.run('kafka-topics', ['--alter', '--topic', 'made', '--partitions', '6']);
    expect((await tools.run('kafka-topics', ['--describe', '--topic', 'made'])).stdout).toContain(
      'PartitionCount: 6',
    );
    await tools.run('kafka-topics', ['--delete', '--topic', 'made']);
    expect((await tools.run('kafka-topics', ['--list'])).stdout.split('\n')).not.toContain('made');
  });

  test('what cannot be is told as Kafka tells it', async () => {
    const create = (...args: string[]) =>
      tools
        .run('kafka-topics', ['--create', ...args], { anyExit: true })
        .then(({ stdout, stderr }) => stdout + stderr);
    expect(await create('--topic', 'r3', '--replication-factor', '3')).toContain(
      'InvalidReplicationFactorException',
    );
    expect(await create('--topic', 'c', '--config', 'no.such=1')).toMatch(/no\.such/);
    await create('--topic', 'once');
    expect(await create('--topic', 'once')).toContain("Topic 'once' already exists");
  });

  test('kafka-configs sets, shows and removes a setting', async () => {
    await tools.createTopic('tuned');
    const topic = ['--entity-type', 'topics', '--entity-name', 'tuned'];
    await tools.run('kafka-configs', [...topic, '--alter', '--add-config', 'max.message.bytes=2000']);
    const described = await tools.run('kafka-configs', [...topic, '--describe']);
    expect(described.stdout).toContain(
      'max.message.bytes=2000 sensitive=false synonyms={DYNAMIC_TOPIC_CONFIG',
    );
    await tools.run('kafka-configs', [...topic, '--alter', '--delete-config', 'max.message.bytes']);
    expect((await tools.run('kafka-configs', [...topic, '--describe'])).stdout).not.toContain(
      'max.message.bytes',
    );
  });
});

test('console producer to console consumer, in a group; the group is described, reset and deleted', async () => {
  await tools.createTopic('console', { partitions: 4 });
  await tools.run('kafka-console-producer', ['--topic', 'console'], { stdin: lines(500) });
  const consume = ['--topic', 'console', '--from-beginning', '--max-messages', '500', '--group', 'readers'];
  const { stdout } = await tools.run('kafka-console-consumer', consume);
  expect(stdout.trim().split('\n').toSorted()).toEqual(lines(500).trim().split('\n').toSorted());

  const group = ['--group', 'readers'];
  const described = table(
    (await tools.run('kafka-consumer-groups', ['--describe', ...group])).stdout.replace(
      /^.*no active members.*$/m,
      '',
    ),
  );
  expect(described.map((row) => row.LAG)).toEqual(['0', '0', '0', '0']);
  expect(described.reduce((sum, row) => sum + Number(row['CURRENT-OFFSET']), 0)).toBe(500);
  expect((await tools.run('kafka-consumer-groups', ['--list'])).stdout).toContain('readers');
  const reset = ['--reset-offsets', '--to-earliest', '--topic', 'console', '--execute', ...group];
  expect(
    table((await tools.run('kafka-consumer-groups', reset)).stdout).map((row) => row['NEW-OFFSET']),
  ).toEqual(['0', '0', '0', '0']);
  await tools.run('kafka-consumer-groups', ['--delete-offsets', '--topic', 'console:1', ...group]);
  expect((await tools.run('kafka-consumer-groups', ['--delete', ...group])).stdout).toContain('successful');
  expect((await tools.run('kafka-consumer-groups', ['--list'])).stdout).not.toContain('readers');
});

test('producer and consumer performance tools, idempotent with acks=all; offsets are told; the files are without fault', async () => {
  await tools.createTopic('perf', { partitions: 3 });
  const produce = [
    '--topic',
    'perf',
    '--num-records',
    '100000',
    '--record-size',
    '200',
    '--throughput',
    '-1',
  ];
  const produced = await tools.run('kafka-producer-perf-test', [
    ...produce,
    '--command-property',
    'acks=all',
  ]);
  expect(produced.stdout).toContain('100000 records sent');
  const ends = await tools.endOffsets('perf');
  expect([...ends.keys()]).toEqual([0, 1, 2]);
  expect([...ends.values()].reduce((sum, end) => sum + end, 0)).toBe(100_000);
  const consumed = await tools.run('kafka-consumer-perf-test', [
    '--topic',
    'perf',
    '--num-records',
    '100000',
  ]);
  expect(consumed.stdout.trim().split('\n').at(-1)).toMatch(/, 100\d{3}, /);
  for (const time of ['-2', '-3', '-4', '1']) {
    const { stdout } = await tools.run('kafka-get-offsets', ['--topic', 'perf', '--time', time]);
    expect(stdout.trim().split('\n')).toHaveLength(3);
  }
  for (const partition of [0, 1, 2]) {
    const dump = await dumpSegment(join(dataDir, `perf-${partition}`, '00000000000000000000.log'));
    expect(dump.faults).toEqual([]);
    expect(dump.recordCount).toBe(ends.get(partition));
  }
});

test('what administrators of one node ask: folders, places, leaders, the quorum, versions, deletion of records', async () => {
  await tools.createTopic('kept', { partitions: 2 });
  await tools.run('kafka-console-producer', ['--topic', 'kept'], { stdin: lines(10) });

  const dirs = await tools.run('kafka-log-dirs', ['--describe', '--topic-list', 'kept']);
  const told = JSON.parse(dirs.stdout.split('\n').find((line) => line.startsWith('{'))!);
  expect(told.brokers[0].logDirs[0].logDir).toBe(dataDir);
  expect(
    told.brokers[0].logDirs[0].partitions.map((each: { partition: string }) => each.partition).sort(),
  ).toEqual(['kept-0', 'kept-1']);

  const plan = dir.join('plan.json');
  const partitions = [0, 1].map((partition) => ({
    topic: 'kept',
    partition,
    replicas: [1],
    log_dirs: ['any'],
  }));
  writeFileSync(plan, JSON.stringify({ version: 1, partitions }));
  const execute = ['--reassignment-json-file', plan, '--execute'];
  const executed = await tools.run('kafka-reassign-partitions', execute);
  expect(executed.stdout).toContain('Successfully started partition reassignments for kept-0,kept-1');
  const verified = await tools.run('kafka-reassign-partitions', [
    '--reassignment-json-file',
    plan,
    '--verify',
  ]);
  expect(verified.stdout.match(/Reassignment of partition kept-\d is completed/g)).toHaveLength(2);

  const elect = ['--election-type', 'preferred', '--topic', 'kept', '--partition', '0'];
  const elected = await tools.run('kafka-leader-election', elect);
  expect(elected.stdout).toContain('Valid replica already elected for partitions kept-0');

  const quorum = await tools.run('kafka-metadata-quorum', ['describe', '--status']);
  expect(quorum.stdout).toMatch(/ClusterId:\s+\S+\s+LeaderId:\s+1/);
  const versions = await tools.run('kafka-broker-api-versions', []);
  expect(versions.stdout).toMatch(/ElectLeaders\(43\): 0 to 2 \[usable: 2\]/);

  const offsets = dir.join('offsets.json');
  writeFileSync(
    offsets,
    JSON.stringify({ version: 1, partitions: [{ topic: 'kept', partition: 0, offset: -1 }] }),
  );
  const deleted = await tools.run('kafka-delete-records', ['--offset-json-file', offsets]);
  expect(deleted.stdout).toMatch(/partition: kept-0\s+low_watermark: \d+/);
});

test('verifiable producer and consumer', async () => {
  const produced = await tools.run('kafka-verifiable-producer', [
    '--topic',
    'verified',
    '--max-messages',
    '200',
    '--acks',
    '-1',
  ]);
  expect(produced.stdout).toMatch(/"sent":200,"acked":200/);
  const consume = [
    '--topic',
    'verified',
    '--group-id',
    'verifiers',
    '--max-messages',
    '200',
    '--reset-policy',
    'earliest',
  ];
  const consumed = await tools.run('kafka-verifiable-consumer', consume);
  const events = consumed.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { name: string; count?: number; success?: boolean });
  const counts = events.filter((event) => event.name === 'records_consumed').map((event) => event.count!);
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(200);
  expect(events.filter((event) => event.name === 'offsets_committed').every((event) => event.success)).toBe(
    true,
  );
});

test('committed offsets survive a restart, in files that Kafka reads', async () => {
  await tools.createTopic('lasting');
  await tools.run('kafka-console-producer', ['--topic', 'lasting'], { stdin: lines(20) });
  const consume = ['--topic', 'lasting', '--from-beginning', '--max-messages', '20', '--group', 'lasting'];
  await tools.run('kafka-console-consumer', consume);
  await broker.stop();
  broker = await Broker.start({ dataDir, groupInitialRebalanceDelayMs: 100 });
  tools = new KafkaTools(broker.bootstrapServers);
  await tools.run('kafka-console-producer', ['--topic', 'lasting'], { stdin: 'after\n' });
  const { stdout } = await tools.run('kafka-console-consumer', [
    '--topic',
    'lasting',
    '--max-messages',
    '1',
    '--group',
    'lasting',
  ]);
  expect(stdout.trim()).toBe('after');
  const folder = join(dataDir, '__consumer_offsets-0');
  const log = readdirSync(folder).find((name) => name.endsWith('.log'))!;
  expect((await dumpSegment(join(folder, log))).faults).toEqual([]);
  const decoded = await runKafkaTool('kafka-dump-log', ['--offsets-decoder', '--files', join(folder, log)]);
  expect(decoded.stdout).toMatch(/"group":"lasting","topic":"lasting","partition":0/);
});
