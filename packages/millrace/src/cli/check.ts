/**
 * `millrace check`: what a configuration comes to, without starting anything. Exit code 0: clean; 1: something is
 * ignored or dropped; 78: no agent of it, or not the agent that `-n` names, can run, also because a file can't be read;
 * 64: the command line is wrong.
 */

import { resolve } from 'node:path';
import { loadConfiguration } from '../agent/configuration/load-config.ts';
import { loadPlugins } from '../agent/configuration/plugins.ts';
import {
  type AgentModel,
  type ComponentReport,
  type ConfigurationModel,
  missingAgent,
} from '../agent/model.ts';
import type { ComponentDefinition } from '../component/kinds.ts';
import { finding } from '../config/finding.ts';
import { type Diagnostic, formatDiagnostic, printable } from '../runtime/diagnostics.ts';
import { MillraceError } from '../runtime/errors.ts';
import { writeKeyHelp } from './check-explain.ts';
import {
  command,
  confFileOption,
  defineOption,
  pluginsOption,
  runCommand,
  systemProperties,
} from './command.ts';
import { exitCodes, type Io, processIo } from './io.ts';
import { startDefaults, startProperties } from './start-properties.ts';

/** The shape of `--json`; it only ever grows. */
export interface CheckReport {
  readonly agents: readonly {
    readonly name: string;
    /** Whether it runs with at least one source or sink. */
    readonly valid: boolean;
    readonly components: readonly ComponentReport[];
  }[];
  readonly diagnostics: readonly Diagnostic[];
}

const text = {
  name: 'millrace check',
  summary:
    'Say what the agents of Flume properties files come to: every component that is kept or dropped, and everything ' +
    'that is ignored, with its place. Nothing is started, and no command of a config filter is run. Exit code: 0 clean, ' +
    "1 something is ignored or dropped, 78 the agent can't run, 64 wrong usage.",
  examples: [
    'millrace check flume.conf',
    'millrace check -f base.conf -f site.conf -n a1 --json',
    'millrace check --explain a1.sources.r1.batchSize flume.conf',
    'millrace check --explain TAILDIR.filegroups',
    'millrace check --explain kafka.bootstrap.servers',
  ],
};

interface Flags {
  readonly confFile: readonly string[];
  readonly name?: string;
  readonly json?: true;
  readonly plugins: readonly string[];
  readonly strict?: true;
  readonly explain?: string;
  readonly define: readonly string[];
}

export async function run(argv: readonly string[], io: Io = processIo()): Promise<number> {
  const parsed = command(text, io)
    .argument('[file...]', 'properties files, as with -f')
    .option(...confFileOption)
    .option('-n, --name <agent>', 'the agent that is to run; without it, all are looked at')
    .option('--json', 'the report as JSON')
    .option('--explain <key>', 'say what a property is: type, default, unit, values, older names')
    .option('--strict', 'an unknown component type ends the process, as in Flume')
    .option(...pluginsOption)
    .option(...defineOption);
  return await runCommand(parsed, argv, io, async () => {
    const flags = parsed.opts<Flags>();
    const files = [...flags.confFile, ...parsed.args];
    if (flags.explain !== undefined) {
      const model = files.length === 0 ? undefined : await loadForCheck(files, flags, io);
      await writeKeyHelp(flags.explain, await pluginsOf(flags, io), model, flags.json === true, io);
      return exitCodes.ok;
    }
    if (files.length === 0) {
      throw new MillraceError('USAGE', 'no file was given', { remedy: 'millrace check flume.conf' });
    }
    const report = reportOf(await loadForCheck(files, flags, io), files, flags.name);
    if (flags.json === true) io.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
    else writeText(report, io);
    return exitCodeOf(report);
  });
}

const pluginsOf = (flags: Pick<Flags, 'plugins'>, io: Io): Promise<readonly ComponentDefinition[]> =>
  loadPlugins(flags.plugins.map((path) => resolve(io.cwd, path)));

