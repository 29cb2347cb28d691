import { errorText, MillraceError } from '../../../runtime/errors.ts';
import type { Admin } from '../admin/admin.ts';
import { brokerErrorName } from '../kafka-errors.ts';
import { keyOf, type TopicPartitionOffset } from '../options.ts';
import { isProgressGroup } from './progress-group.ts';

/** What became of a group's offsets. */
export interface GroupCopy {
  readonly group: string;
  readonly committed: readonly TopicPartitionOffset[];
  /** Why nothing was committed; null: it was, or there was nothing to. */
  readonly skipped: string | null;
}

/** What a group has committed. */
export interface GroupPositions {
  readonly group: string;
  readonly offsets: readonly TopicPartitionOffset[];
}

/** Where the consumer groups of a cluster stand, but for a mirror's own. */
export async function groupPositions(admin: Admin): Promise<GroupPositions[]> {
  const positions: GroupPositions[] = [];
  for (const { groupId, protocolType } of await admin.listGroups()) {
    if (isProgressGroup(groupId) || (protocolType !== 'consumer' && protocolType !== '')) continue;
    positions.push({ group: groupId, offsets: await admin.groupOffsets(groupId) });
  }
  return positions;
}

/** States in which a group has no members (ListGroups). */
const emptyStates: ReadonlySet<string> = new Set(['Empty', 'Dead']);

/**
 * Commits in the target what groups have committed in the source, for partitions that `translate` knows: it gives the
 * target's offset, never one behind which a record stands that the group has not seen, or null. Groups that have members in the
 * target are left alone, and no group is set back that has read on there.
 */
export async function copyGroupOffsets(
  positions: readonly GroupPositions[],
  to: Admin,
  translate: (committed: TopicPartitionOffset) => number | null,
  dryRun = false,
): Promise<GroupCopy[]> {
  const there = new Map((await to.listGroups()).map((group) => [group.groupId, group]));
  const copies: GroupCopy[] = [];
  for (const { group: groupId, offsets } of positions) {
    const wanted: TopicPartitionOffset[] = [];
    for (const committed of offsets) {
      const offset = translate(committed);
      if (offset !== null) wanted.push({ topic: committed.topic, partition: committed.partition, offset });
    }
    if (wanted.length === 0) continue;
    const state = there.get(groupId)?.state;
    if (state !== undefined && !emptyStates.has(state)) {
      copies.push({ group: groupId, committed: [], skipped: `it has members in the target (${state})` });
      continue;
    }
    const present = new Map(
      state === undefined ? [] : (await to.groupOffsets(groupId)).map((each) => [keyOf(each), each.offset]),
    );
    const ahead = wanted.filter((each) => each.offset > (present.get(keyOf(each)) ?? -1));
    if (!dryRun && ahead.length > 0) {
      try {
        await to.alterGroupOffsets(groupId, ahead);
      } catch (error) {
        if (!(error instanceof MillraceError) || brokerErrorName(error) === '') throw error;
        copies.push({ group: groupId, committed: [], skipped: errorText(error) });
        continue;
      }
    }
    copies.push({ group: groupId, committed: ahead, skipped: null });
  }
  return copies;
}
