/** Groups of the consumer protocol (KIP-848) of the embedded broker beside those of Apache Kafka, and over its ends. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Consumer as PlatformaticConsumer, stringDeserializers } from '@platformatic/kafka';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Broker } from '../../packages/millrace/src/broker/index.ts';
import { Admin } from '../../packages/millrace/src/clients/kafka/admin/admin.ts';
import { KafkaClient } from '../../packages/millrace/src/clients/kafka/client.ts';
import { Consumer } from '../../packages/millrace/src/clients/kafka/consumer/consumer.ts';
import { Producer } from '../../packages/millrace/src/clients/kafka/producer/producer.ts';
import { tempDir } from '../../packages/testkit/src/files/temp-dir.ts';
import { consumerGroupTranscript } from '../../packages/testkit/src/kafka/consumer-group-script.ts';
import { batchOf } from '../../packages/testkit/src/kafka/fake-cluster/bench.ts';
import { describeConsumerGroup } from '../../packages/testkit/src/kafka/group-probe.ts';
import { KafkaTools, runKafkaTool } from '../../packages/testkit/src/kafka/kafka-tools.ts';
import { RealKafka } from '../../packages/testkit/src/kafka/real-kafka.ts';
import { startMillrace } from '../../packages/testkit/src/process/millrace.ts';
import type { ManagedProcess } from '../../packages/testkit/src/process/processes.ts';
import { waitFor } from '../../packages/testkit/src/process/wait.ts';

describe('beside Apache Kafka', () => {
  let kafka: RealKafka;
  let broker: Broker;

  beforeAll(async () => {
    const prefix = 'group.consumer';
    const settings = { [`${prefix}.migration.policy`]: 'disabled', [`${prefix}.assignment.interval.ms`]: 0 };
    [kafka, broker] = await Promise.all([
      RealKafka.start({ jvmFlags: ['-Xmx256m'], settings }),
      Broker.start({ groupConsumerAssignmentIntervalMs: 0 }),
    ]);
  }, 120_000);
  afterAll(() => Promise.all([kafka?.[Symbol.asyncDispose](), broker?.stop()]));

  test('every answer is the same', { timeout: 120_000 }, async () => {
    const [theirs, ours] = await Promise.all([
      consumerGroupTranscript(Number(kafka.bootstrap.split(':')[1])),
      consumerGroupTranscript(broker.port),
    ]);
    for (const [i, [what, answer]] of theirs.entries()) expect(ours[i], what).toEqual([what, answer]);
    expect(ours).toHaveLength(theirs.length);
  });

  test("Kafka's own consumer reads, and kafka-consumer-groups shows the same", {
    timeout: 240_000,
  }, async () => {
    const look = async (bootstrap: string) => {
      await using client = new KafkaClient({ bootstrapServers: [bootstrap] });
      await new Admin(client).createTopics([{ topic: 'shown', partitions: 3, replicationFactor: 1 }]);
      const producer = new Producer(client, { acks: -1 });
      await Promise.all(
        [0, 1, 2].map((partition) => producer.send('shown', partition, batchOf([`in ${partition}`]))),
      );
      await producer.close();
      const tools = new KafkaTools(bootstrap);
      const options = ['group.protocol=consumer', 'client.id=reader', 'group.remote.assignor=range'];
      const consumer = await tools.start('kafka-console-consumer', [
        ...['--include', 'show.', '--group', 'readers', '--from-beginning'],
        ...options.flatMap((option) => ['--command-property', option]),
      ]);
      await waitFor('the records', () => consumer.stdout.split('\n').length > 3, { timeoutMs: 60_000 });
      const groups = (...args: string[]) => tools.run('kafka-consumer-groups', args);
      const shown = [
        await groups('--describe', '--group', 'readers', '--members', '--verbose'),
        await groups('--describe', '--group', 'readers', '--state', '--verbose'),
      ].map(({ stdout }) => masked(stdout, bootstrap));
      consumer.signal('SIGTERM');
      await consumer.exited;
      await waitFor(
        'the leave',
        async () => (await describeConsumerGroup(client, 'readers')).groupState === 'Empty',
      );
      shown.push(masked((await groups('--list', '--state')).stdout, bootstrap));
      return { read: consumer.stdout.trim().split('\n').sort(), shown };
    };
    const [theirs, ours] = await Promise.all([look(kafka.bootstrap), look(broker.bootstrapServers)]);
    expect(ours).toEqual(theirs);
    expect(ours.read).toEqual(['in 0', 'in 1', 'in 2']);
    expect(ours.shown[0]).toMatch(/readers\s+ID\s+\/127.0.0.1\s+reader\s+3.*shown:0,1,2/);
  });

  /** Without what differs from run to run. */
  const masked = (text: string, bootstrap: string) =>
    text
      .replaceAll(/[\w-]{22}\b(?=\s)|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'ID')
      .replaceAll(bootstrap, 'BROKER')
      .replaceAll(/\(\d+\)/g, '(NODE)')
      .split('\n')
      .filter((line) => !/^(wire-group|__)/.test(line.trim()))
      .map((line) => line.trim().replaceAll(/\s+/g, ' '))
      .sort()
      .join('\n');
});

