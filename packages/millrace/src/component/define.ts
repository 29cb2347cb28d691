import type { ConfiguredPart, OptionFinding, OptionSpec, OptionValues } from '../config/options.ts';
import type { Diagnostic } from '../runtime/diagnostics.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Spawn } from './background.ts';
import type { Channel } from './channel.ts';
import type { ConfigFilter, FilterSurroundings } from './config-filter.ts';
import type { EventDeserializer, ResettableInput } from './deserializer.ts';
import type { HttpHandler } from './http-handler.ts';
import type { Interceptor } from './interceptor.ts';
import type { RollPath } from './path-manager.ts';
import type { GroupMember, Seating, SinkProcessor } from './processor.ts';
import type { ChannelPromises, PassingPromises, SinkPromises, SourcePromises } from './promises.ts';
import { type RefusedEvents, refusedOptions } from './refused.ts';
import type {
  ChannelStream,
  HeaderNeed,
  PositionSystem,
  ReadStreams,
  TransactionSystem,
  WrittenStream,
} from './relations.ts';
import type { ChannelSelector } from './selector.ts';
import type { EventSerializer } from './serializer.ts';
import type { Sink } from './sink.ts';
import type { ChannelProcessor, PollableSource, Source } from './source.ts';
import type { StateTeller } from './state.ts';

/** What every component says about itself; `check`, the reference pages and the registry read nothing else. */
export interface ComponentSpec<S extends OptionSpec> {
  /** Flume's alias, as Flume writes it (`TAILDIR`, `memory`); matched in any letter case. Absent: class names only. */
  readonly type?: string;
  /** Java class names that mean this component, of Flume 1.x and 2.x; matched exactly. */
  readonly classNames: readonly string[];
  /** One sentence. */
  readonly summary: string;
  /**
   * Lines of a configuration of agent `a1` for its page. What they leave out is a way from seq through memory to logger
   * (`r1`, `c1`, `k1`). A test runs the whole through `check`, without a finding.
   */
  readonly example?: string;
  /** Where it behaves otherwise than Flume 1.11 on purpose, with the reason; a sentence or two each, for its page. */
  readonly differs?: readonly string[];
  readonly options: S;
  /** The option that must not exceed a channel's transactionCapacity (Flume drops the component otherwise). */
  readonly batchSizeOption?: keyof S & string;
  /**
   * Everything that makes these options unusable and needs no I/O to see: each finding is a reason why the component
   * can't be configured (it is dropped, the first is the reason that is shown). Runs in `check` and at build alike.
   */
  validate?(options: OptionValues<S>): readonly OptionFinding[];
  /** What an operator should know although the component works: properties without effect, likely mistakes. */
  notes?(options: OptionValues<S>): readonly OptionFinding[];
}

export interface ComponentContext<S extends OptionSpec> {
  readonly agent: string;
  readonly name: string;
  readonly options: OptionValues<S>;
  readonly log: Logger;
  /** Where to leave what can never go on, so that the rest can. */
  readonly refused: RefusedEvents;
  /** Runs work in the background; its failure restarts this component, and nothing else. */
  readonly spawn: Spawn;
  /** Where to say what it waits for. */
  readonly state: StateTeller;
  /** Tells an operator of something that was ignored, repaired or given up. */
  report(diagnostic: Diagnostic): void;
}

export interface SourceContext<S extends OptionSpec> extends ComponentContext<S> {
  readonly channels: ChannelProcessor;
}
/** A sink knows nothing of its channel: the agent takes events, and commits what the sink has delivered. */
export type SinkContext<S extends OptionSpec> = ComponentContext<S>;
export interface SelectorContext<S extends OptionSpec> extends ComponentContext<S> {
  /** The source's channels, in the order of its `channels` property. */
  readonly channels: readonly Channel[];
}

