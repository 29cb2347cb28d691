import type { MillraceError } from '../../../runtime/errors.ts';
import type { TopicPartition } from '../options.ts';
import type { ProducerIdentity } from './partition-queue.ts';
import type { ProducedIn } from './produce-request.ts';

/** What a producer whose sends belong to transactions has to ask before anything leaves. */
export interface TransactionGate extends ProducedIn {
  /** Null while no transaction is open, or it has failed: nothing leaves. */
  readonly identity: ProducerIdentity | null;
  /** Whether the partition is part of the transaction; else it is added, and `wake` called then. */
  admits(partition: TopicPartition): boolean;
  /** Something of the transaction was given up, so nothing of it may count. */
  failed(error: MillraceError): void;
}
