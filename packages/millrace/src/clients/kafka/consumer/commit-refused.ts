import { MillraceError } from '../../../runtime/errors.ts';
import type { TopicPartitionOffset } from '../options.ts';

/**
 * Why a commit was not sent: the member is `not-a-member` (it never joined, or was thrown out), the group is
 * `rebalancing` (try again after the next `poll`), or the offsets are `stale` (of partitions that are not this member's,
 * or from before they came (back) to it) or `made-again` (of a topic that is deleted, while another has its name).
 */
export type CommitRefusal = 'not-a-member' | 'rebalancing' | 'stale' | 'made-again';

const reasons: Readonly<Record<CommitRefusal, string>> = {
  'not-a-member': 'the consumer is no member of its group now; its partitions may be read by others',
  rebalancing: 'the group is being dealt anew; the next poll completes that',
  stale: 'they are not from the present assignment, and another member may have committed more',
  'made-again': 'their topic was deleted and made again; in the new one they would pass over records',
};

/**
 * Offsets that were refused here, before they could overwrite what another member has committed; Kafka's
 * `CommitFailedException` and `RebalanceInProgressException`. The events come again to whoever has the partitions now.
 */
export class CommitRefused extends MillraceError {
  readonly reason: CommitRefusal;
  readonly offsets: readonly TopicPartitionOffset[];

  constructor(
    groupId: string,
    reason: CommitRefusal,
    offsets: readonly TopicPartitionOffset[],
    cause?: unknown,
  ) {
    const names = offsets.map(({ topic, partition, offset }) => `${topic}-${partition} at ${offset}`);
    const why = cause instanceof Error ? `${reasons[reason]} (${cause.message})` : reasons[reason];
    super('KAFKA', `group ${groupId}: offsets are not committed (${names.join(', ')}): ${why}`, {
      cause,
      retryable: reason === 'rebalancing',
      remedy: 'Drop what was read of partitions that were lost; poll more often than max.poll.interval.ms.',
    });
    this.reason = reason;
    this.offsets = offsets;
  }
}
