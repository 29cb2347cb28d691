import { ZERO_UUID } from '../../../protocol/uuid.ts';
import { Deadline, late } from '../../../runtime/deadline.ts';
import { MillraceError } from '../../../runtime/errors.ts';
import { pause } from '../../../runtime/timers.ts';
import type { KafkaClient } from '../client.ts';
import type { BrokerNode } from '../cluster-metadata.ts';
import { brokerErrorName, errorName, kafkaError } from '../kafka-errors.ts';
import { keyOf, type TopicPartition, type TopicPartitionOffset } from '../options.ts';
import { type CommitRefusal, CommitRefused } from './commit-refused.ts';
import { offsetCommitApi, offsetCommitByIdApi, offsetFetchApi } from './consumer-apis.ts';
import type { Generation, Membership } from './group-membership.ts';

/** An offset, and the topic in which it was read: one that was deleted and made again has another id. */
export interface ReadOffset extends TopicPartitionOffset {
  /** Null or zeros where the brokers tell no ids. */
  readonly topicId: string | null;
}

export interface GroupOffsetsOptions {
  readonly groupId: string;
  readonly groupInstanceId: string | null;
  readonly retryBackoffMs: number;
  readonly retryBackoffMaxMs: number;
  readonly requestTimeoutMs: number;
  /** How long a commit, or a look at committed offsets, is tried. */
  readonly apiTimeoutMs: number;
}

/** What a commit's answer means for who sent it. */
const refusals: Readonly<Record<string, CommitRefusal>> = {
  UNKNOWN_MEMBER_ID: 'not-a-member',
  ILLEGAL_GENERATION: 'not-a-member',
  FENCED_INSTANCE_ID: 'not-a-member',
  FENCED_MEMBER_EPOCH: 'not-a-member',
  STALE_MEMBER_EPOCH: 'stale',
  REBALANCE_IN_PROGRESS: 'rebalancing',
};

/** The topic, or the partition, is gone, and another may have its name. */
const topicIsUnknown: ReadonlySet<string> = new Set(['UNKNOWN_TOPIC_ID', 'UNKNOWN_TOPIC_OR_PARTITION']);

const isId = (topicId: string | null | undefined): boolean =>
  topicId !== null && topicId !== undefined && topicId !== ZERO_UUID;

/** A commit that has no end yet. */
interface Flight {
  ended: Promise<void>;
}

/** The offsets of a group: committed by a member of it, read by anybody. */
export class GroupOffsets {
  readonly #client: KafkaClient;
  readonly #options: GroupOffsetsOptions;
  readonly #member: Membership;
  /** The last commit of each partition, while any is under way. */
  readonly #newest = new Map<string, Flight>();
  #flights = 0;

  constructor(client: KafkaClient, options: GroupOffsetsOptions, member: Membership) {
    this.#client = client;
    this.#options = options;
    this.#member = member;
  }

