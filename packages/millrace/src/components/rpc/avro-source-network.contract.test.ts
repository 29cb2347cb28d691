import { Readable } from 'node:stream';
import { createDeflate, deflateSync } from 'node:zlib';
import { describe, it } from 'vitest';
import { certificates, keystorePassword } from '../../../../testkit/src/net/certificates.ts';
import { freePort } from '../../../../testkit/src/net/free-port.ts';
import { contextFor } from '../../component/testing/context.ts';
import type { NetworkSourceSetup, StrangeBytes } from '../../component/testing/network-fixture.ts';
import type { NetworkAnswer } from '../../component/testing/network-peer.ts';
import { networkSourceContract } from '../../component/testing/network-source-contract.ts';
import { batchOf } from '../../component/testing/test-api.ts';
import { readAnswer, writeCallHead } from '../../formats/avro-rpc/call.ts';
import { encodeFrame, FrameCutter } from '../../formats/avro-rpc/frame.ts';
import { writeHandshakeRequest } from '../../formats/avro-rpc/handshake.ts';
import { DeflateStream } from '../../net/deflate-stream.ts';
import { encodeAvroList } from '../../records/avro-list.ts';
import { avroSource } from './avro-source.ts';

const frameOverhead = 64;

function answersOf(received: Buffer): NetworkAnswer[] {
  const cutter = new FrameCutter(1 << 20);
  cutter.push(Buffer.from(received));
  const said: NetworkAnswer[] = [];
  for (let frame = cutter.next(); frame !== null; frame = cutter.next()) {
    if (frame.serial === 0) continue;
    const answer = readAnswer(frame.bytes, 0);
    if (!('status' in answer)) said.push('bad');
    else said.push(answer.status === 'OK' ? 'taken' : 'full');
  }
  return said;
}

const numbers = (...values: number[]): Buffer => {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [i, value] of values.entries()) bytes.writeInt32BE(value, i * 4);
  return bytes;
};

/** 2^63 - 1, and its negative, as a long. */
const greatest = Buffer.from('feffffffffffffffff01', 'hex');
const least = Buffer.from('ffffffffffffffffff01', 'hex');
const call = (...parts: Buffer[]) => encodeFrame(1, writeCallHead('appendBatch'), ...parts);
const event = Buffer.from([0, 2, 0x61]);

/** What announces more than it has, in the frame and within it (as in CVE-2023-39410). */
const absurd: readonly StrangeBytes[] = [
  { what: 'a frame of 2^31 pieces', bytes: () => numbers(1, 0x7fffffff), comes: 'closed' },
  { what: 'a frame of -1 pieces', bytes: () => numbers(1, -1), comes: 'closed' },
  { what: 'a piece of 2 GiB', bytes: () => numbers(1, 1, 0x7fffffff), comes: 'closed' },
  { what: 'a piece of -1 bytes', bytes: () => numbers(1, 1, -1), comes: 'closed' },
  {
    what: 'pieces that are too much together',
    bytes: () => Buffer.concat([numbers(1, 3, 600), Buffer.alloc(600), numbers(600)]),
    comes: 'closed',
  },
  { what: 'a hundred pieces of nothing', bytes: () => numbers(1, 100, ...Array(100).fill(0)), comes: 'bad' },
  { what: 'an array of 2^63 - 1 events', bytes: () => call(greatest, event), comes: 'bad' },
  { what: 'an array of -2^63 events of 2^63 bytes', bytes: () => call(least, greatest, event), comes: 'bad' },
  { what: 'a map of 2^63 - 1 headers', bytes: () => call(Buffer.of(2), greatest, event), comes: 'bad' },
  { what: 'a body of 2^63 - 1 bytes', bytes: () => call(Buffer.of(2, 0), greatest, event), comes: 'bad' },
  { what: 'a body of -2^63 bytes', bytes: () => call(Buffer.of(2, 0), least, event), comes: 'bad' },
  { what: 'a header of 2^63 - 1 bytes', bytes: () => call(Buffer.of(2, 2), greatest, event), comes: 'bad' },
  { what: 'a number without end', bytes: () => call(Buffer.alloc(900, 0xff)), comes: 'bad' },
  { what: 'metadata of 2^63 - 1 entries', bytes: () => encodeFrame(1, greatest, event), comes: 'bad' },
  {
    what: 'a call whose name has 2^63 - 1 bytes',
    bytes: () => encodeFrame(1, Buffer.of(0), greatest),
    comes: 'bad',
  },
  { what: 'a call of another name', bytes: () => encodeFrame(1, writeCallHead('drop')), comes: 'bad' },
  { what: 'events that end in the middle', bytes: () => call(Buffer.of(4), event), comes: 'bad' },
  {
    what: 'a handshake that is none',
    bytes: () => encodeFrame(1, Buffer.alloc(40, 0xff)),
    comes: 'closed',
    isBare: true,
  },
  {
    what: 'HTTP',
    bytes: () => Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n'),
    comes: 'closed',
    isBare: true,
  },
  {
    what: 'the greeting of TLS',
    bytes: () => Buffer.from('16030102000100fffc0303ab', 'hex'),
    comes: 'closed',
    isBare: true,
  },
];

const setup = (properties: Record<string, string>): Omit<NetworkSourceSetup, 'strange'> => ({
  create: async (channels, { tls, maxConnections, requestMs, messageBytes, waitingBytes }) => {
    const port = await freePort();
    const context = contextFor(avroSource, {
      bind: '127.0.0.1',
      port,
      maxConnections,
      requestTimeout: requestMs,
      maxRequestSize: messageBytes + frameOverhead,
      maxWaitingBytes: waitingBytes,
      ...(tls ? { ssl: true, keystore: certificates.pkcs12, 'keystore-password': keystorePassword } : {}),
      ...properties,
    });
    return { source: avroSource.create({ ...context, channels }), port };
  },
  language: {
    greeting: encodeFrame(0, writeHandshakeRequest(false), writeCallHead('')),
    message: (bodies) => call(encodeAvroList([batchOf(...bodies)])),
    answers: answersOf,
    ...(properties['compression-type'] === 'deflate'
      ? { layer: (socket) => new DeflateStream(socket, 6) }
      : {}),
  },
  full: 'told',
  tls: true,
});

networkSourceContract({ describe, it }, 'avro', { ...setup({}), strange: absurd });

/** Some bytes and 200 MB of zeros, compressed. */
async function bomb(begin: Buffer): Promise<Buffer> {
  const zeros = Buffer.alloc(1_000_000);
  const deflate = Readable.from([begin, ...Array<Buffer>(200).fill(zeros)]).pipe(createDeflate());
  return Buffer.concat(await deflate.toArray());
}

const bombs = {
  'frames of nothing': await bomb(Buffer.alloc(0)),
  'a call of 200 MB': await bomb(numbers(1, 1, 200_000_000)),
  'pieces of nothing': await bomb(numbers(1, 200)),
};

networkSourceContract({ describe, it }, 'avro, deflate', {
  ...setup({ 'compression-type': 'deflate' }),
  strange: [
    ...Object.entries(bombs).map(
      ([what, bytes]): StrangeBytes => ({
        what: `a few KB that unpack to ${what}`,
        bytes: () => bytes,
        comes: 'closed',
        isBare: true,
      }),
    ),
    { what: 'what is not compressed', bytes: () => call(event), comes: 'closed', isBare: true },
    {
      what: 'half a zlib stream',
      bytes: () => deflateSync('x').subarray(0, 2),
      comes: 'nothing',
      isBare: true,
    },
    ...absurd.filter(({ isBare }) => isBare !== true),
  ],
});
