import { inflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { SequenceFileWriter } from './sequence-file.ts';

/** What a reader gets: class names, and key and value of each record; and how many markers there were. */
function read(file: Buffer): { names: string[]; records: [number, string][]; markers: number } {
  let at = 4;
  expect(file.subarray(0, 4).toString('latin1')).toBe('SEQ\x06');
  const byte = () => file[at++]!;
  const int = () => {
    at += 4;
    return file.readInt32BE(at - 4);
  };
  const vint = (from: Buffer, place: { at: number }) => {
    const first = from.readInt8(place.at++);
    if (first >= -112) return first;
    let value = 0;
    for (let left = -112 - first; left > 0; left--) value = value * 256 + from[place.at++]!;
    return value;
  };
  const here = {
    get at() {
      return at;
    },
    set at(to) {
      at = to;
    },
  };
  const bytes = (length: number) => {
    at += length;
    return file.subarray(at - length, at);
  };
  const text = () => bytes(vint(file, here)).toString();
  const names = [text(), text()];
  const [isCompressed, isBlock] = [byte(), byte()];
  if (isCompressed === 1) names.push(text());
  expect([isBlock, int()]).toEqual([isCompressed, 0]);
  const sync = bytes(16);
  const isText = names[1]!.endsWith('.Text');
  const value = (from: Buffer) => {
    const place = { at: isText ? 0 : 4 };
    const length = isText ? vint(from, place) : from.readInt32BE(0);
    expect(from.length).toBe(place.at + length);
    return from.subarray(place.at).toString();
  };
  const records: [number, string][] = [];
  let markers = 0;
  while (at < file.length) {
    const length = int();
    if (length === -1) {
      expect(bytes(16)).toEqual(sync);
      markers++;
      if (isCompressed === 0) continue;
      const count = vint(file, here);
      const [keyLengths, keys, valueLengths, values] = Array.from({ length: 4 }, () =>
        inflateSync(bytes(vint(file, here))),
      );
      expect(keyLengths).toEqual(Buffer.alloc(count, 8));
      const lengths = { at: 0 };
      let from = 0;
      for (let i = 0; i < count; i++) {
        const size = vint(valueLengths!, lengths);
        records.push([Number(keys!.readBigInt64BE(8 * i)), value(values!.subarray(from, from + size))]);
        from += size;
      }
      expect([lengths.at, from]).toEqual([valueLengths!.length, values!.length]);
      continue;
    }
    expect(int()).toBe(8);
    const key = Number(file.readBigInt64BE(at));
    at += 8;
    records.push([key, value(bytes(length - 8))]);
  }
  return { names, records, markers };
}

const deflate = { className: 'org.apache.hadoop.io.compress.DefaultCodec' };
const compress = async (bytes: Buffer) => (await import('node:zlib')).deflateSync(bytes);
const keys = [0, 1, -1, 1350611220000, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER, 2 ** 31, -(2 ** 32)];
const lengths = [0, 1, 112, 127, 128, 255, 256, 65_535, 65_536, 70_000];

describe.each(['bytes', 'text'] as const)('a SequenceFile of %s', (values) => {
  it.each([
    ['plain', {}],
    ['by blocks', { codec: { ...deflate, compress } }],
  ])('%s has all keys and values', async (_, compression) => {
    const writer = new SequenceFileWriter({ values, ...compression });
    const pieces = [writer.header()];
    const expected: [number, string][] = [];
    for (const key of keys) {
      for (const length of lengths) {
        const body = Buffer.from(`<${'x'.repeat(length)}>`);
        writer.add(key, body, 1, body.length - 1);
        expected.push([key, 'x'.repeat(length)]);
        if (length === 128) pieces.push(...(await writer.take()));
      }
      pieces.push(...(await writer.flush()));
    }
    pieces.push(...(await writer.flush()));
    const file = read(Buffer.concat(pieces));
    expect(file.records).toEqual(expected);
    expect(file.names[0]).toBe('org.apache.hadoop.io.LongWritable');
    expect(file.markers).toBeGreaterThanOrEqual(keys.length);
  });
});

it('has the size of Flume’s own file: 10 events of 7 bytes in 385', async () => {
  const writer = new SequenceFileWriter({ values: 'bytes' });
  const pieces = [writer.header()];
  for (let i = 0; i < 10; i++) writer.add(Date.now(), Buffer.from('event00'), 0, 7);
  pieces.push(...(await writer.flush()));
  expect(Buffer.concat(pieces)).toHaveLength(385);
});

it('marks a long file where nobody flushes, so that readers may begin in the middle', async () => {
  const writer = new SequenceFileWriter({ values: 'bytes' });
  const body = Buffer.alloc(1000, 'x');
  for (let i = 0; i < 1000; i++) writer.add(i, body, 0, body.length);
  expect(read(Buffer.concat([writer.header(), ...(await writer.take())])).markers).toBe(9);
});
