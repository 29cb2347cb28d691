/** What a run of a case came to, as texts by name: events and files of sinks, what sources leave behind, counters, answers. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, inflateSync } from 'node:zlib';
import avro from 'avsc';
import { containerContents } from '../../files/avro-container.ts';
import { type Case, type Component, type Place, unplaced } from './case.ts';
import { typeOfLines } from './deliberate-configurations.ts';
import { sortedHeaders } from './deliberate-runs.ts';
import type { Counters } from './program.ts';

export type Observation = ReadonlyMap<string, string>;

const written = ({ lines }: Component, key: string): string =>
  lines.findLast((each) => each.key === key)?.value ?? '';
const is = (component: Component, pattern: RegExp) => pattern.test(typeOfLines(component));

/** Times of this run, numbers of senders' ports, and what is drawn anew by each program. */
function calm(text: string): string {
  const now = Date.now();
  return text
    .replace(/\d{13}/g, (digits) => (Math.abs(Number(digits) - now) < 86_400_000 ? '‹now›' : digits))
    .replace(/20\d{12}(?=-\d+)/g, '‹time›')
    .replace(/\/127\.0\.0\.1:\d+/g, '‹sender›');
}

/** Bytes as text; a container of events as a line for each. */
function textOf(bytes: Buffer): string {
  if (bytes.length === 0) return '';
  if (bytes.subarray(0, 3).equals(Buffer.from('SEQ'))) return sequenceText(bytes);
  const magic = bytes.subarray(0, 3).toString('latin1');
  if (magic !== 'Obj') return bytes.toString('latin1');
  const { metadata, data } = containerContents(bytes);
  const type = avro.Type.forSchema(JSON.parse(new Map(metadata).get('avro.schema')!), { registry: {} });
  const lines: string[] = [];
  for (let at = 0; at < data.length; ) {
    const { value, offset } = type.decode(data, at);
    const { headers, body } = value as { headers: Record<string, string>; body: Buffer };
    const sorted = Object.entries(headers).sort(([a], [b]) => (a < b ? -1 : 1));
    lines.push(`${JSON.stringify(sorted)} ${body.toString('latin1')}\n`);
    at = offset;
  }
  return lines.join('');
}

/** The classes of a sequence file, and its values in hex, a line each; keys are times. */
function sequenceText(bytes: Buffer): string {
  let at = 4;
  const word = () => {
    const length = bytes[at]!;
    at += 1 + length;
    return bytes.toString('latin1', at - length, at);
  };
  const lines = [`${word()} ${word()}`];
  // Two flags, and no metadata; then the mark that stands between records now and then.
  at += 2 + 4 + 16;
  while (at < bytes.length) {
    const length = bytes.readInt32BE(at);
    at += 4;
    if (length === -1) {
      at += 16;
      continue;
    }
    const keyBytes = bytes.readInt32BE(at);
    lines.push(bytes.toString('hex', at + 4 + keyBytes, at + 4 + length));
    at += 4 + length;
  }
  return `${lines.join('\n')}\n`;
}

/** What `inflateSync` gives with `info`. */
interface Inflated {
  readonly buffer: Buffer;
  readonly engine: { readonly bytesWritten: number };
}

/** What only looks like deflate is as it is. */
function inflated(bytes: Buffer): string {
  const whole: Buffer[] = [];
  try {
    // A stream for each flush, one behind the other.
    for (let at = 0; at < bytes.length; ) {
      const { buffer, engine } = inflateSync(bytes.subarray(at), { info: true }) as unknown as Inflated;
      whole.push(buffer);
      at += engine.bytesWritten;
    }
    return textOf(Buffer.concat(whole));
  } catch {
    return bytes.toString('latin1');
  }
}

function read(path: string): string {
  const bytes = readFileSync(path);
  if (bytes.length > 2 && bytes.readUInt16BE(0) === 0x1f8b) return textOf(gunzipSync(bytes));
  if (bytes.length > 2 && bytes[0] === 0x78 && bytes.readUInt16BE(0) % 31 === 0) return inflated(bytes);
  return textOf(bytes);
}

function filesBelow(folder: string, prefix = ''): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .sort()
    .flatMap((name) =>
      statSync(join(folder, name)).isDirectory()
        ? filesBelow(join(folder, name), `${prefix}${name}/`)
        : [prefix + name],
    )
    .filter((name) => !name.endsWith('.crc'));
}

/** Names of files that count up from a time, in that order. */
const byNumber = (a: string, b: string): number =>
  a.replace(/\d+/g, (digits) => digits.padStart(20, '0')) <
  b.replace(/\d+/g, (digits) => digits.padStart(20, '0'))
    ? -1
    : 1;

function sinkFiles(component: Component, dir: string): { name: string; text: string }[] | null {
  const folder = is(component, /hdfs/i) ? `hdfs_${component.name}` : `roll_${component.name}`;
  if (!is(component, /hdfs|roll/i)) return null;
  return filesBelow(join(dir, folder))
    .sort(byNumber)
    .map((name) => ({ name, text: read(join(dir, folder, name)) }));
}

/** Lines by what stands in them, whatever the order of their headers. */
function sortedLines(text: string): string {
  const keyed = calm(text)
    .split('\n')
    .map((own) => [sortedHeaders(own), own] as const);
  return keyed
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, own]) => own)
    .join('\n');
}

