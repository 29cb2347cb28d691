/** Kafka's own command-line tools, run by class against any broker that speaks its protocol. */
import { join } from 'node:path';
import { type JvmStyle, javaCommand } from '../process/java.ts';
import { type Finished, ManagedProcess, runToEnd } from '../process/processes.ts';

const toolClasses = {
  'kafka-topics': 'org.apache.kafka.tools.TopicCommand',
  'kafka-acls': 'org.apache.kafka.tools.AclCommand',
  'kafka-configs': 'kafka.admin.ConfigCommand',
  'kafka-console-producer': 'org.apache.kafka.tools.ConsoleProducer',
  'kafka-console-consumer': 'org.apache.kafka.tools.consumer.ConsoleConsumer',
  'kafka-consumer-groups': 'org.apache.kafka.tools.consumer.group.ConsumerGroupCommand',
  'kafka-producer-perf-test': 'org.apache.kafka.tools.ProducerPerformance',
  'kafka-consumer-perf-test': 'org.apache.kafka.tools.ConsumerPerformance',
  'kafka-e2e-latency': 'org.apache.kafka.tools.EndToEndLatency',
  'kafka-get-offsets': 'org.apache.kafka.tools.GetOffsetShell',
  'kafka-verifiable-producer': 'org.apache.kafka.tools.VerifiableProducer',
  'kafka-verifiable-consumer': 'org.apache.kafka.tools.VerifiableConsumer',
  'kafka-dump-log': 'org.apache.kafka.tools.DumpLogSegments',
  'kafka-broker-api-versions': 'org.apache.kafka.tools.BrokerApiVersionsCommand',
  'kafka-delete-records': 'org.apache.kafka.tools.DeleteRecordsCommand',
  'kafka-log-dirs': 'org.apache.kafka.tools.LogDirsCommand',
  'kafka-reassign-partitions': 'org.apache.kafka.tools.reassign.ReassignPartitionsCommand',
  'kafka-metadata-quorum': 'org.apache.kafka.tools.MetadataQuorumCommand',
  'kafka-transactions': 'org.apache.kafka.tools.TransactionsCommand',
  /** Reads a topic and writes another in transactions; of Kafka's own system tests. */
  'transactional-message-copier': 'org.apache.kafka.tools.TransactionalMessageCopier',
  'kafka-leader-election': 'org.apache.kafka.tools.LeaderElectionCommand',
} as const;
export type KafkaTool = keyof typeof toolClasses;

export interface ToolOptions {
  readonly stdin?: string | Uint8Array;
  readonly timeoutMs?: number;
  /** Give back a failed run instead of throwing. */
  readonly anyExit?: boolean;
  readonly jvm?: JvmStyle | undefined;
}

/** Warnings only and on standard error, so that a tool's own output stays clean. */
const toolLog4j = join(import.meta.dirname, 'kafka-tools-log4j2.properties');

async function command(tool: KafkaTool, args: readonly string[], jvm: JvmStyle | undefined) {
  return javaCommand('kafka', toolClasses[tool], args, { jvm, jvmFlags: ['-Xmx512m'], log4j: toolLog4j });
}

/** Runs a tool to its end with exactly these arguments. */
export async function runKafkaTool(
  tool: KafkaTool,
  args: readonly string[],
  options: ToolOptions = {},
): Promise<Finished> {
  const { command: java, args: javaArgs } = await command(tool, args, options.jvm);
  const { jvm: _, ...rest } = options;
  return runToEnd(java, javaArgs, { name: tool, ...rest });
}

/** Starts a tool that runs until it is stopped, or that the test wants to talk to. */
export async function startKafkaTool(
  tool: KafkaTool,
  args: readonly string[],
  options: { stdin?: string | Uint8Array | 'pipe'; jvm?: JvmStyle | undefined; keepBytes?: number } = {},
): Promise<ManagedProcess> {
  const { command: java, args: javaArgs } = await command(tool, args, options.jvm);
  const { jvm: _, ...rest } = options;
  return ManagedProcess.spawn(java, javaArgs, { name: tool, ...rest });
}

/** What `DumpLogSegments --deep-iteration` found in one file. */
export interface SegmentDump {
  readonly text: string;
  readonly recordCount: number;
  readonly batchCount: number;
  /** Lines that tell of damage; empty for a good file. */
  readonly faults: readonly string[];
}

/** Kafka's own judgement of a segment file (`.log`, with its indexes beside it). */
export async function dumpSegment(
  logFile: string,
  options: { printData?: boolean } = {},
): Promise<SegmentDump> {
  const args = ['--deep-iteration', '--files', logFile, ...(options.printData ? ['--print-data-log'] : [])];
  const { stdout, stderr } = await runKafkaTool('kafka-dump-log', args, { timeoutMs: 120_000 });
  const lines = stdout.split('\n');
  const isFault = (line: string) =>
    /isvalid: false|invalid bytes|Found \d+ invalid|Mismatches in|Index offsets? not found|Exception/i.test(
      line,
    );
  return {
    text: stdout,
    recordCount: lines.filter((line) => line.startsWith('| offset: ')).length,
    batchCount: lines.filter((line) => line.startsWith('baseOffset: ')).length,
    faults: [...lines, ...stderr.split('\n')].filter(isFault),
  };
}

/** The tools bound to one cluster, `--bootstrap-server` filled in. */
export class KafkaTools {
  readonly bootstrap: string;
  readonly #jvm: JvmStyle | undefined;

  constructor(bootstrap: string, options: { jvm?: JvmStyle | undefined } = {}) {
    this.bootstrap = bootstrap;
    this.#jvm = options.jvm;
  }

  /** Runs a tool with `--bootstrap-server` in front of the arguments. */
  run(tool: KafkaTool, args: readonly string[], options: ToolOptions = {}): Promise<Finished> {
    return runKafkaTool(tool, ['--bootstrap-server', this.bootstrap, ...args], {
      jvm: this.#jvm,
      ...options,
    });
  }

  /** Starts a tool with `--bootstrap-server` in front of the arguments. */
  start(
    tool: KafkaTool,
    args: readonly string[],
    options: { stdin?: string | 'pipe' } = {},
  ): Promise<ManagedProcess> {
    return startKafkaTool(tool, ['--bootstrap-server', this.bootstrap, ...args], {
      jvm: this.#jvm,
      ...options,
    });
  }

  async createTopic(
    topic: string,
    { partitions = 1, replicationFactor = 1, config = {} as Readonly<Record<string, string>> } = {},
  ): Promise<void> {
    await this.run('kafka-topics', [
      ...['--create', '--topic', topic, '--partitions', `${partitions}`],
      ...['--replication-factor', `${replicationFactor}`],
      ...Object.entries(config).flatMap(([key, value]) => ['--config', `${key}=${value}`]),
    ]);
  }

  /** The end offset of each partition, by partition number. */
  async endOffsets(topic: string): Promise<Map<number, number>> {
    const { stdout } = await this.run('kafka-get-offsets', ['--topic', topic]);
    const offsets = new Map<number, number>();
    for (const line of stdout.trim().split('\n')) {
      const [, partition, offset] = line.split(':');
      if (partition !== undefined && offset !== undefined) offsets.set(Number(partition), Number(offset));
    }
    return offsets;
  }
}
