/** What members of a consumer group tell one another through the broker (KIP-429, KIP-792). */
import {
  decodeConsumerProtocolAssignment,
  encodeConsumerProtocolAssignment,
} from '../../../protocol/generated/consumer-protocol-assignment.ts';
import {
  decodeConsumerProtocolSubscription,
  encodeConsumerProtocolSubscription,
} from '../../../protocol/generated/consumer-protocol-subscription.ts';
import { Reader } from '../../../protocol/reader.ts';
import { Writer } from '../../../protocol/writer.ts';
import type { AssignorName, TopicPartition } from '../options.ts';
import type { MemberSubscription } from './assignors.ts';

const newestVersion = 3;

function grouped(partitions: readonly TopicPartition[]): { topic: string; partitions: number[] }[] {
  const byTopic = Map.groupBy(partitions, ({ topic }) => topic);
  return [...byTopic].map(([topic, list]) => ({ topic, partitions: list.map(({ partition }) => partition) }));
}

const spread = (topics: readonly { topic: string; partitions: readonly number[] }[]): TopicPartition[] =>
  topics.flatMap(({ topic, partitions }) => partitions.map((partition) => ({ topic, partition })));

/** A member's subscription in version 3; cooperative-sticky has the generation in its user data for older leaders. */
export function encodeSubscription(
  assignor: AssignorName,
  topics: readonly string[],
  owned: readonly TopicPartition[],
  generationId: number,
): Buffer {
  let userData: Buffer | null = null;
  if (assignor === 'cooperative-sticky') {
    userData = Buffer.alloc(4);
    userData.writeInt32BE(generationId);
  }
  const writer = new Writer();
  writer.int16(newestVersion);
  const message = { topics: [...topics].sort(), userData, ownedPartitions: grouped(owned), generationId };
  encodeConsumerProtocolSubscription(writer, message, newestVersion);
  return writer.toBuffer();
}

/** Newer versions than ours begin with what ours has. Throws `PROTOCOL`. */
export function decodeSubscription(
  memberId: string,
  groupInstanceId: string | null,
  metadata: Buffer,
): MemberSubscription {
  const reader = new Reader(metadata, `subscription of ${memberId}`);
  const version = Math.min(newestVersion, reader.int16());
  const { topics, userData, ownedPartitions, generationId } = decodeConsumerProtocolSubscription(
    reader,
    version,
  );
  const fromUserData =
    version < 2 && userData !== null && userData.length === 4 ? userData.readInt32BE() : -1;
  return {
    memberId,
    groupInstanceId,
    topics,
    ownedPartitions: spread(ownedPartitions),
    generationId: Math.max(generationId, fromUserData),
  };
}

export function encodeAssignment(partitions: readonly TopicPartition[]): Buffer {
  const writer = new Writer();
  writer.int16(newestVersion);
  encodeConsumerProtocolAssignment(writer, { assignedPartitions: grouped(partitions) }, newestVersion);
  return writer.toBuffer();
}

/** Throws `PROTOCOL`. An empty buffer is an empty assignment. */
export function decodeAssignment(bytes: Buffer): TopicPartition[] {
  if (bytes.length === 0) return [];
  const reader = new Reader(bytes, 'assignment');
  const version = Math.min(newestVersion, reader.int16());
  return spread(decodeConsumerProtocolAssignment(reader, version).assignedPartitions);
}
