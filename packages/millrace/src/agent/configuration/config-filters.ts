/**
 * Flume's config filters: `a1.configfilters = f1`, `f1.type = env | external | hadoop`, and `${f1["key"]}` in the
 * values of that agent. They come after the `${…}` look-ups and before validation.
 */
import { execFile } from 'node:child_process';
import type { Catalog, Registry } from '../../component/catalog.ts';
import type { ConfigFilter, FilterSurroundings } from '../../component/config-filter.ts';
import type { Property } from '../../config/properties-model.ts';
import { javaTrim } from '../../java/blanks.ts';
import type { Diagnostic } from '../../runtime/diagnostics.ts';
import { configure } from './build-component.ts';
import { Findings } from './findings.ts';
import { namesOf, type RawAgent, toRawAgents } from './raw-agents.ts';

/** Resolves the filters' references; those that can't be stay as they are written. */
export async function applyConfigFilters(
  properties: ReadonlyMap<string, Property>,
  registry: Registry,
  surroundings: FilterSurroundings,
): Promise<{ properties: ReadonlyMap<string, Property>; diagnostics: readonly Diagnostic[] }> {
  const findings = new Findings();
  const result = new Map(properties);
  const { agents } = toRawAgents(properties.values());
  const catalog = await registry.load(agents.flatMap(wantedFilters));
  for (const agent of agents) {
    const filters = filtersOf(agent, catalog, surroundings, findings);
    if (filters.size === 0) continue;
    for (const [fullKey, property] of properties) {
      if (!javaTrim(fullKey).startsWith(`${agent.name}.`) || !property.value.includes('${')) continue;
      result.set(fullKey, await filtered(property, filters, findings));
    }
  }
  return { properties: result, diagnostics: findings.diagnostics };
}

function wantedFilters(agent: RawAgent): { kind: 'configFilter'; type: string }[] {
  const types = [...agent.components.configfilters.values()].flatMap(
    ({ properties }) => properties.get('type')?.value ?? [],
  );
  return types.map((type) => ({ kind: 'configFilter', type }));
}

function filtersOf(
  agent: RawAgent,
  catalog: Catalog,
  surroundings: FilterSurroundings,
  findings: Findings,
): Map<string, ConfigFilter> {
  const result = new Map<string, ConfigFilter>();
  for (const name of namesOf(agent.lists.get('configfilters'))) {
    const raw = agent.components.configfilters.get(name);
    const type = raw?.properties.get('type');
    if (raw === undefined || type === undefined) {
      const place = raw?.place ?? agent.lists.get('configfilters')!.valuePlace;
      findings.tell(place, 'no-type', `configfilter ${name} is dropped: it has no type`);
      continue;
    }
    const found = catalog.find('configFilter', type.value);
    if (!found.found) {
      const text = `configfilter ${name} is dropped: ${found.reason}`;
      findings.tell(
        type.valuePlace,
        'bad-filter',
        text,
        found.suggestion ?? 'there are env, external and hadoop',
      );
      continue;
    }
    const { definition } = found;
    const parsed = configure(definition, raw, `configfilter ${name}`, ['type'], catalog);
    findings.addAll(parsed.diagnostics);
    if (parsed.dropReason !== undefined) continue;
    result.set(name, definition.create({ ...surroundings, name, options: parsed.values }));
  }
  return result;
}

async function filtered(
  property: Property,
  filters: ReadonlyMap<string, ConfigFilter>,
  findings: Findings,
): Promise<Property> {
  let value = '';
  let at = 0;
  for (const match of property.value.matchAll(/\$\{([\w-]+)\[(?:"([-\w]+)"|'([-\w]+)'|([-\w]+))\]\}/g)) {
    const filter = filters.get(match[1]!);
    if (filter === undefined) continue;
    const resolved = await filter.resolve(match[2] ?? match[3] ?? match[4]!);
    if ('fault' in resolved) {
      findings.tell(
        property.valuePlace,
        'unresolved',
        `${property.key}: ${resolved.fault}; ${match[0]} stays as it is`,
      );
      continue;
    }
    value += property.value.slice(at, match.index) + resolved.value;
    at = match.index + match[0].length;
  }
  if (at === 0) return property;
  value += property.value.slice(at);
  return { ...property, value, written: property.written ?? property.value };
}

/** Runs the program of an `external` filter: no shell, 10 s, at most 64 KiB of output, exit code 0. */
export async function runFilterCommand(command: readonly string[], charset: string): Promise<string> {
  const [program = '', ...args] = command;
  const decoder = new TextDecoder(charset);
  return new Promise((resolve, reject) => {
    execFile(program, args, { encoding: 'buffer', timeout: 10_000, maxBuffer: 65_536 }, (error, stdout) => {
      if (error === null) resolve(decoder.decode(stdout));
      else reject(error);
    });
  });
}
