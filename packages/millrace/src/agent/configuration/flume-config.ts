/**
 * From properties to the model of every agent in them, as Flume 1.11 reads, validates and builds. Pure: what it needs
 * to know of components is in the catalog that it is given.
 */

import type { Catalog } from '../../component/catalog.ts';
import type { DefinitionKind } from '../../component/kinds.ts';
import { plainSpec } from '../../config/options.ts';
import type { Property } from '../../config/properties-model.ts';
import type { Diagnostic } from '../../runtime/diagnostics.ts';
import type {
  AgentModel,
  ComponentKind,
  ComponentReport,
  ConfigurationModel,
  FlumeMessage,
} from '../model.ts';
import { AgentBuilder } from './build-agent.ts';
import { noSettings, type ProcessSettings } from './build-component.ts';
import { buildGroups } from './build-groups.ts';
import { Findings } from './findings.ts';
import { noteGraph } from './graph-findings.ts';
import { namesOf, type RawAgent, type RawComponent, toRawAgents } from './raw-agents.ts';
import { noteStreams } from './stream-findings.ts';
import { listedNames, type ValidatedAgent, validateAgent } from './validate-agent.ts';

export interface FlumeConfigOptions {
  /** An unknown type makes the agent invalid, as it ends Flume's process. Default: only the component is dropped. */
  readonly strictTypes?: boolean;
  /** What the process says that options may go by. Absent: nothing. */
  readonly settings?: ProcessSettings;
}

/** What must be in the catalog for these properties. */
export function wantedTypes(properties: Iterable<Property>): { kind: DefinitionKind; type: string }[] {
  const wanted: { kind: DefinitionKind; type: string }[] = [{ kind: 'selector', type: 'replicating' }];
  for (const agent of toRawAgents(properties).agents) {
    for (const [kind, group] of [
      ['source', 'sources'],
      ['channel', 'channels'],
      ['sink', 'sinks'],
    ] as const) {
      for (const component of agent.components[group].values()) {
        for (const [key, { value }] of component.properties) {
          if (key === 'type') wanted.push({ kind, type: value });
          else if (kind === 'source' && key === 'selector.type')
            wanted.push({ kind: 'selector', type: value });
          else if (kind === 'source' && /^interceptors\..+\.type$/.test(key)) {
            wanted.push({ kind: 'interceptor', type: value });
          }
        }
      }
    }
    for (const { properties: own } of agent.components.sinkgroups.values()) {
      const type = own.get('processor.type');
      if (type !== undefined) wanted.push({ kind: 'processor', type: type.value });
    }
  }
  return wanted;
}

/** What the options of these components name, once the components themselves are in the catalog. */
export function wantedParts(
  properties: Iterable<Property>,
  catalog: Catalog,
): { kind: DefinitionKind; type: string }[] {
  const wanted: { kind: DefinitionKind; type: string }[] = [];
  for (const agent of toRawAgents(properties).agents) {
    for (const [kind, group] of [
      ['source', 'sources'],
      ['channel', 'channels'],
      ['sink', 'sinks'],
    ] as const) {
      for (const { properties: own } of agent.components[group].values()) {
        const found = catalog.find(kind, own.get('type')?.value ?? '');
        if (!found.found) continue;
        for (const [name, option] of Object.entries(plainSpec(found.definition.options))) {
          const type = option.kind === 'component' ? (own.get(name)?.value ?? option.default) : undefined;
          if (option.kind === 'component' && type !== undefined)
            wanted.push({ kind: option.component, type });
        }
      }
    }
  }
  return wanted;
}

/** Never throws: every fault is a diagnostic. */
export function buildConfiguration(
  properties: Iterable<Property>,
  catalog: Catalog,
  options: FlumeConfigOptions = {},
): ConfigurationModel {
  const raw = toRawAgents(properties);
  const messages: FlumeMessage[] = [...raw.messages];
  const agents: AgentModel[] = [];
  for (const agent of raw.agents) {
    const findings = new Findings(agent.name);
    const validated = validateAgent(agent, findings);
    for (const message of findings.messages.splice(0)) messages.push(message);
    agents.push(buildAgent(validated, catalog, findings, options));
  }
  for (const [name, found] of noteStreams(agents)) {
    const at = agents.findIndex((agent) => agent.name === name);
    const agent = agents[at]!;
    agents[at] = { ...agent, diagnostics: inFileOrder([...agent.diagnostics, ...found]) };
  }
  const valid = agents.filter((agent) => agent.valid).map((agent) => agent.name);
  messages.push({
    level: 'info',
    logger: 'FlumeConfiguration',
    text: `Post-validation flume configuration contains configuration for agents: [${valid.join(', ')}]`,
  });
  const diagnostics = [...raw.diagnostics, ...agents.flatMap((agent) => agent.diagnostics)];
  return { agents, diagnostics: inFileOrder(diagnostics), messages };
}

