/** Configurations that the fault runs share. */
import { mkdirSync, writeFileSync } from 'node:fs';
import type { TempDir } from '../files/temp-dir.ts';

export type ChannelKind = 'memory' | 'file';

export interface FileChainOptions {
  readonly channel?: ChannelKind;
  /** Over the lines made here. */
  readonly more?: string;
}

function channelLines(kind: ChannelKind, agent: string, dir: TempDir): string[] {
  const at = `${agent}.channels.c1`;
  if (kind === 'memory')
    return [`${at}.type = memory`, `${at}.capacity = 10000`, `${at}.transactionCapacity = 1000`];
  return [
    `${at}.type = file`,
    `${at}.checkpointDir = ${dir.join(`${agent}-checkpoint`)}`,
    `${at}.dataDirs = ${dir.join(`${agent}-data`)}`,
    `${at}.minimumRequiredSpace = 0`,
    // Small files, so that rolling and removing them meet the faults too.
    `${at}.maxFileSize = 400000`,
    `${at}.checkpointInterval = 500`,
  ];
}

function tailLines(agent: string, dir: TempDir): string[] {
  const at = `${agent}.sources.r1`;
  return [
    `${at}.type = TAILDIR`,
    `${at}.filegroups = f1`,
    `${at}.filegroups.f1 = ${dir.join('in')}/.*\\\\.log.*`,
    `${at}.positionFile = ${dir.join(`${agent}-position.json`)}`,
  ];
}

function rollLines(agent: string, out: string): string[] {
  const at = `${agent}.sinks.k1`;
  return [`${at}.type = file_roll`, `${at}.sink.directory = ${out}`, `${at}.sink.rollInterval = 0`];
}

function skeleton(agent: string): string[] {
  return [
    `${agent}.sources = r1`,
    `${agent}.channels = c1`,
    `${agent}.sinks = k1`,
    `${agent}.sources.r1.channels = c1`,
    `${agent}.sinks.k1.channel = c1`,
  ];
}

/** Where a chain begins and ends; further agents of it are in the same file. */
export interface Chain {
  readonly configFile: string;
  /** Where the tailed files are: `in/*.log*`. */
  readonly input: string;
  readonly output: string;
}

function writeChain(dir: TempDir, lines: readonly string[]): Chain {
  const [input, output, configFile] = [dir.join('in'), dir.join('out'), dir.join('agents.conf')];
  for (const folder of [input, output]) mkdirSync(folder, { recursive: true });
  writeFileSync(configFile, `${lines.join('\n')}\n`);
  return { configFile, input, output };
}

/** TAILDIR → channel → file_roll, agent a1. */
export function fileChain(dir: TempDir, options: FileChainOptions = {}): Chain {
  return writeChain(dir, [
    ...skeleton('a1'),
    ...tailLines('a1', dir),
    ...channelLines(options.channel ?? 'file', 'a1', dir),
    ...rollLines('a1', dir.join('out')),
    options.more ?? '',
  ]);
}

/** TAILDIR → file channels that nobody empties, each with all lines; agent a1. */
export function heldChain(dir: TempDir, channels: readonly string[]): Chain {
  const all = channels.join(' ');
  return writeChain(dir, [
    ...['a1.sources = r1', `a1.channels = ${all}`, `a1.sources.r1.channels = ${all}`],
    ...tailLines('a1', dir),
    ...channels.flatMap((name) => [
      `a1.channels.${name}.type = file`,
      `a1.channels.${name}.checkpointDir = ${dir.join(`${name}-checkpoint`)}`,
      `a1.channels.${name}.dataDirs = ${dir.join(`${name}-data`)}`,
      `a1.channels.${name}.minimumRequiredSpace = 0`,
      `a1.channels.${name}.maxFileSize = 200000`,
      `a1.channels.${name}.checkpointInterval = 300`,
    ]),
  ]);
}

/** A killed member comes back under its name at once, rather than after the session timeout. */
const comeBackAtOnce = (at: string) => [
  `${at}.kafka.consumer.group.instance.id = ${at}`,
  `${at}.kafka.consumer.auto.offset.reset = earliest`,
];

