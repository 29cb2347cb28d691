import type { Socket } from 'node:net';
import { type FolderLock, lockFolder } from '../log/folder-lock.ts';
import { errorText, MillraceError } from '../runtime/errors.ts';
import { Lifecycle } from '../runtime/lifecycle.ts';
import { every, type Timer } from '../runtime/timers.ts';
import { isFault } from './core/fault.ts';
import { Slots } from './core/serial.ts';
import { type BrokerFigures, brokerFigures } from './metrics.ts';
import { Door } from './network/door.ts';
import { Session } from './network/session.ts';
import { openContext } from './open-context.ts';
import type { BrokerContext } from './requests/call.ts';
import { checkConfigs, checkNewName, partitionCount } from './requests/topic-creation.ts';
import type { Login } from './security/login.ts';
import { loginsOf } from './security/logins.ts';
import type { ListenerSettings } from './settings/listener-settings.ts';
import type { BrokerOptions, BrokerSettings } from './settings/settings.ts';
import { withDefaults } from './settings/settings-defaults.ts';

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
  #doors: readonly Door[] = [];
  #sweep: Timer | null = null;
  #lastRetention = 0;
  #isHousekeeping = false;

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
    return this.#doors[0]?.listener.host ?? this.#settings.host;
  }

  /** The port that it listens on, also where a free one was asked for; of several listeners the first one's. */
  get port(): number {
    return this.#doors[0]?.port ?? 0;
  }

  /** `host:port` for clients on this machine; of several listeners the first one's. */
  get bootstrapServers(): string {
    return this.bootstrapOf();
  }

  /** The same of the listener of that name. Throws `CONFIG_INVALID` where there is none. */
  bootstrapOf(name?: string): string {
    const door =
      name === undefined ? this.#doors[0] : this.#doors.find(({ listener }) => listener.name === name);
    if (name !== undefined && door === undefined)
      throw new MillraceError('CONFIG_INVALID', `the broker has no listener ${name}`);
    const host = door?.listener.host ?? this.#settings.host;
    const told = door?.listener.advertised?.host ?? this.#settings.advertisedHost;
    const reachable = told ?? (host === '0.0.0.0' || host === '::' ? 'localhost' : host);
    const port = door?.listener.advertised?.port || (door?.port ?? 0);
    return `${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`;
  }

  /** The ports of all listeners, in the order in which they were given. */
  get ports(): readonly number[] {
    return this.#doors.map(({ port }) => port);
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
    context.audit?.note({ event: 'broker-started', clusterId: context.clusterId, node: settings.nodeId });
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
    const where = this.#doors.map(({ listener, port }) => `${listener.protocol} ${listener.host}:${port}`);
    settings.logger.info(`broker listens on ${where.join(', ')}, data ${settings.dataDir ?? 'in memory'}`);
  }

  protected async close(): Promise<void> {
    this.#sweep?.cancel();
    this.#sweep = null;
    const closed = Promise.all(this.#doors.map((door) => door.close()));
    this.#context?.transactions.close();
    this.#context?.groups.close();
    await Promise.all([...this.#sessions].map((session) => session.end(endGraceMs)));
    await closed;
    await this.#context?.topics.close();
    this.#context?.audit?.note({ event: 'broker-stopped' });
    await this.#context?.audit?.close();
    this.#context = null;
    this.#lock?.release();
    this.#lock = null;
  }

  #running(): BrokerContext {
    this.assertStarted('The broker');
    return this.#context!;
  }

  async #listen(context: BrokerContext): Promise<void> {
    const { logger } = this.#settings;
    const listeners = this.#settings.listeners ?? [plainListener(this.#settings)];
    this.#doors = listeners.map((listener) => {
      const logins = loginsOf(listener, { scram: context.scram, logger, audit: context.audit });
      return new Door({
        listener,
        logger,
        hasRoomFor: (socket) => this.#hasRoomFor(socket, context),
        onRefused: (from, why) =>
          context.audit?.note({ event: 'certificate-refused', from, listener: listener.name, why }),
        onConnection: (socket, principal) => {
          const login = logins(`${socket.remoteAddress}:${socket.remotePort}`, principal);
          this.#letIn(socket, login, listener, context);
        },
      });
    });
    for (const door of this.#doors) await door.open();
  }

  #letIn(socket: Socket, login: Login, { sasl, advertised }: ListenerSettings, context: BrokerContext): void {
    const { advertisedHost } = this.#settings;
    const port = advertised?.port === 0 ? undefined : advertised?.port;
    const session = new Session(socket, context, {
      login,
      advertised: advertised === undefined ? { host: advertisedHost } : { host: advertised.host, port },
      maxLoginBytes: sasl?.maxReceiveBytes ?? 0,
      onClosed: () => this.#sessions.delete(session),
    });
    this.#sessions.add(session);
  }

  #hasRoomFor(socket: Socket, { room }: BrokerContext): boolean {
    const { maxConnectionsPerIp, maxConnections, logger } = this.#settings;
    const { remoteAddress = '' } = socket;
    const { mostConnections } = room;
    const size = this.#doors.reduce((sum, { outside }) => sum + outside, this.#sessions.size);
    const fromThere = () =>
      this.#doors.reduce(
        (sum, door) => sum + door.outsideFrom(remoteAddress),
        [...this.#sessions].filter((each) => each.remoteAddress === remoteAddress).length,
      );
    const refuse = (why: string): false => {
      logger.warn(`${remoteAddress}: refused, there are ${size} connections: ${why}`);
      return false;
    };
    if (size >= maxConnections) return refuse('max.connections');
    if (size >= mostConnections)
      return refuse(
        'the open files of the process are used up; raise its limit (ulimit -n, LimitNOFILE of systemd)',
      );
    if (size >= maxConnectionsPerIp && fromThere() >= maxConnectionsPerIp)
      return refuse('max.connections.per.ip');
    return true;
  }

  #sweepOnce(): void {
    const { maxIdleMs, slowClientTimeoutMs, retentionCheckIntervalMs } = this.#settings;
    const at = performance.now();
    for (const session of this.#sessions) session.checkIdle(at, maxIdleMs, slowClientTimeoutMs);
    for (const door of this.#doors) void door.renew();
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
    await context.transactions.housekeep();
  }
}

function plainListener({ host, port }: BrokerSettings): ListenerSettings {
  return { name: 'PLAINTEXT', protocol: 'PLAINTEXT', host, port };
}
