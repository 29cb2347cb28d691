import type { NetworkFigures } from './core/traffic.ts';
import type { BrokerContext } from './requests/call.ts';

/** One partition at one moment. Offsets count records, sizes are bytes. */
export interface PartitionFigures {
  readonly topic: string;
  readonly partition: number;
  readonly startOffset: number;
  readonly endOffset: number;
  /** Consumers see what lies below. */
  readonly highWatermark: number;
  readonly sizeBytes: number;
  /** Why its log takes nothing more until it is opened anew; empty: it takes records. */
  readonly failure: string;
}

/** What a consumer group has committed of one partition. */
export interface LagFigures {
  readonly topic: string;
  readonly partition: number;
  readonly committedOffset: number;
  /** Records between the committed offset and the high watermark. */
  readonly lag: number;
}

export interface GroupFigures {
  readonly groupId: string;
  /** Kafka's word: Empty, PreparingRebalance, CompletingRebalance, Assigning, Reconciling, Stable, Dead. */
  readonly state: string;
  readonly members: number;
  readonly offsets: readonly LagFigures[];
}

/** The broker at one moment, for metrics, health and the status line. Plain data: it crosses threads. */
export interface BrokerFigures {
  readonly partitions: readonly PartitionFigures[];
  readonly groups: readonly GroupFigures[];
  /** Free bytes of the device below the data folder; null in memory. */
  readonly freeBytes: number | null;
  readonly network: NetworkFigures;
}

/** Reads what is there; the broker's own topics are left out. Cost: one pass over partitions and committed offsets. */
export function brokerFigures({ topics, groups, settings, traffic }: BrokerContext): BrokerFigures {
  const partitions: PartitionFigures[] = [];
  for (const topic of topics.all()) {
    if (topic.internal) continue;
    for (const { index, log, highWatermark } of topic.partitions) {
      const { startOffset, endOffset, sizeBytes } = log;
      const failure = log.failure?.message ?? '';
      const name = { topic: topic.name, partition: index };
      partitions.push({ ...name, startOffset, endOffset, highWatermark, sizeBytes, failure });
    }
  }
  return {
    partitions,
    groups: [...groups.groups()].map(({ groupId, state, members }) => ({
      groupId,
      state,
      members: members.size,
      offsets: lagsOf(groupId, { topics, groups }),
    })),
    freeBytes: settings.dataDir === undefined ? null : settings.files.freeBytes(settings.dataDir),
    network: traffic.figures(),
  };
}

function lagsOf(groupId: string, { topics, groups }: Pick<BrokerContext, 'topics' | 'groups'>): LagFigures[] {
  return [...groups.allCommitted(groupId)].flatMap(([topic, offsets]) =>
    [...offsets].flatMap(([partition, { offset }]) => {
      const there = topics.partition(topic, partition);
      if (there === undefined) return [];
      const lag = Math.max(0, there.highWatermark - Math.max(offset, there.log.startOffset));
      return [{ topic, partition, committedOffset: offset, lag }];
    }),
  );
}
