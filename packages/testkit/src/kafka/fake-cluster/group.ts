import { errorCodeOf, type KafkaErrorName } from '../../../../millrace/src/protocol/error-codes.ts';
import type { RequestOf } from '../../../../millrace/src/protocol/messages.ts';
import type { FakeTopic } from './cluster.ts';
import { HeartbeatMembers } from './heartbeat-members.ts';

interface FakeMember {
  readonly id: string;
  readonly protocols: RequestOf<'joinGroup'>['protocols'];
  joined: ((answer: unknown) => void) | null;
  synced: ((answer: unknown) => void) | null;
  assignment: Buffer;
}

/** A commit as it was taken or refused. */
export interface SeenCommit {
  readonly memberId: string;
  readonly generationId: number;
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly error: KafkaErrorName;
}

const joinRefusal = (error: KafkaErrorName, memberId = ''): unknown => ({
  errorCode: errorCodeOf(error),
  protocolName: '',
  leader: '',
  memberId,
  members: [],
});

const sameProtocols = (a: FakeMember['protocols'], b: FakeMember['protocols']): boolean =>
  a.length === b.length &&
  a.every(({ name, metadata }, i) => name === b[i]!.name && metadata.equals(b[i]!.metadata));

/**
 * A group on its coordinator: joins and generations of the classic protocol, the members of the other, offsets. Sessions
 * end only when a test says so.
 */
export class FakeGroup {
  /** Those of the consumer protocol; a group has members of one protocol. */
  readonly heartbeats: HeartbeatMembers;
  generation = 0;
  readonly offsets = new Map<string, number>();
  readonly commits: SeenCommit[] = [];
  /** Generations that were completed: member → whether it led. */
  rebalances = 0;
  /** How long a rebalance waits for members that did not join again, ms. */
  rebalanceMs = 300;
  /** A member that says nothing for so long is expelled. */
  sessionMs = Number.POSITIVE_INFINITY;
  /** What a commit of a partition says instead of being taken. */
  commitFault: (topic: string, partition: number) => KafkaErrorName | null = () => null;
  #members = new Map<string, FakeMember>();
  readonly #seen = new Map<string, number>();
  #state: 'empty' | 'joining' | 'syncing' | 'stable' = 'empty';
  #leader = '';
  #protocol = '';
  #timer: NodeJS.Timeout | null = null;
  #nextId = 0;
  /** Ids that were given out and have not joined yet. */
  readonly #pending = new Set<string>();

  constructor(topics: ReadonlyMap<string, FakeTopic> = new Map()) {
    this.heartbeats = new HeartbeatMembers(topics);
  }

  get memberIds(): readonly string[] {
    return [...this.#members.keys()];
  }

  /** As when its session has expired: the others are asked to join again. */
  expel(memberId: string): void {
    this.#remove(memberId);
    this.#rebalance();
  }

  /** Who waits for an answer learns of it at once. */
  #remove(memberId: string): void {
    const member = this.#members.get(memberId);
    this.#pending.delete(memberId);
    this.#members.delete(memberId);
    member?.joined?.(joinRefusal('UNKNOWN_MEMBER_ID'));
    member?.synced?.({ errorCode: errorCodeOf('UNKNOWN_MEMBER_ID'), assignment: Buffer.alloc(0) });
  }

  async handle(api: string, message: unknown, isCoordinator: boolean): Promise<unknown> {
    const wrong = isCoordinator ? null : 'NOT_COORDINATOR';
    this.#endSessions((message as { memberId?: string }).memberId ?? '');
    switch (api) {
      case 'JoinGroup':
        return await this.#join(message as RequestOf<'joinGroup'>, wrong);
      case 'SyncGroup':
        return await this.#sync(message as RequestOf<'syncGroup'>, wrong);
      case 'Heartbeat': {
        const { memberId, generationId } = message as RequestOf<'heartbeat'>;
        const error = wrong ?? this.#check(memberId, generationId);
        const moving = error === 'NONE' && this.#state === 'joining';
        return { errorCode: errorCodeOf(moving ? 'REBALANCE_IN_PROGRESS' : error) };
      }
      case 'LeaveGroup': {
        const { members } = message as RequestOf<'leaveGroup'>;
        for (const { memberId } of members) this.expel(memberId);
        return { errorCode: 0, members: members.map((member) => ({ ...member, errorCode: 0 })) };
      }
      case 'ConsumerGroupHeartbeat':
        return this.heartbeats.heartbeat(message as RequestOf<'consumerGroupHeartbeat'>, wrong);
      case 'OffsetCommit':
        return this.#commit(message as RequestOf<'offsetCommit'>, wrong);
      case 'TxnOffsetCommit':
        return this.#txnCommit(message as RequestOf<'txnOffsetCommit'>, wrong);
      case 'OffsetFetch':
        return this.#fetch(message as RequestOf<'offsetFetch'>, wrong);
      default:
        throw new Error(`${api} is not served`);
    }
  }

