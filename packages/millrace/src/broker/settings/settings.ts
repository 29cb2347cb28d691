import type { FileLayer } from '../../runtime/files.ts';
import type { Logger } from '../../runtime/logger.ts';
import type { ListenerSettings } from './listener-settings.ts';

/** `super.users` and `allow.everyone.if.no.acl.found` */
export interface AuthorizerSettings {
  /** Principals (`User:admin`) that may do everything. */
  readonly superUsers: readonly string[];
  readonly allowEveryoneIfNoAcl: boolean;
}

/** What a broker can be told at its start. Names and defaults are Kafka's where Kafka has the setting. */
export interface BrokerSettings {
  /** Address to listen on. Default 127.0.0.1. */
  readonly host: string;
  /** Default 0: a free port. */
  readonly port: number;
  /** The name that clients are told to connect to (`advertised.listeners`). Default: `host`, or `localhost` for 0.0.0.0 and ::. */
  readonly advertisedHost: string | undefined;
  /** Ways in; then `host`, `port` and `advertisedHost` say nothing. Absent: one in plain text, at `host` and `port`. */
  readonly listeners: readonly ListenerSettings[] | undefined;
  /** Kafka's `StandardAuthorizer`. Absent: everybody may do everything. */
  readonly authorizer: AuthorizerSettings | undefined;
  /** File of the audit log (`millrace.audit.log`). Absent: none is kept. */
  readonly auditLog: string | undefined;
  /** Users of SCRAM for the first start, as `kafka-storage format --add-scram` takes them. Default: none. */
  readonly addScram: readonly string[];
  /** Folder of the data. Absent: everything is kept in memory and gone after `stop`. */
  readonly dataDir: string | undefined;
  readonly nodeId: number;
  /** A new topic comes to be when a client asks for its metadata (`auto.create.topics.enable`). Default true. */
  readonly autoCreateTopics: boolean;
  /** `num.partitions`. Default 1. */
  readonly defaultPartitions: number;
  /** `fsync`: acks=all is answered, and records are shown to consumers, when they are on the device. `os`: as Kafka does. */
  readonly logFlush: 'fsync' | 'os';
  /** Defaults for topics, by the names of topic settings (`retention.ms`, `max.message.bytes`, …). */
  readonly topicDefaults: Readonly<Record<string, string>>;
  /** `socket.request.max.bytes`. Default 100 MiB. */
  readonly maxRequestBytes: number;
  /**
   * `queued.max.request.bytes`: what requests hold from their first bytes until their answers, over all connections.
   * Beyond, larger requests are not read until there is room. Kafka's default is no limit, -1; here 128 MiB.
   */
  readonly maxQueuedRequestBytes: number;
  /** What a produced batch may grow to when decompressed; two are opened at the same time. Default 128 MiB. */
  readonly maxDecompressedBytes: number;
  /** Elements of all arrays of one request; each costs memory beyond its bytes. Kafka has no such limit. Default 250,000. */
  readonly maxRequestElements: number;
  /** `max.connections`: of clients at the same time. Default 2^31 - 1, as Kafka's: no limit. */
  readonly maxConnections: number;
  /** `max.connections.per.ip`. Default 2^31 - 1. */
  readonly maxConnectionsPerIp: number;
  /** Partitions of all topics together. Kafka has no such limit. Default 100,000; on disk also what `maxOpenFiles` allows. */
  readonly maxPartitions: number;
  /** Files that the process may have open. Default: what the system says (`ulimit -n`). */
  readonly maxOpenFiles: number;
  /** `fetch.max.bytes`: most records in one answer. Kafka's 55 MiB would be held in memory here; default 8 MiB. */
  readonly fetchMaxBytes: number;
  /** Answers that sockets have not taken yet, over all connections; beyond, fetches wait. Default 64 MiB. */
  readonly maxPendingAnswerBytes: number;
  /** `connections.max.idle.ms`. Default 10 minutes. */
  readonly maxIdleMs: number;
  /** A connection whose client takes nothing of a waiting answer for so long is closed. Default 60 s. */
  readonly slowClientTimeoutMs: number;
  /** `group.initial.rebalance.delay.ms`. Default 0, as in the server.properties that Kafka ships for one machine. */
  readonly groupInitialRebalanceDelayMs: number;
  /** `group.min.session.timeout.ms`. Default 6 s. */
  readonly groupMinSessionTimeoutMs: number;
  /** `group.max.session.timeout.ms`. Default 30 minutes. */
  readonly groupMaxSessionTimeoutMs: number;
  /** `group.max.size`. */
  readonly groupMaxSize: number;
  /** `group.consumer.assignors`: names after one another, separated by commas; the first is the default. */
  readonly groupConsumerAssignors: 'uniform,range' | 'range,uniform' | 'uniform' | 'range';
  /** `group.consumer.assignment.interval.ms`. Default 1 s. */
  readonly groupConsumerAssignmentIntervalMs: number;
  /** `group.consumer.heartbeat.interval.ms`. Default 5 s. */
  readonly groupConsumerHeartbeatIntervalMs: number;
  /** `group.consumer.max.size`. */
  readonly groupConsumerMaxSize: number;
  /** `group.consumer.session.timeout.ms`. Default 45 s. */
  readonly groupConsumerSessionTimeoutMs: number;
  /** `offsets.retention.minutes`, in ms. Default 7 days. */
  readonly offsetsRetentionMs: number;
  /** `offset.metadata.max.bytes`. Default 4096. */
  readonly offsetMetadataMaxBytes: number;
  /** `producer.id.expiration.ms`. Default 1 day. */
  readonly producerIdExpirationMs: number;
  /** `transaction.max.timeout.ms`: what a transactional producer may ask for. Default 15 minutes. */
  readonly transactionMaxTimeoutMs: number;
  /** `transactional.id.expiration.ms`: an id that nobody uses is forgotten after so long. Default 7 days. */
  readonly transactionalIdExpirationMs: number;
  /** `transaction.abort.timed.out.transaction.cleanup.interval.ms`. Default 10 s. */
  readonly transactionAbortIntervalMs: number;
  /** The level of the feature `transaction.version`: 2, or 1 as before Kafka 4. Default 2. */
  readonly transactionVersion: number;
  /** `max.incremental.fetch.session.cache.slots`. Default 1000. */
  readonly maxFetchSessions: number;
  /** Partitions that all fetch sessions together remember; a client that finds no room fetches without. Default 200,000. */
  readonly maxFetchSessionPartitions: number;
  /** `log.retention.check.interval.ms`. Default 5 minutes. */
  readonly retentionCheckIntervalMs: number;
  readonly logger: Logger;
  /** The file layer below `dataDir`; tests put a faulty one here. */
  readonly files: FileLayer;
  /** Unix ms; for tests. */
  readonly now: () => number;
}

export type BrokerOptions = { readonly [K in keyof BrokerSettings]?: BrokerSettings[K] | undefined };
