import type { Partitions } from '../partitions.ts';
import type { AssignedMember, Assignor } from './assignor.ts';

interface Range {
  readonly count: number;
  readonly quota: number;
  extra: number;
  next: number;
}

/**
 * Each topic by itself: the members that want it, in the order of their names, get one run of its partitions each, the
 * first of them one more where it does not come out even (Kafka's RangeAssignor). Partitions of the same number in
 * topics of the same size go to the same member.
 */
export const rangeAssignor: Assignor = (members, partitionCounts) => {
  const sorted = [...members].sort(byName);
  const subscribers = new Map<string, number>();
  for (const { topicIds } of sorted)
    for (const topicId of topicIds) subscribers.set(topicId, (subscribers.get(topicId) ?? 0) + 1);
  const ranges = new Map<string, Range>();
  for (const [topicId, many] of subscribers) {
    const count = partitionCounts.get(topicId) ?? 0;
    ranges.set(topicId, { count, quota: Math.floor(count / many), extra: count % many, next: 0 });
  }
  const result = new Map<string, Partitions>();
  for (const { memberId, topicIds } of sorted) {
    const partitions = new Map<string, Set<number>>();
    for (const topicId of topicIds) {
      const run = takeRun(ranges.get(topicId)!);
      if (run.size > 0) partitions.set(topicId, run);
    }
    result.set(memberId, partitions);
  }
  return result;
};

function takeRun(range: Range): Set<number> {
  const size = range.quota + (range.extra > 0 ? 1 : 0);
  range.extra--;
  const run = new Set<number>();
  for (let i = 0; i < size && range.next < range.count; i++) run.add(range.next++);
  return run;
}

/** Static members first, by instance id; the others by member id. */
function byName(a: AssignedMember, b: AssignedMember): number {
  if (a.instanceId !== null && b.instanceId !== null) return compare(a.instanceId, b.instanceId);
  if (a.instanceId !== null) return -1;
  if (b.instanceId !== null) return 1;
  return compare(a.memberId, b.memberId);
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
