import { messages } from '../../protocol/messages.ts';
import { topicNameFault } from '../../protocol/topic-name.ts';
import { ErrorCode } from '../core/error-code.ts';
import { availability } from '../storage/partition.ts';
import { type BrokerContext, defineHandler } from './call.ts';

export const describeProducers = defineHandler(
  messages.describeProducers,
  ['READ TOPIC'],
  (request, { broker }) => ({
    throttleTimeMs: 0,
    topics: request.topics.map(({ name, partitionIndexes }) => ({
      name,
      partitions: partitionIndexes.map((partitionIndex) => {
        const partition = broker.topics.partition(name, partitionIndex);
        const errorCode = availability(partition);
        if (errorCode !== ErrorCode.NONE || partition === undefined)
          return { partitionIndex, ...refused(name, errorCode, broker), activeProducers: [] };
        const activeProducers = [...partition.producers.entries()].map(
          ({ producerId, epoch, batches, lastTimestamp, coordinatorEpoch = -1, openFrom = -1 }) => ({
            producerId,
            producerEpoch: epoch,
            lastSequence: batches.at(-1)?.lastSequence ?? -1,
            lastTimestamp,
            coordinatorEpoch,
            currentTxnStartOffset: openFrom,
          }),
        );
        return { partitionIndex, errorCode: ErrorCode.NONE, activeProducers };
      }),
    })),
  }),
);

/** Words for topics that there are not, or cannot be; of a topic that is there Kafka says no more than the error. */
function refused(
  topic: string,
  errorCode: number,
  { topics }: BrokerContext,
): { errorCode: number; errorMessage?: string } {
  const errorMessage = topicNameFault(topic);
  if (errorMessage !== null) return { errorCode: ErrorCode.INVALID_TOPIC_EXCEPTION, errorMessage };
  const isKnown = topics.byName(topic) !== undefined;
  return isKnown ? { errorCode } : { errorCode, errorMessage: `There is no topic ${topic}.` };
}
