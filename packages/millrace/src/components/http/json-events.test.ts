import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { EventBatch } from '../../records/event-batch.ts';
import { jsonRecords, mostEventBytes } from '../../records/json-records.ts';
import { JsonEvents } from './json-events.ts';

const reader = new JsonEvents();
const plainly = (document: string | Buffer) => jsonRecords()!.read(Buffer.from(document), 1);

const contents = (batch: EventBatch | null | undefined) =>
  batch && [...batch].map((each) => ({ body: each.body.toString('hex'), headers: [...each.headers()] }));

/** What comes of a document either way: the bytes of the batch, or the fault. */
function outcome(read: (bytes: Buffer) => EventBatch | null, document: Buffer): unknown {
  try {
    const batch = read(Buffer.from(document));
    if (batch === null) return null;
    const { records, index, count, hasRecordHeaders, hasKeys, hasTimestamps } = batch;
    return {
      records: records.toString('latin1'),
      index: [...index],
      flags: [count, hasRecordHeaders, hasKeys, hasTimestamps],
    };
  } catch (error) {
    return String(error);
  }
}

/** Long enough to go over 16 bytes, with what has to be escaped, characters of all lengths, and halves of them. */
const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 60 }),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.string({
    unit: fc.constantFrom('"', '\\', '/', '\n', '\r', '\t', '\b', '\f', '\u0000', 'ab', 'é', '€', '😀'),
  }),
  fc.nat(70).map((length) => 'x'.repeat(length)),
);
const headers = fc.dictionary(text, text, { maxKeys: 6 });
const event = fc.oneof(
  { weight: 4, arbitrary: fc.record({ headers, body: text }) },
  fc.record({ body: text, headers }),
  fc.record({ body: text }),
  fc.record({ headers }),
  fc.constant({}),
);
const events = fc.array(event, { maxLength: 12 });
const blank = fc.string({ unit: fc.constantFrom(' ', '\n', '\r', '\t'), maxLength: 20 });

/** As Python and others write it: everything beyond ASCII escaped. */
const asciiOnly = (json: string) =>
  json.replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);

const document = fc
  .tuple(events, fc.constantFrom(undefined, 1, '\t'), fc.boolean(), blank, blank)
  .map(([list, indent, isAscii, before, behind]) => {
    const json = JSON.stringify(list, null, indent);
    return { list, json: `${before}${isAscii ? asciiOnly(json) : json}${behind}` };
  });

describe('a document that a JSON library wrote', () => {
  test('is plain, and becomes what JSON.parse makes of it', () => {
    fc.assert(
      fc.property(document, ({ list, json }) => {
        const batch = plainly(json);
        // A half character is a question mark in Java's bytes, which JavaScript sees to.
        if (/\\ud[89a-f]/i.test(json) && batch === undefined) return;
        expect(contents(batch)).toEqual(
          list.length === 0
            ? null
            : list.map((each) => ({
                body: Buffer.from((each as { body?: string }).body ?? '').toString('hex'),
                headers: Object.entries((each as { headers?: object }).headers ?? {}),
              })),
        );
      }),
    );
  });

  test('is read in pieces where it is long, with events over the seams', () => {
    for (const length of [0, 900, 30_000, 300_000, 700_000]) {
      const count = Math.ceil((2.5 * mostEventBytes) / (length + 20));
      const list = Array.from({ length: count }, (_, i) => ({
        headers: { i: `${i}` },
        body: 'é"'.repeat(length / 3),
      }));
      const json = Buffer.from(JSON.stringify(list));
      expect(plainly(json)?.count).toBe(count);
      expect(outcome((bytes) => reader.read(bytes), json)).toEqual(
        outcome((bytes) => reader.readSlowly(bytes), json),
      );
    }
  });

  test('may have more events than one call takes, and more than its output has room for', () => {
    const json = Buffer.from(`[${Array.from({ length: 300_000 }, () => '{}').join(',')}]`);
    expect(plainly(json)?.count).toBe(300_000);
    expect(outcome((bytes) => reader.read(bytes), json)).toEqual(
      outcome((bytes) => reader.readSlowly(bytes), json),
    );
  });
});

/** Pieces of JSON, of Gson's leniency and of rubbish, in any order. */
const piece = fc.oneof(
  fc.constantFrom(...'[]{}:,;="\'\\/ \n#'),
  fc.constantFrom(
    ...['null', 'true', '12', '"body"', '"headers"', '"other"', '"a":"b"', '"\\u12"', '"\\ud800"'],
  ),
  fc.constantFrom(
    ...['"\\ude00"', '"\\u00e9"', '"\\x"', '//c\n', '/*c*/', '{"body":"x"}', '{"headers":{"a":"b"}}'],
  ),
);

/** A document with something put in, taken out, or put in its place. */
const damaged = fc
  .tuple(
    document,
    fc.array(fc.tuple(fc.nat(), fc.nat(3), fc.oneof(piece, text)), { minLength: 1, maxLength: 3 }),
  )
  .map(([{ json }, edits]) =>
    edits.reduce((now, [place, taken, put]) => {
      const at = now.length === 0 ? 0 : place % now.length;
      return now.slice(0, at) + put + now.slice(at + taken);
    }, json),
  );
const repeated = fc
  .tuple(fc.array(text, { minLength: 1, maxLength: 40 }))
  .map(
    ([names]) => `[{"headers":{${names.map((name) => `${JSON.stringify(name)}:"v"`).join(',')}},"body":"b"}]`,
  );

test('whatever comes, both ways of reading make the same of it', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        damaged,
        repeated,
        fc.array(piece, { maxLength: 15 }).map((all) => `[${all.join('')}]`),
      ),
      (json) => {
        const bytes = Buffer.from(json);
        expect(outcome((each) => reader.read(each), bytes)).toEqual(
          outcome((each) => reader.readSlowly(each), bytes),
        );
      },
    ),
    { numRuns: 1000 },
  );
});

test('what is not plain is left to JavaScript', () => {
  for (const json of [
    '[{"body":"a","body":"b"}]',
    '[{"headers":{"a":null}}]',
    '[{"headers":{"a":"1","\\u0061":"2"}}]',
    '[{"headers":{"a":1}}]',
    '[{"body":true}]',
    '[{"body":"x"},]',
    '[{"body":"x"}] x',
    '[{"body":"x"}',
    '[{"body":"\\ud800"}]',
    '[{"body":"x","more":1}]',
    '\u{feff}[]',
    `[{"headers":{${Array.from({ length: 33 }, (_, i) => `"${i}":""`).join(',')}}}]`,
    `[{"body":"${'x'.repeat(mostEventBytes)}"}]`,
  ])
    expect([json.slice(0, 60), plainly(json)]).toEqual([json.slice(0, 60), undefined]);
});
