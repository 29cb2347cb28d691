/** Between how a consumer comes to its partitions and how it reads them: the two group protocols are told apart here. */
import type { Deadline } from '../../../runtime/deadline.ts';
import type { BrokerNode } from '../cluster-metadata.ts';
import type { TopicPartition } from '../options.ts';
import type { CommitRefusal } from './commit-refused.ts';

/** As whom a request was sent: a generation of the classic protocol, a member epoch of the other (KIP-848). */
export interface Generation {
  readonly memberId: string;
  readonly generationId: number;
}

/** What commits need of the member. */
export interface Membership {
  readonly closing: AbortSignal;
  /** The present assignment's, or why there is none. */
  generation(): Generation | CommitRefusal;
  /** Whether what was begun as `sent` may go on as who the member is now. */
  continues(sent: Generation): boolean;
  /** As whom committed offsets are looked up; null: the protocol has no need to know. */
  asReader(): Generation | null;
  coordinator(timeoutMs?: number): Promise<BrokerNode>;
  /**
   * An answer said so, or there was none (''); `sent`: as whom it was asked. True when it is worth trying again although
   * the error is none of those that pass.
   */
  failed(errorName: string, sent: Generation | null): boolean;
}

/** The partitions that the group has for the member, all of them. */
export interface Dealt {
  readonly assignment: readonly TopicPartition[];
}

/** What the membership asks of the consumer that it belongs to. */
export interface GroupHost {
  /** The partitions that are read, or still to be given up. */
  owned(): readonly TopicPartition[];
  /** Something may have to be taken over. */
  wake(): void;
}

/**
 * A consumer's place in its group. It lives by itself; what it finds out waits until the consumer takes it over, which
 * gives and takes partitions between two polls only.
 */
export interface GroupMembership<D extends Dealt = Dealt> extends Membership {
  readonly memberId: string;
  readonly generationId: number;
  /** The member joins anew at the next `join`. */
  readonly joinDue: boolean;
  /** All partitions are given up before the member joins anew (the eager classic protocol). */
  readonly isEager: boolean;
  /** Another member may own the partitions by now; whoever has given them up says false. */
  lost: boolean;
  /** The consumer is alive, for `max.poll.interval.ms`. */
  polled(): void;
  /** Begins to join, in the background. */
  join(): void;
  /** What is to be taken over, once. Throws what keeps the member out of its group; the next `join` tries again. */
  takeDealt(): D | null;
  /** The consumer reads these partitions now and no others: what others wait for is free. */
  settled(dealt: D): void;
  /** Leaves by the deadline; a static member keeps its place until its session ends. */
  close(deadline?: Deadline): Promise<void>;
}
