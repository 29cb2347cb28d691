/** Drawn batches of all kinds, and what must hold of any batch. */
import fc from 'fast-check';
import { expect } from 'vitest';
import { BatchBuilder } from '../../../millrace/src/records/batch-builder.ts';
import type { EventBatch, EventView, Headers } from '../../../millrace/src/records/event-batch.ts';
import { indexRecords } from '../../../millrace/src/records/index-records.ts';
import { readRecord } from '../../../millrace/src/records/record.ts';

/** Unix ms around which the events' timestamps lie. */
export const now = 1_700_000_000_000;
export const host = new Map([['host', 'a']]);

const name = fc.constantFrom('host', 'h', 'key', 'offset', 'x');
const anyEvent = fc.record({
  body: fc.uint8Array({ maxLength: 150 }),
  headers: fc.array(fc.tuple(name, fc.string({ maxLength: 3 })), { maxLength: 3 }),
  key: fc.option(fc.string({ maxLength: 3 })),
  timestampMs: fc.integer({ min: now - 3, max: now + 3 }),
});
const anyShared = fc.constantFrom<Headers>(
  new Map(),
  host,
  new Map([
    ['host', 'b'],
    ['x', '1'],
  ]),
);
const anyOrigin = fc.constantFrom(
  undefined,
  { baseOffset: 100, offsetHeader: 'offset', timestampHeader: 'timestamp', keyHeader: 'key' },
  { baseOffset: 7, offsetHeader: 'offset', headerNames: new Map([['flume', 'h']]) },
);

/** Batches of all kinds: shared headers, headers from metadata, slices. */
export const anyBatch = fc
  .record({
    events: fc.array(anyEvent, { minLength: 1, maxLength: 90 }),
    shared: anyShared,
    origin: anyOrigin,
    skip: fc.nat(90),
    take: fc.integer({ min: 1, max: 90 }),
  })
  .map(({ events, shared, origin, skip, take }) => {
    const builder = new BatchBuilder();
    for (const { body, headers, key, timestampMs } of events) builder.add(body, headers, key, timestampMs);
    const from = skip % events.length;
    return builder
      .build(shared)
      .withOrigin(origin)
      .slice(from, Math.min(events.length, from + take));
  });

/** An event as a person sees it. */
export function show(event: EventView): unknown {
  return {
    body: event.body,
    key: event.key?.toString(),
    timestamp: event.timestamp,
    headers: event.headers(),
  };
}

export function plain(batch: EventBatch | null): unknown[] {
  return batch === null ? [] : [...batch].map(show);
}

/** That the bytes, the index and the flags agree. */
export function check(batch: EventBatch | null): void {
  if (batch === null) return;
  const last = readRecord(batch.records, batch.index[batch.count - 1]!).offsetDelta;
  const found = indexRecords(batch.recordBytes, batch.count, last);
  expect([...found.index]).toEqual([...batch.index].map((at) => at - batch.index[0]!));
  if (found.hasKeys) expect(batch.hasKeys).toBe(true);
  if (found.hasRecordHeaders) expect(batch.hasRecordHeaders).toBe(true);
  if (found.hasTimestamps) expect(batch.hasTimestamps).toBe(true);
}

export function offsetDeltas(batch: EventBatch): number[] {
  return [...batch.index.subarray(0, -1)].map((at) => readRecord(batch.records, at).offsetDelta);
}
