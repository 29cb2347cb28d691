import { randomUUID } from 'node:crypto';
import { randomUuid } from '../../protocol/uuid.ts';
import type { TransactionMarker } from '../../records/transaction-marker.ts';
import { errorText } from '../../runtime/errors.ts';
import type { Logger } from '../../runtime/logger.ts';
import { ErrorCode } from '../core/error-code.ts';
import { isFault, type RequestFault } from '../core/fault.ts';
import { offsetsTopic } from '../storage/internal-topics.ts';
import { ClassicGroup } from './classic-group.ts';
import { consumerCommitError, consumerFetchError } from './consumer/commit-checks.ts';
import type { ConsumerGroup } from './consumer/consumer-group.ts';
import { ConsumerGroups } from './consumer/consumer-groups.ts';
import type { ConsumerGroupSettings } from './consumer/heartbeat-types.ts';
import type { TopicsView } from './consumer/subscriptions.ts';
import { CoordinatorRuntime, type ProducerStamp } from './coordinator-runtime.ts';
import { type GroupEntry, GroupStore, offsetRecords } from './group-store.ts';
import { GroupTimers } from './group-timers.ts';
import {
  type JoinAnswer,
  type JoinInput,
  joinError,
  type SyncAnswer,
  type SyncInput,
  syncError,
} from './group-types.ts';
import { checkGroupId, checkJoinSizes } from './id-limits.ts';
import { metadataFor, type Ticket } from './member.ts';
import { expired, tombstones } from './offset-expiry.ts';
import type { OffsetLog } from './offset-log.ts';
import {
  type CommittedOffset,
  decodeRecord,
  encodeRecord,
  type GroupRecord,
  subscribedTopics,
} from './offset-records.ts';
import { PendingBudget } from './pending-members.ts';
import { fromStored, toStored } from './stored-group.ts';

export interface CoordinatorOptions {
  readonly initialRebalanceDelayMs: number;
  readonly minSessionTimeoutMs: number;
  readonly maxSessionTimeoutMs: number;
  readonly maxSize: number;
  readonly offsetsRetentionMs: number;
  /** Unix ms. */
  readonly now: () => number;
  /** Ms of a clock that never goes back; default `performance.now`. */
  readonly clock?: (() => number) | undefined;
  readonly logger: Logger;
  /** Gives the log of `__consumer_offsets`, making the topic where it is missing. Rejects while it is not well. */
  readonly openLog: () => Promise<OffsetLog>;
  /** Whether there is such a topic; what was committed for one that is gone is dropped. */
  readonly hasTopic: (name: string) => boolean;
  /** What groups of the consumer protocol are dealt, and how; without it they are not served. */
  readonly consumers?: { readonly topics: TopicsView; readonly settings: ConsumerGroupSettings } | undefined;
}

export interface CommitInput {
  readonly topic: string;
  readonly partition: number;
  readonly committed: CommittedOffset;
}

/** Who commits, as the request says. */
export interface Committer {
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  /** Or a member's epoch. */
  readonly generationId: number;
  /** What is answered where there is no such group and a generation is given. Default: ILLEGAL_GENERATION. */
  readonly unknownGroup?: number;
  /** False for a request of a version in which members of the consumer protocol can't say their epoch. */
  readonly knowsEpochs?: boolean;
}

/** Members of all groups that have an id and have not come back with it. */
const maxPendingMembers = 100_000;
/** A group whose events fail is looked at again after this. */
const faultPauseMs = 1_000;

/**
 * The group coordinator: gives the pure groups their time, their answers and, by way of the runtime, their log. What
 * anybody is told of groups and offsets is in `__consumer_offsets` before.
 */
export class Coordinator {
  readonly #options: CoordinatorOptions;
  readonly #clock: () => number;
  readonly #store: GroupStore;
  readonly #runtime: CoordinatorRuntime<GroupRecord>;
  readonly #timers: GroupTimers;
  /** Those of the consumer protocol. */
  readonly consumers: ConsumerGroups;
  readonly #waiting = new Map<Ticket, (answer: JoinAnswer | SyncAnswer) => void>();
  readonly #pendingBudget = new PendingBudget(maxPendingMembers);
  #nextTicket: Ticket = 1;
  #closed = false;

