import { addOffsetsToTxnMessages } from '../../../protocol/generated/add-offsets-to-txn.ts';
import { addPartitionsToTxnMessages } from '../../../protocol/generated/add-partitions-to-txn.ts';
import { endTxnMessages } from '../../../protocol/generated/end-txn.ts';
import { initProducerIdMessages } from '../../../protocol/generated/init-producer-id.ts';
import { txnOffsetCommitMessages } from '../../../protocol/generated/txn-offset-commit.ts';
import { api } from '../apis.ts';
import type { Connection } from '../connection.ts';
import { errorName } from '../kafka-errors.ts';
import type { TopicPartition } from '../options.ts';
import type { ProducerIdentity } from './partition-queue.ts';
import type { TransactionAnswer, TransactionRequest } from './transaction-state.ts';

const initApi = api(initProducerIdMessages, 3, 5);
/** Later versions are the brokers' own. */
const addPartitionsApi = api(addPartitionsToTxnMessages, 0, 3);
const addOffsetsApi = api(addOffsetsToTxnMessages, 0, 4);
/** Of each pair the second is for clusters with `transaction.version` 2 (KIP-890), and means more than the first. */
const commitOffsetsApis = [api(txnOffsetCommitMessages, 3, 4), api(txnOffsetCommitMessages, 5, 5)] as const;
const endApis = [api(endTxnMessages, 0, 4), api(endTxnMessages, 5, 5)] as const;

/** Whose transaction it is. */
export interface TransactionSender {
  readonly transactionalId: string;
  readonly transactionTimeoutMs: number;
  /** Null before the first request. */
  readonly identity: ProducerIdentity | null;
  readonly implicit: boolean;
}

/** Sends the request and reads its answer. Throws `KAFKA` where the broker does not serve it, else as `request` does. */
export async function askTransaction(
  connection: Connection,
  request: TransactionRequest,
  sender: TransactionSender,
  timeoutMs: number,
): Promise<TransactionAnswer> {
  const { transactionalId } = sender;
  const { producerId, epoch: producerEpoch } = sender.identity ?? { producerId: -1, epoch: -1 };
  const own = { transactionalId, producerId, producerEpoch };
  const way = sender.implicit ? 1 : 0;
  switch (request.kind) {
    case 'initProducerId': {
      const message = { ...own, transactionTimeoutMs: sender.transactionTimeoutMs };
      const answer = await connection.request(initApi, message, timeoutMs);
      return withIdentity(answer.errorCode, answer);
    }
    case 'addPartitions': {
      const message = {
        v3AndBelowTransactionalId: transactionalId,
        v3AndBelowProducerId: producerId,
        v3AndBelowProducerEpoch: producerEpoch,
        v3AndBelowTopics: byTopic(request.partitions, ({ partition }) => partition),
      };
      const { resultsByTopicV3AndBelow } = await connection.request(addPartitionsApi, message, timeoutMs);
      const errors = resultsByTopicV3AndBelow.flatMap(({ name: topic, resultsByPartition }) =>
        resultsByPartition.map(({ partitionIndex: partition, partitionErrorCode }) => ({
          name: errorName(partitionErrorCode),
          at: { topic, partition },
        })),
      );
      return { errors };
    }
    case 'addOffsets': {
      const message = { ...own, groupId: request.groupId };
      const { errorCode } = await connection.request(addOffsetsApi, message, timeoutMs);
      return { errors: [{ name: errorName(errorCode) }] };
    }
    case 'commitOffsets': {
      const { groupId, memberId, generationId, groupInstanceId, offsets } = request.positions;
      const topics = byTopic(offsets, ({ partition, offset, metadata }) => ({
        partitionIndex: partition,
        committedOffset: offset,
        committedMetadata: metadata ?? '',
      }));
      const message = { ...own, groupId, memberId, generationId, groupInstanceId, topics };
      const answer = await connection.request(commitOffsetsApis[way], message, timeoutMs);
      const errors = answer.topics.flatMap(({ name: topic, partitions }) =>
        partitions.map(({ partitionIndex: partition, errorCode }) => ({
          name: errorName(errorCode),
          at: { topic, partition },
        })),
      );
      return { errors };
    }
    case 'endTransaction': {
      const message = { ...own, committed: request.committed };
      const answer = await connection.request(endApis[way], message, timeoutMs);
      return withIdentity(answer.errorCode, answer);
    }
  }
}

function withIdentity(
  errorCode: number,
  { producerId, producerEpoch }: { readonly producerId: number; readonly producerEpoch: number },
): TransactionAnswer {
  const errors = [{ name: errorName(errorCode) }];
  // Before version 5 the end of a transaction changes nobody's epoch.
  if (errorCode !== 0 || producerId < 0) return { errors };
  return { errors, identity: { producerId, epoch: producerEpoch } };
}

function byTopic<P extends TopicPartition, T>(
  partitions: readonly P[],
  partOf: (partition: P) => T,
): { name: string; partitions: T[] }[] {
  const topics = Map.groupBy(partitions, ({ topic }) => topic);
  return [...topics].map(([name, list]) => ({ name, partitions: list.map(partOf) }));
}
