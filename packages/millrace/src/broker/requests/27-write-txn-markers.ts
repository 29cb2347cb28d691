import { messages } from '../../protocol/messages.ts';
import { ErrorCode } from '../core/error-code.ts';
import { writeMarker } from '../transactions/marker-writer.ts';
import { defineHandler } from './call.ts';

/** How brokers end a transaction in the partitions of others; here just what `kafka-transactions abort` sends. */
export const writeTxnMarkers = defineHandler(
  messages.writeTxnMarkers,
  ['ALTER CLUSTER'],
  async (request, { broker }) => {
    const markers = request.markers.map(async (asked) => {
      const { producerId, producerEpoch, coordinatorEpoch, transactionResult: committed } = asked;
      const marker = { producerId, producerEpoch, coordinatorEpoch, committed };
      const topics = asked.topics.map(async ({ name, partitionIndexes }) => ({
        name,
        partitions: await Promise.all(
          partitionIndexes.map(async (partitionIndex) => {
            const fault = await writeMarker(broker, name, partitionIndex, marker);
            return { partitionIndex, errorCode: fault?.errorCode ?? ErrorCode.NONE };
          }),
        ),
      }));
      return { producerId, topics: await Promise.all(topics) };
    });
    return { markers: await Promise.all(markers) };
  },
);
