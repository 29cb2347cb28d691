/**
 * `millrace check`: what a configuration comes to, without starting anything. Exit code 0: clean; 1: something is
 * ignored or dropped; 78: no agent of it, or not the agent that `-n` names, can run, also because a file can't be read;
 * 64: the command line is wrong.
 */
import { parseArgs } from 'node:util';
import { type LoadOptions, loadConfiguration } from '../agent/load-config.ts';
import type { AgentModel, ComponentReport, ConfigurationModel } from '../agent/model.ts';
import { nearest } from '../config/nearest.ts';
import { type Diagnostic, formatDiagnostic } from '../runtime/diagnostics.ts';
import { errorText, MillraceError } from '../runtime/errors.ts';

export interface CheckIo {
  readonly stdout: { write(text: string): unknown; readonly isTTY?: boolean };
  readonly stderr: { write(text: string): unknown };
  readonly env: Readonly<Record<string, string | undefined>>;
}

export const checkExitCodes = { clean: 0, findings: 1, usage: 64, cannotRun: 78 } as const;

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

const usage = `usage: millrace check -f FILE [-f FILE2 …] [-n NAME] [--json] [-DNAME=VALUE …]

Says what the agents of Flume properties files come to: every component that is kept or dropped, and everything that is
ignored, with its place. Nothing is started, and no command of a config filter is run.

  -f, --conf-file FILE  a properties file; a later one overrides an earlier one
  -n, --name NAME       the agent that is to run; without it, all are looked at
  --json                the report as JSON
  --strict-types        an unknown type makes the agent invalid, as it ends Flume's process
  -D NAME=VALUE         a system property, for \${sys:NAME}

exit code: 0 clean, 1 something is ignored or dropped, 78 the agent can't run, 64 wrong usage
`;

interface Arguments {
  readonly files: readonly string[];
  readonly name: string | undefined;
  readonly json: boolean;
  readonly options: LoadOptions;
}

const processIo: CheckIo = { stdout: process.stdout, stderr: process.stderr, env: process.env };

export async function run(argv: readonly string[], io: CheckIo = processIo): Promise<number> {
  if (argv.includes('-h') || argv.includes('--help')) {
    io.stdout.write(usage);
    return checkExitCodes.clean;
  }
  let args: Arguments;
  try {
    args = parseArguments(argv, io.env);
  } catch (error) {
    io.stderr.write(`millrace check: ${errorText(error)}\n\n${usage}`);
    return checkExitCodes.usage;
  }
  let model: ConfigurationModel;
  try {
    model = await loadConfiguration(args.files, args.options);
  } catch (error) {
    if (!(error instanceof MillraceError) || error.code !== 'CONFIG_INVALID') throw error;
    model = unreadable(error);
  }
  const report = reportOf(model, args);
  if (args.json) io.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
  else writeText(report, io);
  return exitCodeOf(report);
}

function parseArguments(argv: readonly string[], env: CheckIo['env']): Arguments {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      'conf-file': { type: 'string', short: 'f', multiple: true },
      name: { type: 'string', short: 'n' },
      json: { type: 'boolean' },
      'strict-types': { type: 'boolean' },
      define: { type: 'string', short: 'D', multiple: true },
    },
  });
  const files = values['conf-file'] ?? [];
  if (files.length === 0) throw new MillraceError('USAGE', '-f FILE is missing');
  const systemProperties = new Map<string, string>();
  for (const definition of values.define ?? []) {
    const equals = definition.indexOf('=');
    if (equals === -1) systemProperties.set(definition, '');
    else systemProperties.set(definition.slice(0, equals), definition.slice(equals + 1));
  }
  const options = { systemProperties, env, strictTypes: values['strict-types'] === true, runCommands: false };
  return { files, name: values.name, json: values.json === true, options };
}

function unreadable(error: MillraceError): ConfigurationModel {
  const file = typeof error.details.file === 'string' ? error.details.file : '';
  const diagnostic: Diagnostic = {
    file,
    line: 0,
    column: 0,
    severity: 'error',
    code: 'unreadable-file',
    message: error.message,
    suggestion: error.remedy,
  };
  return { agents: [], diagnostics: [diagnostic], messages: [] };
}

/** The agent that is asked for, or all; findings of the whole file in both cases, as Flume logs them all. */
export function reportOf(model: ConfigurationModel, args: Pick<Arguments, 'files' | 'name'>): CheckReport {
  const agents =
    args.name === undefined ? model.agents : model.agents.filter(({ name }) => name === args.name);
  const diagnostics = [...model.diagnostics];
  const file = args.files[args.files.length - 1] ?? '';
  const place = { file, line: 0, column: 0, severity: 'error' } as const;
  const isReadable = !diagnostics.some(({ code }) => code === 'unreadable-file');
  if (args.name !== undefined && agents.length === 0 && isReadable) {
    const names = model.agents.map(({ name }) => name);
    const near = nearest(args.name, names) ?? (names.length === 1 ? names[0] : undefined);
    diagnostics.push({
      ...place,
      code: 'no-such-agent',
      message: `there is no agent ${args.name}; an empty agent would run`,
      ...(near === undefined ? {} : { suggestion: `did you mean ${near}?` }),
    });
  } else if (agents.length === 0 && isReadable) {
    diagnostics.push({ ...place, code: 'no-agents', message: 'there is no agent in it' });
  }
  const named = agents.map((agent) => ({
    name: agent.name,
    valid: canRun(agent),
    components: agent.components,
  }));
  if (args.name !== undefined && named.length === 0)
    named.push({ name: args.name, valid: false, components: [] });
  return { agents: named, diagnostics };
}

/** Flume keeps an agent whose last component fell out while it was built; it does nothing, so it can't run. */
const canRun = (agent: AgentModel): boolean => agent.valid && agent.sources.length + agent.sinks.length > 0;

export function exitCodeOf(report: CheckReport): number {
  if (!report.agents.some(({ valid }) => valid)) return checkExitCodes.cannotRun;
  const told = report.diagnostics.some(({ severity }) => severity !== 'info');
  const dropped = report.agents.some(({ components }) =>
    components.some(({ status }) => status === 'dropped'),
  );
  return told || dropped ? checkExitCodes.findings : checkExitCodes.clean;
}

const colours = {
  error: '\u001b[31m',
  warning: '\u001b[33m',
  info: '\u001b[36m',
  dim: '\u001b[2m',
  off: '\u001b[0m',
};

function writeText(report: CheckReport, io: CheckIo): void {
  const coloured = io.stdout.isTTY === true && (io.env.NO_COLOR ?? '') === '';
  const paint = (text: string, colour: keyof typeof colours): string =>
    coloured ? colours[colour] + text + colours.off : text;
  for (const diagnostic of report.diagnostics) {
    const { severity } = diagnostic;
    io.stdout.write(
      `${formatDiagnostic(diagnostic).replace(`: ${severity}: `, () => `: ${paint(severity, severity)}: `)}\n`,
    );
  }
  for (const agent of report.agents) {
    io.stdout.write(`\nagent ${agent.name}: ${agent.valid ? 'runs' : paint("can't run", 'error')}\n`);
    for (const line of table(
      agent.components.map(({ kind, name, type, status, reason }) => [kind, name, type, status, reason]),
    )) {
      io.stdout.write(`  ${line.includes(' dropped') ? paint(line, 'error') : line}\n`);
    }
  }
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
