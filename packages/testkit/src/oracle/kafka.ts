/** What a Kafka topic holds against what the destination got of it; Kafka's judgement of log files. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { dumpSegment } from '../kafka/kafka-tools.ts';
import type { KcatRecord } from '../kafka/kcat.ts';
import type { Arrival } from './lines.ts';
import type { HeldRecord } from './produce.ts';

/** A topic's records as arrivals, their partitions as lanes. */
export function* topicArrivals(records: readonly HeldRecord[]): Generator<Arrival> {
  for (const { value, partition } of records) yield { line: value.toString('utf8'), lane: `${partition}` };
}

/** Events at the destination that are not, byte for byte, what the topic holds at their partition and offset. */
export function strayArrivals(
  records: readonly KcatRecord[],
  arrivals: Iterable<Arrival & { offset: number }>,
): string[] {
  const held = new Map(
    records.map((record) => [`${record.partition}/${record.offset}`, record.value.toString('utf8')]),
  );
  const stray: string[] = [];
  for (const { line, lane, offset } of arrivals) {
    if (held.get(`${lane}/${offset}`) !== line) stray.push(`${lane}/${offset} ${line.slice(0, 40)}`);
  }
  return stray;
}

/** Faults that `DumpLogSegments --deep-iteration` finds in the segments below some folders. */
export async function segmentFaults(dirs: readonly string[]): Promise<{ files: number; faults: string[] }> {
  const files = dirs.flatMap((dir) =>
    readdirSync(dir, { recursive: true, encoding: 'utf8' })
      .filter((name) => /\d{20}\.log$/.test(name))
      .map((name) => join(dir, name)),
  );
  if (files.length === 0) return { files: 0, faults: [] };
  const { faults } = await dumpSegment(files.join(','));
  return { files: files.length, faults: [...faults] };
}
