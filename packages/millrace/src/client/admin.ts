import { MillraceError } from '../runtime/errors.ts';
import type { KafkaClient, TopicMetadata } from './client.ts';
import type { TopicPartition, TopicPartitionOffset } from './options.ts';

export interface NewTopic {
  readonly topic: string;
  /** -1: the broker's default. */
  readonly partitions: number;
  /** -1: the broker's default. */
  readonly replicationFactor: number;
  readonly configs?: ReadonlyMap<string, string>;
}

export interface TopicDescription {
  readonly topic: string;
  readonly topicId: string;
  readonly isInternal: boolean;
  readonly partitions: readonly {
    readonly partition: number;
    readonly leader: number;
    readonly replicas: readonly number[];
    readonly isr: readonly number[];
  }[];
}

export interface GroupListing {
  readonly groupId: string;
  readonly protocolType: string;
  readonly state: string;
}

export interface GroupMemberDescription {
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  readonly clientId: string;
  readonly clientHost: string;
  readonly assignment: readonly TopicPartition[];
}

export interface GroupDescription {
  readonly groupId: string;
  readonly state: string;
  readonly protocolType: string;
  readonly assignor: string;
  readonly coordinator: { readonly nodeId: number; readonly host: string; readonly port: number };
  readonly members: readonly GroupMemberDescription[];
}

export type OffsetSpec = 'earliest' | 'latest' | { readonly timestampMs: number };

const soon = (what: string): never => {
  throw new MillraceError('KAFKA_CONNECTION', `${what} is being built`);
};

/** Calls of an administrator; each throws `KAFKA` with the broker's error name where the broker refuses. */
export class Admin {
  readonly client: KafkaClient;

  constructor(client: KafkaClient) {
    this.client = client;
  }

  async listTopics(): Promise<readonly TopicMetadata[]> {
    return soon('listTopics');
  }
  async describeTopics(_topics: readonly string[]): Promise<readonly TopicDescription[]> {
    return soon('describeTopics');
  }
  async createTopics(_topics: readonly NewTopic[]): Promise<void> {
    return soon('createTopics');
  }
  /** Raises a topic's partition count to `total`. */
  async createPartitions(_topic: string, _total: number): Promise<void> {
    return soon('createPartitions');
  }
  async deleteTopics(_topics: readonly string[]): Promise<void> {
    return soon('deleteTopics');
  }
  async topicConfigs(_topic: string): Promise<ReadonlyMap<string, string>> {
    return soon('topicConfigs');
  }
  async alterTopicConfigs(
    _topic: string,
    _set: ReadonlyMap<string, string>,
    _remove: readonly string[],
  ): Promise<void> {
    return soon('alterTopicConfigs');
  }
  /** A timestamp gives the first offset at or after it, the end where there is none. */
  async listOffsets(
    _partitions: readonly TopicPartition[],
    _spec: OffsetSpec,
  ): Promise<readonly TopicPartitionOffset[]> {
    return soon('listOffsets');
  }
  async listGroups(): Promise<readonly GroupListing[]> {
    return soon('listGroups');
  }
  async describeGroups(_groupIds: readonly string[]): Promise<readonly GroupDescription[]> {
    return soon('describeGroups');
  }
  async groupOffsets(_groupId: string): Promise<readonly TopicPartitionOffset[]> {
    return soon('groupOffsets');
  }
  /** Sets committed offsets of a group that has no members. */
  async alterGroupOffsets(_groupId: string, _offsets: readonly TopicPartitionOffset[]): Promise<void> {
    return soon('alterGroupOffsets');
  }
  async deleteGroups(_groupIds: readonly string[]): Promise<void> {
    return soon('deleteGroups');
  }
}
