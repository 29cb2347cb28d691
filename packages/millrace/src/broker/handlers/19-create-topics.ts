import type {
  CreatableTopic,
  CreatableTopicResultInit,
  CreateTopicsRequest,
  CreateTopicsResponseInit,
} from '../../protocol/generated/create-topics.ts';
import { messages } from '../../protocol/messages.ts';
import { errorText } from '../../runtime/errors.ts';
import { type Call, defineHandler } from '../call.ts';
import { describedConfigs } from '../config-description.ts';
import { ErrorCode } from '../error-code.ts';
import { type CreationFault, checkConfigs, checkNewName, partitionCount, refuse } from '../topic-creation.ts';

export const createTopics = defineHandler(messages.createTopics, work);

async function work(request: CreateTopicsRequest, call: Call): Promise<CreateTopicsResponseInit> {
  const seen = new Map<string, number>();
  for (const { name } of request.topics) seen.set(name, (seen.get(name) ?? 0) + 1);
  const topics: CreatableTopicResultInit[] = [];
  for (const asked of request.topics) {
    if (seen.get(asked.name)! > 1) {
      topics.push(failed(asked.name, refuse(ErrorCode.INVALID_REQUEST, 'Duplicate topic name.')));
    } else {
      topics.push(await create(asked, request.validateOnly, call));
    }
  }
  return { topics };
}

async function create(
  asked: CreatableTopic,
  validateOnly: boolean,
  call: Call,
): Promise<CreatableTopicResultInit> {
  const { broker, version } = call;
  const nameFault = checkNewName(broker, asked.name);
  if (nameFault !== null) return failed(asked.name, nameFault);
  const count = partitionCount(broker, asked.numPartitions, asked.replicationFactor, asked.assignments);
  if (typeof count !== 'number') return failed(asked.name, count);
  const configs = checkConfigs(asked.configs);
  if (!(configs instanceof Map)) return failed(asked.name, configs as CreationFault);
  try {
    const topic = validateOnly ? null : await broker.topics.create(asked.name, count, configs);
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
      name: asked.name,
      ...(topic !== null && version >= 7 ? { topicId: topic.id } : {}),
      errorCode: ErrorCode.NONE,
      ...(version >= 5 ? details : {}),
    };
  } catch (error) {
    broker.settings.logger.error(`topic ${asked.name} could not be created: ${errorText(error)}`);
    return failed(asked.name, refuse(ErrorCode.KAFKA_STORAGE_ERROR, errorText(error)));
  }
}

function failed(name: string, fault: CreationFault): CreatableTopicResultInit {
  return { name, errorCode: fault.errorCode, errorMessage: fault.message };
}
