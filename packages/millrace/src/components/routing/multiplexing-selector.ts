import type { Channel } from '../../component/channel.ts';
import { defineSelector } from '../../component/define.ts';
import type { ChannelSelector, Route } from '../../component/selector.ts';
import { type OptionFinding, type OptionValues, opt } from '../../config/options.ts';
import { keepRuns } from '../../records/edit.ts';
import type { EventBatch } from '../../records/event-batch.ts';
import { HeaderColumn } from '../../records/header-column.ts';
import { MillraceError } from '../../runtime/errors.ts';

const options = {
  header: opt.string({ doc: 'The header to look at.', default: 'flume.selector.header' }),
  mapping: opt.map({ doc: 'Value of the header → channels, separated by a blank; exact match.' }),
  default: opt.string({
    doc: 'Channels of events whose header is missing, blank or not mapped; without it such events go nowhere.',
  }),
  optional: opt.map({ doc: 'Value of the header → channels that may fail without the source noticing.' }),
};
type Values = OptionValues<typeof options>;

export const multiplexingSelector = defineSelector({
  type: 'multiplexing',
  classNames: ['org.apache.flume.channel.MultiplexingChannelSelector'],
  summary: 'A header of the event decides to which channels it goes.',
  example: `
a1.channels = c1 c2
a1.sinks = k1 k2
a1.sources.r1.type = TAILDIR
a1.sources.r1.channels = c1 c2
a1.sources.r1.filegroups = app web
a1.sources.r1.filegroups.app = /var/log/app/.*\\\\.log
a1.sources.r1.filegroups.web = /var/log/web/.*\\\\.log
a1.sources.r1.headers.app.kind = app
a1.sources.r1.headers.web.kind = access
a1.sources.r1.selector.type = multiplexing
a1.sources.r1.selector.header = kind
a1.sources.r1.selector.mapping.app = c1
a1.sources.r1.selector.mapping.access = c2
a1.sources.r1.selector.default = c2
a1.channels.c1.type = memory
a1.channels.c2.type = memory
a1.sinks.k2.type = null
a1.sinks.k2.channel = c2
`,
  options,
  validateChannels: (values, channels) => {
    const lists = [
      ...[...values.mapping].map(([value, names]) => [`mapping.${value}`, names] as const),
      ...(values.default === undefined ? [] : [['default', values.default] as const]),
      ...[...values.optional].map(([value, names]) => [`optional.${value}`, names] as const),
    ];
    return [...lists.flatMap(([key, names]) => listFindings(key, names, channels)), ...routeFindings(values)];
  },
  // Without a mapping the header is of no matter, and that is told already.
  needs: ({ header, mapping, optional, default: others }) =>
    mapping.size + optional.size === 0
      ? []
      : [
          {
            header,
            key: 'header',
            without: others === undefined ? 'goes nowhere' : `goes to ${others}, whatever the mappings say`,
          },
        ],
  promises: ({ header, mapping, default: others }) => ({
    does: `sends events by their header ${header}: ${[...[...mapping].map(([value, names]) => `${value} to ${names}`), `others ${others === undefined ? 'nowhere' : `to ${others}`}`].join(', ')}`,
    losses:
      others === undefined
        ? [
            {
              when: `the header ${header} is missing or has no mapping`,
              what: 'the event goes nowhere, as in Flume',
              instead: 'set selector.default',
            },
          ]
        : [],
  }),
  create: ({ channels, options }): ChannelSelector => {
    const named = (names: string): Channel[] => findChannels(names, channels);
    const required = new Map([...options.mapping].map(([value, names]) => [value, named(names)]));
    const optional = new Map([...options.optional].map(([value, names]) => [value, named(names)]));
    return new MultiplexingSelector(
      options.header,
      required,
      optional,
      options.default === undefined ? [] : named(options.default),
    );
  },
});

function listFindings(key: string, names: string, channels: readonly string[]): OptionFinding[] {
  const suggestion = `the source's channels are: ${channels.join(' ')}`;
  const unknown: OptionFinding[] = names
    .split(' ')
    .filter((name) => name !== '' && !channels.includes(name))
    .map((name) => ({
      key,
      message: `Selector channel not found: ${name}`,
      suggestion,
      code: 'unknown-channel' as const,
    }));
  if (!/\S {2,}\S/.test(names)) return unknown;
  const message = `${key}: two blanks stand between the channels; Flume drops the source for it, here they count as one`;
  return [...unknown, { key, message, suggestion: 'write one blank', code: 'suspicious-value' }];
}

