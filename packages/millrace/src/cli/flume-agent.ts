/** `flume-ng agent`: Flume's own options, what stands for them in `flume.opts` and `flume-env.sh`, and what they come to. */
import { existsSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import type { OriginPlan } from '../agent/configuration/origin/config-origin.ts';
import { agentProcess } from '../process/run-agent.ts';
import { printable } from '../runtime/diagnostics.ts';
import { MillraceError } from '../runtime/errors.ts';
import { collect, command, pluginsOption, runCommand, systemProperties, tellError } from './command.ts';
import { type FlumeEnv, readFlumeEnv } from './flume-env.ts';
import { flumeOptsFiles, presetWords, readFlumeOpts } from './flume-opts.ts';
import { exitCodes, type Io } from './io.ts';
import { javaWords } from './java-words.ts';
import { type OriginFlags, originOptions, originPlan } from './origin-options.ts';
import { pluginFolders } from './plugin-folders.ts';
import { serve } from './serve.ts';

interface Options extends OriginFlags {
  name?: string;
  plugins: string[];
  pluginsPath?: string;
  define: string[];
  conf?: string;
  classpath?: string;
  dryrun?: true;
  confProvider?: string;
  authProvider?: string;
  zkConnString?: string;
  zkBasePath?: string;
}

/** What is for the JVM. */
const forTheJvm = /^-(X|javaagent|agentlib|agentpath)/;
/** Flume's short names of more than one letter. */
const shorts = { user: 'conf-user', pwd: 'conf-password', prov: 'conf-provider' };

export async function run(argv: readonly string[], io: Io): Promise<number> {
  const parsed = agentCommand(io);
  const tell = (text: string): void => void io.stderr.write(`flume-ng: ${printable(text)}\n`);
  let words: string[];
  let environment: FlumeEnv;
  let classPath: readonly string[];
  try {
    const names = parsed.options.map(({ long }) => long!.slice(2)).concat('help');
    words = javaWords(
      argv.filter((word) => !forTheJvm.test(word)),
      names,
      shorts,
    );
    const conf = lastValue(words, '-c', '--conf');
    environment = conf === undefined ? noEnvironment : readFlumeEnv(resolve(io.cwd, conf), io.env);
    classPath = [conf ?? '', lastValue(words, '-C', '--classpath') ?? '', environment.classPath]
      .flatMap((path) => path.split(':'))
      .filter((entry) => entry !== '' && !/\.jar$|\*$/.test(entry))
      .map((entry) => resolve(io.cwd, entry))
      .filter((entry) => statSync(entry, { throwIfNoEntry: false })?.isDirectory() === true);
    const presets = readFlumeOpts(flumeOptsFiles(classPath), tell);
    if (presets !== null) words = [...presetWords(presets, parsed, words), ...words];
  } catch (error) {
    return tellError('flume-ng agent', error, io);
  }
  return runCommand(parsed, words, io, () => {
    for (const note of environment.notes) tell(note);
    return runAgent(parsed.opts<Options>(), parsed.args, { environment, classPath, tell }, io);
  });
}

const noEnvironment: FlumeEnv = { properties: new Map(), classPath: '', notes: [] };

function agentCommand(io: Io): Command {
  const named = command(
    {
      name: 'flume-ng agent',
      summary: 'Runs an agent, as Flume does.',
      examples: [
        'flume-ng agent -n a1 -c conf -f flume.conf -Dflume.root.logger=INFO,console',
        'flume-ng agent -n a1 -u https://conf.example.org/flume.conf --conf-user flume --conf-password secret',
        'flume-ng agent -n a1 -z zk1:2181,zk2:2181 -p /flume',
      ],
    },
    io,
  ).option('-n, --name <agent>', 'name of the agent (required)');
  return originOptions(named)
    .option(
      '-z, --zkConnString <hosts>',
      'ZooKeeper servers that have the configuration; wins over -u and -f',
    )
    .option('-p, --zkBasePath <path>', 'its node is PATH/NAME of the agent (/flume)')
    .option('--conf-provider <class>', 'a Java class; not loaded, told')
    .option('-a, --auth-provider <class>', 'a Java class; not loaded, refused')
    .argument('[word...]', 'ignored, as in Flume')
    .option(
      '-c, --conf <dir>',
      'configuration folder: flume.opts, the -D properties of flume-env.sh, files of classpath: URIs, core-site.xml and hdfs-site.xml',
    )
    .option('-C, --classpath <path>', 'folders for classpath: URIs; jars have no effect, there is no JVM')
    .option(...pluginsOption)
    .option(
      '--plugins-path <dirs>',
      'folders, separated by colons, whose modules are as --plugins ($FLUME_HOME/plugins.d)',
    )
    .option('-d, --dryrun', 'show what would run, and run nothing')
    .option('-D, --define <name=value>', 'system property', collect, []);
}

interface Surroundings {
  readonly environment: FlumeEnv;
  readonly classPath: readonly string[];
  tell(text: string): void;
}

async function runAgent(
  options: Options,
  ignored: readonly string[],
  { environment, classPath, tell }: Surroundings,
  io: Io,
): Promise<number> {
  if (options.name === undefined) {
    throw new MillraceError('USAGE', 'Missing required option: n', {
      remedy: 'flume-ng agent -n a1 -f flume.conf',
    });
  }
  const { confProvider, authProvider } = options;
  if (authProvider !== undefined) {
    throw new MillraceError(
      'USAGE',
      `--auth-provider ${authProvider} is a Java class, which nothing here runs`,
      {
        remedy: 'Use --conf-user and --conf-password.',
      },
    );
  }
  if (confProvider !== undefined)
    tell(
      `--conf-provider ${confProvider} is a Java class, which nothing here runs; as in Flume, the other options count`,
    );
  const properties = new Map([
    ...hadoopFolder(classPath),
    ...environment.properties,
    ...systemProperties(options.define),
  ]);
  const origin = originOf(options, options.name, classPath, properties, io);
  if (ignored.length > 0) tell(`ignored, as in Flume: ${ignored.join(' ')}`);
  const { folders, notes } = pluginFolders(options.pluginsPath, io.cwd, io.env.FLUME_HOME);
  for (const note of notes) tell(note);
  const plugins = [...options.plugins.map((path) => resolve(io.cwd, path)), ...folders];
  if (options.dryrun === true) {
    io.stdout.write(`${dryRun(options, origin, plugins, properties)}\n`);
    return exitCodes.ok;
  }
  const process = agentProcess(
    {
      agentName: options.name,
      origin,
      systemProperties: properties,
      reload: options.reloadConf,
      drainMs: 30_000,
      strictTypes: false,
      plugins,
      jsonLog: false,
    },
    tell,
  );
  // As Flume's JVM ends, so that scripts and units that were written for it understand it.
  return serve(process, io, { drainMs: 30_000, terminated: exitCodes.terminated, summary: false });
}

/** Hadoop takes its settings from the first folder of the class path that has some; Flume puts `-c` first. */
function hadoopFolder(classPath: readonly string[]): [string, string][] {
  const folder = classPath.find((path) => existsSync(join(path, 'core-site.xml')));
  return folder === undefined ? [] : [['hadoop.conf.dir', folder]];
}

/** ZooKeeper before URIs before files, as Flume takes them. */
function originOf(
  options: Options,
  name: string,
  classPath: readonly string[],
  properties: ReadonlyMap<string, string>,
  io: Io,
): OriginPlan {
  const { zkConnString, zkBasePath } = options;
  if (zkConnString !== undefined) {
    const base = zkBasePath === undefined || zkBasePath === '' ? '/flume' : zkBasePath;
    return { kind: 'zookeeper', servers: zkConnString, path: `${base}/${name}`, waits: options.reloadConf };
  }
  const origin = originPlan(options, classPath, io, properties);
  if (origin !== null) return origin;
  throw new MillraceError('USAGE', 'no configuration was given', {
    remedy: 'Add -f FILE, -u URI or -z HOSTS.',
  });
}

/** What would run; values of properties and passwords may be secrets, so only their names are shown. */
function dryRun(
  { name, reloadConf }: Options,
  origin: OriginPlan,
  plugins: readonly string[],
  properties: ReadonlyMap<string, string>,
): string {
  const words = [
    `-n ${name}`,
    ...(origin.kind === 'zookeeper'
      ? [`-z ${origin.servers}`, `-p ${origin.path.slice(0, origin.path.lastIndexOf('/'))}`]
      : origin.places.map((place) => (/^\w+:/.test(place) ? `-u ${withoutUser(place)}` : `-f ${place}`))),
    ...(origin.kind === 'texts' && origin.user !== undefined
      ? [`--conf-user ${origin.user.name}`, '--conf-password …']
      : []),
    ...(origin.kind === 'texts' && origin.backupFolder !== undefined ? [`-b ${origin.backupFolder}`] : []),
    ...(reloadConf ? [] : ['--no-reload-conf']),
    ...plugins.map((path) => `--plugins ${path}`),
    ...[...properties.keys()].map((key) => `-D${key}=…`),
  ];
  return printable(['millrace agent', ...words].join(' '));
}

const withoutUser = (uri: string): string => uri.replace(/^(\w+:\/\/)[^/@]*@/, '$1').replace(/\?.*$/, '');

/** The value of an option before the words are parsed: it says where more words are. The last one counts. */
function lastValue(words: readonly string[], short: string, long: string): string | undefined {
  let value: string | undefined;
  for (const [i, word] of words.entries()) {
    if (word === short || word === long) value = words[i + 1];
    else if (word.startsWith(`${long}=`)) value = word.slice(long.length + 1);
    else if (word.startsWith(short) && word.length > short.length) value = word.slice(short.length);
  }
  return value;
}
