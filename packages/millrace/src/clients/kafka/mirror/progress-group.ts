import type { Admin } from '../admin/admin.ts';
import { keyOf, type TopicPartition, type TopicPartitionOffset } from '../options.ts';
import type { ProducerIdentity } from '../producer/partition-queue.ts';
import { OffsetRuns } from './offset-runs.ts';

/** What a mirror remembers of a partition in the target. */
export type Progress =
  /** Offsets are the source's. `producer`: who sends, and whoever goes on takes the same. */
  | { readonly kind: 'identical'; readonly offset: number; readonly producer: ProducerIdentity }
  /** Offsets are others from some place on. */
  | { readonly kind: 'translated'; readonly offset: number; readonly runs: OffsetRuns };

/** Below this name the target keeps the progress, as offsets of a group that nobody is a member of. */
export const progressGroup = (sourceClusterId: string | null): string =>
  `millrace-mirror-${sourceClusterId ?? 'unknown'}`;
export const isProgressGroup = (groupId: string): boolean => groupId.startsWith('millrace-mirror-');

/** Kafka takes so many bytes with an offset (`offset.metadata.max.bytes`). */
const mostBytes = 4096;
const translatedMark = 'runs ';

export async function readProgress(admin: Admin, group: string): Promise<Map<string, Progress>> {
  const found = new Map<string, Progress>();
  for (const { offset, metadata, ...at } of await admin.groupOffsets(group)) {
    const progress = progressOf(offset, metadata);
    if (progress !== null) found.set(keyOf(at), progress);
  }
  return found;
}

/** The offset and what stands with it, to be committed. */
export function committed(
  { topic, partition }: TopicPartition,
  progress: Progress,
  wanted: readonly number[] = [],
): TopicPartitionOffset & { readonly metadata: string } {
  const metadata =
    progress.kind === 'identical'
      ? JSON.stringify({ producerId: progress.producer.producerId, epoch: progress.producer.epoch })
      : translatedMark + progress.runs.encode(mostBytes - translatedMark.length, wanted);
  return { topic, partition, offset: progress.offset, metadata };
}

/** As far as the text makes sense: it comes from a cluster, where anybody may commit. */
function progressOf(offset: number, metadata: string): Progress | null {
  if (metadata.startsWith(translatedMark)) {
    const runs = OffsetRuns.decode(metadata.slice(translatedMark.length));
    return runs === null ? null : { kind: 'translated', offset, runs };
  }
  try {
    const { producerId, epoch } = JSON.parse(metadata) as Partial<ProducerIdentity>;
    const isSound = isNumber(producerId, Number.MAX_SAFE_INTEGER) && isNumber(epoch, 0x7fff);
    return isSound ? { kind: 'identical', offset, producer: { producerId, epoch } } : null;
  } catch {
    return null;
  }
}

const isNumber = (value: number | undefined, most: number): value is number =>
  Number.isSafeInteger(value) && value! >= 0 && value! <= most;
