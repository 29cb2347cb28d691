/**
 * Streams outside of the agents (topics, folders of files): whether events come round in a circle through them, and
 * whether who reads one expects events as who writes it sends them. Looks at all agents of the files, as a topic joins
 * them wherever they run.
 */
import type { ChannelStream, ReadStreams, WrittenStream } from '../../component/relations.ts';
import { finding } from '../../config/finding.ts';
import type { FindingCode } from '../../config/finding-codes.ts';
import type { ComponentProperties } from '../../config/properties-model.ts';
import type { Diagnostic } from '../../runtime/diagnostics.ts';
import type { AgentModel, ChannelModel, SinkModel, SourceModel } from '../model.ts';

/** A component in the picture: where its events go from here, inside of its agent. */
interface Node {
  readonly agent: string;
  /** `sink k1` */
  readonly title: string;
  readonly properties: ComponentProperties;
  readonly reads?: ReadStreams;
  readonly writes?: WrittenStream;
  /** What a channel keeps its events in. */
  readonly stream?: ChannelStream;
  /** Whether the agent puts anything in, and takes anything out. */
  readonly isFilled?: boolean;
  readonly isEmptied?: boolean;
  readonly next: Node[];
}

/** Findings by agent. */
export function noteStreams(agents: readonly AgentModel[]): Map<string, Diagnostic[]> {
  const nodes = agents.flatMap(nodesOf);
  const found = new Map<string, Diagnostic[]>();
  const tell = (node: Node, key: string | undefined, code: FindingCode, message: string): void => {
    const property = key === undefined ? undefined : node.properties.get(key);
    const place = property?.valuePlace ?? node.properties.get('type')!.keyPlace;
    found.set(node.agent, [...(found.get(node.agent) ?? []), finding(code, place, message)]);
  };
  const links = linksOf(nodes);
  for (const { from, to, stream } of links) {
    const written = from.writes?.format ?? from.stream?.format;
    const read = to.reads?.format ?? to.stream?.format;
    if (written === undefined || read === undefined || written === read) continue;
    const text = `${titleFor(to, from)} reads ${stream} as ${formats[read]}, and ${titleFor(from, to)} writes it as ${formats[written]}`;
    tell(to, to.reads?.formatKey ?? to.stream?.formatKey, 'format-mismatch', text);
  }
  for (const { from, way } of circlesOf(nodes, links)) {
    const text = `${from.title}: events come back to it, by way of ${way.map((node) => titleFor(node, from)).join(', ')}`;
    tell(from, from.writes?.key ?? from.stream?.key, 'stream-loop', text);
  }
  return found;
}

const formats = { 'flume-event': 'Flume events in Avro', body: 'bare bodies' } as const;

const titleFor = (node: Node, seenFrom: Node): string =>
  node.agent === seenFrom.agent ? node.title : `${node.title} of agent ${node.agent}`;

function nodesOf({ name: agent, channels, sources, sinks }: AgentModel): Node[] {
  const sinkNodes = sinks.map((sink) => [sink.channel, sinkNode(agent, sink, sources)] as const);
  const channelNodes = new Map(
    channels.map((channel) => {
      const next = sinkNodes.filter(([name]) => name === channel.name).map(([, node]) => node);
      const isFilled = sources.some((source) => source.channels.includes(channel.name));
      return [channel.name, channelNode(agent, channel, next, isFilled)] as const;
    }),
  );
  const sourceNodes = sources.map((source) =>
    sourceNode(
      agent,
      source,
      source.channels.flatMap((name) => channelNodes.get(name) ?? []),
    ),
  );
  return [...sourceNodes, ...channelNodes.values(), ...sinkNodes.map(([, node]) => node)];
}

const sourceNode = (
  agent: string,
  { name, properties, definition, options }: SourceModel,
  next: Node[],
): Node => ({
  ...{ agent, title: `source ${name}`, properties, next },
  ...(definition.reads === undefined ? {} : { reads: definition.reads(options) }),
});

const channelNode = (
  agent: string,
  { name, properties, definition, options }: ChannelModel,
  next: Node[],
  isFilled: boolean,
): Node => ({
  ...{ agent, title: `channel ${name}`, properties, next, isFilled, isEmptied: next.length > 0 },
  ...(definition.stream === undefined ? {} : { stream: definition.stream(options) }),
});

