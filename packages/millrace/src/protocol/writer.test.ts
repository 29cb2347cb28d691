import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MillraceError } from '../runtime/errors.ts';
import { Reader } from './reader.ts';
import { randomUuid, ZERO_UUID } from './uuid.ts';
import { spliceBytes, Writer } from './writer.ts';

function hex(write: (writer: Writer) => void): string {
  const writer = new Writer();
  write(writer);
  return writer.toBuffer().toString('hex');
}

describe('numbers', () => {
  it('writes big-endian two’s complement', () => {
    expect(hex((w) => w.int8(-1))).toBe('ff');
    expect(hex((w) => w.int16(-2))).toBe('fffe');
    expect(hex((w) => w.uint16(65535))).toBe('ffff');
    expect(hex((w) => w.int32(-2147483648))).toBe('80000000');
    expect(hex((w) => w.uint32(4294967295))).toBe('ffffffff');
    expect(hex((w) => w.float64(1.5))).toBe('3ff8000000000000');
    expect(hex((w) => w.boolean(true))).toBe('01');
  });

  it.each([
    [-1, 'ffffffffffffffff'],
    [4294967296, '0000000100000000'],
    [-4294967297, 'fffffffeffffffff'],
    [Number.MAX_SAFE_INTEGER, '001fffffffffffff'],
    [2 ** 63, '7fffffffffffffff'],
    [-(2 ** 63), '8000000000000000'],
  ])('writes the int64 %d as %s', (value, bytes) => {
    expect(hex((w) => w.int64(value))).toBe(bytes);
  });

  it('agrees with BigInt about every safe int64', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (value) => {
        const expected = Buffer.alloc(8);
        expected.writeBigInt64BE(BigInt(value));
        expect(hex((w) => w.int64(value))).toBe(expected.toString('hex'));
        expect(new Reader(expected).int64()).toBe(value);
      }),
    );
  });

  it('agrees with the reader about every varint', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0xffffffff }), (value) => {
        const writer = new Writer();
        writer.uvarint(value);
        const reader = new Reader(writer.toBuffer());
        expect(reader.uvarint()).toBe(value);
        expect(reader.remaining).toBe(0);
      }),
    );
  });

  it.each<[string, (w: Writer) => void]>([
    ['128 as int8', (w) => w.int8(128)],
    ['32768 as int16', (w) => w.int16(32768)],
    ['-1 as uint16', (w) => w.uint16(-1)],
    ['2^31 as int32', (w) => w.int32(2 ** 31)],
    ['-1 as uint32', (w) => w.uint32(-1)],
    ['0.5 as int32', (w) => w.int32(0.5)],
    ['NaN as int64', (w) => w.int64(Number.NaN)],
    ['2^64 as int64', (w) => w.int64(2 ** 64)],
    ['-1 as varint', (w) => w.uvarint(-1)],
    ['a short UUID', (w) => w.uuid('abc')],
    ['a UUID of other letters', (w) => w.uuid('AAAAAAAAAAAAAAAAAAAA+w')],
    ['a string beyond int16', (w) => w.string('x'.repeat(32768), false)],
  ])('refuses %s', (_what, write) => {
    expect(() => write(new Writer())).toThrow(MillraceError);
  });
});

describe('texts, bytes, UUIDs', () => {
  it('writes both forms', () => {
    expect(hex((w) => w.string('é', false))).toBe('0002c3a9');
    expect(hex((w) => w.string('é', true))).toBe('03c3a9');
    expect(hex((w) => w.nullableString(null, false))).toBe('ffff');
    expect(hex((w) => w.nullableString(null, true))).toBe('00');
    expect(hex((w) => w.bytes(Buffer.from([7]), false))).toBe('0000000107');
    expect(hex((w) => w.nullableBytes(null, false))).toBe('ffffffff');
    expect(hex((w) => w.arrayLength(2, true))).toBe('03');
    expect(hex((w) => w.nullArray(false))).toBe('ffffffff');
    expect(hex((w) => w.string('x'.repeat(40000), true)).length).toBe((3 + 40000) * 2);
  });

  it('gives UUIDs back', () => {
    for (const uuid of [ZERO_UUID, randomUuid(), '-_-_-_-_-_-_-_-_-_-_-Q']) {
      const writer = new Writer();
      writer.uuid(uuid);
      expect(new Reader(writer.toBuffer()).uuid()).toBe(uuid);
    }
  });

  it('writes records in pieces behind one length', () => {
    const pieces = [Buffer.from([1, 2]), Buffer.from([3])];
    expect(hex((w) => w.records(pieces, false))).toBe('00000003010203');
    expect(hex((w) => w.records([], true))).toBe('01');
    expect(hex((w) => w.records(null, true))).toBe('00');
  });
});

describe('chunks', () => {
  it('splices large bytes without copying and copies small ones', () => {
    const large = Buffer.alloc(spliceBytes, 1);
    const small = Buffer.alloc(spliceBytes - 1, 2);
    const writer = new Writer({ framed: true });
    writer.int16(5);
    writer.raw(large);
    writer.raw(small);
    writer.int8(6);
    const chunks = writer.finish();
    expect(chunks.some((chunk) => chunk === large)).toBe(true);
    expect(chunks.some((chunk) => chunk.buffer === small.buffer)).toBe(false);
    const length = 2 + large.length + small.length + 1;
    expect(chunks[0]!.readInt32BE(0)).toBe(length);
    expect(Buffer.concat(chunks).subarray(4)).toEqual(
      Buffer.concat([Buffer.from([0, 5]), large, small, Buffer.from([6])]),
    );
  });

  it('counts the size as it goes', () => {
    const writer = new Writer({ framed: true });
    expect(writer.size).toBe(4);
    writer.int64(1);
    writer.raw(Buffer.alloc(5000));
    writer.string('abc', true);
    expect(writer.size).toBe(4 + 8 + 5000 + 4);
    expect(Buffer.concat(writer.finish()).length).toBe(4 + 8 + 5000 + 4);
  });

  it('writes the same bytes whatever the size of the first chunk', () => {
    const operation = fc.oneof(
      fc.integer().map((n) => (w: Writer) => w.int32(n)),
      fc.nat().map((n) => (w: Writer) => w.uvarint(n)),
      fc.string({ maxLength: 40 }).map((s) => (w: Writer) => w.string(s, true)),
      fc.integer({ min: 0, max: 5000 }).map((n) => (w: Writer) => w.bytes(Buffer.alloc(n, n), false)),
      fc.string({ maxLength: 300 }).map((s) => (w: Writer) => w.tagged(3, (aside) => aside.string(s, true))),
    );
    fc.assert(
      fc.property(fc.array(operation), fc.integer({ min: 1, max: 64 }), (operations, firstChunkBytes) => {
        const tiny = new Writer({ firstChunkBytes, framed: true });
        const roomy = new Writer({ firstChunkBytes: 1 << 18, framed: true });
        for (const run of operations) {
          run(tiny);
          run(roomy);
        }
        expect(tiny.size).toBe(roomy.size);
        expect(tiny.toBuffer().equals(roomy.toBuffer())).toBe(true);
      }),
    );
  });
});