function routeFindings({ mapping, default: otherwise, header }: Values): OptionFinding[] {
  if (otherwise !== undefined) return [];
  const message =
    mapping.size === 0
      ? 'it has neither a mapping nor a default: every event is dropped'
      : `it has no default: events whose header ${header} is not mapped are dropped`;
  return [{ key: 'type', message, code: 'no-route' }];
}

/** Where the events of one header value go. */
interface Target {
  readonly required: readonly Channel[];
  readonly optional: readonly Channel[];
}

class MultiplexingSelector implements ChannelSelector {
  readonly #header: string;
  readonly #mapping: ReadonlyMap<string, readonly Channel[]>;
  readonly #optional: ReadonlyMap<string, readonly Channel[]>;
  readonly #default: readonly Channel[];
  /** One entry for each configured value; every other value has the default's. */
  readonly #targets = new Map<string, Target>();
  readonly #defaultTarget: Target;

  constructor(
    header: string,
    mapping: ReadonlyMap<string, readonly Channel[]>,
    optional: ReadonlyMap<string, readonly Channel[]>,
    defaultChannels: readonly Channel[],
  ) {
    this.#header = header;
    this.#mapping = mapping;
    this.#optional = optional;
    this.#default = defaultChannels;
    this.#defaultTarget = { required: defaultChannels, optional: [] };
    for (const value of new Set([...mapping.keys(), ...optional.keys()])) {
      this.#targets.set(value, this.#targetOf(value));
    }
  }

  select(batch: EventBatch): readonly Route[] {
    if (!headerDiffers(batch, this.#header)) {
      const target = this.#lookUp(batch.sharedHeaders.get(this.#header));
      return target.required.length + target.optional.length === 0 ? [] : [{ batch, ...target }];
    }
    return this.#selectEach(batch);
  }

  #targetOf(value: string): Target {
    const required = this.#mapping.get(value) ?? this.#default;
    const optional = (this.#optional.get(value) ?? []).filter((channel) => !required.includes(channel));
    return { required, optional };
  }

  #lookUp(value: string | undefined): Target {
    if (value === undefined || value.trim() === '') return this.#defaultTarget;
    return this.#targets.get(value) ?? this.#defaultTarget;
  }

  /** Runs of events with the same target are collected for each channel, so that it gets one batch in one transaction. */
  #selectEach(batch: EventBatch): readonly Route[] {
    const required: RunsOfChannels = new Map();
    const optional: RunsOfChannels = new Map();
    const column = new HeaderColumn(batch, this.#header);
    let from = 0;
    let target = this.#lookUp(column.at(0));
    for (let i = 1; i <= batch.count; i++) {
      const next = i === batch.count ? null : this.#lookUp(column.at(i));
      if (next === target) continue;
      for (const channel of target.required) addRun(required, channel, from, i);
      for (const channel of target.optional) addRun(optional, channel, from, i);
      if (next === null) break;
      from = i;
      target = next;
    }
    return routesOf(batch, required, optional);
  }
}

/** Whether single events may have another value of the header than the batch's shared one. */
function headerDiffers(batch: EventBatch, header: string): boolean {
  if (batch.hasRecordHeaders) return true;
  const { origin } = batch;
  if (origin === undefined) return false;
  return [origin.offsetHeader, origin.timestampHeader, origin.keyHeader].includes(header);
}

/** Where the runs of events of each channel begin and end, one after the other. */
type RunsOfChannels = Map<Channel, number[]>;

function addRun(runs: RunsOfChannels, channel: Channel, from: number, to: number): void {
  const list = runs.get(channel);
  if (list === undefined) runs.set(channel, [from, to]);
  else if (list.at(-1) === from) list[list.length - 1] = to;
  else list.push(from, to);
}

/** One route for each channel, or two where it is required for some events and optional for others. */
function routesOf(
  batch: EventBatch,
  required: Readonly<RunsOfChannels>,
  optional: Readonly<RunsOfChannels>,
): Route[] {
  const routes: Route[] = [];
  for (const [channel, runs] of required) {
    routes.push({ batch: keepRuns(batch, runs), required: [channel], optional: [] });
  }
  for (const [channel, runs] of optional) {
    routes.push({ batch: keepRuns(batch, runs), required: [], optional: [channel] });
  }
  return routes;
}

function findChannels(names: string, channels: readonly Channel[]): Channel[] {
  const found: Channel[] = [];
  for (const name of names.split(' ')) {
    if (name === '') continue;
    const channel = channels.find((candidate) => candidate.name === name);
    if (channel === undefined) {
      throw new MillraceError('CONFIG_INVALID', `Selector channel not found: ${name}`, {
        details: { channel: name },
      });
    }
    if (!found.includes(channel)) found.push(channel);
  }
  return found;
}
