/** The coordinator with groups of the consumer protocol: their time, their log, and what they become. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { answered, TestTopics } from '../../../../../testkit/src/kafka/consumer-group-bench.ts';
import { MemoryFiles } from '../../../log/memory-files.ts';
import { silentLogger } from '../../../runtime/logger.ts';
import { ErrorCode } from '../../core/error-code.ts';
import { isFault } from '../../core/fault.ts';
import { effectiveConfig } from '../../settings/topic-configs.ts';
import { Partition } from '../../storage/partition.ts';
import { Coordinator } from '../coordinator.ts';
import { OffsetLog } from '../offset-log.ts';
import type { HeartbeatInput } from './heartbeat-types.ts';

const hour = 3_600_000;
const sessionTimeoutMs = 10_000;
const rebalanceTimeoutMs = 4_000;
let files: MemoryFiles;
let topics: TestTopics;
let partitions: Partition[] = [];
let coordinator: Coordinator;

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
  files = new MemoryFiles();
  topics = new TestTopics();
  topics.put('t', 4);
  coordinator = await start();
});
afterEach(async () => {
  coordinator.close();
  for (const partition of partitions) await partition.close();
  partitions = [];
  vi.useRealTimers();
});

/** Over the log in memory: a second one takes over what the first has stored. */
async function start(minCompactBytes?: number): Promise<Coordinator> {
  const common = { files, logger: silentLogger, now: Date.now };
  const options = { ...common, hideUntilDurable: false, producerIdExpirationMs: hour };
  const config = effectiveConfig(new Map(), new Map());
  const partition = await Partition.open('__consumer_offsets', 0, '/memory/log', config, options);
  partitions.push(partition);
  const log = new OffsetLog(partition, false, silentLogger, minCompactBytes);
  const times = { sessionTimeoutMs, heartbeatIntervalMs: 1_000, assignmentIntervalMs: 0 };
  const started = new Coordinator({
    ...{ initialRebalanceDelayMs: 0, minSessionTimeoutMs: 1, maxSessionTimeoutMs: hour, maxSize: 10 },
    ...{ offsetsRetentionMs: hour, now: Date.now, clock: Date.now, logger: silentLogger },
    hasTopic: (name) => name.startsWith('__') || topics.find(name) !== undefined,
    openLog: async () => log,
    consumers: { topics, settings: { assignors: ['uniform', 'range'], maxSize: 10, ...times } },
  });
  await started.ready();
  return started;
}

async function restart(): Promise<void> {
  coordinator.close();
  for (const partition of partitions) await partition.close();
  partitions = [];
  coordinator = await start();
}

const nothing: HeartbeatInput = {
  ...{ memberId: 'm1', memberEpoch: 0, instanceId: null, rackId: null, rebalanceTimeoutMs: -1 },
  ...{ topicNames: null, topicRegex: null, serverAssignor: null, owned: null },
  ...{ clientId: 'c', clientHost: '/127.0.0.1' },
};
const joins = { rebalanceTimeoutMs, topicNames: ['t'], owned: [] };
const beat = (input: Partial<HeartbeatInput>) =>
  coordinator.consumers.heartbeat('g', { ...nothing, ...input }, 1);
const members = () => [...(coordinator.consumerGroup('g')?.members.keys() ?? [])];

async function twoMembers(): Promise<void> {
  answered(await beat({ ...joins }));
  answered(await beat({ memberId: 'm2', ...joins }));
}

test('a member from which nothing is heard for its session is thrown out; one of which something is, stays', async () => {
  await twoMembers();
  await vi.advanceTimersByTimeAsync(sessionTimeoutMs - 1);
  answered(await beat({ memberId: 'm2', memberEpoch: 3 }));
  expect(members()).toEqual(['m1', 'm2']);
  await vi.advanceTimersByTimeAsync(1);
  expect(members()).toEqual(['m2']);
  const { memberEpoch, assignment } = answered(await beat({ memberId: 'm2', memberEpoch: 3 }));
  expect([memberEpoch, assignment![0]!.partitions]).toEqual([4, [0, 1, 2, 3]]);
  expect(await beat({ memberEpoch: 2 })).toMatchObject({ errorCode: ErrorCode.UNKNOWN_MEMBER_ID });
  await vi.advanceTimersByTimeAsync(sessionTimeoutMs);
  expect(coordinator.consumerGroup('g')!.state).toBe('Empty');
});

