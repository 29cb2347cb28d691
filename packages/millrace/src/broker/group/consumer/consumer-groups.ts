import { ErrorCode } from '../../core/error-code.ts';
import { isFault, type RequestFault, refuse } from '../../core/fault.ts';
import type { CoordinatorRuntime } from '../coordinator-runtime.ts';
import type { GroupEntry, GroupStore } from '../group-store.ts';
import { checkHeartbeatSizes } from '../id-limits.ts';
import type { GroupRecord } from '../offset-records.ts';
import { ConsumerGroup } from './consumer-group.ts';
import { leaveEpoch, leaveForNowEpoch } from './consumer-member.ts';
import { fence, heartbeat, leave } from './heartbeat.ts';
import { requestFault } from './heartbeat-checks.ts';
import type {
  ConsumerGroupSettings,
  HeartbeatAnswer,
  HeartbeatInput,
  HeartbeatOutcome,
} from './heartbeat-types.ts';
import type { TopicsView } from './subscriptions.ts';

export interface ConsumerGroupsOptions {
  readonly store: GroupStore;
  readonly runtime: CoordinatorRuntime<GroupRecord>;
  readonly settings: ConsumerGroupSettings;
  readonly topics: TopicsView;
  /** Unix ms. */
  readonly now: () => number;
  /** Ms of a clock that never goes back. */
  readonly clock: () => number;
  readonly newId: () => string;
  /** Something of the group has changed: its timer is set. */
  readonly changed: (entry: GroupEntry) => void;
}

/** The groups of the consumer protocol: gives them their time and, by way of the runtime, their log. */
export class ConsumerGroups {
  readonly #options: ConsumerGroupsOptions;

  constructor(options: ConsumerGroupsOptions) {
    this.#options = options;
  }

  get topics(): TopicsView {
    return this.#options.topics;
  }

  /** What a member's heartbeat is answered, when all that it can have seen is as safe as the broker promises. */
  async heartbeat(
    groupId: string,
    input: HeartbeatInput,
    version: number,
  ): Promise<HeartbeatAnswer | RequestFault> {
    const { runtime, settings, topics } = this.#options;
    const fault = requestFault(input, groupId, version, settings.assignors);
    if (fault !== null) return fault;
    if (checkHeartbeatSizes(groupId, input) !== ErrorCode.NONE)
      return refuse(
        ErrorCode.INVALID_REQUEST,
        'A name is longer than 32767 bytes, or the topics take more than 1 MiB.',
      );
    let isStored = false;
    let topicsVersion = -1;
    const result = await runtime.run<HeartbeatAnswer | RequestFault>(() => {
      const found = this.#groupFor(groupId, input.memberEpoch);
      if (isFault(found)) return { records: [], reply: found };
      const outcome = this.#outcome(found.group, input);
      if (isFault(outcome)) return { records: [], reply: outcome };
      const isMember = found.group.members.has(outcome.answer.memberId);
      if (isMember) this.#touch(found.group, outcome.answer);
      topicsVersion = topics.version;
      isStored = outcome.records.length > 0;
      return { records: [...found.records, ...outcome.records], reply: outcome.answer };
    });
    if (isFault(result)) return result;
    this.#settle(groupId, result, topicsVersion);
    // What it was told may have been made by others whose records are not safe yet.
    return isStored ? result : runtime.read(() => result);
  }

  #outcome(group: ConsumerGroup, input: HeartbeatInput): HeartbeatOutcome {
    const { topics, settings, now, newId } = this.#options;
    const world = { topics, settings, now: now(), newId };
    return isLeave(input.memberEpoch) ? leave(group, input, world) : heartbeat(group, input, world);
  }

  /** The group, made where a member joins it; an empty classic group becomes one, and keeps its offsets. */
  #groupFor(
    groupId: string,
    memberEpoch: number,
  ): { group: ConsumerGroup; records: GroupRecord[] } | RequestFault {
    const notFound = (message: string) => refuse(ErrorCode.GROUP_ID_NOT_FOUND, message);
    const entry = this.#options.store.get(groupId);
    const known = entry?.consumer ?? null;
    if (known !== null) return { group: known, records: [] };
    const isMade = memberEpoch === 0;
    const group = new ConsumerGroup(groupId);
    if (entry === undefined) {
      const what = isLeave(memberEpoch) ? 'Group' : 'Consumer group';
      return isMade ? { group, records: [] } : notFound(`${what} ${groupId} not found.`);
    }
    if (!isMade) return notFound(`Group ${groupId} is not a consumer group.`);
    if (!entry.group.isVacant) {
      return notFound(
        `Cannot upgrade classic group ${groupId} to consumer group because online upgrade is disabled.`,
      );
    }
    return { group, records: entry.stored === null ? [] : [{ kind: 'group', groupId, value: null }] };
  }

  /** Deadlines as the stored records make them. */
  #settle(groupId: string, answer: HeartbeatAnswer, topicsVersion: number): void {
    const entry = this.#options.store.get(groupId);
    const group = entry?.consumer ?? null;
    if (entry === undefined || group === null) return;
    const member = group.members.get(answer.memberId);
    if (member === undefined) group.deadlines.forget(answer.memberId);
    else {
      this.#touch(group, answer);
      group.deadlines.watch(member, this.#options.clock());
      if (!isLeave(answer.memberEpoch)) group.topicsVersion = topicsVersion;
    }
    this.#options.changed(entry);
  }

  /** Who is away has the rest of its session to come back. */
  #touch(group: ConsumerGroup, { memberId, memberEpoch }: HeartbeatAnswer): void {
    const { clock, settings } = this.#options;
    if (!isLeave(memberEpoch)) group.deadlines.touch(memberId, clock() + settings.sessionTimeoutMs);
  }

  /** The group was read back: everybody has a whole session. */
  restored(group: ConsumerGroup): void {
    const { clock, settings } = this.#options;
    const now = clock();
    for (const member of group.members.values()) {
      group.deadlines.touch(member.memberId, now + settings.sessionTimeoutMs);
      group.deadlines.watch(member, now);
    }
  }

  /** Throws out whose time is over. */
  expire(entry: GroupEntry): void {
    const { consumer } = entry;
    if (consumer === null) return;
    const { clock, runtime, topics, now } = this.#options;
    const due = consumer.deadlines.take(clock(), consumer.members);
    if (due.length === 0) return;
    void runtime
      .run(() => {
        const members = due.filter((memberId) => consumer.members.has(memberId));
        const isOver = members.length === 0 || entry.consumer !== consumer;
        return { records: isOver ? [] : fence(consumer, members, { topics, now: now() }), reply: null };
      })
      .then((result) => {
        // They stay until the log takes it.
        if (!isFault(result) || entry.consumer !== consumer) return;
        for (const memberId of due) consumer.deadlines.touch(memberId, clock() + againMs);
        this.#options.changed(entry);
      });
  }
}

function isLeave(memberEpoch: number): boolean {
  return memberEpoch === leaveEpoch || memberEpoch === leaveForNowEpoch;
}

/** Members that could not be thrown out are looked at again after this. */
const againMs = 1_000;