function sinkNode(agent: string, sink: SinkModel, sources: readonly SourceModel[]): Node {
  const { name, properties, definition, options } = sink;
  const own: Node = { agent, title: `sink ${name}`, properties, next: [] };
  const writes = definition.writes?.(options);
  if (writes === undefined || goesElsewhere(sink, writes, sources)) return own;
  return { ...own, writes };
}

/** The header that an event names its stream by is always there: the name that is written is never used. */
function goesElsewhere(sink: SinkModel, { header }: WrittenStream, sources: readonly SourceModel[]): boolean {
  if (header === undefined) return false;
  const fillers = sources.filter(({ channels }) => channels.includes(sink.channel));
  const names = ({ definition, options, interceptors }: SourceModel): boolean =>
    definition.reads?.(options).header === header ||
    interceptors.some((each) => each.definition.overwrites?.(each.options) === header);
  return fillers.length > 0 && fillers.every(names);
}

interface Link {
  readonly from: Node;
  readonly to: Node;
  readonly stream: string;
}

/** Who writes what who reads. */
function linksOf(nodes: readonly Node[]): Link[] {
  const links: Link[] = [];
  for (const from of nodes) {
    const written = from.writes ?? (from.isFilled === true ? from.stream : undefined);
    if (written === undefined) continue;
    for (const to of nodes) {
      if (to === from) continue;
      if (to.reads !== undefined ? reads(to.reads, written) : isEmptiedFrom(to, written)) {
        links.push({ from, to, stream: written.name });
      }
    }
  }
  return links;
}

const meet = (a: readonly string[], b: readonly string[]): boolean => {
  const names = new Set(a.map((name) => name.toLowerCase()));
  return b.some((name) => names.has(name.toLowerCase()));
};
const reads = (read: ReadStreams, written: ChannelStream): boolean =>
  meet(read.at, written.at) && read.includes(written.name);
const isEmptiedFrom = ({ stream, isEmptied }: Node, written: ChannelStream): boolean =>
  stream !== undefined && isEmptied === true && stream.name === written.name && meet(stream.at, written.at);

/**
 * The ways that lead back to where they begin, each told once, at the component whose writing closes it. One that is
 * from a sink straight to a source of its own channel is told elsewhere, with the headers looked at.
 */
function circlesOf(nodes: readonly Node[], links: readonly Link[]): { from: Node; way: readonly Node[] }[] {
  const after = new Map(nodes.map((node) => [node, [...node.next]]));
  for (const { from, to } of links) {
    // Two channels in one topic hand nothing on to one another: each takes from the topic what is put into it.
    if (from.stream === undefined || to.stream === undefined) after.get(from)!.push(to);
  }
  const told = new Set<string>();
  const circles: { from: Node; way: readonly Node[] }[] = [];
  for (const { from } of links) {
    const way = wayBack(from, after);
    if (way === null || isDirect(from, way)) continue;
    const id = [...new Set([from, ...way])]
      .map((node) => `${node.agent} ${node.title}`)
      .sort()
      .join('|');
    if (told.has(id)) continue;
    told.add(id);
    circles.push({ from, way });
  }
  return circles;
}

/** Sink → source → channel → the same sink: `topic-loop` of topics. */
const isDirect = (from: Node, way: readonly Node[]): boolean =>
  way.length === 2 && way[0]!.agent === from.agent && way[0]!.reads !== undefined;

/** The shortest way from a node back to it, itself left out; null: there is none. */
function wayBack(from: Node, after: ReadonlyMap<Node, readonly Node[]>): Node[] | null {
  const cameFrom = new Map<Node, Node>();
  const queue: Node[] = [from];
  for (let node = queue.shift(); node !== undefined; node = queue.shift()) {
    for (const next of after.get(node) ?? []) {
      if (next === from) return trace(node, from, cameFrom);
      if (cameFrom.has(next)) continue;
      cameFrom.set(next, node);
      queue.push(next);
    }
  }
  return null;
}

function trace(last: Node, from: Node, cameFrom: ReadonlyMap<Node, Node>): Node[] {
  const way: Node[] = [];
  for (let node: Node | undefined = last; node !== undefined && node !== from; node = cameFrom.get(node)) {
    way.unshift(node);
  }
  return way;
}
