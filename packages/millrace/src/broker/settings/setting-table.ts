import { nearest } from '../../config/nearest.ts';
import { MillraceError } from '../../runtime/errors.ts';
import {
  isSecureProperty,
  type SecureOptions,
  secureOptions,
  securePropertyNames,
} from './secure-options.ts';
import type { BrokerOptions, BrokerSettings } from './settings.ts';
import { topicConfigFault, topicConfigs } from './topic-configs.ts';

/** Kafka's "no limit" of a 32-bit setting. */
const noLimit = 0x7fff_ffff;
const longest = Number.MAX_SAFE_INTEGER;

/** What is a place or an address is not in the table. */
type NumberOption = {
  [K in Exclude<keyof BrokerSettings, 'nodeId' | 'port'>]: BrokerSettings[K] extends number ? K : never;
}[Exclude<keyof BrokerSettings, 'nodeId' | 'port'>];

interface BaseSetting {
  /** Kafka's name; what Kafka does not have begins with `millrace.` (and `log.flush`). */
  readonly name: string;
  /** What it does, in a sentence without a full stop. */
  readonly what: string;
}

interface NumberSetting extends BaseSetting {
  readonly option: NumberOption;
  readonly type: 'int' | 'long';
  /** In the unit of `name`. Undefined: found out at the start. */
  readonly default: number | undefined;
  readonly min: number;
  readonly max: number;
  /** `Broker.start` takes so many of its own unit (ms) for one of the name's. */
  readonly factor?: number;
}

interface BooleanSetting extends BaseSetting {
  readonly option: 'autoCreateTopics';
  readonly type: 'boolean';
  readonly default: boolean;
}

type EnumOption = 'logFlush' | 'groupConsumerAssignors';

type EnumSetting = {
  [Option in EnumOption]: BaseSetting & {
    readonly option: Option;
    readonly type: 'string';
    readonly default: BrokerSettings[Option];
    readonly values: readonly BrokerSettings[Option][];
  };
}[EnumOption];

export type BrokerSetting = NumberSetting | BooleanSetting | EnumSetting;

/**
 * The settings of a broker that are no place and no address: the one table of defaults, of what `Broker.start` and
 * `--set` take, of what DescribeConfigs shows, and of docs/broker-settings.md.
 */
