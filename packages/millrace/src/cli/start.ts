import { existsSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type LoadOptions, loadConfiguration } from '../agent/configuration/load-config.ts';
import { loadPlugins } from '../agent/configuration/plugins.ts';
import type { AgentModel } from '../agent/model.ts';
import { optionsOf } from '../broker/settings/setting-table.ts';
import { Admin } from '../clients/kafka/admin/admin.ts';
import { KafkaClient } from '../clients/kafka/client.ts';
import type { LogLimits } from '../process/log-file.ts';
import type { LogOutputOptions } from '../process/log-output.ts';
import { monitoring } from '../process/monitoring.ts';
import { MillraceProcess } from '../process/process.ts';
import { rootLogger } from '../process/root-logger.ts';
import { formatDiagnostic } from '../runtime/diagnostics.ts';
import { MillraceError } from '../runtime/errors.ts';
import { makeFolder } from '../runtime/make-folder.ts';

import {
  collect,
  command,
  defineOption,
  hostAndPort,
  pluginsOption,
  runCommand,
  systemProperties,
  wholeNumber,
} from './command.ts';
import type { Io } from './io.ts';
import { serve } from './serve.ts';
import { startDefaults, startProperties } from './start-properties.ts';
import { StartView } from './start-view.ts';

interface Options {
  confFile: string[];
  name: string[];
  dir: string;
  listen: string;
  http: string;
  broker: boolean;
  set: string[];
  plugins: string[];
  define: string[];
  drain: number;
}

export function run(argv: readonly string[], io: Io): Promise<number> {
  const parsed = command(
    {
      name: 'millrace start',
      summary:
        'Runs the main job: log file → Kafka topic → consumer group → destination, on the embedded broker.',
      examples: [
        'millrace start',
        'millrace start -f my.conf -n a1',
        'millrace start -f my.conf --no-broker',
        'millrace start --listen localhost:19092 --http localhost:18080',
      ],
    },
    io,
  )
    .option('-f, --conf-file <file>', 'your own configuration file; may be repeated', collect, [])
    .option('-n, --name <agent>', 'an agent of the file; may be repeated (default: all of them)', collect, [])
    .option('--dir <folder>', 'where the data is kept', startDefaults.dir)
    .option('--listen <host:port>', 'address of the broker', startDefaults.listen)
    .option('--http <host:port>', 'address of health and metrics', 'localhost:41414')
    .option(
      '--set <name=value>',
      'a setting of the broker, as for `millrace broker`; may be repeated',
      collect,
      [],
    )
    .option('--no-broker', 'run the agents only: the files name a Kafka cluster')
    .option(...pluginsOption)
    .option(...defineOption)
    .option(
      '--drain <seconds>',
      'how long a stop may take to empty the channels',
      wholeNumber('--drain', 0),
      30,
    );
  return runCommand(parsed, argv, io, () => start(parsed.opts<Options>(), io));
}

async function start(options: Options, io: Io): Promise<number> {
  const startedMs = performance.now();
  const own = options.confFile.length > 0;
  const files = own ? options.confFile.map((file) => resolve(io.cwd, file)) : [quickstartFile()];
  const dir = resolve(io.cwd, options.dir);
  const listen = hostAndPort('--listen', options.listen, '127.0.0.1');
  // Until the system has chosen the port of --listen HOST:0, the usual one stands for it: files are checked with it.
  const bootstrap = (port = listen.port || usualPort) => `${listen.host}:${port}`;
  const defined = systemProperties(options.define);
  const properties = new Map([...startProperties(dir, bootstrap()), ...defined]);
  const monitored = monitoring(properties);
  for (const note of monitored.notes) io.stderr.write(`millrace start: ${note}\n`);
  const http = monitored.http ?? {
    ...hostAndPort('--http', options.http, '127.0.0.1'),
    setBy: '--http',
  };
  const plugins = options.plugins.map((path) => resolve(io.cwd, path));
  const components = await loadPlugins(plugins);
  const names = await agentNames(files, options.name, { systemProperties: properties, components }, io);
  makeDataFolder(dir);
  if (!own) for (const folder of ['destination', 'state']) makeFolder(resolve(dir, folder));
  const log = logOptions(properties, dir, io);
  const broker = {
    ...listen,
    dataDir: resolve(dir, 'broker'),
    ...optionsOf(systemProperties(options.set)),
    log,
  };
  const process = new MillraceProcess({
    ...(options.broker ? { broker } : {}),
    beforeAgents: async (servers) => {
      const now = new Map([...startProperties(dir, bootstrap(process.brokerPort)), ...defined]);
      for (const [name, value] of now) properties.set(name, value);
      if (!own) await createTopics(servers);
    },
    agents: names.map((agentName) => ({
      agentName,
      origin: { kind: 'texts', places: files, intervalMs: 2000 },
      systemProperties: properties,
      reload: true,
      drainMs: options.drain * 1000,
      strictTypes: false,
      plugins,
      log,
    })),
    http,
    ...(monitored.ganglia === undefined ? {} : { ganglia: monitored.ganglia }),
    logLimits: logLimits(properties),
  });
  const address = () => `http://${http.host}:${process.httpPort}`;
  const parts = () => [
    ...(options.broker ? [`broker on ${bootstrap(process.brokerPort)}`] : []),
    `${names.length === 1 ? 'agent' : 'agents'} ${names.join(', ')}`,
  ];
  const view = new StartView(process, io, {
    startedMs,
    what: () => `${parts().join(', ')}, metrics on ${address()}`,
    hints: () => (own ? '' : whatToTry(options.dir, bootstrap(process.brokerPort), address())),
  });
  return await serve(process, io, { drainMs: options.drain * 1000, view });
}