  #endSessions(heard: string): void {
    const now = performance.now();
    this.#seen.set(heard, now);
    for (const { id, joined, synced } of this.#members.values()) {
      const waits = joined !== null || synced !== null;
      if (!waits && now - (this.#seen.get(id) ?? now) > this.sessionMs) this.expel(id);
    }
  }

  #check(memberId: string, generationId: number): KafkaErrorName {
    if (this.heartbeats.ids.length > 0) return this.heartbeats.check(memberId, generationId);
    if (!this.#members.has(memberId)) return 'UNKNOWN_MEMBER_ID';
    return generationId === this.generation ? 'NONE' : 'ILLEGAL_GENERATION';
  }

  async #join(request: RequestOf<'joinGroup'>, wrong: KafkaErrorName | null): Promise<unknown> {
    if (wrong !== null) return joinRefusal(wrong);
    if (request.memberId === '') {
      const memberId = `member-${++this.#nextId}`;
      this.#pending.add(memberId);
      return joinRefusal('MEMBER_ID_REQUIRED', memberId);
    }
    // Only a member, or who is about to become one: an expelled one has to take a new id (GroupMetadataManager).
    const isPending = this.#pending.delete(request.memberId);
    const known = this.#members.get(request.memberId);
    if (!isPending && known === undefined) return joinRefusal('UNKNOWN_MEMBER_ID');
    // It may not have heard of the generation that there is; a leader of a stable group wants a new one.
    const isDealt = this.#state === 'syncing' || (this.#state === 'stable' && this.#leader !== known?.id);
    if (known !== undefined && isDealt && sameProtocols(known.protocols, request.protocols)) {
      return this.#generationAnswer(known);
    }
    const { promise, resolve } = Promise.withResolvers<unknown>();
    const member: FakeMember = {
      id: request.memberId,
      protocols: request.protocols,
      joined: resolve,
      synced: null,
      assignment: Buffer.alloc(0),
    };
    this.#members.set(member.id, member);
    this.#rebalance();
    return await promise;
  }

