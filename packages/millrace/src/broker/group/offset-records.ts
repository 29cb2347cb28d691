import { Reader } from '../../protocol/reader.ts';
import { Writer } from '../../protocol/writer.ts';
import {
  type ConsumerRecord,
  decodeConsumerRecord,
  encodeConsumerRecord,
} from './consumer/consumer-records.ts';

/**
 * The records of `__consumer_offsets`, in Kafka's own schemas (OffsetCommitKey 1, OffsetCommitValue 3,
 * GroupMetadataKey 2, GroupMetadataValue 3), so that Kafka's tools and formatters read them.
 */

export interface CommittedOffset {
  readonly offset: number;
  /** -1 where the client gave none. */
  readonly leaderEpoch: number;
  readonly metadata: string;
  /** Unix ms. */
  readonly commitTimestamp: number;
}

export interface StoredMember {
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  readonly clientId: string;
  readonly clientHost: string;
  readonly rebalanceTimeoutMs: number;
  readonly sessionTimeoutMs: number;
  /** The member's metadata for the protocol that was chosen. */
  readonly subscription: Buffer;
  readonly assignment: Buffer;
}

export interface StoredGroup {
  readonly protocolType: string;
  readonly generationId: number;
  readonly protocolName: string | null;
  readonly leaderId: string | null;
  /** Unix ms. */
  readonly stateSince: number;
  readonly members: readonly StoredMember[];
}

export interface OffsetRecord {
  readonly key: Buffer;
  /** Null strikes the key off. */
  readonly value: Buffer | null;
}

/** What one record says; `value` null strikes its key off. */
export type GroupRecord =
  | {
      readonly kind: 'offset';
      readonly groupId: string;
      readonly topic: string;
      readonly partition: number;
      readonly value: CommittedOffset | null;
    }
  | { readonly kind: 'group'; readonly groupId: string; readonly value: StoredGroup | null }
  | ConsumerRecord;

export type OffsetKey =
  | { readonly kind: 'offset'; readonly groupId: string; readonly topic: string; readonly partition: number }
  | { readonly kind: 'group'; readonly groupId: string };

/** Throws where a string is longer than 32,767 bytes: the coordinator refuses such before. */
export function encodeRecord(record: GroupRecord): OffsetRecord {
  if (record.kind === 'group') {
    const value = record.value === null ? null : encodeGroupValue(record.value);
    return { key: encodeGroupKey(record.groupId), value };
  }
  if (record.kind !== 'offset') return encodeConsumerRecord(record);
  const value = record.value === null ? null : encodeOffsetValue(record.value);
  return { key: encodeOffsetKey(record.groupId, record.topic, record.partition), value };
}

/** Null for kinds of records that this broker does not keep. Throws `PROTOCOL` for damage. */
export function decodeRecord(keyBytes: Buffer, value: Buffer | null): GroupRecord | null {
  const key = decodeKey(keyBytes);
  if (key === null) return decodeConsumerRecord(keyBytes, value);
  if (key.kind === 'group') return { ...key, value: value === null ? null : decodeGroupValue(value) };
  return { ...key, value: value === null ? null : decodeOffsetValue(value) };
}

const offsetKeyVersion = 1;
const groupKeyVersion = 2;
const valueVersion = 3;

export function encodeOffsetKey(groupId: string, topic: string, partition: number): Buffer {
  const writer = new Writer();
  writer.int16(offsetKeyVersion);
  writer.string(groupId, false);
  writer.string(topic, false);
  writer.int32(partition);
  return writer.toBuffer();
}

export function encodeGroupKey(groupId: string): Buffer {
  const writer = new Writer();
  writer.int16(groupKeyVersion);
  writer.string(groupId, false);
  return writer.toBuffer();
}