export interface SourceDefinition<S extends OptionSpec = OptionSpec> extends ComponentSpec<S> {
  readonly kind: 'source';
  reads?(options: OptionValues<S>): ReadStreams;
  /** The headers that its events may have; absent or null: that is not known, or up to who sends them. */
  headers?(options: OptionValues<S>): readonly string[] | null;
  promises?(options: OptionValues<S>): SourcePromises;
  create(context: SourceContext<S>): Source | PollableSource;
}
export interface ChannelDefinition<S extends OptionSpec = OptionSpec> extends ComponentSpec<S> {
  readonly kind: 'channel';
  /** What is put in it has arrived: it needs no sink. Absent: a channel that no sink empties fills up. */
  readonly isDestination?: true;
  /** Where it keeps its events, where others can read or write that, too. */
  stream?(options: OptionValues<S>): ChannelStream;
  /** The only headers that come back from it; absent or null: those that were put. */
  headers?(options: OptionValues<S>): readonly string[] | null;
  promises?(options: OptionValues<S>): ChannelPromises;
  create(context: ComponentContext<S>): Channel;
  /** The system whose positions its takes tell (`Transaction.positions`). Absent: they tell none. */
  tellsPositions?(options: OptionValues<S>): PositionSystem;
  /**
   * Gives a running channel new options at a reload, its content staying where it is (Flume keeps channels of the same
   * class and name, unless they are `@Disposable`). Throws when the options can't be had; nothing has changed then.
   * Absent: the channel is stopped and made anew, which suits those that keep their content outside the process.
   */
  reconfigure?(channel: Channel, context: ComponentContext<S>): void;
}
export interface SinkDefinition<S extends OptionSpec = OptionSpec> extends ComponentSpec<S> {
  readonly kind: 'sink';
  writes?(options: OptionValues<S>): WrittenStream;
  needs?(options: OptionValues<S>): readonly HeaderNeed[];
  /**
   * The property for which it goes by where events stood in Kafka: their channel has to tell that, or headers have to
   * (topic, partition, offset). Null: it doesn't.
   */
  needsOffsets?(options: OptionValues<S>): string | null;
  promises?(options: OptionValues<S>): SinkPromises;
  /** What its transactions are, where it has some with these options (`Sink.transactional`); null: it has none. */
  transactional?(options: OptionValues<S>): TransactionSystem | null;
  create(context: SinkContext<S>): Sink;
}
export interface InterceptorDefinition<S extends OptionSpec = OptionSpec> extends ComponentSpec<S> {
  readonly kind: 'interceptor';
  /** The header that it sets whatever the event had there. */
  overwrites?(options: OptionValues<S>): string | undefined;
  /** The headers that it may set, also those that it leaves alone where they are; absent or null: that is not known. */
  sets?(options: OptionValues<S>): readonly string[] | null;
  removes?(options: OptionValues<S>, header: string): boolean;
  promises?(options: OptionValues<S>): PassingPromises;
  create(context: ComponentContext<S>): Interceptor;
}
export interface SelectorDefinition<S extends OptionSpec = OptionSpec> extends ComponentSpec<S> {
  readonly kind: 'selector';
  /**
   * As `validate` and `notes`, once the channels are known: `Selector channel not found: X`. Findings whose code is an
   * error keep the source from being had. Runs in `check` and at build.
   */
  validateChannels?(options: OptionValues<S>, channels: readonly string[]): readonly OptionFinding[];
  needs?(options: OptionValues<S>): readonly HeaderNeed[];
  promises?(options: OptionValues<S>, channels: readonly string[]): PassingPromises;
  create(context: SelectorContext<S>): ChannelSelector;
}
/** What is asked for a path is made at once, in a running sink. */
export interface PathManagerContext<S extends OptionSpec> {
  readonly options: OptionValues<S>;
  /** Where the files go. */
  readonly directory: string;
  /** Unix ms. */
  now(): number;
}
export interface PathManagerDefinition<S extends OptionSpec = OptionSpec> extends ComponentSpec<S> {
  readonly kind: 'pathManager';
  create(context: PathManagerContext<S>): RollPath;
}
export interface ConfigFilterContext<S extends OptionSpec> extends FilterSurroundings {
  readonly name: string;
  readonly options: OptionValues<S>;
}
export interface ConfigFilterDefinition<S extends OptionSpec = OptionSpec> extends ComponentSpec<S> {
  readonly kind: 'configFilter';
  create(context: ConfigFilterContext<S>): ConfigFilter;
}
/** A processor has no work of its own in the background, and refuses nothing: its sinks do. */
export interface ProcessorContext<S extends OptionSpec>
  extends Pick<ComponentContext<S>, 'agent' | 'name' | 'options' | 'log' | 'report'> {
  /** The group's sinks, as `seat` has put them. */
  readonly members: readonly GroupMember[];
}
export interface ProcessorDefinition<S extends OptionSpec = OptionSpec> extends ComponentSpec<S> {
  readonly kind: 'processor';
  /** Who takes part, and why somebody doesn't. Absent: all, in the order of the group. Runs in `check` and at build. */
  seat?(options: OptionValues<S>, sinks: readonly string[]): Seating;
  promises?(options: OptionValues<S>, sinks: readonly string[]): PassingPromises;
  create(context: ProcessorContext<S>): SinkProcessor;
}
export interface SerializerDefinition<S extends OptionSpec = OptionSpec> extends ComponentSpec<S> {
  readonly kind: 'serializer';
  create(context: ComponentContext<S>): EventSerializer;
}
export interface DeserializerDefinition<S extends OptionSpec = OptionSpec> extends ComponentSpec<S> {
  readonly kind: 'deserializer';
  /** One for each input; reads nothing yet. */
  create(context: DeserializerContext<S>, input: ResettableInput): EventDeserializer;
}
/** A deserializer gives what it can't read to its source, which knows where the input comes from. */
export type DeserializerContext<S extends OptionSpec> = Pick<ComponentContext<S>, 'options' | 'log'>;

