/** Every property that Flume 1.11 takes is known to the component of the same name, with its type, default and unit. */
import { describe, expect, it } from 'vitest';
import { wholeExample } from '../../../../scripts/lib/whole-example.ts';
import { type FlumeProperty, flumeComponents } from '../../../testkit/src/flume/property-lists/index.ts';
import { modelOf } from '../agent/configuration/load-config.ts';
import type { ComponentEntry } from '../component/catalog.ts';
import { type OptionSpec, type PlainSpec, plainSpec } from '../config/options.ts';
import { parsePropertiesText } from '../config/properties.ts';
import { componentEntries } from './index.ts';

const entryOf = (kind: string, type: string): ComponentEntry | undefined =>
  componentEntries.find(
    (entry) => entry.kind === kind && (entry.type === type || entry.classNames.includes(type)),
  );

/** Those that are built. */
const built = flumeComponents.flatMap((component) => {
  const entry = entryOf(component.kind, component.type);
  return entry === undefined ? [] : [[`${component.kind} ${component.type}`, component, entry] as const];
});

/** What the spec says of a property, in the list's words. */
interface Told {
  readonly type: string;
  readonly default?: string | undefined;
  readonly required: boolean;
  readonly unit?: string | undefined;
  readonly values?: readonly string[] | undefined;
  readonly ignored: boolean;
  readonly oldNameOf?: string;
}

const polling = { backoffSleepIncrement: '1000', maxBackoffSleep: '5000' };

const typeNames: Readonly<Record<string, string>> = {
  int: 'int',
  duration: 'int',
  bytes: 'int',
  boolean: 'boolean',
  map: 'below',
  properties: 'below',
};

function toldOf(name: string, options: OptionSpec): Told | undefined {
  if (name in polling) {
    return {
      type: 'long',
      default: polling[name as keyof typeof polling],
      required: false,
      unit: 'ms',
      ignored: false,
    };
  }
  const spec = plainSpec(options);
  return name.endsWith('.*') ? belowOf(name.slice(0, -2), spec) : (ownOf(name, spec) ?? innerOf(name, spec));
}

/** An option of that name, now or formerly. */
function ownOf(name: string, spec: PlainSpec): Told | undefined {
  for (const [key, option] of Object.entries(spec)) {
    if (option.kind === 'map' || option.kind === 'properties') continue;
    const isOld = option.oldNames?.includes(name) === true;
    if (key !== name && !isOld) continue;
    const isLong = 'java' in option && option.java === 'long';
    return {
      type: isLong ? 'long' : (typeNames[option.kind] ?? 'text'),
      default: isOld ? undefined : option.default === undefined ? undefined : String(option.default),
      required: option.required === true,
      unit: option.unit,
      values: option.kind === 'enum' ? option.values : undefined,
      ignored: option.ignored !== undefined,
      ...(isOld ? { oldNameOf: key } : {}),
      ...(option.replacedBy === undefined ? {} : { oldNameOf: option.replacedBy }),
    };
  }
  return undefined;
}

/** A property of another program that is known below an option. */
function innerOf(name: string, spec: PlainSpec): Told | undefined {
  for (const [key, option] of Object.entries(spec)) {
    if (option.kind !== 'properties' || !name.startsWith(`${key}.`)) continue;
    const inner = name.slice(key.length + 1);
    if (!option.reading.keys.includes(inner)) continue;
    return { type: 'text', default: option.defaults[inner], required: false, ignored: false };
  }
  return undefined;
}

function belowOf(prefix: string, spec: PlainSpec): Told | undefined {
  for (const [key, option] of Object.entries(spec)) {
    const takesAll = option.kind === 'map' || option.kind === 'properties' || option.kind === 'component';
    if (!takesAll || (option.kind === 'map' ? (option.prefix ?? key) : key) !== prefix) continue;
    const required = option.kind === 'map' && option.required === true;
    return { type: 'below', required, ignored: option.ignored !== undefined };
  }
  return undefined;
}

/** A Java long that a number does not hold is the largest that it holds. */
const heldByNumber = (text: string | undefined): string | undefined =>
  text === '9223372036854775807' ? String(Number.MAX_SAFE_INTEGER) : text;

/** Values that Flume has not. */
const beyondFlume: Readonly<Record<string, readonly string[]>> = { 'hdfs.fileType': ['parquet', 'avro'] };

function differences(property: FlumeProperty, told: Told | undefined): string[] {
  if (told === undefined) return ['is not known'];
  const found: string[] = [];
  const compare = (what: string, flume: unknown, here: unknown): void => {
    if (flume !== here) found.push(`${what}: ${flume} in Flume, ${here} here`);
  };
  if (property.unread) {
    if (!told.ignored && told.oldNameOf === undefined) found.push('takes what Flume does not read');
    return found;
  }
  if (property.oldNameOf !== undefined) {
    compare('old name of', property.oldNameOf, told.oldNameOf);
    return found;
  }
  // Whoever is told that a property has no effect needs no type for it.
  if (!told.ignored) compare('type', property.type, told.type);
  compare('default', heldByNumber(property.default), told.default);
  compare('required', property.required, told.required);
  if (!told.ignored) compare('unit', property.unit, told.unit);
  const values = [...(property.values ?? []), ...(beyondFlume[property.name] ?? [])];
  if (!told.ignored) compare('values', values.join(), (told.values ?? []).join());
  return found;
}

/** A value that the property may have. */
const sampleOf = ({ type, default: fallback, values }: FlumeProperty): string =>
  fallback !== undefined && fallback !== ''
    ? fallback
    : (values?.[0] ?? { text: 'x', int: '100', long: '100', boolean: 'true', below: 'x' }[type]);

describe("Flume's properties", () => {
  it('are listed for every component of Flume that is built', () => {
    const listed = new Set(built.map(([, , entry]) => entry));
    const missing = componentEntries.filter(
      (entry) => entry.classNames.some((name) => name.includes('.flume.')) && !listed.has(entry),
    );
    expect(missing.map(({ kind, type, classNames }) => `${kind} ${type ?? classNames[0]}`)).toEqual([]);
  });

  it.each(built)('of %s have their type, default, unit and values', async (_, component, entry) => {
    const { options } = await entry.load();
    const found = component.properties.flatMap((property) =>
      differences(property, toldOf(property.name, options)).map((text) => `${property.name} ${text}`),
    );
    expect(found).toEqual([]);
  });

  it.each(built)('of %s are known to check', async (_, component, entry) => {
    const definition = await entry.load();
    const example = wholeExample(definition.example ?? '');
    const names = [entry.type, ...entry.classNames];
    const line = example
      .split('\n')
      .map((text) => /^(\S+) = (.*)$/.exec(text))
      .find((match) => match !== null && names.includes(match[2]!));
    const prefix = line![1]!.replace(/\.type$/, '');
    const more = component.properties
      .filter(({ type, name }) => type !== 'below' && !example.includes(`${prefix}.${name} `))
      .map((property) => `${prefix}.${property.name} = ${sampleOf(property)}`);
    const { diagnostics } = await modelOf(
      parsePropertiesText(`${example}\n${more.join('\n').replaceAll('\\', '\\\\')}\n`, 'flume.conf'),
    );
    const unknown = diagnostics.filter(({ code }) => code === 'unknown-key' || code === 'misplaced-key');
    expect(unknown.map(({ message }) => message)).toEqual([]);
  });
});
