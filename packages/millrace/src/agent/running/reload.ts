import type { Channel } from '../../component/channel.ts';
import type { AgentModel, ComponentReport } from '../model.ts';
import type { AgentGraph, BuiltChannel } from './graph.ts';
import type { StopHeirs } from './run-graph.ts';

/**
 * Why a new configuration must not replace the one that runs: it has no valid agent, or a component would be dropped
 * that was not dropped before. (Flume would stop what runs.) Empty: it may.
 */
export function reloadFaults(running: AgentModel, next: AgentModel): string[] {
  if (!next.valid) return running.valid ? [`agent ${next.name} would not be valid`] : [];
  const key = ({ kind, name }: ComponentReport) => `${kind} ${name}`;
  const before = new Set(running.components.filter(({ status }) => status === 'dropped').map(key));
  return next.components
    .filter((component) => component.status === 'dropped' && !before.has(key(component)))
    .map((component) => `${key(component)} would be dropped: ${component.reason}`);
}

/** What becomes of the channels' content when the second graph follows the first. */
export function heirsOf(old: AgentGraph, next: AgentGraph): StopHeirs {
  const kept = new Set(next.channels.filter(({ reused }) => reused).map(({ channel }) => channel));
  // Files know nothing of the name of their channel.
  const isSamePlace = (one: BuiltChannel, other: BuiltChannel): boolean =>
    one.channel.folder === other.channel.folder &&
    (one.channel.folder !== undefined || one.model.name === other.model.name);
  const readOn = (one: BuiltChannel): boolean =>
    next.channels.some((other) => other.model.definition === one.model.definition && isSamePlace(one, other));
  const outlives = ({ durable, volatileCount }: Channel) => durable === true || volatileCount !== undefined;
  const left = new Set(
    old.channels
      .filter((one) => outlives(one.channel) && !kept.has(one.channel) && !readOn(one))
      .map(({ channel }) => channel),
  );
  return { keeps: (channel) => kept.has(channel), leaves: (channel) => left.has(channel) };
}
