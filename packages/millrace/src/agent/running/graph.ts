import { homedir } from 'node:os';
import { BackgroundWork } from '../../component/background.ts';
import type { Channel } from '../../component/channel.ts';
import type { ComponentContext } from '../../component/define.ts';
import type { Interceptor } from '../../component/interceptor.ts';
import type { ComponentDefinition } from '../../component/kinds.ts';
import type { GroupMember, SinkProcessor } from '../../component/processor.ts';
import type { RefusedEvents } from '../../component/refused.ts';
import type { Sink } from '../../component/sink.ts';
import type { PollableSource, Source } from '../../component/source.ts';
import type { OptionSpec } from '../../config/options.ts';
import type { Diagnostic } from '../../runtime/diagnostics.ts';
import { formatDiagnostic } from '../../runtime/diagnostics.ts';
import { errorText } from '../../runtime/errors.ts';
import type { Logger } from '../../runtime/logger.ts';
import type { AgentModel, ChannelModel, ComponentModel, SinkModel, SourceModel } from '../model.ts';
import { InterceptingChannelProcessor } from './channel-processor.ts';
import { RefusedFile, refusedPath } from './refused-file.ts';

export interface BuiltChannel {
  readonly model: ChannelModel;
  readonly channel: Channel;
  readonly background: BackgroundWork;
  /** Kept from the graph before this one: it has content, and gets its new options when that graph has stopped. */
  readonly reused: boolean;
}
export interface BuiltSource {
  readonly model: SourceModel;
  readonly source: Source | PollableSource;
  readonly background: BackgroundWork;
  readonly processor: InterceptingChannelProcessor;
}
export interface BuiltSink {
  readonly model: SinkModel;
  readonly sink: Sink;
  readonly background: BackgroundWork;
  readonly channel: Channel;
  readonly refused: RefusedEvents;
}
/** Sinks that share a runner: those of a group, or one alone. */
export interface SinkUnit {
  readonly name: string;
  readonly sinks: readonly BuiltSink[];
  processorOf(members: readonly GroupMember[]): SinkProcessor;
}

/** An agent's components, made and connected, not started. */
export interface AgentGraph {
  readonly model: AgentModel;
  readonly channels: readonly BuiltChannel[];
  readonly sources: readonly BuiltSource[];
  readonly units: readonly SinkUnit[];
  /** Where the components leave what is refused for good; closed after they have stopped. */
  readonly refused: RefusedFiles;
  /** Components that could not be made, with the reason: `Source r1` → why. They are left out. */
  readonly faults: ReadonlyMap<string, string>;
}

/** Makes the components of a model. Nothing is opened and nothing throws; `previous` is the graph to keep channels from. */
export function buildGraph(model: AgentModel, log: Logger, previous?: AgentGraph): AgentGraph {
  return new GraphBuilder(model, log, previous).build();
}

class GraphBuilder {
  readonly #model: AgentModel;
  readonly #log: Logger;
  readonly #previous: AgentGraph | undefined;
  readonly #refused: RefusedFiles;
  readonly #faults = new Map<string, string>();
  readonly #channels = new Map<string, BuiltChannel>();

  constructor(model: AgentModel, log: Logger, previous: AgentGraph | undefined) {
    this.#model = model;
    this.#refused = new RefusedFiles(model.name);
    this.#log = log;
    this.#previous = previous;
  }

