import { type MemberProtocol, noBytes, type Ticket } from './member.ts';
import type { PendingBudget } from './pending-members.ts';

export type GroupState = 'Empty' | 'PreparingRebalance' | 'CompletingRebalance' | 'Stable' | 'Dead';

export interface GroupSettings {
  /** How long the first member of an empty group waits for others (`group.initial.rebalance.delay.ms`). */
  readonly initialRebalanceDelayMs: number;
  readonly maxSize: number;
  /** Members that may have an id and not have come back with it. Default 10,000. */
  readonly maxPending?: number | undefined;
  /** The same for all groups together; without it just this group counts. */
  readonly pendingBudget?: PendingBudget | undefined;
}

export interface JoinInput {
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  readonly clientId: string;
  readonly clientHost: string;
  readonly sessionTimeoutMs: number;
  readonly rebalanceTimeoutMs: number;
  readonly protocolType: string;
  readonly protocols: readonly MemberProtocol[];
  /** From version 4 on a member without an id is given one first and must come back with it (KIP-394). */
  readonly requireKnownMemberId: boolean;
}

export interface JoinAnswer {
  readonly errorCode: number;
  readonly generationId: number;
  readonly protocolType: string | null;
  readonly protocolName: string | null;
  readonly leader: string;
  readonly skipAssignment: boolean;
  readonly memberId: string;
  readonly members: readonly { memberId: string; groupInstanceId: string | null; metadata: Buffer }[];
}

export interface SyncInput {
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  readonly generationId: number;
  readonly protocolType: string | null;
  readonly protocolName: string | null;
  readonly assignments: ReadonlyMap<string, Buffer>;
}

export interface SyncAnswer {
  readonly errorCode: number;
  readonly protocolType: string | null;
  readonly protocolName: string | null;
  readonly assignment: Buffer;
}

/** What the coordinator does for the group after an event. */
export type GroupEffect =
  | { readonly kind: 'join-answer'; readonly ticket: Ticket; readonly answer: JoinAnswer }
  | { readonly kind: 'sync-answer'; readonly ticket: Ticket; readonly answer: SyncAnswer }
  /** Store generation, members and assignments as they are now, then call `saved` with the same number. */
  | { readonly kind: 'save'; readonly saveId: number };

export function joinError(memberId: string, errorCode: number): JoinAnswer {
  return {
    errorCode,
    generationId: -1,
    protocolType: null,
    protocolName: null,
    leader: '',
    skipAssignment: false,
    memberId,
    members: [],
  };
}

export function syncError(errorCode: number): SyncAnswer {
  return { errorCode, protocolType: null, protocolName: null, assignment: noBytes };
}
