/** One agent with a KafkaSink for each case of mapped headers, for Millrace and for Flume alike. */

import { kafkaSinkCases } from '../../../../test/golden/kafka-sink-cases.ts';
import { Broker } from '../../../millrace/src/broker/index.ts';
import { KafkaClient } from '../../../millrace/src/clients/kafka/client.ts';
import { PartitionReader } from '../../../millrace/src/clients/kafka/consumer/partition-reader.ts';
import { waitFor } from '../process/wait.ts';

export async function caseBroker(): Promise<Broker> {
  const broker = await Broker.start();
  for (const { topic } of kafkaSinkCases) await broker.createTopic(topic);
  return broker;
}

/** The configuration of agent a1: one event with all headers to each sink, whose channel `seq` fills. */
export function kafkaSinkConf(bootstrapServers: string): string {
  const names = [...new Set(kafkaSinkCases.flatMap(({ mapped }) => mapped))];
  const topics = kafkaSinkCases.map(({ topic }) => topic);
  const lines = [
    'sources = r1',
    `channels = ${topics.join(' ')}`,
    `sinks = ${topics.join(' ')}`,
    'sources.r1.type = seq',
    'sources.r1.totalEvents = 1',
    `sources.r1.channels = ${topics.join(' ')}`,
    `sources.r1.interceptors = ${names.map((_, i) => `i${i}`).join(' ')}`,
    ...names.flatMap((name, i) => [
      `sources.r1.interceptors.i${i}.type = static`,
      `sources.r1.interceptors.i${i}.key = ${name}`,
      `sources.r1.interceptors.i${i}.value = value`,
    ]),
    ...kafkaSinkCases.flatMap(({ topic, mapped }) => [
      `channels.${topic}.type = memory`,
      `sinks.${topic}.type = org.apache.flume.sink.kafka.KafkaSink`,
      `sinks.${topic}.channel = ${topic}`,
      `sinks.${topic}.kafka.bootstrap.servers = ${bootstrapServers}`,
      `sinks.${topic}.kafka.topic = ${topic}`,
      ...mapped.map((name) => `sinks.${topic}.header.${name} = of ${name}`),
    ]),
  ];
  return lines.map((line) => `a1.${line}\n`).join('');
}

/** For each case the record headers that came, in their order. */
export async function sentHeaders(bootstrapServers: string): Promise<string[][]> {
  await using client = new KafkaClient({ bootstrapServers: [bootstrapServers] });
  const found: string[][] = [];
  for (const { topic } of kafkaSinkCases) {
    await client.metadata([topic]);
    await using reader = new PartitionReader(client, [{ topic, partition: 0, offset: 0 }]);
    const headers = await waitFor(`the event in ${topic}`, async () => {
      const [fetched] = await reader.poll(500);
      return fetched === undefined ? null : [...fetched.batch.event(0).headers().keys()];
    });
    found.push(headers.map((name) => name.replace('of ', '')));
  }
  return found;
}
