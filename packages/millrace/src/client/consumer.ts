import { MillraceError } from '../runtime/errors.ts';
import { Bell } from '../runtime/timers.ts';
import type { KafkaClient } from './client.ts';
import type { FetchedBatch } from './fetched-batch.ts';
import { Fetcher } from './fetcher.ts';
import { GroupMember } from './group-member.ts';
import { errorName, isRetriable, kafkaError } from './kafka-errors.ts';
import { earliestOffset, latestOffset, listOffsets } from './offsets.ts';
import type { AssignorName, ConsumerOptions, TopicPartition, TopicPartitionOffset } from './options.ts';

/** About so much is handed on by one `poll`. */
const pollBytes = 4 * 1024 * 1024;
/** How often a topic that does not exist yet is looked for. */
const missingTopicMs = 1000;
let consumers = 0;

const keyOf = ({ topic, partition }: TopicPartition): string => `${topic}\0${partition}`;

/**
 * A member of a consumer group that hands on whole batches. Offsets are committed only by `commit`.
 *
 * Joining and fetching go on in the background; partitions are given and taken only within `poll`, so whatever was
 * handed on before a call of `poll` may be committed before it without a clash.
 */
export class Consumer implements AsyncDisposable {
  readonly #client: KafkaClient;
  readonly #options: ConsumerOptions;
  readonly #member: GroupMember;
  readonly #fetcher: Fetcher;
  readonly #bell = new Bell();
  /** All assignors understand incremental rebalancing (KIP-429). */
  readonly #cooperative: boolean;
  #owned: TopicPartition[] = [];
  #joining: Promise<void> | null = null;
  #joined: { assignment: TopicPartition[] } | { error: unknown } | null = null;
  /** Topics and partition counts that the present assignment was made for. */
  #known = new Map<string, number>();
  #subscribed: readonly string[] = [];
  #watchTimer: NodeJS.Timeout | null = null;
  #closed = false;

