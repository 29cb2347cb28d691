/**
 * What a request demands of the principal that sends it, by the names of Kafka's authorizer: an operation on a kind of
 * resource. Without an authorizer everybody may do everything, as in Kafka.
 */
export type Operation =
  | 'READ'
  | 'WRITE'
  | 'CREATE'
  | 'DELETE'
  | 'ALTER'
  | 'DESCRIBE'
  | 'CLUSTER_ACTION'
  | 'DESCRIBE_CONFIGS'
  | 'ALTER_CONFIGS'
  | 'IDEMPOTENT_WRITE';
export type AccessResource = 'TOPIC' | 'GROUP' | 'CLUSTER' | 'TRANSACTIONAL_ID';

/** `WRITE TOPIC`: what the topics that a request names must be open for. */
export type Need = `${Operation} ${AccessResource}`;

/** Who sends a request, as Kafka writes principals. */
export type Principal = `${string}:${string}`;
/** Of a connection that has proven nothing (KafkaPrincipal.ANONYMOUS). */
export const anonymous: Principal = 'User:ANONYMOUS';

/** The one resource of kind CLUSTER (`Resource.CLUSTER_NAME`). */
export const clusterName = 'kafka-cluster';

/** The codes of the protocol (`AclOperation`, `ResourceType`, `PatternType`, `AclPermissionType`); 1 is ANY in all of them. */
export const anyCode = 1;
export const matchPatternCode = 2;
export const operationCodes = {
  ALL: 2,
  READ: 3,
  WRITE: 4,
  CREATE: 5,
  DELETE: 6,
  ALTER: 7,
  DESCRIBE: 8,
  CLUSTER_ACTION: 9,
  DESCRIBE_CONFIGS: 10,
  ALTER_CONFIGS: 11,
  IDEMPOTENT_WRITE: 12,
  CREATE_TOKENS: 13,
  DESCRIBE_TOKENS: 14,
  TWO_PHASE_COMMIT: 15,
} as const;
export const resourceCodes = {
  TOPIC: 2,
  GROUP: 3,
  CLUSTER: 4,
  TRANSACTIONAL_ID: 5,
  DELEGATION_TOKEN: 6,
  USER: 7,
} as const;
export const patternCodes = { LITERAL: 3, PREFIXED: 4 } as const;
export const permissionCodes = { DENY: 2, ALLOW: 3 } as const;

/** One rule of who may do what, as Kafka keeps it. */
export interface Acl {
  readonly resource: keyof typeof resourceCodes;
  /** `*` with LITERAL is every name. */
  readonly name: string;
  readonly pattern: keyof typeof patternCodes;
  /** `User:*` is everybody. */
  readonly principal: string;
  /** An address, or `*`. */
  readonly host: string;
  readonly operation: keyof typeof operationCodes;
  readonly permission: keyof typeof permissionCodes;
}

/** The name of a code, or undefined. */
export function nameOfCode<Name extends string>(
  codes: Readonly<Record<Name, number>>,
  code: number,
): Name | undefined {
  return (Object.keys(codes) as Name[]).find((name) => codes[name] === code);
}
