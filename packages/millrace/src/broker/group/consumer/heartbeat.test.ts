import { beforeEach, describe, expect, test } from 'vitest';
import { answered, TestGroup } from '../../../../../testkit/src/kafka/consumer-group-bench.ts';
import { kafkaErrors } from '../../../protocol/error-codes.ts';
import { isFault } from '../../core/fault.ts';
import { consumerCommitError, consumerFetchError } from './commit-checks.ts';
import { requestFault } from './heartbeat-checks.ts';
import type { HeartbeatInput } from './heartbeat-types.ts';
import type { TopicPartitions } from './partitions.ts';

let bench: TestGroup;

beforeEach(() => {
  bench = new TestGroup();
  bench.topics.put('a', 4);
});

const codes = new Map(Object.entries(kafkaErrors).map(([name, { code }]) => [code as number, name]));
const nameOf = (code: number) => codes.get(code);

function error(input: Partial<HeartbeatInput>): string | undefined {
  const answer = bench.send(input);
  return isFault(answer) ? nameOf(answer.errorCode) : undefined;
}

const idOf = (topic: string) => bench.topics.find(topic)!.id;
const partsOf = (...partitions: number[]) => [{ topicId: idOf('a'), partitions }];

/** Heartbeats of a member that does what it is told until nothing changes. */
function follow(memberId: string, epoch: number, owned: readonly TopicPartitions[] = []) {
  let now = { epoch, owned };
  for (let i = 0; i < 4; i++) {
    const answer = answered(bench.send({ memberId, memberEpoch: now.epoch, owned: now.owned }));
    now = { epoch: answer.memberEpoch, owned: [...(answer.assignment ?? now.owned)] };
  }
  return now;
}

