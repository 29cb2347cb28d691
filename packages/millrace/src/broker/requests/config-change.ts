import { ErrorCode } from '../core/error-code.ts';
import { faultOf, isFault, type RequestFault, refuse } from '../core/fault.ts';
import { configValue, listOf, topicConfigFault, topicConfigs } from '../settings/topic-configs.ts';
import type { BrokerContext } from './call.ts';
import { resourceTypes } from './resource-types.ts';

/** Operations of IncrementalAlterConfigs. */
const operations = { set: 0, delete: 1, append: 2, subtract: 3 } as const;

export interface ConfigChange {
  readonly name: string;
  readonly configOperation: number;
  readonly value: string | null;
}

/** The topic's settings after the changes, or why they cannot be made. Nothing is half done. */
export function changedConfigs(
  own: ReadonlyMap<string, string>,
  changes: readonly ConfigChange[],
  broker: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> | RequestFault {
  const next = new Map(own);
  for (const { name, configOperation, value } of changes) {
    const config = Object.hasOwn(topicConfigs, name) ? topicConfigs[name] : undefined;
    if (config === undefined) return refuse(ErrorCode.INVALID_CONFIG, `Unknown topic config name: ${name}`);
    if (configOperation === operations.delete) {
      next.delete(name);
      continue;
    }
    if (value === null) return refuse(ErrorCode.INVALID_CONFIG, `Null value not supported for: ${name}`);
    let changed = value;
    if (configOperation === operations.append || configOperation === operations.subtract) {
      if (config.type !== 'list')
        return refuse(ErrorCode.INVALID_CONFIG, `Can't append or subtract: ${name} is not a list`);
      const items = listOf(value);
      const others = listOf(configValue(name, next, broker)).filter((item) => !items.includes(item));
      changed = (configOperation === operations.append ? [...others, ...items] : others).join(',');
    } else if (configOperation !== operations.set) {
      return refuse(ErrorCode.INVALID_REQUEST, `unknown operation ${configOperation}`);
    }
    const fault = topicConfigFault(name, changed);
    if (fault !== null) return refuse(ErrorCode.INVALID_CONFIG, fault);
    next.set(name, changed);
  }
  return next;
}

/** Sets what `change` makes of a resource's settings; only topics have settings that can be changed. */
export async function changeResource(
  broker: BrokerContext,
  resource: { readonly resourceType: number; readonly resourceName: string },
  validateOnly: boolean,
  change: (own: ReadonlyMap<string, string>) => ReadonlyMap<string, string> | RequestFault,
) {
  const { resourceType, resourceName } = resource;
  const fail = ({ errorCode, message }: RequestFault) => ({
    errorCode,
    errorMessage: message,
    resourceType,
    resourceName,
  });
  if (resourceType !== resourceTypes.topic) {
    const message = `settings of resource type ${resourceType} are given when the broker is started`;
    return fail(refuse(ErrorCode.INVALID_REQUEST, message));
  }
  const topic = broker.topics.byName(resourceName);
  if (topic === undefined) {
    return fail(refuse(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, `The topic '${resourceName}' does not exist.`));
  }
  try {
    const next = validateOnly
      ? change(topic.configs)
      : await broker.topics.configure(resourceName, topic.id, change);
    if (isFault(next)) return fail(next);
  } catch (error) {
    return fail(faultOf(error));
  }
  return { errorCode: ErrorCode.NONE, errorMessage: null, resourceType, resourceName };
}
