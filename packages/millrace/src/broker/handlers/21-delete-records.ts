import type { DeleteRecordsPartition } from '../../protocol/generated/delete-records.ts';
import { messages } from '../../protocol/messages.ts';
import { defineHandler } from '../call.ts';
import { ErrorCode } from '../error-code.ts';
import type { Partition } from '../partition.ts';

export const deleteRecords = defineHandler(messages.deleteRecords, (request, { broker }) => ({
  throttleTimeMs: 0,
  topics: request.topics.map(({ name, partitions }) => ({
    name,
    partitions: partitions.map((asked) => ({
      partitionIndex: asked.partitionIndex,
      ...trim(
        broker.topics.partition(name, asked.partitionIndex),
        asked,
        broker.topics.byName(name)?.internal === true,
      ),
    })),
  })),
}));

/** -1 as offset means: all that consumers can see. */
function trim(partition: Partition | undefined, asked: DeleteRecordsPartition, internal: boolean) {
  if (partition === undefined) return { lowWatermark: -1, errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION };
  if (internal) return { lowWatermark: -1, errorCode: ErrorCode.INVALID_TOPIC_EXCEPTION };
  const { log, highWatermark } = partition;
  const offset = asked.offset === -1 ? highWatermark : asked.offset;
  if (offset < 0 || offset > highWatermark)
    return { lowWatermark: -1, errorCode: ErrorCode.OFFSET_OUT_OF_RANGE };
  if (offset > log.startOffset) log.deleteRecordsBefore(offset);
  return { lowWatermark: log.startOffset, errorCode: ErrorCode.NONE };
}
