import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BatchBuilder } from './batch-builder.ts';
import { encodeLines } from './encode-lines.ts';
import type { EventBatch, EventView, Headers } from './event-batch.ts';
import { indexRecords } from './index-records.ts';
import { readRecord } from './record.ts';
import { concatBatches, inlineHeaders, keepEvents, mapEvents, renumber, stripToBodies } from './transform.ts';

const now = 1_700_000_000_000;
const host = new Map([['host', 'a']]);

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
const anyBatch = fc
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

function show(event: EventView): unknown {
  return {
    body: event.body,
    key: event.key?.toString(),
    timestamp: event.timestamp,
    headers: event.headers(),
  };
}

function plain(batch: EventBatch | null): unknown[] {
  return batch === null ? [] : [...batch].map(show);
}

/** That the bytes, the index and the flags agree. */
function check(batch: EventBatch | null): void {
  if (batch === null) return;
  const last = readRecord(batch.records, batch.index[batch.count - 1]!).offsetDelta;
  const found = indexRecords(batch.recordBytes, batch.count, last);
  expect([...found.index]).toEqual([...batch.index].map((at) => at - batch.index[0]!));
  if (found.hasKeys) expect(batch.hasKeys).toBe(true);
  if (found.hasRecordHeaders) expect(batch.hasRecordHeaders).toBe(true);
  if (found.hasTimestamps) expect(batch.hasTimestamps).toBe(true);
}

function offsetDeltas(batch: EventBatch): number[] {
  return [...batch.index.subarray(0, -1)].map((at) => readRecord(batch.records, at).offsetDelta);
}

test('header(name) is what headers() has', () => {
  fc.assert(
    fc.property(anyBatch, (batch) => {
      for (const event of batch) {
        const all = event.headers();
        for (const one of ['host', 'h', 'key', 'offset', 'x', 'timestamp', 'flume', 'none']) {
          expect(event.header(one)).toBe(all.get(one));
        }
      }
    }),
  );
});

describe('renumber', () => {
  test('numbers from 0 and changes nothing else', () => {
    fc.assert(
      fc.property(anyBatch, (batch) => {
        const numbered = renumber(batch);
        check(numbered);
        expect(plain(numbered)).toEqual(plain(batch));
        expect(offsetDeltas(numbered)).toEqual([...Array(batch.count).keys()]);
        expect(renumber(numbered)).toBe(numbered);
      }),
    );
  });
});

describe('concatBatches', () => {
  test('has all events in their order', () => {
    fc.assert(
      fc.property(fc.array(anyBatch, { minLength: 1, maxLength: 4 }), (batches) => {
        const all = concatBatches(batches);
        check(all);
        expect(plain(all)).toEqual(batches.flatMap(plain));
        expect(offsetDeltas(all)).toEqual([...Array(all.count).keys()]);
      }),
    );
  });

  test('keeps shared headers shared where they are the same', () => {
    const bytes = Buffer.from('a\nb\n');
    const { batch } = encodeLines(bytes, 0, 4, { maxEvents: 9, timestampMs: now });
    const all = concatBatches([batch!.withSharedHeaders(host), batch!.withSharedHeaders(new Map(host))]);
    expect([all.sharedHeaders, all.hasRecordHeaders, all.hasTimestamps]).toEqual([host, false, false]);
    expect(concatBatches([all, batch!]).hasRecordHeaders).toBe(true);
    expect(() => concatBatches([])).toThrow(RangeError);
  });
});

describe('keepEvents', () => {
  test('keeps what it is told to', () => {
    fc.assert(
      fc.property(anyBatch, fc.func(fc.boolean()), (batch, keep) => {
        const left = keepEvents(batch, keep);
        check(left);
        expect(plain(left)).toEqual([...batch].filter((_, i) => keep(i)).map(show));
        expect(left === null).toBe(![...batch].some((_, i) => keep(i)));
      }),
    );
  });

  test('is the batch itself when all are kept', () => {
    fc.assert(
      fc.property(anyBatch, (batch) => {
        expect(keepEvents(batch, () => true)).toBe(batch);
      }),
    );
  });
});

