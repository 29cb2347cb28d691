/** From a component's properties to the values that its spec promises, with every finding told at its place. */
import type { Diagnostic } from '../runtime/diagnostics.ts';
import { expandHome } from '../runtime/home-path.ts';
import type { FindingCode } from './finding-codes.ts';
import { OptionReport } from './option-report.ts';
import { optionValue, type SingleValue } from './option-value.ts';
import {
  type ComponentOption,
  type ConfiguredPart,
  type Option,
  type OptionFinding,
  type OptionSpec,
  type OptionValues,
  type PlainSpec,
  type PropertiesOption,
  plainSpec,
} from './options.ts';
import type { ComponentProperties, Place, Property } from './properties-model.ts';
import { tellUnknownKeys } from './unknown-keys.ts';

export interface ParseOptionsInput<S extends OptionSpec> {
  readonly spec: S;
  readonly properties: ComponentProperties;
  /** For messages: `source r1`. */
  readonly component: string;
  /** Where a finding without a property of its own is shown. */
  readonly place: Place;
  /** Keys that somebody else reads (`type`, `channels`, `selector.*`); not unknown, not parsed. */
  readonly isCommon?: (key: string) => boolean;
  /** Names of those, for "did you mean". */
  readonly commonNames?: readonly string[];
  /** Finds the components that options name; absent: there are none. */
  readonly findPart?: FindPart;
}

/** What is known of a component that an option names. */
export type FoundPart =
  | { readonly found: true; readonly definition: PartDefinition }
  | {
      readonly found: false;
      readonly code: FindingCode;
      readonly reason: string;
      readonly suggestion?: string;
    };
export type FindPart = (kind: ComponentOption['component'], type: string) => FoundPart;

interface PartDefinition {
  readonly options: OptionSpec;
  validate?(options: OptionValues<OptionSpec>): readonly OptionFinding[];
}

export interface ParsedOptions<S extends OptionSpec> {
  readonly values: OptionValues<S>;
  readonly diagnostics: readonly Diagnostic[];
  /** Why the component can't be had; its first fault. Absent: it can. */
  readonly dropReason?: string;
  /** What Flume's exception says of the value that drops it, for Flume's own log line. */
  readonly flumeFault?: string;
  /** What Flume logs of values in whose place it takes its default. */
  readonly flumeWarnings: readonly string[];
}

type Value = ConfiguredPart | ReadonlyMap<string, string> | SingleValue;

/** Never throws; reads every property once. A dropped component's values are complete, with defaults in the gaps. */
export function parseOptions<S extends OptionSpec>(input: ParseOptionsInput<S>): ParsedOptions<S> {
  const report = new OptionReport(input.component);
  const parser = new OptionParser(input, report);
  const values = parser.values();
  tellUnknownKeys({ ...input, spec: parser.spec, read: parser.read }, report);
  const { diagnostics, dropReason, flumeFault, flumeWarnings } = report;
  return {
    // Each value was made by the kind that the spec gives for its name.
    values: values as OptionValues<S>,
    diagnostics,
    flumeWarnings,
    ...(dropReason === undefined ? {} : { dropReason }),
    ...(flumeFault === undefined ? {} : { flumeFault }),
  };
}

/** Walks a spec: which properties each option takes, and what they come to. */
class OptionParser {
  readonly spec: PlainSpec;
  /** Keys of the properties that options have taken. */
  readonly read = new Set<string>();
  readonly #input: ParseOptionsInput<OptionSpec>;
  readonly #report: OptionReport;

  constructor(input: ParseOptionsInput<OptionSpec>, report: OptionReport) {
    this.#input = input;
    this.#report = report;
    this.spec = plainSpec(input.spec);
  }

