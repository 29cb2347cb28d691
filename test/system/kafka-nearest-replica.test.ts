/** KIP-392: where the brokers choose replicas by rack, a consumer reads from the one beside it, and is not stranded there. */
import { expect, it } from 'vitest';
import { Admin } from '../../packages/millrace/src/clients/kafka/admin/admin.ts';
import { KafkaClient } from '../../packages/millrace/src/clients/kafka/client.ts';
import { PartitionReader } from '../../packages/millrace/src/clients/kafka/consumer/partition-reader.ts';
import { Producer } from '../../packages/millrace/src/clients/kafka/producer/producer.ts';
import { BatchBuilder } from '../../packages/millrace/src/records/batch-builder.ts';
import { RealKafka } from '../../packages/testkit/src/kafka/real-kafka.ts';
import { freePorts } from '../../packages/testkit/src/net/free-port.ts';
import { TcpProxy } from '../../packages/testkit/src/net/tcp-proxy.ts';
import { waitFor } from '../../packages/testkit/src/process/wait.ts';

const racks = ['north', 'south', 'west'];
const topic = 'near';
const bodyBytes = 1000;

it('reads from its own rack, from the leader while that is gone, and loses nothing', async () => {
  const ports = await freePorts(3);
  await using kafka = await RealKafka.start({
    nodes: 3,
    racks,
    advertisedPorts: ports,
    settings: {
      'replica.selector.class': 'org.apache.kafka.common.replica.RackAwareReplicaSelector',
      'replica.fetch.wait.max.ms': 100,
    },
  });
  await using stack = new AsyncDisposableStack();
  const proxies: TcpProxy[] = [];
  for (const [i, port] of ports.entries())
    proxies.push(stack.use(await TcpProxy.start({ port, targetPort: kafka.port(i + 1) })));
  await using client = new KafkaClient({
    bootstrapServers: ports.map((port) => `127.0.0.1:${port}`),
    metadataMaxAgeMs: 5000,
  });
  const admin = new Admin(client);
  await waitFor('three brokers', async () => (await client.metadata([])).brokers.size === 3 || null);
  await admin.createTopics([{ topic, partitions: 1, replicationFactor: 3 }]);
  const write = async (from: number, to: number) => {
    const producer = new Producer(client, { acks: -1 });
    for (let i = from; i < to; i += 500) {
      const builder = new BatchBuilder();
      for (let k = i; k < i + 500; k++) builder.add(Buffer.alloc(bodyBytes, `${k} `));
      await producer.send(topic, 0, builder.build());
    }
    await producer.close();
  };
  await write(0, 4000);

  const leader = await waitFor('its leader', async () => {
    const found = (await client.metadata([topic])).topics.get(topic)?.partitions[0]?.leader ?? -1;
    return found > 0 ? found : null;
  });
  const near = leader === 3 ? 1 : leader + 1;
  const reader = new PartitionReader(client, [{ topic, partition: 0, offset: 0 }], {
    rack: racks[near - 1]!,
  });
  let read = 0;
  const readUpTo = (count: number) =>
    waitFor(`${count} records`, async () => {
      for (const { batch, baseOffset } of await reader.poll(500)) {
        expect(baseOffset).toBe(read);
        for (let i = 0; i < batch.count; i++)
          expect(String(batch.event(i).body.subarray(0, 8)).startsWith(`${read + i} `)).toBe(true);
        read += batch.count;
      }
      return read >= count || null;
    });
  const bytes = () => proxies.map((proxy) => proxy.forwardedBytes);
  const before = bytes();
  await readUpTo(4000);
  const grown = bytes().map((now, i) => now - before[i]!);
  expect(grown[near - 1]).toBeGreaterThan(4000 * bodyBytes);
  expect(grown[leader - 1]).toBeLessThan(1000 * bodyBytes);

  await kafka.kill(near);
  await write(4000, 5000);
  await readUpTo(5000);
  await kafka.restart(near);
  await write(5000, 6000);
  await readUpTo(6000);
  await reader.close();
  expect(read).toBe(6000);
});
