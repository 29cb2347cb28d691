/**
 * One topic of Apache Kafka as the channel of several agents of one group, a real Flume 1.11 and two of Millrace: Flume
 * and Millrace write at once, all read at once, and one leaves while they do. Every acknowledged event is delivered.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { tempDir } from '../../packages/testkit/src/files/temp-dir.ts';
import { flumeProgram } from '../../packages/testkit/src/flume/flume-program.ts';
import { RealKafka } from '../../packages/testkit/src/kafka/real-kafka.ts';
import {
  countRolled,
  faultsOf,
  judge,
  type Obligations,
  rolledArrivals,
} from '../../packages/testkit/src/oracle/lines.ts';
import { lastingPort } from '../../packages/testkit/src/oracle/port.ts';
import { agentProgram } from '../../packages/testkit/src/oracle/programs.ts';
import { RpcFeeder } from '../../packages/testkit/src/oracle/rpc-feeder.ts';
import { chanceOf } from '../../packages/testkit/src/oracle/seed.ts';
import { arrivedOrStill } from '../../packages/testkit/src/oracle/tailing.ts';
import { waitFor } from '../../packages/testkit/src/process/wait.ts';

const members = ['flume', 'ours', 'leaving'] as const;
const partitions = 6;

function conf(bootstrap: string, ports: readonly number[], output: (member: string) => string): string {
  const lines = members.flatMap((member, i) =>
    [
      ...['sources = r1', 'channels = c1', 'sinks = k1'],
      ...['type = avro', 'bind = 127.0.0.1', `port = ${ports[i]}`, 'channels = c1'].map(
        (line) => `sources.r1.${line}`,
      ),
      'channels.c1.type = org.apache.flume.channel.kafka.KafkaChannel',
      `channels.c1.kafka.bootstrap.servers = ${bootstrap}`,
      ...['channels.c1.kafka.topic = shared', 'channels.c1.kafka.consumer.group.id = readers'],
      ...[
        'type = file_roll',
        `sink.directory = ${output(member)}`,
        'sink.rollInterval = 0',
        'channel = c1',
      ].map((line) => `sinks.k1.${line}`),
    ].map((line) => `${member}.${line}\n`),
  );
  return lines.join('');
}

test('Flume and Millrace share a topic as members of one group', async () => {
  const chance = chanceOf('a Kafka channel of several agents');
  await using dir = tempDir('millrace-shared-');
  await using kafka = await RealKafka.start();
  await kafka.tools.createTopic('shared', { partitions });
  const output = (member: string) => dir.join(`out-${member}`);
  for (const member of members) mkdirSync(output(member));
  const ports = [await lastingPort(), await lastingPort(), await lastingPort()];
  const file = dir.join('agents.conf');
  writeFileSync(file, conf(kafka.bootstrap, ports, output));
  await using flume = await flumeProgram(file, 'flume', dir.join('flume'));
  await using ours = agentProgram(file, 'ours');
  await using leaving = agentProgram(file, 'leaving');
  await Promise.all([flume, ours, leaving].map((program) => program.start()));
  const feeders = [flume, ours].map((program, i) => {
    const streams = [0, 1].map((n) => `${program === flume ? 'flume' : 'ours'}${n}`);
    return new RpcFeeder('avro', ports[i]!, chance.fork(), { streams, pauseMs: 20 }).start();
  });
  const counts = () => members.map((member) => countRolled(output(member)));
  const grown = (by: readonly number[], from: readonly number[]) =>
    counts().every((count, i) => count >= from[i]! + by[i]!);
  await waitFor('every member to read', () => grown([20, 20, 20], [0, 0, 0]), { timeoutMs: 90_000 });
  await leaving.stop();
  const left = counts();
  await waitFor('those who stay to read', () => grown([50, 50, 0], left), { timeoutMs: 90_000 });
  const obligations = new Map<string, number>();
  for (const { obligations: own } of await Promise.all(feeders.map((feeder) => feeder.stop())))
    for (const [stream, count] of own as Obligations) obligations.set(stream, count);
  const count = [...obligations.values()].reduce((sum, each) => sum + each, 0);
  const verdict = () =>
    judge(
      obligations,
      members.flatMap((member) => [...rolledArrivals(output(member))]),
    );
  await arrivedOrStill(() => count - verdict().missing.length, count, 30_000, 500);
  for (const program of [flume, ours]) await program.stop();
  const found = verdict();
  console.log(
    `${count} lines, ${counts()
      .map((each, i) => `${each} by ${members[i]}`)
      .join(', ')}, ${found.doubles} doubles`,
  );
  // Who reads what changes as members come and go, and with it the order.
  expect(faultsOf({ ...found, disordered: [] })).toEqual([]);
  expect(obligations.size).toBe(4);
});
