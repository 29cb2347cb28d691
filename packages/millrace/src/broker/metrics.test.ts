import { afterEach, beforeEach, expect, test } from 'vitest';
import { Admin } from '../clients/kafka/admin/admin.ts';
import { KafkaClient } from '../clients/kafka/client.ts';
import { Producer } from '../clients/kafka/producer/producer.ts';
import { BatchBuilder } from '../records/batch-builder.ts';
import { Broker } from './broker.ts';

let broker: Broker;
let client: KafkaClient;
beforeEach(async () => {
  broker = await Broker.start();
  client = new KafkaClient({ bootstrapServers: [broker.bootstrapServers] });
});
afterEach(async () => {
  await client.close();
  await broker.stop();
});

async function produce(topic: string, partition: number, count: number): Promise<void> {
  const builder = new BatchBuilder();
  for (let i = 0; i < count; i++) builder.add(Buffer.from(`event ${i}`));
  const producer = new Producer(client, {});
  await producer.send(topic, partition, builder.build());
  await producer.close();
}

test('partitions with offsets and bytes, groups with their lag; the own topic of offsets is left out', async () => {
  await broker.createTopic('a', { partitions: 2 });
  await broker.createTopic('empty');
  const [first, second] = [1 + Math.floor(Math.random() * 50), 1 + Math.floor(Math.random() * 50)];
  await produce('a', 0, first);
  await produce('a', 1, second);
  const admin = new Admin(client);
  await admin.alterGroupOffsets('readers', [{ topic: 'a', partition: 1, offset: 1 }]);

  const { partitions, groups, freeBytes, network } = broker.figures();
  const byApi = new Map(network.apis.map((each) => [each.api, each]));
  expect(byApi.get('Produce')).toMatchObject({ requests: 2 });
  expect(byApi.get('Produce')!.requestBytes).toBeGreaterThan((first + second) * 'event 0'.length);
  expect(byApi.get('Produce')!.answerBytes).toBeGreaterThan(0);
  expect(byApi.has('Fetch')).toBe(false);
  expect(network.connections).toBeGreaterThan(0);
  expect(network.connectionsFailed).toBe(0);
  expect(partitions.map(({ topic, partition, endOffset }) => [topic, partition, endOffset])).toEqual([
    ['a', 0, first],
    ['a', 1, second],
    ['empty', 0, 0],
  ]);
  for (const { sizeBytes, endOffset, startOffset, highWatermark, failure } of partitions) {
    expect(sizeBytes > 0).toBe(endOffset > 0);
    expect({ startOffset, highWatermark, failure }).toEqual({
      startOffset: 0,
      highWatermark: endOffset,
      failure: '',
    });
  }
  expect(groups).toEqual([
    {
      groupId: 'readers',
      state: 'Empty',
      members: 0,
      offsets: [{ topic: 'a', partition: 1, committedOffset: 1, lag: second - 1 }],
    },
  ]);
  expect(freeBytes).toBeNull();
});
