import type { ConsumerGroup } from './consumer/consumer-group.ts';
import type { GroupEntry } from './group-store.ts';
import { offsetRecords } from './group-store.ts';
import type { GroupRecord } from './offset-records.ts';

export interface ExpiryOptions {
  readonly offsetsRetentionMs: number;
  hasTopic(name: string): boolean;
}

/** What makes the offsets of a group without members go that are too old, or of no topic, and the group with the last. */
export function expired(entry: GroupEntry, now: number, options: ExpiryOptions): GroupRecord[] {
  const { group } = entry;
  const { offsetsRetentionMs } = options;
  if (entry.consumer !== null) return expiredOfConsumers(entry, entry.consumer, now, options);
  if (group.state !== 'Empty') return [];
  const emptySince = group.protocolType === null ? 0 : group.stateSince;
  const all = [...offsetRecords(group.groupId, entry)];
  const due = all.filter(({ value, topic, partition }) => {
    if (entry.pending.has(topic, partition)) return false;
    const age = now - Math.max(value!.commitTimestamp, emptySince);
    return age >= offsetsRetentionMs || !options.hasTopic(topic);
  });
  const isOver =
    due.length === all.length &&
    entry.pending.isEmpty &&
    entry.stored !== null &&
    now - group.stateSince >= offsetsRetentionMs;
  const records: GroupRecord[] = due.map((record) => ({ ...record, value: null }));
  if (isOver && group.isVacant) records.push({ kind: 'group', groupId: group.groupId, value: null });
  return records;
}

/**
 * The same for a group of the consumer protocol (KIP-848): an offset goes so long after its commit, but not while a
 * member is subscribed to its topic.
 */
function expiredOfConsumers(
  entry: GroupEntry,
  consumer: ConsumerGroup,
  now: number,
  options: ExpiryOptions,
): GroupRecord[] {
  const all = [...offsetRecords(consumer.groupId, entry)];
  const due = all.filter(({ value, topic, partition }) => {
    if (entry.pending.has(topic, partition)) return false;
    if (!options.hasTopic(topic)) return true;
    const isOld = now - value!.commitTimestamp >= options.offsetsRetentionMs;
    return isOld && !consumer.isSubscribedTo(topic);
  });
  const records: GroupRecord[] = due.map((record) => ({ ...record, value: null }));
  const isOver = due.length === all.length && entry.pending.isEmpty && consumer.members.size === 0;
  if (isOver) records.push(...consumer.tombstones());
  return records;
}

/** What makes a group and all its offsets go. */
export function tombstones(entry: GroupEntry): GroupRecord[] {
  const { groupId } = entry.group;
  const records: GroupRecord[] = [...offsetRecords(groupId, entry)].map((record) => ({
    ...record,
    value: null,
  }));
  if (entry.stored !== null) records.push({ kind: 'group', groupId, value: null });
  if (entry.consumer !== null) records.push(...entry.consumer.tombstones());
  return records;
}
