/**
 * The kinds of components: the one table that says which there are. A kind's definition, the folders' naming, the
 * index of components, their pages and what `check` says all go by it.
 */
import type {
  ChannelDefinition,
  InterceptorDefinition,
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
}
export type DefinitionKind = keyof DefinitionOf;
export type ComponentDefinition = DefinitionOf[DefinitionKind];

interface KindText {
  /** Heading of its pages; lower case in a sentence. */
  readonly title: string;
  /** Where a configuration names it. */
  readonly named: string;
}

export const kinds: { readonly [K in DefinitionKind]: KindText } = {
  source: { title: 'Sources', named: 'AGENT.sources.NAME.type' },
  channel: { title: 'Channels', named: 'AGENT.channels.NAME.type' },
  sink: { title: 'Sinks', named: 'AGENT.sinks.NAME.type' },
  interceptor: { title: 'Interceptors', named: 'AGENT.sources.NAME.interceptors.NAME.type' },
  selector: { title: 'Channel selectors', named: 'AGENT.sources.NAME.selector.type' },
  processor: { title: 'Sink processors', named: 'AGENT.sinkgroups.NAME.processor.type' },
  serializer: { title: 'Event serializers', named: 'an option of a sink, such as sink.serializer' },
};

export const definitionKinds = Object.keys(kinds) as readonly DefinitionKind[];
