import type {
  EpochEndOffsetInit,
  OffsetForLeaderPartition,
} from '../../protocol/generated/offset-for-leader-epoch.ts';
import { messages } from '../../protocol/messages.ts';
import { ErrorCode } from '../core/error-code.ts';
import { faultOf } from '../core/fault.ts';
import { availability, leaderEpoch, type Partition } from '../storage/partition.ts';
import { defineHandler } from './call.ts';
import { checkLeaderEpoch } from './fetch-read.ts';

/** Where the given epoch ended: there has been one only, so at the end of what can be read, or nowhere. */
export const offsetForLeaderEpoch = defineHandler(
  messages.offsetForLeaderEpoch,
  ['DESCRIBE TOPIC'],
  async (request, { broker }) => {
    const topics = request.topics.map(async ({ topic, partitions }) => ({
      topic,
      partitions: await Promise.all(
        partitions.map((asked) => endOf(broker.topics.partition(topic, asked.partition), asked)),
      ),
    }));
    return { topics: await Promise.all(topics) };
  },
);

async function endOf(
  found: Partition | undefined,
  asked: OffsetForLeaderPartition,
): Promise<EpochEndOffsetInit> {
  const { partition } = asked;
  const fault = availability(found);
  if (fault !== ErrorCode.NONE || found === undefined) return { partition, errorCode: fault };
  const errorCode = checkLeaderEpoch(asked.currentLeaderEpoch);
  if (errorCode !== ErrorCode.NONE || asked.leaderEpoch > leaderEpoch || asked.leaderEpoch === -1)
    return { partition, errorCode };
  if (asked.leaderEpoch < leaderEpoch)
    return { partition, errorCode, leaderEpoch: asked.leaderEpoch, endOffset: found.log.startOffset };
  try {
    await found.settled();
    return { partition, errorCode, leaderEpoch, endOffset: found.highWatermark };
  } catch (error) {
    return { partition, errorCode: faultOf(error).errorCode };
  }
}
