import type {
  OffsetCommitRequest,
  OffsetCommitRequestPartition,
  OffsetCommitRequestTopic,
  OffsetCommitResponseInit,
} from '../../protocol/generated/offset-commit.ts';
import { messages } from '../../protocol/messages.ts';
import { ErrorCode } from '../core/error-code.ts';
import type { CommitInput } from '../group/coordinator.ts';
import { maxCommitMetadataBytes } from '../group/id-limits.ts';
import type { Topic } from '../storage/topics.ts';
import { type Call, defineHandler } from './call.ts';

/** Topics have been known by id alone since this version. */
const idsFrom = 10;

export const offsetCommit = defineHandler(messages.offsetCommit, ['READ GROUP', 'READ TOPIC'], work);

async function work(request: OffsetCommitRequest, call: Call): Promise<OffsetCommitResponseInit> {
  const { groups, topics, settings } = call.broker;
  const { groupId, memberId, groupInstanceId, generationIdOrMemberEpoch } = request;
  const byId = call.version >= idsFrom;
  const maxMetadata = Math.min(settings.offsetMetadataMaxBytes, maxCommitMetadataBytes);
  const commits: CommitInput[] = [];
  const now = settings.now();
  const answers = request.topics.map((asked) => {
    const topic = byId ? topics.byId(asked.topicId) : topics.byName(asked.name);
    const partitions = asked.partitions.map((each) => {
      const error = check(topic, each, byId, maxMetadata);
      if (error === ErrorCode.NONE) commits.push(toCommit(topic!, each, now));
      return { partitionIndex: each.partitionIndex, errorCode: error };
    });
    return { asked, partitions };
  });
  const committer = { memberId, groupInstanceId, generationId: generationIdOrMemberEpoch };
  const stored = await groups.commit(groupId, committer, commits);
  return { topics: answers.map(({ asked, partitions }) => answerTopic(asked, partitions, stored, byId)) };
}

function check(
  topic: Topic | undefined,
  asked: OffsetCommitRequestPartition,
  byId: boolean,
  maxMetadata: number,
): number {
  if (topic === undefined) return byId ? ErrorCode.UNKNOWN_TOPIC_ID : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
  if (topic.partitions[asked.partitionIndex] === undefined) return ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
  const metadataBytes = Buffer.byteLength(asked.committedMetadata ?? '');
  return metadataBytes > maxMetadata ? ErrorCode.OFFSET_METADATA_TOO_LARGE : ErrorCode.NONE;
}

function toCommit(topic: Topic, asked: OffsetCommitRequestPartition, now: number): CommitInput {
  const committed = {
    offset: asked.committedOffset,
    leaderEpoch: asked.committedLeaderEpoch,
    metadata: asked.committedMetadata ?? '',
    commitTimestamp: now,
  };
  return { topic: topic.name, partition: asked.partitionIndex, committed };
}

function answerTopic(
  asked: OffsetCommitRequestTopic,
  partitions: readonly { partitionIndex: number; errorCode: number }[],
  stored: number,
  byId: boolean,
) {
  const answered = partitions.map(({ partitionIndex, errorCode }) => ({
    partitionIndex,
    errorCode: errorCode === ErrorCode.NONE ? stored : errorCode,
  }));
  return byId ? { topicId: asked.topicId, partitions: answered } : { name: asked.name, partitions: answered };
}
