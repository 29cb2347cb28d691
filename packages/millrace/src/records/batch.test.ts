import { createRecordsBatch, Reader, readRecordsBatch } from '@platformatic/kafka';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MillraceError } from '../runtime/errors.ts';
import { BatchBuilder } from './batch-builder.ts';
import { assignOffsets, batchHeaderBytes, iterateBatches, readBatchHeader } from './batch-header.ts';
import { compressionTypes } from './compression.ts';
import { encodeLines } from './encode-lines.ts';
import type { EventBatch } from './event-batch.ts';
import { openBatch, validateProducedBatch } from './open-batch.ts';
import { type SealedBatch, sealBatch, sealBatchAsync } from './seal.ts';

const now = 1_700_000_000_000;

interface PlainEvent {
  body: Buffer | null;
  key: string | null;
  timestampMs: number;
  headers: [string, string][];
}

const anyText = fc.string({ unit: 'binary', maxLength: 12 }).map((text) => text.toWellFormed());

const anyEvent: fc.Arbitrary<PlainEvent> = fc.record({
  body: fc.option(fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes))),
  key: fc.option(anyText),
  timestampMs: fc.oneof(fc.constant(now), fc.integer({ min: 0, max: 2 * now })),
  headers: fc.array(fc.tuple(anyText, anyText), { maxLength: 4 }),
});

const anyEvents = fc.array(anyEvent, { minLength: 1, maxLength: 150 });

function build(events: readonly PlainEvent[]): EventBatch {
  const builder = new BatchBuilder();
  for (const { body, headers, key, timestampMs } of events) builder.add(body, headers, key, timestampMs);
  return builder.build();
}

function whole({ header, records }: SealedBatch): Buffer {
  return Buffer.concat([header, records]);
}

function plain(batch: EventBatch): unknown[] {
  return [...batch].map((event) => ({
    body: event.body,
    key: event.key?.toString() ?? null,
    timestampMs: event.timestamp,
    headers: event.headers(),
  }));
}

function expected(events: readonly PlainEvent[]): unknown[] {
  return events.map(({ body, key, timestampMs, headers }) => ({
    body: body ?? Buffer.alloc(0),
    key,
    timestampMs,
    headers: new Map(headers),
  }));
}

function lines(...texts: string[]): EventBatch {
  const bytes = Buffer.from(texts.map((text) => `${text}\n`).join(''));
  return encodeLines(bytes, 0, bytes.length, { maxEvents: texts.length, timestampMs: now }).batch!;
}

describe('sealed and opened again', () => {
  test('any events, any part of them, any compression', async () => {
    await fc.assert(
      fc.asyncProperty(
        anyEvents,
        fc.constantFrom(...compressionTypes),
        fc.nat(150),
        fc.nat(150),
        async (events, compression, a, b) => {
          const from = Math.min(a, b) % events.length;
          const to = Math.max(from + 1, Math.min(events.length, Math.max(a, b)));
          const part = build(events).slice(from, to);
          for (const sealed of [
            sealBatch(part, { compression }),
            await sealBatchAsync(part, { compression }),
          ]) {
            const bytes = whole(sealed);
            expect(sealed.sizeBytes).toBe(bytes.length);
            expect(sealed.count).toBe(to - from);
            const header = validateProducedBatch(bytes, 0);
            const times = events.slice(from, to).map((event) => event.timestampMs);
            expect(header.maxTimestamp).toBe(times.reduce((max, time) => Math.max(max, time)));
            const opened = openBatch(bytes, 0, { verifyCrc: true });
            expect(plain(opened)).toEqual(expected(events.slice(from, to)));
            expect(opened.hasKeys).toBe(events.slice(from, to).some((event) => event.key !== null));
            expect(opened.hasRecordHeaders).toBe(
              events.slice(from, to).some((event) => event.headers.length > 0),
            );
          }
        },
      ),
    );
  });

  test('lines pass through without a copy', () => {
    const batch = lines('one', '', 'three');
    const sealed = sealBatch(batch);
    expect(sealed.records.buffer).toBe(batch.records.buffer);
    expect(plain(openBatch(whole(sealed), 0)).length).toBe(3);
  });

  test('the header carries what it is told', () => {
    const sealed = sealBatch(lines('one', 'two'), {
      baseOffset: 5_000_000_000,
      leaderEpoch: 7,
      producerId: 2 ** 40 + 3,
      producerEpoch: 4,
      baseSequence: 99,
      compression: 'zstd',
      timestampMs: now + 5,
      transactional: true,
    });
    expect(readBatchHeader(whole(sealed), 0)).toMatchObject({
      baseOffset: 5_000_000_000,
      batchLength: sealed.sizeBytes - 12,
      partitionLeaderEpoch: 7,
      magic: 2,
      attributes: 4 | 16,
      lastOffsetDelta: 1,
      baseTimestamp: now + 5,
      maxTimestamp: now + 5,
      producerId: 2 ** 40 + 3,
      producerEpoch: 4,
      baseSequence: 99,
      recordCount: 2,
    });
  });

  test('timestamps of the events are not replaced', () => {
    const builder = new BatchBuilder();
    builder.add('a', undefined, undefined, now + 10);
    builder.add('b', undefined, undefined, now - 10);
    const header = readBatchHeader(whole(sealBatch(builder.build(), { timestampMs: 1 })), 0);
    expect(header).toMatchObject({ baseTimestamp: now + 10, maxTimestamp: now + 10 });
  });

  test('a broker assigns offsets without touching the checksum', () => {
    const bytes = whole(sealBatch(lines('one')));
    assignOffsets(bytes, 0, 2 ** 33, 12);
    expect(readBatchHeader(bytes, 0)).toMatchObject({ baseOffset: 2 ** 33, partitionLeaderEpoch: 12 });
    expect(plain(openBatch(bytes, 0, { verifyCrc: true })).length).toBe(1);
  });

  test('a batch stamped on append shows the time of the append', () => {
    const builder = new BatchBuilder();
    builder.add('a', undefined, undefined, now);
    builder.add('b', undefined, 'k', now + 1);
    const bytes = whole(sealBatch(builder.build()));
    bytes[22] = bytes[22]! | 0x08;
    bytes.writeBigInt64BE(BigInt(now + 50), 35);
    const opened = openBatch(bytes, 0);
    expect([...opened].map((event) => event.timestamp)).toEqual([now + 50, now + 50]);
    expect(opened.hasTimestamps).toBe(false);
    expect(opened.hasKeys).toBe(true);
  });

  test('a batch without events is refused', () => {
    expect(() => sealBatch(lines('a').slice(0, 0))).toThrow(RangeError);
    expect(() => new BatchBuilder().build()).toThrow(RangeError);
  });
});

