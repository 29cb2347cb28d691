/**
 * What a transaction for each delivery costs: KafkaChannel → KafkaSink on Apache Kafka, with and without
 * `transactional.id`, by `flumeBatchSize`. Prints CPU seconds of the agent and of Kafka, and the rate.
 * `node bench/hot/exactly-once.ts [EVENTS [BATCH,BATCH]]`.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { KafkaClient } from '../../packages/millrace/src/clients/kafka/client.ts';
import { Producer } from '../../packages/millrace/src/clients/kafka/producer/producer.ts';
import { encodeLines } from '../../packages/millrace/src/records/encode-lines.ts';
import { type TempDir, tempDir } from '../../packages/testkit/src/files/temp-dir.ts';
import { OffsetProbe } from '../../packages/testkit/src/kafka/offset-probe.ts';
import { RealKafka } from '../../packages/testkit/src/kafka/real-kafka.ts';
import { millraceProgram } from '../../packages/testkit/src/oracle/programs.ts';
import { cpuSeconds } from '../../packages/testkit/src/process/process-figures.ts';
import { accessLog } from './measure.ts';

const events = Number(process.argv[2] ?? 1_000_000);
const batches = (process.argv[3] ?? '1000,10000').split(',').map(Number);

interface Run {
  readonly batch: number;
  readonly transactional: boolean;
}

const textOf = (kafka: RealKafka, name: string, { batch, transactional }: Run): string => `
a1.channels = c1
a1.sinks = k1
a1.channels.c1.type = org.apache.flume.channel.kafka.KafkaChannel
a1.channels.c1.kafka.bootstrap.servers = ${kafka.bootstrap}
a1.channels.c1.kafka.topic = in
a1.channels.c1.parseAsFlumeEvent = false
a1.channels.c1.kafka.consumer.group.id = g-${name}
a1.sinks.k1.type = org.apache.flume.sink.kafka.KafkaSink
a1.sinks.k1.channel = c1
a1.sinks.k1.kafka.bootstrap.servers = ${kafka.bootstrap}
a1.sinks.k1.kafka.topic = out-${name}
a1.sinks.k1.flumeBatchSize = ${batch}
a1.sinks.k1.kafka.producer.acks = all
${transactional ? `a1.sinks.k1.kafka.producer.transactional.id = t-${name}` : ''}
`;

async function measured(kafka: RealKafka, dir: TempDir, run: Run, round: number) {
  const name = `${run.batch}-${run.transactional ? 'once' : 'least'}-${round}`;
  await kafka.tools.createTopic(`out-${name}`, { partitions: 1 });
  const file = dir.join(`${name}.properties`);
  writeFileSync(file, textOf(kafka, name, run));
  await using agent = millraceProgram({
    name: `agent ${name}`,
    ready: /Kafka Channel: c1/,
    args: ['agent', '-n', 'a1', '-f', file],
  });
  await using probe = await OffsetProbe.open(kafka.port());
  const kafkaBefore = cpuSeconds(kafka.pid())!;
  await agent.start();
  let began = 0;
  for (;;) {
    const [end = 0] = await probe.endOffsets(`out-${name}`, 1);
    if (end > 0 && began === 0) began = performance.now();
    // Markers of transactions are records, too.
    const markers = run.transactional ? Math.ceil(events / run.batch) : 0;
    if (end >= events + markers) break;
    await sleep(20);
  }
  const seconds = (performance.now() - began) / 1000;
  const agentCpu = cpuSeconds(agent.pid)!;
  const kafkaCpu = cpuSeconds(kafka.pid())! - kafkaBefore;
  await agent.stop();
  return { ...run, round, perSecond: Math.round(events / seconds), agentCpu, kafkaCpu };
}

await using dir = tempDir('millrace-once-');
await using kafka = await RealKafka.start({ jvm: 'measured' });
await kafka.tools.createTopic('in', { partitions: 1 });
{
  await using client = new KafkaClient({ bootstrapServers: [kafka.bootstrap] });
  await using producer = new Producer(client, { lingerMs: 0 });
  const log = accessLog(1000);
  const { batch } = encodeLines(log, 0, log.length, { maxEvents: 1000, timestampMs: Date.now() });
  for (let i = 0; i < events / 1000; i++) await producer.send('in', 0, batch!);
}
const results: Awaited<ReturnType<typeof measured>>[] = [];
for (const round of [0, 1]) {
  for (const batch of batches) {
    for (const transactional of [false, true]) {
      const result = await measured(kafka, dir, { batch, transactional }, round);
      results.push(result);
      console.log(JSON.stringify(result));
    }
  }
}
const folder = join(import.meta.dirname, '../results');
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, 'hot-exactly-once.json'), `${JSON.stringify({ events, results }, null, 2)}\n`);
