/** PostgreSQL for tests, from Debian's package: `await using postgres = await RealPostgres.start()`. */
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { MissingNeed } from '../../../../scripts/lib/test-needs.ts';
import { freePort } from '../net/free-port.ts';
import { noteRealServer } from '../process/java.ts';
import { type Finished, ManagedProcess, runToEnd } from '../process/processes.ts';
import { waitFor } from '../process/wait.ts';

export interface RealPostgresOptions {
  /** Lines of `postgresql.conf`: name → value. */
  readonly settings?: Readonly<Record<string, string | number>>;
  /** Kept in this folder in place of one of its own; it must be empty and go with its owner. */
  readonly dataIn?: string;
}

/** The newest of the installed versions: Debian keeps the server's programs out of the path. */
function programs(): string {
  const versions = existsSync('/usr/lib/postgresql') ? readdirSync('/usr/lib/postgresql') : [];
  const newest = versions.sort((a, b) => Number(b) - Number(a)).find((version) => Number(version) > 0);
  if (newest === undefined)
    throw new MissingNeed('PostgreSQL is missing. As root: apt-get install -y postgresql');
  return `/usr/lib/postgresql/${newest}/bin`;
}

/** The server refuses to run as root: it then runs as Debian's user `postgres`. */
function asServerUser(command: string, args: readonly string[]): [command: string, args: string[]] {
  if (process.getuid?.() !== 0) return [command, [...args]];
  const user = ['--reuid', 'postgres', '--regid', 'postgres', '--clear-groups', '--pdeathsig', 'KILL'];
  return ['setpriv', [...user, '--', command, ...args]];
}

/** Gives a file or folder to the user that the server runs as. */
export function giveToServer(path: string): void {
  if (process.getuid?.() !== 0) return;
  const entry = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((line) => line.startsWith('postgres:'));
  const [, , uid, gid] = entry?.split(':') ?? [];
  chownSync(path, Number(uid), Number(gid));
}

export class RealPostgres implements AsyncDisposable {
  readonly port: number;
  readonly #dir: string;
  readonly #dataDir: string;
  readonly #settings: Readonly<Record<string, string | number>>;
  #server: ManagedProcess | null = null;

  private constructor(port: number, dir: string, { settings = {}, dataIn }: RealPostgresOptions) {
    this.port = port;
    this.#dir = dir;
    this.#dataDir = join(dataIn ?? dir, 'data');
    this.#settings = settings;
    if (dataIn !== undefined) giveToServer(dataIn);
  }

  static async start(options: RealPostgresOptions = {}): Promise<RealPostgres> {
    const dir = mkdtempSync(join(tmpdir(), 'millrace-postgres-'));
    giveToServer(dir);
    const postgres = new RealPostgres(await freePort(), dir, options);
    try {
      const [command, args] = asServerUser(join(programs(), 'initdb'), [
        ...['-D', postgres.#dataDir, '-U', 'millrace', '-A', 'trust', '--no-sync'],
        ...['-E', 'UTF8', '--locale', 'C', '--no-instructions'],
      ]);
      await runToEnd(command, args, { cwd: dir, name: 'initdb' });
      await postgres.restart();
    } catch (error) {
      await postgres[Symbol.asyncDispose]();
      throw error;
    }
    noteRealServer('postgresql');
    return postgres;
  }

  /** Where a client connects; nobody is asked for a password. */
  url(database = 'postgres'): string {
    return `postgresql://millrace@127.0.0.1:${this.port}/${database}`;
  }

  get dataDir(): string {
    return this.#dataDir;
  }

  get pid(): number {
    return this.#server!.pid;
  }

  get running(): boolean {
    return this.#server?.running === true;
  }

  /** What the server said last. */
  get output(): string {
    return this.#server?.stderr ?? '';
  }

  /** Starts the server (again) on its port, with the data that it had. */
  async restart(): Promise<void> {
    const settings = {
      port: this.port,
      listen_addresses: '127.0.0.1',
      unix_socket_directories: this.#dir,
      fsync: 'off',
      shared_buffers: '64MB',
      ...this.#settings,
    };
    const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    for (let tries = 0; ; tries++) {
      const [command, args] = asServerUser(join(programs(), 'postgres'), ['-D', this.#dataDir, ...flags]);
      const server = await ManagedProcess.spawn(command, args, { name: 'PostgreSQL', cwd: this.#dir });
      this.#server = server;
      const serves = async () => (await this.#psql('SELECT 1', { anyExit: true })).code === 0;
      await waitFor('PostgreSQL to serve or to end', async () => !server.running || (await serves()));
      if (server.running) return;
      // Processes of a server that was killed hold its memory until they see that it is gone.
      if (tries === 20) throw new Error(`PostgreSQL does not start\n${server.tail()}`);
      await sleep(200);
    }
  }

  /** `fast` rolls back what is open; `immediate` is as a crash. */
  async stop(mode: 'fast' | 'immediate' = 'fast'): Promise<void> {
    await this.#server?.stop({ signal: mode === 'fast' ? 'SIGINT' : 'SIGQUIT' });
  }

  async kill(): Promise<void> {
    await this.#server?.kill();
  }

  /** Runs SQL with the server's own psql; the rows as text, columns separated by `|`. */
  async rows(sql: string, database = 'postgres'): Promise<string[]> {
    const { stdout } = await this.#psql(sql, { database });
    return stdout.split('\n').filter((line) => line !== '');
  }

  async value(sql: string, database = 'postgres'): Promise<string> {
    return (await this.rows(sql, database))[0] ?? '';
  }

  async #psql(sql: string, { anyExit = false, database = 'postgres' } = {}): Promise<Finished> {
    const args = ['-X', '-A', '-t', '-q', '-v', 'ON_ERROR_STOP=1', '-d', this.url(database), '-c', sql];
    return runToEnd(join(programs(), 'psql'), args, { name: 'psql', anyExit });
  }

  /** psql with a script of its own (`\copy`); see `psql`'s manual. */
  async script(text: string): Promise<void> {
    const args = ['-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', this.url(), '-f', '-'];
    await runToEnd(join(programs(), 'psql'), args, { name: 'psql', stdin: text, timeoutMs: 600_000 });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop('immediate');
    rmSync(this.#dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}
