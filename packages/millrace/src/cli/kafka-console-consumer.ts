/** `kafka-console-consumer` with the flags of Kafka's own tool: prints what a topic holds. */

import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { KafkaClient } from '../clients/kafka/client.ts';
import type { ConsumerOptions, OffsetReset } from '../clients/kafka/options.ts';
import { consumerOptionsFrom } from '../clients/kafka/settings/properties.ts';
import { MillraceError } from '../runtime/errors.ts';
import { collect, wholeNumber } from './command.ts';
import { exitCodes, type Io } from './io.ts';
import {
  type ConnectionFlags,
  clientOptions,
  Interruption,
  judgeProperties,
  kafkaCommand,
  keyValues,
  propertiesFile,
  runKafkaCommand,
  topicPattern,
  warnings,
} from './kafka-common.ts';
import { GroupInput, type Input, PartitionInput } from './kafka-consumer-input.ts';
import {
  formatJson,
  MessageFormatter,
  messageFormat,
  unknownFormatterProperties,
} from './kafka-message-formatter.ts';

interface Flags extends ConnectionFlags {
  readonly topic?: string;
  readonly include?: string;
  readonly fromBeginning?: true;
  readonly group?: string;
  readonly partition?: number;
  readonly offset?: string;
  readonly maxMessages?: number;
  readonly timeoutMs?: number;
  readonly property: readonly string[];
  readonly formatterProperty: readonly string[];
  readonly formatterConfig?: string;
  readonly formatter?: string;
  readonly keyDeserializer?: string;
  readonly valueDeserializer?: string;
  readonly consumerProperty: readonly string[];
  readonly commandProperty: readonly string[];
  readonly 'consumer.config'?: string;
  readonly isolationLevel?: string;
  readonly skipMessageOnError?: true;
  readonly json?: true;
}

const name = 'millrace kafka-console-consumer';
const text = {
  name,
  summary: "Prints what a topic holds, with the flags of Kafka's own tool, until Ctrl-C.",
  examples: [
    'millrace kafka-console-consumer --topic logs --from-beginning',
    'millrace kafka-console-consumer --topic logs --from-beginning --max-messages 10 --formatter-property print.key=true',
    'millrace kafka-console-consumer --topic logs --partition 0 --offset 100',
    'millrace kafka-console-consumer --topic logs --group readers --json',
  ],
};

const formatterNames = ['DefaultMessageFormatter'];

export function run(argv: readonly string[], io: Io): Promise<number> {
  const parsed = kafkaCommand(text, io)
    .option('--topic <topic>', 'the topic to read')
    .option('--include <regex>', 'the topics to read, as a Java regular expression')
    .option('--from-beginning', 'where the group has no offset yet, start with the oldest record')
    .option(
      '--group <id>',
      'the consumer group; its offsets are committed (default: a new one, without commits)',
    )
    .option('--partition <n>', 'one partition, without a group', wholeNumber('--partition', 0))
    .option('--offset <offset>', 'with --partition: earliest, latest or a number (default: latest)')
    .option('--max-messages <n>', 'end after so many records', wholeNumber('--max-messages', 0))
    .option('--timeout-ms <ms>', 'end when no record comes for so long', wholeNumber('--timeout-ms', 0))
    .option(
      '--formatter-property <key=value>',
      'print.timestamp, print.partition, print.offset, print.headers, print.key, print.value (true or false), key.separator, line.separator, headers.separator, null.literal, key.deserializer, value.deserializer; may be repeated',
      collect,
      [],
    )
    .option('--property <key=value>', 'the old name of --formatter-property', collect, [])
    .option('--formatter-config <file>', 'properties file with the same')
    .option('--formatter <class>', 'only the one that Kafka has by default')
    .option('--key-deserializer <class>', 'what keys are')
    .option('--value-deserializer <class>', 'what values are')
    .option('--command-property <key=value>', "a property of Kafka's consumer; may be repeated", collect, [])
    .option('--consumer-property <key=value>', 'the old name of --command-property', collect, [])
    .option('--consumer.config <file>', 'the old name of --command-config')
    .option('--isolation-level <level>', 'read_committed leaves out aborted transactions')
    .option('--skip-message-on-error', 'go on behind what cannot be read')
    .option('--json', 'each record as a line of JSON');
  return runKafkaCommand(parsed, argv, io, () => consume(parsed.opts<Flags>(), io));
}

