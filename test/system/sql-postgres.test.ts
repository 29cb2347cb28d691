/** The sql sink with a real PostgreSQL: what arrives is what was sent, each once; what is refused is so alone. */
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { deliveryOf } from '../../packages/millrace/src/component/delivery.ts';
import type { Sink } from '../../packages/millrace/src/component/sink.ts';
import { contextFor } from '../../packages/millrace/src/component/testing/context.ts';
import { batchOf } from '../../packages/millrace/src/component/testing/test-api.ts';
import { sqlSink } from '../../packages/millrace/src/components/sql/sink.ts';
import { BatchBuilder } from '../../packages/millrace/src/records/batch-builder.ts';
import type { EventBatch } from '../../packages/millrace/src/records/event-batch.ts';
import { RealPostgres } from '../../packages/testkit/src/sql/real-postgres.ts';

let postgres: RealPostgres;
beforeAll(async () => {
  postgres = await RealPostgres.start();
});
afterAll(() => postgres[Symbol.asyncDispose]());
const endings: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

let tables = 0;
async function startSink(properties: Record<string, string | number> = {}) {
  const table = String(properties.table ?? `t${tables++}`);
  const context = contextFor(sqlSink, { url: postgres.url(), table, ...properties });
  const sink = sqlSink.create(context);
  await sink.start();
  endings.push(() => sink.stop());
  return { sink, table, lines: context.log.lines, state: context.state };
}

const never = new AbortController().signal;
const deliver = (sink: Sink, ...batches: EventBatch[]) =>
  sink.deliver(deliveryOf(batches), { signal: never });

/** Events as a KafkaSource has them. */
function fromTopic(
  bodies: readonly (string | Buffer)[],
  first = 0,
  topic = 'clicks',
  partition = 3,
): EventBatch {
  const builder = new BatchBuilder();
  for (const body of bodies) builder.add(body);
  return builder
    .build(
      new Map([
        ['topic', topic],
        ['partition', String(partition)],
      ]),
    )
    .withOrigin({ baseOffset: first, offsetHeader: 'offset' });
}

