/** A broker under load, real or embedded, seen the same way: an address, a process, and how soon it was ready. */

import { type TempDir, tempDir } from '../../packages/testkit/src/files/temp-dir.ts';
import { probeApiVersions } from '../../packages/testkit/src/kafka/api-versions-probe.ts';
import { KafkaTools } from '../../packages/testkit/src/kafka/kafka-tools.ts';
import { kcat } from '../../packages/testkit/src/kafka/kcat.ts';
import { OffsetProbe } from '../../packages/testkit/src/kafka/offset-probe.ts';
import { freePort } from '../../packages/testkit/src/net/free-port.ts';
import { runToEnd } from '../../packages/testkit/src/process/processes.ts';
import { waitFor } from '../../packages/testkit/src/process/wait.ts';
import { corpus } from './corpus.ts';
import { KafkaPeer } from './kafka-peer.ts';
import type { ProcessCost } from './measurement.ts';
import { type Measured, startMillraceBroker } from './programs.ts';

export interface Server extends AsyncDisposable {
  readonly name: string;
  readonly bootstrap: string;
  readonly port: number;
  readonly pid: number;
  readonly readyAfterMs: number;
  createTopic(topic: string, partitions: number, config?: Readonly<Record<string, string>>): Promise<void>;
  deleteTopic(topic: string): Promise<void>;
  mark(): void;
  costSinceMark(): ProcessCost;
}

export async function startKafkaServer(): Promise<Server> {
  const peer = await KafkaPeer.start();
  await peer.warmUp();
  return Object.assign(peer, { name: 'kafka', pid: peer.kafka.pid() });
}

/** `millrace broker` in a process of its own, warmed up like its peer. */
export async function startMillraceServer(name: string, flush: 'fsync' | 'os'): Promise<Server> {
  const server = await MillraceServer.start(name, flush);
  try {
    await server.warmUp();
  } catch (error) {
    await server[Symbol.asyncDispose]();
    throw error;
  }
  return server;
}

class MillraceServer implements Server {
  readonly name: string;
  readonly port: number;
  readonly readyAfterMs: number;
  readonly #broker: Measured;
  readonly #dir: TempDir;
  readonly #tools: KafkaTools;

  private constructor(name: string, port: number, broker: Measured, dir: TempDir) {
    this.name = name;
    this.port = port;
    this.#broker = broker;
    this.#dir = dir;
    this.readyAfterMs = performance.now() - broker.startedAtMs;
    this.#tools = new KafkaTools(this.bootstrap);
    broker.markReady();
  }

  static async start(name: string, flush: 'fsync' | 'os'): Promise<MillraceServer> {
    const dir = tempDir('millrace-bench-broker-');
    const port = await freePort();
    const broker = await startMillraceBroker({ dataDir: dir.join('data'), port, flush });
    try {
      await waitFor(
        'the embedded broker',
        async () => {
          broker.check();
          return probeApiVersions(port).catch(() => null);
        },
        { timeoutMs: 20_000, everyMs: 5 },
      );
    } catch (error) {
      await broker[Symbol.asyncDispose]();
      await dir[Symbol.asyncDispose]();
      throw new Error(`the embedded broker did not start\n${broker.process.tail()}`, { cause: error });
    }
    return new MillraceServer(name, port, broker, dir);
  }

  async warmUp(): Promise<void> {
    const { path } = await corpus(500_000);
    await this.createTopic('warm-up', 4);
    await kcat(this.bootstrap, ['-P', '-t', 'warm-up', '-l', path]);
    await runToEnd('kcat', [
      '-b',
      this.bootstrap,
      '-C',
      '-t',
      'warm-up',
      '-o',
      'beginning',
      '-e',
      '-q',
      '-f',
      '',
    ]);
    await this.deleteTopic('warm-up');
  }

  get bootstrap(): string {
    return `127.0.0.1:${this.port}`;
  }

  get pid(): number {
    return this.#broker.process.pid;
  }

  async createTopic(
    topic: string,
    partitions: number,
    config: Readonly<Record<string, string>> = {},
  ): Promise<void> {
    await this.#tools.createTopic(topic, { partitions, config });
    await using probe = await OffsetProbe.open(this.port);
    await waitFor(`the leaders of ${topic}`, () => probe.endOffsets(topic, partitions));
  }

  async deleteTopic(topic: string): Promise<void> {
    await this.#tools.run('kafka-topics', ['--delete', '--topic', topic]);
  }

  mark(): void {
    this.#broker.check();
    this.#broker.mark();
  }

  costSinceMark(): ProcessCost {
    this.#broker.check();
    return this.#broker.costSinceMark();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#broker[Symbol.asyncDispose]();
    await this.#dir[Symbol.asyncDispose]();
  }
}
