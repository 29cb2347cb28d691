// Generated from the message definitions of Apache Kafka 4.3.0 (Apache-2.0). Do not edit; make it again with `npm run generate`.
import { checkVersion } from '../codec-support.ts';
import type { Reader } from '../reader.ts';
import type { Writer } from '../writer.ts';

/** ConsumerProtocolAssignment: versions 0-3. */
export interface ConsumerProtocolAssignment {
  readonly assignedPartitions: readonly TopicPartition[];
  readonly userData: Buffer | null;
}

/** What is given to encode {@link ConsumerProtocolAssignment}: what has a default may be left out. */
export interface ConsumerProtocolAssignmentInit {
  readonly assignedPartitions: readonly TopicPartition[];
  readonly userData?: Buffer | null;
}

/** Part of ConsumerProtocolAssignment. */
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
 * ConsumerProtocolAssignment: versions 0-3, never flexible.
 *
 *   assignedPartitions => []TopicPartition
 *     topic => string
 *     partitions => []int32
 *   userData => bytes  (may be null, default null)
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeConsumerProtocolAssignment(reader: Reader, version: number): ConsumerProtocolAssignment {
  checkVersion('ConsumerProtocolAssignment', version, 0, 3);
  const assignedPartitionsLength = reader.arrayLength(false, 6);
  const assignedPartitions: TopicPartition[] = [];
  for (let i = 0; i < assignedPartitionsLength; i += 1) assignedPartitions.push(decodeTopicPartition(reader));
  const userData = reader.nullableBytes(false);
  return { assignedPartitions, userData };
}

function encodeTopicPartition(writer: Writer, message: TopicPartition): void {
  writer.string(message.topic, false);
  const partitions = message.partitions;
  writer.arrayLength(partitions.length, false);
  for (const item of partitions) writer.int32(item);
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeConsumerProtocolAssignment(writer: Writer, message: ConsumerProtocolAssignmentInit, version: number): void {
  checkVersion('ConsumerProtocolAssignment', version, 0, 3);
  const assignedPartitions = message.assignedPartitions;
  writer.arrayLength(assignedPartitions.length, false);
  for (const item of assignedPartitions) encodeTopicPartition(writer, item);
  writer.nullableBytes(message.userData ?? null, false);
}
