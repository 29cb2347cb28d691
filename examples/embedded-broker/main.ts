/**
 * A Kafka for your tests, in the process: no Docker, no JVM. Any Kafka client takes it for Kafka; here it is
 * @platformatic/kafka. Run it with `node examples/embedded-broker/main.ts`.
 */
import { Consumer, Producer, stringDeserializers, stringSerializers } from '@platformatic/kafka';
import { Broker } from 'millrace/broker';

await using broker = await Broker.start(); // in memory, on a free port; `dataDir` keeps it on disk
await broker.createTopic('orders', { partitions: 4 });

const connection = { clientId: 'example', bootstrapBrokers: [broker.bootstrapServers] };
const producer = new Producer({ ...connection, serializers: stringSerializers });
await producer.send({
  messages: ['one', 'two', 'three'].map((value) => ({ topic: 'orders', key: value, value })),
});
await producer.close();

const consumer = new Consumer({ ...connection, groupId: 'example', deserializers: stringDeserializers });
const stream = await consumer.consume({ topics: ['orders'], mode: 'earliest', autocommit: true });
const seen: string[] = [];
for await (const message of stream) {
  seen.push(message.value);
  if (seen.length === 3) break;
}
await stream.close();
await consumer.close();
console.log(`consumed ${seen.toSorted().join(', ')}`);
