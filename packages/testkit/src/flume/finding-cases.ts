/**
 * Configurations with one fault each, and the finding that tells of it: for every code of the table at least one, and
 * for every mistake that was seen in a real file.
 */
import type { FindingCode } from '../../../millrace/src/config/finding-codes.ts';

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

const tail = `a1.sources.r1.type = TAILDIR
a1.sources.r1.filegroups = f1
a1.sources.r1.filegroups.f1 = /logs/.*log
`;
const exec = 'a1.sources.r1.type = exec\n';
const kafkaSource = `a1.sources.r1.type = org.apache.flume.source.kafka.KafkaSource
a1.sources.r1.kafka.bootstrap.servers = kafka-1:9092
a1.sources.r1.kafka.topics = in,other
a1.sources.r1.batchSize = 100
`;
const kafkaSink = `a1.sinks.k1.type = org.apache.flume.sink.kafka.KafkaSink
a1.sinks.k1.kafka.bootstrap.servers = KAFKA-1:9092,kafka-2:9092
`;
const transactional = 'a1.sinks.k1.kafka.producer.acks = all\n';
const kafkaChannel = `a1.channels.c1.type = org.apache.flume.channel.kafka.KafkaChannel
a1.channels.c1.kafka.bootstrap.servers = kafka-2:9092
`;
const roll = 'a1.sinks.k1.type = file_roll\na1.sinks.k1.sink.directory = /tmp\n';
const hdfs = 'a1.sinks.k1.type = hdfs\n';
const group = `a1.sinks = k1 k2
a1.sinks.k2.type = null
a1.sinks.k2.channel = c1
a1.sinkgroups = g1
a1.sinkgroups.g1.sinks = k1 k2
`;
const multiplexing = 'a1.sources.r1.selector.type = multiplexing\na1.sources.r1.selector.header = h\n';

