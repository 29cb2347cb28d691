/** Apache Hive's own command line for tests, with a metastore of its own in a folder: Hive 2.3.10 out of pyspark's jars. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { pythonSetDir } from '../../../../scripts/lib/python-sets.ts';
import { type TempDir, tempDir } from '../files/temp-dir.ts';
import { siteXml } from '../hdfs/real-hdfs.ts';
import { javaCommand, noteRealServer } from '../process/java.ts';
import { runToEnd } from '../process/processes.ts';

/** What Java 17 keeps from Hive of that age unless it is told. */
const opened = ['lang', 'net', 'util', 'util.concurrent', 'io', 'nio'].flatMap((name) => [
  '--add-opens',
  `java.base/java.${name}=ALL-UNNAMED`,
]);

export class RealHive implements Disposable {
  readonly #dir: TempDir;
  readonly #user: string;

  /** @param defaultFs where paths without a server lie, `hdfs://127.0.0.1:PORT`; `user`: as whom it reads there */
  constructor(defaultFs: string, user: string) {
    this.#dir = tempDir('millrace-hive-');
    this.#user = user;
    mkdirSync(this.#dir.join('conf'));
    const settings = {
      'fs.defaultFS': defaultFs,
      'javax.jdo.option.ConnectionURL': `jdbc:derby:;databaseName=${this.#dir.join('metastore')};create=true`,
      'datanucleus.schema.autoCreateAll': true,
      'hive.metastore.schema.verification': false,
      'hive.metastore.warehouse.dir': '/user/hive/warehouse',
      'hive.exec.scratchdir': '/tmp/hive',
      'hive.exec.local.scratchdir': this.#dir.join('scratch'),
      'hive.downloaded.resources.dir': this.#dir.join('resources'),
      'hive.querylog.location': this.#dir.join('log'),
      'hive.execution.engine': 'mr',
    };
    writeFileSync(this.#dir.join('conf/hive-site.xml'), siteXml(settings));
  }

  /**
   * Runs a script; what each query printed, cells separated by tabs. A query is to be one that Hive answers without a job:
   * rows as they are, with conditions. Throws what Hive says of a statement.
   */
  async run(statements: readonly string[]): Promise<string[][]> {
    const script = this.#dir.join('script.sql');
    const mark = 'end of a statement';
    writeFileSync(script, statements.map((statement) => `${statement};\nSELECT '${mark}';\n`).join(''));
    const jars = join(await pythonSetDir('pyspark'), 'pyspark/jars/*');
    const { command, args } = await javaCommand(
      'hive',
      'org.apache.hadoop.hive.cli.CliDriver',
      ['-f', script],
      {
        jvmFlags: [
          ...opened,
          '-Xmx500m',
          `-Djava.io.tmpdir=${this.#dir.path}`,
          `-Dderby.system.home=${this.#dir.path}`,
        ],
      },
    );
    const at = args.indexOf('-cp') + 1;
    const { stdout } = await runToEnd(
      command,
      args.with(at, [this.#dir.join('conf'), jars, args[at]].join(delimiter)),
      {
        name: 'hive',
        cwd: this.#dir.path,
        env: { ...process.env, HADOOP_USER_NAME: this.#user },
        timeoutMs: 300_000,
      },
    );
    noteRealServer('hive');
    const found = stdout.split(`${mark}\n`).map((text) => text.split('\n').slice(0, -1));
    return found.slice(0, statements.length);
  }

  [Symbol.dispose](): void {
    this.#dir[Symbol.dispose]();
  }
}
