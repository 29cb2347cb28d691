/** The thrift sink with the source, and with peers that are not as they should be. */
import { createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import {
  Endings,
  type Properties,
  startRpcSink,
  startRpcSource,
} from '../../../../testkit/src/flume/rpc-agents.ts';
import { certificates, keystorePassword } from '../../../../testkit/src/net/certificates.ts';
import { freePort } from '../../../../testkit/src/net/free-port.ts';
import { connectThrift } from '../../clients/thrift-rpc/thrift-connection.ts';
import { deliveryOf } from '../../component/delivery.ts';
import type { Sink } from '../../component/sink.ts';
import type { ChannelProcessor } from '../../component/source.ts';
import { contextFor } from '../../component/testing/context.ts';
import { TestPuts } from '../../component/testing/driven-source.ts';
import { batchOf } from '../../component/testing/test-api.ts';
import { encodeFault, encodeStatus, faults } from '../../formats/thrift/flume-calls.ts';
import { FrameCutter } from '../../formats/thrift/frame.ts';
import { thriftReader } from '../../formats/thrift/protocol.ts';
import { BatchBuilder } from '../../records/batch-builder.ts';
import type { EventBatch } from '../../records/event-batch.ts';
import { thriftSink } from './thrift-sink.ts';
import { thriftSource } from './thrift-source.ts';

const endings = new Endings();
afterEach(() => endings.all());

const startSource = (properties?: Properties, channels?: ChannelProcessor) =>
  startRpcSource(thriftSource, endings, properties, channels);
const startSink = (port: number, properties?: Properties) =>
  startRpcSink(thriftSink, endings, port, properties);

/** A peer that answers each message of a client as it is told. */
async function startPeer(answer: (message: Buffer, socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    const cutter = new FrameCutter();
    socket.on('data', (chunk: Buffer) => {
      cutter.push(chunk);
      for (let frame = cutter.next(); frame !== null; frame = cutter.next()) answer(frame, socket);
    });
  });
  const port = await freePort();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  endings.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return port;
}

const never = new AbortController().signal;
const send = (sink: Sink, ...batches: EventBatch[]) => sink.deliver(deliveryOf(batches), { signal: never });
const headOf = (message: Buffer) => thriftReader('compact', message).message();

