/** Sources to be run, each with input of its kind. */
import fc from 'fast-check';
import type { Chance } from '../../oracle/seed.ts';
import { drawnSyslog } from '../drawn-syslog.ts';
import { type Component, component, type Given, type GivenEvent, type Input, line } from './case.ts';
import { drawStyle } from './flume-types.ts';

export interface DrawnSource {
  readonly source: Component;
  readonly inputs: readonly Input[];
  readonly folders: readonly string[];
}

type Pairs = [string, string | number | boolean][];

const pieces = ['a', 'b', 'B', '1', '22', ' ', '-', '=', 'line', 'host', 'é', 'xyy', '\t', '{', '"'];
const body = (chance: Chance, most = 8): string =>
  Array.from({ length: chance.int(0, most) }, () => chance.pick(pieces)).join('');
/** Text as the bytes that it is in UTF-8, one sign each. */
const bytes = (text: string): string => Buffer.from(text).toString('latin1');
const lines = (chance: Chance, most: number, ends: readonly string[] = ['\n']): string =>
  bytes(Array.from({ length: chance.int(0, most) }, () => body(chance) + chance.pick(ends)).join(''));

const event = (chance: Chance): GivenEvent => ({
  headers: Object.fromEntries(
    ['a', 'host', 'key', 'tmp_1', 'ü']
      .filter(() => chance.bool(0.4))
      .map((name) => [name, chance.pick(['1', 'v', 'ü', ''])]),
  ),
  body: bytes(chance.bool(0.05) ? 'long '.repeat(400) : body(chance)),
});

/** A text cut into chunks somewhere. */
function chunks(chance: Chance, text: string): string[] {
  if (text.length < 2 || chance.bool(0.6)) return [text];
  const at = chance.int(1, text.length - 1);
  return [text.slice(0, at), text.slice(at)];
}

const some = <T>(chance: Chance, most: number, make: () => T): T[] =>
  Array.from({ length: chance.int(1, most) }, make);

type Make = (chance: Chance, name: string) => { pairs: Pairs; give: Given[]; folders?: string[] };

const optional = (chance: Chance, pairs: Pairs): Pairs => pairs.filter(() => chance.bool(0.4));
const bound = (name: string): Pairs => [
  ['bind', '127.0.0.1'],
  ['port', `«port:${name}»`],
];

