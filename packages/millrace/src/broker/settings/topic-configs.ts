import type { LogSettings } from '../../log/log-options.ts';

/** The settings of a topic: Kafka's names, defaults and bounds (LogConfig), and which of them this broker acts on. */

type ConfigType = 'boolean' | 'double' | 'int' | 'list' | 'long' | 'string';

interface TopicConfig {
  readonly type: ConfigType;
  readonly default: string;
  readonly min?: number;
  readonly max?: number;
  readonly values?: readonly string[];
  /** The broker setting whose value is the default, as DescribeConfigs names it. */
  readonly brokerName?: string;
  /** Shown and stored, but nothing follows from it yet. */
  readonly inert?: true;
}

const longMax = '9223372036854775807';

export const topicConfigs: Readonly<Record<string, TopicConfig>> = {
  'cleanup.policy': {
    type: 'list',
    default: 'delete',
    values: ['compact', 'delete'],
    brokerName: 'log.cleanup.policy',
  },
  'compression.gzip.level': {
    type: 'int',
    default: '-1',
    min: -1,
    max: 9,
    brokerName: 'compression.gzip.level',
    inert: true,
  },
  'compression.lz4.level': {
    type: 'int',
    default: '9',
    min: 1,
    max: 17,
    brokerName: 'compression.lz4.level',
    inert: true,
  },
  'compression.type': {
    type: 'string',
    default: 'producer',
    values: ['uncompressed', 'zstd', 'lz4', 'snappy', 'gzip', 'producer'],
    brokerName: 'compression.type',
  },
  'compression.zstd.level': {
    type: 'int',
    default: '3',
    min: -131072,
    max: 22,
    brokerName: 'compression.zstd.level',
    inert: true,
  },
  'delete.retention.ms': {
    type: 'long',
    default: '86400000',
    min: 0,
    brokerName: 'log.cleaner.delete.retention.ms',
    inert: true,
  },
  'file.delete.delay.ms': {
    type: 'long',
    default: '60000',
    min: 0,
    brokerName: 'log.segment.delete.delay.ms',
    inert: true,
  },
  'flush.messages': {
    type: 'long',
    default: longMax,
    min: 1,
    brokerName: 'log.flush.interval.messages',
    inert: true,
  },
  'flush.ms': { type: 'long', default: longMax, min: 0, brokerName: 'log.flush.interval.ms', inert: true },
  'follower.replication.throttled.replicas': { type: 'list', default: '', inert: true },
  'index.interval.bytes': { type: 'int', default: '4096', min: 0, brokerName: 'log.index.interval.bytes' },
  'leader.replication.throttled.replicas': { type: 'list', default: '', inert: true },
  'local.retention.bytes': {
    type: 'long',
    default: '-2',
    min: -2,
    brokerName: 'log.local.retention.bytes',
    inert: true,
  },
  'local.retention.ms': {
    type: 'long',
    default: '-2',
    min: -2,
    brokerName: 'log.local.retention.ms',
    inert: true,
  },
  'max.compaction.lag.ms': {
    type: 'long',
    default: longMax,
    min: 1,
    brokerName: 'log.cleaner.max.compaction.lag.ms',
    inert: true,
  },
  'max.message.bytes': { type: 'int', default: '1048588', min: 0, brokerName: 'message.max.bytes' },
  'message.timestamp.after.max.ms': {
    type: 'long',
    default: '3600000',
    min: 0,
    brokerName: 'log.message.timestamp.after.max.ms',
  },
  'message.timestamp.before.max.ms': {
    type: 'long',
    default: longMax,
    min: 0,
    brokerName: 'log.message.timestamp.before.max.ms',
  },
  'message.timestamp.type': {
    type: 'string',
    default: 'CreateTime',
    values: ['CreateTime', 'LogAppendTime'],
    brokerName: 'log.message.timestamp.type',
  },
  'min.cleanable.dirty.ratio': {
    type: 'double',
    default: '0.5',
    min: 0,
    max: 1,
    brokerName: 'log.cleaner.min.cleanable.ratio',
    inert: true,
  },
  'min.compaction.lag.ms': {
    type: 'long',
    default: '0',
    min: 0,
    brokerName: 'log.cleaner.min.compaction.lag.ms',
    inert: true,
  },
  'min.insync.replicas': { type: 'int', default: '1', min: 1, brokerName: 'min.insync.replicas' },
  preallocate: { type: 'boolean', default: 'false', brokerName: 'log.preallocate', inert: true },
  'remote.log.copy.disable': { type: 'boolean', default: 'false', inert: true },
  'remote.log.delete.on.disable': { type: 'boolean', default: 'false', inert: true },
  'remote.storage.enable': { type: 'boolean', default: 'false', inert: true },
  'retention.bytes': { type: 'long', default: '-1', brokerName: 'log.retention.bytes' },
  'retention.ms': { type: 'long', default: '604800000', min: -1, brokerName: 'log.retention.ms' },
  'segment.bytes': { type: 'int', default: '1073741824', min: 1_048_576, brokerName: 'log.segment.bytes' },
  'segment.index.bytes': { type: 'int', default: '10485760', min: 4, brokerName: 'log.index.size.max.bytes' },
  'segment.jitter.ms': { type: 'long', default: '0', min: 0, brokerName: 'log.roll.jitter.ms', inert: true },
  'segment.ms': { type: 'long', default: '604800000', min: 1, brokerName: 'log.roll.ms' },
  'unclean.leader.election.enable': {
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
      return /^(true|false)$/i.test(value.trim()) ? null : fault('Expected value to be either true or false');
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
  readonly minInsyncReplicas: number;
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
    minInsyncReplicas: number('min.insync.replicas'),
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
