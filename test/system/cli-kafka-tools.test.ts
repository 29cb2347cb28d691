/** Our kafka-* commands and Kafka's own tools, on the same brokers: the same work and the same words. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Broker } from '../../packages/millrace/src/broker/index.ts';
import { run as consoleConsumer } from '../../packages/millrace/src/cli/kafka-console-consumer.ts';
import { run as consoleProducer } from '../../packages/millrace/src/cli/kafka-console-producer.ts';
import { run as consumerGroups } from '../../packages/millrace/src/cli/kafka-consumer-groups.ts';
import { run as topics } from '../../packages/millrace/src/cli/kafka-topics.ts';
import { KafkaTools } from '../../packages/testkit/src/kafka/kafka-tools.ts';
import { RealKafka } from '../../packages/testkit/src/kafka/real-kafka.ts';
import { type CliRun, runCli } from '../../packages/testkit/src/process/cli-io.ts';

const commands = {
  'kafka-topics': topics,
  'kafka-console-producer': consoleProducer,
  'kafka-console-consumer': consoleConsumer,
  'kafka-consumer-groups': consumerGroups,
} as const;
type Command = keyof typeof commands;

interface Cluster {
  readonly bootstrap: string;
  close(): Promise<void>;
}

async function realKafka(): Promise<Cluster> {
  const kafka = await RealKafka.start();
  return { bootstrap: kafka.bootstrap, close: () => kafka[Symbol.asyncDispose]() };
}

async function embedded(): Promise<Cluster> {
  const broker = await Broker.start({ groupInitialRebalanceDelayMs: 0 });
  return { bootstrap: broker.bootstrapServers, close: () => broker.stop() };
}

describe.each([
  ['Apache Kafka', realKafka],
  ['the embedded broker', embedded],
])('on %s', (_, start) => {
  let cluster: Cluster;
  let tools: KafkaTools;
  beforeAll(async () => {
    cluster = await start();
    tools = new KafkaTools(cluster.bootstrap);
  });
  afterAll(() => cluster?.close());

  const ours = (command: Command, argv: readonly string[], stdin = ''): Promise<CliRun> =>
    runCli(commands[command], ['--bootstrap-server', cluster.bootstrap, ...argv], { stdin });
  const theirs = (command: Command, argv: readonly string[], stdin?: string) =>
    tools.run(command, argv, { anyExit: true, ...(stdin === undefined ? {} : { stdin }) });

  /** Lines without what differs from run to run or has no order in Kafka's tool: rows come out of a hash map. */
  const rows = (text: string): string[] =>
    text
      .replace(/TopicId: \S+/g, 'TopicId: ID')
      .replace(/console-consumer-[0-9a-f-]{36}/g, 'MEMBER')
      .replace(/(?<= )[\w-]{22}(?= )/g, 'MEMBER')
      .split('\n')
      .sort();

  async function same(command: Command, argv: readonly string[]): Promise<CliRun> {
    const our = await ours(command, argv);
    const their = await theirs(command, argv);
    expect(rows(our.stdout), `${command} ${argv.join(' ')}`).toEqual(rows(their.stdout));
    return our;
  }

  it('topics: what one makes the other sees alike', async () => {
    expect((await ours('kafka-topics', ['--create', '--topic', 'our.topic', '--partitions', '3'])).code).toBe(
      0,
    );
    const settings = ['--config', 'retention.ms=60000', '--config', 'cleanup.policy=compact'];
    const made = await theirs('kafka-topics', [
      '--create',
      '--topic',
      'theirs',
      '--partitions',
      '2',
      ...settings,
    ]);
    expect(made.code).toBe(0);
    await same('kafka-topics', ['--list']);
    await same('kafka-topics', ['--list', '--topic', 'our.*']);
    await same('kafka-topics', ['--describe', '--topic', 'theirs']);
    await same('kafka-topics', ['--describe', '--topic', 'our.topic']);
    await same('kafka-topics', ['--describe', '--under-replicated-partitions']);
    for (const argv of [
      ['--create', '--topic', 'theirs'],
      ['--create', '--topic', 'bad name'],
      ['--create', '--topic', 'x', '--config', 'foo=bar'],
      ['--describe', '--topic', 'nope'],
      ['--delete', '--topic', 'nope'],
      ['--alter', '--topic', 'theirs', '--partitions', '2'],
    ]) {
      expect((await same('kafka-topics', argv)).code).toBe(1);
    }
    expect((await ours('kafka-topics', ['--alter', '--topic', 'theirs', '--partitions', '4'])).code).toBe(0);
    await same('kafka-topics', ['--describe', '--topic', 'theirs']);
    expect((await ours('kafka-topics', ['--delete', '--topic', 'theirs'])).code).toBe(0);
    expect((await theirs('kafka-topics', ['--list'])).stdout).not.toContain('theirs');
  });

  it('producer and consumer: each reads what the other wrote', async () => {
    const parse = ['--reader-property', 'parse.key=true', '--reader-property', 'parse.headers=true'];
    const lines = 'h1:v1,h2:v2\tk1\tv1\nh3:\tk2\t\nh4:ä\tk1\tsöme text\n';
    expect((await ours('kafka-console-producer', ['--topic', 'talk', ...parse], lines)).code).toBe(0);
    expect((await theirs('kafka-console-producer', ['--topic', 'talk', ...parse], lines)).code).toBe(0);
    const plain = ['--topic', 'talk', '--compression-codec', 'zstd', '--sync'];
    expect((await ours('kafka-console-producer', plain, 'a\n\nb')).code).toBe(0);
    expect((await theirs('kafka-console-producer', plain, 'a\n\nb')).code).toBe(0);
    const print = ['timestamp', 'partition', 'offset', 'headers', 'key'].flatMap((what) => [
      ...['--formatter-property', `print.${what}=true`],
    ]);
    const read = ['--topic', 'talk', '--from-beginning', '--max-messages', '12'];
    const { stdout } = await same('kafka-console-consumer', [...read, ...print]);
    expect(stdout.split('\n')).toHaveLength(13);
    const marks = ['--formatter-property', 'key.separator=|', '--formatter-property', 'null.literal=NIL'];
    await same('kafka-console-consumer', [...read, '--formatter-property', 'print.key=true', ...marks]);
    await same('kafka-console-consumer', [
      ...['--topic', 'talk', '--partition', '0', '--offset', '4', '--max-messages', '3'],
    ]);
  });

  it("timestamps of the broker's clock are told from the producer's", async () => {
    const stamped = ['--config', 'message.timestamp.type=LogAppendTime'];
    expect((await ours('kafka-topics', ['--create', '--topic', 'stamped', ...stamped])).code).toBe(0);
    await ours('kafka-console-producer', ['--topic', 'stamped'], 'a\n');
    const read = ['--topic', 'stamped', '--from-beginning', '--max-messages', '1'];
    const print = ['--formatter-property', 'print.timestamp=true'];
    const { stdout } = await same('kafka-console-consumer', [...read, ...print]);
    expect(stdout).toMatch(/^LogAppendTime:\d{13}\ta\n$/);
  });

  it('groups: the same tables, and offsets that both move', async () => {
    await ours('kafka-console-producer', ['--topic', 'talk2'], 'a\nb\nc\nd\ne\n');
    const read = ['--topic', 'talk2', '--from-beginning', '--max-messages', '2'];
    expect((await ours('kafka-console-consumer', [...read, '--group', 'ours'])).stdout).toBe('a\nb\n');
    expect((await theirs('kafka-console-consumer', [...read, '--group', 'theirs'])).stdout).toBe('a\nb\n');
    expect((await theirs('kafka-console-consumer', [...read, '--group', 'ours'])).stdout).toBe('c\nd\n');
    expect((await ours('kafka-console-consumer', [...read, '--group', 'theirs'])).stdout).toBe('c\nd\n');
    for (const what of [[], ['--members'], ['--state'], ['--state', '--verbose']]) {
      await same('kafka-consumer-groups', ['--describe', '--group', 'ours', ...what]);
    }
    await same('kafka-consumer-groups', ['--list']);
    await same('kafka-consumer-groups', ['--list', '--state']);
    await same('kafka-consumer-groups', ['--list', '--type', '--state', 'Empty']);
    const reset = ['--reset-offsets', '--group', 'ours', '--topic', 'talk2'];
    for (const to of [['--to-earliest'], ['--to-latest'], ['--shift-by', '-3'], ['--to-offset', '99']]) {
      await same('kafka-consumer-groups', [...reset, ...to, '--dry-run']);
    }
    await ours('kafka-consumer-groups', [...reset, '--shift-by', '-3', '--execute']);
    await same('kafka-consumer-groups', ['--describe', '--group', 'ours']);
    await same('kafka-consumer-groups', ['--delete', '--group', 'nowhere']);
    expect((await ours('kafka-consumer-groups', ['--delete', '--group', 'ours'])).code).toBe(0);
    expect((await theirs('kafka-consumer-groups', ['--list'])).stdout).not.toMatch(/^ours$/m);
  });

  it.each(['classic', 'consumer'])('%s groups with a member: the same tables', async (protocol) => {
    const topic = `talk3-${protocol}`;
    const group = `alive-${protocol}`;
    await ours('kafka-console-producer', ['--topic', topic], 'a\nb\n');
    const member = await tools.start('kafka-console-consumer', [
      ...['--topic', topic, '--from-beginning', '--group', group],
      ...['--command-property', `group.protocol=${protocol}`],
    ]);
    try {
      await member.waitForLine(/^b$/, 60_000);
      // Its first commit comes 5 s later and would change the table between two looks.
      await expect
        .poll(async () => (await ours('kafka-consumer-groups', ['--describe', '--group', group])).stdout, {
          timeout: 30_000,
          interval: 500,
        })
        .toMatch(new RegExp(`${group} +${topic} +0 +2 +2 +0 `));
      const looks =
        protocol === 'classic'
          ? [[], ['--members'], ['--members', '--verbose'], ['--state']]
          : [[], ['--members', '--verbose'], ['--state', '--verbose']];
      for (const what of looks) {
        await same('kafka-consumer-groups', ['--describe', '--group', group, ...what]);
      }
      if (protocol === 'consumer') return; // the rest is another request
      await same('kafka-consumer-groups', ['--delete', '--group', group]);
      await same('kafka-consumer-groups', ['--delete-offsets', '--group', group, '--topic', `${topic}:0`]);
      await same('kafka-consumer-groups', [
        ...['--reset-offsets', '--group', group, '--topic', topic, '--to-earliest', '--execute'],
      ]);
    } finally {
      await member.kill();
    }
  });
});