  constructor(options: CoordinatorOptions) {
    const { initialRebalanceDelayMs, maxSize, now, logger, openLog, hasTopic } = options;
    this.#options = options;
    this.#clock = options.clock ?? (() => performance.now());
    this.#timers = new GroupTimers(this.#clock, (entry) =>
      this.#guarded(entry, () => {
        entry.group.expire(this.#clock());
        this.consumers.expire(entry);
      }),
    );
    const settings = { initialRebalanceDelayMs, maxSize, pendingBudget: this.#pendingBudget };
    this.#store = new GroupStore({
      create: (groupId) => new ClassicGroup(groupId, settings, now, randomUUID),
      restore: (entry) => {
        if (entry.consumer !== null) this.consumers.restored(entry.consumer);
        else fromStored(entry.group, entry.stored!, this.#clock());
        this.#settle(entry);
      },
      dropped: (entry) => {
        this.#timers.forget(entry);
        entry.group.markDead();
      },
      cleared: () => this.#sendAway(ErrorCode.NOT_COORDINATOR),
    });
    const codec = { encode: encodeRecord, decode: decodeRecord };
    this.#runtime = new CoordinatorRuntime({
      state: this.#store,
      codec,
      what: 'groups and offsets',
      openLog,
      hasLog: () => hasTopic(offsetsTopic),
      now,
      logger,
    });
    this.consumers = new ConsumerGroups({
      store: this.#store,
      runtime: this.#runtime,
      ...(options.consumers ?? unserved),
      now,
      clock: this.#clock,
      newId: randomUuid,
      changed: (entry) => this.#settle(entry),
    });
  }

  /** Reads groups and offsets back, making sure that `__consumer_offsets` exists, as the first FindCoordinator does in Kafka. */
  async ready(): Promise<void> {
    await this.#runtime.load();
  }

  // ---- membership ------------------------------------------------------------------------------------------------

  join(groupId: string, input: JoinInput): Promise<JoinAnswer> {
    return this.#whenReady(
      () => this.#join(groupId, input),
      (errorCode) => joinError(input.memberId, errorCode),
    );
  }

  #join(groupId: string, input: JoinInput): Promise<JoinAnswer> {
    const error = this.#refuseJoin(groupId, input) || this.#makeClassic(groupId);
    if (error !== ErrorCode.NONE) return Promise.resolve(joinError(input.memberId, error));
    const entry = this.#store.ensure(groupId);
    const { promise, ticket } = this.#ticket<JoinAnswer>();
    entry.group.join(this.#clock(), input, ticket);
    this.#settle(entry);
    return promise;
  }

  /** A group of the consumer protocol that nobody is in becomes a classic one; one with members stays what it is. */
  #makeClassic(groupId: string): number {
    const consumer = this.#store.get(groupId)?.consumer ?? null;
    if (consumer === null) return ErrorCode.NONE;
    if (consumer.members.size > 0) return ErrorCode.INCONSISTENT_GROUP_PROTOCOL;
    const records = consumer.tombstones();
    void this.#runtime.run(() => ({ records, reply: null }));
    return this.#store.get(groupId)?.consumer == null ? ErrorCode.NONE : ErrorCode.COORDINATOR_NOT_AVAILABLE;
  }

  #refuseJoin(groupId: string, input: JoinInput): number {
    const sizeError = checkGroupId(groupId) || checkJoinSizes(input);
    if (sizeError !== ErrorCode.NONE) return sizeError;
    const { minSessionTimeoutMs, maxSessionTimeoutMs } = this.#options;
    if (input.sessionTimeoutMs < minSessionTimeoutMs || input.sessionTimeoutMs > maxSessionTimeoutMs) {
      return ErrorCode.INVALID_SESSION_TIMEOUT;
    }
    const unknown = input.memberId !== '' && this.#store.get(groupId) === undefined;
    return unknown ? ErrorCode.UNKNOWN_MEMBER_ID : ErrorCode.NONE;
  }

  sync(groupId: string, input: SyncInput): Promise<SyncAnswer> {
    return this.#whenReady(() => this.#sync(groupId, input), syncError);
  }

  #sync(groupId: string, input: SyncInput): Promise<SyncAnswer> {
    const entry = this.#named(groupId);
    if (entry === undefined) return Promise.resolve(syncError(unknownIn(groupId)));
    const { promise, ticket } = this.#ticket<SyncAnswer>();
    entry.group.sync(this.#clock(), input, ticket);
    this.#settle(entry);
    return promise;
  }

  heartbeat(groupId: string, memberId: string, groupInstanceId: string | null, generationId: number): number {
    if (this.#runtime.isBehind) return ErrorCode.COORDINATOR_LOAD_IN_PROGRESS;
    const entry = this.#named(groupId);
    if (entry === undefined) return unknownIn(groupId);
    return entry.group.heartbeat(this.#clock(), memberId, groupInstanceId, generationId);
  }

  leave(groupId: string, memberId: string, groupInstanceId: string | null): number {
    if (this.#runtime.isBehind) return ErrorCode.COORDINATOR_LOAD_IN_PROGRESS;
    const entry = this.#store.get(groupId);
    if (entry === undefined) return unknownIn(groupId);
    const error = entry.group.leave(this.#clock(), memberId, groupInstanceId);
    this.#settle(entry);
    return error;
  }

  // ---- offsets ---------------------------------------------------------------------------------------------------

  /**
   * Stores the offsets when the committer may commit now (`ClassicGroup.checkCommit`); resolves with the error code for
   * all of them when they are as safe as the broker promises.
   */
  commit(groupId: string, committer: Committer, commits: readonly CommitInput[]): Promise<number> {
    return this.#commit(groupId, committer, commits, {});
  }

  /** The same within a transaction: they hold once its marker says that it is committed (`endTransaction`). */
  commitWithin(
    stamp: ProducerStamp,
    groupId: string,
    committer: Committer,
    commits: readonly CommitInput[],
    isOpen: () => number,
  ): Promise<number> {
    return this.#commit(groupId, committer, commits, { stamp, isOpen });
  }

  async #commit(
    groupId: string,
    committer: Committer,
    commits: readonly CommitInput[],
    { stamp, isOpen }: { readonly stamp?: ProducerStamp; readonly isOpen?: () => number },
  ): Promise<number> {
    const result = await this.#runtime.run(() => {
      const error =
        (isOpen?.() ?? ErrorCode.NONE) || this.#checkCommit(groupId, committer, commits, stamp !== undefined);
      if (error !== ErrorCode.NONE) return { records: [], reply: error };
      const records = commits.map(({ topic, partition, committed }): GroupRecord => {
        return { kind: 'offset', groupId, topic, partition, value: committed };
      });
      return { records, reply: ErrorCode.NONE, ...(stamp === undefined ? {} : { stamp }) };
    });
    if (!isFault(result)) return result;
    return result.errorCode === ErrorCode.RECORD_LIST_TOO_LARGE
      ? ErrorCode.INVALID_COMMIT_OFFSET_SIZE
      : result.errorCode;
  }

  /** The transaction of a producer is over. Resolves with null when that is safe, or with why it is not. */
  endTransaction(marker: TransactionMarker): Promise<RequestFault | null> {
    return this.#runtime.end(marker);
  }

  #checkCommit(
    groupId: string,
    committer: Committer,
    commits: readonly CommitInput[],
    isTransactional: boolean,
  ): number {
    const { memberId, groupInstanceId, generationId, knowsEpochs = true } = committer;
    const { unknownGroup = ErrorCode.ILLEGAL_GENERATION } = committer;
    // A group without a name can commit, as ever, as long as it has no members (Kafka keeps that for old clients).
    if (groupId !== '' && checkGroupId(groupId) !== ErrorCode.NONE) return ErrorCode.INVALID_GROUP_ID;
    const entry = this.#store.get(groupId);
    if (entry === undefined) return generationId < 0 ? ErrorCode.NONE : unknownGroup;
    if (entry.consumer !== null) {
      const member = {
        memberId,
        groupInstanceId,
        memberEpoch: generationId,
        isTransactional,
        knowsEpochs,
      };
      return consumerCommitError(entry.consumer, member, commits, this.consumers.topics);
    }
    const { group } = entry;
    return group.checkCommit(this.#clock(), memberId, groupInstanceId, generationId, isTransactional);
  }

  /** What `query` finds in the committed offsets, once all it can have seen is safe; null when that cannot be said now. */
  async offsets<T>(
    query: (groups: Pick<Coordinator, 'committed' | 'allCommitted' | 'readerError' | 'isUnstable'>) => T,
  ): Promise<T | null> {
    const result = await this.#runtime.read(() => ({ found: query(this) }));
    return isFault(result) ? null : result.found;
  }

  /** Why a member that says who it is may not be told what its group has committed. */
  readerError(groupId: string, memberId: string | null, memberEpoch: number): number {
    const consumer = this.#store.get(groupId)?.consumer ?? null;
    return consumer === null ? ErrorCode.NONE : consumerFetchError(consumer, memberId, memberEpoch);
  }

  committed(groupId: string, topic: string, partition: number): CommittedOffset | undefined {
    return this.#store.get(groupId)?.offsets.get(topic)?.get(partition);
  }

  allCommitted(groupId: string): ReadonlyMap<string, ReadonlyMap<number, CommittedOffset>> {
    return this.#store.get(groupId)?.offsets ?? new Map();
  }

  /** Whether a transaction that is not over has committed an offset for the partition. */
  isUnstable(groupId: string, topic: string, partition: number): boolean {
    return this.#store.get(groupId)?.pending.has(topic, partition) === true;
  }

  /** OffsetDelete (KIP-496): the error of the group, and one per partition in the order given. */
  async deleteOffsets(
    groupId: string,
    partitions: readonly { topic: string; partition: number }[],
  ): Promise<{ errorCode: number; partitionErrors: number[] }> {
    const refusal = (errorCode: number) => ({ records: [], reply: { errorCode, partitionErrors: [] } });
    const result = await this.#runtime.run(() => {
      if (groupId === '') return refusal(ErrorCode.INVALID_GROUP_ID);
      const entry = this.#store.get(groupId);
      if (entry === undefined) return refusal(ErrorCode.GROUP_ID_NOT_FOUND);
      const { group, offsets, consumer } = entry;
      if (group.members.size > 0 && group.protocolType !== 'consumer')
        return refusal(ErrorCode.NON_EMPTY_GROUP);
      const inUse = new Set<string>();
      for (const member of group.members.values()) {
        for (const topic of subscribedTopics(metadataFor(member, group.protocolName))) inUse.add(topic);
      }
      if (consumer !== null)
        for (const { topic } of partitions) if (consumer.isSubscribedTo(topic)) inUse.add(topic);
      const records = partitions
        .filter(({ topic, partition }) => !inUse.has(topic) && offsets.get(topic)?.has(partition) === true)
        .map((each): GroupRecord => ({ kind: 'offset', groupId, ...each, value: null }));
      const partitionErrors: number[] = partitions.map(({ topic }) =>
        inUse.has(topic) ? ErrorCode.GROUP_SUBSCRIBED_TO_TOPIC : ErrorCode.NONE,
      );
      return { records, reply: { errorCode: ErrorCode.NONE as number, partitionErrors } };
    });
    return isFault(result) ? { errorCode: result.errorCode, partitionErrors: [] } : result;
  }

  // ---- administration --------------------------------------------------------------------------------------------

  groups(): Iterable<ClassicGroup | ConsumerGroup> {
    return [...this.#store.all()].map(({ consumer, group }) => consumer ?? group);
  }

  /** Undefined also for a group of the consumer protocol. */
  group(groupId: string): ClassicGroup | undefined {
    const entry = this.#store.get(groupId);
    return entry?.consumer == null ? entry?.group : undefined;
  }

  consumerGroup(groupId: string): ConsumerGroup | undefined {
    return this.#store.get(groupId)?.consumer ?? undefined;
  }

  /** What `query` finds in the groups, once all it can have seen is safe; null when that cannot be said now. */
  async look<T>(query: (groups: Pick<Coordinator, 'group' | 'consumerGroup'>) => T): Promise<T | null> {
    const result = await this.#runtime.read(() => ({ found: query(this) }));
    return isFault(result) ? null : result.found;
  }

  async deleteGroup(groupId: string): Promise<number> {
    const result = await this.#runtime.run<number>(() => {
      const entry = this.#store.get(groupId);
      if (entry === undefined) return { records: [], reply: ErrorCode.GROUP_ID_NOT_FOUND };
      const { state } = entry.consumer ?? entry.group;
      if (state !== 'Empty') return { records: [], reply: ErrorCode.NON_EMPTY_GROUP };
      return { records: tombstones(entry), reply: ErrorCode.NONE };
    });
    if (isFault(result)) return result.errorCode;
    const entry = this.#store.get(groupId);
    if (entry !== undefined) this.#store.dropVacant(entry);
    return result;
  }

  /** The topic is gone: so are the offsets committed for it. */
  async forgetTopic(topic: string): Promise<void> {
    if (!this.#runtime.isLoaded) return; // what is read back later is looked at by housekeeping
    await this.#runtime.run(() => {
      const records = [...this.#store.all()].flatMap((entry) => [
        ...offsetRecords(entry.group.groupId, entry, topic),
      ]);
      return { records: records.map((record) => ({ ...record, value: null })), reply: null };
    });
  }

  /** Drops offsets that outlived `offsetsRetentionMs` in an empty group, then compacts the log where it pays. */
  async housekeep(): Promise<void> {
    if (!this.#runtime.isLoaded || this.#closed) return;
    const now = this.#options.now();
    for (const entry of [...this.#store.all()]) {
      const records = expired(entry, now, this.#options);
      if (records.length > 0) await this.#runtime.run(() => ({ records, reply: null }));
      this.#store.dropVacant(entry);
    }
    await this.#runtime.compact();
  }

  /** Everybody who waits is sent away; the log belongs to the topic store. */
  close(): void {
    this.#closed = true;
    this.#runtime.close();
    this.#timers.close();
    this.#sendAway(ErrorCode.COORDINATOR_NOT_AVAILABLE);
  }

  #sendAway(errorCode: number): void {
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const answer of waiting) answer(joinError('', errorCode));
  }

  /** A group that may have members: the one without a name has committed offsets alone. */
  #named(groupId: string): GroupEntry | undefined {
    return groupId === '' ? undefined : this.#store.get(groupId);
  }

  // ---- parts -----------------------------------------------------------------------------------------------------

  /** Runs an event at once when the log is read back, else when it is; when it cannot be, clients come again. */
  async #whenReady<A>(event: () => Promise<A>, refused: (errorCode: number) => A): Promise<A> {
    if (!this.#runtime.isLoaded && !this.#closed) {
      try {
        await this.#runtime.load();
      } catch (error) {
        this.#options.logger.error(`groups and offsets cannot be read: ${errorText(error)}`);
        return refused(ErrorCode.COORDINATOR_NOT_AVAILABLE);
      }
    }
    return this.#closed ? refused(ErrorCode.COORDINATOR_NOT_AVAILABLE) : event();
  }

  #ticket<A extends JoinAnswer | SyncAnswer>(): { promise: Promise<A>; ticket: Ticket } {
    const ticket = this.#nextTicket++;
    const promise = new Promise<A>((resolve) => {
      this.#waiting.set(ticket, resolve as (answer: JoinAnswer | SyncAnswer) => void);
    });
    return { promise, ticket };
  }

  /** Acts on what the group wants, and sets its timer. Call after every event. */
  #settle(entry: GroupEntry): void {
    const { group } = entry;
    for (const effect of group.takeEffects()) {
      if (effect.kind === 'save') {
        void this.#save(entry, effect.saveId);
        continue;
      }
      const answer = this.#waiting.get(effect.ticket);
      this.#waiting.delete(effect.ticket);
      answer?.(effect.answer);
    }
    this.#store.dropVacant(entry);
    if (this.#isKnown(entry)) this.#timers.arm(entry);
  }

  async #save(entry: GroupEntry, saveId: number): Promise<void> {
    const { group } = entry;
    const result = await this.#runtime.run(() => {
      if (!this.#isKnown(entry)) return { records: [], reply: ErrorCode.NOT_COORDINATOR };
      const record: GroupRecord = { kind: 'group', groupId: group.groupId, value: toStored(group) };
      return { records: [record], reply: ErrorCode.NONE };
    });
    // Kafka: a group that is too large for its log cannot be helped by trying again.
    const error = isFault(result) ? result.errorCode : result;
    const told = error === ErrorCode.RECORD_LIST_TOO_LARGE ? ErrorCode.UNKNOWN_SERVER_ERROR : error;
    this.#guarded(entry, () => group.saved(this.#clock(), saveId, told));
  }

  /** An event that nobody waits for: a fault in it is told and ends nothing but this event. */
  #guarded(entry: GroupEntry, event: () => void): void {
    try {
      event();
      this.#settle(entry);
    } catch (error) {
      const text = error instanceof Error ? error.stack : String(error);
      this.#options.logger.error(`group ${entry.group.groupId.slice(0, 249)}: ${text}`);
      if (this.#isKnown(entry)) this.#timers.armAt(entry, this.#clock() + faultPauseMs);
    }
  }

  #isKnown(entry: GroupEntry): boolean {
    return this.#store.get(entry.group.groupId) === entry;
  }
}

/** No topics, and no member. */
const unserved = {
  topics: { version: 0, names: () => [], find: () => undefined },
  settings: {
    assignors: [],
    maxSize: 0,
    sessionTimeoutMs: 0,
    heartbeatIntervalMs: 0,
    assignmentIntervalMs: 0,
  },
};

function unknownIn(groupId: string): number {
  return checkGroupId(groupId) || ErrorCode.UNKNOWN_MEMBER_ID;
}
