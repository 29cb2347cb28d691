import { ErrorCode } from '../error-code.ts';
import {
  type GroupEffect,
  type GroupSettings,
  type GroupState,
  type JoinAnswer,
  type JoinInput,
  joinError,
  type SyncInput,
  syncError,
} from './group-types.ts';
import {
  type Member,
  type MemberProgress,
  metadataFor,
  noBytes,
  sameProtocols,
  type Ticket,
} from './member.ts';
import { PendingBudget, PendingMembers } from './pending-members.ts';
import { Roster } from './roster.ts';

/** A new member may wait this long in a join for the others, whatever its session timeout. */
const newMemberJoinTimeoutMs = 300_000;
const defaultMaxPending = 10_000;

/** Acts on how a save ended: the time, and the error code. */
type AfterSave = (now: number, errorCode: number) => void;

/**
 * A classic consumer group: events in, effects out, no I/O and no timers of its own. The caller gives the time (ms of a
 * clock that never goes back) with each event, runs `expire` at `nextDeadline`, and acts on `takeEffects()` after each call.
 *
 * The rules are those of Kafka's classic group coordinator (JoinGroup, SyncGroup, Heartbeat, LeaveGroup; KIP-62,
 * KIP-134 initial delay, KIP-345 static members, KIP-394 known member ids).
 */
export class ClassicGroup {
  readonly groupId: string;
  readonly #roster: Roster = new Roster();
  readonly #pendingMembers: PendingMembers;
  readonly #settings: GroupSettings;
  readonly #newId: () => string;
  readonly #wallClock: () => number;
  readonly #afterSave = new Map<number, AfterSave>();
  #lastSave = 0;
  #effects: GroupEffect[] = [];
  #state: GroupState = 'Empty';
  #rebalanceDeadline = Number.POSITIVE_INFINITY;
  /** The initial delay may grow up to here while new members keep coming. */
  #initialDelayEnd = Number.NEGATIVE_INFINITY;
  #joinedDuringDelay = false;
  #syncDeadline = Number.POSITIVE_INFINITY;
  generationId = 0;
  protocolType: string | null = null;
  protocolName: string | null = null;
  leaderId: string | null = null;
  /** Unix ms of the last change of state. */
  stateSince: number;

  /** `wallClock` gives Unix ms; every other time is by a clock of the caller that never goes back. */
  constructor(groupId: string, settings: GroupSettings, wallClock: () => number, newId: () => string) {
    const { maxPending = defaultMaxPending, pendingBudget = new PendingBudget(maxPending) } = settings;
    this.groupId = groupId;
    this.#settings = settings;
    this.#pendingMembers = new PendingMembers(maxPending, pendingBudget);
    this.#newId = newId;
    this.#wallClock = wallClock;
    this.stateSince = wallClock();
  }

  get members(): ReadonlyMap<string, Member> {
    return this.#roster.members;
  }

  get state(): GroupState {
    return this.#state;
  }

  /** Whether nothing of it is worth keeping: nobody is in it, nor about to be. */
  get isVacant(): boolean {
    return this.#state === 'Empty' && this.members.size === 0 && this.#pendingMembers.size === 0;
  }

  takeEffects(): readonly GroupEffect[] {
    const effects = this.#effects;
    if (effects.length > 0) this.#effects = [];
    return effects;
  }