  values(): Record<string, unknown> {
    const plain: Record<string, unknown> = {};
    const readers: [string, PropertiesOption][] = [];
    for (const [name, option] of Object.entries(this.spec)) {
      if (option.kind === 'properties') readers.push([name, option]);
      else plain[name] = this.#option(name, option);
    }
    // Those may be given by other options, so these come first.
    for (const [name, option] of readers) plain[name] = this.#properties(name, option, plain);
    return Object.fromEntries(
      Object.entries(this.#input.spec).map(([name, option]) => [
        name,
        option.kind === 'group'
          ? Object.fromEntries(Object.keys(option.options).map((inner) => [inner, plain[inner]]))
          : plain[name],
      ]),
    );
  }

  #option(name: string, option: Exclude<Option, PropertiesOption>): Value {
    if (option.kind === 'map') return this.#map(option.prefix ?? name, option);
    if (option.kind === 'component') return this.#part(name, option);
    const property = this.#property(name, option);
    if (property === undefined) {
      if (option.required === true && option.default === undefined) {
        this.#report.drop(
          this.#input.place,
          'missing',
          `The parameter ${name} must be specified`,
          `add ${name} = …`,
        );
      }
      if (option.kind === 'path' && option.default !== undefined) return expandHome(option.default);
      return option.default ?? (option.kind === 'list' || option.kind === 'hostPorts' ? [] : undefined);
    }
    return optionValue(property, option, this.#report);
  }

  #property(name: string, option: Option): Property | undefined {
    const { properties, component } = this.#input;
    let found = this.#take(name);
    for (const oldName of option.oldNames ?? []) {
      const old = this.#take(oldName);
      if (old === undefined) continue;
      const message =
        found === undefined
          ? `${component}: ${oldName} is an old name of ${name}`
          : `${component}: ${oldName} has no effect beside ${found.key}`;
      if (found === undefined) this.#report.tell(old.keyPlace, 'old-name', message, `write ${name}`);
      else this.#report.tell(old.keyPlace, 'no-effect', message, `remove ${oldName}`);
      found ??= old;
    }
    if (found !== undefined && option.replacedBy !== undefined) {
      const { replacedBy } = option;
      const beside = properties.has(replacedBy);
      if (beside) {
        const message = `${component}: ${found.key} has no effect beside ${replacedBy}`;
        this.#report.tell(found.keyPlace, 'no-effect', message, `remove ${found.key}`);
      } else {
        const message = `${component}: ${found.key} is an old form of ${replacedBy}`;
        this.#report.tell(found.keyPlace, 'old-name', message, `write ${replacedBy}`);
      }
    }
    if (found !== undefined && option.ignored !== undefined) {
      this.#report.tell(
        found.keyPlace,
        'no-effect',
        `${component}: ${found.key} has no effect: ${option.ignored}`,
      );
    }
    // Present but blank is as good as absent; only a typed configuration can say so, files drop such lines.
    return properties.get(name)?.value === '' && option.kind !== 'string' ? undefined : found;
  }

  #take(key: string): Property | undefined {
    const property = this.#input.properties.get(key);
    if (property !== undefined) this.read.add(key);
    return property;
  }

  #map(prefix: string, option: Option): ReadonlyMap<string, string> {
    const result = new Map<string, string>();
    const start = `${prefix}.`;
    for (const [key, property] of this.#input.properties) {
      if (!key.startsWith(start) || key.length === start.length) continue;
      this.read.add(key);
      if (option.ignored !== undefined) {
        const message = `${this.#input.component}: ${key} has no effect: ${option.ignored}`;
        this.#report.tell(property.keyPlace, 'no-effect', message);
      }
      result.set(key.slice(start.length), property.value);
    }
    if (result.size === 0 && option.required === true) {
      this.#report.drop(
        this.#input.place,
        'missing',
        `The parameter ${start}… must be specified`,
        `add ${start}NAME = …`,
      );
    }
    return result;
  }

  /** The properties below a name as their own program reads them; a fatal problem drops the component. */
  #properties(name: string, option: PropertiesOption, values: Readonly<Record<string, unknown>>): unknown {
    const given = new Map(Object.entries(option.defaults));
    for (const [key, { option: own, as }] of Object.entries(option.own ?? {})) {
      const text = values[own] === undefined ? undefined : String(values[own]);
      if (text !== undefined) given.set(key, as?.[text] ?? text);
    }
    for (const [key, value] of this.#map(name, option)) given.set(key, value);
    const value = option.reading.read(given);
    for (const { key, message, suggestion, fatal } of option.reading.problemsOf(value)) {
      const full = `${name}.${key}`;
      const { properties, place, component } = this.#input;
      const property = properties.get(full) ?? properties.get(option.own?.[key]?.option ?? '');
      if (fatal === true)
        this.#report.drop(property?.valuePlace ?? place, 'invalid', `${full}: ${message}`, suggestion);
      else
        this.#report.tell(
          property?.keyPlace ?? place,
          'no-effect',
          `${component}: ${full} ${message}`,
          suggestion,
        );
    }
    return value;
  }

  #part(name: string, option: ComponentOption): ConfiguredPart | undefined {
    const property = this.#property(name, option);
    const type = property?.value ?? option.default;
    if (type === undefined) return undefined;
    const own = this.#below(name);
    const place = property?.valuePlace ?? this.#input.place;
    const reason = `unknown ${option.component} type: ${type}`;
    const none: FoundPart = { found: false, code: 'unknown-type', reason };
    const part = this.#input.findPart?.(option.component, type) ?? none;
    if (!part.found) {
      this.#report.drop(place, part.code, `${name}: ${part.reason}`, part.suggestion);
      return undefined;
    }
    const { definition } = part;
    const component = `${option.component} of ${this.#input.component}`;
    const parsed = parseOptions({ spec: definition.options, properties: own, component, place });
    for (const diagnostic of parsed.diagnostics) this.#report.diagnostics.push(diagnostic);
    if (parsed.dropReason !== undefined) this.#report.dropReason ??= `${name}: ${parsed.dropReason}`;
    else {
      for (const { code = 'invalid', key, message, suggestion } of definition.validate?.(parsed.values) ??
        []) {
        const at = [key].flat().flatMap((each) => own.get(each) ?? [])[0];
        this.#report.drop(at?.valuePlace ?? place, code, `${name}: ${message}`, suggestion);
      }
    }
    return { type, definition, options: parsed.values };
  }

  /** The properties below a name that no other option takes, keys relative to it. */
  #below(name: string): Map<string, Property> {
    const start = `${name}.`;
    const own = new Map<string, Property>();
    for (const [key, property] of this.#input.properties) {
      if (!key.startsWith(start) || key.length === start.length || Object.hasOwn(this.spec, key)) continue;
      this.read.add(key);
      const rest = key.slice(start.length);
      own.set(rest, { ...property, key: rest });
    }
    return own;
  }
}
