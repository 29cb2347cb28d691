import { describe, expect, it } from 'vitest';
import { MillraceError } from '../runtime/errors.ts';
import { Reader } from './reader.ts';
import { ZERO_UUID } from './uuid.ts';

function reader(...bytes: number[]): Reader {
  return new Reader(Buffer.from(bytes));
}

function refusal(read: () => unknown): MillraceError {
  try {
    read();
  } catch (error) {
    expect(error).toBeInstanceOf(MillraceError);
    return error as MillraceError;
  }
  throw new Error('it was taken');
}

describe('numbers', () => {
  it('reads integers with their sign', () => {
    expect(reader(0xff).int8()).toBe(-1);
    expect(reader(0x80, 0x00).int16()).toBe(-32768);
    expect(reader(0x80, 0x00).uint16()).toBe(32768);
    expect(reader(0xff, 0xff, 0xff, 0xfe).int32()).toBe(-2);
    expect(reader(0xff, 0xff, 0xff, 0xfe).uint32()).toBe(4294967294);
  });

  it.each([
    ['ffffffffffffffff', -1],
    ['0000000000000000', 0],
    ['00000000ffffffff', 4294967295],
    ['fffffffeffffffff', -4294967297],
    ['001fffffffffffff', Number.MAX_SAFE_INTEGER],
    ['ffe0000000000001', Number.MIN_SAFE_INTEGER],
    ['7fffffffffffffff', 2 ** 63],
    ['8000000000000000', -(2 ** 63)],
  ])('reads the int64 %s as %d', (hex, value) => {
    expect(new Reader(Buffer.from(hex, 'hex')).int64()).toBe(value);
  });

  it('reads varints of 32 bits and refuses longer ones', () => {
    expect(reader(0x00).uvarint()).toBe(0);
    expect(reader(0xac, 0x02).uvarint()).toBe(300);
    expect(reader(0xff, 0xff, 0xff, 0xff, 0x0f).uvarint()).toBe(4294967295);
    expect(refusal(() => reader(0xff, 0xff, 0xff, 0xff, 0x10).uvarint()).message).toContain(
      'more than 32 bits',
    );
    expect(refusal(() => reader(0xff, 0xff, 0xff, 0xff, 0x8f, 0x00).uvarint()).message).toContain(
      'more than 32 bits',
    );
  });
});

describe('texts and bytes', () => {
  it('reads strings in both forms, and null', () => {
    expect(reader(0, 2, 0x68, 0x69).string(false)).toBe('hi');
    expect(reader(3, 0x68, 0x69).string(true)).toBe('hi');
    expect(reader(0xff, 0xff).nullableString(false)).toBeNull();
    expect(reader(0).nullableString(true)).toBeNull();
    expect(refusal(() => reader(0xff, 0xff).string(false)).message).toContain('null');
    expect(refusal(() => reader(0xff, 0xfe).nullableString(false)).message).toContain('length -2');
  });

  it('gives bytes as a view', () => {
    const input = Buffer.from([0, 0, 0, 2, 7, 8]);
    const view = new Reader(input).bytes(false);
    input[4] = 9;
    expect([...view]).toEqual([9, 8]);
    expect(reader(0xff, 0xff, 0xff, 0xff).nullableBytes(false)).toBeNull();
    expect(refusal(() => reader(0).bytes(true)).message).toContain('null');
    expect(refusal(() => reader(0x80, 0, 0, 0).nullableBytes(false)).message).toContain('length -2147483648');
  });

  it('reads UUIDs as base64url', () => {
    const bytes = Buffer.from('000102030405060708090a0b0c0d0eff', 'hex');
    expect(new Reader(bytes).uuid()).toBe('AAECAwQFBgcICQoLDA0O_w');
    expect(new Reader(Buffer.alloc(16)).uuid()).toBe(ZERO_UUID);
  });
});

describe('ceilings', () => {
  it('refuses a length beyond the input and says where', () => {
    const error = refusal(() =>
      new Reader(Buffer.from([0, 9, 1]), 'Fetch request from 10.0.0.1:5').string(false),
    );
    expect(error.code).toBe('PROTOCOL');
    expect(error.message).toBe(
      'Fetch request from 10.0.0.1:5: 9 bytes are announced, 1 are left, at byte 2 of 3',
    );
    expect(error.details).toEqual({ at: 2, size: 3 });
  });

  it('refuses more elements than fit', () => {
    expect(reader(0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0).arrayLength(false, 4)).toBe(2);
    expect(refusal(() => reader(0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0).arrayLength(false, 4)).message).toContain(
      '3 elements',
    );
    expect(refusal(() => reader(0x7f, 0xff, 0xff, 0xff, 0).arrayLength(false, 1)).message).toContain(
      '2147483647 elements',
    );
    expect(refusal(() => reader(0xff, 0xff, 0xff, 0xff, 0x0f).arrayLength(true, 1)).message).toContain(
      'elements',
    );
    expect(refusal(() => reader(0xff, 0xff, 0xff, 0xfe).nullableArrayLength(false, 1)).message).toContain(
      'length -2',
    );
    expect(reader(0xff, 0xff, 0xff, 0xff).nullableArrayLength(false, 1)).toBe(-1);
    expect(refusal(() => reader(0).arrayLength(true, 1)).message).toContain('null');
  });

  it.each([
    'boolean',
    'int8',
    'int16',
    'uint16',
    'int32',
    'uint32',
    'int64',
    'float64',
    'uvarint',
    'uuid',
  ] as const)('refuses %s at the end of the input', (method) => {
    expect(refusal(() => reader()[method]()).code).toBe('PROTOCOL');
  });

  it('leaves the cursor where an int64 was cut', () => {
    const cut = reader(1, 2, 3, 4, 5, 6, 7);
    refusal(() => cut.int64());
    expect(cut.position).toBe(0);
    expect(cut.remaining).toBe(7);
  });
});

describe('tagged fields', () => {
  it('steps over unknown ones', () => {
    const tags = reader(2, 0, 1, 0xaa, 5, 2, 0xbb, 0xcc, 0x11);
    tags.skipTags();
    expect(tags.int8()).toBe(0x11);
  });

  it('refuses more of them than fit, and sizes that do not hold', () => {
    expect(refusal(() => reader(3, 0, 0, 0, 0).skipTags()).message).toContain('3 tagged fields');
    expect(refusal(() => reader(1, 0, 5, 0).skipTags()).message).toContain('5 bytes');
    const tag = reader(4, 0, 0, 0, 0);
    const end = tag.tagEnd();
    tag.int16();
    expect(refusal(() => tag.endTag(end)).message).toContain('should end at byte 5');
  });
});
