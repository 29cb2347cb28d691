import type { Partitions } from '../partitions.ts';

export interface AssignedMember {
  readonly memberId: string;
  readonly instanceId: string | null;
  /** The ids of the topics that it is subscribed to. */
  readonly topicIds: ReadonlySet<string>;
  /** What it had in the target before. */
  readonly before: Partitions;
}

/** Deals the partitions of `partitionCounts` (by topic id; all that anybody is subscribed to) to the members. */
export type Assignor = (
  members: readonly AssignedMember[],
  partitionCounts: ReadonlyMap<string, number>,
) => ReadonlyMap<string, Partitions>;

/** Whether all of them want the same topics. */
export function wantTheSame(members: readonly AssignedMember[]): boolean {
  const [first, ...others] = members;
  if (first === undefined) return true;
  return others.every(
    ({ topicIds }) =>
      topicIds.size === first.topicIds.size && [...topicIds].every((topicId) => first.topicIds.has(topicId)),
  );
}