describe('thrift sink and source', () => {
  const keystore = { ssl: true, keystore: certificates.pkcs12, 'keystore-password': keystorePassword };
  it.each<[how: string, source: Properties, sink: Properties]>([
    ['compact', {}, {}],
    ['binary', { protocol: 'binary' }, { protocol: 'BINARY' }],
    [
      'compact, over TLS',
      keystore,
      { ssl: true, truststore: certificates.certificate, 'check-host-name': true },
    ],
    [
      'binary, over TLS',
      { ...keystore, protocol: 'binary' },
      { ssl: true, truststore: certificates.certificate, protocol: 'binary' },
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
    await send(sending, builder.build(new Map([['all', 'shared']])), batchOf('x'.repeat(300_000)));
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
    expect(counter).toMatchObject({ eventAccepted: 3, appendBatchAccepted: 1, openConnections: 1 });
    expect(sent).toMatchObject({ connectionCreated: 1, connectionFailed: 0 });
  });

  it('begin anew after a refusal: the events come again over another connection', async () => {
    const puts = new TestPuts();
    const { port } = await startSource({}, puts);
    const { sink, counter } = await startSink(port);
    puts.rejectNext = 1;
    await expect(send(sink, batchOf('a'))).rejects.toMatchObject({
      code: 'DELIVERY_FAILED',
      message: `sink x1: 127.0.0.1:${port}: Failed to deliver events. Server returned status : FAILED`,
    });
    await send(sink, batchOf('a'));
    expect(puts.taken).toEqual(['a']);
    expect(counter).toMatchObject({ connectionCreated: 2, connectionClosed: 1, eventWriteFail: 1 });
  });

  it('do not understand one another with two protocols, and the source says why', async () => {
    const { port, lines } = await startSource({ protocol: 'binary' });
    const { sink } = await startSink(port);
    await expect(send(sink, batchOf('a'))).rejects.toMatchObject({ code: 'DELIVERY_FAILED' });
    expect(lines.join('\n')).toContain('it speaks the compact protocol; the binary one is set');
  });

  it('goes no further than TLS with a certificate that is not trusted', async () => {
    const { port } = await startSource(keystore);
    const { sink } = await startSink(port, { ssl: true });
    await expect(sink.prepare!()).rejects.toThrow('is not in the truststore');
  });
});

describe('thrift connection', () => {
  const connect = async (port: number, mostBytes?: number) => {
    const connection = await connectThrift({
      ...{ host: '127.0.0.1', port, protocol: 'compact', connectTimeoutMs: 10_000, requestTimeoutMs: 10_000 },
      ...(mostBytes === undefined ? {} : { mostBytes }),
    });
    endings.push(() => connection.close());
    return connection;
  };

  it('sends by several calls what no frame takes, and names the event that none does', async () => {
    const puts = new TestPuts();
    const { port, counter } = await startSource({}, puts);
    const connection = await connect(port, 600);
    const [a, b, large, c] = ['a'.repeat(300), 'b'.repeat(300), 'x'.repeat(700), 'c'];
    expect(await connection.append([batchOf(a, b), batchOf(large, c)])).toEqual({
      refused: [{ index: 2, reason: 'the event alone is larger than a Thrift frame may be (600 bytes)' }],
    });
    expect(puts.taken).toEqual([a, b, c]);
    expect(counter.appendBatchAccepted).toBe(3);
  });

  it('says which events are there when one of several calls fails', async () => {
    const puts = new TestPuts();
    const { port } = await startSource({}, puts);
    const connection = await connect(port, 600);
    await connection.append([batchOf('first')]);
    const gate = puts.put.bind(puts);
    let calls = 0;
    puts.put = async (batch, options) => {
      if (++calls === 2) puts.rejectNext = 1;
      await gate(batch, options);
    };
    const [a, b, c] = ['a', 'b', 'c'].map((letter) => letter.repeat(300)) as [string, string, string];
    expect(await connection.append([batchOf(a, b, c)])).toMatchObject({
      refused: [],
      pending: [1, 2],
      error: { code: 'DELIVERY_FAILED' },
    });
    expect(puts.taken).toEqual(['first', a]);
  });

  it.each<[what: string, answer: (message: Buffer, socket: Socket) => unknown, error: RegExp]>([
    [
      'an exception',
      (message, socket) =>
        socket.write(
          encodeFault('compact', headOf(message), faults.internal, 'Internal error processing appendBatch'),
        ),
      /answered with an error: Internal error processing appendBatch/,
    ],
    [
      'a status that is not known',
      (message, socket) => {
        const frame = encodeStatus('compact', headOf(message), 'UNKNOWN');
        frame[frame.length - 2] = 20;
        socket.write(frame);
      },
      /its answer is no Thrift: it answers with no status that is known here/,
    ],
    [
      'the answer to another call',
      (message, socket) => socket.write(encodeStatus('compact', { ...headOf(message), sequence: 9 }, 'OK')),
      /it answers a call \(9\) that was not made/,
    ],
    [
      'the other protocol',
      (message, socket) => socket.write(encodeStatus('binary', headOf(message), 'OK')),
      /speaks the binary protocol/,
    ],
    [
      'a frame of two gigabytes',
      (_, socket) => socket.write(Buffer.from([0x7f, 0xff, 0xff, 0xff])),
      /a frame of 2147483647 bytes/,
    ],
    ['HTTP', (_, socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'), /a frame of 1213486160 bytes/],
    ['its end', (_, socket) => socket.end(), /closed the connection/],
    [
      'half an answer',
      (message, socket) => socket.end(encodeStatus('compact', headOf(message), 'OK').subarray(0, 9)),
      /closed the connection/,
    ],
  ])('takes nothing for acknowledged when the peer answers with %s', async (_, answer, error) => {
    const connection = await connect(await startPeer(answer));
    await expect(connection.append([batchOf('a')])).rejects.toThrow(error);
  });

  it('waits no longer than the request timeout for an answer', async () => {
    const port = await startPeer(() => {});
    const connection = await connectThrift({
      ...{ host: '127.0.0.1', port, protocol: 'binary', connectTimeoutMs: 10_000, requestTimeoutMs: 50 },
    });
    await expect(connection.append([batchOf('a')])).rejects.toMatchObject({ code: 'TIMEOUT' });
    expect(connection.fault).not.toBeNull();
  });

  it('may be asked for several calls at once, answered in their order', async () => {
    const puts = new TestPuts();
    const { port } = await startSource({}, puts);
    const connection = await connect(port);
    const bodies = Array.from({ length: 50 }, (_, i) => `e${i}`);
    await Promise.all(bodies.map((body) => connection.append([batchOf(body)])));
    expect(puts.taken).toEqual(bodies);
  });
});

describe('options of the thrift sink', () => {
  it.each<[properties: Properties, message: RegExp]>([
    [{ kerberos: true }, /kerberos: it is not there/],
    [{ ssl: true, truststore: 't', 'truststore-type': 'BKS' }, /truststore-type: BKS/],
    [{ ssl: true, 'include-protocols': 'a/../b' }, /no protocol is left .*by include-protocols = a\/\.\.\/b/],
    [{ ssl: true, 'include-cipher-suites': 'X Y' }, /no cipher suite is left .*= X Y/],
  ])('are refused: %j', (properties, message) => {
    expect(() => contextFor(thriftSink, { hostname: 'h', port: 1, ...properties })).toThrow(message);
  });

  it.each<Properties>([
    { ssl: true, 'truststore-type': 'BKS' },
    { truststore: 't', 'truststore-type': 'BKS', 'include-protocols': 'x' },
    { ssl: true, 'include-protocols': 'x TLSv1.2', 'exclude-cipher-suites': 'y' },
  ])('that nothing hangs on are no fault: %j', (properties) => {
    expect(() => contextFor(thriftSink, { hostname: 'h', port: 1, ...properties })).not.toThrow();
  });
});
