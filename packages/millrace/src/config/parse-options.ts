/** From a component's properties to the values that its spec promises, with every finding told at its place. */
import type { Diagnostic } from '../runtime/diagnostics.ts';
import { expandHome } from '../runtime/home-path.ts';
import { finding } from './finding.ts';
import type { FindingCode } from './finding-codes.ts';
import { hostPortFault, splitServers } from './host-ports.ts';
import { nearest } from './nearest.ts';
import {
  commentHint,
  faultOf,
  highest,
  longest,
  type NumberOption,
  numberOf,
  rangeHint,
  unitHint,
} from './option-numbers.ts';
import {
  type ComponentOption,
  type ConfiguredPart,
  type HostPortsOption,
  type Option,
  type OptionFinding,
  type OptionSpec,
  type OptionValues,
  type PlainSpec,
  type PropertiesOption,
  plainSpec,
} from './options.ts';
import { type ComponentProperties, type Place, type Property, shownValue } from './properties-model.ts';

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

/** Findings of one component; a damaged file must not fill the memory with messages. */
const mostDiagnostics = 1000;

type Value =
  | ConfiguredPart
  | string
  | number
  | boolean
  | readonly string[]
  | ReadonlyMap<string, string>
  | undefined;

/** Never throws; reads every property once. A dropped component's values are complete, with defaults in the gaps. */
export function parseOptions<S extends OptionSpec>(input: ParseOptionsInput<S>): ParsedOptions<S> {
  const parser = new OptionParser(input);
  const values = parser.values();
  parser.unknownKeys();
  const { diagnostics, dropReason, flumeFault, flumeWarnings } = parser;
  return {
    // Each value was made by the kind that the spec gives for its name.
    values: values as OptionValues<S>,
    diagnostics,
    flumeWarnings,
    ...(dropReason === undefined ? {} : { dropReason }),
    ...(flumeFault === undefined ? {} : { flumeFault }),
  };
}

class OptionParser {
  readonly diagnostics: Diagnostic[] = [];
  dropReason: string | undefined;
  flumeFault: string | undefined;
  readonly flumeWarnings: string[] = [];
  readonly #input: ParseOptionsInput<OptionSpec>;
  readonly #read = new Set<string>();

  readonly #spec: PlainSpec;

  constructor(input: ParseOptionsInput<OptionSpec>) {
    this.#input = input;
    this.#spec = plainSpec(input.spec);
  }

