import { messages } from '../../protocol/messages.ts';
import { defineHandler } from './call.ts';
import { changedConfigs, changeResource, namedTwice, nameOf, refusedTwice } from './config-change.ts';

export const incrementalAlterConfigs = defineHandler(
  messages.incrementalAlterConfigs,
  ['ALTER_CONFIGS CLUSTER', 'ALTER_CONFIGS TOPIC'],
  async (request, { broker }) => {
    const responses = [];
    const twice = namedTwice(request.resources);
    for (const resource of request.resources) {
      if (twice.has(nameOf(resource))) {
        responses.push(refusedTwice(resource));
        continue;
      }
      const change = (own: ReadonlyMap<string, string>) =>
        changedConfigs(own, resource.configs, broker.topicDefaults);
      responses.push(await changeResource(broker, resource, request.validateOnly, change));
    }
    return { throttleTimeMs: 0, responses };
  },
);
