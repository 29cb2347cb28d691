import { nearest } from '../config/nearest.ts';
import { tellError } from './command.ts';
import { exitCodes, type Io, processIo } from './io.ts';

interface Entry {
  readonly name: string;
  readonly summary: string;
  load(): Promise<{ run(argv: readonly string[], io: Io): Promise<number> }>;
}

/** The commands, in the order of the help. Each is loaded only when it is called. */
const commands: readonly Entry[] = [
  {
    name: 'start',
    summary: 'run the main job: a broker and the agents of a configuration file',
    load: () => import('./start.ts'),
  },
  {
    name: 'agent',
    summary: 'run one agent of a Flume configuration file',
    load: () => import('./agent.ts'),
  },
  { name: 'broker', summary: 'run the embedded Kafka broker', load: () => import('./broker.ts') },
  {
    name: 'check',
    summary: 'read a configuration file and tell what would be ignored or dropped',
    load: () => import('./check.ts'),
  },
  {
    name: 'explain',
    summary: 'say in plain words what a configuration does, and where it can lose events',
    load: () => import('./explain.ts'),
  },
  {
    name: 'import-channel',
    summary: 'bring over what a stopped Flume file channel has not delivered',
    load: () => import('./import-channel.ts'),
  },
  {
    name: 'kafka-topics',
    summary: 'list, create, describe, alter and delete topics',
    load: () => import('./kafka-topics.ts'),
  },
  {
    name: 'kafka-console-producer',
    summary: 'send lines of standard input to a topic',
    load: () => import('./kafka-console-producer.ts'),
  },
  {
    name: 'kafka-console-consumer',
    summary: 'print what a topic holds',
    load: () => import('./kafka-console-consumer.ts'),
  },
  {
    name: 'kafka-consumer-groups',
    summary: 'list and describe consumer groups, reset their offsets',
    load: () => import('./kafka-consumer-groups.ts'),
  },
  {
    name: 'kafka-acls',
    summary: 'add, remove and list rules of who may do what',
    load: () => import('./kafka-acls.ts'),
  },
  {
    name: 'kafka-configs',
    summary: 'show and change settings of topics, and users of SCRAM',
    load: () => import('./kafka-configs.ts'),
  },
  {
    name: 'kafka-mirror',
    summary:
      'copy topics and group offsets from one cluster to another, as from the embedded broker to Kafka',
    load: () => import('./kafka-mirror.ts'),
  },
  { name: 'audit', summary: "verify the broker's audit log", load: () => import('./audit.ts') },
  { name: 'version', summary: 'print versions', load: () => import('./version.ts') },
];

function help(): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  return [
    'Usage: millrace COMMAND [options]',
    '',
    'Collects events as Apache Flume does, keeps them as Apache Kafka does.',
    '',
    'Commands:',
    ...commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`),
    '',
    'Examples:',
    '  millrace start',
    '  millrace check -f flume.conf',
    '  millrace agent -n a1 -f flume.conf',
    '  millrace broker --data ./data --listen localhost:9092',
    '',
    'millrace COMMAND --help tells more about one.',
    '',
  ].join('\n');
}

/** Runs the command line `millrace …argv`; returns the exit code. */
export async function run(argv: readonly string[], io: Io = processIo()): Promise<number> {
  const [name, ...rest] = argv;
  if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
    if (name === 'help' && rest[0] !== undefined) return run([rest[0], '--help'], io);
    (name === undefined ? io.stderr : io.stdout).write(help());
    return name === undefined ? exitCodes.usage : exitCodes.ok;
  }
  const wanted = name === '--version' || name === '-v' ? 'version' : name.replace(/\.sh$/, '');
  const entry = commands.find((command) => command.name === wanted);
  if (entry === undefined) {
    const near = nearest(
      name,
      commands.map((command) => command.name),
    );
    io.stderr.write(
      `millrace: there is no command '${name}'${near === undefined ? '' : `; did you mean '${near}'?`}\n`,
    );
    io.stderr.write('  millrace --help lists them.\n');
    return exitCodes.usage;
  }
  try {
    return await (await entry.load()).run(rest, io);
  } catch (error) {
    return tellError(`millrace ${wanted}`, error, io);
  }
}
