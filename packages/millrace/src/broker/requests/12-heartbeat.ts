import { messages } from '../../protocol/messages.ts';
import { defineHandler } from './call.ts';

export const heartbeat = defineHandler(messages.heartbeat, ['READ GROUP'], (request, { broker }) => {
  const { groupId, memberId, groupInstanceId, generationId } = request;
  return { errorCode: broker.groups.heartbeat(groupId, memberId, groupInstanceId, generationId) };
});
