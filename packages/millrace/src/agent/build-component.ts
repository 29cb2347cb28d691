/** What the building of every kind of component has in common. */
import type { ComponentDefinition } from '../component/define.ts';
import type { OptionSpec, OptionValues } from '../config/options.ts';
import { type ParsedOptions, parseOptions } from '../config/parse-options.ts';
import type { ComponentProperties, Place, Property } from '../config/properties-model.ts';
import type { Diagnostic } from '../runtime/diagnostics.ts';
import { errorText } from '../runtime/errors.ts';
import type { Findings } from './findings.ts';
import type { ComponentKind } from './model.ts';
import type { RawComponent } from './raw-agents.ts';

/** Flume's logger of this stage. */
export const buildLogger = 'AbstractConfigurationProvider';

/** A kind as Flume writes it at the start of a sentence. */
export const capitals = { channel: 'Channel', source: 'Source', sink: 'Sink' } as const;

/** Options after the spec; its own check of several of them has its say. */
export function configure(
  definition: ComponentDefinition,
  raw: RawComponent,
  component: string,
  common: readonly string[],
): ParsedOptions<OptionSpec> {
  const withParts = common.includes('interceptors');
  const parsed = parseOptions({
    spec: definition.options,
    properties: raw.properties,
    component,
    place: raw.properties.get('type')?.keyPlace ?? raw.place,
    isCommon: (key) =>
      common.includes(key) || (withParts && (key.startsWith('selector.') || key.startsWith('interceptors.'))),
    commonNames: common,
  });
  if (parsed.dropReason !== undefined) return parsed;
  const reason = validationFault(definition, parsed.values);
  if (reason === undefined) {
    const notes = notesOf(definition, parsed.values, raw, component);
    return { ...parsed, diagnostics: [...parsed.diagnostics, ...notes] };
  }
  const { file, line, column } = raw.properties.get('type')?.keyPlace ?? raw.place;
  const message = `${component} is dropped: ${reason}`;
  return {
    ...parsed,
    dropReason: reason,
    diagnostics: [...parsed.diagnostics, { file, line, column, severity: 'error', code: 'invalid', message }],
  };
}

/** Takes over what was told; false: the component goes. */
export function accept(
  findings: Findings,
  kind: ComponentKind,
  raw: RawComponent,
  parsed: ParsedOptions<OptionSpec>,
): boolean {
  findings.addAll(parsed.diagnostics);
  if (parsed.dropReason === undefined) return true;
  logRemoved(findings, kind, raw.name, parsed.numberFault ?? parsed.dropReason);
  findings.dropQuietly(kind, raw.name, parsed.dropReason);
  return false;
}

/** Why a component goes while it is built. */
export interface Fault {
  readonly reason: string;
  readonly place: Place;
  readonly code: string;
  readonly suggestion?: string | undefined;
  /** What Flume's exception says, where that is not the reason. */
  readonly flume?: string;
}

/** Takes a component out. */
export function remove(
  findings: Findings,
  kind: 'source' | 'sink',
  raw: RawComponent,
  fault: Fault,
): undefined {
  logRemoved(findings, kind, raw.name, fault.flume ?? fault.reason);
  findings.drop(kind, raw.name, fault.place, fault.code, fault.reason, fault.suggestion);
  return undefined;
}

function logRemoved(findings: Findings, kind: ComponentKind, name: string, reason: string): void {
  const text = `${kind in capitals ? capitals[kind as keyof typeof capitals] : kind} ${name} has been removed due to an error during configuration`;
  findings.log('error', buildLogger, text);
  findings.log('error', buildLogger, reason);
}

/** A spec's own check of several options; one that throws counts as a fault, not as the end of the check. */
function validationFault(
  definition: ComponentDefinition,
  values: OptionValues<OptionSpec>,
): string | undefined {
  try {
    return definition.validate?.(values)[0];
  } catch (error) {
    return errorText(error);
  }
}

function notesOf(
  definition: ComponentDefinition,
  values: OptionValues<OptionSpec>,
  raw: RawComponent,
  component: string,
): Diagnostic[] {
  const notes = definition.notes?.(values) ?? [];
  return notes.map(({ key, message, suggestion }) => {
    const { file, line, column } = raw.properties.get(key)?.keyPlace ?? raw.place;
    const place = { file, line, column, severity: 'warning', code: 'no-effect' } as const;
    const told = { ...place, message: `${component}: ${key} ${message}` };
    return suggestion === undefined ? told : { ...told, suggestion };
  });
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
