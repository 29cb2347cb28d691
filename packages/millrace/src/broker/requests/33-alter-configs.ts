import { messages } from '../../protocol/messages.ts';
import { defineHandler } from './call.ts';
import { changeResource, namedTwice, nameOf, refusedTwice } from './config-change.ts';
import { checkConfigs } from './topic-creation.ts';

/** The older way: what is not named goes back to its default. */
export const alterConfigs = defineHandler(
  messages.alterConfigs,
  ['ALTER_CONFIGS CLUSTER', 'ALTER_CONFIGS TOPIC'],
  async (request, { broker }) => {
    const responses = [];
    const twice = namedTwice(request.resources);
    for (const resource of request.resources) {
      if (twice.has(nameOf(resource))) {
        responses.push(refusedTwice(resource));
        continue;
      }
      responses.push(
        await changeResource(broker, resource, request.validateOnly, () => checkConfigs(resource.configs)),
      );
    }
    return { throttleTimeMs: 0, responses };
  },
);
