import { expect, test } from 'vitest';
import { runCli } from '../../../testkit/src/process/cli-io.ts';
import { entriesOf, entryText, patternText, type RuleFlags } from './kafka-acl-rules.ts';
import { run } from './kafka-acls.ts';

const none: RuleFlags = {
  topic: [],
  group: [],
  transactionalId: [],
  resourcePatternType: 'literal',
  operation: [],
  allowPrincipal: [],
  denyPrincipal: [],
  allowHost: [],
  denyHost: [],
};
const rules = (flags: Partial<RuleFlags>) =>
  entriesOf({ ...none, ...flags }).map(([pattern, entries]) => [
    /type=(\w+), name=(.*), /i.exec(patternText(pattern))!.slice(1).join(' '),
    ...entries.map((entry) =>
      /operation=(\w+), permissionType=(\w+)/.exec(entryText(entry))!.slice(1).join(' '),
    ),
  ]);

test('roles are what they need, of each kind of resource', () => {
  const flags = { topic: ['t'], group: ['g'], transactionalId: ['x'], allowPrincipal: ['User:a'] };
  expect(rules({ ...flags, producer: true })).toEqual([
    ['TOPIC t', 'WRITE ALLOW', 'DESCRIBE ALLOW', 'CREATE ALLOW'],
    ['TRANSACTIONAL_ID x', 'WRITE ALLOW', 'DESCRIBE ALLOW'],
  ]);
  expect(rules({ ...flags, consumer: true })).toEqual([
    ['TOPIC t', 'READ ALLOW', 'DESCRIBE ALLOW'],
    ['GROUP g', 'READ ALLOW'],
  ]);
  expect(rules({ ...flags, producer: true, consumer: true, idempotent: true, transactionalId: [] })).toEqual([
    ['TOPIC t', 'WRITE ALLOW', 'DESCRIBE ALLOW', 'CREATE ALLOW', 'READ ALLOW'],
    ['CLUSTER kafka-cluster', 'IDEMPOTENT_WRITE ALLOW'],
    ['GROUP g', 'READ ALLOW'],
  ]);
});

test('without a role it is what --operation says, for each principal from each host', () => {
  const found = entriesOf({
    ...none,
    cluster: true,
    operation: ['describe', 'AlterConfigs'],
    allowPrincipal: ['User:a'],
    allowHost: ['1.1.1.1', '2.2.2.2'],
    denyPrincipal: ['User:b'],
  });
  expect(found.flatMap(([, entries]) => entries.map(entryText))).toEqual([
    '(principal=User:a, host=1.1.1.1, operation=DESCRIBE, permissionType=ALLOW)',
    '(principal=User:a, host=2.2.2.2, operation=DESCRIBE, permissionType=ALLOW)',
    '(principal=User:a, host=1.1.1.1, operation=ALTER_CONFIGS, permissionType=ALLOW)',
    '(principal=User:a, host=2.2.2.2, operation=ALTER_CONFIGS, permissionType=ALLOW)',
    '(principal=User:b, host=*, operation=DESCRIBE, permissionType=DENY)',
    '(principal=User:b, host=*, operation=ALTER_CONFIGS, permissionType=DENY)',
  ]);
  expect(rules({ topic: ['t'], allowPrincipal: ['User:a'] })).toEqual([['TOPIC t', 'ALL ALLOW']]);
});

test.each([
  [['--list', '--add'], 'exactly one action'],
  [['--add', '--allow-principal', 'User:a'], 'at least one resource'],
  [['--add', '--topic', 't'], '--allow-principal, --deny-principal'],
  [['--add', '--topic', 't', '--allow-principal', 'alice'], 'Did you mean User:alice?'],
  [['--add', '--topic', 't', '--allow-principal', 'User:a', '--operation', 'Raed'], 'Did you mean READ?'],
  [
    ['--add', '--group', 'g', '--allow-principal', 'User:a', '--operation', 'Write'],
    'ResourceType GROUP only supports',
  ],
  [
    ['--add', '--topic', 't', '--allow-principal', 'User:a', '--resource-pattern-type', 'match'],
    'not valid when adding',
  ],
  [
    ['--add', '--topic', 't', '--allow-principal', 'User:a', '--producer', '--operation', 'Read'],
    '--producer and --consumer',
  ],
])('%j is told before a broker is asked', async (args, message) => {
  const { code, stderr } = await runCli(run, args);
  expect([code, stderr]).toEqual([64, expect.stringContaining(message)]);
});
