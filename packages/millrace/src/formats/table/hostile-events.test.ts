/** Events that are made to break a table, or to slip through it. */
import { describe, expect, it } from 'vitest';
import { schemaOf } from '../avro/table-schema.ts';
import { AvroTableWriter } from '../avro/table-writer.ts';
import { JsonTape } from '../json/json-tape.ts';
import { ParquetWriter } from '../parquet/parquet-writer.ts';
import type { Column } from './column-type.ts';
import { ColumnInference, isColumnName } from './infer-columns.ts';
import { JsonRows, type Misfits } from './json-rows.ts';
import type { TableWriter } from './table-writer.ts';

function tapeOf(text: string): JsonTape {
  const tape = new JsonTape();
  const bytes = Buffer.from(text);
  expect(tape.read(bytes, 0, bytes.length)).toBe(null);
  return tape;
}

function columnsOf(...events: string[]): Column[] {
  const inference = new ColumnInference({
    ...{ nested: 'struct', timestamps: true, except: new Set() },
    isName: isColumnName,
  });
  for (const event of events) inference.add(tapeOf(event));
  return inference.columns();
}

const writers: Readonly<Record<string, (columns: readonly Column[]) => TableWriter>> = {
  parquet: (columns) => new ParquetWriter({ columns, codec: 'none', groupBytes: 1 << 30, groupRows: 0 }),
  avro: (columns) => new AvroTableWriter({ columns, schema: schemaOf(columns), codec: 'null' }),
};

async function bytesOf(writer: TableWriter): Promise<Buffer> {
  const pieces = [await writer.take(), await writer.end()];
  return Buffer.concat(pieces.flat());
}

const wide = (fields: number) =>
  JSON.stringify(Object.fromEntries(Array.from({ length: fields }, (_, i) => [`f${i}`, i])));

describe.each(Object.keys(writers))('%s', (type) => {
  it('a short list that stands for very many nulls has no place in its columns, and takes no room', async () => {
    const columns = columnsOf(`{"a":[${wide(900)}]}`);
    const writer = writers[type]!(columns);
    const field = writer.fields[0]!;
    expect(field.write(tapeOf(`[${'{},'.repeat(5000)}{}]`), 0)).toBe(false);
    expect(field.write(tapeOf('[{}]'), 0)).toBe(true);
    writer.endRow();
    // A file with all of it would have 4 500 900 levels more.
    expect((await bytesOf(writer)).length).toBeLessThan(500_000);
  });

  it('a list within lists has no place for that, either', () => {
    const field = writers[type]!(columnsOf(`{"a":[[${wide(900)}]]}`)).fields[0]!;
    expect(field.write(tapeOf(`[${'[{}],'.repeat(5000)}[]]`), 0)).toBe(false);
    expect(field.write(tapeOf(`[[${'{},'.repeat(5000)}{}]]`), 0)).toBe(false);
  });

  it('long lists of values, and of whole objects, have their place', () => {
    const plain = writers[type]!(columnsOf('{"a":[1]}')).fields[0]!;
    expect(plain.write(tapeOf(`[${'1,'.repeat(50_000)}2]`), 0)).toBe(true);
    const object = wide(200);
    const objects = writers[type]!(columnsOf(`{"a":[${object}]}`)).fields[0]!;
    expect(objects.write(tapeOf(`[${`${object},`.repeat(100)}${object}]`), 0)).toBe(true);
  });

  it('of a column that is made of such a list every list has its place, as JSON text', () => {
    const events = [`{"a":[${wide(900)}]}`, `{"a":[${'{},'.repeat(5000)}{}]}`];
    const columns = columnsOf(...events);
    expect(columns).toEqual([{ name: 'a', type: { kind: 'json' }, isNullable: true }]);
  });

  it('a number is no time where the column was made of times', () => {
    const columns = columnsOf('{"at":"2026-01-31T12:00:00Z"}');
    expect(columns).toMatchObject([{ type: { kind: 'timestamp' } }]);
    const field = writers[type]!(columns).fields[0]!;
    expect(field.write(tapeOf('1700000000'), 0)).toBe(false);
    expect(field.write(tapeOf('"2026-01-31T13:00:00Z"'), 0)).toBe(true);
  });

  it.each<[Misfits, number]>([
    ['rest', 1],
    ['refuse', 0],
  ])('a field of any name is a misfit like others: %s', (misfits, rest) => {
    const text: Column['type'] = { kind: 'string' };
    const columns: Column[] = [
      { name: 'host', type: text, isNullable: true },
      ...(misfits === 'rest' ? [{ name: '_rest', type: { kind: 'json' } as const, isNullable: true }] : []),
    ];
    const names = ['\u00000', '\u00001', '\ufffd0', 'null', 'host', '_rest'];
    for (const name of names) {
      const writer = writers[type]!(columns);
      const kept: string[] = [];
      const field = writer.fields[rest]!;
      const { writeText } = field;
      field.writeText = (bytes, from, to) => {
        kept.push(bytes.toString('utf8', from, to));
        writeText.call(field, bytes, from, to);
      };
      const rows = new JsonRows(writer, {
        ...{ columns, given: [0], misfits },
        rest: misfits === 'rest' ? rest : null,
      });
      const event = JSON.stringify({ [name]: 'x' });
      const fault = rows.write(tapeOf(event), ['h']);
      if (misfits === 'rest') expect([fault, kept]).toEqual([null, [event]]);
      else expect(fault).toMatch(/which is no column/);
    }
  });
});
