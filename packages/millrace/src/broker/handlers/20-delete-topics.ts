import type {
  DeletableTopicResultInit,
  DeleteTopicsRequest,
} from '../../protocol/generated/delete-topics.ts';
import { messages } from '../../protocol/messages.ts';
import { ZERO_UUID } from '../../protocol/uuid.ts';
import { type Call, defineHandler } from '../call.ts';
import { ErrorCode } from '../error-code.ts';

/** Topics may be named by id since this version. */
const idsFrom = 6;

export const deleteTopics = defineHandler(messages.deleteTopics, async (request, call) => {
  const responses: DeletableTopicResultInit[] = [];
  for (const asked of wanted(request, call.version)) responses.push(await remove(asked, call));
  return { responses };
});

interface Wanted {
  readonly name: string | null;
  readonly topicId: string;
}

function wanted(request: DeleteTopicsRequest, version: number): readonly Wanted[] {
  if (version >= idsFrom) return request.topics;
  return request.topicNames.map((name) => ({ name, topicId: ZERO_UUID }));
}

async function remove(asked: Wanted, call: Call): Promise<DeletableTopicResultInit> {
  const { topics, groups } = call.broker;
  const topic = asked.name === null ? topics.byId(asked.topicId) : topics.byName(asked.name);
  if (topic === undefined) {
    const errorCode = asked.name === null ? ErrorCode.UNKNOWN_TOPIC_ID : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
    return { name: asked.name, ...id(asked.topicId, call), errorCode };
  }
  const { name } = topic;
  if (topic.internal) {
    const errorMessage = 'an internal topic cannot be deleted';
    return { name, ...id(topic.id, call), errorCode: ErrorCode.INVALID_REQUEST, errorMessage };
  }
  await topics.delete(name);
  await groups.forgetTopic(name);
  return { name, ...id(topic.id, call), errorCode: ErrorCode.NONE };
}

function id(topicId: string, call: Call): { topicId?: string } {
  return call.version >= idsFrom ? { topicId } : {};
}
