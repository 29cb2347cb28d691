import { messages } from '../../protocol/messages.ts';
import { ErrorCode } from '../core/error-code.ts';
import { defineHandler } from './call.ts';
import { resourceTypes } from './resource-types.ts';

/** All that can be listed; the last two have nothing here. */
const listed: ReadonlySet<number> = new Set(Object.values(resourceTypes));

/** Which resources have settings. Version 0 asks for client metrics alone, of which there are none. */
export const listConfigResources = defineHandler(
  messages.listConfigResources,
  ['DESCRIBE_CONFIGS CLUSTER'],
  (request, { broker, version }) => {
    const all = [
      ...[...broker.topics.all()].map(({ name }) => ({
        resourceName: name,
        resourceType: resourceTypes.topic,
      })),
      { resourceName: String(broker.settings.nodeId), resourceType: resourceTypes.broker },
    ];
    const types = request.resourceTypes;
    if (types.some((type) => !listed.has(type)))
      return { throttleTimeMs: 0, errorCode: ErrorCode.UNSUPPORTED_VERSION, configResources: [] };
    const configResources =
      version === 0
        ? []
        : all.filter(({ resourceType }) => types.length === 0 || types.includes(resourceType));
    return { throttleTimeMs: 0, errorCode: ErrorCode.NONE, configResources };
  },
);
