/**
 * What a configuration comes to: the agents that would run, with every component's definition and parsed options, what
 * was dropped and why, and what Flume would have logged. Made by `flume-config.ts` from properties and by
 * `typed-config.ts` from an object; `agent.ts` builds components from it and decides nothing of its own.
 */
import type {
  ChannelDefinition,
  InterceptorDefinition,
  ProcessorDefinition,
  SelectorDefinition,
  SinkDefinition,
  SourceDefinition,
} from '../component/define.ts';
import { finding } from '../config/finding.ts';
import { nearest } from '../config/nearest.ts';
import type { OptionSpec, OptionValues } from '../config/options.ts';
import type { ComponentProperties } from '../config/properties-model.ts';
import type { Diagnostic } from '../runtime/diagnostics.ts';

/** One component that is kept: its definition, and the options parsed after that definition's spec. */
export interface ComponentModel<D> {
  /** Unique within its kind and agent; an interceptor's within its source. */
  readonly name: string;
  /** As the configuration writes it: an alias in any letter case, or a class name. */
  readonly type: string;
  readonly definition: D;
  readonly options: OptionValues<OptionSpec>;
  /** The properties as they stand, keys relative to the component: for comparing at a reload, and for places. Secrets are hidden. */
  readonly properties: ComponentProperties;
}

export interface ChannelModel extends ComponentModel<ChannelDefinition> {
  /** The limit that batch sizes were checked against; Infinity where the channel declares none. */
  readonly transactionCapacity: number;
}

/** How long a polled source sleeps when it says `backoff`: min(consecutive × increment, max). */
export interface PollingModel {
  readonly backoffSleepIncrementMs: number;
  readonly maxBackoffSleepMs: number;
}

export interface SourceModel extends ComponentModel<SourceDefinition> {
  /** Names of surviving channels, in the order of the `channels` property, each once. At least one. */
  readonly channels: readonly string[];
  readonly selector: SelectorModel;
  /** In the order of the `interceptors` property. */
  readonly interceptors: readonly ComponentModel<InterceptorDefinition>[];
  readonly polling: PollingModel;
}

/** The selector of a source; its name is the source's. A source that names none has `replicating`. */
export type SelectorModel = ComponentModel<SelectorDefinition>;

export interface SinkModel extends ComponentModel<SinkDefinition> {
  readonly channel: string;
}

/** The processor of a sink group; its name is the group's, its properties are those below `processor.`. */
export type ProcessorModel = ComponentModel<ProcessorDefinition>;

/** Sinks that share one runner. A sink that is in no group runs alone (the default processor). */
export interface SinkGroupModel {
  readonly name: string;
  readonly processor: ProcessorModel;
  /** Names of surviving sinks, each in one group only, as the processor seats them. */
  readonly sinks: readonly string[];
  /** The sink that works alone as long as it can. Absent: all work. */
  readonly only?: string;
}

export type ComponentKind = 'source' | 'channel' | 'sink' | 'sinkgroup' | 'interceptor';

/** One line of the table that `millrace check` shows. */
export interface ComponentReport {
  readonly kind: ComponentKind;
  /** An interceptor's is `SOURCE.INTERCEPTOR`. */
  readonly name: string;
  /** As written; empty where the configuration gives none. A sink group's is its processor's. */
  readonly type: string;
  readonly status: 'kept' | 'dropped';
  /** Why it was dropped; empty when kept. */
  readonly reason: string;
}

/** A line that Flume 1.11 would have logged, word for word where it is known. */
export interface FlumeMessage {
  readonly level: 'info' | 'warn' | 'error';
  /** Flume's logger name: `FlumeConfiguration`, `AbstractConfigurationProvider`, … */
  readonly logger: string;
  readonly text: string;
}

export interface AgentModel {
  readonly name: string;
  /** False: Flume removes the agent at validation (or it isn't in the file); an empty agent runs in its place. */
  readonly valid: boolean;
  readonly channels: readonly ChannelModel[];
  readonly sources: readonly SourceModel[];
  readonly sinks: readonly SinkModel[];
  readonly groups: readonly SinkGroupModel[];
  /** Kept and dropped alike, in the order channels, sources (with their interceptors), sinks, sink groups. */
  readonly components: readonly ComponentReport[];
  /** Every finding about this agent, in the order of the file. */
  readonly diagnostics: readonly Diagnostic[];
  /** What Flume would log while it builds this agent. */
  readonly messages: readonly FlumeMessage[];
}

/** Everything that a set of files says. */
export interface ConfigurationModel {
  /** In the order in which the files first name them; invalid ones too. */
  readonly agents: readonly AgentModel[];
  /** All findings, each agent's included, in the order of the files. */
  readonly diagnostics: readonly Diagnostic[];
  /** What Flume would log while it parses and validates, for all agents in the files. */
  readonly messages: readonly FlumeMessage[];
}

/** The agent that Flume runs for `-n NAME`: a name that isn't there, or an invalid agent, runs empty. */
export function agentToRun(configuration: ConfigurationModel, name: string): AgentModel {
  return configuration.agents.find((agent) => agent.name === name && agent.valid) ?? emptyAgent(name);
}

/** What to tell of an agent that none of the files has; null where one has it, even if it is invalid. */
export function missingAgent(
  configuration: ConfigurationModel,
  name: string,
  files: readonly string[],
): Diagnostic | null {
  const names = configuration.agents.map((agent) => agent.name);
  if (names.includes(name)) return null;
  const near = nearest(name, names) ?? (names.length === 1 ? names[0] : undefined);
  const suggestion = near === undefined ? `it has: ${names.join(', ')}` : `did you mean ${near}?`;
  const place = { file: files.at(-1) ?? '', line: 0, column: 0 };
  const message = `there is no agent ${name}; an empty agent runs, and does nothing`;
  return finding('no-such-agent', place, message, names.length === 0 ? undefined : suggestion);
}

function emptyAgent(name: string): AgentModel {
  return {
    name,
    valid: false,
    channels: [],
    sources: [],
    sinks: [],
    groups: [],
    components: [],
    diagnostics: [],
    messages: [
      {
        level: 'warn',
        logger: 'AbstractConfigurationProvider',
        text: `No configuration found for this host:${name}`,
      },
    ],
  };
}
