import { nothingOwned, type OwnedPartitions } from './partitions.ts';

/** What a member says of itself; stored as it is. */
export interface MemberInfo {
  readonly instanceId: string | null;
  readonly rackId: string | null;
  readonly clientId: string;
  readonly clientHost: string;
  /** Sorted, each once. */
  readonly topicNames: readonly string[];
  /** Null or empty: none. */
  readonly topicRegex: string | null;
  /** -1 until it has said. */
  readonly rebalanceTimeoutMs: number;
  readonly serverAssignor: string | null;
}

/** Kafka's `MemberState`, by the numbers that are stored. */
export const memberStates = {
  stable: 0,
  unrevokedPartitions: 1,
  unreleasedPartitions: 2,
} as const;
export type MemberState = number;

/** How far a member has come with what it shall have; stored as it is. */
export interface MemberProgress {
  readonly epoch: number;
  /** The answer that told the epoch may be lost: the one before is taken as well. */
  readonly previousEpoch: number;
  readonly state: MemberState;
  readonly assigned: OwnedPartitions;
  /** It has been told to give them up, and has not said that it did. */
  readonly pendingRevocation: OwnedPartitions;
}

export interface ConsumerMember extends MemberInfo, MemberProgress {
  readonly memberId: string;
}

/** Epochs that are words: to leave for good, and to be away and come back under its instance id. */
export const leaveEpoch = -1;
export const leaveForNowEpoch = -2;

export const unknownInfo: MemberInfo = {
  instanceId: null,
  rackId: null,
  clientId: '',
  clientHost: '',
  topicNames: [],
  topicRegex: null,
  rebalanceTimeoutMs: -1,
  serverAssignor: null,
};

export const notBegun: MemberProgress = {
  epoch: 0,
  previousEpoch: -1,
  state: memberStates.stable,
  assigned: nothingOwned,
  pendingRevocation: nothingOwned,
};

export function newMember(memberId: string): ConsumerMember {
  return { memberId, ...unknownInfo, ...notBegun };
}

export function hasRegex(member: MemberInfo): boolean {
  return member.topicRegex !== null && member.topicRegex !== '';
}

export function sameInfo(a: MemberInfo, b: MemberInfo): boolean {
  return (
    a.instanceId === b.instanceId &&
    a.rackId === b.rackId &&
    a.clientId === b.clientId &&
    a.clientHost === b.clientHost &&
    a.topicRegex === b.topicRegex &&
    a.rebalanceTimeoutMs === b.rebalanceTimeoutMs &&
    a.serverAssignor === b.serverAssignor &&
    sameNames(a.topicNames, b.topicNames)
  );
}

/** Both sorted. */
export function sameNames(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name, i) => name === b[i]);
}