export const brokerSettings: readonly BrokerSetting[] = [
  {
    name: 'auto.create.topics.enable',
    option: 'autoCreateTopics',
    type: 'boolean',
    default: true,
    what: 'a topic comes to be when a client asks for its metadata',
  },
  {
    name: 'connections.max.idle.ms',
    option: 'maxIdleMs',
    type: 'long',
    default: 600_000,
    min: 1,
    max: longest,
    what: 'a connection that asks nothing for so long is closed',
  },
  {
    name: 'fetch.max.bytes',
    option: 'fetchMaxBytes',
    type: 'int',
    default: 8 << 20,
    min: 1024,
    max: noLimit,
    what: 'most records in one answer; it is made in memory (Kafka: 57671680)',
  },
  {
    name: 'group.consumer.assignment.interval.ms',
    option: 'groupConsumerAssignmentIntervalMs',
    type: 'int',
    default: 1_000,
    min: 0,
    max: noLimit,
    what: 'consumer protocol: the least time between two deals of the partitions of a group',
  },
  {
    name: 'group.consumer.assignors',
    option: 'groupConsumerAssignors',
    type: 'string',
    default: 'uniform,range',
    values: ['uniform,range', 'range,uniform', 'uniform', 'range'],
    what: 'consumer protocol: how partitions are dealt; the first where no member asks for one',
  },
  {
    name: 'group.consumer.heartbeat.interval.ms',
    option: 'groupConsumerHeartbeatIntervalMs',
    type: 'int',
    default: 5_000,
    min: 1,
    max: noLimit,
    what: 'consumer protocol: how often members are told to send heartbeats',
  },
  {
    name: 'group.consumer.max.size',
    option: 'groupConsumerMaxSize',
    type: 'int',
    default: noLimit,
    min: 1,
    max: noLimit,
    what: 'consumer protocol: members of a group',
  },
  {
    name: 'group.consumer.session.timeout.ms',
    option: 'groupConsumerSessionTimeoutMs',
    type: 'int',
    default: 45_000,
    min: 1,
    max: noLimit,
    what: 'consumer protocol: a member from which nothing is heard for so long is thrown out',
  },
  {
    name: 'group.initial.rebalance.delay.ms',
    option: 'groupInitialRebalanceDelayMs',
    type: 'int',
    default: 0,
    min: 0,
    max: noLimit,
    what: 'how long a new group waits for more members (Kafka: 3000; 0 in its server.properties)',
  },
  {
    name: 'group.max.session.timeout.ms',
    option: 'groupMaxSessionTimeoutMs',
    type: 'int',
    default: 1_800_000,
    min: 1,
    max: noLimit,
    what: 'the longest session timeout that a member may ask for',
  },
  {
    name: 'group.max.size',
    option: 'groupMaxSize',
    type: 'int',
    default: noLimit,
    min: 1,
    max: noLimit,
    what: 'members of a group',
  },
  {
    name: 'group.min.session.timeout.ms',
    option: 'groupMinSessionTimeoutMs',
    type: 'int',
    default: 6_000,
    min: 1,
    max: noLimit,
    what: 'the shortest session timeout that a member may ask for',
  },
  {
    name: 'log.flush',
    option: 'logFlush',
    type: 'string',
    default: 'fsync',
    values: ['fsync', 'os'],
    what: 'fsync: acks=all is answered, and records are shown, once the device has them; os: as Kafka does',
  },
  {
    name: 'log.retention.check.interval.ms',
    option: 'retentionCheckIntervalMs',
    type: 'long',
    default: 300_000,
    min: 1,
    max: longest,
    what: 'how often is looked for segments that have expired',
  },
  {
    name: 'max.connections',
    option: 'maxConnections',
    type: 'int',
    default: noLimit,
    min: 0,
    max: noLimit,
    what: 'clients at the same time; further ones are closed at once',
  },
  {
    name: 'max.connections.per.ip',
    option: 'maxConnectionsPerIp',
    type: 'int',
    default: noLimit,
    min: 0,
    max: noLimit,
    what: 'clients of one address at the same time',
  },
  {
    name: 'max.incremental.fetch.session.cache.slots',
    option: 'maxFetchSessions',
    type: 'int',
    default: 1000,
    min: 0,
    max: noLimit,
    what: 'fetch sessions that are remembered',
  },
  {
    name: 'millrace.max.decompressed.bytes',
    option: 'maxDecompressedBytes',
    type: 'long',
    default: 128 << 20,
    min: 1,
    max: longest,
    what: 'what a produced batch may grow to when it is decompressed; two are at the same time, of a connection one',
  },
  {
    name: 'millrace.max.fetch.session.partitions',
    option: 'maxFetchSessionPartitions',
    type: 'int',
    default: 200_000,
    min: 0,
    max: noLimit,
    what: 'partitions of all fetch sessions together; who finds no room fetches without a session',
  },
  {
    name: 'millrace.max.open.files',
    option: 'maxOpenFiles',
    type: 'long',
    default: undefined,
    min: 1,
    max: longest,
    what: 'files that the process may have open, by which partitions are limited (default: ulimit -n)',
  },
  {
    name: 'millrace.max.partitions',
    option: 'maxPartitions',
    type: 'int',
    default: 100_000,
    min: 1,
    max: noLimit,
    what: 'partitions of all topics together; on disk also what the open files allow, three each',
  },
  {
    name: 'millrace.max.pending.answer.bytes',
    option: 'maxPendingAnswerBytes',
    type: 'long',
    default: 64 << 20,
    min: 1,
    max: longest,
    what: 'answers that clients have not taken yet, of all connections; beyond, fetches wait',
  },
  {
    name: 'millrace.max.request.elements',
    option: 'maxRequestElements',
    type: 'int',
    default: 250_000,
    min: 1,
    max: noLimit,
    what: 'elements of all arrays of one request; each costs memory beyond its bytes',
  },
  {
    name: 'millrace.slow.client.timeout.ms',
    option: 'slowClientTimeoutMs',
    type: 'long',
    default: 60_000,
    min: 1,
    max: longest,
    what: 'a client that takes nothing of its answer for so long, or keeps room from others with half a request, is closed',
  },
  {
    name: 'millrace.transaction.version',
    option: 'transactionVersion',
    type: 'int',
    default: 2,
    min: 1,
    max: 2,
    what: 'the level of the feature transaction.version that clients are told: 2, or 1 as before Kafka 4 (KIP-890)',
  },
  {
    name: 'num.partitions',
    option: 'defaultPartitions',
    type: 'int',
    default: 1,
    min: 1,
    max: 10_000,
    what: 'partitions of a topic that is made without a number',
  },
  {
    name: 'offset.metadata.max.bytes',
    option: 'offsetMetadataMaxBytes',
    type: 'int',
    default: 4096,
    min: 0,
    max: noLimit,
    what: 'what a member may note beside a committed offset',
  },
  {
    name: 'offsets.retention.minutes',
    option: 'offsetsRetentionMs',
    type: 'int',
    default: 10_080,
    min: 1,
    max: noLimit,
    factor: 60_000,
    what: 'committed offsets of a group without members are forgotten after so long',
  },
  {
    name: 'producer.id.expiration.ms',
    option: 'producerIdExpirationMs',
    type: 'int',
    default: 86_400_000,
    min: 1,
    max: noLimit,
    what: 'what is known of an idempotent producer is forgotten after so long',
  },
  {
    name: 'queued.max.request.bytes',
    option: 'maxQueuedRequestBytes',
    type: 'long',
    default: 128 << 20,
    min: -1,
    max: longest,
    what: 'what requests hold from their first bytes until their answers, of all connections; beyond, larger requests are not read until there is room; -1: no limit (Kafka: -1)',
  },
  {
    name: 'socket.request.max.bytes',
    option: 'maxRequestBytes',
    type: 'int',
    default: 100 << 20,
    min: 1,
    max: noLimit,
    what: 'the largest request; a larger one closes its connection',
  },
  {
    name: 'transaction.abort.timed.out.transaction.cleanup.interval.ms',
    option: 'transactionAbortIntervalMs',
    type: 'int',
    default: 10_000,
    min: 1,
    max: noLimit,
    what: 'how often is looked for transactions that take longer than their producer asked for, to abort them',
  },
  {
    name: 'transaction.max.timeout.ms',
    option: 'transactionMaxTimeoutMs',
    type: 'int',
    default: 900_000,
    min: 1,
    max: noLimit,
    what: 'the longest timeout that a transactional producer may ask for',
  },
  {
    name: 'transactional.id.expiration.ms',
    option: 'transactionalIdExpirationMs',
    type: 'int',
    default: 604_800_000,
    min: 1,
    max: noLimit,
    what: 'a transactional id that nobody uses is forgotten after so long',
  },
];

