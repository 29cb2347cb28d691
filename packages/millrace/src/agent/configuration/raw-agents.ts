/** From flat properties to agents and components: the grammar of Flume's keys (org.apache.flume.conf.FlumeConfiguration). */
import { nearest } from '../../config/nearest.ts';
import { type Place, type Property, shownValue } from '../../config/properties-model.ts';
import { javaTrim, javaWords } from '../../java/blanks.ts';
import type { Diagnostic } from '../../runtime/diagnostics.ts';
import type { FlumeMessage } from '../model.ts';
import { Findings } from './findings.ts';

export const groups = ['configfilters', 'sources', 'channels', 'sinks', 'sinkgroups'] as const;
export type Group = (typeof groups)[number];

/** A component's properties, keys relative to it. */
export interface RawComponent {
  readonly name: string;
  /** Of its first key. */
  readonly place: Place;
  readonly properties: Map<string, Property>;
}

export interface RawAgent {
  readonly name: string;
  /** Of its first key. */
  readonly place: Place;
  /** `a1.sources = …` and so on. */
  readonly lists: Map<Group, Property>;
  readonly components: Readonly<Record<Group, Map<string, RawComponent>>>;
}

export interface RawAgents {
  /** In the order in which the file first names them. */
  readonly agents: readonly RawAgent[];
  readonly diagnostics: readonly Diagnostic[];
  readonly messages: readonly FlumeMessage[];
}

/** Sorts every property to its agent and component; what fits nowhere is ignored, and told. */
export function toRawAgents(properties: Iterable<Property>): RawAgents {
  const agents = new Map<string, RawAgent>();
  const findings = new Findings();
  for (const property of properties) {
    const key = javaTrim(property.key);
    const ignored = { ...property, key, value: javaTrim(property.value) };
    if (!add(agents, ignored, findings)) {
      findings.log(
        'warn',
        'FlumeConfiguration',
        `Configuration property ignored: ${key} = ${shownValue(ignored)}`,
      );
    }
  }
  return { agents: [...agents.values()], diagnostics: findings.diagnostics, messages: findings.messages };
}

function add(agents: Map<string, RawAgent>, property: Property, findings: Findings): boolean {
  const { key, value, keyPlace } = property;
  const dot = key.indexOf('.');
  if (value === '') {
    findings.tell(keyPlace, 'empty-value', `${key} has no value: it is ignored`);
    return false;
  }
  if (dot <= 0 || dot === key.length - 1) {
    findings.tell(
      keyPlace,
      'not-a-property',
      `${noPropertyText(key)}: it is ignored`,
      commentSuggestion(key),
    );
    return false;
  }
  const agentName = key.slice(0, dot);
  let agent = agents.get(agentName);
  if (agent === undefined) {
    agent = newAgent(agentName, keyPlace);
    agents.set(agentName, agent);
  }
  if (addToAgent(agent, key.slice(dot + 1), property)) return true;
  findings.log('warn', 'FlumeConfiguration', `Invalid property specified: ${key.slice(dot + 1)}`);
  const { text, suggestion } = invalidKey(agentName, key.slice(dot + 1));
  findings.tell(keyPlace, 'invalid-key', `${key}: ${text}: it is ignored`, suggestion);
  return false;
}

function noPropertyText(key: string): string {
  if (!key.includes('.')) return `${key} belongs to no agent`;
  return key.startsWith('.') ? `${key} has no agent name` : `${key} has nothing after the agent's name`;
}

function commentSuggestion(key: string): string {
  return /^(?:\/\/|;|--|\/\*|\*)/.test(key)
    ? 'a comment begins with # or !'
    : 'a key is AGENT.sources.NAME.PROPERTY, or the same with channels, sinks, sinkgroups';
}

function newAgent(name: string, place: Place): RawAgent {
  return {
    name,
    place,
    lists: new Map(),
    components: {
      configfilters: new Map(),
      sources: new Map(),
      channels: new Map(),
      sinks: new Map(),
      sinkgroups: new Map(),
    },
  };
}

function addToAgent(agent: RawAgent, key: string, property: Property): boolean {
  const group = groups.find((name) => key === name || key.startsWith(`${name}.`));
  if (group === undefined) return false;
  if (key === group) {
    agent.lists.set(group, property);
    return true;
  }
  const rest = key.slice(group.length + 1);
  // The name has at least one character, so a dot in front belongs to it, as in Flume.
  const dot = rest.indexOf('.', 1);
  if (dot === -1 || dot === rest.length - 1) return false;
  const name = javaTrim(rest.slice(0, dot));
  const components = agent.components[group];
  let component = components.get(name);
  if (component === undefined) {
    component = { name, place: property.keyPlace, properties: new Map() };
    components.set(name, component);
  }
  const componentKey = rest.slice(dot + 1);
  component.properties.set(componentKey, { ...property, key: componentKey });
  return true;
}

function invalidKey(agent: string, key: string): { text: string; suggestion?: string } {
  const dot = key.indexOf('.');
  const first = dot === -1 ? key : key.slice(0, dot);
  const group = groups.find((name) => name === first);
  if (group !== undefined) {
    const name = key.slice(group.length + 1).replace(/\.$/, '');
    return {
      text: `it names one of the ${group} without a property`,
      suggestion: `write ${agent}.${group}.${name === '' ? 'NAME' : name}.PROPERTY`,
    };
  }
  const near = nearest(first, groups);
  return {
    text: `${first} is none of ${groups.join(', ')}`,
    ...(near === undefined
      ? {}
      : { suggestion: `did you mean ${agent}.${near}${dot === -1 ? '' : key.slice(dot)}?` }),
  };
}

/** The names of a list property, each once, in their order. */
export function namesOf(list: Property | undefined): string[] {
  return list === undefined ? [] : [...new Set(javaWords(list.value))];
}
