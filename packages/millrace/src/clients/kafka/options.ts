import type { Logger } from '../../runtime/logger.ts';
import type { SecuritySettings } from './security/security-settings.ts';

/** What a `KafkaClient` needs to know of the cluster and of itself. Names in `kafka.*` properties are in the comments. */
export interface ClientOptions {
  /** `bootstrap.servers`: `host:port` each; tried in turn until one answers. */
  readonly bootstrapServers: readonly string[];
  /** `client.id` */
  readonly clientId?: string;
  /** `request.timeout.ms` (30000) */
  readonly requestTimeoutMs?: number;
  /** `socket.connection.setup.timeout.ms` (10000) */
  readonly connectTimeoutMs?: number;
  /** `reconnect.backoff.ms` (50), doubled up to `reconnectBackoffMaxMs`. */
  readonly reconnectBackoffMs?: number;
  /** `reconnect.backoff.max.ms` (1000) */
  readonly reconnectBackoffMaxMs?: number;
  /** `metadata.max.age.ms` (300000) */
  readonly metadataMaxAgeMs?: number;
  /** `metadata.max.idle.ms` (300000): topics that nobody used for so long are no longer refreshed. */
  readonly metadataMaxIdleMs?: number;
  /** `security.protocol` with `ssl.*` and `sasl.*`; absent: PLAINTEXT. */
  readonly security?: SecuritySettings;
  /** Largest answer taken from a broker, bytes. */
  readonly maxResponseBytes?: number;
  readonly log?: Logger;
}

/** How a `Producer` sends. Defaults are Kafka 4.3's. */
export interface ProducerOptions {
  /** `acks`: -1 is `all`. */
  readonly acks?: 0 | 1 | -1;
  /** `linger.ms` (5) */
  readonly lingerMs?: number;
  /** `batch.size`, bytes (16384): queued batches of one partition are joined up to this; larger ones go alone. */
  readonly batchSizeBytes?: number;
  /**
   * Not Kafka's (false): while a request is under way, less than half of `batch.size` waits for its answer, so that
   * small batches leave together.
   */
  readonly joinWhileBusy?: boolean;
  /** `compression.type` (none) */
  readonly compression?: 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd';
  /** `max.in.flight.requests.per.connection` (5) */
  readonly maxInFlight?: number;
  /** `delivery.timeout.ms` (120000), from `send` to the last answer. */
  readonly deliveryTimeoutMs?: number;
  /** `request.timeout.ms` (30000) */
  readonly requestTimeoutMs?: number;
  /** `retries` (2147483647) */
  readonly retries?: number;
  /** `retry.backoff.ms` (100), doubled up to `retryBackoffMaxMs`. */
  readonly retryBackoffMs?: number;
  /** `retry.backoff.max.ms` (1000) */
  readonly retryBackoffMaxMs?: number;
  /** `enable.idempotence`; by default true where acks is `all`, at most 5 are in flight and retries are above 0. */
  readonly idempotence?: boolean;
  /** `transactional.id`: for a `TransactionalProducer`; needs idempotence. */
  readonly transactionalId?: string;
  /** `transaction.timeout.ms` (60000): after that the coordinator aborts a transaction that has not ended. */
  readonly transactionTimeoutMs?: number;
  /** `max.request.size`, bytes (1048576). Larger batches are split. */
  readonly maxRequestBytes?: number;
  /** `buffer.memory`, bytes (33554432): `send` waits while this much is unsent or unanswered. */
  readonly bufferBytes?: number;
  /** `max.block.ms` (60000): how long `send` waits for metadata or for room. */
  readonly maxBlockMs?: number;
  /** `metadata.max.idle.ms` (300000): topics that nothing was sent to for so long are forgotten. */
  readonly metadataMaxIdleMs?: number;
}

/** A partition of a topic. */
export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

/** A partition as the key of a map. */
export const keyOf = ({ topic, partition }: TopicPartition): string => `${topic}\0${partition}`;

export interface TopicPartitionOffset extends TopicPartition {
  readonly offset: number;
}

export type AssignorName = 'range' | 'roundrobin' | 'cooperative-sticky';
export type OffsetReset = 'earliest' | 'latest' | 'none';

/** How a `Consumer` reads. Defaults are Kafka 4.3's. */
export interface ConsumerOptions {
  /** `group.id` */
  readonly groupId: string;
  /** Topics by name; either these or `pattern`. */
  readonly topics?: readonly string[];
  /** Topics whose whole name matches; new ones are found at the next metadata refresh. */
  readonly pattern?: RegExp;
  /** `group.instance.id`: static membership (KIP-345). */
  readonly groupInstanceId?: string;
  /** `group.protocol` (classic); `consumer`: the brokers deal the partitions (KIP-848, Kafka 4.0). */
  readonly groupProtocol?: 'classic' | 'consumer';
  /** `group.remote.assignor`: how the brokers deal them; by default as they think best. */
  readonly remoteAssignor?: string;
  /** `partition.assignment.strategy` (range, then cooperative-sticky), in order of preference. */
  readonly assignors?: readonly AssignorName[];
  /** `auto.offset.reset` (latest) */
  readonly autoOffsetReset?: OffsetReset;
  /** `session.timeout.ms` (45000) */
  readonly sessionTimeoutMs?: number;
  /** `heartbeat.interval.ms` (3000) */
  readonly heartbeatIntervalMs?: number;
  /** `max.poll.interval.ms` (300000): without a `poll` for this long the member leaves its group. */
  readonly maxPollIntervalMs?: number;
  /** `fetch.min.bytes` (1) */
  readonly fetchMinBytes?: number;
  /** `fetch.max.bytes` (52428800), also the bound on what is prefetched. */
  readonly fetchMaxBytes?: number;
  /** `max.partition.fetch.bytes` (1048576) */
  readonly maxPartitionFetchBytes?: number;
  /** `fetch.max.wait.ms` (500) */
  readonly fetchMaxWaitMs?: number;
  /** `isolation.level` (read_uncommitted) */
  readonly readCommitted?: boolean;
  /** `client.rack`: where the client is, for brokers that name the nearest replica to read from (KIP-392). */
  readonly rack?: string;
  /** `check.crcs` (true) */
  readonly checkCrcs?: boolean;
  /** `retry.backoff.ms` (100) */
  readonly retryBackoffMs?: number;
  /** `retry.backoff.max.ms` (1000) */
  readonly retryBackoffMaxMs?: number;
  /** `request.timeout.ms` (30000) */
  readonly requestTimeoutMs?: number;
  /** `default.api.timeout.ms` (60000): how long a commit, or a look at committed offsets, is tried. */
  readonly apiTimeoutMs?: number;
  /** `allow.auto.create.topics` (true) */
  readonly allowAutoCreateTopics?: boolean;
  /**
   * Partitions that are about to go to another member. What is committed in here still counts; the rebalance waits
   * for the promise.
   */
  readonly onRevoked?: (partitions: readonly TopicPartition[]) => void | Promise<void>;
  readonly onAssigned?: (partitions: readonly TopicPartition[]) => void | Promise<void>;
  /** Partitions that another member may own already (the member was thrown out): nothing can be committed. */
  readonly onLost?: (partitions: readonly TopicPartition[]) => void | Promise<void>;
  /**
   * The log does not have their position: it was cut, or the topic was deleted and made again. They are read on as
   * `auto.offset.reset` says; offsets of what was handed on before mean nothing any more, and are not to be committed.
   */
  readonly onReset?: (partitions: readonly TopicPartition[]) => void | Promise<void>;
}