describe('in one group with our own client', () => {
  const all = [0, 1, 2, 3, 4, 5, 6, 7];

  /** Comes into the group, gives what it has read, and leaves. */
  interface Guest {
    readonly read: readonly string[];
    leave(): Promise<void>;
  }
  const guests: Readonly<Record<string, (bootstrap: string) => Promise<Guest>>> = {
    "Kafka's own consumer": async (bootstrap) => {
      const read: string[] = [];
      const args = ['--topic', 'mixed', '--group', 'mixed', '--command-property', 'group.protocol=consumer'];
      const consumer = await new KafkaTools(bootstrap).start('kafka-console-consumer', args);
      // At its end it says how many there were.
      consumer.onLine((line) => void (/^(alone|together)/.test(line) && read.push(line)));
      const leave = async () => {
        consumer.signal('SIGTERM');
        await consumer.exited;
      };
      return { read, leave };
    },
    '@platformatic/kafka': async (bootstrap) => {
      const read: string[] = [];
      const consumer = new PlatformaticConsumer({
        ...{ clientId: 'p', groupId: 'mixed', bootstrapBrokers: [bootstrap], groupProtocol: 'consumer' },
        deserializers: stringDeserializers,
      });
      const stream = await consumer.consume({ topics: ['mixed'], mode: 'committed', autocommit: true });
      stream.on('data', ({ value }) => void read.push(value));
      const leave = async () => {
        await stream.close();
        await consumer.close(true);
      };
      return { read, leave };
    },
  };

  test.each(Object.entries(guests))(
    '%s comes and goes, and every record is read once',
    async (_, enter) => {
      await using broker = await Broker.start({
        ...{ groupConsumerHeartbeatIntervalMs: 300, groupConsumerAssignmentIntervalMs: 0 },
      });
      await using client = new KafkaClient({ bootstrapServers: [broker.bootstrapServers] });
      await broker.createTopic('mixed', { partitions: all.length });
      const producer = new Producer(client, { acks: -1 });
      const send = (what: string) =>
        Promise.all(
          all.map((partition) => producer.send('mixed', partition, batchOf([`${what} ${partition}`]))),
        );
      const ours = new Consumer(client, {
        ...{ topics: ['mixed'], groupId: 'mixed', groupProtocol: 'consumer', autoOffsetReset: 'earliest' },
      });
      const read: string[] = [];
      const poll = async () => {
        for (const { topic, partition, nextOffset: offset, batch } of await ours.poll(20)) {
          for (let i = 0; i < batch.count; i++) read.push(String(batch.event(i).body));
          await ours.commit([{ topic, partition, offset }]);
        }
      };
      const polling = (what: string, isSo: () => boolean) =>
        waitFor(what, () => poll().then(isSo), { timeoutMs: 90_000, everyMs: 0 });
      const of = (...whats: string[]) =>
        whats.flatMap((what) => all.map((partition) => `${what} ${partition}`));
      await send('alone');
      await polling('all of it', () => read.length === 8);
      const guest = await enter(broker.bootstrapServers);
      await polling('a half', () => ours.assignment.length === 4);
      await send('together');
      await polling('what both read', () => read.length + guest.read.length === 16);
      expect(guest.read).toHaveLength(4);
      await guest.leave();
      await polling('all again', () => ours.assignment.length === 8);
      await send('alone again');
      await polling('all that came after', () => read.length + guest.read.length >= 24);
      await ours.close();
      await producer.close();
      expect([...read, ...guest.read].sort()).toEqual(of('alone', 'together', 'alone again').sort());
    },
    180_000,
  );
});