describe('a member', () => {
  test('gets all, gives up a half to a second one, which gets it when the first has said so', () => {
    const first = bench.join('m1', ['a']);
    expect(first).toMatchObject({ memberEpoch: 2, assignment: partsOf(0, 1, 2, 3) });
    const second = bench.join('m2', ['a']);
    expect(second).toMatchObject({ memberEpoch: 3, assignment: [] });
    expect(bench.group.state).toBe('Reconciling');
    // The first is told, and stays in its epoch until it has done so.
    const told = answered(bench.send({ memberId: 'm1', memberEpoch: 2, owned: partsOf(0, 1, 2, 3) }));
    expect(told).toMatchObject({ memberEpoch: 2, assignment: partsOf(0, 1) });
    expect(answered(bench.send({ memberId: 'm2', memberEpoch: 3 }))).toMatchObject({ assignment: null });
    const done = answered(bench.send({ memberId: 'm1', memberEpoch: 2, owned: partsOf(0, 1) }));
    expect(done).toMatchObject({ memberEpoch: 3, assignment: null });
    expect(answered(bench.send({ memberId: 'm2', memberEpoch: 3 }))).toMatchObject({
      assignment: partsOf(2, 3),
    });
    expect(bench.group.state).toBe('Stable');
    expect(answered(bench.send({ memberId: 'm2', memberEpoch: -1 }))).toMatchObject({ memberEpoch: -1 });
    expect(bench.group.state).toBe('Assigning');
    expect(follow('m1', 3, partsOf(0, 1))).toEqual({ epoch: 4, owned: partsOf(0, 1, 2, 3) });
  });

  test('is thrown out by epochs that are not its own, and may repeat the one before its answer was lost', () => {
    bench.join('m1', ['a']);
    bench.topics.put('a', 5);
    const grown = answered(bench.send({ memberId: 'm1', memberEpoch: 2, owned: partsOf(0, 1, 2, 3) }));
    expect(grown).toMatchObject({ memberEpoch: 3, assignment: partsOf(0, 1, 2, 3, 4) });
    expect(error({ memberId: 'm1', memberEpoch: 2, owned: partsOf(0, 1, 2, 3) })).toBe(undefined);
    expect(error({ memberId: 'm1', memberEpoch: 2 })).toBe('FENCED_MEMBER_EPOCH');
    expect(error({ memberId: 'm1', memberEpoch: 2, owned: partsOf(7) })).toBe('FENCED_MEMBER_EPOCH');
    expect(error({ memberId: 'm1', memberEpoch: 4, owned: partsOf(0) })).toBe('FENCED_MEMBER_EPOCH');
    expect(error({ memberId: 'm2', memberEpoch: 3 })).toBe('UNKNOWN_MEMBER_ID');
    expect(bench.join('m1', ['a'])).toMatchObject({ memberEpoch: 3, assignment: partsOf(0, 1, 2, 3, 4) });
  });

  test('that is static keeps its place while it is away, and nobody takes its name meanwhile', () => {
    const named = { instanceId: 'i1' };
    bench.join('m1', ['a'], named);
    bench.join('m2', ['a'], { instanceId: 'i2' });
    follow('m1', 2, partsOf(0, 1, 2, 3));
    const joins = { memberEpoch: 0, rebalanceTimeoutMs: 1, topicNames: ['a'], owned: [] };
    expect(error({ memberId: 'm3', ...joins, ...named })).toBe('UNRELEASED_INSTANCE_ID');
    expect(error({ memberId: 'm3', memberEpoch: 3, ...named })).toBe('FENCED_INSTANCE_ID');
    expect(error({ memberId: 'm3', memberEpoch: 3, instanceId: 'i3' })).toBe('UNKNOWN_MEMBER_ID');
    const { epoch } = bench.group;
    expect(answered(bench.send({ memberId: 'm1', memberEpoch: -2, ...named }))).toMatchObject({
      memberEpoch: -2,
    });
    expect(bench.group.epoch).toBe(epoch);
    const back = bench.join('m3', ['a'], named);
    expect(back).toMatchObject({ memberEpoch: epoch, assignment: partsOf(0, 1) });
    expect(bench.group.epoch).toBe(epoch);
    expect([...bench.group.members.keys()]).toEqual(['m2', 'm3']);
    answered(bench.send({ memberId: 'm3', memberEpoch: -1, ...named }));
    expect(bench.group.epoch).toBe(epoch + 1);
  });

  test('of a full group is taken, a further one is not', () => {
    bench.maxSize = 1;
    bench.join('m1', ['a']);
    const joins = { memberEpoch: 0, rebalanceTimeoutMs: 1, topicNames: ['a'], owned: [] };
    expect(error({ memberId: 'm2', ...joins })).toBe('GROUP_MAX_SIZE_REACHED');
    expect(error({ memberId: 'm1', ...joins })).toBe(undefined);
  });

  test('with an expression gets topics as they come, and loses them as they go', () => {
    const joined = bench.join('m1', [], { topicRegex: 'a|b-.*' });
    expect(joined.assignment).toEqual(partsOf(0, 1, 2, 3));
    bench.topics.put('b-1', 1);
    bench.topics.put('c', 1);
    const more = answered(bench.send({ memberId: 'm1', memberEpoch: 2, owned: partsOf(0, 1, 2, 3) }));
    expect(more.assignment).toContainEqual({ topicId: idOf('b-1'), partitions: [0] });
    expect(more.assignment).toHaveLength(2);
    bench.topics.delete('b-1');
    const less = answered(
      bench.send({ memberId: 'm1', memberEpoch: more.memberEpoch, owned: more.assignment }),
    );
    expect(less.assignment).toEqual(partsOf(0, 1, 2, 3));
    expect(error({ memberId: 'm2', memberEpoch: 0, topicRegex: '[', owned: [] })).toBe(
      'INVALID_REGULAR_EXPRESSION',
    );
    expect([...bench.group.regexes.keys()]).toEqual(['a|b-.*']);
    answered(
      bench.send({ memberId: 'm1', memberEpoch: less.memberEpoch, topicRegex: '', topicNames: ['a'] }),
    );
    expect(bench.group.regexes.size).toBe(0);
  });

  test('waits for the next deal of the partitions as long as the interval says', () => {
    bench.assignmentIntervalMs = 1_000;
    bench.join('m1', ['a']);
    bench.now += 999;
    expect(bench.join('m2', ['a'])).toMatchObject({ memberEpoch: 2, assignment: [] });
    expect(bench.group.state).toBe('Assigning');
    bench.now += 1;
    expect(answered(bench.send({ memberId: 'm2', memberEpoch: 2 }))).toMatchObject({ memberEpoch: 3 });
    expect(bench.group.target.epoch).toBe(3);
  });

  test('has its partitions dealt by what most members ask for', () => {
    bench.join('m1', ['a']);
    expect(bench.group.preferredAssignor()).toBe(null);
    for (const id of ['m2', 'm3']) bench.join(id, ['a'], { serverAssignor: 'range' });
    bench.join('m4', ['a'], { serverAssignor: 'uniform' });
    expect(bench.group.preferredAssignor()).toBe('range');
  });
});

