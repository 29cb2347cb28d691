/** Members of a group on a fake cluster: whatever happens, partitions and offsets are whose they are. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fuzzRuns } from '../../packages/testkit/src/fuzz/fuzz-runs.ts';
import {
  batchOf,
  type ClusterBench,
  clusterBench,
  quickConsumer,
} from '../../packages/testkit/src/kafka/fake-cluster/bench.ts';
import type { Fault } from '../../packages/testkit/src/kafka/fake-cluster/cluster.ts';
import {
  CoordinatorRecord,
  type GroupApi,
  type GroupWorld,
  type History,
  historiesWith,
  type Mishap,
  peacefulHistories,
  runGroup,
} from '../../packages/testkit/src/kafka/group-model.ts';

const passing: readonly Fault[] = [
  ...(['lose', 'drop', 'silence'] as const),
  ...(['NOT_COORDINATOR', 'COORDINATOR_NOT_AVAILABLE', 'COORDINATOR_LOAD_IN_PROGRESS'] as const),
];
const expelling: readonly Fault[] = ['UNKNOWN_MEMBER_ID', 'ILLEGAL_GENERATION'];

/** A join and a sync are waited for as long as a rebalance may take: silence there is not for tests of seconds. */
const faultsOf = (api: GroupApi): readonly Fault[] => {
  if (api === 'FindCoordinator' || api === 'OffsetFetch') return passing;
  if (api === 'LeaveGroup') return ['lose', 'drop', 'silence'];
  if (api === 'JoinGroup') return [...passing.filter((f) => f !== 'silence'), 'UNKNOWN_MEMBER_ID'];
  if (api === 'SyncGroup')
    return [...passing.filter((f) => f !== 'silence'), ...expelling, 'REBALANCE_IN_PROGRESS'];
  if (api === 'Heartbeat') return [...passing, ...expelling, 'REBALANCE_IN_PROGRESS'];
  return [...passing, ...expelling, 'REBALANCE_IN_PROGRESS'];
};

function worldOf(b: ClusterBench, partitions: number): GroupWorld<Fault> {
  const { cluster } = b;
  const topic = cluster.addTopic('t', partitions);
  const producer = b.newProducer({ batchSizeBytes: 0 });
  let mishaps: Mishap<Fault>[] = [];
  const next = (api: string): Mishap<Fault> | undefined => mishaps.find((each) => each.api === api);
  cluster.delayMs = ({ api }) => next(api)?.delayMs ?? 0;
  cluster.requestFault = ({ api }) => {
    const mishap = next(api);
    mishaps = mishaps.filter((each) => each !== mishap);
    return mishap?.fault ?? null;
  };
  return {
    ...{ topic: 't', groupId: 'g', partitions },
    produce: async () => {
      const i = cluster.partition('t').endOffset;
      await Promise.all(topic.partitions.map((_, p) => producer.send('t', p, batchOf([`${p}:${i}`]))));
    },
    newClient: () => b.newClient(),
    consumerOptions: { ...quickConsumer, fetchMaxBytes: 400, requestTimeoutMs: 100, apiTimeoutMs: 400 },
    mishap: (mishap) => mishaps.push(mishap),
    heal: () => {
      mishaps = [];
    },
    expel: (memberId) => cluster.group('g').expel(memberId),
    moveCoordinator: () => {
      cluster.coordinatorNode = 3 - cluster.coordinatorNode;
    },
    moveLeader: (p) => topic.partitions[p]!.moveTo(3 - topic.partitions[p]!.leader),
  };
}

async function run(history: History<Fault>, partitions: number, rebalanceMs: number) {
  await using b = await clusterBench(2, { requestTimeoutMs: 100 });
  const world = worldOf(b, partitions);
  const group = b.cluster.group('g');
  group.rebalanceMs = rebalanceMs;
  group.sessionMs = 400;
  const record = new CoordinatorRecord(history.cooperative, world.topic);
  b.cluster.onDone = (request, answer) => record.done(request, answer);
  return await runGroup(world, history, record);
}

const partitionCount = fc.integer({ min: 1, max: 5 });

test('whatever happens: own partitions only, no commit that is not its own, no offset goes back, nothing is missed', async () => {
  await fc.assert(
    fc.asyncProperty(historiesWith(faultsOf), partitionCount, async (history, partitions) => {
      await run(history, partitions, 30);
    }),
    fuzzRuns(5),
  );
}, 240_000);

test('when nothing happens but joining and leaving, each record is handed on once', async () => {
  await fc.assert(
    fc.asyncProperty(peacefulHistories, partitionCount, async (history, partitions) => {
      const read = await run(history, partitions, 5000);
      expect([...read].filter(([, times]) => times > 1)).toEqual([]);
    }),
    fuzzRuns(6),
  );
}, 240_000);
