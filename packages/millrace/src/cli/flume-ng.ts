import { readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { agentProcess } from '../process/run-agent.ts';
import { printable } from '../runtime/diagnostics.ts';
import { errorText, MillraceError } from '../runtime/errors.ts';

import { collect, command, pluginsOption, runCommand, systemProperties, wholeNumber } from './command.ts';
import { readFlumeEnv } from './flume-env.ts';
import { exitCodes, type Io, processIo } from './io.ts';
import { serve } from './serve.ts';
import { packageVersion } from './version.ts';

const usage = `Usage: flume-ng COMMAND [options]

commands:
  help       print this help
  agent      run an agent
  version    print version

global options:
  --conf,-c DIR           configuration folder: the -D properties in its flume-env.sh are
                          read, the file is not run
  -Dproperty=value        system property
  --plugins PATH          a module with components of your own (millrace/component), or a
                          folder of some; may be repeated
  --plugins-path DIRS     folders, separated by colons: their modules (*.ts, *.js), and those
                          one folder below, as --plugins; jars are not loaded
  --classpath,-C, -X..., -javaagent...
                          accepted without effect: there is no JVM

agent options:
  --name,-n NAME          name of the agent (required)
  --conf-file,-f FILE     properties file; may be repeated, later ones override
  --conf-uri,-u URI       as -f, for file: URIs
  --poll-interval,-i SEC  how often changed files are looked for (30)
  --no-reload-conf        read the files once
  --dryrun,-d             show what would run, and run nothing
  --help,-h               print this help

Example:
  flume-ng agent -n a1 -c conf -f flume.conf -Dflume.root.logger=INFO,console
`;

/** Long names that Flume's commons-cli also takes with one dash; commander would read them as short options. */
const singleDash = [
  'name',
  'conf-file',
  'conf-uri',
  'conf',
  'poll-interval',
  'no-reload-conf',
  'help',
  'classpath',
  'plugins',
  'plugins-path',
  'dryrun',
  'user',
  'pwd',
  'prov',
];
/** What is for the JVM, or for how its class path is built. */
const forTheJvm = /^-(X|javaagent|agentlib|agentpath)/;

/** Runs the command line `flume-ng …argv`, as the script of Flume 1.11 takes it; returns the exit code. */
export async function run(argv: readonly string[], io: Io = processIo()): Promise<number> {
  const [name, ...rest] = argv;
  switch (name) {
    case 'agent':
      return agent(rest, io);
    case 'node':
      io.stderr.write("Warning: The 'node' command is deprecated. Please use 'agent' instead.\n");
      return agent(rest, io);
    case 'version':
      io.stdout.write(`Millrace ${packageVersion()}, runs configurations of Flume 1.11.0\n`);
      return exitCodes.ok;
    case 'help':
    case '--help':
    case '-h':
      io.stdout.write(usage);
      return exitCodes.ok;
    case 'avro-client':
    case 'tool':
      io.stderr.write(`flume-ng: '${name}' is not there yet\n`);
      return exitCodes.unavailable;
    default:
      io.stderr.write(`error: Unknown or unspecified command '${name ?? ''}'\n${usage}`);
      return exitCodes.findings;
  }
}

interface Options {
  name?: string;
  confFile: string[];
  confUri: string[];
  plugins: string[];
  pluginsPath?: string;
  define: string[];
  pollInterval: number;
  reloadConf: boolean;
  conf?: string;
  dryrun?: true;
  prov?: string;
  zkConnString?: string;
}

function agent(argv: readonly string[], io: Io): Promise<number> {
  const words = argv
    .filter((word) => !forTheJvm.test(word))
    .map((word) => (singleDash.some((name) => word === `-${name}`) ? `-${word}` : word));
  const parsed = command(
    {
      name: 'flume-ng agent',
      summary: 'Runs an agent, as Flume does.',
      examples: ['flume-ng agent -n a1 -c conf -f flume.conf -Dflume.root.logger=INFO,console'],
    },
    io,
  )
    .option('-n, --name <agent>', 'name of the agent (required)')
    .option('-f, --conf-file <file>', 'properties file; may be repeated', collect, [])
    .option('-u, --conf-uri <uri>', 'file: URI; may be repeated; wins over -f', collect, [])
    .argument('[word...]', 'ignored, as in Flume')
    .option('-c, --conf <dir>', 'configuration folder; the -D properties in its flume-env.sh are read')
    .option('-C, --classpath <path>', 'no effect: there is no JVM')
    .option(...pluginsOption)
    .option('--plugins-path <dirs>', 'folders, separated by colons, whose modules are as --plugins')
    .option('-d, --dryrun', 'show what would run, and run nothing')
    .option('-D, --define <name=value>', 'system property', collect, [])
    .option(
      '-i, --poll-interval <seconds>',
      'how often changed files are looked for',
      wholeNumber('-i', 1),
      30,
    )
    .option('--no-reload-conf', 'read the files once')
    .option('--prov, --conf-provider <class>', 'not supported')
    .option('-z, --zkConnString <hosts>', 'not supported')
    .option('-p, --zkBasePath <path>', 'not supported');
  return runCommand(parsed, words, io, () => runAgent(parsed.opts<Options>(), parsed.args, io));
}

async function runAgent(options: Options, ignored: readonly string[], io: Io): Promise<number> {
  if (options.zkConnString !== undefined) throw notThere('-z (configuration from ZooKeeper)');
  if (options.name === undefined) {
    throw new MillraceError('USAGE', 'Missing required option: n', {
      remedy: 'flume-ng agent -n a1 -f flume.conf',
    });
  }
  const files = options.confUri.length > 0 ? options.confUri.map(fileOfUri) : options.confFile;
  if (files.length === 0) {
    throw new MillraceError('USAGE', 'no configuration was given', { remedy: 'Add -f FILE.' });
  }
  if (ignored.length > 0) {
    io.stderr.write(`flume-ng: ignored, as in Flume: ${ignored.map(printable).join(' ')}\n`);
  }
  const fromFolder = options.conf === undefined ? null : readFlumeEnv(resolve(io.cwd, options.conf), io.env);
  for (const note of fromFolder?.notes ?? []) io.stderr.write(`flume-ng: ${printable(note)}\n`);
  const properties = new Map([...(fromFolder?.properties ?? []), ...systemProperties(options.define)]);
  const plugins = [
    ...options.plugins.map((path) => resolve(io.cwd, path)),
    ...pluginFolders(options.pluginsPath, io),
  ];
  if (options.dryrun === true) {
    io.stdout.write(`${dryRun(options.name, files, plugins, properties)}\n`);
    return exitCodes.ok;
  }
  const process = agentProcess({
    agentName: options.name,
    files: files.map((file) => resolve(io.cwd, file)),
    systemProperties: properties,
    reload: options.reloadConf,
    pollIntervalMs: options.pollInterval * 1000,
    drainMs: 30_000,
    strictTypes: false,
    plugins,
    jsonLog: false,
  });
  // As Flume's JVM ends, so that scripts and units that were written for it understand it.
  return serve(process, io, { drainMs: 30_000, terminated: exitCodes.terminated, summary: false });
}

/**
 * The folders of Flume's `--plugins-path`, with those one below (`plugins.d/NAME`). Command lines that were written for
 * Flume name folders of jars, or that are not there: nothing of them is a fault, and nothing is loaded of them.
 */
function pluginFolders(path: string | undefined, io: Io): readonly string[] {
  const folders = (path ?? '').split(':').filter((folder) => folder !== '');
  return folders.flatMap((folder) => {
    const at = resolve(io.cwd, folder);
    try {
      const below = readdirSync(at, { withFileTypes: true }).filter((entry) => entry.isDirectory());
      return [at, ...below.map(({ name }) => resolve(at, name))];
    } catch (error) {
      io.stderr.write(
        `flume-ng: nothing is loaded of --plugins-path ${printable(at)}: ${errorText(error)}\n`,
      );
      return [];
    }
  });
}

/** What would run; values of properties may be secrets, so only their names are shown. */
function dryRun(
  name: string,
  files: readonly string[],
  plugins: readonly string[],
  properties: ReadonlyMap<string, string>,
): string {
  const words = [
    `-n ${name}`,
    ...files.map((file) => `-f ${file}`),
    ...plugins.map((path) => `--plugins ${path}`),
  ];
  return printable(
    ['millrace agent', ...words, ...[...properties.keys()].map((key) => `-D${key}=…`)].join(' '),
  );
}

function fileOfUri(uri: string): string {
  if (uri.startsWith('file:')) return decodeURIComponent(new URL(uri).pathname);
  if (/^[a-z]+:/.test(uri)) throw notThere(`-u ${uri.slice(0, uri.indexOf(':'))}: URIs`);
  return uri;
}

function notThere(what: string): MillraceError {
  return new MillraceError('USAGE', `${what} is not there yet`, { remedy: 'Use -f FILE.' });
}
