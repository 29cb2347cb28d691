import type {
  EpochEndOffsetInit,
  OffsetForLeaderPartition,
} from '../../protocol/generated/offset-for-leader-epoch.ts';
import { messages } from '../../protocol/messages.ts';
import { defineHandler } from '../call.ts';
import { ErrorCode } from '../error-code.ts';
import { checkLeaderEpoch } from '../fetch-read.ts';
import { leaderEpoch, type Partition } from '../partition.ts';

/** Where the given epoch ended: there has been one only, so at the end of what can be read, or nowhere. */
export const offsetForLeaderEpoch = defineHandler(messages.offsetForLeaderEpoch, (request, { broker }) => ({
  topics: request.topics.map(({ topic, partitions }) => ({
    topic,
    partitions: partitions.map((asked) => endOf(broker.topics.partition(topic, asked.partition), asked)),
  })),
}));

function endOf(found: Partition | undefined, asked: OffsetForLeaderPartition): EpochEndOffsetInit {
  const { partition } = asked;
  if (found === undefined) return { partition, errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION };
  const errorCode = checkLeaderEpoch(asked.currentLeaderEpoch);
  if (errorCode !== ErrorCode.NONE || asked.leaderEpoch > leaderEpoch) return { partition, errorCode };
  return { partition, errorCode, leaderEpoch, endOffset: found.highWatermark };
}
