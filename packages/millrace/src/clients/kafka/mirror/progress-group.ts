import { errorText } from '../../../runtime/errors.ts';
import type { Admin } from '../admin/admin.ts';
import { keyOf, type TopicPartition } from '../options.ts';
import type { ProducerIdentity } from '../producer/partition-queue.ts';

/** What a mirror remembers in the target of each partition: the source's offset that is next, and how it copies. */
export interface Progress {
  readonly offset: number;
  /** Who sends; whoever goes on takes the same. Null: not known. */
  readonly producer: ProducerIdentity | null;
}

/** Below this name the target keeps the progress, as offsets of a group that nobody is a member of. */
export const progressGroup = (sourceClusterId: string | null): string =>
  `millrace-mirror-${sourceClusterId ?? 'unknown'}`;
export const isProgressGroup = (groupId: string): boolean => groupId.startsWith('millrace-mirror-');

export async function readProgress(admin: Admin, group: string): Promise<Map<string, Progress>> {
  const found = await admin.groupOffsets(group);
  return new Map(
    found.map((each) => [keyOf(each), { offset: each.offset, producer: producerOf(each.metadata) }]),
  );
}

export async function writeProgress(
  admin: Admin,
  group: string,
  positions: readonly (TopicPartition & Progress)[],
): Promise<void> {
  if (positions.length === 0) return;
  const offsets = positions.map(({ topic, partition, offset, producer }) => ({
    ...{ topic, partition, offset },
    metadata:
      producer === null ? '' : JSON.stringify({ producerId: producer.producerId, epoch: producer.epoch }),
  }));
  await admin.alterGroupOffsets(group, offsets);
}

/** As far as anything in the text makes sense: it comes from a cluster, where anybody may commit. */
function producerOf(metadata: string): ProducerIdentity | null {
  try {
    const { producerId, epoch } = JSON.parse(metadata) as Partial<ProducerIdentity>;
    const isSound =
      Number.isSafeInteger(producerId) && Number.isSafeInteger(epoch) && producerId! >= 0 && epoch! >= 0;
    return isSound && epoch! < 0x8000 ? { producerId: producerId!, epoch: epoch! } : null;
  } catch (error) {
    void errorText(error);
    return null;
  }
}
