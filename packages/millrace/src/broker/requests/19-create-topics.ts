import type {
  CreatableTopic,
  CreatableTopicResultInit,
  CreateTopicsRequest,
  CreateTopicsResponseInit,
} from '../../protocol/generated/create-topics.ts';
import { messages } from '../../protocol/messages.ts';
import { ErrorCode } from '../core/error-code.ts';
import { faultOf, isFault, type RequestFault, refuse } from '../core/fault.ts';
import { internalTopic } from '../storage/internal-topics.ts';
import { type Call, defineHandler } from './call.ts';
import { describedConfigs } from './config-description.ts';
import { checkConfigs, checkNewName, partitionCount } from './topic-creation.ts';

export const createTopics = defineHandler(
  messages.createTopics,
  ['CREATE CLUSTER', 'CREATE TOPIC', 'DESCRIBE_CONFIGS TOPIC'],
  work,
);

async function work(request: CreateTopicsRequest, call: Call): Promise<CreateTopicsResponseInit> {
  const seen = new Map<string, number>();
  for (const { name } of request.topics) seen.set(name, (seen.get(name) ?? 0) + 1);
  const topics = await Promise.all(
    [...new Map(request.topics.map((each) => [each.name, each])).values()].map((asked) => {
      if (seen.get(asked.name)! > 1)
        return failed(asked.name, refuse(ErrorCode.INVALID_REQUEST, 'Duplicate topic name.'));
      return create(asked, request.validateOnly, call);
    }),
  );
  return { topics };
}

async function create(
  asked: CreatableTopic,
  validateOnly: boolean,
  call: Call,
): Promise<CreatableTopicResultInit> {
  const { broker, version } = call;
  const { name } = asked;
  const plan = checkNewName(broker, name) ?? planOf(asked, call);
  if (isFault(plan)) return failed(name, plan);
  const { count, configs } = plan;
  const full = validateOnly ? broker.room.faultOf(count) : null;
  if (full !== null) return failed(name, full);
  let topicId: string | null = null;
  if (!validateOnly) {
    const create = () => broker.topics.create(name, count, configs);
    const made = await broker.room.make(count, create).catch(faultOf);
    if (isFault(made)) {
      broker.settings.logger.error(`topic ${name} could not be created: ${made.message}`);
      return failed(name, made);
    }
    topicId = made.id;
  }
  const details = {
    numPartitions: count,
    replicationFactor: 1,
    configs: describedConfigs(configs, broker.topicDefaults).map(({ name, value, source }) => ({
      name,
      value,
      readOnly: false,
      configSource: source,
      isSensitive: false,
    })),
  };
  return {
    name,
    ...(topicId !== null && version >= 7 ? { topicId } : {}),
    errorCode: ErrorCode.NONE,
    errorMessage: null,
    ...(version >= 5 ? details : {}),
  };
}

/** What is made; an internal topic as the broker makes it, whoever asks. */
function planOf(
  asked: CreatableTopic,
  { broker }: Call,
): { count: number; configs: ReadonlyMap<string, string> } | RequestFault {
  const configs = checkConfigs(asked.configs);
  if (isFault(configs)) return configs;
  const count = partitionCount(broker, asked.numPartitions, asked.replicationFactor, asked.assignments);
  if (typeof count !== 'number') return count;
  const internal = internalTopic(asked.name);
  return internal === undefined
    ? { count, configs }
    : { count: internal.partitions, configs: internal.configs };
}

function failed(name: string, fault: RequestFault): CreatableTopicResultInit {
  return { name, errorCode: fault.errorCode, errorMessage: fault.message };
}
