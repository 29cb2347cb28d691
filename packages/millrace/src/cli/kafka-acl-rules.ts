import {
  anyCode,
  clusterName,
  matchPatternCode,
  nameOfCode,
  operationCodes,
  patternCodes,
  permissionCodes,
  resourceCodes,
} from '../broker/security/access.ts';
import type { AclFilter, AclRule } from '../clients/kafka/admin/acls.ts';
import { nearest } from '../config/nearest.ts';
import { MillraceError } from '../runtime/errors.ts';

export interface RuleFlags {
  readonly topic: readonly string[];
  readonly group: readonly string[];
  readonly transactionalId: readonly string[];
  readonly cluster?: true;
  readonly idempotent?: true;
  readonly producer?: true;
  readonly consumer?: true;
  readonly resourcePatternType: string;
  readonly operation: readonly string[];
  readonly allowPrincipal: readonly string[];
  readonly denyPrincipal: readonly string[];
  readonly allowHost: readonly string[];
  readonly denyHost: readonly string[];
}

type Operation = keyof typeof operationCodes;
/** What a rule is about: a kind of resource, a name, and how the name is meant. */
export interface Pattern {
  readonly resourceType: number;
  readonly name: string;
  readonly patternType: number;
}
/** Who may do, or may not do, one thing. */
export interface Entry {
  readonly principal: string;
  readonly host: string;
  readonly operation: number;
  readonly permissionType: number;
}

const patternTypes: Readonly<Record<string, number>> = {
  literal: patternCodes.LITERAL,
  prefixed: patternCodes.PREFIXED,
  any: anyCode,
  match: matchPatternCode,
};
/** What there is to do with each kind of resource (`AclEntry.supportedOperations`), besides ALL. */
const supported: Readonly<Record<number, readonly Operation[]>> = {
  [resourceCodes.TOPIC]: [
    'READ',
    'WRITE',
    'CREATE',
    'DELETE',
    'ALTER',
    'DESCRIBE',
    'DESCRIBE_CONFIGS',
    'ALTER_CONFIGS',
  ],
  [resourceCodes.GROUP]: ['READ', 'DELETE', 'DESCRIBE', 'DESCRIBE_CONFIGS', 'ALTER_CONFIGS'],
  [resourceCodes.CLUSTER]: [
    ...(['CREATE', 'ALTER', 'DESCRIBE', 'CLUSTER_ACTION', 'DESCRIBE_CONFIGS', 'ALTER_CONFIGS'] as const),
    'IDEMPOTENT_WRITE',
  ],
  [resourceCodes.TRANSACTIONAL_ID]: ['WRITE', 'DESCRIBE', 'TWO_PHASE_COMMIT'],
};

const usage = (message: string, remedy?: string) =>
  new MillraceError('USAGE', message, remedy === undefined ? {} : { remedy });

/** The resources that the options name; those of `--cluster` and `--idempotent` are always literal. */
export function patternsOf(flags: RuleFlags): readonly Pattern[] {
  const patternType = patternTypes[flags.resourcePatternType.toLowerCase()];
  if (patternType === undefined)
    throw usage(
      `--resource-pattern-type is literal, prefixed, match or any, not '${flags.resourcePatternType}'`,
    );
  const named = (resourceType: number, names: readonly string[]) =>
    names.map((name) => ({ resourceType, name: name.trim(), patternType }));
  const isCluster = patternType === patternCodes.LITERAL && (flags.cluster ?? flags.idempotent) === true;
  return [
    ...named(resourceCodes.TOPIC, flags.topic),
    ...(isCluster ? [{ resourceType: resourceCodes.CLUSTER, name: clusterName, patternType }] : []),
    ...named(resourceCodes.GROUP, flags.group),
    ...named(resourceCodes.TRANSACTIONAL_ID, flags.transactionalId),
  ];
}

/** What the options say of each resource, as Kafka's `AclCommand` reads them. Throws `USAGE`. */
export function entriesOf(flags: RuleFlags): readonly (readonly [Pattern, readonly Entry[]])[] {
  const patterns = patternsOf(flags);
  if (patterns.length === 0)
    throw usage('You must provide at least one resource: --topic <topic> or --cluster or --group <group>');
  const byRole = (flags.producer ?? flags.consumer) === true;
  if (byRole && flags.operation.length + flags.denyPrincipal.length + flags.denyHost.length > 0)
    throw usage(
      '--producer and --consumer say what is allowed: without --operation, --deny-principal and --deny-host',
    );
  const operations = flags.operation.length === 0 ? (['ALL'] as const) : flags.operation.map(operationOf);
  const found = patterns.map((pattern) => {
    const wanted = byRole ? ofRoles(flags, pattern.resourceType) : operations;
    for (const operation of wanted) checkSupported(pattern, operation);
    return [pattern, who(flags, wanted)] as const;
  });
  return byRole ? found.filter(([{ resourceType }]) => ofRoles(flags, resourceType).length > 0) : found;
}

