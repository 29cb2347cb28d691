import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Broker } from '../../packages/millrace/src/broker/index.ts';
import { WireClient } from '../../packages/testkit/src/kafka/wire-client.ts';

let broker: Broker;
let client: WireClient;

beforeAll(async () => {
  broker = await Broker.start({ autoCreateTopics: false, groupInitialRebalanceDelayMs: 0 });
  await broker.createTopic('t', { partitions: 2 });
  client = await WireClient.connect(broker.port);
});
afterAll(async () => {
  client[Symbol.dispose]();
  await broker.stop();
});

/** ConsumerProtocolSubscription version 0 for topic `t`. */
const subscription = Buffer.from('0000' + '00000001' + '000174' + 'ffffffff', 'hex');

function joinRequest(
  groupId: string,
  memberId = '',
  more: { sessionTimeoutMs?: number; groupInstanceId?: string } = {},
) {
  const protocols = [{ name: 'range', metadata: subscription }];
  return {
    groupId,
    memberId,
    sessionTimeoutMs: 10_000,
    rebalanceTimeoutMs: 10_000,
    protocolType: 'consumer',
    protocols,
    ...more,
  };
}

/** Joins and syncs as the only member of the group; returns its id. */
async function soleMember(groupId: string, via = client): Promise<string> {
  const { memberId } = await via.request('joinGroup', 3, joinRequest(groupId));
  const assignments = [{ memberId, assignment: Buffer.from('mine') }];
  await via.request('syncGroup', 3, { groupId, generationId: 1, memberId, assignments });
  return memberId;
}

async function commit(
  groupId: string,
  offset: number,
  more: { generationIdOrMemberEpoch?: number; memberId?: string } = {},
) {
  const partitions = [{ partitionIndex: 0, committedOffset: offset, committedMetadata: 'note' }];
  const answer = await client.request('offsetCommit', 8, {
    groupId,
    topics: [{ name: 't', partitions }],
    ...more,
  });
  return answer.topics[0]!.partitions[0]!.errorCode;
}

async function committed(groupId: string): Promise<number> {
  const topics = [{ name: 't', partitionIndexes: [0] }];
  const { groups } = await client.request('offsetFetch', 8, { groups: [{ groupId, topics }] });
  return groups[0]!.topics[0]!.partitions[0]!.committedOffset;
}

describe('FindCoordinator', () => {
  test.each([0, 1, 2, 3])('version %i names this broker', async (version) => {
    const answer = await client.request('findCoordinator', version, { key: 'g' });
    expect(answer).toMatchObject({ errorCode: 0, nodeId: 1, host: '127.0.0.1', port: broker.port });
  });

  test.each([4, 5, 6])('version %i answers key by key', async (version) => {
    const { coordinators } = await client.request('findCoordinator', version, {
      coordinatorKeys: ['a', 'b'],
    });
    expect(coordinators.map(({ key, errorCode, port }) => [key, errorCode, port])).toEqual([
      ['a', 0, broker.port],
      ['b', 0, broker.port],
    ]);
  });

  test('transactions have the same coordinator, other keys have none', async () => {
    const { coordinators } = await client.request('findCoordinator', 6, {
      keyType: 1,
      coordinatorKeys: ['tx'],
    });
    expect(coordinators[0]).toMatchObject({ key: 'tx', errorCode: 0, port: broker.port });
    const shares = await client.request('findCoordinator', 6, { keyType: 2, coordinatorKeys: ['g:t:0'] });
    expect(shares.coordinators[0]).toMatchObject({ errorCode: 42, port: -1 });
  });
});

