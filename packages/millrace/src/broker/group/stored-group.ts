import type { ClassicGroup } from './classic-group.ts';
import { metadataFor } from './member.ts';
import type { StoredGroup } from './offset-records.ts';

/** The group as it goes into its log. */
export function toStored(group: ClassicGroup): StoredGroup {
  return {
    protocolType: group.protocolType ?? '',
    generationId: group.generationId,
    protocolName: group.protocolName,
    leaderId: group.leaderId,
    stateSince: group.stateSince,
    members: [...group.members.values()].map((member) => ({
      memberId: member.memberId,
      groupInstanceId: member.groupInstanceId,
      clientId: member.clientId,
      clientHost: member.clientHost,
      rebalanceTimeoutMs: member.rebalanceTimeoutMs,
      sessionTimeoutMs: member.sessionTimeoutMs,
      subscription: metadataFor(member, group.protocolName),
      assignment: member.assignment,
    })),
  };
}

/** Puts a new group in the state that was stored. */
export function fromStored(group: ClassicGroup, from: StoredGroup, now: number): void {
  group.restore(now, {
    ...from,
    protocolType: from.protocolType === '' ? null : from.protocolType,
    members: from.members.map(({ subscription, ...member }) => ({
      ...member,
      protocols: from.protocolName === null ? [] : [{ name: from.protocolName, metadata: subscription }],
    })),
  });
}
