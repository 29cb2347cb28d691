import { ErrorCode } from '../core/error-code.ts';
import { GroupCore } from './group-core.ts';
import { GroupJoins } from './group-joins.ts';
import type { GroupEffect, GroupSettings, GroupState, JoinInput, SyncInput } from './group-types.ts';
import { type Member, type MemberProgress, noBytes, type Ticket } from './member.ts';
import { Rebalance } from './rebalance.ts';

/**
 * A classic consumer group: events in, effects out, no I/O and no timers of its own. The caller gives the time (ms of a
 * clock that never goes back) with each event, runs `expire` at `nextDeadline`, and acts on `takeEffects()` after each call.
 *
 * The rules are those of Kafka's classic group coordinator (JoinGroup, SyncGroup, Heartbeat, LeaveGroup; KIP-62,
 * KIP-134 initial delay, KIP-345 static members, KIP-394 known member ids).
 */
export class ClassicGroup {
  readonly groupId: string;
  readonly type = 'classic';
  readonly #core: GroupCore;
  readonly #rebalance: Rebalance;
  readonly #joins: GroupJoins;

  /** `wallClock` gives Unix ms; every other time is by a clock of the caller that never goes back. */
  constructor(groupId: string, settings: GroupSettings, wallClock: () => number, newId: () => string) {
    this.groupId = groupId;
    this.#core = new GroupCore(settings, wallClock, newId);
    this.#rebalance = new Rebalance(this.#core);
    this.#joins = new GroupJoins(this.#core, this.#rebalance);
  }

  get state(): GroupState {
    return this.#core.state;
  }

  get members(): ReadonlyMap<string, Member> {
    return this.#core.members;
  }

  get generationId(): number {
    return this.#core.generationId;
  }

  get protocolType(): string | null {
    return this.#core.protocolType;
  }

  get protocolName(): string | null {
    return this.#core.protocolName;
  }

  get leaderId(): string | null {
    return this.#core.leaderId;
  }

  /** Unix ms of the last change of state. */
  get stateSince(): number {
    return this.#core.stateSince;
  }

  /** Whether nothing of it is worth keeping: nobody is in it, nor about to be. */
  get isVacant(): boolean {
    return this.#core.state === 'Empty' && this.#core.members.size === 0 && this.#core.pending.size === 0;
  }