describe('rows of a sql sink in PostgreSQL', () => {
  it('have the place in the topic as their key: what comes again changes nothing', async () => {
    const { sink, table, lines } = await startSink();
    expect(await deliver(sink, fromTopic(['{"a":1}', '{"a":2}', '{"a":3}']))).toMatchObject({ refused: [] });
    expect(lines).toEqual([
      expect.stringMatching(
        /^info sink x1: PostgreSQL at 127\.0\.0\.1:\d+\/postgres: the table was not there and is made: CREATE TABLE IF NOT EXISTS "t0" \(/,
      ),
    ]);
    expect(await deliver(sink, fromTopic(['{"a":2}', '{"a":3}', '{"a":4}'], 1))).toMatchObject({
      refused: [],
    });
    expect(
      await deliver(sink, fromTopic(['{"a":1}', '{"a":1}']), fromTopic(['{"a":9}'], 0, 'other')),
    ).toMatchObject({ refused: [] });
    expect(await postgres.rows(`SELECT * FROM "${table}" ORDER BY 1, 2, 3`)).toEqual([
      ...['clicks|3|0|{"a": 1}', 'clicks|3|1|{"a": 2}', 'clicks|3|2|{"a": 3}', 'clicks|3|3|{"a": 4}'],
      'other|3|0|{"a": 9}',
    ]);
  });

  it('are updated by a key of columns; of several in one delivery the last counts', async () => {
    const { sink, table } = await startSink({ columns: 'id v', key: 'id', 'types.id': 'integer' });
    await deliver(sink, batchOf('{"id":1,"v":"a"}', '{"id":2,"v":"b"}'));
    await deliver(sink, batchOf('{"id":2,"v":"c"}', '{"id":3,"v":"d"}', '{"id":2,"v":"e"}', '{"v":1}'));
    expect(await postgres.rows(`SELECT * FROM "${table}" ORDER BY id`)).toEqual(['1|"a"', '2|"e"', '3|"d"']);
  });

  it('are refused alone, by their place and with the reason', async () => {
    await postgres.rows(
      'CREATE TABLE strict (n smallint, s text NOT NULL, j jsonb, u text UNIQUE, c int CHECK (c < 10))',
    );
    const { sink } = await startSink({ table: 'strict', columns: 'n s j u c', key: 'none' });
    const good = (n: number) =>
      `{"n":${n},"s":"x","j":{"n":12345678901234567890.123456789012345678901234567890},"u":"u${n}"}`;
    const bodies = [
      ...[good(0), '{"n":"x","s":"x"}', good(1), '{"n":70000,"s":"x"}', '{"n":1}', good(2)],
      ...['{"s":"a\\u0000b"}', '{"s":"x","j":"\\u0000"}', '{"s":"\\ud800"}', 'no json', good(3)],
      ...[
        '{"s":"x","u":"u3"}',
        '{"s":"x","c":10}',
        Buffer.from([0x7b, 0x22, 0x73, 0x22, 0x3a, 0x22, 0xff, 0x22, 0x7d]),
      ],
      ...[...Array(40).keys()].map((i) => good(i + 10)),
    ];
    const builder = new BatchBuilder();
    for (const body of bodies) builder.add(body);
    const { refused } = (await deliver(sink, builder.build())) ?? {};
    expect(refused).toEqual([
      { index: 1, reason: '22P02: invalid input syntax for type smallint: "x" (column n)' },
      { index: 3, reason: '22003: value "70000" is out of range for type smallint (column n)' },
      { index: 4, reason: expect.stringMatching(/^23502: null value in column "s"/) },
      { index: 6, reason: expect.stringMatching(/^22021: invalid byte sequence for encoding "UTF8": 0x00/) },
      { index: 7, reason: expect.stringMatching(/^22P05: unsupported Unicode escape sequence/) },
      { index: 8, reason: 'a text has half of a surrogate pair, which is no character' },
      { index: 9, reason: 'the body has no fields: it is no JSON at byte 1' },
      { index: 11, reason: expect.stringMatching(/^23505: duplicate key value/) },
      { index: 12, reason: expect.stringMatching(/^23514: new row .* violates check constraint/) },
      { index: 13, reason: expect.stringMatching(/^22021: invalid byte sequence for encoding "UTF8": 0xff/) },
    ]);
    const stored = await postgres.rows('SELECT n, j FROM strict ORDER BY n');
    expect(stored).toEqual(
      [0, 1, 2, 3, ...[...Array(40).keys()].map((i) => i + 10)].map(
        (n) => `${n}|{"n": 12345678901234567890.123456789012345678901234567890}`,
      ),
    );
  });

  it('may all be refused', async () => {
    const { sink, table } = await startSink({ columns: 'n', 'types.n': 'integer', key: 'none' });
    const { refused } =
      (await deliver(sink, batchOf(...Array.from({ length: 300 }, () => '{"n":"x"}')))) ?? {};
    expect(refused?.map(({ index }) => index)).toEqual([...Array(300).keys()]);
    expect(await postgres.rows(`SELECT * FROM "${table}"`)).toEqual([]);
  });

  it('have headers and names that would be SQL as what they are', async () => {
    const hostile = `x"'; DROP TABLE "t"; --\\N\t\n\r\\.`;
    const { sink } = await startSink({
      ...{
        table: `"he said ""no""; --"`,
        key: 'none',
        'columns.a"b': '%{h}',
        'columns.x, y': 'headers',
        'columns.end': 'body',
      },
    });
    const builder = new BatchBuilder();
    builder.add(hostile, [
      ['h', hostile],
      ['k', '\\'],
    ]);
    builder.add('', []);
    expect(await deliver(sink, builder.build())).toMatchObject({ refused: [] });
    const sql = 'SELECT row_to_json(t) FROM "he said ""no""; --" t';
    expect((await postgres.rows(sql)).map((row) => JSON.parse(row) as unknown)).toEqual([
      { 'a"b': hostile, 'x, y': { h: hostile, k: '\\' }, end: hostile },
      { 'a"b': null, 'x, y': {}, end: '' },
    ]);
  });

  it('are what JSON says, of drawn values: numbers with all their digits, null, absent, nested, any text', async () => {
    const { sink, table } = await startSink({
      'columns.id': '/id',
      'types.id': 'integer',
      'columns.v': '/a/v',
      'columns.t': '/a/v',
      'types.t': 'text',
      'columns.raw': 'body',
      'columns.b': 'body',
      'types.b': 'bytea',
      key: 'id',
    });
    const digits = fc.stringMatching(/^-?(0|[1-9]\d{0,40})(\.\d{1,30})?$/);
    const text = fc.string({ unit: 'binary', maxLength: 20 });
    const value = fc.oneof(
      { depthSize: 'small' },
      digits,
      fc.constantFrom(
        'null',
        'true',
        'false',
        '[]',
        '{}',
        '1e300',
        '""',
        '"\\u00e9\\ud83d\\ude00"',
        '"\\\\N"',
        '"\\t\\n\\r"',
      ),
      text.map((drawn) => JSON.stringify(drawn)),
      fc.json({ maxDepth: 3, stringUnit: 'binary' }),
      fc.tuple(digits, text).map(([number, drawn]) => `[${number}, {${JSON.stringify(drawn)} :${number}}]`),
    );
    let id = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(fc.option(value), { minLength: 1, maxLength: 60 }), async (values) => {
        const first = id;
        const bodies = values.map((each) =>
          each === null ? `{"id":${id++},"a":{}}` : `{"id":${id++},"a":{"v":${each}}}`,
        );
        const outcome = (await deliver(sink, batchOf(...bodies))) ?? {};
        const bad = new Set(outcome.refused?.map(({ index }) => index));
        const sql =
          "SELECT id, v IS NULL, t IS NULL, encode(convert_to(t, 'UTF8'), 'hex'), encode(convert_to(raw, 'UTF8'), 'hex'), " +
          `encode(b, 'hex'), v::text FROM "${table}" WHERE id >= ${first}`;
        const rows = new Map(
          (await postgres.rows(sql)).map((line) => {
            const [key, ...rest] = line.split('|');
            return [Number(key), rest] as const;
          }),
        );
        for (const [i, each] of values.entries()) {
          const row = rows.get(first + i);
          expect(row === undefined, each ?? 'absent').toBe(bad.has(i));
          // What PostgreSQL's text can't hold: NUL, and halves of surrogate pairs.
          const parsed = each === null ? null : (JSON.parse(each) as unknown);
          const isUnfit = each !== null && /\\u0000|\\ud[89a-f]/i.test(each);
          if (bad.has(i)) {
            expect(isUnfit, each ?? 'absent').toBe(true);
            continue;
          }
          const [isNull, isTextNull, text, raw, bytes, ...json] = row!;
          expect([raw, bytes]).toEqual(Array(2).fill(Buffer.from(bodies[i]!).toString('hex')));
          expect(isNull).toBe(each === null ? 't' : 'f');
          expect(isTextNull).toBe(parsed === null ? 't' : 'f');
          if (parsed === null) continue;
          const shown = Buffer.from(text!, 'hex').toString();
          expect(shown).toBe(typeof parsed === 'string' ? parsed : each!.trim());
          if (/^-?(0|[1-9]\d*)(\.\d+)?$/.test(each!)) {
            const zero = /^-0(\.0+)?$/.test(each!);
            expect(json.join('|')).toBe(zero ? each!.slice(1) : each);
          }
        }
      }),
      { numRuns: 40 },
    );
  });
});
