import type { Channel } from '../../component/channel.ts';
import type { Deadline } from '../../runtime/deadline.ts';
import type { Logger } from '../../runtime/logger.ts';
import { pause } from '../../runtime/timers.ts';
import type { SinkUnitRun } from './sink-unit.ts';

/** How often the drain looks whether a channel is empty, and what sinks are like. */
export const drainLookMs = 20;

/**
 * Lets the sinks go on until the channels are empty, or nobody is left who could empty them. `restOf`: events of a
 * channel that still have to leave.
 */
export async function drainChannels(
  channels: readonly Channel[],
  restOf: (channel: Channel) => number,
  units: readonly SinkUnitRun[],
  log: Logger,
  deadline: Deadline,
): Promise<void> {
  const full = () =>
    channels.filter((channel) => restOf(channel) > 0 && units.some((unit) => unit.takesFrom(channel)));
  const first = full();
  if (first.length === 0) return;
  log.info(`Draining ${first.map((channel) => `${channel.name} (${restOf(channel)} events)`).join(', ')}`);
  for (let left = first; left.length > 0 && !deadline.passed; left = full()) {
    const channels = new Set(left);
    for (const unit of units) unit.drain(channels, deadline);
    await pause(drainLookMs);
  }
}
