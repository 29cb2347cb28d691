import { MillraceError } from '../../../runtime/errors.ts';
import { pause } from '../../../runtime/timers.ts';
import type { KafkaClient } from '../client.ts';
import type { BrokerNode, TopicMetadata } from '../cluster-metadata.ts';
import { offsetCommitApi, offsetFetchApi } from '../consumer/consumer-apis.ts';
import { decodeAssignment } from '../consumer/group-protocol.ts';
import { earliestOffset, latestOffset, leaderOf, listOffsets } from '../consumer/offsets.ts';
import { brokerErrorName, isRetriable, kafkaError } from '../kafka-errors.ts';
import type { TopicPartition, TopicPartitionOffset } from '../options.ts';
import {
  createPartitionsApi,
  createTopicsApi,
  deleteGroupsApi,
  deleteRecordsApi,
  deleteTopicsApi,
  describeConfigsApi,
  describeGroupsApi,
  incrementalAlterConfigsApi,
  listGroupsApi,
  offsetDeleteApi,
} from './admin-apis.ts';
import { describeConsumerGroup } from './consumer-group-description.ts';

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
    /** Eligible leader replicas (KIP-966), and the last that were; absent or null where the broker does not tell. */
    readonly elr?: readonly number[] | null;
    readonly lastKnownElr?: readonly number[] | null;
  }[];
}

/** A setting that holds for a topic. */
export interface TopicSetting {
  readonly name: string;
  readonly value: string;
  /** Neither the topic nor the cluster has set it. */
  readonly isDefault: boolean;
}

/** What a group has committed for a partition. */
export interface CommittedOffset extends TopicPartitionOffset {
  /** What the consumer said with it; '': nothing. */
  readonly metadata: string;
}

export interface GroupListing {
  readonly groupId: string;
  readonly protocolType: string;
  readonly state: string;
  /** `classic`, `consumer`, …; '' where the broker is older than Kafka 3.8. */
  readonly type: string;
}

/** How one offset of a group was deleted: 0, or the broker's error code. */
export interface DeletedOffset extends TopicPartition {
  readonly errorCode: number;
}

export interface GroupMemberDescription {
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  readonly clientId: string;
  readonly clientHost: string;
  readonly assignment: readonly TopicPartition[];
  /** Of a member of the consumer protocol, and what it shall have. */
  readonly epoch?: number;
  readonly target?: readonly TopicPartition[];
}

export interface GroupDescription {
  readonly groupId: string;
  readonly state: string;
  readonly protocolType: string;
  readonly assignor: string;
  readonly coordinator: BrokerNode;
  readonly members: readonly GroupMemberDescription[];
  /** Of a group of the consumer protocol, and of what its members shall have. */
  readonly epochs?: { readonly group: number; readonly target: number };
}

export type OffsetSpec = 'earliest' | 'latest' | { readonly timestampMs: number };

const timeoutMs = 30_000;
const topicResource = 2;
/** Where a topic's setting comes from when it was set on the topic itself. */
const topicConfigSource = 1;
/** … and when nobody has set it. */
const defaultConfigSource = 5;
const setConfig = 0;
const deleteConfig = 1;
/** A coordinator that loads its groups, or has just moved, is asked again. */
const coordinatorTries = 20;
const coordinatorPauseMs = 250;

function check(errorCode: number, where: string, text?: string | null): void {
  if (errorCode !== 0) throw kafkaError(errorCode, where, text);
}

/** Calls of an administrator; each throws `KAFKA` with the broker's error name where the broker refuses. */
export class Admin {
  readonly client: KafkaClient;

  constructor(client: KafkaClient) {
    this.client = client;
  }

  // Topics

  async listTopics(): Promise<readonly TopicMetadata[]> {
    const { topics } = await this.client.metadata();
    return [...topics.values()].sort((a, b) => (a.topic < b.topic ? -1 : 1));
  }

  async describeTopics(topics: readonly string[]): Promise<readonly TopicDescription[]> {
    const metadata = await this.client.metadata(topics);
    return topics.map((topic) => {
      const found = metadata.topics.get(topic);
      check(found?.errorCode ?? 3, `topic ${topic}`);
      return found!;
    });
  }

  async createTopics(topics: readonly NewTopic[]): Promise<void> {
    const message = {
      timeoutMs,
      topics: topics.map(({ topic, partitions, replicationFactor, configs }) => ({
        name: topic,
        numPartitions: partitions,
        replicationFactor,
        assignments: [],
        configs: [...(configs ?? [])].map(([name, value]) => ({ name, value })),
      })),
    };
    const answer = await this.client.request('controller', createTopicsApi, message);
    for (const { name, errorCode, errorMessage } of answer.topics)
      check(errorCode, `topic ${name}`, errorMessage);
  }

