/** What a coordinator answers around groups of the consumer protocol, request by request: the same from every broker. */
import type { ApiName, RequestInitOf, ResponseOf } from '../../../millrace/src/protocol/messages.ts';
import { WireClient } from './wire-client.ts';

const group = 'wire-group';
const topic = 'wire-topic';
const partitionCount = 4;

/** An answer under the name of what was asked; ids of topics and of members that brokers made are named. */
export type Transcript = readonly (readonly [what: string, answer: unknown])[];

type Heartbeat = RequestInitOf<'consumerGroupHeartbeat'>;

/** Runs the script against a broker that has no such topic and group yet. */
export async function consumerGroupTranscript(port: number): Promise<Transcript> {
  using wire = await WireClient.connect(port);
  return await new Script(wire).run();
}

class Script {
  readonly #wire: WireClient;
  readonly #transcript: [string, unknown][] = [];
  readonly #names = new Map<string, string>();

  constructor(wire: WireClient) {
    this.#wire = wire;
  }

  async run(): Promise<Transcript> {
    await this.#makeTopic();
    await this.#strangers();
    await this.#refusals();
    await this.#twoMembers();
    await this.#offsets();
    await this.#staticMember();
    await this.#classicRequests();
    await this.#expressions();
    await this.#theEnd();
    await this.#conversions();
    return this.#transcript;
  }

