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
