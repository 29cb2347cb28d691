/** What the broker says of itself, in the words of threads. */
import type { BrokerFigures } from '../broker/index.ts';
import type { NotReady } from './threads.ts';

/** With less than this free, the next segments and indexes can't be made. */
const fullBelowBytes = 1 << 20;

/** Why the broker would refuse records now. */
export function brokerFaults(
  { partitions, freeBytes }: BrokerFigures,
  dataDir: string | undefined,
): NotReady[] {
  const faults = partitions
    .filter(({ failure }) => failure !== '')
    .map(({ topic, partition, failure }) => ({
      component: `broker, ${topic}-${partition}`,
      reason: failure,
    }));
  if (freeBytes !== null && freeBytes < fullBelowBytes) {
    faults.push({
      component: 'broker',
      reason: `no space left on the device of ${dataDir} (${freeBytes} bytes)`,
    });
  }
  return faults;
}

/** A line for each topic and group, for people. */
export function brokerDoing({ partitions, groups }: BrokerFigures): string[] {
  const of = new Map<string, { count: number; records: number; sizeBytes: number }>();
  for (const { topic, startOffset, endOffset, sizeBytes } of partitions) {
    const sum = of.get(topic) ?? { count: 0, records: 0, sizeBytes: 0 };
    sum.count += 1;
    sum.records += endOffset - startOffset;
    sum.sizeBytes += sizeBytes;
    of.set(topic, sum);
  }
  return [
    ...[...of].map(
      ([topic, sum]) =>
        `broker, topic ${topic}: ${sum.records} records, ${sum.sizeBytes} bytes in ${sum.count} partitions`,
    ),
    ...groups.map(({ groupId, state, members, offsets }) => {
      const lag = offsets.reduce((sum, each) => sum + each.lag, 0);
      return `broker, group ${groupId}: ${state}, ${members} members, ${lag} records behind`;
    }),
  ];
}
