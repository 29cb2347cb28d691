import type { LogSettings } from '../../log/log-options.ts';

/** The settings of a topic: Kafka's names, defaults and bounds (LogConfig), and which of them this broker acts on. */

export type ConfigType = 'boolean' | 'double' | 'int' | 'list' | 'long' | 'string';

interface TopicConfig {
  readonly type: ConfigType;
  /** What it does, in a sentence without a full stop. */
  readonly what: string;
  readonly default: string;
  readonly min?: number;
  readonly max?: number;
  readonly values?: readonly string[];
  /** A list of replicas as `PARTITION:BROKER`, or `*` for all. */
  readonly isReplicas?: true;
  /** The broker setting whose value is the default, as DescribeConfigs names it. */
  readonly brokerName?: string;
  /** The broker setting has no default of its own in Kafka: the value comes from one in another unit, or from none. */
  readonly isUnsetInBroker?: true;
  /** Shown and stored, but nothing follows from it yet. */
  readonly inert?: true;
  /** May be set to false alone. */
  readonly isRefused?: true;
}

const longMax = '9223372036854775807';

export const topicConfigs: Readonly<Record<string, TopicConfig>> = {
  'cleanup.policy': {
    what: 'what becomes of old records: they are deleted by time and size, or all but the newest of each key are',
    type: 'list',
    default: 'delete',
    values: ['compact', 'delete'],
    brokerName: 'log.cleanup.policy',
  },
  'compression.gzip.level': {
    what: 'how hard gzip tries where the topic compresses by itself',
    type: 'int',
    default: '-1',
    min: -1,
    max: 9,
    brokerName: 'compression.gzip.level',
    inert: true,
  },
  'compression.lz4.level': {
    what: 'how hard lz4 tries where the topic compresses by itself',
    type: 'int',
    default: '9',
    min: 1,
    max: 17,
    brokerName: 'compression.lz4.level',
    inert: true,
  },
  'compression.type': {
    what: 'how batches are kept: as the producer sent them, or compressed in this way',
    type: 'string',
    default: 'producer',
    values: ['uncompressed', 'zstd', 'lz4', 'snappy', 'gzip', 'producer'],
    brokerName: 'compression.type',
  },
  'compression.zstd.level': {
    what: 'how hard zstd tries where the topic compresses by itself',
    type: 'int',
    default: '3',
    min: -131072,
    max: 22,
    brokerName: 'compression.zstd.level',
    inert: true,
  },
  'delete.retention.ms': {
    what: 'how long a record without a value stands for a deleted key in a compacted topic',
    type: 'long',
    default: '86400000',
    min: 0,
    brokerName: 'log.cleaner.delete.retention.ms',
    inert: true,
  },
  'file.delete.delay.ms': {
    what: 'how long a removed segment stays on the disk',
    type: 'long',
    default: '60000',
    min: 0,
    brokerName: 'log.segment.delete.delay.ms',
    inert: true,
  },
  'flush.messages': {
    what: 'records after which the log is synced',
    type: 'long',
    default: longMax,
    min: 1,
    brokerName: 'log.flush.interval.messages',
    inert: true,
  },
  'flush.ms': {
    what: 'time after which the log is synced',
    type: 'long',
    default: longMax,
    min: 0,
    brokerName: 'log.flush.interval.ms',
    isUnsetInBroker: true,
    inert: true,
  },
  'follower.replication.throttled.replicas': {
    what: 'replicas whose copying is slowed down on the side that copies',
    type: 'list',
    isReplicas: true,
    default: '',
    inert: true,
  },
  'index.interval.bytes': {
    what: 'bytes of records between two entries of the offset index',
    type: 'int',
    default: '4096',
    min: 0,
    brokerName: 'log.index.interval.bytes',
  },
  'leader.replication.throttled.replicas': {
    what: 'replicas whose copying is slowed down on the side of the leader',
    type: 'list',
    isReplicas: true,
    default: '',
    inert: true,
  },
  'local.retention.bytes': {
    what: 'size up to which a tiered log stays on the disk; -2: as retention.bytes',
    type: 'long',
    default: '-2',
    min: -2,
    brokerName: 'log.local.retention.bytes',
    inert: true,
  },
  'local.retention.ms': {
    what: 'time for which a tiered log stays on the disk; -2: as retention.ms',
    type: 'long',
    default: '-2',
    min: -2,
    brokerName: 'log.local.retention.ms',
    inert: true,
  },
  'max.compaction.lag.ms': {
    what: 'time after which a record is compacted at the latest',
    type: 'long',
    default: longMax,
    min: 1,
    brokerName: 'log.cleaner.max.compaction.lag.ms',
    inert: true,
  },
  'max.message.bytes': {
    what: 'the largest batch that is taken, compressed as it came',
    type: 'int',
    default: '1048588',
    min: 0,
    brokerName: 'message.max.bytes',
  },
  'message.timestamp.after.max.ms': {
    what: 'how far in the future the timestamp of a record may be',
    type: 'long',
    default: '3600000',
    min: 0,
    brokerName: 'log.message.timestamp.after.max.ms',
  },
  'message.timestamp.before.max.ms': {
    what: 'how far in the past the timestamp of a record may be',
    type: 'long',
    default: longMax,
    min: 0,
    brokerName: 'log.message.timestamp.before.max.ms',
  },
  'message.timestamp.type': {
    what: 'whether a record has the timestamp of its producer or the time of its append',
    type: 'string',
    default: 'CreateTime',
    values: ['CreateTime', 'LogAppendTime'],
    brokerName: 'log.message.timestamp.type',
  },
  'min.cleanable.dirty.ratio': {
    what: 'share of a log that has not been compacted, from which on it is',
    type: 'double',
    default: '0.5',
    min: 0,
    max: 1,
    brokerName: 'log.cleaner.min.cleanable.ratio',
    inert: true,
  },
  'min.compaction.lag.ms': {
    what: 'time before which a record is not compacted',
    type: 'long',
    default: '0',
    min: 0,
    brokerName: 'log.cleaner.min.compaction.lag.ms',
    inert: true,
  },
  // One replica: Kafka asks for no more in-sync replicas than there are (Partition.effectiveMinIsr).
  'min.insync.replicas': {
    what: 'replicas that must have a batch before acks=all is answered; one broker has one replica, and no more are asked for',
    type: 'int',
    default: '1',
    min: 1,
    brokerName: 'min.insync.replicas',
    inert: true,
  },
  preallocate: {
    what: 'whether a segment gets its whole size when it is made',
    type: 'boolean',
    default: 'false',
    brokerName: 'log.preallocate',
    inert: true,
  },
  'remote.log.copy.disable': {
    what: 'whether a tiered log stops being copied',
    type: 'boolean',
    default: 'false',
    inert: true,
  },
  'remote.log.delete.on.disable': {
    what: 'whether what was tiered is deleted when tiering is turned off',
    type: 'boolean',
    default: 'false',
    inert: true,
  },
  'remote.storage.enable': {
    what: 'whether the log is tiered; this broker does not serve it',
    type: 'boolean',
    default: 'false',
    inert: true,
    isRefused: true,
  },
  'retention.bytes': {
    what: 'size from which on the oldest segments of a partition are deleted; -1: no limit',
    type: 'long',
    default: '-1',
    brokerName: 'log.retention.bytes',
  },
  'retention.ms': {
    what: 'age from which on segments are deleted; -1: never',
    type: 'long',
    default: '604800000',
    min: -1,
    brokerName: 'log.retention.ms',
    isUnsetInBroker: true,
  },
  'segment.bytes': {
    what: 'size at which a new segment is begun',
    type: 'int',
    default: '1073741824',
    min: 1_048_576,
    brokerName: 'log.segment.bytes',
  },
  'segment.index.bytes': {
    what: 'the largest offset index of a segment',
    type: 'int',
    default: '10485760',
    min: 4,
    brokerName: 'log.index.size.max.bytes',
  },
  'segment.jitter.ms': {
    what: 'most that is taken from segment.ms by chance, so that not all roll at once',
    type: 'long',
    default: '0',
    min: 0,
    brokerName: 'log.roll.jitter.ms',
    isUnsetInBroker: true,
    inert: true,
  },
  'segment.ms': {
    what: 'age at which a new segment is begun',
    type: 'long',
    default: '604800000',
    min: 1,
    brokerName: 'log.roll.ms',
    isUnsetInBroker: true,
  },
  'unclean.leader.election.enable': {
    what: 'whether a replica that lacks records may become the leader',
    type: 'boolean',
    default: 'false',
    brokerName: 'unclean.leader.election.enable',
    inert: true,
  },
};