/** What settings by name come to; see `Broker.start`. */
export type NamedOptions = Pick<
  BrokerOptions,
  BrokerSetting['option'] | 'topicDefaults' | keyof SecureOptions
>;

const byName = new Map(brokerSettings.map((setting) => [setting.name, setting]));

/** Defaults as `Broker.start` takes them. */
export function settingDefaults(): BrokerOptions {
  return Object.fromEntries(
    brokerSettings
      .filter((each) => each.default !== undefined)
      .map((each) => [each.option, optionValue(each, each.default!)]),
  );
}

/** The value that a broker runs with, as DescribeConfigs and the documentation show it. */
export function shownValue(setting: BrokerSetting, settings: BrokerSettings): string {
  const value = settings[setting.option];
  if (typeof value !== 'number') return String(value);
  if (!Number.isFinite(value)) return '-1';
  return String('factor' in setting ? Math.floor(value / setting.factor!) : value);
}

/** Throws `CONFIG_INVALID` for the first of the settings, given in the units of `Broker.start`, that can't be. */
export function checkSettings(settings: BrokerSettings): void {
  for (const setting of brokerSettings) {
    const value: unknown = settings[setting.option];
    const factor = 'factor' in setting ? setting.factor : 1;
    if (isValid(setting, value, factor)) continue;
    throw new MillraceError(
      'CONFIG_INVALID',
      `${setting.option} is ${allowed(setting, factor)}, not ${JSON.stringify(value)}`,
      {
        remedy: `Give Broker.start a ${setting.option} (${setting.name}) that is one.`,
        details: { option: setting.option, value },
      },
    );
  }
}

