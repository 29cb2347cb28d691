import { messages } from '../../protocol/messages.ts';
import { ErrorCode } from '../core/error-code.ts';
import { defineHandler } from './call.ts';

export const listGroups = defineHandler(
  messages.listGroups,
  ['DESCRIBE CLUSTER', 'DESCRIBE GROUP'],
  (request, { broker, version }) => {
    const states = new Set(request.statesFilter.map((state) => state.toLowerCase()));
    const types = new Set(request.typesFilter.map((type) => type.toLowerCase()));
    const groups = [...broker.groups.groups()]
      .filter((group) => states.size === 0 || states.has(group.state.toLowerCase()))
      .filter((group) => types.size === 0 || types.has(group.type))
      .map((group) => ({
        groupId: group.groupId,
        protocolType: group.protocolType ?? '',
        ...(version >= 4 ? { groupState: group.state } : {}),
        ...(version >= 5 ? { groupType: group.type } : {}),
      }));
    return { errorCode: ErrorCode.NONE, groups };
  },
);
