import { type ConsumerMember, memberStates } from './consumer-member.ts';
import type { OwnedPartitions } from './partitions.ts';

interface RebalanceDeadline {
  readonly at: number;
  /** The member's when it began, and what it has to give up. */
  readonly epoch: number;
  readonly pending: OwnedPartitions;
}

/**
 * When the members of a group count as gone: after a session without a heartbeat, or when they have not given up within
 * the rebalance timeout what they were told to. Times are ms of a clock that never goes back.
 */
export class Deadlines {
  readonly #sessions = new Map<string, number>();
  readonly #rebalances = new Map<string, RebalanceDeadline>();

  get next(): number {
    let next = Number.POSITIVE_INFINITY;
    for (const at of this.#sessions.values()) if (at < next) next = at;
    for (const { at } of this.#rebalances.values()) if (at < next) next = at;
    return next;
  }

  /** A sign of life. */
  touch(memberId: string, at: number): void {
    this.#sessions.set(memberId, at);
  }

  /** Keeps the deadline of a member that has to give something up, as it is now. */
  watch(member: ConsumerMember, now: number): void {
    const { memberId, epoch, rebalanceTimeoutMs, pendingRevocation: pending } = member;
    if (member.state !== memberStates.unrevokedPartitions) {
      this.#rebalances.delete(memberId);
      return;
    }
    const known = this.#rebalances.get(memberId);
    if (known?.epoch === epoch && known.pending === pending) return;
    this.#rebalances.set(memberId, { at: now + Math.max(0, rebalanceTimeoutMs), epoch, pending });
  }

  /** Members whose time is over; their deadlines are forgotten. */
  take(now: number, members: ReadonlyMap<string, ConsumerMember>): string[] {
    const due = new Set<string>();
    for (const [memberId, at] of this.#sessions) if (at <= now) due.add(memberId);
    for (const [memberId, { at, epoch }] of this.#rebalances) {
      if (at > now) continue;
      this.#rebalances.delete(memberId);
      // One that has gone on since, or is away, is not held to it.
      if (members.get(memberId)?.epoch === epoch) due.add(memberId);
    }
    for (const memberId of due) this.forget(memberId);
    return [...due].filter((memberId) => members.has(memberId));
  }

  forget(memberId: string): void {
    this.#sessions.delete(memberId);
    this.#rebalances.delete(memberId);
  }
}
