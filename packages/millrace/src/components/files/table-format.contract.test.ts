import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type TempDir, tempDir } from '../../../../testkit/src/files/temp-dir.ts';
import { JsonDrawn, meaningOf } from '../../../../testkit/src/tables/json-drawn.ts';
import { readTables, type TableReader } from '../../../../testkit/src/tables/read-tables.ts';
import { type Chance, withChance } from '../../component/testing/chance.ts';
import { containerCodecs } from '../../formats/avro/codecs.ts';
import { BatchBuilder } from '../../records/batch-builder.ts';
import { encodeEvents } from './file-format.ts';
import { tableFormat } from './table-format.ts';
import type { TableOptions, TableType } from './table-options.ts';

const readersOf: Readonly<Record<TableType, readonly TableReader[]>> = {
  parquet: ['pyarrow', 'duckdb'],
  avro: ['fastavro'],
};

const defaults: TableOptions = {
  'table.schemaFile': undefined,
  'avro.compression': 'deflate',
  'table.sampleEvents': 1000,
  'table.nested': 'struct',
  'table.timestamps': false,
  'table.misfits': 'rest',
  'table.restColumn': '_rest',
  'table.headers': [],
  'parquet.compression': 'zstd',
  'parquet.rowGroupBytes': 16 * 1024 * 1024,
  'parquet.rowGroupEvents': 0,
};

interface Written {
  readonly path: string;
  /** Of the events that were given, by index, why it was not written. */
  readonly refused: ReadonlyMap<number, string>;
}

/** Writes events into a file; each group of them is a batch. */
async function write(
  dir: TempDir,
  type: TableType,
  batches: readonly (readonly (string | Buffer)[])[],
  options: Partial<TableOptions> = {},
  headers: Readonly<Record<string, string>> = {},
): Promise<Written> {
  const format = tableFormat(type, { ...defaults, ...options });
  await format.prepare?.();
  const encoder = format.open();
  const bytes = [...(await encoder.begin())];
  const refused = new Map<number, string>();
  let first = 0;
  for (const bodies of batches) {
    const builder = new BatchBuilder();
    for (const body of bodies) builder.add(Buffer.from(body as string), new Map(Object.entries(headers)));
    const encoded = await encodeEvents(encoder, builder.build());
    bytes.push(...encoded.bytes);
    for (const { index, reason } of encoded.refused) refused.set(first + index, reason);
    first += bodies.length;
  }
  bytes.push(...(await encoder.end()));
  const path = dir.join(`${++made}.${type}`);
  writeFileSync(path, Buffer.concat(bytes));
  return { path, refused };
}
let made = 0;

const noRows = [
  '{"a":"\\ud800"}',
  'nope',
  '',
  '[1]',
  '"text"',
  '7',
  '{"a":1',
  '{"a":01}',
  '{"a":1}}',
  Buffer.from('7b2261223a22ff227d', 'hex'),
];

/** Some files of chance, and what each has to have. */
async function drawFiles(chance: Chance, dir: TempDir, type: TableType, count: number) {
  const files: { path: string; meanings: unknown[] }[] = [];
  for (let i = 0; i < count; i++) {
    const next = new JsonDrawn(chance).objectsOfOneShape();
    const batches = Array.from({ length: chance.int(1, 8) }, () =>
      Array.from({ length: chance.int(1, 30) }, () =>
        chance.int(0, 40) === 0 ? noRows[chance.int(0, noRows.length - 1)]! : next(),
      ),
    );
    const { path, refused } = await write(dir, type, batches, {
      'table.sampleEvents': chance.int(1, 60),
      'table.nested': chance.int(0, 3) === 0 ? 'json' : 'struct',
      'parquet.compression': (['zstd', 'snappy', 'gzip', 'none'] as const)[chance.int(0, 3)]!,
      'avro.compression': containerCodecs[chance.int(0, containerCodecs.length - 1)]!,
      'parquet.rowGroupEvents': [0, 1, 20][chance.int(0, 2)]!,
    });
    const all = batches.flat();
    expect([...refused.keys()].sort((a, b) => a - b)).toEqual(
      [...all.keys()].filter((index) => noRows.includes(all[index]!)),
    );
    const meanings = all.filter((each) => !noRows.includes(each)).map((each) => meaningOf(each as string));
    files.push({ path, meanings });
  }
  return files;
}