test('a member that does not give up what it shall within its rebalance timeout is thrown out', async () => {
  await twoMembers();
  const all = [{ topicId: topics.find('t')!.id, partitions: [0, 1, 2, 3] }];
  answered(await beat({ memberEpoch: 2, owned: all }));
  for (let ms = 0; ms < rebalanceTimeoutMs - 1_000; ms += 1_000) {
    await vi.advanceTimersByTimeAsync(1_000);
    answered(await beat({ memberEpoch: 2, owned: all }));
    answered(await beat({ memberId: 'm2', memberEpoch: 3 }));
  }
  expect(members()).toEqual(['m1', 'm2']);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(members()).toEqual(['m2']);
});

test('a member that gave it up in time stays', async () => {
  await twoMembers();
  const { assignment } = answered(await beat({ memberEpoch: 2, owned: [] }));
  answered(await beat({ memberEpoch: 2, owned: assignment }));
  await vi.advanceTimersByTimeAsync(rebalanceTimeoutMs + 1);
  expect(members()).toEqual(['m1', 'm2']);
});

test('a static member that is away has the rest of its session to come back', async () => {
  answered(await beat({ ...joins, instanceId: 'i' }));
  await vi.advanceTimersByTimeAsync(sessionTimeoutMs - 1_000);
  answered(await beat({ memberEpoch: -2, instanceId: 'i' }));
  await vi.advanceTimersByTimeAsync(999);
  expect(members()).toEqual(['m1']);
  await vi.advanceTimersByTimeAsync(1);
  expect(members()).toEqual([]);
});

test('a start reads back groups with members, who go on and have a whole session', async () => {
  await twoMembers();
  await vi.advanceTimersByTimeAsync(sessionTimeoutMs - 1);
  await restart();
  expect(members()).toEqual(['m1', 'm2']);
  await vi.advanceTimersByTimeAsync(sessionTimeoutMs - 1);
  expect(answered(await beat({ memberId: 'm2', memberEpoch: 3 }))).toMatchObject({ memberEpoch: 3 });
  await vi.advanceTimersByTimeAsync(1);
  expect(members()).toEqual(['m2']);
});

test('a compaction keeps all of it', async () => {
  answered(await beat({ ...joins, topicNames: [], topicRegex: 't|u.*', instanceId: 'i' }));
  coordinator.close();
  coordinator = await start(1);
  const before = [...coordinator.consumerGroup('g')!.live()];
  for (let i = 0; i < 3; i++) await coordinator.housekeep();
  await restart();
  expect([...coordinator.consumerGroup('g')!.live()]).toEqual(before);
  expect(before.map(({ kind }) => kind)).toContain('consumer-regex');
});

const offset = { offset: 7, leaderEpoch: -1, metadata: '', commitTimestamp: 0 };
const commits = () => [{ topic: 't', partition: 0, committed: { ...offset, commitTimestamp: Date.now() } }];

test('offsets go when they are old and no member is subscribed to their topic, and the group with the last', async () => {
  answered(await beat({ ...joins }));
  const committer = { memberId: 'm1', groupInstanceId: null, generationId: 2 };
  expect(await coordinator.commit('g', committer, commits())).toBe(ErrorCode.NONE);
  for (let ms = 0; ms < hour; ms += sessionTimeoutMs - 1) {
    await vi.advanceTimersByTimeAsync(sessionTimeoutMs - 1);
    answered(await beat({ memberEpoch: 2 }));
  }
  await coordinator.housekeep();
  expect(coordinator.committed('g', 't', 0)?.offset).toBe(7);
  answered(await beat({ memberEpoch: -1 }));
  await coordinator.housekeep();
  expect(coordinator.committed('g', 't', 0)).toBeUndefined();
  expect(coordinator.consumerGroup('g')).toBeUndefined();
  await restart();
  expect([...coordinator.groups()]).toEqual([]);
});

