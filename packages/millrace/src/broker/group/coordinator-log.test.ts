import { afterEach, describe, expect, test } from 'vitest';
import { randomFrom } from '../../../../testkit/src/files/faulty-files.ts';
import { errno, HookedFiles } from '../../../../testkit/src/files/slow-files.ts';
import { MemoryFiles } from '../../log/memory-files.ts';
import { silentLogger } from '../../runtime/logger.ts';
import { ErrorCode } from '../core/error-code.ts';
import { effectiveConfig } from '../settings/topic-configs.ts';
import { Partition } from '../storage/partition.ts';
import { Coordinator } from './coordinator.ts';
import type { JoinInput } from './group-types.ts';
import { OffsetLog } from './offset-log.ts';

const anybody = { memberId: '', groupInstanceId: null, generationId: -1 };
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** A coordinator whose log is compacted whenever housekeeping comes by. */
async function start(files: HookedFiles) {
  const config = effectiveConfig(new Map([['cleanup.policy', 'compact']]), new Map());
  const partition = await Partition.open('__consumer_offsets', 0, '/memory/__consumer_offsets-0', config, {
    files,
    logger: silentLogger,
    now: Date.now,
    hideUntilDurable: true,
    producerIdExpirationMs: 3_600_000,
  });
  const coordinator = new Coordinator({
    initialRebalanceDelayMs: 0,
    minSessionTimeoutMs: 1,
    maxSessionTimeoutMs: 3_600_000,
    maxSize: 100,
    offsetsRetentionMs: 3_600_000,
    now: Date.now,
    hasTopic: () => true,
    logger: silentLogger,
    openLog: async () => {
      if (partition.log.failure !== null) throw partition.log.failure;
      return new OffsetLog(partition, true, silentLogger, 1);
    },
  });
  await coordinator.ready();
  const stop = async () => {
    coordinator.close();
    await partition.close();
  };
  closing.push(stop);
  return { coordinator, partition, stop };
}

function slow(random: () => number): HookedFiles {
  const datasync = async () => {
    for (let turns = random() * 6; turns > 0; turns--) await new Promise((resolve) => setImmediate(resolve));
  };
  return new HookedFiles({ datasync }, new MemoryFiles());
}

const committed = (offset: number) => ({
  offset,
  leaderEpoch: -1,
  metadata: '',
  commitTimestamp: Date.now(),
});

const joinInput: JoinInput = {
  memberId: '',
  groupInstanceId: null,
  clientId: 'c',
  clientHost: '/127.0.0.1',
  sessionTimeoutMs: 600_000,
  rebalanceTimeoutMs: 600_000,
  protocolType: 'consumer',
  protocols: [{ name: 'range', metadata: Buffer.from('m') }],
  requireKnownMemberId: false,
};

async function stableMember(coordinator: Coordinator): Promise<string> {
  const { memberId, generationId } = await coordinator.join('g', joinInput);
  const assignments = new Map([[memberId, Buffer.from('mine')]]);
  const none = { groupInstanceId: null, protocolType: null, protocolName: null };
  await coordinator.sync('g', { memberId, generationId, ...none, assignments });
  return memberId;
}

describe('compaction', () => {
  test.each(Array.from({ length: 20 }, (_, i) => i + 1))(
    'beside commits and deletions leaves nothing out that was answered: seed %i',
    async (seed) => {
      const random = randomFrom(seed);
      const files = slow(random);
      const first = await start(files);
      const answered = new Map<string, number | null>();
      let compactions = 0;
      const client = async (groupId: string) => {
        for (let i = 0; i < 30; i++) {
          const topic = `t${Math.floor(random() * 3)}`;
          if (random() < 0.15) {
            const partitions = [{ topic, partition: 0 }];
            const { errorCode } = await first.coordinator.deleteOffsets(groupId, partitions);
            if (errorCode === 0) answered.set(`${groupId} ${topic}`, null);
          } else {
            const commits = [{ topic, partition: 0, committed: committed(i) }];
            if ((await first.coordinator.commit(groupId, anybody, commits)) === 0)
              answered.set(`${groupId} ${topic}`, i);
          }
        }
      };
      const clients = Promise.all(['a', 'b', 'c', 'd'].map(client)).then(() => {
        compactions += 1000;
      });
      while (compactions < 1000) {
        await first.coordinator.housekeep();
        compactions++;
        await new Promise((resolve) => setImmediate(resolve));
      }
      await clients;
      expect(compactions).toBeGreaterThan(1003);
      await first.stop();
      const second = await start(files);
      const found = [...answered].filter(([key, offset]) => {
        const [groupId, topic] = key.split(' ') as [string, string];
        return (second.coordinator.committed(groupId, topic, 0)?.offset ?? null) !== offset;
      });
      expect(found).toEqual([]);
    },
  );

  test('in the middle of a rebalance keeps the assignment that is stored', async () => {
    const files = slow(() => 0);
    const first = await start(files);
    const memberId = await stableMember(first.coordinator);
    const joining = first.coordinator.join('g', joinInput); // waits for the first member
    expect(first.coordinator.group('g')!.state).toBe('PreparingRebalance');
    const rejoining = first.coordinator.join('g', { ...joinInput, memberId });
    expect(first.coordinator.group('g')!.state).toBe('CompletingRebalance');
    await first.coordinator.housekeep();
    await Promise.all([joining, rejoining]);
    await first.stop();
    const second = await start(files);
    const group = second.coordinator.group('g')!;
    expect([group.state, group.generationId]).toEqual(['Stable', 1]);
    expect(group.members.get(memberId)!.assignment.toString()).toBe('mine');
  });
});

describe('a sync that fails', () => {
  test.each(['EIO', 'ENOSPC'])(
    'with %s is no acknowledgement, and what is told afterwards is what the log has',
    async (code) => {
      const files = new HookedFiles({}, new MemoryFiles());
      const { coordinator, partition } = await start(files);
      const commit = (offset: number) =>
        coordinator.commit('g', anybody, [{ topic: 't', partition: 0, committed: committed(offset) }]);
      const told = () => coordinator.offsets((groups) => groups.committed('g', 't', 0)?.offset ?? null);
      expect(await commit(1)).toBe(0);
      files.hooks.datasync = async (path) => {
        if (path.endsWith('.log')) throw errno(code, 'fdatasync');
      };
      expect(await commit(2)).toBe(ErrorCode.COORDINATOR_NOT_AVAILABLE);
      delete files.hooks.datasync;
      let code2 = -1;
      for (let i = 0; i < 400 && code2 !== 0; i++) {
        code2 = await commit(3);
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      expect(code2).toBe(0);
      expect(await told()).toBe(3);
      expect(partition.log.failure).toBeNull();
    },
  );
});
