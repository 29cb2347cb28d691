import type { AgentModel, ChannelModel, SinkModel, SourceModel } from '../model.ts';
import type { AgentExplanation, ChannelStep, Flow, SinkStep, Statement, Step } from './explanation.ts';
import { guaranteeOf } from './guarantee.ts';
import { limitsOf } from './limits.ts';
import { lossBefore, lossBetween } from './loss.ts';

/** What a component does: what it says with its options, else what it says of itself in general. */
function doesOf(
  promises: { readonly does: string } | undefined,
  { summary }: { readonly summary: string },
): string {
  return promises?.does ?? `${summary.charAt(0).toLowerCase()}${summary.slice(1).replace(/\.$/, '')}`;
}

/** What one agent does. Pure; an agent that can't run has no flows. */
export function explainAgent(agent: AgentModel): AgentExplanation {
  const { name, channels, sources, sinks, groups } = agent;
  const filled = new Set(sources.flatMap((source) => source.channels));
  const flows = [
    ...sources.map((source) => flowOf(source, agent)),
    ...channels
      .filter((channel) => !filled.has(channel.name))
      .map((channel): Flow => ({ interceptors: [], channels: [channelStep(channel, undefined, agent)] })),
  ];
  const groupSteps = groups.map((group): Step => {
    const { type, definition, options } = group.processor;
    const does = doesOf(definition.promises?.(options, group.sinks), definition);
    return { kind: 'sinkgroup', name: group.name, type, does };
  });
  return {
    name,
    runs: agent.valid && sources.length + sinks.length > 0,
    flows,
    groups: groupSteps,
    losses: unique([
      ...sources.flatMap((source) => lossesOfSource(source, channels)),
      ...saying(agent, ({ losses = [] }) =>
        losses.map(({ when, what, instead }) => ({
          text: when === undefined ? what : `when ${when}, ${what}`,
          ...(instead === undefined ? {} : { instead }),
        })),
      ),
    ]),
    doubles: unique([
      ...sources.flatMap((source) => doublesOfSource(source, channels)),
      ...saying(agent, ({ doubles = [], exactlyOnce }) =>
        exactlyOnce === true ? [] : doubles.map((text) => ({ text })),
      ),
    ]),
    order: unique([
      ...saying(agent, ({ order }) => (order === undefined ? [] : [{ text: order }])),
      ...channels.flatMap((channel) => orderBehind(channel, agent)),
    ]),
    limits: limitsOf(agent),
  };
}

function flowOf(source: SourceModel, agent: AgentModel): Flow {
  const { name, type, definition, options, interceptors, selector } = source;
  return {
    source: { kind: 'source', name, type, does: doesOf(definition.promises?.(options), definition) },
    interceptors: interceptors.map((each) => ({
      kind: 'interceptor',
      name: each.name,
      type: each.type,
      does: doesOf(each.definition.promises?.(each.options), each.definition),
    })),
    selector: {
      kind: 'selector',
      name,
      type: selector.type,
      does: doesOf(selector.definition.promises?.(selector.options, source.channels), selector.definition),
    },
    channels: source.channels.flatMap((channelName) => {
      const channel = agent.channels.find((each) => each.name === channelName);
      return channel === undefined ? [] : [channelStep(channel, source, agent)];
    }),
  };
}

function channelStep(
  channel: ChannelModel,
  source: SourceModel | undefined,
  { sinks }: AgentModel,
): ChannelStep {
  const { name, type, definition, options } = channel;
  return {
    kind: 'channel',
    name,
    type,
    does: doesOf(definition.promises?.(options), definition),
    sinks: sinks
      .filter((sink) => sink.channel === name)
      .map((sink): SinkStep => {
        const promises = sink.definition.promises?.(sink.options);
        return {
          kind: 'sink',
          name: sink.name,
          type: sink.type,
          does: doesOf(promises, sink.definition),
          ...(promises === undefined ? {} : { delivered: promises.delivered }),
          guarantee: guaranteeOf(source, channel, sink),
        };
      }),
  };
}

function lossesOfSource(source: SourceModel, channels: readonly ChannelModel[]): Statement[] {
  const own = channels.filter(({ name }) => source.channels.includes(name));
  return [lossBefore(source), ...own.map((channel) => lossBetween(source, channel))].filter(
    (loss) => loss !== null,
  );
}

/** What comes again of what a source hands on, as its channels are. */
function doublesOfSource(
  { name, channels: names, definition, options }: SourceModel,
  channels: readonly ChannelModel[],
) {
  const promises = definition.promises?.(options);
  if (promises?.origin !== 'rereads') return [];
  return channels
    .filter((channel) => names.includes(channel.name))
    .flatMap((channel): Statement[] => {
      const held = channel.definition.promises?.(channel.options);
      if (held === undefined || held.keepsProgress === true) return [];
      if (held.survives === 'stop' && promises.until === 'taken') return [];
      const where = `source ${name} and channel ${channel.name}`;
      const what =
        promises.until === 'delivered'
          ? 'what was on its way to the sinks'
          : 'what was just put into the channel';
      return [{ where, text: `when the process is killed, ${what} is read again` }];
    });
}

/** Several sinks of one channel share its events. */
function orderBehind({ name }: ChannelModel, { sinks, groups }: AgentModel): Statement[] {
  const own = sinks.filter((sink) => sink.channel === name).map((sink) => sink.name);
  const runners = new Set(
    own.map((sink) => groups.find((group) => group.sinks.includes(sink))?.name ?? `sink ${sink}`),
  );
  if (runners.size < 2) return [];
  const text = `sinks ${own.join(', ')} share its events: each gets some of them, and they overtake one another`;
  return [{ where: `channel ${name}`, text }];
}

interface Said {
  readonly losses?: readonly { readonly when?: string; readonly what: string; readonly instead?: string }[];
  readonly doubles?: readonly string[];
  readonly order?: string;
  readonly exactlyOnce?: boolean;
}

/** What components say of themselves alone. */
function saying(
  { channels, sources, sinks, groups }: AgentModel,
  pick: (said: Said) => readonly Omit<Statement, 'where'>[],
): Statement[] {
  const all: [string, Said | undefined][] = [
    ...sources.flatMap((source): [string, Said | undefined][] => [
      [`source ${source.name}`, source.definition.promises?.(source.options)],
      ...source.interceptors.map(({ name, definition, options }): [string, Said | undefined] => [
        `interceptor ${source.name}.${name}`,
        definition.promises?.(options),
      ]),
      [
        `selector of source ${source.name}`,
        source.selector.definition.promises?.(source.selector.options, source.channels),
      ],
    ]),
    ...channels.map(({ name, definition, options }): [string, Said | undefined] => [
      `channel ${name}`,
      definition.promises?.(options),
    ]),
    ...groups.map(({ name, processor, sinks: members }): [string, Said | undefined] => [
      `sinkgroup ${name}`,
      processor.definition.promises?.(processor.options, members),
    ]),
    ...sinks.map(({ name, definition, options }: SinkModel): [string, Said | undefined] => [
      `sink ${name}`,
      definition.promises?.(options),
    ]),
  ];
  return all.flatMap(([where, said]) =>
    said === undefined ? [] : pick(said).map((one) => ({ where, ...one })),
  );
}

function unique(statements: readonly Statement[]): Statement[] {
  const seen = new Set<string>();
  return statements.filter(({ where, text }) => {
    const key = `${where} ${text}`;
    const isNew = !seen.has(key);
    seen.add(key);
    return isNew;
  });
}
