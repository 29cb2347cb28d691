/** `kafka-console-producer` with the flags of Kafka's own tool: each line of standard input is a record. */
import { KafkaClient } from '../clients/kafka/client.ts';
import type { ProducerOptions } from '../clients/kafka/options.ts';
import { Producer } from '../clients/kafka/producer/producer.ts';
import { producerOptionsFrom } from '../clients/kafka/settings/properties.ts';
import { nearest } from '../config/nearest.ts';
import { encodeLines } from '../records/encode-lines.ts';
import type { EventBatch } from '../records/event-batch.ts';
import { errorText, MillraceError } from '../runtime/errors.ts';
import { collect, wholeNumber } from './command.ts';
import { exitCodes, type Io } from './io.ts';
import {
  type ConnectionFlags,
  clientOptions,
  defaultBootstrap,
  Interruption,
  judgeProperties,
  kafkaCommand,
  keyValues,
  propertiesFile,
  runKafkaCommand,
  warnings,
} from './kafka-common.ts';
import {
  isPlain,
  type LineFormat,
  LineReader,
  lineFormat,
  unknownReaderProperties,
} from './kafka-line-reader.ts';

interface Flags extends ConnectionFlags {
  readonly topic?: string;
  readonly brokerList?: string;
  readonly property: readonly string[];
  readonly readerProperty: readonly string[];
  readonly readerConfig?: string;
  readonly producerProperty: readonly string[];
  readonly commandProperty: readonly string[];
  readonly 'producer.config'?: string;
  readonly compressionCodec?: string | true;
  readonly sync?: true;
  readonly requestRequiredAcks?: string;
  readonly requestTimeoutMs?: number;
  readonly batchSize?: number;
  readonly maxPartitionMemoryBytes?: number;
  readonly maxMemoryBytes?: number;
  readonly maxBlockMs?: number;
  readonly messageSendMaxRetries?: number;
  readonly metadataExpiryMs?: number;
  readonly retryBackoffMs?: number;
  readonly timeout?: number;
  readonly lineReader?: string;
}

const name = 'millrace kafka-console-producer';
const text = {
  name,
  summary:
    "Sends each line of standard input to a topic, with the flags of Kafka's own tool. Exit code: 0 all lines are " +
    'acknowledged, 1 some are not.',
  examples: [
    'millrace kafka-console-producer --topic logs < access.log',
    "printf 'k1:v1\\n' | millrace kafka-console-producer --topic t --reader-property parse.key=true --reader-property key.separator=:",
    'millrace kafka-console-producer --bootstrap-server broker1:9092 --topic logs --compression-codec zstd',
  ],
};

/** Lines that are not acknowledged yet, bytes: reading waits beyond it. */
const maxUnansweredBytes = 16 * 1024 * 1024;
const maxLinesPerBatch = 100_000;
const lineReaderClass = 'org.apache.kafka.tools.LineMessageReader';

export function run(argv: readonly string[], io: Io): Promise<number> {
  const count = (option: string, min: number) => wholeNumber(option, min);
  const parsed = kafkaCommand(text, io)
    .option('--broker-list <host:port,…>', 'the old name of --bootstrap-server')
    .option('--topic <topic>', 'the topic (required)')
    .option(
      '--reader-property <key=value>',
      'parse.key, key.separator, parse.headers, headers.delimiter, headers.separator, headers.key.separator, null.marker, ignore.error; may be repeated',
      collect,
      [],
    )
    .option('--property <key=value>', 'the old name of --reader-property', collect, [])
    .option('--reader-config <file>', 'properties file with the same')
    .option('--line-reader <class>', 'only the one that Kafka has by default')
    .option('--command-property <key=value>', "a property of Kafka's producer; may be repeated", collect, [])
    .option('--producer-property <key=value>', 'the old name of --command-property', collect, [])
    .option('--producer.config <file>', 'the old name of --command-config')
    .option('--compression-codec [codec]', 'none, gzip, snappy, lz4 or zstd; gzip without a value')
    .option('--sync', 'read on only when everything before is acknowledged')
    .option('--request-required-acks <acks>', 'all, 1 or 0 (default: all)')
    .option('--request-timeout-ms <ms>', 'how long an answer may take', count('--request-timeout-ms', 1))
    .option('--batch-size <bytes>', 'how much is put together for a partition', count('--batch-size', 0))
    .option(
      '--max-partition-memory-bytes <bytes>',
      'the old name of --batch-size',
      count('--max-partition-memory-bytes', 0),
    )
    .option('--max-memory-bytes <bytes>', 'how much may be unsent', count('--max-memory-bytes', 0))
    .option('--max-block-ms <ms>', 'how long a line may wait for room', count('--max-block-ms', 0))
    .option(
      '--message-send-max-retries <n>',
      'how often sending is tried again',
      count('--message-send-max-retries', 0),
    )
    .option('--retry-backoff-ms <ms>', 'how long to wait before that', count('--retry-backoff-ms', 0))
    .option('--metadata-expiry-ms <ms>', 'when metadata is asked for again', count('--metadata-expiry-ms', 0))
    .option('--socket-buffer-size <bytes>', 'taken, without effect', count('--socket-buffer-size', 0))
    .option('--timeout <ms>', 'how long lines may wait for others to go with', count('--timeout', 0));
  return runKafkaCommand(parsed, argv, io, () => produce(parsed.opts<Flags>(), io));
}

