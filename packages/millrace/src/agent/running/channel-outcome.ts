import type { Channel } from '../../component/channel.ts';

/** What became of the events of one channel, when it was stopped. */
export interface ChannelOutcome {
  readonly channel: string;
  /** Out of the channel since it started and acknowledged: events of takes that committed, without the refused. */
  readonly delivered: number;
  /** Set aside because the destination, or the channel's own one, will never take them or what was there is no event. */
  readonly refused: number;
  /** In the channel, and kept beyond this stop; null where the channel does not know. */
  readonly held: number | null;
  /** In the channel, and gone with it. */
  readonly lost: number;
}

/** Events that are gone when the channel, which is not durable, is. */
export function volatileOf({ volatileCount, eventCount = 0 }: Channel): number {
  return volatileCount ?? eventCount;
}

/** `refused`: of what its sinks took; `setAside`: by itself, which no sink ever saw. */
export function outcomeOf(
  channel: Channel,
  isVolatile: boolean,
  refused: number,
  setAside: number,
): ChannelOutcome {
  const { name, counter, eventCount } = channel;
  const lost = isVolatile ? volatileOf(channel) : 0;
  return {
    channel: name,
    // A channel that was started again in between counts from there.
    delivered: Math.max(0, counter.eventTakeSuccess - refused),
    refused: refused + setAside,
    held: isVolatile ? (eventCount ?? 0) - lost : (eventCount ?? null),
    lost,
  };
}
