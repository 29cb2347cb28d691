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
  if (group.state !== 'Empty') return [];
  const emptySince = group.protocolType === null ? 0 : group.stateSince;
  const all = [...offsetRecords(group.groupId, entry)];
  const due = all.filter(({ value, topic }) => {
    const age = now - Math.max(value!.commitTimestamp, emptySince);
    return age >= offsetsRetentionMs || !options.hasTopic(topic);
  });
  const isOver =
    due.length === all.length && entry.stored !== null && now - group.stateSince >= offsetsRetentionMs;
  const records: GroupRecord[] = due.map((record) => ({ ...record, value: null }));
  if (isOver && group.isVacant) records.push({ kind: 'group', groupId: group.groupId, value: null });
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
  return records;
}
