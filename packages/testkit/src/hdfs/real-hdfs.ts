/** Apache Hadoop's HDFS for tests: `await using hdfs = await RealHdfs.start()`. Loopback, a folder of its own. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type TempDir, tempDir } from '../files/temp-dir.ts';
import { freePorts } from '../net/free-port.ts';
import { type JvmStyle, javaCommand, noteRealServer } from '../process/java.ts';
import { ManagedProcess, runToEnd } from '../process/processes.ts';
import { waitFor } from '../process/wait.ts';

export interface RealHdfsOptions {
  readonly dataNodes?: 1 | 2 | 3;
  /** Of hdfs-site.xml, over the settings below. */
  readonly settings?: Readonly<Record<string, string | number | boolean>>;
  readonly jvm?: JvmStyle;
}

const host = '127.0.0.1';
const server = 'org.apache.hadoop.hdfs.server';
/** Maven's jars carry no web pages, and the servers want their folders. */
const pages = ['hdfs', 'datanode', 'secondary', 'journal', 'static'];

/** An XML file of Hadoop's settings. */
export function siteXml(settings: Readonly<Record<string, string | number | boolean>>): string {
  const text = (value: unknown) => String(value).replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  const properties = Object.entries(settings).map(
    ([name, value]) => `<property><name>${name}</name><value>${text(value)}</value></property>`,
  );
  return `<?xml version="1.0"?>\n<configuration>\n${properties.join('\n')}\n</configuration>\n`;
}

/** Another user than the one who started the servers, who may do everything. */
export const superuser = 'hdfs';

export class RealHdfs implements AsyncDisposable {
  /** Of the NameNode, for Hadoop's own protocol. */
  readonly rpcPort: number;
  readonly httpPort: number;
  readonly #options: RealHdfsOptions;
  readonly #dir: TempDir;
  /** data, HTTP, IPC of each DataNode. */
  readonly #ports: readonly number[];
  #nameNode: ManagedProcess | null = null;
  readonly #dataNodes: (ManagedProcess | null)[] = [];

  private constructor(options: RealHdfsOptions, dir: TempDir, ports: readonly number[]) {
    this.#options = options;
    this.#dir = dir;
    [this.rpcPort = 0, this.httpPort = 0] = ports;
    this.#ports = ports.slice(2);
  }

  static async start(options: RealHdfsOptions = {}): Promise<RealHdfs> {
    const count = options.dataNodes ?? 1;
    const hdfs = new RealHdfs(options, tempDir('millrace-hdfs-'), await freePorts(2 + 3 * count));
    try {
      hdfs.#prepare(count);
      await hdfs.#format();
      await Promise.all([
        hdfs.startNameNode(),
        ...Array.from({ length: count }, (_, i) => hdfs.startDataNode(i + 1)),
      ]);
      await hdfs.waitUntilServing();
    } catch (error) {
      await hdfs[Symbol.asyncDispose]();
      throw error;
    }
    noteRealServer('hdfs');
    return hdfs;
  }

  /** `hdfs://127.0.0.1:RPC`. */
  get url(): string {
    return `hdfs://${host}:${this.rpcPort}`;
  }

  /** `webhdfs://127.0.0.1:HTTP`. */
  get webUrl(): string {
    return `webhdfs://${host}:${this.httpPort}`;
  }

  /** The folder with core-site.xml and hdfs-site.xml. */
  get confDir(): string {
    return this.#dir.join('conf');
  }

  /** A folder for a test's own files, which goes with the servers. */
  folder(name: string): string {
    const path = this.#dir.join(name);
    mkdirSync(path, { recursive: true });
    return path;
  }

  dataNodeHttpPort(node = 1): number {
    return this.#ports[3 * (node - 1) + 1]!;
  }

