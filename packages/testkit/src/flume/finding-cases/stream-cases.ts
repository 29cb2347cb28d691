/** Of what goes through components: streams, headers and places. */
import {
  exec,
  type FindingCase,
  group,
  kafkaSink,
  kafkaSource,
  multiplexing,
  roll,
  tail,
} from './finding-case.ts';

const transactional = 'a1.sinks.k1.kafka.producer.acks = all\n';
const kafkaChannel = `a1.channels.c1.type = org.apache.flume.channel.kafka.KafkaChannel
a1.channels.c1.kafka.bootstrap.servers = kafka-2:9092
`;
const hdfs = 'a1.sinks.k1.type = hdfs\n';

export const streamCases: readonly FindingCase[] = [
  {
    code: 'topic-loop',
    lines: `${tail}a1.sources.r1.filegroups.f1 = /out/.*\n${roll}a1.sinks.k1.sink.directory = @/out`,
    remedy: 'write to a folder that is not read',
  },
  {
    code: 'stream-loop',
    lines: `${kafkaSource}a1.sources.r1.kafka.topics = out\na1.sources.r1.kafka.bootstrap.servers = kafka-2:9092\n${kafkaChannel}a1.channels.c1.kafka.topic = @out`,
    remedy: 'that none of them reads',
  },
  {
    code: 'stream-loop',
    lines: `${kafkaChannel}${kafkaSink}a1.sinks.k1.allowTopicOverride = false\na1.sinks.k1.useFlumeEventFormat = true\na1.sinks.k1.kafka.topic = @flume-channel`,
    remedy: 'that none of them reads',
  },
  {
    code: 'stream-loop',
    lines: `${kafkaSource}${kafkaSink}a1.sinks.k1.allowTopicOverride = false
a1.sinks.k1.kafka.topic = @out
${(kafkaSource + kafkaSink)
  .replace('in,other', 'out')
  .replaceAll('a1.', 'a2.')}a2.sources = r1\na2.channels = c1\na2.sinks = k1\na2.channels.c1.type = memory
a2.sources.r1.channels = c1\na2.sinks.k1.channel = c1\na2.sinks.k1.kafka.topic = other\na2.sinks.k1.allowTopicOverride = false`,
    remedy: 'that none of them reads',
  },
  {
    code: 'format-mismatch',
    lines: `${kafkaChannel}${kafkaSource.replaceAll('r1', 'r2')}a1.sources = r1 r2
a1.sources.r2.channels = c2\na1.channels = c1 c2\na1.channels.c2.type = memory\na1.sinks.k1.channel = c2
a1.sources.r2.kafka.topics = flume-channel\na1.sources.r2.kafka.bootstrap.servers = kafka-2:9092\na1.sources.r2.useFlumeEventFormat = @false`,
    remedy: 'the same value on both sides',
  },
  {
    code: 'missing-header',
    lines: `${hdfs}a1.sinks.k1.hdfs.path = @file:///logs/%Y`,
    remedy: /^add a timestamp interceptor to source r1, or set hdfs.useLocalTimeStamp = true$/,
  },
  {
    code: 'missing-header',
    lines: `${hdfs}a1.sinks.k1.hdfs.path = @file:///logs/%{app}`,
    remedy: 'add an interceptor that sets app to source r1',
  },
  {
    code: 'missing-header',
    lines: `a1.sources.r1.interceptors = i1 i2\na1.sources.r1.interceptors.i1.type = timestamp
a1.sources.r1.interceptors.i2.type = remove_header\na1.sources.r1.interceptors.i2.matching = time.*
${hdfs}a1.sinks.k1.hdfs.path = @file:///logs/%Y`,
    remedy: 'add a timestamp interceptor',
  },
  {
    code: 'missing-header',
    lines: `a1.sources.r1.interceptors = i1\na1.sources.r1.interceptors.i1.type = timestamp
${kafkaChannel}a1.channels.c1.parseAsFlumeEvent = false\n${hdfs}a1.sinks.k1.hdfs.path = @file:///logs/%Y`,
    remedy: 'let channel c1 keep headers',
  },
  {
    code: 'missing-header',
    lines: `${multiplexing}a1.sources.r1.selector.header = @kind\na1.sources.r1.selector.mapping.a = c1\na1.sources.r1.selector.default = c1`,
    remedy: 'add an interceptor that sets kind to source r1',
  },
  {
    code: 'same-port',
    lines: `a1.sources = r1 r2\na1.sources.r1.type = netcat\na1.sources.r1.bind = 127.0.0.1\na1.sources.r1.port = 5140
a1.sources.r2.type = syslogtcp\na1.sources.r2.channels = c1\na1.sources.r2.port = @5140`,
    remedy: 'another port',
  },
  {
    code: 'same-place',
    lines: `${tail}a1.sources = r1 r2\n${tail.replaceAll('r1', 'r2')}a1.sources.r2.channels = c1
a1.sources.r1.positionFile = /var/p.json\na1.sources.r2.positionFile = @/var/../var/p.json`,
    remedy: 'give positionFile a place of its own',
  },
  {
    code: 'same-place',
    lines: `a1.channels = c1 c2\na1.channels.c1.type = file\n@a1.channels.c2.type = file\na1.sources.r1.channels = c1 c2
a1.sinks = k1 k2\na1.sinks.k2.type = null\na1.sinks.k2.channel = c2`,
    remedy: 'give checkpointDir a place of its own',
  },
  {
    code: 'same-place',
    lines:
      'a1.channels.c1.type = file\na1.channels.c1.checkpointDir = /f/data/checkpoint\na1.channels.c1.dataDirs = @/f/data',
    remedy: 'give dataDirs a place of its own',
  },
  {
    code: 'same-place',
    lines: `a1.sources = r1 r2\na1.sources.r1.type = spooldir\na1.sources.r1.spoolDir = /spool
a1.sources.r2.type = spooldir\na1.sources.r2.channels = c1\na1.sources.r2.spoolDir = @/spool`,
    remedy: 'give spoolDir a place of its own',
  },
  {
    code: 'gone-with-process',
    lines: `${exec}a1.sources.r1.command = x\na1.sources.r1.channels = @c1`,
    remedy: 'use the file channel',
  },
  {
    code: 'no-acknowledgement',
    lines: `${kafkaSink}a1.sinks.k1.kafka.producer.acks = @0`,
    remedy: 'kafka.producer.acks = all',
  },
  {
    code: 'no-acknowledgement',
    lines: `${kafkaSink}a1.sinks.k1.requiredAcks = @0`,
    remedy: 'kafka.producer.acks = all',
  },
  {
    code: 'not-exactly-once',
    lines: `${kafkaSink}${transactional}a1.sinks.k1.kafka.producer.transactional.id = @t1`,
    remedy: 'docs/exactly-once.md',
  },
  {
    code: 'not-exactly-once',
    lines: `${kafkaChannel}a1.channels.c1.kafka.bootstrap.servers = other:9092\n${kafkaSink}${transactional}a1.sinks.k1.kafka.producer.transactional.id = @t1`,
    remedy: 'docs/exactly-once.md',
  },
  {
    code: 'not-exactly-once',
    lines: `${kafkaChannel}${group}a1.sinkgroups.g1.processor.type = failover\n${kafkaSink}${transactional}a1.sinks.k1.kafka.producer.transactional.id = @t1`,
    remedy: 'docs/exactly-once.md',
  },
  {
    code: 'exactly-once-from-here',
    lines: `${kafkaChannel}${kafkaSink}${transactional}a1.sinks.k1.kafka.producer.transactional.id = @t1`,
    remedy: 'doubles in it may be',
  },
  {
    code: 'same-transactional-id',
    lines: `${kafkaChannel}a1.sinks = k1 k2\n${kafkaSink}${transactional}${(kafkaSink + transactional).replaceAll('k1', 'k2')}a1.sinks.k2.channel = c1\na1.sinks.k1.kafka.producer.transactional.id = t1\na1.sinks.k2.kafka.producer.transactional.id = @t1`,
    remedy: 'an id of its own',
  },
];
