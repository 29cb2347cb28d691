import { expect, test } from 'vitest';
import { clusterBench, quickConsumer } from '../../../../../testkit/src/kafka/fake-cluster/bench.ts';
import { Consumer } from './consumer.ts';

test('brokers that do not serve the consumer protocol are told of, with what to set instead', async () => {
  await using b = await clusterBench();
  b.cluster.addTopic('t', 1);
  const options = { ...quickConsumer, groupId: 'g', topics: ['t'], groupProtocol: 'consumer' } as const;
  await using consumer = new Consumer(b.newClient(), options);
  for (let tries = 0; tries < 2; tries++) {
    await expect(consumer.poll(10_000)).rejects.toMatchObject({
      code: 'KAFKA',
      message: expect.stringContaining('group g: group.protocol=consumer is not served here'),
      remedy: expect.stringContaining('group.protocol=classic'),
    });
  }
});
