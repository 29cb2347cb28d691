/**
 * The second stage (AbstractConfigurationProvider): every component's options are parsed after its spec; one that can't
 * be configured is removed, then what was connected to it alone. Nothing is created yet.
 */

import type { Catalog } from '../../component/catalog.ts';
import type { ComponentDefinition, DefinitionKind, DefinitionOf } from '../../component/kinds.ts';
import { opt, plainSpec } from '../../config/options.ts';
import { parseOptions } from '../../config/parse-options.ts';
import type { Property } from '../../config/properties-model.ts';
import type { ChannelModel, ComponentKind, ComponentModel, SinkModel, SourceModel } from '../model.ts';
import {
  accept,
  buildLogger,
  capitals,
  configure,
  logDefaults,
  type ProcessSettings,
  remove,
  withoutSecrets,
} from './build-component.ts';
import { buildInterceptors, buildSelector, type Workshop } from './build-source-parts.ts';
import type { Cause, Findings } from './findings.ts';
import { namesOf, type RawAgent, type RawComponent } from './raw-agents.ts';

/** Read for every polled source, whatever its spec says (org.apache.flume.source.AbstractPollableSource). */
export const pollingOptions = {
  backoffSleepIncrement: opt.duration('ms', {
    doc: 'Added to the pause with each idle turn.',
    java: 'long',
    default: 1000,
    min: 0,
  }),
  maxBackoffSleep: opt.duration('ms', { doc: 'The longest pause.', java: 'long', default: 5000, min: 0 }),
};
const pollingNames = Object.keys(pollingOptions);

export class AgentBuilder {
  readonly #workshop: Workshop;
  readonly #settings: ProcessSettings;
  readonly #channels = new Map<string, ChannelModel>();
  /** Those that came here, also what could not be built. */
  readonly #built = new Set<string>();
  /** Channel → what is connected to it. */
  readonly #connected = new Map<string, string[]>();
  /** Whether a type is unknown: that ends Flume's process. */
  hasUnknownType = false;

  constructor(catalog: Catalog, findings: Findings, settings: ProcessSettings) {
    this.#workshop = { catalog, findings };
    this.#settings = settings;
  }

