import { describe, it } from 'vitest';
import { certificates, keystorePassword } from '../../../../testkit/src/net/certificates.ts';
import { freePort } from '../../../../testkit/src/net/free-port.ts';
import { contextFor } from '../../component/testing/context.ts';
import type { StrangeBytes } from '../../component/testing/network-fixture.ts';
import type { NetworkAnswer } from '../../component/testing/network-peer.ts';
import { networkSourceContract } from '../../component/testing/network-source-contract.ts';
import { batchOf } from '../../component/testing/test-api.ts';
import { decodeAnswer, framed } from '../../formats/thrift/flume-calls.ts';
import { FrameCutter, mostFrameBytes } from '../../formats/thrift/frame.ts';
import { type ThriftProtocol, thriftWriter } from '../../formats/thrift/protocol.ts';
import { kinds, types } from '../../formats/thrift/types.ts';
import { ThriftCalls } from '../../records/thrift-events.ts';
import { thriftSource } from './thrift-source.ts';

const answersOf = (protocol: ThriftProtocol) => (received: Buffer) => {
  const cutter = new FrameCutter();
  cutter.push(Buffer.from(received));
  const said: NetworkAnswer[] = [];
  for (let frame = cutter.next(); frame !== null; frame = cutter.next()) {
    const answer = decodeAnswer(protocol, frame, 1);
    if (!('status' in answer)) said.push('bad');
    else said.push(answer.status === 'OK' ? 'taken' : 'full');
  }
  return said;
};

/** The frame of a call whose arguments are these bytes. */
function call(protocol: ThriftProtocol, name: string, bytes: Buffer): Buffer {
  const writer = thriftWriter(protocol, 1024, 4);
  writer.message({ name, kind: kinds.call, sequence: 1 });
  writer.raw(bytes);
  return framed(Buffer.from(writer.written()));
}

const length = (bytes: number): Buffer => {
  const four = Buffer.alloc(4);
  four.writeInt32BE(bytes);
  return four;
};
const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');

/** As bytes of each protocol: what a field begins with, and containers of very many elements. */
const shapes = {
  binary: {
    events: (count: string) => hex(`0f 0001 0c ${count}`),
    headers: (count: string) => hex(`0c 0001 0d 0001 0b 0b ${count}`),
    body: (bytes: string) => hex(`0c 0001 0b 0002 ${bytes}`),
    /** A field that Flume does not know: a list of bools, of which a careless reader makes as many as are announced. */
    unknown: (count: string) => hex(`0f 0009 02 ${count}`),
    stops: (count: string) => hex(`0f 0009 00 ${count}`),
    most: '7fffffff',
    minus: 'ffffffff',
    nested: (depth: number) => Buffer.concat(Array.from({ length: depth }, () => hex('0c 0009'))),
  },
  compact: {
    events: (count: string) => hex(`19 fc ${count}`),
    headers: (count: string) => hex(`1c 1b ${count} 88`),
    body: (bytes: string) => hex(`1c 28 ${bytes}`),
    unknown: (count: string) => hex(`99 f1 ${count}`),
    stops: (count: string) => hex(`99 f0 ${count}`),
    most: 'ffffffff07',
    minus: 'ffffffff0f',
    nested: (depth: number) => Buffer.alloc(depth, 0x9c),
  },
} as const;

/**
 * What announces more than it has: frames, and containers and texts within them (as in CVE-2019-0205, CVE-2019-0210 and
 * CVE-2020-13949), and structs in one another without end (CVE-2015-3254).
 */
function absurd(protocol: ThriftProtocol): StrangeBytes[] {
  const { events, headers, body, unknown, stops, most, minus, nested } = shapes[protocol];
  const list = (what: string, bytes: Buffer): StrangeBytes => ({
    what,
    bytes: () => call(protocol, 'appendBatch', bytes),
    comes: 'closed',
  });
  const single = (what: string, bytes: Buffer): StrangeBytes => ({
    what,
    bytes: () => call(protocol, 'append', bytes),
    comes: 'closed',
  });
  return [
    { what: 'a frame of 2 GiB', bytes: () => length(0x7fffffff), comes: 'closed' },
    { what: 'a frame of more than libthrift takes', bytes: () => length(16_384_001), comes: 'closed' },
    { what: 'a frame of -1 bytes', bytes: () => length(-1), comes: 'closed' },
    { what: 'a frame of nothing', bytes: () => length(0), comes: 'closed' },
    list('a list of 2^31 - 1 events', events(most)),
    list('a list of -1 events', events(minus)),
    single('an event of 2^31 - 1 headers', headers(most)),
    single('an event of -1 headers', headers(minus)),
    single('a body of 2^31 - 1 bytes', body(most)),
    single('a body of -1 bytes', body(minus)),
    list('an unknown field of 2^31 - 1 bools', unknown(most)),
    list('an unknown field of 2^31 - 1 elements that take no bytes', stops(most)),
    list('structs in one another, 100,000 deep', nested(100_000)),
    list('arguments that end in the middle', Buffer.alloc(0)),
    {
      what: 'a call of another name',
      bytes: () => call(protocol, 'drop', Buffer.of(0)),
      comes: 'bad',
    },
    {
      what: 'an event without a body',
      bytes: () => {
        const writer = thriftWriter(protocol, 1024, 4);
        writer.message({ name: 'append', kind: kinds.call, sequence: 1 });
        const begun = writer.structBegin();
        writer.field(types.struct, 1);
        writer.structEnd(writer.structBegin());
        writer.structEnd(begun);
        return framed(Buffer.from(writer.written()));
      },
      comes: 'bad',
    },
    { what: 'HTTP', bytes: () => Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n'), comes: 'closed' },
    { what: 'the greeting of TLS', bytes: () => hex('16030102000100fffc0303ab'), comes: 'closed' },
    {
      what: 'the other protocol',
      bytes: () => call(protocol === 'compact' ? 'binary' : 'compact', 'append', Buffer.of(0)),
      comes: 'closed',
    },
  ];
}

for (const protocol of ['binary', 'compact'] as const) {
  networkSourceContract({ describe, it }, `thrift, ${protocol}`, {
    create: async (channels, { tls, maxConnections, requestMs, waitingBytes }) => {
      const port = await freePort();
      const context = contextFor(thriftSource, {
        bind: '127.0.0.1',
        port,
        protocol,
        maxConnections,
        requestTimeout: requestMs,
        maxWaitingBytes: waitingBytes,
        ...(tls ? { ssl: true, keystore: certificates.pkcs12, 'keystore-password': keystorePassword } : {}),
      });
      return { source: thriftSource.create({ ...context, channels }), port };
    },
    language: {
      message: (bodies) => new ThriftCalls([batchOf(...bodies)], { protocol }).next(1, bodies.length).frame!,
      answers: answersOf(protocol),
    },
    full: 'told',
    tls: true,
    largestMessageBytes: mostFrameBytes,
    strange: absurd(protocol),
  });
}
