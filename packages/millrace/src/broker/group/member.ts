/** One member of a classic consumer group, and what it waits for. */

/** Names the request that waits for an answer; the coordinator keeps what belongs to it. */
export type Ticket = number;

export interface MemberProtocol {
  readonly name: string;
  readonly metadata: Buffer;
}

/** What a member is doing now; not stored. */
export interface MemberProgress {
  /** The JoinGroup that waits for the rebalance to complete. */
  joinTicket: Ticket | null;
  /** The SyncGroup that waits for the leader's assignment. */
  syncTicket: Ticket | null;
  /** When the member counts as gone; `Infinity` while a request of its own is waiting. */
  sessionDeadline: number;
  /** Joined for the first time in the rebalance that is going on: its session is the longer of the two timeouts. */
  isNew: boolean;
  /** Has its join answer of this generation and must sync before the rebalance timeout. */
  owesSync: boolean;
}

export interface Member extends MemberProgress {
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  clientId: string;
  clientHost: string;
  sessionTimeoutMs: number;
  rebalanceTimeoutMs: number;
  protocols: readonly MemberProtocol[];
  assignment: Buffer;
}

export const noBytes: Buffer = Buffer.alloc(0);

/** Whether a member announces exactly these protocols with these bytes: then its rejoin changes nothing. */
export function sameProtocols(a: readonly MemberProtocol[], b: readonly MemberProtocol[]): boolean {
  if (a.length !== b.length) return false;
  return a.every((protocol, i) => protocol.name === b[i]!.name && protocol.metadata.equals(b[i]!.metadata));
}

/** The member's metadata for a protocol; empty where it does not know it. */
export function metadataFor(member: Member, protocolName: string | null): Buffer {
  return member.protocols.find((protocol) => protocol.name === protocolName)?.metadata ?? noBytes;
}
