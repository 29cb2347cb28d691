import { DatabaseSync } from 'node:sqlite';
import { afterEach, expect, it } from 'vitest';
import { tempDir } from '../../../../testkit/src/files/temp-dir.ts';
import { deliveryOf } from '../../component/delivery.ts';
import type { Sink } from '../../component/sink.ts';
import { contextFor } from '../../component/testing/context.ts';
import { batchOf } from '../../component/testing/test-api.ts';
import { BatchBuilder } from '../../records/batch-builder.ts';
import type { EventBatch } from '../../records/event-batch.ts';
import { sqlSink } from './sink.ts';

const endings: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

async function startSink(properties: Record<string, string> = {}) {
  const dir = tempDir('millrace-sqlite-');
  endings.push(() => dir[Symbol.dispose]());
  const file = dir.join('events.db');
  const context = contextFor(sqlSink, { url: `sqlite:${file}`, table: 't', ...properties });
  const sink = sqlSink.create(context);
  await sink.start();
  endings.push(() => sink.stop());
  const rows = (sql: string) => {
    const database = new DatabaseSync(file);
    const found = database.prepare(sql).all();
    database.close();
    return found.map((row) => Object.values(row));
  };
  return { sink, file, rows, lines: context.log.lines };
}

const never = new AbortController().signal;
const deliver = (sink: Sink, ...batches: EventBatch[]) =>
  sink.deliver(deliveryOf(batches), { signal: never });

it('stores each event once, by its place in the topic', async () => {
  const { sink, file, rows, lines } = await startSink();
  const events = batchOf('{"a":1}', '{"a":2}').withOrigin({ baseOffset: 7, offsetHeader: 'offset' });
  const fromTopic = events.withSharedHeaders(
    new Map([
      ['topic', 'x'],
      ['partition', '1'],
    ]),
  );
  for (let i = 0; i < 3; i++) await deliver(sink, fromTopic);
  expect(rows('SELECT * FROM t')).toEqual([
    ['x', '1', 7, '{"a":1}'],
    ['x', '1', 8, '{"a":2}'],
  ]);
  expect(lines).toEqual([
    expect.stringContaining(
      `SQLite in ${file}: the table was not there and is made: CREATE TABLE IF NOT EXISTS "t"`,
    ),
  ]);
});

it('stores events without a place, and says once that they may come twice', async () => {
  const { sink, rows, lines } = await startSink();
  await deliver(sink, batchOf('a', 'b'));
  await deliver(sink, batchOf('a', 'b'));
  expect(rows('SELECT body FROM t')).toEqual([['a'], ['b'], ['a'], ['b']]);
  expect(lines.filter((line) => line.includes('names that are made up'))).toHaveLength(1);
});

it('goes on behind a delivery of which no rows can be made', async () => {
  const { sink, rows } = await startSink();
  await deliver(sink, batchOf('a'));
  const positionOf = () => {
    throw new Error('its place is not to be had');
  };
  const log = { topic: 'x', partition: 0 };
  const outcomes = await Promise.allSettled([
    deliver(sink, batchOf('b').withProvenance({ place: 'x-0', log, positionOf })),
    deliver(sink, batchOf('c')),
  ]);
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  await deliver(sink, batchOf('c'));
  expect(rows('SELECT body FROM t')).toEqual([['a'], ['c']]);
});

it('names an event of a file by source, path, text and place', async () => {
  const { sink, rows } = await startSink();
  const events = batchOf('one', 'two').withProvenance({
    source: 'r1',
    place: '/logs/a',
    positionOf: (n) => n * 4,
  });
  const other = batchOf('new', 'two').withProvenance({
    source: 'r1',
    place: '/logs/a',
    positionOf: (n) => n * 4,
  });
  const builder = new BatchBuilder();
  builder.add('two', [
    ['file', '/logs/a'],
    ['byteoffset', '4'],
  ]);
  const shown = builder.build();
  for (let i = 0; i < 2; i++) await deliver(sink, events, other, shown);
  expect(
    rows('SELECT event_source, substr(event_part, 1, 8), event_position, body FROM t ORDER BY rowid'),
  ).toEqual([
    ['r1', '/logs/a#', 0, 'one'],
    ['r1', '/logs/a#', 4, 'two'],
    ['r1', '/logs/a#', 0, 'new'],
    ['', '/logs/a#', 4, 'two'],
  ]);
});

it('refuses alone what the table never takes; JSON stays as it was written', async () => {
  const { sink, rows } = await startSink({ columns: 'id v', key: 'id', 'types.id': 'INTEGER' });
  const bodies = [
    ...[
      '{"id":1,"v":{"n":12345678901234567890.10}}',
      '{"v":2}',
      '{"id":2,"v":"a\\u0000\\n"}',
      '{"id":3,"v":"\\ud800"}',
    ],
    ...['no', '{"id":1,"v":null}', '{"id":4,"v":true}'],
  ];
  expect(await deliver(sink, batchOf(...bodies))).toMatchObject({
    refused: [
      { index: 1, reason: 'a column of the key has no value' },
      { index: 3, reason: expect.stringContaining('half of a surrogate pair') },
      { index: 4, reason: 'the body has no fields: it is no JSON at byte 1' },
    ],
  });
  expect(rows('SELECT id, hex(CAST(v AS BLOB)) FROM t ORDER BY id')).toEqual([
    [1, ''],
    [2, '61000A'],
    [4, '74727565'],
  ]);
});

it('waits for a lock, a column and a unique index, and goes on', async () => {
  const { sink, file } = await startSink({ 'columns.line': 'body', key: 'line' });
  const other = new DatabaseSync(file);
  endings.push(() => other.close());
  other.exec('CREATE TABLE t (l TEXT)');
  await expect(deliver(sink, batchOf('a'))).rejects.toThrow(
    /SQLite in .*: table "t" has no column "line": add it/,
  );
  other.exec('ALTER TABLE t RENAME COLUMN l TO line');
  await expect(deliver(sink, batchOf('a'))).rejects.toThrow(
    /ON CONFLICT clause does not match any PRIMARY KEY/,
  );
  other.exec('CREATE UNIQUE INDEX i ON t (line); BEGIN IMMEDIATE');
  await expect(deliver(sink, batchOf('a'))).rejects.toThrow(/database is locked/);
  other.exec('COMMIT');
  await deliver(sink, batchOf('a', 'b'));
  other.exec('DROP TABLE t');
  await expect(deliver(sink, batchOf('c'))).rejects.toThrow(/no such table/);
  await deliver(sink, batchOf('c'));
  expect(other.prepare('SELECT line FROM t').all()).toEqual([{ line: 'c' }]);
});
