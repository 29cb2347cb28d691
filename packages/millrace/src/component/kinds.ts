/**
 * The kinds of components: the one table that says which there are. A kind's definition, the folders' naming, the
 * index of components, their pages and what `check` says all go by it.
 */
import type {
  ChannelDefinition,
  ConfigFilterDefinition,
  DeserializerDefinition,
  HttpHandlerDefinition,
  InterceptorDefinition,
  PathManagerDefinition,
  ProcessorDefinition,
  SelectorDefinition,
  SerializerDefinition,
  SinkDefinition,
  SourceDefinition,
} from './define.ts';

/** Definition by kind. */
export interface DefinitionOf {
  source: SourceDefinition;
  channel: ChannelDefinition;
  sink: SinkDefinition;
  interceptor: InterceptorDefinition;
  selector: SelectorDefinition;
  processor: ProcessorDefinition;
  serializer: SerializerDefinition;
  deserializer: DeserializerDefinition;
  pathManager: PathManagerDefinition;
  httpHandler: HttpHandlerDefinition;
  configFilter: ConfigFilterDefinition;
}
export type DefinitionKind = keyof DefinitionOf;
export type ComponentDefinition = DefinitionOf[DefinitionKind];

interface KindText {
  /** In a sentence. */
  readonly noun: string;
  /** Heading of its pages. */
  readonly title: string;
  /** Where a configuration names it. */
  readonly named: string;
}

export const kinds: { readonly [K in DefinitionKind]: KindText } = {
  source: { noun: 'source', title: 'Sources', named: 'AGENT.sources.NAME.type' },
  channel: { noun: 'channel', title: 'Channels', named: 'AGENT.channels.NAME.type' },
  sink: { noun: 'sink', title: 'Sinks', named: 'AGENT.sinks.NAME.type' },
  interceptor: {
    noun: 'interceptor',
    title: 'Interceptors',
    named: 'AGENT.sources.NAME.interceptors.NAME.type',
  },
  selector: { noun: 'selector', title: 'Channel selectors', named: 'AGENT.sources.NAME.selector.type' },
  processor: {
    noun: 'sink processor',
    title: 'Sink processors',
    named: 'AGENT.sinkgroups.NAME.processor.type',
  },
  serializer: {
    noun: 'serializer',
    title: 'Event serializers',
    named: 'an option of a sink, such as sink.serializer',
  },
  deserializer: {
    noun: 'deserializer',
    title: 'Event deserializers',
    named: 'an option of a source, such as deserializer',
  },
  pathManager: { noun: 'path manager', title: 'Path managers', named: 'AGENT.sinks.NAME.sink.pathManager' },
  httpHandler: {
    noun: 'HTTP handler',
    title: 'HTTP handlers',
    named: 'AGENT.sources.NAME.handler of an http source',
  },
  configFilter: { noun: 'config filter', title: 'Config filters', named: 'AGENT.configfilters.NAME.type' },
};

export const definitionKinds = Object.keys(kinds) as readonly DefinitionKind[];
