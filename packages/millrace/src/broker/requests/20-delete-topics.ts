import type {
  DeletableTopicResultInit,
  DeleteTopicsRequest,
} from '../../protocol/generated/delete-topics.ts';
import { messages } from '../../protocol/messages.ts';
import { ZERO_UUID } from '../../protocol/uuid.ts';
import { ErrorCode } from '../core/error-code.ts';
import { faultOf } from '../core/fault.ts';
import { type Call, defineHandler } from './call.ts';

/** Topics may be named by id since this version. */
const idsFrom = 6;

export const deleteTopics = defineHandler(
  messages.deleteTopics,
  ['DELETE TOPIC', 'DESCRIBE TOPIC'],
  async (request, call) => {
    const responses = await Promise.all(wanted(request, call.version).map((asked) => remove(asked, call)));
    return { responses };
  },
);

interface Wanted {
  readonly name: string | null;
  readonly topicId: string;
}

function wanted(request: DeleteTopicsRequest, version: number): readonly Wanted[] {
  if (version >= idsFrom) return request.topics;
  return request.topicNames.map((name) => ({ name, topicId: ZERO_UUID }));
}

async function remove(asked: Wanted, call: Call): Promise<DeletableTopicResultInit> {
  const { topics } = call.broker;
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
  const fault = await topics.delete(name, topic.id).catch(faultOf);
  const errorCode = fault?.errorCode ?? ErrorCode.NONE;
  return {
    name,
    ...id(topic.id, call),
    errorCode,
    ...(fault === null ? {} : { errorMessage: fault.message }),
  };
}

function id(topicId: string, call: Call): { topicId?: string } {
  return call.version >= idsFrom ? { topicId } : {};
}