  pids(): readonly number[] {
    return [this.#nameNode, ...this.#dataNodes].flatMap((each) => (each?.running ? [each.pid] : []));
  }

  logTail(lines = 30): string {
    return [this.#nameNode, ...this.#dataNodes].map((each) => each?.tail(lines) ?? '').join('\n---\n');
  }

  /** SIGKILL; nodes count from 1. */
  async killDataNode(node = 1): Promise<void> {
    await this.#dataNodes[node - 1]?.kill();
  }

  async killNameNode(): Promise<void> {
    await this.#nameNode?.kill();
  }

  async startNameNode(): Promise<void> {
    this.#nameNode = await this.#spawn(`${server}.namenode.NameNode`, 'NameNode');
  }

  async startDataNode(node = 1): Promise<void> {
    const [data, http, ipc] = this.#ports.slice(3 * (node - 1));
    const flags = {
      'dfs.datanode.data.dir': this.#dir.join(`data-${node}`),
      'dfs.datanode.address': `${host}:${data}`,
      'dfs.datanode.http.address': `${host}:${http}`,
      'dfs.datanode.ipc.address': `${host}:${ipc}`,
      'dfs.datanode.hostname': host,
    };
    const conf = this.#dir.join(`conf-${node}`);
    mkdirSync(conf, { recursive: true });
    writeFileSync(this.#dir.join(`conf-${node}/core-site.xml`), siteXml(this.#coreSettings()));
    writeFileSync(
      this.#dir.join(`conf-${node}/hdfs-site.xml`),
      siteXml({ ...this.#hdfsSettings(this.#ports.length / 3), ...flags }),
    );
    const child = await this.#spawn(`${server}.datanode.DataNode`, `DataNode ${node}`, conf);
    this.#dataNodes[node - 1] = child;
    // The NameNode may count it as live before it is: it has not missed it yet.
    const answers = async () => !child.running || (await fetch(`http://${host}:${http}/jmx`)).ok;
    await waitFor(`DataNode ${node} to serve`, answers, { timeoutMs: 120_000, everyMs: 100 });
    if (!child.running) throw new Error(`DataNode ${node} has ended\n${child.tail()}`);
  }

  /** Resolves when the NameNode is out of safe mode and counts so many DataNodes as live. */
  async waitUntilServing(dataNodes = this.#ports.length / 3, most = 3): Promise<void> {
    const query = 'qry=Hadoop:service=NameNode,name=FSNamesystemState';
    await waitFor(
      'HDFS to serve',
      async () => {
        if (!this.#nameNode?.running) throw new Error(`the NameNode has ended\n${this.#nameNode?.tail()}`);
        const answer = await fetch(`http://${host}:${this.httpPort}/jmx?${query}`);
        const { beans } = (await answer.json()) as { beans: Record<string, unknown>[] };
        const live = Number(beans[0]?.NumLiveDataNodes);
        return beans[0]?.FSState === 'Operational' && live >= dataNodes && live <= most;
      },
      { timeoutMs: 120_000, everyMs: 100 },
    );
  }

  /** A program of Hadoop with its settings in the class path: `FsShell` and others. Gives its standard output. */
  async run(
    mainClass: string,
    args: readonly string[],
    options: { anyExit?: boolean } = {},
  ): Promise<string> {
    const { command, args: all } = await this.#java(mainClass, args, this.confDir, 'ERROR');
    const env = { ...process.env, HADOOP_USER_NAME: superuser };
    const { stdout } = await runToEnd(command, all, { name: mainClass, env, timeoutMs: 120_000, ...options });
    return stdout;
  }

  /** Hadoop's `hdfs dfs ARGS`. */
  dfs(...args: string[]): Promise<string> {
    return this.run('org.apache.hadoop.fs.FsShell', args);
  }

  /** Hadoop's `hdfs dfsadmin ARGS`. */
  dfsAdmin(...args: string[]): Promise<string> {
    return this.run('org.apache.hadoop.hdfs.tools.DFSAdmin', args);
  }

  /** Hadoop's own client writes so many files of so many bytes into a folder; what that took, without start-up. */
  async writeFiles(
    folder: string,
    files: number,
    fileBytes: number,
  ): Promise<{ seconds: number; cpuSeconds: number }> {
    const program = join(import.meta.dirname, 'java/WriteFiles.java');
    const printed = await this.run(program, [this.url, folder, `${files}`, `${fileBytes}`]);
    return JSON.parse(printed.trim().split('\n').at(-1) ?? '') as { seconds: number; cpuSeconds: number };
  }

  /** Has the NameNode take no changes, or take them again. */
  async safeMode(on: boolean): Promise<void> {
    await this.dfsAdmin('-safemode', on ? 'enter' : 'leave');
  }

  /** An answer of WebHDFS, asked around the client under test; redirects are followed. */
  ask(method: string, path: string, query: string, user = superuser): Promise<Response> {
    const name = path.split('/').map(encodeURIComponent).join('/');
    return fetch(`http://${host}:${this.httpPort}/webhdfs/v1${name}?user.name=${user}&${query}`, { method });
  }

  /** The bytes of a file as any reader has them; null: there is none. */
  async read(path: string): Promise<Buffer | null> {
    // A DataNode that has just come back has yet to say what it has.
    const { bytes } = await waitFor(`the bytes of ${path}`, async () => {
      const answer = await this.ask('GET', path, 'op=OPEN');
      if (answer.status === 404) return { bytes: null };
      if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
      return { bytes: Buffer.from(await answer.arrayBuffer()) };
    });
    return bytes;
  }

  /** Paths and sizes of all files below a folder. */
  async files(folder: string): Promise<{ path: string; sizeBytes: number }[]> {
    const answer = await this.ask('GET', folder, 'op=LISTSTATUS');
    if (answer.status === 404) return [];
    const { FileStatuses } = (await answer.json()) as {
      FileStatuses: { FileStatus: { pathSuffix: string; type: string; length: number }[] };
    };
    const found = await Promise.all(
      FileStatuses.FileStatus.map(({ pathSuffix, type, length }) => {
        const path = `${folder === '/' ? '' : folder}/${pathSuffix}`;
        return type === 'DIRECTORY' ? this.files(path) : [{ path, sizeBytes: length }];
      }),
    );
    return found.flat();
  }

  /** Makes a folder that belongs to a user and that nobody else may write to. */
  async makeFolder(path: string, owner: string, permission = '755'): Promise<void> {
    await this.ask('PUT', path, `op=MKDIRS&permission=${permission}`);
    await this.ask('PUT', path, `op=SETOWNER&owner=${owner}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#nameNode, ...this.#dataNodes].map((each) => each?.kill()));
    await this.#dir[Symbol.asyncDispose]();
  }

  #coreSettings() {
    return {
      'fs.defaultFS': this.url,
      'hadoop.tmp.dir': this.#dir.join('tmp'),
      'hadoop.http.staticuser.user': superuser,
      [`hadoop.proxyuser.${superuser}.hosts`]: '*',
      [`hadoop.proxyuser.${superuser}.groups`]: '*',
    };
  }

  #hdfsSettings(dataNodes: number) {
    return {
      'dfs.namenode.name.dir': `file://${this.#dir.join('name')}`,
      'dfs.namenode.http-address': `${host}:${this.httpPort}`,
      'dfs.replication': Math.min(2, dataNodes),
      'dfs.namenode.safemode.extension': 0,
      'dfs.namenode.safemode.min.datanodes': 1,
      'dfs.heartbeat.interval': 1,
      'dfs.namenode.heartbeat.recheck-interval': 2000,
      'dfs.namenode.fs-limits.min-block-size': 1024,
      'dfs.namenode.edits.noeditlogchannelflush': true,
      'dfs.namenode.datanode.registration.ip-hostname-check': false,
      'dfs.client.block.write.locateFollowingBlock.initial.delay.ms': 10,
      'dfs.client.block.write.replace-datanode-on-failure.policy': 'NEVER',
      'dfs.permissions.superusergroup': superuser,
      ...this.#options.settings,
    };
  }

  #prepare(dataNodes: number): void {
    for (const page of pages) mkdirSync(this.#dir.join('webapps', page), { recursive: true });
    mkdirSync(this.confDir);
    // Hadoop logs by Log4j 1.
    for (const [folder, level] of [
      ['log', 'WARN'],
      ['quiet', 'ERROR'],
    ] as const) {
      const lines = [
        `log4j.rootLogger=${level},console`,
        'log4j.appender.console=org.apache.log4j.ConsoleAppender',
        'log4j.appender.console.layout=org.apache.log4j.PatternLayout',
        'log4j.appender.console.layout.ConversionPattern=%d{ISO8601} %p %c{1} - %m%n',
        'log4j.appender.console.target=System.err',
      ];
      writeFileSync(join(this.folder(folder), 'log4j.properties'), `${lines.join('\n')}\n`);
    }
    writeFileSync(this.#dir.join('conf/core-site.xml'), siteXml(this.#coreSettings()));
    writeFileSync(this.#dir.join('conf/hdfs-site.xml'), siteXml(this.#hdfsSettings(dataNodes)));
  }

  async #format(): Promise<void> {
    const { command, args } = await this.#java(
      `${server}.namenode.NameNode`,
      ['-format', '-force', '-nonInteractive'],
      this.confDir,
    );
    const env = { ...process.env, HADOOP_USER_NAME: superuser };
    await runToEnd(command, args, { name: 'NameNode -format', env });
  }

  #java(mainClass: string, args: readonly string[], conf: string, level: 'WARN' | 'ERROR' = 'WARN') {
    return javaCommand('hdfs', mainClass, args, {
      jvm: this.#options.jvm,
      jvmFlags: [`-Xmx${this.#options.jvm === 'measured' ? '1g' : '256m'}`],
    }).then(({ command, args: all }) => {
      const at = all.indexOf('-cp') + 1;
      const logging = this.#dir.join(level === 'ERROR' ? 'quiet' : 'log');
      const classPath = [conf, logging, this.#dir.path, all[at]].join(delimiter);
      return { command, args: all.with(at, classPath) };
    });
  }

  async #spawn(mainClass: string, name: string, conf = this.confDir): Promise<ManagedProcess> {
    const { command, args } = await this.#java(mainClass, [], conf);
    const env = { ...process.env, HADOOP_USER_NAME: superuser };
    return await ManagedProcess.spawn(command, args, { name, cwd: this.#dir.path, env });
  }
}
