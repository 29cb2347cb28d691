import type { ComponentContext, SerializerDefinition } from '../component/define.ts';
import type { EventSerializer } from '../component/serializer.ts';
import type { OptionFinding, OptionSpec } from '../config/options.ts';
import { type ParsedOptions, parseOptions } from '../config/parse-options.ts';
import type { ComponentProperties, Place } from '../config/properties-model.ts';
import { MillraceError } from '../runtime/errors.ts';
import { headerAndTextSerializer } from './header-and-text.ts';
import { textSerializer } from './text.ts';

/** The serializers that sinks which write files can be told to use. */
export const serializers: readonly SerializerDefinition[] = [textSerializer, headerAndTextSerializer];

/** By alias in any letter case, or by exact class name. */
export function findSerializer(type: string): SerializerDefinition | undefined {
  const alias = type.toLowerCase();
  return serializers.find((s) => s.type?.toLowerCase() === alias || s.classNames.includes(type));
}

/** What keeps a serializer from being had; empty when nothing does. For a sink's `validate`; `key` is the sink's option. */
export function serializerFaults(
  key: string,
  type: string,
  properties: ReadonlyMap<string, string>,
): readonly OptionFinding[] {
  const definition = findSerializer(type);
  if (definition === undefined) {
    const known = serializers.map((s) => s.type).join(', ');
    return [{ key, message: `serializer: "${type}" is none of ${known}` }];
  }
  const { values, dropReason } = parse(definition, properties);
  if (dropReason !== undefined) return [{ key, message: `serializer: ${dropReason}` }];
  return (definition.validate?.(values) ?? []).map((fault) => ({
    ...fault,
    key: [fault.key].flat().map((name) => `${key}.${name}`),
  }));
}

/** Makes serializers of one type, one for each file. Throws `CONFIG_INVALID` where `serializerFaults` finds any. */
export function serializerFactory(
  type: string,
  properties: ReadonlyMap<string, string>,
  context: ComponentContext<OptionSpec>,
): () => EventSerializer {
  const faults = serializerFaults('serializer', type, properties);
  const definition = findSerializer(type);
  if (definition === undefined || faults.length > 0) {
    throw new MillraceError(
      'CONFIG_INVALID',
      `sink ${context.name}: ${faults.map(({ message }) => message).join('; ')}`,
    );
  }
  const { values } = parse(definition, properties);
  return () => definition.create({ ...context, options: values });
}

const noPlace: Place = { file: '', line: 0, column: 0 };

function parse(
  definition: SerializerDefinition,
  properties: ReadonlyMap<string, string>,
): ParsedOptions<OptionSpec> {
  const placed: ComponentProperties = new Map(
    [...properties].map(([key, value]) => [key, { key, value, keyPlace: noPlace, valuePlace: noPlace }]),
  );
  return parseOptions({
    spec: definition.options,
    properties: placed,
    component: 'serializer',
    place: noPlace,
  });
}
