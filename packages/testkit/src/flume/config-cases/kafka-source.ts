/** Properties of KafkaSource, as Flume 1.11.0 took them. */
import { aboveCapacity, type ConfigCase, removed, skeleton, tooBig } from './config-case.ts';

export const kafkaSourceCases: readonly ConfigCase[] = [
  {
    id: 'B14 a Kafka source as it comes',
    text: `${skeleton}a1.sources.r1.type = org.apache.flume.source.kafka.KafkaSource
a1.sources.r1.kafka.bootstrap.servers = localhost:1
a1.sources.r1.kafka.topics = t
`,
    dropped: { 'source r1': aboveCapacity(1000) },
    log: [removed('Source r1'), tooBig('source', 'Source', 'r1', 1000)],
    findings: ['8:22 error batch-too-big'],
  },
];
