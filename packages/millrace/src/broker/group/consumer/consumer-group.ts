import {
  type ConsumerMember,
  hasRegex,
  leaveForNowEpoch,
  memberStates,
  newMember,
  notBegun,
  unknownInfo,
} from './consumer-member.ts';
import type { ConsumerRecord, ResolvedRegex, TargetEpoch } from './consumer-records.ts';
import { Deadlines } from './deadlines.ts';
import { noPartitions, type OwnedPartitions, type Partitions } from './partitions.ts';

export type ConsumerGroupState = 'Empty' | 'Assigning' | 'Reconciling' | 'Stable' | 'Dead';

/**
 * A group of the consumer protocol (KIP-848): nothing but what its records made of it. What they shall be is said by
 * `heartbeat.ts`, who is thrown out and when by `deadlines.ts`.
 */
export class ConsumerGroup {
  readonly groupId: string;
  readonly type = 'consumer';
  readonly protocolType = 'consumer';
  readonly #members = new Map<string, ConsumerMember>();
  readonly #targets = new Map<string, Partitions>();
  readonly #regexes = new Map<string, ResolvedRegex>();
  /** Instance id → member id. */
  readonly #instances = new Map<string, string>();
  /** Topic id → partition → the member that has it, or has not yet said that it gave it up. */
  readonly #owners = new Map<string, Map<number, string>>();
  /** Of its members, topics and targets; grows with each change. Kafka's new groups have 1, so that no member gets 0. */
  #epoch = 1;
  #metadataHash = 0;
  #target: TargetEpoch = { epoch: 0, timestamp: 0 };
  /** Topics of the broker by which the group epoch is known to be right; not stored. */
  topicsVersion = -1;
  /** Not stored, either: sessions begin anew when a group is read back. */
  readonly deadlines: Deadlines = new Deadlines();

  constructor(groupId: string) {
    this.groupId = groupId;
  }

  get members(): ReadonlyMap<string, ConsumerMember> {
    return this.#members;
  }

  get epoch(): number {
    return this.#epoch;
  }

  get metadataHash(): number {
    return this.#metadataHash;
  }

  get target(): TargetEpoch {
    return this.#target;
  }

  get regexes(): ReadonlyMap<string, ResolvedRegex> {
    return this.#regexes;
  }

