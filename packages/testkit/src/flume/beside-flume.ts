/** Sources beside a real Flume's: the same configuration on other ports, each source with a file for what it takes. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Agent } from '../../../millrace/src/agent/agent.ts';
import { recordingLogger } from '../../../millrace/src/component/testing/context.ts';
import { type TempDir, tempDir } from '../files/temp-dir.ts';
import { RealFlume } from './real-flume.ts';

/** Lines of agent a1: a sink that writes what is in the channel of its name into `DIR/NAME`. */
export function fileSinkLines(name: string, dir: string): string[] {
  mkdirSync(join(dir, name), { recursive: true });
  return [
    `a1.sinks.${name}.type = file_roll`,
    `a1.sinks.${name}.channel = ${name}`,
    `a1.sinks.${name}.sink.directory = ${dir}/${name}`,
    `a1.sinks.${name}.sink.rollInterval = 0`,
    `a1.sinks.${name}.sink.serializer = HEADER_AND_TEXT`,
  ];
}

/** The text of all files of a folder. */
export function textIn(folder: string, encoding: BufferEncoding = 'utf8'): string {
  return readdirSync(folder)
    .map((file) => readFileSync(join(folder, file), encoding))
    .join('');
}

/** One side: its folder, and the ports of its sources. */
export interface Side {
  readonly dir: TempDir;
  readonly ports: readonly number[];
}

export class BesideFlume implements AsyncDisposable {
  readonly own: Side;
  readonly flume: Side;
  readonly flumePid: number;
  readonly #stack: AsyncDisposableStack;

  private constructor(own: Side, flume: Side, flumePid: number, stack: AsyncDisposableStack) {
    this.own = own;
    this.flume = flume;
    this.flumePid = flumePid;
    this.#stack = stack;
  }

  /** Runs agent a1 of `conf` twice. `ports`: free ones, half of them for each. Flume's may listen a little later. */
  static async start(
    what: string,
    ports: readonly number[],
    conf: (dir: string, ports: readonly number[]) => string,
  ): Promise<BesideFlume> {
    await using stack = new AsyncDisposableStack();
    const half = ports.length / 2;
    const own = { dir: stack.use(tempDir(`millrace-${what}-`)), ports: ports.slice(0, half) };
    const flume = { dir: stack.use(tempDir(`flume-${what}-`)), ports: ports.slice(half) };
    const flumeDir = flume.dir.path;
    const { pid } = stack.use(await RealFlume.start({ conf: conf(flumeDir, flume.ports), dir: flumeDir }));
    const file = own.dir.join('f.conf');
    writeFileSync(file, conf(own.dir.path, own.ports));
    const options = { log: recordingLogger(), reloadIntervalMs: 0, drainMs: 0 };
    await stack.use(await Agent.fromFile(file, 'a1', options)).start();
    return new BesideFlume(own, flume, pid, stack.move());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }
}
