import { ErrorCode } from '../../core/error-code.ts';
import type { ConsumerGroup } from './consumer-group.ts';
import type { TopicsView } from './subscriptions.ts';

export interface ConsumerCommitter {
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  readonly memberEpoch: number;
  /** Within a transaction a producer may say nothing of a member. */
  readonly isTransactional: boolean;
  /** Since version 9 of OffsetCommit. */
  readonly knowsEpochs: boolean;
}

/**
 * The error of a commit for a group of the consumer protocol (ConsumerGroup.validateOffsetCommit). A member that has
 * gone on to a later epoch may still commit, in an earlier one, what it had then and has now (KIP-1251).
 */
export function consumerCommitError(
  group: ConsumerGroup,
  committer: ConsumerCommitter,
  partitions: readonly { readonly topic: string; readonly partition: number }[],
  topics: TopicsView,
): number {
  const { memberId, groupInstanceId, memberEpoch, isTransactional, knowsEpochs } = committer;
  if (memberEpoch < 0 && group.members.size === 0) return ErrorCode.NONE;
  const saysNothing = memberEpoch === -1 && memberId === '' && groupInstanceId === null;
  if (isTransactional && saysNothing) return ErrorCode.NONE;
  const member = group.members.get(memberId);
  if (member === undefined) return ErrorCode.UNKNOWN_MEMBER_ID;
  if (!isTransactional && !knowsEpochs) return ErrorCode.UNSUPPORTED_VERSION;
  if (memberEpoch === member.epoch) return ErrorCode.NONE;
  // TxnOffsetCommit knows no stale epochs.
  const stale = isTransactional ? ErrorCode.ILLEGAL_GENERATION : ErrorCode.STALE_MEMBER_EPOCH;
  if (memberEpoch > member.epoch) return stale;
  for (const { topic, partition } of partitions) {
    const topicId = topics.find(topic)?.id ?? '';
    const since =
      member.assigned.get(topicId)?.get(partition) ?? member.pendingRevocation.get(topicId)?.get(partition);
    if (since === undefined || memberEpoch < since) return stale;
  }
  return ErrorCode.NONE;
}

/** The error of an OffsetFetch in which a member says who it is (KIP-848). */
export function consumerFetchError(
  group: ConsumerGroup,
  memberId: string | null,
  memberEpoch: number,
): number {
  if (memberId === null && memberEpoch < 0) return ErrorCode.NONE;
  const member = group.members.get(memberId ?? '');
  if (member === undefined) return ErrorCode.UNKNOWN_MEMBER_ID;
  return member.epoch === memberEpoch ? ErrorCode.NONE : ErrorCode.STALE_MEMBER_EPOCH;
}
