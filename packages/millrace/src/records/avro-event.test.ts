import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MillraceError } from '../runtime/errors.ts';
import { decodeAvroEvents, encodeAvroEvents } from './avro-event.ts';
import { BatchBuilder } from './batch-builder.ts';

// As Flume 1.11's Kafka sink and channel wrote them.
test.each([
  ['hello', { h1: 'v1' }, '020468310476 31000a68656c6c6f'],
  ['x', { key: 'kk' }, '02066b6579046b6b000278'],
  ['nohdr', {}, '000a6e6f686472'],
])('the bytes of %s %j', (body, headers, hex) => {
  const builder = new BatchBuilder();
  builder.add(body, Object.entries(headers));
  const encoded = encodeAvroEvents(builder.build(), 'key').event(0);
  expect(encoded.body.toString('hex')).toBe(hex.replaceAll(' ', ''));
  expect(encoded.key?.toString()).toBe('key' in headers ? headers.key : undefined);
  expect(encoded.headers()).toEqual(new Map());
});

const anyText = fc.string({ unit: 'binary', maxLength: 8 }).map((text) => text.toWellFormed());

test('any events come back, shared headers among their own', () => {
  const event = fc.record({
    body: fc.uint8Array({ maxLength: 200 }),
    headers: fc.array(fc.tuple(anyText, anyText), { maxLength: 20 }),
    key: fc.option(anyText),
    timestampMs: fc.integer({ min: 0, max: 1e13 }),
  });
  const shared = new Map([['host', 'example']]);
  fc.assert(
    fc.property(fc.array(event, { minLength: 1, maxLength: 30 }), (events) => {
      const builder = new BatchBuilder();
      for (const { body, headers, key, timestampMs } of events) builder.add(body, headers, key, timestampMs);
      const decoded = decodeAvroEvents(encodeAvroEvents(builder.build(shared)));
      expect([...decoded].map((e) => [e.body, e.headers(), e.key?.toString() ?? null, e.timestamp])).toEqual(
        events.map((e) => [Buffer.from(e.body), new Map([...shared, ...e.headers]), e.key, e.timestampMs]),
      );
    }),
  );
});

test('headers stand in the order of Java, in one block', () => {
  const builder = new BatchBuilder();
  builder.add('', [
    ['timestamp', ''],
    ['byteoffset', ''],
    ['key', ''],
  ]);
  const text = encodeAvroEvents(builder.build()).event(0).body.toString('latin1');
  expect(text.match(/[a-z]{3,}/g)).toEqual(['byteoffset', 'key', 'timestamp']);
});

test('blocks with their size, and bytes after the datum, are read', () => {
  const builder = new BatchBuilder();
  builder.add(
    Buffer.from(['01', '08', '0261', '0262', '02', '0263', '0264', '00', '0265', 'ffff'].join(''), 'hex'),
  );
  const event = decodeAvroEvents(builder.build()).event(0);
  expect(event.headers()).toEqual(
    new Map([
      ['a', 'b'],
      ['c', 'd'],
    ]),
  );
  expect(event.body.toString()).toBe('e');
});

test.each([
  ['nothing', ''],
  ['text', Buffer.from('plain text').toString('hex')],
  ['a negative body length', '0001'],
  ['a body longer than the datum', '000461'],
  ['a map that never ends', '0402610262'],
  ['a count beyond all bounds', 'feffffffffffffffff01'],
])('%s is no datum, and the record is named', (_what, hex) => {
  const builder = new BatchBuilder();
  builder.add(Buffer.from('0000', 'hex'));
  builder.add(Buffer.from(hex, 'hex'));
  const batch = builder.build();
  const decode = (): unknown => decodeAvroEvents(batch);
  expect(decode).toThrow(MillraceError);
  expect(decode).toThrow(/^Record 1 of the batch is not an Avro Flume event/);
  expect(decode).toThrow(
    expect.objectContaining({ code: 'BATCH_CORRUPT', details: { record: 1, offsetDelta: 1 } }),
  );
});