  /** The earliest time at which `expire` has something to do; `Infinity` when nothing is pending. */
  nextDeadline(): number {
    const pending = this.#pendingMembers.nextDeadline;
    return Math.min(this.#rebalanceDeadline, this.#syncDeadline, this.#roster.nextDeadline(), pending);
  }

  // ---- JoinGroup -------------------------------------------------------------------------------------------------

  join(now: number, input: JoinInput, ticket: Ticket): void {
    const error = this.#refuseJoin(input);
    if (error !== ErrorCode.NONE) {
      this.#answerJoinError(ticket, input.memberId, error);
    } else if (input.memberId === '') {
      this.#joinUnknown(now, input, ticket);
    } else {
      this.#joinKnown(now, input, ticket);
    }
  }

  #refuseJoin(input: JoinInput): number {
    if (this.#state === 'Dead') return ErrorCode.COORDINATOR_NOT_AVAILABLE;
    if (input.protocolType === '' || input.protocols.length === 0)
      return ErrorCode.INCONSISTENT_GROUP_PROTOCOL;
    if (this.members.size > 0) {
      if (input.protocolType !== this.protocolType) return ErrorCode.INCONSISTENT_GROUP_PROTOCOL;
      if (!this.#roster.shareProtocol(input.protocols, input.memberId))
        return ErrorCode.INCONSISTENT_GROUP_PROTOCOL;
    }
    const isMember = this.members.has(input.memberId) || this.#pendingMembers.has(input.memberId);
    const isStatic =
      input.groupInstanceId !== null && this.#roster.idOfInstance(input.groupInstanceId) !== undefined;
    if (!isMember && !isStatic && this.members.size + this.#pendingMembers.size >= this.#settings.maxSize) {
      return ErrorCode.GROUP_MAX_SIZE_REACHED;
    }
    return ErrorCode.NONE;
  }

  #joinUnknown(now: number, input: JoinInput, ticket: Ticket): void {
    if (input.groupInstanceId !== null) {
      const memberId = `${input.groupInstanceId}-${this.#newId()}`;
      const oldId = this.#roster.idOfInstance(input.groupInstanceId);
      if (oldId === undefined) this.#addMember(now, memberId, input, ticket);
      else this.#replaceStatic(now, oldId, memberId, input, ticket);
      return;
    }
    const memberId = `${input.clientId}-${this.#newId()}`;
    if (!input.requireKnownMemberId) {
      this.#addMember(now, memberId, input, ticket);
      return;
    }
    if (this.#pendingMembers.isFull) {
      this.#answerJoinError(ticket, '', ErrorCode.GROUP_MAX_SIZE_REACHED);
      return;
    }
    this.#pendingMembers.add(memberId, now + input.sessionTimeoutMs);
    this.#answerJoinError(ticket, memberId, ErrorCode.MEMBER_ID_REQUIRED);
  }

  #joinKnown(now: number, input: JoinInput, ticket: Ticket): void {
    if (this.#pendingMembers.has(input.memberId) && input.groupInstanceId === null) {
      this.#addMember(now, input.memberId, input, ticket);
      return;
    }
    const error = this.#roster.check(input.memberId, input.groupInstanceId);
    if (error !== ErrorCode.NONE) {
      this.#answerJoinError(ticket, input.memberId, error);
      return;
    }
    const member = this.members.get(input.memberId)!;
    const same = sameProtocols(member.protocols, input.protocols);
    const answerAsIs =
      (this.#state === 'CompletingRebalance' && same) ||
      (this.#state === 'Stable' && same && input.memberId !== this.leaderId);
    if (answerAsIs) {
      this.#update(member, input);
      this.#touch(now, member);
      this.#answerJoin(member, ticket);
      return;
    }
    this.#update(member, input);
    this.#awaitJoin(now, member, ticket);
    this.#prepareRebalance(now);
  }

  #addMember(now: number, memberId: string, input: JoinInput, ticket: Ticket): void {
    this.#pendingMembers.delete(memberId);
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
    if (this.members.size === 0) this.protocolType = input.protocolType;
    this.#roster.add(member);
    this.leaderId ??= memberId;
    this.#joinedDuringDelay = true;
    this.#awaitJoin(now, member, ticket);
    this.#prepareRebalance(now);
  }

  /** A static member came back under a new id: the old one is fenced, a stable group need not rebalance (KIP-345). */
  #replaceStatic(now: number, oldId: string, memberId: string, input: JoinInput, ticket: Ticket): void {
    const old = this.members.get(oldId)!;
    this.#roster.delete(old);
    if (old.joinTicket !== null) this.#answerJoinError(old.joinTicket, oldId, ErrorCode.FENCED_INSTANCE_ID);
    if (old.syncTicket !== null) this.#answerSyncError(old.syncTicket, ErrorCode.FENCED_INSTANCE_ID);
    const same = sameProtocols(old.protocols, input.protocols);
    const member: Member = { ...old, memberId, joinTicket: null, syncTicket: null };
    old.joinTicket = null;
    old.syncTicket = null;
    this.#update(member, input);
    this.#roster.add(member);
    const wasLeader = this.leaderId === oldId;
    if (wasLeader) this.leaderId = memberId;
    if (this.#state !== 'Stable' || !(same || this.#roster.chooseProtocol() === this.protocolName)) {
      this.#awaitJoin(now, member, ticket);
      this.#prepareRebalance(now);
      return;
    }
    // Who it is now must be stored before it is told: after a restart the old id would be the member's again.
    member.sessionDeadline = Number.POSITIVE_INFINITY;
    this.#save((later, errorCode) => {
      const replaced = this.#roster.check(memberId, input.groupInstanceId);
      if (replaced !== ErrorCode.NONE) {
        this.#answerJoinError(ticket, memberId, replaced);
      } else if (errorCode !== ErrorCode.NONE) {
        this.#roster.delete(member);
        this.#roster.add(old);
        this.#touch(later, old);
        if (wasLeader) this.leaderId = oldId;
        this.#answerJoinError(ticket, memberId, errorCode);
      } else if (this.#state === 'Stable') {
        this.#touch(later, member);
        // The leader gets the members, but is told to keep the assignment that stands (KIP-814).
        this.#answerJoin(member, ticket, wasLeader);
      } else {
        this.#awaitJoin(later, member, ticket);
        this.#prepareRebalance(later);
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

  #awaitJoin(now: number, member: Member, ticket: Ticket): void {
    if (member.joinTicket !== null) {
      // A retry of the same join: the earlier one is superseded.
      this.#answerJoinError(member.joinTicket, member.memberId, ErrorCode.REBALANCE_IN_PROGRESS);
    }
    member.joinTicket = ticket;
    member.sessionDeadline = member.isNew ? now + newMemberJoinTimeoutMs : Number.POSITIVE_INFINITY;
  }

  // ---- the rebalance ---------------------------------------------------------------------------------------------

  /** Starts a rebalance, or completes the one that is going on when everybody has joined. */
  #prepareRebalance(now: number): void {
    if (this.#state === 'PreparingRebalance') {
      this.#completeIfAllJoined(now);
      return;
    }
    if (this.#state === 'CompletingRebalance') {
      for (const member of this.members.values()) {
        member.assignment = noBytes;
        if (member.syncTicket === null) continue;
        this.#answerSyncError(member.syncTicket, ErrorCode.REBALANCE_IN_PROGRESS);
        member.syncTicket = null;
        this.#touch(now, member);
      }
    }
    const fromEmpty = this.#state === 'Empty';
    this.#syncDeadline = Number.POSITIVE_INFINITY;
    this.#changeState('PreparingRebalance');
    if (fromEmpty && this.#settings.initialRebalanceDelayMs > 0) {
      const limit = this.#roster.rebalanceTimeoutMs();
      this.#initialDelayEnd = now + limit;
      this.#rebalanceDeadline = now + Math.min(this.#settings.initialRebalanceDelayMs, limit);
      this.#joinedDuringDelay = false;
      return;
    }
    this.#rebalanceDeadline = now + this.#roster.rebalanceTimeoutMs();
    this.#completeIfAllJoined(now);
  }

