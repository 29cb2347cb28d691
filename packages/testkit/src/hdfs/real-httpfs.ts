/** Hadoop's HttpFS for tests, in front of a real HDFS. */
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { freePort } from '../net/free-port.ts';
import { javaCommand, log4jConfig, noteRealServer } from '../process/java.ts';
import { ManagedProcess } from '../process/processes.ts';
import { waitFor } from '../process/wait.ts';
import { type RealHdfs, siteXml, superuser } from './real-hdfs.ts';

export class RealHttpFs implements AsyncDisposable {
  readonly port: number;
  readonly #process: ManagedProcess;

  private constructor(child: ManagedProcess, port: number) {
    this.#process = child;
    this.port = port;
  }

  /** The HDFS has to let `hdfs` stand for others (`hadoop.proxyuser.hdfs.*`), which `RealHdfs` does. */
  static async start(hdfs: RealHdfs): Promise<RealHttpFs> {
    const home = hdfs.folder('httpfs');
    const port = await freePort();
    for (const name of ['conf', 'log', 'temp']) mkdirSync(join(home, name));
    cpSync(hdfs.confDir, join(home, 'conf'), { recursive: true });
    const settings = {
      ...{ 'httpfs.http.port': port, 'httpfs.http.hostname': '127.0.0.1' },
      ...{ 'httpfs.proxyuser.hdfs.hosts': '*', 'httpfs.proxyuser.hdfs.groups': '*' },
    };
    writeFileSync(join(home, 'conf/httpfs-site.xml'), siteXml(settings));
    writeFileSync(join(home, 'log4j2.properties'), log4jConfig('WARN'));
    writeFileSync(join(home, 'conf/httpfs-log4j.properties'), 'log4j.rootLogger=WARN\n');
    writeFileSync(join(home, 'conf/httpfs-signature.secret'), 'millrace test');
    const { command, args } = await javaCommand(
      'httpfs',
      'org.apache.hadoop.fs.http.server.HttpFSServerWebServer',
      [],
      {
        jvmFlags: [
          '-Xmx256m',
          // JAXB in it makes classes of its own.
          '--add-opens=java.base/java.lang=ALL-UNNAMED',
          `-Dhttpfs.home.dir=${home}`,
          ...['config', 'log', 'temp'].map(
            (name) => `-Dhttpfs.${name}.dir=${join(home, name === 'config' ? 'conf' : name)}`,
          ),
        ],
        log4j: join(home, 'log4j2.properties'),
      },
    );
    const jars = args.indexOf('-cp') + 1;
    const child = await ManagedProcess.spawn(
      command,
      args.with(jars, [join(home, 'conf'), args[jars]].join(delimiter)),
      { name: 'HttpFS', cwd: home, env: { ...process.env, HADOOP_USER_NAME: superuser } },
    );
    try {
      await waitFor(
        'HttpFS to serve',
        async () => {
          if (!child.running) throw new Error(`HttpFS has ended\n${child.tail()}`);
          const url = `http://127.0.0.1:${port}/webhdfs/v1/?op=GETFILESTATUS&user.name=${superuser}`;
          return (await fetch(url, { signal: AbortSignal.timeout(5000) })).ok;
        },
        { timeoutMs: 60_000, everyMs: 200 },
      );
    } catch (error) {
      const tail = child.tail();
      await child.kill();
      throw new Error(`HttpFS does not serve\n${tail}`, { cause: error });
    }
    noteRealServer('httpfs');
    return new RealHttpFs(child, port);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process.kill();
  }
}
