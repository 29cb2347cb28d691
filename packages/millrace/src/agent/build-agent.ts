/**
 * The second stage (AbstractConfigurationProvider): every component's options are parsed after its spec; one that can't
 * be configured is removed, then what was connected to it alone. Nothing is created yet.
 */
import type { ComponentDefinition, SelectorDefinition } from '../component/define.ts';
import type { OptionSpec, OptionValues } from '../config/options.ts';
import { opt } from '../config/options.ts';
import { type ParsedOptions, parseOptions } from '../config/parse-options.ts';
import type { ComponentProperties, Place, Property } from '../config/properties-model.ts';
import { errorText } from '../runtime/errors.ts';
import type { Catalog, DefinitionKind, DefinitionOf } from './catalog.ts';
import type { Findings } from './findings.ts';
import type {
  ChannelModel,
  ComponentKind,
  ComponentModel,
  SelectorModel,
  SinkModel,
  SourceModel,
} from './model.ts';
import { namesOf, type RawComponent } from './raw-agents.ts';

const logger = 'AbstractConfigurationProvider';

/** Read for every polled source, whatever its spec says (org.apache.flume.source.AbstractPollableSource). */
const pollingOptions = {
  backoffSleepIncrement: opt.int({
    doc: 'Added to the pause with each idle turn.',
    unit: 'ms',
    default: 1000,
    min: 0,
  }),
  maxBackoffSleep: opt.int({ doc: 'The longest pause.', unit: 'ms', default: 5000, min: 0 }),
};
const pollingNames = Object.keys(pollingOptions);

const capitals: Readonly<Record<string, string>> = { channel: 'Channel', source: 'Source', sink: 'Sink' };

export class AgentBuilder {
  readonly #catalog: Catalog;
  readonly #findings: Findings;
  readonly #channels = new Map<string, ChannelModel>();
  /** Channel → what is connected to it. */
  readonly #connected = new Map<string, string[]>();
  /** Whether a type is unknown: that ends Flume's process. */
  hasUnknownType = false;

  constructor(catalog: Catalog, findings: Findings) {
    this.#catalog = catalog;
    this.#findings = findings;
  }

  channels(raws: readonly RawComponent[]): void {
    for (const raw of raws) {
      const built = this.#component('channel', 'channel', raw, ['type', 'config']);
      if (built === undefined) continue;
      this.#channels.set(raw.name, { ...built, transactionCapacity: transactionCapacityOf(built) });
      this.#connected.set(raw.name, []);
    }
  }

  sources(raws: readonly RawComponent[]): SourceModel[] {
    return raws.flatMap((raw) => {
      const source = this.#source(raw);
      for (const channel of source?.channels ?? []) this.#connected.get(channel)?.push(raw.name);
      return source === undefined ? [] : [source];
    });
  }

  sinks(raws: readonly RawComponent[]): SinkModel[] {
    return raws.flatMap((raw) => {
      const sink = this.#sink(raw);
      if (sink !== undefined) this.#connected.get(sink.channel)?.push(raw.name);
      return sink === undefined ? [] : [sink];
    });
  }