/** How many sources and sinks a channel has: with one of each its order is kept. */
function neighbours({ components }: Case, channel: string): { sources: number; sinks: number } {
  const named = (group: string, key: string) =>
    components.filter((each) => each.group === group && written(each, key).includes(channel)).length;
  return { sources: named('sources', 'channels'), sinks: named('sinks', 'channel') };
}

/** Attributes whose values don't depend on when things happen. */
const determined: Readonly<Record<string, readonly string[]>> = {
  channel: [
    'ChannelSize',
    'ChannelCapacity',
    'EventPutSuccessCount',
    'EventTakeSuccessCount',
    'Open',
    'Unhealthy',
  ],
  source: [
    ...['EventReceivedCount', 'EventAcceptedCount', 'AppendReceivedCount', 'AppendAcceptedCount'],
    ...['OpenConnectionCount', 'GenericProcessingFail'],
  ],
  sink: ['EventDrainSuccessCount'],
};
/** Those of sources to which each call is a batch. */
const batches = ['AppendBatchReceivedCount', 'AppendBatchAcceptedCount'];
/** Attributes that Flume has not; docs/metrics.md lists them. */
const ours = /^(?:EventRefusedCount|DatagramDroppedCount)$/;

function counterTexts(given: Case, counters: Counters, place: Place): [string, string][] {
  return Object.entries(counters).flatMap(([name, attributes]): [string, string][] => {
    const [kind = '', full = ''] = name.split(' ');
    const own = full.slice(place.prefix.length);
    const component = given.components.find((each) => each.name === own);
    if (component === undefined) return [];
    const shared = kind === 'sink' && neighbours(given, written(component, 'channel')).sinks > 1;
    // What an avro or thrift sink sends again, and when, is up to its times.
    const sent = kind === 'source' && own.startsWith('t');
    const wanted = sent
      ? []
      : [...determined[kind]!, ...(is(component, /^(?:http|avro|thrift)$/i) ? batches : [])];
    const names = Object.keys(attributes)
      .filter((each) => !ours.test(each))
      .sort();
    return [
      [`counter ${kind} ${own} names`, names.join(' ')],
      ...(shared ? [] : wanted.filter((each) => each in attributes)).map((each): [string, string] => [
        `counter ${kind} ${own} ${each}`,
        attributes[each]!,
      ]),
    ];
  });
}

/** `settled`: the agents have stopped, so names of files are final. */
export function observe(
  given: Case,
  place: Place,
  counters: Counters,
  answers: readonly string[],
  settled: boolean,
): Observation {
  const found = new Map<string, string>();
  for (const [i, answer] of answers.entries()) if (answer !== '') found.set(`answer ${i}`, answer);
  for (const [name, value] of counterTexts(given, counters, place)) found.set(name, value);
  const texts = new Map<string, string[]>();
  // Whether a file that grows is read on before the next one is up to the moment.
  const fed = given.components.filter(
    ({ group, name }) => group === 'sources' && name.startsWith('r'),
  ).length;
  const appended = given.inputs.some(({ give }) => give.kind === 'append');
  for (const component of given.components) {
    if (component.group === 'sources' && settled) leftBehind(component, place.dir, found);
    if (component.group !== 'sinks') continue;
    const files = sinkFiles(component, place.dir);
    if (files === null) continue;
    const channel = written(component, 'channel');
    const { sources, sinks } = neighbours(given, channel);
    const whole = files.map(({ text }) => text).join('');
    if (sinks > 1) {
      texts.set(channel, [...(texts.get(channel) ?? []), whole]);
      continue;
    }
    const ordered =
      sources === 1 &&
      fed === 1 &&
      !appended &&
      !/%\{(?!nothing)/.test(written(component, 'hdfs.path') + written(component, 'hdfs.filePrefix'));
    found.set(`events of sink ${component.name}`, ordered ? calm(whole) : sortedLines(whole));
    if (!settled) continue;
    found.set(`files of sink ${component.name}`, files.map(({ name }) => calm(name)).join('\n'));
    if (ordered)
      for (const [i, { text }] of files.entries())
        found.set(`file ${i} of sink ${component.name}`, calm(text));
  }
  for (const [channel, all] of texts) found.set(`events of sinks at ${channel}`, sortedLines(all.join('')));
  return new Map([...found].map(([name, text]) => [name, unplaced(text, place)]));
}

/** Spooled files under their new names, and positions. */
function leftBehind(component: Component, dir: string, found: Map<string, string>): void {
  if (is(component, /^spooldir$/i)) {
    const folder = join(dir, `spool_${component.name}`);
    const names = filesBelow(folder).filter((name) => !name.startsWith('.flumespool/'));
    found.set(`files of source ${component.name}`, names.join('\n'));
  }
  if (is(component, /^taildir$/i)) {
    const path = join(dir, `positions_${component.name}/p.json`);
    const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
    const positions = text === '' ? [] : (JSON.parse(text) as { file: string; pos: number }[]);
    const shown = positions.map(({ file, pos }) => `${file} ${pos}`).sort();
    found.set(`positions of source ${component.name}`, shown.join('\n'));
  }
}

export function differences(flume: Observation, millrace: Observation): string[] {
  const names = new Set([...flume.keys(), ...millrace.keys()]);
  return [...names].filter((name) => flume.get(name) !== millrace.get(name)).sort();
}
