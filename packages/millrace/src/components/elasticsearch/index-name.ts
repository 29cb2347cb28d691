import {
  type EscapeTemplate,
  type EscapeTime,
  readEscapes,
  timeText,
} from '../../component/escape-template.ts';
import { machineZone } from '../../java/time-zone.ts';
import type { EventView } from '../../records/event-batch.ts';
import { headerTime, isBlank, UnfitEvent } from './unfit-event.ts';

/** Names the index of an event. Throws `UnfitEvent` where none can be named. */
export type IndexNamer = (event: EventView) => string;

const packageName = 'org.apache.flume.sink.elasticsearch';
export const timeBasedClass = `${packageName}.TimeBasedIndexNameBuilder`;
export const simpleClass = `${packageName}.SimpleIndexNameBuilder`;
export const indexNamers: readonly string[] = [timeBasedClass, simpleClass];

/** `builder`: one of `indexNamers`. `now`: Unix ms, for events that have no time. */
export function indexNamer(builder: string, indexName: string, now: () => number = Date.now): IndexNamer {
  const prefix = escapedText(indexName);
  if (builder === simpleClass) return (event) => checked(prefix(event));
  return (event) => checked(`${prefix(event)}-${dayOf(event, now)}`);
}

const mostBytes = 255;

/** Servers say of most names why they don't take them; to these some answer with a fault of their own, as if it would pass. */
function checked(name: string): string {
  if (name !== '' && name !== '.' && name !== '..' && Buffer.byteLength(name) <= mostBytes) return name;
  throw new UnfitEvent(`no index can have the name ${JSON.stringify(name)}`);
}

/** A text with Flume's escapes, for an event. */
export function escapedText(text: string): (event: EventView) => string {
  const template = readEscapes(text);
  if (template.parts.every((part) => typeof part === 'string')) return () => text;
  return (event) => filled(template, event);
}

function filled({ parts, needsTime }: EscapeTemplate, event: EventView): string {
  const time = needsTime ? timeOf(event) : null;
  let text = '';
  for (const part of parts) {
    if (typeof part === 'string') text += part;
    else if ('header' in part) text += event.header(part.header) ?? '';
    else text += timeText(part.time, time!);
  }
  return text;
}

function timeOf(event: EventView): EscapeTime {
  const written = event.header('timestamp');
  if (written === undefined)
    throw new UnfitEvent('Expected timestamp in the Flume event headers, but it was null');
  const ms = headerTime('timestamp', written);
  return { ms, offsetMs: machineZone.offsetAt(ms), written };
}

/** `yyyy-MM-dd` in UTC, by the header `timestamp`, else `@timestamp`, else now. */
function dayOf(event: EventView, now: () => number): string {
  for (const name of ['timestamp', '@timestamp']) {
    const written = event.header(name);
    if (!isBlank(written)) return dayText(headerTime(name, written));
  }
  return dayText(now());
}

const dayMs = 86_400_000;
let lastDay = Number.NaN;
let lastText = '';

function dayText(ms: number): string {
  const day = Math.floor(ms / dayMs);
  if (day === lastDay) return lastText;
  lastDay = day;
  lastText = new Date(ms).toISOString().split('T')[0]!;
  return lastText;
}