  /**
   * Commits for the present assignment, trying until the deadline. Throws `CommitRefused` where there is none or it ended
   * meanwhile, so that nothing goes out under another generation than that in which it was read; else `KAFKA`,
   * `KAFKA_CONNECTION` or `TIMEOUT`. Of commits at the same time the last one holds: one that has to be tried again
   * leaves out what a later one has taken over, and ends as that does. Offsets of a topic that was deleted never reach
   * the one that has its name now, where brokers know topics by id (Kafka 4.1); before, not once the metadata tells.
   *
   * @param mayCommit asked before each try: a member may lose a partition and stay who it is
   */
  async commit(
    offsets: readonly ReadOffset[],
    deadline?: Deadline,
    mayCommit: (offset: ReadOffset) => boolean = () => true,
  ): Promise<void> {
    if (offsets.length === 0) return;
    const flight: Flight = { ended: Promise.resolve() };
    for (const offset of offsets) this.#newest.set(keyOf(offset), flight);
    this.#flights++;
    flight.ended = this.#commit(flight, offsets, deadline, mayCommit).finally(() => {
      if (--this.#flights === 0) this.#newest.clear();
    });
    await flight.ended;
  }

  async #commit(
    flight: Flight,
    offsets: readonly ReadOffset[],
    deadline: Deadline | undefined,
    mayCommit: (offset: ReadOffset) => boolean,
  ): Promise<void> {
    const { groupId } = this.#options;
    const sent = this.#member.generation();
    if (typeof sent === 'string') throw new CommitRefused(groupId, sent, offsets);
    let open = offsets;
    let ofGone: readonly ReadOffset[] = [];
    let stale: readonly ReadOffset[] = [];
    const later = new Set<Flight>();
    const newest = (offset: TopicPartitionOffset): Flight => this.#newest.get(keyOf(offset))!;
    try {
      await this.#retrying(deadline, sent, async (coordinator, timeoutMs) => {
        const now = this.#member.generation();
        if (typeof now === 'string') throw new CommitRefused(groupId, now, open);
        if (!this.#member.continues(sent)) throw new CommitRefused(groupId, 'stale', open);
        for (const offset of open) if (newest(offset) !== flight) later.add(newest(offset));
        open = open.filter((offset) => newest(offset) === flight);
        stale = [...stale, ...open.filter((offset) => !mayCommit(offset))];
        open = open.filter((offset) => !stale.includes(offset));
        ofGone = [...ofGone, ...open.filter((offset) => this.#isOfGone(offset))];
        open = open.filter((offset) => !ofGone.includes(offset));
        if (open.length === 0) return;
        const { failed, error } = await this.#commitOnce(coordinator, now, open, timeoutMs);
        open = failed;
        if (error !== null) throw error;
      });
      const { apiTimeoutMs } = this.#options;
      const limit = (deadline ?? Deadline.never()).within(apiTimeoutMs);
      const others = Promise.all([...later].map(({ ended }) => ended));
      if (later.size > 0 && (await limit.race(others)) === late) throw this.#noAnswer();
      if (ofGone.length > 0) throw new CommitRefused(groupId, 'made-again', [...ofGone, ...stale]);
      if (stale.length > 0) throw new CommitRefused(groupId, 'stale', stale);
    } catch (error) {
      const refusal = refusals[brokerErrorName(error)];
      throw refusal === undefined ? error : new CommitRefused(groupId, refusal, open, error);
    }
  }

  /** Whether another topic has the name now. */
  #isOfGone({ topic, topicId }: ReadOffset): boolean {
    const now = this.#client.cachedTopic(topic)?.topicId;
    return isId(now) && isId(topicId) && now !== topicId;
  }

  /** Which were not taken, and the error of one of them: one that is final, if any is. */
  async #commitOnce(
    coordinator: BrokerNode,
    { memberId, generationId }: Generation,
    offsets: readonly ReadOffset[],
    timeoutMs: number,
  ): Promise<{ failed: readonly ReadOffset[]; error: MillraceError | null }> {
    const { groupId, groupInstanceId } = this.#options;
    const ids = new Map(offsets.map(({ topic, topicId }) => [topic, topicId ?? ZERO_UUID]));
    const topics = [...Map.groupBy(offsets, ({ topic }) => topic)].map(([name, list]) => ({
      ...{ name, topicId: ids.get(name)! },
      partitions: list.map(({ partition, offset }) => ({
        partitionIndex: partition,
        committedOffset: offset,
        committedMetadata: '',
      })),
    }));
    const message = {
      ...{ groupId, groupInstanceId, memberId, topics },
      generationIdOrMemberEpoch: generationId,
    };
    const options = { purpose: 'offsets', timeoutMs };
    const commitApi = [...ids.values()].every(isId) ? offsetCommitByIdApi : offsetCommitApi;
    const answer = await this.#client.request(coordinator.nodeId, commitApi, message, options);
    const names = new Map([...ids].map(([topic, id]) => [id, topic]));
    const errors = new Map<string, MillraceError>();
    const doubted = new Set<string>();
    for (const { name, topicId, partitions } of answer.topics) {
      const topic = name === '' ? (names.get(topicId) ?? '') : name;
      for (const { partitionIndex: partition, errorCode } of partitions) {
        if (errorCode === 0) continue;
        const where = `group ${groupId}: commit of ${topic}-${partition}`;
        errors.set(keyOf({ topic, partition }), kafkaError(errorCode, where));
        if (topicIsUnknown.has(errorName(errorCode))) doubted.add(topic);
      }
    }
    if (doubted.size > 0) this.#client.refreshSoon([...doubted]);
    const [first = null] = errors.values();
    const final = [...errors.values()].find(({ retryable }) => !retryable);
    return { failed: offsets.filter((offset) => errors.has(keyOf(offset))), error: final ?? first };
  }

  /** The committed offsets of those partitions that have one. Throws `KAFKA`, `KAFKA_CONNECTION` or `TIMEOUT`. */
  async committed(
    partitions: readonly TopicPartition[],
    deadline?: Deadline,
  ): Promise<TopicPartitionOffset[]> {
    if (partitions.length === 0) return [];
    const { groupId } = this.#options;
    const topics = [...Map.groupBy(partitions, ({ topic }) => topic)].map(([name, list]) => ({
      name,
      partitionIndexes: list.map(({ partition }) => partition),
    }));
    const found: TopicPartitionOffset[] = [];
    await this.#retrying(deadline, null, async (coordinator, timeoutMs) => {
      const options = { purpose: 'offsets', timeoutMs };
      const reader = this.#member.asReader();
      const asMember = reader && { memberId: reader.memberId, memberEpoch: reader.generationId };
      const message = { groups: [{ groupId, topics, ...asMember }], requireStable: true };
      const answer = await this.#client.request(coordinator.nodeId, offsetFetchApi, message, options);
      const group = answer.groups[0];
      if (group === undefined)
        throw new MillraceError('PROTOCOL', `group ${groupId}: no offsets in the answer`);
      if (group.errorCode !== 0) throw kafkaError(group.errorCode, `group ${groupId}: committed offsets`);
      found.length = 0;
      for (const topic of group.topics) {
        for (const { partitionIndex, committedOffset, errorCode } of topic.partitions) {
          if (errorCode !== 0)
            throw kafkaError(errorCode, `group ${groupId}: offset of ${topic.name}-${partitionIndex}`);
          if (committedOffset < 0) continue;
          found.push({ topic: topic.name, partition: partitionIndex, offset: committedOffset });
        }
      }
    });
    return found;
  }

  #noAnswer(): MillraceError {
    return new MillraceError('TIMEOUT', `group ${this.#options.groupId}: no answer in time`);
  }

  async #retrying(
    limit: Deadline | undefined,
    sent: Generation | null,
    step: (coordinator: BrokerNode, timeoutMs: number) => Promise<void>,
  ): Promise<void> {
    const { retryBackoffMs, retryBackoffMaxMs, requestTimeoutMs, apiTimeoutMs } = this.#options;
    const deadline = (limit ?? Deadline.never()).within(apiTimeoutMs);
    const timeoutMs = (): number => Math.max(1, Math.min(requestTimeoutMs, deadline.leftMs));
    for (let attempt = 0; ; attempt++) {
      try {
        // Making a connection has no limit of its own here.
        const work = this.#member
          .coordinator(timeoutMs())
          .then((coordinator) => step(coordinator, timeoutMs()));
        if ((await deadline.race(work)) !== late) return;
        throw this.#noAnswer();
      } catch (error) {
        const name = brokerErrorName(error);
        const isOfEpoch = this.#member.failed(name, sent);
        const retryable = isOfEpoch || (error instanceof MillraceError && error.retryable);
        const isRefused = error instanceof CommitRefused || name === 'REBALANCE_IN_PROGRESS';
        if (!retryable || isRefused || deadline.passed || this.#member.closing.aborted) throw error;
        await pause(
          Math.min(deadline.leftMs, retryBackoffMaxMs, retryBackoffMs * 2 ** Math.min(attempt, 10)),
          this.#member.closing,
        );
      }
    }
  }
}
