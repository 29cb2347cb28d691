import { decodeAnswer } from '../../formats/thrift/flume-calls.ts';
import { FrameCutter, mostFrameBytes } from '../../formats/thrift/frame.ts';
import { NotThrift } from '../../formats/thrift/not-thrift.ts';
import { type ThriftProtocol, thriftReader } from '../../formats/thrift/protocol.ts';
import { type DialOptions, dial, dialled } from '../../net/dial.ts';
import type { EventBatch } from '../../records/event-batch.ts';
import { ThriftCalls } from '../../records/thrift-events.ts';
import { assertTaken, readAnswerOf } from '../rpc/answers.ts';
import { type AnswerCutter, CallConnection } from '../rpc/call-connection.ts';
import type { AppendOutcome, RpcConnection } from '../rpc/rpc-connection.ts';

export interface ThriftConnectOptions extends DialOptions {
  readonly protocol: ThriftProtocol;
  /** How long a call may wait for its answer. */
  readonly requestTimeoutMs: number;
  /** Of a frame; default: what libthrift takes. */
  readonly mostBytes?: number;
}

/** Answers are a few bytes, or a text of what went wrong. */
const mostAnswerBytes = 1024 * 1024;
const mostSequence = 0x7fff_ffff;

/**
 * Connects to Flume's Thrift source, or what speaks like it. Rejects with `CONNECTION_FAILED` or `TIMEOUT`. Whether the
 * peer speaks the same protocol shows with the first call.
 */
export async function connectThrift(options: ThriftConnectOptions): Promise<RpcConnection> {
  const { protocol, requestTimeoutMs, mostBytes = mostFrameBytes } = options;
  const socket = await dial(options);
  const peer = dialled(options);
  const calls = new CallConnection(socket, { peer, cutter: new Answers(protocol), requestTimeoutMs });
  return new ThriftConnection(calls, { peer, protocol, mostBytes });
}

class Answers implements AnswerCutter<Buffer> {
  readonly #cutter = new FrameCutter(mostAnswerBytes);
  readonly #protocol: ThriftProtocol;

  constructor(protocol: ThriftProtocol) {
    this.#protocol = protocol;
  }

  push(chunk: Buffer): void {
    this.#cutter.push(chunk);
  }

  next(): { id: number; answer: Buffer } | null {
    const frame = this.#cutter.next();
    if (frame === null) return null;
    return { id: thriftReader(this.#protocol, frame).message().sequence, answer: Buffer.from(frame) };
  }
}

interface ThriftPeer {
  readonly peer: string;
  readonly protocol: ThriftProtocol;
  readonly mostBytes: number;
}

class ThriftConnection implements RpcConnection {
  readonly #calls: CallConnection<Buffer>;
  readonly #to: ThriftPeer;
  #sequence = 0;

  constructor(calls: CallConnection<Buffer>, to: ThriftPeer) {
    this.#calls = calls;
    this.#to = to;
  }

  get fault(): Error | null {
    return this.#calls.fault;
  }

  /** By one call, or where a frame does not take them all, by several. */
  async append(events: readonly EventBatch[], signal?: AbortSignal): Promise<AppendOutcome> {
    const { protocol, mostBytes } = this.#to;
    const calls = new ThriftCalls(events, { protocol, mostBytes });
    const refused: { index: number; reason: string }[] = [];
    let at = 0;
    while (!calls.isDone) {
      this.#sequence = this.#sequence === mostSequence ? 1 : this.#sequence + 1;
      const call = calls.next(this.#sequence, Number.POSITIVE_INFINITY);
      if (call.frame === null) refused.push({ index: at, reason: tooLarge(mostBytes) });
      else {
        try {
          await this.#call(this.#sequence, call.frame, signal);
        } catch (error) {
          if (at === 0) throw error;
          const all = events.reduce((sum, { count }) => sum + count, 0);
          return { refused, pending: Array.from({ length: all - at }, (_, i) => at + i), error };
        }
      }
      at += call.events;
    }
    return { refused };
  }

  close(): void {
    this.#calls.close();
  }

  async #call(sequence: number, frame: Buffer, signal: AbortSignal | undefined): Promise<void> {
    const { peer, protocol } = this.#to;
    const answer = await this.#calls.call(sequence, frame, signal);
    const outcome = readAnswerOf(peer, 'Thrift', NotThrift, () => decodeAnswer(protocol, answer, sequence));
    assertTaken(peer, outcome, 'Failed to deliver events. Server returned status : ');
  }
}

const tooLarge = (mostBytes: number): string =>
  `the event alone is larger than a Thrift frame may be (${mostBytes} bytes)`;