  constructor(client: KafkaClient, options: ConsumerOptions) {
    if (options.groupId === '') throw new MillraceError('CONFIG_INVALID', 'group.id is empty');
    this.#client = client;
    this.#options = options;
    const assignors: readonly AssignorName[] = options.assignors ?? ['range', 'cooperative-sticky'];
    this.#cooperative = assignors.every((name) => name === 'cooperative-sticky');
    const purpose = `consumer-${++consumers}`;
    const wake = (): void => this.#bell.ring();
    const retryBackoffMs = options.retryBackoffMs ?? 100;
    this.#member = new GroupMember(
      client,
      {
        groupId: options.groupId,
        groupInstanceId: options.groupInstanceId ?? null,
        assignors,
        sessionTimeoutMs: options.sessionTimeoutMs ?? 45_000,
        heartbeatIntervalMs: options.heartbeatIntervalMs ?? 3000,
        maxPollIntervalMs: options.maxPollIntervalMs ?? 300_000,
        retryBackoffMs,
        retryBackoffMaxMs: options.retryBackoffMaxMs ?? 1000,
      },
      `${purpose} group`,
      wake,
    );
    this.#fetcher = new Fetcher(
      client,
      {
        fetchMinBytes: options.fetchMinBytes ?? 1,
        fetchMaxBytes: options.fetchMaxBytes ?? 52_428_800,
        maxPartitionFetchBytes: options.maxPartitionFetchBytes ?? 1_048_576,
        fetchMaxWaitMs: options.fetchMaxWaitMs ?? 500,
        requestTimeoutMs: options.requestTimeoutMs ?? 30_000,
        retryBackoffMs,
        readCommitted: options.readCommitted ?? false,
        checkCrcs: options.checkCrcs ?? true,
      },
      `${purpose} fetch`,
      wake,
    );
  }

  get memberId(): string {
    return this.#member.memberId;
  }

  get generationId(): number {
    return this.#member.generationId;
  }

  /** The partitions that are this member's now. */
  get assignment(): readonly TopicPartition[] {
    return this.#owned;
  }

  /**
   * Batches in order per partition; empty when none came within `maxWaitMs`, or when partitions were given or taken
   * meanwhile. Joins the group at the first call. Throws `KAFKA`, `KAFKA_CONNECTION` or `BATCH_CORRUPT`; the next call
   * tries again.
   */
  async poll(maxWaitMs: number, signal?: AbortSignal): Promise<readonly FetchedBatch[]> {
    const deadline = Date.now() + maxWaitMs;
    for (;;) {
      if (this.#closed) throw new MillraceError('KAFKA_CONNECTION', 'the consumer is closed');
      this.#member.polled();
      if (await this.#rebalance()) return [];
      if (this.#fetcher.outOfRange.length > 0) await this.#reset(this.#fetcher.outOfRange.splice(0));
      const batches = this.#fetcher.take(pollBytes);
      const left = deadline - Date.now();
      if (batches.length > 0 || left <= 0 || signal?.aborted === true) return batches;
      await this.#bell.wait(left, signal);
    }
  }

  /** Ends a `poll` that waits. */
  wakeup(): void {
    this.#bell.ring();
  }

  /**
   * Commits offsets (the next ones to read). Throws `KAFKA` where the partitions are no longer this member's; the
   * events will come again, to whoever has them now.
   */
  commit(offsets: readonly TopicPartitionOffset[]): Promise<void> {
    return this.#member.commit(offsets);
  }

  /** Where the next `poll` reads on, for each partition that is this member's and has a position. */
  get positions(): readonly TopicPartitionOffset[] {
    return this.#fetcher.positions();
  }

  /** The next `poll` reads the partition from there; what was fetched ahead is dropped. */
  seek({ topic, partition }: TopicPartition, offset: number): void {
    if (this.#owns({ topic, partition })) this.#fetcher.start([{ topic, partition, offset }]);
  }

  /** Leaves the group (a static member stays, as in KIP-345) and ends. Commits nothing. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#watchTimer !== null) clearTimeout(this.#watchTimer);
    this.#fetcher.close();
    this.#bell.ring();
    await this.#member.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #owns(partition: TopicPartition): boolean {
    const key = keyOf(partition);
    return this.#owned.some((owned) => keyOf(owned) === key);
  }

  // Rebalancing

  /** Begins to join where that is due, and takes over the result of a join that is through; true when it did. */
  async #rebalance(): Promise<boolean> {
    if (this.#member.lost) {
      this.#member.lost = false;
      await this.#giveUp(this.#owned, this.#options.onLost ?? this.#options.onRevoked);
    }
    if (this.#joined !== null) return this.#apply();
    if (this.#joining !== null || !this.#member.rejoin) return false;
    // Asked anew for every generation: revoking and joining are one step for a member that is not cooperative.
    if (!this.#cooperative) await this.#giveUp(this.#owned, this.#options.onRevoked);
    const owned = [...this.#owned];
    this.#joining = this.#join(owned).finally(() => {
      this.#joining = null;
      this.#bell.ring();
    });
    return false;
  }

  async #join(owned: readonly TopicPartition[]): Promise<void> {
    try {
      this.#subscribed = await this.#topicsWanted();
      const counts = (topics: readonly string[]): Promise<ReadonlyMap<string, number>> =>
        this.#partitionCounts(topics);
      const assignment = await this.#member.join(this.#subscribed, owned, counts);
      this.#joined = { assignment };
      this.#watchTopics();
    } catch (error) {
      this.#member.rejoin = true;
      this.#joined = { error };
    }
  }

  async #apply(): Promise<boolean> {
    const joined = this.#joined!;
    this.#joined = null;
    if ('error' in joined) throw joined.error;
    const wanted = new Set(joined.assignment.map(keyOf));
    const revoked = this.#owned.filter((partition) => !wanted.has(keyOf(partition)));
    const added = joined.assignment.filter((partition) => !this.#owns(partition));
    await this.#giveUp(revoked, this.#options.onRevoked);
    // What was given up is dealt out in a further round (KIP-429).
    if (this.#cooperative && revoked.length > 0) this.#member.rejoin = true;
    this.#owned = [...this.#owned, ...added];
    try {
      await this.#position(added);
    } catch (error) {
      this.#owned = this.#owned.filter((partition) => !added.includes(partition));
      this.#member.rejoin = true;
      throw error;
    }
    if (added.length > 0) await this.#options.onAssigned?.(added);
    return added.length > 0 || revoked.length > 0;
  }

  async #giveUp(
    partitions: readonly TopicPartition[],
    tell: ((partitions: readonly TopicPartition[]) => void | Promise<void>) | undefined,
  ): Promise<void> {
    if (partitions.length === 0) return;
    const gone = new Set(partitions.map(keyOf));
    this.#fetcher.stop(partitions);
    await tell?.(partitions);
    this.#owned = this.#owned.filter((partition) => !gone.has(keyOf(partition)));
  }

  /** Starts the partitions at their committed offsets, or where `auto.offset.reset` says. */
  async #position(partitions: readonly TopicPartition[]): Promise<void> {
    if (partitions.length === 0) return;
    await this.#client.refreshTopics([...new Set(partitions.map(({ topic }) => topic))]);
    const committed = await this.#member.committed(partitions);
    const found = new Set(committed.map(keyOf));
    this.#fetcher.start(committed);
    await this.#reset(partitions.filter((partition) => !found.has(keyOf(partition))));
  }

  async #reset(all: readonly TopicPartition[]): Promise<void> {
    const partitions = all.filter((partition) => this.#owns(partition));
    if (partitions.length === 0) return;
    const policy = this.#options.autoOffsetReset ?? 'latest';
    if (policy === 'none') {
      const names = partitions.map(({ topic, partition }) => `${topic}-${partition}`).join(', ');
      throw new MillraceError(
        'KAFKA',
        `group ${this.#options.groupId}: no offset to start from for ${names}`,
        {
          remedy: 'Commit an offset, or set auto.offset.reset to earliest or latest.',
        },
      );
    }
    try {
      const timestamp = policy === 'earliest' ? earliestOffset : latestOffset;
      const offsets = await listOffsets(this.#client, partitions, timestamp, this.#options.readCommitted);
      this.#fetcher.start(offsets.filter((partition) => this.#owns(partition)));
    } catch (error) {
      this.#fetcher.outOfRange.push(...partitions);
      throw error;
    }
  }

  // Topics

  async #topicsWanted(): Promise<readonly string[]> {
    const { topics, pattern, allowAutoCreateTopics } = this.#options;
    if (pattern === undefined) {
      await this.#client.refreshTopics(topics ?? [], { allowAutoCreate: allowAutoCreateTopics ?? true });
      return topics ?? [];
    }
    const metadata = await this.#client.metadata();
    const whole = new RegExp(`^(?:${pattern.source})$`, pattern.flags.replace(/[gy]/g, ''));
    return [...metadata.topics.values()]
      .filter(({ topic, isInternal, errorCode }) => errorCode === 0 && !isInternal && whole.test(topic))
      .map(({ topic }) => topic)
      .sort();
  }

  async #partitionCounts(topics: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const counts = new Map<string, number>();
    if (topics.length === 0) return counts;
    const allowAutoCreate = this.#options.allowAutoCreateTopics ?? true;
    const metadata = await this.#client.refreshTopics(topics, { allowAutoCreate });
    for (const { topic, errorCode, partitions } of metadata.topics.values()) {
      if (errorCode !== 0 && !isRetriable(errorCode)) throw kafkaError(errorCode, topic);
      if (errorName(errorCode) === 'NONE') counts.set(topic, partitions.length);
    }
    this.#known = counts;
    return counts;
  }

  /** Looks for new topics and partitions, often while a topic is missing; finding some means joining again. */
  #watchTopics(): void {
    if (this.#watchTimer !== null) clearTimeout(this.#watchTimer);
    if (this.#closed) return;
    const missing =
      this.#subscribed.length === 0 || this.#subscribed.some((t) => this.#client.cachedTopic(t) === null);
    const every = this.#client.options.metadataMaxAgeMs ?? 300_000;
    this.#watchTimer = setTimeout(
      () => {
        this.#topicsChanged().then(
          (changed) => {
            if (changed) this.#member.askToRejoin();
            this.#watchTopics();
          },
          () => this.#watchTopics(),
        );
      },
      missing ? Math.min(missingTopicMs, every) : every,
    );
  }

  async #topicsChanged(): Promise<boolean> {
    const wanted = await this.#topicsWanted();
    if (wanted.join('\0') !== this.#subscribed.join('\0')) return true;
    if (!this.#member.leads || this.#joining !== null) return false;
    const before = this.#known;
    const now = await this.#partitionCounts([...new Set([...wanted, ...before.keys()])]);
    return [...now].some(([topic, count]) => before.get(topic) !== count);
  }
}
