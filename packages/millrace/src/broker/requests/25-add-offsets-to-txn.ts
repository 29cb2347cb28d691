import { messages } from '../../protocol/messages.ts';
import { errorText } from '../../runtime/errors.ts';
import { ErrorCode } from '../core/error-code.ts';
import { offsetsTopic } from '../storage/internal-topics.ts';
import { defineHandler } from './call.ts';
import { fencedBefore } from './transaction-errors.ts';

/** Clients know PRODUCER_FENCED since this version. */
const fencedFrom = 2;

/** Adds the partition of `__consumer_offsets` that keeps the group's offsets. */
export const addOffsetsToTxn = defineHandler(
  messages.addOffsetsToTxn,
  ['WRITE TRANSACTIONAL_ID', 'READ GROUP'],
  async ({ transactionalId, ...producer }, { broker, version }) => {
    try {
      await broker.groups.ready();
    } catch (error) {
      broker.settings.logger.error(`groups and offsets cannot be read: ${errorText(error)}`);
      return { throttleTimeMs: 0, errorCode: ErrorCode.COORDINATOR_NOT_AVAILABLE };
    }
    const partitions = new Map([[offsetsTopic, new Set([0])]]);
    const errorCode = await broker.transactions.addPartitions(transactionalId, producer, partitions);
    return { throttleTimeMs: 0, errorCode: fencedBefore(fencedFrom, version, errorCode) };
  },
);
