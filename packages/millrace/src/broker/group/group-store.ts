import type { ClassicGroup } from './classic-group.ts';
import { ConsumerGroup } from './consumer/consumer-group.ts';
import type { ConsumerRecord } from './consumer/consumer-records.ts';
import type { CoordinatorState, ProducerStamp } from './coordinator-runtime.ts';
import type { CommittedOffset, GroupRecord, StoredGroup } from './offset-records.ts';
import { PendingOffsets } from './pending-offsets.ts';

/** A group, what of it is stored, and what it has committed: topic → partition → offset. */
export interface GroupEntry {
  readonly group: ClassicGroup;
  readonly offsets: Map<string, Map<number, CommittedOffset>>;
  /** Committed within transactions that are not over. */
  readonly pending: PendingOffsets;
  /** As the log has it: during a rebalance that is the generation before. */
  stored: StoredGroup | null;
  /** Not null: it is a group of the consumer protocol, and the classic one has no members. */
  consumer: ConsumerGroup | null;
}

export interface GroupStoreHooks {
  /** Makes a group that nobody is in. */
  create(groupId: string): ClassicGroup;
  /** Puts a new group in the state that was stored. */
  restore(entry: GroupEntry): void;
  /** The group is forgotten; nobody waits for it. */
  dropped(entry: GroupEntry): void;
  /** All groups are forgotten: whoever waits is sent away. */
  cleared(): void;
}

/** Groups and committed offsets as the records of `__consumer_offsets` make them. */
export class GroupStore implements CoordinatorState<GroupRecord> {
  readonly #entries = new Map<string, GroupEntry>();
  /** Producer → groups for which it has committed within its open transaction. */
  readonly #groupsOf = new Map<number, Set<string>>();
  readonly #hooks: GroupStoreHooks;

  constructor(hooks: GroupStoreHooks) {
    this.#hooks = hooks;
  }

  get(groupId: string): GroupEntry | undefined {
    return this.#entries.get(groupId);
  }

  all(): Iterable<GroupEntry> {
    return this.#entries.values();
  }

  /** The group of this id, made where it is missing. */
  ensure(groupId: string): GroupEntry {
    let entry = this.#entries.get(groupId);
    if (entry === undefined) {
      entry = {
        group: this.#hooks.create(groupId),
        offsets: new Map(),
        pending: new PendingOffsets(),
        stored: null,
        consumer: null,
      };
      this.#entries.set(groupId, entry);
    }
    return entry;
  }

  /** Forgets a group that nobody is in and of which the log has nothing. */
  dropVacant(entry: GroupEntry): void {
    const { groupId } = entry.group;
    if (!entry.group.isVacant || entry.stored !== null) return;
    if (entry.offsets.size > 0 || !entry.pending.isEmpty) return;
    if (entry.consumer !== null) return;
    if (this.#entries.get(groupId) !== entry) return;
    this.#entries.delete(groupId);
    this.#hooks.dropped(entry);
  }

  apply(record: GroupRecord, stamp: ProducerStamp | null): void {
    const { groupId, value } = record;
    if (record.kind !== 'group' && record.kind !== 'offset') {
      this.#applyToConsumers(record);
      return;
    }
    if (value === null) {
      const entry = this.#entries.get(groupId);
      if (entry === undefined) return;
      if (record.kind === 'group') entry.stored = null;
      else strike(entry, record.topic, record.partition);
      return;
    }
    const entry = this.ensure(groupId);
    if (record.kind === 'group') {
      entry.stored = record.value;
      return;
    }
    if (stamp === null) {
      entry.pending.supersede(record.topic, record.partition);
      put(entry, record.topic, record.partition, record.value!);
      return;
    }
    entry.pending.add(stamp, record.topic, record.partition, record.value!);
    let groups = this.#groupsOf.get(stamp.producerId);
    if (groups === undefined) {
      groups = new Set();
      this.#groupsOf.set(stamp.producerId, groups);
    }
    groups.add(groupId);
  }

  closing(producerId: number): GroupRecord[] {
    return [...(this.#groupsOf.get(producerId) ?? [])].flatMap((groupId) => {
      const offsets = this.#entries.get(groupId)?.pending.of(producerId) ?? [];
      return offsets.map((each): GroupRecord => ({ kind: 'offset', groupId, ...each }));
    });
  }

  ended(producerId: number, committed: boolean): void {
    const groups = this.#groupsOf.get(producerId);
    this.#groupsOf.delete(producerId);
    for (const groupId of groups ?? []) {
      const entry = this.#entries.get(groupId);
      if (entry === undefined) continue;
      for (const { topic, partition, value } of entry.pending.take(producerId))
        if (committed) put(entry, topic, partition, value);
      this.dropVacant(entry);
    }
  }

  #applyToConsumers(record: ConsumerRecord): void {
    const { groupId, kind, value } = record;
    if (value === null) {
      const entry = this.#entries.get(groupId);
      if (entry === undefined) return;
      if (kind === 'consumer-group') entry.consumer = null;
      else entry.consumer?.apply(record);
      return;
    }
    const entry = this.ensure(groupId);
    entry.consumer ??= new ConsumerGroup(groupId);
    entry.consumer.apply(record);
  }

  *live(): Generator<GroupRecord> {
    for (const entry of this.#entries.values()) {
      const { groupId } = entry.group;
      if (entry.stored !== null) yield { kind: 'group', groupId, value: entry.stored };
      if (entry.consumer !== null) yield* entry.consumer.live();
      yield* offsetRecords(groupId, entry);
    }
  }

  *open(): Generator<{ stamp: ProducerStamp; records: GroupRecord[] }> {
    for (const entry of this.#entries.values()) {
      const { groupId } = entry.group;
      for (const { stamp, offsets } of entry.pending.all())
        yield { stamp, records: offsets.map((each) => ({ kind: 'offset', groupId, ...each })) };
    }
  }

  clear(): void {
    this.#groupsOf.clear();
    const entries = [...this.#entries.values()];
    this.#entries.clear();
    for (const entry of entries) this.#hooks.dropped(entry);
    this.#hooks.cleared();
  }

  loaded(): void {
    for (const entry of [...this.#entries.values()]) {
      if (entry.stored !== null || entry.consumer !== null) this.#hooks.restore(entry);
      else this.dropVacant(entry);
    }
  }
}

function put({ offsets }: GroupEntry, topic: string, partition: number, value: CommittedOffset): void {
  let partitions = offsets.get(topic);
  if (partitions === undefined) {
    partitions = new Map();
    offsets.set(topic, partitions);
  }
  partitions.set(partition, value);
}

function strike({ offsets }: GroupEntry, topic: string, partition: number): void {
  const partitions = offsets.get(topic);
  partitions?.delete(partition);
  if (partitions?.size === 0) offsets.delete(topic);
}

/** What the group has committed, for one topic or for all. */
export function* offsetRecords(
  groupId: string,
  { offsets }: GroupEntry,
  only?: string,
): Generator<GroupRecord & { kind: 'offset' }> {
  for (const [topic, partitions] of offsets) {
    if (only !== undefined && topic !== only) continue;
    for (const [partition, value] of partitions) yield { kind: 'offset', groupId, topic, partition, value };
  }
}
