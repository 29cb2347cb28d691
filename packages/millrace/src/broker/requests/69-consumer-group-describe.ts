import type { DescribedGroupInit, MemberInit } from '../../protocol/generated/consumer-group-describe.ts';
import { messages } from '../../protocol/messages.ts';
import { ErrorCode } from '../core/error-code.ts';
import type { ConsumerGroup } from '../group/consumer/consumer-group.ts';
import type { ConsumerMember } from '../group/consumer/consumer-member.ts';
import { listed } from '../group/consumer/partitions.ts';
import type { Coordinator } from '../group/coordinator.ts';
import { authorizedOperations } from './authorized-operations.ts';
import { type BrokerContext, defineHandler } from './call.ts';

/** Version 1 tells whether a member uses the consumer protocol. */
const memberTypeFrom = 1;
const consumerProtocol = 1;

export const consumerGroupDescribe = defineHandler(
  messages.consumerGroupDescribe,
  ['DESCRIBE GROUP', 'DESCRIBE TOPIC'],
  async ({ groupIds, includeAuthorizedOperations }, { broker, version }) => {
    const found = await broker.groups.look((groups) =>
      groupIds.map((groupId) => describe(groupId, groups, broker, version)),
    );
    const groups =
      found ?? groupIds.map((groupId) => failed(groupId, ErrorCode.COORDINATOR_LOAD_IN_PROGRESS, null));
    if (!includeAuthorizedOperations) return { throttleTimeMs: 0, groups };
    const operations = { authorizedOperations: authorizedOperations.group };
    const told = groups.map((group) =>
      group.errorCode === ErrorCode.NONE ? { ...group, ...operations } : group,
    );
    return { throttleTimeMs: 0, groups: told };
  },
);

function describe(
  groupId: string,
  groups: Pick<Coordinator, 'group' | 'consumerGroup'>,
  broker: BrokerContext,
  version: number,
): DescribedGroupInit {
  if (groupId === '') return failed(groupId, ErrorCode.INVALID_GROUP_ID, null);
  const group = groups.consumerGroup(groupId);
  if (group === undefined) {
    const why = groups.group(groupId) === undefined ? 'not found' : 'is not a consumer group';
    return failed(groupId, ErrorCode.GROUP_ID_NOT_FOUND, `Group ${groupId} ${why}.`);
  }
  return {
    errorCode: ErrorCode.NONE,
    groupId,
    groupState: group.state,
    groupEpoch: group.epoch,
    assignmentEpoch: group.target.epoch,
    assignorName: group.preferredAssignor() ?? broker.settings.groupConsumerAssignors.split(',')[0]!,
    members: Array.from(group.members.values(), (member) => describeMember(member, group, broker, version)),
  };
}

function failed(groupId: string, errorCode: number, errorMessage: string | null): DescribedGroupInit {
  const nothing = { groupState: '', groupEpoch: 0, assignmentEpoch: 0, assignorName: '', members: [] };
  return { groupId, errorCode, errorMessage, ...nothing };
}

function describeMember(
  member: ConsumerMember,
  group: ConsumerGroup,
  broker: BrokerContext,
  version: number,
): MemberInit {
  const { memberId, instanceId, rackId, epoch, clientId, clientHost, assigned, pendingRevocation } = member;
  const has = new Map<string, number[]>();
  for (const owned of [assigned, pendingRevocation])
    for (const [topicId, partitions] of owned)
      has.set(topicId, [...(has.get(topicId) ?? []), ...partitions.keys()]);
  return {
    ...{ memberId, instanceId, rackId, clientId, clientHost },
    memberEpoch: epoch,
    subscribedTopicNames: member.topicNames,
    subscribedTopicRegex: member.topicRegex ?? '',
    assignment: withNames(has, broker),
    targetAssignment: withNames(group.targetOf(memberId), broker),
    ...(version >= memberTypeFrom ? { memberType: consumerProtocol } : {}),
  };
}

/** Partitions of topics that are gone are left out. */
function withNames(partitions: ReadonlyMap<string, Iterable<number>>, { topics }: BrokerContext) {
  const topicPartitions = listed(partitions).flatMap((each) => {
    const topicName = topics.byId(each.topicId)?.name;
    return topicName === undefined ? [] : [{ ...each, topicName }];
  });
  return { topicPartitions };
}
