import { Deadline } from '../../../runtime/deadline.ts';
import { MillraceError } from '../../../runtime/errors.ts';
import { Bell } from '../../../runtime/timers.ts';
import type { KafkaClient } from '../client.ts';
import { type ConsumerOptions, keyOf, type TopicPartition, type TopicPartitionOffset } from '../options.ts';
import { ClassicGroup } from './classic-group.ts';
import { CommitRefused } from './commit-refused.ts';
import type { FetchedBatch } from './fetched-batch.ts';
import { Fetcher, fetcherOptions } from './fetcher.ts';
import type { Dealt, Generation, GroupMembership } from './group-membership.ts';
import { GroupOffsets } from './group-offsets.ts';
import { HeartbeatGroup } from './heartbeat-group.ts';
import { Positions } from './positions.ts';

/** About so much is handed on by one `poll`. */
const pollBytes = 4 * 1024 * 1024;
let consumers = 0;

/** Offsets, and as whom they were read. */
export interface EnlistedOffsets extends Generation {
  readonly groupId: string;
  readonly groupInstanceId: string | null;
  readonly offsets: readonly TopicPartitionOffset[];
}

export interface CommitOptions {
  readonly deadline?: Deadline;
}

/**
 * A member of a consumer group that hands on whole batches. Offsets are committed only by `commit`.
 *
 * Joining and fetching go on in the background; partitions are given and taken only within `poll`, so whatever was
 * handed on before a call of `poll` may be committed before it without a clash.
 */
export class Consumer implements AsyncDisposable {
  readonly #client: KafkaClient;
  readonly #options: ConsumerOptions;
  readonly #member: GroupMembership;
  readonly #fetcher: Fetcher;
  readonly #offsets: GroupOffsets;
  readonly #positions: Positions;
  readonly #purpose: string;
  readonly #bell = new Bell();
  #closed = false;

