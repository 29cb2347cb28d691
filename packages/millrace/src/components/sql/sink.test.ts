import { describe, expect, it } from 'vitest';
import { contextFor } from '../../component/testing/context.ts';
import { readSource, readTableName } from './columns.ts';
import { clickHouseAddress, postgresAddress, type SqlValues, tableSpec } from './options.ts';
import { createStatement } from './postgres-table.ts';
import { sqlSink } from './sink.ts';

const url = 'postgresql://u@localhost/db';
const valuesOf = (properties: Record<string, string>) =>
  contextFor(sqlSink, { url, table: 't', ...properties }).options as unknown as SqlValues;
const statementOf = (properties: Record<string, string>) => createStatement(tableSpec(valuesOf(properties)));

describe('the table of a sql sink', () => {
  it.each<[properties: Record<string, string>, statement: string]>([
    [
      {},
      'CREATE TABLE IF NOT EXISTS "t" ("event_source" text, "event_part" text, "event_position" bigint, "body" jsonb, ' +
        'PRIMARY KEY ("event_source", "event_part", "event_position"))',
    ],
    [{ key: 'none', table: 'logs.access' }, 'CREATE TABLE IF NOT EXISTS "logs"."access" ("body" jsonb)'],
    [
      {
        ...{ table: '"a.b"; DROP', columns: 'id, Größe', key: 'id', 'types.id': 'numeric(20, 0)' },
        ...{
          'columns.a"b': '/x~1y',
          'columns.host': '%{host}',
          'columns.at': 'timestamp',
          'columns.h': 'headers',
        },
      },
      '',
    ],
    [
      {
        ...{ table: '"a.b"."t"', columns: 'id, Größe', key: 'id', 'types.id': 'numeric(20, 0)' },
        ...{
          'columns.a"b': '/x~1y',
          'columns.host': '%{host}',
          'columns.at': 'timestamp',
          'columns.h': 'headers',
        },
      },
      'CREATE TABLE IF NOT EXISTS "a.b"."t" ("id" numeric(20, 0), "Größe" jsonb, "a""b" jsonb, "host" text, ' +
        '"at" timestamptz, "h" jsonb, PRIMARY KEY ("id"))',
    ],
  ])('is made as its options say: %j', (properties, statement) => {
    if (statement === '') expect(() => statementOf(properties)).toThrow('table: it is no name of a table');
    else expect(statementOf(properties)).toBe(statement);
  });

  it('has a name of one or two parts', () => {
    expect(readTableName('a')).toEqual({ schema: null, name: 'a' });
    expect(readTableName('"x""y".b c')).toEqual({ schema: 'x"y', name: 'b c' });
    for (const bad of ['', 'a.b.c', '.', 'a.', '"', 'a"b', 'a\0b']) expect(readTableName(bad)).toBe(null);
  });

  it('has columns for fields, headers and what else an event has', () => {
    expect(readSource('%{a b}')).toEqual({ kind: 'header', name: 'a b' });
    expect(readSource('/body')).toEqual({ kind: 'field', path: ['body'] });
    expect(readSource('a.b')).toEqual({ kind: 'field', path: ['a.b'] });
    expect(readSource('body')).toEqual({ kind: 'body' });
    for (const bad of ['', '/~']) expect(readSource(bad)).toBe(null);
  });
});

describe('options of the sql sink', () => {
  it.each<[properties: Record<string, string>, message: RegExp]>([
    [{ url: 'mysql://a/b' }, /url: it is no URL of a database/],
    [{ url: 'postgresql://a' }, /url: it names no database/],
    [{ url: 'clickhouse:///x' }, /url: it names no host/],
    [{ url: 'clickhouse://a/x?host=b' }, /host: no such parameter/],
    [
      { url: 'clickhouse://a', columns: 'a', key: 'a', onConflict: 'ignore' },
      /onConflict: ClickHouse keeps of rows with one key the last/,
    ],
    [{ url: `${url}?sslmode=prefer` }, /sslmode: "prefer" is none of/],
    [{ url: `${url}?sslmod=require` }, /sslmod: no such parameter/],
    [{ 'columns.a': '/~' }, /columns\.a: "\/~" is no JSON pointer/],
    [{ columns: 'a', 'types.a': 'text); DROP TABLE t; --' }, /types\.a: .* is no type/],
    [{ columns: 'a', 'types.a': "text DEFAULT 'x'" }, /types\.a: .* is no type/],
    [{ columns: 'a', 'types.b': 'text' }, /types\.b: there is no such column/],
    [{ columns: 'event_part' }, /event_part is a column of key = offset/],
    [{ columns: 'a', key: 'a, b' }, /key: there is no column "b"/],
    [{ key: ' , ' }, /key: it names no column/],
  ])('are refused: %j', (properties, message) => {
    expect(() => valuesOf(properties)).toThrow(message);
  });

  it('say where a ClickHouse is', () => {
    const values = valuesOf({ url: 'clickhouse://u:p%2Fw@[::1]/d%20b?sslmode=verify-full' });
    expect(sqlSink.promises!(values as never).does).toBe(
      'writes rows to table t of ClickHouse at [::1]:8443/d b',
    );
    expect(clickHouseAddress(values)).toMatchObject({ user: 'u', password: 'p/w', database: 'd b' });
    expect(clickHouseAddress(valuesOf({ url: 'clickhouse://a' }))).toMatchObject({ database: 'default' });
    expect(String(clickHouseAddress(valuesOf({ url: 'clickhouse://a' })).url)).toBe('http://a:8123/');
  });

  it('have a password that nobody sees', () => {
    const values = valuesOf({ url: 'postgresql://u%40x:p%2Fw@[::1]:6543/d%20b?sslmode=require' });
    expect(postgresAddress(values).config).toMatchObject({
      ...{ host: '::1', port: 6543, user: 'u@x', password: 'p/w', database: 'd b' },
      ssl: { rejectUnauthorized: false },
    });
    expect(JSON.stringify(values)).not.toContain('p%2Fw');
    expect(sqlSink.promises!(values as never).does).toBe(
      'writes rows to table t of PostgreSQL at [::1]:6543/d b',
    );
    expect(postgresAddress(valuesOf({ url, password: 'own' })).config).toMatchObject({ password: 'own' });
  });

  it('need the headers that their key is made of', () => {
    const values = valuesOf({ 'columns.a': '%{host}', 'columns.b': '%{id}', 'columns.c': '/x', key: 'b' });
    expect(sqlSink.needs!(values as never)).toEqual([
      { header: 'id', key: 'columns.b', without: expect.stringContaining('has no key') },
    ]);
  });

  it('are told what to look at', () => {
    const notesOf = (properties: Record<string, string>) =>
      sqlSink.notes!(valuesOf(properties) as never).map(({ message }) => message);
    expect(notesOf({ url: 'postgresql://u:p@db.example.com/x' })).toEqual([
      expect.stringContaining('in plain'),
    ]);
    expect(notesOf({ url: 'postgresql://u:p@127.0.0.1/x', key: 'none', onConflict: 'update' })).toEqual([
      expect.stringContaining('onConflict: without a key'),
    ]);
  });
});
