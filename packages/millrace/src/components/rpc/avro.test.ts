/** Avro sink and source, one with the other and with peers that are not as they should be. */
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { createDeflate, deflateSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import {
  Endings,
  type Properties,
  startRpcSink,
  startRpcSource,
} from '../../../../testkit/src/flume/rpc-agents.ts';
import { certificates, keystorePassword } from '../../../../testkit/src/net/certificates.ts';
import { freePort } from '../../../../testkit/src/net/free-port.ts';
import { waitFor } from '../../../../testkit/src/process/wait.ts';
import { deliveryOf } from '../../component/delivery.ts';
import type { Sink } from '../../component/sink.ts';
import type { ChannelProcessor } from '../../component/source.ts';
import { contextFor } from '../../component/testing/context.ts';
import { TestPuts } from '../../component/testing/driven-source.ts';
import { batchOf } from '../../component/testing/test-api.ts';
import { answers, readAnswer, writeCallHead, writeSystemError } from '../../formats/avro-rpc/call.ts';
import { encodeFrame, FrameCutter } from '../../formats/avro-rpc/frame.ts';
import {
  readHandshakeResponse,
  writeHandshakeRequest,
  writeHandshakeResponse,
} from '../../formats/avro-rpc/handshake.ts';
import { protocolHash, protocolText } from '../../formats/avro-rpc/protocol.ts';
import { DeflateStream } from '../../net/deflate-stream.ts';
import { encodeAvroList } from '../../records/avro-list.ts';
import { BatchBuilder } from '../../records/batch-builder.ts';
import type { EventBatch } from '../../records/event-batch.ts';
import { avroSink } from './avro-sink.ts';
import { avroSource } from './avro-source.ts';

const endings = new Endings();
afterEach(() => endings.all());

const startSource = (properties?: Properties, channels?: ChannelProcessor) =>
  startRpcSource(avroSource, endings, properties, channels);
const startSink = (port: number, properties?: Properties) =>
  startRpcSink(avroSink, endings, port, properties);

const never = new AbortController().signal;
const send = (sink: Sink, ...batches: EventBatch[]) => sink.deliver(deliveryOf(batches), { signal: never });

/** A peer by hand: what is written to it, and the frames that it answers with. */
class Peer {
  readonly socket: Socket;
  readonly frames: { serial: number; bytes: Buffer }[] = [];
  isClosed = false;
  readonly #cutter = new FrameCutter(1 << 20);

  private constructor(socket: Socket, readsAnswers: boolean) {
    this.socket = socket;
    socket.on('error', () => {});
    socket.on('close', () => {
      this.isClosed = true;
    });
    if (!readsAnswers) {
      socket.resume();
      return;
    }
    socket.on('data', (chunk: Buffer) => {
      this.#cutter.push(chunk);
      for (let frame = this.#cutter.next(); frame !== null; frame = this.#cutter.next())
        this.frames.push({ serial: frame.serial, bytes: Buffer.from(frame.bytes) });
    });
  }

  static async connect(port: number, readsAnswers = true): Promise<Peer> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    endings.push(() => socket.destroy());
    return new Peer(socket, readsAnswers);
  }

  async ask(serial: number, ...parts: Buffer[]): Promise<Buffer> {
    this.socket.write(encodeFrame(serial, ...parts));
    const answer = () => this.frames.find((frame) => frame.serial === serial);
    await waitFor('an answer', () => answer() !== undefined);
    return answer()!.bytes;
  }

  async agree(): Promise<void> {
    const bytes = await this.ask(0, writeHandshakeRequest(false), writeCallHead(''));
    expect(readHandshakeResponse(bytes)).toMatchObject({ match: 'BOTH', to: bytes.length });
  }

  async closed(): Promise<void> {
    await waitFor('the end', () => this.isClosed);
  }
}

const tlsOnly = { ssl: true, keystore: certificates.pkcs12, 'keystore-password': keystorePassword };

/** Some bytes and 200 MB of zeros, compressed. */
async function bomb(begin: Buffer): Promise<Buffer> {
  const zeros = Buffer.alloc(1_000_000);
  const deflate = Readable.from([begin, ...Array<Buffer>(200).fill(zeros)]).pipe(createDeflate());
  return Buffer.concat(await deflate.toArray());
}

const appendBatch = (...bodies: string[]) => [
  writeCallHead('appendBatch'),
  encodeAvroList(bodies.length === 0 ? [] : [batchOf(...bodies)]),
];
/** An event without headers, as `append` takes it. */
const append = (body: string) => [
  writeCallHead('append'),
  Buffer.from([0, body.length * 2]),
  Buffer.from(body),
];

describe('avro sink and source', () => {
  it.each<[how: string, source: Properties, sink: Properties]>([
    ['plainly', {}, {}],
    [
      'compressed',
      { 'compression-type': 'deflate' },
      { 'compression-type': 'DEFLATE', 'compression-level': 9 },
    ],
    [
      'over TLS and compressed',
      {
        ...{ ssl: true, keystore: certificates.pkcs12, 'keystore-password': keystorePassword },
        'compression-type': 'deflate',
      },
      { ssl: true, truststore: certificates.certificate, 'compression-type': 'deflate' },
    ],
    [
      'over TLS, any certificate',
      { ssl: true, keystore: certificates.pkcs12, 'keystore-password': keystorePassword },
      { ssl: true, 'trust-all-certs': true },
    ],
    [
      'over TLS, a certificate that is trusted, of the host',
      { ssl: true, keystore: certificates.pkcs12, 'keystore-password': keystorePassword },
      { ssl: true, truststore: certificates.certificate, 'check-host-name': true },
    ],
  ])('hand events on with their headers: %s', async (_, source, sink) => {
    const taken: EventBatch[] = [];
    const { port, counter } = await startSource(source, {
      put: async (batch) => {
        taken.push(batch);
      },
    });
    const { sink: sending, counter: sent } = await startSink(port, sink);
    const every = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
    const builder = new BatchBuilder();
    builder.add(every, [['own', 'ü']]);
    builder.add('', [
      ['all', 'mine'],
      ['', ''],
    ]);
    const first = builder.build(new Map([['all', 'shared']]));
    await send(sending, first, batchOf('x'.repeat(300_000)));
    const events = taken.flatMap((batch) => [...batch]);
    expect(events.map((event) => event.headers())).toEqual([
      new Map([
        ['all', 'shared'],
        ['own', 'ü'],
      ]),
      new Map([
        ['all', 'mine'],
        ['', ''],
      ]),
      new Map(),
    ]);
    expect(events.map(({ body }) => body.length)).toEqual([256, 0, 300_000]);
    expect(events[0]!.body).toEqual(every);
    expect(counter).toMatchObject({
      ...{ eventReceived: 3, eventAccepted: 3, appendBatchReceived: 1, appendBatchAccepted: 1 },
      ...{ appendReceived: 0, openConnections: 1 },
    });
    expect(sent).toMatchObject({ connectionCreated: 1, connectionClosed: 0, connectionFailed: 0 });
  });

  it('begin anew after a refusal: the events come again over another connection', async () => {
    const puts = new TestPuts();
    const { port, counter, lines } = await startSource({}, puts);
    const { sink, counter: sent } = await startSink(port);
    puts.rejectNext = 1;
    await expect(send(sink, batchOf('a'))).rejects.toMatchObject({
      code: 'DELIVERY_FAILED',
      message: `sink x1: 127.0.0.1:${port}: Avro RPC call returned Status: FAILED`,
    });
    expect(puts.taken).toEqual([]);
    expect(lines.join('\n')).toContain('Unable to process event batch of 1');
    await send(sink, batchOf('a'));
    expect(puts.taken).toEqual(['a']);
    expect(counter).toMatchObject({ eventReceived: 2, eventAccepted: 1, channelWriteFail: 1 });
    expect(sent).toMatchObject({ connectionCreated: 2, connectionClosed: 1, eventWriteFail: 1 });
  });

  it('start while the other side is not there, and find it later', async () => {
    const port = await freePort();
    const { sink, lines, counter } = await startSink(port);
    expect(lines.join('\n')).toContain(
      `Unable to create Rpc client using hostname: 127.0.0.1, port: ${port}`,
    );
    expect(counter.connectionFailed).toBe(1);
    await expect(sink.prepare!()).rejects.toMatchObject({ code: 'CONNECTION_FAILED' });
    const puts = new TestPuts();
    await startSource({ port }, puts);
    await sink.prepare!();
    await send(sink, batchOf('a'));
    expect(puts.taken).toEqual(['a']);
  });

  it('replace a connection after its time, and lose nothing by it', async () => {
    const puts = new TestPuts();
    const { port, counter } = await startSource({}, puts);
    const { sink, counter: sent } = await startSink(port, { 'reset-connection-interval': 1 });
    await waitFor('the change', async () => {
      await sink.prepare!();
      await send(sink, batchOf('a'));
      return sent.connectionClosed === 1;
    });
    expect(new Set(puts.taken)).toEqual(new Set(['a']));
    await waitFor('the end of the old one', () => counter.openConnections === 1);
    expect(sent).toMatchObject({ connectionCreated: 2, eventWriteFail: 0 });
  });
});

describe('avro source', () => {
  it('serves a client that does not know its protocol, and sends its own', async () => {
    const puts = new TestPuts();
    const { port } = await startSource({}, puts);
    const strange = Buffer.alloc(16, 7);
    const asked = (text: Buffer) => Buffer.concat([strange, text, strange, Buffer.from([0])]);
    const first = await Peer.connect(port);
    const none = await first.ask(1, asked(Buffer.from([0])), ...appendBatch('never'));
    expect(readHandshakeResponse(none)).toMatchObject({
      match: 'NONE',
      serverProtocol: protocolText,
      to: none.length,
    });
    const length = Buffer.byteLength(protocolText);
    const text = Buffer.concat([
      Buffer.from([2, ((length & 0x3f) << 1) | 0x80, length >> 6]),
      Buffer.from(protocolText),
    ]);
    const answer = await first.ask(2, asked(text), ...appendBatch('one'));
    const { match, to } = readHandshakeResponse(answer);
    expect([match, readAnswer(answer, to)]).toEqual(['CLIENT', { status: 'OK' }]);
    // Without a handshake from then on; and who has the same protocol is known.
    expect(readAnswer(await first.ask(3, ...append('two')), 0)).toEqual({ status: 'OK' });
    const second = await Peer.connect(port);
    expect(
      readHandshakeResponse(await second.ask(1, asked(Buffer.from([0])), ...append('three'))),
    ).toMatchObject({
      match: 'CLIENT',
    });
    expect(puts.taken).toEqual(['one', 'two', 'three']);
  });

  it('counts single events and batches apart, and takes an empty batch', async () => {
    const { port, counter } = await startSource();
    const peer = await Peer.connect(port);
    await peer.agree();
    for (const [i, parts] of [append('a'), appendBatch('b', 'c'), appendBatch()].entries())
      expect(await peer.ask(i + 1, ...parts)).toEqual(answers.OK);
    expect(counter).toMatchObject({
      ...{ appendReceived: 1, appendAccepted: 1, appendBatchReceived: 2, appendBatchAccepted: 2 },
      ...{ eventReceived: 3, eventAccepted: 3 },
    });
  });

  it('answers FAILED to what the channels have no room for, each in its order', async () => {
    const puts = new TestPuts();
    const { port } = await startSource({}, puts);
    const peer = await Peer.connect(port);
    await peer.agree();
    puts.rejectNext = 1;
    peer.socket.write(Buffer.concat([encodeFrame(1, ...append('a')), encodeFrame(2, ...appendBatch('b'))]));
    await waitFor('the answers', () => peer.frames.length === 3);
    expect(peer.frames.slice(1)).toEqual([
      { serial: 1, bytes: answers.FAILED },
      { serial: 2, bytes: answers.OK },
    ]);
    expect(puts.taken).toEqual(['b']);
  });

  it('answers what it can not read with an error, and goes on', async () => {
    const puts = new TestPuts();
    const { port } = await startSource({}, puts);
    const peer = await Peer.connect(port);
    await peer.agree();
    const bad: [parts: Buffer[], error: string][] = [
      [[writeCallHead('drop')], 'No such remote message: drop'],
      [[writeCallHead('x\ninfo forged')], 'the name of its message is none'],
      [[writeCallHead('x'.repeat(100_000))], 'the name of its message has 100000 bytes'],
      [[writeCallHead('appendBatch'), Buffer.from([0xfe, 0xff, 0xff, 0xff, 0x0f])], 'an array of'],
      [[writeCallHead('appendBatch'), Buffer.from([2, 0, 100])], 'a length of 50 bytes, 0 left'],
      [[writeCallHead('append'), Buffer.from([0])], 'runs past the end'],
      [[Buffer.from([0])], 'it ends too early'],
      [[], 'it ends too early'],
    ];
    for (const [i, [parts, error]] of bad.entries())
      expect(readAnswer(await peer.ask(i + 1, ...parts), 0)).toEqual({
        error: expect.stringContaining(error),
      });
    expect(await peer.ask(100, ...append('still here'))).toEqual(answers.OK);
    expect(puts.taken).toEqual(['still here']);
  });

  it.each<[what: string, bytes: Buffer]>([
    ['a list that never ends', Buffer.from([0, 0, 0, 1, 0x7f, 0xff, 0xff, 0xff])],
    ['a piece of two gigabytes', Buffer.from([0, 0, 0, 1, 0, 0, 0, 1, 0x7f, 0xff, 0xff, 0xff])],
    ['the greeting of TLS', Buffer.from('16030102000100fffc0303ab', 'hex')],
    ['HTTP', Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n')],
    ['a frame of nothing', Buffer.alloc(8)],
    ['a handshake that is none', encodeFrame(1, Buffer.alloc(40, 0xff))],
  ])('ends a connection that brings %s, and serves all others', async (_, bytes) => {
    const puts = new TestPuts();
    const { port, lines } = await startSource({}, puts);
    const other = await Peer.connect(port);
    await other.agree();
    const bad = await Peer.connect(port);
    bad.socket.write(bytes);
    await bad.closed();
    expect(lines.filter((line) => line.startsWith('warn'))).toEqual([
      expect.stringMatching(/^warn source x1: connection of 127\.0\.0\.1:\d+ is closed: /),
    ]);
    expect(await other.ask(1, ...append('a'))).toEqual(answers.OK);
  });

  it('refuses a protocol with other fields, with the reason', async () => {
    const { port } = await startSource();
    const text = protocolText.replace('"body","type":"bytes"', '"body","type":"string"');
    const bytes = Buffer.from(text);
    const length = Buffer.from([2, ((bytes.length & 0x3f) << 1) | 0x80, bytes.length >> 6]);
    const peer = await Peer.connect(port);
    const strange = Buffer.alloc(16, 7);
    const answer = await peer.ask(1, strange, length, bytes, protocolHash, Buffer.from([0]), ...append('a'));
    const { to } = readHandshakeResponse(answer);
    expect(readAnswer(answer, to)).toEqual({ error: expect.stringContaining('its append takes no record') });
    await peer.closed();
  });

  it('ends a connection whose call does not come to its end', async () => {
    const { port, lines } = await startSource({ requestTimeout: 200 });
    const slow = await Peer.connect(port);
    await slow.agree();
    const call = encodeFrame(1, ...append('a'.repeat(50)));
    for (let i = 0; i < call.length - 1 && !slow.isClosed; i++) {
      slow.socket.write(call.subarray(i, i + 1));
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await slow.closed();
    expect(lines.join('\n')).toContain('a request was not whole after 200 ms');
  });

  it('keeps no more of a compressed flood than one call may have', async () => {
    const { port, lines } = await startSource({ 'compression-type': 'deflate', maxRequestSize: 1_000_000 });
    const begins = [
      Buffer.alloc(0), // frames without end, of nothing
      Buffer.from([0, 0, 0, 1, 0, 0, 0, 1, 0x0b, 0xeb, 0xc2, 0]), // a call of 200 MB
      Buffer.from([0, 0, 0, 1, 0, 0x03, 0xd0, 0]), // 249,856 pieces of nothing
    ];
    const bombs = await Promise.all(begins.map(bomb));
    const before = process.memoryUsage().arrayBuffers;
    for (const bytes of bombs) {
      const peer = await Peer.connect(port, false);
      peer.socket.write(bytes);
      await peer.closed();
    }
    const closed = lines.filter((line) => line.includes('is closed:'));
    expect(closed).toHaveLength(begins.length);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(100_000_000);
  });

  const both = {
    ...{ ssl: true, keystore: certificates.pkcs12, 'keystore-password': keystorePassword },
    'compression-type': 'deflate',
  };

  it('takes what is compressed within TLS, too, as agents before Flume 1.10 send it', async () => {
    const { port } = await startSource(both);
    const stream = new DeflateStream(connectTls({ host: '127.0.0.1', port, rejectUnauthorized: false }), 6);
    endings.push(() => stream.destroy());
    stream.write(encodeFrame(7, writeHandshakeRequest(false), ...append('a')));
    const [chunk] = (await once(stream, 'data')) as [Buffer];
    const cutter = new FrameCutter(1000);
    cutter.push(chunk);
    expect(cutter.next()).toMatchObject({
      serial: 7,
      bytes: Buffer.concat([writeHandshakeResponse('BOTH'), answers.OK]),
    });
  });

  it.each<[what: string, bytes: Buffer, told: string]>([
    ['nothing', Buffer.alloc(0), 'nothing came of it'],
    ['compressed garbage', deflateSync('no TLS at all, however long it is'), 'its TLS handshake failed'],
    [
      'compressed TLS that stops',
      deflateSync(Buffer.from('16030100', 'hex')).subarray(0, 8),
      'it took too long',
    ],
    ['plain bytes', Buffer.from('hello'), 'it is not compressed as it should be'],
  ])('ends a connection that brings %s where both are wanted', async (_, bytes, told) => {
    const { port, lines, counter } = await startSource({ ...both, requestTimeout: 300 });
    const peer = await Peer.connect(port, false);
    peer.socket.write(bytes);
    await peer.closed();
    await waitFor('its end', () => counter.openConnections === 0);
    expect(lines.join('\n')).toContain(told);
  });

  it('ends a connection that is not compressed as it is told', async () => {
    const { port, lines } = await startSource({ 'compression-type': 'deflate' });
    const peer = await Peer.connect(port, false);
    peer.socket.write(encodeFrame(0, writeHandshakeRequest(false), writeCallHead('')));
    await peer.closed();
    expect(lines.join('\n')).toContain('is closed: it is not compressed as it should be: ');
  });
});

describe('avro sink', () => {
  /** A server that answers each frame as it is told. */
  async function answering(answer: (frame: Buffer, i: number) => Buffer | null): Promise<number> {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => {});
      const cutter = new FrameCutter(1 << 20);
      let i = 0;
      socket.on('data', (chunk: Buffer) => {
        cutter.push(chunk);
        for (let frame = cutter.next(); frame !== null; frame = cutter.next()) {
          const bytes = answer(frame.bytes, i++);
          if (bytes !== null) socket.write(encodeFrame(frame.serial, bytes));
        }
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    endings.push(() => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });
    return (server.address() as { port: number }).port;
  }
  const greeting = writeHandshakeResponse('BOTH');

  /** A server that sends what is none of anything, whoever comes. */
  async function garbage(): Promise<number> {
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.resume();
      socket.write('garbage');
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    endings.push(() => server.close());
    return (server.address() as { port: number }).port;
  }

  it('sends its protocol to whom it is news', async () => {
    const seen: string[] = [];
    const port = await answering((frame, i) => {
      seen.push(frame.includes(protocolText) ? 'text' : 'hash');
      return i === 0 ? writeHandshakeResponse('NONE') : i === 1 ? greeting : answers.OK;
    });
    const { sink } = await startSink(port);
    await send(sink, batchOf('a'));
    expect(seen).toEqual(['hash', 'text', 'hash']);
  });

  it.each<[what: string, answer: (frame: Buffer, i: number) => Buffer | null, error: string]>([
    ['refuses', (_, i) => (i === 0 ? greeting : answers.UNKNOWN), 'Avro RPC call returned Status: UNKNOWN'],
    [
      'answers with an error',
      (_, i) => (i === 0 ? greeting : writeSystemError('no')),
      'answered with an error: no',
    ],
    ['answers with something else', (_, i) => (i === 0 ? greeting : Buffer.from([0, 0, 99])), 'is no Avro'],
    ['answers with nothing', (_, i) => (i === 0 ? greeting : Buffer.alloc(0)), 'is no Avro'],
    ['never knows the protocol', () => writeHandshakeResponse('NONE'), "does not take Flume's protocol"],
  ])('fails where the peer %s', async (_, answer, error) => {
    const port = await answering(answer);
    const { sink } = await startSink(port);
    await expect(send(sink, batchOf('a'))).rejects.toMatchObject({ message: expect.stringContaining(error) });
  });

  it('waits no longer for an answer than it may', async () => {
    const port = await answering((_, i) => (i === 0 ? greeting : null));
    const { sink } = await startSink(port, { 'request-timeout': 1000 });
    await expect(send(sink, batchOf('a'))).rejects.toThrow('no answer after 1000 ms');
  });

  it('waits no longer for a connection than it may', async () => {
    const port = await answering(() => null);
    const { lines } = await startSink(port, { 'connect-timeout': 1000 });
    expect(lines.join('\n')).toMatch(/no answer after \d+ ms/);
  });

  it('does not trust a certificate that nobody vouches for, nor one of another host where it looks', async () => {
    const tls = { ssl: true, keystore: certificates.pkcs12, 'keystore-password': keystorePassword };
    const { port } = await startSource(tls);
    const { lines } = await startSink(port, { ssl: true });
    expect(lines.join('\n')).toContain("the peer's certificate is not in the truststore");
    const named = {
      ssl: true,
      truststore: certificates.certificate,
      hostname: '127.0.0.2',
      'check-host-name': true,
    };
    const { port: elsewhere } = await startSource({ ...tls, bind: '0.0.0.0' });
    const other = await startSink(elsewhere, named);
    expect(other.lines.join('\n')).toContain("is not in the cert's list");
    const plain = await startSource();
    const wrong = await startSink(plain.port, { ssl: true, 'trust-all-certs': true });
    expect(wrong.lines.join('\n')).toMatch(/does not speak TLS|closed the connection/);
  });

  it.each<[what: string, port: () => Promise<number>, told: RegExp]>([
    ['nobody', () => freePort(), /nobody listens there/],
    [
      'a peer that does not compress',
      async () => (await startSource()).port,
      /closed the connection|compressed/,
    ],
    [
      'a peer that only encrypts',
      async () => (await startSource(tlsOnly)).port,
      /closed the connection|compressed/,
    ],
    ['a peer that sends garbage', garbage, /it is not compressed as it should be/],
  ])('that compresses what it encrypts tells what is wrong with %s', async (_, port, told) => {
    const both = {
      ssl: true,
      'trust-all-certs': true,
      'compression-type': 'deflate',
      'connect-timeout': 1000,
    };
    const { lines, sink } = await startSink(await port(), both);
    expect(lines.join('\n')).toMatch(told);
    await expect(send(sink, batchOf('a'))).rejects.toThrow(told);
  });

  it('takes the values that Flume takes for what is out of range', () => {
    const { options } = contextFor(avroSink, {
      ...{ hostname: 'h', port: 1, 'batch-size': 0, 'connect-timeout': 999, 'request-timeout': 'x' },
    });
    expect(options).toMatchObject({
      'batch-size': 100,
      'connect-timeout': 20_000,
      'request-timeout': 20_000,
    });
  });
});
