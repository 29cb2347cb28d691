import { ErrorCode } from '../../core/error-code.ts';
import { type RequestFault, refuse } from '../../core/fault.ts';
import { type ConsumerGroup, isAway } from './consumer-group.ts';
import { type ConsumerMember, leaveEpoch, leaveForNowEpoch } from './consumer-member.ts';
import type { HeartbeatInput } from './heartbeat-types.ts';
import type { OwnedPartitions, TopicPartitions } from './partitions.ts';

/** Why a request is none, whatever the group is; null where it may be one (GroupCoordinatorService). */
export function requestFault(
  input: HeartbeatInput,
  groupId: string,
  version: number,
  assignors: readonly string[],
): RequestFault | null {
  const message = requestFaultText(input, groupId, version);
  if (message !== null) return refuse(ErrorCode.INVALID_REQUEST, message);
  const { serverAssignor } = input;
  if (serverAssignor === null || assignors.includes(serverAssignor)) return null;
  return refuse(
    ErrorCode.UNSUPPORTED_ASSIGNOR,
    `ServerAssignor ${serverAssignor} is not supported. Supported assignors: ${assignors.join(', ')}.`,
  );
}

function requestFaultText(input: HeartbeatInput, groupId: string, version: number): string | null {
  const { memberId, memberEpoch, instanceId, rackId, topicNames, topicRegex, owned } = input;
  // From version 1 on members make their ids themselves.
  const needsId = version >= 1 || memberEpoch > 0 || memberEpoch === leaveEpoch;
  if (needsId && isBlank(memberId)) return "MemberId can't be empty.";
  if (isBlank(groupId)) return "GroupId can't be empty.";
  if (instanceId !== null && isBlank(instanceId)) return "InstanceId can't be empty.";
  if (rackId !== null && isBlank(rackId)) return "RackId can't be empty.";
  if (memberEpoch === 0) {
    if (input.rebalanceTimeoutMs === -1) return 'RebalanceTimeoutMs must be provided in first request.';
    if (owned === null || owned.length > 0) return 'TopicPartitions must be empty when (re-)joining.';
    if (topicNames === null && topicRegex === null)
      return 'Either SubscribedTopicNames or SubscribedTopicRegex must be non-null when (re-)joining.';
    return null;
  }
  if (memberEpoch === leaveForNowEpoch) return instanceId === null ? "InstanceId can't be null." : null;
  return memberEpoch < leaveForNowEpoch ? 'MemberEpoch is invalid.' : null;
}

const isBlank = (text: string): boolean => text.trim() === '';

/** Why a member of the epoch that it says may not go on; null where it may. */
export function epochFault(
  member: ConsumerMember,
  received: number,
  owned: readonly TopicPartitions[] | null,
): RequestFault | null {
  if (received === 0 || received === member.epoch) return null;
  const isGreater = received > member.epoch;
  // The answer with the epoch may have been lost.
  if (!isGreater && received === member.previousEpoch && isWithin(owned, member.assigned)) return null;
  return refuse(
    ErrorCode.FENCED_MEMBER_EPOCH,
    `The consumer group member has a ${isGreater ? 'greater' : 'smaller'} member epoch (${received}) than the one known by the group coordinator (${member.epoch}). The member must abandon all its partitions and rejoin.`,
  );
}

function isWithin(owned: readonly TopicPartitions[] | null, assigned: OwnedPartitions): boolean {
  if (owned === null) return false;
  return owned.every(({ topicId, partitions }) => {
    const theirs = assigned.get(topicId);
    return theirs !== undefined && partitions.every((partition) => theirs.has(partition));
  });
}

/** Why no further member may come; null where there is room. */
export function sizeFault(group: ConsumerGroup, memberId: string, maxSize: number): RequestFault | null {
  if (group.members.size < maxSize || group.members.has(memberId)) return null;
  return refuse(
    ErrorCode.GROUP_MAX_SIZE_REACHED,
    `The consumer group has reached its maximum capacity of ${maxSize} members.`,
  );
}

/** The member of this name, or why it is not the sender. */
export function knownMember(
  group: ConsumerGroup,
  { memberId, instanceId }: Pick<HeartbeatInput, 'memberId' | 'instanceId'>,
): ConsumerMember | RequestFault {
  if (instanceId === null) {
    const member = group.members.get(memberId);
    return member ?? refuse(ErrorCode.UNKNOWN_MEMBER_ID, unknownText(memberId, group.groupId));
  }
  const member = group.instance(instanceId);
  if (member === undefined)
    return refuse(ErrorCode.UNKNOWN_MEMBER_ID, `Instance id ${instanceId} is unknown.`);
  if (member.memberId === memberId) return member;
  return refuse(
    ErrorCode.FENCED_INSTANCE_ID,
    `Static member ${memberId} with instance id ${instanceId} was fenced by member ${member.memberId}.`,
  );
}

export function unknownText(memberId: string, groupId: string): string {
  return `Member ${memberId} is not a member of group ${groupId}.`;
}

/** Whether the place of an instance id is taken by somebody who has not said that it is away. */
export function instanceFault(existing: ConsumerMember, input: HeartbeatInput): RequestFault | null {
  if (isAway(existing)) return null;
  return refuse(
    ErrorCode.UNRELEASED_INSTANCE_ID,
    `Static member ${input.memberId} with instance id ${input.instanceId} cannot join the group because the instance id is owned by ${existing.memberId} member.`,
  );
}
