import type { Partitions } from '../partitions.ts';
import { put } from '../partitions.ts';
import { type AssignedMember, type Assignor, wantTheSame } from './assignor.ts';

/**
 * As even as can be, and as few partitions move as can be (Kafka's UniformAssignor): members that want the same topics
 * get the same number, or one more; where they want different ones, partitions go from who has most to who has least
 * of those that want the topic, as long as that evens it out.
 */
export const uniformAssignor: Assignor = (members, partitionCounts) =>
  wantTheSame(members) ? dealEvenly(members, partitionCounts) : dealBalanced(members, partitionCounts);

type Dealt = Map<string, Map<string, Set<number>>>;
type Loose = readonly [topicId: string, partition: number];

function dealEvenly(
  members: readonly AssignedMember[],
  partitionCounts: ReadonlyMap<string, number>,
): ReadonlyMap<string, Partitions> {
  const dealt: Dealt = new Map();
  if (members.length === 0) return dealt;
  const topicIds = [...members[0]!.topicIds].filter((topicId) => partitionCounts.has(topicId));
  let total = 0;
  for (const topicId of topicIds) total += partitionCounts.get(topicId)!;
  const least = Math.floor(total / members.length);
  let extra = total % members.length;
  const taken = new Map<string, Set<number>>();
  const room: { member: string; left: number }[] = [];
  for (const { memberId, before } of members) {
    const kept = new Map<string, Set<number>>();
    let left = least + (extra-- > 0 ? 1 : 0);
    for (const [topicId, partitions] of before) {
      const count = members[0]!.topicIds.has(topicId) ? (partitionCounts.get(topicId) ?? 0) : 0;
      for (const partition of partitions) {
        if (left === 0 || partition >= count) continue;
        if (taken.get(topicId)?.has(partition) === true) continue;
        put(kept, topicId, partition);
        put(taken, topicId, partition);
        left--;
      }
    }
    dealt.set(memberId, kept);
    if (left > 0) room.push({ member: memberId, left });
  }
  const loose = looseOf(topicIds, partitionCounts, taken);
  let next = 0;
  for (const { member, left } of room) {
    const partitions = dealt.get(member)!;
    for (let i = 0; i < left && next < loose.length; i++) {
      const [topicId, partition] = loose[next++]!;
      put(partitions, topicId, partition);
    }
  }
  return dealt;
}

/** The partitions that nobody has. */
function looseOf(
  topicIds: readonly string[],
  partitionCounts: ReadonlyMap<string, number>,
  taken: ReadonlyMap<string, ReadonlySet<number>>,
): Loose[] {
  const loose: Loose[] = [];
  for (const topicId of topicIds) {
    const count = partitionCounts.get(topicId)!;
    for (let partition = 0; partition < count; partition++)
      if (taken.get(topicId)?.has(partition) !== true) loose.push([topicId, partition]);
  }
  return loose;
}

/** Rounds of evening out; each about halves what is uneven. */
const mostRounds = 16;

function dealBalanced(
  members: readonly AssignedMember[],
  partitionCounts: ReadonlyMap<string, number>,
): ReadonlyMap<string, Partitions> {
  const dealt: Dealt = new Map();
  const sizes = new Map<string, number>();
  const taken = new Map<string, Set<number>>();
  const subscribers = new Map<string, string[]>();
  for (const { memberId, topicIds, before } of members) {
    const kept = new Map<string, Set<number>>();
    let size = 0;
    for (const topicId of topicIds) {
      const count = partitionCounts.get(topicId);
      if (count === undefined) continue;
      const others = subscribers.get(topicId);
      if (others === undefined) subscribers.set(topicId, [memberId]);
      else others.push(memberId);
      for (const partition of before.get(topicId) ?? []) {
        if (partition >= count || taken.get(topicId)?.has(partition) === true) continue;
        put(kept, topicId, partition);
        put(taken, topicId, partition);
        size++;
      }
    }
    dealt.set(memberId, kept);
    sizes.set(memberId, size);
  }
  const topicIds = byShare([...subscribers.keys()], partitionCounts, subscribers);
  for (const [topicId, partition] of looseOf(topicIds, partitionCounts, taken)) {
    const to = extreme(subscribers.get(topicId)!, sizes, -1);
    put(dealt.get(to)!, topicId, partition);
    sizes.set(to, sizes.get(to)! + 1);
  }
  for (let round = 0; round < mostRounds; round++)
    if (!topicIds.reduce((moved, topicId) => even(topicId, subscribers, dealt, sizes) || moved, false)) break;
  return dealt;
}

/** Topics with most partitions for a subscriber first; then those with fewer subscribers, then by id. */
function byShare(
  topicIds: readonly string[],
  partitionCounts: ReadonlyMap<string, number>,
  subscribers: ReadonlyMap<string, readonly string[]>,
): string[] {
  const many = (topicId: string) => subscribers.get(topicId)!.length;
  const share = (topicId: string) => partitionCounts.get(topicId)! / many(topicId);
  return [...topicIds].sort((a, b) => share(b) - share(a) || many(a) - many(b) || (a < b ? -1 : 1));
}

/** Who has least (-1) or most (1). */
function extreme(memberIds: readonly string[], sizes: ReadonlyMap<string, number>, sign: 1 | -1): string {
  let found = memberIds[0]!;
  for (const memberId of memberIds)
    if (sign * (sizes.get(memberId)! - sizes.get(found)!) > 0) found = memberId;
  return found;
}

/** Moves partitions of one topic from who has most, all topics counted, to who has least. Returns whether any moved. */
function even(
  topicId: string,
  subscribers: ReadonlyMap<string, readonly string[]>,
  dealt: Dealt,
  sizes: Map<string, number>,
): boolean {
  const memberIds = subscribers.get(topicId)!;
  let givers = memberIds.filter((memberId) => dealt.get(memberId)!.has(topicId));
  let moved = false;
  while (givers.length > 0) {
    const from = extreme(givers, sizes, 1);
    const to = extreme(memberIds, sizes, -1);
    if (sizes.get(from)! - sizes.get(to)! <= 1) return moved;
    const theirs = dealt.get(from)!;
    const partitions = theirs.get(topicId)!;
    const [partition] = partitions;
    partitions.delete(partition!);
    if (partitions.size === 0) {
      theirs.delete(topicId);
      givers = givers.filter((memberId) => memberId !== from);
    }
    put(dealt.get(to)!, topicId, partition!);
    sizes.set(from, sizes.get(from)! - 1);
    sizes.set(to, sizes.get(to)! + 1);
    moved = true;
  }
  return moved;
}