describe('membership', () => {
  test.each([4, 5, 9])('JoinGroup version %i gives the member an id first', async (version) => {
    const group = `known-${version}`;
    const first = await client.request('joinGroup', version, joinRequest(group));
    expect(first.errorCode).toBe(79);
    const second = await client.request('joinGroup', version, joinRequest(group, first.memberId));
    expect(second).toMatchObject({
      errorCode: 0,
      generationId: 1,
      leader: first.memberId,
      protocolName: 'range',
    });
    expect(second.members[0]!.metadata).toEqual(subscription);
  });

  test('JoinGroup below 4 joins at once; version 0 has no rebalance timeout', async () => {
    const { rebalanceTimeoutMs: _, ...request } = joinRequest('old');
    expect(await client.request('joinGroup', 0, request)).toMatchObject({ errorCode: 0, generationId: 1 });
  });

  test('session timeouts outside 6 s to 30 min are error 26, no group id 24', async () => {
    const codeOf = async (sessionTimeoutMs: number) =>
      (await client.request('joinGroup', 3, joinRequest('bounds', '', { sessionTimeoutMs }))).errorCode;
    expect(await codeOf(5999)).toBe(26);
    expect(await codeOf(1_800_001)).toBe(26);
    expect(await codeOf(6000)).toBe(0);
    expect((await client.request('joinGroup', 3, joinRequest(''))).errorCode).toBe(24);
    expect((await client.request('joinGroup', 3, joinRequest('nobody-here', 'made-up'))).errorCode).toBe(25);
  });

  test('two members: the leader gets both subscriptions, each its own assignment', async () => {
    const groupId = 'two';
    using other = await WireClient.connect(broker.port);
    const first = await soleMember(groupId);
    const joining = other.request('joinGroup', 3, joinRequest(groupId));
    const beat = () => client.request('heartbeat', 4, { groupId, generationId: 1, memberId: first });
    while ((await beat()).errorCode === 0);
    expect((await beat()).errorCode).toBe(27);
    const again = await client.request('joinGroup', 3, joinRequest(groupId, first));
    const { memberId: second } = await joining;
    expect(again).toMatchObject({ generationId: 2, leader: first });
    expect(again.members.map((each) => each.memberId).sort()).toEqual([first, second].sort());

    const followerSync = other.request('syncGroup', 3, {
      groupId,
      generationId: 2,
      memberId: second,
      assignments: [],
    });
    const assignments = [
      { memberId: first, assignment: Buffer.from('for first') },
      { memberId: second, assignment: Buffer.from('for second') },
    ];
    const leaderSync = await client.request('syncGroup', 3, {
      groupId,
      generationId: 2,
      memberId: first,
      assignments,
    });
    expect(leaderSync.assignment.toString()).toBe('for first');
    expect((await followerSync).assignment.toString()).toBe('for second');

    const described = await client.request('describeGroups', 6, { groups: [groupId] });
    expect(described.groups[0]).toMatchObject({
      groupState: 'Stable',
      protocolType: 'consumer',
      protocolData: 'range',
    });
    expect(described.groups[0]!.members.map((each) => each.memberAssignment.toString()).sort()).toEqual([
      'for first',
      'for second',
    ]);
    const left = await client.request('leaveGroup', 5, {
      groupId,
      members: [{ memberId: first }, { memberId: 'x' }],
    });
    expect(left.members.map((each) => each.errorCode)).toEqual([0, 25]);
  });

  test('a static member that comes back under a new id fences the old one (82)', async () => {
    const groupId = 'static';
    const request = joinRequest(groupId, '', { groupInstanceId: 'box' });
    const { memberId: old } = await client.request('joinGroup', 9, request);
    const member = { groupId, generationId: 1, groupInstanceId: 'box' };
    const assignments = [{ memberId: old, assignment: Buffer.from('kept') }];
    const protocol = { protocolType: 'consumer', protocolName: 'range' };
    await client.request('syncGroup', 5, { ...member, ...protocol, memberId: old, assignments });
    const back = await client.request('joinGroup', 9, request);
    expect(back).toMatchObject({ errorCode: 0, generationId: 1, skipAssignment: true });
    expect((await client.request('heartbeat', 4, { ...member, memberId: old })).errorCode).toBe(82);
    const sync = await client.request('syncGroup', 5, {
      ...member,
      ...protocol,
      memberId: back.memberId,
      assignments: [],
    });
    expect(sync.assignment.toString()).toBe('kept');
  });

  test('a member whose connection goes stays until its session ends; its waiting join harms nobody', async () => {
    const gone = await WireClient.connect(broker.port);
    await soleMember('gone', gone);
    gone[Symbol.dispose]();
    const { groups } = await client.request('describeGroups', 5, { groups: ['gone'] });
    expect(groups[0]!.members).toHaveLength(1);
  });
});

