// Generated from the message definitions of Apache Kafka 4.3.0 (Apache-2.0). Do not edit; make it again with `npm run generate`.
import { checkVersion, emptyArray } from '../codec-support.ts';
import type { Reader } from '../reader.ts';
import type { Writer } from '../writer.ts';

/** ConsumerProtocolSubscription: versions 0-3. */
export interface ConsumerProtocolSubscription {
  readonly topics: readonly string[];
  readonly userData: Buffer | null;
  readonly ownedPartitions: readonly TopicPartition[];
  readonly generationId: number;
  readonly rackId: string | null;
}

/** What is given to encode {@link ConsumerProtocolSubscription}: what has a default may be left out. */
export interface ConsumerProtocolSubscriptionInit {
  readonly topics: readonly string[];
  readonly userData?: Buffer | null;
  readonly ownedPartitions?: readonly TopicPartition[];
  readonly generationId?: number;
  readonly rackId?: string | null;
}

/** Part of ConsumerProtocolSubscription. */
export interface TopicPartition {
  readonly topic: string;
  readonly partitions: readonly number[];
}

function decodeTopicPartition(reader: Reader): TopicPartition {
  const topic = reader.string(false);
  const partitionsLength = reader.arrayLength(false, 4);
  const partitions: number[] = [];
  for (let i = 0; i < partitionsLength; i += 1) partitions.push(reader.int32());
  return { topic, partitions };
}

/**
 * ConsumerProtocolSubscription: versions 0-3, never flexible.
 *
 *   topics => []string
 *   userData => bytes  (may be null, default null)
 *   ownedPartitions => []TopicPartition  (versions 1-3)
 *     topic => string
 *     partitions => []int32
 *   generationId => int32  (versions 2-3, default -1)
 *   rackId => string  (versions 3, may be null, default null)
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeConsumerProtocolSubscription(reader: Reader, version: number): ConsumerProtocolSubscription {
  checkVersion('ConsumerProtocolSubscription', version, 0, 3);
  const topicsLength = reader.arrayLength(false, 1);
  const topics: string[] = [];
  for (let i = 0; i < topicsLength; i += 1) topics.push(reader.string(false));
  const userData = reader.nullableBytes(false);
  let ownedPartitions: readonly TopicPartition[] = emptyArray;
  if (version >= 1) {
    const ownedPartitionsLength = reader.arrayLength(false, 6);
    const items: TopicPartition[] = [];
    for (let i = 0; i < ownedPartitionsLength; i += 1) items.push(decodeTopicPartition(reader));
    ownedPartitions = items;
  }
  let generationId: number = -1;
  if (version >= 2) generationId = reader.int32();
  let rackId: string | null = null;
  if (version >= 3) rackId = reader.nullableString(false);
  return { topics, userData, ownedPartitions, generationId, rackId };
}

function encodeTopicPartition(writer: Writer, message: TopicPartition): void {
  writer.string(message.topic, false);
  const partitions = message.partitions;
  writer.arrayLength(partitions.length, false);
  for (const item of partitions) writer.int32(item);
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeConsumerProtocolSubscription(writer: Writer, message: ConsumerProtocolSubscriptionInit, version: number): void {
  checkVersion('ConsumerProtocolSubscription', version, 0, 3);
  const topics = message.topics;
  writer.arrayLength(topics.length, false);
  for (const item of topics) writer.string(item, false);
  writer.nullableBytes(message.userData ?? null, false);
  if (version >= 1) {
    const ownedPartitions = message.ownedPartitions ?? emptyArray;
    writer.arrayLength(ownedPartitions.length, false);
    for (const item of ownedPartitions) encodeTopicPartition(writer, item);
  }
  if (version >= 2) writer.int32(message.generationId ?? -1);
  if (version >= 3) writer.nullableString(message.rackId ?? null, false);
}