describe('BatchBuilder', () => {
  test('batches built one after the other do not share bytes', () => {
    const builder = new BatchBuilder(() => now);
    builder.add('first', [['h', '1']]);
    const first = builder.build(new Map([['host', 'a']]));
    builder.add('second');
    builder.reset();
    expect([builder.count, builder.sizeBytes]).toEqual([0, 0]);
    builder.add('third');
    const third = builder.build();
    expect(plain(first)).toEqual([
      {
        body: Buffer.from('first'),
        key: null,
        timestampMs: now,
        headers: new Map([
          ['host', 'a'],
          ['h', '1'],
        ]),
      },
    ]);
    expect(plain(third)).toEqual([
      { body: Buffer.from('third'), key: null, timestampMs: now, headers: new Map() },
    ]);
    expect(third.hasTimestamps).toBe(false);
  });
});

describe('beside another implementation (@platformatic/kafka)', () => {
  test('it reads what is sealed here', () => {
    fc.assert(
      fc.property(anyEvents, fc.constantFrom(...compressionTypes), (events, compression) => {
        const bytes = whole(sealBatch(build(events), { compression, baseOffset: 42 }));
        const read = readRecordsBatch(Reader.from(bytes));
        expect(Number(read.firstOffset)).toBe(42);
        expect(
          read.records.map((record) => ({
            body: record.value,
            key: record.key?.toString() ?? null,
            timestampMs: Number(read.firstTimestamp + record.timestampDelta),
            headers: record.headers.map(([name, value]) => [String(name), String(value)]),
          })),
        ).toEqual(events);
      }),
    );
  });

  // Its writer garbles timestamp deltas of more than 31 bits, which its own reader does not restore either.
  const withinDays = anyEvents.map((events) =>
    events.map((event) => ({ ...event, timestampMs: now + (event.timestampMs % 2 ** 30) })),
  );

  test('what it writes is read here', () => {
    fc.assert(
      fc.property(withinDays, fc.constantFrom(...compressionTypes), (events, compression) => {
        const messages = events.map(({ body, key, timestampMs, headers }) => ({
          topic: 't',
          value: body ?? Buffer.alloc(0),
          timestamp: BigInt(timestampMs),
          headers: new Map(headers.map(([name, value]) => [Buffer.from(name), Buffer.from(value)])),
          ...(key === null ? {} : { key: Buffer.from(key) }),
        }));
        const bytes = createRecordsBatch(messages, { compression }).buffer;
        expect(plain(openBatch(bytes, 0, { verifyCrc: true }))).toEqual(expected(events));
      }),
    );
  });
});

