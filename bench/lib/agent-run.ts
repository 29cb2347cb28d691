/** The frame of a run whose contender is an agent: start it, watch what arrives, note what it cost, compare what is there. */
import { type TempDir, tempDir } from '../../packages/testkit/src/files/temp-dir.ts';
import { freePort } from '../../packages/testkit/src/net/free-port.ts';
import { counterOf, monitoringArgs } from '../../packages/testkit/src/oracle/programs.ts';
import { rateOf, watchCount } from './arrival.ts';
import type { Measurement, ProcessCost } from './measurement.ts';
import { type Measured, type ProgramOptions, startFlume, startMillraceAgent } from './programs.ts';

/** A server that was running before: its cost counts from the mark. */
export interface Marked {
  mark(): void;
  costSinceMark(): ProcessCost;
}

export const agentPrograms = { flume: startFlume, millrace: startMillraceAgent } as const;
export type AgentProgram = keyof typeof agentPrograms;

export interface AgentRun {
  readonly program: AgentProgram;
  readonly programOptions?: ProgramOptions;
  /** What its process is called in the table. */
  readonly name: string;
  /** Of agent a1; `dir`: a folder of this run. */
  conf(dir: string): string;
  /** When so many have arrived the clock stops. */
  readonly events: number;
  /** Bytes of one body. */
  readonly bodyBytes: number;
  /** How many have arrived; `counter`: one of the agent's own, such as `SINK.k1`, `EventDrainSuccessCount`. */
  count(at: {
    dir: string;
    counter(component: string, name: string): Promise<number>;
  }): number | Promise<number>;
  readonly alongside?: Readonly<Record<string, Marked>>;
  /** After the clock has stopped, the agent still running: throws unless everything is there, once. */
  check(dir: string, agent: Measured): void | Promise<void>;
}

/** One run: the rate counts from the first look that found any to the last event; CPU is the agent's whole life up to it. */
export async function measureAgent(run: AgentRun): Promise<Measurement> {
  await using folder: TempDir = tempDir('millrace-bench-');
  const dir = folder.path;
  const port = await freePort();
  for (const each of Object.values(run.alongside ?? {})) each.mark();
  const start = agentPrograms[run.program];
  await using agent = await start(dir, run.conf(dir), {
    ...run.programOptions,
    properties: [...(run.programOptions?.properties ?? []), ...monitoringArgs(port)],
  });
  const counter = (component: string, name: string) =>
    counterOf(port, component, name).then(
      (value) => value || 0,
      () => 0, // not up yet
    );
  const arrival = await watchCount({
    count: () => run.count({ dir, counter }),
    events: run.events,
    everyMs: 50,
    onLook: () => agent.check(),
    onFirst: () => agent.markReady(),
  });
  const cost = agent.costSinceMark();
  const others = Object.entries(run.alongside ?? {}).map(([name, each]) => [name, each.costSinceMark()]);
  await run.check(dir, agent);
  agent.checkOutput();
  return {
    events: arrival.lastCount,
    bytes: arrival.lastCount * run.bodyBytes,
    eventsPerSecond: rateOf(arrival),
    wholeSeconds: (arrival.lastAtMs - agent.startedAtMs) / 1000,
    readyAfterMs: arrival.firstSeenAtMs - agent.startedAtMs,
    processes: { [run.name]: cost, ...Object.fromEntries(others) },
  };
}
