import { describe, expect, it } from 'vitest';
import { OffsetIndex, TimeIndex } from './sparse-index.ts';

describe('the offset index', () => {
  it('finds the last entry at or below an offset, before and after the way to disk', () => {
    const index = new OffsetIndex();
    for (let i = 1; i <= 200; i++) index.add(10 * i, 1000 * i);
    for (const one of [index, OffsetIndex.decode(index.encode(), 1_000_000)!]) {
      expect(one.lookup(0)).toBe(0);
      expect(one.lookup(9)).toBe(0);
      expect(one.lookup(10)).toBe(1000);
      expect(one.lookup(1999)).toBe(199_000);
      expect(one.lookup(5000)).toBe(200_000);
    }
  });

  it('has the bytes that Kafka writes', () => {
    const index = new OffsetIndex();
    index.add(5, 300);
    expect(index.encode().toString('hex')).toBe('000000050000012c');
  });

  it.each([
    ['torn', '00000005000001'],
    ['offsets that fall', '00000005000000010000000400000002'],
    ['positions that fall', '00000005000000020000000600000001'],
    ['a position behind the end', '0000000500001000'],
    ['zeros that were never written', '00000000000000000000000000000000'],
  ])('refuses %s', (_what, hex) => {
    expect(OffsetIndex.decode(Buffer.from(hex, 'hex'), 4096)).toBeNull();
  });
});

describe('the time index', () => {
  it('says where to begin for a timestamp', () => {
    const index = new TimeIndex();
    for (let i = 1; i <= 200; i++) index.add(1000 * i, 10 * i);
    index.add(5, 9999); // not above the last: no entry
    for (const one of [index, TimeIndex.decode(index.encode())!]) {
      expect(one.count).toBe(200);
      expect(one.lastTimestamp).toBe(200_000);
      expect(one.lookup(500)).toBe(0);
      expect(one.lookup(1000)).toBe(0);
      expect(one.lookup(1001)).toBe(10);
      expect(one.lookup(999_999)).toBe(2000);
    }
  });

  it('has the bytes that Kafka writes', () => {
    const index = new TimeIndex();
    index.add(1_700_000_000_000, 5);
    expect(index.encode().toString('hex')).toBe('0000018bcfe5680000000005');
  });

  it.each([
    ['torn', '0000018bcfe56800000000'],
    ['timestamps that fall', '0000018bcfe568000000000500000000cfe5680000000006'],
    ['a negative offset', '0000018bcfe56800ffffffff'],
  ])('refuses %s', (_what, hex) => {
    expect(TimeIndex.decode(Buffer.from(hex, 'hex'))).toBeNull();
  });
});

it.each([2 ** 53 - 1, 2 ** 53 + 2, 2 ** 62, 2 ** 63 - 1024, 2 ** 63])(
  'keeps the timestamp %d',
  (timestamp) => {
    const index = new TimeIndex();
    index.add(1000, 3);
    index.add(timestamp, 7);
    const again = TimeIndex.decode(index.encode())!;
    expect([again.count, again.lastTimestamp, again.lastRelativeOffset]).toEqual([2, timestamp, 7]);
  },
);
