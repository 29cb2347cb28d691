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

export interface MirrorReport {
  readonly topics: readonly TopicPlan[];
  readonly refusedSettings: readonly RefusedSetting[];
  readonly partitions: readonly PartitionReport[];
  readonly groups: readonly GroupCopy[];
}
