/**
 * `millrace kafka-mirror`: topics from one cluster into another. Exit code: 0 all is there; 1 something was not copied,
 * and is told; 64 the command line is wrong; 69 a cluster does not answer; 78 a properties file is wrong; 130 Ctrl-C before
 * the end (with --follow that is the end: 0).
 */

import { KafkaClient } from '../clients/kafka/client.ts';
import { Mirror } from '../clients/kafka/mirror/mirror.ts';
import type { MirrorPlan, MirrorReport } from '../clients/kafka/mirror/mirror-report.ts';
import { consumerOptionsFrom } from '../clients/kafka/settings/properties.ts';
import { splitServers } from '../config/host-ports.ts';
import { MillraceError } from '../runtime/errors.ts';
import type { Logger } from '../runtime/logger.ts';
import { command, runCommand, wholeNumber } from './command.ts';
import { exitCodes, type Io, processIo } from './io.ts';
import {
  Interruption,
  judgeProperties,
  propertiesFile,
  topicPattern,
  warnings,
  writeJson,
} from './kafka-common.ts';
import { MirrorLine, planText, reportText } from './kafka-mirror-text.ts';
import { LivingLine } from './living-line.ts';

const name = 'millrace kafka-mirror';
const text = {
  name,
  summary:
    'Copy topics from one Kafka cluster to another: their settings, and every record with its key, headers, time and ' +
    'offset, then the offsets of the consumer groups. A run that was cut off is gone on with by the same command, and no ' +
    'record comes twice. Exit code: 0 all is there, 1 something was not copied, 69 a cluster does not answer, 78 a ' +
    'properties file is wrong, 64 wrong usage.',
  examples: [
    'millrace kafka-mirror --from localhost:9092 --to kafka1:9092,kafka2:9092 --dry-run',
    "millrace kafka-mirror --from localhost:9092 --to kafka1:9092 --topics 'logs|audit.*'",
    'millrace kafka-mirror --from localhost:9092 --to kafka1:9093 --to-config ssl.properties --follow',
  ],
};

interface Flags {
  readonly from: string;
  readonly to: string;
  readonly fromConfig?: string;
  readonly toConfig?: string;
  readonly topics?: string;
  readonly replicationFactor?: number;
  readonly follow?: true;
  readonly groups: boolean;
  readonly dryRun?: true;
  readonly json?: true;
}

/** What `--json` prints; it only ever grows. */
export type KafkaMirrorReport = (MirrorReport | (MirrorPlan & Pick<MirrorReport, 'groups'>)) & {
  readonly from: string;
  readonly to: string;
  readonly dryRun: boolean;
  readonly seconds: number;
};

export async function run(argv: readonly string[], io: Io = processIo()): Promise<number> {
  const parsed = command(text, io)
    .requiredOption('--from <host:port,…>', 'the brokers to copy from')
    .requiredOption('--to <host:port,…>', 'the brokers to copy to')
    .option('--topics <regex>', 'the topics, as a Java regular expression; all but internal ones by default')
    .option('--from-config <file>', 'properties of the client that reads, as for TLS and logins')
    .option('--to-config <file>', 'properties of the client that writes')
    .option(
      '--replication-factor <n>',
      'of topics that are made; 3 by default, or as many as there are brokers',
      wholeNumber('--replication-factor', 1, 32_767),
    )
    .option('--follow', 'go on with what comes in, until Ctrl-C')
    .option('--no-groups', 'leave the offsets of consumer groups alone')
    .option('--dry-run', 'tell what would be done, and change nothing')
    .option('--json', 'the report as JSON');
  return await runCommand(parsed, argv, io, () => mirror(parsed.opts<Flags>(), io));
}

