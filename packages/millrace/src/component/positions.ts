/**
 * Exactly once from a channel to a destination. A channel that reads from a log knows how far a take has come there; a
 * destination that keeps that position **in the same step** as the events can't have the one without the other, whatever
 * ends in between. Three kinds of sinks can keep it:
 *
 * - one whose destination is the system that the channel reads from (Kafka): its transaction holds what it writes and the
 *   group's offsets. It commits the take itself, and says so (`DeliveryOutcome.committed`);
 * - one with transactions of another kind (SQL): it writes the events, and per group, topic and partition the `next`
 *   offset, in one transaction. A take that comes again begins below the stored offset: it leaves out what is below, as
 *   the event's own position tells. The channel commits afterwards, as ever (no `committed`);
 * - one that can name things once (files in HDFS, objects): the name holds group, topic, partition, `from` and `next`.
 *   What is visible under its name counts; the highest `next` of these is what SQL's table would say.
 */

/** A run of offsets of one partition that a take covers. */
export interface TakenRange {
  readonly topic: string;
  readonly partition: number;
  /** The first offset that the take covers. */
  readonly from: number;
  /** The offset behind the last: where to read on when the take is committed. */
  readonly next: number;
}

/** Where the events of a take stood in their log, and as whom they were read. */
export interface TakenPositions {
  /** The system whose offsets these are, by its own name of itself: Kafka's cluster id. */
  readonly cluster: string;
  readonly groupId: string;
  readonly memberId: string;
  /** Of the group when the take was told: the coordinator refuses the positions once it is over (KIP-447). */
  readonly generationId: number;
  readonly groupInstanceId: string | null;
  /** One for each partition; none of them has a gap in front, so that committing `next` passes over nothing. */
  readonly ranges: readonly TakenRange[];
}
