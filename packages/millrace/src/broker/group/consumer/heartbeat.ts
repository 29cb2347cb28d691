import { ErrorCode } from '../../core/error-code.ts';
import { isFault, type RequestFault, refuse } from '../../core/fault.ts';
import type { ConsumerGroup } from './consumer-group.ts';
import { type ConsumerMember, leaveForNowEpoch, newMember, sameInfo, sameNames } from './consumer-member.ts';
import type { ConsumerRecord } from './consumer-records.ts';
import { epochFault, instanceFault, knownMember, sizeFault } from './heartbeat-checks.ts';
import type { HeartbeatInput, HeartbeatOutcome, HeartbeatWorld } from './heartbeat-types.ts';
import { listed, nothingOwned, sameOwned, withoutEpochs } from './partitions.ts';
import { PatternFault } from './re2/re2-syntax.ts';
import { TopicPattern } from './re2/topic-pattern.ts';
import { reconcile } from './reconcile.ts';
import { resolveRegexes, topicsHash } from './subscriptions.ts';
import { dealTarget, topicIdsOf } from './target.ts';

/**
 * A heartbeat of a member that stays or comes: what is to be stored of it, and what it is told (Kafka's
 * GroupMetadataManager.consumerGroupHeartbeat). Three steps: the member is made or changed, and the group gets another
 * epoch where its subscriptions or its topics have changed; partitions are dealt for the epoch; the member goes one
 * step towards what it was dealt. Changes nothing itself.
 */
export function heartbeat(
  group: ConsumerGroup,
  input: HeartbeatInput,
  world: HeartbeatWorld,
): HeartbeatOutcome {
  const full = sizeFault(group, input.memberId, world.settings.maxSize);
  if (full !== null) return full;
  const found = input.memberEpoch === 0 ? joining(group, input, world) : staying(group, input);
  if (isFault(found)) return found;
  const { topicRegex } = input;
  const fault = topicRegex === found.member.topicRegex ? null : regexFault(topicRegex);
  return fault ?? new Heartbeat(group, input, world, found).run();
}

function regexFault(topicRegex: string | null): RequestFault | null {
  if (topicRegex === null || topicRegex === '') return null;
  try {
    new TopicPattern(topicRegex);
    return null;
  } catch (error) {
    if (!(error instanceof PatternFault)) throw error;
    const text = `SubscribedTopicRegex \`${topicRegex}\` is not a valid regular expression: ${error.message}.`;
    return refuse(ErrorCode.INVALID_REGULAR_EXPRESSION, text);
  }
}

/** The member before the heartbeat. */
interface Sender {
  readonly member: ConsumerMember;
  /** Whose place it takes. */
  readonly replaced: ConsumerMember | null;
}

function staying(group: ConsumerGroup, input: HeartbeatInput): Sender | RequestFault {
  const member = knownMember(group, input);
  if (isFault(member)) return member;
  return epochFault(member, input.memberEpoch, input.owned) ?? { member, replaced: null };
}

function joining(
  group: ConsumerGroup,
  input: HeartbeatInput,
  { newId }: HeartbeatWorld,
): Sender | RequestFault {
  const memberId = input.memberId === '' ? newId() : input.memberId;
  const existing = input.instanceId === null ? undefined : group.instance(input.instanceId);
  if (existing === undefined)
    return { member: group.members.get(memberId) ?? newMember(memberId), replaced: null };
  const fault = instanceFault(existing, input);
  if (fault !== null) return fault;
  return { member: { ...existing, memberId, epoch: 0, previousEpoch: 0 }, replaced: existing };
}

class Heartbeat {
  readonly #group: ConsumerGroup;
  readonly #input: HeartbeatInput;
  readonly #world: HeartbeatWorld;
  readonly #before: ConsumerMember;
  readonly #replaced: ConsumerMember | null;
  readonly #records: ConsumerRecord[] = [];
  /** The group with the records: a copy, as the group itself stays as it is until they are stored. */
  #next: ConsumerGroup;

