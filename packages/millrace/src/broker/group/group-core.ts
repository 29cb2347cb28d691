import { ErrorCode } from '../core/error-code.ts';
import {
  type GroupEffect,
  type GroupSettings,
  type GroupState,
  type JoinAnswer,
  joinError,
  syncError,
} from './group-types.ts';
import { type Member, metadataFor, type Ticket } from './member.ts';
import { PendingBudget, PendingMembers } from './pending-members.ts';
import { Roster } from './roster.ts';

const defaultMaxPending = 10_000;

/** Acts on how a save ended: the time, and the error code. */
type AfterSave = (now: number, errorCode: number) => void;

/** What a classic group is at present, and what it wants done: the parts of `ClassicGroup` share it. */
export class GroupCore {
  readonly roster: Roster = new Roster();
  readonly pending: PendingMembers;
  readonly settings: GroupSettings;
  readonly newId: () => string;
  readonly #wallClock: () => number;
  readonly #afterSave = new Map<number, AfterSave>();
  #lastSave = 0;
  #effects: GroupEffect[] = [];
  state: GroupState = 'Empty';
  generationId = 0;
  protocolType: string | null = null;
  protocolName: string | null = null;
  leaderId: string | null = null;
  /** Unix ms of the last change of state. */
  stateSince: number;

  constructor(settings: GroupSettings, wallClock: () => number, newId: () => string) {
    const { maxPending = defaultMaxPending, pendingBudget = new PendingBudget(maxPending) } = settings;
    this.settings = settings;
    this.pending = new PendingMembers(maxPending, pendingBudget);
    this.newId = newId;
    this.#wallClock = wallClock;
    this.stateSince = wallClock();
  }

  get members(): ReadonlyMap<string, Member> {
    return this.roster.members;
  }

  takeEffects(): readonly GroupEffect[] {
    const effects = this.#effects;
    if (effects.length > 0) this.#effects = [];
    return effects;
  }

  /** A sign of life; a member whose own request waits has no deadline. */
  touch(now: number, member: Member): void {
    if (member.joinTicket !== null || member.syncTicket !== null) return;
    member.sessionDeadline = now + member.sessionTimeoutMs;
  }

  changeState(state: GroupState): void {
    this.state = state;
    this.stateSince = this.#wallClock();
  }

  /** Has generation, members and assignments stored as they are when the effect is acted on. */
  save(then?: AfterSave): void {
    const saveId = ++this.#lastSave;
    if (then !== undefined) this.#afterSave.set(saveId, then);
    this.#effects.push({ kind: 'save', saveId });
  }

  /** The effect `save` of this number is done, or failed. */
  saved(now: number, saveId: number, errorCode: number): void {
    const act = this.#afterSave.get(saveId);
    this.#afterSave.delete(saveId);
    act?.(now, errorCode);
  }

  answerJoin(member: Member, ticket: Ticket, skipAssignment = false): void {
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

  answerJoinError(ticket: Ticket, memberId: string, errorCode: number): void {
    this.#effects.push({ kind: 'join-answer', ticket, answer: joinError(memberId, errorCode) });
  }

  answerSync(member: Member, ticket: Ticket): void {
    const { protocolType, protocolName } = this;
    const answer = { errorCode: ErrorCode.NONE, protocolType, protocolName, assignment: member.assignment };
    this.#effects.push({ kind: 'sync-answer', ticket, answer });
  }

  answerSyncError(ticket: Ticket, errorCode: number): void {
    this.#effects.push({ kind: 'sync-answer', ticket, answer: syncError(errorCode) });
  }
}
