import { ErrorCode } from '../core/error-code.ts';
import type { GroupCore } from './group-core.ts';
import { type Member, noBytes, type Ticket } from './member.ts';

/** A new member may wait this long in a join for the others, whatever its session timeout. */
const newMemberJoinTimeoutMs = 300_000;

/**
 * How a group comes from one generation to the next: everybody joins, the leader's assignment is stored, everybody
 * gets it. Holds the deadlines of both halves.
 */
export class Rebalance {
  readonly #core: GroupCore;
  #rebalanceDeadline = Number.POSITIVE_INFINITY;
  /** The initial delay may grow up to here while new members keep coming. */
  #initialDelayEnd = Number.NEGATIVE_INFINITY;
  #joinedDuringDelay = false;
  #syncDeadline = Number.POSITIVE_INFINITY;

  constructor(core: GroupCore) {
    this.#core = core;
  }

  get nextDeadline(): number {
    return Math.min(this.#rebalanceDeadline, this.#syncDeadline);
  }

  /** A member came that was not there before. */
  somebodyJoined(): void {
    this.#joinedDuringDelay = true;
  }

  expire(now: number): void {
    if (this.#rebalanceDeadline <= now && this.#core.state === 'PreparingRebalance') this.#joinDue(now);
    if (this.#syncDeadline <= now) this.#syncDue(now);
  }

  /** The member's join is answered when the rebalance is complete. */
  awaitJoin(now: number, member: Member, ticket: Ticket): void {
    if (member.joinTicket !== null) {
      // A retry of the same join: the earlier one is superseded.
      this.#core.answerJoinError(member.joinTicket, member.memberId, ErrorCode.REBALANCE_IN_PROGRESS);
    }
    member.joinTicket = ticket;
    member.sessionDeadline = member.isNew ? now + newMemberJoinTimeoutMs : Number.POSITIVE_INFINITY;
  }

  /** Starts a rebalance, or completes the one that is going on when everybody has joined. */
  prepare(now: number): void {
    if (this.#core.state === 'PreparingRebalance') {
      this.completeIfAllJoined(now);
      return;
    }
    if (this.#core.state === 'CompletingRebalance') {
      for (const member of this.#core.members.values()) {
        member.assignment = noBytes;
        if (member.syncTicket === null) continue;
        this.#core.answerSyncError(member.syncTicket, ErrorCode.REBALANCE_IN_PROGRESS);
        member.syncTicket = null;
        this.#core.touch(now, member);
      }
    }
    const fromEmpty = this.#core.state === 'Empty';
    this.#syncDeadline = Number.POSITIVE_INFINITY;
    this.#core.changeState('PreparingRebalance');
    if (fromEmpty && this.#core.settings.initialRebalanceDelayMs > 0) {
      const limit = this.#core.roster.rebalanceTimeoutMs();
      this.#initialDelayEnd = now + limit;
      this.#rebalanceDeadline = now + Math.min(this.#core.settings.initialRebalanceDelayMs, limit);
      this.#joinedDuringDelay = false;
      return;
    }
    this.#rebalanceDeadline = now + this.#core.roster.rebalanceTimeoutMs();
    this.completeIfAllJoined(now);
  }

  completeIfAllJoined(now: number): void {
    if (this.#core.state !== 'PreparingRebalance' || this.#core.pending.size > 0) return;
    if (this.#initialDelayEnd !== Number.NEGATIVE_INFINITY) return; // the initial delay always runs to its end
    for (const member of this.#core.members.values()) if (member.joinTicket === null) return;
    this.#completeJoin(now);
  }

  #joinDue(now: number): void {
    if (this.#joinedDuringDelay && now < this.#initialDelayEnd) {
      this.#joinedDuringDelay = false;
      this.#rebalanceDeadline = Math.min(
        now + this.#core.settings.initialRebalanceDelayMs,
        this.#initialDelayEnd,
      );
      return;
    }
    this.#completeJoin(now);
  }

  #completeJoin(now: number): void {
    for (const member of [...this.#core.members.values()]) {
      if (member.joinTicket === null && member.groupInstanceId === null) this.#forget(member);
    }
    const leaderId = this.#core.roster.electLeader(this.#core.leaderId);
    if (leaderId === null && this.#core.members.size > 0) {
      // Only static members that are away: wait for them or for the end of their sessions.
      this.#initialDelayEnd = Number.NEGATIVE_INFINITY;
      this.#rebalanceDeadline = now + this.#core.roster.rebalanceTimeoutMs();
      return;
    }
    this.#core.leaderId = leaderId;
    this.#rebalanceDeadline = Number.POSITIVE_INFINITY;
    this.#initialDelayEnd = Number.NEGATIVE_INFINITY;
    this.#core.generationId++;
    if (this.#core.members.size === 0) {
      this.#core.protocolName = null;
      this.#core.leaderId = null;
      this.#core.changeState('Empty');
      this.#core.save();
      return;
    }
    this.#core.protocolName = this.#core.roster.chooseProtocol();
    this.#core.changeState('CompletingRebalance');
    this.#syncDeadline = now + this.#core.roster.rebalanceTimeoutMs();
    for (const member of this.#core.members.values()) {
      member.assignment = noBytes;
      member.isNew = false;
      const ticket = member.joinTicket;
      member.joinTicket = null;
      member.owesSync = true;
      this.#core.touch(now, member);
      if (ticket !== null) this.#core.answerJoin(member, ticket);
    }
  }

  /** The assignment of a generation is stored: it goes to everybody that waits for it. */
  assigned(now: number, generationId: number, errorCode: number): void {
    if (this.#core.state !== 'CompletingRebalance' || generationId !== this.#core.generationId) return;
    if (errorCode !== ErrorCode.NONE) {
      for (const member of this.#core.members.values()) {
        member.assignment = noBytes;
        if (member.syncTicket !== null) this.#core.answerSyncError(member.syncTicket, errorCode);
        member.syncTicket = null;
        this.#core.touch(now, member);
      }
      this.prepare(now);
      return;
    }
    this.#core.changeState('Stable');
    for (const member of this.#core.members.values()) {
      const ticket = member.syncTicket;
      member.syncTicket = null;
      this.#core.touch(now, member);
      if (ticket !== null) this.#core.answerSync(member, ticket);
    }
  }

  /**
   * Members that joined but did not sync within the rebalance timeout are put out, also when the others are stable by
   * now, and the rest rebalance (Kafka: `expirePendingSync`).
   */
  #syncDue(now: number): void {
    this.#syncDeadline = Number.POSITIVE_INFINITY;
    const missing = [...this.#core.members.values()].filter((member) => member.owesSync);
    if (missing.length === 0 || this.#core.state === 'PreparingRebalance') return;
    for (const member of missing) this.#forget(member);
    this.prepare(now);
  }

  /** The member is gone; the others rebalance. */
  remove(now: number, member: Member): void {
    this.#forget(member);
    if (this.#core.state === 'Stable' || this.#core.state === 'CompletingRebalance') this.prepare(now);
    else this.completeIfAllJoined(now);
  }

  #forget(member: Member): void {
    this.#core.roster.delete(member);
    if (member.joinTicket !== null) {
      this.#core.answerJoinError(member.joinTicket, member.memberId, ErrorCode.UNKNOWN_MEMBER_ID);
    }
    if (member.syncTicket !== null)
      this.#core.answerSyncError(member.syncTicket, ErrorCode.UNKNOWN_MEMBER_ID);
    if (this.#core.leaderId === member.memberId)
      this.#core.leaderId = this.#core.members.keys().next().value ?? null;
  }
}
