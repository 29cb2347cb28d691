import fc from 'fast-check';
import { expect, test } from 'vitest';
import { VarintReader, varintBytes, varlongBytes, writeVarint, writeVarlong } from './varint.ts';

const scratch = Buffer.alloc(16);

test.each([
  [0, '00'],
  [-1, '01'],
  [1, '02'],
  [63, '7e'],
  [64, '8001'],
  [-64, '7f'],
  [8191, 'fe7f'],
  [8192, '808001'],
  [0x7fff_ffff, 'feffffff0f'],
  [-0x8000_0000, 'ffffffff0f'],
])('%i is %s on the wire', (value, hex) => {
  expect(scratch.toString('hex', 0, writeVarint(scratch, 0, value))).toBe(hex);
  expect(varintBytes(value)).toBe(hex.length / 2);
  expect(new VarintReader(scratch, 0).int()).toBe(value);
});

test('a long is zigzag of the 64-bit integer', () => {
  fc.assert(
    fc.property(fc.maxSafeInteger(), (value) => {
      const end = writeVarlong(scratch, 0, value);
      expect(varlongBytes(value)).toBe(end);
      let raw = 0n;
      for (let i = 0; i < end; i++) raw |= BigInt(scratch[i]! & 0x7f) << BigInt(7 * i);
      expect((raw >> 1n) ^ -(raw & 1n)).toBe(BigInt(value));
      const reader = new VarintReader(scratch, 0, end);
      expect(reader.long()).toBe(value);
      expect(reader.at).toBe(end);
    }),
  );
});

test('integers that run past the end, or on for ever, are corrupt', () => {
  expect(() => new VarintReader(Buffer.from([0x80]), 0).int()).toThrow(/past the end/);
  expect(() => new VarintReader(Buffer.from([0x80]), 0).long()).toThrow(/past the end/);
  expect(() => new VarintReader(Buffer.alloc(0), 0).int()).toThrow(/past the end/);
  expect(() => new VarintReader(Buffer.alloc(20, 0x80), 0).int()).toThrow(/longer than 5/);
  expect(() => new VarintReader(Buffer.alloc(20, 0x80), 0).long()).toThrow(/longer than 10/);
  expect(() => new VarintReader(Buffer.alloc(4), 0).skip(5)).toThrow(/length of 5 bytes, 4 left/);
  expect(() => new VarintReader(Buffer.alloc(4), 0).skip(-1)).toThrow(/length of -1/);
});
