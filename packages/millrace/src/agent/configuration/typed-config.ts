/** Agents as TypeScript objects. They become properties, and so the same model as from a file. */
import { finding } from '../../config/finding.ts';
import type { FindingCode } from '../../config/finding-codes.ts';
import type { PropertySet } from '../../config/properties.ts';
import type { Property } from '../../config/properties-model.ts';
import { formatDiagnostic } from '../../runtime/diagnostics.ts';
import { type AgentModel, agentToRun } from '../model.ts';
import { type LoadOptions, modelOf } from './load-config.ts';

/**
 * What an option may be: a list becomes names separated by blanks, an object dotted keys, undefined nothing. Where a
 * key has both a value and parts, write the parts out: `filegroups: ['f1'], 'filegroups.f1': '/var/log/.*log'`.
 */
export type OptionInput =
  | string
  | number
  | boolean
  | undefined
  | readonly (string | number)[]
  | { readonly [key: string]: OptionInput };

export interface ComponentInput {
  /** Flume's alias or class name. */
  readonly type: string;
  readonly [option: string]: OptionInput;
}
export interface SourceInput extends ComponentInput {
  readonly channels: readonly string[];
  readonly selector?: { readonly type?: string; readonly [option: string]: OptionInput };
  /** In the order of the object. */
  readonly interceptors?: Readonly<Record<string, ComponentInput>>;
}
export interface SinkInput extends ComponentInput {
  readonly channel: string;
}
export interface SinkGroupInput {
  readonly sinks: readonly string[];
  readonly processor?: { readonly type: string; readonly [option: string]: OptionInput };
  readonly [option: string]: OptionInput;
}

/** An agent: what its properties file would say, without the agent's name in front and without the lists. */
export interface AgentInput {
  readonly name: string;
  readonly sources?: Readonly<Record<string, SourceInput>>;
  readonly channels: Readonly<Record<string, ComponentInput>>;
  readonly sinks?: Readonly<Record<string, SinkInput>>;
  readonly sinkgroups?: Readonly<Record<string, SinkGroupInput>>;
}

/** Gives an agent back as it is; for the types in an editor. */
export function defineAgent<const A extends AgentInput>(agent: A): A {
  return agent;
}

/** The properties that say the same; a finding's place is the path in the object, without line and column. */
export function agentProperties(agent: AgentInput): PropertySet {
  const properties = new Map<string, Property>();
  const add = (key: string, value: OptionInput): void => {
    if (value === undefined) return;
    if (typeof value === 'object' && !Array.isArray(value)) {
      for (const [name, inner] of Object.entries(value)) add(`${key}.${name}`, inner);
      return;
    }
    if (Array.isArray(value) && value.length === 0) return;
    const text = Array.isArray(value) ? value.join(' ') : String(value);
    const place = { file: key, line: 0, column: 0 };
    properties.set(key, { key, value: text, keyPlace: place, valuePlace: place });
  };
  for (const group of ['channels', 'sources', 'sinks', 'sinkgroups'] as const) {
    const components = agent[group];
    if (components === undefined) continue;
    add(`${agent.name}.${group}`, Object.keys(components));
    for (const [name, { interceptors, ...options }] of Object.entries<Record<string, OptionInput>>(
      components,
    )) {
      const key = `${agent.name}.${group}.${name}`;
      add(key, options);
      if (interceptors === undefined) continue;
      if (typeof interceptors === 'object') add(`${key}.interceptors`, Object.keys(interceptors));
      add(`${key}.interceptors`, interceptors);
    }
  }
  return { properties, diagnostics: [] };
}

/** What was not understood as it was written; a file runs with it and is warned, a program is not made for it. */
const misunderstood: ReadonlySet<string> = new Set<FindingCode>([
  ...([
    'unknown-key',
    'misplaced-key',
    'bad-boolean',
    'value-replaced',
    'number-replaced',
    'empty-value',
    'invalid-key',
  ] as const),
  ...(['channel-left-out', 'unknown-sink', 'sink-in-use', 'double-priority', 'not-listed'] as const),
]);

/** Why a program's agent is not to be made; empty where it is. */
export function programFaults({ valid, components, sources, sinks, diagnostics }: AgentModel): string[] {
  const told = diagnostics.filter(({ severity, code }) => severity === 'error' || misunderstood.has(code));
  if (told.length > 0) return told.map(formatDiagnostic);
  const dropped = components.filter(({ status }) => status === 'dropped');
  if (dropped.length > 0) return dropped.map(({ kind, name, reason }) => `${kind} ${name}: ${reason}`);
  return valid && sources.length + sinks.length > 0 ? [] : ['it is empty'];
}

/** The model of an agent given as an object. Values are taken as they are: `${…}` is resolved as in a file. */
export async function agentModelOf(agent: AgentInput, options: LoadOptions = {}): Promise<AgentModel> {
  const model = await modelOf(agentProperties(agent), options);
  const found = model.agents.find(({ name }) => name === agent.name);
  if (found !== undefined) return { ...found, diagnostics: model.diagnostics };
  const message = `agent ${agent.name} can't run: it has no channels`;
  const place = { file: `${agent.name}.channels`, line: 0, column: 0 };
  return {
    ...agentToRun(model, agent.name),
    diagnostics: [...model.diagnostics, finding('no-channels', place, message)],
  };
}
