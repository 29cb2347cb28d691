import type { JoinGroupRequest, JoinGroupResponseInit } from '../../protocol/generated/join-group.ts';
import { messages } from '../../protocol/messages.ts';
import { type Call, defineHandler } from './call.ts';

/** KIP-394: a member must know its id before it joins. */
const knownMemberIdFrom = 4;
const skipAssignmentFrom = 9;

export const joinGroup = defineHandler(messages.joinGroup, ['READ GROUP'], work, { waitsForOthers: true });

async function work(request: JoinGroupRequest, call: Call): Promise<JoinGroupResponseInit> {
  const { version, clientId, clientHost } = call;
  const { groupId, memberId, groupInstanceId, sessionTimeoutMs, rebalanceTimeoutMs, protocolType } = request;
  const answer = await call.broker.groups.join(groupId, {
    memberId,
    groupInstanceId,
    clientId,
    clientHost,
    sessionTimeoutMs,
    rebalanceTimeoutMs: rebalanceTimeoutMs >= 0 ? rebalanceTimeoutMs : sessionTimeoutMs,
    protocolType,
    // Copies: the group keeps them, and a view would keep the whole request.
    protocols: request.protocols.map(({ name, metadata }) => ({ name, metadata: Buffer.from(metadata) })),
    requireKnownMemberId: version >= knownMemberIdFrom,
  });
  const { errorCode, generationId, leader } = answer;
  // The leader of a stable group must be told to keep its assignment; where that cannot be said, it is not made leader.
  const hideLeader = answer.skipAssignment && version < skipAssignmentFrom;
  return {
    errorCode,
    generationId,
    protocolType: answer.protocolType,
    protocolName: answer.protocolName ?? (version >= 7 ? null : ''),
    leader,
    ...(version >= skipAssignmentFrom ? { skipAssignment: answer.skipAssignment } : {}),
    memberId: answer.memberId,
    members: hideLeader ? [] : answer.members,
  };
}
