/** The thrift source, and peers that are not as they should be. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { Endings, type Properties, startRpcSource } from '../../../../testkit/src/flume/rpc-agents.ts';
import { waitFor } from '../../../../testkit/src/process/wait.ts';
import type { ChannelProcessor } from '../../component/source.ts';
import { contextFor } from '../../component/testing/context.ts';
import { TestPuts } from '../../component/testing/driven-source.ts';
import { batchOf } from '../../component/testing/test-api.ts';
import { decodeAnswer, framed } from '../../formats/thrift/flume-calls.ts';
import { FrameCutter } from '../../formats/thrift/frame.ts';
import { type ThriftProtocol, thriftReader, thriftWriter } from '../../formats/thrift/protocol.ts';
import { kinds, types } from '../../formats/thrift/types.ts';
import type { ThriftWriter } from '../../formats/thrift/writer.ts';
import { ThriftCalls } from '../../records/thrift-events.ts';
import { Deadline } from '../../runtime/deadline.ts';
import { thriftSource } from './thrift-source.ts';

const endings = new Endings();
afterEach(() => endings.all());

const startSource = (properties?: Properties, channels?: ChannelProcessor) =>
  startRpcSource(thriftSource, endings, properties, channels);

/** A peer by hand: what is written to it, and the messages that it answers with. */
class Peer {
  readonly socket: Socket;
  readonly protocol: ThriftProtocol;
  readonly answers: Buffer[] = [];
  isClosed = false;
  #asked = 0;

  constructor(socket: Socket, protocol: ThriftProtocol) {
    this.socket = socket;
    this.protocol = protocol;
    const cutter = new FrameCutter();
    socket.on('error', () => {});
    socket.on('close', () => {
      this.isClosed = true;
    });
    socket.on('data', (chunk: Buffer) => {
      cutter.push(chunk);
      for (let frame = cutter.next(); frame !== null; frame = cutter.next())
        this.answers.push(Buffer.from(frame));
    });
  }

  static async connect(port: number, protocol: ThriftProtocol = 'compact'): Promise<Peer> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    endings.push(() => socket.destroy());
    return new Peer(socket, protocol);
  }

  /** What a frame is answered with. */
  async ask(frame: Buffer, sequence: number): Promise<ReturnType<typeof decodeAnswer>> {
    const at = this.#asked++;
    this.socket.write(frame);
    await waitFor('an answer', () => this.answers.length > at);
    return decodeAnswer(this.protocol, this.answers[at]!, sequence);
  }

  appendBatch(sequence: number, ...bodies: string[]): Buffer {
    return new ThriftCalls([batchOf(...bodies)], { protocol: this.protocol }).next(sequence, bodies.length)
      .frame!;
  }

  /** A call with any arguments. */
  call(
    name: string,
    sequence: number,
    write: (writer: ThriftWriter) => void,
    kind: number = kinds.call,
  ): Buffer {
    const writer = thriftWriter(this.protocol, 1024, 4);
    writer.message({ name, kind, sequence });
    const begun = writer.structBegin();
    write(writer);
    writer.structEnd(begun);
    return framed(Buffer.from(writer.written()));
  }

  append(sequence: number, body: string): Buffer {
    return this.call('append', sequence, (writer) => writeEvent(writer, body));
  }

  async closed(): Promise<void> {
    await waitFor('the end', () => this.isClosed);
  }
}

function writeEvent(writer: ThriftWriter, body: string | null): void {
  writer.field(types.struct, 1);
  const begun = writer.structBegin();
  writer.field(types.map, 1);
  writer.map(types.string, types.string, 0);
  if (body !== null) {
    writer.field(types.string, 2);
    writer.text(body);
  }
  writer.structEnd(begun);
}

const ok = { status: 'OK' };

