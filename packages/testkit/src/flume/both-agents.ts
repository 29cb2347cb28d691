/** The same agent as a real Flume and as Millrace: it runs until its sinks have what they must get. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import avro from 'avsc';
import type { JavaSet } from '../../../../scripts/lib/test-needs.ts';
import { Agent } from '../../../millrace/src/agent/agent.ts';
import { containerContents } from '../files/avro-container.ts';
import { freePort } from '../net/free-port.ts';
import { counterOf, monitoringArgs } from '../oracle/programs.ts';
import { waitFor } from '../process/wait.ts';
import { RealFlume } from './real-flume.ts';

export type Who = 'flume' | 'millrace';
export const both: readonly Who[] = ['flume', 'millrace'];

export interface Ran {
  /** A counter at the end, such as `SOURCE.r1 EventAcceptedCount`. */
  counter(name: string): number | undefined;
}

export interface AgentToRun {
  readonly who: Who;
  /** Of agent a1. */
  readonly conf: string;
  /** An existing folder for its files. */
  readonly dir: string;
  /** Sinks, and how many events each must drain. */
  readonly drains?: ReadonlyMap<string, number>;
  /** Done once it runs, before its counters are waited for; it may ask for them. */
  readonly meanwhile?: (counter: (name: string) => Promise<number>) => Promise<unknown>;
  /** Other counters, and what each must reach. */
  readonly reached?: ReadonlyMap<string, number>;
  /** Counters that are wanted at the end, `SOURCE.r1 EventAcceptedCount`. */
  readonly counters?: readonly string[];
  /** Jars that Flume needs beside its own. */
  readonly beside?: readonly JavaSet[];
}

export async function runAgent(run: AgentToRun): Promise<Ran> {
  return run.who === 'flume' ? await runFlume(run) : await runMillrace(run);
}

async function runFlume(run: AgentToRun): Promise<Ran> {
  const { conf, dir, beside = [] } = run;
  const port = await freePort();
  const jvmFlags = ['-Xmx512m', '-Dfile.encoding=UTF-8', ...monitoringArgs(port)];
  await using flume = await RealFlume.start({ conf, dir, jvmFlags, beside });
  try {
    const ran = await untilReached(run, (component, name) => counterOf(port, component, name));
    await flume.stop();
    return ran;
  } catch (error) {
    const told = flume.process.stdout.split('\n').filter((line) => / (WARN|ERROR) /.test(line));
    throw new Error(`Flume: ${told.slice(-20).join('\n')}`, { cause: error });
  }
}

async function runMillrace(run: AgentToRun): Promise<Ran> {
  const file = join(run.dir, 'flume.conf');
  writeFileSync(file, run.conf);
  const agent = await Agent.fromFile(file, 'a1');
  await agent.start();
  try {
    return await untilReached(run, async (component, name) => {
      const [kind = '', own] = component.split('.');
      const found = agent.counters().find((each) => each.name === own && each.kind === kind.toLowerCase());
      return Number(found?.attributes[name]);
    });
  } catch (error) {
    const told = agent.diagnostics.map(({ message }) => message);
    throw new Error(`Millrace: ${told.join('\n')} ${JSON.stringify(agent.state())}`, { cause: error });
  } finally {
    await agent.stop();
  }
}

/** Waits for the counters that must be reached; those that are wanted then. */
async function untilReached(
  { drains = new Map(), reached = new Map(), counters = [], meanwhile }: AgentToRun,
  counterNow: (component: string, name: string) => Promise<number>,
): Promise<Ran> {
  const now = (counter: string): Promise<number> => {
    const [component = '', name = ''] = counter.split(' ');
    return counterNow(component, name);
  };
  const drained = [...drains].map(([sink, count]) => [`SINK.${sink} EventDrainSuccessCount`, count] as const);
  const wanted = new Map<string, number>([...drained, ...reached]);
  const last = new Map<string, number>();
  await meanwhile?.(now);
  const isReached = async () => {
    for (const counter of wanted.keys()) last.set(counter, await now(counter));
    return [...wanted].every(([counter, count]) => last.get(counter)! >= count);
  };
  await waitFor('all counters', isReached, { timeoutMs: 60_000, everyMs: 200 }).catch((cause: unknown) => {
    const missing = [...wanted].filter(([counter, count]) => !(last.get(counter)! >= count));
    const shown = missing.map(([counter, count]) => `${counter} ${last.get(counter)} of ${count}`);
    throw new Error(`not reached: ${shown.join(', ')}`, { cause });
  });
  const found = new Map<string, number>();
  for (const counter of counters) found.set(counter, await now(counter));
  return { counter: (name) => found.get(name) };
}

/** Lines of a file_roll sink whose files `eventsOf` reads. */
export function eventFileSink(sink: string, channel: string, folder: string): string[] {
  mkdirSync(folder, { recursive: true });
  return [
    `sinks.${sink}.type = file_roll`,
    `sinks.${sink}.channel = ${channel}`,
    `sinks.${sink}.sink.directory = ${folder}`,
    `sinks.${sink}.sink.rollInterval = 0`,
    `sinks.${sink}.sink.serializer = AVRO_EVENT`,
  ];
}

/** The events of all files of a folder, sorted: headers by name (the order in which Java has them apart), and the body. */
export async function eventsOf(folder: string): Promise<string[]> {
  const found: string[] = [];
  for (const name of await readdir(folder)) {
    const bytes = await readFile(join(folder, name));
    if (bytes.length === 0) continue;
    const { metadata, data } = containerContents(bytes);
    const type = avro.Type.forSchema(JSON.parse(new Map(metadata).get('avro.schema')!), { registry: {} });
    for (let at = 0; at < data.length; ) {
      const { value, offset } = type.decode(data, at);
      const { headers, body } = value as { headers: Record<string, string>; body: Buffer };
      const shown = Object.entries(headers).sort(([a], [b]) => (a < b ? -1 : 1));
      found.push(`${JSON.stringify(shown)} ${body.toString('latin1')}`);
      at = offset;
    }
  }
  return found.sort();
}