describe('over the ends of the broker', () => {
  const dir = tempDir();
  afterAll(() => dir[Symbol.dispose]());

  test('members go on after a kill -9, with their epoch, and Kafka reads the log', {
    timeout: 240_000,
  }, async () => {
    let broker = await start(dir.path, 0);
    await using client = new KafkaClient({ bootstrapServers: [`127.0.0.1:${broker.port}`] });
    await new Admin(client).createTopics([{ topic: 'lasting', partitions: 4, replicationFactor: 1 }]);
    const producer = new Producer(client, { acks: -1 });
    const read: string[] = [];
    const told: string[] = [];
    const members = [0, 1].map((i) => {
      const note = (what: string) => () => void told.push(`${i} ${what}`);
      return new Consumer(client, {
        ...{ groupId: 'lasting', groupProtocol: 'consumer', autoOffsetReset: 'earliest' },
        ...(i === 0 ? { topics: ['lasting'] } : { topics: ['lasting'], groupInstanceId: 'named' }),
        ...{ onAssigned: note('assigned'), onRevoked: note('revoked'), onLost: note('lost') },
      });
    });
    const poll = async () => {
      for (const member of members) {
        for (const { topic, partition, nextOffset: offset, batch } of await member.poll(20)) {
          for (let i = 0; i < batch.count; i++) read.push(String(batch.event(i).body));
          await member.commit([{ topic, partition, offset }]);
        }
      }
    };
    const send = (body: string) =>
      Promise.all(
        [0, 1, 2, 3].map((partition) =>
          producer.send('lasting', partition, batchOf([`${body} ${partition}`])),
        ),
      );
    const all = (body: string) => [0, 1, 2, 3].map((partition) => `${body} ${partition}`);
    const polling = (what: string, isSo: () => boolean) =>
      waitFor(what, () => poll().then(isSo), { timeoutMs: 90_000, everyMs: 0 });
    await polling('two each', () => members.every(({ assignment }) => assignment.length === 2));
    await send('before');
    await polling('what came before', () => read.length === 4);
    const before = await describeConsumerGroup(client, 'lasting');
    const toldBefore = told.length;
    broker.process.signal('SIGKILL');
    await broker.process.exited;
    broker = await start(dir.path, broker.port);
    await send('after');
    await polling('what came after', () => read.length === 8);
    expect(read.sort()).toEqual([...all('after'), ...all('before')]);
    expect(await describeConsumerGroup(client, 'lasting')).toEqual(before);
    expect(told.slice(toldBefore)).toEqual([]);
    for (const member of members) await member.close();
    await producer.close();
    broker.process.signal('SIGTERM');
    await broker.process.exited;

    const folder = join(dir.path, '__consumer_offsets-0');
    const log = join(folder, readdirSync(folder).find((name) => name.endsWith('.log'))!);
    const { stdout } = await runKafkaTool('kafka-dump-log', ['--offsets-decoder', '--files', log]);
    const kinds = new Set(Array.from(stdout.matchAll(/"type":"?(\d+)/g), ([, type]) => Number(type)));
    expect([...kinds].sort((a, b) => a - b)).toEqual([1, 3, 5, 6, 7, 8]);
    expect(stdout).toMatch(/"instanceId":"named"/);
    expect(stdout).not.toMatch(/Could not decode|Exception/);
  });
});

async function start(dataDir: string, port: number): Promise<{ process: ManagedProcess; port: number }> {
  const process = await startMillrace([
    ...['broker', '--listen', `127.0.0.1:${port}`, '--data', dataDir],
    ...['--set', 'group.consumer.heartbeat.interval.ms=300'],
  ]);
  const listens = await waitFor('the broker', () =>
    /listens on \D*127\.0\.0\.1:(\d+)/.exec(process.stderr + process.stdout),
  );
  return { process, port: Number(listens[1]) };
}
