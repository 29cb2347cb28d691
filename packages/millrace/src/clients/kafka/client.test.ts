import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { describe, expect, test } from 'vitest';
import { batchOf, clusterBench, quickConsumer } from '../../../../testkit/src/kafka/fake-cluster/bench.ts';
import { waitFor } from '../../../../testkit/src/process/wait.ts';
import { Deadline } from '../../runtime/deadline.ts';
import { KafkaClient } from './client.ts';
import { Consumer } from './consumer/consumer.ts';
import { Producer } from './producer/producer.ts';
import { consumerOptionsFrom, producerOptionsFrom } from './settings/properties.ts';

describe.concurrent('durations of any length', () => {
  const long = ['2592000000', '4294967296', '9007199254740993', '9223372036854775807'];

  test.each(long)('metadata.max.age.ms=%s asks for metadata no more than a short one', async (age) => {
    const { client } = consumerOptionsFrom(new Map([['metadata.max.age.ms', age]]));
    await using b = await clusterBench(1, client);
    b.cluster.addTopic('t', 1);
    await using consumer = new Consumer(b.client, { groupId: 'g', topics: ['t'], ...quickConsumer });
    while (consumer.positions.length === 0) await consumer.poll(20);
    const before = b.cluster.count('Metadata');
    for (let i = 0; i < 10; i++) await consumer.poll(30);
    expect(b.cluster.count('Metadata')).toBe(before);
  });

  const durations = [
    'max.block.ms',
    'linger.ms',
    'retry.backoff.ms',
    'reconnect.backoff.max.ms',
    'metadata.max.age.ms',
  ];
  test.each(durations.flatMap((key) => long.map((value) => [key, value] as const)))(
    '%s=%s is understood',
    (key, value) => {
      expect(producerOptionsFrom(new Map([[key, value]])).problems).toEqual([]);
    },
  );

  test.each(['9223372036854775808', '-1', '1e3', '5 s'])('max.block.ms=%s is refused', (value) => {
    expect(producerOptionsFrom(new Map([['max.block.ms', value]])).problems).toMatchObject([{ fatal: true }]);
  });

  test('max.block.ms without end: send waits for room, and goes on when there is some', async () => {
    const { options } = producerOptionsFrom(new Map([['max.block.ms', '9223372036854775807']]));
    await using b = await clusterBench();
    b.cluster.addTopic('t', 1);
    const producer = b.newProducer({ ...options, bufferBytes: 10 });
    await Promise.all(['a', 'b', 'c'].map((body) => producer.send('t', 0, batchOf([body]))));
    expect(b.cluster.partition('t').bodies).toEqual(['a', 'b', 'c']);
  });
});

test('after a stop of the whole process what has come meanwhile is read before anything counts as late', async () => {
  const worker = new Worker(
    new URL('../../../../testkit/src/kafka/fake-cluster/worker.ts', import.meta.url),
    {
      workerData: { delayMs: 150 },
    },
  );
  const [bootstrap] = (await once(worker, 'message')) as [string];
  const client = new KafkaClient({ bootstrapServers: [bootstrap], requestTimeoutMs: 400 });
  try {
    await client.metadata(['t']);
    const asked = client.metadata(['t']);
    await sleep(20);
    // The thread stands still, as after SIGSTOP: the answer comes in time, and lies in the socket. Timers are next in
    // the event loop's turn, before sockets.
    await new Promise((resolve) => setImmediate(resolve));
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000);
    expect((await asked).topics.get('t')!.partitions).toHaveLength(1);
  } finally {
    await client.close();
    await worker.terminate();
  }
});

/** Takes connections and never says a word. */
async function silentBroker(): Promise<{ port: number; server: Server; sockets: Set<Socket> }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).on('data', () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server does not listen');
  return { port: address.port, server, sockets };
}

test('a broker that takes the connection and is silent holds up no close beyond its deadline', async () => {
  const { port, server, sockets } = await silentBroker();
  const client = new KafkaClient({ bootstrapServers: [`127.0.0.1:${port}`] });
  const producer = new Producer(client);
  const consumer = new Consumer(client, { groupId: 'g', topics: ['t'] });
  const sent = producer.send('t', 0, batchOf(['x'])).catch((error: Error) => error);
  await consumer.poll(100).catch(() => []);
  const deadline = Deadline.in(200);
  await Promise.all([producer.close(deadline), consumer.close({ deadline })]);
  await client.close();
  expect(await sent).toMatchObject({ pending: [0] });
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => server.close(resolve));
}, 5000);

describe.concurrent('a topic that is not there', () => {
  test.each([1, 3, 40])(
    'is told at once by a producer, %i topics in one line, and not again at each try',
    async (count) => {
      await using b = await clusterBench();
      const producer = b.newProducer();
      const names = Array.from({ length: count }, (_, i) => `gone-${i}`);
      const sends = names.map((name) => producer.send(name, null, batchOf(['x'])).catch(() => {}));
      const told = () => b.log.lines.filter((line) => line.includes('gone-0'));
      await waitFor('what is told', () => told().length > 0, { everyMs: 5 });
      const asked = b.cluster.count('Metadata');
      await waitFor('more tries', () => b.cluster.count('Metadata') >= asked + 2, { everyMs: 5 });
      expect(b.log.lines.filter((line) => line.includes('gone-'))).toHaveLength(1);
      expect(told()[0]).toContain(b.cluster.bootstrapServers);
      expect(told()[0]).toContain('auto.create.topics.enable');
      if (count > 5) expect(told()[0]).toContain(`and ${count - 5} more`);
      await producer.close(0);
      await Promise.all(sends);
    },
  );

  test('is told by a consumer, and when it is there', async () => {
    await using b = await clusterBench();
    await using consumer = new Consumer(b.client, { groupId: 'g', topics: ['gone'], ...quickConsumer });
    const told = () => b.log.lines.filter((line) => line.includes('topic gone'));
    while (told().length === 0) await consumer.poll(20);
    expect(told()).toEqual([
      expect.stringMatching(/^warn topic gone is not in the cluster at 127\.0\.0\.1:\d+\. Create/),
    ]);
    b.cluster.addTopic('gone', 1);
    while (consumer.positions.length === 0) await consumer.poll(20);
    expect(b.log.lines).toContain('info topic gone is there now');
  });

  test('nothing is told of one that the brokers make when it is asked for', async () => {
    await using b = await clusterBench();
    b.cluster.autoCreate = 2;
    await b.newProducer().send('new', null, batchOf(['x']));
    expect(b.log.lines).toEqual([]);
  });
});