  values(): Record<string, unknown> {
    const plain: Record<string, unknown> = {};
    const readers: [string, PropertiesOption][] = [];
    for (const [name, option] of Object.entries(this.#spec)) {
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
        this.#drop(
          this.#input.place,
          'missing',
          `The parameter ${name} must be specified`,
          `add ${name} = …`,
        );
      }
      if (option.kind === 'path' && option.default !== undefined) return expandHome(option.default);
      return option.default ?? (option.kind === 'list' || option.kind === 'hostPorts' ? [] : undefined);
    }
    return this.#value(property, option);
  }

  /** Tells of every property that nothing reads. */
  unknownKeys(): void {
    const { properties, component, isCommon, place } = this.#input;
    let more = 0;
    for (const [key, property] of properties) {
      if (this.#read.has(key) || isCommon?.(key) === true) continue;
      if (this.diagnostics.length >= mostDiagnostics) {
        more++;
        continue;
      }
      this.#unknownKey(key, property);
    }
    if (more > 0) {
      this.#tell(place, 'too-many', `${component}: ${more} more unknown properties are ignored`);
    }
  }

  #unknownKey(key: string, { keyPlace }: Property): void {
    const { component, commonNames = [] } = this.#input;
    const names = [...commonNames];
    const misplaced: string[] = [];
    for (const [name, option] of Object.entries(this.#spec)) {
      const inners = innerKeys(option);
      if (inners === undefined) {
        names.push(name);
        continue;
      }
      const prefix = (option.kind === 'map' ? option.prefix : undefined) ?? name;
      const family = prefix.split('.', 1)[0];
      for (const inner of inners) {
        const full = `${prefix}.${inner}`;
        names.push(full);
        // `group.id` or `kafka.group.id` for `kafka.consumer.group.id`
        if (key === inner || key === `${family}.${inner}`) misplaced.push(full);
      }
    }
    if (misplaced.length === 0) {
      const [longest] = names
        .filter((name) => name.endsWith(`.${key}`) || key.endsWith(`.${name}`))
        .sort((a, b) => b.length - a.length);
      if (longest !== undefined) misplaced.push(longest);
    }
    const near = misplaced.length > 0 ? misplaced.join(' or ') : nearest(key, names);
    this.#tell(
      keyPlace,
      misplaced.length > 0 ? 'misplaced-key' : 'unknown-key',
      `${component} has no property ${key}: it is ignored`,
      near === undefined ? undefined : `did you mean ${near}?`,
    );
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
      if (found === undefined) this.#tell(old.keyPlace, 'old-name', message, `write ${name}`);
      else this.#tell(old.keyPlace, 'no-effect', message, `remove ${oldName}`);
      found ??= old;
    }
    if (found !== undefined && option.replacedBy !== undefined) {
      const { replacedBy } = option;
      const beside = properties.has(replacedBy);
      if (beside) {
        const message = `${component}: ${found.key} has no effect beside ${replacedBy}`;
        this.#tell(found.keyPlace, 'no-effect', message, `remove ${found.key}`);
      } else {
        const message = `${component}: ${found.key} is an old form of ${replacedBy}`;
        this.#tell(found.keyPlace, 'old-name', message, `write ${replacedBy}`);
      }
    }
    if (found !== undefined && option.ignored !== undefined) {
      this.#tell(found.keyPlace, 'no-effect', `${component}: ${found.key} has no effect: ${option.ignored}`);
    }
    // Present but blank is as good as absent; only a typed configuration can say so, files drop such lines.
    return properties.get(name)?.value === '' && option.kind !== 'string' ? undefined : found;
  }

  #take(key: string): Property | undefined {
    const property = this.#input.properties.get(key);
    if (property !== undefined) this.#read.add(key);
    return property;
  }

  #map(prefix: string, option: Option): ReadonlyMap<string, string> {
    const result = new Map<string, string>();
    const start = `${prefix}.`;
    for (const [key, property] of this.#input.properties) {
      if (!key.startsWith(start) || key.length === start.length) continue;
      this.#read.add(key);
      if (option.ignored !== undefined) {
        const message = `${this.#input.component}: ${key} has no effect: ${option.ignored}`;
        this.#tell(property.keyPlace, 'no-effect', message);
      }
      result.set(key.slice(start.length), property.value);
    }
    if (result.size === 0 && option.required === true) {
      this.#drop(
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
        this.#drop(property?.valuePlace ?? place, 'invalid', `${full}: ${message}`, suggestion);
      else
        this.#tell(property?.keyPlace ?? place, 'no-effect', `${component}: ${full} ${message}`, suggestion);
    }
    return value;
  }

  #hostPorts(property: Property, { usualPort, noneSays }: HostPortsOption): readonly string[] {
    const servers = splitServers(property.value);
    const { key, valuePlace } = property;
    if (servers.length === 0) this.#drop(valuePlace, 'invalid', noneSays, `write ${key} = host:${usualPort}`);
    for (const server of servers) {
      const fault = hostPortFault(server, usualPort);
      if (fault === null) continue;
      this.#drop(valuePlace, 'bad-value', `${key}: ${server} ${fault.message}`, fault.suggestion);
    }
    return servers;
  }

  #value(property: Property, option: Exclude<Option, { kind: 'map' | 'component' | 'properties' }>): Value {
    switch (option.kind) {
      case 'path':
        this.#noteComment(property);
        return expandHome(property.value);
      case 'hostPorts':
        return this.#hostPorts(property, option);
      case 'string':
        this.#noteComment(property);
        return property.value;
      case 'int':
      case 'bytes':
      case 'duration':
        return this.#number(property, option);
      case 'boolean':
        return this.#boolean(property);
      case 'enum':
        return this.#enum(property, option);
      case 'list':
        this.#noteComment(property);
        return property.value.split(option.separator ?? /\s+/).filter((name) => name !== '');
    }
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
      this.#drop(place, part.code, `${name}: ${part.reason}`, part.suggestion);
      return undefined;
    }
    const { definition } = part;
    const component = `${option.component} of ${this.#input.component}`;
    const parsed = parseOptions({ spec: definition.options, properties: own, component, place });
    for (const diagnostic of parsed.diagnostics) this.diagnostics.push(diagnostic);
    if (parsed.dropReason !== undefined) this.dropReason ??= `${name}: ${parsed.dropReason}`;
    else {
      for (const { code = 'invalid', key, message, suggestion } of definition.validate?.(parsed.values) ??
        []) {
        const at = [key].flat().flatMap((each) => own.get(each) ?? [])[0];
        this.#drop(at?.valuePlace ?? place, code, `${name}: ${message}`, suggestion);
      }
    }
    return { type, definition, options: parsed.values };
  }

  /** The properties below a name that no other option takes, keys relative to it. */
  #below(name: string): Map<string, Property> {
    const start = `${name}.`;
    const own = new Map<string, Property>();
    for (const [key, property] of this.#input.properties) {
      if (!key.startsWith(start) || key.length === start.length || Object.hasOwn(this.#spec, key)) continue;
      this.#read.add(key);
      const rest = key.slice(start.length);
      own.set(rest, { ...property, key: rest });
    }
    return own;
  }

  #number(property: Property, option: NumberOption): number | undefined {
    const number = numberOf(property, option);
    const { min = Number.NEGATIVE_INFINITY, max = highest(option), onBad = 'drop', unit } = option;
    if (number !== undefined && number >= min && number <= max) return Math.min(number, longest(option));
    const onOutside = option.onOutside ?? (option.kind === 'duration' ? 'clamp' : onBad);
    const rule = number === undefined ? onBad : onOutside;
    const text = `${property.key}: ${faultOf(property, number, min, max)}`;
    const suggestion = commentHint(property) ?? unitHint(property, unit) ?? rangeHint(option, min, max);
    if (rule === 'drop') {
      if (this.dropReason === undefined && number === undefined) {
        this.flumeFault = `For input string: "${shownValue(property)}"`;
      }
      this.#drop(property.valuePlace, 'bad-number', text, suggestion);
      return option.default;
    }
    const taken = rule === 'clamp' ? Math.min(Math.max(number ?? min, min), max) : option.default;
    const which = rule === 'default' ? 'the default ' : '';
    const what = taken === undefined ? 'it counts as not set' : `${which}${taken} is taken`;
    const message = `${this.#input.component}: ${text}; ${what}, as Flume does`;
    this.#tell(property.valuePlace, 'number-replaced', message, suggestion);
    if (rule === 'default' && option.flumeSays !== undefined) {
      this.flumeWarnings.push(option.flumeSays(shownValue(property)));
    }
    return taken;
  }

  #boolean(property: Property): boolean {
    const text = property.value.trim().toLowerCase();
    if (text !== 'true' && text !== 'false') {
      const message = `${this.#input.component}: ${property.key}: "${shownValue(property)}" is not true, so it counts as false`;
      this.#tell(property.valuePlace, 'bad-boolean', message, commentHint(property));
    }
    return text === 'true';
  }

  #enum(property: Property, option: Extract<Option, { kind: 'enum' }>): string | undefined {
    const text = property.value.trim().toLowerCase();
    const value = option.values.find((candidate) => candidate.toLowerCase() === text);
    if (value !== undefined) return value;
    const near = nearest(property.value, option.values);
    const suggestion =
      commentHint(property) ??
      (near === undefined ? `write one of ${option.values.join(', ')}` : `did you mean ${near}?`);
    const message = `${property.key}: "${shownValue(property)}" is none of ${option.values.join(', ')}`;
    if (this.dropReason === undefined) this.flumeFault = option.flumeSays?.(shownValue(property));
    this.#drop(property.valuePlace, 'bad-value', message, suggestion);
    return option.default;
  }

  /** A ` # …` at the end of a text is legal, but hardly ever meant. */
  #noteComment(property: Property): void {
    const hint = property.key === 'command' ? undefined : commentHint(property);
    if (hint === undefined) return;
    const message = `${this.#input.component}: ${property.key}: the text after # is part of the value`;
    this.#tell(property.valuePlace, 'inline-comment', message, hint);
  }

  #drop(place: Place, code: FindingCode, reason: string, suggestion?: string): void {
    this.dropReason ??= reason;
    this.#tell(place, code, `${this.#input.component} is dropped: ${reason}`, suggestion);
  }

  #tell(place: Place, code: FindingCode, message: string, suggestion?: string): void {
    this.diagnostics.push(finding(code, place, message, suggestion));
  }
}

/** Keys below an option's prefix that are known; undefined: the option is one property. */
function innerKeys(option: Option): readonly string[] | undefined {
  if (option.kind === 'properties') return option.reading.keys;
  return option.kind === 'map' ? (option.keys ?? []) : undefined;
}
