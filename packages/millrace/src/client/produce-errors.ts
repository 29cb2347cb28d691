/**
 * What the producer does about each error code that a produce answer can carry.
 *
 * - `done`: the broker has the batch.
 * - `retry`: send it again after the back-off; `refresh` asks for new metadata first.
 * - `sequence`: the broker's idea of the producer's sequence differs (KIP-360): wait for what is in flight, or begin
 *   again with a higher epoch.
 * - `split`: send it in two halves.
 * - `fail`: trying again cannot help.
 */
export interface ProduceErrorRule {
  readonly name: string;
  readonly action: 'done' | 'retry' | 'sequence' | 'split' | 'fail';
  readonly refresh?: true;
  readonly remedy?: string;
}

const rule = (
  name: string,
  action: ProduceErrorRule['action'],
  rest: Omit<ProduceErrorRule, 'name' | 'action'> = {},
): ProduceErrorRule => ({ name, action, ...rest });
const refresh = { refresh: true } as const;

export const produceErrors: ReadonlyMap<number, ProduceErrorRule> = new Map([
  [0, rule('NONE', 'done')],
  [-1, rule('UNKNOWN_SERVER_ERROR', 'fail', { remedy: "Look into the broker's log." })],
  [2, rule('CORRUPT_MESSAGE', 'retry')],
  [3, rule('UNKNOWN_TOPIC_OR_PARTITION', 'retry', refresh)],
  [5, rule('LEADER_NOT_AVAILABLE', 'retry', refresh)],
  [6, rule('NOT_LEADER_OR_FOLLOWER', 'retry', refresh)],
  [7, rule('REQUEST_TIMED_OUT', 'retry')],
  [8, rule('BROKER_NOT_AVAILABLE', 'retry', refresh)],
  [9, rule('REPLICA_NOT_AVAILABLE', 'retry', refresh)],
  [10, rule('MESSAGE_TOO_LARGE', 'split', { remedy: "Raise the topic's max.message.bytes." })],
  [13, rule('NETWORK_EXCEPTION', 'retry', refresh)],
  [
    17,
    rule('INVALID_TOPIC_EXCEPTION', 'fail', {
      remedy: 'Topic names hold letters, digits, ".", "_" and "-".',
    }),
  ],
  [18, rule('RECORD_LIST_TOO_LARGE', 'split', { remedy: "Raise the topic's segment.bytes." })],
  [19, rule('NOT_ENOUGH_REPLICAS', 'retry')],
  [20, rule('NOT_ENOUGH_REPLICAS_AFTER_APPEND', 'retry')],
  [21, rule('INVALID_REQUIRED_ACKS', 'fail', { remedy: 'acks is 0, 1 or all.' })],
  [29, rule('TOPIC_AUTHORIZATION_FAILED', 'fail', { remedy: 'Grant WRITE on the topic.' })],
  [31, rule('CLUSTER_AUTHORIZATION_FAILED', 'fail', { remedy: 'Grant IDEMPOTENT_WRITE on the cluster.' })],
  [
    32,
    rule('INVALID_TIMESTAMP', 'fail', { remedy: "The record's time is too far from the broker's clock." }),
  ],
  [35, rule('UNSUPPORTED_VERSION', 'fail', { remedy: 'The broker is too old for record batches.' })],
  [42, rule('INVALID_REQUEST', 'fail')],
  [43, rule('UNSUPPORTED_FOR_MESSAGE_FORMAT', 'fail')],
  [44, rule('POLICY_VIOLATION', 'fail')],
  [45, rule('OUT_OF_ORDER_SEQUENCE_NUMBER', 'sequence')],
  [46, rule('DUPLICATE_SEQUENCE_NUMBER', 'done')],
  [47, rule('INVALID_PRODUCER_EPOCH', 'sequence')],
  [56, rule('KAFKA_STORAGE_ERROR', 'retry', refresh)],
  [59, rule('UNKNOWN_PRODUCER_ID', 'sequence')],
  [74, rule('FENCED_LEADER_EPOCH', 'retry', refresh)],
  [75, rule('UNKNOWN_LEADER_EPOCH', 'retry', refresh)],
  [76, rule('UNSUPPORTED_COMPRESSION_TYPE', 'fail', { remedy: 'Choose another compression.type.' })],
  [87, rule('INVALID_RECORD', 'fail', { remedy: 'A compacted topic takes only records with a key.' })],
  [89, rule('THROTTLING_QUOTA_EXCEEDED', 'retry')],
  [90, rule('PRODUCER_FENCED', 'fail')],
  [100, rule('UNKNOWN_TOPIC_ID', 'retry', refresh)],
  [103, rule('INCONSISTENT_TOPIC_ID', 'retry', refresh)],
]);

/** A code that is not in the table is not worth another try: nobody knows what the broker did. */
export function produceErrorRule(code: number): ProduceErrorRule {
  return produceErrors.get(code) ?? rule(`error ${code}`, 'fail');
}