/** Null for other kinds of records. Throws `PROTOCOL` for damage. */
export function decodeKey(bytes: Buffer): OffsetKey | null {
  const reader = new Reader(bytes, 'key in __consumer_offsets');
  const version = reader.int16();
  if (version === 0 || version === offsetKeyVersion) {
    return {
      kind: 'offset',
      groupId: reader.string(false),
      topic: reader.string(false),
      partition: reader.int32(),
    };
  }
  return version === groupKeyVersion ? { kind: 'group', groupId: reader.string(false) } : null;
}

export function encodeOffsetValue(committed: CommittedOffset): Buffer {
  const writer = new Writer();
  writer.int16(valueVersion);
  writer.int64(committed.offset);
  writer.int32(committed.leaderEpoch);
  writer.string(committed.metadata, false);
  writer.int64(committed.commitTimestamp);
  return writer.toBuffer();
}

/** Versions 0 to 3. Throws `PROTOCOL`. */
export function decodeOffsetValue(bytes: Buffer): CommittedOffset {
  const reader = new Reader(bytes, 'offset in __consumer_offsets');
  const version = reader.int16();
  if (version < 0 || version > valueVersion) throw reader.error(`version ${version}`);
  const offset = reader.int64();
  const leaderEpoch = version >= 3 ? reader.int32() : -1;
  const metadata = reader.string(false);
  return { offset, leaderEpoch, metadata, commitTimestamp: reader.int64() };
}

export function encodeGroupValue(group: StoredGroup): Buffer {
  const writer = new Writer();
  writer.int16(valueVersion);
  writer.string(group.protocolType, false);
  writer.int32(group.generationId);
  writer.nullableString(group.protocolName, false);
  writer.nullableString(group.leaderId, false);
  writer.int64(group.stateSince);
  writer.arrayLength(group.members.length, false);
  for (const member of group.members) {
    writer.string(member.memberId, false);
    writer.nullableString(member.groupInstanceId, false);
    writer.string(member.clientId, false);
    writer.string(member.clientHost, false);
    writer.int32(member.rebalanceTimeoutMs);
    writer.int32(member.sessionTimeoutMs);
    writer.bytes(member.subscription, false);
    writer.bytes(member.assignment, false);
  }
  return writer.toBuffer();
}

/** Versions 0 to 3. The bytes of the members are copies. Throws `PROTOCOL`. */
export function decodeGroupValue(bytes: Buffer): StoredGroup {
  const reader = new Reader(bytes, 'group in __consumer_offsets');
  const version = reader.int16();
  if (version < 0 || version > valueVersion) throw reader.error(`version ${version}`);
  const protocolType = reader.string(false);
  const generationId = reader.int32();
  const protocolName = reader.nullableString(false);
  const leaderId = reader.nullableString(false);
  const stateSince = version >= 2 ? reader.int64() : -1;
  const members: StoredMember[] = [];
  for (let left = reader.arrayLength(false, 20); left > 0; left--) {
    const memberId = reader.string(false);
    const groupInstanceId = version >= 3 ? reader.nullableString(false) : null;
    const clientId = reader.string(false);
    const clientHost = reader.string(false);
    const given = version >= 1 ? reader.int32() : -1;
    const sessionTimeoutMs = reader.int32();
    const rebalanceTimeoutMs = given >= 0 ? given : sessionTimeoutMs;
    const subscription = Buffer.from(reader.bytes(false));
    const assignment = Buffer.from(reader.bytes(false));
    const times = { rebalanceTimeoutMs, sessionTimeoutMs };
    members.push({ memberId, groupInstanceId, clientId, clientHost, ...times, subscription, assignment });
  }
  return { protocolType, generationId, protocolName, leaderId, stateSince, members };
}

/** The topics in a consumer's subscription (ConsumerProtocolSubscription: version, then topics); empty when it is none. */
export function subscribedTopics(subscription: Buffer): string[] {
  try {
    const reader = new Reader(subscription, 'subscription');
    reader.int16();
    const topics: string[] = [];
    for (let left = reader.arrayLength(false, 2); left > 0; left--) topics.push(reader.string(false));
    return topics;
  } catch {
    return [];
  }
}
