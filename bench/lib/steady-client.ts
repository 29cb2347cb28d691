/**
 * Events at a steady pace to every partition of a topic: `node steady-client.ts BOOTSTRAP TOPIC PARTITIONS
 * EVENTS_PER_SECOND`, the rate being that of one partition. Each body is a number of its own. With SIGTERM it ends, when
 * all are acknowledged, and prints one line of JSON: how many were sent.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { KafkaClient } from '../../packages/millrace/src/clients/kafka/client.ts';
import { Producer } from '../../packages/millrace/src/clients/kafka/producer/producer.ts';
import { BatchBuilder } from '../../packages/millrace/src/records/batch-builder.ts';

const [bootstrap, topic, ...numbers] = process.argv.slice(2);
const [partitions, rate] = numbers.map(Number) as [number, number];
let isOver = false;
process.once('SIGTERM', () => {
  isOver = true;
});
const client = new KafkaClient({ bootstrapServers: [bootstrap!] });
const producer = new Producer(client, { acks: -1, lingerMs: 0 });
const startedAt = performance.now();
const builder = new BatchBuilder();
const sending: Promise<unknown>[] = [];
let sent = 0;
while (!isOver) {
  const due = Math.floor(((performance.now() - startedAt) * rate) / 1000) * partitions;
  for (; sent < due; sent += 1) {
    builder.add(Buffer.from(String(sent).padStart(12, '0')));
    sending.push(producer.send(topic!, sent % partitions, builder.build()));
    builder.reset();
  }
  await sleep(5);
}
await Promise.all(sending);
await producer.close();
await client.close();
console.log(JSON.stringify({ sent }));
