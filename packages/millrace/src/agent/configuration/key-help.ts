/**
 * What a property is, for who asks by its key: `a1.sources.r1.batchSize` (the type is in the configuration),
 * `TAILDIR.filegroups`, `kafka.bootstrap.servers` (of whatever has it). Reads specs alone.
 */
import type { ComponentDefinition, DefinitionKind } from '../../component/kinds.ts';
import { nearest } from '../../config/nearest.ts';
import { defaultText, kindText, rangeText } from '../../config/option-facts.ts';
import { type Option, plainSpec } from '../../config/options.ts';
import type { ConfigurationModel } from '../model.ts';
import { pollingOptions } from './build-agent.ts';
import { commonKeys, listKeys } from './common-keys.ts';

/** What is known of a property of one component. Names of its fields are stable: they are the JSON, too. */
export interface KeyHelp {
  /** As the component has it: `kafka.consumer.group.id`. */
  readonly key: string;
  /** What was asked for is an older name of it. */
  readonly oldName?: string;
  readonly kind: string;
  /** The component's alias, or its class. */
  readonly component: string;
  readonly does: string;
  readonly type: string;
  readonly unit?: string;
  readonly range?: string;
  readonly values?: readonly string[];
  readonly default?: string;
  readonly required: boolean;
  /** Why it has no effect; absent: it has one. */
  readonly noEffect?: string;
  readonly oldNames?: readonly string[];
  /** The property of which this is an older form. */
  readonly replacedBy?: string;
  /** What else gives the value, where it is not written. */
  readonly elsewhere?: string;
  /** The page of the component, below docs/. */
  readonly page?: string;
}

export interface KeyAnswer {
  readonly found: readonly KeyHelp[];
  /** The key that was probably meant, where none was found. */
  readonly near?: string;
}

/** `model`: what the files come to, where some were given. */
export function explainKey(
  asked: string,
  definitions: readonly ComponentDefinition[],
  model?: ConfigurationModel,
): KeyAnswer {
  const list = listKeys.find(({ pattern }) => pattern.test(asked));
  if (list !== undefined) return { found: [{ ...list.help, key: asked }] };
  const { scope, rest, prefix } = scopeOf(asked, definitions, model);
  const found = scope.flatMap((definition) => helpOf(definition, rest, definitions));
  if (found.length > 0) return { found };
  const names = [...new Set(scope.flatMap(namesOf))];
  const near = tailOf(rest, names) ?? nearest(rest, names);
  return near === undefined ? { found } : { found, near: `${prefix}${near}` };
}

/** `group.id` for `kafka.consumer.group.id`: a name that the asked one ends, or that ends in it. */
const tailOf = (asked: string, names: readonly string[]): string | undefined =>
  names.find((name) => name.endsWith(`.${asked}`) || asked.endsWith(`.${name}`));

interface Scope {
  readonly scope: readonly ComponentDefinition[];
  /** The key within the component. */
  readonly rest: string;
  /** What stood before it. */
  readonly prefix: string;
}

const groups: Readonly<Record<string, DefinitionKind>> = {
  sources: 'source',
  channels: 'channel',
  sinks: 'sink',
  configfilters: 'configFilter',
};

/** Which components are meant: one of the configuration, one that is named by its type, or all. */
function scopeOf(
  asked: string,
  definitions: readonly ComponentDefinition[],
  model?: ConfigurationModel,
): Scope {
  const path = /^([^.]+)\.(sources|channels|sinks|configfilters)\.([^.]+)\.(.+)$/.exec(asked);
  if (path !== null) {
    const [, agent, group, name, rest] = path as unknown as [string, string, string, string, string];
    const kind = groups[group]!;
    const inner = kind === 'source' ? innerOf(agent, name, rest, definitions, model) : null;
    if (inner !== null) return { ...inner, prefix: asked.slice(0, asked.length - inner.rest.length) };
    return {
      scope: ofKind(definitions, kind, typeIn(model, agent, kind, name)),
      rest,
      prefix: asked.slice(0, asked.length - rest.length),
    };
  }
  const processor = /^(?:([^.]+)\.sinkgroups\.([^.]+)\.)?processor\.(.+)$/.exec(asked);
  if (processor !== null) {
    const [, agent, name, rest] = processor as unknown as [string, string | undefined, string, string];
    const type = agent === undefined ? undefined : typeIn(model, agent, 'sinkgroup', name);
    return { scope: ofKind(definitions, 'processor', type), rest, prefix: asked.slice(0, -rest.length) };
  }
  const interceptor = /^interceptors\.[^.]+\.(.+)$/.exec(asked)?.[1];
  if (interceptor !== undefined) {
    const scope = ofKind(definitions, 'interceptor', undefined);
    return { scope, rest: interceptor, prefix: asked.slice(0, -interceptor.length) };
  }
  const selector = /^selector\.(.+)$/.exec(asked)?.[1];
  if (selector !== undefined)
    return { scope: ofKind(definitions, 'selector', undefined), rest: selector, prefix: 'selector.' };
  return byType(asked, definitions) ?? { scope: definitions, rest: asked, prefix: '' };
}

/** What stands in a source's properties and is not its own: its selector's and its interceptors'. */
function innerOf(
  agent: string,
  source: string,
  rest: string,
  definitions: readonly ComponentDefinition[],
  model: ConfigurationModel | undefined,
): Pick<Scope, 'scope' | 'rest'> | null {
  const selector = /^selector\.(.+)$/.exec(rest)?.[1];
  if (selector !== undefined) {
    const found = model?.agents
      .find(({ name }) => name === agent)
      ?.sources.find(({ name }) => name === source);
    return { scope: ofKind(definitions, 'selector', found?.selector.type), rest: selector };
  }
  const interceptor = /^interceptors\.([^.]+)\.(.+)$/.exec(rest);
  if (interceptor === null) return null;
  const type = typeIn(model, agent, 'interceptor', `${source}.${interceptor[1]}`);
  return { scope: ofKind(definitions, 'interceptor', type), rest: interceptor[2]! };
}