describe.each(['parquet', 'avro'] as const)('%s', (type) => {
  it('has what the JSON had, whatever the JSON was, for all who read it', { timeout: 300_000 }, () =>
    withChance(async (chance) => {
      using dir = tempDir();
      const files = await drawFiles(chance, dir, type, Number(process.env.MILLRACE_TABLE_FILES ?? 25));
      const asked = readersOf[type].flatMap((reader) => files.map(({ path }) => ({ reader, path })));
      for (const [i, { rows }] of (await readTables(asked)).entries()) {
        const { meanings } = files[i % files.length]!;
        expect(rows.map((row) => meaningOf(row, '_rest'))).toEqual(meanings);
      }
    }),
  );
});

describe('parquet', () => {
  it('makes columns of what the first events have', async () => {
    using dir = tempDir();
    const events = [
      '{"id":9223372036854775807,"ok":true,"ratio":1,"at":"2026-01-31T12:00:00.000001+01:00","mixed":1,"wide":1}',
      '{"id":1,"ratio":0.5,"user":{"name":"a","tags":["x"]},"mixed":"1","wide":12345678901234567890,"none":null}',
    ];
    const { path } = await write(
      dir,
      'parquet',
      [events],
      { 'table.timestamps': true, 'table.headers': ['host'] },
      { host: 'web-1' },
    );
    const [arrow, duck] = await readTables([
      { reader: 'pyarrow', path },
      { reader: 'duckdb', path },
    ]);
    expect(arrow!.codecs).toEqual(['ZSTD']);
    expect(arrow!.columns).toEqual({
      id: 'int64',
      ok: 'bool',
      ratio: 'double',
      at: 'timestamp[us, tz=UTC]',
      mixed: 'extension<arrow.json>',
      wide: 'extension<arrow.json>',
      user: 'struct<name: string, tags: list<element: string>>',
      none: 'extension<arrow.json>',
      host: 'string',
      _rest: 'extension<arrow.json>',
    });
    expect(duck!.columns).toEqual({
      id: 'BIGINT',
      ok: 'BOOLEAN',
      ratio: 'DOUBLE',
      at: 'TIMESTAMP WITH TIME ZONE',
      mixed: 'JSON',
      wide: 'JSON',
      user: 'STRUCT("name" VARCHAR, tags VARCHAR[])',
      none: 'JSON',
      host: 'VARCHAR',
      _rest: 'JSON',
    });
    for (const { rows } of [arrow!, duck!])
      expect(rows[0]).toMatch(
        /^\{"id":9223372036854775807,.*"at":"2026-01-31T11:00:00\.000001Z".*"host":"web-1"/,
      );
  });

  it('refuses what is no column, or leaves it out, where that is asked for', async () => {
    using dir = tempDir();
    const events = ['{"a":1}', '{"a":2,"b":true}', '{"a":"x"}', '{"a":4}'];
    const batches = [events.slice(0, 1), events.slice(1)];
    const own = { 'table.sampleEvents': 1 };
    const refused = await write(dir, 'parquet', batches, { ...own, 'table.misfits': 'refuse' });
    expect([...refused.refused]).toEqual([
      [1, "it can't be written: it has a field 'b', which is no column"],
      [2, "it can't be written: its field 'a' has no place in a column of int64"],
    ]);
    const dropped = await write(dir, 'parquet', batches, { ...own, 'table.misfits': 'drop' });
    expect([...dropped.refused.keys()]).toEqual([2]);
    const tables = await readTables(
      [refused, dropped].map(({ path }) => ({ reader: 'duckdb' as const, path })),
    );
    expect(tables.map(({ rows }) => rows)).toEqual([
      ['{"a":1}', '{"a":4}'],
      ['{"a":1}', '{"a":2}', '{"a":4}'],
    ]);
  });

  it('has row groups, and bounds by which readers pass them over and miss nothing', async () => {
    using dir = tempDir();
    const rowOf = (n: number) => ({
      ...{ n, half: (n - 1500) / 2, zero: n < 100 ? -0 : 0, big: BigInt(n - 1464) * 2n ** 26n },
      ...{
        text: `${n < 10 ? '' : 'é'}${n % 7}${n}`,
        long: `${'x'.repeat(500)}${n}`,
        day: new Date(n * 86_400_000),
      },
    });
    type Drawn = ReturnType<typeof rowOf>;
    const textOf = (n: number) => {
      const { big, zero, ...own } = rowOf(n);
      const json = JSON.stringify(own).slice(0, -1);
      return `${json},"big":${big},"zero":${Object.is(zero, -0) ? '-0.0' : '0.0'}}`;
    };
    const all = Array.from({ length: 3000 }, (_, n) => n);
    const batches = Array.from({ length: 30 }, (_, b) => all.slice(b * 100, b * 100 + 100).map(textOf));
    const own = { 'parquet.rowGroupBytes': 300_000, 'table.sampleEvents': 100, 'table.timestamps': true };
    const { path } = await write(dir, 'parquet', batches, own);
    const filters: [where: string, matches: (row: Drawn) => boolean][] = [
      ['n >= 2950', ({ n }) => n >= 2950],
      ['n = 0 or n = 2999', ({ n }) => n === 0 || n === 2999],
      ['half < -700.25', ({ half }) => half < -700.25],
      ['half = 0', ({ half }) => half === 0],
      ['zero = 0', () => true],
      ['big < -90000000000', ({ big }) => big < -90_000_000_000n],
      ['big > 0 and big < 20000000000', ({ big }) => big > 0n && big < 20_000_000_000n],
      // The low halves of the last are above 2^31.
      [`big >= ${1526 * 2 ** 26}`, ({ n }) => n >= 2990],
      ["text >= 'é62990'", ({ text }) => Buffer.from(text).compare(Buffer.from('é62990')) >= 0],
      ["text = '33'", ({ text }) => text === '33'],
      [`long = '${'x'.repeat(500)}2000'`, ({ n }) => n === 2000],
      ["day = '1975-06-24 00:00:00+00'", ({ n }) => n === 2000],
    ];
    const [arrow, ...found] = await readTables([
      { reader: 'pyarrow', path },
      ...filters.map(([where]) => ({ reader: 'duckdb' as const, path, where })),
    ]);
    expect(arrow!.groups!.length).toBeGreaterThan(3);
    const numbers = ({ rows }: { rows: readonly string[] }) =>
      rows.map((row) => (JSON.parse(row) as { n: number }).n).sort((x, y) => x - y);
    expect(numbers(arrow!)).toEqual(all);
    for (const [i, [where, matches]] of filters.entries())
      expect({ where, found: numbers(found[i]!) }).toEqual({
        where,
        found: all.filter((n) => matches(rowOf(n))),
      });
  });

  it('ends row groups also within a batch of large events', async () => {
    using dir = tempDir();
    const isBad = (n: number) => n === 77;
    const events = Array.from({ length: 80 }, (_, n) =>
      isBad(n) ? `no JSON ${n}` : `{"n":${n},"text":"${String(n % 10).repeat(200_000)}"}`,
    );
    const own = { 'parquet.rowGroupBytes': 1024 * 1024, 'table.sampleEvents': 3 };
    const { path, refused } = await write(dir, 'parquet', [events.slice(0, 40), events.slice(40)], own);
    expect([...refused.keys()]).toEqual([77]);
    const [table] = await readTables([{ reader: 'pyarrow', path }]);
    expect(table!.rows.map((row) => (JSON.parse(row) as { n: number }).n)).toEqual(
      events.flatMap((_, n) => (isBad(n) ? [] : [n])),
    );
    // 1 MiB is reached with 6 of them, and a piece of the batch has at most 5.
    for (const rows of table!.groups!) expect(rows).toBeLessThanOrEqual(10);
  });

  it.each(['parquet', 'avro'] as const)(
    'keeps events that are made to break columns, in %s',
    async (type) => {
      using dir = tempDir();
      const wide = `{${Array.from({ length: 3000 }, (_, i) => `"f${i}":${i}`).join(',')}}`;
      const deep = `{"deep":${'['.repeat(400)}1${']'.repeat(400)}}`;
      const deepObject = `{"deeper":${'{"a":'.repeat(100)}1${'}'.repeat(100)}}`;
      const long = `{"${'n'.repeat(300)}":"${'v'.repeat(2_000_000)}"}`;
      const twice = '{"a":1,"a":"x","b":{"c":1,"c":2},"b":{"c":3}}';
      const events = [wide, deep, deepObject, long, twice, wide.replaceAll('f', 'g'), '{}'];
      const { path, refused } = await write(dir, type, [events], { 'table.sampleEvents': 3 });
      expect([...refused]).toEqual([]);
      const tables = await readTables(readersOf[type].map((reader) => ({ reader, path })));
      for (const { columns, rows } of tables) {
        expect(Object.keys(columns).length).toBeLessThanOrEqual(1001);
        expect(rows.map((row) => meaningOf(row, '_rest'))).toEqual(events.map((event) => meaningOf(event)));
      }
    },
  );

  it.each(['parquet', 'avro'] as const)(
    'keeps a field of which a part does not fit as a whole, in %s',
    async (type) => {
      using dir = tempDir();
      const events = [
        '{"o":{"a":1,"b":1},"l":[1,2],"n":[[1],[2]]}',
        '{"o":{"a":2,"b":"x"},"l":[3,4]}',
        '{"l":[5,"x",6],"o":{"a":3,"b":3}}',
        '{"n":[[3,4],[5,{}]],"o":{"a":4,"c":4},"l":null}',
        '{"o":{"a":5,"b":5},"l":[7],"n":[[6]]}',
      ];
      const { path } = await write(dir, type, [events.slice(0, 1), events.slice(1)], {
        'table.sampleEvents': 1,
      });
      for (const { rows } of await readTables(readersOf[type].map((reader) => ({ reader, path }))))
        expect(rows).toEqual([
          '{"o":{"a":1,"b":1},"l":[1,2],"n":[[1],[2]],"_rest":null}',
          '{"o":null,"l":[3,4],"n":null,"_rest":{"o":{"a":2,"b":"x"}}}',
          '{"o":{"a":3,"b":3},"l":null,"n":null,"_rest":{"l":[5,"x",6]}}',
          '{"o":null,"l":null,"n":null,"_rest":{"o":{"a":4,"c":4},"n":[[3,4],[5,{}]]}}',
          '{"o":{"a":5,"b":5},"l":[7],"n":[[6]],"_rest":null}',
        ]);
    },
  );

  it('is a table without rows where no event was one', async () => {
    using dir = tempDir();
    const { path, refused } = await write(dir, 'parquet', [['nope', '[]']]);
    expect(refused.size).toBe(2);
    const [arrow, duck] = await readTables([
      { reader: 'pyarrow', path },
      { reader: 'duckdb', path },
    ]);
    expect([arrow!.rows, duck!.rows]).toEqual([[], []]);
    expect(Object.keys(arrow!.columns)).toEqual(['_rest']);
  });
});

describe('columns that a schema gives', () => {
  const nullable = (type: unknown) => ['null', type];
  const schema = {
    ...{ type: 'record', name: 'Order', namespace: 'shop' },
    fields: [
      { name: 'id', type: 'long' },
      { name: 'count', type: nullable('int') },
      { name: 'price', type: nullable({ type: 'bytes', logicalType: 'decimal', precision: 20, scale: 2 }) },
      { name: 'weight', type: ['float', 'null'] },
      { name: 'at', type: nullable({ type: 'long', logicalType: 'timestamp-millis' }) },
      { name: 'day', type: nullable({ type: 'int', logicalType: 'date' }) },
      { name: 'state', type: { type: 'enum', name: 'State', symbols: ['open', 'paid'] } },
      { name: 'tags', type: nullable({ type: 'map', values: 'string' }) },
      { name: 'from', type: { type: 'record', name: 'Place', fields: [{ name: 'city', type: 'string' }] } },
      { name: 'to', type: nullable('Place') },
      { name: 'lines', type: { type: 'array', items: nullable('double') } },
      { name: 'host', type: nullable('string') },
    ],
  };
  const whole =
    '{"state":"paid","id":-9223372036854775808,"count":2147483647,"price":"123456789012345678.90","weight":0.5,"at":"2026-01-31T12:00:00.250Z","day":"2026-02-28","tags":{"a":"1","b":"2"},"from":{"city":"Brno"},"to":{"city":"Oslo"},"lines":[1,null,-0.25]}';
  const least = '{"id":1,"state":"open","from":{"city":""},"lines":[]}';
  const odd =
    '{"id":2,"state":"open","from":{"city":"x"},"lines":[],"price":1.005,"count":2147483648,"more":[1],"tags":{"a":"1","\\u0061":"2"}}';
  const unfit = [
    '{"state":"open","from":{"city":""},"lines":[]}',
    '{"id":3,"state":"lost","from":{"city":""},"lines":[]}',
    '{"id":4,"state":"open","from":null,"lines":[]}',
  ];

  it.each(['parquet', 'avro'] as const)('are those of a %s file', async (type) => {
    using dir = tempDir();
    writeFileSync(dir.join('order.avsc'), JSON.stringify(schema));
    const own = { 'table.schemaFile': dir.join('order.avsc'), 'table.headers': ['zone', 'host'] };
    const headers = { host: 'web-1', zone: 'eu' };
    const events = [whole, unfit[0]!, least, unfit[1]!, odd, unfit[2]!];
    const { path, refused } = await write(dir, type, [events], own, headers);
    expect([...refused]).toEqual([
      [1, "it can't be written: its field 'id' is missing or null"],
      [3, "it can't be written: its field 'state' has no place in a column of enum"],
      [5, "it can't be written: its field 'from' is missing or null"],
    ]);
    const tables = await readTables(readersOf[type].map((reader) => ({ reader, path })));
    for (const { columns, rows } of tables) {
      const names = [...schema.fields.map(({ name }) => name), 'zone', '_rest'];
      expect(Object.keys(columns)).toEqual(names);
      // A map has each key once.
      expect(rows[2]).toContain('"tags":null');
      const given = '"host":"web-1","zone":"eu"';
      const asNumber = whole.replace('"123456789012345678.90"', '123456789012345678.90');
      expect(rows.map((row) => meaningOf(row, '_rest'))).toEqual(
        [asNumber.replace('.250Z', '.250000Z'), least, odd].map((event) =>
          meaningOf(event.replace(/\}$/, `,${given}}`)),
        ),
      );
    }
  });

  it.each([
    ['"string"', 'its schema is no record'],
    [
      '{"type":"record","name":"R","fields":[{"name":"b","type":"bytes"}]}',
      "bytes at 'b', which JSON can't give",
    ],
    ['{"type":"record","name":"R","fields":[{"name":"u","type":["int","string"]}]}', "several types at 'u'"],
    [
      '{"type":"record","name":"R","fields":[{"name":"r","type":["null","R"]}]}',
      "itself in it, or too much, at 'r'",
    ],
    ['{"type":"record","name":"R","fields":[{"name":"_rest","type":"int"}]}', 'give that another name'],
    ['{', "its schema can't be read"],
  ])('are told where they can be none: %s', async (text, fault) => {
    using dir = tempDir();
    writeFileSync(dir.join('x.avsc'), text);
    const format = tableFormat('parquet', { ...defaults, 'table.schemaFile': dir.join('x.avsc') });
    await expect(format.prepare!()).rejects.toThrow(fault);
  });
});
