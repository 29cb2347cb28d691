/** What a producer says of sends that do not get through while it tries again. */
import { expect, test } from 'vitest';
import { batchOf, clusterBench, quickClient } from '../../../../../testkit/src/kafka/fake-cluster/bench.ts';
import { waitFor } from '../../../../../testkit/src/process/wait.ts';
import { KafkaClient } from '../client.ts';
import { Producer } from './producer.ts';

test.each([
  [
    'a topic that is not there',
    (b: Bench) => void b.cluster.addTopic('other', 1),
    (b: Bench) => void b.cluster.addTopic('t', 1),
  ],
  [
    'a partition without a leader',
    (b: Bench) => void b.cluster.addTopic('t', 1, [-1]),
    (b: Bench) => b.cluster.partition('t').moveTo(1),
  ],
])('%s: there is trouble until something is acknowledged', async (_, spoil, mend) => {
  await using b = await clusterBench();
  spoil(b);
  const producer = b.newProducer();
  expect(producer.trouble).toBeNull();
  const sent = producer.send('t', 0, batchOf(['e']));
  await waitFor('trouble', () => producer.trouble !== null);
  mend(b);
  await sent;
  expect(producer.trouble).toBeNull();
  await producer.send('t', 0, batchOf(['f']));
  expect(producer.trouble).toBeNull();
});

type Bench = Awaited<ReturnType<typeof clusterBench>>;

test.each([false, true])('brokers that cannot be reached, idempotence %s', async (idempotence) => {
  await using client = new KafkaClient({ ...quickClient, bootstrapServers: ['127.0.0.1:1'] });
  const producer = new Producer(client, { idempotence });
  const sent = producer.send('t', 0, batchOf(['e'])).catch((error: unknown) => error);
  await waitFor('trouble', () => producer.trouble !== null);
  expect(producer.trouble).toMatchObject({ code: 'KAFKA_CONNECTION' });
  await producer.close(0);
  expect(await sent).toBeInstanceOf(Error);
  expect(producer.trouble, 'nothing is open').toBeNull();
});
