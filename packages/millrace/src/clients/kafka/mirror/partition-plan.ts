import type { KafkaClient } from '../client.ts';
import { keyOf, type TopicPartition } from '../options.ts';
import { isFiller } from './filler.ts';
import { firstRecords, isSame } from './first-records.ts';
import type { CopyStart } from './identical-copy.ts';
import type { OffsetRuns } from './offset-runs.ts';
import { type Ends, readableEnds, settledEnds } from './partition-ends.ts';
import type { Progress } from './progress-group.ts';
import { retrying } from './retrying.ts';
import type { TopicPlan } from './topic-plan.ts';

/** How a partition is copied, or why not. */
export interface PartitionPlan extends CopyStart {
  /** Of a partition whose offsets are others in the target from some place on; `next` is the source's. */
  readonly translated: OffsetRuns | null;
  /** The source's end when it was looked at. */
  readonly sourceEnd: number;
  /** Records that the source had deleted before they were copied; they are missing in the target. */
  readonly missed: number;
  /** Why it is not copied; null: it is. */
  readonly refused: string | null;
}

/** How long records are waited for that are compared. */
const compareMs = 10_000;

/** What the ends alone say. */
export function planByEnds(
  at: TopicPartition,
  source: Ends,
  target: Ends,
  progress?: Progress,
): PartitionPlan {
  const { topic, partition } = at;
  const isFresh = target.end === 0;
  // A target without anything in it is another one than that which the progress is of.
  if (progress?.kind === 'translated' && !isFresh) {
    const { offset, runs } = progress;
    const isBehind = offset > source.end;
    return {
      ...{
        topic,
        partition,
        next: offset,
        translated: runs,
        sourceStart: source.start,
        sourceEnd: source.end,
      },
      ...{ trim: false, missed: Math.max(0, source.start - offset) },
      refused: isBehind ? `the source ends at offset ${source.end}, and was copied up to ${offset}` : null,
    };
  }
  const isAhead = target.end > source.end;
  return {
    ...{ topic, partition, next: target.end, translated: null },
    sourceStart: source.start,
    sourceEnd: source.end,
    trim: false,
    missed: isFresh ? 0 : Math.max(0, source.start - target.end),
    refused: isAhead ? `the target ends at offset ${target.end}, the source at ${source.end}` : null,
  };
}

/**
 * Where each partition is gone on with, by what the source has and what is in the target. The last record there must be
 * the source's at the same offset: nothing is put behind another's records.
 */
export async function planPartitions(
  from: KafkaClient,
  to: KafkaClient,
  partitions: readonly TopicPartition[],
  isThere: (at: TopicPartition) => boolean,
  progress: ReadonlyMap<string, Progress>,
  signal?: AbortSignal,
): Promise<PartitionPlan[]> {
  const sources = await readableEnds(from, partitions);
  const present = partitions.filter(isThere);
  const targets = await settledEnds(to, present, signal);
  const targetOf = (at: TopicPartition): Ends => targets.get(keyOf(at)) ?? { start: 0, end: 0 };
  const plans = partitions.map((at) =>
    planByEnds(at, sources.get(keyOf(at))!, targetOf(at), progress.get(keyOf(at))),
  );
  const isIdentical = ({ refused, translated }: PartitionPlan) => refused === null && translated === null;
  const filled = plans.filter((plan) => {
    const { start, end } = targetOf(plan);
    return isIdentical(plan) && start < end && start < plan.sourceStart;
  });
  const compared = plans.flatMap((plan) => {
    const last = lastCopied(plan);
    const isThere =
      plan.refused === null && last.target >= targetOf(plan).start && last.source >= plan.sourceStart;
    return isThere ? [{ plan, last }] : [];
  });
  const at = (plan: PartitionPlan, offset: number) => ({
    topic: plan.topic,
    partition: plan.partition,
    offset,
  });
  const heads = await firstRecords(
    to,
    filled.map((plan) => at(plan, targetOf(plan).start)),
    compareMs,
  );
  const tails = (side: 'source' | 'target') => compared.map(({ plan, last }) => at(plan, last[side]));
  const [ours, theirs] = await Promise.all([
    firstRecords(to, tails('target'), compareMs),
    firstRecords(from, tails('source'), compareMs),
  ]);
  return plans.map((plan) => {
    const key = keyOf(plan);
    const [a, b] = [ours.get(key), theirs.get(key)];
    const last = lastCopied(plan);
    const isOther = a?.offset === last.target && b?.offset === last.source && !isSame(a, b);
    const hasFillers = isFiller(heads.get(key)?.key ?? null);
    return {
      ...plan,
      trim: hasFillers,
      missed: hasFillers && plan.next < plan.sourceStart ? 0 : plan.missed,
      refused: isOther ? otherRecord(last) : plan.refused,
    };
  });
}

/** The record that was copied last, and so is to be the same in both; offsets of -1: there is none. */
const lastCopied = ({ translated, next }: PartitionPlan): { source: number; target: number } =>
  translated === null
    ? { source: next - 1, target: next - 1 }
    : (translated.last ?? { source: -1, target: -1 });

const otherRecord = ({ source, target }: { source: number; target: number }): string =>
  source === target
    ? `the target has another record at offset ${target} than the source`
    : `the target has another record at offset ${target} than the source at ${source}, from which it was copied`;

/** The same of all partitions of the topics; what refuses a topic refuses its partitions. */
export async function planAll(
  from: KafkaClient,
  to: KafkaClient,
  topics: readonly TopicPlan[],
  progress: ReadonlyMap<string, Progress>,
  signal: AbortSignal,
): Promise<PartitionPlan[]> {
  const partitions = topics.flatMap(({ topic, partitions: count }) =>
    Array.from({ length: count }, (_, partition) => ({ topic, partition })),
  );
  const byName = new Map(topics.map((plan) => [plan.topic, plan]));
  const isThere = ({ topic, partition }: TopicPartition): boolean => {
    const { create, partitions: count, addPartitions } = byName.get(topic)!;
    return create === null && partition < count - addPartitions;
  };
  // Leaders may just be moving.
  const plans = await retrying(() => planPartitions(from, to, partitions, isThere, progress, signal), signal);
  return plans.map((plan) => ({ ...plan, refused: byName.get(plan.topic)!.refused ?? plan.refused }));
}
