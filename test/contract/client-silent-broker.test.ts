/** A broker that is there and says nothing (any more): what reads from it stops by its deadline all the same. */
import { createServer, type Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import type { PollableSource } from '../../packages/millrace/src/component/source.ts';
import { contextFor } from '../../packages/millrace/src/component/testing/context.ts';
import { kafkaChannel } from '../../packages/millrace/src/components/kafka/channel.ts';
import { kafkaSource } from '../../packages/millrace/src/components/kafka/source.ts';
import { Deadline, late } from '../../packages/millrace/src/runtime/deadline.ts';
import { batchOf, clusterBench } from '../../packages/testkit/src/kafka/fake-cluster/bench.ts';
import { waitFor } from '../../packages/testkit/src/process/wait.ts';

/** From which request on there are no answers; `connection`: not even to the first. */
const silences = [
  ...(['connection', 'Metadata', 'FindCoordinator', 'JoinGroup', 'SyncGroup', 'OffsetFetch'] as const),
  ...(['Fetch', 'OffsetCommit', 'LeaveGroup'] as const),
];
type Silence = (typeof silences)[number];
const budgetMs = 300;
/** Far beyond the budget, and far below what the clients' own timeouts would take. */
const mercyMs = 4000;

interface SilentBroker extends AsyncDisposable {
  readonly bootstrapServers: string;
  /** Resolves when somebody waits for an answer that will not come. */
  asked(): Promise<void>;
}

async function silentFrom(silence: Silence): Promise<SilentBroker> {
  if (silence === 'connection') {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => void sockets.add(socket.on('error', () => {})));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    return {
      bootstrapServers: `127.0.0.1:${port}`,
      asked: () => waitFor('a connection', () => sockets.size > 0).then(() => {}),
      [Symbol.asyncDispose]: async () => {
        for (const socket of sockets) socket.destroy();
        await new Promise((resolve) => server.close(resolve));
      },
    };
  }
  const bench = await clusterBench();
  const { cluster } = bench;
  cluster.addTopic('t', 1);
  await bench.newProducer().send('t', 0, batchOf(['a', 'b', 'c']));
  let isSilent = false;
  cluster.requestFault = ({ api }) => {
    isSilent ||= api === silence;
    return isSilent ? 'silence' : null;
  };
  return {
    bootstrapServers: cluster.bootstrapServers,
    // The last request of a member is that of its stop.
    asked: () =>
      silence === 'LeaveGroup'
        ? waitFor('a fetch', () => cluster.count('Fetch') > 0).then(() => {})
        : waitFor(silence, () => isSilent).then(() => {}),
    [Symbol.asyncDispose]: () => bench[Symbol.asyncDispose](),
  };
}

const properties = (broker: SilentBroker) => ({
  'kafka.bootstrap.servers': broker.bootstrapServers,
  'kafka.consumer.auto.offset.reset': 'earliest',
  'kafka.consumer.heartbeat.interval.ms': 50,
});

describe.each(silences)('silent from %s on', (silence) => {
  test('KafkaSource stops by its deadline', async () => {
    await using broker = await silentFrom(silence);
    const context = contextFor(kafkaSource, { ...properties(broker), 'kafka.topics': 't' });
    const channels = { put: async () => {} };
    const source = kafkaSource.create({ ...context, channels }) as PollableSource;
    await source.start();
    const abort = new AbortController();
    const running = (async () => {
      while (!abort.signal.aborted) await source.process(abort.signal);
    })();
    await broker.asked();
    abort.abort();
    const deadline = Deadline.in(budgetMs);
    const stopped = source.stop({ deadline }).then(() => source.settle?.({ deadline }));
    expect(await Deadline.in(mercyMs).race(stopped)).not.toBe(late);
    expect(await Deadline.in(mercyMs).race(running)).not.toBe(late);
  });

  test('KafkaChannel stops by its deadline', async () => {
    await using broker = await silentFrom(silence);
    const channel = kafkaChannel.create(
      contextFor(kafkaChannel, { ...properties(broker), 'kafka.topic': 't', parseAsFlumeEvent: false }),
    );
    await channel.start();
    const abort = new AbortController();
    const running = (async () => {
      while (!abort.signal.aborted) {
        const take = channel.begin();
        try {
          if ((await take.take(1, abort.signal)) !== null) await take.commit();
          else await take.rollback();
        } catch {
          await take.rollback().catch(() => {});
        }
      }
    })();
    await broker.asked();
    abort.abort();
    const stopped = channel.stop({ deadline: Deadline.in(budgetMs) });
    expect(await Deadline.in(mercyMs).race(stopped)).not.toBe(late);
    expect(await Deadline.in(mercyMs).race(running)).not.toBe(late);
  });
});