const usage = (message: string): MillraceError => new MillraceError('USAGE', message);

async function consume(flags: Flags, io: Io): Promise<number> {
  checkFlags(flags);
  const print = printer(flags, io);
  const properties = consumerProperties(flags, io);
  const { groupId, commits } = groupOf(flags, properties);
  const { client, options, problems } = consumerOptionsFrom(properties);
  judgeProperties(name, problems, io);
  await using kafka = new KafkaClient({
    ...clientOptions(flags, client, 'console-consumer'),
    log: warnings(name, io),
  });
  using interruption = new Interruption();
  const input = await openInput(kafka, flags, { ...options, groupId }, commits);
  const counter = { count: 0 };
  try {
    await copy(input, print, flags, counter, io, interruption.signal);
  } finally {
    await input.close((message) => io.stderr.write(`${name}: ${message}\n`));
    io.stderr.write(`Processed a total of ${counter.count} messages\n`);
  }
  return interruption.exitCode ?? exitCodes.ok;
}

function checkFlags(flags: Flags): void {
  const { topic, include, partition, offset } = flags;
  if ((topic === undefined) === (include === undefined)) {
    throw usage('Exactly one of the following arguments is required: [topic], [include]');
  }
  if (partition === undefined) {
    if (offset !== undefined) throw usage('The partition is required when offset is specified.');
    return;
  }
  if (topic === undefined) throw usage('The topic is required when partition is specified.');
  if (flags.fromBeginning === true && offset !== undefined) {
    throw usage('Options from-beginning and offset cannot be specified together.');
  }
  if (offset !== undefined && !/^(earliest|latest|\d{1,15})$/i.test(offset)) {
    throw usage(
      `The provided offset value '${offset}' is incorrect. Valid values are 'earliest', 'latest', or a non-negative long.`,
    );
  }
}

function printer(flags: Flags, io: Io): (fetched: Parameters<typeof formatJson>[0], count: number) => Buffer {
  const { formatter } = flags;
  if (formatter !== undefined && !formatterNames.some((known) => formatter.endsWith(`.${known}`))) {
    throw usage(`--formatter: names never become code; only ${formatterNames.join(', ')} is there`);
  }
  const properties = new Map([
    ...propertiesFile('--formatter-config', flags.formatterConfig, io),
    ...(flags.keyDeserializer === undefined ? [] : [['key.deserializer', flags.keyDeserializer] as const]),
    ...(flags.valueDeserializer === undefined
      ? []
      : [['value.deserializer', flags.valueDeserializer] as const]),
    ...keyValues('--property', flags.property),
    ...keyValues('--formatter-property', flags.formatterProperty),
  ]);
  for (const key of unknownFormatterProperties(properties)) {
    io.stderr.write(`${name}: warning: formatter property ${key} is not known here\n`);
  }
  const text = new MessageFormatter(messageFormat(properties));
  return flags.json === true ? formatJson : (fetched, count) => text.format(fetched, count);
}

function consumerProperties(flags: Flags, io: Io): Map<string, string> {
  const properties = new Map([
    ...propertiesFile('--consumer.config', flags['consumer.config'], io),
    ...propertiesFile('--command-config', flags.commandConfig, io),
    ...keyValues('--consumer-property', flags.consumerProperty),
    ...keyValues('--command-property', flags.commandProperty),
  ]);
  const reset = properties.get('auto.offset.reset');
  if (flags.fromBeginning === true && reset !== undefined && reset !== 'earliest') {
    throw usage(
      `Can't simultaneously specify --from-beginning and 'auto.offset.reset=${reset}', please remove one option`,
    );
  }
  if (reset === undefined)
    properties.set('auto.offset.reset', flags.fromBeginning === true ? 'earliest' : 'latest');
  if (flags.isolationLevel !== undefined) properties.set('isolation.level', flags.isolationLevel);
  properties.delete('bootstrap.servers');
  return properties;
}

