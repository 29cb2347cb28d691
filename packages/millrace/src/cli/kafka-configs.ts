/** `kafka-configs` with the flags and the output of Kafka's own tool: topics, brokers, and users of SCRAM. */
import type { Admin } from '../clients/kafka/admin/admin.ts';
import {
  configResourceTypes,
  type DescribedConfig,
  describedConfigs,
} from '../clients/kafka/admin/described-configs.ts';
import {
  alterScramUser,
  describeScramUsers,
  type ScramAlteration,
} from '../clients/kafka/admin/scram-users.ts';
import { nearest } from '../config/nearest.ts';
import { leastIterations, type ScramMechanism, scramMechanisms } from '../protocol/sasl/scram.ts';
import { MillraceError } from '../runtime/errors.ts';
import { collect } from './command.ts';
import { exitCodes, type Io } from './io.ts';
import {
  brokerText,
  type ConnectionFlags,
  kafkaCommand,
  oneOf,
  propertiesFile,
  runKafkaCommand,
  withAdmin,
} from './kafka-common.ts';

interface Flags extends ConnectionFlags {
  readonly alter?: true;
  readonly describe?: true;
  readonly all?: true;
  readonly entityType?: string;
  readonly entityName?: string;
  readonly topic?: string;
  readonly user?: string;
  readonly broker?: string;
  readonly addConfig: readonly string[];
  readonly addConfigFile?: string;
  readonly deleteConfig: readonly string[];
}

const name = 'millrace kafka-configs';
const text = {
  name,
  summary: "Shows and changes settings of topics and users of SCRAM, with the flags of Kafka's own tool.",
  examples: [
    "millrace kafka-configs --alter --user alice --add-config 'SCRAM-SHA-512=[iterations=8192,password=…]'",
    'millrace kafka-configs --describe --entity-type users',
    'millrace kafka-configs --alter --topic orders --add-config retention.ms=3600000,max.message.bytes=2000000',
    'millrace kafka-configs --describe --all --broker 1',
  ],
};
const kinds = ['topics', 'users', 'brokers'] as const;

interface Entity {
  readonly kind: (typeof kinds)[number];
  readonly name: string | undefined;
}

export function run(argv: readonly string[], io: Io): Promise<number> {
  const parsed = kafkaCommand(text, io)
    .option('--describe', 'show settings')
    .option('--alter', 'change settings')
    .option('--entity-type <type>', 'topics, users or brokers')
    .option('--entity-name <name>', 'the topic, the user, the id of the broker')
    .option('--topic <topic>', 'the same as --entity-type topics --entity-name')
    .option('--user <user>', 'the same as --entity-type users --entity-name')
    .option('--broker <id>', 'the same as --entity-type brokers --entity-name')
    .option('--all', 'with --describe: also what nobody has set')
    .option(
      '--add-config <k=v,…>',
      'what to set; square brackets around a value that has commas; may be repeated',
      collect,
      [],
    )
    .option(
      '--add-config-file <file>',
      'the same from a properties file, for what nobody is to see in a list of processes',
    )
    .option('--delete-config <k,…>', 'what to take back; may be repeated', collect, []);
  return runKafkaCommand(parsed, argv, io, () => act(parsed.opts<Flags>(), io));
}

async function act(flags: Flags, io: Io): Promise<number> {
  const message = 'Command must include exactly one action: --describe, --alter';
  const action = oneOf(flags, ['describe', 'alter'] as const, message);
  const entity = entityOf(flags);
  const added = action === 'alter' ? additionsOf(flags, io) : new Map<string, string>();
  const deleted = flags.deleteConfig.flatMap((each) => each.split(',')).map((each) => each.trim());
  if (action === 'alter' && added.size + deleted.length === 0)
    throw new MillraceError(
      'USAGE',
      'At least one of --add-config, --add-config-file, or --delete-config must be specified with --alter',
    );
  const users = action === 'alter' && entity.kind === 'users' ? scramChanges(added, deleted) : [];
  return await withAdmin(name, flags, io, async (admin) => {
    try {
      if (action === 'describe') await describe(admin, entity, flags.all === true, io);
      else await alter(admin, entity, { added, deleted, users }, io);
      return exitCodes.ok;
    } catch (error) {
      if (!(error instanceof MillraceError) || error.code !== 'KAFKA') throw error;
      io.stdout.write(`Error while executing config command: ${brokerText(error)}\n`);
      return exitCodes.findings;
    }
  });
}

