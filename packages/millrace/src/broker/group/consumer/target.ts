import type { AssignedMember } from './assignors/assignor.ts';
import { assignors } from './assignors/index.ts';
import type { ConsumerGroup } from './consumer-group.ts';
import type { ConsumerRecord } from './consumer-records.ts';
import { noPartitions, samePartitions } from './partitions.ts';
import type { TopicsView } from './subscriptions.ts';

/** The ids of those topics that there are. */
export function topicIdsOf(names: Iterable<string>, topics: TopicsView): Set<string> {
  const ids = new Set<string>();
  for (const name of names) {
    const topic = topics.find(name);
    if (topic !== undefined) ids.add(topic.id);
  }
  return ids;
}

/** Deals the partitions of the group for its epoch: what of the target changes, and the epoch that it is for. */
export function dealTarget(
  group: ConsumerGroup,
  epoch: number,
  topics: TopicsView,
  defaultAssignor: string,
  now: number,
): ConsumerRecord[] {
  const { groupId } = group;
  const members: AssignedMember[] = [];
  const partitionCounts = new Map<string, number>();
  for (const member of group.members.values()) {
    const { memberId, instanceId } = member;
    const topicIds = new Set<string>();
    for (const name of [...group.topicsOf(member)].sort()) {
      const topic = topics.find(name);
      if (topic === undefined) continue;
      topicIds.add(topic.id);
      partitionCounts.set(topic.id, topic.partitions);
    }
    members.push({ memberId, instanceId, topicIds, before: group.targetOf(memberId) });
  }
  // A member may ask for one that this broker, started anew with other settings, does not have any more.
  const preferred = group.preferredAssignor() ?? defaultAssignor;
  const assignor = assignors.get(preferred) ?? assignors.get(defaultAssignor)!;
  const dealt = assignor(members, partitionCounts);
  const records: ConsumerRecord[] = [];
  for (const { memberId, before } of members) {
    const value = dealt.get(memberId) ?? noPartitions;
    if (!samePartitions(value, before))
      records.push({ kind: 'consumer-member-target', groupId, memberId, value });
  }
  records.push({ kind: 'consumer-target', groupId, value: { epoch, timestamp: now } });
  return records;
}
