/** KafkaSource with kafka.topics.regex on the embedded broker: topics come and go while it reads. */
import { expect, it } from 'vitest';
import { Broker } from '../../packages/millrace/src/broker/index.ts';
import { Admin } from '../../packages/millrace/src/clients/kafka/admin/admin.ts';
import { KafkaClient } from '../../packages/millrace/src/clients/kafka/client.ts';
import { Producer } from '../../packages/millrace/src/clients/kafka/producer/producer.ts';
import type { PollableSource } from '../../packages/millrace/src/component/source.ts';
import { contextFor } from '../../packages/millrace/src/component/testing/context.ts';
import { batchOf } from '../../packages/millrace/src/component/testing/test-api.ts';
import { kafkaSource } from '../../packages/millrace/src/components/kafka/source.ts';
import type { EventBatch } from '../../packages/millrace/src/records/event-batch.ts';

it('reads topics that come, and goes on when one goes', async () => {
  await using broker = await Broker.start();
  await using client = new KafkaClient({ bootstrapServers: [broker.bootstrapServers] });
  await using producer = new Producer(client, { lingerMs: 0 });
  const context = contextFor(kafkaSource, {
    'kafka.bootstrap.servers': broker.bootstrapServers,
    'kafka.topics.regex': 'log-.*',
    'kafka.consumer.auto.offset.reset': 'earliest',
    'kafka.consumer.metadata.max.age.ms': 100,
    batchDurationMillis: 50,
  });
  const bodies: string[] = [];
  const channels = {
    put: async (batch: EventBatch) => {
      for (const event of batch) bodies.push(`${event.header('topic')} ${event.body}`);
    },
  };
  const source = kafkaSource.create({ ...context, channels }) as PollableSource;
  await source.start();
  const ending = new AbortController();
  const reading = (async () => {
    while (!ending.signal.aborted) await source.process(ending.signal);
  })();
  const until = (count: number) =>
    expect.poll(() => bodies, { timeout: 30_000, interval: 20 }).toHaveLength(count);

  await broker.createTopic('log-a');
  await broker.createTopic('other');
  await producer.send('log-a', 0, batchOf('1'));
  await producer.send('other', 0, batchOf('not this'));
  await until(1);
  await broker.createTopic('log-b', { partitions: 2 });
  await producer.send('log-b', 1, batchOf('2'));
  await until(2);
  await new Admin(client).deleteTopics(['log-a']);
  await producer.send('log-b', 0, batchOf('3'));
  await until(3);
  await broker.createTopic('log-c');
  await producer.send('log-c', 0, batchOf('4'));
  await until(4);
  // One that comes again under its name is read from its start.
  await broker.createTopic('log-a');
  await producer.send('log-a', 0, batchOf('5'));
  await until(5);
  ending.abort();
  await reading;
  await source.stop();
  await source.settle?.();
  expect(bodies).toEqual(['log-a 1', 'log-b 2', 'log-b 3', 'log-c 4', 'log-a 5']);
}, 120_000);
