import { type AssignorName, keyOf, type TopicPartition } from '../options.ts';

/** What a group's leader knows of a member. */
export interface MemberSubscription {
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  readonly topics: readonly string[];
  readonly ownedPartitions: readonly TopicPartition[];
  /** Generation in which the member got its partitions; -1 where it says none. */
  readonly generationId: number;
}

/** Member id → its partitions; every member has an entry. */
export type GroupAssignment = Map<string, TopicPartition[]>;

/**
 * Deals partitions to members. All members of a group run the same rule, whichever program they are, so the results
 * follow Kafka's own assignors.
 */
export type Assignor = (
  partitionCounts: ReadonlyMap<string, number>,
  members: readonly MemberSubscription[],
) => GroupAssignment;

export const assignors: Readonly<Record<AssignorName, Assignor>> = {
  range: assignRange,
  roundrobin: assignRoundRobin,
  'cooperative-sticky': assignCooperativeSticky,
};

/** Java class names that `partition.assignment.strategy` may hold. */
export const assignorClasses: Readonly<Record<string, AssignorName>> = {
  'org.apache.kafka.clients.consumer.RangeAssignor': 'range',
  'org.apache.kafka.clients.consumer.RoundRobinAssignor': 'roundrobin',
  'org.apache.kafka.clients.consumer.CooperativeStickyAssignor': 'cooperative-sticky',
  range: 'range',
  roundrobin: 'roundrobin',
  'cooperative-sticky': 'cooperative-sticky',
};

/** Static members first, by instance id, then the others by member id (`AbstractPartitionAssignor.MemberInfo`). */
function inOrder(members: readonly MemberSubscription[]): MemberSubscription[] {
  const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
  return members.toSorted((a, b) => {
    if (a.groupInstanceId !== null && b.groupInstanceId !== null) {
      return compare(a.groupInstanceId, b.groupInstanceId);
    }
    if (a.groupInstanceId !== null) return -1;
    if (b.groupInstanceId !== null) return 1;
    return compare(a.memberId, b.memberId);
  });
}

const emptyAssignment = (members: readonly MemberSubscription[]): GroupAssignment =>
  new Map(members.map(({ memberId }) => [memberId, []]));

/** Per topic: consecutive ranges, the first members get one more where it does not divide. */
function assignRange(
  partitionCounts: ReadonlyMap<string, number>,
  members: readonly MemberSubscription[],
): GroupAssignment {
  const result = emptyAssignment(members);
  const sorted = inOrder(members);
  for (const [topic, count] of partitionCounts) {
    const takers = sorted.filter(({ topics }) => topics.includes(topic));
    if (takers.length === 0) continue;
    const each = Math.floor(count / takers.length);
    const more = count % takers.length;
    let next = 0;
    takers.forEach(({ memberId }, i) => {
      const end = next + each + (i < more ? 1 : 0);
      for (; next < end; next++) result.get(memberId)!.push({ topic, partition: next });
    });
  }
  return result;
}

/** All partitions in turn around the members that subscribe to their topic. */
function assignRoundRobin(
  partitionCounts: ReadonlyMap<string, number>,
  members: readonly MemberSubscription[],
): GroupAssignment {
  const result = emptyAssignment(members);
  const sorted = inOrder(members);
  let turn = 0;
  for (const topic of [...partitionCounts.keys()].sort()) {
    if (!sorted.some(({ topics }) => topics.includes(topic))) continue;
    for (let partition = 0; partition < partitionCounts.get(topic)!; partition++) {
      while (!sorted[turn % sorted.length]!.topics.includes(topic)) turn++;
      result.get(sorted[turn % sorted.length]!.memberId)!.push({ topic, partition });
      turn++;
    }
  }
  return result;
}

/** Who says that a partition is his. */
interface Claim {
  /** Who has it: the newest generation wins; null where two of that say so, or none of them may have it (any more). */
  owner: string | null;
  generationId: number;
  readonly memberIds: Set<string>;
}

/** What members say that they hold (KIP-341, KIP-792). */
function claimsOf(
  partitionCounts: ReadonlyMap<string, number>,
  members: readonly MemberSubscription[],
): Map<string, Claim> {
  const claims = new Map<string, Claim>();
  for (const { memberId, topics, ownedPartitions, generationId } of members) {
    for (const owned of ownedPartitions) {
      if (owned.partition >= (partitionCounts.get(owned.topic) ?? 0)) continue;
      const key = keyOf(owned);
      const before = claims.get(key);
      const claim: Claim = before ?? { owner: null, generationId, memberIds: new Set() };
      if (before === undefined) claims.set(key, claim);
      claim.memberIds.add(memberId);
      if (before !== undefined && generationId < before.generationId) continue;
      const isDisputed = before !== undefined && generationId === before.generationId;
      claim.owner = isDisputed || !topics.includes(owned.topic) ? null : memberId;
      claim.generationId = generationId;
    }
  }
  return claims;
}

/** As even as can be with the fewest moves from what members hold now. */
function assignSticky(
  partitionCounts: ReadonlyMap<string, number>,
  members: readonly MemberSubscription[],
  claims: ReadonlyMap<string, Claim>,
): GroupAssignment {
  const result = emptyAssignment(members);
  const sorted = inOrder(members);
  const free: TopicPartition[] = [];
  for (const [topic, count] of partitionCounts) {
    for (let partition = 0; partition < count; partition++) {
      const owner = claims.get(keyOf({ topic, partition }))?.owner ?? null;
      if (owner === null) free.push({ topic, partition });
      else result.get(owner)!.push({ topic, partition });
    }
  }
  const lightest = (topic: string): MemberSubscription | undefined => {
    let best: MemberSubscription | undefined;
    for (const member of sorted) {
      if (!member.topics.includes(topic)) continue;
      if (best === undefined || result.get(member.memberId)!.length < result.get(best.memberId)!.length)
        best = member;
    }
    return best;
  };
  for (const partition of free) {
    const member = lightest(partition.topic);
    if (member !== undefined) result.get(member.memberId)!.push(partition);
  }
  // Each move narrows a gap of two or more, so this ends.
  for (let moved = true; moved; ) {
    moved = false;
    for (const { memberId } of sorted.toSorted(
      (a, b) => result.get(b.memberId)!.length - result.get(a.memberId)!.length,
    )) {
      const own = result.get(memberId)!;
      for (let i = own.length - 1; i >= 0; i--) {
        const to = lightest(own[i]!.topic)!;
        const target = result.get(to.memberId)!;
        if (target.length + 1 >= own.length) continue;
        target.push(...own.splice(i, 1));
        moved = true;
      }
    }
  }
  return result;
}

/**
 * Sticky, and in two steps (KIP-429): a partition that must move is given to nobody in this round; whoever claims it
 * revokes it and joins again, and the next round gives it away. One that two claim is everybody's to revoke first.
 */
function assignCooperativeSticky(
  partitionCounts: ReadonlyMap<string, number>,
  members: readonly MemberSubscription[],
): GroupAssignment {
  const claims = claimsOf(partitionCounts, members);
  const result = assignSticky(partitionCounts, members, claims);
  for (const [memberId, partitions] of result) {
    const may = partitions.filter((partition) => {
      const claim = claims.get(keyOf(partition));
      return claim === undefined || claim.owner === memberId;
    });
    result.set(memberId, may);
  }
  return result;
}
