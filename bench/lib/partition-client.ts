/**
 * Produces to all partitions of a topic in turn: `node partition-client.ts BOOTSTRAP TOPIC PARTITIONS EVENTS`, acks=all,
 * no linger. Prints one line of JSON: the seconds from the first send to the last answer.
 *
 * Each round gives every partition a batch, so that a request names as many partitions as there are (up to its size):
 * what a broker does once a partition, a sync for example, shows.
 */
import { KafkaClient } from '../../packages/millrace/src/clients/kafka/client.ts';
import { Producer } from '../../packages/millrace/src/clients/kafka/producer/producer.ts';
import { BatchBuilder } from '../../packages/millrace/src/records/batch-builder.ts';

const bodyBytes = 200;
/** Events of one batch: with 1,000 partitions a round is 10,000 events. */
const batchEvents = 10;

const [bootstrap, topic, partitionText, eventText] = process.argv.slice(2);
const [partitions, events] = [Number(partitionText), Number(eventText)];

const builder = new BatchBuilder();
for (let i = 0; i < batchEvents; i += 1) builder.add(Buffer.alloc(bodyBytes, 'x'));
const batch = builder.build();

const client = new KafkaClient({ bootstrapServers: [bootstrap!] });
const producer = new Producer(client, { acks: -1, lingerMs: 0 });
// The topic's leaders are known before the clock starts.
await producer.send(topic!, 0, batch);
const startedAt = performance.now();
const pending: Promise<unknown>[] = [];
for (let sent = batchEvents, turn = 0; sent < events; sent += batchEvents, turn += 1) {
  pending.push(producer.send(topic!, turn % partitions, batch));
  // As much as a source may have under way; the producer's own memory bounds it, too.
  if (pending.length >= 4000) await Promise.all(pending.splice(0));
}
await Promise.all(pending);
const seconds = (performance.now() - startedAt) / 1000;
await producer.close();
await client.close();
console.log(JSON.stringify({ seconds }));
