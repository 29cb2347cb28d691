import { messages } from '../../protocol/messages.ts';
import { ErrorCode } from '../core/error-code.ts';
import { faultOf } from '../core/fault.ts';
import { availability, type Partition } from '../storage/partition.ts';
import { defineHandler } from './call.ts';

export const deleteRecords = defineHandler(
  messages.deleteRecords,
  ['DELETE TOPIC'],
  async (request, { broker }) => {
    const topics = request.topics.map(async ({ name, partitions }) => ({
      name,
      partitions: await Promise.all(
        partitions.map(async (asked) => {
          const partition = broker.topics.partition(name, asked.partitionIndex);
          const isInternal = broker.topics.byName(name)?.internal === true;
          const result = await trim(partition, asked.offset, isInternal).catch((error) =>
            failed(faultOf(error).errorCode),
          );
          return { partitionIndex: asked.partitionIndex, ...result };
        }),
      ),
    }));
    return { throttleTimeMs: 0, topics: await Promise.all(topics) };
  },
);

/** -1 as offset means: all that consumers can see. What was acknowledged before may be named: they see it by then. */
async function trim(partition: Partition | undefined, upTo: number, isInternal: boolean) {
  const fault = availability(partition);
  if (fault !== ErrorCode.NONE || partition === undefined) return failed(fault);
  if (isInternal) return failed(ErrorCode.INVALID_TOPIC_EXCEPTION);
  if (upTo === -1 || upTo > partition.highWatermark) await partition.settled();
  const { log, highWatermark } = partition;
  const offset = upTo === -1 ? highWatermark : upTo;
  if (offset < 0 || offset > highWatermark) return failed(ErrorCode.OFFSET_OUT_OF_RANGE);
  if (offset > log.startOffset) log.deleteRecordsBefore(offset);
  return { lowWatermark: log.startOffset, errorCode: ErrorCode.NONE };
}

function failed(errorCode: number) {
  return { lowWatermark: -1, errorCode };
}
