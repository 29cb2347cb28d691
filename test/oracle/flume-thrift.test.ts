/**
 * A real Flume 1.11 between our thrift sink and our thrift source: what goes in comes out, in both protocols, with TLS
 * and without. And the same calls to its source and to ours, by hand: the answers are equal.
 */
import { once } from 'node:events';
import { connect } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SourceCounter } from '../../packages/millrace/src/component/counters.ts';
import { deliveryOf } from '../../packages/millrace/src/component/delivery.ts';
import { contextFor } from '../../packages/millrace/src/component/testing/context.ts';
import { thriftSink } from '../../packages/millrace/src/components/rpc/thrift-sink.ts';
import { thriftSource } from '../../packages/millrace/src/components/rpc/thrift-source.ts';
import { framed } from '../../packages/millrace/src/formats/thrift/flume-calls.ts';
import { FrameCutter } from '../../packages/millrace/src/formats/thrift/frame.ts';
import {
  type ThriftProtocol,
  thriftReader,
  thriftWriter,
} from '../../packages/millrace/src/formats/thrift/protocol.ts';
import { kinds, types } from '../../packages/millrace/src/formats/thrift/types.ts';
import type { ThriftWriter } from '../../packages/millrace/src/formats/thrift/writer.ts';
import { BatchBuilder } from '../../packages/millrace/src/records/batch-builder.ts';
import type { EventBatch } from '../../packages/millrace/src/records/event-batch.ts';
import { MillraceError } from '../../packages/millrace/src/runtime/errors.ts';
import { tempDir } from '../../packages/testkit/src/files/temp-dir.ts';
import { RealFlume } from '../../packages/testkit/src/flume/real-flume.ts';
import { certificates, keystorePassword } from '../../packages/testkit/src/net/certificates.ts';
import { freePorts } from '../../packages/testkit/src/net/free-port.ts';
import { counterOf, monitoringArgs } from '../../packages/testkit/src/oracle/programs.ts';
import { chanceOf, roundsOr } from '../../packages/testkit/src/oracle/seed.ts';
import { waitFor } from '../../packages/testkit/src/process/wait.ts';

interface Way {
  readonly protocol: ThriftProtocol;
  readonly tls: boolean;
}
const ways: readonly Way[] = [
  { protocol: 'compact', tls: false },
  { protocol: 'binary', tls: false },
  { protocol: 'compact', tls: true },
  { protocol: 'binary', tls: true },
];
const eventsOfEach = 200 * roundsOr(1);

interface Given {
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Uint8Array;
}
const anyText = fc.string({ unit: 'binary', maxLength: 12 }).map((text) => text.toWellFormed());
const anyEvent: fc.Arbitrary<Given> = fc.record({
  headers: fc.uniqueArray(fc.tuple(anyText, anyText), { maxLength: 20, selector: ([name]) => name }),
  body: fc.oneof(
    { weight: 20, arbitrary: fc.uint8Array({ maxLength: 300 }) },
    { weight: 1, arbitrary: fc.uint8Array({ minLength: 20_000, maxLength: 200_000 }) },
  ),
});

const shown = ({ headers, body }: Given) => ({
  headers: Object.fromEntries([...headers].sort(([a], [b]) => (a < b ? -1 : 1))),
  body: Buffer.from(body).toString('base64'),
});

function conf(theirs: readonly number[], ours: readonly number[]): string {
  const list = (letter: string) => ways.map((_, i) => `${letter}${i}`).join(' ');
  return [
    `a1.sources = ${list('r')}`,
    `a1.channels = ${list('c')}`,
    `a1.sinks = ${list('k')}`,
    ...ways.flatMap(({ protocol, tls }, i) => [
      `a1.sources.r${i}.type = thrift`,
      `a1.sources.r${i}.bind = 127.0.0.1`,
      `a1.sources.r${i}.port = ${theirs[i]}`,
      `a1.sources.r${i}.protocol = ${protocol}`,
      `a1.sources.r${i}.channels = c${i}`,
      `a1.channels.c${i}.type = memory`,
      `a1.channels.c${i}.capacity = 100000`,
      `a1.channels.c${i}.transactionCapacity = 1000`,
      `a1.sinks.k${i}.type = thrift`,
      `a1.sinks.k${i}.channel = c${i}`,
      `a1.sinks.k${i}.hostname = 127.0.0.1`,
      `a1.sinks.k${i}.port = ${ours[i]}`,
      `a1.sinks.k${i}.protocol = ${protocol}`,
      `a1.sinks.k${i}.batch-size = 37`,
      ...(tls
        ? [
            ...['sources.r', 'sinks.k'].map((of) => `a1.${of}${i}.ssl = true`),
            `a1.sources.r${i}.keystore = ${certificates.pkcs12}`,
            `a1.sources.r${i}.keystore-password = ${keystorePassword}`,
            `a1.sources.r${i}.keystore-type = PKCS12`,
            `a1.sinks.k${i}.truststore = ${certificates.pkcs12}`,
            `a1.sinks.k${i}.truststore-password = ${keystorePassword}`,
            `a1.sinks.k${i}.truststore-type = PKCS12`,
          ]
        : []),
    ]),
  ].join('\n');
}

