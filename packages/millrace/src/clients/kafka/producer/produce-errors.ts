/**
 * What the producer does about each error code that a produce answer can carry, and why.
 *
 * - `done`: the broker has the batch.
 * - `retry`: send it again after the back-off, until `delivery.timeout.ms`; its events are pending then. `refresh` asks
 *   for new metadata first.
 * - `sequence`: the broker's idea of the producer's sequence differs (KIP-360): wait for what is in flight, or begin
 *   again with a higher epoch.
 * - `refuse`: this broker will never take an event as it is. The events that the answer names (KIP-467) are refused
 *   alone; where it names none the batch is halved until a single event stands refused. All others are sent again.
 * - `pending`: trying again at once cannot help, and a person can mend it without touching the events: they are given
 *   back, to be sent later. What is wrong for a whole topic or cluster is pending, never refused: setting a stream aside
 *   event by event would be worse than waiting.
 */
export interface ProduceErrorRule {
  readonly name: string;
  readonly action: 'done' | 'retry' | 'sequence' | 'refuse' | 'pending';
  readonly refresh?: true;
  /**
   * Whether the broker may have appended the batch all the same: its sequence must not be given to another, and it may
   * not get a new one before this is known.
   */
  readonly unsure?: true;
  readonly remedy?: string;
  /** A batch that gets this error so many times in a row counts as `refuse`. */
  readonly refuseAfter?: number;
}

const rule = (
  name: string,
  action: ProduceErrorRule['action'],
  rest: Omit<ProduceErrorRule, 'name' | 'action'> = {},
): ProduceErrorRule => ({ name, action, ...rest });
const refresh = { refresh: true } as const;
const unsure = { unsure: true } as const;

export const produceErrors: ReadonlyMap<number, ProduceErrorRule> = new Map([
  [0, rule('NONE', 'done')],
  [-1, rule('UNKNOWN_SERVER_ERROR', 'pending', { ...unsure, remedy: "Look into the broker's log." })],
  // Damage on the way passes; brokers before Kafka 2.4 also say so of a record without a key in a compacted topic.
  [
    2,
    rule('CORRUPT_MESSAGE', 'retry', {
      refuseAfter: 3,
      remedy: 'A compacted topic takes only records with a key.',
    }),
  ],
  [3, rule('UNKNOWN_TOPIC_OR_PARTITION', 'retry', refresh)],
  [5, rule('LEADER_NOT_AVAILABLE', 'retry', refresh)],
  [6, rule('NOT_LEADER_OR_FOLLOWER', 'retry', refresh)],
  // The leader has appended; the replicas did not follow in time.
  [7, rule('REQUEST_TIMED_OUT', 'retry', unsure)],
  [8, rule('BROKER_NOT_AVAILABLE', 'retry', refresh)],
  [9, rule('REPLICA_NOT_AVAILABLE', 'retry', refresh)],
  [10, rule('MESSAGE_TOO_LARGE', 'refuse', { remedy: "Raise the topic's max.message.bytes." })],
  [13, rule('NETWORK_EXCEPTION', 'retry', { ...refresh, ...unsure })],
  [
    17,
    rule('INVALID_TOPIC_EXCEPTION', 'refuse', {
      remedy: 'Topic names hold letters, digits, ".", "_" and "-".',
    }),
  ],
  [18, rule('RECORD_LIST_TOO_LARGE', 'refuse', { remedy: "Raise the topic's segment.bytes." })],
  [19, rule('NOT_ENOUGH_REPLICAS', 'retry')],
  [20, rule('NOT_ENOUGH_REPLICAS_AFTER_APPEND', 'retry', unsure)],
  [21, rule('INVALID_REQUIRED_ACKS', 'pending', { remedy: 'acks is 0, 1 or all.' })],
  [29, rule('TOPIC_AUTHORIZATION_FAILED', 'pending', { remedy: 'Grant WRITE on the topic.' })],
  [31, rule('CLUSTER_AUTHORIZATION_FAILED', 'pending', { remedy: 'Grant IDEMPOTENT_WRITE on the cluster.' })],
  [
    32,
    rule('INVALID_TIMESTAMP', 'refuse', { remedy: "The record's time is too far from the broker's clock." }),
  ],
  [35, rule('UNSUPPORTED_VERSION', 'pending', { remedy: 'The broker is too old for record batches.' })],
  [42, rule('INVALID_REQUEST', 'pending')],
  [
    43,
    rule('UNSUPPORTED_FOR_MESSAGE_FORMAT', 'pending', {
      remedy: "Raise the topic's message.format.version: record headers need 0.11.",
    }),
  ],
  [44, rule('POLICY_VIOLATION', 'pending')],
  [45, rule('OUT_OF_ORDER_SEQUENCE_NUMBER', 'sequence')],
  [46, rule('DUPLICATE_SEQUENCE_NUMBER', 'done')],
  [47, rule('INVALID_PRODUCER_EPOCH', 'sequence')],
  [51, rule('CONCURRENT_TRANSACTIONS', 'retry')],
  [56, rule('KAFKA_STORAGE_ERROR', 'retry', { ...refresh, ...unsure })],
  [59, rule('UNKNOWN_PRODUCER_ID', 'sequence')],
  [74, rule('FENCED_LEADER_EPOCH', 'retry', refresh)],
  [75, rule('UNKNOWN_LEADER_EPOCH', 'retry', refresh)],
  [76, rule('UNSUPPORTED_COMPRESSION_TYPE', 'pending', { remedy: 'Choose another compression.type.' })],
  [87, rule('INVALID_RECORD', 'refuse', { remedy: 'A compacted topic takes only records with a key.' })],
  [89, rule('THROTTLING_QUOTA_EXCEEDED', 'retry')],
  [90, rule('PRODUCER_FENCED', 'pending')],
  [120, rule('TRANSACTION_ABORTABLE', 'pending')],
  [100, rule('UNKNOWN_TOPIC_ID', 'retry', refresh)],
  [103, rule('INCONSISTENT_TOPIC_ID', 'retry', refresh)],
]);

/** A code that is not in the table is not worth another try at once: nobody knows what the broker did. */
export function produceErrorRule(code: number): ProduceErrorRule {
  return produceErrors.get(code) ?? rule(`error ${code}`, 'pending', unsure);
}
