/** Drawn cases of the spooling source: what stands in a folder, and how it is to be read. */
import { existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import avro from 'avsc';
import { encodeBlock, encodeHeader } from '../../../millrace/src/formats/avro/container.ts';
import { findCharset } from '../../../millrace/src/java/charsets.ts';
import type { Chance } from '../oracle/seed.ts';

export interface SpoolCase {
  /** Properties of the source, without its type and folder. */
  readonly properties: Readonly<Record<string, string>>;
  readonly files: readonly { readonly name: string; readonly bytes: Buffer; readonly mtimeS: number }[];
}

/** Text that each charset can hold; none beyond the basic plane, which Flume tears apart where it cuts a line. */
const alphabets: Readonly<Record<string, string>> = {
  'UTF-8': 'abé€中\r\u00a0\ufeff',
  'UTF-16': 'abé€中\r',
  'UTF-16LE': 'abé€中',
  'UTF-32': 'abé€中',
  'ISO-8859-1': 'abéÿ\u0080',
  'US-ASCII': 'ab~\r',
  'windows-1252': 'abé€“',
  GBK: 'ab中文',
  Shift_JIS: 'abあｱ',
};
/** Bytes that are no UTF-8, of every kind that Java tells apart, but for forms of five and six bytes (see below). */
const badUtf8 = ['ff', '80', 'c328', 'c0af', 'e28261', 'e08080', 'eda080', 'f09f9861', 'f4908080', 'f561'];

/** A case of LINE. */
export function drawLines(chance: Chance): SpoolCase {
  const charset = chance.pick(Object.keys(alphabets));
  const policy = chance.pick(['FAIL', 'REPLACE', 'IGNORE', 'ignore']);
  const maxChars = chance.pick([1, 2, 7, 20, 2048]);
  const encode = findCharset(charset)!.encoder;
  const isBroken = policy !== 'FAIL' && (charset === 'UTF-8' || charset === 'US-ASCII');
  const text = (): Buffer => {
    const lines = Array.from({ length: chance.int(0, 30) }, () =>
      Array.from({ length: chance.int(0, 1) * chance.int(0, 45) }, () =>
        chance.pick([...alphabets[charset]!]),
      ).join(''),
    );
    const bytes = encode()(lines.join('\n') + chance.pick(['', '\n', '\n\n']));
    return isBroken ? broken(bytes, chance) : bytes;
  };
  return {
    properties: {
      ...{ inputCharset: charset, decodeErrorPolicy: policy, batchSize: String(chance.int(1, 20)) },
      'deserializer.maxLineLength': String(maxChars),
      'deserializer.outputCharset': chance.pick(['UTF-8', 'UTF-8', 'ISO-8859-1', 'UTF-16']),
      ...drawFolder(chance),
    },
    files: drawFiles(chance, text),
  };
}

/** Bad bytes at some places between others, which may be within a character. */
function broken(bytes: Buffer, chance: Chance): Buffer {
  let whole = bytes;
  for (let i = chance.int(0, 4); i > 0; i--) {
    const at = chance.int(0, whole.length);
    whole = Buffer.concat([
      whole.subarray(0, at),
      Buffer.from(chance.pick(badUtf8), 'hex'),
      whole.subarray(at),
    ]);
  }
  return whole;
}

/** Of records: Flume casts every datum to one. */
const schemas: readonly { readonly text: string; readonly draw: (chance: Chance) => unknown }[] = [
  {
    text: '{"type":"record","name":"A","namespace":"x.y","doc":"a \\"doc\\"","fields":[{"name":"n","type":"int","default":7},{"name":"s","type":["null","string"],"default":null}],"aliases":["B"]}',
    draw: (chance) => ({ n: chance.int(-9, 999_999), s: chance.bool() ? null : { string: 'é\n' } }),
  },
  {
    text: '{"type":"record","name":"x.y.C","fields":[{"name":"e","type":{"type":"enum","name":"E","symbols":["P","Q"]}},{"name":"f","type":{"type":"fixed","name":"z.F","size":3}},{"name":"again","type":{"type":"array","items":"E"}},{"name":"m","type":{"type":"map","values":"z.F"}},{"name":"t","type":{"type":"long","logicalType":"timestamp-millis"}}]}',
    draw: (chance) => ({
      e: chance.pick(['P', 'Q']),
      f: Buffer.from([1, 10, 255]),
      again: Array.from({ length: chance.int(0, 3) }, () => 'Q'),
      // One entry at most: Flume writes those of a map in another order.
      m: chance.bool() ? {} : { k: Buffer.from([1, 2, 3]) },
      t: chance.int(0, 2 ** 31),
    }),
  },
  {
    text: '{"type":"record","name":"Node","fields":[{"name":"v","type":"double"},{"name":"next","type":["null","Node"]}]}',
    draw: (chance) => ({
      v: chance.int(0, 99) / 7,
      next: chance.bool() ? null : { Node: { v: 0, next: null } },
    }),
  },
  {
    text: '{"type":"record","name":"U","fields":[{"name":"u","type":{"type":"array","items":["int","bytes","boolean"]}}]}',
    draw: () => ({ u: [{ int: 3 }, { bytes: Buffer.from([10]) }, { boolean: true }] }),
  },
];

/** A case of AVRO: container files of one schema each, in blocks of several sizes. */
export function drawAvro(chance: Chance): SpoolCase {
  const container = (): Buffer => {
    const { text, draw } = chance.pick(schemas);
    const type = avro.Type.forSchema(JSON.parse(text), { wrapUnions: true });
    const sync = Buffer.from(Array.from({ length: 16 }, () => chance.int(0, 255)));
    const metadata = new Map([['avro.schema', Buffer.from(text)]]);
    const blocks = Array.from({ length: chance.int(0, 4) }, () => {
      const count = chance.int(1, 9);
      return encodeBlock(
        count,
        Buffer.concat(Array.from({ length: count }, () => type.toBuffer(draw(chance)))),
        sync,
      );
    });
    return Buffer.concat([encodeHeader(metadata, sync), ...blocks]);
  };
  return {
    properties: {
      deserializer: chance.pick(['AVRO', 'avro']),
      batchSize: String(chance.int(1, 12)),
      ...drawFolder(chance),
    },
    files: drawFiles(chance, container),
  };
}

function drawFolder(chance: Chance): Record<string, string> {
  return {
    consumeOrder: chance.pick(['oldest', 'youngest', 'OLDEST']),
    recursiveDirectorySearch: String(chance.bool()),
    fileHeader: String(chance.bool()),
    fileHeaderKey: chance.pick(['file', 'zz', 'Aa']),
    basenameHeader: String(chance.bool()),
    includePattern: chance.pick(['^.*$', '^.*\\\\.log$', '.*o.*']),
    ignorePattern: chance.pick(['^$', '^.*\\\\.tmp$', 'sub']),
    fileSuffix: chance.pick(['.COMPLETED', '.done']),
    ...(chance.bool(0.3) ? { trackingPolicy: 'tracker_dir', trackerDir: 'DIR/tracker' } : {}),
    ...(chance.bool(0.2) ? { deletePolicy: 'immediate' } : {}),
  };
}

function drawFiles(chance: Chance, content: () => Buffer): SpoolCase['files'] {
  const names = [
    'a.log',
    'b.log',
    'B.txt',
    'c.tmp',
    'd.done',
    'e.COMPLETED',
    '.f.log',
    'sub/g.log',
    'sub/deep/h.log',
    '.hid/i.log',
  ];
  return names
    .filter(() => chance.bool(0.7))
    .map((name) => ({ name, bytes: content(), mtimeS: 1_000_000 + chance.int(0, 5) }));
}

/** Agent a1 with a source for each case, below `dir`; makes the folders. */
export function spoolConf(dir: string, cases: readonly SpoolCase[]): string {
  const lines = ['sources', 'channels', 'sinks'].map(
    (kind) => `a1.${kind} = ${cases.map((_, i) => `n${i}`).join(' ')}`,
  );
  for (const [i, { properties, files }] of cases.entries()) {
    const home = join(dir, `n${i}`);
    mkdirSync(join(home, 'sp'), { recursive: true });
    mkdirSync(join(home, 'out'));
    for (const { name, bytes, mtimeS } of files) {
      const path = join(home, 'sp', name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, bytes);
      utimesSync(path, mtimeS, mtimeS);
    }
    const source = {
      type: 'spooldir',
      channels: `n${i}`,
      spoolDir: join(home, 'sp'),
      settleTime: '0',
      pollDelay: '100',
      ...properties,
    };
    for (const [key, value] of Object.entries(source))
      lines.push(`a1.sources.n${i}.${key} = ${value.replace('DIR', home)}`);
    lines.push(
      `a1.channels.n${i}.type = memory`,
      `a1.channels.n${i}.capacity = 10000`,
      `a1.sinks.n${i}.type = file_roll`,
      `a1.sinks.n${i}.channel = n${i}`,
      `a1.sinks.n${i}.sink.directory = ${join(home, 'out')}`,
      `a1.sinks.n${i}.sink.rollInterval = 0`,
      `a1.sinks.n${i}.sink.serializer = HEADER_AND_TEXT`,
    );
  }
  return `${lines.join('\n')}\n`;
}

/** What a program has made of one case: its events with their headers, and what its folders hold now. */
export function spoolResult(dir: string, i: number): { events: string; files: string[] } {
  const home = join(dir, `n${i}`);
  const out = readdirSync(join(home, 'out'))
    .sort()
    .map((file) => readFileSync(join(home, 'out', file), 'latin1'))
    .join('');
  const files = [...filesBelow(join(home, 'sp')), ...filesBelow(join(home, 'tracker'))]
    .map((path) => path.slice(home.length + 1))
    // What a program keeps for itself.
    .filter((path) => !path.includes('.flumespool'))
    .sort();
  return { events: out.replaceAll(dir, 'DIR'), files };
}

function filesBelow(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const entries = readdirSync(folder, { withFileTypes: true, recursive: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}
