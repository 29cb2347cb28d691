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
    const responses = await Promise.all(
      wanted(request, call).map((each) => ('errorCode' in each ? each : remove(each, call))),
    );
    return { responses };
  },
);

interface Wanted {
  readonly name: string | null;
  readonly topicId: string;
}

/** What the request names, each topic once; what it names twice, or by both, is left alone (ControllerApis.deleteTopics). */
function wanted(request: DeleteTopicsRequest, call: Call): readonly (Wanted | DeletableTopicResultInit)[] {
  const asked: readonly Wanted[] =
    call.version >= idsFrom
      ? request.topics
      : request.topicNames.map((name) => ({ name, topicId: ZERO_UUID }));
  const { topics } = call.broker;
  const times = new Map<string, number>();
  const keyOf = ({ name, topicId }: Wanted) => `${name} ${topicId}`;
  const named = new Map(asked.map((each) => [keyOf(each), each]));
  for (const each of asked) times.set(keyOf(each), (times.get(keyOf(each)) ?? 0) + 1);
  const given = new Set(asked.filter(({ name }) => name === null).map(({ topicId }) => topicId));
  const isGivenById = ({ name }: Wanted) => name !== null && given.has(topics.byName(name)?.id ?? ZERO_UUID);
  const both = new Set([...named.values()].filter(isGivenById).map(({ name }) => topics.byName(name!)!.id));
  const left = [...named.values()].filter(({ name, topicId }) => name !== null || !both.has(topicId));
  return left.map((each) => {
    const refused = (errorMessage: string): DeletableTopicResultInit => ({
      name: each.name,
      ...id(each.topicId, call),
      errorCode: ErrorCode.INVALID_REQUEST,
      errorMessage,
    });
    if (each.name !== null && each.topicId !== ZERO_UUID)
      return refused('You may not specify both topic name and topic id.');
    if (each.name === null && each.topicId === ZERO_UUID)
      return refused('Neither topic name nor id were specified.');
    if (times.get(keyOf(each))! > 1)
      return refused(each.name === null ? 'Duplicate topic id.' : 'Duplicate topic name.');
    if (!isGivenById(each)) return each;
    const errorMessage = 'The topic is named by its id, too.';
    const topicId = topics.byName(each.name!)!.id;
    return { name: each.name, ...id(topicId, call), errorCode: ErrorCode.INVALID_REQUEST, errorMessage };
  });
}

async function remove(asked: Wanted, call: Call): Promise<DeletableTopicResultInit> {
  const { topics } = call.broker;
  const topic = asked.name === null ? topics.byId(asked.topicId) : topics.byName(asked.name);
  if (topic === undefined) {
    const errorCode = asked.name === null ? ErrorCode.UNKNOWN_TOPIC_ID : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
    const errorMessage = `There is no topic ${asked.name ?? `of id ${asked.topicId}`}.`;
    return { name: asked.name, ...id(asked.topicId, call), errorCode, errorMessage };
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