test('what a transaction has committed that is not over keeps the group', async () => {
  answered(await beat({ ...joins }));
  const committer = { memberId: 'm1', groupInstanceId: null, generationId: 2 };
  const stamp = { producerId: 1, producerEpoch: 0 };
  expect(await coordinator.commitWithin(stamp, 'g', committer, commits(), () => ErrorCode.NONE)).toBe(0);
  answered(await beat({ memberEpoch: -1 }));
  await vi.advanceTimersByTimeAsync(2 * hour);
  await coordinator.housekeep();
  expect(coordinator.consumerGroup('g')?.state).toBe('Empty');
  expect(coordinator.committed('g', 't', 0)).toBeUndefined();
  await coordinator.endTransaction({ ...stamp, committed: true, coordinatorEpoch: 0 });
  expect(coordinator.committed('g', 't', 0)?.offset).toBe(7);
});

test('a group without members becomes one of the other protocol, and keeps its offsets, also over a start', async () => {
  const anybody = { memberId: '', groupInstanceId: null, generationId: -1 };
  expect(await coordinator.commit('g', anybody, commits())).toBe(ErrorCode.NONE);
  answered(await beat({ ...joins }));
  await restart();
  expect(coordinator.consumerGroup('g')?.state).toBe('Stable');
  const join = {
    ...{ memberId: '', groupInstanceId: null, clientId: 'c', clientHost: '/127.0.0.1' },
    ...{ sessionTimeoutMs, rebalanceTimeoutMs, protocolType: 'consumer', requireKnownMemberId: false },
    protocols: [{ name: 'range', metadata: Buffer.alloc(6) }],
  };
  expect((await coordinator.join('g', join)).errorCode).toBe(ErrorCode.INCONSISTENT_GROUP_PROTOCOL);
  answered(await beat({ memberEpoch: -1 }));
  const { errorCode, memberId, generationId } = await coordinator.join('g', join);
  expect(errorCode).toBe(ErrorCode.NONE);
  const sync = { memberId, groupInstanceId: null, generationId, protocolType: null, protocolName: null };
  await coordinator.sync('g', { ...sync, assignments: new Map() });
  expect(await beat({ ...joins })).toMatchObject({ errorCode: ErrorCode.GROUP_ID_NOT_FOUND });
  await restart();
  expect(coordinator.consumerGroup('g')).toBeUndefined();
  expect(coordinator.group('g')!.state).toBe('Stable');
  expect(coordinator.committed('g', 't', 0)?.offset).toBe(7);
});

test('while the log takes nothing nobody is told anything, and nothing is changed', async () => {
  answered(await beat({ ...joins }));
  const before = [...coordinator.consumerGroup('g')!.live()];
  const append = vi.spyOn(OffsetLog.prototype, 'append').mockImplementation(() => {
    throw new Error('no room');
  });
  const refused = await beat({ memberId: 'm2', ...joins });
  expect(isFault(refused) && refused.errorCode).toBe(ErrorCode.COORDINATOR_NOT_AVAILABLE);
  await vi.advanceTimersByTimeAsync(sessionTimeoutMs);
  expect([...coordinator.consumerGroup('g')!.live()]).toEqual(before);
  append.mockRestore();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(members()).toEqual([]);
});

test('a group that is in use is not deleted, and one that is not leaves nothing', async () => {
  answered(await beat({ ...joins }));
  expect(await coordinator.deleteGroup('g')).toBe(ErrorCode.NON_EMPTY_GROUP);
  const { partitionErrors } = await coordinator.deleteOffsets('g', [{ topic: 't', partition: 0 }]);
  expect(partitionErrors).toEqual([ErrorCode.GROUP_SUBSCRIBED_TO_TOPIC]);
  answered(await beat({ memberEpoch: -1 }));
  expect(await coordinator.deleteGroup('g')).toBe(ErrorCode.NONE);
  await restart();
  expect([...coordinator.groups()]).toEqual([]);
});

test.each<[string, Partial<HeartbeatInput>]>([
  ['a name', { memberId: 'm'.repeat(32_768) }],
  ['an expression', { topicRegex: 'é'.repeat(16_384) }],
  ['the topics', { topicNames: Array.from({ length: 5_000 }, (_, i) => `${i}`.padStart(249, 't')) }],
])('%s that no record can hold, or that is too much, is refused', async (_, input) => {
  expect(await beat({ ...joins, ...input })).toMatchObject({ errorCode: ErrorCode.INVALID_REQUEST });
  expect(members()).toEqual([]);
});