/**
 * TAILDIR → channel → KafkaSink (a1) → topic `events` → KafkaSource → file channel → file_roll (a2).
 *
 * With `keyed` (the default) a file's lines have its path as key and so one partition. Without, a batch goes where there
 * is room: what is sent again after a kill may come to another partition, and there behind later lines.
 */
export function kafkaChain(
  dir: TempDir,
  bootstrap: string,
  options: FileChainOptions & { topic?: string; keyed?: boolean } = {},
): Chain {
  const topic = options.topic ?? 'events';
  return writeChain(dir, [
    ...skeleton('a1'),
    ...tailLines('a1', dir),
    ...channelLines(options.channel ?? 'file', 'a1', dir),
    'a1.sinks.k1.type = org.apache.flume.sink.kafka.KafkaSink',
    `a1.sinks.k1.kafka.bootstrap.servers = ${bootstrap}`,
    `a1.sinks.k1.kafka.topic = ${topic}`,
    'a1.sinks.k1.kafka.producer.acks = all',
    ...(options.keyed === false
      ? []
      : ['a1.sources.r1.fileHeader = true', 'a1.sources.r1.fileHeaderKey = key']),
    ...skeleton('a2'),
    'a2.sources.r1.type = org.apache.flume.source.kafka.KafkaSource',
    `a2.sources.r1.kafka.bootstrap.servers = ${bootstrap}`,
    `a2.sources.r1.kafka.topics = ${topic}`,
    ...comeBackAtOnce('a2.sources.r1'),
    ...channelLines('file', 'a2', dir),
    ...rollLines('a2', dir.join('out')),
    'a2.sinks.k1.sink.serializer = HEADER_AND_TEXT',
    options.more ?? '',
  ]);
}

/** Protocols in which one agent gives events to the next. */
export type RpcKind = 'avro' | 'thrift';

function rpcSourceLines(agent: string, kind: RpcKind, port: number): string[] {
  return [`type = ${kind}`, 'bind = 127.0.0.1', `port = ${port}`].map(
    (line) => `${agent}.sources.r1.${line}`,
  );
}

function rpcSinkLines(agent: string, kind: RpcKind, port: number): string[] {
  return [`type = ${kind}`, 'hostname = 127.0.0.1', `port = ${port}`].map(
    (line) => `${agent}.sinks.k1.${line}`,
  );
}

/** RPC source → file channel → file_roll. */
function farTier(agent: string, kind: RpcKind, port: number, dir: TempDir): string[] {
  return [
    ...skeleton(agent),
    ...rpcSourceLines(agent, kind, port),
    ...channelLines('file', agent, dir),
    ...rollLines(agent, dir.join('out')),
  ];
}

/** TAILDIR → file channel → avro sink (a1) → avro source → file channel → file_roll (a2). */
export function avroChain(dir: TempDir, port: number, more = ''): Chain {
  return writeChain(dir, [
    ...skeleton('a1'),
    ...tailLines('a1', dir),
    ...channelLines('file', 'a1', dir),
    ...rpcSinkLines('a1', 'avro', port),
    ...farTier('a2', 'avro', port, dir),
    more,
  ]);
}

/**
 * RPC source (a1, the first of `ports`) → file channel → RPC sink → RPC source (a2, the second) → file channel →
 * file_roll. Flume runs it, too.
 */
export function rpcChain(dir: TempDir, kind: RpcKind, ports: readonly [number, number], more = ''): Chain {
  return writeChain(dir, [
    ...skeleton('a1'),
    ...rpcSourceLines('a1', kind, ports[0]),
    ...channelLines('file', 'a1', dir),
    ...rpcSinkLines('a1', kind, ports[1]),
    ...farTier('a2', kind, ports[1], dir),
    more,
  ]);
}

/** TAILDIR → KafkaChannel (topic `channel`) → file_roll, agent a1. */
export function kafkaChannelChain(dir: TempDir, bootstrap: string, more = ''): Chain {
  return writeChain(dir, [
    ...skeleton('a1'),
    ...tailLines('a1', dir),
    'a1.channels.c1.type = org.apache.flume.channel.kafka.KafkaChannel',
    `a1.channels.c1.kafka.bootstrap.servers = ${bootstrap}`,
    'a1.channels.c1.kafka.topic = channel',
    ...comeBackAtOnce('a1.channels.c1'),
    ...rollLines('a1', dir.join('out')),
    more,
  ]);
}
