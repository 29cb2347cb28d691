import type { KafkaClient } from '../client.ts';
import { keyOf, type TopicPartition } from '../options.ts';
import { isFiller } from './filler.ts';
import { firstRecords, isSame } from './first-records.ts';
import type { CopyStart } from './identical-copy.ts';
import type { OffsetRuns } from './offset-runs.ts';
import { type Ends, readableEnds, settledEnds } from './partition-ends.ts';
import type { Progress } from './progress-group.ts';

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
    return {
      ...{
        topic,
        partition,
        next: offset,
        translated: runs,
        sourceStart: source.start,
        sourceEnd: source.end,
      },
      ...{ trim: false, missed: Math.max(0, source.start - offset), refused: null },
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
  const compared = plans.filter((plan) => {
    const { start, end } = targetOf(plan);
    return isIdentical(plan) && start < end && end > plan.sourceStart;
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
  const tails = compared.map((plan) => at(plan, plan.next - 1));
  const [ours, theirs] = await Promise.all([
    firstRecords(to, tails, compareMs),
    firstRecords(from, tails, compareMs),
  ]);
  return plans.map((plan) => {
    const key = keyOf(plan);
    const [a, b] = [ours.get(key), theirs.get(key)];
    const isOther = a !== undefined && b !== undefined && a.offset === b.offset && !isSame(a, b);
    const hasFillers = isFiller(heads.get(key)?.key ?? null);
    return {
      ...plan,
      trim: hasFillers,
      missed: hasFillers && plan.next < plan.sourceStart ? 0 : plan.missed,
      refused: isOther ? `the target has another record at offset ${a.offset} than the source` : plan.refused,
    };
  });
}
