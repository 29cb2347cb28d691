import type { ComponentDefinition } from '../../component/kinds.ts';
import type { AgentModel, ChannelModel, ComponentModel } from '../model.ts';
import type { Statement } from './explanation.ts';

/** A transaction costs about the same for one event and for some hundred. */
const smallBatch = 50;
const goodBatch = 1000;

/** Where batches and capacities slow the agent down. */
export function limitsOf({ channels, sources, sinks, groups }: AgentModel): Statement[] {
  const found: Statement[] = [];
  for (const source of sources) {
    const own = channels.filter(({ name }) => source.channels.includes(name));
    found.push(...smallBatchOf('source', source, 'puts', own));
  }
  for (const sink of sinks) {
    const own = channels.filter(({ name }) => name === sink.channel);
    found.push(...smallBatchOf('sink', sink, 'takes', own));
  }
  for (const channel of channels) {
    const around = [
      ...sources.filter((source) => source.channels.includes(channel.name)),
      ...sinks.filter((sink) => sink.channel === channel.name),
    ];
    found.push(...narrow(channel, Math.max(0, ...around.map((each) => batchOf(each)?.size ?? 0))));
  }
  for (const { name, sinks: members, only } of groups) {
    if (members.length < 2) continue;
    const text =
      only === undefined
        ? 'one of its sinks works at a time: the group is no faster than one sink'
        : `${only} works alone, the others stand by`;
    found.push({ where: `sinkgroup ${name}`, text });
  }
  return found;
}

interface Batch {
  readonly option: string;
  readonly size: number;
}

function batchOf({ definition, options }: ComponentModel<ComponentDefinition>): Batch | null {
  const option = definition.batchSizeOption;
  const size = option === undefined ? undefined : options[option];
  return option === undefined || typeof size !== 'number' ? null : { option, size };
}

function smallBatchOf(
  kind: 'source' | 'sink',
  component: ComponentModel<ComponentDefinition>,
  verb: 'puts' | 'takes',
  channels: readonly ChannelModel[],
): Statement[] {
  const batch = batchOf(component);
  if (batch === null || batch.size >= smallBatch) return [];
  const most = Math.min(...channels.map(({ transactionCapacity }) => transactionCapacity), goodBatch);
  const synced = channels.some(
    ({ definition, options }) => definition.promises?.(options).survives === 'power cut',
  );
  const events = batch.size === 1 ? 'one event' : `${batch.size} events`;
  const cost = synced && verb === 'puts' ? 'a transaction and a wait for the device' : 'a transaction';
  return [
    {
      where: `${kind} ${component.name}`,
      text: `it ${verb} at most ${events} at a time (${batch.option}): ${cost} for each`,
      ...(most > batch.size ? { instead: `set ${batch.option} = ${most}` } : {}),
    },
  ];
}

/** A channel that holds no more than a batch makes source and sink wait for one another. */
function narrow(channel: ChannelModel, batch: number): Statement[] {
  const { capacity } = channel.options;
  if (typeof capacity !== 'number' || batch === 0 || capacity >= 3 * batch) return [];
  const text = `it holds ${capacity} events and batches are up to ${batch}: sources and sinks wait for one another`;
  return [
    { where: `channel ${channel.name}`, text, instead: `set capacity = ${Math.max(10 * batch, 10_000)}` },
  ];
}