describe('offsets', () => {
  test.each([2, 3, 5, 6, 7, 8, 9])('OffsetCommit version %i without membership', async (version) => {
    const partitions = [{ partitionIndex: 1, committedOffset: version, committedMetadata: null }];
    const answer = await client.request('offsetCommit', version, {
      groupId: 'plain',
      topics: [{ name: 't', partitions }],
    });
    expect(answer.topics[0]!.partitions[0]!.errorCode).toBe(0);
  });

  test.each([1, 2, 3, 4, 5, 6, 7])('OffsetFetch version %i', async (version) => {
    await commit('fetched', 42);
    const topics = [{ name: 't', partitionIndexes: [0, 1] }];
    const answer = await client.request('offsetFetch', version, { groupId: 'fetched', topics });
    expect(answer.topics[0]!.partitions.map((each) => [each.committedOffset, each.metadata])).toEqual([
      [42, 'note'],
      [-1, ''],
    ]);
  });

  test('everything of a group, several groups, topics by id', async () => {
    await commit('all-a', 1);
    const groups = [
      { groupId: 'all-a', topics: null },
      { groupId: 'all-b', topics: null },
    ];
    const byName = await client.request('offsetFetch', 9, { groups });
    expect(byName.groups.map((group) => group.topics.length)).toEqual([1, 0]);
    const { topics } = await client.request('metadata', 12, { topics: [{ name: 't' }] });
    const { topicId } = topics[0]!;
    const unknownId = 'BBBBBBBBBBBBBBBBBBBBBA';
    const partitions = [{ partitionIndex: 0, committedOffset: 9, committedMetadata: '' }];
    const answer = await client.request('offsetCommit', 10, {
      groupId: 'by-id',
      topics: [
        { topicId, partitions },
        { topicId: unknownId, partitions },
      ],
    });
    expect(answer.topics.map((topic) => topic.partitions[0]!.errorCode)).toEqual([0, 100]);
    const asked = [
      { topicId, partitionIndexes: [0] },
      { topicId: unknownId, partitionIndexes: [0] },
    ];
    const byId = await client.request('offsetFetch', 10, { groups: [{ groupId: 'by-id', topics: asked }] });
    const found = byId.groups[0]!.topics.map((topic) => topic.partitions[0]!);
    expect(found.map((each) => [each.committedOffset, each.errorCode])).toEqual([
      [9, 0],
      [-1, 100],
    ]);
  });

  test('members commit by generation; others, unknown topics and long notes are refused', async () => {
    const groupId = 'strict';
    const memberId = await soleMember(groupId);
    expect(await commit(groupId, 5, { generationIdOrMemberEpoch: 1, memberId })).toBe(0);
    expect(await commit(groupId, 6, { generationIdOrMemberEpoch: 2, memberId })).toBe(22);
    expect(await commit(groupId, 6, { generationIdOrMemberEpoch: 1, memberId: 'x' })).toBe(25);
    expect(await commit(groupId, 6)).toBe(25);
    expect(await commit('unknown-group', 6, { generationIdOrMemberEpoch: 3, memberId })).toBe(22);
    expect(await committed(groupId)).toBe(5);
    const topics = [
      { name: 'nowhere', partitions: [{ partitionIndex: 0, committedOffset: 1, committedMetadata: '' }] },
      {
        name: 't',
        partitions: [{ partitionIndex: 0, committedOffset: 1, committedMetadata: 'x'.repeat(4097) }],
      },
    ];
    const answer = await client.request('offsetCommit', 8, { groupId: 'fresh', topics });
    expect(answer.topics.map((topic) => topic.partitions[0]!.errorCode)).toEqual([3, 12]);
  });

  test('OffsetDelete spares what a member is subscribed to; DeleteGroups wants an empty group', async () => {
    const groupId = 'removable';
    const memberId = await soleMember(groupId);
    await commit(groupId, 5, { generationIdOrMemberEpoch: 1, memberId });
    const topics = [{ name: 't', partitions: [{ partitionIndex: 0 }] }];
    const inUse = await client.request('offsetDelete', 0, { groupId, topics });
    expect(inUse.topics[0]!.partitions[0]!.errorCode).toBe(86);
    expect((await client.request('deleteGroups', 2, { groupsNames: [groupId] })).results[0]!.errorCode).toBe(
      68,
    );
    await client.request('leaveGroup', 5, { groupId, members: [{ memberId }] });
    const free = await client.request('offsetDelete', 0, { groupId, topics });
    expect(free.topics[0]!.partitions[0]!.errorCode).toBe(0);
    expect(await committed(groupId)).toBe(-1);
    const deleted = await client.request('deleteGroups', 2, { groupsNames: [groupId, groupId] });
    expect(deleted.results.map((each) => each.errorCode)).toEqual([0, 69]);
    const gone = await client.request('describeGroups', 6, { groups: [groupId] });
    expect(gone.groups[0]).toMatchObject({ errorCode: 69, groupState: 'Dead' });
    expect((await client.request('describeGroups', 5, { groups: [groupId] })).groups[0]).toMatchObject({
      errorCode: 0,
    });
  });

  test('ListGroups filters by state and type', async () => {
    await soleMember('listed');
    const names = async (statesFilter: string[], typesFilter: string[]) => {
      const { groups } = await client.request('listGroups', 5, { statesFilter, typesFilter });
      return groups
        .filter((group) => group.groupId === 'listed')
        .map((group) => `${group.groupState} ${group.groupType}`);
    };
    expect(await names([], [])).toEqual(['Stable classic']);
    expect(await names(['Empty'], [])).toEqual([]);
    expect(await names(['stable'], ['classic'])).toEqual(['Stable classic']);
    expect(await names([], ['consumer'])).toEqual([]);
    expect((await client.request('listGroups', 0, {})).groups.map((group) => group.groupId)).toContain(
      'listed',
    );
  });

  test('the offsets of a deleted topic go with it', async () => {
    await broker.createTopic('passing');
    const partitions = [{ partitionIndex: 0, committedOffset: 3, committedMetadata: '' }];
    await client.request('offsetCommit', 8, { groupId: 'p', topics: [{ name: 'passing', partitions }] });
    await client.request('deleteTopics', 5, { topicNames: ['passing'], timeoutMs: 1000 });
    await broker.createTopic('passing');
    const topics = [{ name: 'passing', partitionIndexes: [0] }];
    const { groups } = await client.request('offsetFetch', 8, { groups: [{ groupId: 'p', topics }] });
    expect(groups[0]!.topics[0]!.partitions[0]!.committedOffset).toBe(-1);
  });
});
