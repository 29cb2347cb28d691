/** Spark, Storm, Flink and Kafka Connect beside Millrace: the programs in `examples/`, run as their READMEs say. */
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { Agent } from '../../packages/millrace/src/agent/agent.ts';
import { Broker } from '../../packages/millrace/src/broker/index.ts';
import { tempDir } from '../../packages/testkit/src/files/temp-dir.ts';
import { kcatConsumeAll, kcatProduce } from '../../packages/testkit/src/kafka/kcat.ts';
import { RealKafka } from '../../packages/testkit/src/kafka/real-kafka.ts';
import { freePort } from '../../packages/testkit/src/net/free-port.ts';
import { compileJava, javaCommand } from '../../packages/testkit/src/process/java.ts';
import { ManagedProcess, runToEnd } from '../../packages/testkit/src/process/processes.ts';
import { waitFor } from '../../packages/testkit/src/process/wait.ts';
import { runSpark } from '../../packages/testkit/src/tables/spark.ts';

// Each of them starts a JVM or two and takes a fraction of this; how long is not what is tested.
const timeoutMs = 500_000;
vi.setConfig({ testTimeout: 600_000 });
const heap = { jvmFlags: ['-Xmx400m'] };
const lines = Array.from({ length: 1000 }, (_, i) => `line ${i} ü`);
const upper = lines.map((line) => line.toUpperCase()).sort();
const example = (...path: string[]) => join(import.meta.dirname, '../../examples', ...path);

let broker: Broker;
beforeAll(async () => {
  broker = await Broker.start({ groupInitialRebalanceDelayMs: 0, defaultPartitions: 2 });
});
afterAll(() => broker.stop());

async function valuesOf(servers: string, topic: string): Promise<string[]> {
  return (await kcatConsumeAll(servers, topic)).map(({ value }) => value.toString()).sort();
}

/** Waits until sink k1 has delivered `count` events. */
async function delivered(agent: Agent, count: number): Promise<void> {
  const counter = () =>
    Number(agent.counters().find(({ name }) => name === 'k1')?.attributes.EventDrainSuccessCount);
  await waitFor(`${count} events delivered`, () => counter() === count, { timeoutMs });
}

/** `python3 examples/spark/NAME`. Resolves with what it printed. */
const spark = (name: string, args: readonly string[]) =>
  runSpark(example('spark', name), { args, jars: 'spark-kafka' });

it('Spark stores a topic as Parquet, headers included, and sends back what a sink then stores', async () => {
  using dir = tempDir('millrace-spark-');
  const servers = broker.bootstrapServers;
  await kcatProduce(servers, 'spark', lines, ['-H', 'host=h1', '-H', 'name=ü']);
  await kcatProduce(servers, 'spark', ['bare']);
  const said = await spark('topic_to_parquet.py', [
    ...['--bootstrap-servers', servers, '--topic', 'spark'],
    ...['--out', dir.join('out'), '--checkpoint', dir.join('checkpoint')],
  ]);
  expect(said).toContain('1001 records in ');
  await using agent = await Agent.fromConfig({
    name: 'a1',
    sources: {
      r1: {
        ...{ type: 'org.apache.flume.source.kafka.KafkaSource', channels: ['c1'] },
        ...{ 'kafka.bootstrap.servers': servers, 'kafka.topics': 'from-spark' },
        'kafka.consumer.auto.offset.reset': 'earliest',
      },
    },
    channels: { c1: { type: 'memory', capacity: 5000, transactionCapacity: 1000 } },
    sinks: {
      k1: { type: 'file_roll', channel: 'c1', 'sink.directory': dir.path, 'sink.rollInterval': 0 },
    },
  });
  await broker.createTopic('from-spark', { partitions: 2 });
  await agent.start();
  await spark('parquet_to_topic.py', [
    ...['--bootstrap-servers', servers, '--topic', 'from-spark'],
    ...['--source', dir.join('out'), '--checkpoint', dir.join('back')],
  ]);
  const records = await kcatConsumeAll(servers, 'from-spark');
  expect(records.map(({ value }) => value.toString()).sort()).toEqual(['BARE', ...upper].sort());
  expect(new Set(records.map(({ headers }) => headers))).toEqual(new Set(['host=h1,name=ü', '']));
  await delivered(agent, 1001);
});