async function mirror(flags: Flags, io: Io): Promise<number> {
  const topics = flags.topics === undefined ? null : topicPattern('--topics', flags.topics);
  using interruption = new Interruption();
  const [source, target] = [
    sideOf('--from', flags.from, flags.fromConfig, io),
    sideOf('--to', flags.to, flags.toConfig, io),
  ];
  await using from = source.client;
  await using to = target.client;
  await Promise.all([reach(source), reach(target)]);
  refuseSameCluster(from, to);
  const line = new LivingLine({ ...io, stdout: io.stderr, isTerminal: io.errorIsTerminal === true });
  const progress = new MirrorLine(line, io.errorIsTerminal === true, flags.follow === true);
  const beganMs = performance.now();
  const work = new Mirror(from, to, {
    topics,
    replicationFactor: flags.replicationFactor ?? null,
    follow: flags.follow === true,
    groups: flags.groups,
    signal: interruption.signal,
    onProgress: (each) => progress.show(each),
    tell: (told) => line.tell(`${name}: ${told}`),
  });
  const about = { from: flags.from, to: flags.to, dryRun: flags.dryRun === true };
  if (flags.dryRun === true) {
    const plan = await work.plan();
    const groups = flags.groups ? await work.planGroups(plan) : [];
    if (flags.json === true) writeJson(io, { ...shownPlan(plan), groups, ...about, seconds: 0 });
    else io.stdout.write(planText(plan, groups));
    if (plan.topics.length === 0) return tellNoTopics(flags, io);
    return plan.partitions.some(({ refused }) => refused !== null) ? exitCodes.findings : exitCodes.ok;
  }
  let report: MirrorReport;
  try {
    report = await work.run();
  } finally {
    line.end();
  }
  const seconds = Math.round(performance.now() - beganMs) / 1000;
  if (flags.json === true) writeJson(io, { ...report, topics: report.topics.map(shown), ...about, seconds });
  else io.stdout.write(reportText(report, seconds));
  if (report.topics.length === 0 && tellNoTopics(flags, io) !== exitCodes.ok) return exitCodes.findings;
  if (interruption.exitCode !== undefined && flags.follow !== true) return interruption.exitCode;
  const isShort = report.partitions.some(({ failure, missed }) => failure !== null || missed > 0);
  return isShort || report.refusedSettings.length > 0 ? exitCodes.findings : exitCodes.ok;
}

const shown = ({ settings, ...rest }: MirrorPlan['topics'][number]) => ({
  ...rest,
  settings: Object.fromEntries(settings),
});

const shownPlan = ({ topics, partitions }: MirrorPlan) => ({
  topics: topics.map(shown),
  partitions: partitions.map(({ translated, trim: _, ...rest }) => ({
    ...rest,
    mode: translated === null ? 'identical' : 'translated',
  })),
});

interface Side {
  readonly option: string;
  readonly servers: string;
  readonly client: KafkaClient;
  /** From here on warnings are told; before, there is the one error. */
  isReached: boolean;
}

function sideOf(option: string, servers: string, config: string | undefined, io: Io): Side {
  const { client: options, problems } = consumerOptionsFrom(propertiesFile(`${option}-config`, config, io));
  judgeProperties(name, problems, io, `${option}-config`);
  const bootstrapServers = splitServers(servers);
  if (bootstrapServers.length === 0)
    throw new MillraceError('USAGE', `${option} takes HOST:PORT, not '${servers}'`);
  const log = warnings(name, io);
  const warn: Logger['warn'] = (...words) => {
    if (side.isReached) log.warn(...words);
  };
  const client = new KafkaClient({
    clientId: 'millrace-mirror',
    ...options,
    bootstrapServers,
    log: { ...log, warn, error: warn },
  });
  const side: Side = { option, servers, client, isReached: false };
  return side;
}

/** What a peer that speaks something else is told apart by. */
const notKafka: ReadonlySet<string> = new Set(['PROTOCOL', 'FRAME_TOO_LARGE']);

/** Throws with the side in it: of two clusters, one does not answer. */
async function reach(side: Side): Promise<void> {
  try {
    await side.client.metadata([]);
    side.isReached = true;
  } catch (error) {
    if (!(error instanceof MillraceError)) throw error;
    const remedy = error.remedy.replace('bootstrap.servers', side.option);
    const isOther = notKafka.has(error.code);
    throw new MillraceError(
      isOther ? 'KAFKA_CONNECTION' : error.code,
      `${side.option}: ${isOther ? `${side.servers}: ` : ''}${error.message}`,
      { cause: error, remedy: remedy || `Check ${side.option} and that the broker is up.` },
    );
  }
}

/** A cluster that is mirrored into itself would never come to an end. */
function refuseSameCluster(from: KafkaClient, to: KafkaClient): void {
  if (from.clusterId === null || from.clusterId !== to.clusterId) return;
  throw new MillraceError('USAGE', `--from and --to are the same cluster, ${from.clusterId}`);
}

/** Whoever named topics and got none has misspelt them, or the source is another cluster. */
function tellNoTopics({ topics, from }: Flags, io: Io): number {
  const what =
    topics === undefined
      ? `${from} has no topics but internal ones`
      : `no topic of ${from} has a whole name that matches --topics '${topics}'; internal ones are left out`;
  io.stderr.write(`${name}: ${what}\n`);
  return topics === undefined ? exitCodes.ok : exitCodes.findings;
}
