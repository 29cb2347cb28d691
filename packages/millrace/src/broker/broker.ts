import { randomInt } from 'node:crypto';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { type FolderLock, lockFolder } from '../log/folder-lock.ts';
import { MemoryFiles } from '../log/memory-files.ts';
import { randomUuid } from '../protocol/uuid.ts';
import { errorText, hasErrno, isAddressFault, MillraceError } from '../runtime/errors.ts';
import { realFiles } from '../runtime/files.ts';
import { Lifecycle } from '../runtime/lifecycle.ts';
import { silentLogger } from '../runtime/logger.ts';
import { every, type Timer } from '../runtime/timers.ts';
import { BufferPool } from './buffer-pool.ts';
import { ByteBudget } from './byte-budget.ts';
import type { BrokerContext } from './call.ts';
import { servedVersions } from './dispatch.ts';
import { readWhole, replaceFile } from './durable-file.ts';
import { isFault } from './fault.ts';
import { FetchSessions } from './fetch-sessions.ts';
import { Coordinator } from './group/coordinator.ts';
import { OffsetLog } from './group/offset-log.ts';
import { offsetsTopic } from './internal-topics.ts';
import { type BrokerFigures, brokerFigures } from './metrics.ts';
import { PartitionRoom, processOpenFiles } from './partition-room.ts';
import { ProducerIds } from './producer-ids.ts';
import { Slots } from './serial.ts';
import { Session } from './session.ts';
import type { BrokerOptions, BrokerSettings } from './settings.ts';
import { topicConfigFault } from './topic-configs.ts';
import { checkConfigs, checkNewName, partitionCount } from './topic-creation.ts';
import { TopicStore } from './topics.ts';

export interface NewTopicOptions {
  /** Default: the broker's `defaultPartitions`. */
  readonly partitions?: number | undefined;
  /** Topic settings by Kafka's names. */
  readonly configs?: Readonly<Record<string, string>> | undefined;
}

/** How often, at most and at least, idle and slow connections and the time for retention are looked at. */
const sweepMs = { longest: 5_000, shortest: 50 } as const;
/** Partitions whose retention and snapshots are seen to at the same time. */
const housekeptAtOnce = 16;
/** How long a stopping broker gives its connections to take what they are owed. */
const endGraceMs = 1_000;
/** Free buffers that are kept for the next requests and fetches. */
const pooledBytes = 16 << 20;
/** Produced batches that are decompressed at the same time. */
const openedAtOnce = 2;
/** The folder name of a broker that keeps everything in memory; no such folder is made. */
const memoryDir = '/memory';

/**
 * A Kafka broker of one node, in the calling thread: real Kafka clients take it for Kafka. With `dataDir` it keeps its
 * topics in Kafka's own file layout, without in memory.
 *
 * ```ts
 * await using broker = await Broker.start();
 * new KafkaClient({ bootstrapServers: broker.bootstrapServers });
 * ```
 *
 * Errors of `start`: `ADDRESS_IN_USE`, `DIRECTORY_LOCKED`, `LOG_CORRUPT`, `CONFIG_INVALID`.
 */
export class Broker extends Lifecycle {
  readonly #settings: BrokerSettings;
  readonly #sessions = new Set<Session>();
  #lock: FolderLock | null = null;
  #context: BrokerContext | null = null;
  #server: Server | null = null;
  #sweep: Timer | null = null;
  #lastRetention = 0;
  #isHousekeeping = false;
  #port = 0;

  private constructor(options: BrokerOptions) {
    super();
    this.#settings = withDefaults(options);
  }

  /** Starts a broker that is ready for clients when the promise resolves. */
  static async start(options: BrokerOptions = {}): Promise<Broker> {
    const broker = new Broker(options);
    await broker.start();
    return broker;
  }

  get host(): string {
    return this.#settings.host;
  }

  /** The port that it listens on, also where a free one was asked for. */
  get port(): number {
    return this.#port;
  }

  /** `host:port` for clients on this machine. */
  get bootstrapServers(): string {
    const { host, advertisedHost } = this.#settings;
    const reachable = advertisedHost ?? (host === '0.0.0.0' || host === '::' ? 'localhost' : host);
    return `${reachable.includes(':') ? `[${reachable}]` : reachable}:${this.#port}`;
  }