describe.each(['binary', 'compact'] as const)('thrift source, %s', (protocol) => {
  it('counts single events and batches apart, and takes an empty batch', async () => {
    const puts = new TestPuts();
    const { port, counter } = await startSource({ protocol }, puts);
    const peer = await Peer.connect(port, protocol);
    expect(await peer.ask(peer.append(1, 'a'), 1)).toEqual(ok);
    expect(await peer.ask(peer.appendBatch(-7, 'b', 'c'), -7)).toEqual(ok);
    const empty = peer.call('appendBatch', 3, (writer) => {
      writer.field(types.list, 1);
      writer.list(types.struct, 0);
    });
    expect(await peer.ask(empty, 3)).toEqual(ok);
    expect(puts.taken).toEqual(['a', 'b', 'c']);
    expect(counter).toMatchObject({
      ...{ appendReceived: 1, appendAccepted: 1, appendBatchReceived: 2, appendBatchAccepted: 2 },
      ...{ eventReceived: 3, eventAccepted: 3, openConnections: 1 },
    });
  });

  it('answers FAILED to what the channels have no room for, each in its order', async () => {
    const puts = new TestPuts();
    const { port, counter, lines } = await startSource({ protocol }, puts);
    const peer = await Peer.connect(port, protocol);
    puts.rejectNext = 1;
    peer.socket.write(Buffer.concat([peer.append(1, 'a'), peer.appendBatch(2, 'b')]));
    await waitFor('answers', () => peer.answers.length === 2);
    expect(peer.answers.map((answer, i) => decodeAnswer(protocol, answer, i + 1))).toEqual([
      { status: 'FAILED' },
      ok,
    ]);
    expect(puts.taken).toEqual(['b']);
    expect(counter).toMatchObject({ eventReceived: 2, eventAccepted: 1, channelWriteFail: 1 });
    expect(lines.join('\n')).toMatch(
      /warn Thrift source x1 could not append events to the channel: 1 of 127/,
    );
  });

  it('answers a call that is none of its own, or lacks something, with an exception, and goes on', async () => {
    const puts = new TestPuts();
    const { port } = await startSource({ protocol }, puts);
    const peer = await Peer.connect(port, protocol);
    const unknown = peer.call('drop', 1, (writer) => writeEvent(writer, 'x'));
    expect(await peer.ask(unknown, 1)).toEqual({ error: "Invalid method name: 'drop'" });
    expect(thriftReader(protocol, peer.answers[0]!).message()).toEqual({
      name: 'drop',
      kind: kinds.exception,
      sequence: 1,
    });
    const bodiless = peer.call('append', 2, (writer) => writeEvent(writer, null));
    expect(await peer.ask(bodiless, 2)).toEqual({
      error: "Required field 'body' was not present! Struct: ThriftFlumeEvent",
    });
    expect(await peer.ask(peer.append(3, 'still here'), 3)).toEqual(ok);
    expect(puts.taken).toEqual(['still here']);
    const forged = peer.call('x\ninfo forged', 4, (writer) => writeEvent(writer, 'x'));
    expect(await peer.ask(forged, 4)).toEqual({ error: "Invalid method name: 'x?info forged'" });
  });

  it('answers a call whose arguments can not be read, and ends its connection', async () => {
    const puts = new TestPuts();
    const { port, lines } = await startSource({ protocol }, puts);
    const peer = await Peer.connect(port, protocol);
    const absurd = peer.call('appendBatch', 9, (writer) => {
      writer.field(types.list, 1);
      writer.list(types.struct, 0x7fff_ffff);
    });
    peer.socket.write(Buffer.concat([peer.append(8, 'before'), absurd, peer.append(10, 'behind')]));
    await peer.closed();
    expect(peer.answers.map((answer, i) => decodeAnswer(protocol, answer, i + 8))).toEqual([
      ok,
      { error: expect.stringContaining('a container of 2147483647 elements') },
    ]);
    expect(puts.taken).toEqual(['before']);
    expect(lines.join('\n')).toMatch(/is closed: its call of appendBatch can't be read: a container of/);
  });

  it('ends a connection whose call does not come to its end', async () => {
    const { port, lines } = await startSource({ protocol, requestTimeout: 200 });
    const slow = await Peer.connect(port, protocol);
    const call = slow.append(1, 'never whole');
    for (let at = 0; !slow.isClosed; at = (at + 1) % (call.length - 5)) {
      slow.socket.write(call.subarray(at, at + 1));
      if (at === 5) await slow.closed();
    }
    expect(lines.join('\n')).toContain('a request was not whole after 200 ms (requestTimeout)');
  });
});

describe('thrift source', () => {
  it.each<[what: string, bytes: Buffer, why: RegExp]>([
    ['two gigabytes', Buffer.from([0x7f, 0xff, 0xff, 0xff]), /a frame of 2147483647 bytes/],
    ['less than nothing', Buffer.from([0xff, 0xff, 0xff, 0xff]), /a frame of -1 bytes/],
    ['the greeting of TLS', Buffer.from('16030102000100fffc0303', 'hex'), /a frame of 369295618 bytes/],
    ['HTTP', Buffer.from('GET / HTTP/1.1\r\n\r\n'), /a frame of 1195725856 bytes/],
    ['no frames', Buffer.from('8001000100000006617070656e64', 'hex'), /framed transport/],
    [
      'the other protocol',
      framed(Buffer.from('000000008001000100000006617070656e6400000001', 'hex')),
      /binary protocol/,
    ],
    ['an answer', framed(Buffer.from('00000000824101066170706500', 'hex')), /a message of kind 2|of which/],
    [
      'deep structs',
      framed(Buffer.concat([Buffer.from('00000000822101017a', 'hex'), Buffer.alloc(5000, 0x1c)])),
      /65 deep/,
    ],
  ])('ends a connection that brings %s, and serves all others', async (_, bytes, why) => {
    const puts = new TestPuts();
    const { port, lines } = await startSource({}, puts);
    const other = await Peer.connect(port);
    const bad = await Peer.connect(port);
    bad.socket.write(bytes);
    await bad.closed();
    const told = lines.filter((line) => line.startsWith('warn'));
    expect(told).toEqual([
      expect.stringMatching(/^warn source x1: connection of 127\.0\.0\.1:\d+ is closed: /),
    ]);
    expect(told[0]).toMatch(why);
    expect(await other.ask(other.append(1, 'a'), 1)).toEqual(ok);
    expect(puts.taken).toEqual(['a']);
  });

  it('serves and answers at a stop what was read', async () => {
    const puts = new TestPuts();
    const { source, port } = await startSource({}, puts);
    const peer = await Peer.connect(port);
    puts.holdUp();
    const asked = peer.ask(peer.append(1, 'a'), 1);
    await waitFor('a put', () => puts.open === 1);
    const stopped = source.stop({ deadline: Deadline.never() });
    puts.resume();
    await stopped;
    expect(await asked).toEqual(ok);
  });

  it.each<[properties: Properties, message: RegExp]>([
    [{ protocol: 'json' }, /protocol: "json" is none of compact, binary/],
    [{ kerberos: true }, /kerberos: it is not there/],
    [{ ssl: true }, /keystore must be specified/],
  ])('is refused with %j', (properties, message) => {
    const given = { bind: '127.0.0.1', port: 1, ...properties };
    expect(() => contextFor(thriftSource, given)).toThrow(message);
  });
});