/** Our source of a way: what it takes, and how many puts it is to refuse first. */
async function startSource({ protocol, tls }: Way, port: number, refuses = 0) {
  const taken: ReturnType<typeof shown>[] = [];
  let left = refuses;
  const context = contextFor(thriftSource, {
    ...{ bind: '127.0.0.1', port, protocol, ssl: tls },
    ...(tls ? { keystore: certificates.pkcs12, 'keystore-password': keystorePassword } : {}),
  });
  const put = async (batch: EventBatch) => {
    if (left-- > 0) throw new MillraceError('CHANNEL_FULL', 'full');
    for (const event of batch) taken.push(shown({ headers: [...event.headers()], body: event.body }));
  };
  const source = thriftSource.create({ ...context, channels: { put } });
  await source.start();
  return { source, taken, counter: source.counter! };
}

const stack = new AsyncDisposableStack();
let theirs: number[];
let ours: number[];
let monitoring: number;

beforeAll(async () => {
  const ports = await freePorts(2 * ways.length);
  theirs = ports.slice(0, ways.length);
  ours = ports.slice(ways.length);
  const dir = stack.use(tempDir('flume-thrift-'));
  monitoring = (await freePorts(1))[0]!;
  const jvmFlags = ['-Xmx512m', ...monitoringArgs(monitoring)];
  stack.use(await RealFlume.start({ conf: conf(theirs, ours), dir: dir.path, jvmFlags }));
  for (const port of theirs) await waitFor(`Flume's port ${port}`, () => connectable(port));
});
afterAll(() => stack.disposeAsync());

it.concurrent.each(ways.map((way, i) => ({ ...way, i })))(
  'our sink → Flume’s source → Flume’s sink → our source: $protocol, TLS $tls',
  async ({ i, ...way }) => {
    const { seed } = chanceOf(`thrift, ${way.protocol}, TLS ${way.tls}`);
    const given = fc.sample(anyEvent, { seed, numRuns: eventsOfEach });
    // The first call of Flume's is refused, and comes again.
    const { source, taken, counter } = await startSource(way, ours[i]!, 1);
    const sink = thriftSink.create(
      contextFor(thriftSink, {
        ...{ hostname: '127.0.0.1', port: theirs[i]!, protocol: way.protocol, ssl: way.tls },
        ...(way.tls ? { truststore: certificates.certificate } : {}),
      }),
    );
    await sink.start();
    try {
      const signal = new AbortController().signal;
      for (let at = 0; at < given.length; at += 50) {
        const builder = new BatchBuilder();
        for (const { headers, body } of given.slice(at, at + 50)) builder.add(body, headers);
        await sink.deliver(deliveryOf([builder.build()]), { signal });
      }
      await waitFor('all events', () => taken.length >= given.length, { timeoutMs: 60_000 });
      expect(taken).toEqual(given.map(shown));
      expect(counter).toMatchObject({ eventAccepted: given.length, channelWriteFail: 1, appendReceived: 0 });
      expect(sink.counter).toMatchObject({ connectionFailed: 0, eventWriteFail: 0 });
    } finally {
      await sink.stop();
      await source.stop();
    }
  },
);

type Writing = (writer: ThriftWriter) => void;
const struct = (writer: ThriftWriter, ...fields: Writing[]) => {
  const begun = writer.structBegin();
  for (const field of fields) field(writer);
  writer.structEnd(begun);
};
const headers: Writing = (writer) => {
  writer.field(types.map, 1);
  writer.map(types.string, types.string, 1);
  writer.text('who');
  writer.text('by hand');
};
const body: Writing = (writer) => {
  writer.field(types.string, 2);
  writer.text('body');
};
const more: Writing = (writer) => {
  writer.field(types.struct, 99);
  struct(writer, headers, body, (inner) => {
    inner.field(types.list, 200);
    inner.list(types.i32, 2);
    inner.i32(-1);
    inner.i32(2 ** 31 - 1);
  });
};
const event =
  (...fields: Writing[]): Writing =>
  (writer) => {
    writer.field(types.struct, 1);
    struct(writer, ...fields);
  };
