/** `kafka-consumer-groups` with the flags and the output of Kafka's own tool. */
import type { Admin, GroupListing } from '../clients/kafka/admin/admin.ts';
import { brokerErrorName } from '../clients/kafka/kafka-errors.ts';
import type { TopicPartition } from '../clients/kafka/options.ts';
import { kafkaErrorOf } from '../protocol/error-codes.ts';
import { MillraceError } from '../runtime/errors.ts';
import { collect, wholeNumber } from './command.ts';
import { exitCodes, type Io } from './io.ts';
import {
  brokerText,
  type ConnectionFlags,
  kafkaCommand,
  oneOf,
  row,
  runKafkaCommand,
  withAdmin,
  writeJson,
} from './kafka-common.ts';
import { type DescribeFlags, describeGroups } from './kafka-group-describe.ts';
import { type ResetFlags, resetOffsets, resetScenarios, topicPartitions } from './kafka-group-reset.ts';

interface Flags extends ConnectionFlags, DescribeFlags, ResetFlags {
  readonly list?: true;
  readonly describe?: true;
  readonly delete?: true;
  readonly resetOffsets?: true;
  readonly deleteOffsets?: true;
  readonly allGroups?: true;
  readonly type?: string | true;
  readonly timeout?: number;
}

const name = 'millrace kafka-consumer-groups';
const text = {
  name,
  summary:
    "Lists, describes and deletes consumer groups and resets their offsets, with the flags of Kafka's own tool.",
  examples: [
    'millrace kafka-consumer-groups --list',
    'millrace kafka-consumer-groups --describe --group g1',
    'millrace kafka-consumer-groups --reset-offsets --group g1 --topic logs --to-earliest --execute',
    'millrace kafka-consumer-groups --reset-offsets --group g1 --topic logs:0,1 --shift-by -10 --dry-run',
  ],
};

const actions = ['list', 'describe', 'delete', 'resetOffsets', 'deleteOffsets'] as const;
type Action = (typeof actions)[number];

export function run(argv: readonly string[], io: Io): Promise<number> {
  const parsed = kafkaCommand(text, io)
    .option('--list', 'list the groups')
    .option('--describe', 'tell of offsets and lag, of --members or of --state')
    .option('--delete', 'delete groups that have no members')
    .option('--reset-offsets', 'set the offsets of groups that have no members')
    .option('--delete-offsets', "delete a group's offsets of --topic")
    .option('--group <id>', 'the group; may be repeated', collect, [])
    .option('--all-groups', 'every group')
    .option('--topic <topic[:p,p]>', 'the topic, or some of its partitions; may be repeated', collect, [])
    .option('--all-topics', 'every topic that the group has offsets of')
    .option('--offsets', 'with --describe: offsets and lag (the default)')
    .option('--members', 'with --describe: the members')
    .option(
      '--state [states]',
      'with --describe or --list: the state; with --list also only those, as stable,empty',
    )
    .option('--type [types]', 'with --list: the type; also only those, as classic,consumer')
    .option('--verbose', 'with --describe: more columns')
    .option('--timeout <ms>', 'how long a broker may take', wholeNumber('--timeout', 1))
    .option('--dry-run', 'with --reset-offsets: show what would be set (the default)')
    .option('--execute', 'with --reset-offsets: set it')
    .option('--export', 'with --reset-offsets: as CSV')
    .option('--to-earliest', 'to the oldest record')
    .option('--to-latest', 'to the end')
    .option('--to-current', 'to where the group is')
    .option('--to-offset <offset>', 'to an offset', wholeNumber('--to-offset', 0))
    .option('--shift-by <n>', 'forward, or back with a negative number', wholeSigned('--shift-by'))
    .option('--to-datetime <time>', 'to a time: YYYY-MM-DDThh:mm:ss.sss, in UTC where no zone is given')
    .option('--by-duration <duration>', 'to so long ago: PnDTnHnMnS')
    .option('--from-file <file>', 'to what a CSV file of --export says')
    .option('--json', 'the answer as JSON');
  return runKafkaCommand(parsed, argv, io, () => act(parsed.opts<Flags>(), io));
}

function wholeSigned(option: string): (value: string) => number {
  return (value) => {
    const number = /^[+-]?\d{1,15}$/.test(value) ? Number(value) : Number.NaN;
    if (Number.isNaN(number)) throw usage(`${option} takes a whole number, not '${value}'`);
    return number;
  };
}

const usage = (message: string): MillraceError => new MillraceError('USAGE', message);

