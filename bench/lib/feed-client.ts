/**
 * Sends the lines of a file to one of Flume's network sources: `node feed-client.ts PROTOCOL PORT CONNECTIONS FILE`. All
 * requests are encoded before the first connection is made, so that what is measured is the source. The wire formats are
 * written out here a second time, on purpose: nothing of the program that is measured.
 */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';

/** How many lines go into a request, and into a write of the protocols without requests. */
const linesPerRequest = 1000;

interface Protocol {
  /** The bytes of one request; `isFirst`: of its connection. */
  encode(lines: readonly Buffer[], serial: number, isFirst: boolean): Buffer;
  /** Cuts one answer off the front: its length and whether the events were taken; null while it is not whole. */
  answer?(bytes: Buffer): { length: number; isTaken: boolean } | null;
}

const int32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
};
const newline = Buffer.from('\n');

function asLines(prefix: string): Protocol['encode'] {
  const before = Buffer.from(prefix);
  return (lines) => Buffer.concat(lines.flatMap((line) => [before, line, newline]));
}

const http: Protocol = {
  encode(lines) {
    const body = Buffer.from(JSON.stringify(lines.map((line) => ({ headers: {}, body: line.toString() }))));
    const head = `POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: ${body.length}\r\n\r\n`;
    return Buffer.concat([Buffer.from(head), body]);
  },
  answer(bytes) {
    const end = bytes.indexOf('\r\n\r\n');
    if (end < 0) return null;
    const head = bytes.toString('latin1', 0, end);
    // Flume's answers have no body, and say so in one empty chunk.
    const isChunked = /transfer-encoding: *chunked/i.test(head);
    const length = end + 4 + (isChunked ? 5 : Number(/content-length: *(\d+)/i.exec(head)?.[1] ?? 0));
    if (bytes.length < length) return null;
    const status = head.slice(9, 12);
    if (status !== '200' && status !== '503') throw new Error(`answered ${head}`);
    return { length, isTaken: status === '200' };
  },
};

/** Avro's variable-length numbers. */
function avroLong(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value * 2;
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) bytes.push((rest & 0x7f) | 0x80);
  bytes.push(rest);
  return Buffer.from(bytes);
}
const avroText = (text: string): Buffer => Buffer.concat([avroLong(text.length), Buffer.from(text)]);
/** MD5 of Flume's protocol, as its server says it. */
const protocolHash = Buffer.from('86aadae2c45474c0fe93ffd0f2350a65', 'hex');
const zero = Buffer.from([0]);

const avro: Protocol = {
  encode(lines, serial, isFirst) {
    const events = lines.flatMap((line) => [zero, avroLong(line.length), line]);
    const call = Buffer.concat([
      // The handshake: a protocol that is known, no metadata. A connection has it once.
      ...(isFirst ? [protocolHash, zero, protocolHash, zero] : []),
      ...[zero, avroText('appendBatch')],
      ...[avroLong(lines.length), ...events, zero],
    ]);
    return Buffer.concat([int32(serial), int32(1), int32(call.length), call]);
  },
  answer(bytes) {
    if (bytes.length < 8) return null;
    let at = 8;
    for (let left = bytes.readInt32BE(4); left > 0; left -= 1) {
      if (bytes.length < at + 4) return null;
      at += 4 + bytes.readInt32BE(at);
      if (bytes.length < at) return null;
    }
    return { length: at, isTaken: bytes[at - 1] === 0 };
  },
};

const thrift: Protocol = {
  encode(lines, serial) {
    const events = lines.flatMap((line) => [
      Buffer.from([13, 0, 1, 11, 11, 0, 0, 0, 0, 11, 0, 2]),
      int32(line.length),
      line,
      zero,
    ]);
    const call = Buffer.concat([
      ...[int32(0x80010001 | 0), int32(11), Buffer.from('appendBatch'), int32(serial)],
      ...[Buffer.from([15, 0, 1, 12]), int32(lines.length), ...events, zero],
    ]);
    return Buffer.concat([int32(call.length), call]);
  },
  answer(bytes) {
    if (bytes.length < 4 || bytes.length < 4 + bytes.readInt32BE(0)) return null;
    const length = 4 + bytes.readInt32BE(0);
    // The only field of the answer is the status: its four bytes stand before the end of the struct. 0 is OK.
    return { length, isTaken: bytes.readInt32BE(length - 5) === 0 };
  },
};

const protocols: Readonly<Record<string, Protocol>> = {
  netcat: { encode: asLines('') },
  syslogtcp: { encode: asLines('<13>Nov 28 10:00:00 host app: ') },
  http,
  avro,
  thrift,
};

/** The first `connections` of them begin a connection each. */
function requestsOf(protocol: Protocol, file: string, connections: number): Buffer[] {
  const bytes = readFileSync(file);
  const requests: Buffer[] = [];
  let lines: Buffer[] = [];
  const take = () => {
    if (lines.length > 0)
      requests.push(protocol.encode(lines, requests.length + 1, requests.length < connections));
    lines = [];
  };
  for (let at = 0; at < bytes.length; ) {
    const end = bytes.indexOf(10, at);
    lines.push(bytes.subarray(at, end));
    at = end + 1;
    if (lines.length === linesPerRequest) take();
  }
  take();
  return requests;
}

/** Sends its first request, then what is left, one after the other, each until it is taken. */
async function send(
  socket: Socket,
  first: Buffer | undefined,
  requests: Buffer[],
  answer: Protocol['answer'],
): Promise<void> {
  let pending = Buffer.alloc(0);
  const answers = socket[Symbol.asyncIterator]();
  for (let request = first; request !== undefined; request = requests.pop()) {
    for (let isTaken = false; !isTaken; ) {
      if (!socket.write(request) && !answer) await once(socket, 'drain');
      if (!answer) break;
      let whole = answer(pending);
      while (whole === null) {
        const { value, done } = await answers.next();
        if (done) throw new Error('the source closed the connection');
        pending = Buffer.concat([pending, value as Buffer]);
        whole = answer(pending);
      }
      pending = pending.subarray(whole.length);
      isTaken = whole.isTaken;
    }
  }
  const isClosed = once(socket, 'close');
  if (!answer) socket.resume();
  socket.end();
  await isClosed;
}

const [name, port, connectionCount, file] = process.argv.slice(2);
const protocol = protocols[name!]!;
const connections = Number(connectionCount);
const requests = requestsOf(protocol, file!, connections);
const firsts = requests.splice(0, connections);
requests.reverse();
await Promise.all(
  firsts.map(async (first) => {
    const socket = connect({ host: '127.0.0.1', port: Number(port), noDelay: true });
    await once(socket, 'connect');
    await send(socket, first, requests, protocol.answer);
  }),
);