  build(): AgentGraph {
    for (const model of this.#model.channels) {
      const built = this.#make(`Channel ${model.name}`, () => this.#channel(model));
      if (built !== null) this.#channels.set(model.name, built);
    }
    const sources = this.#model.sources
      .map((model) => this.#make(`Source ${model.name}`, () => this.#source(model)))
      .filter((built) => built !== null);
    const sinks = new Map<string, BuiltSink>();
    for (const model of this.#model.sinks) {
      const built = this.#make(`Sink ${model.name}`, () => this.#sink(model));
      if (built !== null) sinks.set(model.name, built);
    }
    return {
      model: this.#model,
      channels: [...this.#channels.values()],
      sources,
      units: this.#units(sinks),
      refused: this.#refused,
      faults: this.#faults,
    };
  }

  #make<T>(label: string, make: () => T): T | null {
    try {
      return make();
    } catch (error) {
      this.#faults.set(label, errorText(error));
      this.#log.error(`${label} has been removed due to an error during configuration: ${errorText(error)}`, {
        error,
      });
      return null;
    }
  }

  #context(
    model: ComponentModel<ComponentDefinition>,
    background: BackgroundWork,
    channelFolder?: string,
  ): ComponentContext<OptionSpec> {
    const refused = this.#refused.of(model, this.#log.child(model.name), channelFolder);
    return contextOf(this.#model, model, this.#log, {
      refused,
      spawn: background.spawn,
      state: background.state,
    });
  }

  #channel(model: ChannelModel): BuiltChannel {
    const old = this.#previous?.channels.find((candidate) => candidate.model.name === model.name);
    if (old?.model.definition === model.definition && model.definition.reconfigure !== undefined) {
      const { channel, background } = old;
      return { model, channel, background, reused: true };
    }
    const background = new BackgroundWork();
    const channel = model.definition.create(this.#context(model, background));
    return { model, channel, background, reused: false };
  }

  #source(model: SourceModel): BuiltSource {
    const log = this.#log.child(model.name);
    const channels = model.channels
      .map((name) => this.#channels.get(name)?.channel)
      .filter((c) => c !== undefined);
    if (channels.length === 0) throw new Error('it is not connected to a channel');
    const background = new BackgroundWork();
    const selector = model.selector.definition.create({
      ...this.#context(model.selector, background),
      channels,
    });
    const interceptors: Interceptor[] = model.interceptors.map((interceptor) =>
      interceptor.definition.create(this.#context(interceptor, background)),
    );
    const processor = new InterceptingChannelProcessor(
      interceptors,
      selector,
      channels,
      log,
      model.name,
      background.state,
    );
    const context = { ...this.#context(model, background), channels: processor };
    return { model, source: model.definition.create(context), background, processor };
  }

  #sink(model: SinkModel): BuiltSink {
    const built = this.#channels.get(model.channel);
    if (built === undefined)
      throw new Error(`it is not connected to a channel: ${model.channel} is not there`);
    const { channel } = built;
    const background = new BackgroundWork();
    const context = this.#context(model, background, channel.folder);
    return { model, sink: model.definition.create(context), background, channel, refused: context.refused };
  }

  #units(sinks: ReadonlyMap<string, BuiltSink>): SinkUnit[] {
    const units: SinkUnit[] = [];
    const grouped = new Set<string>();
    for (const { name, sinks: names, processor } of this.#model.groups) {
      for (const sink of names) grouped.add(sink);
      const members = names.map((sink) => sinks.get(sink)).filter((sink) => sink !== undefined);
      if (members.length === 0) continue;
      units.push({
        name,
        sinks: members,
        processorOf: (group) =>
          processor.definition.create({ ...toldTo(this.#model, processor, this.#log), members: group }),
      });
    }
    for (const [name, sink] of sinks) {
      if (grouped.has(name)) continue;
      // As the default processor: nothing between the runner and its one sink.
      units.push({
        name,
        sinks: [sink],
        processorOf: ([member]) => ({ process: (signal) => member!.flow(signal) }),
      });
    }
    return units;
  }
}

/** The files of refused events of one graph's components. */
export class RefusedFiles {
  readonly #agent: string;
  readonly #files = new Map<string, RefusedFile>();

  constructor(agent: string) {
    this.#agent = agent;
  }

  of(model: ComponentModel<ComponentDefinition>, log: Logger, channelFolder?: string): RefusedFile {
    const { definition, name, options } = model;
    const who = { agent: this.#agent, kind: definition.kind, name };
    const key = `${who.kind} ${name}`;
    let file = this.#files.get(key);
    if (file === undefined) {
      const chosen = options.refusedFile;
      const path = refusedPath(
        who,
        typeof chosen === 'string' ? chosen : undefined,
        channelFolder,
        homedir(),
      );
      file = new RefusedFile({ ...who, path, log });
      this.#files.set(key, file);
    }
    return file;
  }

  /** Events set aside by a component. */
  countOf(kind: string, name: string): number {
    return this.#files.get(`${kind} ${name}`)?.count ?? 0;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#files.values()].map((file) => file.close()));
  }
}

/** What every component is told. Also for `reconfigure`. */
export function contextOf(
  agent: AgentModel,
  model: ComponentModel<ComponentDefinition>,
  log: Logger,
  shared: Pick<ComponentContext<OptionSpec>, 'refused' | 'spawn' | 'state'>,
): ComponentContext<OptionSpec> {
  return { ...toldTo(agent, model, log), ...shared };
}

/** What a component is told that has nothing in the background. */
function toldTo(
  agent: AgentModel,
  model: ComponentModel<ComponentDefinition>,
  log: Logger,
): Pick<ComponentContext<OptionSpec>, 'agent' | 'name' | 'options' | 'log' | 'report'> {
  const own = log.child(model.name);
  return {
    agent: agent.name,
    name: model.name,
    options: model.options,
    log: own,
    report: (diagnostic: Diagnostic) => own.warn(formatDiagnostic(diagnostic)),
  };
}
