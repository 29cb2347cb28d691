import { ErrorCode } from '../core/error-code.ts';
import type { GroupCore } from './group-core.ts';
import type { JoinInput } from './group-types.ts';
import { type Member, noBytes, sameProtocols, type Ticket } from './member.ts';
import type { Rebalance } from './rebalance.ts';

/** JoinGroup: who may come in, under which id, and whether the group must rebalance for it. */
export class GroupJoins {
  readonly #core: GroupCore;
  readonly #rebalance: Rebalance;

  constructor(core: GroupCore, rebalance: Rebalance) {
    this.#core = core;
    this.#rebalance = rebalance;
  }

  join(now: number, input: JoinInput, ticket: Ticket): void {
    const error = this.#refuseJoin(input);
    if (error !== ErrorCode.NONE) {
      this.#core.answerJoinError(ticket, input.memberId, error);
    } else if (input.memberId === '') {
      this.#joinUnknown(now, input, ticket);
    } else {
      this.#joinKnown(now, input, ticket);
    }
  }

  #refuseJoin(input: JoinInput): number {
    if (this.#core.state === 'Dead') return ErrorCode.COORDINATOR_NOT_AVAILABLE;
    if (input.protocolType === '' || input.protocols.length === 0)
      return ErrorCode.INCONSISTENT_GROUP_PROTOCOL;
    if (this.#core.members.size > 0) {
      if (input.protocolType !== this.#core.protocolType) return ErrorCode.INCONSISTENT_GROUP_PROTOCOL;
      if (!this.#core.roster.shareProtocol(input.protocols, input.memberId))
        return ErrorCode.INCONSISTENT_GROUP_PROTOCOL;
    }
    const isMember = this.#core.members.has(input.memberId) || this.#core.pending.has(input.memberId);
    const isStatic =
      input.groupInstanceId !== null && this.#core.roster.idOfInstance(input.groupInstanceId) !== undefined;
    if (
      !isMember &&
      !isStatic &&
      this.#core.members.size + this.#core.pending.size >= this.#core.settings.maxSize
    ) {
      return ErrorCode.GROUP_MAX_SIZE_REACHED;
    }
    return ErrorCode.NONE;
  }

  #joinUnknown(now: number, input: JoinInput, ticket: Ticket): void {
    if (input.groupInstanceId !== null) {
      const memberId = `${input.groupInstanceId}-${this.#core.newId()}`;
      const oldId = this.#core.roster.idOfInstance(input.groupInstanceId);
      if (oldId === undefined) this.#addMember(now, memberId, input, ticket);
      else this.#replaceStatic(now, oldId, memberId, input, ticket);
      return;
    }
    const memberId = `${input.clientId}-${this.#core.newId()}`;
    if (!input.requireKnownMemberId) {
      this.#addMember(now, memberId, input, ticket);
      return;
    }
    if (this.#core.pending.isFull) {
      this.#core.answerJoinError(ticket, '', ErrorCode.GROUP_MAX_SIZE_REACHED);
      return;
    }
    this.#core.pending.add(memberId, now + input.sessionTimeoutMs);
    this.#core.answerJoinError(ticket, memberId, ErrorCode.MEMBER_ID_REQUIRED);
  }

  #joinKnown(now: number, input: JoinInput, ticket: Ticket): void {
    if (this.#core.pending.has(input.memberId) && input.groupInstanceId === null) {
      this.#addMember(now, input.memberId, input, ticket);
      return;
    }
    const error = this.#core.roster.check(input.memberId, input.groupInstanceId);
    if (error !== ErrorCode.NONE) {
      this.#core.answerJoinError(ticket, input.memberId, error);
      return;
    }
    const member = this.#core.members.get(input.memberId)!;
    const same = sameProtocols(member.protocols, input.protocols);
    const answerAsIs =
      (this.#core.state === 'CompletingRebalance' && same) ||
      (this.#core.state === 'Stable' && same && input.memberId !== this.#core.leaderId);
    if (answerAsIs) {
      this.#update(member, input);
      this.#core.touch(now, member);
      this.#core.answerJoin(member, ticket);
      return;
    }
    this.#update(member, input);
    this.#rebalance.awaitJoin(now, member, ticket);
    this.#rebalance.prepare(now);
  }

  #addMember(now: number, memberId: string, input: JoinInput, ticket: Ticket): void {
    this.#core.pending.delete(memberId);
    const member: Member = {
      memberId,
      groupInstanceId: input.groupInstanceId,
      clientId: input.clientId,
      clientHost: input.clientHost,
      sessionTimeoutMs: input.sessionTimeoutMs,
      rebalanceTimeoutMs: input.rebalanceTimeoutMs,
      protocols: input.protocols,
      assignment: noBytes,
      joinTicket: null,
      syncTicket: null,
      sessionDeadline: now + input.sessionTimeoutMs,
      isNew: true,
      owesSync: false,
    };
    if (this.#core.members.size === 0) this.#core.protocolType = input.protocolType;
    this.#core.roster.add(member);
    this.#core.leaderId ??= memberId;
    this.#rebalance.somebodyJoined();
    this.#rebalance.awaitJoin(now, member, ticket);
    this.#rebalance.prepare(now);
  }

  /** A static member came back under a new id: the old one is fenced, a stable group need not rebalance (KIP-345). */
  #replaceStatic(now: number, oldId: string, memberId: string, input: JoinInput, ticket: Ticket): void {
    const old = this.#core.members.get(oldId)!;
    this.#core.roster.delete(old);
    if (old.joinTicket !== null)
      this.#core.answerJoinError(old.joinTicket, oldId, ErrorCode.FENCED_INSTANCE_ID);
    if (old.syncTicket !== null) this.#core.answerSyncError(old.syncTicket, ErrorCode.FENCED_INSTANCE_ID);
    const same = sameProtocols(old.protocols, input.protocols);
    const member: Member = { ...old, memberId, joinTicket: null, syncTicket: null };
    old.joinTicket = null;
    old.syncTicket = null;
    this.#update(member, input);
    this.#core.roster.add(member);
    const wasLeader = this.#core.leaderId === oldId;
    if (wasLeader) this.#core.leaderId = memberId;
    if (
      this.#core.state !== 'Stable' ||
      !(same || this.#core.roster.chooseProtocol() === this.#core.protocolName)
    ) {
      this.#rebalance.awaitJoin(now, member, ticket);
      this.#rebalance.prepare(now);
      return;
    }
    // Who it is now must be stored before it is told: after a restart the old id would be the member's again.
    member.sessionDeadline = Number.POSITIVE_INFINITY;
    this.#core.save((later, errorCode) => {
      const replaced = this.#core.roster.check(memberId, input.groupInstanceId);
      if (replaced !== ErrorCode.NONE) {
        this.#core.answerJoinError(ticket, memberId, replaced);
      } else if (errorCode !== ErrorCode.NONE) {
        this.#core.roster.delete(member);
        this.#core.roster.add(old);
        this.#core.touch(later, old);
        if (wasLeader) this.#core.leaderId = oldId;
        this.#core.answerJoinError(ticket, memberId, errorCode);
      } else if (this.#core.state === 'Stable') {
        this.#core.touch(later, member);
        // The leader gets the members, but is told to keep the assignment that stands (KIP-814).
        this.#core.answerJoin(member, ticket, wasLeader);
      } else {
        this.#rebalance.awaitJoin(later, member, ticket);
        this.#rebalance.prepare(later);
      }
    });
  }

  #update(member: Member, input: JoinInput): void {
    member.protocols = input.protocols;
    member.sessionTimeoutMs = input.sessionTimeoutMs;
    member.rebalanceTimeoutMs = input.rebalanceTimeoutMs;
    member.clientId = input.clientId;
    member.clientHost = input.clientHost;
  }
}
