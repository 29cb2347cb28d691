import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { anyBatch, check, host, offsetDeltas, plain, show } from '../../../testkit/src/fuzz/any-batch.ts';
import { BatchBuilder } from './batch-builder.ts';
import { editEvents, HeaderSetter, keepBodies, keepEvents, keepRuns, removeHeaders } from './edit.ts';
import type { EventBatch } from './event-batch.ts';
import { HeaderName } from './event-editor.ts';

const anyName = fc.constantFrom('host', 'h', 'key', 'offset', 'timestamp', 'flume', 'x', 'næw');
const anyText = fc.string({ maxLength: 4, unit: 'grapheme' });

/** What is done to one event. */
const anyEdit = fc.record(
  {
    drop: fc.boolean(),
    body: fc.oneof(anyText, fc.uint8Array({ maxLength: 300 })),
    sets: fc.array(fc.tuple(anyName, anyText), { maxLength: 3 }),
  },
  { requiredKeys: [] },
);
const edits = fc.array(fc.oneof(fc.constant({}), anyEdit), { minLength: 90, maxLength: 90 });

type Edit = { drop?: boolean; body?: string | Uint8Array; sets?: [string, string][] };
const setsOf = (edit: object) => (edit as Edit).sets ?? [];

/** The events as the plain model has them: a map of headers and a body each. */
function modelOf(batch: EventBatch) {
  return [...batch].map((event) => ({
    body: event.body,
    key: event.key?.toString(),
    timestamp: event.timestamp,
    headers: event.headers(),
  }));
}

/** Headers as sets of pairs: where in an event one stands is nobody's promise. */
const unordered = (shown: unknown) =>
  JSON.parse(
    JSON.stringify(shown, (_key, value) => (value instanceof Map ? [...value].sort() : value)),
  ) as unknown;

/** That the records are still numbered as they were, but for those that are gone. */
function checkDeltas(before: EventBatch, after: EventBatch | null): void {
  if (after === null) return;
  const known = offsetDeltas(before);
  for (const delta of offsetDeltas(after)) expect(known).toContain(delta);
  expect(after.provenance).toBe(before.provenance);
}

describe('editEvents', () => {
  test('does what the plain model does: sets, bodies, drops, in any mixture', () => {
    fc.assert(
      fc.property(anyBatch, edits, (drawn, plan) => {
        const batch = drawn.withProvenance({ place: 'here' });
        const names = new Map(
          ['host', 'h', 'key', 'offset', 'timestamp', 'flume', 'x', 'næw'].map((text) => [
            text,
            new HeaderName(text),
          ]),
        );
        const before = plain(batch);
        const wanted = modelOf(batch).flatMap((event, i) => {
          const { drop, body, sets } = plan[i] as Edit;
          if (drop === true) return [];
          if (body !== undefined) event.body = Buffer.from(body as string);
          for (const [name, value] of sets ?? []) event.headers.set(name, value);
          return event;
        });
        // What is not set must not be named: only then metadata may stay as it is.
        const used = new Set(plan.slice(0, batch.count).flatMap((one) => setsOf(one).map(([name]) => name)));
        const edited = editEvents(
          batch,
          [...used].map((name) => names.get(name)!),
          (event, i) => {
            const { drop, body, sets } = plan[i] as Edit;
            expect(event.bytes.subarray(event.from, event.to)).toEqual(batch.event(i).body);
            for (const [name, header] of names)
              expect(event.has(header)).toBe(batch.event(i).header(name) !== undefined);
            if (body !== undefined) event.setBody(body);
            for (const [name, value] of sets ?? []) event.set(names.get(name)!, value);
            if (drop === true) event.drop();
          },
        );
        check(edited);
        checkDeltas(batch, edited);
        expect(unordered(edited === null ? [] : [...edited].map(show))).toEqual(unordered(wanted));
        expect(plain(batch)).toEqual(before);
      }),
    );
  });

  test('is the batch itself where nothing is changed', () => {
    fc.assert(
      fc.property(anyBatch, (batch) => {
        expect(editEvents(batch, [new HeaderName('offset')], () => {})).toBe(batch);
      }),
    );
  });

  test('leaves metadata alone that no header is in the way of', () => {
    const builder = new BatchBuilder();
    builder.add('a', [['own', '1']], 'k');
    const batch = builder.build(host).withOrigin({ baseOffset: 5, offsetHeader: 'offset', keyHeader: 'key' });
    const level = new HeaderName('level');
    const edited = editEvents(batch, [level], (event) => event.set(level, 'warn'));
    expect(edited!.origin).toBe(batch.origin);
    expect(edited!.event(0).headers()).toEqual(
      new Map([...host, ['own', '1'], ['level', 'warn'], ['offset', '5'], ['key', 'k']]),
    );
  });

  test('a header that stands twice in a record is set once, in its first place', () => {
    const builder = new BatchBuilder();
    builder.add('a', [
      ['x', '1'],
      ['own', '2'],
      ['x', '3'],
    ]);
    const x = new HeaderName('x');
    const batch = builder.build();
    const edited = editEvents(batch, [x], (event) => event.set(x, 'new'))!;
    expect([...edited.event(0).headers()]).toEqual([
      ['x', 'new'],
      ['own', '2'],
    ]);
    expect(edited.sizeBytes).toBe(batch.sizeBytes - 'x3'.length - 2 + 'ne'.length);
  });

  test('refuses a header that it was not told of', () => {
    const batch = new BatchBuilder();
    batch.add('a');
    const stranger = new HeaderName('stranger');
    expect(() => editEvents(batch.build(), [], (event) => event.set(stranger, ''))).toThrow(/stranger/);
  });
});

