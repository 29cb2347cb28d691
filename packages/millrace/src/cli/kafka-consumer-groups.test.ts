import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tempDir } from '../../../testkit/src/files/temp-dir.ts';
import { runCli } from '../../../testkit/src/process/cli-io.ts';
import { Broker } from '../broker/index.ts';
import { KafkaClient } from '../clients/kafka/client.ts';
import { Consumer } from '../clients/kafka/consumer/consumer.ts';
import { run as runConsumer } from './kafka-console-consumer.ts';
import { run as runProducer } from './kafka-console-producer.ts';
import { run } from './kafka-consumer-groups.ts';
import { assignmentText } from './kafka-group-describe.ts';
import { run as runTopics } from './kafka-topics.ts';

let broker: Broker;
beforeAll(async () => {
  broker = await Broker.start({ groupInitialRebalanceDelayMs: 0 });
  const server = ['--bootstrap-server', broker.bootstrapServers];
  await runCli(runTopics, [...server, '--create', '--topic', 'logs', '--partitions', '2']);
  await runCli(runProducer, [...server, '--topic', 'logs', '--property', 'parse.key=true'], {
    stdin: Array.from({ length: 10 }, (_, i) => `${i % 2 === 0 ? 'k0' : 'k3'}\t${i}\n`).join(''),
  });
  const read = ['--topic', 'logs', '--group', 'done', '--from-beginning', '--max-messages', '10'];
  await runCli(runConsumer, [...server, ...read]);
});
afterAll(() => broker.stop());

const groups = (...argv: string[]) => runCli(run, ['--bootstrap-server', broker.bootstrapServers, ...argv]);
const reset = (...argv: string[]) => groups('--reset-offsets', '--group', 'done', ...argv);
const committed = async (group: string): Promise<unknown> => {
  const [{ partitions }] = JSON.parse((await groups('--describe', '--group', group, '--json')).stdout);
  return partitions.map((each: { currentOffset: number }) => each.currentOffset);
};

const offsetsHeader =
  'GROUP           TOPIC           PARTITION  CURRENT-OFFSET  LOG-END-OFFSET  LAG             CONSUMER-ID     HOST            CLIENT-ID\n';

