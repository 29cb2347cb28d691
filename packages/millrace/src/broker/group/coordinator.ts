import { randomUUID } from 'node:crypto';
import { errorText } from '../../runtime/errors.ts';
import type { Logger } from '../../runtime/logger.ts';
import { ErrorCode } from '../error-code.ts';
import { ClassicGroup } from './classic-group.ts';
import {
  type JoinAnswer,
  type JoinInput,
  joinError,
  type SyncAnswer,
  type SyncInput,
  syncError,
} from './group-types.ts';
import { metadataFor, type Ticket } from './member.ts';
import type { OffsetLog } from './offset-log.ts';
import {
  type CommittedOffset,
  decodeGroupValue,
  decodeKey,
  decodeOffsetValue,
  encodeGroupKey,
  encodeGroupValue,
  encodeOffsetKey,
  encodeOffsetValue,
  type OffsetRecord,
  type StoredGroup,
  subscribedTopics,
} from './offset-records.ts';

import { fromStored, toStored } from './stored-group.ts';

export interface CoordinatorOptions {
  readonly initialRebalanceDelayMs: number;
  readonly minSessionTimeoutMs: number;
  readonly maxSessionTimeoutMs: number;
  readonly maxSize: number;
  readonly offsetsRetentionMs: number;
  readonly now: () => number;
  readonly logger: Logger;
  /** Gives the log of `__consumer_offsets`, making the topic where it is missing. */
  readonly openLog: () => Promise<OffsetLog>;
}

/** A group and what it has committed: topic → partition → offset. */
interface Entry {
  readonly group: ClassicGroup;
  readonly offsets: Map<string, Map<number, CommittedOffset>>;
  timer: NodeJS.Timeout | null;
  timerAt: number;
}

export interface CommitInput {
  readonly topic: string;
  readonly partition: number;
  readonly committed: CommittedOffset;
}

/**
 * The group coordinator: gives the pure groups their time, their answers and their log. Groups and offsets are in
 * memory, and in `__consumer_offsets` before anybody is told that they are.
 */
export class Coordinator {
  readonly #options: CoordinatorOptions;
  readonly #entries = new Map<string, Entry>();
  readonly #waiting = new Map<Ticket, (answer: JoinAnswer | SyncAnswer) => void>();
  #nextTicket: Ticket = 1;
  #log: Promise<OffsetLog> | null = null;
  #closed = false;

  constructor(options: CoordinatorOptions) {
    this.#options = options;
  }

  /** Reads groups and offsets back. Only when `__consumer_offsets` is there already. */
  async load(): Promise<void> {
    const groups = new Map<string, StoredGroup>();
    const log = await this.#openLog();
    await log.replay((keyBytes, value) => {
      const key = decodeKey(keyBytes);
      if (key === null) return;
      if (key.kind === 'group') {
        if (value === null) groups.delete(key.groupId);
        else groups.set(key.groupId, decodeGroupValue(value));
      } else if (value === null) {
        this.#strikeOffset(key.groupId, key.topic, key.partition);
      } else {
        this.#setOffset(this.#entry(key.groupId), key.topic, key.partition, decodeOffsetValue(value));
      }
    });
    const now = this.#options.now();
    for (const [groupId, stored] of groups) {
      const entry = this.#entry(groupId);
      fromStored(entry.group, stored, now);
      this.#settle(entry);
    }
    for (const [groupId, { group, offsets }] of this.#entries) {
      if (offsets.size === 0 && !groups.has(groupId) && group.members.size === 0)
        this.#entries.delete(groupId);
    }
  }

  /** Makes sure that `__consumer_offsets` exists, as the first FindCoordinator does in Kafka. */
  async ready(): Promise<void> {
    await this.#openLog();
  }

  // ---- membership ------------------------------------------------------------------------------------------------