async function produce(flags: Flags, io: Io): Promise<number> {
  const { topic } = flags;
  if (topic === undefined) throw new MillraceError('USAGE', 'Missing required argument "[topic]"');
  if (flags.lineReader !== undefined && flags.lineReader !== lineReaderClass) {
    throw new MillraceError(
      'USAGE',
      `--line-reader: names never become code; only ${lineReaderClass} is there`,
    );
  }
  const format = readerFormat(flags, io);
  const { client, options, problems } = producerOptionsFrom(producerProperties(flags, io));
  judgeProperties(name, problems, io);
  const connection = withBrokerList(flags, io);
  await using kafka = new KafkaClient({
    ...clientOptions(connection, client, 'console-producer'),
    log: warnings(name, io),
  });
  await kafka.metadata([topic], { allowAutoCreate: true });
  using interruption = new Interruption();
  await using producer = new Producer(kafka, options);
  const sender = new Sender(producer, topic, flags.sync === true, io);
  const fault = await sendLines(sender, format, options, io, interruption.signal);
  await sender.finish();
  if (fault !== null) io.stderr.write(`${name}: ${fault}\n`);
  if (interruption.exitCode !== undefined) return interruption.exitCode;
  return fault === null && sender.failedCount === 0 ? exitCodes.ok : exitCodes.findings;
}

function withBrokerList(flags: Flags, io: Io): ConnectionFlags {
  const { brokerList, bootstrapServer } = flags;
  if (brokerList === undefined) return flags;
  io.stderr.write(`${name}: --broker-list is the old name of --bootstrap-server\n`);
  return { ...flags, bootstrapServer: bootstrapServer === defaultBootstrap ? brokerList : bootstrapServer };
}

function readerFormat(flags: Flags, io: Io): LineFormat {
  const properties = new Map([
    ...propertiesFile('--reader-config', flags.readerConfig, io),
    ...keyValues('--property', flags.property),
    ...keyValues('--reader-property', flags.readerProperty),
  ]);
  for (const key of unknownReaderProperties(properties)) {
    io.stderr.write(`${name}: warning: reader property ${key} is not known here\n`);
  }
  return lineFormat(properties);
}

const codecs = ['none', 'gzip', 'snappy', 'lz4', 'zstd'];

/** Kafka's order: the file, then the properties, then the options that have a name of their own. */
function producerProperties(flags: Flags, io: Io): Map<string, string> {
  const properties = new Map([
    ...propertiesFile('--producer.config', flags['producer.config'], io),
    ...propertiesFile('--command-config', flags.commandConfig, io),
    ...keyValues('--producer-property', flags.producerProperty),
    ...keyValues('--command-property', flags.commandProperty),
  ]);
  const codec = flags.compressionCodec === true ? 'gzip' : flags.compressionCodec;
  if (codec !== undefined && !codecs.includes(codec.toLowerCase())) {
    const near = nearest(codec, codecs);
    const hint = near === undefined ? '' : `; did you mean ${near}?`;
    throw new MillraceError(
      'USAGE',
      `--compression-codec: '${codec}' is none of ${codecs.join(', ')}${hint}`,
    );
  }
  const given: Readonly<Record<string, string | number | undefined>> = {
    'compression.type': codec,
    acks: flags.requestRequiredAcks,
    'request.timeout.ms': flags.requestTimeoutMs,
    'batch.size': flags.maxPartitionMemoryBytes ?? flags.batchSize,
    'buffer.memory': flags.maxMemoryBytes,
    'max.block.ms': flags.maxBlockMs,
    retries: flags.messageSendMaxRetries,
    'retry.backoff.ms': flags.retryBackoffMs,
    'metadata.max.age.ms': flags.metadataExpiryMs,
    'linger.ms': flags.timeout,
  };
  for (const [key, value] of Object.entries(given))
    if (value !== undefined) properties.set(key, String(value));
  for (const key of ['bootstrap.servers', 'key.serializer', 'value.serializer']) properties.delete(key);
  return properties;
}

