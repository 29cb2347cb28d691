/** `kafka-topics --describe`: a line per topic, and a line with a tab in front per partition. */
import type { Admin, TopicDescription } from '../clients/kafka/admin/admin.ts';
import { describeTopicPartitions } from '../clients/kafka/admin/topic-partitions.ts';
import type { Io } from './io.ts';
import { writeJson } from './kafka-common.ts';

export interface DescribeFlags {
  readonly topicsWithOverrides?: true;
  readonly unavailablePartitions?: true;
  readonly underReplicatedPartitions?: true;
  readonly underMinIsrPartitions?: true;
  readonly atMinIsrPartitions?: true;
  readonly json?: true;
}

type Partition = TopicDescription['partitions'][number];

/** Describes the topics by name, as far as the flags ask for them. */
export async function describeTopics(
  admin: Admin,
  names: readonly string[],
  flags: DescribeFlags,
  io: Io,
): Promise<void> {
  const topics =
    names.length === 0
      ? []
      : ((await describeTopicPartitions(admin.client, names)) ?? (await admin.describeTopics(names)));
  const { brokers } = await admin.client.metadata([]);
  const told: object[] = [];
  for (const topic of topics.toSorted((a, b) => (a.topic < b.topic ? -1 : 1))) {
    const configs = await admin.topicSettings(topic.topic);
    const minIsr = Number(configs.find(({ name }) => name === 'min.insync.replicas')?.value ?? 1);
    const own = configs.filter(({ isDefault }) => !isDefault);
    const chosen = partitionFilter(flags, new Set(brokers.keys()), minIsr);
    const partitions =
      flags.topicsWithOverrides === true ? [] : topic.partitions.filter(chosen ?? (() => true));
    if (flags.topicsWithOverrides === true && own.length === 0) continue;
    if (flags.json === true) {
      if (chosen === null || partitions.length > 0) told.push({ ...summary(topic, own), partitions });
      continue;
    }
    if (chosen === null) io.stdout.write(topicLine(topic, own));
    for (const partition of partitions) io.stdout.write(partitionLine(topic.topic, partition));
  }
  if (flags.json === true) writeJson(io, told);
}

/** Which partitions a flag asks for; null where none does. */
function partitionFilter(
  flags: DescribeFlags,
  liveBrokers: ReadonlySet<number>,
  minIsr: number,
): ((partition: Partition) => boolean) | null {
  const tests: ((partition: Partition) => boolean)[] = [];
  if (flags.unavailablePartitions === true) tests.push(({ leader }) => !liveBrokers.has(leader));
  if (flags.underReplicatedPartitions === true)
    tests.push(({ replicas, isr }) => isr.length < replicas.length);
  if (flags.underMinIsrPartitions === true)
    tests.push(({ leader, isr }) => leader < 0 || isr.length < minIsr);
  if (flags.atMinIsrPartitions === true) tests.push(({ isr }) => isr.length === minIsr);
  return tests.length === 0 ? null : (partition) => tests.some((test) => test(partition));
}

type Config = { readonly name: string; readonly value: string };

function summary(topic: TopicDescription, configs: readonly Config[]): object {
  return {
    topic: topic.topic,
    topicId: topic.topicId,
    isInternal: topic.isInternal,
    partitionCount: topic.partitions.length,
    replicationFactor: topic.partitions[0]?.replicas.length ?? 0,
    configs: Object.fromEntries(configs.map(({ name, value }) => [name, value])),
  };
}

function topicLine(topic: TopicDescription, configs: readonly Config[]): string {
  return `${[
    `Topic: ${topic.topic}`,
    `TopicId: ${topic.topicId}`,
    `PartitionCount: ${topic.partitions.length}`,
    `ReplicationFactor: ${topic.partitions[0]?.replicas.length ?? 0}`,
    `Configs: ${configs.map(({ name, value }) => `${name}=${value}`).join(',')}`,
  ].join('\t')}\n`;
}

function partitionLine(topic: string, partition: Partition): string {
  const { leader, replicas, isr } = partition;
  return `${[
    '',
    `Topic: ${topic}`,
    `Partition: ${partition.partition}`,
    `Leader: ${leader < 0 ? 'none' : leader}`,
    `Replicas: ${replicas.join(',')}`,
    `Isr: ${isr.join(',')}`,
    `Elr: ${partition.elr?.join(',') ?? 'N/A'}`,
    `LastKnownElr: ${partition.lastKnownElr?.join(',') ?? 'N/A'}`,
  ].join('\t')}\n`;
}
