import type {
  AddPartitionsToTxnRequest,
  AddPartitionsToTxnResponseInit,
  AddPartitionsToTxnTopic,
} from '../../protocol/generated/add-partitions-to-txn.ts';
import { messages } from '../../protocol/messages.ts';
import { ErrorCode } from '../core/error-code.ts';
import { isInternalTopic } from '../storage/internal-topics.ts';
import type { ProducerIdentity } from '../transactions/transaction.ts';
import { type Call, defineHandler } from './call.ts';
import { fencedBefore } from './transaction-errors.ts';

/** Several transactions in one request, and questions (`verify_only`), as brokers send them, since this version. */
const transactionsFrom = 4;
/** Clients know PRODUCER_FENCED since this version. */
const fencedFrom = 2;

export const addPartitionsToTxn = defineHandler(
  messages.addPartitionsToTxn,
  ['WRITE TRANSACTIONAL_ID', 'WRITE TOPIC'],
  work,
);

interface Asked extends ProducerIdentity {
  readonly transactionalId: string;
  readonly verifyOnly: boolean;
  readonly topics: readonly AddPartitionsToTxnTopic[];
}

async function work(request: AddPartitionsToTxnRequest, call: Call): Promise<AddPartitionsToTxnResponseInit> {
  if (call.version >= transactionsFrom) {
    const results = request.transactions.map(async (asked) => ({
      transactionalId: asked.transactionalId,
      topicResults: await add(asked, call),
    }));
    return { throttleTimeMs: 0, resultsByTransaction: await Promise.all(results) };
  }
  const asked = {
    transactionalId: request.v3AndBelowTransactionalId,
    producerId: request.v3AndBelowProducerId,
    producerEpoch: request.v3AndBelowProducerEpoch,
    verifyOnly: false,
    topics: request.v3AndBelowTopics,
  };
  return { throttleTimeMs: 0, resultsByTopicV3AndBelow: await add(asked, call) };
}

/** All of them or none: where one is not there, nothing was tried of the others. */
async function add(asked: Asked, { broker, version }: Call) {
  const { transactions } = broker;
  const { transactionalId, topics, verifyOnly } = asked;
  // Clients write nothing to what the broker keeps for itself.
  const isClosed = (topic: string) => version < transactionsFrom && isInternalTopic(topic);
  const isThere = (topic: string, index: number) => broker.topics.partition(topic, index) !== undefined;
  const answer = async (errorOf: (topic: string, index: number) => number | Promise<number>) =>
    Promise.all(
      topics.map(async ({ name, partitions }) => ({
        name,
        resultsByPartition: await Promise.all(
          partitions.map(async (partitionIndex) => ({
            partitionIndex,
            partitionErrorCode: fencedBefore(fencedFrom, version, await errorOf(name, partitionIndex)),
          })),
        ),
      })),
    );
  const errorAt = (topic: string, index: number) => {
    if (isClosed(topic)) return ErrorCode.TOPIC_AUTHORIZATION_FAILED;
    return isThere(topic, index) ? ErrorCode.NONE : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
  };
  if (
    topics.some(({ name, partitions }) => partitions.some((each) => errorAt(name, each) !== ErrorCode.NONE))
  )
    return answer((topic, index) => errorAt(topic, index) || ErrorCode.OPERATION_NOT_ATTEMPTED);
  if (verifyOnly && transactionalId === '') return answer(() => ErrorCode.INVALID_REQUEST);
  if (verifyOnly) return answer((topic, index) => transactions.verify(transactionalId, asked, topic, index));
  const added = new Map<string, Set<number>>();
  for (const { name, partitions } of topics)
    added.set(name, new Set([...(added.get(name) ?? []), ...partitions]));
  const errorCode = await transactions.addPartitions(transactionalId, asked, added);
  return answer(() => errorCode);
}
