/**
 * Flume's config filters: `a1.configfilters = f1`, `f1.type = env | external | hadoop`, and `${f1["key"]}` in the
 * values of that agent. They come after the `${…}` look-ups and before validation.
 */
import { execFile } from 'node:child_process';
import type { Property } from '../config/properties-model.ts';
import type { Diagnostic } from '../runtime/diagnostics.ts';
import { Findings } from './findings.ts';
import { namesOf, type RawAgent, type RawComponent, toRawAgents } from './raw-agents.ts';

export interface ConfigFilterContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Runs a program without a shell and gives its output. Absent: `external` filters stay unresolved (`check`). */
  readonly runCommand?: (command: readonly string[], charset: string) => Promise<string>;
}

type Filter = (key: string) => Promise<{ readonly value: string } | { readonly fault: string }>;

const aliases = new Map([
  ['org.apache.flume.configfilter.EnvironmentVariableConfigFilter', 'env'],
  ['org.apache.flume.configfilter.ExternalProcessConfigFilter', 'external'],
  ['org.apache.flume.configfilter.HadoopCredentialStoreConfigFilter', 'hadoop'],
]);

/** Resolves the filters' references; those that can't be stay as they are written. */
export async function applyConfigFilters(
  properties: ReadonlyMap<string, Property>,
  context: ConfigFilterContext,
): Promise<{ properties: ReadonlyMap<string, Property>; diagnostics: readonly Diagnostic[] }> {
  const findings = new Findings();
  const result = new Map(properties);
  for (const agent of toRawAgents(properties.values()).agents) {
    const filters = filtersOf(agent, context, findings);
    if (filters.size === 0) continue;
    for (const [fullKey, property] of properties) {
      if (!fullKey.trim().startsWith(`${agent.name}.`) || !property.value.includes('${')) continue;
      result.set(fullKey, await filtered(property, filters, findings));
    }
  }
  return { properties: result, diagnostics: findings.diagnostics };
}

function filtersOf(agent: RawAgent, context: ConfigFilterContext, findings: Findings): Map<string, Filter> {
  const result = new Map<string, Filter>();
  for (const name of namesOf(agent.lists.get('configfilters'))) {
    const raw = agent.components.configfilters.get(name);
    const type = raw?.properties.get('type');
    if (raw === undefined || type === undefined) {
      const place = raw?.place ?? agent.lists.get('configfilters')!.valuePlace;
      findings.tell(place, 'no-type', `configfilter ${name} is dropped: it has no type`);
      continue;
    }
    const filter = filterOf(raw, type.value, context);
    if (typeof filter === 'string')
      findings.tell(type.valuePlace, 'bad-filter', `configfilter ${name} is dropped: ${filter}`);
    else result.set(name, filter);
  }
  return result;
}

/** The filter, or why there is none. */
function filterOf(raw: RawComponent, written: string, context: ConfigFilterContext): Filter | string {
  switch (aliases.get(written) ?? written.toLowerCase()) {
    case 'env':
      return (key) => {
        const value = Object.hasOwn(context.env, key) ? context.env[key] : undefined;
        return Promise.resolve(
          value === undefined ? { fault: `the environment variable ${key} is not set` } : { value },
        );
      };
    case 'external': {
      const command = raw.properties.get('command')?.value.split(/\s+/) ?? [];
      const charset = raw.properties.get('charset')?.value ?? 'UTF-8';
      const { runCommand } = context;
      if (command.length === 0) return 'The parameter command must be specified';
      if (runCommand === undefined) return async () => ({ fault: 'a check runs no commands' });
      return async (key) => {
        try {
          const output = await runCommand([...command, key], charset);
          return { value: output.split(/\r?\n/, 1)[0] ?? '' };
        } catch {
          // The program's own words may hold the secret that it was asked for.
          return { fault: `the command of configfilter ${raw.name} failed` };
        }
      };
    }
    case 'hadoop':
      return 'Millrace does not have the hadoop filter yet; use env or external';
    default:
      return `unknown type ${written}; there are env and external`;
  }
}

async function filtered(
  property: Property,
  filters: ReadonlyMap<string, Filter>,
  findings: Findings,
): Promise<Property> {
  let value = '';
  let at = 0;
  for (const match of property.value.matchAll(/\$\{([\w-]+)\[(?:"([-\w]+)"|'([-\w]+)'|([-\w]+))\]\}/g)) {
    const filter = filters.get(match[1]!);
    if (filter === undefined) continue;
    const resolved = await filter(match[2] ?? match[3] ?? match[4]!);
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