  channels(raws: readonly RawComponent[]): void {
    for (const raw of raws) {
      this.#built.add(raw.name);
      const built = this.#component('channel', raw, ['type', 'config']);
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
  connectedChannels(raw: RawAgent): ChannelModel[] {
    return [...this.#channels.values()].filter((channel) => {
      const components = this.#connected.get(channel.name) ?? [];
      if (components.length > 0) {
        this.#workshop.findings.log(
          'info',
          buildLogger,
          `Channel ${channel.name} connected to [${components.join(', ')}]`,
        );
        return true;
      }
      const text = `Channel ${channel.name} has no components connected and has been removed.`;
      this.#workshop.findings.log('warn', buildLogger, text);
      this.#workshop.findings.drop(
        'channel',
        channel.name,
        raw.components.channels.get(channel.name)?.place ?? raw.place,
        'unused-channel',
        'no source and no sink is connected to it',
        undefined,
        meantToConnect(raw, channel.name),
      );
      return false;
    });
  }

  #source(raw: RawComponent): SourceModel | undefined {
    const { name, properties } = raw;
    const built = this.#component('source', raw, [
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
    if (!accept(this.#workshop.findings, 'source', raw, polling)) return undefined;
    const channels: string[] = [];
    const left: string[] = [];
    for (const channelName of namesOf(properties.get('channels'))) {
      const channel = this.#channels.get(channelName);
      if (channel === undefined) {
        left.push(channelName);
        continue;
      }
      if (!this.#batchFits('source', raw, built, channel)) return undefined;
      channels.push(channelName);
    }
    if (channels.length === 0) return this.#notConnected('source', raw, properties.get('channels'));
    this.#noteLeftOut(raw, left);
    const selector = buildSelector(this.#workshop, raw, channels);
    if (selector === undefined) return undefined;
    const interceptors = buildInterceptors(this.#workshop, raw);
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
    const built = this.#component('sink', raw, ['type', 'channel', 'config']);
    if (built === undefined) return undefined;
    const channel = this.#channels.get(raw.properties.get('channel')?.value ?? '');
    if (channel === undefined) return this.#notConnected('sink', raw, raw.properties.get('channel'));
    if (!this.#batchFits('sink', raw, built, channel)) return undefined;
    return { ...built, channel: channel.name };
  }

  /** A component of any of the three main kinds: its definition found, its options parsed; undefined: removed. */
  #component<K extends DefinitionKind & ComponentKind>(
    kind: K,
    raw: RawComponent,
    common: readonly string[],
  ): ComponentModel<DefinitionOf[K]> | undefined {
    const type = raw.properties.get('type');
    if (type === undefined) return undefined; // the first stage has dropped it
    const found = this.#workshop.catalog.find(kind, type.value);
    if (!found.found) {
      this.hasUnknownType ||= found.code === 'unknown-type';
      this.#workshop.findings.log(
        'error',
        buildLogger,
        `Unable to load ${kind} type: ${type.value}, class: ${type.value}`,
      );
      this.#workshop.findings.drop(
        kind,
        raw.name,
        type.valuePlace,
        found.code,
        found.reason,
        found.suggestion,
      );
      return undefined;
    }
    const definition: ComponentDefinition = found.definition;
    const { catalog } = this.#workshop;
    const configured = configure(definition, raw, `${kind} ${raw.name}`, common, catalog, this.#settings);
    logDefaults(this.#workshop.findings, definition, configured);
    if (!accept(this.#workshop.findings, kind, raw, configured)) return undefined;
    if (kind === 'channel') this.#workshop.findings.log('info', buildLogger, `Created channel ${raw.name}`);
    return {
      name: raw.name,
      type: type.value,
      definition: found.definition,
      options: configured.values,
      properties: withoutSecrets(definition.options, raw.properties),
    };
  }

  /** Channels of a source that could not be built; what is not there at all was told in the first stage. */
  #noteLeftOut({ name, place, properties }: RawComponent, channels: readonly string[]): void {
    const { findings } = this.#workshop;
    for (const channel of channels) {
      if (!this.#built.has(channel)) continue;
      const text = `source ${name}: channel ${channel} is dropped; events go to the others alone`;
      const at = properties.get('channels')?.valuePlace ?? place;
      findings.tell(at, 'channel-left-out', text, undefined, [{ kind: 'channel', name: channel }]);
    }
  }

  #notConnected(kind: 'source' | 'sink', raw: RawComponent, list: Property | undefined): undefined {
    const names = namesOf(list).filter((name) => this.#workshop.findings.isDropped('channel', name));
    const reason =
      names.length === 1
        ? `its channel ${names[0]} is dropped`
        : `its channels are dropped: ${names.join(' ')}`;
    const flume = `${capitals[kind]} ${raw.name} is not connected to a channel`;
    const place = list?.valuePlace ?? raw.place;
    const causes = names.map((channel) => ({ kind: 'channel' as const, name: channel }));
    return remove(this.#workshop.findings, kind, raw, {
      reason,
      place,
      code: 'not-connected',
      flume,
      causes,
    });
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
    const reason = `its ${option} of ${batch} is above the transactionCapacity of channel ${channel.name}, ${channel.transactionCapacity}`;
    const flume =
      `Incompatible ${kind} and channel settings defined. ${kind}'s batch size is greater than the channels ` +
      `transaction capacity. ${capitals[kind]}: ${raw.name}, batch size = ${batch}, channel ${channel.name}, ` +
      `transaction capacity = ${channel.transactionCapacity}`;
    const names = [option, ...(plainSpec(built.definition.options)[option]?.oldNames ?? [])];
    const set = names.map((name) => raw.properties.get(name)).find((property) => property !== undefined);
    const place = set?.valuePlace ?? raw.properties.get('type')?.valuePlace ?? raw.place;
    const suggestion = `set ${option} to ${channel.transactionCapacity} or less, or transactionCapacity of channel ${channel.name} to ${batch} or more`;
    remove(this.#workshop.findings, kind, raw, { reason, place, code: 'batch-too-big', suggestion, flume });
    return false;
  }
}

/** Sources and sinks that name the channel. */
function meantToConnect({ components }: RawAgent, channel: string): Cause[] {
  const naming = (group: 'sources' | 'sinks', key: string): string[] =>
    [...components[group].values()]
      .filter(({ properties }) => namesOf(properties.get(key)).includes(channel))
      .map(({ name }) => name);
  return [
    ...naming('sources', 'channels').map((name): Cause => ({ kind: 'source', name })),
    ...naming('sinks', 'channel').map((name): Cause => ({ kind: 'sink', name })),
  ];
}

function transactionCapacityOf(channel: ComponentModel<DefinitionOf['channel']>): number {
  const option = plainSpec(channel.definition.options).transactionCapacity;
  const value = channel.options.transactionCapacity;
  return option?.ignored === undefined && typeof value === 'number' ? value : Number.POSITIVE_INFINITY;
}
