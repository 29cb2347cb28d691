/** One agent of a file chain with its lines, for cases without kills: every line once. */
import { readdirSync, readlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { type TempDir, tempDir } from '../files/temp-dir.ts';
import { waitFor } from '../process/wait.ts';
import { type Chain, type FileChainOptions, fileChain } from './chains.ts';
import { faultsOf, judge, LineWriter, rolledArrivals, type Verdict } from './lines.ts';
import type { Program } from './program.ts';
import { agentProgram, type MillraceOptions } from './programs.ts';
import { arrivedOrStill } from './tailing.ts';

export type LiveOptions = FileChainOptions & {
  readonly chain?: (dir: TempDir) => Chain;
  readonly program?: Partial<Pick<MillraceOptions, 'wrapper' | 'nodeFlags'>> & {
    readonly args?: readonly string[];
  };
  /** Called before the agent starts. */
  readonly prepare?: (live: LiveChain) => void | Promise<void>;
};

export class LiveChain implements AsyncDisposable {
  readonly dir: TempDir;
  readonly chain: Chain;
  readonly agent: Program;
  readonly lines = new LineWriter();

  private constructor(dir: TempDir, chain: Chain, agent: Program) {
    this.dir = dir;
    this.chain = chain;
    this.agent = agent;
  }

  static async start(options: LiveOptions = {}): Promise<LiveChain> {
    const dir = tempDir('millrace-fault-');
    const chain = options.chain?.(dir) ?? fileChain(dir, options);
    const live = new LiveChain(dir, chain, agentProgram(chain.configFile, 'a1', options.program));
    try {
      await options.prepare?.(live);
      await live.agent.start();
    } catch (error) {
      await live[Symbol.asyncDispose]();
      throw error;
    }
    return live;
  }

  /** A path among the tailed files. */
  in(name: string): string {
    return this.dir.join('in', name);
  }

  /** Appends lines of a stream of the file's name. */
  write(name: string, count: number, stream = name): void {
    this.lines.append(this.in(name), stream, count);
  }

  /** Waits until the agent has the file open. */
  async untilOpen(name: string): Promise<void> {
    const fds = `/proc/${this.agent.pid}/fd`;
    const path = this.in(name);
    await waitFor(`${name} to be opened`, () =>
      readdirSync(fds).some((fd) => {
        try {
          return readlinkSync(`${fds}/${fd}`) === path;
        } catch {
          return false; // closed meanwhile
        }
      }),
    );
  }

  verdict(): Verdict {
    return judge(this.lines.obligations, rolledArrivals(this.chain.output));
  }

  /** Waits until all lines are there, or nothing comes any more. */
  async settle(stillMs = 15_000): Promise<Verdict> {
    await arrivedOrStill(() => this.lines.count - this.verdict().missing.length, this.lines.count, stillMs);
    await sleep(300); // doubles would come after
    return this.verdict();
  }

  /** What is wrong when every line has to be there once. */
  async onceFaults(): Promise<string[]> {
    return faultsOf(await this.settle(), { allowDoubles: 0 });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.agent[Symbol.asyncDispose]();
    await this.dir[Symbol.asyncDispose]();
  }
}