describe('mapEvents', () => {
  const anyChange = fc.oneof(
    fc.constant(undefined),
    fc.constant(null),
    fc.record(
      {
        body: fc.oneof(fc.string(), fc.uint8Array({ maxLength: 200 })),
        headers: fc.constantFrom(new Map([['new', 'v']]), new Map([...host, ['h', '2']]), new Map()),
        key: fc.option(fc.string({ maxLength: 2 })),
        timestampMs: fc.integer({ min: now, max: now + 9 }),
      },
      { requiredKeys: [] },
    ),
  );

  test('changes what it is told to', () => {
    // Metadata that shows as headers is another matter: the next test's.
    const noOrigin = anyBatch.map((batch) => batch.withOrigin(undefined));
    fc.assert(
      fc.property(noOrigin, fc.array(anyChange, { minLength: 90, maxLength: 90 }), (batch, changes) => {
        const mapped = mapEvents(batch, (_event, i) => changes[i]);
        check(mapped);
        const wanted = [...batch].flatMap((event, i) => {
          const change = changes[i];
          if (change === null) return [];
          const key = change?.key === undefined ? event.key?.toString() : (change.key ?? undefined);
          return {
            body: change?.body === undefined ? event.body : Buffer.from(change.body as string),
            key,
            timestamp: change?.timestampMs ?? event.timestamp,
            headers: change?.headers ?? event.headers(),
          };
        });
        expect(plain(mapped)).toEqual(wanted);
      }),
    );
  });

  test('headers shown from metadata can be changed and taken off like all others', () => {
    const builder = new BatchBuilder(() => now);
    builder.add('a', [['own', '1']], 'k1');
    builder.add('b', [], 'k2');
    const batch = builder.build(host).withOrigin({ baseOffset: 5, offsetHeader: 'offset', keyHeader: 'key' });
    const mapped = mapEvents(batch, (event, i) => {
      if (i === 1) return undefined;
      const headers = event.headers();
      headers.delete('offset');
      return { headers: headers.set('key', 'changed') };
    });
    expect(mapped?.event(0).headers()).toEqual(new Map([...host, ['own', '1'], ['key', 'changed']]));
    expect(mapped?.event(1).headers()).toEqual(new Map([...host, ['offset', '6'], ['key', 'k2']]));
    expect(mapped?.sharedHeaders).toBe(host);
  });

  test('shared headers stay shared unless an event loses or changes one', () => {
    const bytes = Buffer.from('a\nb\n');
    const batch = encodeLines(bytes, 0, 4, { maxEvents: 9, timestampMs: now }).batch!.withSharedHeaders(host);
    expect(mapEvents(batch, () => undefined)).toBe(batch);
    expect(mapEvents(batch, () => null)).toBeNull();
    const more = mapEvents(batch, (event) => ({ headers: event.headers().set('n', '1') }));
    expect([more?.sharedHeaders, more?.event(1).headers()]).toEqual([host, new Map([...host, ['n', '1']])]);
    const less = mapEvents(batch, (_event, i) => (i === 0 ? { headers: new Map() } : undefined));
    expect([...less!].map((event) => event.headers())).toEqual([new Map(), host]);
  });
});

describe('stripToBodies', () => {
  test('leaves bodies and timestamps', () => {
    fc.assert(
      fc.property(anyBatch, (batch) => {
        const bodies = stripToBodies(batch);
        check(bodies);
        expect(plain(bodies)).toEqual(
          [...batch].map(({ body, timestamp }) => ({ body, timestamp, key: undefined, headers: new Map() })),
        );
        expect([bodies.hasKeys, bodies.hasRecordHeaders]).toEqual([false, false]);
      }),
    );
  });

  test('turns one header into the key and sends those it is told to', () => {
    const headerNames = new Map([['host', 'kafkaHost']]);
    fc.assert(
      fc.property(anyBatch, (batch) => {
        const sent = stripToBodies(batch, { keyHeader: 'key', headerNames });
        check(sent);
        expect(plain(sent)).toEqual(
          [...batch].map((event) => {
            const hostName = event.header('host');
            return {
              body: event.body,
              timestamp: event.timestamp,
              key: event.header('key'),
              headers: new Map(hostName === undefined ? [] : [['kafkaHost', hostName]]),
            };
          }),
        );
      }),
    );
  });

  test('lets bytes pass that have nothing to strip', () => {
    const bytes = Buffer.from('a\nb\n');
    const { batch } = encodeLines(bytes, 0, 4, { maxEvents: 9, timestampMs: now });
    expect(stripToBodies(batch!.withSharedHeaders(host), { keyHeader: 'key' }).records).toBe(batch!.records);
  });
});

test('inlineHeaders leaves nothing outside the records', () => {
  fc.assert(
    fc.property(anyBatch, (batch) => {
      const inlined = inlineHeaders(batch);
      check(inlined);
      expect(plain(inlined)).toEqual(plain(batch));
      expect([inlined.sharedHeaders.size, inlined.origin]).toEqual([0, undefined]);
    }),
  );
});