describe('kafka-consumer-groups', () => {
  it('describes a group without members', async () => {
    const { code, stdout, stderr } = await groups('--describe', '--group', 'done');
    expect(stdout).toBe(
      `\n${offsetsHeader}${[0, 1]
        .map(
          (p) =>
            `done            logs            ${p}          5               5               0               -               -               -\n`,
        )
        .join('')}`,
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: "\nConsumer group 'done' has no active members.\n" });
    expect((await groups('--list')).stdout).toBe('done\n');
    expect((await groups('--list', '--state')).stdout).toBe(
      'GROUP                     STATE               \ndone                      Empty               \n',
    );
    expect((await groups('--list', '--state', 'stable', '--json')).stdout).toBe('[]\n');
  });

  it('describes and spares a group with members', async () => {
    await using client = new KafkaClient({ bootstrapServers: [broker.bootstrapServers], clientId: 'me' });
    await using consumer = new Consumer(client, {
      groupId: 'live',
      topics: ['logs'],
      autoOffsetReset: 'earliest',
    });
    while (consumer.assignment.length === 0) await consumer.poll(100);
    const members = (await groups('--describe', '--group', 'live', '--members', '--verbose')).stdout.split(
      '\n',
    );
    expect(members[1]).toMatch(
      /^GROUP {11}CONSUMER-ID +HOST {12}CLIENT-ID {7}#PARTITIONS {5}CURRENT-EPOCH {3}CURRENT-ASSIGNMENT {3}TARGET-EPOCH {4}TARGET-ASSIGNMENT {3}$/,
    );
    expect(members[2]?.split(/ +/)).toEqual([
      ...['live', consumer.memberId, '/127.0.0.1', 'me', '2', '-', 'logs:0,1', '-', '-', ''],
    ]);
    const state = (await groups('--describe', '--group', 'live', '--state')).stdout.split('\n')[2];
    expect(state?.split(/ {2,}/)).toEqual([
      'live',
      `${broker.bootstrapServers}`,
      '(1)',
      'range',
      'Stable',
      '1',
    ]);

    const refused = await groups(
      '--reset-offsets',
      '--group',
      'live',
      '--topic',
      'logs',
      '--to-latest',
      '--execute',
    );
    expect(refused.code).toBe(1);
    expect(refused.stdout).toContain(
      "can only be reset if the group 'live' is inactive, but the current state is Stable",
    );
    const deleted = await groups('--delete', '--group', 'live');
    expect(deleted.code).toBe(1);
    expect(deleted.stdout).toContain('GroupNotEmptyException: The group is not empty.');
  });

  it('resets offsets, only when told to', async () => {
    const dry = await reset('--topic', 'logs', '--to-earliest');
    expect(dry.stdout).toBe(
      '\nGROUP           TOPIC           PARTITION  NEW-OFFSET\n' +
        'done            logs            0          0\ndone            logs            1          0\n',
    );
    expect(dry.stderr).toContain('No action will be performed');
    expect(await committed('done')).toEqual([5, 5]);
    const steps: [string[], number[]][] = [
      [
        ['--topic', 'logs:1', '--to-offset', '3'],
        [5, 3],
      ],
      [
        ['--all-topics', '--shift-by', '-2'],
        [3, 1],
      ],
      [
        ['--topic', 'logs', '--to-offset', '99'],
        [5, 5],
      ],
      [
        ['--topic', 'logs', '--to-datetime', '2001-01-01T00:00:00.000'],
        [0, 0],
      ],
      [
        ['--topic', 'logs', '--by-duration', 'PT0S'],
        [5, 5],
      ],
      [
        ['--topic', 'logs:0', '--to-earliest'],
        [0, 5],
      ],
      [
        ['--all-topics', '--to-current'],
        [0, 5],
      ],
      [
        ['--topic', 'logs', '--to-latest'],
        [5, 5],
      ],
    ];
    for (const [argv, offsets] of steps) {
      expect(await reset(...argv, '--execute')).toMatchObject({ code: 0 });
      expect(await committed('done'), argv.join(' ')).toEqual(offsets);
    }
  });

  it('exports a plan and follows it', async () => {
    using dir = tempDir();
    const plan = await reset('--topic', 'logs', '--to-offset', '2', '--export', '--dry-run');
    expect(plan).toMatchObject({ stdout: 'logs,0,2\nlogs,1,2\n', stderr: '' });
    writeFileSync(dir.join('plan.csv'), plan.stdout);
    await reset('--from-file', dir.join('plan.csv'), '--execute');
    expect(await committed('done')).toEqual([2, 2]);
    writeFileSync(dir.join('plan.csv'), 'logs,0,2\nlogs,two,2\n');
    const bad = await reset('--from-file', dir.join('plan.csv'), '--execute');
    expect(bad.code).toBe(78);
    expect(bad.stderr).toContain("plan.csv:2: 'logs,two,2' is not topic,partition,offset");
  });

  it('tells of topics, partitions and groups that are not there', async () => {
    expect((await reset('--topic', 'logs:7', '--to-latest', '--dry-run')).stdout).toContain(
      'The partitions "logs-7" do not exist',
    );
    expect(await reset('--topic', 'nope', '--to-latest', '--dry-run')).toMatchObject({ code: 1 });
    expect(await groups('--describe', '--group', 'nope')).toMatchObject({
      code: 1,
      stdout: "\nError: Consumer group 'nope' does not exist.\n",
    });
  });

  it('deletes offsets and groups', async () => {
    const base = ['--reset-offsets', '--group', 'gone', '--topic', 'logs', '--to-latest', '--execute'];
    expect(await groups(...base)).toMatchObject({ code: 0 });
    expect((await groups('--delete-offsets', '--group', 'gone', '--topic', 'logs:0')).stdout).toBe(
      'Request succeeded for deleting offsets from group gone.\n\n' +
        'TOPIC           PARTITION  STATUS         \nlogs            0          Successful     \n',
    );
    expect(await committed('gone')).toEqual([5]);
    expect((await groups('--delete', '--group', 'gone', '--group', 'nope')).stdout).toBe(
      '\nError: Deletion of some consumer groups failed:\n' +
        "* Group 'nope' could not be deleted due to: org.apache.kafka.common.errors.GroupIdNotFoundException: The group id does not exist.\n" +
        "\nThese consumer groups were deleted successfully: 'gone'\n",
    );
  });

  it.each([
    [['--list', '--describe'], 'exactly one action'],
    [['--describe'], 'Option [describe] takes one of these options: [all-groups], [group]'],
    [['--describe', '--group', 'g', '--members', '--state'], 'at most one of these options'],
    [['--reset-offsets', '--group', 'g', '--to-latest'], 'One of the reset scopes should be defined'],
    [['--reset-offsets', '--group', 'g', '--topic', 't'], 'requires one of the following scenarios'],
    [
      ['--reset-offsets', '--group', 'g', '--topic', 't', '--to-latest', '--to-earliest'],
      'one of the following scenarios',
    ],
    [
      ['--reset-offsets', '--group', 'g', '--topic', 't', '--to-latest', '--dry-run', '--execute'],
      'only accepts one of',
    ],
    [
      ['--reset-offsets', '--group', 'g', '--topic', 't', '--by-duration', '5m'],
      '--by-duration takes PnDTnHnMnS',
    ],
    [['--reset-offsets', '--group', 'done', '--topic', 'logs:x', '--to-latest'], "Invalid partition 'x'"],
    [['--list', '--execute'], 'belong to --reset-offsets'],
  ])('refuses %j', async (argv, text) => {
    const { code, stderr } = await groups(...argv);
    expect(stderr).toContain(text);
    expect(code).toBe(64);
  });
});

describe('assignmentText', () => {
  it('groups partitions by topic, in order', () => {
    const of = (topic: string, partition: number) => ({ topic, partition });
    expect(assignmentText([of('b', 1), of('a', 10), of('a', 2)])).toBe('a:2,10;b:1');
    expect(assignmentText([])).toBe('-');
  });
});
