import { randomUuid } from '../../../protocol/uuid.ts';
import { Deadline } from '../../../runtime/deadline.ts';
import { errorText, MillraceError } from '../../../runtime/errors.ts';
import { after, pause, type Timer } from '../../../runtime/timers.ts';
import type { KafkaClient } from '../client.ts';
import type { BrokerNode } from '../cluster-metadata.ts';
import { brokerErrorName, kafkaError } from '../kafka-errors.ts';
import type { ConsumerOptions, TopicPartition } from '../options.ts';
import type { CommitRefusal } from './commit-refused.ts';
import { consumerGroupHeartbeatApi } from './consumer-apis.ts';
import { GroupCoordinator } from './group-coordinator.ts';
import type { Dealt, Generation, GroupHost, GroupMembership } from './group-membership.ts';
import { HeartbeatPace } from './heartbeat-pace.ts';
import { Subscription } from './subscription.ts';
import { TopicIds } from './topic-ids.ts';

export interface HeartbeatGroupOptions {
  readonly groupId: string;
  readonly groupInstanceId: string | null;
  readonly maxPollIntervalMs: number;
  /** Of the brokers; null: their choice. */
  readonly assignor: string | null;
  readonly rack: string | null;
  readonly retryBackoffMs: number;
  readonly retryBackoffMaxMs: number;
  readonly requestTimeoutMs: number;
}

/** The member's epoch while it is none, and what it says when it goes: for good, or to come back under its name. */
const notJoined = 0;
const leaves = -1;
const leavesForNow = -2;
const leaveMs = 5000;

/** The partitions are another member's, or nobody's; the member joins anew under the same id. */
const memberLost: ReadonlySet<string> = new Set(['UNKNOWN_MEMBER_ID', 'FENCED_MEMBER_EPOCH']);

/**
 * The group protocol of KIP-848 from a member's side: the brokers deal the partitions, and all there is is a heartbeat
 * that says what the member wants and has, and whose answer says what it shall have. A partition is given to nobody
 * before its owner has said that it gave it up, so those that stay are read on meanwhile.
 */
export class HeartbeatGroup implements GroupMembership {
  readonly #client: KafkaClient;
  readonly #options: HeartbeatGroupOptions;
  readonly #purpose: string;
  readonly #host: GroupHost;
  readonly #subscription: Subscription;
  readonly #topicIds: TopicIds;
  readonly memberId = randomUuid();
  readonly isEager = false;
  #epoch = notJoined;
  readonly #coordinator: GroupCoordinator;
  #topics: readonly string[] = [];
  /** What the coordinator knows of the member may be old: the next heartbeat says all of it. */
  #saysAll = true;
  /** The partitions that are read, or null where the coordinator knows them. */
  #toSettle: readonly TopicPartition[] | null = null;
  #target: Dealt | null = null;
  #failure: unknown = null;
  readonly #pace: HeartbeatPace;
  #timer: Timer | null = null;
  #asking: Promise<unknown> = Promise.resolve();
  #beating = false;
  #beatAgain = false;
  #lastPoll = performance.now();
  readonly #closing = new AbortController();
  joinDue = true;
  lost = false;

  constructor(
    client: KafkaClient,
    topics: ConsumerOptions,
    options: HeartbeatGroupOptions,
    purpose: string,
    host: GroupHost,
  ) {
    this.#client = client;
    this.#options = options;
    this.#purpose = purpose;
    this.#host = host;
    this.#topicIds = new TopicIds(client);
    this.#pace = new HeartbeatPace(options);
    this.#coordinator = new GroupCoordinator(client, options.groupId);
    this.#subscription = new Subscription(client, topics, () => void this.#subscribeAnew());
  }

  get generationId(): number {
    return this.#epoch > notJoined ? this.#epoch : -1;
  }

  polled(): void {
    this.#lastPoll = performance.now();
  }

  join(): void {
    this.joinDue = false;
    this.#epoch = notJoined;
    this.#target = null;
    this.#pace.joins();
    void this.#join();
  }

  takeDealt(): Dealt | null {
    if (this.#failure !== null) {
      const failure = this.#failure;
      this.#failure = null;
      throw failure;
    }
    const target = this.#target;
    this.#target = null;
    return target;
  }

