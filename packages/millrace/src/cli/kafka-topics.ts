/** `kafka-topics` with the flags and the output of Kafka's own tool. */

import type { Admin } from '../clients/kafka/admin/admin.ts';
import { brokerErrorName } from '../clients/kafka/kafka-errors.ts';
import { MillraceError } from '../runtime/errors.ts';
import { collect, wholeNumber } from './command.ts';
import { exitCodes, type Io } from './io.ts';
import {
  brokerText,
  type ConnectionFlags,
  kafkaCommand,
  keyValues,
  oneOf,
  runKafkaCommand,
  withAdmin,
  writeJson,
} from './kafka-common.ts';
import { type DescribeFlags, describeTopics } from './kafka-topics-describe.ts';

interface Flags extends ConnectionFlags, DescribeFlags {
  readonly create?: true;
  readonly list?: true;
  readonly describe?: true;
  readonly delete?: true;
  readonly alter?: true;
  readonly topic: readonly string[];
  readonly topicId?: string;
  readonly partitions?: number;
  readonly replicationFactor?: number;
  readonly config: readonly string[];
  readonly deleteConfig: readonly string[];
  readonly ifNotExists?: true;
  readonly ifExists?: true;
  readonly excludeInternal?: true;
  readonly json?: true;
}

const name = 'millrace kafka-topics';
const text = {
  name,
  summary: "Lists, creates, describes, alters and deletes topics, with the flags of Kafka's own tool.",
  examples: [
    'millrace kafka-topics --list',
    'millrace kafka-topics --create --topic logs --partitions 4 --config retention.ms=86400000',
    'millrace kafka-topics --bootstrap-server broker1:9092 --describe --topic logs',
    "millrace kafka-topics --delete --topic 'test-.*'",
  ],
};

const actions = ['list', 'describe', 'create', 'alter', 'delete'] as const;

export function run(argv: readonly string[], io: Io): Promise<number> {
  const parsed = kafkaCommand(text, io)
    .option('--list', 'list the topics')
    .option('--describe', 'tell of partitions, replicas and settings')
    .option('--create', 'create a topic')
    .option(
      '--alter',
      'raise the number of partitions (--partitions), change settings (--config, --delete-config)',
    )
    .option('--delete', 'delete topics')
    .option(
      '--topic <topic>',
      'the topic; a regular expression, except for --create; may be repeated',
      collect,
      [],
    )
    .option('--topic-id <id>', 'the topic to describe, by its id')
    .option('--partitions <n>', 'number of partitions', wholeNumber('--partitions', 0, 1_000_000))
    .option(
      '--replication-factor <n>',
      'replicas of each partition',
      wholeNumber('--replication-factor', 0, 65535),
    )
    .option('--config <name=value>', 'a setting of the topic; may be repeated', collect, [])
    .option('--delete-config <name>', 'with --alter: back to the default; may be repeated', collect, [])
    .option('--if-not-exists', 'with --create: an existing topic is no error')
    .option('--if-exists', 'with --alter, --delete, --describe: a missing topic is no error')
    .option('--exclude-internal', 'leave out internal topics')
    .option('--topics-with-overrides', 'with --describe: only topics with settings of their own')
    .option('--unavailable-partitions', 'with --describe: only partitions whose leader is not there')
    .option('--under-replicated-partitions', 'with --describe: only partitions that lack a replica in sync')
    .option('--under-min-isr-partitions', 'with --describe: only partitions below min.insync.replicas')
    .option('--at-min-isr-partitions', 'with --describe: only partitions at min.insync.replicas')
    .option('--json', 'the answer as JSON');
  return runKafkaCommand(parsed, argv, io, () => act(parsed.opts<Flags>(), io));
}

async function act(flags: Flags, io: Io): Promise<number> {
  const action = oneOf(
    flags,
    actions,
    'Command must include exactly one action: --list, --describe, --create, --alter or --delete',
  );
  checkFlags(flags, action);
  return await withAdmin(name, flags, io, async (admin) => {
    try {
      if (action === 'create') await create(admin, flags, io);
      else if (action === 'list') await list(admin, flags, io);
      else if (action === 'alter') await alter(admin, flags, io);
      else if (action === 'delete') await remove(admin, flags, io);
      else await describe(admin, flags, io);
      return exitCodes.ok;
    } catch (error) {
      if (!(error instanceof MillraceError) || error.code !== 'KAFKA') throw error;
      // Where Kafka's tool writes it; what is asked for as JSON stays JSON.
      const out = flags.json === true ? io.stderr : io.stdout;
      out.write(`Error while executing topic command : ${brokerText(error)}\n`);
      return exitCodes.findings;
    }
  });
}

function checkFlags(flags: Flags, action: (typeof actions)[number]): void {
  const refuse = (message: string): never => {
    throw new MillraceError('USAGE', message);
  };
  const onlyWith = (option: string, given: boolean, ...allowed: (typeof actions)[number][]): void => {
    if (given && !allowed.includes(action))
      refuse(`Option "[${option}]" can't be used with option "[${action}]"`);
  };
  if (flags.topic.length === 0 && (action === 'create' || action === 'alter' || action === 'delete')) {
    refuse('Missing required argument "[topic]"');
  }
  onlyWith('partitions', flags.partitions !== undefined, 'create', 'alter');
  onlyWith('replication-factor', flags.replicationFactor !== undefined, 'create');
  onlyWith('config', flags.config.length > 0, 'create', 'alter');
  onlyWith('delete-config', flags.deleteConfig.length > 0, 'alter');
  onlyWith('if-not-exists', flags.ifNotExists === true, 'create');
  onlyWith('if-exists', flags.ifExists === true, 'alter', 'delete', 'describe');
  onlyWith('topic-id', flags.topicId !== undefined, 'describe');
  onlyWith('exclude-internal', flags.excludeInternal === true, 'list', 'describe');
  onlyWith('topics-with-overrides', flags.topicsWithOverrides === true, 'describe');
  onlyWith('unavailable-partitions', flags.unavailablePartitions === true, 'describe');
  onlyWith('under-replicated-partitions', flags.underReplicatedPartitions === true, 'describe');
  onlyWith('under-min-isr-partitions', flags.underMinIsrPartitions === true, 'describe');
  onlyWith('at-min-isr-partitions', flags.atMinIsrPartitions === true, 'describe');
  const nothing =
    flags.partitions === undefined && flags.config.length === 0 && flags.deleteConfig.length === 0;
  if (action === 'alter' && nothing) refuse('--alter needs --partitions, --config or --delete-config');
}

