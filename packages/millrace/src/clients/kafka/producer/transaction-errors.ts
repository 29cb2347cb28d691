/**
 * What a transactional producer does about each error of the requests that transactions are made of, as Kafka's own
 * (`TransactionManager` of 4.3) does:
 *
 * - `retry`: the same request again, after the back-off; `coordinator` asks first who the coordinator is now.
 * - `abort`: the transaction can only be aborted; the producer goes on with the next.
 * - `fatal`: this producer is over. Another may have its id (fenced), or it may not do what it tries.
 */
import { type KafkaErrorName, kafkaErrors } from '../../../protocol/error-codes.ts';
import type { TransactionRequest } from './transaction-state.ts';

export type TransactionErrorAction = 'retry' | 'coordinator' | 'abort' | 'fatal';
type Kind = TransactionRequest['kind'];
type Rules = Readonly<Partial<Record<KafkaErrorName, TransactionErrorAction>>>;

const moved: Rules = { NOT_COORDINATOR: 'coordinator', COORDINATOR_NOT_AVAILABLE: 'coordinator' };

/** What is neither here nor retriable by Kafka's table is fatal: nobody knows what it means for the transaction. */
const rules: Readonly<Record<Kind, Rules>> = {
  initProducerId: { ...moved, TRANSACTION_ABORTABLE: 'abort' },
  addPartitions: {
    ...moved,
    TOPIC_AUTHORIZATION_FAILED: 'abort',
    OPERATION_NOT_ATTEMPTED: 'abort',
    UNKNOWN_PRODUCER_ID: 'abort',
    TRANSACTION_ABORTABLE: 'abort',
  },
  addOffsets: {
    ...moved,
    UNKNOWN_PRODUCER_ID: 'abort',
    GROUP_AUTHORIZATION_FAILED: 'abort',
    TRANSACTION_ABORTABLE: 'abort',
  },
  // Whoever read the events is no member of the group any more, or of another generation: they come again (KIP-447).
  commitOffsets: {
    ...moved,
    REQUEST_TIMED_OUT: 'coordinator',
    GROUP_AUTHORIZATION_FAILED: 'abort',
    FENCED_INSTANCE_ID: 'abort',
    UNKNOWN_MEMBER_ID: 'abort',
    ILLEGAL_GENERATION: 'abort',
    REBALANCE_IN_PROGRESS: 'abort',
    TRANSACTION_ABORTABLE: 'abort',
  },
  endTransaction: { ...moved, UNKNOWN_PRODUCER_ID: 'abort', TRANSACTION_ABORTABLE: 'abort' },
};

/** Produce errors after which the producer can't go on with another transaction either. */
const fatalToProduce: ReadonlySet<KafkaErrorName> = new Set([
  'PRODUCER_FENCED',
  'CLUSTER_AUTHORIZATION_FAILED',
  'TRANSACTIONAL_ID_AUTHORIZATION_FAILED',
  'UNSUPPORTED_VERSION',
  'UNSUPPORTED_FOR_MESSAGE_FORMAT',
]);

export function transactionErrorAction(kind: Kind, name: KafkaErrorName): TransactionErrorAction {
  return rules[kind][name] ?? (kafkaErrors[name].retriable ? 'retry' : 'fatal');
}

/** What a failed produce request means for the transaction: nothing that was sent in it may count. */
export const isFatalToProduce = (name: string): boolean => fatalToProduce.has(name as KafkaErrorName);
