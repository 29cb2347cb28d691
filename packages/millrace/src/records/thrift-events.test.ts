import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MissingField, NotThrift } from '../formats/thrift/not-thrift.ts';
import { type ThriftProtocol, thriftReader, thriftWriter } from '../formats/thrift/protocol.ts';
import { types } from '../formats/thrift/types.ts';
import type { ThriftWriter } from '../formats/thrift/writer.ts';
import { BatchBuilder } from './batch-builder.ts';
import type { EventBatch } from './event-batch.ts';
import { decodeThriftEvents, ThriftCalls } from './thrift-events.ts';

const protocols: readonly ThriftProtocol[] = ['binary', 'compact'];

interface Given {
  readonly body: Uint8Array;
  readonly headers: readonly (readonly [string, string])[];
}

const anyText = fc.string({ unit: 'binary', maxLength: 8 }).map((text) => text.toWellFormed());
const anyEvents: fc.Arbitrary<Given[]> = fc.array(
  fc.record({
    body: fc.uint8Array({ maxLength: 300 }),
    headers: fc.array(fc.tuple(anyText, anyText), { maxLength: 20 }),
  }),
  { minLength: 1, maxLength: 40 },
);

function batchOf(events: readonly Given[], shared?: ReadonlyMap<string, string>): EventBatch {
  const builder = new BatchBuilder();
  for (const { body, headers } of events) builder.add(body, headers);
  return builder.build(shared);
}

function decoded(protocol: ThriftProtocol, frame: Buffer, isList = true): EventBatch | null {
  expect(frame.readInt32BE(0)).toBe(frame.length - 4);
  const reader = thriftReader(protocol, frame.subarray(4));
  reader.message();
  return decodeThriftEvents(reader, isList);
}

const seen = (batch: EventBatch | null) =>
  [...(batch ?? [])].map((event) => ({ body: Buffer.from(event.body), headers: event.headers() }));

test.each(protocols)('any events come back, in calls of any size: %s', (protocol) => {
  const shared = new Map([
    ['host', 'example'],
    ['', 'é'],
  ]);
  fc.assert(
    fc.property(anyEvents, anyEvents, fc.integer({ min: 1, max: 50 }), (first, second, most) => {
      const calls = new ThriftCalls([batchOf(first, shared), batchOf(second)], { protocol });
      const got: unknown[] = [];
      for (let sequence = 1; !calls.isDone; sequence++) {
        const { frame, events } = calls.next(sequence, most);
        expect(events).toBeLessThanOrEqual(most);
        const batch = decoded(protocol, frame!);
        expect(batch?.count).toBe(events);
        expect(thriftReader(protocol, frame!.subarray(4)).message().sequence).toBe(sequence);
        got.push(...seen(batch));
      }
      const wanted = (events: readonly Given[], under: ReadonlyMap<string, string>) =>
        events.map(({ body, headers }) => ({
          body: Buffer.from(body),
          headers: new Map([...under, ...headers]),
        }));
      expect(got).toEqual([...wanted(first, shared), ...wanted(second, new Map())]);
    }),
  );
});

test.each(protocols)('headers that metadata shows go along: %s', (protocol) => {
  const batch = batchOf([{ body: Buffer.from('b'), headers: [['own', 'x']] }]).withOrigin({
    baseOffset: 41,
    offsetHeader: 'offset',
  });
  const { frame } = new ThriftCalls([batch], { protocol }).next(1, 10);
  expect(seen(decoded(protocol, frame!))[0]?.headers).toEqual(
    new Map([
      ['own', 'x'],
      ['offset', '41'],
    ]),
  );
});

test.each(protocols)(
  'a frame has no more than it may, and an event that none takes is named: %s',
  (protocol) => {
    const event = (bytes: number): Given => ({ body: Buffer.alloc(bytes, 'x'), headers: [] });
    const calls = new ThriftCalls([batchOf([event(300), event(300), event(2000), event(300)])], {
      protocol,
      mostBytes: 800,
    });
    const sizes: unknown[] = [];
    for (let sequence = 1; !calls.isDone; sequence++) {
      const { frame, events } = calls.next(sequence, 100);
      if (frame !== null) expect(frame.length).toBeLessThanOrEqual(804);
      sizes.push(
        frame === null ? 'too large' : seen(decoded(protocol, frame)).map(({ body }) => body.length),
        events,
      );
    }
    expect(sizes).toEqual([[300, 300], 2, 'too large', 1, [300], 1]);
  },
);

/** A call's arguments as a peer may write them. */
function args(
  protocol: ThriftProtocol,
  write: (writer: ThriftWriter) => void,
): ReturnType<typeof thriftReader> {
  const writer = thriftWriter(protocol);
  const begun = writer.structBegin();
  write(writer);
  writer.structEnd(begun);
  return thriftReader(protocol, Buffer.from(writer.written()));
}