async function act(flags: Flags, io: Io): Promise<number> {
  const action = oneOf(
    flags,
    actions,
    'Command must include exactly one action: --list, --describe, --delete, --reset-offsets, --delete-offsets',
  );
  checkFlags(flags, action);
  const timeout = flags.timeout === undefined ? {} : { requestTimeoutMs: flags.timeout };
  return await withAdmin(
    name,
    flags,
    io,
    async (admin) => {
      try {
        if (action === 'list') return await list(admin, flags, io);
        if (action === 'deleteOffsets') return await deleteOffsets(admin, flags, io);
        const groups = flags.allGroups === true ? await consumerGroups(admin) : flags.group.toSorted();
        if (action === 'describe') return await describeGroups(admin, groups, flags, io);
        if (action === 'delete') return await deleteGroups(admin, groups, flags, io);
        return await resetOffsets(admin, groups, flags, io);
      } catch (error) {
        if (!(error instanceof MillraceError) || error.code !== 'KAFKA') throw error;
        tellFailure(`Executing consumer group command failed due to ${brokerText(error)}`, flags, io);
        return exitCodes.findings;
      }
    },
    timeout,
  );
}

/** Where Kafka's tool writes it; what is asked for as JSON stays JSON. */
function tellFailure(message: string, flags: { readonly json?: true }, io: Io): void {
  (flags.json === true ? io.stderr : io.stdout).write(`\nError: ${message}\n`);
}

function checkFlags(flags: Flags, action: Action): void {
  const takesOne = (option: string): void => {
    if (flags.allGroups === true ? flags.group.length > 0 : flags.group.length === 0) {
      throw usage(`Option [${option}] takes one of these options: [all-groups], [group]`);
    }
  };
  if (action === 'describe') {
    takesOne('describe');
    const parts = [flags.members, flags.offsets, flags.state].filter((flag) => flag !== undefined);
    if (parts.length > 1) {
      throw usage('Option [describe] takes at most one of these options: [members], [offsets], [state]');
    }
    if (typeof flags.state === 'string') {
      throw usage('Option [describe] does not take a value for [state]');
    }
  }
  if (action === 'delete') {
    takesOne('delete');
    if (flags.topic.length > 0)
      throw usage(
        'The consumer does not support topic-specific offset deletion from a consumer group. Use --delete-offsets.',
      );
  }
  if (action === 'deleteOffsets' && (flags.group.length !== 1 || flags.topic.length === 0)) {
    throw usage('Option [delete-offsets] takes the following options: [topic], [group]');
  }
  if (action === 'resetOffsets') checkReset(flags, takesOne);
  else if (flags.execute === true || flags.dryRun === true || flags.export === true) {
    throw usage('--execute, --dry-run and --export belong to --reset-offsets');
  }
}

function checkReset(flags: Flags, takesOne: (option: string) => void): void {
  takesOne('reset-offsets');
  if (flags.dryRun === true && flags.execute === true) {
    throw usage('Option [reset-offsets] only accepts one of [execute], [dry-run]');
  }
  const scenarios = resetScenarios.filter((scenario) => flags[scenario.flag] !== undefined);
  if (scenarios.length !== 1) {
    const names = resetScenarios.map(({ option }) => `[${option}]`).join(', ');
    throw usage(`Option [reset-offsets] requires one of the following scenarios: ${names}`);
  }
  const scopes = [flags.allTopics === true, flags.topic.length > 0].filter(Boolean).length;
  if (scopes > 1 || (scopes === 0 && flags.fromFile === undefined)) {
    throw usage('One of the reset scopes should be defined: --all-topics, --topic.');
  }
}

/** Groups that consumers make: of this protocol, or of none while nobody has joined. */
const isConsumerGroup = ({ protocolType }: GroupListing): boolean =>
  protocolType === 'consumer' || protocolType === '';

const consumerGroups = async (admin: Admin): Promise<string[]> =>
  (await admin.listGroups()).filter(isConsumerGroup).map(({ groupId }) => groupId);

const listed = (flag: string | true | undefined): ReadonlySet<string> | null =>
  typeof flag === 'string' ? new Set(flag.split(',').map((word) => word.trim().toLowerCase())) : null;