  settled({ assignment }: Dealt): void {
    if (this.#epoch === notJoined) return;
    this.#toSettle = assignment;
    void this.#beat();
  }

  async close(deadline: Deadline = Deadline.never()): Promise<void> {
    this.#subscription.close();
    this.#closing.abort();
    await deadline.race(this.#leave(deadline).catch(() => {}));
  }

  // What commits need

  get closing(): AbortSignal {
    return this.#closing.signal;
  }

  generation(): Generation | CommitRefusal {
    if (this.#epoch === notJoined || this.lost) return 'not-a-member';
    return { memberId: this.memberId, generationId: this.#epoch };
  }

  /** Epochs go on while the member has its partitions; which of them it still has, the consumer knows. */
  continues(): boolean {
    return true;
  }

  asReader(): Generation | null {
    const now = this.generation();
    return typeof now === 'string' ? null : now;
  }

  coordinator(timeoutMs?: number): Promise<BrokerNode> {
    return this.#coordinator.find(timeoutMs);
  }

  failed(name: string): boolean {
    this.#coordinator.failed(name);
    // A heartbeat tells: the answer with the epoch is on its way, and one that comes late may be of an earlier life.
    if (name === 'STALE_MEMBER_EPOCH' || name === 'UNKNOWN_MEMBER_ID') void this.#beat();
    return name === 'STALE_MEMBER_EPOCH';
  }

  // Joining and leaving

  /** Heartbeats go on from the first that is answered. */
  async #join(): Promise<void> {
    this.#beating = true;
    try {
      for (let attempt = 0; !this.#closing.signal.aborted; attempt++) {
        try {
          this.#topics = await this.#subscription.refresh();
          this.#saysAll = true;
          await this.#ask();
          this.#subscription.watch(() => false);
          return;
        } catch (error) {
          if (!this.#mayJoinAgain(error, attempt)) {
            this.#fail(error);
            return;
          }
          await pause(this.#pace.backoffMs(attempt), this.#closing.signal);
        }
      }
    } finally {
      this.#beating = false;
      this.#schedule();
    }
  }

  #mayJoinAgain(error: unknown, attempt: number): boolean {
    const name = brokerErrorName(error);
    this.#coordinator.failed(name);
    if (memberLost.has(name)) this.#epoch = notJoined;
    // The one that had the name was killed, or lives: its session tells.
    const isTaken = name === 'UNRELEASED_INSTANCE_ID';
    if (isTaken && attempt % 10 === 0) this.#client.log.warn(errorText(error));
    return isTaken || memberLost.has(name) || (error instanceof MillraceError && error.retryable);
  }

  #fail(error: unknown): void {
    this.#stopBeating();
    this.#failure = error;
    this.#epoch = notJoined;
    this.joinDue = true;
    this.#host.wake();
  }

  #lose(): void {
    this.#stopBeating();
    this.#epoch = notJoined;
    this.#target = null;
    this.#toSettle = null;
    this.lost = true;
    this.joinDue = true;
    this.#host.wake();
  }

  async #leave(deadline: Deadline): Promise<void> {
    this.#stopBeating();
    // A join whose answer is on its way would else be a member until its session ends.
    if (this.#epoch === notJoined) await this.#asking;
    const { groupId, groupInstanceId } = this.#options;
    const coordinator = this.#coordinator.known;
    if (this.#epoch === notJoined || coordinator === null) return;
    this.#epoch = notJoined;
    await this.#client.request(
      coordinator.nodeId,
      consumerGroupHeartbeatApi,
      {
        ...{ groupId, memberId: this.memberId, instanceId: groupInstanceId },
        memberEpoch: groupInstanceId === null ? leaves : leavesForNow,
      },
      { purpose: 'offsets', timeoutMs: Math.max(1, deadline.within(leaveMs).leftMs) },
    );
  }

  async #subscribeAnew(): Promise<void> {
    try {
      this.#topics = await this.#subscription.refresh();
    } catch {
      return; // looked at again soon
    }
    this.#saysAll = true;
    if (this.#epoch > notJoined) void this.#beat();
  }

  // Heartbeats

  #schedule(): void {
    this.#timer?.cancel();
    if (this.#closing.signal.aborted || this.#epoch === notJoined) return;
    this.#timer = after(this.#pace.nextMs, () => void this.#beat());
  }

  #stopBeating(): void {
    this.#timer?.cancel();
    this.#timer = null;
  }

