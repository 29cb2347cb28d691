/** Starting the programs that are compared, the same way for all of them. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { startRsyslog } from '../../packages/testkit/src/net/real-rsyslog.ts';
import { javaCommand, log4jConfig } from '../../packages/testkit/src/process/java.ts';
import { cpuSeconds, FigureSampler, memoryOf } from '../../packages/testkit/src/process/process-figures.ts';
import { exitText, ManagedProcess } from '../../packages/testkit/src/process/processes.ts';
import type { JavaSet } from '../../scripts/lib/test-needs.ts';
import type { ProcessCost } from './measurement.ts';
import { Misconfigured } from './row.ts';

const millrace = resolve(import.meta.dirname, '../../packages/millrace/bin/millrace.mjs');

/** The first line in which a program tells of a fault: Java's, Millrace's and rsyslog's words, and the collector's columns. */
export function faultLine(said: string): string | undefined {
  return said
    .split('\n')
    .find((line) =>
      /\bERROR\b|\bFATAL\b|Could not configure|Exception|omkafka: .*(fail|error)|\t(warn|error|fatal)\t/.test(
        line,
      ),
    );
}

/** A program under measurement: its cost is sampled until it is disposed. */
export class Measured implements AsyncDisposable {
  readonly process: ManagedProcess;
  readonly #sampler: FigureSampler;
  #readyRssBytes: number | null = null;
  #cpuAtMark = 0;

  constructor(child: ManagedProcess) {
    this.process = child;
    this.#sampler = new FigureSampler(child.pid);
  }

  get startedAtMs(): number {
    return this.process.startedAtMs;
  }

  markReady(): void {
    this.#readyRssBytes ??= memoryOf(this.process.pid)?.rssBytes ?? null;
  }

  /** From here on `costSinceMark` counts: for a server that was running before. */
  mark(): void {
    this.#cpuAtMark = cpuSeconds(this.process.pid) ?? 0;
  }

  costSinceMark(): ProcessCost {
    const { cpuSeconds: total, peakRssBytes } = this.#sampler.sample();
    return { cpuSeconds: total - this.#cpuAtMark, readyRssBytes: this.#readyRssBytes, peakRssBytes };
  }

  /** Throws when the program has ended or has said that it is set up wrongly. */
  check(): void {
    if (this.process.exit) {
      throw new Misconfigured(
        `${this.process.name} ended (${exitText(this.process.exit)})\n${this.process.tail()}`,
      );
    }
  }

  /** Throws when its output tells of a fault. Called after a run: a peer that limps is not a peer. */
  checkOutput(): void {
    const fault = faultLine(`${this.process.stdout}\n${this.process.stderr}`);
    if (fault) throw new Misconfigured(`${this.process.name}: ${fault}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#sampler[Symbol.dispose]();
    await this.process.kill();
  }
}

/** Lowest memory that Flume's tuned and default configurations run in without trouble. */
const flumeHeap = ['-Xms512m', '-Xmx2g'];

export interface ProgramOptions {
  /** `-D` properties that both programs take, such as those of the monitoring. */
  readonly properties?: readonly string[];
  /** Of Millrace: environment variables over those of the bench. */
  readonly env?: Readonly<Record<string, string>>;
  /** Of Flume: jars that a component needs beside its own. */
  readonly beside?: readonly JavaSet[];
  /** Of Flume: a folder in front of its class path, such as the settings of a cluster. */
  readonly classes?: string;
}

export async function startFlume(
  dir: string,
  conf: string,
  { properties = [], ...paths }: ProgramOptions = {},
): Promise<Measured> {
  mkdirSync(dir, { recursive: true });
  const file = join(dir, 'flume.conf');
  const log4j = join(dir, 'log4j2.properties');
  writeFileSync(file, conf);
  writeFileSync(log4j, log4jConfig('WARN'));
  const { command, args } = await javaCommand(
    'flume',
    'org.apache.flume.node.Application',
    ['-n', 'a1', '-f', file, '--no-reload-conf'],
    // Only the heap is set: the compiler and the collector are the JVM's own choice, as in bin/flume-ng.
    { jvm: 'plain', jvmFlags: [...flumeHeap, ...properties], log4j, ...paths },
  );
  return new Measured(await ManagedProcess.spawn(command, args, { name: 'Flume', cwd: dir }));
}

export async function startMillraceAgent(
  dir: string,
  conf: string,
  { properties = [], env = {} }: ProgramOptions = {},
): Promise<Measured> {
  mkdirSync(dir, { recursive: true });
  const file = join(dir, 'flume.conf');
  writeFileSync(file, conf);
  const args = [millrace, 'agent', '-n', 'a1', '-f', file, '--no-reload-conf', ...properties];
  return new Measured(
    await ManagedProcess.spawn(process.execPath, args, {
      ...{ name: 'Millrace agent', cwd: dir },
      env: { ...process.env, ...env },
    }),
  );
}

export interface BrokerOptions {
  readonly dataDir: string;
  readonly port: number;
  /** `os` answers from the page cache, as Kafka does. */
  readonly flush?: 'fsync' | 'os';
}

export async function startMillraceBroker(options: BrokerOptions): Promise<Measured> {
  const args = [millrace, 'broker', '--data', options.dataDir, '--listen', `127.0.0.1:${options.port}`];
  if (options.flush) args.push('--set', `log.flush=${options.flush}`);
  return new Measured(await ManagedProcess.spawn(process.execPath, args, { name: 'Millrace broker' }));
}

export async function startRsyslogd(dir: string, conf: string): Promise<Measured> {
  mkdirSync(dir, { recursive: true });
  return new Measured(await startRsyslog(dir, conf));
}

export async function startKcat(args: readonly string[]): Promise<Measured> {
  return new Measured(await ManagedProcess.spawn('kcat', args, { name: 'kcat', keepBytes: 64 * 1024 }));
}
