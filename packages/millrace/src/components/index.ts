// Generated from the specs of the components by `npm run generate`. Do not edit.
import type { ComponentEntry } from '../component/catalog.ts';

export const componentEntries: readonly ComponentEntry[] = [
  {
    kind: 'source',
    type: 'exec',
    classNames: ['org.apache.flume.source.ExecSource'],
    load: async () => (await import('./exec/source.ts')).execSource,
  },
  {
    kind: 'source',
    classNames: ['org.apache.flume.source.kafka.KafkaSource'],
    load: async () => (await import('./kafka/source.ts')).kafkaSource,
  },
  {
    kind: 'source',
    type: 'netcat',
    classNames: ['org.apache.flume.source.NetcatSource'],
    load: async () => (await import('./netcat/source.ts')).netcatSource,
  },
  {
    kind: 'source',
    type: 'TAILDIR',
    classNames: ['org.apache.flume.source.taildir.TaildirSource'],
    load: async () => (await import('./taildir/source.ts')).taildirSource,
  },
  {
    kind: 'source',
    type: 'seq',
    classNames: ['org.apache.flume.source.SequenceGeneratorSource'],
    load: async () => (await import('./trial/seq-source.ts')).seqSource,
  },
  {
    kind: 'channel',
    type: 'file',
    classNames: ['org.apache.flume.channel.file.FileChannel'],
    load: async () => (await import('./file-channel/channel.ts')).fileChannel,
  },
  {
    kind: 'channel',
    classNames: ['org.apache.flume.channel.kafka.KafkaChannel'],
    load: async () => (await import('./kafka/channel.ts')).kafkaChannel,
  },
  {
    kind: 'channel',
    type: 'memory',
    classNames: ['org.apache.flume.channel.MemoryChannel'],
    load: async () => (await import('./memory/channel.ts')).memoryChannel,
  },
  {
    kind: 'sink',
    type: 'file_roll',
    classNames: ['org.apache.flume.sink.RollingFileSink'],
    load: async () => (await import('./files/file-roll-sink.ts')).fileRollSink,
  },
  {
    kind: 'sink',
    classNames: ['org.apache.flume.sink.kafka.KafkaSink'],
    load: async () => (await import('./kafka/sink.ts')).kafkaSink,
  },
  {
    kind: 'sink',
    type: 'logger',
    classNames: ['org.apache.flume.sink.LoggerSink'],
    load: async () => (await import('./trial/logger-sink.ts')).loggerSink,
  },
  {
    kind: 'sink',
    type: 'null',
    classNames: ['org.apache.flume.sink.NullSink'],
    load: async () => (await import('./trial/null-sink.ts')).nullSink,
  },
  {
    kind: 'interceptor',
    type: 'host',
    classNames: ['org.apache.flume.interceptor.HostInterceptor$Builder'],
    load: async () => (await import('./headers/host-interceptor.ts')).hostInterceptor,
  },
  {
    kind: 'interceptor',
    type: 'static',
    classNames: ['org.apache.flume.interceptor.StaticInterceptor$Builder'],
    load: async () => (await import('./headers/static-interceptor.ts')).staticInterceptor,
  },
  {
    kind: 'interceptor',
    type: 'timestamp',
    classNames: ['org.apache.flume.interceptor.TimestampInterceptor$Builder'],
    load: async () => (await import('./headers/timestamp-interceptor.ts')).timestampInterceptor,
  },
  {
    kind: 'interceptor',
    type: 'regex_filter',
    classNames: ['org.apache.flume.interceptor.RegexFilteringInterceptor$Builder'],
    load: async () => (await import('./text/regex-filter-interceptor.ts')).regexFilterInterceptor,
  },
  {
    kind: 'selector',
    type: 'multiplexing',
    classNames: ['org.apache.flume.channel.MultiplexingChannelSelector'],
    load: async () => (await import('./routing/multiplexing-selector.ts')).multiplexingSelector,
  },
  {
    kind: 'selector',
    type: 'replicating',
    classNames: ['org.apache.flume.channel.ReplicatingChannelSelector'],
    load: async () => (await import('./routing/replicating-selector.ts')).replicatingSelector,
  },
  {
    kind: 'processor',
    type: 'default',
    classNames: ['org.apache.flume.sink.DefaultSinkProcessor'],
    load: async () => (await import('./routing/default-processor.ts')).defaultProcessor,
  },
  {
    kind: 'processor',
    type: 'failover',
    classNames: ['org.apache.flume.sink.FailoverSinkProcessor'],
    load: async () => (await import('./routing/failover-processor.ts')).failoverProcessor,
  },
  {
    kind: 'processor',
    type: 'load_balance',
    classNames: ['org.apache.flume.sink.LoadBalancingSinkProcessor'],
    load: async () => (await import('./routing/load-balance-processor.ts')).loadBalanceProcessor,
  },
  {
    kind: 'serializer',
    type: 'HEADER_AND_TEXT',
    classNames: ['org.apache.flume.serialization.HeaderAndBodyTextEventSerializer$Builder'],
    load: async () => (await import('./text/header-and-text-serializer.ts')).headerAndTextSerializer,
  },
  {
    kind: 'serializer',
    type: 'TEXT',
    classNames: ['org.apache.flume.serialization.BodyTextEventSerializer$Builder'],
    load: async () => (await import('./text/text-serializer.ts')).textSerializer,
  },
  {
    kind: 'pathManager',
    type: 'DEFAULT',
    classNames: ['org.apache.flume.formatter.output.DefaultPathManager$Builder'],
    load: async () => (await import('./files/default-path-manager.ts')).defaultPathManager,
  },
  {
    kind: 'pathManager',
    type: 'ROLLTIME',
    classNames: ['org.apache.flume.formatter.output.RollTimePathManager$Builder'],
    load: async () => (await import('./files/rolltime-path-manager.ts')).rollTimePathManager,
  },
  {
    kind: 'configFilter',
    type: 'env',
    classNames: ['org.apache.flume.configfilter.EnvironmentVariableConfigFilter'],
    load: async () => (await import('./config-filters/env-config-filter.ts')).envConfigFilter,
  },
  {
    kind: 'configFilter',
    type: 'external',
    classNames: ['org.apache.flume.configfilter.ExternalProcessConfigFilter'],
    load: async () => (await import('./config-filters/external-config-filter.ts')).externalConfigFilter,
  },
];
