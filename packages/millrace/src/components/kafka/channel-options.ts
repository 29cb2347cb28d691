import { consumerProperties, producerProperties } from '../../clients/kafka/settings/properties.ts';
import { refusedOptions } from '../../component/refused.ts';
import { opt } from '../../config/options.ts';
import { bootstrapServersOrBrokerList } from './servers.ts';

export const channelOptions = {
  'kafka.bootstrap.servers': bootstrapServersOrBrokerList,
  'kafka.topic': opt.string({
    doc: 'The topic that holds the events.',
    default: 'flume-channel',
    oldNames: ['topic'],
  }),
  'kafka.consumer': opt.properties(consumerProperties, {
    doc: "Kafka's own consumer properties.",
    defaults: { 'group.id': 'flume', 'auto.offset.reset': 'earliest' },
    own: {
      'group.id': { option: 'groupId' },
      'auto.offset.reset': { option: 'readSmallestOffset', as: { true: 'earliest', false: 'latest' } },
    },
  }),
  'kafka.producer': opt.properties(producerProperties, {
    doc: "Kafka's own producer properties.",
    defaults: { acks: 'all', 'linger.ms': '0' },
  }),
  groupId: opt.string({
    doc: 'Old form of kafka.consumer.group.id.',
    replacedBy: 'kafka.consumer.group.id',
  }),
  readSmallestOffset: opt.boolean({
    doc: 'Old form of kafka.consumer.auto.offset.reset: true is earliest.',
    replacedBy: 'kafka.consumer.auto.offset.reset',
  }),
  parseAsFlumeEvent: opt.boolean({
    doc: 'Whether values are Avro data with headers and body; false: the body alone, other headers than key are lost.',
    default: true,
  }),
  'kafka.pollTimeout': opt.duration('ms', {
    doc: 'How long a take waits for events.',
    java: 'long',
    default: 500,
    min: 0,
    oldNames: ['pollTimeout'],
  }),
  partitionIdHeader: opt.string({ doc: 'The header that names the partition; it must hold a whole number.' }),
  defaultPartitionId: opt.int({ doc: 'The partition of events that name none.', min: 0 }),
  ...refusedOptions,
  capacity: opt.string({ doc: 'Of other channels.', ignored: 'the topic has no capacity' }),
  transactionCapacity: opt.string({ doc: 'Of other channels.', ignored: 'a transaction has no limit here' }),
  zookeeperConnect: opt.string({
    doc: 'Of old versions.',
    ignored: 'brokers are found by kafka.bootstrap.servers',
  }),
  migrateZookeeperOffsets: opt.boolean({
    doc: 'Of old versions.',
    default: true,
    ignored: 'offsets are kept in Kafka',
  }),
};
