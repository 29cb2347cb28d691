import type { SyncGroupRequest, SyncGroupResponseInit } from '../../protocol/generated/sync-group.ts';
import { messages } from '../../protocol/messages.ts';
import { ErrorCode } from '../core/error-code.ts';
import { noBytes } from '../group/member.ts';
import { type Call, defineHandler } from './call.ts';

/** The protocol must be named since this version (KIP-559). */
const protocolFrom = 5;

export const syncGroup = defineHandler(messages.syncGroup, ['READ GROUP'], work, { waitsForOthers: true });

async function work(request: SyncGroupRequest, { broker, version }: Call): Promise<SyncGroupResponseInit> {
  const { groupId, memberId, groupInstanceId, generationId, protocolType, protocolName } = request;
  if (version >= protocolFrom && (protocolType === null || protocolName === null))
    return { errorCode: ErrorCode.INCONSISTENT_GROUP_PROTOCOL, assignment: noBytes };
  // Copies: the group keeps them, and a view would keep the whole request.
  const assignments = new Map(
    request.assignments.map((each) => [each.memberId, Buffer.from(each.assignment)]),
  );
  const input = { memberId, groupInstanceId, generationId, protocolType, protocolName, assignments };
  const answer = await broker.groups.sync(groupId, input);
  const { errorCode, assignment } = answer;
  return { errorCode, protocolType: answer.protocolType, protocolName: answer.protocolName, assignment };
}
