/** Whether sinks that write in transactions can deliver exactly once, as they are connected. */
import type { TransactionSystem } from '../../component/relations.ts';
import type { ChannelModel, SinkModel } from '../model.ts';
import type { Findings } from './findings.ts';
import type { BuiltParts } from './graph-findings.ts';
import { headersOf } from './header-findings.ts';

const transactionsOf = (sink: SinkModel): TransactionSystem | null =>
  sink.definition.transactional?.(sink.options) ?? null;

const meet = (a: readonly string[], b: readonly string[]): boolean => {
  const names = new Set(a.map((name) => name.toLowerCase()));
  return b.some((name) => names.has(name.toLowerCase()));
};

export function noteExactlyOnce(parts: BuiltParts, findings: Findings): void {
  for (const sink of parts.sinks) noteOffsets(sink, parts, findings);
  const users = new Map<string, string>();
  for (const sink of parts.sinks) {
    const system = transactionsOf(sink);
    if (system === null) continue;
    const place = sink.properties.get(system.key)?.valuePlace ?? sink.properties.get('type')!.keyPlace;
    for (const reason of reasonsAgainst(sink, system, parts)) {
      findings.tell(place, 'not-exactly-once', `sink ${sink.name} delivers at least once: ${reason}`);
    }
    for (const other of usersOf(users, sink, system)) {
      const text = `sink ${sink.name} has the transactional.id of sink ${other}, ${system.id}: they fence one another`;
      findings.tell(place, 'same-transactional-id', text);
    }
    const sources = parts.sources.filter(({ channels }) => channels.includes(sink.channel));
    const channel = parts.channels.find(({ name }) => name === sink.channel);
    if (sources.length === 0 || channel?.definition.tellsPositions === undefined) continue;
    const names = sources.map(({ name }) => name).join(', ');
    const text = `sink ${sink.name} delivers once what is in channel ${sink.channel}; source ${names} may put there twice`;
    findings.tell(place, 'exactly-once-from-here', text);
  }
}

/** A sink that knows by their offsets which events its destination has. */
function noteOffsets(
  sink: SinkModel,
  { channels, sources, sinks, groups }: BuiltParts,
  findings: Findings,
): void {
  const key = sink.definition.needsOffsets?.(sink.options) ?? null;
  const channel = channels.find(({ name }) => name === sink.channel);
  if (key === null || channel === undefined) return;
  const place = sink.properties.get(key)?.valuePlace ?? sink.properties.get('type')!.keyPlace;
  if (channel.definition.tellsPositions === undefined) {
    const lacking = sources
      .filter((source) => source.channels.includes(channel.name))
      .filter((source) =>
        ['topic', 'partition', 'offset'].some((name) => headersOf(source)?.has(name) === false),
      )
      .map(({ name }) => name);
    if (lacking.length > 0)
      findings.tell(
        place,
        'missing-header',
        `sink ${sink.name}: ${key} asks where events stood in Kafka, and neither channel ${channel.name} nor events of source ${lacking.join(', ')} tell: they are set aside and never written`,
        'take them from a Kafka channel or a KafkaSource, or name files by a counter',
      );
  }
  const isAlone = (other: SinkModel) =>
    other === sink ||
    other.channel !== sink.channel ||
    groups.some((group) => group.sinks.includes(sink.name) && group.sinks.includes(other.name));
  for (const other of sinks)
    if (!isAlone(other))
      findings.tell(
        place,
        'not-exactly-once',
        `sink ${sink.name}: sink ${other.name} takes from channel ${sink.channel}, too: what it has not written yet may count as written after a kill, and be lost`,
        'let one sink alone take from the channel, or join them in a sink group',
      );
}

/** Who has the id already; and remembers this one. */
function usersOf(users: Map<string, string>, sink: SinkModel, system: TransactionSystem): string[] {
  const found = new Set<string>();
  for (const server of system.at) {
    const key = `${server.toLowerCase()} ${system.id}`;
    const other = users.get(key);
    if (other !== undefined) found.add(other);
    users.set(key, sink.name);
  }
  return [...found];
}

function reasonsAgainst(sink: SinkModel, system: TransactionSystem, parts: BuiltParts): string[] {
  const reasons: string[] = [];
  const channel = parts.channels.find(({ name }) => name === sink.channel);
  const against = channel === undefined ? null : channelAgainst(channel, system);
  if (against !== null) reasons.push(against);
  const others = new Set<SinkModel>();
  for (const other of parts.sinks) if (other.channel === sink.channel) others.add(other);
  for (const group of parts.groups) {
    if (!group.sinks.includes(sink.name)) continue;
    for (const other of parts.sinks) if (group.sinks.includes(other.name)) others.add(other);
  }
  for (const other of others) {
    if (other === sink || transactionsOf(other) !== null) continue;
    const shares =
      other.channel === sink.channel ? `takes from channel ${sink.channel}, too` : 'is of its group';
    reasons.push(`sink ${other.name} ${shares}, and has no transactions`);
  }
  return reasons;
}

function channelAgainst(
  { name, type, definition, options }: ChannelModel,
  { at }: TransactionSystem,
): string | null {
  const read = definition.tellsPositions?.(options);
  if (read === undefined)
    return `channel ${name} (${type}) has no positions that could be part of the transaction`;
  if (meet(read.at, at)) return null;
  return `channel ${name} is on other servers (${read.at.join(',')}): a transaction is within one cluster`;
}
