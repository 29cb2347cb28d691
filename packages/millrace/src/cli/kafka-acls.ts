/** `kafka-acls` with the flags and the output of Kafka's own tool. */
import { createInterface } from 'node:readline';
import { createAcls, deleteAcls, describeAcls } from '../clients/kafka/admin/acls.ts';
import type { Admin } from '../clients/kafka/admin/admin.ts';
import { MillraceError } from '../runtime/errors.ts';
import { collect } from './command.ts';
import { exitCodes, type Io } from './io.ts';
import {
  type Entry,
  entriesOf,
  entryText,
  filterOf,
  type Pattern,
  patternsOf,
  patternText,
  type RuleFlags,
  ruleOf,
} from './kafka-acl-rules.ts';
import {
  brokerText,
  type ConnectionFlags,
  kafkaCommand,
  oneOf,
  runKafkaCommand,
  withAdmin,
} from './kafka-common.ts';

interface Flags extends ConnectionFlags, RuleFlags {
  readonly add?: true;
  readonly remove?: true;
  readonly list?: true;
  readonly principal: readonly string[];
  readonly force?: true;
}

const name = 'millrace kafka-acls';
const text = {
  name,
  summary: "Adds, removes and lists rules of who may do what, with the flags of Kafka's own tool.",
  examples: [
    'millrace kafka-acls --add --allow-principal User:alice --producer --topic orders',
    'millrace kafka-acls --add --allow-principal User:bob --consumer --topic ord --group billing --resource-pattern-type prefixed',
    'millrace kafka-acls --list --principal User:alice',
    'millrace kafka-acls --remove --force --topic orders',
  ],
};
const actions = ['add', 'remove', 'list'] as const;

export function run(argv: readonly string[], io: Io): Promise<number> {
  const parsed = kafkaCommand(text, io)
    .option('--add', 'add rules')
    .option('--remove', 'remove rules')
    .option('--list', 'list rules')
    .option('--topic <topic>', 'a topic, or * for all; may be repeated', collect, [])
    .option('--group <group>', 'a group, or * for all; may be repeated', collect, [])
    .option('--transactional-id <id>', 'a transactional id, or * for all; may be repeated', collect, [])
    .option('--cluster', 'the cluster')
    .option(
      '--resource-pattern-type <type>',
      'literal, prefixed; to list and remove also match, any',
      'literal',
    )
    .option(
      '--operation <operation>',
      'what is allowed or denied (default: All); may be repeated',
      collect,
      [],
    )
    .option(
      '--allow-principal <principal>',
      'who may: User:alice, or User:* for everybody; may be repeated',
      collect,
      [],
    )
    .option(
      '--deny-principal <principal>',
      'who may not, whatever else is allowed; may be repeated',
      collect,
      [],
    )
    .option('--allow-host <address>', 'from where those who may (default: *); may be repeated', collect, [])
    .option(
      '--deny-host <address>',
      'from where those who may not (default: *); may be repeated',
      collect,
      [],
    )
    .option('--producer', 'what a producer needs: WRITE, DESCRIBE and CREATE of the topic')
    .option('--consumer', 'what a consumer needs: READ and DESCRIBE of the topic, READ of the group')
    .option('--idempotent', 'with --producer: IDEMPOTENT_WRITE of the cluster')
    .option('--principal <principal>', 'with --list: only what is said of it; may be repeated', collect, [])
    .option('--force', 'with --remove: do not ask');
  return runKafkaCommand(parsed, argv, io, () => act(parsed.opts<Flags>(), io));
}

