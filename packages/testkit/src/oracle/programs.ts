/** Millrace's own programs as separate processes that can be killed, stopped and started again. */
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { findNode } from '../../../../scripts/lib/pinned-node.mjs';
import { Program } from './program.ts';

const root = resolve(import.meta.dirname, '../../../..');
const bin = join(root, 'packages/millrace/bin/millrace.mjs');
const sabotageModule = pathToFileURL(join(import.meta.dirname, 'sabotage.ts')).href;

function nodeProgram(): string {
  const found = findNode(root);
  if ('problem' in found) throw new Error(found.problem);
  return found.path;
}

/** The command line of `millrace …args`, program first. */
export const millraceCommand = (args: readonly string[]): string[] => [nodeProgram(), bin, ...args];

export interface MillraceOptions {
  readonly name: string;
  /** What follows `millrace`. */
  readonly args: readonly string[];
  /** Output by which it is known to be ready. */
  readonly ready: RegExp;
  /** A deliberate fault, see `sabotage.ts`. */
  readonly sabotage?: string | undefined;
  /** Flags of Node, such as `--max-old-space-size=64`. */
  readonly nodeFlags?: readonly string[];
  /** A command in front, such as `setpriv … --`. */
  readonly wrapper?: readonly string[];
}

/** `millrace …args`. */
export function millraceProgram(options: MillraceOptions): Program {
  const { name, ready, args, sabotage, wrapper = [], nodeFlags = [] } = options;
  const faulty = sabotage === undefined ? [] : ['--import', sabotageModule];
  return new Program({
    ...{ name, ready, cwd: root },
    command: [...wrapper, nodeProgram(), ...nodeFlags, ...faulty, bin, ...args],
    env: { NODE_OPTIONS: '', ...(sabotage && { MILLRACE_SABOTAGE: sabotage }) },
  });
}

type Extra = Partial<Pick<MillraceOptions, 'sabotage' | 'nodeFlags' | 'wrapper' | 'name' | 'ready'>> & {
  readonly args?: readonly string[];
};

/** `millrace agent` of a configuration file. */
export function agentProgram(configFile: string, agent = 'a1', extra: Extra = {}): Program {
  return millraceProgram({
    name: `agent ${agent}`,
    ready: /Starting Source /,
    ...extra,
    args: ['agent', '-n', agent, '-f', configFile, '-Dflume.root.logger=INFO,console', ...(extra.args ?? [])],
  });
}

/** `millrace broker` on a folder and a port. */
export function brokerProgram(dataDir: string, port: number, extra: Extra = {}): Program {
  return millraceProgram({
    name: 'broker',
    ready: /^ready: broker on/,
    ...extra,
    args: ['broker', '--data', dataDir, '--listen', `127.0.0.1:${port}`, ...(extra.args ?? [])],
  });
}

/** Arguments by which an agent serves its counters on a port. */
export const monitoringArgs = (port: number): string[] => [
  '-Dflume.monitoring.type=http',
  `-Dflume.monitoring.port=${port}`,
  '-Dflume.monitoring.bind=127.0.0.1',
];

/** One counter of an agent that was started with `monitoringArgs`, such as `SOURCE.r1`, `EventAcceptedCount`. */
export async function counterOf(port: number, component: string, name: string): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${port}/metrics`);
  const metrics = (await response.json()) as Record<string, Record<string, string>>;
  return Number(metrics[component]?.[name]);
}
