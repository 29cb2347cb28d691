import { ErrorCode } from '../core/error-code.ts';
import type { Member, MemberProtocol } from './member.ts';

/** The members of a group by id, and which id each static instance has now (KIP-345). */
export class Roster {
  readonly members: Map<string, Member> = new Map();
  readonly #idOfInstance = new Map<string, string>();

  add(member: Member): void {
    this.members.set(member.memberId, member);
    if (member.groupInstanceId !== null) this.#idOfInstance.set(member.groupInstanceId, member.memberId);
  }

  delete(member: Member): void {
    this.members.delete(member.memberId);
    const { groupInstanceId } = member;
    if (groupInstanceId !== null && this.#idOfInstance.get(groupInstanceId) === member.memberId) {
      this.#idOfInstance.delete(groupInstanceId);
    }
  }

  idOfInstance(groupInstanceId: string): string | undefined {
    return this.#idOfInstance.get(groupInstanceId);
  }

  /** NONE for a member, FENCED_INSTANCE_ID when its instance has another id by now, else UNKNOWN_MEMBER_ID. */
  check(memberId: string, groupInstanceId: string | null): number {
    if (groupInstanceId === null) {
      return this.members.has(memberId) ? ErrorCode.NONE : ErrorCode.UNKNOWN_MEMBER_ID;
    }
    const current = this.#idOfInstance.get(groupInstanceId);
    if (current === undefined) return ErrorCode.UNKNOWN_MEMBER_ID;
    return current === memberId ? ErrorCode.NONE : ErrorCode.FENCED_INSTANCE_ID;
  }

  /** Whether one of the protocols is known to all members besides `memberId`. */
  shareProtocol(protocols: readonly MemberProtocol[], memberId: string): boolean {
    const others = [...this.members.values()].filter((member) => member.memberId !== memberId);
    return protocols.some(({ name }) => others.every((member) => knows(member, name)));
  }

  /** Every member votes for its first protocol that all know; the most votes win. */
  chooseProtocol(): string | null {
    const members = [...this.members.values()];
    const votes = new Map<string, number>();
    let winner: string | null = null;
    for (const member of members) {
      const vote = member.protocols.find(({ name }) => members.every((each) => knows(each, name)))?.name;
      if (vote === undefined) continue;
      const count = (votes.get(vote) ?? 0) + 1;
      votes.set(vote, count);
      if (winner === null || count > votes.get(winner)!) winner = vote;
    }
    return winner;
  }

  /** The longest that any member wants to be waited for. */
  rebalanceTimeoutMs(): number {
    let timeout = 0;
    for (const member of this.members.values()) timeout = Math.max(timeout, member.rebalanceTimeoutMs);
    return timeout;
  }

  /** The member that leads: the leader so far if it has joined, else the first that has; null when nobody has. */
  electLeader(leaderId: string | null): string | null {
    const leader = leaderId === null ? undefined : this.members.get(leaderId);
    if (leader !== undefined && leader.joinTicket !== null) return leaderId;
    for (const member of this.members.values()) if (member.joinTicket !== null) return member.memberId;
    return null;
  }

  nextDeadline(): number {
    let next = Number.POSITIVE_INFINITY;
    for (const member of this.members.values()) next = Math.min(next, member.sessionDeadline);
    return next;
  }
}

function knows(member: Member, protocolName: string): boolean {
  return member.protocols.some((protocol) => protocol.name === protocolName);
}
