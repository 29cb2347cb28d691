/** A configuration with one fault, and what cases begin with. */
import type { FindingCode } from '../../../../millrace/src/config/finding-codes.ts';

/** Agent a1, sound; what a case adds overrides it. */
export const soundAgent = `a1.sources = r1
a1.channels = c1
a1.sinks = k1
a1.channels.c1.type = memory
a1.sources.r1.type = seq
a1.sources.r1.channels = c1
a1.sinks.k1.type = logger
a1.sinks.k1.channel = c1
`;

export interface FindingCase {
  readonly code: FindingCode;
  /** Lines after the sound agent. `@` stands before the character at which the finding is to stand. */
  readonly lines: string;
  /** Part of what to do. */
  readonly remedy: string | RegExp;
  /** Instead of the sound agent. */
  readonly before?: string;
}

export const tail = `a1.sources.r1.type = TAILDIR
a1.sources.r1.filegroups = f1
a1.sources.r1.filegroups.f1 = /logs/.*log
`;
export const exec = 'a1.sources.r1.type = exec\n';
export const kafkaSource = `a1.sources.r1.type = org.apache.flume.source.kafka.KafkaSource
a1.sources.r1.kafka.bootstrap.servers = kafka-1:9092
a1.sources.r1.kafka.topics = in,other
a1.sources.r1.batchSize = 100
`;
export const kafkaSink = `a1.sinks.k1.type = org.apache.flume.sink.kafka.KafkaSink
a1.sinks.k1.kafka.bootstrap.servers = KAFKA-1:9092,kafka-2:9092
`;
export const roll = 'a1.sinks.k1.type = file_roll\na1.sinks.k1.sink.directory = /tmp\n';
export const group = `a1.sinks = k1 k2
a1.sinks.k2.type = null
a1.sinks.k2.channel = c1
a1.sinkgroups = g1
a1.sinkgroups.g1.sinks = k1 k2
`;
export const multiplexing = 'a1.sources.r1.selector.type = multiplexing\na1.sources.r1.selector.header = h\n';
