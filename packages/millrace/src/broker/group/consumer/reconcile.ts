import { type ConsumerMember, type MemberProgress, memberStates } from './consumer-member.ts';
import {
  nothingOwned,
  type OwnedPartitions,
  type Partitions,
  put,
  putOwned,
  type TopicPartitions,
} from './partitions.ts';

export interface ReconcileInput {
  readonly targetEpoch: number;
  readonly target: Partitions;
  /** The ids of the topics that the member is subscribed to now: of others it gives up what it has. */
  readonly subscribed: ReadonlySet<string>;
  readonly subscriptionChanged: boolean;
  /** Whether nobody has the partition. */
  readonly isFree: (topicId: string, partition: number) => boolean;
  /** What the member says that it has; null: it did not say. */
  readonly owned: readonly TopicPartitions[] | null;
}

/**
 * The member's next step towards its target (Kafka's CurrentAssignmentBuilder): first it gives up what is not its any
 * more, and stays in its epoch until it has said so; then it takes the epoch of the target with those of its new
 * partitions that nobody has; the others follow as they come free. Returns the member itself where it can't go on.
 */
export function reconcile(member: ConsumerMember, input: ReconcileInput): ConsumerMember {
  switch (member.state) {
    case memberStates.stable:
      if (member.epoch !== input.targetEpoch) return nextStep(member, input);
      return input.subscriptionChanged ? giveUpUnsubscribed(member, input) : member;
    case memberStates.unrevokedPartitions:
      if (!stillHas(member.pendingRevocation, input.owned)) return nextStep(member, input);
      return input.subscriptionChanged ? giveUpUnsubscribed(member, input) : member;
    default:
      return nextStep(member, input);
  }
}

/** The target may be of a time before the member's subscription changed: what it wants no more goes at once. */
function giveUpUnsubscribed(member: ConsumerMember, { subscribed, owned }: ReconcileInput): ConsumerMember {
  const gone = [...member.assigned.keys()].filter((topicId) => !subscribed.has(topicId));
  if (gone.length === 0) return member;
  const assigned = new Map(member.assigned);
  const pendingRevocation = new Map(member.pendingRevocation);
  for (const topicId of gone) {
    pendingRevocation.set(
      topicId,
      new Map([...(pendingRevocation.get(topicId) ?? []), ...assigned.get(topicId)!]),
    );
    assigned.delete(topicId);
  }
  if (!stillHas(pendingRevocation, owned)) return stepped(member, member.epoch, { assigned });
  return stepped(member, member.epoch, {
    state: memberStates.unrevokedPartitions,
    assigned,
    pendingRevocation,
  });
}

function nextStep(member: ConsumerMember, input: ReconcileInput): ConsumerMember {
  const { targetEpoch, target, subscribed, isFree, owned } = input;
  const assigned = new Map<string, Map<number, number>>();
  const toRevoke = new Map<string, Map<number, number>>();
  for (const [topicId, partitions] of member.assigned) {
    const wanted = subscribed.has(topicId) ? target.get(topicId) : undefined;
    for (const [partition, epoch] of partitions)
      putOwned(wanted?.has(partition) === true ? assigned : toRevoke, topicId, partition, epoch);
  }
  if (toRevoke.size > 0 && stillHas(toRevoke, owned)) {
    return stepped(member, member.epoch, {
      state: memberStates.unrevokedPartitions,
      assigned,
      pendingRevocation: toRevoke,
    });
  }
  let waits = false;
  const toAssign = new Map<string, Set<number>>();
  for (const [topicId, partitions] of target) {
    if (!subscribed.has(topicId)) continue;
    const has = assigned.get(topicId);
    for (const partition of partitions) {
      if (has?.has(partition) === true) continue;
      if (isFree(topicId, partition)) put(toAssign, topicId, partition);
      else waits = true;
    }
  }
  for (const [topicId, partitions] of toAssign)
    for (const partition of partitions) putOwned(assigned, topicId, partition, targetEpoch);
  const state = waits ? memberStates.unreleasedPartitions : memberStates.stable;
  return stepped(member, targetEpoch, { state, assigned, pendingRevocation: nothingOwned });
}

function stepped(member: ConsumerMember, epoch: number, step: Partial<MemberProgress>): ConsumerMember {
  // The epoch of which the member may not have heard yet is the one before, however many steps it takes in this one.
  const previousEpoch = epoch === member.epoch ? member.previousEpoch : member.epoch;
  return { ...member, ...step, previousEpoch, epoch };
}

/** Whether the member may have any of them: it says so, or says nothing. */
function stillHas(partitions: OwnedPartitions, owned: readonly TopicPartitions[] | null): boolean {
  if (owned === null) return true;
  return owned.some(({ topicId, partitions: has }) => {
    const theirs = partitions.get(topicId);
    return theirs !== undefined && has.some((partition) => theirs.has(partition));
  });
}