async function act(flags: Flags, io: Io): Promise<number> {
  const action = oneOf(flags, actions, 'Command must include exactly one action: --list, --add, --remove. ');
  const rules = action === 'list' ? [] : entriesOf(flags);
  if (action === 'add') checkAdding(flags, rules);
  return await withAdmin(name, flags, io, async (admin) => {
    try {
      if (action === 'add') await add(admin, rules, io);
      else if (action === 'remove') await remove(admin, rules, flags, io);
      else await list(admin, flags, io);
      return exitCodes.ok;
    } catch (error) {
      if (!(error instanceof MillraceError) || error.code !== 'KAFKA') throw error;
      io.stdout.write(`Error while executing ACL command: ${brokerText(error)}\n`);
      return exitCodes.findings;
    }
  });
}

type Rules = readonly (readonly [Pattern, readonly Entry[]])[];

function checkAdding({ resourcePatternType }: Flags, rules: Rules): void {
  if (!['literal', 'prefixed'].includes(resourcePatternType.toLowerCase()))
    throw new MillraceError(
      'USAGE',
      `A '--resource-pattern-type' value of '${resourcePatternType}' is not valid when adding acls.`,
    );
  if (rules.length === 0 || rules.some(([, entries]) => entries.length === 0))
    throw new MillraceError(
      'USAGE',
      'You must specify one of: --allow-principal, --deny-principal when trying to add ACLs.',
    );
}

async function add({ client }: Admin, rules: Rules, io: Io): Promise<void> {
  for (const [pattern, entries] of rules) {
    io.stdout.write(`Adding ACLs for resource \`${patternText(pattern)}\`: \n${listed(entries)}\n`);
    await createAcls(
      client,
      entries.map((entry) => ruleOf(pattern, entry)),
    );
  }
}

async function remove({ client }: Admin, rules: Rules, flags: Flags, io: Io): Promise<void> {
  for (const [pattern, entries] of rules) {
    const from = `resource filter \`${patternText(pattern, true)}\`? (y/n)`;
    const question =
      entries.length === 0
        ? `Are you sure you want to delete all ACLs for ${from}`
        : `Are you sure you want to remove ACLs: \n${listed(entries)} from ${from}`;
    if (flags.force !== true && !(await isConfirmed(question, io))) continue;
    const filters =
      entries.length === 0 ? [filterOf(pattern, null)] : entries.map((entry) => filterOf(pattern, entry));
    await deleteAcls(client, filters);
  }
}

async function list({ client }: Admin, flags: Flags, io: Io): Promise<void> {
  const patterns = patternsOf(flags);
  const filters =
    patterns.length === 0 ? [filterOf(null, null)] : patterns.map((pattern) => filterOf(pattern, null));
  const byResource = new Map<string, { pattern: Pattern; entries: Map<string, Entry> }>();
  for (const filter of filters) {
    for (const { resourceType, resourceName, resourcePatternType, ...entry } of await describeAcls(
      client,
      filter,
    )) {
      const pattern = { resourceType, name: resourceName, patternType: resourcePatternType };
      const key = patternText(pattern);
      const known = byResource.get(key) ?? { pattern, entries: new Map<string, Entry>() };
      known.entries.set(entryText(entry), entry);
      byResource.set(key, known);
    }
  }
  const principals = flags.principal.length === 0 ? [null] : flags.principal;
  for (const principal of principals) {
    if (principal !== null) io.stdout.write(`ACLs for principal \`${principal}\`\n`);
    for (const { pattern, entries } of byResource.values()) {
      const own = [...entries.values()].filter(
        (entry) => principal === null || entry.principal === principal,
      );
      if (own.length > 0)
        io.stdout.write(`Current ACLs for resource \`${patternText(pattern)}\`: \n${listed(own)}\n`);
    }
  }
}

const listed = (entries: readonly Entry[]): string =>
  entries.map((entry) => ` \t${entryText(entry)}\n`).join('');

async function isConfirmed(question: string, io: Io): Promise<boolean> {
  io.stdout.write(`${question}\n`);
  const lines = createInterface({ input: io.stdin });
  for await (const line of lines) {
    lines.close();
    return line.trim().toLowerCase() === 'y';
  }
  return false;
}
