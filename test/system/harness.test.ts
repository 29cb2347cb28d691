/** The harness itself against the real servers: what the other system tests rely on. */
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import {
  accessLogLines,
  lineId,
  sumFiles,
  writeAccessLog,
} from '../../packages/testkit/src/files/access-log.ts';
import { realLogFiles } from '../../packages/testkit/src/files/real-logs.ts';
import { tempDir } from '../../packages/testkit/src/files/temp-dir.ts';
import { RealFlume } from '../../packages/testkit/src/flume/real-flume.ts';
import { probeApiVersions } from '../../packages/testkit/src/kafka/api-versions-probe.ts';
import { dumpSegment } from '../../packages/testkit/src/kafka/kafka-tools.ts';
import { kcatConsumeAll, kcatProduce } from '../../packages/testkit/src/kafka/kcat.ts';
import { OffsetProbe } from '../../packages/testkit/src/kafka/offset-probe.ts';
import { RealKafka } from '../../packages/testkit/src/kafka/real-kafka.ts';
import { freePort } from '../../packages/testkit/src/net/free-port.ts';
import { startRsyslog } from '../../packages/testkit/src/net/real-rsyslog.ts';
import { cpuSeconds, memoryOf } from '../../packages/testkit/src/process/process-figures.ts';
import { waitFor } from '../../packages/testkit/src/process/wait.ts';

test('one real Kafka: topic by its tool, records by kcat, kill and restart, DumpLogSegments', async () => {
  await using kafka = await RealKafka.start();
  await kafka.tools.createTopic('test', { partitions: 2 });
  const described = await kafka.tools.run('kafka-topics', ['--describe', '--topic', 'test']);
  expect(described.stdout).toContain('PartitionCount: 2');

  const next = accessLogLines(1);
  const lines = Array.from({ length: 500 }, () => next());
  await kcatProduce(kafka.bootstrap, 'test', lines, ['-p', '1', '-X', 'acks=all']);
  await kafka.kill();
  await expect(probeApiVersions(kafka.port())).rejects.toThrow();
  await kafka.restart();

  const records = await kcatConsumeAll(kafka.bootstrap, 'test');
  expect(records.map((record) => record.value.toString())).toEqual(lines);
  expect(records.map((record) => record.offset)).toEqual(lines.map((_, i) => i));
  expect(records.every((record) => record.partition === 1 && record.key === null)).toBe(true);
  expect(records.map((record) => lineId(record.value.toString()))).toEqual(lines.map((_, i) => i));
  expect([...(await kafka.tools.endOffsets('test'))]).toEqual([
    [0, 0],
    [1, 500],
  ]);
  await using probe = await OffsetProbe.open(kafka.port());
  expect(await probe.endOffsets('test', 2)).toEqual([0, 500]);
  expect(cpuSeconds(kafka.pid())).toBeGreaterThan(0.1);
  expect(memoryOf(kafka.pid())?.rssBytes).toBeGreaterThan(50e6);

  const dump = await dumpSegment(`${kafka.dataDir()}/test-1/00000000000000000000.log`);
  expect(dump.faults).toEqual([]);
  expect(dump.recordCount).toBe(500);
  const pid = kafka.pid();
  await kafka[Symbol.asyncDispose]();
  expect(existsSync(`/proc/${pid}`)).toBe(false);
});

test('a record with key, header, binary and empty value comes back byte for byte', async () => {
  await using kafka = await RealKafka.start();
  await kafka.tools.createTopic('odd');
  await kcatProduce(kafka.bootstrap, 'odd', ['k:va lue', 'é:\u0000\u0001'], ['-K', ':', '-H', 'a=b c']);
  const records = await kcatConsumeAll(kafka.bootstrap, 'odd');
  expect(records.map(({ key, value, headers }) => [key?.toString(), value.toString(), headers])).toEqual([
    ['k', 'va lue', 'a=b c'],
    ['é', '\u0000\u0001', 'a=b c'],
  ]);
});

test('three real Kafka nodes: a replicated topic survives one killed', async () => {
  await using kafka = await RealKafka.start({ nodes: 3 });
  await kafka.tools.createTopic('replicated', {
    partitions: 3,
    replicationFactor: 3,
    config: { 'min.insync.replicas': '2' },
  });
  await kcatProduce(kafka.bootstrap, 'replicated', ['before'], ['-X', 'acks=all']);
  await kafka.kill(2);
  await kcatProduce(kafka.bootstrap, 'replicated', ['after'], ['-X', 'acks=all']);
  const values = (await kcatConsumeAll(kafka.bootstrap, 'replicated')).map((record) =>
    record.value.toString(),
  );
  expect(values.toSorted()).toEqual(['after', 'before']);
});

test('real Flume: TAILDIR to file_roll, every line of the machine’s own logs', async () => {
  await using dir = tempDir();
  const file = realLogFiles()[0]!;
  mkdirSync(dir.join('out'));
  await using _flume = await RealFlume.start({
    dir: dir.join('flume'),
    conf: `
      a1.sources = r1
      a1.channels = c1
      a1.sinks = k1
      a1.sources.r1.type = TAILDIR
      a1.sources.r1.filegroups = f1
      a1.sources.r1.filegroups.f1 = ${file}
      a1.sources.r1.positionFile = ${dir.join('position.json')}
      a1.sources.r1.channels = c1
      a1.channels.c1.type = memory
      a1.sinks.k1.type = file_roll
      a1.sinks.k1.channel = c1
      a1.sinks.k1.sink.directory = ${dir.join('out')}
      a1.sinks.k1.sink.rollInterval = 0
    `,
  });
  const wanted = await sumFiles([file]);
  const sums = () => sumFiles(readdirSync(dir.join('out')).map((name) => dir.join('out', name)));
  await waitFor('all lines', async () => (await sums()).count >= wanted.count);
  expect(await sums()).toEqual(wanted);
  await waitFor('the position file', () =>
    readFileSync(dir.join('position.json'), 'utf8').includes('"inode"'),
  );
});

test('real rsyslog: a file into real Kafka', async () => {
  await using kafka = await RealKafka.start();
  await kafka.tools.createTopic('logs', { partitions: 2 });
  await using dir = tempDir();
  const wanted = await writeAccessLog(dir.join('in.log'), 1_000);
  await using _rsyslog = await startRsyslog(
    dir.path,
    `
      global(workDirectory="${dir.path}")
      module(load="imfile")
      module(load="omkafka")
      template(name="line" type="string" string="%msg%")
      input(type="imfile" file="${dir.join('in.log')}" tag="t" ruleset="r")
      ruleset(name="r") {
        action(type="omkafka" broker=["${kafka.bootstrap}"] topic="logs" partitions.auto="on" template="line")
      }
    `,
  );
  const total = async () => [...(await kafka.tools.endOffsets('logs')).values()].reduce((a, b) => a + b, 0);
  await waitFor('all lines in Kafka', async () => (await total()) >= wanted.count, { everyMs: 500 });
  const bytes = (await kcatConsumeAll(kafka.bootstrap, 'logs')).reduce(
    (sum, record) => sum + record.value.length,
    0,
  );
  expect(bytes).toBe(wanted.bytes);
});

test('free ports differ', async () => {
  const ports = await Promise.all(Array.from({ length: 20 }, freePort));
  expect(new Set(ports).size).toBe(20);
});
