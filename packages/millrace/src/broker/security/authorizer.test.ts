import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AccessResource, Acl, Operation, Principal } from './access.ts';
import { Authorizer } from './authorizer.ts';
import { plainHost } from './plain-host.ts';

const acl = (change: Partial<Acl>): Acl => ({
  resource: 'TOPIC',
  name: 'foo',
  pattern: 'LITERAL',
  principal: 'User:alice',
  host: '*',
  operation: 'READ',
  permission: 'ALLOW',
  ...change,
});
const alice = { principal: 'User:alice' as Principal, host: '10.0.0.1' };

function authorizer(acls: readonly Partial<Acl>[], allowEveryoneIfNoAcl = false): Authorizer {
  const made = new Authorizer({ superUsers: ['User:root'], allowEveryoneIfNoAcl });
  made.replace(acls.map(acl));
  return made;
}

const cases: [what: string, acls: Partial<Acl>[], operation: Operation, name: string, expected: boolean][] = [
  ['no rule', [], 'READ', 'foo', false],
  ['its own rule', [{}], 'READ', 'foo', true],
  ['a literal rule of a prefix', [{ name: 'fo' }], 'READ', 'foo', false],
  ['a prefix', [{ name: 'fo', pattern: 'PREFIXED' }], 'READ', 'foo', true],
  ['the name itself as prefix', [{ pattern: 'PREFIXED' }], 'READ', 'foo', true],
  ['a longer prefix', [{ name: 'fooo', pattern: 'PREFIXED' }], 'READ', 'foo', false],
  ['every name', [{ name: '*' }], 'READ', 'foo', true],
  ['a star as prefix', [{ name: '*', pattern: 'PREFIXED' }], 'READ', 'foo', false],
  ['everybody', [{ principal: 'User:*' }], 'READ', 'foo', true],
  ['another principal', [{ principal: 'User:bob' }], 'READ', 'foo', false],
  ['another kind of principal', [{ principal: 'Group:alice' }], 'READ', 'foo', false],
  ['its address', [{ host: '10.0.0.1' }], 'READ', 'foo', true],
  ['another address', [{ host: '10.0.0.2' }], 'READ', 'foo', false],
  ['all operations', [{ operation: 'ALL' }], 'DELETE', 'foo', true],
  ['another operation', [{ operation: 'WRITE' }], 'READ', 'foo', false],
  ['DESCRIBE by READ', [{}], 'DESCRIBE', 'foo', true],
  ['DESCRIBE by ALTER', [{ operation: 'ALTER' }], 'DESCRIBE', 'foo', true],
  ['DESCRIBE by CREATE', [{ operation: 'CREATE' }], 'DESCRIBE', 'foo', false],
  ['DESCRIBE by ALTER_CONFIGS', [{ operation: 'ALTER_CONFIGS' }], 'DESCRIBE', 'foo', false],
  ['DESCRIBE_CONFIGS by ALTER_CONFIGS', [{ operation: 'ALTER_CONFIGS' }], 'DESCRIBE_CONFIGS', 'foo', true],
  ['READ by DESCRIBE', [{ operation: 'DESCRIBE' }], 'READ', 'foo', false],
  ['a denial over its own rule', [{}, { permission: 'DENY' }], 'READ', 'foo', false],
  ['a denial of every name', [{}, { permission: 'DENY', name: '*' }], 'READ', 'foo', false],
  [
    'a denial of a prefix',
    [{}, { permission: 'DENY', name: 'f', pattern: 'PREFIXED' }],
    'READ',
    'foo',
    false,
  ],
  ['a denial of everything', [{}, { permission: 'DENY', operation: 'ALL' }], 'READ', 'foo', false],
  ['a denial for others', [{}, { permission: 'DENY', principal: 'User:bob' }], 'READ', 'foo', true],
  [
    'DESCRIBE where READ is denied',
    [{ operation: 'WRITE' }, { permission: 'DENY' }],
    'DESCRIBE',
    'foo',
    true,
  ],
  ['another kind of resource', [{ resource: 'GROUP' }], 'READ', 'foo', false],
];
test.each(cases)('%s', (_, acls, operation, name, expected) => {
  expect(authorizer(acls).allows(alice, operation, 'TOPIC', name)).toBe(expected);
});

describe('allow.everyone.if.no.acl.found', () => {
  test.each<[string, Partial<Acl>[], boolean]>([
    ['no rule at all', [], true],
    ['a rule of another name', [{ name: 'bar' }], true],
    ['a rule of the name for somebody else', [{ principal: 'User:bob' }], false],
    ['a rule of every name for somebody else', [{ name: '*', principal: 'User:bob' }], false],
    [
      'a rule of a prefix for somebody else',
      [{ name: 'f', pattern: 'PREFIXED', principal: 'User:bob' }],
      false,
    ],
    ['a rule of another kind', [{ resource: 'GROUP', principal: 'User:bob' }], true],
  ])('%s', (_, acls, expected) => {
    expect(authorizer(acls, true).allows(alice, 'READ', 'TOPIC', 'foo')).toBe(expected);
  });
});

