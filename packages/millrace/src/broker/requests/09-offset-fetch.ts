import type {
  OffsetFetchRequest,
  OffsetFetchRequestGroup,
  OffsetFetchRequestTopics,
  OffsetFetchResponseGroupInit,
  OffsetFetchResponseInit,
  OffsetFetchResponsePartitionsInit,
} from '../../protocol/generated/offset-fetch.ts';
import { messages } from '../../protocol/messages.ts';
import { ErrorCode } from '../core/error-code.ts';
import type { CommittedOffset } from '../group/offset-records.ts';
import { type Call, defineHandler } from './call.ts';

/** Several groups in one request since this version. */
const groupsFrom = 8;
/** Topics have been known by id alone since this version. */
const idsFrom = 10;

export const offsetFetch = defineHandler(messages.offsetFetch, ['DESCRIBE GROUP', 'DESCRIBE TOPIC'], work);

async function work(request: OffsetFetchRequest, call: Call): Promise<OffsetFetchResponseInit> {
  const { groups } = call.broker;
  const found = await groups.offsets(() => lookUp(request, call));
  if (found !== null) return found;
  const errorCode = ErrorCode.COORDINATOR_LOAD_IN_PROGRESS;
  if (call.version < groupsFrom) return { ...(call.version >= 2 ? { errorCode } : {}), topics: [] };
  return { groups: request.groups.map(({ groupId }) => ({ groupId, errorCode, topics: [] })) };
}

function lookUp(request: OffsetFetchRequest, call: Call): OffsetFetchResponseInit {
  if (call.version >= groupsFrom)
    return { groups: request.groups.map((group) => fetchGroup(group, request.requireStable, call)) };
  const { groupId, topics } = request;
  const asked = topics ?? everything(call, groupId);
  return {
    topics: asked.map(({ name, partitionIndexes }) => ({
      name,
      partitions: partitionIndexes.map((index) =>
        answerFor(call, request.requireStable, groupId, name, index),
      ),
    })),
  };
}

function fetchGroup(
  asked: OffsetFetchRequestGroup,
  requireStable: boolean,
  call: Call,
): OffsetFetchResponseGroupInit {
  const { groups, topics } = call.broker;
  const { groupId } = asked;
  const byId = call.version >= idsFrom;
  const error = groups.readerError(groupId, asked.memberId, asked.memberEpoch);
  if (error !== ErrorCode.NONE) return { groupId, errorCode: error, topics: [] };
  const offsetOf = (name: string, index: number) => answerFor(call, requireStable, groupId, name, index);
  if (asked.topics === null) {
    const all = everything(call, groupId).map(({ name, partitionIndexes }) => {
      const partitions = partitionIndexes.map((index) => offsetOf(name, index));
      return byId ? { topicId: topics.byName(name)!.id, partitions } : { name, partitions };
    });
    return { groupId, topics: all };
  }
  const answered = asked.topics.map((topic: OffsetFetchRequestTopics) => {
    const name = byId ? topics.byId(topic.topicId)?.name : topic.name;
    const partitions = topic.partitionIndexes.map((index) =>
      name === undefined
        ? { ...answer(index, undefined, call.version), errorCode: ErrorCode.UNKNOWN_TOPIC_ID }
        : offsetOf(name, index),
    );
    return byId ? { topicId: topic.topicId, partitions } : { name: topic.name, partitions };
  });
  return { groupId, topics: answered };
}

/** All that the group has committed for topics that still are. */
function everything(call: Call, groupId: string): { name: string; partitionIndexes: number[] }[] {
  return [...call.broker.groups.allCommitted(groupId)]
    .filter(([name]) => call.broker.topics.byName(name) !== undefined)
    .map(([name, partitions]) => ({ name, partitionIndexes: [...partitions.keys()] }));
}

/** Who requires it is not told what a transaction that is not over may change (KIP-447). */
function answerFor(
  { broker: { groups }, version }: Call,
  requireStable: boolean,
  groupId: string,
  topic: string,
  index: number,
): OffsetFetchResponsePartitionsInit {
  if (requireStable && groups.isUnstable(groupId, topic, index))
    return { ...answer(index, undefined, version), errorCode: ErrorCode.UNSTABLE_OFFSET_COMMIT };
  return answer(index, groups.committed(groupId, topic, index), version);
}

function answer(
  partitionIndex: number,
  committed: CommittedOffset | undefined,
  version: number,
): OffsetFetchResponsePartitionsInit {
  const base = { partitionIndex, errorCode: ErrorCode.NONE };
  if (committed === undefined) return { ...base, committedOffset: -1, metadata: '' };
  const { offset, leaderEpoch, metadata } = committed;
  const epoch = version >= 5 ? { committedLeaderEpoch: leaderEpoch } : {};
  return { ...base, committedOffset: offset, ...epoch, metadata };
}
