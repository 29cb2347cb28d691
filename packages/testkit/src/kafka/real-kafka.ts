/** Apache Kafka for tests: `await using kafka = await RealKafka.start()`. KRaft, loopback, a folder of its own. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TempDir, tempDir } from '../files/temp-dir.ts';
import { freePorts } from '../net/free-port.ts';
import type { Host, HostNetwork } from '../net/hosts.ts';
import { type JvmStyle, javaCommand, log4jConfig, noteRealServer } from '../process/java.ts';
import { type Exit, ManagedProcess, runToEnd } from '../process/processes.ts';
import { waitFor } from '../process/wait.ts';
import { probeApiVersions } from './api-versions-probe.ts';
import { KafkaTools } from './kafka-tools.ts';

/** One more way in, beside the plain one that the tools use. */
export interface ExtraListener {
  readonly name: string;
  readonly protocol: 'SSL' | 'SASL_PLAINTEXT' | 'SASL_SSL';
  /** Below `listener.name.NAME.`. */
  readonly settings: Readonly<Record<string, string | number | boolean>>;
}

export interface RealKafkaOptions {
  /** Brokers in the cluster, each also a controller. */
  readonly nodes?: 1 | 3;
  /** Lines of server.properties, over the defaults below. */
  readonly settings?: Readonly<Record<string, string | number | boolean>>;
  /** Levels of the cluster's features other than Kafka's own choice: `{ 'transaction.version': 1 }`. */
  readonly features?: Readonly<Record<string, number>>;
  /** Where each node stands (`broker.rack`). */
  readonly racks?: readonly string[];
  /** Of the first node; `listenerPort` tells where each is. */
  readonly listeners?: readonly ExtraListener[];
  /** As StorageTool takes them: `SCRAM-SHA-256=[name=alice,password=…]`. */
  readonly scramUsers?: readonly string[];
  /** Beside another cluster in the same test: 16 bytes in base64url. */
  readonly clusterId?: string;
  readonly jvm?: JvmStyle;
  readonly jvmFlags?: readonly string[];
  /** For a listener that a proxy stands before: what the brokers tell clients to connect to, one per node. */
  readonly advertisedPorts?: readonly number[];
  /** The hosts that the nodes stand on, each of its own; `publish` is told the ports before a node starts. */
  readonly hosts?: { readonly names: readonly string[]; readonly network: HostNetwork };
}

/** Any valid KRaft id does: 16 bytes in base64url. */
const clusterId = 'bWlsbHJhY2UtdGVzdC0wMQ';
const loopback: Host = { name: 'localhost', address: '127.0.0.1', bind: '127.0.0.1', wrapper: [] };

class KafkaNode {
  readonly id: number;
  readonly port: number;
  readonly dir: string;
  readonly host: Host;
  process: ManagedProcess | null = null;
  /** From the start of the JVM to a served request, milliseconds. */
  readyAfterMs = 0;

  constructor(id: number, port: number, dir: string, host: Host) {
    this.id = id;
    this.port = port;
    this.dir = dir;
    this.host = host;
  }

  get propertiesFile(): string {
    return join(this.dir, 'server.properties');
  }
}

export class RealKafka implements AsyncDisposable {
  readonly tools: KafkaTools;
  readonly #options: RealKafkaOptions;
  readonly #dir: TempDir;
  readonly #nodes: readonly KafkaNode[];
  readonly #log4j: string;
  readonly #extraPorts: readonly number[];

  private constructor(
    options: RealKafkaOptions,
    dir: TempDir,
    nodes: readonly KafkaNode[],
    extraPorts: readonly number[],
  ) {
    this.#options = options;
    this.#extraPorts = extraPorts;
    this.#dir = dir;
    this.#nodes = nodes;
    this.#log4j = dir.join('log4j2.properties');
    this.tools = new KafkaTools(this.bootstrap, { jvm: options.jvm });
  }