/** What is wrong with a setting, or null. The wording names the setting, the value and what is allowed. */
export function topicConfigFault(name: string, value: string): string | null {
  const config = Object.hasOwn(topicConfigs, name) ? topicConfigs[name] : undefined;
  if (config === undefined) return `Unknown topic config name: ${name}`;
  const fault = (what: string) => `Invalid value ${value} for configuration ${name}: ${what}`;
  switch (config.type) {
    case 'boolean':
      if (!/^(true|false)$/i.test(value.trim())) return fault('Expected value to be either true or false');
      return config.isRefused === true && /true/i.test(value) ? fault('tiered storage is not served') : null;
    case 'int':
    case 'long':
    case 'double': {
      const text = value.trim();
      const pattern = config.type === 'double' ? /^[+-]?\d+(\.\d+)?$/ : /^[+-]?\d+$/;
      if (!pattern.test(text)) return fault(`Not a number of type ${config.type.toUpperCase()}`);
      const number = Number(text);
      if (config.type === 'int' && number > 0x7fff_ffff) return fault('Not a number of type INT');
      if (config.type === 'long' && BigInt(text) > 0x7fff_ffff_ffff_ffffn)
        return fault('Not a number of type LONG');
      if (config.min !== undefined && number < config.min)
        return fault(`Value must be at least ${config.min}`);
      if (config.max !== undefined && number > config.max)
        return fault(`Value must be no more than ${config.max}`);
      return null;
    }
    case 'list': {
      if (config.isReplicas === true) {
        const isList = value.split(',').every((item) => /^(\d+:\d+)?$/.test(item.trim()));
        return isList || value.trim() === '*' ? null : fault('replicas are PARTITION:BROKER, or * for all');
      }
      if (config.values === undefined) return null;
      const bad = listOf(value).find((item) => !config.values!.includes(item));
      return bad === undefined ? null : fault(`String must be one of: ${config.values.join(', ')}`);
    }
    case 'string':
      if (config.values === undefined || config.values.includes(value)) return null;
      return fault(`String must be one of: ${config.values.join(', ')}`);
  }
}

