import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type TempDir, tempDir } from '../../../../testkit/src/files/temp-dir.ts';
import { JsonDrawn, meaningOf } from '../../../../testkit/src/tables/json-drawn.ts';
import { readTables, type TableReader } from '../../../../testkit/src/tables/read-tables.ts';
import { type Chance, withChance } from '../../component/testing/chance.ts';
import { BatchBuilder } from '../../records/batch-builder.ts';
import { encodeEvents } from './file-format.ts';
import { tableFormat } from './table-format.ts';
import type { TableOptions, TableType } from './table-options.ts';

const readersOf: Readonly<Record<TableType, readonly TableReader[]>> = { parquet: ['pyarrow', 'duckdb'] };

const defaults: TableOptions = {
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
  const encoder = tableFormat(type, { ...defaults, ...options }).open();
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

describe.each(['parquet'] as const)('%s', (type) => {
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

  it('has row groups and pages, and bounds that readers go by', async () => {
    using dir = tempDir();
    const text = 'x'.repeat(500);
    const batches = Array.from({ length: 30 }, (_, b) =>
      Array.from({ length: 100 }, (_, i) => `{"n":${b * 100 + i},"t":"${text}${b}","f":${i}.5,"s":"${b}"}`),
    );
    const { path } = await write(dir, 'parquet', batches, {
      'parquet.rowGroupBytes': 300_000,
      'table.sampleEvents': 100,
    });
    const [arrow, duck] = await readTables([
      { reader: 'pyarrow', path },
      { reader: 'duckdb', path },
    ]);
    expect(arrow!.groups!.length).toBeGreaterThan(3);
    expect(arrow!.rows).toEqual(duck!.rows);
    expect(arrow!.rows.map((row) => (JSON.parse(row) as { n: number }).n)).toEqual(
      Array.from({ length: 3000 }, (_, i) => i),
    );
  });

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