/** Sends batches, waits where too much is unanswered, and counts what was not taken. */
class Sender {
  failedCount = 0;
  readonly #producer: Producer;
  readonly #topic: string;
  readonly #sync: boolean;
  readonly #io: Io;
  readonly #reasons = new Set<string>();
  #unansweredBytes = 0;
  #wake: (() => void) | null = null;

  constructor(producer: Producer, topic: string, sync: boolean, io: Io) {
    this.#producer = producer;
    this.#topic = topic;
    this.#sync = sync;
    this.#io = io;
  }

  /** Resolves when more may come. */
  async send(batch: EventBatch): Promise<void> {
    const { count, sizeBytes } = batch;
    this.#unansweredBytes += sizeBytes;
    const sent = this.#producer.send(this.#topic, null, batch).then(
      () => this.#answered(sizeBytes),
      (error: unknown) => {
        this.fail(count, errorText(error));
        this.#answered(sizeBytes);
      },
    );
    if (this.#sync) await sent;
    while (this.#unansweredBytes > maxUnansweredBytes) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** Counts lines that are not sent; tells of each reason once. */
  fail(count: number, why: string): void {
    this.failedCount += count;
    if (this.#reasons.has(why)) return;
    this.#reasons.add(why);
    this.#io.stderr.write(`${name}: error when sending to topic ${this.#topic}: ${why}\n`);
  }

  async finish(): Promise<void> {
    await this.#producer.flush();
    // The last answers are counted in the turn after they come.
    while (this.#unansweredBytes > 0)
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    if (this.failedCount > 0) this.#io.stderr.write(`${name}: ${this.failedCount} lines were not sent\n`);
  }

  #answered(sizeBytes: number): void {
    this.#unansweredBytes -= sizeBytes;
    this.#wake?.();
    this.#wake = null;
  }
}

/** Reads lines until the end of the input or the signal; gives what made it stop early. */
async function sendLines(
  sender: Sender,
  format: LineFormat,
  options: ProducerOptions,
  io: Io,
  signal: AbortSignal,
): Promise<string | null> {
  const reader = isPlain(format) ? null : new LineReader(format);
  const prompt =
    io.isTerminal && 'isTTY' in io.stdin && io.stdin.isTTY === true ? () => io.stdout.write('>') : null;
  prompt?.();
  for await (const block of wholeLines(io.stdin, options.maxRequestBytes ?? 1048576, sender, signal)) {
    if (reader === null) {
      for (let at = 0; at < block.length; ) {
        const lines = { maxEvents: maxLinesPerBatch, stripCarriageReturn: true, timestampMs: Date.now() };
        const { batch, consumed } = encodeLines(block, at, block.length, lines);
        if (batch === null) break;
        await sender.send(batch);
        at += consumed;
      }
    } else {
      const { batch, fault } = reader.read(block.toString('utf8'));
      if (batch !== null) await sender.send(batch);
      if (fault !== null) return fault.message;
    }
    prompt?.();
  }
  return null;
}

const newline = 0x0a;

/** Chunks of the input that end with a line's end; a line longer than `maxLineBytes` counts as failed. */
async function* wholeLines(
  input: NodeJS.ReadableStream,
  maxLineBytes: number,
  sender: Sender,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  let rest: Buffer[] = [];
  let restBytes = 0;
  let tooLong = false;
  for await (const chunk of untilAborted(input, signal)) {
    let from = 0;
    if (tooLong) {
      const end = chunk.indexOf(newline);
      if (end < 0) continue;
      from = end + 1;
      tooLong = false;
    }
    const to = chunk.lastIndexOf(newline) + 1;
    if (to > from) {
      const block = chunk.subarray(from, to);
      yield rest.length === 0 ? block : Buffer.concat([...rest, block]);
      rest = [];
      restBytes = 0;
      from = to;
    }
    if (from < chunk.length) {
      rest.push(chunk.subarray(from));
      restBytes += chunk.length - from;
    }
    if (restBytes > maxLineBytes) {
      sender.fail(1, `a line is longer than max.request.size (${maxLineBytes} bytes)`);
      rest = [];
      restBytes = 0;
      tooLong = true;
    }
  }
  if (restBytes > 0 && !signal.aborted) yield Buffer.concat([...rest, Buffer.of(newline)]);
}

/** The chunks of a stream as buffers; ends at the signal, also where nothing comes. */
async function* untilAborted(input: NodeJS.ReadableStream, signal: AbortSignal): AsyncGenerator<Buffer> {
  const stop = (): void => {
    if ('destroy' in input && typeof input.destroy === 'function') input.destroy();
  };
  signal.addEventListener('abort', stop);
  try {
    for await (const chunk of input) yield typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    signal.removeEventListener('abort', stop);
    // A terminal or a pipe that stays open would keep the process alive.
    stop();
  }
}
