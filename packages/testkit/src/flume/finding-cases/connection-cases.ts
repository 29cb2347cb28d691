/** Of how components are connected, and of sink groups. */
import { type FindingCase, group, kafkaSink, kafkaSource, multiplexing } from './finding-case.ts';

export const connectionCases: readonly FindingCase[] = [
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
