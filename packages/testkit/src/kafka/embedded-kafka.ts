/** The embedded broker as a program of its own, where a test takes it for Apache Kafka: `RealKafka` without Java. */
import { readdirSync, readFileSync } from 'node:fs';
import { type TempDir, tempDir } from '../files/temp-dir.ts';
import { lastingPort } from '../oracle/port.ts';
import type { Program } from '../oracle/program.ts';
import { brokerProgram } from '../oracle/programs.ts';
import { waitFor } from '../process/wait.ts';
import { KafkaTools } from './kafka-tools.ts';

export interface EmbeddedKafkaOptions {
  /** By their names, as `--set` takes them. */
  readonly settings?: Readonly<Record<string, string | number>>;
}

/** One node on loopback, with a folder of its own: `await using kafka = await EmbeddedKafka.start()`. */
export class EmbeddedKafka implements AsyncDisposable {
  readonly bootstrap: string;
  readonly tools: KafkaTools;
  readonly dataDir: string;
  readonly #dir: TempDir;
  readonly #program: Program;

  private constructor(dir: TempDir, port: number, { settings = {} }: EmbeddedKafkaOptions) {
    this.#dir = dir;
    this.dataDir = dir.join('data');
    this.bootstrap = `127.0.0.1:${port}`;
    this.tools = new KafkaTools(this.bootstrap);
    const args = Object.entries(settings).flatMap(([name, value]) => ['--set', `${name}=${value}`]);
    this.#program = brokerProgram(this.dataDir, port, { args });
  }

  static async start(options: EmbeddedKafkaOptions = {}): Promise<EmbeddedKafka> {
    const kafka = new EmbeddedKafka(tempDir('millrace-embedded-'), await lastingPort(), options);
    await kafka.#program.start();
    return kafka;
  }

  /** `kill -9`; resolves when it is gone. */
  async kill(): Promise<void> {
    await this.#program.kill();
  }

  /** Starts it again, on the same port and folder. */
  async restart(): Promise<void> {
    await this.#program.start();
  }

  signal(signal: NodeJS.Signals): void {
    this.#program.signal(signal);
  }

  /** SIGSTOP; resolves when all its threads stand still. */
  async halt(): Promise<void> {
    this.signal('SIGSTOP');
    const tasks = `/proc/${this.#program.pid}/task`;
    const isHalted = (task: string) => /^State:\s+T/m.test(readFileSync(`${tasks}/${task}/status`, 'latin1'));
    await waitFor('the broker is halted', () => readdirSync(tasks).every(isHalted));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#program[Symbol.asyncDispose]();
    this.#dir[Symbol.dispose]();
  }
}
