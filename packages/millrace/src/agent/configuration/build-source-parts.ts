/** What belongs to a source: its selector and its interceptors. One that can't be had takes the source with it. */

import type { Catalog } from '../../component/catalog.ts';
import type { DefinitionOf } from '../../component/kinds.ts';
import { findingCodes } from '../../config/finding-codes.ts';
import type { OptionFinding } from '../../config/options.ts';
import type { ComponentProperties } from '../../config/properties-model.ts';
import type { ComponentModel, SelectorModel } from '../model.ts';
import { accept, below, configure, type Fault, placeOfFinding, remove } from './build-component.ts';
import type { Cause, Findings } from './findings.ts';
import { namesOf, type RawComponent } from './raw-agents.ts';

/** Where definitions are looked up and findings go. */
export interface Workshop {
  readonly catalog: Catalog;
  readonly findings: Findings;
}

type InterceptorModel = ComponentModel<DefinitionOf['interceptor']>;

export function buildSelector(
  { catalog, findings }: Workshop,
  source: RawComponent,
  channels: readonly string[],
): SelectorModel | undefined {
  const properties = below('selector', source.properties);
  const type = properties.get('type')?.value ?? 'replicating';
  const raw = { name: source.name, place: properties.get('type')?.keyPlace ?? source.place, properties };
  const found = catalog.find('selector', type);
  if (!found.found) {
    const place = properties.get('type')?.valuePlace ?? source.place;
    return remove(findings, 'source', source, {
      reason: `its selector: ${found.reason}`,
      place,
      code: found.code,
      suggestion: found.suggestion,
      flume: `Unable to load selector type: ${type}, class: ${type}`,
    });
  }
  const selector = configure(
    found.definition,
    raw,
    `selector of source ${source.name}`,
    ['type', 'config'],
    catalog,
  );
  if (!accept(findings, 'source', source, selector)) return undefined;
  for (const told of found.definition.validateChannels?.(selector.values, channels) ?? []) {
    const { code = 'invalid', message: reason, suggestion } = told;
    const place = placeOfFinding(found.definition, raw, told, 'valuePlace');
    const causes = causesIn(properties, told);
    if (findingCodes[code].severity === 'error') {
      return remove(findings, 'source', source, { reason, place, code, suggestion, causes });
    }
    findings.tell(place, code, `selector of source ${source.name}: ${reason}`, suggestion, causes);
  }
  return { name: source.name, type, definition: found.definition, options: selector.values, properties };
}

/** The channels that the properties of a finding name: where one of them is dropped, the finding may follow from that. */
function causesIn(properties: ComponentProperties, { key }: OptionFinding): Cause[] {
  const keys = typeof key === 'string' ? [key] : key;
  return keys.flatMap((name) =>
    namesOf(properties.get(name)).map((channel) => ({ kind: 'channel' as const, name: channel })),
  );
}

export function buildInterceptors(workshop: Workshop, source: RawComponent): InterceptorModel[] | undefined {
  const list = source.properties.get('interceptors');
  const all = below('interceptors', source.properties);
  const names = namesOf(list);
  noteUnlisted(workshop.findings, source, all, names);
  const result: InterceptorModel[] = [];
  for (const name of names) {
    const properties = below(name, all);
    const [first] = properties.values();
    const place = first?.keyPlace ?? list?.valuePlace ?? source.place;
    const raw: RawComponent = { name: `${source.name}.${name}`, place, properties };
    const interceptor = buildInterceptor(workshop, source, name, raw);
    if (interceptor === undefined) return undefined;
    result.push({ ...interceptor, name });
  }
  return result;
}

function buildInterceptor(
  { catalog, findings }: Workshop,
  source: RawComponent,
  name: string,
  raw: RawComponent,
): InterceptorModel | undefined {
  const type = raw.properties.get('type');
  const drop = (fault: Fault): undefined => {
    remove(findings, 'source', source, { ...fault, reason: `interceptor ${name}: ${fault.reason}` });
    findings.dropQuietly('interceptor', raw.name, fault.reason);
    return undefined;
  };
  if (type === undefined) {
    findings.log('error', 'ChannelProcessor', `Type not specified for interceptor ${name}`);
    return drop({
      reason: 'it has no type',
      place: raw.place,
      code: 'no-type',
      suggestion: `add interceptors.${name}.type = …`,
      flume: `Interceptor.Type not specified for ${name}`,
    });
  }
  const found = catalog.find('interceptor', type.value);
  if (!found.found) {
    findings.log('error', 'ChannelProcessor', 'Builder class not found. Exception follows.');
    return drop({ ...found, place: type.valuePlace, flume: 'Interceptor.Builder not found.' });
  }
  const built = configure(found.definition, raw, `interceptor ${raw.name}`, ['type'], catalog);
  if (built.dropReason !== undefined) {
    findings.addAll(built.diagnostics);
    findings.dropQuietly('interceptor', raw.name, built.dropReason, built.diagnostics);
    return remove(findings, 'source', source, {
      reason: `interceptor ${name}: ${built.dropReason}`,
      place: source.properties.get('interceptors')?.valuePlace ?? source.place,
      code: 'bad-interceptor',
      causes: [{ kind: 'interceptor', name: raw.name }],
    });
  }
  findings.addAll(built.diagnostics);
  return {
    name,
    type: type.value,
    definition: found.definition,
    options: built.values,
    properties: raw.properties,
  };
}

function noteUnlisted(
  findings: Findings,
  source: RawComponent,
  all: ComponentProperties,
  names: readonly string[],
): void {
  const told = new Set(names);
  for (const [key, property] of all) {
    const name = key.split('.', 1)[0]!;
    if (told.has(name)) continue;
    told.add(name);
    const suggestion =
      names.length === 0 ? `add interceptors = ${name}` : `interceptors lists: ${names.join(' ')}`;
    const text = `interceptor ${name} is not in the interceptors of source ${source.name}: it is ignored`;
    findings.tell(property.keyPlace, 'not-listed', text, suggestion);
  }
}