/** Takes the properties of group and commits out of the others. */
function groupOf(
  flags: Flags,
  properties: Map<string, string>,
): { groupId: string; commits: { everyMs: number } | null } {
  const given = new Set([flags.group, properties.get('group.id')].filter((id) => id !== undefined));
  if (given.size > 1) {
    throw usage(`The group ids provided in different places do not match: '${[...given].join("', '")}'`);
  }
  const [group] = given;
  if (group !== undefined && flags.partition !== undefined) {
    throw usage('Options group and partition cannot be specified together.');
  }
  const groupId = group ?? `console-consumer-${randomInt(100_000)}`;
  const autoCommit = properties.get('enable.auto.commit')?.toLowerCase() ?? String(group !== undefined);
  const everyMs = wholeNumber(
    'auto.commit.interval.ms',
    0,
  )(properties.get('auto.commit.interval.ms') ?? '5000');
  for (const key of ['group.id', 'enable.auto.commit', 'auto.commit.interval.ms']) properties.delete(key);
  return { groupId, commits: autoCommit === 'true' ? { everyMs } : null };
}

async function openInput(
  kafka: KafkaClient,
  flags: Flags,
  options: Partial<ConsumerOptions> & { groupId: string },
  commits: { everyMs: number } | null,
): Promise<Input> {
  const { topic, include, partition } = flags;
  if (topic !== undefined && partition !== undefined) {
    return await PartitionInput.open(kafka, { topic, partition }, startOf(flags), options);
  }
  // A broker that is not there is told at once, instead of being waited for.
  await kafka.metadata([]);
  const chosen =
    include === undefined ? { topics: [topic!] } : { pattern: topicPattern('--include', include) };
  return new GroupInput(kafka, { ...options, ...chosen }, commits);
}

function startOf(flags: Flags): OffsetReset | number {
  const offset = flags.offset?.toLowerCase() ?? (flags.fromBeginning === true ? 'earliest' : 'latest');
  return offset === 'earliest' || offset === 'latest' ? offset : Number(offset);
}

/** The longest wait in one poll: between two of them commits are made. */
const pollMs = 1000;

/** Prints until enough is printed, nothing comes any more, nobody reads on, or the signal comes. */
async function copy(
  input: Input,
  print: ReturnType<typeof printer>,
  flags: Flags,
  counter: { count: number },
  io: Io,
  signal: AbortSignal,
): Promise<void> {
  const { maxMessages = Number.POSITIVE_INFINITY, timeoutMs = Number.POSITIVE_INFINITY } = flags;
  using output = new Output(io.stdout, signal);
  let deadline = Date.now() + timeoutMs;
  while (counter.count < maxMessages && !signal.aborted && output.open) {
    const batches = await input.poll(Math.min(pollMs, Math.max(0, deadline - Date.now())), signal, {
      skipDamaged: flags.skipMessageOnError === true,
      tell: (message) => io.stderr.write(`${name}: ${message}\n`),
    });
    for (const fetched of batches) {
      const count = Math.min(fetched.batch.count, maxMessages - counter.count);
      if (count === 0 || signal.aborted || !output.open) break;
      await output.write(print(fetched, count));
      counter.count += count;
      input.printed(fetched, count);
    }
    if (batches.length > 0) deadline = Date.now() + timeoutMs;
    else if (Date.now() >= deadline) return;
  }
}

/** Standard output, written with its back-pressure; whoever reads may go (`| head`). */
class Output implements Disposable {
  readonly #stream: NodeJS.WritableStream;
  readonly #signal: AbortSignal;
  open = true;
  readonly #closed = new AbortController();
  readonly #onError = (): void => {
    this.open = false;
    this.#closed.abort();
  };

  constructor(stream: NodeJS.WritableStream, signal: AbortSignal) {
    this.#stream = stream;
    this.#signal = signal;
    stream.on('error', this.#onError);
  }

  async write(bytes: Buffer): Promise<void> {
    if (bytes.length === 0 || this.#stream.write(bytes)) return;
    const signal = AbortSignal.any([this.#signal, this.#closed.signal]);
    await once(this.#stream as NodeJS.WritableStream & NodeJS.EventEmitter, 'drain', { signal }).catch(
      () => {},
    );
  }

  [Symbol.dispose](): void {
    // An error of what is still on its way must find a listener.
    this.#stream.off('error', this.#onError).on('error', () => {});
  }
}
