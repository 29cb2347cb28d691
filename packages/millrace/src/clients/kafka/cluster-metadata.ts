/** What a broker tells of its cluster. */
import type { ResponseOf } from '../../protocol/messages.ts';

export interface BrokerNode {
  readonly nodeId: number;
  readonly host: string;
  readonly port: number;
  readonly rack: string | null;
}

export interface PartitionMetadata {
  readonly partition: number;
  /** -1: none at the moment. */
  readonly leader: number;
  readonly leaderEpoch: number;
  readonly errorCode: number;
  readonly replicas: readonly number[];
  readonly isr: readonly number[];
}

export interface TopicMetadata {
  readonly topic: string;
  readonly topicId: string;
  /** 0 or why the topic has no partitions here. */
  readonly errorCode: number;
  readonly isInternal: boolean;
  /** Indexed by partition number. */
  readonly partitions: readonly PartitionMetadata[];
}

export interface ClusterMetadata {
  readonly clusterId: string | null;
  readonly controllerId: number;
  readonly brokers: ReadonlyMap<number, BrokerNode>;
  readonly topics: ReadonlyMap<string, TopicMetadata>;
}

/** From the answer to a Metadata request; topics without a name are left out. */
export function clusterMetadataOf(answer: ResponseOf<'metadata'>): ClusterMetadata {
  const topics = new Map<string, TopicMetadata>();
  for (const { name, topicId, errorCode, isInternal, partitions } of answer.topics) {
    if (name === null) continue;
    topics.set(name, {
      ...{ topic: name, topicId, errorCode, isInternal },
      partitions: partitions
        .map((p) => ({
          partition: p.partitionIndex,
          leader: p.leaderId,
          leaderEpoch: p.leaderEpoch,
          errorCode: p.errorCode,
          replicas: p.replicaNodes,
          isr: p.isrNodes,
        }))
        .sort((a, b) => a.partition - b.partition),
    });
  }
  const { clusterId, controllerId } = answer;
  const brokers = new Map(
    answer.brokers.map(({ nodeId, host, port, rack }) => [nodeId, { nodeId, host, port, rack }]),
  );
  return { clusterId, controllerId, brokers, topics };
}
