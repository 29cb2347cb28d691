import { ErrorCode } from '../core/error-code.ts';
import type { HeartbeatInput } from './consumer/heartbeat-types.ts';
import type { JoinInput } from './group-types.ts';

/** The longest string of the records in `__consumer_offsets`, in bytes. */
const maxStringBytes = 0x7fff;
/** What the broker adds to a client's or instance's name to make a member id: `-` and a UUID. */
const memberSuffixBytes = 37;
/** What one member may announce for all its protocols together. */
const maxMetadataBytes = 1 << 20;

/** NONE, or INVALID_GROUP_ID for one that no record can hold. */
export function checkGroupId(groupId: string): number {
  return groupId === '' || isLonger(groupId, maxStringBytes) ? ErrorCode.INVALID_GROUP_ID : ErrorCode.NONE;
}

/** NONE, or INVALID_REQUEST for a member that no record could hold, or that is no member but a weight. */
export function checkJoinSizes(input: JoinInput): number {
  const names = [input.clientId, input.groupInstanceId ?? ''];
  let metadataBytes = 0;
  for (const { name, metadata } of input.protocols) {
    names.push(name);
    metadataBytes += name.length + metadata.length;
  }
  const tooLong =
    names.some((name) => isLonger(name, maxStringBytes - memberSuffixBytes)) ||
    [input.memberId, input.protocolType, input.clientHost].some((name) => isLonger(name, maxStringBytes));
  return tooLong || metadataBytes > maxMetadataBytes ? ErrorCode.INVALID_REQUEST : ErrorCode.NONE;
}

/** The same for a member of the consumer protocol: its names are keys of records. */
export function checkHeartbeatSizes(
  groupId: string,
  { memberId, instanceId, rackId, clientId, clientHost, topicNames, topicRegex }: HeartbeatInput,
): number {
  let bytes = 0;
  for (const name of topicNames ?? []) bytes += name.length;
  const names = [groupId, memberId, instanceId, rackId, clientId, clientHost, topicRegex];
  const tooLong = names.some((name) => name !== null && isLonger(name, maxStringBytes));
  return tooLong || bytes > maxMetadataBytes ? ErrorCode.INVALID_REQUEST : ErrorCode.NONE;
}

/** The most bytes of a commit's metadata, whatever `offset.metadata.max.bytes` says. */
export const maxCommitMetadataBytes: number = maxStringBytes;

function isLonger(text: string, bytes: number): boolean {
  return text.length > bytes || (text.length * 3 > bytes && Buffer.byteLength(text) > bytes);
}