  #completeIfAllJoined(now: number): void {
    if (this.#state !== 'PreparingRebalance' || this.#pendingMembers.size > 0) return;
    if (this.#initialDelayEnd !== Number.NEGATIVE_INFINITY) return; // the initial delay always runs to its end
    for (const member of this.members.values()) if (member.joinTicket === null) return;
    this.#completeJoin(now);
  }

  #rebalanceDue(now: number): void {
    if (this.#joinedDuringDelay && now < this.#initialDelayEnd) {
      this.#joinedDuringDelay = false;
      this.#rebalanceDeadline = Math.min(now + this.#settings.initialRebalanceDelayMs, this.#initialDelayEnd);
      return;
    }
    this.#completeJoin(now);
  }

  #completeJoin(now: number): void {
    for (const member of [...this.members.values()]) {
      if (member.joinTicket === null && member.groupInstanceId === null) this.#forget(member);
    }
    const leaderId = this.#roster.electLeader(this.leaderId);
    if (leaderId === null && this.members.size > 0) {
      // Only static members that are away: wait for them or for the end of their sessions.
      this.#initialDelayEnd = Number.NEGATIVE_INFINITY;
      this.#rebalanceDeadline = now + this.#roster.rebalanceTimeoutMs();
      return;
    }
    this.leaderId = leaderId;
    this.#rebalanceDeadline = Number.POSITIVE_INFINITY;
    this.#initialDelayEnd = Number.NEGATIVE_INFINITY;
    this.generationId++;
    if (this.members.size === 0) {
      this.protocolName = null;
      this.leaderId = null;
      this.#changeState('Empty');
      this.#save();
      return;
    }
    this.protocolName = this.#roster.chooseProtocol();
    this.#changeState('CompletingRebalance');
    this.#syncDeadline = now + this.#roster.rebalanceTimeoutMs();
    for (const member of this.members.values()) {
      member.assignment = noBytes;
      member.isNew = false;
      const ticket = member.joinTicket;
      member.joinTicket = null;
      member.owesSync = true;
      this.#touch(now, member);
      if (ticket !== null) this.#answerJoin(member, ticket);
    }
  }

  // ---- SyncGroup, Heartbeat, LeaveGroup --------------------------------------------------------------------------

  sync(now: number, input: SyncInput, ticket: Ticket): void {
    const error = this.#refuseSync(input);
    if (error !== ErrorCode.NONE) {
      this.#answerSyncError(ticket, error);
      return;
    }
    const member = this.members.get(input.memberId)!;
    member.owesSync = false;
    if (this.#state === 'Stable') {
      this.#touch(now, member);
      this.#answerSync(member, ticket);
      return;
    }
    if (member.syncTicket !== null) this.#answerSyncError(member.syncTicket, ErrorCode.REBALANCE_IN_PROGRESS);
    member.syncTicket = ticket;
    member.sessionDeadline = Number.POSITIVE_INFINITY;
    if (member.memberId !== this.leaderId) return;
    for (const each of this.members.values())
      each.assignment = input.assignments.get(each.memberId) ?? noBytes;
    const { generationId } = this;
    this.#save((later, errorCode) => this.#assigned(later, generationId, errorCode));
  }

  #refuseSync(input: SyncInput): number {
    const error = this.#roster.check(input.memberId, input.groupInstanceId);
    if (error !== ErrorCode.NONE) return error;
    if (input.generationId !== this.generationId) return ErrorCode.ILLEGAL_GENERATION;
    if (input.protocolType !== null && input.protocolType !== this.protocolType) {
      return ErrorCode.INCONSISTENT_GROUP_PROTOCOL;
    }
    if (input.protocolName !== null && input.protocolName !== this.protocolName) {
      return ErrorCode.INCONSISTENT_GROUP_PROTOCOL;
    }
    return this.#state === 'PreparingRebalance' ? ErrorCode.REBALANCE_IN_PROGRESS : ErrorCode.NONE;
  }

  /** The effect `save` of this number is done, or failed. */
  saved(now: number, saveId: number, errorCode: number): void {
    const act = this.#afterSave.get(saveId);
    this.#afterSave.delete(saveId);
    act?.(now, errorCode);
  }

  /** The assignment of a generation is stored: it goes to everybody that waits for it. */
  #assigned(now: number, generationId: number, errorCode: number): void {
    if (this.#state !== 'CompletingRebalance' || generationId !== this.generationId) return;
    if (errorCode !== ErrorCode.NONE) {
      for (const member of this.members.values()) {
        member.assignment = noBytes;
        if (member.syncTicket !== null) this.#answerSyncError(member.syncTicket, errorCode);
        member.syncTicket = null;
        this.#touch(now, member);
      }
      this.#prepareRebalance(now);
      return;
    }
    this.#changeState('Stable');
    for (const member of this.members.values()) {
      const ticket = member.syncTicket;
      member.syncTicket = null;
      this.#touch(now, member);
      if (ticket !== null) this.#answerSync(member, ticket);
    }
  }

  heartbeat(now: number, memberId: string, groupInstanceId: string | null, generationId: number): number {
    if (this.#state === 'Dead') return ErrorCode.COORDINATOR_NOT_AVAILABLE;
    const error = this.#roster.check(memberId, groupInstanceId);
    if (error !== ErrorCode.NONE) return error;
    if (generationId !== this.generationId) return ErrorCode.ILLEGAL_GENERATION;
    this.#touch(now, this.members.get(memberId)!);
    return this.#state === 'PreparingRebalance' ? ErrorCode.REBALANCE_IN_PROGRESS : ErrorCode.NONE;
  }

  /** One member leaves, by its id or (static) by its instance id alone. Returns its error code. */
  leave(now: number, memberId: string, groupInstanceId: string | null): number {
    if (this.#state === 'Dead') return ErrorCode.COORDINATOR_NOT_AVAILABLE;
    let id = memberId;
    if (groupInstanceId !== null) {
      const current = this.#roster.idOfInstance(groupInstanceId);
      if (current === undefined) return ErrorCode.UNKNOWN_MEMBER_ID;
      if (memberId !== '' && memberId !== current) return ErrorCode.FENCED_INSTANCE_ID;
      id = current;
    }
    if (this.#pendingMembers.delete(id)) {
      this.#completeIfAllJoined(now);
      return ErrorCode.NONE;
    }
    const member = this.members.get(id);
    if (member === undefined) return ErrorCode.UNKNOWN_MEMBER_ID;
    this.#remove(now, member);
    return ErrorCode.NONE;
  }

  /** Whether offsets may be committed now under these credentials; a valid commit counts as a sign of life. */
  checkCommit(now: number, memberId: string, groupInstanceId: string | null, generationId: number): number {
    if (this.#state === 'Dead') return ErrorCode.COORDINATOR_NOT_AVAILABLE;
    if (generationId < 0 && this.#state === 'Empty') return ErrorCode.NONE;
    if (generationId >= 0 || memberId !== '' || groupInstanceId !== null) {
      const error = this.#roster.check(memberId, groupInstanceId);
      if (error !== ErrorCode.NONE) return error;
      if (generationId !== this.generationId) return ErrorCode.ILLEGAL_GENERATION;
    } else if (this.#state !== 'Empty') {
      return ErrorCode.UNKNOWN_MEMBER_ID;
    }
    if (this.#state === 'CompletingRebalance') return ErrorCode.REBALANCE_IN_PROGRESS;
    const member = this.members.get(memberId);
    if (member !== undefined) this.#touch(now, member);
    return ErrorCode.NONE;
  }

  /** Runs everything that is due at `now`: sessions, pending ids, the rebalance, missing syncs. */
  expire(now: number): void {
    if (this.#pendingMembers.expire(now)) this.#completeIfAllJoined(now);
    for (const member of [...this.members.values()]) {
      if (member.sessionDeadline <= now && this.members.get(member.memberId) === member)
        this.#remove(now, member);
    }
    if (this.#rebalanceDeadline <= now && this.#state === 'PreparingRebalance') this.#rebalanceDue(now);
    if (this.#syncDeadline <= now) this.#syncDue(now);
  }

  /**
   * Members that joined but did not sync within the rebalance timeout are put out, also when the others are stable by
   * now, and the rest rebalance (Kafka: `expirePendingSync`).
   */
  #syncDue(now: number): void {
    this.#syncDeadline = Number.POSITIVE_INFINITY;
    const missing = [...this.members.values()].filter((member) => member.owesSync);
    if (missing.length === 0 || this.#state === 'PreparingRebalance') return;
    for (const member of missing) this.#forget(member);
    this.#prepareRebalance(now);
  }

  /** Only an empty group can be deleted; afterwards every request is sent away. */
  markDead(): void {
    this.#pendingMembers.clear();
    this.#changeState('Dead');
  }

  // ---- parts -----------------------------------------------------------------------------------------------------

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
    this.generationId = stored.generationId;
    this.protocolType = stored.protocolType;
    this.protocolName = stored.protocolName;
    this.leaderId = stored.leaderId;
    for (const member of stored.members) {
      const sessionDeadline = now + member.sessionTimeoutMs;
      const progress = { joinTicket: null, syncTicket: null, sessionDeadline, isNew: false, owesSync: false };
      this.#roster.add({ ...member, ...progress });
    }
    this.#state = stored.members.length > 0 ? 'Stable' : 'Empty';
    this.stateSince = stored.stateSince;
  }

  /** A sign of life; a member whose own request waits has no deadline. */
  #touch(now: number, member: Member): void {
    if (member.joinTicket !== null || member.syncTicket !== null) return;
    member.sessionDeadline = now + member.sessionTimeoutMs;
  }

  #remove(now: number, member: Member): void {
    this.#forget(member);
    if (this.#state === 'Stable' || this.#state === 'CompletingRebalance') this.#prepareRebalance(now);
    else this.#completeIfAllJoined(now);
  }

  #forget(member: Member): void {
    this.#roster.delete(member);
    if (member.joinTicket !== null) {
      this.#answerJoinError(member.joinTicket, member.memberId, ErrorCode.UNKNOWN_MEMBER_ID);
    }
    if (member.syncTicket !== null) this.#answerSyncError(member.syncTicket, ErrorCode.UNKNOWN_MEMBER_ID);
    if (this.leaderId === member.memberId) this.leaderId = this.members.keys().next().value ?? null;
  }

  #changeState(state: GroupState): void {
    this.#state = state;
    this.stateSince = this.#wallClock();
  }

  #save(then?: AfterSave): void {
    const saveId = ++this.#lastSave;
    if (then !== undefined) this.#afterSave.set(saveId, then);
    this.#effects.push({ kind: 'save', saveId });
  }

  #answerJoin(member: Member, ticket: Ticket, skipAssignment = false): void {
    const isLeader = member.memberId === this.leaderId;
    const members = isLeader
      ? [...this.members.values()].map((each) => ({
          memberId: each.memberId,
          groupInstanceId: each.groupInstanceId,
          metadata: metadataFor(each, this.protocolName),
        }))
      : [];
    const answer: JoinAnswer = {
      errorCode: ErrorCode.NONE,
      generationId: this.generationId,
      protocolType: this.protocolType,
      protocolName: this.protocolName,
      leader: this.leaderId ?? '',
      skipAssignment,
      memberId: member.memberId,
      members,
    };
    this.#effects.push({ kind: 'join-answer', ticket, answer });
  }

  #answerJoinError(ticket: Ticket, memberId: string, errorCode: number): void {
    this.#effects.push({ kind: 'join-answer', ticket, answer: joinError(memberId, errorCode) });
  }

  #answerSync(member: Member, ticket: Ticket): void {
    const { protocolType, protocolName } = this;
    const answer = { errorCode: ErrorCode.NONE, protocolType, protocolName, assignment: member.assignment };
    this.#effects.push({ kind: 'sync-answer', ticket, answer });
  }

  #answerSyncError(ticket: Ticket, errorCode: number): void {
    this.#effects.push({ kind: 'sync-answer', ticket, answer: syncError(errorCode) });
  }
}
