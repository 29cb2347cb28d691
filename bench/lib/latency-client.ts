/**
 * A producer and a consumer in one process, so that one clock tells how long each event was under way:
 * `node latency-client.ts BOOTSTRAP TOPIC PARTITIONS EVENTS_PER_SECOND SECONDS`. Prints one line of JSON.
 *
 * Events leave on a fixed schedule whatever the broker does, and each counts from the moment it was due: a broker that
 * stalls can't hide it by slowing its clients down (coordinated omission).
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { KafkaClient } from '../../packages/millrace/src/clients/kafka/client.ts';
import { Consumer } from '../../packages/millrace/src/clients/kafka/consumer/consumer.ts';
import { Producer } from '../../packages/millrace/src/clients/kafka/producer/producer.ts';
import { BatchBuilder } from '../../packages/millrace/src/records/batch-builder.ts';

const tickMs = 1;
const warmUpShare = 0.2;
const bodyBytes = 200;

const [bootstrap, topic, partitionText, rateText, secondsText] = process.argv.slice(2);
const [partitions, rate, seconds] = [Number(partitionText), Number(rateText), Number(secondsText)];
const total = Math.round(rate * seconds);
const latencies = new Float64Array(total);
let received = 0;
let sent = 0;

async function consume(client: KafkaClient, started: PromiseWithResolvers<void>): Promise<void> {
  await using consumer = new Consumer(client, {
    groupId: `latency-${process.pid}`,
    topics: [topic!],
    autoOffsetReset: 'earliest',
    fetchMaxWaitMs: 500,
    fetchMinBytes: 1,
  });
  while (received < total) {
    const batches = await consumer.poll(100);
    if (consumer.assignment.length === partitions) started.resolve();
    const now = performance.now();
    for (const { batch } of batches) {
      for (let i = 0; i < batch.count; i += 1)
        latencies[received++] = now - batch.event(i).body.readDoubleLE(0);
    }
  }
}

async function produce(client: KafkaClient): Promise<void> {
  await using producer = new Producer(client, { acks: -1, lingerMs: 0 });
  const startedAt = performance.now();
  const builder = new BatchBuilder();
  while (sent < total) {
    const now = performance.now();
    const due = Math.min(total, Math.floor(((now - startedAt) * rate) / 1000));
    // In a slow minute one batch may hold many; it is not cut, since a real producer would not cut it either.
    for (; sent < due; sent += 1) {
      const body = Buffer.alloc(bodyBytes, 'x');
      body.writeDoubleLE(startedAt + (sent * 1000) / rate, 0);
      builder.add(body);
    }
    if (builder.count > 0) {
      void producer.send(topic!, sent % partitions, builder.build()).catch(fail);
      builder.reset();
    }
    await sleep(tickMs);
  }
  await producer.flush();
}

function fail(error: unknown): void {
  console.error(error);
  process.exit(1);
}

const consumerClient = new KafkaClient({ bootstrapServers: [bootstrap!] });
const producerClient = new KafkaClient({ bootstrapServers: [bootstrap!] });
const started = Promise.withResolvers<void>();
const consuming = consume(consumerClient, started);
await started.promise;
await produce(producerClient);
await Promise.race([consuming, sleep(60_000, undefined, { ref: false })]);
await Promise.all([consumerClient.close(), producerClient.close()]);

const kept = latencies.slice(Math.floor(total * warmUpShare), received).sort();
const at = (share: number) => kept[Math.min(kept.length - 1, Math.floor(kept.length * share))];
console.log(
  JSON.stringify({ sent, received, p50: at(0.5), p99: at(0.99), p999: at(0.999), max: kept.at(-1) }),
);
process.exit(received === total ? 0 : 1);