/** What files come to, without anything being run; a file that can't be read is a finding. */
export async function loadForCheck(
  files: readonly string[],
  flags: Pick<Flags, 'plugins' | 'define' | 'strict'>,
  io: Io,
): Promise<ConfigurationModel> {
  const components = await pluginsOf(flags, io);
  try {
    return await loadConfiguration(files, {
      // What `millrace start` sets: its own quickstart is checked as it runs.
      systemProperties: new Map([
        ...startProperties(resolve(io.cwd, startDefaults.dir), startDefaults.listen),
        ...systemProperties(flags.define),
      ]),
      env: io.env,
      strictTypes: flags.strict === true,
      runCommands: false,
      components,
    });
  } catch (error) {
    if (error instanceof MillraceError && error.code === 'CONFIG_INVALID') return unreadable(error);
    throw error;
  }
}

function unreadable(error: MillraceError): ConfigurationModel {
  const file = typeof error.details.file === 'string' ? error.details.file : '';
  const diagnostic = finding('unreadable-file', { file, line: 0, column: 0 }, error.message, error.remedy);
  return { agents: [], diagnostics: [diagnostic], messages: [] };
}

/** The agent that is asked for, or all; findings of the whole file in both cases, as Flume logs them all. */
export function reportOf(model: ConfigurationModel, files: readonly string[], name?: string): CheckReport {
  const agents = name === undefined ? model.agents : model.agents.filter((agent) => agent.name === name);
  const diagnostics = [...model.diagnostics];
  const file = files[files.length - 1] ?? '';
  const place = { file, line: 0, column: 0 };
  const isReadable = !diagnostics.some(({ code }) => code === 'unreadable-file');
  if (name !== undefined && agents.length === 0 && isReadable) {
    const missing = missingAgent(model, name, files);
    if (missing !== null) diagnostics.push(missing);
  } else if (agents.length === 0 && isReadable) {
    diagnostics.push(finding('no-agents', place, 'there is no agent in it'));
  }
  const named = agents.map((agent) => ({
    name: agent.name,
    valid: canRun(agent),
    components: agent.components,
  }));
  if (name !== undefined && named.length === 0) named.push({ name: name, valid: false, components: [] });
  return { agents: named, diagnostics };
}

/** Flume keeps an agent whose last component fell out while it was built; it does nothing, so it can't run. */
const canRun = (agent: AgentModel): boolean => agent.valid && agent.sources.length + agent.sinks.length > 0;

export function exitCodeOf(report: CheckReport): number {
  if (!report.agents.some(({ valid }) => valid)) return exitCodes.configuration;
  const told = report.diagnostics.some(({ severity }) => severity !== 'info');
  const dropped = report.agents.some(({ components }) =>
    components.some(({ status }) => status === 'dropped'),
  );
  return told || dropped ? exitCodes.findings : exitCodes.ok;
}

const colours = {
  error: '\u001b[31m',
  warning: '\u001b[33m',
  info: '\u001b[36m',
  dim: '\u001b[2m',
  off: '\u001b[0m',
};

function writeText(report: CheckReport, io: Io): void {
  const paint = (text: string, colour: keyof typeof colours): string =>
    io.color ? colours[colour] + text + colours.off : text;
  for (const diagnostic of report.diagnostics) {
    const { severity } = diagnostic;
    io.stdout.write(
      `${formatDiagnostic(diagnostic).replace(`: ${severity}: `, () => `: ${paint(severity, severity)}: `)}\n`,
    );
  }
  for (const agent of report.agents) {
    io.stdout.write(
      `\nagent ${printable(agent.name)}: ${agent.valid ? runsText(agent) : paint("can't run", 'error')}\n`,
    );
    for (const line of table(
      agent.components.map(({ kind, name, type, status, reason }) =>
        [kind, name, type, status, reason].map(printable),
      ),
    )) {
      io.stdout.write(`  ${line.includes(' dropped') ? paint(line, 'error') : line}\n`);
    }
  }
}

/** Whether all of it runs, so that a table with dropped rows is not headed by a bare `runs`. */
function runsText({ components }: CheckReport['agents'][number]): string {
  const dropped = components.filter(({ status }) => status === 'dropped').length;
  return dropped === 0 ? 'runs' : `runs without ${dropped} of its ${components.length} components`;
}

function table(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, text] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, text.length);
  }
  return rows.map((row) =>
    row
      .map((text, column) => text.padEnd(widths[column]!))
      .join('  ')
      .trimEnd(),
  );
}
