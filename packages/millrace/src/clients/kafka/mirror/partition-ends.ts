import { pause } from '../../../runtime/timers.ts';
import type { KafkaClient } from '../client.ts';
import { earliestOffset, latestOffset, listOffsets, logEnd } from '../consumer/offsets.ts';
import { keyOf, type TopicPartition, type TopicPartitionOffset } from '../options.ts';

/** Where a partition's log begins, and the offset that its next record gets. */
export interface Ends {
  readonly start: number;
  readonly end: number;
}

/** How long the end must stand still: what a client that died had sent is served by then. */
const stillMs = 300;

const byKey = (offsets: readonly TopicPartitionOffset[]): Map<string, number> =>
  new Map(offsets.map((each) => [keyOf(each), each.offset]));

/** What consumers can read of each partition, without what belongs to open transactions. */
export async function readableEnds(
  client: KafkaClient,
  partitions: readonly TopicPartition[],
): Promise<Map<string, Ends>> {
  const starts = byKey(await listOffsets(client, partitions, earliestOffset));
  const ends = byKey(await listOffsets(client, partitions, latestOffset, true));
  return joined(starts, ends);
}

/**
 * The ends of logs that nobody else writes to, for whoever wants to write on: of a partition that has records, only once
 * all that was appended is with all replicas, and nothing comes any more.
 */
export async function settledEnds(
  client: KafkaClient,
  partitions: readonly TopicPartition[],
  signal?: AbortSignal,
): Promise<Map<string, Ends>> {
  const starts = byKey(await listOffsets(client, partitions, earliestOffset));
  const ends = new Map<string, number>();
  let open = partitions;
  let before = new Map<string, number>();
  while (open.length > 0 && signal?.aborted !== true) {
    const appended = byKey(await listOffsets(client, open, latestOffset, false, logEnd));
    const readable = byKey(await listOffsets(client, open, latestOffset));
    open = open.filter((partition) => {
      const key = keyOf(partition);
      const end = appended.get(key)!;
      const isStill = end === 0 || (before.get(key) === end && readable.get(key) === end);
      if (isStill) ends.set(key, end);
      return !isStill;
    });
    before = appended;
    if (open.length > 0) await pause(stillMs, signal);
  }
  return joined(starts, ends);
}

function joined(starts: ReadonlyMap<string, number>, ends: ReadonlyMap<string, number>): Map<string, Ends> {
  return new Map([...ends].map(([key, end]) => [key, { start: starts.get(key) ?? 0, end }]));
}
