import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { MemoryFiles } from '../../log/memory-files.ts';
import { silentLogger } from '../../runtime/logger.ts';
import { ErrorCode } from '../core/error-code.ts';
import { effectiveConfig } from '../settings/topic-configs.ts';
import { Partition } from '../storage/partition.ts';
import { Coordinator } from './coordinator.ts';
import type { JoinInput } from './group-types.ts';
import { OffsetLog } from './offset-log.ts';

const files = { current: new MemoryFiles() };
const hour = 3_600_000;
let openCoordinators: Coordinator[] = [];
let openPartitions: Partition[] = [];

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
  files.current = new MemoryFiles();
});
afterEach(async () => {
  for (const coordinator of openCoordinators) coordinator.close();
  for (const partition of openPartitions) await partition.close();
  openCoordinators = [];
  openPartitions = [];
  vi.useRealTimers();
});

/** A coordinator over the log in memory; a second one takes over what the first has stored. */
async function start(options: { minCompactBytes?: number; fails?: () => boolean } = {}) {
  const partitionOptions = {
    files: files.current,
    logger: silentLogger,
    now: Date.now,
    hideUntilDurable: false,
    producerIdExpirationMs: hour,
  };
  const config = effectiveConfig(new Map(), new Map());
  const partition = await Partition.open(
    '__consumer_offsets',
    0,
    '/memory/__consumer_offsets-0',
    config,
    partitionOptions,
  );
  openPartitions.push(partition);
  const log = new OffsetLog(partition, false, silentLogger, options.minCompactBytes);
  const coordinator = new Coordinator({
    initialRebalanceDelayMs: 3000,
    minSessionTimeoutMs: 6000,
    maxSessionTimeoutMs: 60_000,
    maxSize: 10,
    offsetsRetentionMs: hour,
    now: Date.now,
    clock: Date.now,
    hasTopic: () => true,
    logger: silentLogger,
    openLog: async () => {
      if (options.fails?.()) throw new Error('no disk');
      return log;
    },
  });
  openCoordinators.push(coordinator);
  await coordinator.ready().catch(() => {});
  return { coordinator, partition };
}

const joinInput: JoinInput = {
  memberId: '',
  groupInstanceId: null,
  clientId: 'c',
  clientHost: '/127.0.0.1',
  sessionTimeoutMs: 10_000,
  rebalanceTimeoutMs: 20_000,
  protocolType: 'consumer',
  protocols: [{ name: 'range', metadata: Buffer.from('0000000000010001740000', 'hex') }],
  requireKnownMemberId: false,
};

const member = (memberId: string) => ({ memberId, groupInstanceId: null, generationId: 1 });
const anybody = { memberId: '', groupInstanceId: null, generationId: -1 };

function offset(value: number, commitTimestamp = Date.now()) {
  return {
    topic: 't',
    partition: 0,
    committed: { offset: value, leaderEpoch: -1, metadata: '', commitTimestamp },
  };
}

/** Joins and syncs one member. */
async function stableMember(coordinator: Coordinator): Promise<string> {
  const joining = coordinator.join('g', joinInput);
  await vi.advanceTimersByTimeAsync(3000);
  const { memberId, generationId } = await joining;
  const assignments = new Map([[memberId, Buffer.from('mine')]]);
  const input = {
    memberId,
    groupInstanceId: null,
    generationId,
    protocolType: null,
    protocolName: null,
    assignments,
  };
  expect((await coordinator.sync('g', input)).assignment.toString()).toBe('mine');
  return memberId;
}

describe('Coordinator', () => {
  test('its timers drive the group: initial delay, then the end of a silent session', async () => {
    const { coordinator } = await start();
    const memberId = await stableMember(coordinator);
    await vi.advanceTimersByTimeAsync(9000);
    expect(coordinator.heartbeat('g', memberId, null, 1)).toBe(0);
    await vi.advanceTimersByTimeAsync(9999);
    expect(coordinator.group('g')!.state).toBe('Stable');
    await vi.advanceTimersByTimeAsync(1);
    expect(coordinator.group('g')!.state).toBe('Empty');
  });

  test('another coordinator over the same log has the same groups and offsets', async () => {
    const first = await start();
    const memberId = await stableMember(first.coordinator);
    await first.coordinator.commit('g', member(memberId), [offset(7)]);
    await first.coordinator.commit('gone', anybody, [offset(1)]);
    await first.coordinator.deleteGroup('gone');
    await first.partition.close();
    const { coordinator } = await start();
    expect(coordinator.committed('g', 't', 0)?.offset).toBe(7);
    expect(coordinator.group('g')!.state).toBe('Stable');
    expect(coordinator.heartbeat('g', memberId, null, 1)).toBe(0);
    expect(coordinator.group('gone')).toBeUndefined();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(coordinator.group('g')!.state).toBe('Empty');
  });

  test('offsets outlive an empty group for the retention time, not longer; a living group keeps its own', async () => {
    const { coordinator } = await start();
    await coordinator.commit('idle', anybody, [offset(5)]);
    const memberId = await stableMember(coordinator);
    await coordinator.commit('g', member(memberId), [offset(6, 0)]);
    vi.setSystemTime(Date.now() + hour - 5000);
    await coordinator.housekeep();
    expect(coordinator.committed('idle', 't', 0)?.offset).toBe(5);
    vi.setSystemTime(Date.now() + 10_000);
    await coordinator.housekeep();
    expect(coordinator.committed('idle', 't', 0)).toBeUndefined();
    expect(coordinator.group('idle')).toBeUndefined();
    expect(coordinator.committed('g', 't', 0)?.offset).toBe(6);
    expect(coordinator.group('g')!.members.has(memberId)).toBe(true);
  });

  test('compaction drops what is superseded and keeps everything that lives', async () => {
    const first = await start({ minCompactBytes: 20_000 });
    const who = member(await stableMember(first.coordinator));
    for (let i = 0; i < 500; i++) await first.coordinator.commit('g', who, [offset(i)]);
    const before = first.partition.log.sizeBytes;
    await first.coordinator.housekeep();
    const { log } = first.partition;
    expect(log.startOffset).toBeGreaterThan(500);
    expect(log.sizeBytes).toBeLessThan(before / 10);
    await first.coordinator.commit('g', who, [offset(1000)]);
    await first.partition.close();
    const { coordinator } = await start();
    expect(coordinator.committed('g', 't', 0)?.offset).toBe(1000);
    expect(coordinator.group('g')!.members.size).toBe(1);
  });

  test('what cannot be stored is not acknowledged, and tried again with the next request', async () => {
    let fails = true;
    const { coordinator } = await start({ fails: () => fails });
    expect(await coordinator.commit('g', anybody, [offset(1)])).toBe(ErrorCode.COORDINATOR_NOT_AVAILABLE);
    expect(coordinator.committed('g', 't', 0)).toBeUndefined();
    fails = false;
    expect(await coordinator.commit('g', anybody, [offset(1)])).toBe(0);
    expect(coordinator.committed('g', 't', 0)?.offset).toBe(1);
  });

  test('who waits when it closes is sent to look for the coordinator again', async () => {
    const { coordinator } = await start();
    const joining = coordinator.join('g', joinInput);
    coordinator.close();
    expect((await joining).errorCode).toBe(ErrorCode.COORDINATOR_NOT_AVAILABLE);
    expect((await coordinator.join('g', joinInput)).errorCode).toBe(ErrorCode.COORDINATOR_NOT_AVAILABLE);
  });
});
