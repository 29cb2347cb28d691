/** What the building of every kind of component has in common. */

import type { Catalog } from '../../component/catalog.ts';
import type { ComponentDefinition } from '../../component/kinds.ts';
import { finding } from '../../config/finding.ts';
import type { FindingCode } from '../../config/finding-codes.ts';
import {
  type Elsewhere,
  type OptionFinding,
  type OptionSpec,
  type OptionValues,
  type PropertiesOption,
  plainSpec,
} from '../../config/options.ts';
import { type ParsedOptions, parseOptions } from '../../config/parse-options.ts';
import {
  type ComponentProperties,
  looksSecret,
  type Place,
  type Property,
} from '../../config/properties-model.ts';
import { hiddenValue } from '../../config/secret.ts';
import { errorText } from '../../runtime/errors.ts';
import type { ComponentKind } from '../model.ts';
import type { Cause, Findings } from './findings.ts';
import type { RawComponent } from './raw-agents.ts';

/** Flume's logger of this stage. */
export const buildLogger = 'AbstractConfigurationProvider';

/** A kind as Flume writes it at the start of a sentence. */
export const capitals = { channel: 'Channel', source: 'Source', sink: 'Sink' } as const;

/** What the process says that components may go by (`elsewhere` of an option). */
export interface ProcessSettings {
  readonly systemProperties: ReadonlyMap<string, string>;
  readonly env: Readonly<Record<string, string | undefined>>;
}
export const noSettings: ProcessSettings = { systemProperties: new Map(), env: {} };

/** Findings that are about a property as such, not about its value. */
const aboutKeys: ReadonlySet<FindingCode> = new Set([
  'no-effect',
  'misplaced-key',
  'not-listed',
  'unknown-key',
]);

/** Options after the spec; its own check of several of them has its say. */
export function configure(
  definition: ComponentDefinition,
  raw: RawComponent,
  component: string,
  common: readonly string[],
  catalog: Catalog,
  settings: ProcessSettings = noSettings,
): ParsedOptions<OptionSpec> {
  const withParts = common.includes('interceptors');
  const parsed = parseOptions({
    spec: definition.options,
    properties: withElsewhere(definition.options, raw, settings),
    component,
    place: raw.properties.get('type')?.keyPlace ?? raw.place,
    isCommon: (key) =>
      common.includes(key) || (withParts && (key.startsWith('selector.') || key.startsWith('interceptors.'))),
    commonNames: common,
    findPart: (kind, type) => catalog.find(kind, type),
  });
  if (parsed.dropReason !== undefined) return parsed;
  const { faults, notes } = findingsOf(definition, parsed.values);
  const diagnostics = [
    ...parsed.diagnostics,
    ...faults.map((fault) => {
      const place = placeOfFinding(definition, raw, fault, 'valuePlace');
      return finding(
        fault.code ?? 'invalid',
        place,
        `${component} is dropped: ${fault.message}`,
        fault.suggestion,
      );
    }),
    ...notes.map((note) => {
      const { code = 'no-effect' } = note;
      const place = placeOfFinding(definition, raw, note, aboutKeys.has(code) ? 'keyPlace' : 'valuePlace');
      return finding(code, place, `${component}: ${note.message}`, note.suggestion);
    }),
  ];
  const [first] = faults;
  return first === undefined
    ? { ...parsed, diagnostics }
    : { ...parsed, diagnostics, dropReason: first.message };
}

/** What a component's properties are, with what the process says of those that are not written. */
function withElsewhere(
  spec: OptionSpec,
  { properties, place }: RawComponent,
  settings: ProcessSettings,
): ComponentProperties {
  const more = Object.entries(plainSpec(spec))
    .flatMap(([name, option]) => {
      if (option.kind === 'properties') return elsewhereBelow(name, option, properties);
      const { elsewhere, oldNames = [] } = option;
      const isWritten = [name, ...oldNames].some((key) => properties.has(key));
      return elsewhere === undefined || isWritten ? [] : [{ key: name, elsewhere }];
    })
    .flatMap(({ key, elsewhere: { property, variable, commas } }) => {
      const text = settings.systemProperties.get(property) ?? settings.env[variable];
      if (text === undefined) return [];
      const value = commas === true ? text.replaceAll(',', ' ') : text;
      return [[key, { key, value, keyPlace: place, valuePlace: place, written: hiddenValue }] as const];
    });
  return more.length === 0 ? properties : new Map([...properties, ...more]);
}