const usualPort = 9092;

/** What runs is nobody's source: a new folder tells git so, and with it what reads git's rules (linters, editors). */
function makeDataFolder(dir: string): void {
  if (makeFolder(dir) !== undefined) writeFileSync(resolve(dir, '.gitignore'), '*\n');
}

/** Unless `-Dflume.root.logger` says otherwise: all of it into a file, what matters on the console too. */
function logOptions(properties: ReadonlyMap<string, string>, dir: string, io: Io): LogOutputOptions {
  const shown = {
    overLivingLine: io.isTerminal && io.errorIsTerminal === true,
    color: io.errorColor === true,
  };
  const wanted = properties.get('flume.root.logger');
  if (wanted !== undefined) return { ...rootLogger(wanted, properties), ...shown };
  return {
    level: 'info',
    target: { file: resolve(dir, 'millrace.log') },
    format: 'flume',
    echo: true,
    ...shown,
  };
}

/** `-Dmillrace.log.maxBytes` and `-Dmillrace.log.keep`; 50 MiB and 5 by default. */
function logLimits(properties: ReadonlyMap<string, string>): LogLimits {
  const number = (name: string, usual: number): number =>
    wholeNumber(`-D${name}`, 1)(properties.get(name) ?? String(usual));
  return { maxBytes: number('millrace.log.maxBytes', 50 << 20), keep: number('millrace.log.keep', 5) };
}

/** The agents to run; their faults are told before anything starts. */
async function agentNames(
  files: readonly string[],
  wanted: readonly string[],
  options: LoadOptions,
  io: Io,
): Promise<readonly string[]> {
  const configuration = await loadConfiguration(files, options);
  const serious = configuration.diagnostics.filter(({ severity }) => severity !== 'info');
  for (const diagnostic of serious) io.stderr.write(`${formatDiagnostic(diagnostic)}\n`);
  const valid = configuration.agents.filter(({ valid }) => valid).map(({ name }: AgentModel) => name);
  for (const name of wanted) {
    if (!valid.includes(name)) {
      throw new MillraceError('CONFIG_INVALID', `${files.join(', ')} has no agent '${name}' that can run`, {
        remedy: valid.length === 0 ? 'Run `millrace check -f FILE`.' : `It has: ${valid.join(', ')}.`,
      });
    }
  }
  if (valid.length === 0) {
    throw new MillraceError('CONFIG_INVALID', `${files.join(', ')} has no agent that can run`);
  }
  return wanted.length > 0 ? wanted : valid;
}

async function createTopics(bootstrapServers: string): Promise<void> {
  const client = new KafkaClient({ bootstrapServers: [bootstrapServers] });
  try {
    const admin = new Admin(client);
    const there = new Set((await admin.listTopics()).map(({ topic }) => topic));
    const wanted = [
      { topic: 'test', partitions: 4, replicationFactor: 1 },
      { topic: 'back', partitions: 1, replicationFactor: 1 },
    ];
    await admin.createTopics(wanted.filter(({ topic }) => !there.has(topic)));
  } finally {
    await client.close();
  }
}

/** The example beside the package, in a checkout or as published. */
function quickstartFile(): string {
  const places = ['../../quickstart/flume.conf', '../../../../examples/quickstart/flume.conf'];
  const found = places
    .map((place) => fileURLToPath(new URL(place, import.meta.url)))
    .find((path) => existsSync(path));
  if (found === undefined)
    throw new MillraceError('CONFIG_INVALID', 'the quickstart configuration is not installed');
  return found;
}

function whatToTry(dir: string, bootstrap: string, http: string): string {
  return [
    'Try, in another terminal:',
    `  echo hello >> ${dir}/flume.log && sleep 2 && cat ${dir}/destination/*`,
    `  npx millrace kafka-console-consumer --bootstrap-server ${bootstrap} --topic test --from-beginning`,
    `  echo hi | npx millrace kafka-console-producer --bootstrap-server ${bootstrap} --topic back`,
    `  curl -s ${http}/metrics`,
    `Kafka's own tools and kcat work too: kcat -b ${bootstrap} -L`,
    `The log is in ${dir}/millrace.log. Ctrl-C ends, with nothing lost.`,
    '',
  ].join('\n');
}
