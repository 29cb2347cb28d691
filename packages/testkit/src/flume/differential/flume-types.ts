/** What may be drawn: Flume's components with the properties that it reads, and the options of their counterparts here. */
import { componentEntries } from '../../../../millrace/src/components/index.ts';
import { type Option, type PlainSpec, plainSpec } from '../../../../millrace/src/config/options.ts';
import type { Chance } from '../../oracle/seed.ts';
import { type FlumeComponent, type FlumeProperty, flumeComponents } from '../property-lists/index.ts';
import { type Line, line } from './case.ts';
import { drawValue } from './draw-values.ts';
import { styleCount } from './properties-text.ts';

export interface DrawnType extends FlumeComponent {
  readonly spec: PlainSpec;
}

const isOfEntry = ({ type, classNames }: { type?: string; classNames: readonly string[] }, name: string) =>
  type?.toLowerCase() === name.toLowerCase() || classNames.includes(name);

/** Its class needs the jars of HBase beside Flume's own: it is held to Flume's by itself, in flume-hbase2.test.ts. */
const apart = ['hbase2'];

/** All that both have and whose classes are in the jars. */
export const drawnTypes: readonly DrawnType[] = (
  await Promise.all(
    flumeComponents.map(async (listed) => {
      const entry = componentEntries.find(
        (each) => each.kind === listed.kind && isOfEntry(each as never, listed.type),
      );
      if (entry === undefined || listed.classes[0] === '' || apart.includes(listed.type)) return [];
      return [{ ...listed, spec: plainSpec((await entry.load()).options) }];
    }),
  )
).flat();

export const typesOf = (kind: string): readonly DrawnType[] =>
  drawnTypes.filter((each) => each.kind === kind);
export function typeOf(kind: string, type: string): DrawnType {
  const found = typesOf(kind).find((each) => each.type === type);
  if (found === undefined) throw new Error(`no ${kind} ${type} in both`);
  return found;
}

/** How a configuration may name it: an alias in any letter case, or the class. */
export function drawTypeName(chance: Chance, { type, classes, kind }: DrawnType): string {
  if (type.includes('.')) return type;
  // A part whose class is not the one that a configuration names.
  const built = kind === 'serializer' || kind === 'deserializer' ? '$Builder' : '';
  const ofClass = kind === 'pathManager' || chance.bool(0.8) ? null : classes[0]! + built;
  return ofClass ?? chance.pick([type, type, type, type.toUpperCase(), type.toLowerCase()]);
}

export const optionOf = ({ spec }: DrawnType, property: FlumeProperty): Option | undefined =>
  spec[property.name] ?? Object.values(spec).find(({ oldNames }) => oldNames?.includes(property.name));

export const drawStyle = (chance: Chance): number => (chance.bool(0.7) ? 0 : chance.int(0, styleCount - 1));

/** Some of its properties with values of their kind, `prefix` in front of their names. */
export function drawProperties(
  chance: Chance,
  type: DrawnType,
  { most = 3, prefix = '', wrong = 0.25, not = [] as readonly string[] } = {},
): Line[] {
  const may = type.properties.filter(({ name, type: kind }) => kind !== 'below' && !not.includes(name));
  if (may.length === 0) return [];
  const drawn = Array.from({ length: chance.int(0, most) }, () => chance.pick(may));
  return [...new Set(drawn)].map((property) =>
    line(
      prefix + property.name,
      drawValue(chance, property, optionOf(type, property), wrong),
      drawStyle(chance),
    ),
  );
}