  /** One at a time: what there is to say meanwhile is said by the next. */
  async #beat(): Promise<void> {
    if (this.#epoch === notJoined || this.#closing.signal.aborted) return;
    if (this.#beating) {
      this.#beatAgain = true;
      return;
    }
    if (performance.now() - this.#lastPoll > this.#options.maxPollIntervalMs) return this.#leaveIdle();
    this.#beating = true;
    try {
      do {
        this.#beatAgain = false;
        await this.#ask();
      } while (this.#beatAgain);
    } catch (error) {
      this.#pace.failed();
      this.#beatFailed(error);
    } finally {
      this.#beating = false;
      this.#schedule();
    }
  }

  #beatFailed(error: unknown): void {
    // Whether it was heard is not known.
    this.#saysAll = true;
    const name = brokerErrorName(error);
    this.failed(name);
    const isLost = memberLost.has(name);
    const mayPass = isLost || (error instanceof MillraceError && error.retryable);
    if ((isLost || !mayPass) && this.#epoch > notJoined) this.#lose();
    if (!mayPass) this.#fail(error);
  }

  async #leaveIdle(): Promise<void> {
    const { groupId, maxPollIntervalMs } = this.#options;
    this.#client.log.warn(
      `group ${groupId}: no poll within max.poll.interval.ms (${maxPollIntervalMs}); leaving`,
    );
    const left = this.#leave(Deadline.never()).catch(() => {});
    this.#lose();
    await left;
  }

  async #ask(): Promise<void> {
    const { groupId, groupInstanceId, maxPollIntervalMs, assignor, rack, requestTimeoutMs } = this.#options;
    const coordinator = await this.#coordinator.find(requestTimeoutMs);
    if (this.#closing.signal.aborted) return;
    const isJoin = this.#epoch === notJoined;
    const saysAll = this.#saysAll || isJoin;
    const owned = isJoin ? [] : (this.#toSettle ?? (saysAll ? this.#host.owned() : null));
    this.#saysAll = false;
    this.#toSettle = null;
    const sentEpoch = this.#epoch;
    const asked = this.#client
      .request(
        coordinator.nodeId,
        consumerGroupHeartbeatApi,
        {
          ...{ groupId, memberId: this.memberId, memberEpoch: sentEpoch, instanceId: groupInstanceId },
          ...(saysAll
            ? {
                rackId: rack,
                rebalanceTimeoutMs: maxPollIntervalMs,
                subscribedTopicNames: this.#topics,
                serverAssignor: assignor,
              }
            : {}),
          topicPartitions: owned === null ? null : this.#topicIds.grouped(owned),
        },
        { purpose: this.#purpose, timeoutMs: requestTimeoutMs },
      )
      .catch((error: unknown) => {
        throw withoutProtocol(groupId, error);
      });
    this.#asking = asked.catch(() => {});
    const answer = await asked;
    // Lost meanwhile, and what it says is of another life.
    if (this.#epoch !== sentEpoch) return;
    if (answer.errorCode !== 0) {
      const error = kafkaError(answer.errorCode, `group ${groupId}: heartbeat`, answer.errorMessage);
      throw withoutProtocol(groupId, error);
    }
    this.#epoch = answer.memberEpoch;
    this.#pace.answered(answer.heartbeatIntervalMs, (answer.assignment?.topicPartitions.length ?? 0) > 0);
    if (answer.assignment === null || this.#closing.signal.aborted) return;
    const assignment = await this.#topicIds.named(answer.assignment.topicPartitions, this.#topics);
    if (this.#epoch !== answer.memberEpoch) return;
    this.#target = { assignment };
    this.#host.wake();
  }
}

/** A broker that does not know the request, or a cluster in which the protocol is off, is told by what helps. */
function withoutProtocol(groupId: string, error: unknown): unknown {
  const isNotServed = error instanceof MillraceError && error.details.notServed !== undefined;
  if (!isNotServed && brokerErrorName(error) !== 'UNSUPPORTED_VERSION') return error;
  const text = `group ${groupId}: group.protocol=consumer is not served here: ${errorText(error)}`;
  return new MillraceError('KAFKA', text, {
    cause: error,
    remedy: 'Set group.protocol=classic; the other needs brokers from Apache Kafka 4.0 on.',
  });
}
