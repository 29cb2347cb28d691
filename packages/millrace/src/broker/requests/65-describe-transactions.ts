import { messages } from '../../protocol/messages.ts';
import { ErrorCode } from '../core/error-code.ts';
import type { Transaction } from '../transactions/transaction.ts';
import { type Call, defineHandler } from './call.ts';

export const describeTransactions = defineHandler(
  messages.describeTransactions,
  ['DESCRIBE TRANSACTIONAL_ID'],
  async (request, call) => ({
    throttleTimeMs: 0,
    transactionStates: await Promise.all(request.transactionalIds.map((id) => describe(id, call))),
  }),
);

async function describe(transactionalId: string, { broker }: Call) {
  if (transactionalId === '') return undescribed(transactionalId, ErrorCode.INVALID_REQUEST);
  const found = await broker.transactions.describe(transactionalId);
  if (found === undefined) return undescribed(transactionalId, ErrorCode.TRANSACTIONAL_ID_NOT_FOUND);
  return typeof found === 'number' ? undescribed(transactionalId, found) : told(found);
}

function told({ transactionalId, status, timeoutMs, startedAt, ...producer }: Transaction) {
  const topics = [...producer.partitions].map(([topic, partitions]) => ({
    topic,
    partitions: [...partitions],
  }));
  return {
    errorCode: ErrorCode.NONE,
    transactionalId,
    transactionState: status,
    transactionTimeoutMs: timeoutMs,
    transactionStartTimeMs: startedAt,
    producerId: producer.producerId,
    producerEpoch: producer.producerEpoch,
    topics,
  };
}

/** The answer for an id of which nothing is told but why. */
export function undescribed(transactionalId: string, errorCode: number) {
  return {
    errorCode,
    transactionalId,
    transactionState: '',
    transactionTimeoutMs: 0,
    transactionStartTimeMs: 0,
    producerId: 0,
    producerEpoch: 0,
    topics: [],
  };
}