function ofRoles({ producer, consumer, idempotent }: RuleFlags, resourceType: number): readonly Operation[] {
  const found: Operation[] = [];
  if (producer === true) {
    if (resourceType === resourceCodes.TOPIC) found.push('WRITE', 'DESCRIBE', 'CREATE');
    if (resourceType === resourceCodes.TRANSACTIONAL_ID) found.push('WRITE', 'DESCRIBE');
    if (resourceType === resourceCodes.CLUSTER && idempotent === true) found.push('IDEMPOTENT_WRITE');
  }
  if (consumer === true) {
    if (resourceType === resourceCodes.TOPIC) found.push('READ', 'DESCRIBE');
    if (resourceType === resourceCodes.GROUP) found.push('READ');
  }
  return [...new Set(found)];
}

function who(flags: RuleFlags, operations: readonly Operation[]): Entry[] {
  const kinds = [
    [flags.allowPrincipal, flags.allowHost, permissionCodes.ALLOW],
    [flags.denyPrincipal, flags.denyHost, permissionCodes.DENY],
  ] as const;
  return kinds.flatMap(([principals, hosts, permissionType]) =>
    principals.flatMap((principal) =>
      operations.flatMap((operation) =>
        (hosts.length === 0 ? ['*'] : hosts).map((host) => {
          return {
            principal: checked(principal),
            host,
            operation: operationCodes[operation],
            permissionType,
          };
        }),
      ),
    ),
  );
}

function checked(principal: string): string {
  const text = principal.trim();
  if (!/^[^:]+:/.test(text))
    throw usage(
      `expected a string in format principalType:principalName but got ${text}`,
      `Did you mean User:${text}?`,
    );
  return text;
}

/** `Describe`, `DESCRIBE`, `DescribeConfigs`, `DESCRIBE_CONFIGS`. */
function operationOf(word: string): Operation {
  const key = word.trim().replaceAll('_', '').toUpperCase();
  const names = Object.keys(operationCodes) as Operation[];
  const found = names.find((name) => name.replaceAll('_', '') === key);
  if (found !== undefined) return found;
  const near = nearest(word, names);
  throw usage(
    `--operation is one of ${names.join(', ')}, not '${word}'`,
    near === undefined ? undefined : `Did you mean ${near}?`,
  );
}

function checkSupported({ resourceType }: Pattern, operation: Operation): void {
  const known = supported[resourceType] ?? [];
  if (operation === 'ALL' || known.includes(operation)) return;
  const kind = nameOfCode(resourceCodes, resourceType);
  throw usage(`ResourceType ${kind} only supports operations ${['ALL', ...known].join(', ')}`);
}

export const ruleOf = ({ resourceType, name, patternType }: Pattern, entry: Entry): AclRule => ({
  resourceType,
  resourceName: name,
  resourcePatternType: patternType,
  ...entry,
});

/** `entry` null: whatever is said of the resource; `pattern` null: of any resource. */
export function filterOf(pattern: Pattern | null, entry: Entry | null): AclFilter {
  return {
    resourceTypeFilter: pattern?.resourceType ?? anyCode,
    resourceNameFilter: pattern?.name ?? null,
    patternTypeFilter: pattern?.patternType ?? anyCode,
    principalFilter: entry?.principal ?? null,
    hostFilter: entry?.host ?? null,
    operation: entry?.operation ?? anyCode,
    permissionType: entry?.permissionType ?? anyCode,
  };
}

const patternWords = new Map(Object.entries(patternTypes).map(([name, code]) => [code, name.toUpperCase()]));

/** As Kafka's tool writes a resource; `filter`: one that may match several. */
export function patternText({ resourceType, name, patternType }: Pattern, filter = false): string {
  const kind = nameOfCode(resourceCodes, resourceType) ?? 'UNKNOWN';
  const word = patternWords.get(patternType) ?? 'UNKNOWN';
  return `ResourcePattern${filter ? 'Filter' : ''}(resourceType=${kind}, name=${name}, patternType=${word})`;
}

export function entryText({ principal, host, operation, permissionType }: Entry): string {
  const what = nameOfCode(operationCodes, operation) ?? 'UNKNOWN';
  const how = nameOfCode(permissionCodes, permissionType) ?? 'UNKNOWN';
  return `(principal=${principal}, host=${host}, operation=${what}, permissionType=${how})`;
}