test('a super user may do what is denied to everybody', () => {
  const root = { principal: 'User:root' as Principal, host: '10.0.0.1' };
  const denied = authorizer([{ principal: 'User:*', name: '*', operation: 'ALL', permission: 'DENY' }]);
  expect(denied.allows(root, 'DELETE', 'TOPIC', 'foo')).toBe(true);
  expect(denied.allowsAny(root, 'WRITE', 'TOPIC')).toBe(true);
});

describe('some resource of a kind', () => {
  test.each<[string, Partial<Acl>[], boolean]>([
    ['none', [], false],
    ['one name', [{}], true],
    ['one name that is denied', [{}, { permission: 'DENY' }], false],
    ['a prefix that is denied in part', [{ pattern: 'PREFIXED' }, { permission: 'DENY' }], true],
    [
      'a prefix below a denied one',
      [{ pattern: 'PREFIXED' }, { name: 'fo', pattern: 'PREFIXED', permission: 'DENY' }],
      false,
    ],
    ['a name below a denied prefix', [{}, { name: 'fo', pattern: 'PREFIXED', permission: 'DENY' }], false],
    ['every name, one denied', [{ name: '*' }, { permission: 'DENY' }], true],
    ['every name denied', [{}, { name: '*', permission: 'DENY' }], false],
    ['another operation', [{ operation: 'WRITE' }], false],
  ])('%s', (_, acls, expected) => {
    expect(authorizer(acls).allowsAny(alice, 'READ', 'TOPIC')).toBe(expected);
  });
});

test('the rules that are looked up by name and prefix are those that a look at each of them finds', () => {
  const name = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 4 });
  const drawn = fc.record({
    resource: fc.constantFrom<Acl['resource']>('TOPIC', 'GROUP'),
    name: name.filter((each) => each !== ''),
    pattern: fc.constantFrom<Acl['pattern']>('LITERAL', 'PREFIXED'),
    principal: fc.constantFrom('User:alice', 'User:bob', 'User:*'),
    host: fc.constantFrom('*', '10.0.0.1', '10.0.0.2'),
    operation: fc.constantFrom<Acl['operation']>('READ', 'WRITE', 'ALL', 'DESCRIBE', 'ALTER_CONFIGS'),
    permission: fc.constantFrom<Acl['permission']>('ALLOW', 'ALLOW', 'DENY'),
  });
  const operations: Operation[] = ['READ', 'WRITE', 'DESCRIBE', 'DESCRIBE_CONFIGS'];
  fc.assert(
    fc.property(fc.array(drawn, { maxLength: 12 }), name, fc.boolean(), (acls, asked, byDefault) => {
      const made = new Authorizer({ superUsers: [], allowEveryoneIfNoAcl: byDefault });
      made.replace(acls);
      for (const operation of operations)
        expect(made.allows(alice, operation, 'TOPIC', asked)).toBe(
          plainly(acls, operation, 'TOPIC', asked, byDefault),
        );
    }),
    { numRuns: 2000 },
  );
});

/** StandardAuthorizer's rules without an index. */
function plainly(
  acls: readonly Acl[],
  operation: Operation,
  resource: AccessResource,
  name: string,
  byDefault: boolean,
): boolean {
  const about = acls.filter(
    (each) =>
      each.resource === resource &&
      (each.pattern === 'PREFIXED' ? name.startsWith(each.name) : each.name === name || each.name === '*'),
  );
  const implied: Record<string, string[]> = {
    DESCRIBE: ['DESCRIBE', 'READ', 'WRITE', 'DELETE', 'ALTER'],
    DESCRIBE_CONFIGS: ['DESCRIBE_CONFIGS', 'ALTER_CONFIGS'],
  };
  const matching = about.filter(
    (each) =>
      ['User:*', alice.principal].includes(each.principal) &&
      ['*', alice.host].includes(each.host) &&
      (each.operation === 'ALL' ||
        each.operation === operation ||
        (each.permission === 'ALLOW' && implied[operation]?.includes(each.operation) === true)),
  );
  if (matching.some(({ permission }) => permission === 'DENY')) return false;
  return matching.length > 0 || (about.length === 0 && byDefault);
}

test.each([
  ['10.0.0.1', '10.0.0.1'],
  ['::ffff:10.0.0.1', '10.0.0.1'],
  ['::FFFF:a00:1', '10.0.0.1'],
  ['0:0:0:0:0:ffff:a00:1', '10.0.0.1'],
  ['0:0:0:0:0:0:0:1', '::1'],
  ['2001:DB8::0:1', '2001:db8::1'],
  ['fe80:0:0:0:0:0:0:1%eth0', 'fe80::1%eth0'],
  ['::ffff:10.0.0.1.evil', '::ffff:10.0.0.1.evil'],
  ['*', '*'],
])('the address %s is %s, and a rule for it is one for the other', (written, plain) => {
  expect(plainHost(written)).toBe(plain);
  const rules = authorizer([{ name: '*' }, { host: written, permission: 'DENY' }]);
  expect(rules.allows({ ...alice, host: plain }, 'READ', 'TOPIC', 'foo')).toBe(false);
});
