/** Apache HBase with its REST gateway for tests: `await using hbase = await RealHbase.start()`. Loopback, a folder of its own. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { delimiter } from 'node:path';
import { type TempDir, tempDir } from '../files/temp-dir.ts';
import { siteXml } from '../hdfs/real-hdfs.ts';
import { freePorts } from '../net/free-port.ts';
import { javaCommand, noteRealServer } from '../process/java.ts';
import { ManagedProcess } from '../process/processes.ts';
import { waitFor } from '../process/wait.ts';

const host = '127.0.0.1';
const program = 'org.apache.hadoop.hbase';
const startMs = 240_000;

export interface RealHbaseOptions {
  /** Of hbase-site.xml, over the settings below. */
  readonly settings?: Readonly<Record<string, string | number | boolean>>;
}

/** A row as the gateway reads it: columns (`family:qualifier`) by name, values as bytes. */
export interface HbaseRow {
  readonly key: string;
  readonly cells: ReadonlyMap<string, Buffer>;
}

interface JsonRow {
  readonly key: string;
  readonly Cell: readonly { readonly column: string; readonly $: string }[];
}

const text = (base64: string) => Buffer.from(base64, 'base64').toString('utf8');

export class RealHbase implements AsyncDisposable {
  /** Of the gateway. */
  readonly restPort: number;
  readonly #dir: TempDir;
  readonly #ports: readonly number[];
  readonly #options: RealHbaseOptions;
  #master: ManagedProcess | null = null;
  #gateway: ManagedProcess | null = null;

  private constructor(options: RealHbaseOptions, dir: TempDir, ports: readonly number[]) {
    this.#options = options;
    this.#dir = dir;
    this.#ports = ports;
    [this.restPort = 0] = ports;
  }

  static async start(options: RealHbaseOptions = {}): Promise<RealHbase> {
    const hbase = new RealHbase(options, tempDir('millrace-hbase-'), await freePorts(4));
    try {
      hbase.#prepare();
      await Promise.all([hbase.startMaster(), hbase.startGateway()]);
      await hbase.waitUntilServing();
    } catch (error) {
      const told = hbase.logTail();
      await hbase[Symbol.asyncDispose]();
      throw new Error(`HBase does not start\n${told}`, { cause: error });
    }
    noteRealServer('hbase');
    return hbase;
  }

  /** `http://127.0.0.1:PORT`. */
  get url(): string {
    return `http://${host}:${this.restPort}`;
  }

  /** `127.0.0.1:PORT`, by which HBase's own clients find it. */
  get zooKeeper(): string {
    return `${host}:${this.#ports[3]}`;
  }