function entityOf(flags: Flags): Entity {
  const short = [
    { kind: 'topics', name: flags.topic },
    { kind: 'users', name: flags.user },
    { kind: 'brokers', name: flags.broker },
  ] as const;
  const given = short.filter((each) => each.name !== undefined);
  if (given.length + (flags.entityType === undefined ? 0 : 1) !== 1)
    throw new MillraceError(
      'USAGE',
      'Give one entity: --topic, --user, --broker, or --entity-type with --entity-name',
    );
  const word = flags.entityType;
  const kind = kinds.find((each) => each === word);
  if (word !== undefined && kind === undefined) {
    const near = nearest(word, kinds);
    throw new MillraceError('USAGE', `--entity-type is topics, users or brokers here, not '${word}'`, {
      ...(near === undefined ? {} : { remedy: `Did you mean ${near}?` }),
    });
  }
  const entity: Entity = given[0] ?? { kind: kind!, name: flags.entityName };
  if (flags.alter === true && entity.name === undefined)
    throw new MillraceError('USAGE', 'An entity name must be specified with --alter');
  if (flags.alter === true && entity.kind === 'brokers')
    throw new MillraceError('USAGE', 'settings of brokers are not changed by this command');
  return entity;
}

/** `k=v,k=[v,v]`; a pair that is none is told without its value. */
function additionsOf(flags: Flags, io: Io): Map<string, string> {
  const added = propertiesFile('--add-config-file', flags.addConfigFile, io);
  for (const pair of flags.addConfig.flatMap((each) => each.split(/,(?=[^\]]*(?:\[|$))/))) {
    const at = pair.indexOf('=');
    if (at < 1)
      throw new MillraceError(
        'USAGE',
        'Invalid entity config: all configs to be added must be in the format "key=val".',
      );
    added.set(pair.slice(0, at).trim(), pair.slice(at + 1).trim());
  }
  return new Map([...added].map(([key, value]) => [key, value.replace(/^\[(.*)\]$/s, '$1')]));
}

function scramChanges(added: ReadonlyMap<string, string>, deleted: readonly string[]): ScramAlteration[] {
  const sets = [...added].map(([key, value]) => ({
    mechanism: mechanismOf(key),
    set: credentialOf(key, value),
  }));
  return [...deleted.map((key) => ({ mechanism: mechanismOf(key) })), ...sets];
}

function mechanismOf(key: string): ScramMechanism {
  const mechanism = scramMechanisms.find((each) => each === key);
  if (mechanism !== undefined) return mechanism;
  throw new MillraceError(
    'USAGE',
    `of users, ${scramMechanisms.join(' and ')} are changed here, not '${key}'`,
  );
}

function credentialOf(key: string, value: string): { password: string; iterations: number } {
  const found = /^(?:iterations=(-1|\d{1,6}),)?password=(.+)$/s.exec(value);
  if (found === null)
    throw new MillraceError('USAGE', `${key}: its value is no credential`, {
      remedy: `Write it as '${key}=[iterations=8192,password=…]'.`,
    });
  const iterations = found[1] === undefined || found[1] === '-1' ? leastIterations : Number(found[1]);
  if (iterations < leastIterations)
    throw new MillraceError(
      'USAGE',
      `Iterations ${iterations} is less than the minimum ${leastIterations} required for ${key}`,
    );
  return { password: found[2]!, iterations };
}

interface Changes {
  readonly added: ReadonlyMap<string, string>;
  readonly deleted: readonly string[];
  readonly users: readonly ScramAlteration[];
}

async function alter(admin: Admin, { kind, name: entity }: Entity, changes: Changes, io: Io): Promise<void> {
  if (kind === 'users') await alterScramUser(admin.client, entity!, changes.users);
  else await admin.alterTopicConfigs(entity!, changes.added, changes.deleted);
  io.stdout.write(`Completed updating config for ${kind.slice(0, -1)} ${entity}.\n`);
}

async function describe(admin: Admin, { kind, name: entity }: Entity, all: boolean, io: Io): Promise<void> {
  if (kind === 'users') {
    for (const { user, credentials } of await describeScramUsers(admin.client, entity ?? null)) {
      const shown = credentials.map(({ mechanism, iterations }) => `${mechanism}=iterations=${iterations}`);
      io.stdout.write(`SCRAM credential configs for user-principal '${user}' are ${shown.join(', ')}\n`);
    }
    return;
  }
  const type = kind === 'topics' ? configResourceTypes.topic : configResourceTypes.broker;
  for (const each of entity === undefined ? await entitiesOf(admin, kind) : [entity]) {
    io.stdout.write(`${all ? 'All' : 'Dynamic'} configs for ${kind.slice(0, -1)} ${each} are:\n`);
    for (const config of await describedConfigs(admin.client, type, each))
      if (all || config.source.startsWith('DYNAMIC')) io.stdout.write(`  ${configText(config)}\n`);
  }
}

async function entitiesOf(admin: Admin, kind: 'topics' | 'brokers'): Promise<readonly string[]> {
  if (kind === 'topics') return (await admin.listTopics()).map(({ topic }) => topic);
  return [...(await admin.client.metadata([])).brokers.values()].map(({ nodeId }) => String(nodeId));
}

function configText({ name: key, value, isSensitive, synonyms }: DescribedConfig): string {
  const from = synonyms.map((each) => `${each.source}:${each.name}=${each.value}`).join(', ');
  return `${key}=${value} sensitive=${isSensitive} synonyms={${from}}`;
}
