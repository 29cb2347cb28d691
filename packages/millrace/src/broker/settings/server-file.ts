import { resolve } from 'node:path';
import { nearest } from '../../config/nearest.ts';
import type { Property } from '../../config/properties-model.ts';
import { MillraceError } from '../../runtime/errors.ts';
import { expandHome } from '../../runtime/home-path.ts';
import { inertNames } from './inert-names.ts';
import { isSetting, settingNames } from './setting-table.ts';

/** What Kafka's `server.properties` says to this broker. */
export interface ServerFile {
  /** Settings by name, as `optionsOf` takes them. */
  readonly settings: ReadonlyMap<string, string>;
  /** `log.dirs`; undefined: the file names none. */
  readonly dataDir?: string | undefined;
  /** `node.id` */
  readonly nodeId?: number | undefined;
  /** What has no effect here, and why: one line each. */
  readonly notes: readonly string[];
  /** Names that nobody knows, each with its place and the nearest. */
  readonly unknown: readonly string[];
}

const inert = new Map(
  inertNames.flatMap(([why, names]) => names.split(/\s+/).map((name) => [name, why] as const)),
);
/** Of settings of code the ones that name what is built in. */
const builtIn: Readonly<Record<string, RegExp>> = {
  'principal.builder.class': /\.DefaultKafkaPrincipalBuilder$/,
  'sasl.server.callback.handler.class': /\.OAuthBearer(Unsecured)?ValidatorCallbackHandler$/,
};
/** The same in other units; the first that is there counts, as in Kafka. */
const inOtherUnits = [
  {
    name: 'log.retention.ms',
    others: [
      ['log.retention.minutes', 60_000],
      ['log.retention.hours', 3_600_000],
    ],
  },
  { name: 'log.roll.ms', others: [['log.roll.hours', 3_600_000]] },
] as const;
const others = new Map(
  inOtherUnits.flatMap(({ name, others }) =>
    others.map(([other, factor]) => [other, { name, factor }] as const),
  ),
);
/** Of a setting below a listener's name that is not one of listeners. */
const ofAll = 'it is not of one listener but of the broker';
const places = ['log.dirs', 'log.dir', 'node.id', 'broker.id'];

/**
 * Takes a file of Kafka's properties apart: what this broker goes by, what has no effect on one node or is not built, and
 * what nobody knows. Throws `CONFIG_INVALID` with the line for a place or a number that can't be; `where` tells that of
 * what is found out later.
 */
export function serverFileOf(properties: ReadonlyMap<string, Property>): ServerFile {
  const settings = new Map<string, string>();
  const unknown: string[] = [];
  const notes = new Map<string, string[]>();
  for (const property of properties.values()) {
    const { key, value } = property;
    const own = ownName(key);
    const why = isSetting(own) ? ofAll : inert.get(own);
    if (places.includes(key)) continue;
    const other = others.get(key as never);
    if (other !== undefined) {
      if (!properties.has(other.name)) setInOtherUnit(settings, property, other);
    } else if (isSetting(key)) settings.set(key, value);
    else if (why === undefined) unknown.push(unknownName(property));
    else if (builtIn[own]?.test(value) !== true) notes.set(why, [...(notes.get(why) ?? []), key]);
  }
  return {
    settings,
    dataDir: dataDirOf(properties),
    nodeId: nodeIdOf(properties),
    notes: [...notes].map(([why, names]) => `no effect, ${why}: ${names.join(', ')}`),
    unknown,
  };
}

/** `FILE:LINE` of a property that an error names; undefined: it names none of the file. */
export function placeOf(error: unknown, properties: ReadonlyMap<string, Property>): string | undefined {
  if (!(error instanceof MillraceError)) return undefined;
  const named = error.details.key ?? /^(?:--set )?([\w.-]+)/.exec(error.message)?.[1];
  const property =
    properties.get(String(named)) ??
    [...properties.values()].find(({ key }) => key.startsWith('listener.name.') && key.endsWith(`.${named}`));
  return property === undefined ? undefined : lineOf(property);
}

/** Without the listener and the mechanism before it. */
const ownName = (key: string): string =>
  key.replace(/^listener\.name\.[^.]+\.(?:(?:plain|scram-sha-\d+|oauthbearer)\.)?/, '');

const lineOf = ({ keyPlace }: Property): string => `${keyPlace.file}:${keyPlace.line}`;

function setInOtherUnit(
  settings: Map<string, string>,
  property: Property,
  { name, factor }: { readonly name: string; readonly factor: number },
): void {
  const value = Number(property.value.trim());
  if (!Number.isSafeInteger(value)) throw invalid(property, `'${property.value}' is not a whole number`);
  const earlier = settings.get(name);
  // Minutes go before hours.
  if (earlier === undefined || factor < 3_600_000)
    settings.set(name, String(value < 0 ? -1 : value * factor));
}

function dataDirOf(properties: ReadonlyMap<string, Property>): string | undefined {
  const property = properties.get('log.dirs') ?? properties.get('log.dir');
  if (property === undefined) return undefined;
  const dirs = property.value.split(',').map((each) => each.trim());
  if (dirs.length > 1 || dirs[0] === '')
    throw invalid(
      property,
      'this broker keeps its data in one folder',
      'Name one folder, or give it with --data.',
    );
  return resolve(expandHome(dirs[0]!));
}

function nodeIdOf(properties: ReadonlyMap<string, Property>): number | undefined {
  const property = properties.get('node.id') ?? properties.get('broker.id');
  if (property === undefined) return undefined;
  const value = Number(property.value.trim());
  if (Number.isInteger(value) && value >= 0 && value <= 0x7fff_ffff) return value;
  throw invalid(property, `'${property.value}' is not a whole number from 0 to 2147483647`);
}

function unknownName(property: Property): string {
  const near = nearest(ownName(property.key), [
    ...settingNames(),
    ...inert.keys(),
    ...others.keys(),
    ...places,
  ]);
  const hint = near === undefined ? '' : `; did you mean ${near}?`;
  return `${lineOf(property)}: ${property.key} is known neither here nor to Kafka, and has no effect${hint}`;
}

function invalid(property: Property, message: string, remedy?: string): MillraceError {
  return new MillraceError('CONFIG_INVALID', `${lineOf(property)}: ${property.key}: ${message}`, {
    details: { key: property.key, line: property.keyPlace.line },
    ...(remedy === undefined ? {} : { remedy }),
  });
}
