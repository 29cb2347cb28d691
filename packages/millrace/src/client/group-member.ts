import { MillraceError } from '../runtime/errors.ts';
import { assignors } from './assignors.ts';
import type { BrokerNode, KafkaClient } from './client.ts';
import {
  heartbeatApi,
  joinGroupApi,
  leaveGroupApi,
  offsetCommitApi,
  offsetFetchApi,
  syncGroupApi,
} from './consumer-apis.ts';
import {
  decodeAssignment,
  decodeSubscription,
  encodeAssignment,
  encodeSubscription,
} from './group-protocol.ts';
import { brokerErrorName, errorName, kafkaError } from './kafka-errors.ts';
import type { AssignorName, TopicPartition, TopicPartitionOffset } from './options.ts';

export interface GroupMemberOptions {
  readonly groupId: string;
  readonly groupInstanceId: string | null;
  readonly assignors: readonly AssignorName[];
  readonly sessionTimeoutMs: number;
  readonly heartbeatIntervalMs: number;
  readonly maxPollIntervalMs: number;
  readonly retryBackoffMs: number;
  readonly retryBackoffMaxMs: number;
}

/** What a member learns of the cluster when it leads the group. */
export type PartitionCounts = (topics: readonly string[]) => Promise<ReadonlyMap<string, number>>;

const unknownMember = 'UNKNOWN_MEMBER_ID';
/** After these the member begins as a new one. */
const memberLost: ReadonlySet<string> = new Set([unknownMember, 'ILLEGAL_GENERATION']);
const coordinatorMoved: ReadonlySet<string> = new Set(['NOT_COORDINATOR', 'COORDINATOR_NOT_AVAILABLE']);

/** The classic group protocol from a member's side: join, sync, heartbeat, leave, offsets (KIP-62, KIP-345, KIP-394). */
export class GroupMember {
  readonly #client: KafkaClient;
  readonly #options: GroupMemberOptions;
  readonly #purpose: string;
  readonly #onChange: () => void;
  #coordinator: BrokerNode | null = null;
  #memberId = '';
  #generationId = -1;
  #leads = false;
  #heartbeat: NodeJS.Timeout | null = null;
  #lastPoll = Date.now();
  #closed = false;
  /** The group is to be joined (again). */
  rejoin = true;
  /** Another member may own the partitions by now. */
  lost = false;

  /** @param onChange called when `rejoin` or `lost` became true */
  constructor(client: KafkaClient, options: GroupMemberOptions, purpose: string, onChange: () => void) {
    this.#client = client;
    this.#options = options;
    this.#purpose = purpose;
    this.#onChange = onChange;
  }

  get memberId(): string {
    return this.#memberId;
  }

  get generationId(): number {
    return this.#generationId;
  }

  /** Whether this member dealt the partitions of the present generation. */
  get leads(): boolean {
    return this.#leads;
  }

  polled(): void {
    this.#lastPoll = Date.now();
  }

  askToRejoin(): void {
    this.rejoin = true;
    this.#onChange();
  }

