/** What can be seen of an agent only when it is whole: where its events go, and whether they come back. */

import type { ChannelModel, SinkGroupModel, SinkModel, SourceModel } from '../model.ts';
import { noteExactlyOnce } from './exactly-once-findings.ts';
import { noteShared } from './exclusive-findings.ts';
import type { Findings } from './findings.ts';
import { noteHeaders } from './header-findings.ts';
import type { RawAgent } from './raw-agents.ts';

export interface BuiltParts {
  readonly channels: readonly ChannelModel[];
  readonly sources: readonly SourceModel[];
  readonly sinks: readonly SinkModel[];
  readonly groups: readonly SinkGroupModel[];
}

export function noteGraph(raw: RawAgent, parts: BuiltParts, findings: Findings): void {
  for (const source of parts.sources) {
    for (const name of source.channels) {
      const channel = parts.channels.find((candidate) => candidate.name === name);
      if (channel === undefined) continue;
      noteWayOut(raw, source, channel, parts.sinks, findings);
      noteGone(raw, source, channel, findings);
    }
    for (const sink of parts.sinks) noteLoop(source, sink, findings);
  }
  for (const group of parts.groups) noteChannels(raw, group, parts.sinks, findings);
  noteExactlyOnce(parts, findings);
  noteShared(parts, findings);
  noteHeaders(parts, findings);
}

/** Where only one sink of a group works (failover), a channel that is another's alone is not emptied meanwhile. */
function noteChannels(
  raw: RawAgent,
  group: SinkGroupModel,
  sinks: readonly SinkModel[],
  findings: Findings,
): void {
  const { name, only } = group;
  const best = sinks.find((sink) => sink.name === only);
  if (best === undefined) {
    noteSplit(raw, group, sinks, findings);
    return;
  }
  const others = sinks.filter((sink) => group.sinks.includes(sink.name) && sink !== best);
  const alone = sinks.filter((sink) => !group.sinks.includes(sink.name)).map(({ channel }) => channel);
  const emptied = new Set([best.channel, ...alone]);
  const waiting = new Set(others.map(({ channel }) => channel).filter((channel) => !emptied.has(channel)));
  if (waiting.size === 0) return;
  const place = raw.components.sinkgroups.get(name)?.properties.get('sinks')?.valuePlace ?? raw.place;
  const channels = [...waiting].join(' ');
  findings.tell(
    place,
    'group-channels',
    `sinkgroup ${name}: only sink ${best.name} runs as long as it works, and it takes from channel ${best.channel}: nobody empties ${channels}`,
  );
}

/** Where all sinks of a group work, each still empties its own channel alone. */
function noteSplit(
  raw: RawAgent,
  { name, sinks: members }: SinkGroupModel,
  sinks: readonly SinkModel[],
  findings: Findings,
): void {
  const own = sinks.filter((sink) => members.includes(sink.name));
  const channels = new Set(own.map(({ channel }) => channel));
  if (channels.size < 2) return;
  const place = raw.components.sinkgroups.get(name)?.properties.get('sinks')?.valuePlace ?? raw.place;
  const which = own.map((sink) => `${sink.name} from ${sink.channel}`).join(', ');
  const text = `sinkgroup ${name}: its sinks take from different channels (${which}): when one fails, nobody empties its channel in its place`;
  findings.tell(place, 'group-channels', text);
}

/** What nobody can send again, in a channel that a killed process takes with it. */
function noteGone(raw: RawAgent, source: SourceModel, channel: ChannelModel, findings: Findings): void {
  if (source.definition.promises?.(source.options).origin !== 'nobody') return;
  const held = channel.definition.promises?.(channel.options);
  if (held?.survives !== 'stop') return;
  const place = source.properties.get('channels')?.valuePlace ?? raw.place;
  const text = `source ${source.name} (${source.type}) cannot read again what channel ${channel.name} (${channel.type}) loses when the process is killed`;
  findings.tell(place, 'gone-with-process', text, held.safer);
}

/** A channel that only sources are connected to fills up, and then they stand still. */
function noteWayOut(
  raw: RawAgent,
  source: SourceModel,
  channel: ChannelModel,
  sinks: readonly SinkModel[],
  findings: Findings,
): void {
  if (channel.definition.isDestination === true) return;
  if (sinks.some((sink) => sink.channel === channel.name)) return;
  const dropped = [...raw.components.sinks.values()]
    .filter((sink) => sink.properties.get('channel')?.value === channel.name)
    .filter((sink) => findings.isDropped('sink', sink.name))
    .map(({ name }) => name);
  const gone = dropped.length === 1 ? `sink ${dropped[0]} is` : `sinks ${dropped.join(', ')} are`;
  const why = dropped.length === 0 ? '' : `: ${gone} dropped`;
  const place = source.properties.get('channels')?.valuePlace ?? raw.place;
  findings.tell(
    place,
    'no-way-out',
    `source ${source.name} fills channel ${channel.name}, which no sink empties${why}`,
    undefined,
    dropped.map((name) => ({ kind: 'sink', name })),
  );
}

/** Events that a sink writes where a source of the same channel reads come again, for ever. */
function noteLoop(source: SourceModel, sink: SinkModel, findings: Findings): void {
  if (!source.channels.includes(sink.channel)) return;
  const read = source.definition.reads?.(source.options);
  const written = sink.definition.writes?.(sink.options);
  if (read === undefined || written === undefined) return;
  const servers = new Set(read.at.map((server) => server.toLowerCase()));
  if (!written.at.some((server) => servers.has(server.toLowerCase()))) return;
  const { header } = written;
  const isOverwritten = source.interceptors.some(
    ({ definition, options }) => header !== undefined && definition.overwrites?.(options) === header,
  );
  const wins = header !== undefined && header === read.header && !isOverwritten;
  if (!wins && (isOverwritten || !read.includes(written.name))) return;
  const place = sink.properties.get(written.key)?.valuePlace ?? sink.properties.get('type')!.keyPlace;
  const why = wins
    ? `the header ${header} that source ${source.name} sets wins over ${written.key}, so events go back to the topic they came from`
    : `it writes to ${written.title ?? written.name}, which source ${source.name} reads`;
  findings.tell(
    place,
    'topic-loop',
    `sink ${sink.name}: ${why}`,
    wins ? remedyOf(read.includes(written.name)) : written.remedy,
  );
}

function remedyOf(alsoByName: boolean): string {
  const own = 'set allowTopicOverride = false on the sink, or setTopicHeader = false on the source';
  return alsoByName ? `${own}, and write to another topic` : own;
}