export function listOf(value: string): string[] {
  return value
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

/** The settings of one topic in the form that appending and the log want. */
export interface EffectiveConfig {
  readonly maxMessageBytes: number;
  readonly logAppendTime: boolean;
  readonly timestampBeforeMaxMs: number;
  readonly timestampAfterMaxMs: number;
  /** `producer`: as it came. */
  readonly compression: 'producer' | 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd';
  readonly compacted: boolean;
  readonly log: LogSettings;
}

/** The value that holds: the topic's own, else the broker's, else Kafka's. */
export function configValue(
  name: string,
  own: ReadonlyMap<string, string>,
  broker: ReadonlyMap<string, string>,
): string {
  return own.get(name) ?? broker.get(name) ?? topicConfigs[name]!.default;
}

export function effectiveConfig(
  own: ReadonlyMap<string, string>,
  broker: ReadonlyMap<string, string>,
): EffectiveConfig {
  const text = (name: string) => configValue(name, own, broker);
  const number = (name: string) => Number(text(name));
  const compression = text('compression.type');
  const policy = listOf(text('cleanup.policy'));
  const deletes = policy.includes('delete');
  return {
    maxMessageBytes: number('max.message.bytes'),
    logAppendTime: text('message.timestamp.type') === 'LogAppendTime',
    timestampBeforeMaxMs: number('message.timestamp.before.max.ms'),
    timestampAfterMaxMs: number('message.timestamp.after.max.ms'),
    compression: compression === 'uncompressed' ? 'none' : (compression as EffectiveConfig['compression']),
    compacted: policy.includes('compact'),
    log: {
      segmentBytes: number('segment.bytes'),
      segmentMs: Math.min(number('segment.ms'), Number.MAX_SAFE_INTEGER),
      segmentIndexBytes: number('segment.index.bytes'),
      indexIntervalBytes: number('index.interval.bytes'),
      retentionMs: deletes ? Math.min(number('retention.ms'), Number.MAX_SAFE_INTEGER) : -1,
      retentionBytes: deletes ? number('retention.bytes') : -1,
    },
  };
}
