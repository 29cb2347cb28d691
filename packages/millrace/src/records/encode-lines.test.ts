import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeLines } from './encode-lines.ts';
import type { EventBatch } from './event-batch.ts';
import { indexRecords } from './index-records.ts';

const timestampMs = 1_700_000_000_000;

function bodies(batch: EventBatch | null): Buffer[] {
  return batch === null ? [] : [...batch].map((event) => event.body);
}

/** Lines the slow way. */
function split(bytes: Buffer): Buffer[] {
  const lines: Buffer[] = [];
  let start = 0;
  for (let i = 0; i < bytes.length; i++) {
    if (bytes[i] !== 0x0a) continue;
    lines.push(bytes.subarray(start, i));
    start = i + 1;
  }
  return lines;
}

function withoutCarriageReturn(line: Buffer): Buffer {
  return line.at(-1) === 0x0d ? line.subarray(0, -1) : line;
}

/** Bytes with many line ends, of lengths around the steps of a varint. */
const text = fc
  .array(
    fc.oneof(
      fc.constantFrom('\n', '\r\n', '\r', '\n\n', 'é', '漢字', '\0'),
      fc.uint8Array({ maxLength: 40 }),
      fc.nat(300).map((n) => 'x'.repeat(n)),
      fc
        .constantFrom(56, 57, 58, 59, 63, 64, 8183, 8184, 8185, 8186, 8191, 8192)
        .map((n) => `${'y'.repeat(n)}\n`),
    ),
    { maxLength: 60 },
  )
  .map((parts) => Buffer.concat(parts.map((part) => Buffer.from(part as string))));

test('any bytes: one event per whole line, and the rest is left', () => {
  fc.assert(
    fc.property(
      text,
      fc.boolean(),
      fc.integer({ min: 1, max: 80 }),
      (bytes, stripCarriageReturn, maxEvents) => {
        const { batch, consumed } = encodeLines(bytes, 0, bytes.length, {
          maxEvents,
          stripCarriageReturn,
          timestampMs,
        });
        const lines = split(bytes).slice(0, maxEvents);
        expect(consumed).toBe(lines.reduce((sum, line) => sum + line.length + 1, 0));
        expect(bodies(batch)).toEqual(stripCarriageReturn ? lines.map(withoutCarriageReturn) : lines);
        if (batch === null) return;
        expect(batch.baseTimestamp).toBe(timestampMs);
        const found = indexRecords(batch.records, batch.count, batch.count - 1);
        expect(found.index).toEqual(batch.index);
        expect([found.hasKeys, found.hasRecordHeaders, found.hasTimestamps]).toEqual([false, false, false]);
      },
    ),
  );
});

test('only the given range of the chunk is looked at', () => {
  const chunk = Buffer.from('a\nbb\nccc\ndddd\n');
  const { batch, consumed } = encodeLines(chunk, 2, 7, { maxEvents: 10, timestampMs });
  expect(bodies(batch).map(String)).toEqual(['bb']);
  expect(consumed).toBe(3);
  expect(encodeLines(chunk, 5, 8, { maxEvents: 10, timestampMs })).toEqual({ batch: null, consumed: 0 });
  expect(encodeLines(chunk, 14, 14, { maxEvents: 10, timestampMs })).toEqual({ batch: null, consumed: 0 });
});

test('the batch does not change when the chunk is used again', () => {
  const chunk = Buffer.from('first\nsecond\n');
  const { batch } = encodeLines(chunk, 0, chunk.length, { maxEvents: 10, timestampMs });
  chunk.fill(0);
  expect(bodies(batch).map(String)).toEqual(['first', 'second']);
});

test('more lines than any earlier call, and lines of a megabyte', () => {
  const many = Buffer.from('line\n'.repeat(70_000));
  const { batch } = encodeLines(many, 0, many.length, { maxEvents: 1_000_000, timestampMs });
  expect(batch?.count).toBe(70_000);
  expect(batch?.event(69_999).body.toString()).toBe('line');
  indexRecords(batch!.records, 70_000, 69_999);

  const long = Buffer.from(`${'z'.repeat(1 << 20)}\n\n${'w'.repeat((1 << 21) + 1)}\n`);
  const two = encodeLines(long, 0, long.length, { maxEvents: 10, timestampMs });
  expect(bodies(two.batch).map((body) => body.length)).toEqual([1 << 20, 0, (1 << 21) + 1]);
});

const machineLogs = ['/var/log/dpkg.log', '/var/log/alternatives.log', '/var/log/syslog'].filter(existsSync);

test.skipIf(machineLogs.length === 0)('a log of this machine, in pieces of a few events', () => {
  for (const path of machineLogs) {
    const log = readFileSync(path);
    const found: Buffer[] = [];
    for (let at = 0; ; ) {
      const { batch, consumed } = encodeLines(log, at, log.length, { maxEvents: 17, timestampMs });
      if (batch === null) break;
      found.push(...bodies(batch));
      at += consumed;
    }
    expect(Buffer.concat(found.flatMap((line) => [line, Buffer.from('\n')]))).toEqual(
      log.subarray(0, log.lastIndexOf(0x0a) + 1),
    );
  }
});
