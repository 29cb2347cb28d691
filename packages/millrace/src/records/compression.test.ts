import { randomBytes } from 'node:crypto';
import zlib from 'node:zlib';
import fc from 'fast-check';
import { compressFrameSync, decompressFrameSync } from 'lz4-napi';
import * as nativeSnappy from 'snappy';
import { describe, expect, test, vi } from 'vitest';
import { MillraceError } from '../runtime/errors.ts';
import { compress, compressionTypes, compressSync, decompress, decompressSync } from './compression.ts';
import { joinSteps } from './steps.ts';

const plain = Buffer.from('2026-11-22 16:39:45 status installed libc6:amd64 2.41-12\n'.repeat(4000));
const cap = 1 << 24;

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return error instanceof MillraceError ? error.code : `not ours: ${error}`;
  }
  return 'nothing thrown';
}

describe.each(compressionTypes)('%s', (type) => {
  test('gives back what it got, in the thread pool too', async () => {
    for (const bytes of [plain, Buffer.from('x'), Buffer.alloc(0), Buffer.alloc(100_000)]) {
      const compressed = compressSync(type, bytes);
      expect(decompressSync(type, compressed, cap).equals(bytes)).toBe(true);
      expect(decompressSync(type, await compress(type, bytes), cap).equals(bytes)).toBe(true);
    }
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 3000 }), (random) => {
        const bytes = Buffer.from(random);
        expect(decompressSync(type, compressSync(type, bytes), cap)).toEqual(bytes);
      }),
    );
  });
});

describe.each(compressionTypes.filter((type) => type !== 'none'))('hostile %s', (type) => {
  test('the cap is exact', () => {
    const compressed = compressSync(type, plain);
    expect(decompressSync(type, compressed, plain.length).length).toBe(plain.length);
    expect(codeOf(() => decompressSync(type, compressed, plain.length - 1))).toBe('COMPRESSION');
  });

  test('a bomb is refused', () => {
    const bomb = compressSync(type, Buffer.alloc(200 << 20));
    expect(codeOf(() => decompressSync(type, bomb, 1 << 20))).toBe('COMPRESSION');
  });

  test('bytes cut short are damaged', () => {
    const compressed = compressSync(type, plain);
    for (const length of [1, 5, 9, 20, compressed.length - 1]) {
      expect(codeOf(() => decompressSync(type, compressed.subarray(0, length), cap))).toBe('COMPRESSION');
    }
  });
});

describe.each(compressionTypes.filter((type) => type !== 'none'))('%s in turns', (type) => {
  test('gives what it gives at once, and refuses what that refuses', async () => {
    for (const bytes of [plain, Buffer.alloc(0), Buffer.from('x'), Buffer.alloc(5 << 20)]) {
      expect((await decompress(type, compressSync(type, bytes), cap)).equals(bytes)).toBe(true);
    }
    const compressed = compressSync(type, plain);
    const refused = { code: 'COMPRESSION' };
    await expect(decompress(type, compressed, plain.length - 1)).rejects.toMatchObject(refused);
    for (const length of [1, 5, 9, 20, compressed.length - 1])
      await expect(decompress(type, compressed.subarray(0, length), cap)).rejects.toMatchObject(refused);
  });

  test('never puts all of a large batch together in one turn', async () => {
    const compressed = compressSync(type, Buffer.alloc(32 << 20, 'so it goes '));
    const concat = vi.spyOn(Buffer, 'concat');
    try {
      expect((await decompress(type, compressed, 64 << 20)).length).toBe(32 << 20);
      const largest = Math.max(0, ...concat.mock.results.map(({ value }) => (value as Buffer).length));
      expect(largest).toBeLessThan(8 << 20);
    } finally {
      concat.mockRestore();
    }
  });
});

test('parts are put together one a step, and let go', () => {
  const parts = [Buffer.from('a'), Buffer.alloc(0), Buffer.from('bc'), Buffer.from('d')];
  const steps = joinSteps(parts, 4);
  for (let i = 1; i <= 4; i++) {
    expect(steps.next().done).toBe(false);
    expect(parts.slice(0, i).every(({ length }) => length === 0)).toBe(true);
  }
  expect(String(steps.next().value)).toBe('abcd');
});

