/**
 * The one place that names concrete components. Each line repeats the names of a component's spec, so that its code is
 * loaded only when a configuration asks for it; `registry.test.ts` holds the lines to the specs.
 */
import type { ComponentDefinition } from '../component/define.ts';
import { unbuiltTypes } from '../components/unbuilt.ts';
import { Registry, type RegistryEntry } from './catalog.ts';

const flume = 'org.apache.flume';

export const registryEntries: readonly RegistryEntry[] = [
  {
    kind: 'source',
    type: 'TAILDIR',
    classNames: [`${flume}.source.taildir.TaildirSource`],
    load: async () => (await import('../components/taildir/source.ts')).taildirSource,
  },
  {
    kind: 'source',
    type: 'exec',
    classNames: [`${flume}.source.ExecSource`],
    load: async () => (await import('../components/exec/source.ts')).execSource,
  },
  {
    kind: 'source',
    type: 'netcat',
    classNames: [`${flume}.source.NetcatSource`],
    load: async () => (await import('../components/netcat/source.ts')).netcatSource,
  },
  {
    kind: 'source',
    type: 'seq',
    classNames: [`${flume}.source.SequenceGeneratorSource`],
    load: async () => (await import('../components/trial/seq-source.ts')).seqSource,
  },
  {
    kind: 'source',
    classNames: [`${flume}.source.kafka.KafkaSource`],
    load: async () => (await import('../components/kafka/source.ts')).kafkaSource,
  },
  {
    kind: 'channel',
    type: 'memory',
    classNames: [`${flume}.channel.MemoryChannel`],
    load: async () => (await import('../components/memory/channel.ts')).memoryChannel,
  },
  {
    kind: 'channel',
    classNames: [`${flume}.channel.kafka.KafkaChannel`],
    load: async () => (await import('../components/kafka/channel.ts')).kafkaChannel,
  },
  {
    kind: 'channel',
    type: 'file',
    classNames: [`${flume}.channel.file.FileChannel`],
    load: async () => (await import('../components/file-channel/channel.ts')).fileChannel,
  },
  {
    kind: 'sink',
    classNames: [`${flume}.sink.kafka.KafkaSink`],
    load: async () => (await import('../components/kafka/sink.ts')).kafkaSink,
  },
  {
    kind: 'sink',
    type: 'file_roll',
    classNames: [`${flume}.sink.RollingFileSink`],
    load: async () => (await import('../components/files/file-roll-sink.ts')).fileRollSink,
  },
  {
    kind: 'sink',
    type: 'logger',
    classNames: [`${flume}.sink.LoggerSink`],
    load: async () => (await import('../components/trial/logger-sink.ts')).loggerSink,
  },
  {
    kind: 'sink',
    type: 'null',
    classNames: [`${flume}.sink.NullSink`],
    load: async () => (await import('../components/trial/null-sink.ts')).nullSink,
  },
  {
    kind: 'interceptor',
    type: 'timestamp',
    classNames: [`${flume}.interceptor.TimestampInterceptor$Builder`],
    load: async () => (await import('../components/headers/timestamp-interceptor.ts')).timestampInterceptor,
  },
  {
    kind: 'interceptor',
    type: 'host',
    classNames: [`${flume}.interceptor.HostInterceptor$Builder`],
    load: async () => (await import('../components/headers/host-interceptor.ts')).hostInterceptor,
  },
  {
    kind: 'interceptor',
    type: 'static',
    classNames: [`${flume}.interceptor.StaticInterceptor$Builder`],
    load: async () => (await import('../components/headers/static-interceptor.ts')).staticInterceptor,
  },
  {
    kind: 'selector',
    type: 'replicating',
    classNames: [`${flume}.channel.ReplicatingChannelSelector`],
    load: async () => (await import('../components/routing/replicating-selector.ts')).replicatingSelector,
  },
  {
    kind: 'selector',
    type: 'multiplexing',
    classNames: [`${flume}.channel.MultiplexingChannelSelector`],
    load: async () => (await import('../components/routing/multiplexing-selector.ts')).multiplexingSelector,
  },
  {
    kind: 'serializer',
    type: 'TEXT',
    classNames: [`${flume}.serialization.BodyTextEventSerializer$Builder`],
    load: async () => (await import('../components/text/text-serializer.ts')).textSerializer,
  },
  {
    kind: 'serializer',
    type: 'HEADER_AND_TEXT',
    classNames: [`${flume}.serialization.HeaderAndBodyTextEventSerializer$Builder`],
    load: async () =>
      (await import('../components/text/header-and-text-serializer.ts')).headerAndTextSerializer,
  },
];

/** Millrace's components, with a program's own before them. */
export function componentRegistry(more: readonly ComponentDefinition[] = []): Registry {
  return new Registry(registryEntries, unbuiltTypes, more);
}
