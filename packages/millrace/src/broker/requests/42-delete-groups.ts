import { messages } from '../../protocol/messages.ts';
import { defineHandler } from './call.ts';

export const deleteGroups = defineHandler(
  messages.deleteGroups,
  ['DELETE GROUP'],
  async (request, { broker }) => {
    const results = [];
    for (const groupId of request.groupsNames) {
      results.push({ groupId, errorCode: await broker.groups.deleteGroup(groupId) });
    }
    return { throttleTimeMs: 0, results };
  },
);
