import { NotAvro } from '../../formats/avro/not-avro.ts';
import { readAnswer, writeCallHead } from '../../formats/avro-rpc/call.ts';
import {
  encodeFrame,
  FrameCutter,
  framePrefixBytes,
  writeFramePrefix,
} from '../../formats/avro-rpc/frame.ts';
import { readHandshakeResponse, writeHandshakeRequest } from '../../formats/avro-rpc/handshake.ts';
import { protocolFault } from '../../formats/avro-rpc/protocol.ts';
import { DeflateStream } from '../../net/deflate-stream.ts';
import { type DialOptions, dial, dialled } from '../../net/dial.ts';
import { encodeAvroList } from '../../records/avro-list.ts';
import type { EventBatch } from '../../records/event-batch.ts';
import { MillraceError } from '../../runtime/errors.ts';
import { assertTaken, readAnswerOf } from '../rpc/answers.ts';
import { type AnswerCutter, CallConnection } from '../rpc/call-connection.ts';
import type { WholeRpcConnection } from '../rpc/rpc-connection.ts';

export interface AvroConnectOptions extends DialOptions {
  /** How long a call may wait for its answer. */
  readonly requestTimeoutMs: number;
  /** 0 to 9: both directions are compressed. Absent: they are not. */
  readonly compressionLevel?: number;
}

/** Answers are a few bytes, and a protocol's text in the first. */
const mostAnswerBytes = 1024 * 1024;
const mostSerial = 0x7fff_ffff;
const head = writeCallHead('appendBatch');
const prefixBytes = framePrefixBytes + head.length;

/**
 * Connects to Flume's Avro source, or what speaks like it, and agrees on the protocol, all within the connect timeout.
 * Rejects with `CONNECTION_FAILED` or `TIMEOUT`.
 */
export async function connectAvro(options: AvroConnectOptions): Promise<WholeRpcConnection> {
  const { connectTimeoutMs, requestTimeoutMs, compressionLevel, signal } = options;
  const begun = performance.now();
  const peer = dialled(options);
  // Flume 1.10 and newer compress what TLS has encrypted; the source here takes it the other way round, too.
  const stream = await dial({
    ...options,
    ...(compressionLevel === undefined
      ? {}
      : { layer: (socket) => new DeflateStream(socket, compressionLevel) }),
  });
  const calls = new CallConnection(stream, { peer, cutter: new AnswerFrames(), requestTimeoutMs });
  try {
    await shakeHands(calls, peer, begun + connectTimeoutMs, signal);
  } catch (error) {
    calls.close();
    throw error;
  }
  return new AvroConnection(calls, peer);
}

class AnswerFrames implements AnswerCutter<Buffer> {
  readonly #cutter = new FrameCutter(mostAnswerBytes);

  push(chunk: Buffer): void {
    this.#cutter.push(chunk);
  }

  next(): { id: number; answer: Buffer } | null {
    const frame = this.#cutter.next();
    return frame === null ? null : { id: frame.serial, answer: Buffer.from(frame.bytes) };
  }
}

/** A call without a name: the peer answers the handshake alone. Whoever does not know the protocol is sent it. */
async function shakeHands(
  calls: CallConnection<Buffer>,
  peer: string,
  untilMs: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  for (const withText of [false, true]) {
    const asked = encodeFrame(0, writeHandshakeRequest(withText), writeCallHead(''));
    const answer = await calls.call(0, asked, signal, Math.max(0, Math.ceil(untilMs - performance.now())));
    const { match, serverProtocol } = readAnswerOf(peer, 'Avro', NotAvro, () =>
      readHandshakeResponse(answer),
    );
    if (match === 'NONE') continue;
    const fault = match === 'CLIENT' && serverProtocol !== null ? protocolFault(serverProtocol) : null;
    if (fault === null) return;
    throw new MillraceError('CONNECTION_FAILED', `${peer}: it is no Flume source: ${fault}`);
  }
  throw new MillraceError('CONNECTION_FAILED', `${peer}: it does not take Flume's protocol`);
}

class AvroConnection implements WholeRpcConnection {
  readonly #calls: CallConnection<Buffer>;
  readonly #peer: string;
  #serial = 0;

  constructor(calls: CallConnection<Buffer>, peer: string) {
    this.#calls = calls;
    this.#peer = peer;
  }

  get fault(): Error | null {
    return this.#calls.fault;
  }

  async append(events: readonly EventBatch[], signal?: AbortSignal): Promise<void> {
    const peer = this.#peer;
    const bytes = encodeAvroList(events, prefixBytes);
    this.#serial = this.#serial === mostSerial ? 1 : this.#serial + 1;
    const serial = this.#serial;
    head.copy(bytes, writeFramePrefix(bytes, 0, serial, bytes.length - framePrefixBytes));
    const answer = await this.#calls.call(serial, bytes, signal);
    const outcome = readAnswerOf(peer, 'Avro', NotAvro, () => readAnswer(answer, 0));
    assertTaken(peer, outcome, 'Avro RPC call returned Status: ');
  }

  close(): void {
    this.#calls.close();
  }
}
