import { errorCodeOf, type KafkaErrorName } from '../../../../millrace/src/protocol/error-codes.ts';
import type { RequestOf, ResponseInitOf } from '../../../../millrace/src/protocol/messages.ts';

type Request = RequestOf<'consumerGroupHeartbeat'>;
type Answer = ResponseInitOf<'consumerGroupHeartbeat'>;

interface Member {
  readonly id: string;
  epoch: number;
  previousEpoch: number;
  topics: readonly string[];
  /** What it may read; with what it still has to give up, nobody else's. */
  readonly assigned: Set<string>;
  revoking: Set<string>;
  /** What it was told last. */
  told: string;
}

/** What the coordinator has to know of a topic. */
interface Topic {
  readonly id: string;
  readonly partitions: readonly unknown[];
}

/**
 * The members of a group of the consumer protocol on its coordinator (KIP-848): epochs, and partitions that are given to
 * nobody before their owner says that it gave them up. Sessions and rebalances end only when a test says so.
 */
export class HeartbeatMembers {
  readonly #topics: ReadonlyMap<string, Topic>;
  readonly #members = new Map<string, Member>();
  readonly #targets = new Map<string, Set<string>>();
  #groupEpoch = 0;
  heartbeatIntervalMs = 10;
  /** Nobody is given anything yet, as where the coordinator has not heard of a new topic. */
  #holdsBack = false;

  constructor(topics: ReadonlyMap<string, Topic>) {
    this.#topics = topics;
  }

  get ids(): readonly string[] {
    return [...this.#members.keys()];
  }

  epochOf(memberId: string): number | undefined {
    return this.#members.get(memberId)?.epoch;
  }

  /** The numbers of the partitions that the member may read. */
  assignedTo(memberId: string): number[] {
    return [...(this.#members.get(memberId)?.assigned ?? [])].map((key) => Number(key.split(' ')[1])).sort();
  }

  set holdsBack(value: boolean) {
    this.#holdsBack = value;
    this.#deal();
  }

  /** As when its session, or its time to give partitions up, has ended. */
  expel(memberId: string): void {
    if (this.#members.delete(memberId)) this.#deal();
  }

  /** As when somebody else has spoken in its name: its epoch is over, and so is the one before. */
  outrun(memberId: string): void {
    const member = this.#members.get(memberId)!;
    this.#groupEpoch += 2;
    member.previousEpoch = this.#groupEpoch - 1;
    member.epoch = this.#groupEpoch;
  }

  /** What a request with offsets is answered that was sent as this member. */
  check(memberId: string, epoch: number): KafkaErrorName {
    const member = this.#members.get(memberId);
    if (member === undefined) return 'UNKNOWN_MEMBER_ID';
    return member.epoch === epoch ? 'NONE' : 'STALE_MEMBER_EPOCH';
  }

  heartbeat(request: Request, wrong: KafkaErrorName | null): Answer {
    const { memberId, memberEpoch } = request;
    if (wrong !== null) return this.#answer(wrong);
    if (memberEpoch < 0) {
      if (!this.#members.has(memberId)) return this.#answer('UNKNOWN_MEMBER_ID');
      this.expel(memberId);
      return this.#answer('NONE', memberEpoch);
    }
    const owned =
      request.topicPartitions &&
      new Set(
        request.topicPartitions.flatMap(({ topicId, partitions }) =>
          partitions.map((p) => `${topicId} ${p}`),
        ),
      );
    const isJoin = memberEpoch === 0;
    if (isJoin && !this.#members.has(memberId)) {
      const nothing = { assigned: new Set<string>(), revoking: new Set<string>(), told: '' };
      this.#members.set(memberId, { id: memberId, epoch: 0, previousEpoch: -1, topics: [], ...nothing });
    }
    const member = this.#members.get(memberId);
    if (member === undefined) return this.#answer('UNKNOWN_MEMBER_ID');
    // An answer may have been lost: the epoch before goes, from who says that it has nothing else (GroupMetadataManager).
    const hasNoOther = owned !== null && [...owned].every((key) => member.assigned.has(key));
    const isBefore = memberEpoch === member.previousEpoch && hasNoOther;
    if (!isJoin && memberEpoch !== member.epoch && !isBefore) return this.#answer('FENCED_MEMBER_EPOCH');
    const topics = request.subscribedTopicNames;
    if (topics !== null && topics.join() !== member.topics.join()) {
      member.topics = topics;
      this.#deal();
    }
    this.#reconcile(member, isJoin ? new Set() : owned);
    const now = [...member.assigned].sort().join();
    const assignment =
      isJoin || topics !== null || now !== member.told ? { topicPartitions: listed(member.assigned) } : null;
    member.told = now;
    return { ...this.#answer('NONE', member.epoch), memberId, assignment };
  }

  #answer(error: KafkaErrorName, memberEpoch = 0): Answer {
    const { heartbeatIntervalMs } = this;
    return { throttleTimeMs: 0, errorCode: errorCodeOf(error), memberEpoch, heartbeatIntervalMs };
  }

  /** Fair shares; as much as can be stays where it was. */
  #deal(): void {
    this.#groupEpoch++;
    const members = [...this.#members.values()];
    const free = new Set(
      [...this.#topics].flatMap(([name, { id, partitions }]) =>
        !this.#holdsBack && members.some(({ topics }) => topics.includes(name))
          ? partitions.map((_, p) => `${id} ${p}`)
          : [],
      ),
    );
    const all = free.size;
    const shares = members.map(({ id }, i) => {
      const most = Math.floor(all / members.length) + (i < all % members.length ? 1 : 0);
      const kept = [...(this.#targets.get(id) ?? [])].filter((key) => free.has(key)).slice(0, most);
      for (const key of kept) free.delete(key);
      return { id, most, share: new Set(kept) };
    });
    this.#targets.clear();
    const rest = [...free];
    for (const { id, most, share } of shares) {
      for (const key of rest.splice(0, most - share.size)) share.add(key);
      this.#targets.set(id, share);
    }
  }

  #reconcile(member: Member, owned: ReadonlySet<string> | null): void {
    const { id } = member;
    const mayHave = (keys: ReadonlySet<string>): boolean =>
      keys.size > 0 && (owned === null || [...keys].some((key) => owned.has(key)));
    if (mayHave(member.revoking)) return;
    member.revoking = new Set();
    const target = this.#targets.get(id)!;
    const surplus = new Set([...member.assigned].filter((key) => !target.has(key)));
    for (const key of surplus) member.assigned.delete(key);
    if (mayHave(surplus)) {
      member.revoking = surplus;
      return;
    }
    if (member.epoch !== this.#groupEpoch) {
      member.previousEpoch = member.epoch;
      member.epoch = this.#groupEpoch;
    }
    const others = [...this.#members.values()].filter((each) => each !== member);
    const isFree = (key: string): boolean =>
      others.every(({ assigned, revoking }) => !assigned.has(key) && !revoking.has(key));
    for (const key of target) if (isFree(key)) member.assigned.add(key);
  }
}

function listed(keys: ReadonlySet<string>): { topicId: string; partitions: number[] }[] {
  const pairs = [...keys].map((key) => key.split(' ') as [string, string]);
  return [...Map.groupBy(pairs, ([topicId]) => topicId)].map(([topicId, list]) => ({
    topicId,
    partitions: list.map(([, partition]) => Number(partition)),
  }));
}
