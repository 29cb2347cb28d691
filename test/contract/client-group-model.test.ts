/** Members of a group on the embedded broker, whose answers get lost and come late. */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Broker } from '../../packages/millrace/src/broker/index.ts';
import { KafkaClient } from '../../packages/millrace/src/clients/kafka/client.ts';
import { leaveGroupApi } from '../../packages/millrace/src/clients/kafka/consumer/consumer-apis.ts';
import { Producer } from '../../packages/millrace/src/clients/kafka/producer/producer.ts';
import { fuzzRuns } from '../../packages/testkit/src/fuzz/fuzz-runs.ts';
import { batchOf, quickClient, quickConsumer } from '../../packages/testkit/src/kafka/fake-cluster/bench.ts';
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
import { FaultProxy, type NetworkFault, proxyHost } from '../../packages/testkit/src/net/fault-proxy.ts';

const sessionTimeoutMs = 400;
let broker: Broker;
let proxy: FaultProxy;
let direct: KafkaClient;
let histories = 0;

beforeAll(async () => {
  broker = await Broker.start({
    advertisedHost: proxyHost,
    groupInitialRebalanceDelayMs: 0,
    groupMinSessionTimeoutMs: 50,
  });
  proxy = await FaultProxy.start(broker.port);
  direct = new KafkaClient({ bootstrapServers: [proxy.bootstrapServers] });
});
afterAll(async () => {
  await direct.close();
  await proxy[Symbol.asyncDispose]();
  await broker.stop();
});

const faultsOf = (api: GroupApi): readonly NetworkFault[] =>
  api === 'JoinGroup' || api === 'SyncGroup' ? ['lose', 'drop'] : ['lose', 'drop', 'silence'];

async function run(history: History<NetworkFault>, partitions: number) {
  const topic = `t${++histories}`;
  const groupId = `g${histories}`;
  await broker.createTopic(topic, { partitions });
  await using producer = new Producer(direct, { batchSizeBytes: 0, lingerMs: 0 });
  let produced = 0;
  let mishaps: Mishap<NetworkFault>[] = [];
  /** Its own requests are not the members'. */
  let isExpelling = false;
  const delays = new Map<unknown, number>();
  proxy.requestFault = (request) => {
    const mishap = isExpelling ? undefined : mishaps.find(({ api }) => api === request.api);
    if (mishap === undefined) return null;
    mishaps = mishaps.filter((each) => each !== mishap);
    delays.set(request, mishap.delayMs);
    return mishap.fault;
  };
  proxy.delayMs = (request) => delays.get(request) ?? 0;
  const clients: KafkaClient[] = [];
  const world: GroupWorld<NetworkFault> = {
    ...{ topic, groupId, partitions },
    produce: async () => {
      const i = produced++;
      const sends = Array.from({ length: partitions }, (_, p) =>
        producer.send(topic, p, batchOf([`${p}:${i}`])),
      );
      await Promise.all(sends);
    },
    newClient: () => {
      const options = { ...quickClient, requestTimeoutMs: 100 };
      const client = new KafkaClient({ ...options, bootstrapServers: [proxy.bootstrapServers] });
      clients.push(client);
      return client;
    },
    consumerOptions: {
      ...quickConsumer,
      ...{
        fetchMaxBytes: 400,
        fetchMaxWaitMs: 20,
        requestTimeoutMs: 100,
        apiTimeoutMs: 400,
        sessionTimeoutMs,
      },
    },
    mishap: (mishap) => mishaps.push(mishap),
    heal: () => {
      mishaps = [];
    },
    expel: async (memberId) => {
      isExpelling = true;
      const { nodeId } = await direct.coordinator(groupId);
      const message = { groupId, members: [{ memberId, groupInstanceId: null, reason: 'a test' }] };
      await direct.request(nodeId, leaveGroupApi, message);
      isExpelling = false;
    },
    moveCoordinator: () => {},
    moveLeader: () => {},
  };
  const record = new CoordinatorRecord(history.cooperative, world.topic);
  proxy.onDone = (request, answer) => {
    if ((request.message as { groupId?: string }).groupId === groupId) record.done(request, answer);
  };
  try {
    return await runGroup(world, history, record);
  } finally {
    await Promise.all(clients.map((client) => client.close()));
  }
}

const partitionCount = fc.integer({ min: 1, max: 5 });

test('whatever the network does: own partitions only, no commit that is not its own, no offset goes back, nothing is missed', async () => {
  await fc.assert(
    fc.asyncProperty(historiesWith(faultsOf), partitionCount, async (history, partitions) => {
      await run(history, partitions);
    }),
    fuzzRuns(12),
  );
}, 180_000);

test('when nothing happens but joining and leaving, each record is handed on once', async () => {
  await fc.assert(
    fc.asyncProperty(peacefulHistories, partitionCount, async (history, partitions) => {
      const read = await run(history, partitions);
      expect([...read].filter(([, times]) => times > 1)).toEqual([]);
    }),
    fuzzRuns(8),
  );
}, 180_000);
