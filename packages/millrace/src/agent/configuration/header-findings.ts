/** Headers that a sink or a selector goes by, and that no event before it can have. */
import type { HeaderNeed } from '../../component/relations.ts';
import type { Place } from '../../config/properties-model.ts';
import type { ChannelModel, SinkModel, SourceModel } from '../model.ts';
import type { Findings } from './findings.ts';
import type { BuiltParts } from './graph-findings.ts';

export function noteHeaders({ channels, sources, sinks }: BuiltParts, findings: Findings): void {
  for (const source of sources) noteSelector(source, findings);
  for (const sink of sinks) {
    const channel = channels.find(({ name }) => name === sink.channel);
    if (channel === undefined) continue;
    const fillers = sources.filter((source) => source.channels.includes(channel.name));
    for (const need of sink.definition.needs?.(sink.options) ?? [])
      noteSink(sink, need, channel, fillers, findings);
  }
}

/** The headers that events of a source may have behind its interceptors; null: any. */
export function headersOf({ definition, options, interceptors }: SourceModel): ReadonlySet<string> | null {
  const own = definition.headers?.(options) ?? null;
  if (own === null) return null;
  let headers = new Set(own);
  for (const interceptor of interceptors) {
    const sets = interceptor.definition.sets?.(interceptor.options) ?? null;
    if (sets === null) return null;
    const goes = (header: string) => interceptor.definition.removes?.(interceptor.options, header) === true;
    headers = new Set([...headers].filter((header) => !goes(header)).concat(sets));
  }
  return headers;
}

function noteSelector(source: SourceModel, findings: Findings): void {
  const { selector } = source;
  const headers = headersOf(source);
  if (headers === null) return;
  for (const { header, key, without } of selector.definition.needs?.(selector.options) ?? []) {
    if (headers.has(header)) continue;
    const written = selector.properties.get(key)?.valuePlace ?? selector.properties.get('type')?.valuePlace;
    const place = written ?? source.properties.get('type')!.keyPlace;
    const text = `selector of source ${source.name}: no event has the header ${header}, and an event without it ${without}`;
    findings.tell(place, 'missing-header', text, remedyFor(header, [source.name]));
  }
}

function noteSink(
  sink: SinkModel,
  need: HeaderNeed,
  { name, definition, options }: ChannelModel,
  fillers: readonly SourceModel[],
  findings: Findings,
): void {
  const { header, key, without, instead } = need;
  const givenBack = definition.headers?.(options) ?? null;
  const kept = givenBack === null || givenBack.includes(header);
  const lacking = fillers
    .filter((source) => headersOf(source)?.has(header) === false)
    .map((source) => source.name);
  if (kept && lacking.length === 0) return;
  const who = kept ? `events of source ${lacking.join(', ')} have none` : `channel ${name} keeps no headers`;
  const text = `sink ${sink.name}: ${key} asks for the header ${header}, and ${who}: an event without it ${without}`;
  const remedies = [
    kept ? remedyFor(header, lacking) : `let channel ${name} keep headers`,
    ...(instead === undefined ? [] : [instead]),
  ];
  findings.tell(placeOf(sink, key), 'missing-header', text, remedies.join(', or '));
}

const placeOf = (sink: SinkModel, key: string): Place =>
  sink.properties.get(key)?.valuePlace ?? sink.properties.get('type')!.keyPlace;

function remedyFor(header: string, sources: readonly string[]): string {
  const kind = header === 'timestamp' ? 'a timestamp interceptor' : `an interceptor that sets ${header}`;
  return `add ${kind} to source ${sources.join(', ')}`;
}