  get state(): ConsumerGroupState {
    if (this.#members.size === 0) return 'Empty';
    if (this.#epoch > this.#target.epoch) return 'Assigning';
    for (const member of this.#members.values()) {
      const isDone = member.state === memberStates.stable && member.epoch === this.#target.epoch;
      if (!isDone) return 'Reconciling';
    }
    return 'Stable';
  }

  targetOf(memberId: string): Partitions {
    return this.#targets.get(memberId) ?? noPartitions;
  }

  instance(instanceId: string): ConsumerMember | undefined {
    const memberId = this.#instances.get(instanceId);
    return memberId === undefined ? undefined : this.#members.get(memberId);
  }

  /** Who has the partition, or has not yet said that it gave it up. */
  ownerOf(topicId: string, partition: number): string | undefined {
    return this.#owners.get(topicId)?.get(partition);
  }

  /** The topics that a member wants, by its names and by what its expression matched. */
  topicsOf(member: ConsumerMember): ReadonlySet<string> {
    const matched = hasRegex(member) ? this.#regexes.get(member.topicRegex!)?.topics : undefined;
    return new Set(matched === undefined ? member.topicNames : [...member.topicNames, ...matched]);
  }

  isSubscribedTo(topic: string): boolean {
    for (const member of this.#members.values()) if (this.topicsOf(member).has(topic)) return true;
    return false;
  }

  /** What most members ask for; null where nobody asks. */
  preferredAssignor(members: Iterable<ConsumerMember> = this.#members.values()): string | null {
    const votes = new Map<string, number>();
    for (const { serverAssignor } of members)
      if (serverAssignor !== null) votes.set(serverAssignor, (votes.get(serverAssignor) ?? 0) + 1);
    let preferred: string | null = null;
    for (const [assignor, count] of votes)
      if (preferred === null || count > votes.get(preferred)!) preferred = assignor;
    return preferred;
  }

  apply(record: ConsumerRecord): void {
    switch (record.kind) {
      case 'consumer-group':
        if (record.value === null) return;
        this.#epoch = record.value.epoch;
        this.#metadataHash = record.value.metadataHash;
        return;
      case 'consumer-target':
        this.#target = record.value ?? { epoch: 0, timestamp: 0 };
        return;
      case 'consumer-member-target':
        if (record.value === null) this.#targets.delete(record.memberId);
        else this.#targets.set(record.memberId, record.value);
        return;
      case 'consumer-regex':
        if (record.value === null) this.#regexes.delete(record.regex);
        else this.#regexes.set(record.regex, record.value);
        return;
      case 'consumer-member':
        if (record.value === null) this.#remove(record.memberId);
        else this.#change({ ...this.#known(record.memberId), ...unknownInfo, ...record.value });
        return;
      case 'consumer-current': {
        const progress = record.value ?? notBegun;
        if (record.value === null && !this.#members.has(record.memberId)) return;
        this.#change({ ...this.#known(record.memberId), ...progress });
      }
    }
  }

  /** As it is now; what becomes of the copy is not the group's. */
  copy(): ConsumerGroup {
    const copy = new ConsumerGroup(this.groupId);
    for (const [memberId, member] of this.#members) copy.#members.set(memberId, member);
    for (const [memberId, target] of this.#targets) copy.#targets.set(memberId, target);
    for (const [regex, resolved] of this.#regexes) copy.#regexes.set(regex, resolved);
    for (const [instanceId, memberId] of this.#instances) copy.#instances.set(instanceId, memberId);
    for (const [topicId, owners] of this.#owners) copy.#owners.set(topicId, new Map(owners));
    copy.#epoch = this.#epoch;
    copy.#metadataHash = this.#metadataHash;
    copy.#target = this.#target;
    copy.topicsVersion = this.topicsVersion;
    return copy;
  }

  /** One record for each key that holds something. */
  *live(): Generator<ConsumerRecord> {
    const { groupId } = this;
    yield {
      kind: 'consumer-group',
      groupId,
      value: { epoch: this.#epoch, metadataHash: this.#metadataHash },
    };
    for (const [memberId, member] of this.#members)
      yield { kind: 'consumer-member', groupId, memberId, value: member };
    for (const [regex, value] of this.#regexes) yield { kind: 'consumer-regex', groupId, regex, value };
    for (const [memberId, value] of this.#targets)
      yield { kind: 'consumer-member-target', groupId, memberId, value };
    if (this.#target.epoch > 0) yield { kind: 'consumer-target', groupId, value: this.#target };
    for (const [memberId, member] of this.#members)
      yield { kind: 'consumer-current', groupId, memberId, value: member };
  }

  /** What makes the group go, in the order in which a replay forgets it. */
  tombstones(): ConsumerRecord[] {
    const records = Array.from(this.live(), (record): ConsumerRecord => ({ ...record, value: null }));
    return records.reverse();
  }

  #known(memberId: string): ConsumerMember {
    return this.#members.get(memberId) ?? newMember(memberId);
  }

  #change(member: ConsumerMember): void {
    const before = this.#members.get(member.memberId);
    if (before !== undefined) this.#disown(before);
    this.#members.set(member.memberId, member);
    this.#own(member.memberId, member.assigned);
    this.#own(member.memberId, member.pendingRevocation);
    if (member.instanceId !== null) this.#instances.set(member.instanceId, member.memberId);
  }

  #remove(memberId: string): void {
    const member = this.#members.get(memberId);
    if (member === undefined) return;
    this.#disown(member);
    this.#members.delete(memberId);
    const { instanceId } = member;
    if (instanceId !== null && this.#instances.get(instanceId) === memberId)
      this.#instances.delete(instanceId);
  }

  #own(memberId: string, owned: OwnedPartitions): void {
    for (const [topicId, partitions] of owned) {
      const owners = this.#owners.get(topicId) ?? new Map<number, string>();
      this.#owners.set(topicId, owners);
      for (const partition of partitions.keys()) owners.set(partition, memberId);
    }
  }

  #disown({ memberId, assigned, pendingRevocation }: ConsumerMember): void {
    for (const owned of [assigned, pendingRevocation]) {
      for (const [topicId, partitions] of owned) {
        const owners = this.#owners.get(topicId);
        if (owners === undefined) continue;
        for (const partition of partitions.keys())
          if (owners.get(partition) === memberId) owners.delete(partition);
        if (owners.size === 0) this.#owners.delete(topicId);
      }
    }
  }
}

/** Whether a static member has gone for now, so that somebody else may come in its place. */
export function isAway(member: ConsumerMember): boolean {
  return member.epoch === leaveForNowEpoch;
}
