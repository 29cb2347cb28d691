import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { anyBatch, check, host, now, offsetDeltas, plain } from '../../../testkit/src/fuzz/any-batch.ts';
import { BatchBuilder } from './batch-builder.ts';
import { encodeLines } from './encode-lines.ts';
import { concatBatches, inlineHeaders, mapEvents, renumber, stripToBodies } from './transform.ts';

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