describe('batches one after the other', () => {
  const three = ['a', 'b', 'c'].map((text) => whole(sealBatch(lines(text, text))));

  test('stop at an incomplete tail, wherever it is cut', () => {
    const all = Buffer.concat(three);
    const starts = [0, three[0]!.length, three[0]!.length + three[1]!.length];
    for (let length = 0; length <= all.length; length++) {
      const found = [...iterateBatches(all.subarray(0, length))].map(({ at }) => at);
      expect(found).toEqual(starts.filter((at, i) => at + three[i]!.length <= length));
    }
  });

  test('an impossible header among them is corrupt', () => {
    const all = Buffer.concat(three);
    all[three[0]!.length + 16] = 1;
    expect(() => [...iterateBatches(all)]).toThrow(/byte \d+: magic 1/);
  });
});

describe('corrupt', () => {
  const good = whole(sealBatch(lines('hello', 'world')));
  const changed = (change: (bytes: Buffer) => void): Buffer => {
    const bytes = Buffer.concat([Buffer.alloc(10), good]); // the position told is that in the whole buffer
    change(bytes.subarray(10));
    return bytes;
  };

  test.each<[string, (bytes: Buffer) => void, RegExp]>([
    ['magic', (b) => b.writeInt8(1, 16), /magic 1/],
    ['length too small', (b) => b.writeInt32BE(48, 8), /batch length 48 is below 49/],
    ['length too large', (b) => b.writeInt32BE(1 << 30, 8), /are there/],
    ['negative count', (b) => b.writeInt32BE(-1, 57), /record count -1/],
    [
      'more records than bytes',
      (b) => [b.writeInt32BE(1 << 30, 57), b.writeInt32BE(1 << 30, 23)],
      /cannot be in/,
    ],
    ['one record more', (b) => [b.writeInt32BE(3, 57), b.writeInt32BE(2, 23)], /past the end/],
    ['one record less', (b) => b.writeInt32BE(1, 57), /after the last of 1 records/],
    ['last offset delta', (b) => b.writeInt32BE(0, 23), /last offset delta 0 with 2 records/],
    ['compression type 6', (b) => b.writeInt16BE(6, 21), /compression type 6/],
    ['a record longer than the rest', (b) => (b[batchHeaderBytes] = 0x7e), /Record 0 .*length 63/],
    ['a value longer than its record', (b) => (b[batchHeaderBytes + 5] = 0x0e), /length of 7/],
    ['a value shorter than its record', (b) => (b[batchHeaderBytes + 5] = 0x08), /headers|bytes more/],
    ['the same offset twice', (b) => (b[batchHeaderBytes + 12 + 3] = 0), /Record 1 .*offset delta 0 after 0/],
    ['a key of length -2', (b) => (b[batchHeaderBytes + 4] = 3), /length of -2/],
  ])('%s', (_what, change, message) => {
    const bytes = changed(change);
    const open = (): unknown => openBatch(bytes, 10);
    expect(open).toThrow(message);
    expect(open).toThrow(/^Record batch at byte 10/);
    expect(open).toThrow(MillraceError);
    expect(open).toThrow(expect.objectContaining({ code: 'BATCH_CORRUPT', details: { position: 10 } }));
  });

  test('any one changed byte under the checksum', () => {
    for (let i = 17; i < good.length; i++) {
      const bytes = Buffer.from(good);
      bytes[i] = bytes[i]! ^ 0x10;
      expect(() => openBatch(bytes, 0, { verifyCrc: true })).toThrow(MillraceError);
      expect(() => validateProducedBatch(bytes, 0)).toThrow(MillraceError);
    }
  });

  test('what a producer may not send, though consumers read it', () => {
    const builder = new BatchBuilder(() => now);
    for (const text of ['a', 'b', 'c']) builder.add(text);
    const gaps = whole(sealBatch(builder.build()));
    gaps[batchHeaderBytes + 8 * 2 + 3] = 10; // the last offset delta: 5, as after compaction
    gaps.writeInt32BE(5, 23);
    resum(gaps);
    expect(openBatch(gaps, 0, { verifyCrc: true }).count).toBe(3);
    expect(() => validateProducedBatch(gaps, 0)).toThrow(/last offset delta 5 with 3 records/);

    const control = Buffer.from(good);
    control.writeInt16BE(0x20, 21);
    resum(control);
    expect(() => validateProducedBatch(control, 0)).toThrow(/control/);

    const none = good.subarray(0, batchHeaderBytes);
    const empty = Buffer.from(none);
    empty.writeInt32BE(49, 8);
    empty.writeInt32BE(0, 57);
    resum(empty);
    expect(openBatch(empty, 0, { verifyCrc: true }).count).toBe(0); // compaction keeps such batches
    expect(() => validateProducedBatch(empty, 0)).toThrow(/no records/);
  });
});

/** Sets the checksum, computed otherwise than by the code under test. */
function resum(bytes: Buffer): void {
  bytes.writeUInt32BE(crc32cBitByBit(bytes.subarray(21)), 17);
}

function crc32cBitByBit(bytes: Buffer): number {
  let crc = 0xffff_ffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f6_3b78 : 0);
  }
  return ~crc >>> 0;
}
