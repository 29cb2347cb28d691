import avsc from 'avsc';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeAvroEvent, decodeAvroList, encodeAvroList } from './avro-list.ts';
import { BatchBuilder } from './batch-builder.ts';
import type { EventBatch } from './event-batch.ts';
import { RecordWriter } from './record-writer.ts';
import { concatBatches } from './transform.ts';

const listType = avsc.Type.forSchema({
  type: 'array',
  items: {
    type: 'record',
    name: 'AvroFlumeEvent',
    fields: [
      { name: 'headers', type: { type: 'map', values: 'string' } },
      { name: 'body', type: 'bytes' },
    ],
  },
});

interface Plain {
  headers: Record<string, string>;
  body: Buffer;
}

function batchFrom(events: readonly Plain[], shared: Record<string, string> = {}): EventBatch {
  const builder = new BatchBuilder(() => 0);
  for (const { headers, body } of events) builder.add(body, Object.entries(headers));
  return builder.build(new Map(Object.entries(shared)));
}

const plain = (batch: EventBatch | null): Plain[] =>
  batch === null
    ? []
    : [...batch].map((event) => ({ headers: Object.fromEntries(event.headers()), body: event.body }));

const text = fc.string({ unit: 'grapheme', maxLength: 12 }).filter((name) => name !== '__proto__');
const event = fc.record({
  headers: fc.dictionary(text, text, { maxKeys: 5, noNullPrototype: true }),
  body: fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
});

describe('events as an Avro array', () => {
  it('are what another implementation of Avro reads, whatever the headers and bodies', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(event, { minLength: 1, maxLength: 8 }), { maxLength: 4 }),
        fc.dictionary(text, text, { maxKeys: 3, noNullPrototype: true }),
        (parts, shared) => {
          const bytes = encodeAvroList(
            parts.map((events) => batchFrom(events, shared)),
            3,
          ).subarray(3);
          const read = listType.fromBuffer(bytes) as Plain[];
          expect(
            read.map(({ headers, body }) => ({ headers: { ...headers }, body: Buffer.from(body) })),
          ).toEqual(parts.flat().map(({ headers, body }) => ({ headers: { ...shared, ...headers }, body })));
        },
      ),
    );
  });

  it('are read from what another implementation of Avro writes', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 20 }), (events) => {
        expect(plain(decodeAvroList(listType.toBuffer(events), 0))).toEqual(events);
      }),
    );
  });

  it('go there and back, slices and headers from metadata too', () => {
    const batch = batchFrom([
      { headers: { a: '1' }, body: Buffer.from('x') },
      { headers: {}, body: Buffer.alloc(0) },
      { headers: { b: 'ö' }, body: Buffer.from([0xff, 0]) },
    ]);
    const shown = batch.slice(1, 3).withOrigin({ baseOffset: 40, offsetHeader: 'offset' });
    expect(plain(decodeAvroList(encodeAvroList([batch, shown]), 0))).toEqual([
      ...plain(batch),
      ...plain(shown),
    ]);
    expect(plain(shown)[1]!.headers).toEqual({ b: 'ö', offset: '42' });
    expect(decodeAvroList(encodeAvroList([]), 0)).toBeNull();
  });

  it('have no null: an absent body or value is an empty one', () => {
    const writer = new RecordWriter();
    writer.add(0, 0, null, null, [['a', 'b']]);
    const record = Buffer.from([0, 0, 0, 1, 1, 4, 2, 0x61, 1, 2, 0x62, 2, 0x63]); // {a: null, b: 'c'}, no body
    const at = writer.open(record.length);
    record.copy(writer.bytes, at);
    writer.close(at + record.length);
    const batch = writer.finish(0, new Map());
    expect(plain(decodeAvroList(encodeAvroList([batch]), 0))).toEqual([
      { headers: { a: 'b' }, body: Buffer.alloc(0) },
      { headers: { a: '', b: 'c' }, body: Buffer.alloc(0) },
    ]);
  });

  it('may come in blocks of their own, with their sizes or without', () => {
    // [-1, size 9: {-1, size 4: a→b}{1: c→d} "x"] [1: {} ""] end
    const bytes = Buffer.from([1, 0, 1, 8, 2, 0x61, 2, 0x62, 2, 2, 0x63, 2, 0x64, 0, 2, 0x78, 2, 0, 0, 0]);
    expect(plain(decodeAvroList(bytes, 0))).toEqual([
      { headers: { a: 'b', c: 'd' }, body: Buffer.from('x') },
      { headers: {}, body: Buffer.alloc(0) },
    ]);
    expect(plain(decodeAvroEvent(Buffer.from([9, 0, 4, 0x78, 0x79]), 1))).toEqual([
      { headers: {}, body: Buffer.from('xy') },
    ]);
  });

  it.each<[what: string, bytes: number[]]>([
    ['an array that is announced larger than its bytes', [0xfe, 0xff, 0xff, 0xff, 0x0f]],
    ['an array of 2^62 events', [0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f, 0, 0]],
    ['a map of a billion headers', [2, 0x80, 0xa8, 0xd6, 0xb9, 0x07, 0, 0, 0]],
    ['a body longer than the bytes', [2, 0, 0x80, 0x80, 0x04, 1]],
    ['a body of negative length', [2, 0, 1, 0]],
    ['a length that is not written shortest', [2, 0, 0x82, 0x00, 0x78, 0]],
    ['a number without end', [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80]],
    ['bytes behind its end', [2, 0, 0, 0, 7]],
    ['no end', [2, 0, 0]],
    ['nothing', []],
  ])('are refused where they have %s', (_, bytes) => {
    expect(() => decodeAvroList(Buffer.from(bytes), 0)).toThrow(
      expect.objectContaining({ code: 'BATCH_CORRUPT' }),
    );
  });

  it('are refused or read, never more, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        let batch: EventBatch | null;
        try {
          batch = decodeAvroList(Buffer.from(bytes), 0);
        } catch (error) {
          expect(error).toMatchObject({ code: 'BATCH_CORRUPT' });
          return;
        }
        if (batch !== null) expect(plain(concatBatches([batch, batch]))).toHaveLength(2 * batch.count);
      }),
      { numRuns: 2000 },
    );
  });
});