const makers: Readonly<Record<string, Make>> = {
  seq: (chance) => ({
    pairs: [
      ['totalEvents', chance.pick([0, 1, 7, 250])],
      ...optional(chance, [['batchSize', chance.pick([1, 3, 100])]]),
    ],
    give: [],
  }),
  exec: (chance, name) => ({
    pairs: [
      ['command', `cat «dir»/in_${name}`],
      ['batchTimeout', 500],
      ...optional(chance, [
        ['batchSize', chance.pick([1, 3, 100])],
        ['shell', '/bin/sh -c'],
        ['logStdErr', 'true'],
      ]),
    ],
    give: [file(`in_${name}`, lines(chance, 40, ['\n', '\n', '\r\n', '\r']) + chance.pick(['', 'last']))],
  }),
  spooldir: (chance, name) => ({
    pairs: [
      ['spoolDir', `«dir»/spool_${name}`],
      ...optional(chance, [
        ['batchSize', chance.pick([1, 3, 100])],
        ['fileHeader', 'true'],
        ['fileHeaderKey', 'key'],
        ['basenameHeader', 'true'],
        ['consumeOrder', chance.pick(['oldest', 'youngest', 'OLDEST'])],
        ['deletePolicy', chance.pick(['never', 'immediate'])],
        ['fileSuffix', '.done'],
        ['includePattern', '^[a-z]+\\.log$'],
        ['ignorePattern', '^b.*'],
        ['deserializer.maxLineLength', chance.pick([3, 10, 2048])],
        ['decodeErrorPolicy', chance.pick(['REPLACE', 'IGNORE'])],
        ['pollDelay', 100],
        ['recursiveDirectorySearch', 'true'],
      ]),
    ],
    give: ['a.log', 'b.log', 'c.txt', 'sub/d.log', '.hidden']
      .filter(() => chance.bool(0.6))
      .map((each, i) =>
        file(
          `spool_${name}/${each}`,
          lines(chance, 12, ['\n', '\n', '\r\n']) + chance.pick(['', 'last']),
          1000 - 10 * i,
        ),
      ),
    folders: [`spool_${name}`, `spool_${name}/sub`],
  }),
  TAILDIR: (chance, name) => {
    const give: Given[] = ['a.log', 'b.log', 'c.txt']
      .filter(() => chance.bool(0.7))
      .map((each, i) => file(`tail_${name}/${each}`, lines(chance, 20, ['\n', '\n', '\r\n']), 1000 - 10 * i));
    const more = chance.bool(0.4)
      ? [{ kind: 'append', path: `tail_${name}/a.log`, bytes: lines(chance, 5) } as const]
      : [];
    return {
      pairs: [
        ['filegroups', 'f1 f2'],
        ['filegroups.f1', `«dir»/tail_${name}/.*\\.log`],
        ['filegroups.f2', `«dir»/tail_${name}/c.*`],
        ['positionFile', `«dir»/positions_${name}/p.json`],
        ...optional(chance, [
          ['headers.f1.a', '1'],
          ['headers.f2.key', 'v'],
          ['fileHeader', 'true'],
          ['fileHeaderKey', 'host'],
          ['byteOffsetHeader', 'true'],
          ['batchSize', chance.pick([1, 3, 100])],
          ['maxBatchCount', chance.pick([1, 2])],
          ['maxBackoffSleep', 500],
        ]),
      ],
      give: [...give, ...more],
      folders: [`tail_${name}`],
    };
  },
  netcat: (chance, name) => ({
    pairs: [
      ...bound(name),
      ...optional(chance, [
        ['max-line-length', chance.pick([10, 512])],
        ['ack-every-event', chance.pick(['true', 'false'])],
      ]),
    ],
    give: some(chance, 3, () =>
      tcp(name, chunks(chance, lines(chance, 10, ['\n', '\n', '\r\n']) + chance.pick(['', 'rest']))),
    ),
  }),
  netcatudp: (chance, name) => ({
    pairs: [...bound(name), ['remoteAddress', 'key']],
    give: some(chance, 6, () => ({ kind: 'udp', port: name, bytes: lines(chance, 2) + bytes(body(chance)) })),
  }),
  syslogtcp: (chance, name) => ({
    pairs: [
      ['host', '127.0.0.1'],
      ['port', `«port:${name}»`],
      ...optional(chance, [
        ['keepFields', chance.pick(['all', 'none', 'timestamp hostname', 'priority'])],
        ['clientIPHeader', 'key'],
      ]),
    ],
    give: syslog(chance, 'tcp').map((text) => tcp(name, chunks(chance, `${text}\n`))),
  }),
  syslogudp: (chance, name) => ({
    pairs: [
      ['host', '127.0.0.1'],
      ['port', `«port:${name}»`],
      ...optional(chance, [
        ['keepFields', chance.pick(['all', 'none', 'priority'])],
        ['clientHostnameHeader', 'zz'],
      ]),
    ],
    give: syslog(chance, 'tcp')
      .slice(0, 1)
      .map((text) => ({ kind: 'udp', port: name, bytes: text })),
  }),
  multiport_syslogtcp: (chance, name) => ({
    pairs: [
      ['host', '127.0.0.1'],
      ['ports', `«port:${name}» «port:${name}b»`],
      ...optional(chance, [
        ['keepFields', chance.pick(['all', 'none'])],
        ['portHeader', 'key'],
        ['batchSize', 5],
        ['clientIPHeader', 'zz'],
      ]),
    ],
    give: syslog(chance, 'multi').map((text) =>
      tcp(chance.bool() ? name : `${name}b`, chunks(chance, `${text}\n`)),
    ),
  }),
  http: (chance, name) => {
    const blob = chance.bool(0.3);
    return {
      pairs: [
        ...bound(name),
        ...(blob
          ? ([
              ['handler', 'org.apache.flume.source.http.BLOBHandler'],
              ['handler.mandatoryParameters', 'a'],
            ] as Pairs)
          : optional(chance, [['handler', 'org.apache.flume.source.http.JSONHandler']])),
      ],
      give: some(chance, 6, () => ({
        kind: 'http',
        port: name,
        target: chance.pick(['/', '/?a=1', '/x?a=v&host=%C3%A9', '/?key=2']),
        type: chance.pick([
          'application/json',
          'application/json; charset=UTF-8',
          'text/plain; charset=utf-8',
        ]),
        body: blob ? bytes(body(chance)) : json(chance),
      })),
    };
  },
  avro: (chance, name) => {
    const packed = chance.bool(0.3);
    return {
      pairs: [
        ...bound(name),
        ...(packed ? ([['compression-type', 'deflate']] as Pairs) : optional(chance, [['threads', 4]])),
      ],
      give: calls(chance, name, packed ? 'avro deflate' : 'avro'),
    };
  },
  thrift: (chance, name) => {
    const protocol = chance.pick(['compact', 'binary'] as const);
    return {
      pairs: [...bound(name), ...(protocol === 'binary' ? ([['protocol', 'binary']] as Pairs) : [])],
      give: calls(chance, name, `thrift ${protocol}`),
    };
  },
};

const file = (path: string, text: string, ageSeconds = 100): Given => ({
  kind: 'file',
  path,
  bytes: text,
  ageSeconds,
});
const tcp = (port: string, given: string[]): Given => ({ kind: 'tcp', port, chunks: given });
/** The listener of a multiport source takes what is not in ASCII by its charset; messages of one connection depend on one another. */
const syslog = (chance: Chance, kind: 'tcp' | 'multi'): string[] =>
  fc
    .sample(drawnSyslog[kind], { seed: chance.int(1, 2 ** 30), numRuns: chance.int(1, 4) })
    .map((parts) => bytes(parts.join('')))
    .filter((text) => text.trim() !== '');
const calls = (
  chance: Chance,
  port: string,
  protocol: Extract<Given, { kind: 'rpc' }>['protocol'],
): Given[] =>
  some(chance, 4, () => ({ kind: 'rpc', port, protocol, events: some(chance, 12, () => event(chance)) }));

function json(chance: Chance): string {
  if (chance.bool(0.1)) return chance.pick(['', '{}', '[{', 'hello', '[null]', '[{"headers":{"a":{}}}]']);
  const events = some(chance, 4, () => {
    const { headers, body: own } = event(chance);
    return { headers, body: Buffer.from(own, 'latin1').toString() };
  });
  return bytes(JSON.stringify(events));
}

export function drawSource(chance: Chance, name: string): DrawnSource {
  const type = chance.pick(Object.keys(makers));
  const { pairs, give, folders = [] } = makers[type]!(chance, name);
  const alias = chance.pick([type, type, type.toUpperCase(), type.toLowerCase()]);
  const own = pairs.map(([key, value]) => line(key, value, drawStyle(chance)));
  return {
    source: component('sources', name, [line('type', alias), ...own]),
    inputs: give.map((each) => ({ source: name, give: each })),
    folders,
  };
}
