import { topicNameFault } from '../../protocol/topic-name.ts';
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
    if (value === null) return refuse(ErrorCode.INVALID_REQUEST, `Null value not supported for: ${name}`);
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

/**
 * What of a request makes no sense whatever the settings are: two changes of one setting, a value that is missing
 * (Kafka: ConfigAdminManager.preprocess).
 */
export function checkChanges(configs: readonly Omit<ConfigChange, 'configOperation'>[]): RequestFault | null {
  const names = configs.map(({ name }) => name);
  if (new Set(names).size < names.length)
    return refuse(ErrorCode.INVALID_REQUEST, 'A setting is changed twice in one request.');
  const bare = configs.filter(
    (each) => each.value === null && !('configOperation' in each && isDelete(each)),
  );
  if (bare.length === 0) return configs.map(checkListOperation).find((fault) => fault !== null) ?? null;
  return refuse(
    ErrorCode.INVALID_REQUEST,
    `Null value not supported for : ${bare.map(({ name }) => name).join(', ')}`,
  );
}

/** Only lists can be appended to. */
function checkListOperation(change: Omit<ConfigChange, 'configOperation'>): RequestFault | null {
  const operation = 'configOperation' in change ? change.configOperation : operations.set;
  if (operation !== operations.append && operation !== operations.subtract) return null;
  const config = Object.hasOwn(topicConfigs, change.name) ? topicConfigs[change.name] : undefined;
  if (config?.type === 'list') return null;
  return refuse(ErrorCode.INVALID_CONFIG, `Can't append or subtract: ${change.name} is not a list`);
}

function isDelete(change: object): boolean {
  return (change as ConfigChange).configOperation === operations.delete;
}

/** Sets what `change` makes of a resource's settings; only topics have settings that can be changed. */
export async function changeResource<Config extends Omit<ConfigChange, 'configOperation'>>(
  broker: BrokerContext,
  resource: {
    readonly resourceType: number;
    readonly resourceName: string;
    readonly configs: readonly Config[];
  },
  validateOnly: boolean,
  change: (own: ReadonlyMap<string, string>) => ReadonlyMap<string, string> | RequestFault,
) {
  const { resourceType, resourceName } = resource;
  const answer = (fault: RequestFault | null) => ({
    errorCode: fault?.errorCode ?? ErrorCode.NONE,
    errorMessage: fault?.message ?? null,
    resourceType,
    resourceName,
  });
  if (leavesBrokerAsItIs(broker, resource)) return answer(null);
  return answer(
    checkChanges(resource.configs) ??
      checkResource(resource) ??
      (await changeTopic(broker, resourceName, validateOnly, change)),
  );
}

/** Taking back settings that nobody can set: so tools clear what they may have set (kafka-reassign-partitions --verify). */
function leavesBrokerAsItIs(
  { settings }: BrokerContext,
  { resourceType, resourceName, configs }: ConfigResource & { readonly configs: readonly object[] },
): boolean {
  const isThis = resourceName === '' || resourceName === String(settings.nodeId);
  return resourceType === resourceTypes.broker && isThis && configs.length > 0 && configs.every(isDelete);
}

function checkResource({
  resourceType,
  resourceName,
}: {
  readonly resourceType: number;
  readonly resourceName: string;
}): RequestFault | null {
  if (resourceType !== resourceTypes.topic) {
    const message = `settings of resource type ${resourceType} are given when the broker is started`;
    return refuse(ErrorCode.INVALID_REQUEST, message);
  }
  if (resourceName === '')
    return refuse(ErrorCode.INVALID_REQUEST, 'Default topic resources are not allowed.');
  const nameFault = topicNameFault(resourceName);
  return nameFault === null ? null : refuse(ErrorCode.INVALID_TOPIC_EXCEPTION, nameFault);
}

async function changeTopic(
  broker: BrokerContext,
  name: string,
  validateOnly: boolean,
  change: (own: ReadonlyMap<string, string>) => ReadonlyMap<string, string> | RequestFault,
): Promise<RequestFault | null> {
  const topic = broker.topics.byName(name);
  if (topic === undefined) {
    const would = change(new Map());
    if (isFault(would)) return would;
    return refuse(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, `The topic '${name}' does not exist.`);
  }
  try {
    const next = validateOnly ? change(topic.configs) : await broker.topics.configure(name, topic.id, change);
    return isFault(next) ? next : null;
  } catch (error) {
    return faultOf(error);
  }
}

interface ConfigResource {
  readonly resourceType: number;
  readonly resourceName: string;
}

export function nameOf({ resourceType, resourceName }: ConfigResource): string {
  return `${resourceType} ${resourceName}`;
}

/** Resources that a request names more than once: which of the changes is meant nobody knows. */
export function namedTwice(resources: readonly ConfigResource[]): ReadonlySet<string> {
  const seen = new Set<string>();
  const again = new Set<string>();
  for (const each of resources) (seen.has(nameOf(each)) ? again : seen).add(nameOf(each));
  return again;
}

export function refusedTwice({ resourceType, resourceName }: ConfigResource) {
  const errorMessage = 'Each resource must appear at most once.';
  return { errorCode: ErrorCode.INVALID_REQUEST, errorMessage, resourceType, resourceName };
}