const events =
  (count: number, ...fields: Writing[]): Writing =>
  (writer) => {
    writer.field(types.list, 1);
    writer.list(types.struct, count);
    for (let i = 0; i < count; i++) struct(writer, ...fields);
  };

/** Calls by hand: method, arguments, and how they begin where that is not usual. */
const calls: readonly (readonly [name: string, args: readonly Writing[], kind?: number])[] = [
  ['append', [event(headers, body)]],
  ['append', [event(body, headers)]],
  ['append', [more, event(more, headers, more, body, more), more]],
  ['append', [event(headers, body, headers, body)]],
  ['append', [event(headers)]],
  ['append', [event(body)]],
  ['append', [event()]],
  ['appendBatch', [events(0)]],
  ['appendBatch', [events(1, headers, body)]],
  ['appendBatch', [events(20, body, headers)]],
  ['appendBatch', [events(2, headers)]],
  ['drop', [event(headers, body)]],
  ['', []],
  ['Append', [event(headers, body)]],
  ['append', [event(headers, body)], kinds.oneway],
];

const counters: Readonly<Record<string, (counter: SourceCounter) => number>> = {
  EventReceivedCount: (counter) => counter.eventReceived,
  EventAcceptedCount: (counter) => counter.eventAccepted,
  AppendReceivedCount: (counter) => counter.appendReceived,
  AppendAcceptedCount: (counter) => counter.appendAccepted,
  AppendBatchReceivedCount: (counter) => counter.appendBatchReceived,
  AppendBatchAcceptedCount: (counter) => counter.appendBatchAccepted,
  ChannelWriteFail: (counter) => counter.channelWriteFail,
};

describe.each(['compact', 'binary'] as const)('calls by hand, %s', (protocol) => {
  it('are answered and counted by both alike', async () => {
    const i = ways.findIndex((way) => way.protocol === protocol && !way.tls);
    const port = (await freePorts(1))[0]!;
    const { source, counter } = await startSource(ways[i]!, port);
    const counted = () =>
      Promise.all(Object.keys(counters).map((name) => counterOf(monitoring, `SOURCE.r${i}`, name)));
    const before = await counted();
    const sink = await startSource(ways[i]!, ours[i]!);
    try {
      for (const [at, [name, args, kind = kinds.call]] of calls.entries()) {
        const sequence = [1, -1, 0x7fff_ffff, 127, 128][at % 5]!;
        const writer = thriftWriter(protocol, 1024, 4);
        writer.message({ name, kind, sequence });
        struct(writer, ...args);
        const frame = framed(Buffer.from(writer.written()));
        const [own, their] = [await ask(port, protocol, frame), await ask(theirs[i]!, protocol, frame)];
        expect(own, `${at}: ${name}`).toEqual(their);
      }
      if (protocol === 'binary') {
        // A message of old, without a version in front.
        const old = Buffer.from(
          '00000006617070656e64010000000b0c00010d00010b0b000000000b00020000000161 0000'.replace(' ', ''),
          'hex',
        );
        const frame = framed(Buffer.concat([Buffer.alloc(4), old]));
        expect(await ask(port, protocol, frame)).toEqual(await ask(theirs[i]!, protocol, frame));
      }
      const flumes = (await counted()).map((count, at) => count - before[at]!);
      expect(Object.values(counters).map((of) => of(counter))).toEqual(flumes);
      expect(flumes[0]).toBeGreaterThan(20);
    } finally {
      await source.stop();
      await sink.source.stop();
    }
  });
});

/** What is answered to a frame: to the bit, but for the text of an exception, in which Java shows its objects. */
async function ask(port: number, protocol: ThriftProtocol, frame: Buffer): Promise<unknown> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  try {
    socket.write(frame);
    const cutter = new FrameCutter();
    for (;;) {
      const [chunk] = (await once(socket, 'data')) as [Buffer];
      cutter.push(chunk);
      const message = cutter.next();
      if (message === null) continue;
      const reader = thriftReader(protocol, message);
      const head = reader.message();
      if (head.kind !== kinds.exception) return message.toString('hex');
      let text = '';
      let type = -1;
      const begun = reader.structBegin();
      while (reader.field()) {
        if (reader.fieldId === 1) text = reader.text();
        else type = reader.i32();
      }
      reader.structEnd(begun);
      reader.end();
      return { head, type, text: text.replace(/ Struct:.*/s, '') };
    }
  } finally {
    socket.destroy();
  }
}

async function connectable(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  const isThere = await once(socket, 'connect').then(
    () => true,
    () => false,
  );
  socket.destroy();
  return isThere;
}