  /** Groups are served once the coordinator has loaded its log. */
  async #makeTopic(): Promise<void> {
    const made = {
      name: topic,
      numPartitions: partitionCount,
      replicationFactor: 1,
      assignments: [],
      configs: [],
    };
    await this.#wire.request('createTopics', 7, { topics: [made], timeoutMs: 30_000 });
    for (let left = 200; left > 0; left--) {
      const { topics } = await this.#wire.request('metadata', 12, {
        topics: [{ topicId: zeroId, name: topic }],
      });
      if (topics[0]!.partitions.length === partitionCount) {
        this.#names.set(topics[0]!.topicId, topic);
        break;
      }
      await pause();
    }
    for (let left = 200; left > 0; left--) {
      await this.#wire.request('findCoordinator', 4, { keyType: 0, coordinatorKeys: [group] });
      const { groups } = await this.#wire.request('describeGroups', 5, { groups: [group] });
      if (groups[0]!.errorCode !== 14 && groups[0]!.errorCode !== 15 && groups[0]!.errorCode !== 16) return;
      await pause();
    }
  }

  async #ask<Name extends ApiName>(
    what: string,
    name: Name,
    version: number,
    message: RequestInitOf<Name>,
  ): Promise<ResponseOf<Name>> {
    const answer = await this.#wire.request(name, version, message);
    this.#transcript.push([what, this.#masked(answer)]);
    return answer;
  }

  #masked(value: unknown): unknown {
    if (typeof value === 'string') return this.#names.get(value) ?? value;
    if (Array.isArray(value)) return value.map((each) => this.#masked(each));
    if (Buffer.isBuffer(value)) return value.toString('hex');
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, this.#masked(each)]));
  }

  #beat(
    what: string,
    message: Partial<Heartbeat>,
    version = 1,
  ): Promise<ResponseOf<'consumerGroupHeartbeat'>> {
    const names = { groupId: group, memberId: 'm1', memberEpoch: 0 };
    return this.#ask(what, 'consumerGroupHeartbeat', version, { ...names, ...message });
  }

  #join(what: string, memberId: string, more: Partial<Heartbeat> = {}) {
    return this.#beat(what, { memberId, ...joins, ...more });
  }

  async #describe(what: string): Promise<void> {
    const message = { groupIds: [group], includeAuthorizedOperations: false };
    const { groups } = await this.#wire.request('consumerGroupDescribe', 1, message);
    const byId = (a: { memberId: string }, b: { memberId: string }) => (a.memberId < b.memberId ? -1 : 1);
    const sorted = groups.map((each) => ({ ...each, members: [...each.members].sort(byId) }));
    this.#transcript.push([what, this.#masked(sorted)]);
    await this.#ask(`${what}, as a classic group`, 'describeGroups', 6, { groups: [group] });
    await this.#ask(`${what}, as one before version 6`, 'describeGroups', 5, { groups: [group] });
    for (const typesFilter of [['consumer'], ['classic']]) {
      const { groups: listed } = await this.#wire.request('listGroups', 5, { statesFilter: [], typesFilter });
      const own = listed.filter(({ groupId }) => groupId === group);
      this.#transcript.push([`${what}, listed as ${typesFilter[0]}`, this.#masked(own)]);
    }
  }

  #owned(...partitions: number[]) {
    const [topicId] = this.#names.keys();
    return [{ topicId: topicId!, partitions }];
  }

  async #strangers(): Promise<void> {
    await this.#describe('no such group');
    await this.#beat('no such group: heartbeat', { memberEpoch: 5 });
    await this.#beat('no such group: leaves', { memberEpoch: -1 });
    await this.#beat('no such group: is away', { memberEpoch: -2, instanceId: 'i' });
  }

  async #refusals(): Promise<void> {
    const wrong: Record<string, Partial<Heartbeat>> = {
      'no member id': { memberId: '' },
      'no group id': { groupId: '' },
      'an empty instance id': { instanceId: '' },
      'an empty rack': { rackId: ' ' },
      'no rebalance timeout': { rebalanceTimeoutMs: -1 },
      'partitions at the join': { topicPartitions: this.#owned(1) },
      'no partitions said': { topicPartitions: null },
      'no subscription': { subscribedTopicNames: null },
      'an epoch below -2': { memberEpoch: -3 },
      'away without a name': { memberEpoch: -2 },
      'an unknown assignor': { serverAssignor: 'nearest' },
      'no expression': { subscribedTopicRegex: '[' },
    };
    for (const [what, message] of Object.entries(wrong)) await this.#join(`refused: ${what}`, 'm1', message);
    await this.#beat('refused: no member id in version 0', { memberId: '', memberEpoch: 1 }, 0);
    await this.#describe('nobody was taken');
  }

  async #twoMembers(): Promise<void> {
    await this.#join('m1 joins', 'm1', { rackId: 'r1' });
    await this.#describe('one member');
    await this.#beat('m1 has what it was told', { memberEpoch: 2, topicPartitions: this.#owned(0, 1, 2, 3) });
    await this.#beat('m1 says nothing new', { memberEpoch: 2 });
    await this.#join('m1 joins once more', 'm1');
    await this.#join('m2 joins', 'm2', { serverAssignor: 'range' });
    await this.#describe('two members, one without partitions');
    await this.#beat('m2 waits', { memberId: 'm2', memberEpoch: 3, topicPartitions: [] });
    await this.#beat('m1 is told', { memberEpoch: 2, topicPartitions: this.#owned(0, 1, 2, 3) });
    await this.#describe('partitions are being given up');
    await this.#beat('m1 did it', { memberEpoch: 2, topicPartitions: this.#owned(0, 1) });
    await this.#beat('the same again, as the answer was lost', {
      memberEpoch: 2,
      topicPartitions: this.#owned(0, 1),
    });
    await this.#beat('too far ahead', { memberEpoch: 10 });
    await this.#beat('too far behind', { memberId: 'm2', memberEpoch: 2 });
    await this.#beat('m2 gets them', { memberId: 'm2', memberEpoch: 3 });
    await this.#beat('nobody', { memberId: 'm9', memberEpoch: 3 });
    await this.#describe('two members');
  }

  async #offsets(): Promise<void> {
    const commit = (what: string, memberId: string, epoch: number, version = 9, partitionIndex = 0) => {
      const partitions = [{ partitionIndex, committedOffset: 7, committedMetadata: 'm' }];
      const message = {
        groupId: group,
        memberId,
        generationIdOrMemberEpoch: epoch,
        topics: [{ name: topic, partitions }],
      };
      return this.#ask(`commit: ${what}`, 'offsetCommit', version, message);
    };
    await commit('of the epoch', 'm1', 3);
    await commit('of an older epoch, what it had then', 'm1', 2);
    await commit('of an older epoch, what it never had', 'm1', 2, 9, 3);
    await commit('of an older epoch, what came later', 'm2', 2, 9, 2);
    await commit('of a later epoch', 'm1', 4);
    await commit('of nobody', 'm9', 3);
    await commit('without a member', '', -1);
    await commit('of version 8', 'm1', 3, 8);
    const read = (what: string, memberId: string | null, memberEpoch: number) => {
      const topics = [{ name: topic, partitionIndexes: [0] }];
      const groups = [{ groupId: group, memberId, memberEpoch, topics }];
      return this.#ask(`fetched: ${what}`, 'offsetFetch', 9, { groups, requireStable: false });
    };
    await read('of the epoch', 'm1', 3);
    await read('without a member', null, -1);
    await read('of another epoch', 'm1', 2);
    await read('of nobody', 'm9', 3);
    const topics = [{ name: topic, partitions: [{ partitionIndex: 0 }] }];
    await this.#ask('offsets that are in use', 'offsetDelete', 0, { groupId: group, topics });
    await this.#ask('a group that is in use', 'deleteGroups', 2, { groupsNames: [group] });
  }

  async #staticMember(): Promise<void> {
    const named = { instanceId: 'i1' };
    await this.#join('s1 joins by name', 's1', named);
    await this.#join('s2 wants the name', 's2', named);
    await this.#join('s1 joins by name again', 's1', named);
    await this.#beat('s2 speaks for the name', { memberId: 's2', memberEpoch: 4, ...named });
    await this.#beat('another name', { memberId: 's2', memberEpoch: 4, instanceId: 'i2' });
    await this.#beat('s1 is away', { memberId: 's1', memberEpoch: -2, ...named });
    await this.#describe('s1 is away');
    await this.#join('s2 comes in its place', 's2', named);
    await this.#beat('s1 leaves, too late', { memberId: 's1', memberEpoch: -1, ...named });
    await this.#beat('s2 leaves', { memberId: 's2', memberEpoch: -1, ...named });
  }

  async #classicRequests(): Promise<void> {
    await this.#ask('a classic member', 'joinGroup', 9, { ...classicJoin, groupId: group });
    const names = { groupId: group, memberId: 'm1', groupInstanceId: null };
    await this.#ask('classic heartbeat of nobody', 'heartbeat', 4, {
      ...names,
      memberId: 'm9',
      generationId: 1,
    });
    const leaving = [{ memberId: 'm9', groupInstanceId: null, reason: null }];
    await this.#ask('classic leave of nobody', 'leaveGroup', 5, { groupId: group, members: leaving });
  }

  async #expressions(): Promise<void> {
    const expression = { subscribedTopicNames: [], subscribedTopicRegex: 'wire-[a-z]+' };
    await this.#beat('m2 leaves', { memberId: 'm2', memberEpoch: -1 });
    // Kafka looks for the topics behind the back of the heartbeat, and deals them with a later one.
    const first = { groupId: group, memberId: 'm1', ...joins, ...expression };
    const { memberEpoch } = await this.#wire.request('consumerGroupHeartbeat', 1, first);
    const all = {
      memberId: 'm1',
      rebalanceTimeoutMs: 60_000,
      ...expression,
      topicPartitions: this.#owned(0, 1, 2, 3),
    };
    let epoch = memberEpoch;
    for (let left = 100; left > 0; left--) {
      const message = { groupId: group, ...all, memberEpoch: epoch };
      const answer = await this.#wire.request('consumerGroupHeartbeat', 1, message);
      epoch = answer.errorCode === 0 ? answer.memberEpoch : 0;
      const has = answer.assignment?.topicPartitions.flatMap(({ partitions }) => partitions).length;
      if (has === partitionCount) break;
      await pause();
    }
    const message = { groupIds: [group], includeAuthorizedOperations: false };
    const { groups } = await this.#wire.request('consumerGroupDescribe', 1, message);
    const [member] = groups[0]!.members;
    const shown = { regex: member!.subscribedTopicRegex, names: member!.subscribedTopicNames };
    this.#transcript.push(['an expression', this.#masked({ ...shown, assignment: member!.assignment })]);
  }

  async #theEnd(): Promise<void> {
    await this.#beat('m1 leaves', { memberEpoch: -1 });
    await this.#beat('m1 leaves again', { memberEpoch: -1 });
    const { groups } = await this.#wire.request('listGroups', 5, {
      statesFilter: ['empty'],
      typesFilter: [],
    });
    this.#transcript.push(['empty', this.#masked(groups.filter(({ groupId }) => groupId === group))]);
    await this.#ask('deleted', 'deleteGroups', 2, { groupsNames: [group] });
    await this.#describe('deleted');
  }

  async #conversions(): Promise<void> {
    const first = await this.#wire.request('joinGroup', 9, { ...classicJoin, groupId: group });
    const again = { ...classicJoin, groupId: group, memberId: first.memberId };
    const { memberId, generationId } = await this.#wire.request('joinGroup', 9, again);
    const assignments = [{ memberId, assignment: Buffer.alloc(0) }];
    await this.#wire.request('syncGroup', 5, {
      ...{ groupId: group, memberId, generationId, groupInstanceId: null },
      ...{ protocolType: 'consumer', protocolName: 'range', assignments },
    });
    await this.#join('m1 comes to a classic group with members', 'm1');
    await this.#beat('a heartbeat to a classic group', { memberEpoch: 2 });
    const message = { groupIds: [group], includeAuthorizedOperations: false };
    await this.#ask('a classic group', 'consumerGroupDescribe', 1, message);
    const members = [{ memberId, groupInstanceId: null, reason: null }];
    await this.#wire.request('leaveGroup', 5, { groupId: group, members });
    await this.#join('m1 comes to a classic group without members', 'm1');
    await this.#describe('a classic group that became one of the consumer protocol');
    await this.#beat('m1 leaves', { memberEpoch: -1 });
    const back = await this.#wire.request('joinGroup', 9, { ...classicJoin, groupId: group });
    this.#transcript.push(['a classic member comes to one without members', { errorCode: back.errorCode }]);
  }
}

const zeroId = 'AAAAAAAAAAAAAAAAAAAAAA';
const joins = {
  memberEpoch: 0,
  rebalanceTimeoutMs: 60_000,
  subscribedTopicNames: [topic],
  topicPartitions: [],
};
const subscription = Buffer.from('00010000000100', 'hex');
const classicJoin = {
  ...{
    memberId: '',
    groupInstanceId: null,
    sessionTimeoutMs: 30_000,
    rebalanceTimeoutMs: 30_000,
    reason: null,
  },
  ...{ protocolType: 'consumer', protocols: [{ name: 'range', metadata: subscription }] },
};

const pause = () => new Promise((resolve) => setTimeout(resolve, 100));