  static async start(options: RealKafkaOptions = {}): Promise<RealKafka> {
    const count = options.nodes ?? 1;
    const dir = tempDir('millrace-kafka-');
    const { listeners = [], hosts } = options;
    const ports = await freePorts(2 * count + listeners.length);
    const nodes = Array.from({ length: count }, (_, i) => {
      const host = hosts === undefined ? loopback : hosts.network.host(hosts.names[i]!);
      return new KafkaNode(i + 1, ports[i]!, dir.join(`node-${i + 1}`), host);
    });
    const kafka = new RealKafka(options, dir, nodes, ports.slice(2 * count));
    try {
      await kafka.#prepare(ports.slice(count, 2 * count));
      await Promise.all(nodes.map((node) => kafka.#startNode(node)));
    } catch (error) {
      await kafka[Symbol.asyncDispose]();
      throw error;
    }
    noteRealServer('kafka');
    return kafka;
  }

  /** `host:port` of every node, comma-separated. */
  get bootstrap(): string {
    return this.#nodes.map((node) => `${node.host.address}:${node.port}`).join(',');
  }

  /** The client port of a node; nodes count from 1, as broker ids do. */
  port(node = 1): number {
    return this.#node(node).port;
  }

  /** The port of one of the `listeners`. */
  listenerPort(name: string): number {
    const at = (this.#options.listeners ?? []).findIndex((listener) => listener.name === name);
    if (at < 0) throw new Error(`There is no listener ${name}.`);
    return this.#extraPorts[at]!;
  }

  pid(node = 1): number {
    return this.#running(node).pid;
  }

  /** Where the node keeps its partitions: `TOPIC-PARTITION/00000000000000000000.log`. */
  dataDir(node = 1): string {
    return join(this.#node(node).dir, 'data');
  }

  readyAfterMs(node = 1): number {
    return this.#node(node).readyAfterMs;
  }

  logTail(node = 1, lines = 30): string {
    return this.#node(node).process?.tail(lines) ?? '';
  }

  /** A clean stop of one node, as SIGTERM does it. */
  async stop(node = 1): Promise<Exit> {
    return this.#running(node).stop({ graceMs: 60_000 });
  }

  /** SIGKILL. */
  async kill(node = 1): Promise<Exit> {
    return this.#running(node).kill();
  }

  signal(signal: NodeJS.Signals, node = 1): void {
    this.#running(node).signal(signal);
  }

  /** Starts a stopped or killed node on the same port and folder; stops it first when it runs. */
  async restart(node = 1): Promise<void> {
    const it = this.#node(node);
    await it.process?.stop({ graceMs: 60_000 });
    await this.#startNode(it);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Nothing here is worth a clean shutdown, which takes seconds.
    await Promise.all(this.#nodes.map((node) => node.process?.kill()));
    await this.#dir[Symbol.asyncDispose]();
  }

  #node(node: number): KafkaNode {
    const it = this.#nodes[node - 1];
    if (!it) throw new Error(`There is no node ${node}; they count from 1 to ${this.#nodes.length}.`);
    return it;
  }

  #running(node: number): ManagedProcess {
    const it = this.#node(node).process;
    if (!it) throw new Error(`Node ${node} was never started`);
    return it;
  }

  async #prepare(controllerPorts: readonly number[]): Promise<void> {
    writeFileSync(this.#log4j, log4jConfig('INFO'));
    const quorum = this.#nodes.map(({ id, host }, i) => ({
      id,
      at: `${host.address}:${controllerPorts[i]}`,
    }));
    const replicas = this.#nodes.length;
    await Promise.all(
      this.#nodes.map(async (node, i) => {
        mkdirSync(node.dir, { recursive: true });
        const { address, bind, name: hostName } = node.host;
        for (const port of [node.port, controllerPorts[i]!])
          await this.#options.hosts?.network.publish(hostName, port);
        const advertised = this.#options.advertisedPorts?.[i] ?? node.port;
        const extra = i > 0 ? [] : (this.#options.listeners ?? []);
        const extraAt = extra.map(({ name }, at) => `,${name}://${bind}:${this.#extraPorts[at]}`).join('');
        const settings: Record<string, string | number | boolean> = {
          'node.id': node.id,
          'process.roles': 'broker,controller',
          listeners: `PLAINTEXT://${bind}:${node.port},CONTROLLER://${bind}:${controllerPorts[i]}${extraAt}`,
          'advertised.listeners': `PLAINTEXT://${address}:${advertised}${extraAt}`,
          'controller.listener.names': 'CONTROLLER',
          'listener.security.protocol.map': [
            'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
            ...extra.map(({ name, protocol }) => `${name}:${protocol}`),
          ].join(','),
          ...Object.fromEntries(
            extra.flatMap((listener) =>
              Object.entries(listener.settings).map(([key, value]) => [
                `listener.name.${listener.name.toLowerCase()}.${key}`,
                value,
              ]),
            ),
          ),
          ...(replicas === 1
            ? { 'controller.quorum.bootstrap.servers': quorum[0]!.at }
            : { 'controller.quorum.voters': quorum.map((voter) => `${voter.id}@${voter.at}`).join(',') }),
          'log.dirs': join(node.dir, 'data'),
          'num.partitions': 1,
          'offsets.topic.replication.factor': replicas,
          'offsets.topic.num.partitions': 4,
          'transaction.state.log.replication.factor': replicas,
          'transaction.state.log.min.isr': Math.min(2, replicas),
          'transaction.state.log.num.partitions': 4,
          // A killed node may come back only after its session has expired.
          'broker.session.timeout.ms': 5000,
          'broker.heartbeat.interval.ms': 1000,
          'group.initial.rebalance.delay.ms': 0,
          ...(this.#options.racks === undefined ? {} : { 'broker.rack': this.#options.racks[i]! }),
          ...this.#options.settings,
        };
        const lines = Object.entries(settings).map(([key, value]) => `${key}=${value}`);
        writeFileSync(node.propertiesFile, `${lines.join('\n')}\n`);
        const standalone = replicas === 1 ? ['--standalone'] : [];
        const format = await javaCommand('kafka', 'kafka.tools.StorageTool', [
          ...['format', '-t', this.#options.clusterId ?? clusterId, '-c', node.propertiesFile],
          ...standalone,
          ...(this.#options.scramUsers ?? []).flatMap((user) => ['--add-scram', user]),
          ...Object.entries(this.#options.features ?? {}).flatMap(([name, level]) => [
            '--feature',
            `${name}=${level}`,
          ]),
        ]);
        await runToEnd(format.command, format.args, { name: 'kafka.tools.StorageTool' });
      }),
    );
  }

  async #startNode(node: KafkaNode): Promise<void> {
    const heap = this.#options.jvm === 'measured' ? ['-Xmx1G', '-Xms1G'] : ['-Xmx512m'];
    const { command, args } = await javaCommand('kafka', 'kafka.Kafka', [node.propertiesFile], {
      jvm: this.#options.jvm,
      jvmFlags: this.#options.jvmFlags ?? heap,
      log4j: this.#log4j,
    });
    const [program, ...rest] = [...node.host.wrapper, command, ...args];
    const child = await ManagedProcess.spawn(program!, rest, {
      name: `Kafka node ${node.id}`,
      cwd: node.dir,
    });
    node.process = child;
    await child.waitForLine(/Kafka Server started/, 120_000);
    await waitFor(`an answer of Kafka at port ${node.port}`, () =>
      probeApiVersions(node.port, node.host.address),
    );
    node.readyAfterMs = performance.now() - child.startedAtMs;
    if (!existsSync(join(node.dir, 'data')))
      throw new Error(`Kafka keeps its data elsewhere than ${node.dir}`);
  }
}