  join(groupId: string, input: JoinInput): Promise<JoinAnswer> {
    const error = this.#refuseJoin(groupId, input);
    if (error !== ErrorCode.NONE) return Promise.resolve(joinError(input.memberId, error));
    const entry = this.#entry(groupId);
    const { promise, ticket } = this.#ticket<JoinAnswer>();
    entry.group.join(this.#options.now(), input, ticket);
    this.#settle(entry);
    return promise;
  }

  #refuseJoin(groupId: string, input: JoinInput): number {
    if (this.#closed) return ErrorCode.COORDINATOR_NOT_AVAILABLE;
    if (groupId === '') return ErrorCode.INVALID_GROUP_ID;
    const { minSessionTimeoutMs, maxSessionTimeoutMs } = this.#options;
    if (input.sessionTimeoutMs < minSessionTimeoutMs || input.sessionTimeoutMs > maxSessionTimeoutMs) {
      return ErrorCode.INVALID_SESSION_TIMEOUT;
    }
    const unknown = input.memberId !== '' && !this.#entries.has(groupId);
    return unknown ? ErrorCode.UNKNOWN_MEMBER_ID : ErrorCode.NONE;
  }

  sync(groupId: string, input: SyncInput): Promise<SyncAnswer> {
    const entry = this.#entries.get(groupId);
    const error = groupId === '' ? ErrorCode.INVALID_GROUP_ID : ErrorCode.UNKNOWN_MEMBER_ID;
    if (entry === undefined) return Promise.resolve(syncError(error));
    const { promise, ticket } = this.#ticket<SyncAnswer>();
    entry.group.sync(this.#options.now(), input, ticket);
    this.#settle(entry);
    return promise;
  }

  heartbeat(groupId: string, memberId: string, groupInstanceId: string | null, generationId: number): number {
    if (groupId === '') return ErrorCode.INVALID_GROUP_ID;
    const entry = this.#entries.get(groupId);
    if (entry === undefined) return ErrorCode.UNKNOWN_MEMBER_ID;
    return entry.group.heartbeat(this.#options.now(), memberId, groupInstanceId, generationId);
  }

  leave(groupId: string, memberId: string, groupInstanceId: string | null): number {
    const entry = this.#entries.get(groupId);
    if (entry === undefined) return ErrorCode.UNKNOWN_MEMBER_ID;
    const error = entry.group.leave(this.#options.now(), memberId, groupInstanceId);
    this.#settle(entry);
    return error;
  }

  // ---- offsets ---------------------------------------------------------------------------------------------------

  /** Whether the member may commit now; see `ClassicGroup.checkCommit`. */
  checkCommit(
    groupId: string,
    memberId: string,
    groupInstanceId: string | null,
    generationId: number,
  ): number {
    if (groupId === '' && memberId !== '') return ErrorCode.INVALID_GROUP_ID;
    const entry = this.#entries.get(groupId);
    if (entry === undefined) return generationId < 0 ? ErrorCode.NONE : ErrorCode.ILLEGAL_GENERATION;
    return entry.group.checkCommit(this.#options.now(), memberId, groupInstanceId, generationId);
  }

  /** Stores the offsets; resolves with the error code for all of them when they are as safe as the broker promises. */
  async commit(groupId: string, commits: readonly CommitInput[]): Promise<number> {
    const records = commits.map(({ topic, partition, committed }) => ({
      key: encodeOffsetKey(groupId, topic, partition),
      value: encodeOffsetValue(committed),
    }));
    const error = await this.#write(records);
    if (error !== ErrorCode.NONE) return error;
    const entry = this.#entry(groupId);
    for (const { topic, partition, committed } of commits)
      this.#setOffset(entry, topic, partition, committed);
    return ErrorCode.NONE;
  }

  committed(groupId: string, topic: string, partition: number): CommittedOffset | undefined {
    return this.#entries.get(groupId)?.offsets.get(topic)?.get(partition);
  }

  allCommitted(groupId: string): ReadonlyMap<string, ReadonlyMap<number, CommittedOffset>> {
    return this.#entries.get(groupId)?.offsets ?? new Map();
  }

  /** OffsetDelete (KIP-496): the error of the group, and one per partition in the order given. */
  async deleteOffsets(
    groupId: string,
    partitions: readonly { topic: string; partition: number }[],
  ): Promise<{ errorCode: number; partitionErrors: number[] }> {
    const entry = this.#entries.get(groupId);
    if (entry === undefined) return { errorCode: ErrorCode.GROUP_ID_NOT_FOUND, partitionErrors: [] };
    const { group } = entry;
    if (group.members.size > 0 && group.protocolType !== 'consumer') {
      return { errorCode: ErrorCode.NON_EMPTY_GROUP, partitionErrors: [] };
    }
    const inUse = new Set<string>();
    for (const member of group.members.values()) {
      for (const topic of subscribedTopics(metadataFor(member, group.protocolName))) inUse.add(topic);
    }
    const free = partitions.filter(({ topic }) => !inUse.has(topic));
    const records = free
      .filter(({ topic, partition }) => entry.offsets.get(topic)?.has(partition) === true)
      .map(({ topic, partition }) => ({ key: encodeOffsetKey(groupId, topic, partition), value: null }));
    const errorCode = await this.#write(records, () => {
      for (const { topic, partition } of free) this.#strikeOffset(groupId, topic, partition);
    });
    const code = (topic: string) => (inUse.has(topic) ? ErrorCode.GROUP_SUBSCRIBED_TO_TOPIC : ErrorCode.NONE);
    return { errorCode, partitionErrors: partitions.map(({ topic }) => code(topic)) };
  }

  // ---- administration --------------------------------------------------------------------------------------------

  groups(): Iterable<ClassicGroup> {
    return [...this.#entries.values()].map((entry) => entry.group);
  }

  group(groupId: string): ClassicGroup | undefined {
    return this.#entries.get(groupId)?.group;
  }

  async deleteGroup(groupId: string): Promise<number> {
    const entry = this.#entries.get(groupId);
    if (entry === undefined) return ErrorCode.GROUP_ID_NOT_FOUND;
    if (entry.group.state !== 'Empty') return ErrorCode.NON_EMPTY_GROUP;
    entry.group.markDead(this.#options.now());
    this.#entries.delete(groupId);
    this.#clearTimer(entry);
    const records: OffsetRecord[] = offsetKeys(groupId, entry).map((key) => ({ key, value: null }));
    records.push({ key: encodeGroupKey(groupId), value: null });
    return this.#write(records);
  }

  /** The topic is gone: so are the offsets committed for it. */
  async forgetTopic(topic: string): Promise<void> {
    const records: OffsetRecord[] = [];
    for (const [groupId, entry] of this.#entries) {
      for (const partition of entry.offsets.get(topic)?.keys() ?? []) {
        records.push({ key: encodeOffsetKey(groupId, topic, partition), value: null });
      }
      entry.offsets.delete(topic);
    }
    await this.#write(records);
  }

  /** Drops offsets that outlived `offsetsRetentionMs` in an empty group, then compacts the log where it pays. */
  async housekeep(): Promise<void> {
    if (this.#log === null || this.#closed) return;
    const now = this.#options.now();
    const records: OffsetRecord[] = [];
    for (const [groupId, entry] of this.#entries) {
      if (entry.group.state !== 'Empty') continue;
      for (const [topic, partitions] of entry.offsets) {
        for (const [partition, { commitTimestamp }] of partitions) {
          const since = Math.max(
            commitTimestamp,
            entry.group.protocolType === null ? 0 : entry.group.stateSince,
          );
          if (now - since < this.#options.offsetsRetentionMs) continue;
          records.push({ key: encodeOffsetKey(groupId, topic, partition), value: null });
          this.#strikeOffset(groupId, topic, partition);
        }
      }
      if (entry.offsets.size > 0 || entry.group.nextDeadline() < Number.POSITIVE_INFINITY) continue;
      if (entry.group.generationId === 0 && entry.group.protocolType === null) {
        this.#entries.delete(groupId); // nobody was ever let in: there is nothing to strike off
        continue;
      }
      if (now - entry.group.stateSince < this.#options.offsetsRetentionMs) continue;
      records.push({ key: encodeGroupKey(groupId), value: null });
      entry.group.markDead(now);
      this.#entries.delete(groupId);
    }
    await this.#write(records);
    const log = await this.#openLog();
    await log.compact(() => this.#liveRecords(), now);
  }

  /** Everybody who waits is sent away; the log belongs to the topic store. */
  close(): void {
    this.#closed = true;
    for (const entry of this.#entries.values()) this.#clearTimer(entry);
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const answer of waiting) answer(joinError('', ErrorCode.COORDINATOR_NOT_AVAILABLE));
  }

  // ---- parts -----------------------------------------------------------------------------------------------------

  #entry(groupId: string): Entry {
    let entry = this.#entries.get(groupId);
    if (entry === undefined) {
      const { initialRebalanceDelayMs, maxSize, now } = this.#options;
      const group = new ClassicGroup(groupId, { initialRebalanceDelayMs, maxSize }, now(), randomUUID);
      entry = { group, offsets: new Map(), timer: null, timerAt: Number.POSITIVE_INFINITY };
      this.#entries.set(groupId, entry);
    }
    return entry;
  }

  #setOffset(entry: Entry, topic: string, partition: number, committed: CommittedOffset): void {
    let partitions = entry.offsets.get(topic);
    if (partitions === undefined) {
      partitions = new Map();
      entry.offsets.set(topic, partitions);
    }
    partitions.set(partition, committed);
  }

  #strikeOffset(groupId: string, topic: string, partition: number): void {
    const offsets = this.#entries.get(groupId)?.offsets;
    const partitions = offsets?.get(topic);
    partitions?.delete(partition);
    if (partitions?.size === 0) offsets?.delete(topic);
  }

  #ticket<A extends JoinAnswer | SyncAnswer>(): { promise: Promise<A>; ticket: Ticket } {
    const ticket = this.#nextTicket++;
    const promise = new Promise<A>((resolve) => {
      this.#waiting.set(ticket, resolve as (answer: JoinAnswer | SyncAnswer) => void);
    });
    return { promise, ticket };
  }

  /** Acts on what the group wants, and sets its timer. Call after every event. */
  #settle(entry: Entry): void {
    const { group } = entry;
    for (const effect of group.takeEffects()) {
      if (effect.kind === 'save') {
        this.#save(entry, effect.generationId);
        continue;
      }
      const answer = this.#waiting.get(effect.ticket);
      this.#waiting.delete(effect.ticket);
      answer?.(effect.answer);
    }
    this.#arm(entry);
  }

  #save(entry: Entry, generationId: number): void {
    const { group } = entry;
    const records = [{ key: encodeGroupKey(group.groupId), value: encodeGroupValue(toStored(group)) }];
    void this.#write(records).then((errorCode) => {
      group.saved(this.#options.now(), generationId, errorCode);
      this.#settle(entry);
    });
  }

  /** Deadlines mostly move away (heartbeats); a timer that comes early finds nothing due and is set again. */
  #arm(entry: Entry): void {
    const deadline = entry.group.nextDeadline();
    if (this.#closed || deadline === Number.POSITIVE_INFINITY || deadline >= entry.timerAt) return;
    this.#clearTimer(entry);
    entry.timerAt = deadline;
    const delay = Math.min(Math.max(0, deadline - this.#options.now()), 0x7fff_ffff);
    entry.timer = setTimeout(() => {
      entry.timer = null;
      entry.timerAt = Number.POSITIVE_INFINITY;
      entry.group.expire(this.#options.now());
      this.#settle(entry);
    }, delay);
  }

  #clearTimer(entry: Entry): void {
    if (entry.timer !== null) clearTimeout(entry.timer);
    entry.timer = null;
    entry.timerAt = Number.POSITIVE_INFINITY;
  }

  #openLog(): Promise<OffsetLog> {
    if (this.#log === null) {
      const opening = this.#options.openLog();
      this.#log = opening;
      opening.catch(() => {
        this.#log = null; // the next request tries again
      });
    }
    return this.#log;
  }

  /** Appends, then notes it in memory at once (what `compact` writes must hold all that was appended), then settles. */
  async #write(records: readonly OffsetRecord[], note: () => void = () => {}): Promise<number> {
    if (records.length === 0) return ErrorCode.NONE;
    try {
      const log = await this.#openLog();
      log.append(records, this.#options.now());
      note();
      await log.settle();
      return ErrorCode.NONE;
    } catch (error) {
      this.#options.logger.error(`offsets could not be stored: ${errorText(error)}`);
      return ErrorCode.COORDINATOR_NOT_AVAILABLE;
    }
  }

  #liveRecords(): OffsetRecord[] {
    const records: OffsetRecord[] = [];
    for (const [groupId, { group, offsets }] of this.#entries) {
      if (group.protocolType !== null && group.state !== 'CompletingRebalance') {
        records.push({ key: encodeGroupKey(groupId), value: encodeGroupValue(toStored(group)) });
      }
      for (const [topic, partitions] of offsets) {
        for (const [partition, committed] of partitions) {
          records.push({
            key: encodeOffsetKey(groupId, topic, partition),
            value: encodeOffsetValue(committed),
          });
        }
      }
    }
    return records;
  }
}

function offsetKeys(groupId: string, entry: Entry): Buffer[] {
  return [...entry.offsets].flatMap(([topic, partitions]) =>
    [...partitions.keys()].map((partition) => encodeOffsetKey(groupId, topic, partition)),
  );
}