describe('keepEvents', () => {
  test('keeps what it is told to', () => {
    fc.assert(
      fc.property(anyBatch, fc.func(fc.boolean()), (batch, keep) => {
        const left = keepEvents(batch, keep);
        check(left);
        checkDeltas(batch, left);
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

test('keepRuns keeps the events of its runs, a single one without a copy', () => {
  fc.assert(
    fc.property(anyBatch, fc.array(fc.nat(90), { minLength: 1, maxLength: 12 }), (batch, cuts) => {
      const ends = [...new Set(cuts.map((cut) => cut % (batch.count + 1)))].sort((a, b) => a - b);
      const runs = ends.length % 2 === 0 ? ends : ends.slice(1);
      if (runs.length === 0) runs.push(0, batch.count);
      const left = keepRuns(batch, runs);
      check(left);
      checkDeltas(batch, left);
      const isIn = (i: number) => runs.some((from, r) => r % 2 === 0 && i >= from && i < runs[r + 1]!);
      expect(plain(left)).toEqual([...batch].filter((_, i) => isIn(i)).map(show));
      if (runs.length === 2) expect(left.records).toBe(batch.records);
    }),
  );
});

test('keepBodies keeps the events whose body is liked', () => {
  fc.assert(
    fc.property(anyBatch, fc.integer({ min: 0, max: 150 }), (batch, least) => {
      const left = keepBodies(batch, (_bytes, from, to) => to - from >= least);
      check(left);
      expect(plain(left)).toEqual([...batch].filter(({ body }) => body.length >= least).map(show));
    }),
  );
});

describe('HeaderSetter', () => {
  test.each([true, false])('with preserveExisting = %s sets what the plain model sets', (preserve) => {
    fc.assert(
      fc.property(anyBatch, anyName, anyText, (batch, name, value) => {
        const wanted = modelOf(batch).map((event) => {
          if (!preserve || !event.headers.has(name)) event.headers.set(name, value);
          return event;
        });
        const made = new HeaderSetter(name, preserve).set(batch, value);
        check(made);
        expect(unordered([...made].map(show))).toEqual(unordered(wanted));
      }),
    );
  });
});

describe('removeHeaders', () => {
  test('takes headers out wherever they come from', () => {
    fc.assert(
      fc.property(anyBatch, fc.uniqueArray(anyName), (batch, names) => {
        const wanted = modelOf(batch).map((event) => {
          for (const name of names) event.headers.delete(name);
          return event;
        });
        const made = removeHeaders(batch, (name) => (names as string[]).includes(name));
        check(made);
        expect(unordered([...made].map(show))).toEqual(unordered(wanted));
      }),
    );
  });

  test('is the batch itself where no event has any of them', () => {
    fc.assert(
      fc.property(anyBatch, (batch) => {
        expect(removeHeaders(batch, () => false)).toBe(batch);
      }),
    );
  });

  test('of records that have none left says so: they pass through', () => {
    const builder = new BatchBuilder();
    builder.add('a', [['x', '1']]);
    expect(removeHeaders(builder.build(), () => true).hasRecordHeaders).toBe(false);
  });
});