/** `factor`: by how much the unit of the value is finer than that of the table; the least is the same in both. */
function isValid(setting: BrokerSetting, value: unknown, factor = 1): boolean {
  if (setting.type === 'boolean') return typeof value === 'boolean';
  if (setting.type === 'string') return (setting.values as readonly unknown[]).includes(value);
  if (value === Number.POSITIVE_INFINITY && setting.default === undefined) return true;
  const { min, max } = setting;
  return Number.isInteger(value) && (value as number) >= min && (value as number) <= max * factor;
}

function allowed(setting: BrokerSetting, factor = 1): string {
  if (setting.type === 'boolean') return 'true or false';
  if (setting.type === 'string') return setting.values.join(' or ');
  const { min, max } = setting;
  return max * factor >= longest
    ? `a whole number of at least ${min}`
    : `a whole number from ${min} to ${max * factor}`;
}

function optionValue(setting: BrokerSetting, value: number | boolean | string): number | boolean | string {
  return typeof value === 'number' && 'factor' in setting ? value * setting.factor! : value;
}

/**
 * Settings by name, as `--set name=value` gives them: those of the broker, and defaults of topics by their own names
 * (`retention.ms`) or the broker's (`log.retention.ms`). Throws `USAGE` for what is none.
 */
export function optionsOf(pairs: Iterable<readonly [name: string, value: string]>): NamedOptions {
  const options: Record<string, unknown> = {};
  const topicDefaults: Record<string, string> = {};
  const secure = new Map<string, string>();
  for (const [name, value] of pairs) {
    if (isSecureProperty(name)) {
      secure.set(name, value);
      continue;
    }
    const setting = byName.get(name);
    const topicName = Object.hasOwn(topicConfigs, name) ? name : topicNames.get(name);
    if (setting !== undefined) options[setting.option] = parsed(setting, value);
    else if (topicName === undefined) throw unknownSetting(name);
    else {
      const fault = topicConfigFault(topicName, value);
      if (fault !== null) throw new MillraceError('USAGE', `--set ${name}: ${fault}`);
      topicDefaults[topicName] = value;
    }
  }
  return { ...options, ...secureOptions(secure), topicDefaults };
}

/** The broker's names of the topics' defaults. */
const topicNames = new Map(
  Object.entries(topicConfigs).flatMap(([name, { brokerName }]) =>
    brokerName === undefined ? [] : [[brokerName, name] as const],
  ),
);

/** Whether `optionsOf` takes a setting of that name. */
export function isSetting(name: string): boolean {
  return (
    byName.has(name) || topicNames.has(name) || Object.hasOwn(topicConfigs, name) || isSecureProperty(name)
  );
}

/** All names that `optionsOf` takes, but for those below `listener.name.`. */
export function settingNames(): readonly string[] {
  return [...byName.keys(), ...Object.keys(topicConfigs), ...topicNames.keys(), ...securePropertyNames];
}

function parsed(setting: BrokerSetting, text: string): number | boolean | string {
  const value = valueIn(text.trim());
  if (isValid(setting, value)) return optionValue(setting, value);
  throw new MillraceError('USAGE', `--set ${setting.name} is ${allowed(setting)}, not '${text}'`);
}

function valueIn(text: string): number | boolean | string {
  if (/^(true|false)$/i.test(text)) return text.toLowerCase() === 'true';
  return /^-?\d+$/.test(text) ? Number(text) : text;
}

function unknownSetting(name: string): MillraceError {
  const near = nearest(name.replace(/^listener\.name\.[^.]+\./, ''), settingNames());
  return new MillraceError('USAGE', `--set ${name}: no setting of the broker or of topics has this name`, {
    remedy: near === undefined ? 'docs/broker-settings.md lists them.' : `Did you mean ${near}?`,
  });
}