  #rebalance(): void {
    for (const member of this.#members.values()) {
      member.synced?.({ errorCode: errorCodeOf('REBALANCE_IN_PROGRESS'), assignment: Buffer.alloc(0) });
      member.synced = null;
    }
    if (this.#members.size === 0) {
      this.#state = 'empty';
      if (this.#timer !== null) clearTimeout(this.#timer);
      return;
    }
    this.#state = 'joining';
    if ([...this.#members.values()].every(({ joined }) => joined !== null)) this.#joined();
    else if (this.#timer === null) {
      this.#timer = setTimeout(() => {
        this.#timer = null;
        for (const member of this.#members.values()) {
          if (member.joined === null) this.#remove(member.id);
        }
        if (this.#state === 'joining' && this.#members.size > 0) this.#joined();
      }, this.rebalanceMs);
      this.#timer.unref();
    }
  }

  #joined(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.generation++;
    this.#state = 'syncing';
    const members = [...this.#members.values()];
    if (!this.#members.has(this.#leader)) this.#leader = members[0]!.id;
    this.#protocol = members[0]!.protocols.find(({ name }) =>
      members.every(({ protocols }) => protocols.some((p) => p.name === name)),
    )!.name;
    for (const member of members) {
      const { joined } = member;
      member.joined = null;
      member.assignment = Buffer.alloc(0);
      joined!(this.#generationAnswer(member));
    }
    // Who does not fetch its assignment is put out, as who does not join again.
    const { generation } = this;
    setTimeout(() => {
      if (this.generation !== generation || this.#state !== 'syncing') return;
      for (const { id, synced } of members) if (synced === null) this.#remove(id);
      this.#rebalance();
    }, this.rebalanceMs).unref();
  }

  #generationAnswer(member: FakeMember): unknown {
    const members = [...this.#members.values()].map(({ id, protocols }) => ({
      memberId: id,
      metadata: protocols.find(({ name }) => name === this.#protocol)!.metadata,
    }));
    return {
      errorCode: 0,
      generationId: this.generation,
      protocolType: 'consumer',
      protocolName: this.#protocol,
      leader: this.#leader,
      memberId: member.id,
      members: member.id === this.#leader ? members : [],
    };
  }

  async #sync(request: RequestOf<'syncGroup'>, wrong: KafkaErrorName | null): Promise<unknown> {
    const error = wrong ?? this.#check(request.memberId, request.generationId);
    const none = { assignment: Buffer.alloc(0) };
    if (error !== 'NONE') return { errorCode: errorCodeOf(error), ...none };
    if (this.#state === 'joining') return { errorCode: errorCodeOf('REBALANCE_IN_PROGRESS'), ...none };
    const member = this.#members.get(request.memberId)!;
    if (this.#state === 'stable') return { errorCode: 0, assignment: member.assignment };
    if (request.memberId === this.#leader) {
      for (const { memberId, assignment } of request.assignments) {
        const target = this.#members.get(memberId);
        if (target !== undefined) target.assignment = assignment;
      }
      this.#state = 'stable';
      this.rebalances++;
      for (const each of this.#members.values()) {
        each.synced?.({ errorCode: 0, assignment: each.assignment });
        each.synced = null;
      }
      return { errorCode: 0, assignment: member.assignment };
    }
    const { promise, resolve } = Promise.withResolvers<unknown>();
    member.synced = resolve;
    return await promise;
  }

  #commit(request: RequestOf<'offsetCommit'>, wrong: KafkaErrorName | null): unknown {
    const { memberId, generationIdOrMemberEpoch: generationId } = request;
    // Kafka takes a commit without a member while the group has none.
    const simple = generationId < 0 && this.#members.size + this.heartbeats.ids.length === 0;
    const whole = wrong ?? (simple ? 'NONE' : this.#check(memberId, generationId));
    const state = whole === 'NONE' && this.#state === 'syncing' ? 'REBALANCE_IN_PROGRESS' : whole;
    return {
      topics: request.topics.map(({ name, topicId, partitions }) => ({
        ...{ name, topicId },
        partitions: partitions.map(({ partitionIndex, committedOffset }) => {
          const unknown = name === '' ? 'UNKNOWN_TOPIC_ID' : null;
          const error = unknown ?? this.commitFault(name, partitionIndex) ?? state;
          if (error === 'NONE') this.offsets.set(`${name}-${partitionIndex}`, committedOffset);
          this.commits.push({
            memberId,
            generationId,
            topic: name,
            partition: partitionIndex,
            offset: committedOffset,
            error,
          });
          return { partitionIndex, errorCode: errorCodeOf(error) };
        }),
      })),
    };
  }

  /** Nobody ends a transaction here: who may commit is checked, and that is all. */
  #txnCommit(request: RequestOf<'txnOffsetCommit'>, wrong: KafkaErrorName | null): unknown {
    const checked = wrong ?? this.#check(request.memberId, request.generationId);
    const error = checked === 'STALE_MEMBER_EPOCH' ? 'ILLEGAL_GENERATION' : checked;
    return {
      throttleTimeMs: 0,
      topics: request.topics.map(({ name, partitions }) => ({
        name,
        partitions: partitions.map(({ partitionIndex }) => ({
          partitionIndex,
          errorCode: errorCodeOf(error),
        })),
      })),
    };
  }

  #fetch(request: RequestOf<'offsetFetch'>, wrong: KafkaErrorName | null): unknown {
    return {
      groups: request.groups.map(({ groupId, topics, memberId, memberEpoch }) => {
        const asMember = (memberId ?? '') === '' ? 'NONE' : this.heartbeats.check(memberId!, memberEpoch);
        const error = wrong ?? asMember;
        const found = (error === 'NONE' ? (topics ?? []) : []).map(({ name, partitionIndexes }) => ({
          name,
          partitions: partitionIndexes.map((partitionIndex) => ({
            partitionIndex,
            committedOffset: this.offsets.get(`${name}-${partitionIndex}`) ?? -1,
            metadata: '',
            errorCode: 0,
          })),
        }));
        return { groupId, errorCode: errorCodeOf(error), topics: found };
      }),
    };
  }
}
