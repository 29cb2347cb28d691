import type {
  TxnOffsetCommitRequest,
  TxnOffsetCommitRequestPartition,
  TxnOffsetCommitResponse,
} from '../../protocol/generated/txn-offset-commit.ts';
import { messages } from '../../protocol/messages.ts';
import { errorText } from '../../runtime/errors.ts';
import { ErrorCode } from '../core/error-code.ts';
import type { CommitInput } from '../group/coordinator.ts';
import { maxCommitMetadataBytes } from '../group/id-limits.ts';
import { offsetsTopic } from '../storage/internal-topics.ts';
import { type Call, defineHandler } from './call.ts';
import { admissionFault } from './transaction-errors.ts';

/** Clients know TRANSACTION_ABORTABLE since this version. */
const abortableFrom = 4;
/** By this version a client says that it goes by `transaction.version` 2: nobody added the group before. */
const addsFrom = 5;

/** Offsets that hold once the transaction is committed (KIP-98, KIP-447). */
export const txnOffsetCommit = defineHandler(
  messages.txnOffsetCommit,
  ['WRITE TRANSACTIONAL_ID', 'READ GROUP', 'READ TOPIC'],
  work,
);

async function work(request: TxnOffsetCommitRequest, call: Call): Promise<TxnOffsetCommitResponse> {
  const commits: CommitInput[] = [];
  const answers = request.topics.map(({ name, partitions }) => ({
    name,
    partitions: partitions.map((asked) => {
      const error = check(name, asked, call);
      if (error === ErrorCode.NONE) commits.push(toCommit(name, asked, call));
      return { partitionIndex: asked.partitionIndex, errorCode: error };
    }),
  }));
  const stored = commits.length === 0 ? ErrorCode.NONE : await commit(request, commits, call);
  const topics = answers.map(({ name, partitions }) => ({
    name,
    partitions: partitions.map(({ partitionIndex, errorCode }) => ({
      partitionIndex,
      errorCode: errorCode === ErrorCode.NONE ? stored : errorCode,
    })),
  }));
  return { throttleTimeMs: 0, topics };
}

async function commit(
  request: TxnOffsetCommitRequest,
  commits: readonly CommitInput[],
  { broker, version }: Call,
): Promise<number> {
  const { groups, transactions, settings } = broker;
  const { transactionalId, groupId, producerId, producerEpoch } = request;
  if (groupId === '') return ErrorCode.INVALID_GROUP_ID;
  const producer = { producerId, producerEpoch };
  const manner = {
    knowsAbortable: version >= abortableFrom,
    knowsConcurrent: version >= addsFrom,
    later: ErrorCode.COORDINATOR_NOT_AVAILABLE,
  };
  const told = (error: number) =>
    error === ErrorCode.NONE ? error : admissionFault(error, manner).errorCode;
  try {
    await groups.ready();
  } catch (error) {
    settings.logger.error(`groups and offsets cannot be read: ${errorText(error)}`);
    return ErrorCode.COORDINATOR_NOT_AVAILABLE;
  }
  const admission =
    version >= addsFrom && transactionalId !== ''
      ? transactions.addPartitions(transactionalId, producer, new Map([[offsetsTopic, new Set([0])]]))
      : transactions.verify(transactionalId, producer, offsetsTopic, 0);
  const refused = told(await admission);
  if (refused !== ErrorCode.NONE) return refused;
  const { memberId, groupInstanceId, generationId } = request;
  const committer = { memberId, groupInstanceId, generationId };
  // The transaction may have ended meanwhile: it is looked at once more in the turn in which the offsets are stored.
  const isOpen = () => told(transactions.admits(transactionalId, producer, offsetsTopic, 0));
  return groups.commitWithin(producer, groupId, committer, commits, isOpen);
}

function check(name: string, asked: TxnOffsetCommitRequestPartition, { broker }: Call): number {
  if (broker.topics.partition(name, asked.partitionIndex) === undefined)
    return ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
  const most = Math.min(broker.settings.offsetMetadataMaxBytes, maxCommitMetadataBytes);
  const metadataBytes = Buffer.byteLength(asked.committedMetadata ?? '');
  return metadataBytes > most ? ErrorCode.OFFSET_METADATA_TOO_LARGE : ErrorCode.NONE;
}

function toCommit(topic: string, asked: TxnOffsetCommitRequestPartition, { broker }: Call): CommitInput {
  const committed = {
    offset: asked.committedOffset,
    leaderEpoch: asked.committedLeaderEpoch,
    metadata: asked.committedMetadata ?? '',
    commitTimestamp: broker.settings.now(),
  };
  return { topic, partition: asked.partitionIndex, committed };
}