  /**
   * Joins and resolves with the member's partitions. Tries again where that can help; throws `KAFKA` where it can't
   * (fenced, not authorised, no common assignor) and `KAFKA_CONNECTION` once closed.
   */
  async join(
    topics: readonly string[],
    owned: readonly TopicPartition[],
    partitionCounts: PartitionCounts,
  ): Promise<TopicPartition[]> {
    this.#stopHeartbeats();
    this.rejoin = false;
    for (let attempt = 0; ; attempt++) {
      if (this.#closed) throw new MillraceError('KAFKA_CONNECTION', 'the consumer is closed');
      try {
        const assignment = await this.#joinOnce(topics, owned, partitionCounts);
        this.#startHeartbeats();
        return assignment;
      } catch (error) {
        const name = brokerErrorName(error);
        this.#noteLoss(name);
        const again =
          memberLost.has(name) || name === 'REBALANCE_IN_PROGRESS' || name === 'MEMBER_ID_REQUIRED';
        if (!again && !(error instanceof MillraceError && error.retryable)) {
          this.rejoin = true;
          throw error;
        }
        if (name !== 'MEMBER_ID_REQUIRED') await this.#backoff(attempt);
      }
    }
  }

  async #joinOnce(
    topics: readonly string[],
    owned: readonly TopicPartition[],
    partitionCounts: PartitionCounts,
  ): Promise<TopicPartition[]> {
    const { groupId, groupInstanceId, sessionTimeoutMs, maxPollIntervalMs } = this.#options;
    const coordinator = await this.#find();
    const answer = await this.#client.request(
      coordinator.nodeId,
      joinGroupApi,
      {
        groupId,
        groupInstanceId,
        sessionTimeoutMs,
        rebalanceTimeoutMs: maxPollIntervalMs,
        memberId: this.#memberId,
        protocolType: 'consumer',
        protocols: this.#options.assignors.map((name) => ({
          name,
          metadata: encodeSubscription(name, topics, owned, this.#generationId),
        })),
      },
      { purpose: this.#purpose, timeoutMs: maxPollIntervalMs + 5000 },
    );
    if (errorName(answer.errorCode) === 'MEMBER_ID_REQUIRED') this.#memberId = answer.memberId;
    if (answer.errorCode !== 0) throw kafkaError(answer.errorCode, `group ${groupId}: join`);
    this.#memberId = answer.memberId;
    this.#generationId = answer.generationId;
    this.#leads = answer.leader === answer.memberId;
    const assignor = (answer.protocolName ?? '') as AssignorName;
    const assignments: { memberId: string; assignment: Buffer }[] = [];
    if (this.#leads && !answer.skipAssignment) {
      const deal = assignors[assignor];
      if (deal === undefined)
        throw new MillraceError('KAFKA', `group ${groupId}: assignor '${assignor}' is not known`);
      const members = answer.members.map((m) =>
        decodeSubscription(m.memberId, m.groupInstanceId, m.metadata),
      );
      const counts = await partitionCounts([...new Set(members.flatMap((m) => m.topics))].sort());
      for (const [memberId, partitions] of deal(counts, members)) {
        assignments.push({ memberId, assignment: encodeAssignment(partitions) });
      }
    }
    return this.#sync(coordinator, assignor, assignments);
  }

  async #sync(
    coordinator: BrokerNode,
    protocolName: string,
    assignments: readonly { memberId: string; assignment: Buffer }[],
  ): Promise<TopicPartition[]> {
    const { groupId, groupInstanceId, maxPollIntervalMs } = this.#options;
    const answer = await this.#client.request(
      coordinator.nodeId,
      syncGroupApi,
      {
        groupId,
        groupInstanceId,
        generationId: this.#generationId,
        memberId: this.#memberId,
        protocolType: 'consumer',
        protocolName,
        assignments,
      },
      { purpose: this.#purpose, timeoutMs: maxPollIntervalMs + 5000 },
    );
    if (answer.errorCode !== 0) throw kafkaError(answer.errorCode, `group ${groupId}: sync`);
    return decodeAssignment(answer.assignment);
  }

  /**
   * Commits for the present generation. Throws `KAFKA`: not retryable where the partitions went to another member
   * (`ILLEGAL_GENERATION`, `UNKNOWN_MEMBER_ID`, `REBALANCE_IN_PROGRESS`).
   */
  async commit(offsets: readonly TopicPartitionOffset[]): Promise<void> {
    if (offsets.length === 0) return;
    const { groupId, groupInstanceId } = this.#options;
    const topics = [...Map.groupBy(offsets, ({ topic }) => topic)].map(([name, list]) => ({
      name,
      partitions: list.map(({ partition, offset }) => ({
        partitionIndex: partition,
        committedOffset: offset,
        committedMetadata: '',
      })),
    }));
    await this.#retrying(async () => {
      const coordinator = await this.#find();
      const message = {
        groupId,
        groupInstanceId,
        generationIdOrMemberEpoch: this.#generationId,
        memberId: this.#memberId,
        topics,
      };
      const answer = await this.#client.request(coordinator.nodeId, offsetCommitApi, message, {
        purpose: 'offsets',
      });
      for (const topic of answer.topics) {
        for (const { partitionIndex, errorCode } of topic.partitions) {
          if (errorCode === 0) continue;
          const where = `group ${groupId}: commit of ${topic.name}-${partitionIndex}`;
          throw kafkaError(errorCode, where);
        }
      }
    });
  }

  /** The committed offsets of those partitions that have one. */
  async committed(partitions: readonly TopicPartition[]): Promise<TopicPartitionOffset[]> {
    if (partitions.length === 0) return [];
    const { groupId } = this.#options;
    const topics = [...Map.groupBy(partitions, ({ topic }) => topic)].map(([name, list]) => ({
      name,
      partitionIndexes: list.map(({ partition }) => partition),
    }));
    return this.#retrying(async () => {
      const coordinator = await this.#find();
      const message = { groups: [{ groupId, topics }], requireStable: true };
      const answer = await this.#client.request(coordinator.nodeId, offsetFetchApi, message, {
        purpose: 'offsets',
      });
      const group = answer.groups[0];
      if (group === undefined)
        throw new MillraceError('PROTOCOL', `group ${groupId}: no offsets in the answer`);
      if (group.errorCode !== 0) throw kafkaError(group.errorCode, `group ${groupId}: committed offsets`);
      const found: TopicPartitionOffset[] = [];
      for (const topic of group.topics) {
        for (const { partitionIndex, committedOffset, errorCode } of topic.partitions) {
          if (errorCode !== 0)
            throw kafkaError(errorCode, `group ${groupId}: offset of ${topic.name}-${partitionIndex}`);
          if (committedOffset < 0) continue;
          found.push({ topic: topic.name, partition: partitionIndex, offset: committedOffset });
        }
      }
      return found;
    });
  }

  /** Leaves the group at once; a static member stays until its session ends (KIP-345). */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#leave('the consumer is being closed').catch(() => {});
  }

  async #leave(reason: string): Promise<void> {
    this.#stopHeartbeats();
    const { groupId, groupInstanceId } = this.#options;
    const memberId = this.#memberId;
    if (memberId === '' || groupInstanceId !== null || this.#coordinator === null) return;
    this.#noteLoss(unknownMember);
    const message = { groupId, members: [{ memberId, groupInstanceId, reason }] };
    await this.#client.request(this.#coordinator.nodeId, leaveGroupApi, message, {
      purpose: 'offsets',
      timeoutMs: 5000,
    });
  }

  async #retrying<T>(step: () => Promise<T>): Promise<T> {
    for (let attempt = 0; ; attempt++) {
      try {
        return await step();
      } catch (error) {
        const name = brokerErrorName(error);
        this.#noteLoss(name);
        if (memberLost.has(name)) this.lost = true;
        const final =
          !(error instanceof MillraceError) || !error.retryable || name === 'REBALANCE_IN_PROGRESS';
        if (final || this.#closed || attempt >= 20) throw error;
        await this.#backoff(attempt);
      }
    }
  }

  async #find(): Promise<BrokerNode> {
    this.#coordinator ??= await this.#client.coordinator(this.#options.groupId);
    return this.#coordinator;
  }

  /** Forgets what an error proves wrong: the coordinator, or who we are. */
  #noteLoss(name: string): void {
    if (coordinatorMoved.has(name) || name === '') this.#coordinator = null;
    if (!memberLost.has(name)) return;
    this.#generationId = -1;
    if (name === unknownMember) this.#memberId = '';
    this.rejoin = true;
  }

  #backoff(attempt: number): Promise<void> {
    const { retryBackoffMs, retryBackoffMaxMs } = this.#options;
    const ms = Math.min(retryBackoffMaxMs, retryBackoffMs * 2 ** Math.min(attempt, 10));
    return new Promise((resolve) => setTimeout(resolve, ms));
  }

  // Heartbeats

  #startHeartbeats(): void {
    this.#stopHeartbeats();
    const timer = setTimeout(() => this.#beat(timer), this.#options.heartbeatIntervalMs);
    this.#heartbeat = timer;
  }

  #stopHeartbeats(): void {
    if (this.#heartbeat !== null) clearTimeout(this.#heartbeat);
    this.#heartbeat = null;
  }

  async #beat(timer: NodeJS.Timeout): Promise<void> {
    const { groupId, groupInstanceId, maxPollIntervalMs, sessionTimeoutMs } = this.#options;
    if (Date.now() - this.#lastPoll > maxPollIntervalMs) {
      this.#client.log.warn(
        `group ${groupId}: no poll within max.poll.interval.ms (${maxPollIntervalMs}); leaving`,
      );
      this.lost = true;
      this.rejoin = true;
      await this.#leave('max.poll.interval.ms is over').catch(() => {});
      this.#onChange();
      return;
    }
    const message = { groupId, groupInstanceId, generationId: this.#generationId, memberId: this.#memberId };
    let name = '';
    try {
      const coordinator = await this.#find();
      const options = { purpose: this.#purpose, timeoutMs: Math.min(30_000, sessionTimeoutMs) };
      const answer = await this.#client.request(coordinator.nodeId, heartbeatApi, message, options);
      if (answer.errorCode !== 0) name = errorName(answer.errorCode);
    } catch {
      this.#coordinator = null;
    }
    if (this.#heartbeat !== timer) return; // joined again, or closed, meanwhile
    if (name !== '') this.#noteLoss(name);
    if (memberLost.has(name) || name === 'FENCED_INSTANCE_ID') this.lost = true;
    if (this.lost || name === 'REBALANCE_IN_PROGRESS') {
      this.rejoin = true;
      this.#onChange();
    }
    if (!this.lost) this.#startHeartbeats();
  }
}