/** The same of another program's properties, which stand below a name. */
function elsewhereBelow(
  name: string,
  { reading }: PropertiesOption,
  properties: ComponentProperties,
): { key: string; elsewhere: Elsewhere }[] {
  const below = `${name}.`;
  const written = [...properties].flatMap(([key, { value }]) =>
    key.startsWith(below) ? [[key.slice(below.length), value] as const] : [],
  );
  return Object.entries(reading.elsewhere?.(new Map(written)) ?? {})
    .map(([key, elsewhere]) => ({ key: below + key, elsewhere }))
    .filter(({ key }) => !properties.has(key));
}

/** The properties as a model may have them: without secrets, and without what is named like one by mistake. */
export function withoutSecrets(spec: OptionSpec, properties: ComponentProperties): ComponentProperties {
  const secrets = new Set(
    Object.entries(plainSpec(spec)).flatMap(([name, { kind, oldNames = [] }]) =>
      kind === 'secret' ? [name, ...oldNames] : [],
    ),
  );
  const hides = (key: string): boolean => secrets.has(key) || looksSecret(key);
  if (![...properties.keys()].some(hides)) return properties;
  return new Map(
    [...properties].map(([key, property]) => [
      key,
      hides(key) ? { ...property, value: hiddenValue } : property,
    ]),
  );
}

/** Where the first of a finding's properties stands that is written; the component's type where none is. */
export function placeOfFinding(
  definition: ComponentDefinition,
  { properties, place }: RawComponent,
  { key }: OptionFinding,
  part: 'keyPlace' | 'valuePlace',
): Place {
  const spec = plainSpec(definition.options);
  const names = [key].flat().flatMap((name) => [name, ...(spec[name]?.oldNames ?? [])]);
  const written = names.flatMap((name) => properties.get(name) ?? []);
  return written[0]?.[part] ?? properties.get('type')?.keyPlace ?? place;
}

/** What Flume logs where it takes a default in place of a bad number, under the name of the component's class. */
export function logDefaults(
  findings: Findings,
  definition: ComponentDefinition,
  parsed: ParsedOptions<OptionSpec>,
): void {
  for (const text of parsed.flumeWarnings) findings.log('warn', loggerOf(definition), text);
}

/** The name of the logger of a component's class in Flume. */
export const loggerOf = (definition: ComponentDefinition): string =>
  definition.classNames[0]?.split('.').at(-1) ?? buildLogger;

/** Takes over what was told; false: the component goes. */
export function accept(
  findings: Findings,
  kind: ComponentKind,
  raw: RawComponent,
  parsed: ParsedOptions<OptionSpec>,
): boolean {
  findings.addAll(parsed.diagnostics);
  if (parsed.dropReason === undefined) return true;
  logRemoved(findings, kind, raw.name, parsed.flumeFault ?? parsed.dropReason);
  findings.dropQuietly(kind, raw.name, parsed.dropReason, parsed.diagnostics);
  return false;
}

/** Why a component goes while it is built. */
export interface Fault {
  readonly reason: string;
  readonly place: Place;
  readonly code: FindingCode;
  readonly suggestion?: string | undefined;
  /** What Flume's exception says, where that is not the reason. */
  readonly flume?: string;
  /** Where one of these is dropped, that is why. */
  readonly causes?: readonly Cause[];
}

/** Takes a component out. */
export function remove(
  findings: Findings,
  kind: 'source' | 'sink',
  raw: RawComponent,
  fault: Fault,
): undefined {
  logRemoved(findings, kind, raw.name, fault.flume ?? fault.reason);
  const { place, code, reason, suggestion, causes } = fault;
  findings.drop(kind, raw.name, place, code, reason, suggestion, causes);
  return undefined;
}

function logRemoved(findings: Findings, kind: ComponentKind, name: string, reason: string): void {
  const text = `${kind in capitals ? capitals[kind as keyof typeof capitals] : kind} ${name} has been removed due to an error during configuration`;
  findings.log('error', buildLogger, text);
  findings.log('error', buildLogger, reason);
}

/** A spec's own check of its values; one that throws counts as a fault, not as the end of the check. */
function findingsOf(
  definition: ComponentDefinition,
  values: OptionValues<OptionSpec>,
): { readonly faults: readonly OptionFinding[]; readonly notes: readonly OptionFinding[] } {
  try {
    return { faults: definition.validate?.(values) ?? [], notes: definition.notes?.(values) ?? [] };
  } catch (error) {
    return { faults: [{ key: [], message: errorText(error) }], notes: [] };
  }
}
/** The properties under `prefix.`, keys relative to it. */
export function below(prefix: string, properties: ComponentProperties): Map<string, Property> {
  const start = `${prefix}.`;
  const result = new Map<string, Property>();
  for (const [key, property] of properties) {
    if (!key.startsWith(start) || key.length === start.length) continue;
    const rest = key.slice(start.length);
    result.set(rest, { ...property, key: rest });
  }
  return result;
}
