import { Reader } from '../../../protocol/reader.ts';
import { Writer } from '../../../protocol/writer.ts';
import type { MemberInfo, MemberProgress } from './consumer-member.ts';
import {
  listed,
  type OwnedPartitions,
  type Partitions,
  putOwned,
  type TopicPartitions,
} from './partitions.ts';

/**
 * What `__consumer_offsets` holds of groups of the consumer protocol, in Kafka's own schemas (ConsumerGroupMetadata 3,
 * ConsumerGroupMemberMetadata 5, ConsumerGroupTargetAssignmentMetadata 6 and …Member 7,
 * ConsumerGroupCurrentMemberAssignment 8, ConsumerGroupRegularExpression 16). `value` null strikes the key off.
 */
export type ConsumerRecord = { readonly groupId: string } & (
  | { readonly kind: 'consumer-group'; readonly value: GroupEpoch | null }
  | { readonly kind: 'consumer-member'; readonly memberId: string; readonly value: MemberInfo | null }
  | { readonly kind: 'consumer-target'; readonly value: TargetEpoch | null }
  | { readonly kind: 'consumer-member-target'; readonly memberId: string; readonly value: Partitions | null }
  | { readonly kind: 'consumer-current'; readonly memberId: string; readonly value: MemberProgress | null }
  | { readonly kind: 'consumer-regex'; readonly regex: string; readonly value: ResolvedRegex | null }
);

export interface GroupEpoch {
  readonly epoch: number;
  /** Of the topics that the group is subscribed to; see `topicsHash`. */
  readonly metadataHash: number;
}

export interface TargetEpoch {
  readonly epoch: number;
  /** Unix ms. */
  readonly timestamp: number;
}

export interface ResolvedRegex {
  /** Sorted. */
  readonly topics: readonly string[];
  /** Of the topics of the broker when it was resolved. */
  readonly version: number;
  /** Unix ms. */
  readonly timestamp: number;
}

const keyVersions = {
  'consumer-group': 3,
  'consumer-member': 5,
  'consumer-target': 6,
  'consumer-member-target': 7,
  'consumer-current': 8,
  'consumer-regex': 16,
} as const satisfies Record<ConsumerRecord['kind'], number>;

const kinds = new Map<number, ConsumerRecord['kind']>(
  Object.entries(keyVersions).map(([kind, version]) => [version, kind as ConsumerRecord['kind']]),
);

/** Throws where a string of the key is longer than 32,767 bytes: the coordinator refuses such before. */
export function encodeConsumerRecord(record: ConsumerRecord): { key: Buffer; value: Buffer | null } {
  const key = new Writer();
  key.int16(keyVersions[record.kind]);
  key.string(record.groupId, false);
  if ('memberId' in record) key.string(record.memberId, false);
  if ('regex' in record) key.string(record.regex, false);
  if (record.value === null) return { key: key.toBuffer(), value: null };
  const value = new Writer();
  value.int16(0);
  encodeValue(value, record);
  return { key: key.toBuffer(), value: value.toBuffer() };
}

function encodeValue(writer: Writer, record: ConsumerRecord): void {
  switch (record.kind) {
    case 'consumer-group': {
      const { epoch, metadataHash } = record.value!;
      writer.int32(epoch);
      encodeTaggedInt64(writer, metadataHash);
      return;
    }
    case 'consumer-member':
      encodeInfo(writer, record.value!);
      writer.uvarint(0);
      return;
    case 'consumer-target':
      writer.int32(record.value!.epoch);
      encodeTaggedInt64(writer, record.value!.timestamp);
      return;
    case 'consumer-member-target':
      encodePartitions(writer, listed(record.value!));
      writer.uvarint(0);
      return;
    case 'consumer-current': {
      const { epoch, previousEpoch, state, assigned, pendingRevocation } = record.value!;
      writer.int32(epoch);
      writer.int32(previousEpoch);
      writer.int8(state);
      encodeOwned(writer, assigned);
      encodeOwned(writer, pendingRevocation);
      writer.uvarint(0);
      return;
    }
    case 'consumer-regex': {
      const { topics, version, timestamp } = record.value!;
      encodeStrings(writer, topics);
      writer.int64(version);
      writer.int64(timestamp);
      writer.uvarint(0);
    }
  }
}

/** Null for keys of other kinds. Throws `PROTOCOL` for damage. */
export function decodeConsumerRecord(keyBytes: Buffer, value: Buffer | null): ConsumerRecord | null {
  const key = new Reader(keyBytes, 'key in __consumer_offsets');
  const kind = kinds.get(key.int16());
  if (kind === undefined) return null;
  const groupId = key.string(false);
  const reader = value === null ? null : valueReader(kind, value);
  switch (kind) {
    case 'consumer-group':
      return { kind, groupId, value: reader === null ? null : decodeGroup(reader) };
    case 'consumer-member':
      return {
        kind,
        groupId,
        memberId: key.string(false),
        value: reader === null ? null : decodeInfo(reader),
      };
    case 'consumer-target':
      return { kind, groupId, value: reader === null ? null : decodeTarget(reader) };
    case 'consumer-member-target':
      return {
        kind,
        groupId,
        memberId: key.string(false),
        value: reader === null ? null : decodePartitions(reader),
      };
    case 'consumer-current':
      return {
        kind,
        groupId,
        memberId: key.string(false),
        value: reader === null ? null : decodeProgress(reader),
      };
    case 'consumer-regex':
      return { kind, groupId, regex: key.string(false), value: reader === null ? null : decodeRegex(reader) };
  }
}