  constructor(group: ConsumerGroup, input: HeartbeatInput, world: HeartbeatWorld, sender: Sender) {
    this.#group = group;
    this.#next = group;
    this.#input = input;
    this.#world = world;
    this.#before = sender.member;
    this.#replaced = sender.replaced;
  }

  run(): HeartbeatOutcome {
    const { groupId } = this.#group;
    if (this.#replaced !== null) this.#replace(this.#replaced);
    const updated = this.#updated();
    const { memberId } = updated;
    const isNew = this.#replaced === null && !this.#group.members.has(memberId);
    if (isNew || !sameInfo(updated, this.#before))
      this.#add([{ kind: 'consumer-member', groupId, memberId, value: updated }]);
    const subscriptionChanged =
      !sameNames(updated.topicNames, this.#before.topicNames) ||
      updated.topicRegex !== this.#before.topicRegex;
    this.#makeEpoch(subscriptionChanged);
    this.#deal();
    const member = this.#reconciled(updated, subscriptionChanged);
    const { rebalanceTimeoutMs, topicNames, topicRegex, owned, memberEpoch } = this.#input;
    const saysAll =
      memberEpoch === 0 ||
      (rebalanceTimeoutMs !== -1 && (topicNames !== null || topicRegex !== null) && owned !== null);
    const isTold = saysAll || !sameOwned(member.assigned, this.#before.assigned);
    const assignment = isTold ? listed(withoutEpochs(member.assigned)) : null;
    return { records: this.#records, answer: { memberId, memberEpoch: member.epoch, assignment } };
  }

  /** The new member has the target and the partitions of the one whose place it takes. */
  #replace(old: ConsumerMember): void {
    const { groupId } = this.#group;
    const { memberId } = this.#before;
    const target = this.#group.targetOf(old.memberId);
    this.#add([
      ...removal(groupId, old.memberId),
      { kind: 'consumer-member', groupId, memberId, value: this.#before },
      { kind: 'consumer-member-target', groupId, memberId, value: target },
      { kind: 'consumer-current', groupId, memberId, value: this.#before },
    ]);
  }

  #updated(): ConsumerMember {
    const { instanceId, rackId, rebalanceTimeoutMs, topicNames, topicRegex, serverAssignor } = this.#input;
    const { clientId, clientHost } = this.#input;
    const before = this.#before;
    return {
      ...before,
      instanceId: instanceId ?? before.instanceId,
      rackId: rackId ?? before.rackId,
      rebalanceTimeoutMs: rebalanceTimeoutMs === -1 ? before.rebalanceTimeoutMs : rebalanceTimeoutMs,
      topicNames: topicNames === null ? before.topicNames : [...new Set(topicNames)].sort(),
      topicRegex: topicRegex ?? before.topicRegex,
      serverAssignor: serverAssignor ?? before.serverAssignor,
      clientId,
      clientHost,
    };
  }

  #add(records: readonly ConsumerRecord[]): void {
    if (records.length === 0) return;
    if (this.#next === this.#group) this.#next = this.#group.copy();
    this.#records.push(...records);
    for (const record of records) this.#next.apply(record);
  }

  /** Another epoch where the subscriptions, or the topics that they mean, have changed. */
  #makeEpoch(subscriptionChanged: boolean): void {
    const { topics, now } = this.#world;
    const { groupId, epoch, topicsVersion, metadataHash } = this.#next;
    if (!subscriptionChanged && topicsVersion === topics.version) return;
    this.#add(resolveRegexes(this.#next, this.#next.members.values(), topics, now, this.#input.sees));
    const names = new Set<string>();
    for (const member of this.#next.members.values())
      for (const name of this.#next.topicsOf(member)) names.add(name);
    const hash = topicsHash(names, topics);
    if (!subscriptionChanged && hash === metadataHash) return;
    this.#add([{ kind: 'consumer-group', groupId, value: { epoch: epoch + 1, metadataHash: hash } }]);
  }

  #deal(): void {
    const { settings, now, topics } = this.#world;
    const { epoch, target } = this.#next;
    if (epoch <= target.epoch) return;
    const age = now - target.timestamp;
    // A clock that was set back must not hold a group up.
    const isEarly = target.timestamp !== 0 && age >= 0 && age < settings.assignmentIntervalMs;
    if (!isEarly) this.#add(dealTarget(this.#next, epoch, topics, settings.assignors[0]!, now));
  }

  #reconciled(updated: ConsumerMember, subscriptionChanged: boolean): ConsumerMember {
    const next = this.#next;
    const { groupId } = next;
    const { memberId } = updated;
    const member = reconcile(updated, {
      targetEpoch: next.target.epoch,
      target: next.targetOf(memberId),
      subscribed: topicIdsOf(next.topicsOf(updated), this.#world.topics),
      subscriptionChanged,
      isFree: (topicId, partition) => next.ownerOf(topicId, partition) === undefined,
      owned: this.#input.owned,
    });
    // Nothing looks at the group after this: most heartbeats of a group that is dealt anew need no copy.
    if (!sameProgress(member, updated))
      this.#records.push({ kind: 'consumer-current', groupId, memberId, value: member });
    return member;
  }
}

function sameProgress(a: ConsumerMember, b: ConsumerMember): boolean {
  return (
    a.epoch === b.epoch &&
    a.previousEpoch === b.previousEpoch &&
    a.state === b.state &&
    sameOwned(a.assigned, b.assigned) &&
    sameOwned(a.pendingRevocation, b.pendingRevocation)
  );
}

/** What makes a member go. */
function removal(groupId: string, memberId: string): ConsumerRecord[] {
  return [
    { kind: 'consumer-current', groupId, memberId, value: null },
    { kind: 'consumer-member-target', groupId, memberId, value: null },
    { kind: 'consumer-member', groupId, memberId, value: null },
  ];
}

/** A member goes: for good, or (static, epoch -2) to come back, which keeps its place. */
export function leave(
  group: ConsumerGroup,
  input: Pick<HeartbeatInput, 'memberId' | 'memberEpoch' | 'instanceId'>,
  world: Pick<HeartbeatWorld, 'topics' | 'now'>,
): HeartbeatOutcome {
  const member = knownMember(group, input);
  if (isFault(member)) return member;
  const { memberId } = member;
  const answer = { memberId, memberEpoch: input.memberEpoch, assignment: null };
  if (input.instanceId === null || input.memberEpoch !== leaveForNowEpoch)
    return { records: fence(group, [memberId], world), answer };
  const away = {
    ...member,
    epoch: leaveForNowEpoch,
    pendingRevocation: nothingOwned,
    assigned: new Map(
      Array.from(member.assigned, ([topicId, each]) => [
        topicId,
        new Map(Array.from(each.keys(), (p) => [p, 0])),
      ]),
    ),
  };
  return { records: [{ kind: 'consumer-current', groupId: group.groupId, memberId, value: away }], answer };
}

/** What makes members go whom nobody waits for any more: the group has another epoch, its partitions are dealt anew. */
export function fence(
  group: ConsumerGroup,
  memberIds: readonly string[],
  { topics, now }: Pick<HeartbeatWorld, 'topics' | 'now'>,
): ConsumerRecord[] {
  const { groupId } = group;
  const records = memberIds.flatMap((memberId) => removal(groupId, memberId));
  const gone = new Set(memberIds);
  const staying = [...group.members.values()].filter(({ memberId }) => !gone.has(memberId));
  records.push(...resolveRegexes(group, staying, topics, now));
  const names = new Set(staying.flatMap((member) => [...group.topicsOf(member)]));
  const value = { epoch: group.epoch + 1, metadataHash: topicsHash(names, topics) };
  records.push({ kind: 'consumer-group', groupId, value });
  return records;
}