export const findingCases: readonly FindingCase[] = [
  // The text of the file
  { code: 'bad-escape', lines: 'a1.sources.r1.x = a@\\u12 b', remedy: '\\\\' },
  {
    code: 'lost-backslash',
    lines: `${tail}a1.sources.r1.filegroups.f1 = /logs/app-@\\d+\\.log`,
    remedy: 'write \\\\d',
  },
  { code: 'lost-backslash', lines: 'a1.sources.r1.x = C:@\\logs', remedy: 'write \\\\l' },
  { code: 'duplicate-key', lines: '@a1.sources.r1.type = seq', remedy: 'remove' },
  { code: 'empty-value', lines: '@a1.sources.r1.batchSize =', remedy: 'give it a value' },
  { code: 'not-a-property', lines: '@// a comment', remedy: 'begins with # or !' },
  { code: 'invalid-key', lines: '@a1.channel.c1.capacity = 5', remedy: 'a1.channels.c1.capacity' },
  {
    code: 'inline-comment',
    lines: `${exec}a1.sources.r1.command = true\na1.sources.r1.charset = @UTF-8 # text`,
    remedy: 'charset = UTF-8',
  },

  // References
  { code: 'unresolved', lines: `a1.sources.r1.batchSize = @$\{env:NOT_SET}`, remedy: ':-' },
  { code: 'reference-circle', lines: `a1.sources.r1.x = @$\{a1.sources.r1.x}`, remedy: 'circle' },
  {
    code: 'reference-too-deep',
    lines: `a1.sources.r1.x = @${'${a'.repeat(40)}${'}'.repeat(40)}`,
    remedy: 'write the value out',
  },
  {
    code: 'value-too-long',
    lines: `${Array.from({ length: 13 }, (_, i) => `x.sources.y.v${i} = \${x.sources.y.v${i + 1}}\${x.sources.y.v${i + 1}}`).join('\n')}\nx.sources.y.v13 = ${'x'.repeat(500)}\na1.sources.r1.x = @\${x.sources.y.v0}`,
    remedy: 'write the value out',
  },
  {
    code: 'bad-filter',
    lines: 'a1.configfilters = f\na1.configfilters.f.type = @nosuch',
    remedy: 'env, external',
  },

  // Agents and lists
  { code: 'no-channels', before: '', lines: '@b1.sources = r1', remedy: 'AGENT.channels' },
  {
    code: 'no-components',
    before: 'b1.channels.c1.type = memory\n',
    lines: 'b1.channels = @c1',
    remedy: 'AGENT.sinks',
  },
  {
    code: 'no-sources',
    before: '',
    lines:
      '@b1.channels = c\nb1.channels.c.type = memory\nb1.sinks = k\nb1.sinks.k.type = null\nb1.sinks.k.channel = c',
    remedy: 'AGENT.sources',
  },
  {
    code: 'no-sinks',
    before: '',
    lines:
      '@b1.channels = c\nb1.channels.c.type = memory\nb1.sources = r\nb1.sources.r.type = seq\nb1.sources.r.channels = c',
    remedy: 'AGENT.sinks',
  },
  { code: 'not-listed', lines: '@a1.sinks.k9.type = null', remedy: 'lists: k1' },
  { code: 'not-listed', lines: '@a1.sources.r1.interceptors.i1.type = host', remedy: 'interceptors = i1' },
  { code: 'not-listed', lines: `${tail}@a1.sources.r1.headers.f2.k = v`, remedy: 'filegroups lists: f1' },
  { code: 'not-listed', lines: `${tail}@a1.sources.r1.filegroups.f9 = /x/y`, remedy: 'filegroups lists: f1' },
  { code: 'not-configured', lines: 'a1.sinks = @k1 k7', remedy: 'describe it' },
  {
    code: 'not-configured-group',
    lines: `${tail}a1.sources.r1.filegroups = @f1 f2`,
    remedy: 'add filegroups.f2',
  },
  {
    code: 'missing',
    lines: `${tail}a1.sources.r1.filegroups = @f1,f2\na1.sources.r1.filegroups.f2 = /x/y`,
    remedy: 'blanks: f1 f2',
  },

  // Types
  { code: 'no-type', lines: 'a1.channels = c1 c2\n@a1.channels.c2.capacity = 5', remedy: 'add type' },
  { code: 'unknown-type', lines: 'a1.sinks.k1.type = @loger', remedy: 'did you mean logger?' },
  { code: 'unsupported-type', lines: 'a1.sinks.k1.type = @hbase', remedy: 'docs/components.md' },

  { code: 'unknown-type', lines: `${roll}a1.sinks.k1.sink.serializer = @TXT`, remedy: 'did you mean TEXT?' },
  {
    code: 'unknown-key',
    lines: `${roll}@a1.sinks.k1.sink.serializer.appendNewLine = x`,
    remedy: 'appendNewline',
  },
  {
    code: 'bad-boolean',
    lines: `${roll}a1.sinks.k1.sink.serializer.appendNewline = @no`,
    remedy: 'true or false',
  },
  { code: 'unknown-type', lines: `${roll}a1.sinks.k1.sink.pathManager = @ROLTIME`, remedy: 'ROLLTIME' },

  {
    code: 'value-replaced',
    lines:
      'a1.sinks.k1.type = avro\na1.sinks.k1.hostname = h\na1.sinks.k1.port = 1\na1.sinks.k1.compression-type = @gzip',
    remedy: 'one of none, deflate',
  },

  // Properties of a component
  { code: 'unknown-key', lines: '@a1.sources.r1.batchsize = 5', remedy: 'batchSize' },
  {
    code: 'misplaced-key',
    lines: `${kafkaSource}@a1.sources.r1.kafka.group.id = g`,
    remedy: 'kafka.consumer.group.id',
  },
  {
    code: 'misplaced-key',
    lines: `${kafkaSource}@a1.sources.r1.auto.offset.reset = earliest`,
    remedy: 'kafka.consumer.auto.offset.reset',
  },
  { code: 'misplaced-key', lines: `${kafkaSink}@a1.sinks.k1.acks = 1`, remedy: 'kafka.producer.acks' },
  {
    code: 'misplaced-key',
    lines: `${kafkaSink}@a1.sinks.k1.kafka.flumeBatchSize = 1`,
    remedy: 'flumeBatchSize',
  },
  { code: 'old-name', lines: `${kafkaSink}@a1.sinks.k1.topic = t`, remedy: 'write kafka.topic' },
  {
    code: 'old-name',
    lines: `${kafkaSink}@a1.sinks.k1.requiredAcks = 1`,
    remedy: 'write kafka.producer.acks',
  },
  {
    code: 'old-name',
    lines: `${kafkaSource}@a1.sources.r1.groupId = g`,
    remedy: 'write kafka.consumer.group.id',
  },
  {
    code: 'no-effect',
    lines: `${exec}a1.sources.r1.command = true\n@a1.sources.r1.batchTimeout = 5`,
    remedy: 'remove',
  },
  { code: 'no-effect', lines: `${kafkaSink}@a1.sinks.k1.kafka.producer.lingr.ms = 5`, remedy: 'linger.ms' },
  { code: 'missing', lines: '@a1.sources.r1.type = netcat\na1.sources.r1.bind = x', remedy: 'add port' },
  { code: 'bad-number', lines: 'a1.sources.r1.totalEvents = @5k', remedy: 'write 5000' },
  { code: 'number-replaced', lines: 'a1.channels.c1.capacity = @many', remedy: 'whole number from 1' },
  { code: 'number-replaced', lines: `${tail}a1.sources.r1.maxBatchCount = @0`, remedy: 'above 0' },
  {
    code: 'bad-boolean',
    lines: `${exec}a1.sources.r1.command = true\na1.sources.r1.restart = @yes`,
    remedy: 'true or false',
  },
  {
    code: 'bad-value',
    lines: `${group}a1.sinkgroups.g1.processor.type = load_balance\na1.sinkgroups.g1.processor.selector = @rand`,
    remedy: 'random',
  },
  {
    code: 'bad-value',
    lines:
      'a1.sources.r1.type = netcat\na1.sources.r1.bind = x\na1.sources.r1.port = 1\na1.sources.r1.encoding = @UTF-9',
    remedy: 'UTF-8',
  },
  {
    code: 'bad-value',
    lines: `${exec}a1.sources.r1.command = true\na1.sources.r1.charset = @latin-77`,
    remedy: 'UTF-8',
  },
  {
    code: 'bad-value',
    lines: `${tail}a1.sources.r1.filegroups.f1 = @/logs/*.log`,
    remedy: 'write .*\\\\.log',
  },
  {
    code: 'bad-value',
    lines: `${kafkaSink}a1.sinks.k1.kafka.bootstrap.servers = @localhost:99999`,
    remedy: 'localhost:9092',
  },
  {
    code: 'bad-value',
    lines: `${kafkaSink}a1.sinks.k1.kafka.bootstrap.servers = @localhost`,
    remedy: 'localhost:9092',
  },
  {
    code: 'bad-value',
    lines: `${kafkaSource}a1.sources.r1.kafka.bootstrap.servers = @h:1,not a host`,
    remedy: 'host:port, separated by commas',
  },
  {
    code: 'bad-value',
    lines: `${kafkaSink}a1.sinks.k1.kafka.bootstrap.servers = @::1`,
    remedy: '[::1]:9092',
  },
  {
    code: 'bad-value',
    lines: `${kafkaSink}a1.sinks.k1.kafka.bootstrap.servers = @PLAINTEXT://h:9092`,
    remedy: 'write h:9092',
  },
  { code: 'invalid', lines: 'a1.channels.c1.transactionCapacity = @500', remedy: 'change one' },
  { code: 'invalid', lines: 'a1.channels.c1.capacity = @50', remedy: 'change one' },
  {
    code: 'invalid',
    lines: `${kafkaSink}a1.sinks.k1.kafka.producer.acks = @alll`,
    remedy: 'did you mean all?',
  },
  { code: 'invalid', lines: `${kafkaSink}a1.sinks.k1.requiredAcks = @2`, remedy: 'one of 0, 1, -1, all' },
  { code: 'invalid', lines: `${kafkaSink}a1.sinks.k1.kafka.producer.linger.ms = @-1`, remedy: 'change one' },
  {
    code: 'invalid',
    lines: `${kafkaSink}a1.sinks.k1.kafka.producer.security.protocol = SASL_SSL\na1.sinks.k1.kafka.producer.sasl.mechanism = @GSSAPI`,
    remedy: 'SCRAM-SHA-512',
  },
  {
    code: 'suspicious-value',
    lines: `${exec}a1.sources.r1.command = @tail -F /x | grep y`,
    remedy: 'shell = /bin/sh -c',
  },
  {
    code: 'suspicious-value',
    lines: `${tail}a1.sources.r1.filegroups.f1 = @/logs/*/app.log`,
    remedy: 'one group for each folder',
  },
  {
    code: 'suspicious-value',
    lines: `${tail}a1.sources.r1.filegroups.f1 = @/logs/app*.log`,
    remedy: 'write app.*\\\\.log',
  },
  { code: 'suspicious-value', lines: `${tail}a1.sources.r1.filegroups.f1 = @logs/.*log`, remedy: 'absolute' },
  {
    code: 'suspicious-value',
    lines: `${multiplexing}a1.channels = c1 c2\na1.channels.c2.type = memory\na1.sinks = k1 k2\na1.sinks.k2.type = null\na1.sinks.k2.channel = c2\na1.sources.r1.channels = c1 c2\na1.sources.r1.selector.default = @c1  c2`,
    remedy: 'one blank',
  },

  // How components are connected
  { code: 'no-channel', lines: 'a1.sinks = k1 k2\n@a1.sinks.k2.type = null', remedy: 'add channel' },
  { code: 'unknown-channel', lines: 'a1.sinks.k1.channel = @c9', remedy: 'channels are: c1' },
  {
    code: 'unknown-channel',
    lines: `${multiplexing}a1.sources.r1.selector.default = @c9`,
    remedy: 'channels are: c1',
  },
  { code: 'channel-left-out', lines: 'a1.sources.r1.channels = @c1 c9', remedy: 'channels are: c1' },
  { code: 'channel-left-out', lines: 'a1.sources.r1.selector.optional = @c9', remedy: 'channels are: c1' },
  {
    code: 'not-connected',
    lines: 'a1.channels.c1.type = mem\na1.sources.r1.channels = @c1',
    remedy: 'it follows from channel c1: mend that',
  },
  {
    code: 'unused-channel',
    lines: 'a1.channels = c1 c2\n@a1.channels.c2.type = memory',
    remedy: 'connect it',
  },
  {
    code: 'no-way-out',
    lines: 'a1.sinks.k1.type = hbase\na1.sources.r1.channels = @c1',
    remedy: 'it follows from sink k1: mend that',
  },
  {
    code: 'no-way-out',
    lines: 'a1.channels = c1 c2\na1.channels.c2.type = memory\na1.sources.r1.channels = @c1 c2',
    remedy: 'connect a sink',
  },
  {
    code: 'never-arrives',
    lines: 'a1.sinks.k1.type = http\na1.sinks.k1.endpoint = @http://localhost:1/',
    remedy: 'rollback.2XX = false',
  },
  { code: 'batch-too-big', lines: 'a1.sources.r1.batchSize = @101', remedy: 'set batchSize to 100' },
  {
    code: 'no-route',
    lines: 'a1.sources.r1.selector.type = @multiplexing',
    remedy: 'selector.mapping.VALUE',
  },
  {
    code: 'no-route',
    lines: 'a1.sources.r1.selector.type = @multiplexing\na1.sources.r1.selector.mapping.a = c1',
    remedy: 'selector.default',
  },
  {
    code: 'topic-loop',
    lines: `${kafkaSource}${kafkaSink}a1.sinks.k1.kafka.topic = @out`,
    remedy: 'allowTopicOverride = false',
  },
  {
    code: 'topic-loop',
    lines: `${kafkaSource}${kafkaSink}a1.sinks.k1.allowTopicOverride = false\na1.sinks.k1.kafka.topic = @in`,
    remedy: 'write to another topic',
  },
  // Streams, headers and places
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

  // Sink groups
  {
    code: 'no-group-sinks',
    lines: 'a1.sinkgroups = g1\n@a1.sinkgroups.g1.processor.type = failover',
    remedy: 'add sinks',
  },
  {
    code: 'unknown-sink',
    lines: `${group}a1.sinkgroups.g1.processor.type = failover\na1.sinkgroups.g1.sinks = @k1 k2 k9`,
    remedy: 'AGENT.sinks',
  },
  {
    code: 'sink-in-use',
    lines: `${group}a1.sinkgroups.g1.processor.type = failover\na1.sinkgroups = g1 g2\na1.sinkgroups.g2.sinks = @k2`,
    remedy: 'one group',
  },
  {
    code: 'sink-left-out',
    lines: `${group}a1.sinkgroups.g1.processor.type = failover\na1.sinks.k2.batchSize = 200\na1.sinkgroups.g1.sinks = @k1 k2`,
    remedy: 'it follows from sink k2: mend that',
  },
  {
    code: 'bad-group',
    lines: `${group}a1.sinkgroups.g1.processor.type = @failver`,
    remedy: 'did you mean failover?',
  },
  {
    code: 'group-dropped',
    lines: `${group}a1.sinkgroups.g1.processor.type = default\na1.sinkgroups.g1.sinks = @k1 k2`,
    remedy: 'it follows from sinkgroup g1: mend that',
  },
  {
    code: 'group-channels',
    lines: `a1.channels = c1 c2
a1.channels.c2.type = memory
a1.sources.r1.channels = c1 c2
${group}a1.sinks.k2.channel = c2
a1.sinkgroups.g1.processor.type = failover
a1.sinkgroups.g1.processor.priority.k1 = 5
a1.sinkgroups.g1.processor.priority.k2 = 10
a1.sinkgroups.g1.sinks = @k1 k2`,
    remedy: 'the same channel',
  },
  {
    code: 'group-channels',
    lines: `a1.channels = c1 c2
a1.channels.c2.type = memory
a1.sources.r1.channels = c1 c2
${group}a1.sinks.k2.channel = c2
a1.sinkgroups.g1.processor.type = load_balance
a1.sinkgroups.g1.sinks = @k1 k2`,
    remedy: 'the same channel',
  },
  {
    code: 'double-priority',
    lines: `${group}a1.sinkgroups.g1.processor.type = failover\na1.sinkgroups.g1.processor.priority.k1 = 5\na1.sinkgroups.g1.processor.priority.k2 = @5`,
    remedy: 'priority of its own',
  },
];
