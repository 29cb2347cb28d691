import type { ChannelPromises, SinkPromises, SourcePromises } from '../../component/promises.ts';
import type { ChannelModel, SinkModel, SourceModel } from '../model.ts';
import type { Guarantee } from './explanation.ts';

/** What survives, from least to most. */
const strengths = ['nothing', 'stop', 'kill', 'power cut'] as const;
type Strength = (typeof strengths)[number];

/** Of an event that came in at the source, or that is in a channel which no source fills. */
export function guaranteeOf(
  source: SourceModel | undefined,
  channel: ChannelModel,
  sink: SinkModel,
): Guarantee {
  const came = source?.definition.promises?.(source.options);
  const held = channel.definition.promises?.(channel.options);
  const went = sink.definition.promises?.(sink.options);
  if (held === undefined || went === undefined || (source !== undefined && came === undefined))
    return 'not known';
  const weakest = weaker(strengthBefore(came, held), strengthBehind(went));
  if (weakest === 'power cut') return isOnce(source, channel, went) ? 'exactly once' : 'at least once';
  return weakest === 'kill' ? 'at least once, but for a power cut' : 'may be lost';
}

/** What an event survives until it is delivered: by its origin, or by the channel. */
function strengthBefore(came: SourcePromises | undefined, held: ChannelPromises): Strength {
  if (came?.origin === 'nobody') return 'nothing';
  return came?.origin === 'rereads' && came.until === 'delivered' ? 'power cut' : held.survives;
}

/** What it survives from then on; where that is up to the destination, it is not this agent that loses it. */
const strengthBehind = ({ survives }: SinkPromises): Strength =>
  survives === 'unknown' ? 'power cut' : survives;

const weaker = (a: Strength, b: Strength): Strength =>
  strengths[Math.min(strengths.indexOf(a), strengths.indexOf(b))]!;

/** The sink keeps the positions of the channel in the same step; what a source puts may be put twice. */
const isOnce = (source: SourceModel | undefined, channel: ChannelModel, went: SinkPromises): boolean =>
  source === undefined && went.exactlyOnce === true && channel.definition.tellsPositions !== undefined;
