/** Apache Flume 1.11 for tests: one agent per process, started from a properties text. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JavaSet } from '../../../../scripts/lib/test-needs.ts';
import { type JvmStyle, javaCommand, log4jConfig, noteRealServer } from '../process/java.ts';
import { type Exit, ManagedProcess } from '../process/processes.ts';

export interface RealFlumeOptions {
  /** The text of flume.conf. */
  readonly conf: string;
  /** The agent's name, `-n`. */
  readonly name?: string;
  /** An existing folder for its files. */
  readonly dir: string;
  readonly jvm?: JvmStyle;
  readonly jvmFlags?: readonly string[];
  /** Jars that a component needs beside Flume's own. */
  readonly beside?: readonly JavaSet[];
  /** A line that tells it is ready; the start of its last source (or sink, without sources) if not given. */
  readonly readyLine?: RegExp;
}

export class RealFlume implements AsyncDisposable {
  readonly process: ManagedProcess;
  /** From the start of the JVM to the ready line, milliseconds. */
  readonly readyAfterMs: number;

  private constructor(child: ManagedProcess) {
    this.process = child;
    this.readyAfterMs = performance.now() - child.startedAtMs;
  }

  static async start(options: RealFlumeOptions): Promise<RealFlume> {
    const name = options.name ?? 'a1';
    mkdirSync(options.dir, { recursive: true });
    const conf = join(options.dir, 'flume.conf');
    const log4j = join(options.dir, 'log4j2.properties');
    writeFileSync(conf, options.conf);
    writeFileSync(log4j, log4jConfig('INFO'));
    const { command, args } = await javaCommand(
      'flume',
      'org.apache.flume.node.Application',
      ['-n', name, '-f', conf, '--no-reload-conf'],
      { jvm: options.jvm, jvmFlags: options.jvmFlags ?? ['-Xmx512m'], log4j, beside: options.beside ?? [] },
    );
    const child = await ManagedProcess.spawn(command, args, {
      name: `Flume agent ${name}`,
      cwd: options.dir,
    });
    try {
      await child.waitForLine(options.readyLine ?? lastStartLine(options.conf, name));
    } catch (error) {
      await child.kill();
      throw error;
    }
    noteRealServer('flume');
    return new RealFlume(child);
  }

  get pid(): number {
    return this.process.pid;
  }

  /** What each of its threads does. */
  async threads(): Promise<string> {
    this.process.signal('SIGQUIT');
    await this.process.waitForLine(/^JNI global refs/);
    const { stdout } = this.process;
    return stdout.slice(stdout.lastIndexOf('Full thread dump'));
  }

  stop(): Promise<Exit> {
    return this.process.stop({ graceMs: 30_000 });
  }

  kill(): Promise<Exit> {
    return this.process.kill();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.process[Symbol.asyncDispose]();
  }
}

/** Flume starts channels, then sinks, then sources, each with a line of its own, in no order worth relying on. */
function lastStartLine(conf: string, agent: string): RegExp {
  const listed = (kind: string) =>
    new RegExp(`^\\s*${agent}\\.${kind}\\s*[=:]\\s*(\\S.*)$`, 'm').exec(conf)?.[1];
  return listed('sources') ? /Starting Source \S+/ : /Starting Sink \S+/;
}