function buildAgent(
  validated: ValidatedAgent,
  catalog: Catalog,
  findings: Findings,
  options: FlumeConfigOptions,
): AgentModel {
  const { raw } = validated;
  const builder = new AgentBuilder(catalog, findings, options.settings ?? noSettings);
  builder.channels(validated.channels);
  const sources = builder.sources(validated.sources);
  const built = builder.sinks(validated.sinks);
  const { groups, sinks } = buildGroups(validated.groups, built, { catalog, findings });
  const channels = builder.connectedChannels(raw);
  if (validated.valid) noteGraph(raw, { channels, sources, sinks, groups }, findings);
  let valid = validated.valid;
  if (valid && builder.hasUnknownType && options.strictTypes === true) {
    valid = false;
    findings.tell(
      raw.place,
      'unknown-type',
      `agent ${raw.name} can't run: a type is unknown, and types are strict`,
    );
  }
  const reports = componentReports(raw, findings, valid);
  return {
    name: raw.name,
    valid,
    channels: valid ? channels : [],
    sources: valid ? sources : [],
    sinks: valid ? sinks : [],
    groups: valid ? groups : [],
    components: reports,
    diagnostics: inFileOrder(findings.diagnostics),
    messages: findings.messages,
  };
}

function componentReports(raw: RawAgent, findings: Findings, valid: boolean): ComponentReport[] {
  const report = (kind: ComponentKind, name: string, type: string, otherwise?: string): ComponentReport => {
    const reason =
      findings.dropReason(kind, name) ?? otherwise ?? (valid ? undefined : `agent ${raw.name} can't run`);
    return { kind, name, type, status: reason === undefined ? 'kept' : 'dropped', reason: reason ?? '' };
  };
  const type = (component: RawComponent | undefined, key = 'type'): string =>
    component?.properties.get(key)?.value ?? '';
  return [
    ...listedNames(raw, 'channels').map((name) =>
      report('channel', name, type(raw.components.channels.get(name))),
    ),
    ...listedNames(raw, 'sources').flatMap((name) => {
      const source = raw.components.sources.get(name);
      const own = report('source', name, type(source));
      const gone = own.status === 'dropped' ? `its source ${name} is dropped` : undefined;
      const interceptors = namesOf(source?.properties.get('interceptors')).map((interceptor) =>
        report(
          'interceptor',
          `${name}.${interceptor}`,
          type(source, `interceptors.${interceptor}.type`),
          gone,
        ),
      );
      return [own, ...interceptors];
    }),
    ...listedNames(raw, 'sinks').map((name) => report('sink', name, type(raw.components.sinks.get(name)))),
    ...listedNames(raw, 'sinkgroups').map((name) => {
      const group = raw.components.sinkgroups.get(name);
      return report(
        'sinkgroup',
        name,
        type(group, 'processor.type') || (group === undefined ? '' : 'default'),
      );
    }),
  ];
}

/**
 * By file, in the order in which findings first name the files, then by line and column; but what follows from another
 * finding stands behind that.
 */
export function inFileOrder(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const causes = new Set(diagnostics.flatMap(({ drops }) => drops ?? []));
  const followers = Map.groupBy(
    byPlace(diagnostics).filter(({ follows = '' }) => causes.has(follows)),
    ({ follows = '' }) => follows,
  );
  const withFollowers = (cause: Diagnostic): Diagnostic[] => {
    const { drops = '' } = cause;
    const own = followers.get(drops) ?? [];
    followers.delete(drops); // told once, also where a circle of causes were to come up
    return [cause, ...own.flatMap(withFollowers)];
  };
  return byPlace(diagnostics.filter(({ follows = '' }) => !causes.has(follows))).flatMap(withFollowers);
}

function byPlace(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const files = new Map<string, number>();
  for (const { file } of diagnostics) if (!files.has(file)) files.set(file, files.size);
  return [...diagnostics].sort(
    (a, b) => files.get(a.file)! - files.get(b.file)! || a.line - b.line || a.column - b.column,
  );
}