/** A refusal in the words of Kafka's tool. */
const refusal = (message: string): MillraceError => new MillraceError('KAFKA', message, { remedy: '' });

/** Dots and underscores become the same letter in the names of metrics (`Topic.hasCollisionChars`). */
const collisionWarning =
  "WARNING: Due to limitations in metric names, topics with a period ('.') or underscore ('_') could collide. " +
  'To avoid issues it is best to use either, but not both.\n';

async function create(admin: Admin, flags: Flags, io: Io): Promise<void> {
  const { partitions = -1, replicationFactor = -1 } = flags;
  if (replicationFactor === 0 || replicationFactor > 32767) {
    throw refusal('The replication factor must be between 1 and 32767 inclusive');
  }
  if (partitions === 0) throw refusal('The partitions must be greater than 0');
  const configs = keyValues('--config', flags.config);
  const out = flags.json === true ? io.stderr : io.stdout;
  const created: string[] = [];
  for (const topic of flags.topic) {
    if (/[._]/.test(topic)) out.write(collisionWarning);
    try {
      await admin.createTopics([{ topic, partitions, replicationFactor, configs }]);
    } catch (error) {
      if (flags.ifNotExists === true && brokerErrorName(error) === 'TOPIC_ALREADY_EXISTS') continue;
      throw error;
    }
    created.push(topic);
    if (flags.json !== true) out.write(`Created topic ${topic}.\n`);
  }
  if (flags.json === true) writeJson(io, { created });
}

async function list(admin: Admin, flags: Flags, io: Io): Promise<void> {
  const topics = await matching(admin, flags);
  if (flags.json === true)
    writeJson(
      io,
      topics.map(({ topic, isInternal }) => ({ topic, isInternal })),
    );
  else io.stdout.write(`${topics.map(({ topic }) => topic).join('\n')}\n`);
}

async function describe(admin: Admin, flags: Flags, io: Io): Promise<void> {
  const topics = await matching(admin, flags);
  requireSome(topics, flags);
  await describeTopics(
    admin,
    topics.map(({ topic }) => topic),
    flags,
    io,
  );
}

async function alter(admin: Admin, flags: Flags, io: Io): Promise<void> {
  const topics = await matching(admin, flags);
  requireSome(topics, flags);
  const set = keyValues('--config', flags.config);
  for (const { topic } of topics) {
    if (flags.partitions !== undefined) await admin.createPartitions(topic, flags.partitions);
    if (set.size === 0 && flags.deleteConfig.length === 0) continue;
    await admin.alterTopicConfigs(topic, set, flags.deleteConfig);
    if (flags.json !== true) io.stdout.write(`Completed updating config for topic ${topic}.\n`);
  }
  if (flags.json === true) writeJson(io, { altered: topics.map(({ topic }) => topic) });
}

async function remove(admin: Admin, flags: Flags, io: Io): Promise<void> {
  const topics = (await matching(admin, flags)).map(({ topic }) => topic);
  requireSome(topics, flags);
  if (topics.length > 0) await admin.deleteTopics(topics);
  if (flags.json === true) writeJson(io, { deleted: topics });
}

/** The topics that `--topic` means, by name; all where it is not given. */
async function matching(
  admin: Admin,
  flags: Flags,
): Promise<readonly { topic: string; isInternal: boolean }[]> {
  const patterns = flags.topic.map(includePattern);
  const topics = await admin.listTopics();
  return topics
    .filter(({ isInternal }) => !(isInternal && flags.excludeInternal === true))
    .filter(({ topic, topicId }) =>
      flags.topicId === undefined
        ? patterns.length === 0 || patterns.some((pattern) => pattern.test(topic))
        : topicId === flags.topicId,
    )
    .sort((a, b) => (a.topic < b.topic ? -1 : 1));
}

/** Kafka's `TopicFilter.IncludeList`: a comma is an alternative; blanks and quotes around it do not count. */
export function includePattern(option: string): RegExp {
  const pattern = option
    .trim()
    .replaceAll(',', '|')
    .replaceAll(' ', '')
    .replace(/^["']+/, '')
    .replace(/["']+$/, '');
  try {
    return new RegExp(`^(?:${pattern})$`, 'u');
  } catch {
    throw new MillraceError('USAGE', `--topic: '${option}' is not a valid regular expression`);
  }
}

function requireSome(topics: readonly unknown[], flags: Flags): void {
  if (topics.length > 0 || flags.ifExists === true) return;
  if (flags.topicId !== undefined) throw refusal(`TopicId '${flags.topicId}' does not exist as expected`);
  const [topic] = flags.topic;
  if (topic !== undefined) throw refusal(`Topic '${flags.topic.join(',')}' does not exist as expected`);
}