  /** The channels that something is connected to; the others are removed. */
  connectedChannels(places: ReadonlyMap<string, RawComponent>): ChannelModel[] {
    return [...this.#channels.values()].filter((channel) => {
      const components = this.#connected.get(channel.name) ?? [];
      if (components.length > 0) {
        this.#findings.log('info', logger, `Channel ${channel.name} connected to [${components.join(', ')}]`);
        return true;
      }
      const text = `Channel ${channel.name} has no components connected and has been removed.`;
      this.#findings.log('warn', logger, text);
      this.#findings.dropQuietly('channel', channel.name, 'no source and no sink is connected to it');
      const place = places.get(channel.name)?.place;
      if (place !== undefined) {
        this.#findings.warning(
          place,
          'not-connected',
          `channel ${channel.name} is dropped: no source and no sink is connected to it`,
        );
      }
      return false;
    });
  }

  #source(raw: RawComponent): SourceModel | undefined {
    const { name, properties } = raw;
    const built = this.#component('source', 'source', raw, [
      'type',
      'channels',
      'config',
      'interceptors',
      'selector.type',
      ...pollingNames,
    ]);
    if (built === undefined) return undefined;
    const polling = parseOptions({
      spec: pollingOptions,
      properties: new Map([...properties].filter(([key]) => pollingNames.includes(key))),
      component: `source ${name}`,
      place: raw.place,
    });
    if (!this.#accept('source', raw, polling)) return undefined;
    const channels: string[] = [];
    for (const channelName of namesOf(properties.get('channels'))) {
      const channel = this.#channels.get(channelName);
      if (channel === undefined) continue;
      if (!this.#batchFits('source', raw, built, channel)) return undefined;
      channels.push(channelName);
    }
    if (channels.length === 0)
      return this.#remove('source', raw, `Source ${name} is not connected to a channel`);
    const selector = this.#selector(raw, channels);
    if (selector === undefined) return undefined;
    const interceptors = this.#interceptors(raw);
    if (interceptors === undefined) return undefined;
    return {
      ...built,
      channels,
      selector,
      interceptors,
      polling: {
        backoffSleepIncrementMs: polling.values.backoffSleepIncrement,
        maxBackoffSleepMs: polling.values.maxBackoffSleep,
      },
    };
  }

  #sink(raw: RawComponent): SinkModel | undefined {
    const built = this.#component('sink', 'sink', raw, ['type', 'channel', 'config']);
    if (built === undefined) return undefined;
    const channel = this.#channels.get(raw.properties.get('channel')?.value ?? '');
    if (channel === undefined)
      return this.#remove('sink', raw, `Sink ${raw.name} is not connected to a channel`);
    if (!this.#batchFits('sink', raw, built, channel)) return undefined;
    return { ...built, channel: channel.name };
  }

  #selector(source: RawComponent, channels: readonly string[]): SelectorModel | undefined {
    const properties = below('selector', source.properties);
    const type = properties.get('type')?.value ?? 'replicating';
    const raw = { name: source.name, place: properties.get('type')?.keyPlace ?? source.place, properties };
    const found = this.#catalog.find('selector', type);
    if (!found.found) {
      const place = properties.get('type')?.valuePlace ?? source.place;
      return this.#remove(
        'source',
        source,
        `its selector: ${found.reason}`,
        place,
        found.code,
        found.suggestion,
      );
    }
    const selector = this.#configured(found.definition, raw, `selector of source ${source.name}`, [
      'type',
      'config',
    ]);
    if (!this.#accept('source', source, selector)) return undefined;
    const unknown = selectorFaults(found.definition, selector.values, channels);
    if (unknown !== undefined) {
      const place = placeOfText(properties, unknown) ?? raw.place;
      return this.#remove(
        'source',
        source,
        unknown,
        place,
        'unknown-channel',
        `the source's channels are: ${channels.join(' ')}`,
      );
    }
    return { name: source.name, type, definition: found.definition, options: selector.values, properties };
  }

  #interceptors(source: RawComponent): ComponentModel<DefinitionOf['interceptor']>[] | undefined {
    const list = source.properties.get('interceptors');
    const all = below('interceptors', source.properties);
    const names = namesOf(list);
    this.#noteUnlistedInterceptors(source, all, names);
    const result: ComponentModel<DefinitionOf['interceptor']>[] = [];
    for (const name of names) {
      const properties = below(name, all);
      const [first] = properties.values();
      const place = first?.keyPlace ?? list?.valuePlace ?? source.place;
      const raw: RawComponent = { name: `${source.name}.${name}`, place, properties };
      const interceptor = this.#interceptor(source, name, raw);
      if (interceptor === undefined) return undefined;
      result.push({ ...interceptor, name });
    }
    return result;
  }

  #interceptor(
    source: RawComponent,
    name: string,
    raw: RawComponent,
  ): ComponentModel<DefinitionOf['interceptor']> | undefined {
    const type = raw.properties.get('type');
    const drop = (place: Place, code: string, reason: string, suggestion?: string): undefined => {
      this.#findings.dropQuietly('interceptor', raw.name, reason);
      return this.#remove('source', source, `interceptor ${name}: ${reason}`, place, code, suggestion);
    };
    if (type === undefined) {
      this.#findings.log('error', 'ChannelProcessor', `Type not specified for interceptor ${name}`);
      return drop(raw.place, 'no-type', 'it has no type', `add interceptors.${name}.type = …`);
    }
    const found = this.#catalog.find('interceptor', type.value);
    if (!found.found) {
      this.#findings.log('error', 'ChannelProcessor', 'Builder class not found. Exception follows.');
      return drop(type.valuePlace, found.code, found.reason, found.suggestion);
    }
    const built = this.#configured(found.definition, raw, `interceptor ${raw.name}`, ['type']);
    if (built.dropReason !== undefined) {
      this.#findings.dropQuietly('interceptor', raw.name, built.dropReason);
      this.#findings.diagnostics.push(...built.diagnostics);
      return this.#remove(
        'source',
        source,
        `interceptor ${name}: ${built.dropReason}`,
        type.keyPlace,
        'bad-interceptor',
      );
    }
    this.#findings.diagnostics.push(...built.diagnostics);
    return {
      name,
      type: type.value,
      definition: found.definition,
      options: built.values,
      properties: raw.properties,
    };
  }

  #noteUnlistedInterceptors(source: RawComponent, all: ComponentProperties, names: readonly string[]): void {
    const told = new Set(names);
    for (const [key, property] of all) {
      const name = key.split('.', 1)[0]!;
      if (told.has(name)) continue;
      told.add(name);
      const suggestion =
        names.length === 0 ? `add interceptors = ${name}` : `interceptors lists: ${names.join(' ')}`;
      const text = `interceptor ${name} is not in the interceptors of source ${source.name}: it is ignored`;
      this.#findings.warning(property.keyPlace, 'not-listed', text, suggestion);
    }
  }

  /** A component of any of the three main kinds: its definition found, its options parsed; undefined: removed. */
  #component<K extends DefinitionKind & ComponentKind>(
    kind: K,
    label: string,
    raw: RawComponent,
    common: readonly string[],
  ): ComponentModel<DefinitionOf[K]> | undefined {
    const type = raw.properties.get('type');
    if (type === undefined) return undefined; // the first stage has dropped it
    const found = this.#catalog.find(kind, type.value);
    if (!found.found) {
      this.hasUnknownType ||= found.code === 'unknown-type';
      this.#findings.log('error', logger, `Unable to load ${kind} type: ${type.value}, class: ${type.value}`);
      this.#findings.drop(kind, raw.name, type.valuePlace, found.code, found.reason, found.suggestion);
      return undefined;
    }
    const definition: ComponentDefinition = found.definition;
    const configured = this.#configured(definition, raw, `${label} ${raw.name}`, common);
    this.#logDefaults(definition, configured);
    if (!this.#accept(kind, raw, configured)) return undefined;
    if (kind === 'channel') this.#findings.log('info', logger, `Created channel ${raw.name}`);
    return {
      name: raw.name,
      type: type.value,
      definition: found.definition,
      options: configured.values,
      properties: raw.properties,
    };
  }

  #configured(
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
        common.includes(key) ||
        (withParts && (key.startsWith('selector.') || key.startsWith('interceptors.'))),
      commonNames: common,
    });
    if (parsed.dropReason !== undefined) return parsed;
    const reason = validationFault(definition, parsed.values);
    if (reason === undefined) return parsed;
    const { file, line, column } = raw.properties.get('type')?.keyPlace ?? raw.place;
    const message = `${component} is dropped: ${reason}`;
    return {
      ...parsed,
      dropReason: reason,
      diagnostics: [
        ...parsed.diagnostics,
        { file, line, column, severity: 'error', code: 'invalid', message },
      ],
    };
  }

  /** Takes over what was told; false: the component goes. */
  #accept(kind: ComponentKind, raw: RawComponent, parsed: ParsedOptions<OptionSpec>): boolean {
    this.#findings.diagnostics.push(...parsed.diagnostics);
    if (parsed.dropReason === undefined) return true;
    this.#logRemoved(kind, raw.name, parsed.numberFault ?? parsed.dropReason);
    this.#findings.dropQuietly(kind, raw.name, parsed.dropReason);
    return false;
  }

  #remove(
    kind: 'source' | 'sink',
    raw: RawComponent,
    reason: string,
    place: Place = raw.place,
    code = 'not-connected',
    suggestion?: string,
  ): undefined {
    this.#logRemoved(kind, raw.name, reason);
    this.#findings.drop(kind, raw.name, place, code, reason, suggestion);
    return undefined;
  }

  #logRemoved(kind: ComponentKind, name: string, reason: string): void {
    const text = `${capitals[kind] ?? kind} ${name} has been removed due to an error during configuration`;
    this.#findings.log('error', logger, text);
    this.#findings.log('error', logger, reason);
  }

  /** Where Flume's memory channel takes a default instead of a bad number, it says so. */
  #logDefaults(definition: ComponentDefinition, parsed: ParsedOptions<OptionSpec>): void {
    if (!definition.classNames.includes('org.apache.flume.channel.MemoryChannel')) return;
    if (
      parsed.diagnostics.some(
        ({ code, message }) => code === 'bad-number' && message.includes(': capacity: '),
      )
    ) {
      const text = 'Invalid capacity specified, initializing channel to default capacity of 100';
      this.#findings.log('warn', 'MemoryChannel', text);
    }
  }

  #batchFits(
    kind: 'source' | 'sink',
    raw: RawComponent,
    built: ComponentModel<ComponentDefinition>,
    channel: ChannelModel,
  ): boolean {
    const option = built.definition.batchSizeOption;
    const batch = option === undefined ? undefined : built.options[option];
    if (option === undefined || typeof batch !== 'number' || batch <= channel.transactionCapacity)
      return true;
    const reason =
      `Incompatible ${kind} and channel settings defined. ${kind}'s batch size is greater than the channels ` +
      `transaction capacity. ${capitals[kind]}: ${raw.name}, batch size = ${batch}, channel ${channel.name}, ` +
      `transaction capacity = ${channel.transactionCapacity}`;
    const names = [option, ...(built.definition.options[option]?.oldNames ?? [])];
    const set = names.map((name) => raw.properties.get(name)).find((property) => property !== undefined);
    const place = set?.valuePlace ?? raw.properties.get('type')?.valuePlace;
    const suggestion = `set ${option} to ${channel.transactionCapacity} or less, or transactionCapacity of channel ${channel.name} to ${batch} or more`;
    this.#remove(kind, raw, reason, place, 'batch-too-big', suggestion);
    return false;
  }
}

/** A spec's own check of several options; one that throws counts as a fault, not as the end of the check. */
export function validationFault(
  definition: ComponentDefinition,
  values: OptionValues<OptionSpec>,
): string | undefined {
  try {
    return definition.validate?.(values)[0];
  } catch (error) {
    return errorText(error);
  }
}

function selectorFaults(
  definition: SelectorDefinition,
  values: OptionValues<OptionSpec>,
  channels: readonly string[],
): string | undefined {
  return definition.validateChannels?.(values, channels)[0];
}

function transactionCapacityOf(channel: ComponentModel<DefinitionOf['channel']>): number {
  const option = channel.definition.options.transactionCapacity;
  const value = channel.options.transactionCapacity;
  return option?.ignored === undefined && typeof value === 'number' ? value : Number.POSITIVE_INFINITY;
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

/** Where the value stands that a selector complains of: the last word of its complaint is in it. */
function placeOfText(properties: ComponentProperties, complaint: string): Place | undefined {
  const channel = complaint.slice(complaint.lastIndexOf(' ') + 1);
  for (const [key, property] of properties) {
    if (key !== 'type' && property.value.split(/\s+/).includes(channel)) return property.valuePlace;
  }
  return undefined;
}