  get clusterId(): string {
    return this.#running().clusterId;
  }

  /** Topics, consumer groups and free space as they are now. */
  figures(): BrokerFigures {
    return brokerFigures(this.#running());
  }

  /** Makes a topic; throws `CONFIG_INVALID` where name, count or settings are not valid, or the topic exists. */
  async createTopic(name: string, options: NewTopicOptions = {}): Promise<void> {
    const broker = this.#running();
    const { partitions = -1, configs = {} } = options;
    const count = partitionCount(broker, partitions, -1, []);
    const settings = checkConfigs(Object.entries(configs).map(([key, value]) => ({ name: key, value })));
    const fault = [checkNewName(broker, name), count, settings].find(isFault);
    const made =
      fault ??
      (await broker.room.make(count as number, () =>
        broker.topics.create(name, count as number, settings as ReadonlyMap<string, string>),
      ));
    if (isFault(made)) throw new MillraceError('CONFIG_INVALID', made.message, { details: { topic: name } });
  }

  protected async open(): Promise<void> {
    const settings = this.#settings;
    if (settings.dataDir !== undefined) {
      settings.files.makeDir(settings.dataDir);
      this.#lock = lockFolder(settings.dataDir);
    }
    const context = await openContext(settings);
    this.#context = context;
    await this.#listen(context);
    this.#lastRetention = performance.now();
    const { maxIdleMs, slowClientTimeoutMs, retentionCheckIntervalMs } = settings;
    const everyMs = Math.min(
      sweepMs.longest,
      maxIdleMs / 2,
      slowClientTimeoutMs / 2,
      retentionCheckIntervalMs / 2,
    );
    const sweep = () => this.#sweepOnce();
    this.#sweep = every(Math.max(sweepMs.shortest, everyMs), sweep, { background: true });
    settings.logger.info(
      `broker listens on ${this.bootstrapServers}, data ${settings.dataDir ?? 'in memory'}`,
    );
  }

  protected async close(): Promise<void> {
    this.#sweep?.cancel();
    this.#sweep = null;
    const server = this.#server;
    this.#server = null;
    const closed =
      server === null ? Promise.resolve() : new Promise<void>((resolve) => server.close(() => resolve()));
    this.#context?.groups.close();
    await Promise.all([...this.#sessions].map((session) => session.end(endGraceMs)));
    await closed;
    await this.#context?.topics.close();
    this.#context = null;
    this.#lock?.release();
    this.#lock = null;
  }

  #running(): BrokerContext {
    this.assertStarted('The broker');
    return this.#context!;
  }

  #listen(context: BrokerContext): Promise<void> {
    const { host, port } = this.#settings;
    const server = createServer((socket: Socket) => {
      if (!this.#hasRoomFor(socket)) {
        socket.destroy();
        return;
      }
      this.#sessions.add(new Session(socket, context, (session) => this.#sessions.delete(session)));
    });
    this.#server = server;
    return new Promise((resolve, reject) => {
      server.once('error', (error) => {
        this.#server = null;
        reject(listenError(error, host, port));
      });
      server.listen({ host, port, backlog: 1024 }, () => {
        const address = server.address();
        this.#port = typeof address === 'object' && address !== null ? address.port : port;
        resolve();
      });
    });
  }

  #hasRoomFor(socket: Socket): boolean {
    const { maxConnections, maxConnectionsPerIp, logger } = this.#settings;
    const { remoteAddress = '' } = socket;
    const fromThere = () => [...this.#sessions].filter((each) => each.remoteAddress === remoteAddress).length;
    const hasRoom =
      this.#sessions.size < maxConnections &&
      (this.#sessions.size < maxConnectionsPerIp || fromThere() < maxConnectionsPerIp);
    if (!hasRoom) logger.warn(`${remoteAddress}: refused, there are ${this.#sessions.size} connections`);
    return hasRoom;
  }

  #sweepOnce(): void {
    const { maxIdleMs, slowClientTimeoutMs, retentionCheckIntervalMs } = this.#settings;
    const at = performance.now();
    for (const session of this.#sessions) session.checkIdle(at, maxIdleMs, slowClientTimeoutMs);
    if (at - this.#lastRetention < retentionCheckIntervalMs || this.#isHousekeeping) return;
    this.#lastRetention = at;
    this.#isHousekeeping = true;
    this.#housekeep()
      .catch((error) => this.#settings.logger.error(`housekeeping: ${errorText(error)}`))
      .finally(() => {
        this.#isHousekeeping = false;
      });
  }

  async #housekeep(): Promise<void> {
    const context = this.#context;
    if (context === null) return;
    const now = this.#settings.now();
    const partitions = [...context.topics.all()].flatMap((topic) => topic.partitions);
    const slots = new Slots(housekeptAtOnce);
    await Promise.all(partitions.map((partition) => slots.run(() => partition.housekeep(now))));
    await context.groups.housekeep();
  }
}

function withDefaults(options: BrokerOptions): BrokerSettings {
  const given = Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined),
  ) as Partial<BrokerSettings>;
  const inMemory = given.dataDir === undefined;
  const settings: BrokerSettings = {
    host: '127.0.0.1',
    port: 0,
    advertisedHost: undefined,
    dataDir: undefined,
    nodeId: 1,
    autoCreateTopics: true,
    defaultPartitions: 1,
    logFlush: 'fsync',
    topicDefaults: {},
    maxRequestBytes: 100 << 20,
    maxRequestElements: 250_000,
    maxConnections: 0x7fff_ffff,
    maxConnectionsPerIp: 0x7fff_ffff,
    maxPartitions: 100_000,
    maxOpenFiles: inMemory ? Number.POSITIVE_INFINITY : processOpenFiles(),
    fetchMaxBytes: 8 << 20,
    maxPendingAnswerBytes: 64 << 20,
    maxIdleMs: 600_000,
    slowClientTimeoutMs: 60_000,
    groupInitialRebalanceDelayMs: 0,
    groupMinSessionTimeoutMs: 6_000,
    groupMaxSessionTimeoutMs: 1_800_000,
    groupMaxSize: 0x7fff_ffff,
    offsetsRetentionMs: 7 * 24 * 3_600_000,
    offsetMetadataMaxBytes: 4096,
    producerIdExpirationMs: 24 * 3_600_000,
    maxFetchSessions: 1000,
    maxFetchSessionPartitions: 200_000,
    retentionCheckIntervalMs: 300_000,
    logger: silentLogger,
    files: inMemory ? new MemoryFiles() : realFiles,
    now: Date.now,
    ...given,
  };
  const { port, defaultPartitions } = settings;
  checkWhole('port', port, 0, 65_535);
  checkWhole('defaultPartitions', defaultPartitions, 1, 10_000);
  for (const [name, value] of Object.entries(settings.topicDefaults)) {
    const fault = topicConfigFault(name, value);
    if (fault !== null)
      throw new MillraceError('CONFIG_INVALID', `topicDefaults: ${fault}`, {
        remedy: 'They are settings of topics, as Kafka names them: retention.ms, max.message.bytes, …',
        details: { name, value },
      });
  }
  return settings;
}

/** Programs without types get a sentence instead of Node's RangeError. */
function checkWhole(option: string, value: unknown, min: number, max: number): void {
  if (Number.isInteger(value) && (value as number) >= min && (value as number) <= max) return;
  throw new MillraceError(
    'CONFIG_INVALID',
    `${option} is a whole number from ${min} to ${max}, not ${JSON.stringify(value)}`,
    { remedy: `Give Broker.start a ${option} that is one.`, details: { option, value } },
  );
}

/** Opens what is in the data folder, or begins a new one. */
async function openContext(settings: BrokerSettings): Promise<BrokerContext> {
  const { files, logger, now, producerIdExpirationMs } = settings;
  const dir = settings.dataDir ?? memoryDir;
  if (settings.dataDir === undefined) files.makeDir(dir);
  const durable = settings.dataDir !== undefined && settings.logFlush === 'fsync';
  const topicDefaults = new Map(Object.entries(settings.topicDefaults));
  const clusterId = await openMeta(settings, dir);
  const topics = new TopicStore({
    dir,
    topicDefaults,
    files,
    logger,
    now,
    hideUntilDurable: durable,
    producerIdExpirationMs,
    onDeleted: (name) => groups.forgetTopic(name),
  });
  const groups: Coordinator = openCoordinator(settings, topics, durable);
  try {
    await topics.load();
    if (topics.byName(offsetsTopic) !== undefined) {
      await groups.ready().catch((error) => logger.error(`groups and offsets: ${errorText(error)}`));
    }
  } catch (error) {
    groups.close();
    await topics.close();
    throw error;
  }
  const producerIds = new ProducerIds(files, join(dir, 'producer-ids'));
  producerIds.load();
  const fetchSessions = new FetchSessions({
    maxSessions: settings.maxFetchSessions,
    maxPartitions: settings.maxFetchSessionPartitions,
    evictionMs: 120_000,
    newId: () => randomInt(1, 0x7fff_ffff),
  });
  const room = new PartitionRoom(settings, () => topics.partitionCount);
  if (room.shortage !== null) logger.warn(room.shortage);
  const pendingAnswers = new ByteBudget(settings.maxPendingAnswerBytes);
  const served = servedVersions();
  return {
    settings,
    buffers: new BufferPool(pooledBytes),
    room,
    opening: new Slots(openedAtOnce),
    clusterId,
    topics,
    groups,
    fetchSessions,
    producerIds,
    pendingAnswers,
    durable,
    topicDefaults,
    served,
  };
}

function openCoordinator(settings: BrokerSettings, topics: TopicStore, durable: boolean): Coordinator {
  const { logger, now } = settings;
  return new Coordinator({
    initialRebalanceDelayMs: settings.groupInitialRebalanceDelayMs,
    minSessionTimeoutMs: settings.groupMinSessionTimeoutMs,
    maxSessionTimeoutMs: settings.groupMaxSessionTimeoutMs,
    maxSize: settings.groupMaxSize,
    offsetsRetentionMs: settings.offsetsRetentionMs,
    now,
    logger,
    openLog: async () => {
      const topic = await topics.ensure(offsetsTopic, 1, new Map());
      if (isFault(topic)) throw new MillraceError('INTERNAL', topic.message);
      const partition = topic.partitions[0]!;
      // A log that has failed may lose records when it is opened anew; it throws why when it is not open.
      if (partition.log.failure !== null) throw partition.log.failure;
      return new OffsetLog(partition, durable, logger);
    },
    hasTopic: (name) => topics.byName(name) !== undefined,
  });
}

/** `meta.properties` ties the folder to one cluster and node, as in Kafka. Returns the cluster id. */
async function openMeta(settings: BrokerSettings, dir: string): Promise<string> {
  const { files, nodeId } = settings;
  const path = join(dir, 'meta.properties');
  const text = readWhole(files, path)?.toString('utf8');
  if (text === undefined) {
    const clusterId = randomUuid();
    await replaceFile(files, path, `version=1\nnode.id=${nodeId}\ncluster.id=${clusterId}\n`);
    return clusterId;
  }
  const clusterId = /^cluster\.id=(\S+)$/m.exec(text)?.[1];
  if (clusterId === undefined) {
    throw new MillraceError('LOG_CORRUPT', `${path}: no cluster.id in it`, {
      remedy: 'Restore the file from a backup.',
    });
  }
  const storedNode = /^node\.id=(\d+)$/m.exec(text)?.[1];
  if (storedNode !== undefined && Number(storedNode) !== nodeId) {
    throw new MillraceError(
      'CONFIG_INVALID',
      `${dir} belongs to node ${storedNode}, this is node ${nodeId}`,
      {
        remedy: 'Start with the node id of the folder, or with another folder.',
      },
    );
  }
  return clusterId;
}

function listenError(error: Error, host: string, port: number): Error {
  if (isAddressFault(error)) {
    const message = `the broker cannot listen on ${host}:${port}: ${error.message}`;
    return new MillraceError('ADDRESS_UNAVAILABLE', message, { cause: error, details: { host, port } });
  }
  if (!hasErrno(error, 'EADDRINUSE')) return error;
  return new MillraceError('ADDRESS_IN_USE', `${host}:${port} is taken, the broker cannot listen there`, {
    cause: error,
    details: { host, port },
  });
}
