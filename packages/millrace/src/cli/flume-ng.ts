import { exitCodes, type Io, processIo } from './io.ts';
import { packageVersion } from './version.ts';

const usage = `Usage: flume-ng COMMAND [options]

commands:
  help       print this help
  agent      run an agent
  avro-client  send the lines of a file to an avro source
  tool       run a tool: FCINTEGRITYTOOL checks the files of a file channel
  version    print version

global options:
  --conf,-c DIR           configuration folder: flume.opts, the -D properties in its
                          flume-env.sh (the file is not run), files of classpath: URIs
  -Dproperty=value        system property
  --plugins PATH          a module with components of your own (millrace/component), or a
                          folder of some; may be repeated
  --plugins-path DIRS     folders, separated by colons: their modules (*.ts, *.js), and those
                          one folder below, as --plugins; jars are not loaded
                          Default: $FLUME_HOME/plugins.d
  --classpath,-C PATH     folders for classpath: URIs
  -X..., -javaagent...    accepted without effect: there is no JVM

agent options:
  --name,-n NAME          name of the agent (required)
  --conf-file,-f FILE     properties file; may be repeated, later ones override
  --conf-uri,-u URI       as -f, for file:, classpath:, http: and https: URIs; wins over -f
  --conf-user,-user NAME, --conf-password,-pwd PASSWORD
                          basic authentication for http: and https:
  --backup-directory,-b DIR
                          keeps the last configuration, for a start without the original
  --zkConnString,-z HOSTS ZooKeeper servers that have the configuration; wins over -u and -f
  --zkBasePath,-p PATH    its node is PATH/NAME (/flume)
  --poll-interval,-i SEC  how often changes are looked for (30; 300 with http:)
  --no-reload-conf        read the configuration once
  --dryrun,-d             show what would run, and run nothing
  --help,-h               print this help

Options may also stand in /etc/flume/flume.opts, or in flume.opts of the configuration folder.

Example:
  flume-ng agent -n a1 -c conf -f flume.conf -Dflume.root.logger=INFO,console
`;

interface Entry {
  /** What is told when it is called by this name. */
  readonly warning?: string;
  load(): Promise<{ run(argv: readonly string[], io: Io): Promise<number> }>;
}

const agent = () => import('./flume-agent.ts');

/** The commands of Flume's script. Each is loaded only when it is called. */
const commands: ReadonlyMap<string, Entry> = new Map<string, Entry>([
  ['agent', { load: agent }],
  ['node', { load: agent, warning: `The "node" command is deprecated. Please use "agent" instead.` }],
  ['avro-client', { load: () => import('./avro-client.ts') }],
  ['tool', { load: () => import('./flume-tool.ts') }],
]);

/** Runs the command line `flume-ng …argv`, as the script of Flume 1.11 takes it; returns the exit code. */
export async function run(argv: readonly string[], io: Io = processIo()): Promise<number> {
  const [name = '', ...rest] = argv;
  const entry = commands.get(name);
  if (entry !== undefined) {
    if (entry.warning !== undefined) io.stderr.write(`Warning: ${entry.warning}\n`);
    return (await entry.load()).run(rest, io);
  }
  switch (name) {
    case 'version':
      io.stdout.write(`Millrace ${packageVersion()}, runs configurations of Flume 1.11.0\n`);
      return exitCodes.ok;
    case 'help':
    case '--help':
    case '-h':
      io.stdout.write(usage);
      return exitCodes.ok;
    default:
      io.stderr.write(`Error: Unknown or unspecified command '${name}'\n`);
      io.stdout.write(`\n${usage}`);
      return exitCodes.findings;
  }
}