  /** Raises a topic's partition count to `total`. */
  async createPartitions(topic: string, total: number): Promise<void> {
    const message = {
      timeoutMs,
      validateOnly: false,
      topics: [{ name: topic, count: total, assignments: null }],
    };
    const answer = await this.client.request('controller', createPartitionsApi, message);
    for (const { name, errorCode, errorMessage } of answer.results)
      check(errorCode, `topic ${name}`, errorMessage);
  }

  async deleteTopics(topics: readonly string[]): Promise<void> {
    const answer = await this.client.request('controller', deleteTopicsApi, {
      topicNames: topics,
      timeoutMs,
    });
    for (const { name, errorCode, errorMessage } of answer.responses)
      check(errorCode, `topic ${name}`, errorMessage);
  }

  /** What was set on the topic itself; defaults are left out. */
  async topicConfigs(topic: string): Promise<ReadonlyMap<string, string>> {
    const configs = (await this.#describedConfigs(topic)).filter((c) => c.configSource === topicConfigSource);
    return new Map(configs.flatMap(({ name, value }) => (value === null ? [] : [[name, value] as const])));
  }

  /** Every setting that holds for the topic, whoever set it. */
  async topicSettings(topic: string): Promise<readonly TopicSetting[]> {
    const configs = await this.#describedConfigs(topic);
    return configs.map(({ name, value, configSource }) => {
      return { name, value: value ?? '', isDefault: configSource === defaultConfigSource };
    });
  }

  async #describedConfigs(topic: string) {
    const resources = [{ resourceType: topicResource, resourceName: topic, configurationKeys: null }];
    const answer = await this.client.request('any', describeConfigsApi, { resources });
    return answer.results.flatMap(({ errorCode, errorMessage, configs }) => {
      check(errorCode, `topic ${topic}`, errorMessage);
      return configs;
    });
  }

  async alterTopicConfigs(
    topic: string,
    set: ReadonlyMap<string, string>,
    remove: readonly string[],
  ): Promise<void> {
    const configs = [
      ...[...set].map(([name, value]) => ({ name, configOperation: setConfig, value })),
      ...remove.map((name) => ({ name, configOperation: deleteConfig, value: null })),
    ];
    const resources = [{ resourceType: topicResource, resourceName: topic, configs }];
    const message = { resources, validateOnly: false };
    const answer = await this.client.request('controller', incrementalAlterConfigsApi, message);
    for (const { errorCode, errorMessage } of answer.responses)
      check(errorCode, `topic ${topic}`, errorMessage);
  }

  /** A timestamp gives the first offset at or after it, the end where there is none. */
  async listOffsets(
    partitions: readonly TopicPartition[],
    spec: OffsetSpec,
  ): Promise<readonly TopicPartitionOffset[]> {
    await this.client.metadata([...new Set(partitions.map(({ topic }) => topic))]);
    if (typeof spec === 'string') {
      return listOffsets(this.client, partitions, spec === 'earliest' ? earliestOffset : latestOffset);
    }
    const found = await listOffsets(this.client, partitions, spec.timestampMs);
    const beyond = found.filter(({ offset }) => offset < 0);
    return [
      ...found.filter(({ offset }) => offset >= 0),
      ...(await listOffsets(this.client, beyond, latestOffset)),
    ];
  }

  /** Deletes the records before each offset; each partition's leader is asked. */
  async deleteRecordsBefore(offsets: readonly TopicPartitionOffset[]): Promise<void> {
    await this.client.metadata([...new Set(offsets.map(({ topic }) => topic))]);
    const byLeader = Map.groupBy(offsets, ({ topic, partition }) => leaderOf(this.client, topic, partition));
    for (const [leader, list] of byLeader) {
      const topics = [...Map.groupBy(list, ({ topic }) => topic)].map(([name, each]) => ({
        name,
        partitions: each.map(({ partition, offset }) => ({ partitionIndex: partition, offset })),
      }));
      const answer = await this.client.request(leader, deleteRecordsApi, { topics, timeoutMs });
      for (const { name, partitions } of answer.topics) {
        for (const { partitionIndex, errorCode } of partitions) check(errorCode, `${name}-${partitionIndex}`);
      }
    }
  }

  // Groups

  /** All groups of all brokers. */
  async listGroups(): Promise<readonly GroupListing[]> {
    const { brokers } = await this.client.metadata([]);
    const groups: GroupListing[] = [];
    for (const nodeId of brokers.keys()) {
      const answer = await this.client.request(nodeId, listGroupsApi, {});
      check(answer.errorCode, 'groups');
      for (const { groupId, protocolType, groupState, groupType } of answer.groups) {
        groups.push({ groupId, protocolType, state: groupState, type: groupType });
      }
    }
    return groups.sort((a, b) => (a.groupId < b.groupId ? -1 : 1));
  }