  /** The earliest time at which `expire` has something to do; `Infinity` when nothing is pending. */
  nextDeadline(): number {
    const pending = this.#core.pending.nextDeadline;
    return Math.min(this.#rebalance.nextDeadline, this.#core.roster.nextDeadline(), pending);
  }

  takeEffects(): readonly GroupEffect[] {
    return this.#core.takeEffects();
  }

  /** The effect `save` of this number is done, or failed. */
  saved(now: number, saveId: number, errorCode: number): void {
    this.#core.saved(now, saveId, errorCode);
  }

  join(now: number, input: JoinInput, ticket: Ticket): void {
    this.#joins.join(now, input, ticket);
  }

  sync(now: number, input: SyncInput, ticket: Ticket): void {
    const error = this.#refuseSync(input);
    if (error !== ErrorCode.NONE) {
      this.#core.answerSyncError(ticket, error);
      return;
    }
    const member = this.#core.members.get(input.memberId)!;
    member.owesSync = false;
    if (this.#core.state === 'Stable') {
      this.#core.touch(now, member);
      this.#core.answerSync(member, ticket);
      return;
    }
    if (member.syncTicket !== null)
      this.#core.answerSyncError(member.syncTicket, ErrorCode.REBALANCE_IN_PROGRESS);
    member.syncTicket = ticket;
    member.sessionDeadline = Number.POSITIVE_INFINITY;
    if (member.memberId !== this.#core.leaderId) return;
    for (const each of this.#core.members.values())
      each.assignment = input.assignments.get(each.memberId) ?? noBytes;
    const { generationId } = this.#core;
    this.#core.save((later, errorCode) => this.#rebalance.assigned(later, generationId, errorCode));
  }

  #refuseSync(input: SyncInput): number {
    const error = this.#core.roster.check(input.memberId, input.groupInstanceId);
    if (error !== ErrorCode.NONE) return error;
    if (input.generationId !== this.#core.generationId) return ErrorCode.ILLEGAL_GENERATION;
    if (input.protocolType !== null && input.protocolType !== this.#core.protocolType) {
      return ErrorCode.INCONSISTENT_GROUP_PROTOCOL;
    }
    if (input.protocolName !== null && input.protocolName !== this.#core.protocolName) {
      return ErrorCode.INCONSISTENT_GROUP_PROTOCOL;
    }
    return this.#core.state === 'PreparingRebalance' ? ErrorCode.REBALANCE_IN_PROGRESS : ErrorCode.NONE;
  }

  heartbeat(now: number, memberId: string, groupInstanceId: string | null, generationId: number): number {
    if (this.#core.state === 'Dead') return ErrorCode.COORDINATOR_NOT_AVAILABLE;
    const error = this.#core.roster.check(memberId, groupInstanceId);
    if (error !== ErrorCode.NONE) return error;
    if (generationId !== this.#core.generationId) return ErrorCode.ILLEGAL_GENERATION;
    this.#core.touch(now, this.#core.members.get(memberId)!);
    return this.#core.state === 'PreparingRebalance' ? ErrorCode.REBALANCE_IN_PROGRESS : ErrorCode.NONE;
  }

  /** One member leaves, by its id or (static) by its instance id alone. Returns its error code. */
  leave(now: number, memberId: string, groupInstanceId: string | null): number {
    if (this.#core.state === 'Dead') return ErrorCode.COORDINATOR_NOT_AVAILABLE;
    let id = memberId;
    if (groupInstanceId !== null) {
      const current = this.#core.roster.idOfInstance(groupInstanceId);
      if (current === undefined) return ErrorCode.UNKNOWN_MEMBER_ID;
      if (memberId !== '' && memberId !== current) return ErrorCode.FENCED_INSTANCE_ID;
      id = current;
    }
    if (this.#core.pending.delete(id)) {
      this.#rebalance.completeIfAllJoined(now);
      return ErrorCode.NONE;
    }
    const member = this.#core.members.get(id);
    if (member === undefined) return ErrorCode.UNKNOWN_MEMBER_ID;
    this.#rebalance.remove(now, member);
    return ErrorCode.NONE;
  }

  /**
   * Whether offsets may be committed now under these credentials; a valid commit counts as a sign of life. Within a
   * transaction the group may have members of which the producer says nothing, and be about to rebalance.
   */
  checkCommit(
    now: number,
    memberId: string,
    groupInstanceId: string | null,
    generationId: number,
    isTransactional = false,
  ): number {
    if (this.#core.state === 'Dead') return ErrorCode.COORDINATOR_NOT_AVAILABLE;
    if (generationId < 0 && this.#core.state === 'Empty') return ErrorCode.NONE;
    if (generationId >= 0 || memberId !== '' || groupInstanceId !== null) {
      const error = this.#core.roster.check(memberId, groupInstanceId);
      if (error !== ErrorCode.NONE) return error;
      if (generationId !== this.#core.generationId) return ErrorCode.ILLEGAL_GENERATION;
    } else if (this.#core.state !== 'Empty' && !isTransactional) {
      return ErrorCode.UNKNOWN_MEMBER_ID;
    }
    if (isTransactional) return ErrorCode.NONE;
    if (this.#core.state === 'CompletingRebalance') return ErrorCode.REBALANCE_IN_PROGRESS;
    const member = this.#core.members.get(memberId);
    if (member !== undefined) this.#core.touch(now, member);
    return ErrorCode.NONE;
  }

  /** Runs everything that is due at `now`: sessions, pending ids, the rebalance, missing syncs. */
  expire(now: number): void {
    if (this.#core.pending.expire(now)) this.#rebalance.completeIfAllJoined(now);
    for (const member of [...this.#core.members.values()]) {
      if (member.sessionDeadline <= now && this.#core.members.get(member.memberId) === member)
        this.#rebalance.remove(now, member);
    }
    this.#rebalance.expire(now);
  }

  /** Only an empty group can be deleted; afterwards every request is sent away. */
  markDead(): void {
    this.#core.pending.clear();
    this.#core.changeState('Dead');
  }

  /** Puts a group back as it was stored: stable with its members, or empty. Sessions start anew. */
  restore(
    now: number,
    stored: {
      generationId: number;
      protocolType: string | null;
      protocolName: string | null;
      leaderId: string | null;
      stateSince: number;
      members: readonly Omit<Member, keyof MemberProgress>[];
    },
  ): void {
    this.#core.generationId = stored.generationId;
    this.#core.protocolType = stored.protocolType;
    this.#core.protocolName = stored.protocolName;
    this.#core.leaderId = stored.leaderId;
    for (const member of stored.members) {
      const sessionDeadline = now + member.sessionTimeoutMs;
      const progress = { joinTicket: null, syncTicket: null, sessionDeadline, isNew: false, owesSync: false };
      this.#core.roster.add({ ...member, ...progress });
    }
    this.#core.state = stored.members.length > 0 ? 'Stable' : 'Empty';
    this.#core.stateSince = stored.stateSince;
  }
}