function typeIn(
  model: ConfigurationModel | undefined,
  agent: string,
  kind: string,
  name: string,
): string | undefined {
  const components = model?.agents.find((each) => each.name === agent)?.components;
  const type = components?.find((each) => each.kind === kind && each.name === name)?.type;
  return type === '' ? undefined : type;
}

/** Those of the type; all of the kind where none is given or none has it. */
function ofKind(
  definitions: readonly ComponentDefinition[],
  kind: DefinitionKind,
  type: string | undefined,
): readonly ComponentDefinition[] {
  const all = definitions.filter((definition) => definition.kind === kind);
  const own = type === undefined ? [] : all.filter((definition) => isCalled(definition, type));
  return own.length > 0 ? own : all;
}

const isCalled = ({ type, classNames }: ComponentDefinition, name: string): boolean =>
  type?.toLowerCase() === name.toLowerCase() ||
  classNames.some((each) => each === name || simpleName(each).toLowerCase() === name.toLowerCase());

const simpleName = (className: string): string => className.split('.').at(-1)!.replace('$Builder', '');

/** `TAILDIR.filegroups`, `KafkaSink.kafka.topic`, `org.….KafkaSink.kafka.topic`: the longest name that fits. */
function byType(asked: string, definitions: readonly ComponentDefinition[]): Scope | null {
  for (let at = asked.lastIndexOf('.'); at > 0; at = asked.lastIndexOf('.', at - 1)) {
    const scope = definitions.filter((definition) => isCalled(definition, asked.slice(0, at)));
    const rest = asked.slice(at + 1);
    // `file.x` is hardly the file channel where another component has a property of that name.
    const isProperty = definitions.some((definition) => helpOf(definition, asked, definitions).length > 0);
    if (scope.length > 0 && !isProperty) return { scope, rest, prefix: asked.slice(0, at + 1) };
  }
  return null;
}

function specOf(definition: ComponentDefinition): Readonly<Record<string, Option>> {
  const spec = plainSpec(definition.options);
  return definition.kind === 'source' ? { ...spec, ...pollingOptions } : spec;
}

/** Every name that a component takes, for "did you mean". */
function namesOf(definition: ComponentDefinition): string[] {
  return [
    ...Object.entries(specOf(definition)).flatMap(([name, option]) =>
      option.kind === 'properties' ? option.reading.keys.map((key) => `${name}.${key}`) : [name],
    ),
    ...Object.keys(commonKeys[definition.kind] ?? {}),
  ];
}

function helpOf(
  definition: ComponentDefinition,
  key: string,
  definitions: readonly ComponentDefinition[],
): KeyHelp[] {
  const common = commonKeys[definition.kind]?.[key];
  const component = {
    kind: definition.kind,
    component: definition.type ?? definition.classNames[0]!,
    page: `components/${definition.kind}/${definition.type ?? simpleName(definition.classNames[0]!)}.md`,
  };
  if (common !== undefined) return [{ ...component, ...common, key }];
  for (const [name, option] of Object.entries(specOf(definition))) {
    if (option.kind === 'component' && key.startsWith(`${name}.`)) {
      const parts = ofKind(definitions, option.component, undefined);
      const found = parts.flatMap((part) => helpOf(part, key.slice(name.length + 1), definitions));
      if (found.length > 0) return found;
    }
    const isFamily = option.kind === 'map' || option.kind === 'properties';
    const prefix = option.kind === 'map' ? (option.prefix ?? name) : name;
    const isOld = option.oldNames?.includes(key) === true;
    const is = isFamily ? key === `${prefix}.*` || key.startsWith(`${prefix}.`) : key === name || isOld;
    if (is)
      return [
        {
          ...component,
          ...factsOf(option, isFamily ? key : name, prefix),
          ...(isOld ? { oldName: key } : {}),
        },
      ];
  }
  return [];
}

type Facts = Omit<KeyHelp, 'kind' | 'component' | 'page'>;

function factsOf(option: Option, key: string, prefix: string): Facts {
  const inner = key.slice(prefix.length + 1);
  const isKafkas = option.kind === 'properties' && inner !== '*';
  const fallback = isKafkas ? (option.defaults[inner] ?? 'as that program has it') : defaultText(option);
  const isUnread = isKafkas && !option.reading.keys.includes(inner);
  const elsewhere = option.elsewhere;
  return {
    key,
    does: isKafkas
      ? `${option.doc} ${isUnread ? `${inner} is none that is looked at.` : `${inner} is one of them.`}`
      : option.doc,
    type: isKafkas ? 'as that program reads it' : kindText(option),
    required: option.required === true,
    ...(option.unit === undefined ? {} : { unit: option.unit }),
    ...(rangeText(option) === '' ? {} : { range: rangeText(option) }),
    ...(option.kind === 'enum' ? { values: option.values } : {}),
    ...(option.kind === 'properties' && !isKafkas ? { values: option.reading.keys } : {}),
    ...(fallback === undefined ? {} : { default: fallback }),
    ...(option.ignored === undefined
      ? isUnread
        ? { noEffect: 'nothing reads it' }
        : {}
      : { noEffect: option.ignored }),
    ...(option.oldNames === undefined ? {} : { oldNames: option.oldNames }),
    ...(option.replacedBy === undefined ? {} : { replacedBy: option.replacedBy }),
    ...(elsewhere === undefined ? {} : { elsewhere: `-D${elsewhere.property}, ${elsewhere.variable}` }),
  };
}
