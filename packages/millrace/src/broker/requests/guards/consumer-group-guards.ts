import type { DescribedGroupInit } from '../../../protocol/generated/consumer-group-describe.ts';
import { type Ask, type Guard, parted, passed, refusals, refused } from './guard.ts';

/** What an expression matches is looked at by the handler: a topic that the sender may not see is none. */
export const consumerGroupHeartbeat: Guard<'consumerGroupHeartbeat'> = (request, ask) => {
  const refuse = (refusal: { errorCode: number; errorMessage: string }) =>
    refused({ throttleTimeMs: 0, ...refusal, memberEpoch: 0, heartbeatIntervalMs: 0 });
  if (!ask.may('READ', 'GROUP', request.groupId)) return refuse(refusals.group);
  const names = request.subscribedTopicNames ?? [];
  return names.every((name) => ask.may('DESCRIBE', 'TOPIC', name)) ? passed(request) : refuse(refusals.topic);
};

export const consumerGroupDescribe: Guard<'consumerGroupDescribe'> = (request, ask) => {
  const [allowed, others] = parted(request.groupIds, (groupId) => ask.may('DESCRIBE', 'GROUP', groupId));
  const refusal = others.map((groupId) => emptied({ groupId, ...refusals.group, errorMessage: null }));
  return {
    request: allowed.length === 0 ? null : { ...request, groupIds: allowed },
    finish(response) {
      const described = (response?.groups ?? []).map((group) =>
        describedTo(group, request.includeAuthorizedOperations, ask),
      );
      return { throttleTimeMs: 0, groups: [...refusal, ...described] };
    },
  };
};

/** Members that have topics which the sender may not see are not shown to it. */
function describedTo(group: DescribedGroupInit, withOperations: boolean, ask: Ask): DescribedGroupInit {
  const { groupId, members, errorCode } = group;
  const isHidden = members.some(({ assignment, targetAssignment }) =>
    [...assignment.topicPartitions, ...targetAssignment.topicPartitions].some(
      ({ topicName }) => !ask.may('DESCRIBE', 'TOPIC', topicName),
    ),
  );
  const shown = isHidden
    ? {
        ...{ ...group, members: [], errorCode: refusals.topic.errorCode },
        errorMessage: 'The group has described topic(s) that the client is not authorized to describe.',
      }
    : group;
  return withOperations && errorCode === 0
    ? { ...shown, authorizedOperations: ask.operations('GROUP', groupId) }
    : shown;
}

function emptied(of: Pick<DescribedGroupInit, 'groupId' | 'errorCode' | 'errorMessage'>): DescribedGroupInit {
  return { ...of, groupState: '', groupEpoch: 0, assignmentEpoch: 0, assignorName: '', members: [] };
}
