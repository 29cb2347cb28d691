/** Flume configurations that both Flume and Millrace run, unchanged. */

export interface CollectConf {
  /** The file, or the regular expression of files, that TAILDIR reads. */
  readonly input: string;
  readonly dir: string;
  readonly bootstrap: string;
  readonly topic: string;
  readonly channel: 'memory' | 'file';
  /** Large batches, a deep channel, a producer that lingers; otherwise Flume's own defaults. */
  readonly tuned: boolean;
  readonly compression?: string;
  /** The longest event, where it is longer than a Kafka producer sends unasked. */
  readonly maxEventBytes?: number;
  readonly acks?: 'all' | '1';
  /** Events per transaction, over what `tuned` says. */
  readonly batch?: number;
}

/** `collect`: TAILDIR → channel → Kafka sink. */
export function collectConf(conf: CollectConf): string {
  const big = conf.maxEventBytes !== undefined && conf.maxEventBytes > 10_000;
  const batch = conf.batch ?? (big ? Math.max(1, Math.floor(20_000_000 / conf.maxEventBytes)) : 10_000);
  const lines = [
    'a1.sources = r1',
    'a1.channels = c1',
    'a1.sinks = k1',
    'a1.sources.r1.type = TAILDIR',
    'a1.sources.r1.filegroups = f1',
    `a1.sources.r1.filegroups.f1 = ${conf.input}`,
    `a1.sources.r1.positionFile = ${conf.dir}/position.json`,
    'a1.sources.r1.channels = c1',
    ...channelLines('a1', conf, batch),
    'a1.sinks.k1.type = org.apache.flume.sink.kafka.KafkaSink',
    'a1.sinks.k1.channel = c1',
    `a1.sinks.k1.kafka.bootstrap.servers = ${conf.bootstrap}`,
    `a1.sinks.k1.kafka.topic = ${conf.topic}`,
  ];
  if (conf.tuned) {
    lines.push(
      `a1.sources.r1.batchSize = ${batch}`,
      `a1.sinks.k1.flumeBatchSize = ${batch}`,
      `a1.sinks.k1.kafka.producer.acks = ${conf.acks ?? 'all'}`,
      'a1.sinks.k1.kafka.producer.linger.ms = 20',
      'a1.sinks.k1.kafka.producer.batch.size = 1000000',
      'a1.sinks.k1.kafka.producer.buffer.memory = 134217728',
    );
  }
  if (conf.compression) lines.push(`a1.sinks.k1.kafka.producer.compression.type = ${conf.compression}`);
  if (big) lines.push(`a1.sinks.k1.kafka.producer.max.request.size = ${conf.maxEventBytes! * 2}`);
  return `${lines.join('\n')}\n`;
}

function channelLines(agent: string, conf: CollectConf | StoreConf, batch: number): string[] {
  const channel = `${agent}.channels.c1`;
  const capacity = 20 * batch;
  if (conf.channel === 'memory') {
    return [
      `${channel}.type = memory`,
      ...(conf.tuned
        ? [`${channel}.capacity = ${capacity}`, `${channel}.transactionCapacity = ${batch}`]
        : []),
    ];
  }
  return [
    `${channel}.type = file`,
    `${channel}.checkpointDir = ${conf.dir}/checkpoint`,
    `${channel}.dataDirs = ${conf.dir}/data`,
    ...(conf.tuned ? [`${channel}.capacity = 1000000`, `${channel}.transactionCapacity = ${batch}`] : []),
  ];
}

export interface StoreConf {
  readonly dir: string;
  readonly bootstrap: string;
  readonly topic: string;
  readonly group: string;
  /** An existing folder. */
  readonly output: string;
  readonly channel: 'memory' | 'file';
  readonly tuned: boolean;
}

/** `store`: Kafka source in a consumer group → channel → file_roll. */
export function storeConf(conf: StoreConf): string {
  const batch = 10_000;
  return `${[
    'a1.sources = r1',
    'a1.channels = c1',
    'a1.sinks = k1',
    'a1.sources.r1.type = org.apache.flume.source.kafka.KafkaSource',
    `a1.sources.r1.kafka.bootstrap.servers = ${conf.bootstrap}`,
    `a1.sources.r1.kafka.topics = ${conf.topic}`,
    `a1.sources.r1.kafka.consumer.group.id = ${conf.group}`,
    'a1.sources.r1.kafka.consumer.auto.offset.reset = earliest',
    'a1.sources.r1.channels = c1',
    ...(conf.tuned
      ? [
          `a1.sources.r1.batchSize = ${batch}`,
          'a1.sources.r1.batchDurationMillis = 500',
          `a1.sources.r1.kafka.consumer.max.poll.records = ${batch}`,
          'a1.sources.r1.kafka.consumer.max.partition.fetch.bytes = 4000000',
          `a1.sinks.k1.sink.batchSize = ${batch}`,
        ]
      : []),
    ...channelLines('a1', conf, batch),
    'a1.sinks.k1.type = file_roll',
    'a1.sinks.k1.channel = c1',
    `a1.sinks.k1.sink.directory = ${conf.output}`,
    'a1.sinks.k1.sink.rollInterval = 0',
  ].join('\n')}\n`;
}

/** rsyslog: imfile → queue in memory → omkafka, with the settings that made it fastest. */
export function rsyslogConf(conf: { input: string; dir: string; bootstrap: string; topic: string }): string {
  return `
global(workDirectory="${conf.dir}" maxMessageSize="64k")
module(load="imfile")
module(load="omkafka")
main_queue(queue.type="LinkedList" queue.size="200000" queue.dequeueBatchSize="10000")
template(name="line" type="string" string="%msg%")
input(type="imfile" file="${conf.input}" tag="t" ruleset="kafka")
ruleset(name="kafka" queue.type="LinkedList" queue.size="500000" queue.dequeueBatchSize="10000") {
  action(type="omkafka" broker=["${conf.bootstrap}"] topic="${conf.topic}" partitions.auto="on" template="line"
    confParam=["linger.ms=20", "batch.num.messages=10000", "queue.buffering.max.messages=1000000", "acks=all"])
}
`;
}
