import { randomInt } from 'node:crypto';
import { errorText, MillraceError } from '../../runtime/errors.ts';
import { type Logger, silentLogger } from '../../runtime/logger.ts';
import { after, pause, type Timer } from '../../runtime/timers.ts';
import type { WaitReport } from '../../runtime/wait.ts';
import { type Api, findCoordinatorApi, metadataApi } from './apis.ts';
import {
  type BrokerNode,
  type ClusterMetadata,
  clusterMetadataOf,
  type TopicMetadata,
} from './cluster-metadata.ts';
import { Connection } from './connection.ts';
import { errorName, isRetriable, kafkaError } from './kafka-errors.ts';
import type { ClientOptions } from './options.ts';
import { Reachability } from './reachability.ts';
import { Security } from './security/security.ts';
import { TopicNotices } from './topic-notices.ts';

interface KnownTopic {
  readonly metadata: TopicMetadata;
  /** As `performance.now()` counts. */
  readonly refreshedAt: number;
  usedAt: number;
}

interface Slot {
  readonly opening: Promise<Connection>;
  connection: Connection | null;
}

/** What one address has to wait after failures. */
interface Backoff {
  failures: number;
  until: number;
}

const refreshBackoffMs = 100;
const refreshBackoffMaxMs = 1000;
const failuresPerWarning = 30;

/**
 * The way into a cluster: its metadata and connections to its brokers. Shared by producers, consumers and admin.
 * Connections are made when first asked for; a broken one is made anew at the next request, after a back-off.
 */
export class KafkaClient implements AsyncDisposable {
  readonly options: ClientOptions;
  readonly log: Logger;
  readonly #slots = new Map<string, Slot>();
  readonly #backoffs = new Map<string, Backoff>();
  readonly #reachability = new Reachability();
  readonly #topics = new Map<string, KnownTopic>();
  readonly #brokers = new Map<number, BrokerNode>();
  readonly #refreshing = new Map<string, Promise<ClusterMetadata>>();
  readonly #stale = new Set<string>();
  readonly #notices: TopicNotices;
  readonly #security: Security | null;
  readonly #closing = new AbortController();
  #staleTimer: Timer | null = null;
  #staleFailures = 0;
  #ageTimer: Timer | null = null;
  #controllerId = -1;
  #clusterId: string | null = null;
  #closed = false;

  constructor(options: ClientOptions) {
    if (options.bootstrapServers.length === 0) {
      throw new MillraceError('CONFIG_INVALID', 'bootstrap.servers is empty');
    }
    this.options = options;
    this.log = options.log ?? silentLogger;
    this.#security = options.security === undefined ? null : new Security(options.security);
    this.#notices = new TopicNotices(this.log, options.bootstrapServers.join(','));
  }

  /**
   * Fresh metadata of the topics (of all topics where none are given). Topics that do not exist have an error code.
   * Throws `KAFKA_CONNECTION` when no broker answers.
   */
  metadata(
    topics?: readonly string[],
    options: { allowAutoCreate?: boolean } = {},
  ): Promise<ClusterMetadata> {
    return this.#refresh(topics, options.allowAutoCreate ?? false);
  }

  /** What is known of the topic without asking. */
  cachedTopic(topic: string): TopicMetadata | null {
    const known = this.#topics.get(topic);
    if (known === undefined) return null;
    known.usedAt = performance.now();
    return known.metadata;
  }

  /** What the cluster calls itself, once metadata was asked for. */
  get clusterId(): string | null {
    return this.#clusterId;
  }

  /** How old that is; Infinity where nothing is known. */
  topicAgeMs(topic: string): number {
    const known = this.#topics.get(topic);
    return known === undefined ? Number.POSITIVE_INFINITY : performance.now() - known.refreshedAt;
  }