async function list(admin: Admin, flags: Flags, io: Io): Promise<number> {
  const states = listed(flags.state);
  const types = listed(flags.type);
  const groups = (await admin.listGroups())
    .filter(isConsumerGroup)
    .filter(
      ({ state, type }) =>
        states?.has(state.toLowerCase()) !== false && types?.has(type.toLowerCase()) !== false,
    );
  if (flags.json === true) writeJson(io, groups);
  else if (flags.state === undefined && flags.type === undefined) {
    io.stdout.write(groups.map(({ groupId }) => `${groupId}\n`).join(''));
  } else {
    const widths = [Math.max(15, ...groups.map(({ groupId }) => groupId.length)) + 10];
    const columns = (group: string, type: string, state: string): string => {
      const cells = [
        group,
        ...(flags.type === undefined ? [] : [type]),
        ...(flags.state === undefined ? [] : [state]),
      ];
      return `${row([...widths, 20, 20], cells)}\n`;
    };
    io.stdout.write(columns('GROUP', 'TYPE', 'STATE'));
    for (const { groupId, type, state } of groups) {
      io.stdout.write(columns(groupId, type === '' ? 'Unknown' : capital(type), state));
    }
  }
  return exitCodes.ok;
}

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

/** How Kafka's tool names the errors that people look for in its output. */
const javaErrors: ReadonlyMap<string, string> = new Map([
  ['GROUP_ID_NOT_FOUND', 'GroupIdNotFoundException: The group id does not exist.'],
  ['NON_EMPTY_GROUP', 'GroupNotEmptyException: The group is not empty.'],
  [
    'GROUP_SUBSCRIBED_TO_TOPIC',
    'GroupSubscribedToTopicException: Deleting offsets of a topic is forbidden while the consumer group is actively subscribed to it.',
  ],
  [
    'UNKNOWN_TOPIC_OR_PARTITION',
    'UnknownTopicOrPartitionException: This server does not host this topic-partition.',
  ],
]);

function javaError(name: string): string {
  const text = javaErrors.get(name);
  return text === undefined ? name : `org.apache.kafka.common.errors.${text}`;
}

const quotedList = (groups: readonly string[]): string => groups.map((group) => `'${group}'`).join(', ');

async function deleteGroups(admin: Admin, groups: readonly string[], flags: Flags, io: Io): Promise<number> {
  const deleted: string[] = [];
  const failed: { group: string; error: string }[] = [];
  for (const group of groups) {
    try {
      await admin.deleteGroups([group]);
      deleted.push(group);
    } catch (error) {
      const name = brokerErrorName(error);
      if (name === '') throw error;
      failed.push({ group, error: flags.json === true ? name : javaError(name) });
    }
  }
  if (flags.json === true) writeJson(io, { deleted, failed });
  else if (failed.length === 0) {
    io.stdout.write(`Deletion of requested consumer groups (${quotedList(deleted)}) was successful.\n`);
  } else {
    io.stdout.write('\nError: Deletion of some consumer groups failed:\n');
    for (const { group, error } of failed) {
      io.stdout.write(`* Group '${group}' could not be deleted due to: ${error}\n`);
    }
    if (deleted.length > 0) {
      io.stdout.write(`\nThese consumer groups were deleted successfully: ${quotedList(deleted)}\n`);
    }
  }
  return failed.length === 0 ? exitCodes.ok : exitCodes.findings;
}

async function deleteOffsets(admin: Admin, flags: Flags, io: Io): Promise<number> {
  const group = flags.group[0]!;
  const partitions: TopicPartition[] = [];
  const results: { topic: string; partition: number; error: string }[] = [];
  for (const topic of flags.topic) {
    try {
      partitions.push(...(await topicPartitions(admin, topic)));
    } catch (error) {
      if (brokerErrorName(error) === '') throw error;
      results.push({ topic, partition: -1, error: brokerErrorName(error) });
    }
  }
  if (partitions.length > 0) {
    for (const { topic, partition, errorCode } of await admin.deleteGroupOffsets(group, partitions)) {
      results.push({ topic, partition, error: errorCode === 0 ? '' : kafkaErrorOf(errorCode).name });
    }
  }
  const failed = results.some(({ error }) => error !== '');
  if (flags.json === true) {
    writeJson(io, {
      group,
      partitions: results.map(({ error, ...rest }) => ({ ...rest, error: error || null })),
    });
  } else {
    if (failed) {
      tellFailure('Encountered some partition-level error, see the follow-up details.', flags, io);
    } else io.stdout.write(`Request succeeded for deleting offsets from group ${group}.\n`);
    const widths = [Math.max(15, ...results.map(({ topic }) => topic.length)), 10, 15];
    io.stdout.write(`\n${row(widths, ['TOPIC', 'PARTITION', 'STATUS'])}\n`);
    for (const { topic, partition, error } of results) {
      const status = error === '' ? 'Successful' : `Error: ${javaError(error)}`;
      io.stdout.write(`${row(widths, [topic, partition < 0 ? '-' : partition, status])}\n`);
    }
  }
  return failed ? exitCodes.findings : exitCodes.ok;
}
