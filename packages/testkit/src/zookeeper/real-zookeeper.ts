/** Apache ZooKeeper for tests, from the jars of the Flume set: `await using zookeeper = await RealZooKeeper.start()`. */
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { type TempDir, tempDir } from '../files/temp-dir.ts';
import { freePort } from '../net/free-port.ts';
import { javaCommand, log4jConfig, noteRealServer } from '../process/java.ts';
import { ManagedProcess } from '../process/processes.ts';
import { waitFor } from '../process/wait.ts';

/** Request types of what the client under test has no use for. */
const types = { create: 1, delete: 2, set: 5 } as const;

export class RealZooKeeper implements AsyncDisposable {
  readonly port: number;
  readonly #dir: TempDir;
  #server: ManagedProcess | null = null;

  private constructor(port: number, dir: TempDir) {
    this.port = port;
    this.#dir = dir;
  }

  static async start(): Promise<RealZooKeeper> {
    const dir = tempDir('millrace-zookeeper-');
    const zookeeper = new RealZooKeeper(await freePort(), dir);
    const lines = [
      `dataDir=${dir.path}`,
      `clientPort=${zookeeper.port}`,
      'clientPortAddress=127.0.0.1',
      'admin.enableServer=false',
      'tickTime=500',
      '',
    ];
    writeFileSync(dir.join('zoo.cfg'), lines.join('\n'));
    writeFileSync(dir.join('log4j2.properties'), log4jConfig('INFO'));
    await zookeeper.restart();
    noteRealServer('zookeeper');
    return zookeeper;
  }

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** Starts the server (again) on the port and with the data that it had. */
  async restart(): Promise<void> {
    const main = 'org.apache.zookeeper.server.ZooKeeperServerMain';
    const log4j = this.#dir.join('log4j2.properties');
    const java = await javaCommand('flume', main, [this.#dir.join('zoo.cfg')], {
      jvmFlags: ['-Xmx128m'],
      log4j,
    });
    this.#server = await ManagedProcess.spawn(java.command, java.args, {
      name: 'ZooKeeper',
      cwd: this.#dir.path,
    });
    await waitFor('ZooKeeper to serve', async () =>
      (await talk(this.port, Buffer.from('srvr'))).includes('Mode:'),
    );
  }

  async create(path: string, data: string, ids: readonly [scheme: string, id: string] = ['world', 'anyone']) {
    const acl = Buffer.concat([int(1), int(31), ...ids.map(text)]);
    await this.#write(types.create, Buffer.concat([text(path), text(data), acl, int(0)]));
  }

  async set(path: string, data: string): Promise<void> {
    await this.#write(types.set, Buffer.concat([text(path), text(data), int(-1)]));
  }

  async delete(path: string): Promise<void> {
    await this.#write(types.delete, Buffer.concat([text(path), int(-1)]));
  }

  async stop(): Promise<void> {
    await this.#server?.kill();
    this.#server = null;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    this.#dir[Symbol.dispose]();
  }

  /** A session for one request: connect, the request, close; the server answers all three and hangs up. */
  async #write(type: number, body: Buffer): Promise<void> {
    const hello = framed(int(0), Buffer.alloc(8), int(5000), Buffer.alloc(8), int(16), Buffer.alloc(17));
    const close = framed(int(2), int(-11));
    const answer = await talk(this.port, Buffer.concat([hello, framed(int(1), int(type), body), close]));
    const at = 4 + answer.readInt32BE(0);
    const error = answer.readInt32BE(at + 4 + 12);
    if (error !== 0) throw new Error(`ZooKeeper answered request ${type} with error ${error}`);
  }
}

const int = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
};
const text = (value: string): Buffer => Buffer.concat([int(Buffer.byteLength(value)), Buffer.from(value)]);
const framed = (...parts: Buffer[]): Buffer => {
  const body = Buffer.concat(parts);
  return Buffer.concat([int(body.length), body]);
};

/** Sends bytes and gives all that comes back. */
async function talk(port: number, bytes: Buffer): Promise<Buffer> {
  const socket = connect(port, '127.0.0.1');
  // A server that is not quite up takes a connection and says nothing on it.
  socket.setTimeout(2000, () => socket.destroy(new Error(`port ${port} says nothing`)));
  const pieces: Buffer[] = [];
  try {
    socket.write(bytes);
    for await (const piece of socket as AsyncIterable<Buffer>) pieces.push(piece);
  } finally {
    socket.destroy();
  }
  return Buffer.concat(pieces);
}