function valueReader(kind: string, bytes: Buffer): Reader {
  const reader = new Reader(bytes, `${kind} in __consumer_offsets`);
  const version = reader.int16();
  if (version !== 0) throw reader.error(`version ${version}`);
  return reader;
}

function encodeTaggedInt64(writer: Writer, value: number): void {
  if (value === 0) {
    writer.uvarint(0);
    return;
  }
  writer.uvarint(1);
  writer.tag(0, 8);
  writer.int64(value);
}

/** The tagged field 0, where it is there; other fields are passed over. */
function decodeTag<T>(reader: Reader, absent: T, read: () => T): T {
  let value = absent;
  for (let tags = reader.tagCount(); tags > 0; tags--) {
    const tag = reader.uvarint();
    const end = reader.tagEnd();
    if (tag === 0) value = read();
    reader.skipTo(end);
  }
  return value;
}

function decodeGroup(reader: Reader): GroupEpoch {
  const epoch = reader.int32();
  return { epoch, metadataHash: decodeTag(reader, 0, () => reader.int64()) };
}

function decodeTarget(reader: Reader): TargetEpoch {
  const epoch = reader.int32();
  return { epoch, timestamp: decodeTag(reader, 0, () => reader.int64()) };
}

function encodeInfo(writer: Writer, info: MemberInfo): void {
  writer.nullableString(info.instanceId, true);
  writer.nullableString(info.rackId, true);
  writer.string(info.clientId, true);
  writer.string(info.clientHost, true);
  encodeStrings(writer, info.topicNames);
  writer.nullableString(info.topicRegex, true);
  writer.int32(info.rebalanceTimeoutMs);
  writer.nullableString(info.serverAssignor, true);
}

function decodeInfo(reader: Reader): MemberInfo {
  const info = {
    instanceId: reader.nullableString(true),
    rackId: reader.nullableString(true),
    clientId: reader.string(true),
    clientHost: reader.string(true),
    topicNames: decodeStrings(reader),
    topicRegex: reader.nullableString(true),
    rebalanceTimeoutMs: reader.int32(),
    serverAssignor: reader.nullableString(true),
  };
  reader.skipTags();
  return info;
}

function encodeStrings(writer: Writer, strings: readonly string[]): void {
  writer.arrayLength(strings.length, true);
  for (const each of strings) writer.string(each, true);
}

/** Sorted. */
function decodeStrings(reader: Reader): string[] {
  const strings: string[] = [];
  for (let left = reader.arrayLength(true, 1); left > 0; left--) strings.push(reader.string(true));
  return strings.sort();
}

function encodePartitions(writer: Writer, topics: readonly TopicPartitions[]): void {
  writer.arrayLength(topics.length, true);
  for (const { topicId, partitions } of topics) {
    writer.uuid(topicId);
    encodeInts(writer, partitions);
    writer.uvarint(0);
  }
}

function encodeInts(writer: Writer, values: readonly number[]): void {
  writer.arrayLength(values.length, true);
  for (const value of values) writer.int32(value);
}

function decodeInts(reader: Reader): number[] {
  const values: number[] = [];
  for (let left = reader.arrayLength(true, 4); left > 0; left--) values.push(reader.int32());
  return values;
}

function decodePartitions(reader: Reader): Partitions {
  const topics = new Map<string, Set<number>>();
  for (let left = reader.arrayLength(true, 18); left > 0; left--) {
    const topicId = reader.uuid();
    topics.set(topicId, new Set(decodeInts(reader)));
    reader.skipTags();
  }
  reader.skipTags();
  return topics;
}

function encodeOwned(writer: Writer, owned: OwnedPartitions): void {
  writer.arrayLength(owned.size, true);
  for (const [topicId, partitions] of owned) {
    const sorted = [...partitions].sort(([a], [b]) => a - b);
    writer.uuid(topicId);
    encodeInts(
      writer,
      sorted.map(([partition]) => partition),
    );
    writer.uvarint(1);
    writer.tagged(0, (tag) =>
      encodeInts(
        tag,
        sorted.map(([, epoch]) => epoch),
      ),
    );
  }
}

/** Partitions of brokers that wrote no epochs have 0: they were there from the start. */
function decodeOwned(reader: Reader): OwnedPartitions {
  const owned = new Map<string, Map<number, number>>();
  for (let left = reader.arrayLength(true, 18); left > 0; left--) {
    const topicId = reader.uuid();
    const partitions = decodeInts(reader);
    const epochs = decodeTag<number[]>(reader, [], () => decodeInts(reader));
    partitions.forEach((partition, i) => {
      putOwned(owned, topicId, partition, epochs[i] ?? 0);
    });
  }
  return owned;
}

function decodeProgress(reader: Reader): MemberProgress {
  const progress = {
    epoch: reader.int32(),
    previousEpoch: reader.int32(),
    state: reader.int8(),
    assigned: decodeOwned(reader),
    pendingRevocation: decodeOwned(reader),
  };
  reader.skipTags();
  return progress;
}

function decodeRegex(reader: Reader): ResolvedRegex {
  const regex = { topics: decodeStrings(reader), version: reader.int64(), timestamp: reader.int64() };
  reader.skipTags();
  return regex;
}
