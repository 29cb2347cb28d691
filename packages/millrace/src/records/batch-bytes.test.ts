import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BatchBuilder } from './batch-builder.ts';
import { BatchBytes, mostInputBytes, mostRecords } from './batch-bytes.ts';
import { encodeLines, encodeLinesSlowly } from './encode-lines.ts';
import type { EventBatch } from './event-batch.ts';
import { RecordWriter } from './record-writer.ts';

const timestampMs = 1_700_000_000_000;
const bench = BatchBytes.load()!;

test('is there on every machine that runs the tests', () => {
  expect(bench).not.toBeNull();
});

/** Pieces whose lengths are around the steps of a varint and of 16 bytes, with line ends of both kinds. */
const chunk = fc
  .array(
    fc.oneof(
      { weight: 3, arbitrary: fc.nat(40).map((n) => `${'a'.repeat(n)}\n`) },
      fc.constantFrom('\n', '\r\n', '\r', '\r\r\n', '\n\n\n'),
      fc.uint8Array({ maxLength: 70 }),
      fc
        .constantFrom(55, 56, 57, 58, 59, 62, 63, 64, 8181, 8186, 8192, 8193)
        .map((n) => `${'y'.repeat(n)}\r\n`),
    ),
    { maxLength: 150, size: 'max' },
  )
  .map((parts) => Buffer.concat(parts.map((part) => Buffer.from(part as string))));

test('lines become the same bytes as in JavaScript, whatever was on the bench before', () => {
  fc.assert(
    fc.property(
      chunk,
      fc.boolean(),
      fc.integer({ min: 1, max: 200 }),
      fc.nat(40),
      fc.nat(40),
      (bytes, stripCarriageReturn, maxEvents, before, behind) => {
        const from = Math.min(before, bytes.length);
        const to = Math.max(from, bytes.length - behind);
        const options = { maxEvents, stripCarriageReturn, timestampMs };
        expect(encodeLines(bytes, from, to, options)).toEqual(encodeLinesSlowly(bytes, from, to, options));
      },
    ),
    { numRuns: 100 },
  );
});

test('lines that grow from call to call are all found, in pieces', () => {
  for (const length of [1, 50, 3000, 20, 60_000, 2]) {
    const bytes = Buffer.from(`${'l'.repeat(length)}\n`.repeat(15));
    const options = { maxEvents: 15, timestampMs };
    expect(encodeLines(bytes, 0, bytes.length, options)).toEqual(
      encodeLinesSlowly(bytes, 0, bytes.length, options),
    );
    expect(bench.encodeLines(bytes, 0, bytes.length, 15, false)?.count).toBe(15);
  }
});

test('the fullest bench: as many records as it takes, and as many bytes', () => {
  const empty = Buffer.alloc(mostRecords + 1, '\n');
  const options = { maxEvents: mostRecords, timestampMs };
  expect(bench.encodeLines(empty, 0, empty.length, mostRecords, false)?.count).toBe(mostRecords);
  expect(encodeLines(empty, 0, empty.length, options)).toEqual(
    encodeLinesSlowly(empty, 0, empty.length, options),
  );
  const shortest = Buffer.from('123456789012345\n'.repeat(mostRecords));
  expect(shortest.length).toBe(mostInputBytes);
  expect(encodeLines(shortest, 0, shortest.length, options)).toEqual(
    encodeLinesSlowly(shortest, 0, shortest.length, options),
  );
  const one = Buffer.alloc(mostInputBytes, 'x');
  one[one.length - 1] = 10;
  expect(encodeLines(one, 0, one.length, options)).toEqual(encodeLinesSlowly(one, 0, one.length, options));
});

test('what the bench has no room for is left to JavaScript', () => {
  const long = Buffer.alloc(mostInputBytes + 1, 'x');
  long[long.length - 1] = 10;
  expect(bench.encodeLines(long, 0, long.length, 10, false)).toBeNull();
  expect(encodeLines(long, 0, long.length, { maxEvents: 10, timestampMs }).batch?.count).toBe(1);
  expect(bench.encodeLines(long, 0, 10, mostRecords + 1, false)).toBeNull();
});

const event = fc.record({
  body: fc.oneof(
    fc.uint8Array({ maxLength: 90 }),
    fc.constantFrom(8170, 8190).map((n) => Buffer.alloc(n, 'b')),
  ),
  headers: fc.array(fc.tuple(fc.string({ maxLength: 3 }), fc.string({ maxLength: 3 })), { maxLength: 2 }),
  key: fc.option(fc.string({ maxLength: 3 })),
  delta: fc.constantFrom(0, 0, 0, 1, -1, 64, 2 ** 33, -(2 ** 45)),
});
const batch = fc.array(event, { minLength: 1, maxLength: 90, size: 'max' }).map((events) => {
  const builder = new BatchBuilder();
  for (const { body, headers, key, delta } of events) builder.add(body, headers, key, timestampMs + delta);
  return builder.build();
});

/** The batches joined on the bench. */
function joined(batches: readonly EventBatch[]): EventBatch {
  const writer = new RecordWriter(16, 1);
  for (const part of batches) writer.addRecords(part.records, part.index, 0);
  return writer.finish(timestampMs, new Map());
}

test('records get other numbers as in JavaScript', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(batch, fc.nat(80)), { minLength: 1, maxLength: 6 }), (parts) => {
      const batches = parts.map(([whole, skip]) => whole.slice(Math.min(skip, whole.count - 1), whole.count));
      const [fast, slow] = [joined(batches), joinedSlowly(batches)];
      expect(fast.recordBytes.equals(slow.recordBytes)).toBe(true);
      expect([...fast.index]).toEqual([...slow.index]);
      expect(fast.hasTimestamps).toBe(slow.hasTimestamps);
    }),
    { numRuns: 100 },
  );
});

/** One record at a time is too little for the bench. */
function joinedSlowly(batches: readonly EventBatch[]): EventBatch {
  const writer = new RecordWriter(16, 1);
  for (const { records, index, count } of batches)
    for (let i = 0; i < count; i++) writer.addRecords(records, index.subarray(i, i + 2), 0);
  return writer.finish(timestampMs, new Map());
}

test('damaged records end in an error that says where, and never in other memory', () => {
  fc.assert(
    fc.property(batch, fc.nat(), fc.integer({ min: 0, max: 255 }), (whole, place, byte) => {
      const records = Buffer.from(whole.records);
      records[place % whole.sizeBytes] = byte;
      const made = bench.renumber(records, 0, whole.sizeBytes, whole.count, 0);
      if (made !== null) expect(made.count).toBe(whole.count);
    }),
    { numRuns: 500 },
  );
  // Behind the last byte lies what an earlier call left there: here it makes the length 64 MB.
  const left = Buffer.from([0xfe, 0xff, 0xff, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f]);
  expect(bench.renumber(left, 0, 8, 1, 0)).toBeNull();
  expect(bench.renumber(left, 0, 1, 1, 0)).toBeNull();
});