  async describeGroups(groupIds: readonly string[]): Promise<readonly GroupDescription[]> {
    const result: GroupDescription[] = [];
    for (const groupId of groupIds) {
      result.push(await this.#atCoordinator(groupId, (coordinator) => this.#describe(groupId, coordinator)));
    }
    return result;
  }

  async #describe(groupId: string, coordinator: BrokerNode): Promise<GroupDescription> {
    const answer = await this.client.request(coordinator.nodeId, describeGroupsApi, { groups: [groupId] });
    const group = answer.groups[0];
    if (group === undefined) throw new MillraceError('PROTOCOL', `group ${groupId} is not in the answer`);
    check(group.errorCode, `group ${groupId}`);
    // A group of the consumer protocol is none to this request.
    const other =
      group.groupState === 'Dead' ? await describeConsumerGroup(this.client, groupId, coordinator) : null;
    if (other !== null) return other;
    const isConsumer = group.protocolType === 'consumer';
    return {
      groupId,
      coordinator,
      state: group.groupState,
      protocolType: group.protocolType,
      assignor: group.protocolData,
      members: group.members.map((member) => ({
        memberId: member.memberId,
        groupInstanceId: member.groupInstanceId,
        clientId: member.clientId,
        clientHost: member.clientHost,
        assignment: isConsumer ? decodeAssignment(member.memberAssignment) : [],
      })),
    };
  }

  async groupOffsets(groupId: string): Promise<readonly CommittedOffset[]> {
    return this.#atCoordinator(groupId, async ({ nodeId }) => {
      const answer = await this.client.request(nodeId, offsetFetchApi, {
        groups: [{ groupId, topics: null }],
      });
      const group = answer.groups[0];
      if (group === undefined) throw new MillraceError('PROTOCOL', `group ${groupId} is not in the answer`);
      check(group.errorCode, `group ${groupId}`);
      const offsets: CommittedOffset[] = [];
      for (const { name, partitions } of group.topics) {
        for (const { partitionIndex, committedOffset, metadata, errorCode } of partitions) {
          check(errorCode, `group ${groupId}: ${name}-${partitionIndex}`);
          if (committedOffset < 0) continue;
          offsets.push({
            topic: name,
            partition: partitionIndex,
            offset: committedOffset,
            metadata: metadata ?? '',
          });
        }
      }
      return offsets;
    });
  }

  /** Sets committed offsets of a group that has no members. */
  async alterGroupOffsets(
    groupId: string,
    offsets: readonly (TopicPartitionOffset & { readonly metadata?: string })[],
  ): Promise<void> {
    const topics = [...Map.groupBy(offsets, ({ topic }) => topic)].map(([name, list]) => ({
      name,
      partitions: list.map(({ partition, offset, metadata }) => ({
        partitionIndex: partition,
        committedOffset: offset,
        committedMetadata: metadata ?? '',
      })),
    }));
    await this.#atCoordinator(groupId, async ({ nodeId }) => {
      const answer = await this.client.request(nodeId, offsetCommitApi, { groupId, topics });
      for (const { name, partitions } of answer.topics) {
        for (const { partitionIndex, errorCode } of partitions) {
          check(errorCode, `group ${groupId}: ${name}-${partitionIndex}`);
        }
      }
    });
  }

  /** Deletes committed offsets; those that the group's members read now are refused one by one. */
  async deleteGroupOffsets(
    groupId: string,
    partitions: readonly TopicPartition[],
  ): Promise<readonly DeletedOffset[]> {
    const topics = [...Map.groupBy(partitions, ({ topic }) => topic)].map(([name, list]) => ({
      name,
      partitions: list.map(({ partition }) => ({ partitionIndex: partition })),
    }));
    return this.#atCoordinator(groupId, async ({ nodeId }) => {
      const answer = await this.client.request(nodeId, offsetDeleteApi, { groupId, topics });
      check(answer.errorCode, `group ${groupId}`);
      return answer.topics.flatMap(({ name, partitions: list }) =>
        list.map(({ partitionIndex, errorCode }) => ({ topic: name, partition: partitionIndex, errorCode })),
      );
    });
  }

  async deleteGroups(groupIds: readonly string[]): Promise<void> {
    for (const groupId of groupIds) {
      await this.#atCoordinator(groupId, async ({ nodeId }) => {
        const answer = await this.client.request(nodeId, deleteGroupsApi, { groupsNames: [groupId] });
        for (const { errorCode } of answer.results) check(errorCode, `group ${groupId}`);
      });
    }
  }

  async #atCoordinator<T>(groupId: string, call: (coordinator: BrokerNode) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await call(await this.client.coordinator(groupId));
      } catch (error) {
        const code = error instanceof MillraceError ? Number(error.details.errorCode ?? 0) : 0;
        if (brokerErrorName(error) === '' || !isRetriable(code) || attempt === coordinatorTries) throw error;
        await pause(coordinatorPauseMs);
      }
    }
  }
}