  /**
   * Like `metadata`, for somebody who needs the topics: what is missing is told. Calls for the same topics at the same
   * time become one.
   */
  refreshTopics(
    topics: readonly string[],
    options: { allowAutoCreate?: boolean } = {},
  ): Promise<ClusterMetadata> {
    const key = `${options.allowAutoCreate ?? false} ${[...topics].sort().join(',')}`;
    const running = this.#refreshing.get(key);
    if (running !== undefined) return running;
    const refresh = this.#refresh(topics, options.allowAutoCreate ?? false)
      .then((metadata) => {
        this.#notice(topics, metadata);
        return metadata;
      })
      .finally(() => this.#refreshing.delete(key));
    this.#refreshing.set(key, refresh);
    return refresh;
  }

  #notice(topics: readonly string[], metadata: ClusterMetadata): void {
    if (this.#closed) return;
    for (const topic of topics) {
      const code = metadata.topics.get(topic)?.errorCode;
      if (code === undefined) continue;
      if (errorName(code) === 'UNKNOWN_TOPIC_OR_PARTITION') this.#notices.missing(topic);
      else this.#notices.found(topic);
    }
  }

  /** Asks for new metadata of the topics in a moment; whoever saw a leader change calls this and tries again later. */
  refreshSoon(topics: readonly string[]): void {
    for (const topic of topics) this.#stale.add(topic);
    if (this.#staleTimer !== null || this.#closed) return;
    const waitMs = Math.min(refreshBackoffMaxMs, refreshBackoffMs * 2 ** Math.min(this.#staleFailures, 10));
    this.#staleTimer = after(waitMs, () => {
      this.#staleTimer = null;
      const stale = [...this.#stale];
      this.#stale.clear();
      this.refreshTopics(stale).then(
        () => {
          this.#staleFailures = 0;
        },
        (error: unknown) => {
          if (this.#closed) return;
          if (this.#staleFailures++ % failuresPerWarning === 0)
            this.log.warn('metadata could not be refreshed', { error: String(error) });
          this.refreshSoon(stale);
        },
      );
    });
  }

  /**
   * Sends a request to a broker by id, to whichever broker (`any`), or to the controller. `purpose` names a
   * connection of its own, for requests that keep the broker waiting (long polls, joining a group).
   */
  async request<Req, Res>(
    node: number | 'any' | 'controller',
    api: Api<Req, Res>,
    message: Req,
    options: { timeoutMs?: number; purpose?: string } = {},
  ): Promise<Res> {
    const connection = await this.connection(node, options.purpose);
    return connection.request(api, message, options.timeoutMs);
  }

  /** An open connection; see `request`. Throws `KAFKA_CONNECTION`. */
  async connection(node: number | 'any' | 'controller', purpose = ''): Promise<Connection> {
    if (node === 'any') return this.#anyConnection();
    const nodeId = node === 'controller' ? this.#controllerId : node;
    let broker = this.#brokers.get(nodeId);
    if (broker === undefined) {
      const metadata = await this.#refresh([], false);
      broker = metadata.brokers.get(node === 'controller' ? metadata.controllerId : node);
    }
    if (broker === undefined) {
      if (node === 'controller') return this.#anyConnection();
      throw new MillraceError('KAFKA_CONNECTION', `broker ${node} is not in the cluster's metadata`);
    }
    return this.#open(broker.host, broker.port, purpose);
  }

  /**
   * The broker that coordinates a group, or the transactions of a transactional id. Throws `KAFKA` or
   * `KAFKA_CONNECTION`, retryable where it may come.
   */
  async coordinator(
    key: string,
    timeoutMs?: number,
    of: 'group' | 'transaction' = 'group',
  ): Promise<BrokerNode> {
    const message = { keyType: of === 'group' ? 0 : 1, coordinatorKeys: [key] };
    const answer = await this.request('any', findCoordinatorApi, message, {
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
    });
    const found = answer.coordinators[0] ?? answer;
    if (found.errorCode !== 0)
      throw kafkaError(found.errorCode, `coordinator of ${of} ${key}`, found.errorMessage);
    const broker = { nodeId: found.nodeId, host: found.host, port: found.port, rack: null };
    this.#brokers.set(found.nodeId, broker);
    return broker;
  }

  /** For whoever looks: brokers that don't answer, and topics that somebody needs and the cluster does not have. */
  waits(): readonly WaitReport[] {
    if (this.#closed) return [];
    const isCutOff = [...this.#slots.values()].every(({ connection }) => connection?.alive !== true);
    return [...this.#reachability.waits(isCutOff), ...this.#notices.waits()];
  }

  /** Closes the connections of that purpose: whoever had them is gone. */
  disconnect(purpose: string): void {
    const error = new MillraceError('KAFKA_CONNECTION', `the connections for '${purpose}' are closed`);
    for (const [key, { opening }] of this.#slots) {
      if (!key.endsWith(` ${purpose}`)) continue;
      this.#slots.delete(key);
      opening.then((connection) => connection.destroy(error)).catch(() => {});
    }
  }

  /** Ends all connections at once, also those that are being made. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#staleTimer?.cancel();
    this.#ageTimer?.cancel();
    this.#notices.close();
    const slots = [...this.#slots.values()];
    this.#slots.clear();
    this.#closing.abort();
    await Promise.allSettled(slots.map(({ opening }) => opening));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  // Connections

  async #open(host: string, port: number, purpose: string): Promise<Connection> {
    if (this.#closed) throw new MillraceError('KAFKA_CONNECTION', 'the client is closed');
    const address = `${host}:${port}`;
    const key = `${address} ${purpose}`;
    const slot = this.#slots.get(key);
    if (slot !== undefined && slot.connection?.alive !== false) return slot.opening;
    const opening = this.#connect(host, port, address);
    const fresh: Slot = { opening, connection: null };
    this.#slots.set(key, fresh);
    try {
      fresh.connection = await opening;
      return fresh.connection;
    } catch (error) {
      if (this.#slots.get(key) === fresh) this.#slots.delete(key);
      throw error;
    }
  }

  async #connect(host: string, port: number, address: string): Promise<Connection> {
    const { options } = this;
    const backoff = this.#backoffs.get(address) ?? { failures: 0, until: 0 };
    this.#backoffs.set(address, backoff);
    const wait = backoff.until - performance.now();
    if (wait > 0) await pause(wait, this.#closing.signal);
    if (this.#closed) throw new MillraceError('KAFKA_CONNECTION', 'the client is closed');
    try {
      const connection = await Connection.open({
        host,
        port,
        clientId: options.clientId ?? 'millrace',
        connectTimeoutMs: options.connectTimeoutMs ?? 10_000,
        requestTimeoutMs: options.requestTimeoutMs ?? 30_000,
        maxResponseBytes: options.maxResponseBytes ?? 256 * 1024 * 1024,
        ...(this.#security === null ? {} : { security: this.#security }),
        signal: this.#closing.signal,
      });
      backoff.failures = 0;
      backoff.until = 0;
      this.#reachability.answered(address);
      return connection;
    } catch (error) {
      const base = options.reconnectBackoffMs ?? 50;
      const most = options.reconnectBackoffMaxMs ?? 1000;
      const delay = Math.min(most, base * 2 ** Math.min(backoff.failures, 16));
      // Once when it begins, then now and then: tries go on several times a second.
      if (!this.#closed && backoff.failures % failuresPerWarning === 0) {
        this.log.warn(`Connection to ${address} could not be established. ${troubleText(error)}`);
      }
      backoff.failures++;
      if (!this.#closed) this.#reachability.failed(address, error);
      backoff.until = performance.now() + delay * (0.8 + Math.random() * 0.4);
      throw error;
    }
  }

  /** A connection that is there already, else to a known broker, else to a bootstrap server; tried in turn. */
  async #anyConnection(): Promise<Connection> {
    for (const [key, { connection }] of this.#slots) {
      if (connection?.alive === true && key.endsWith(' ')) return connection;
    }
    const known = [...this.#brokers.values()].map(({ host, port }) => [host, port] as const);
    const servers = [...known, ...this.options.bootstrapServers.map(hostAndPort)];
    const start = known.length > 0 ? 0 : randomInt(servers.length);
    const failures: unknown[] = [];
    for (let i = 0; i < servers.length; i++) {
      const [host, port] = servers[(start + i) % servers.length]!;
      try {
        return await this.#open(host, port, '');
      } catch (error) {
        if (this.#closed) throw error;
        failures.push(error);
      }
    }
    throw noneAnswers(failures);
  }

  // Metadata

  async #refresh(topics: readonly string[] | undefined, allowAutoCreate: boolean): Promise<ClusterMetadata> {
    const connection = await this.#anyConnection();
    const all = connection.versionOf(metadataApi) === 0 ? [] : null;
    const answer = await connection.request(metadataApi, {
      topics: topics === undefined ? all : topics.map((name) => ({ name })),
      allowAutoTopicCreation: allowAutoCreate,
    });
    const metadata = clusterMetadataOf(answer);
    this.#brokers.clear();
    for (const [nodeId, broker] of metadata.brokers) this.#brokers.set(nodeId, broker);
    this.#controllerId = metadata.controllerId;
    this.#clusterId = metadata.clusterId;
    for (const topic of metadata.topics.values()) this.#remember(topic);
    this.#scheduleAging();
    return metadata;
  }

  /** Keeps what is good; a passing error does not make the client forget the partitions it knew. */
  #remember(metadata: TopicMetadata): void {
    const { topic } = metadata;
    if (metadata.errorCode === 0 && metadata.partitions.length > 0) {
      const now = performance.now();
      this.#topics.set(topic, { metadata, refreshedAt: now, usedAt: this.#topics.get(topic)?.usedAt ?? now });
    } else if (
      !isRetriable(metadata.errorCode) ||
      errorName(metadata.errorCode) === 'UNKNOWN_TOPIC_OR_PARTITION'
    ) {
      this.#topics.delete(metadata.topic);
    }
  }

  /** Refreshes what is used; what nobody asked for in `metadata.max.idle.ms` is forgotten. */
  #scheduleAging(): void {
    if (this.#ageTimer !== null || this.#closed) return;
    const { metadataMaxAgeMs = 300_000, metadataMaxIdleMs = 300_000 } = this.options;
    const age = (): void => {
      this.#ageTimer = null;
      const idleSince = performance.now() - metadataMaxIdleMs;
      for (const [topic, { usedAt }] of this.#topics) if (usedAt < idleSince) this.#topics.delete(topic);
      if (this.#topics.size > 0) this.refreshSoon([...this.#topics.keys()]);
    };
    this.#ageTimer = after(metadataMaxAgeMs, age, { background: true });
  }
}

/** What keeps a connection from being made, for the log. */
function troubleText(error: unknown): string {
  const isNetwork = !(error instanceof MillraceError) || error.code === 'KAFKA_CONNECTION';
  return isNetwork ? `Broker may not be available. ${errorText(error)}` : errorText(error);
}

/** Of several tries what they have in common: a login that none takes is no question of the network. */
function noneAnswers(failures: readonly unknown[]): MillraceError {
  const texts = [...new Set(failures.map(errorText))].join('; ');
  const [first] = failures;
  const code = first instanceof MillraceError ? first.code : 'KAFKA_CONNECTION';
  const isOne = failures.every((failure) => failure instanceof MillraceError && failure.code === code);
  if (first instanceof MillraceError && isOne && code !== 'TIMEOUT') {
    const { remedy, details } = first;
    const text = code === 'KAFKA_CONNECTION' ? `no broker answers: ${texts}` : texts;
    return new MillraceError(code, text, { remedy, details, cause: first });
  }
  return new MillraceError('KAFKA_CONNECTION', `no broker answers: ${texts}`);
}

/** `host:port`, `[v6]:port`; the port is 9092 where there is none. */
function hostAndPort(server: string): readonly [string, number] {
  const match = /^(?:[a-z_]+:\/\/)?(?:\[([^\]]+)\]|([^:]+))(?::(\d+))?$/i.exec(server);
  const port = Number(match?.[3] ?? 9092);
  if (match === null || port < 1 || port > 65535) {
    throw new MillraceError('CONFIG_INVALID', `bootstrap.servers: '${server}' is not host:port`);
  }
  return [match[1] ?? match[2]!, port];
}
