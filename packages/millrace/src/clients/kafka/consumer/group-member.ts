import { Deadline } from '../../../runtime/deadline.ts';
import { MillraceError } from '../../../runtime/errors.ts';
import { after, pause, type Timer } from '../../../runtime/timers.ts';
import type { KafkaClient } from '../client.ts';
import type { BrokerNode } from '../cluster-metadata.ts';
import { brokerErrorName, errorName, kafkaError } from '../kafka-errors.ts';
import type { AssignorName, TopicPartition } from '../options.ts';
import { assignors } from './assignors.ts';
import type { CommitRefusal } from './commit-refused.ts';
import { heartbeatApi, joinGroupApi, leaveGroupApi, syncGroupApi } from './consumer-apis.ts';
import { GroupCoordinator } from './group-coordinator.ts';
import type { Dealt, Generation } from './group-membership.ts';
import {
  decodeAssignment,
  decodeSubscription,
  encodeAssignment,
  encodeSubscription,
} from './group-protocol.ts';

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

/** What a member has to know to join. */
export interface JoinWith {
  readonly topics: readonly string[];
  /** Asked before each try: what was lost since is not claimed again. */
  owned(): readonly TopicPartition[];
  /** Of the cluster, for a member that leads the group. */
  partitionCounts(topics: readonly string[]): Promise<ReadonlyMap<string, number>>;
}

/** A generation that the member has joined. */
export interface Joined extends Generation, Dealt {
  /** What the member said that it owned. */
  readonly claimed: readonly TopicPartition[];
}

/** After these the member begins as a new one. */
const memberLost: ReadonlySet<string> = new Set([
  'UNKNOWN_MEMBER_ID',
  'ILLEGAL_GENERATION',
  'FENCED_INSTANCE_ID',
]);
/** A join that ended so is tried again at once. */
const joinAgain: ReadonlySet<string> = new Set([
  'UNKNOWN_MEMBER_ID',
  'ILLEGAL_GENERATION',
  'REBALANCE_IN_PROGRESS',
  'MEMBER_ID_REQUIRED',
]);
/** How long leaving is worth waiting for: the session ends anyway. */
const leaveMs = 5000;

