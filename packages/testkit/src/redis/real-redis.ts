/** Redis for tests, from Debian's package: `await using redis = await RealRedis.start()`. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../net/free-port.ts';
import { noteRealServer } from '../process/java.ts';
import { ManagedProcess, runToEnd } from '../process/processes.ts';
import { waitFor } from '../process/wait.ts';

export interface RealRedisOptions {
  /** Lines of `redis.conf`: name → value. */
  readonly settings?: Readonly<Record<string, string | number>>;
  /** It speaks TLS on its port, and nothing else. */
  readonly tls?: { readonly certificate: string; readonly key: string };
}

/** An entry of a stream. */
export interface StreamEntry {
  readonly id: string;
  readonly fields: Readonly<Record<string, string>>;
}

export class RealRedis implements AsyncDisposable {
  readonly port: number;
  readonly #dir: string;
  readonly #options: RealRedisOptions;
  #server: ManagedProcess | null = null;

  private constructor(port: number, dir: string, options: RealRedisOptions) {
    this.port = port;
    this.#dir = dir;
    this.#options = options;
  }

  static async start(options: RealRedisOptions = {}): Promise<RealRedis> {
    const redis = new RealRedis(await freePort(), mkdtempSync(join(tmpdir(), 'millrace-redis-')), options);
    try {
      await redis.restart();
    } catch (error) {
      await redis[Symbol.asyncDispose]();
      throw error;
    }
    noteRealServer('redis');
    return redis;
  }

  get url(): string {
    return `${this.#options.tls === undefined ? 'redis' : 'rediss'}://127.0.0.1:${this.port}`;
  }

  /** Starts the server (again) on its port, with what it had: everything it answered for is on its disk. */
  async restart(): Promise<void> {
    const { settings, tls } = this.#options;
    const ports =
      tls === undefined
        ? { port: this.port }
        : {
            ...{ port: 0, 'tls-port': this.port, 'tls-auth-clients': 'no' },
            ...{
              'tls-cert-file': tls.certificate,
              'tls-key-file': tls.key,
              'tls-ca-cert-file': tls.certificate,
            },
          };
    const all = {
      ...ports,
      ...{ bind: '127.0.0.1', dir: this.#dir, appendonly: 'yes', appendfsync: 'always', save: '' },
      ...settings,
    };
    const flags = Object.entries(all).flatMap(([name, value]) => [`--${name}`, String(value)]);
    for (let tries = 0; ; tries++) {
      const server = await ManagedProcess.spawn('redis-server', flags, { name: 'Redis', cwd: this.#dir });
      this.#server = server;
      await waitFor('Redis to serve or to end', async () => !server.running || (await this.#serves()));
      if (server.running) return;
      // While it was away somebody else may have been given its port, for a moment.
      if (tries === 20) throw new Error(`Redis does not start\n${server.tail()}`);
      await sleep(200);
    }
  }

  async stop(): Promise<void> {
    await this.#server?.stop();
  }

  async kill(): Promise<void> {
    await this.#server?.kill();
  }

  /** The answer to a command, as the server's own redis-cli reads it. Throws for an error. */
  async ask(...command: string[]): Promise<unknown> {
    const { stdout } = await this.#cli(['--json', '-e', ...command]);
    return JSON.parse(stdout);
  }

  /** The same of a report that redis-cli prints as it is, such as `CLUSTER INFO`. */
  async report(...command: string[]): Promise<string> {
    return (await this.#cli(['-e', ...command])).stdout;
  }

  async entries(stream: string): Promise<StreamEntry[]> {
    const answer = (await this.ask('XRANGE', stream, '-', '+')) as [string, string[]][];
    return answer.map(([id, list]) => ({
      id,
      fields: Object.fromEntries(
        list.flatMap((name, i) => (i % 2 === 0 ? [[name, list[i + 1]!] as const] : [])),
      ),
    }));
  }

  async #serves(): Promise<boolean> {
    const { stdout } = await this.#cli(['PING'], true);
    return /PONG|NOAUTH/.test(stdout);
  }

  #cli(args: readonly string[], anyExit = false) {
    const tls = this.#options.tls === undefined ? [] : ['--tls', '--cacert', this.#options.tls.certificate];
    const where = ['-h', '127.0.0.1', '-p', String(this.port), ...tls];
    return runToEnd('redis-cli', [...where, ...args], { name: 'redis-cli', anyExit });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    rmSync(this.#dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}