describe('snappy', () => {
  test('begins as snappy-java does, in blocks of 32 KiB', () => {
    const compressed = compressSync('snappy', plain);
    expect(compressed.toString('hex', 0, 16)).toBe('82534e41505059000000000100000001');
    let blocks = 0;
    for (let at = 16; at < compressed.length; at += 4 + compressed.readInt32BE(at)) blocks++;
    expect(blocks).toBe(Math.ceil(plain.length / 32768));
  });

  test('raw snappy and concatenated frames are read too', () => {
    expect(decompressSync('snappy', nativeSnappy.compressSync(plain), cap).equals(plain)).toBe(true);
    const framed = compressSync('snappy', plain);
    expect(decompressSync('snappy', Buffer.concat([framed, framed]), cap)).toEqual(
      Buffer.concat([plain, plain]),
    );
  });

  test('an announced length that the bytes cannot hold is damaged, though below the cap', () => {
    const lies = Buffer.concat([Buffer.from([0xff, 0xff, 0xff, 0x07]), Buffer.alloc(20)]);
    expect(codeOf(() => decompressSync('snappy', lies, cap))).toBe('COMPRESSION');
  });
});

describe('lz4', () => {
  const blocks = (bytes: Buffer, flags: number, header: number[] = [], trailer: number[] = []): Buffer =>
    Buffer.concat([
      Buffer.from([0x04, 0x22, 0x4d, 0x18, flags, 0x40, ...header, 0x00]),
      bytes,
      Buffer.from(trailer),
    ]);
  const stored = (text: string): Buffer => {
    const block = Buffer.alloc(4 + text.length);
    block.writeUInt32LE((0x8000_0000 | text.length) >>> 0);
    block.write(text, 4);
    return block;
  };
  const end = Buffer.alloc(4);

  test('blocks are independent, as Kafka demands', () => {
    expect(compressSync('lz4', plain).toString('hex', 0, 7)).toBe('04224d18604082');
  });

  test('another implementation reads the frame, stored blocks too', () => {
    const mixed = Buffer.concat([plain, randomBytes(100_000)]);
    expect(decompressFrameSync(compressSync('lz4', mixed)).equals(mixed)).toBe(true);
    expect(compressSync('lz4', mixed.subarray(plain.length)).length).toBeLessThan(100_000 + 30);
  });

  test('a wrong header checksum, a content size, checksums and stored blocks are read', () => {
    const body = Buffer.concat([stored('hello'), end]);
    expect(decompressSync('lz4', blocks(body, 0x60), cap).toString()).toBe('hello');
    expect(decompressSync('lz4', blocks(body, 0x68, [5, 0, 0, 0, 0, 0, 0, 0]), cap).toString()).toBe('hello');
    expect(decompressSync('lz4', blocks(body, 0x64, [], [1, 2, 3, 4]), cap).toString()).toBe('hello');
    const summed = Buffer.concat([stored('hello'), Buffer.alloc(4), end]);
    expect(decompressSync('lz4', blocks(summed, 0x70), cap).toString()).toBe('hello');
    const checked = compressFrameSync(plain, { blockChecksums: true, contentChecksum: true });
    expect(decompressSync('lz4', checked, cap).equals(plain)).toBe(true);
  });

  test('a dependent block refers to the one before', () => {
    // token: no literals, match of 4 + 1 bytes at offset 5; then five last literals
    const match = Buffer.from([0x01, 0x05, 0x00, 0x50, ...Buffer.from('-end-')]);
    const block = Buffer.concat([Buffer.from([match.length, 0, 0, 0]), match]);
    const frame = blocks(Buffer.concat([stored('hello'), block, end]), 0x40);
    expect(decompressSync('lz4', frame, cap).toString()).toBe('hellohello-end-');
  });

  test.each([
    ['another magic', Buffer.from('ffffffff6040', 'hex')],
    ['a block longer than the frame allows', blocks(Buffer.from('ffffff7f', 'hex'), 0x60)],
    ['a version of the future', blocks(end, 0xa0)],
    ['a dictionary', blocks(end, 0x61, [0, 0, 0, 0])],
  ])('%s is damaged', (_what, bytes) => {
    expect(codeOf(() => decompressSync('lz4', bytes, cap))).toBe('COMPRESSION');
  });
});

test('gzip members one after the other, as some clients write them', () => {
  const two = Buffer.concat([zlib.gzipSync('one'), zlib.gzipSync('two')]);
  expect(decompressSync('gzip', two, cap).toString()).toBe('onetwo');
});