/** The classic group protocol from a member's side: join, sync, heartbeat, leave (KIP-62, KIP-345, KIP-394). */
export class GroupMember {
  readonly #client: KafkaClient;
  readonly #options: GroupMemberOptions;
  readonly #purpose: string;
  readonly #onChange: () => void;
  readonly #coordinator: GroupCoordinator;
  #memberId = '';
  #generationId = -1;
  #leads = false;
  #joining = false;
  #heartbeat: { readonly timer: Timer } | null = null;
  #lastPoll = performance.now();
  readonly #closing = new AbortController();
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
    this.#coordinator = new GroupCoordinator(client, options.groupId);
  }

  get memberId(): string {
    return this.#memberId;
  }

  /** Of the last assignment; -1: the member has none, or may have lost it. */
  get generationId(): number {
    return this.#generationId;
  }

  /** Whether this member dealt the partitions of the present generation. */
  get leads(): boolean {
    return this.#leads;
  }

  polled(): void {
    this.#lastPoll = performance.now();
  }

  askToRejoin(): void {
    this.rejoin = true;
    this.#onChange();
  }

  /**
   * Joins and resolves with the member's partitions. Tries again where that can help; throws `KAFKA` where it can't
   * (fenced, not authorised, no common assignor) and `KAFKA_CONNECTION` once closed.
   */
  async join(member: JoinWith): Promise<Joined> {
    this.#stopHeartbeats();
    this.rejoin = false;
    this.#joining = true;
    try {
      const joined = await this.#joinUntilDone(member);
      if (!this.#closing.signal.aborted) this.#startHeartbeats();
      return joined;
    } finally {
      this.#joining = false;
    }
  }

  async #joinUntilDone(member: JoinWith): Promise<Joined> {
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.#joinOnce(member);
      } catch (error) {
        const name = brokerErrorName(error);
        const asked = this.rejoin;
        this.#noteError(name);
        const mayPass = joinAgain.has(name) || (error instanceof MillraceError && error.retryable);
        if (!mayPass || this.#closing.signal.aborted) {
          this.rejoin = true;
          throw error;
        }
        // The next try is the join that the error asks for.
        this.rejoin = asked;
        if (name !== 'MEMBER_ID_REQUIRED') await this.#backoff(attempt);
      }
    }
  }

  /** Nothing is sent any more: it would join anew, or open a connection that nobody closes. */
  #throwIfClosed(): void {
    if (this.#closing.signal.aborted) throw new MillraceError('KAFKA_CONNECTION', 'the consumer is closed');
  }

  async #joinOnce({ topics, owned, partitionCounts }: JoinWith): Promise<Joined> {
    const { groupId, groupInstanceId, sessionTimeoutMs, maxPollIntervalMs } = this.#options;
    this.#throwIfClosed();
    const coordinator = await this.#coordinator.find();
    this.#throwIfClosed();
    const claimed = this.lost ? [] : owned();
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
          metadata: encodeSubscription(name, topics, claimed, this.#generationId),
        })),
      },
      { purpose: this.#purpose, timeoutMs: maxPollIntervalMs + 5000 },
    );
    if (errorName(answer.errorCode) === 'MEMBER_ID_REQUIRED') this.#memberId = answer.memberId;
    if (answer.errorCode !== 0) throw kafkaError(answer.errorCode, `group ${groupId}: join`);
    this.#memberId = answer.memberId;
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
    const { memberId, generationId } = answer;
    const assignment = await this.#sync(coordinator, generationId, assignor, assignments);
    // Only now: what is committed until then would be of another assignment, and what is owned was dealt in the last.
    this.#generationId = generationId;
    return { memberId, generationId, assignment, claimed };
  }

  async #sync(
    coordinator: BrokerNode,
    generationId: number,
    protocolName: string,
    assignments: readonly { memberId: string; assignment: Buffer }[],
  ): Promise<TopicPartition[]> {
    const { groupId, groupInstanceId, maxPollIntervalMs } = this.#options;
    this.#throwIfClosed();
    const answer = await this.#client.request(
      coordinator.nodeId,
      syncGroupApi,
      {
        groupId,
        groupInstanceId,
        generationId,
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

  /** Leaves the group by the deadline; a static member stays until its session ends (KIP-345). */
  async close(deadline: Deadline = Deadline.never()): Promise<void> {
    this.#closing.abort();
    await deadline.race(this.#leave('the consumer is being closed', deadline).catch(() => {}));
  }

  async #leave(reason: string, deadline: Deadline = Deadline.never()): Promise<void> {
    this.#stopHeartbeats();
    const { groupId, groupInstanceId } = this.#options;
    const memberId = this.#memberId;
    const coordinator = this.#coordinator.known;
    if (memberId === '' || groupInstanceId !== null || coordinator === null) return;
    this.#generationId = -1;
    this.#memberId = '';
    this.rejoin = true;
    const message = { groupId, members: [{ memberId, groupInstanceId, reason }] };
    await this.#client.request(coordinator.nodeId, leaveGroupApi, message, {
      purpose: 'offsets',
      timeoutMs: Math.max(1, deadline.within(leaveMs).leftMs),
    });
  }

  // What commits need to know

  get closing(): AbortSignal {
    return this.#closing.signal;
  }

  generation(): Generation | CommitRefusal {
    if (this.#generationId < 0 || this.#memberId === '' || this.lost) return 'not-a-member';
    if (this.#joining) return 'rebalancing';
    return { memberId: this.#memberId, generationId: this.#generationId };
  }

  coordinator(timeoutMs?: number): Promise<BrokerNode> {
    return this.#coordinator.find(timeoutMs);
  }

  /**
   * What an answer to an old generation says is nothing to the present one. While the member joins, the next generation
   * may have begun before it knows: then its last one is over, and nothing is lost; the join tells what became of it.
   */
  failed(errorName: string, sent: Generation | null): void {
    const isOver = this.#joining && errorName === 'ILLEGAL_GENERATION';
    if (!memberLost.has(errorName) || (sent !== null && this.continues(sent) && !isOver)) {
      this.#noteError(errorName);
    }
  }

  /** Whether the member is still the one that it was then. */
  continues({ memberId, generationId }: Generation): boolean {
    return memberId === this.#memberId && generationId === this.#generationId;
  }

  /** Forgets what an error proves wrong: the coordinator, or who we are; its partitions may be another member's then. */
  #noteError(name: string): void {
    this.#coordinator.failed(name);
    if (!memberLost.has(name)) return;
    this.#generationId = -1;
    // One that is fenced keeps its id, so that joining again says so: under a new id it would fence the other in turn.
    if (name === 'UNKNOWN_MEMBER_ID') this.#memberId = '';
    this.lost = true;
    this.rejoin = true;
    this.#onChange();
  }

  #backoff(attempt: number): Promise<void> {
    const { retryBackoffMs, retryBackoffMaxMs } = this.#options;
    const ms = Math.min(retryBackoffMaxMs, retryBackoffMs * 2 ** Math.min(attempt, 10));
    return pause(ms, this.#closing.signal);
  }

  // Heartbeats

  #startHeartbeats(): void {
    this.#stopHeartbeats();
    const heartbeat = { timer: after(this.#options.heartbeatIntervalMs, () => void this.#beat(heartbeat)) };
    this.#heartbeat = heartbeat;
  }

  #stopHeartbeats(): void {
    this.#heartbeat?.timer.cancel();
    this.#heartbeat = null;
  }

  async #beat(heartbeat: object): Promise<void> {
    const { groupId, groupInstanceId, maxPollIntervalMs, sessionTimeoutMs } = this.#options;
    if (performance.now() - this.#lastPoll > maxPollIntervalMs) {
      this.#client.log.warn(
        `group ${groupId}: no poll within max.poll.interval.ms (${maxPollIntervalMs}); leaving`,
      );
      this.lost = true;
      this.rejoin = true;
      const left = this.#leave('max.poll.interval.ms is over').catch(() => {});
      // A static member does not leave, and its assignment is given up all the same.
      this.#generationId = -1;
      this.#onChange();
      await left;
      return;
    }
    const sent = { memberId: this.#memberId, generationId: this.#generationId };
    let name = '';
    try {
      const coordinator = await this.#coordinator.find();
      if (this.#heartbeat !== heartbeat) return;
      const options = { purpose: this.#purpose, timeoutMs: Math.min(30_000, sessionTimeoutMs) };
      const message = { groupId, groupInstanceId, ...sent };
      const answer = await this.#client.request(coordinator.nodeId, heartbeatApi, message, options);
      if (answer.errorCode !== 0) name = errorName(answer.errorCode);
    } catch {
      this.#coordinator.failed('');
    }
    if (this.#heartbeat !== heartbeat) return; // joined again, or closed, meanwhile
    if (name !== '') this.failed(name, sent);
    if (this.lost || name === 'REBALANCE_IN_PROGRESS') {
      this.rejoin = true;
      this.#onChange();
    }
    if (!this.lost) this.#startHeartbeats();
  }
}
