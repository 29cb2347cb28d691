import type { DescribedGroupInit } from '../../protocol/generated/describe-groups.ts';
import { messages } from '../../protocol/messages.ts';
import { ErrorCode } from '../core/error-code.ts';
import type { ClassicGroup } from '../group/classic-group.ts';
import { metadataFor, noBytes } from '../group/member.ts';
import { authorizedOperations } from './authorized-operations.ts';
import { type Call, defineHandler } from './call.ts';

/** Since this version an unknown group is an error; before, it is a dead group. */
const notFoundFrom = 6;

export const describeGroups = defineHandler(messages.describeGroups, ['DESCRIBE GROUP'], (request, call) => ({
  groups: request.groups.map((groupId) => {
    const described = describe(groupId, call.broker.groups.group(groupId), call);
    const operations = { authorizedOperations: authorizedOperations.group };
    const isKnown = described.errorCode === ErrorCode.NONE;
    return request.includeAuthorizedOperations && isKnown ? { ...described, ...operations } : described;
  }),
}));

function describe(groupId: string, group: ClassicGroup | undefined, call: Call): DescribedGroupInit {
  if (group === undefined) {
    const isOther = call.broker.groups.consumerGroup(groupId) !== undefined;
    const unknown = { groupId, groupState: 'Dead', protocolType: '', protocolData: '', members: [] };
    if (call.version < notFoundFrom) return { ...unknown, errorCode: ErrorCode.NONE };
    return {
      ...unknown,
      errorCode: ErrorCode.GROUP_ID_NOT_FOUND,
      errorMessage: `Group ${groupId} ${isOther ? 'is not a classic group' : 'not found'}.`,
    };
  }
  const isStable = group.state === 'Stable';
  return {
    errorCode: ErrorCode.NONE,
    groupId,
    groupState: group.state,
    protocolType: group.protocolType ?? '',
    protocolData: isStable ? (group.protocolName ?? '') : '',
    members: [...group.members.values()].map((member) => ({
      memberId: member.memberId,
      ...(call.version >= 4 ? { groupInstanceId: member.groupInstanceId } : {}),
      clientId: member.clientId,
      clientHost: member.clientHost,
      memberMetadata: isStable ? metadataFor(member, group.protocolName) : noBytes,
      memberAssignment: isStable ? member.assignment : noBytes,
    })),
  };
}
