import fc from 'fast-check';
import { expect, test } from 'vitest';
import { NotThrift } from './not-thrift.ts';
import { type ThriftProtocol, thriftReader, thriftWriter } from './protocol.ts';
import { kinds, types } from './types.ts';

const protocols: readonly ThriftProtocol[] = ['binary', 'compact'];
const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');

test.each(protocols)('a message head comes back: %s', (protocol) => {
  const int32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
  fc.assert(
    fc.property(fc.string({ maxLength: 30 }), fc.constantFrom(1, 2, 3, 4), int32, (name, kind, sequence) => {
      const writer = thriftWriter(protocol);
      writer.message({ name, kind, sequence });
      const reader = thriftReader(protocol, writer.written());
      expect(reader.message()).toEqual({ name, kind, sequence });
      reader.end();
    }),
  );
});

test('a binary message of old, without a version, is read', () => {
  const reader = thriftReader('binary', hex('00000006 617070656e64 01 00000007'));
  expect(reader.message()).toEqual({ name: 'append', kind: kinds.call, sequence: 7 });
});

// As libthrift 0.14.1 writes them.
test.each([
  ['binary', '80010001 00000006 617070656e64 00000001'],
  ['compact', '82 21 01 06 617070656e64'],
] as const)('the bytes of a call: %s', (protocol, bytes) => {
  const writer = thriftWriter(protocol);
  writer.message({ name: 'append', kind: kinds.call, sequence: 1 });
  expect(writer.written()).toEqual(hex(bytes));
});

test.each([
  ['binary', '82 21 01 06 617070656e64', /speaks the compact protocol; the binary one is set/],
  ['binary', '80020001 00000006', /no version of the binary protocol/],
  ['binary', '7fffffff 00', /name of its method has 2147483647 bytes/],
  ['binary', '80010001 ffffffff', /a length of -1 bytes/],
  ['binary', '80010001 00000009 6162', /a length of 9 bytes, of which 2 are there/],
  ['compact', '80010001 00000006', /speaks the binary protocol; the compact one is set/],
  ['compact', '82 22 01 00', /version 2 of the compact protocol/],
  ['compact', '82 21 ffffffffff', /a number has no end/],
  ['compact', '82 21 01 ffffffff07 61', /name of its method has 2147483647 bytes/],
  ['compact', '82 21 01 ffffffff0f 61', /a length of -1 bytes/],
  ['compact', '82', /ends too early/],
] as const)('what is no message: %s %s', (protocol, bytes, message) => {
  expect(() => thriftReader(protocol, hex(bytes)).message()).toThrow(message);
});

/** Everything a field can be, of some of which nothing is ever written here. */
test.each([
  ['binary', '02 0001 01', '00'], // bool
  ['binary', '04 0001 0000000000000000', '00'], // double
  ['binary', '0f 0001 02 00000003 010001', '00'], // list of bool
  ['binary', '0d 0001 08 0c 00000001 00000001 00', '00'], // map of i32 to struct
  ['binary', '0d 0001 00 00 00000000', '00'], // an empty map has no types
  ['compact', '11 12 21 25 02', '00'], // true, false, true; and an i32
  ['compact', '19 31 010201', '00'], // list of bool: a byte each
  ['compact', '1b 00 19 0c', '00'], // an empty map, an empty list
  ['compact', '1c 11 00 16 8080808080808080807f', '00'], // a struct in it, whose fields count on their own; an i64
  ['compact', '05 feff03 02', '00'], // a field number in full
  ['compact', '17 0000000000000000', '00'], // double
] as const)('a field of any type is skipped: %s %s', (protocol, field, stop) => {
  const reader = thriftReader(protocol, hex(field + stop));
  reader.skip(types.struct);
  reader.end();
});

test.each([
  ['binary', '0f 0001 0c 7fffffff 00', /a container of 2147483647 elements/],
  ['binary', '0f 0001 0c ffffffff 00', /a container of -1 elements/],
  [
    'binary',
    '0d 0001 0b 0b 00000002 00000000',
    /a container of 2 elements in the 4 bytes|ends too early|a length/,
  ],
  ['binary', '0d 0001 0b 0b 20000000 00000000', /a container of 536870912 elements/],
  ['binary', '0b 0001 7fffffff 61', /a length of 2147483647 bytes, of which 1 are there/],
  ['binary', '0b 0001 ffffffff 61', /a length of -1 bytes/],
  ['binary', '0f 0001 00 00000001 00', /there is no type 0/],
  ['binary', '05 0001 00', /there is no type 5/],
  ['compact', '19 fc ffffffff07 00', /a container of 2147483647 elements/],
  ['compact', '1b ffffffff0f 88', /a container of -1 elements/],
  ['compact', '18 ffffffff07 61', /a length of 2147483647 bytes/],
  ['compact', '19 1d 00', /there is no type 13/],
  ['compact', '16 ffffffffffffffffffff 00', /a number has no end/],
  ['compact', '', /ends too early/],
] as const)('what is no value: %s %s', (protocol, bytes, message) => {
  expect(() => thriftReader(protocol, hex(bytes)).skip(types.struct)).toThrow(message);
});

test.each([
  ['binary', types.struct, '0c0001'],
  ['compact', types.struct, '1c'],
  ['binary', types.list, '0f00000001'],
  ['compact', types.list, '19'],
] as const)('values in one another without end: %s %i', (protocol, type, level) => {
  const reader = thriftReader(protocol, Buffer.from(level.repeat(100_000), 'hex'));
  expect(() => reader.skip(type)).toThrow(/in one another 65 deep/);
});

test.each(protocols)('any bytes are skipped or told, in the time that their number takes: %s', (protocol) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.integer({ min: 0, max: 15 }), (bytes, type) => {
      const reader = thriftReader(protocol, Buffer.from(bytes));
      try {
        reader.message();
        reader.skip(type);
        reader.end();
      } catch (error) {
        expect(error).toBeInstanceOf(NotThrift);
      }
      expect(reader.at).toBeLessThanOrEqual(bytes.length);
    }),
    { numRuns: 2000 },
  );
});