it('Spark reads from Apache Kafka what an agent has sent there, by the same program', async () => {
  using dir = tempDir('millrace-spark-');
  await using kafka = await RealKafka.start();
  await kafka.tools.createTopic('spark', { partitions: 2 });
  await using agent = await Agent.fromConfig({
    name: 'a1',
    sources: { r1: { type: 'seq', totalEvents: 500, channels: ['c1'] } },
    channels: { c1: { type: 'memory' } },
    sinks: {
      k1: {
        ...{ type: 'org.apache.flume.sink.kafka.KafkaSink', channel: 'c1', 'kafka.topic': 'spark' },
        'kafka.bootstrap.servers': kafka.bootstrap,
      },
    },
  });
  await agent.start();
  await delivered(agent, 500);
  const said = await spark('topic_to_parquet.py', [
    ...['--bootstrap-servers', kafka.bootstrap, '--topic', 'spark'],
    ...['--out', dir.join('out'), '--checkpoint', dir.join('checkpoint')],
  ]);
  expect(said).toContain('500 records in ');
});

it('Storm takes each record of a topic to another by KafkaSpout and KafkaBolt', async () => {
  using dir = tempDir('millrace-storm-');
  const servers = broker.bootstrapServers;
  await kcatProduce(servers, 'storm', lines);
  await compileJava('storm', example('storm/UpperTopic.java'), dir.path);
  const { command, args } = await javaCommand('storm', 'UpperTopic', [servers, 'storm', 'from-storm'], {
    ...heap,
    classes: dir.path,
  });
  await using storm = await ManagedProcess.spawn(command, args, { name: 'storm', cwd: dir.path });
  await storm.waitForLine(/running; Ctrl-C ends it/, timeoutMs);
  await broker.createTopic('from-storm', { partitions: 1 });
  // At least once, by Storm's own promise.
  const distinct = async () => new Set(await valuesOf(servers, 'from-storm'));
  await waitFor('each record', async () => (await distinct()).size === lines.length, {
    ...{ timeoutMs, everyMs: 1000 },
  });
  expect([...(await distinct())]).toEqual(upper);
});

it('Flink takes what a topic has to another, and ends', async () => {
  using dir = tempDir('millrace-flink-');
  const servers = broker.bootstrapServers;
  await kcatProduce(servers, 'flink', lines);
  await compileJava('flink', example('flink/UpperTopic.java'), dir.path);
  const { command, args } = await javaCommand('flink', 'UpperTopic', [servers, 'flink', 'from-flink'], {
    ...heap,
    classes: dir.path,
  });
  await runToEnd(command, args, { cwd: dir.path, timeoutMs });
  expect(await valuesOf(servers, 'from-flink')).toEqual(upper);
});

it('Kafka Connect takes a topic to a file and a file to a topic', async () => {
  using dir = tempDir('millrace-connect-');
  const servers = broker.bootstrapServers;
  await kcatProduce(servers, 'connect', lines);
  for (const name of ['topic-to-file.properties', 'file-to-topic.properties'])
    copyFileSync(example('kafka-connect', name), dir.join(name));
  const worker = readFileSync(example('kafka-connect/worker.properties'), 'utf8')
    .replace('localhost:9092', servers)
    .replace(':8083', `:${await freePort()}`);
  writeFileSync(dir.join('worker.properties'), worker);
  writeFileSync(dir.join('lines.txt'), lines.map((line) => `${line}\n`).join(''));
  const topicToFile = readFileSync(dir.join('topic-to-file.properties'), 'utf8');
  writeFileSync(dir.join('topic-to-file.properties'), topicToFile.replace('topics=test', 'topics=connect'));
  const files = ['worker.properties', 'topic-to-file.properties', 'file-to-topic.properties'];
  const main = 'org.apache.kafka.connect.cli.ConnectStandalone';
  const { command, args } = await javaCommand('kafka-connect', main, files, heap);
  await using connect = await ManagedProcess.spawn(command, args, { name: 'connect', cwd: dir.path });
  const written = () => {
    try {
      return readFileSync(dir.join('topic.txt'), 'utf8').split('\n').slice(0, -1);
    } catch {
      return [];
    }
  };
  const sent = () => valuesOf(servers, 'from-connect').catch(() => []);
  const isDone = async () => written().length >= lines.length && (await sent()).length >= lines.length;
  await waitFor('both connectors', () => !connect.running || isDone(), { timeoutMs, everyMs: 500 });
  expect(connect.running, connect.tail()).toBe(true);
  expect(written().sort()).toEqual([...lines].sort());
  expect(await sent()).toEqual([...lines].sort());
});
