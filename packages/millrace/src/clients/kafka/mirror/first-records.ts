import { readRecord } from '../../../records/record.ts';
import { Deadline } from '../../../runtime/deadline.ts';
import type { KafkaClient } from '../client.ts';
import { PartitionReader } from '../consumer/partition-reader.ts';
import { keyOf, type TopicPartitionOffset } from '../options.ts';

export interface FoundRecord {
  readonly offset: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: string;
}

/**
 * The first record at or after each offset that a reader sees, where one comes within the time; a log that ends before it
 * has none.
 */
export async function firstRecords(
  client: KafkaClient,
  positions: readonly TopicPartitionOffset[],
  waitMs: number,
): Promise<Map<string, FoundRecord>> {
  const found = new Map<string, FoundRecord>();
  if (positions.length === 0) return found;
  await using reader = new PartitionReader(client, positions, {
    maxPartitionFetchBytes: 64 * 1024,
    autoOffsetReset: 'earliest',
    readCommitted: true,
  });
  const deadline = Deadline.in(waitMs);
  while (found.size < positions.length && !deadline.passed) {
    for (const { topic, partition, baseOffset, batch } of await reader.poll(Math.min(500, deadline.leftMs))) {
      const key = keyOf({ topic, partition });
      if (found.has(key)) continue;
      const record = readRecord(batch.records, batch.index[0]!);
      found.set(key, {
        offset: baseOffset + record.offsetDelta,
        key: record.key,
        value: record.value,
        headers: JSON.stringify(record.headers()),
      });
    }
  }
  return found;
}

/** Wherever each of them lies. */
export function isSame(a: FoundRecord, b: FoundRecord): boolean {
  const same = (x: Buffer | null, y: Buffer | null) => (x === null || y === null ? x === y : x.equals(y));
  return same(a.key, b.key) && same(a.value, b.value) && a.headers === b.headers;
}
