import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePorts } from '../../../testkit/src/net/free-port.ts';
import { runCli } from '../../../testkit/src/process/cli-io.ts';
import { Broker } from '../broker/index.ts';
import { includePattern, run } from './kafka-topics.ts';

let broker: Broker;
beforeAll(async () => {
  broker = await Broker.start();
});
afterAll(() => broker.stop());

const topics = (...argv: string[]) => runCli(run, ['--bootstrap-server', broker.bootstrapServers, ...argv]);

describe('kafka-topics', () => {
  it('creates, describes, alters, lists and deletes', async () => {
    expect(
      await topics('--create', '--topic=life', '--partitions=2', '--config', 'retention.ms=1000'),
    ).toEqual({
      code: 0,
      stdout: 'Created topic life.\n',
      stderr: '',
    });
    const { stdout } = await topics('--describe', '--topic', 'life');
    expect(stdout.replace(/TopicId: \S{22}/, 'TopicId: ID')).toBe(
      'Topic: life\tTopicId: ID\tPartitionCount: 2\tReplicationFactor: 1\tConfigs: retention.ms=1000\n' +
        '\tTopic: life\tPartition: 0\tLeader: 1\tReplicas: 1\tIsr: 1\tElr: \tLastKnownElr: \n' +
        '\tTopic: life\tPartition: 1\tLeader: 1\tReplicas: 1\tIsr: 1\tElr: \tLastKnownElr: \n',
    );
    expect(await topics('--alter', '--topic', 'life', '--partitions', '3')).toMatchObject({
      code: 0,
      stdout: '',
    });
    expect((await topics('--alter', '--topic', 'life', '--delete-config', 'retention.ms')).stdout).toBe(
      'Completed updating config for topic life.\n',
    );
    const [described] = JSON.parse((await topics('--describe', '--topic', 'life', '--json')).stdout);
    expect(described).toMatchObject({ topic: 'life', partitionCount: 3, configs: {} });
    expect((await topics('--list', '--topic', 'li.*')).stdout).toBe('life\n');
    expect(await topics('--delete', '--topic', 'life')).toMatchObject({ code: 0, stdout: '' });
    expect((await topics('--list', '--topic', 'life')).stdout).toBe('\n');
  });

  it("tells what the broker refuses in the words of Kafka's tool", async () => {
    await topics('--create', '--topic', 'twice');
    expect(await topics('--create', '--topic', 'twice')).toMatchObject({
      code: 1,
      stdout: "Error while executing topic command : Topic 'twice' already exists.\n",
    });
    expect(await topics('--create', '--topic', 'twice', '--if-not-exists')).toMatchObject({
      code: 0,
      stdout: '',
    });
    expect(await topics('--describe', '--topic', 'nope')).toMatchObject({
      code: 1,
      stdout: "Error while executing topic command : Topic 'nope' does not exist as expected\n",
    });
    expect(await topics('--delete', '--topic', 'nope', '--if-exists')).toMatchObject({ code: 0 });
    expect((await topics('--create', '--topic', 'x', '--partitions', '0')).stdout).toContain(
      'The partitions must be greater than 0',
    );
    expect((await topics('--create', '--topic', 'x', '--config', 'foo=bar')).stdout).toContain(
      'Unknown topic config name: foo',
    );
  });

  it('warns of names that collide in metrics', async () => {
    const { stdout } = await topics('--create', '--topic', 'a.b_c');
    expect(stdout).toMatch(/^WARNING: Due to limitations in metric names.*\nCreated topic a\.b_c\.\n$/);
  });

  it('shows only what a filter asks for', async () => {
    await topics('--create', '--topic', 'plain');
    await topics('--create', '--topic', 'special', '--config', 'segment.ms=9999');
    const overrides = (await topics('--describe', '--topics-with-overrides')).stdout;
    expect(overrides).toContain('Topic: special');
    expect(overrides).not.toContain('Topic: plain');
    expect(overrides).not.toContain('Partition: ');
    expect(await topics('--describe', '--under-replicated-partitions')).toMatchObject({
      code: 0,
      stdout: '',
    });
    expect((await topics('--describe', '--topic', 'plain', '--at-min-isr-partitions')).stdout).toMatch(
      /^\tTopic: plain\tPartition: 0/,
    );
  });

  it.each([
    [['--topic', 'x'], 'exactly one action'],
    [['--create', '--list'], 'exactly one action'],
    [['--create'], 'Missing required argument "[topic]"'],
    [['--list', '--partitions', '3'], `Option "[partitions]" can't be used with option "[list]"`],
    [['--alter', '--topic', 'x'], '--alter needs'],
    [['--create', '--topic', 'x', '--partitions', 'three'], '--partitions takes a whole number'],
    [['--lst'], 'Did you mean --list?'],
    [['--describe', '--topic', '('], 'not a valid regular expression'],
    [['--list', '--zookeeper', 'localhost:2181'], 'millrace kafka-topics --bootstrap-server'],
  ])('refuses %j', async (argv, text) => {
    const { code, stdout, stderr } = await topics(...argv);
    expect(stderr).toContain(text);
    expect([code, stdout]).toEqual([64, '']);
  });

  it('says which broker does not answer', async () => {
    const [port] = await freePorts(1);
    const { code, stderr } = await runCli(run, ['--bootstrap-server', `127.0.0.1:${port}`, '--list']);
    expect(code).toBe(69);
    expect(stderr).toContain(`127.0.0.1:${port}`);
  });
});

describe('includePattern', () => {
  it("reads commas, blanks and quotes as Kafka's filter does", () => {
    expect(['a', 'bc', 'abc'].map((topic) => includePattern(' "a, b." ').test(topic))).toEqual([
      true,
      true,
      false,
    ]);
  });
});
