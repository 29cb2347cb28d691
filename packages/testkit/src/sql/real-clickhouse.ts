/**
 * ClickHouse for tests: Debian's server, which is old (18.16) and knows no token of inserts, and a new engine (chDB),
 * which is a library: the HTTP in front of it is played.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pythonSetDir } from '../../../../scripts/lib/python-sets.ts';
import { certificates } from '../net/certificates.ts';
import { freePorts } from '../net/free-port.ts';
import { noteRealServer } from '../process/java.ts';
import { ManagedProcess } from '../process/processes.ts';
import { waitFor } from '../process/wait.ts';

export type ClickHouseKind = 'server' | 'engine';

export class RealClickHouse implements AsyncDisposable {
  readonly kind: ClickHouseKind;
  readonly port: number;
  /** The server speaks TLS there, too, with the certificate that `certificates` has. */
  readonly tlsPort: number;
  readonly #dir: string;
  #process: ManagedProcess | null = null;

  private constructor(kind: ClickHouseKind, ports: readonly number[]) {
    this.kind = kind;
    [this.port = 0, this.tlsPort = 0] = ports;
    this.#dir = mkdtempSync(join(tmpdir(), 'millrace-clickhouse-'));
  }

  static async start(kind: ClickHouseKind): Promise<RealClickHouse> {
    const clickhouse = new RealClickHouse(kind, await freePorts(2));
    try {
      await clickhouse.restart();
    } catch (error) {
      await clickhouse[Symbol.asyncDispose]();
      throw error;
    }
    noteRealServer(kind === 'server' ? 'clickhouse' : 'chdb');
    return clickhouse;
  }

  get url(): string {
    return `clickhouse://127.0.0.1:${this.port}/default`;
  }

  /** Starts it (again) on its port, with what it had. */
  async restart(): Promise<void> {
    for (let tries = 0; ; tries++) {
      const started = await this.#spawn();
      this.#process = started;
      await waitFor('ClickHouse to serve or to end', async () => !started.running || (await this.#serves()));
      if (started.running) return;
      // While it was away somebody else may have been given its port, for a moment.
      if (tries === 20) throw new Error(`ClickHouse does not start\n${started.tail()}`);
      await sleep(200);
    }
  }

  async #spawn(): Promise<ManagedProcess> {
    const cwd = this.#dir;
    if (this.kind === 'server') {
      mkdirSync(join(cwd, 'data'), { recursive: true });
      writeFileSync(join(cwd, 'config.xml'), configOf(this, cwd));
      writeFileSync(join(cwd, 'users.xml'), usersText);
      const args = [`--config-file=${join(cwd, 'config.xml')}`];
      return ManagedProcess.spawn('clickhouse-server', args, { name: 'ClickHouse', cwd });
    }
    const program = join(import.meta.dirname, 'clickhouse-engine.py');
    return ManagedProcess.spawn('python3', [program, String(this.port), join(cwd, 'engine')], {
      ...{ name: 'chDB', cwd, env: { ...process.env, PYTHONPATH: await pythonSetDir('clickhouse') } },
    });
  }

  async kill(): Promise<void> {
    await this.#process?.kill();
  }

  /** The rows, cells as ClickHouse writes them. Throws what the server says. */
  async rows(sql: string): Promise<string[][]> {
    const text = await this.run(`${sql} FORMAT TabSeparated`);
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => line.split('\t'));
  }

  async run(sql: string): Promise<string> {
    const answer = await fetch(`http://127.0.0.1:${this.port}/`, { method: 'POST', body: sql });
    const text = await answer.text();
    if (!answer.ok) throw new Error(text);
    return text;
  }

  async #serves(): Promise<boolean> {
    return fetch(`http://127.0.0.1:${this.port}/`).then(
      async (answer) => (await answer.text()) !== '',
      () => false,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    rmSync(this.#dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}

const configOf = ({ port, tlsPort }: RealClickHouse, dir: string) => `<yandex>
<logger><level>error</level><console>1</console></logger>
<http_port>${port}</http_port><https_port>${tlsPort}</https_port>
<openSSL><server><certificateFile>${certificates.pem}</certificateFile><privateKeyFile>${certificates.pem}</privateKeyFile>
<verificationMode>none</verificationMode></server></openSSL><listen_host>127.0.0.1</listen_host><listen_host>127.0.0.2</listen_host>
<path>${dir}/data/</path><tmp_path>${dir}/data/tmp/</tmp_path><mark_cache_size>5368709</mark_cache_size>
<users_config>${dir}/users.xml</users_config><default_profile>default</default_profile>
<default_database>default</default_database></yandex>`;
const usersText = `<yandex><profiles><default/></profiles><users><default><password></password>
<networks><ip>127.0.0.0/8</ip></networks><profile>default</profile><quota>default</quota></default>
<collector><password>secret-pass</password><networks><ip>127.0.0.0/8</ip></networks><profile>default</profile>
<quota>default</quota></collector></users><quotas><default/></quotas></yandex>`;