test('commits and fetches of offsets are judged by the epoch of the member', () => {
  bench.join('m1', ['a']);
  bench.topics.put('a', 5);
  answered(bench.send({ memberId: 'm1', memberEpoch: 2, owned: partsOf(0, 1, 2, 3) }));
  const commit = (memberId: string, memberEpoch: number, partition = 0, more = {}) => {
    const committer = {
      memberId,
      memberEpoch,
      groupInstanceId: null,
      isTransactional: false,
      knowsEpochs: true,
    };
    const partitions = [{ topic: 'a', partition }];
    return nameOf(consumerCommitError(bench.group, { ...committer, ...more }, partitions, bench.topics));
  };
  expect(commit('m1', 3)).toBe('NONE');
  // What it had then it may commit; what it got since, it can't have read.
  expect(commit('m1', 2)).toBe('NONE');
  expect(commit('m1', 2, 4)).toBe('STALE_MEMBER_EPOCH');
  expect(commit('m1', 4)).toBe('STALE_MEMBER_EPOCH');
  expect(commit('m2', 3)).toBe('UNKNOWN_MEMBER_ID');
  expect(commit('', -1)).toBe('UNKNOWN_MEMBER_ID');
  expect(commit('', -1, 0, { isTransactional: true })).toBe('NONE');
  expect(commit('m1', 4, 0, { isTransactional: true })).toBe('ILLEGAL_GENERATION');
  expect(commit('m1', 2, 4, { isTransactional: true })).toBe('ILLEGAL_GENERATION');
  expect(commit('m1', 3, 0, { knowsEpochs: false })).toBe('UNSUPPORTED_VERSION');
  const fetched = (memberId: string | null, epoch: number) =>
    nameOf(consumerFetchError(bench.group, memberId, epoch));
  expect([fetched(null, -1), fetched('m1', 3)]).toEqual(['NONE', 'NONE']);
  expect([fetched('m1', 2), fetched('m2', 3)]).toEqual(['STALE_MEMBER_EPOCH', 'UNKNOWN_MEMBER_ID']);
  answered(bench.send({ memberId: 'm1', memberEpoch: -1 }));
  expect(commit('', -1)).toBe('NONE');
});

test.each<[string, Partial<HeartbeatInput> & { version?: number; groupId?: string }]>([
  ["MemberId can't be empty.", { memberId: '' }],
  ["MemberId can't be empty.", { memberId: '', version: 0, memberEpoch: 1 }],
  ["GroupId can't be empty.", { groupId: ' ' }],
  ["InstanceId can't be empty.", { instanceId: '' }],
  ["RackId can't be empty.", { rackId: '' }],
  ['RebalanceTimeoutMs must be provided in first request.', { rebalanceTimeoutMs: -1 }],
  ['TopicPartitions must be empty when (re-)joining.', { owned: null }],
  [
    'Either SubscribedTopicNames or SubscribedTopicRegex must be non-null when (re-)joining.',
    { topicNames: null },
  ],
  ["InstanceId can't be null.", { memberEpoch: -2 }],
  ['MemberEpoch is invalid.', { memberEpoch: -3 }],
  ['ServerAssignor far is not supported. Supported assignors: uniform, range.', { serverAssignor: 'far' }],
])('no request: %s', (message, { version = 1, groupId = 'g', ...wrong }) => {
  const names = {
    memberId: 'm',
    memberEpoch: 0,
    instanceId: null,
    rackId: null,
    clientId: '',
    clientHost: '',
  };
  const wants = {
    rebalanceTimeoutMs: 1,
    topicNames: ['a'],
    topicRegex: null,
    serverAssignor: null,
    owned: [],
  };
  const input = { ...names, ...wants };
  expect(requestFault(input, 'g', 1, ['uniform', 'range'])).toBe(null);
  expect(requestFault({ ...input, ...wrong }, groupId, version, ['uniform', 'range'])?.message).toBe(message);
});