function event(writer: ThriftWriter, parts: readonly ('headers' | 'body' | 'more')[]): void {
  const begun = writer.structBegin();
  for (const part of parts) {
    if (part === 'headers') {
      writer.field(types.map, 1);
      writer.map(types.string, types.string, 1);
      writer.text('name');
      writer.text('value');
    } else if (part === 'body') {
      writer.field(types.string, 2);
      writer.text('body');
    } else {
      writer.field(types.struct, 9);
      event(writer, ['headers']);
    }
  }
  writer.structEnd(begun);
}

const wanted = [{ body: Buffer.from('body'), headers: new Map([['name', 'value']]) }];

test.each(protocols)(
  'append: one event, fields in any order, and what is not known passed over: %s',
  (protocol) => {
    const reader = args(protocol, (writer) => {
      writer.field(types.i32, 7);
      writer.i32(-5);
      writer.field(types.struct, 1);
      event(writer, ['more', 'body', 'headers', 'more']);
      writer.field(types.list, 8);
      writer.list(types.struct, 1);
      event(writer, []);
    });
    expect(seen(decodeThriftEvents(reader, false))).toEqual(wanted);
  },
);

test.each(protocols)('a field that comes twice counts as it came last: %s', (protocol) => {
  const reader = args(protocol, (writer) => {
    writer.field(types.list, 1);
    writer.list(types.struct, 1);
    event(writer, ['headers', 'body', 'headers', 'body']);
  });
  expect(seen(decodeThriftEvents(reader, true))).toEqual(wanted);
});

test.each(protocols)('what an event must have: %s', (protocol) => {
  const withParts = (...parts: ('headers' | 'body' | 'more')[]) =>
    args(protocol, (writer) => {
      writer.field(types.struct, 1);
      event(writer, parts);
    });
  expect(() => decodeThriftEvents(withParts('headers', 'more'), false)).toThrow(
    new MissingField('body', 'ThriftFlumeEvent'),
  );
  expect(() => decodeThriftEvents(withParts('body'), false)).toThrow(
    new MissingField('headers', 'ThriftFlumeEvent'),
  );
  expect(() => decodeThriftEvents(withParts('body'), true)).toThrow("'events' was not present");
  expect(() =>
    decodeThriftEvents(
      args(protocol, () => {}),
      false,
    ),
  ).toThrow("'event' was not present");
});

test.each(protocols)('an empty list has no events: %s', (protocol) => {
  const reader = args(protocol, (writer) => {
    writer.field(types.list, 1);
    writer.list(types.struct, 0);
  });
  expect(decodeThriftEvents(reader, true)).toBeNull();
});

test.each(protocols)('lists and maps of other things, and bytes too many: %s', (protocol) => {
  const ofText = args(protocol, (writer) => {
    writer.field(types.list, 1);
    writer.list(types.string, 1);
    writer.text('x');
  });
  expect(() => decodeThriftEvents(ofText, true)).toThrow('the events are of type 11');
  const toNumbers = args(protocol, (writer) => {
    writer.field(types.struct, 1);
    writer.structBegin();
    writer.field(types.map, 1);
    writer.map(types.string, types.i32, 1);
    writer.text('x');
    writer.i32(1);
  });
  expect(() => decodeThriftEvents(toNumbers, false)).toThrow('the headers are of types 11 and 8');
  const { bytes } = args(protocol, (writer) => {
    writer.field(types.struct, 1);
    event(writer, ['headers', 'body']);
  });
  const longer = thriftReader(protocol, Buffer.concat([bytes, Buffer.from([0])]));
  expect(() => decodeThriftEvents(longer, false)).toThrow('1 bytes too many');
});

test.each(protocols)('a call that is bent or cut anywhere is read or told: %s', (protocol) => {
  fc.assert(
    fc.property(
      anyEvents,
      fc.nat(),
      fc.integer({ min: 0, max: 255 }),
      fc.boolean(),
      (events, place, byte, cuts) => {
        const { frame } = new ThriftCalls([batchOf(events)], { protocol }).next(1, 1000);
        const bent = Buffer.from(frame!.subarray(4));
        const at = place % bent.length;
        bent[at] = byte;
        const reader = thriftReader(protocol, cuts ? bent.subarray(0, at) : bent);
        try {
          reader.message();
          seen(decodeThriftEvents(reader, true));
        } catch (error) {
          expect(error).toBeInstanceOf(NotThrift);
        }
      },
    ),
    { numRuns: 500 },
  );
});
