import type { GroupCopy } from './group-offsets-copy.ts';
import type { PartitionCopy } from './partition-copy.ts';
import type { PartitionPlan } from './partition-plan.ts';
import type { RefusedSetting, TopicPlan } from './topic-plan.ts';

export interface MirrorOptions {
  /** Whole names; null: all but internal ones. */
  readonly topics: RegExp | null;
  /** Of topics that are made; null: three, or as many as the target has brokers. */
  readonly replicationFactor: number | null;
  /** Goes on until the signal, instead of up to the ends that were found. */
  readonly follow: boolean;
  readonly groups: boolean;
  readonly signal: AbortSignal;
  /** How often groups and the topics of the source are looked at, milliseconds (5000). */
  readonly lookEveryMs?: number;
  readonly onProgress?: (progress: MirrorProgress) => void;
  readonly tell?: (line: string) => void;
}

export interface MirrorPlan {
  readonly topics: readonly TopicPlan[];
  readonly partitions: readonly PartitionPlan[];
}

export interface MirrorProgress {
  readonly records: number;
  readonly bytes: number;
  /** Offsets that the target has of those that are to be copied. */
  readonly done: number;
  readonly of: number;
}

export interface PartitionReport {
  readonly topic: string;
  readonly partition: number;
  /** `translated`: from some place on the target's offsets are others. */
  readonly mode: PartitionCopy['mode'];
  readonly records: number;
  readonly bytes: number;
  /** Up to where the source is copied. */
  readonly next: number;
  /** All that the source had when it was looked at is there. */
  readonly whole: boolean;
  readonly sourceEnd: number;
  /** Records that took up offsets, and are deleted again. */
  readonly fillers: number;
  /** Offsets that the source had deleted before they were copied. */
  readonly missed: number;
  /** Why it was not copied, or no further. */
  readonly failure: string | null;
  /** What the failure keeps from being copied: all of it, not only what is behind `next`. */
  readonly refused: boolean;
  readonly remedy: string | null;
}

const refusedRemedy =
  'Somebody else wrote there, or the topic is another one than was copied. Delete it in the target, and run the command again.';

/** What has become of a partition; `copy` is absent where it was refused. */
export function partitionReport(
  plan: PartitionPlan,
  copy: PartitionCopy | undefined,
  whole: boolean,
): PartitionReport {
  const { topic, partition, sourceEnd, missed, next, refused } = plan;
  const failure = copy?.failure ?? null;
  return {
    ...{ topic, partition, sourceEnd, missed, whole },
    mode: copy?.mode ?? 'identical',
    records: copy?.records ?? 0,
    bytes: copy?.bytes ?? 0,
    fillers: copy?.fillers ?? 0,
    next: copy?.position ?? next,
    failure: failure?.message ?? refused,
    refused: refused !== null,
    remedy: failure?.remedy ?? (refused === null ? null : refusedRemedy),
  };
}

/** All copies together. */
export function progressOf(
  plans: readonly PartitionPlan[],
  copyOf: (plan: PartitionPlan) => PartitionCopy | undefined,
): MirrorProgress {
  let [records, bytes, done, of] = [0, 0, 0, 0];
  for (const each of plans) {
    const copy = copyOf(each);
    if (copy === undefined) continue;
    records += copy.records;
    bytes += copy.bytes;
    of += Math.max(0, each.sourceEnd - each.next);
    done += copy.position - each.next;
  }
  return { records, bytes, done, of };
}

export interface MirrorReport {
  readonly topics: readonly TopicPlan[];
  readonly refusedSettings: readonly RefusedSetting[];
  readonly partitions: readonly PartitionReport[];
  readonly groups: readonly GroupCopy[];
}
