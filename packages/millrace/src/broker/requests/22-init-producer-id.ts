import { messages } from '../../protocol/messages.ts';
import { errorText } from '../../runtime/errors.ts';
import { ErrorCode } from '../core/error-code.ts';
import { defineHandler } from './call.ts';

/** Ids for idempotent producers. A transactional id is refused: transactions are not served. */
export const initProducerId = defineHandler(
  messages.initProducerId,
  ['WRITE TRANSACTIONAL_ID', 'IDEMPOTENT_WRITE CLUSTER', 'WRITE TOPIC'],
  async (request, { broker }) => {
    if (request.transactionalId !== null) return { errorCode: ErrorCode.INVALID_REQUEST, producerEpoch: -1 };
    // Both or neither: with one alone there is nothing that could be gone on with (KIP-360).
    if ((request.producerId === -1) !== (request.producerEpoch === -1))
      return { errorCode: ErrorCode.INVALID_REQUEST, producerEpoch: -1 };
    try {
      return { errorCode: ErrorCode.NONE, producerId: await broker.producerIds.next(), producerEpoch: 0 };
    } catch (error) {
      broker.settings.logger.error(`no producer id could be reserved: ${errorText(error)}`);
      return { errorCode: ErrorCode.COORDINATOR_LOAD_IN_PROGRESS, producerEpoch: -1 };
    }
  },
);
