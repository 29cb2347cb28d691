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

/** Since this version a member of the consumer protocol can say its epoch, and a group that is not there is an error of its own. */
const epochsFrom = 9;
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
      const { partitionIndex } = each;
      const unknown = check(topic, each, byId);
      if (unknown !== ErrorCode.NONE) return { partitionIndex, own: unknown, isTooLong: false };
      const isTooLong = Buffer.byteLength(each.committedMetadata ?? '') > maxMetadata;
      if (!isTooLong) commits.push(toCommit(topic!, each, now));
      return { partitionIndex, own: ErrorCode.NONE, isTooLong };
    });
    return { asked, partitions };
  });
  const generationId = generationIdOrMemberEpoch;
  const knowsEpochs = call.version >= epochsFrom;
  const unknownGroup = knowsEpochs ? ErrorCode.GROUP_ID_NOT_FOUND : ErrorCode.ILLEGAL_GENERATION;
  const committer = { memberId, groupInstanceId, generationId, knowsEpochs, unknownGroup };
  const stored = await groups.commit(groupId, committer, commits);
  return { topics: answers.map(({ asked, partitions }) => answerTopic(asked, partitions, stored, byId)) };
}

function check(topic: Topic | undefined, asked: OffsetCommitRequestPartition, byId: boolean): number {
  if (topic === undefined) return byId ? ErrorCode.UNKNOWN_TOPIC_ID : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
  if (topic.partitions[asked.partitionIndex] === undefined) return ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
  return ErrorCode.NONE;
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

/** What became of a partition's offset: it has an error of its own, or what the group was told holds for it. */
interface Committed {
  readonly partitionIndex: number;
  readonly own: number;
  readonly isTooLong: boolean;
}

function answerTopic(
  asked: OffsetCommitRequestTopic,
  partitions: readonly Committed[],
  stored: number,
  byId: boolean,
) {
  const answered = partitions.map(({ partitionIndex, own, isTooLong }) => {
    if (own !== ErrorCode.NONE) return { partitionIndex, errorCode: own };
    // Whether the member may commit at all comes before what it notes.
    const isRefused = stored === ErrorCode.NONE && isTooLong;
    return { partitionIndex, errorCode: isRefused ? ErrorCode.OFFSET_METADATA_TOO_LARGE : stored };
  });
  return byId ? { topicId: asked.topicId, partitions: answered } : { name: asked.name, partitions: answered };
}