export interface HttpHandlerDefinition<S extends OptionSpec = OptionSpec> extends ComponentSpec<S> {
  readonly kind: 'httpHandler';
  /** One for each source. */
  create(context: HttpHandlerContext<S>): HttpHandler;
}
/** A handler tells its source what it can't read, which answers the peer. */
export type HttpHandlerContext<S extends OptionSpec> = Pick<ComponentContext<S>, 'name' | 'options' | 'log'>;

type Spec<D> = Omit<D, 'kind'>;

// Each maker keeps the options' literal types for `create` and gives them up for the registry, which only sees specs.
export const defineSource = <const S extends OptionSpec>(d: Spec<SourceDefinition<S>>): SourceDefinition =>
  ({ kind: 'source', ...d }) as unknown as SourceDefinition;
export const defineChannel = <const S extends OptionSpec>(d: Spec<ChannelDefinition<S>>): ChannelDefinition =>
  ({ kind: 'channel', ...d }) as unknown as ChannelDefinition;
/** Every sink has the options of refused events; the agent sees to them. */
export const defineSink = <const S extends OptionSpec>(d: Spec<SinkDefinition<S>>): SinkDefinition =>
  ({ kind: 'sink', ...d, options: { ...d.options, ...refusedOptions } }) as unknown as SinkDefinition;
export const defineInterceptor = <const S extends OptionSpec>(
  d: Spec<InterceptorDefinition<S>>,
): InterceptorDefinition => ({ kind: 'interceptor', ...d }) as unknown as InterceptorDefinition;
export const defineSelector = <const S extends OptionSpec>(
  d: Spec<SelectorDefinition<S>>,
): SelectorDefinition => ({ kind: 'selector', ...d }) as unknown as SelectorDefinition;
export const defineProcessor = <const S extends OptionSpec>(
  d: Spec<ProcessorDefinition<S>>,
): ProcessorDefinition => ({ kind: 'processor', ...d }) as unknown as ProcessorDefinition;
export const defineSerializer = <const S extends OptionSpec>(
  d: Spec<SerializerDefinition<S>>,
): SerializerDefinition => ({ kind: 'serializer', ...d }) as unknown as SerializerDefinition;
export const defineDeserializer = <const S extends OptionSpec>(
  d: Spec<DeserializerDefinition<S>>,
): DeserializerDefinition => ({ kind: 'deserializer', ...d }) as unknown as DeserializerDefinition;

export const definePathManager = <const S extends OptionSpec>(
  d: Spec<PathManagerDefinition<S>>,
): PathManagerDefinition => ({ kind: 'pathManager', ...d }) as unknown as PathManagerDefinition;
export const defineConfigFilter = <const S extends OptionSpec>(
  d: Spec<ConfigFilterDefinition<S>>,
): ConfigFilterDefinition => ({ kind: 'configFilter', ...d }) as unknown as ConfigFilterDefinition;

export const defineHttpHandler = <const S extends OptionSpec>(
  d: Spec<HttpHandlerDefinition<S>>,
): HttpHandlerDefinition => ({ kind: 'httpHandler', ...d }) as unknown as HttpHandlerDefinition;

/** The HTTP handler that an option names (`opt.component('httpHandler', …)`). */
export function makeHttpHandler(
  part: ConfiguredPart,
  context: Pick<ComponentContext<OptionSpec>, 'name' | 'log'>,
): HttpHandler {
  // The parser looked the definition up by this kind.
  const definition = part.definition as HttpHandlerDefinition;
  return definition.create({ name: context.name, log: context.log, options: part.options });
}

/** The path manager that an option names (`opt.component('pathManager', …)`). */
export function makeRollPath(
  part: ConfiguredPart,
  directory: string,
  now: () => number = Date.now,
): RollPath {
  // The parser looked the definition up by this kind.
  const definition = part.definition as PathManagerDefinition;
  return definition.create({ options: part.options, directory, now });
}

/** The serializer that an option names (`opt.component('serializer', …)`); one for each file. */
export function makeSerializer(part: ConfiguredPart, context: ComponentContext<OptionSpec>): EventSerializer {
  // The parser looked the definition up by this kind.
  const definition = part.definition as SerializerDefinition;
  return definition.create({ ...context, options: part.options });
}

/** The deserializer that an option names (`opt.component('deserializer', …)`), over one input. */
export function makeDeserializer(
  part: ConfiguredPart,
  context: Pick<ComponentContext<OptionSpec>, 'log'>,
  input: ResettableInput,
): EventDeserializer {
  // The parser looked the definition up by this kind.
  const definition = part.definition as DeserializerDefinition;
  return definition.create({ log: context.log, options: part.options }, input);
}
