import type {
  InitProducerIdRequest,
  InitProducerIdResponseInit,
} from '../../protocol/generated/init-producer-id.ts';
import { messages } from '../../protocol/messages.ts';
import { errorText } from '../../runtime/errors.ts';
import { ErrorCode } from '../core/error-code.ts';
import { type Call, defineHandler } from './call.ts';
import { fencedBefore } from './transaction-errors.ts';

/** Clients know PRODUCER_FENCED since this version. */
const fencedFrom = 4;

/** Ids for idempotent producers, and ids with epochs for transactional ones. */
export const initProducerId = defineHandler(
  messages.initProducerId,
  ['WRITE TRANSACTIONAL_ID', 'IDEMPOTENT_WRITE CLUSTER', 'WRITE TOPIC'],
  (request, call) => {
    // Both or neither: with one alone there is nothing that could be gone on with (KIP-360).
    if ((request.producerId === -1) !== (request.producerEpoch === -1))
      return { errorCode: ErrorCode.INVALID_REQUEST, producerEpoch: -1 };
    return request.transactionalId === null ? newId(call) : initTransactions(request, call);
  },
);

async function newId({ broker }: Call): Promise<InitProducerIdResponseInit> {
  try {
    return { errorCode: ErrorCode.NONE, producerId: await broker.producerIds.next(), producerEpoch: 0 };
  } catch (error) {
    broker.settings.logger.error(`no producer id could be reserved: ${errorText(error)}`);
    return { errorCode: ErrorCode.COORDINATOR_LOAD_IN_PROGRESS, producerEpoch: -1 };
  }
}

async function initTransactions(
  { transactionalId, transactionTimeoutMs, producerId, producerEpoch }: InitProducerIdRequest,
  { broker, version }: Call,
): Promise<InitProducerIdResponseInit> {
  const expected = producerId === -1 ? null : { producerId, producerEpoch };
  const answer = await broker.transactions.initProducerId(transactionalId!, transactionTimeoutMs, expected);
  return { ...answer, errorCode: fencedBefore(fencedFrom, version, answer.errorCode) };
}
