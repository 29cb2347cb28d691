import { MillraceError } from '../runtime/errors.ts';
import type { ClientOptions } from './options.ts';

export interface BrokerNode {
  readonly nodeId: number;
  readonly host: string;
  readonly port: number;
}

export interface PartitionMetadata {
  readonly partition: number;
  /** -1: none at the moment. */
  readonly leader: number;
  readonly leaderEpoch: number;
  readonly errorCode: number;
}

export interface TopicMetadata {
  readonly topic: string;
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

/** The way into a cluster: its metadata and a connection to each broker. Shared by producers, consumers and admin. */
export class KafkaClient implements AsyncDisposable {
  readonly options: ClientOptions;

  constructor(options: ClientOptions) {
    this.options = options;
  }

  /** Fresh metadata of the topics (of all topics where none are given). Throws `KAFKA_CONNECTION` when no broker answers. */
  metadata(_topics?: readonly string[]): Promise<ClusterMetadata> {
    return Promise.reject(new MillraceError('KAFKA_CONNECTION', 'the Kafka client is being built'));
  }

  async close(): Promise<void> {}

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
