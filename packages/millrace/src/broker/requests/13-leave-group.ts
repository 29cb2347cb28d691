import { messages } from '../../protocol/messages.ts';
import { ErrorCode } from '../core/error-code.ts';
import { defineHandler } from './call.ts';

/** Several members in one request since this version (KIP-345). */
const membersFrom = 3;

export const leaveGroup = defineHandler(
  messages.leaveGroup,
  ['READ GROUP'],
  (request, { broker, version }) => {
    const { groups } = broker;
    const { groupId } = request;
    if (groupId === '') return { errorCode: ErrorCode.INVALID_GROUP_ID };
    if (version < membersFrom) return { errorCode: groups.leave(groupId, request.memberId, null) };
    const members = request.members.map(({ memberId, groupInstanceId }) => ({
      memberId,
      groupInstanceId,
      errorCode: groups.leave(groupId, memberId, groupInstanceId),
    }));
    return { errorCode: ErrorCode.NONE, members };
  },
);