  logTail(lines = 30): string {
    return [this.#master, this.#gateway].map((each) => each?.tail(lines) ?? '').join('\n---\n');
  }

  /** The process of master, region server and ZooKeeper; on its ports again, with what it had. */
  async startMaster(): Promise<void> {
    this.#master = await this.#spawn(`${program}.master.HMaster`, 'HBase master', 256);
  }

  async startGateway(): Promise<void> {
    this.#gateway = await this.#spawn(`${program}.rest.RESTServer`, 'HBase REST gateway', 200);
  }

  /** SIGKILL. */
  async killMaster(): Promise<void> {
    await this.#master?.kill();
  }

  async killGateway(): Promise<void> {
    await this.#gateway?.kill();
  }

  /** Resolves when the gateway answers and tables can be written to. */
  async waitUntilServing(): Promise<void> {
    await waitFor(
      'HBase to serve',
      async () => {
        for (const each of [this.#master, this.#gateway])
          if (!each?.running) throw new Error(`${each?.name} has ended\n${each?.tail()}`);
        if ((await this.#ask('GET', 'probe/schema')).status === 404) await this.createTable('probe', 'cf');
        return (await this.#ask('PUT', 'probe/p', jsonRows([['p', 'cf:p', 'p']]))).ok;
      },
      { timeoutMs: startMs, everyMs: 200 },
    );
  }

  async createTable(table: string, ...families: string[]): Promise<void> {
    const schema = { name: table, ColumnSchema: families.map((name) => ({ name })) };
    const answer = await this.#ask('POST', `${encodeURIComponent(table)}/schema`, JSON.stringify(schema));
    if (!answer.ok) throw new Error(`table ${table}: ${answer.status} ${await answer.text()}`);
  }

  async dropTable(table: string): Promise<void> {
    await this.#ask('DELETE', `${encodeURIComponent(table)}/schema`);
  }

  async createNamespace(name: string): Promise<void> {
    await this.#ask('POST', `namespaces/${name}`);
  }

  /** All rows of a table, by their keys. */
  async rows(table: string): Promise<HbaseRow[]> {
    const answer = await this.#ask('GET', `${encodeURIComponent(table)}/*`);
    if (!answer.ok) throw new Error(`rows of ${table}: ${answer.status} ${await answer.text()}`);
    const { Row: rows = [] } = (await answer.json()) as { Row?: JsonRow[] };
    return rows.map(({ key, Cell: cells }) => ({
      key: text(key),
      cells: new Map(cells.map(({ column, $: value }) => [text(column), Buffer.from(value, 'base64')])),
    }));
  }

  /** A cell that counts; null: it is not there. */
  async counterOf(table: string, row: string, column: string): Promise<number | null> {
    const cell = (await this.rows(table)).find(({ key }) => key === row)?.cells.get(column);
    return cell === undefined ? null : Number(cell.readBigInt64BE());
  }

  #ask(method: string, path: string, body?: string): Promise<Response> {
    const headers = { accept: 'application/json', 'content-type': 'application/json' };
    const signal = AbortSignal.timeout(20_000);
    return fetch(`${this.url}/${path}`, { method, headers, signal, ...(body === undefined ? {} : { body }) });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#master?.kill(), this.#gateway?.kill()]);
    await this.#dir[Symbol.asyncDispose]();
  }

  #prepare(): void {
    mkdirSync(this.#dir.join('conf'));
    const [rest, master, regionServer, zooKeeper] = this.#ports;
    const settings = {
      'hbase.rootdir': `file://${this.#dir.join('data')}`,
      'hbase.tmp.dir': this.#dir.join('tmp'),
      'hbase.cluster.distributed': false,
      // Plain files: beside checksums the end of a log may wait for the rest of its block, and go with a killed process.
      'fs.file.impl': 'org.apache.hadoop.fs.RawLocalFileSystem',
      'hbase.unsafe.stream.capability.enforce': false,
      'hbase.zookeeper.property.dataDir': this.#dir.join('zookeeper'),
      'hbase.zookeeper.property.clientPort': zooKeeper!,
      'hbase.zookeeper.property.clientPortAddress': host,
      'hbase.zookeeper.property.tickTime': 500,
      'zookeeper.session.timeout.localHBaseCluster': 4000,
      'hbase.zookeeper.quorum': host,
      'hbase.master.port': master!,
      'hbase.master.info.port': -1,
      'hbase.regionserver.port': regionServer!,
      'hbase.regionserver.info.port': -1,
      'hbase.rest.host': host,
      'hbase.rest.port': rest!,
      'hbase.rest.info.port': -1,
      ...Object.fromEntries(
        ['master', 'regionserver'].flatMap((each) => [
          [`hbase.${each}.hostname`, host],
          [`hbase.${each}.ipc.address`, host],
        ]),
      ),
      'hbase.master.wait.on.regionservers.interval': 200,
      'hbase.master.wait.on.regionservers.timeout': 500,
      'hbase.regionserver.msginterval': 500,
      'hbase.regionserver.handler.count': 6,
      // The gateway's own client gives up before the sink does.
      'hbase.client.retries.number': 4,
      'hbase.client.pause': 100,
      ...this.#options.settings,
    };
    writeFileSync(this.#dir.join('conf/hbase-site.xml'), siteXml(settings));
    const log = [
      'log4j.rootLogger=WARN,console',
      'log4j.appender.console=org.apache.log4j.ConsoleAppender',
      'log4j.appender.console.layout=org.apache.log4j.PatternLayout',
      'log4j.appender.console.layout.ConversionPattern=%d{ISO8601} %p %c{1} - %m%n',
      'log4j.appender.console.target=System.err',
    ];
    writeFileSync(this.#dir.join('conf/log4j.properties'), `${log.join('\n')}\n`);
  }

  async #spawn(mainClass: string, name: string, heapMb: number): Promise<ManagedProcess> {
    // JAXB of the gateway makes classes at run time.
    const opens = ['--add-opens', 'java.base/java.lang=ALL-UNNAMED'];
    const { command, args } = await javaCommand('hbase', mainClass, ['start'], {
      jvmFlags: [`-Xmx${heapMb}m`, ...opens],
    });
    const at = args.indexOf('-cp') + 1;
    const all = args.with(at, [this.#dir.join('conf'), args[at]].join(delimiter));
    return await ManagedProcess.spawn(command, all, { name, cwd: this.#dir.path });
  }
}

function jsonRows(cells: readonly (readonly [key: string, column: string, value: string])[]): string {
  const base64 = (value: string) => Buffer.from(value).toString('base64');
  const rows = cells.map(([key, column, value]) => ({
    key: base64(key),
    Cell: [{ column: base64(column), $: base64(value) }],
  }));
  return JSON.stringify({ Row: rows });
}