  constructor(client: KafkaClient, options: ConsumerOptions) {
    if (options.groupId === '') throw new MillraceError('CONFIG_INVALID', 'group.id is empty');
    this.#client = client;
    this.#options = options;
    this.#purpose = `consumer-${++consumers}`;
    const wake = (): void => this.#bell.ring();
    const common = {
      groupId: options.groupId,
      groupInstanceId: options.groupInstanceId ?? null,
      retryBackoffMs: options.retryBackoffMs ?? 100,
      retryBackoffMaxMs: options.retryBackoffMaxMs ?? 1000,
      requestTimeoutMs: options.requestTimeoutMs ?? 30_000,
    };
    const host = { owned: () => this.assignment, wake };
    const maxPollIntervalMs = options.maxPollIntervalMs ?? 300_000;
    this.#member =
      options.groupProtocol === 'consumer'
        ? new HeartbeatGroup(
            client,
            options,
            {
              ...common,
              maxPollIntervalMs,
              assignor: options.remoteAssignor ?? null,
              rack: options.rack ?? null,
            },
            this.#groupPurpose,
            host,
          )
        : new ClassicGroup(
            client,
            options,
            {
              ...{ ...common, maxPollIntervalMs },
              assignors: options.assignors ?? ['range', 'cooperative-sticky'],
              sessionTimeoutMs: options.sessionTimeoutMs ?? 45_000,
              heartbeatIntervalMs: options.heartbeatIntervalMs ?? 3000,
            },
            this.#groupPurpose,
            host,
          );
    const offsetOptions = { ...common, apiTimeoutMs: options.apiTimeoutMs ?? 60_000 };
    this.#offsets = new GroupOffsets(client, offsetOptions, this.#member);
    this.#fetcher = new Fetcher(
      client,
      fetcherOptions(options, client.options.metadataMaxAgeMs),
      this.#fetchPurpose,
      wake,
    );
    const positionOptions = {
      prefix: `group ${options.groupId}: `,
      reset: options.autoOffsetReset ?? 'latest',
      readCommitted: options.readCommitted ?? false,
      retryBackoffMs: common.retryBackoffMs,
      committed: (partitions: readonly TopicPartition[]) => this.#offsets.committed(partitions),
    };
    this.#positions = new Positions(client, this.#fetcher, positionOptions, wake);
  }

  get #groupPurpose(): string {
    return `${this.#purpose} group`;
  }

  get #fetchPurpose(): string {
    return `${this.#purpose} fetch`;
  }

  get memberId(): string {
    return this.#member.memberId;
  }

  get generationId(): number {
    return this.#member.generationId;
  }

  /** The partitions that are this member's now. */
  get assignment(): readonly TopicPartition[] {
    return this.#positions.owned;
  }

  /**
   * Batches in order per partition; empty when none came within `maxWaitMs`, or when partitions were given or taken
   * meanwhile. Joins the group at the first call. Throws `KAFKA`, `KAFKA_CONNECTION`, `BATCH_CORRUPT`, and as long as
   * `auto.offset.reset=none` leaves a partition without a position `KAFKA` or `OFFSET_OUT_OF_RANGE`; the next call tries
   * again.
   */
  async poll(maxWaitMs: number, signal?: AbortSignal): Promise<readonly FetchedBatch[]> {
    const deadline = Deadline.in(maxWaitMs);
    for (;;) {
      if (this.#closed) throw new MillraceError('KAFKA_CONNECTION', 'the consumer is closed');
      this.#member.polled();
      if (await this.#rebalance()) return [];
      // Learnt in this very moment: nothing more is handed on.
      if (this.#member.lost) continue;
      this.#positions.step();
      const reset = this.#positions.takeReset();
      if (reset.length > 0) await this.#options.onReset?.(reset);
      const batches = this.#fetcher.take(pollBytes);
      if (batches.length === 0) this.#positions.throwIfStuck();
      if (batches.length > 0 || deadline.passed || signal?.aborted === true) return batches;
      await this.#bell.wait(deadline.leftMs, signal);
    }
  }

  /** Ends a `poll` that waits. */
  wakeup(): void {
    this.#bell.ring();
  }

  /**
   * Commits offsets (the next ones to read), trying until the deadline or for `default.api.timeout.ms`. Throws
   * `CommitRefused` for those that are not this member's to commit (any more): the events will come again, to whoever
   * has the partitions now.
   */
  async commit(offsets: readonly TopicPartitionOffset[], { deadline }: CommitOptions = {}): Promise<void> {
    const stale = offsets.filter((offset) => !this.#positions.mayCommit(offset));
    const fresh = stale.length === 0 ? offsets : offsets.filter((offset) => !stale.includes(offset));
    const read = fresh.map((offset) => ({ ...offset, topicId: this.#positions.topicIdOf(offset) }));
    await this.#offsets.commit(read, deadline, (offset) => this.#positions.mayCommit(offset));
    if (stale.length === 0) return;
    const generation = this.#member.generation();
    const reason = typeof generation === 'string' ? generation : 'stale';
    throw new CommitRefused(this.#options.groupId, reason, stale);
  }

  /**
   * The offsets as they can be committed within a producer's transaction (KIP-447): with who this member is now, so that
   * the coordinator refuses them once it is no more. Throws `CommitRefused` as `commit` does.
   */
  enlist(offsets: readonly TopicPartitionOffset[]): EnlistedOffsets {
    const { groupId, groupInstanceId = null } = this.#options;
    const sent = this.#member.generation();
    if (typeof sent === 'string') throw new CommitRefused(groupId, sent, offsets);
    const stale = offsets.filter((offset) => !this.#positions.mayCommit(offset));
    if (stale.length > 0) throw new CommitRefused(groupId, 'stale', stale);
    return { groupId, groupInstanceId, ...sent, offsets };
  }

  /**
   * The next `poll` reads the partitions from their committed offsets; what was fetched ahead is dropped. Where a
   * transaction with offsets of them has not ended, its end is waited for.
   */
  returnToCommitted(partitions: readonly TopicPartition[]): void {
    this.#positions.returnToCommitted(partitions);
    this.#bell.ring();
  }

  /** Where the next `poll` reads on, for each partition that is this member's and has a position. */
  get positions(): readonly TopicPartitionOffset[] {
    return this.#fetcher.positions();
  }

  /** The next `poll` reads the partition from there; what was fetched ahead is dropped. */
  seek(partition: TopicPartition, offset: number): void {
    this.#positions.seek(partition, offset);
  }

  /** Fetches nothing more. The member stays in its group, and may commit, until `close` or `max.poll.interval.ms`. */
  endReading(): void {
    this.#fetcher.close();
  }

  /**
   * Leaves the group (a static member stays, as in KIP-345) and ends, by the deadline. Commits nothing. Its connections
   * are closed, also where others share the client.
   */
  async close({ deadline }: CommitOptions = {}): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#fetcher.close();
    this.#positions.close();
    this.#bell.ring();
    await this.#member.close(deadline);
    this.#client.disconnect(this.#groupPurpose);
    this.#client.disconnect(this.#fetchPurpose);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  // Rebalancing

  /** Begins to join where that is due, and takes over the result of a join that is through; true when it did. */
  async #rebalance(): Promise<boolean> {
    if (this.#member.lost) {
      try {
        await this.#giveUp(this.assignment, this.#options.onLost ?? this.#options.onRevoked);
      } finally {
        // Only now: what the listener commits is nobody's, also when the member has joined anew meanwhile.
        this.#member.lost = false;
      }
    }
    const dealt = this.#member.takeDealt();
    if (dealt !== null) return this.#apply(dealt);
    if (!this.#member.joinDue) return false;
    // Asked anew for every generation: revoking and joining are one step for a member that is not cooperative.
    if (this.#member.isEager) await this.#giveUp(this.assignment, this.#options.onRevoked);
    this.#member.join();
    return false;
  }

  /** Gives and takes partitions as the group was dealt, also where a listener fails. */
  async #apply(dealt: Dealt): Promise<boolean> {
    const { assignment } = dealt;
    const wanted = new Set(assignment.map(keyOf));
    const revoked = this.assignment.filter((partition) => !wanted.has(keyOf(partition)));
    const added = assignment.filter((partition) => !this.#positions.owns(partition));
    try {
      await this.#giveUp(revoked, this.#options.onRevoked);
    } finally {
      this.#positions.add(added);
      this.#member.settled(dealt);
    }
    if (added.length > 0) await this.#options.onAssigned?.(added);
    return added.length > 0 || revoked.length > 0;
  }

  /** Nothing more is handed on of the partitions; what was may still be committed until the listener has ended. */
  async #giveUp(
    partitions: readonly TopicPartition[],
    tell: ((partitions: readonly TopicPartition[]) => void | Promise<void>) | undefined,
  ): Promise<void> {
    if (partitions.length === 0) return;
    this.#positions.hold(partitions);
    try {
      await tell?.(partitions);
    } finally {
      this.#positions.remove(partitions);
    }
  }
}
