import { resolve } from 'node:path';
import { optionsOf } from '../broker/settings/setting-table.ts';
import { MillraceProcess } from '../process/process.ts';
import { rootLogger } from '../process/root-logger.ts';
import { readBrokerConfig } from './broker-config.ts';
import { listenerProperties } from './broker-listeners.ts';
import { brokerSettingsHelp } from './broker-settings-help.ts';
import { collect, command, hostAndPort, runCommand, systemProperties, wholeNumber } from './command.ts';
import type { Io } from './io.ts';
import { serve } from './serve.ts';

interface Options {
  config?: string;
  data?: string;
  memory?: boolean;
  listen: string[];
  advertise: string[];
  partitions?: number;
  autoCreate: boolean;
  set: string[];
  addScram: string[];
  http?: string;
  drain: number;
}

export function run(argv: readonly string[], io: Io): Promise<number> {
  const parsed = command(
    {
      name: 'millrace broker',
      summary: 'Runs the embedded broker: one node that Kafka clients take for Kafka.',
      examples: [
        'millrace broker --data ./data --listen localhost:9092',
        'millrace broker --memory --listen :0',
        'millrace broker --config /etc/kafka/server.properties --data ./data',
        'millrace broker --listen localhost:9092 --listen SASL_SSL://:9093 --advertise SASL_SSL://kafka.example:9093 …',
        'millrace broker --data ./data --set log.flush=os --set retention.ms=3600000',
        'millrace broker --set max.connections=500 --set queued.max.request.bytes=67108864',
      ],
    },
    io,
  )
    .option('--config <file>', "Kafka's own server.properties; options given here go before it")
    .option('--data <dir>', 'folder of the data (default: ./millrace-data/broker)')
    .option('--memory', 'keep everything in memory; it is gone at the end')
    .option(
      '--listen <[name://]host:port>',
      'address to listen on (default: localhost:9092); may be repeated: SASL_SSL://0.0.0.0:9093',
      collect,
      [],
    )
    .option(
      '--advertise <[name://]host[:port]>',
      'where clients of a listener are told to connect to; may be repeated',
      collect,
      [],
    )
    .option(
      '--partitions <n>',
      'partitions of a topic that is created by itself (default: 1)',
      wholeNumber('--partitions', 1, 10_000),
    )
    .option('--no-auto-create', 'a topic must be created before it is used')
    .option(
      '--set <name=value>',
      'a setting of the broker (below), or a default for topics such as retention.ms; may be repeated',
      collect,
      [],
    )
    .option(
      '--add-scram <user>',
      "a user for the first start, as kafka-storage takes it: 'SCRAM-SHA-512=[name=alice,password=…]'; may be repeated",
      collect,
      [],
    )
    .option('--http <host:port>', 'serve /livez, /readyz, /metrics and /prometheus there')
    .option('--drain <seconds>', 'how long a stop may take', wholeNumber('--drain', 0), 10)
    .addHelpText('after', () => brokerSettingsHelp(io));
  return runCommand(parsed, argv, io, async () => {
    const options = parsed.opts<Options>();
    const config = readBrokerConfig(options.config, io);
    const set = new Map([...config.settings, ...systemProperties(options.set)]);
    const given = new Map([...set, ...listenerProperties(options, set)]);
    const settings = config.within(() => optionsOf(given));
    const data = options.data ?? config.dataDir ?? 'millrace-data/broker';
    const http = options.http === undefined ? undefined : hostAndPort('--http', options.http, '127.0.0.1');
    const process = new MillraceProcess({
      broker: {
        host: '127.0.0.1',
        port: 0,
        dataDir: options.memory === true ? undefined : resolve(io.cwd, data),
        ...(config.nodeId === undefined ? {} : { nodeId: config.nodeId }),
        ...settings,
        addScram: options.addScram,
        ...(options.partitions === undefined ? {} : { defaultPartitions: options.partitions }),
        ...(options.autoCreate ? {} : { autoCreateTopics: false }),
        log: rootLogger(undefined, new Map()),
      },
      agents: [],
      ...(http === undefined ? {} : { http: { ...http, setBy: '--http' } }),
    });
    const where = options.memory === true ? 'in memory' : `data in ${data}`;
    return serve(process, io, {
      drainMs: options.drain * 1000,
      started: () => void io.stdout.write(`ready: broker on ${process.bootstrapServers}, ${where}\n`),
    });
  });
}
