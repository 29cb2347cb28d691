/** Of the properties of one component. */
import { exec, type FindingCase, group, kafkaSink, kafkaSource, multiplexing, tail } from './finding-case.ts';

export const propertyCases: readonly FindingCase[] = [
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
];
