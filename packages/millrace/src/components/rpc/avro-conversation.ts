import { NotAvro } from '../../formats/avro/not-avro.ts';
import { answers, readCall, writeSystemError } from '../../formats/avro-rpc/call.ts';
import { type AvroFrame, encodeFrame, FrameCutter } from '../../formats/avro-rpc/frame.ts';
import {
  type HandshakeMatch,
  readHandshakeRequest,
  writeHandshakeResponse,
} from '../../formats/avro-rpc/handshake.ts';
import { protocolFault, protocolHash } from '../../formats/avro-rpc/protocol.ts';
import { type Conversation, PeerFault } from '../../net/conversation.ts';
import { peerText } from '../../net/peer.ts';
import type { ServedConnection } from '../../net/served-connection.ts';
import { decodeAvroEvent, decodeAvroList } from '../../records/avro-list.ts';
import type { EventBatch } from '../../records/event-batch.ts';
import { errorText, MillraceError } from '../../runtime/errors.ts';
import type { RpcService } from './source-base.ts';

/** Protocols of other clients that are remembered. */
const mostKnown = 100;
const noBytes: Buffer = Buffer.alloc(0);

/** What all connections of one source share. */
export interface AvroService extends RpcService {
  readonly maxRequestBytes: number;
  /** Hashes of clients' protocols that can be served, so that a second client need not send its text. */
  readonly knownProtocols: Set<string>;
}

export function knownProtocols(): Set<string> {
  return new Set([protocolHash.toString('hex')]);
}

/**
 * One client that speaks Flume's protocol over Avro. A call is answered with what became of its events: `FAILED` while
 * the channels have no room, so that the client keeps them. What can't be read is answered with Avro's system error.
 */
export class AvroConversation implements Conversation<AvroFrame> {
  readonly #connection: ServedConnection;
  readonly #service: AvroService;
  readonly #cutter: FrameCutter;
  /** Whether the client's protocol is known to be one that can be served. */
  #isAgreed = false;

  constructor(connection: ServedConnection, service: AvroService) {
    this.#connection = connection;
    this.#service = service;
    this.#cutter = new FrameCutter(service.maxRequestBytes);
  }

  get unfinishedBytes(): number {
    return this.#cutter.unfinishedBytes;
  }

  push(chunk: Buffer): void {
    this.#cutter.push(chunk);
  }

  next(): AvroFrame | null {
    try {
      return this.#cutter.next();
    } catch (error) {
      throw error instanceof NotAvro ? new PeerFault(`it is no Avro call: ${error.message}`) : error;
    }
  }

  async serve({ serial, bytes }: AvroFrame): Promise<void> {
    let handshake = noBytes;
    let at = 0;
    if (!this.#isAgreed) {
      const agreed = this.#agree(serial, bytes);
      handshake = agreed.response;
      at = agreed.to;
    }
    const answer = this.#isAgreed ? await this.#answer(bytes, at) : noBytes;
    await this.#connection.answer(encodeFrame(serial, handshake, answer));
  }

  #agree(serial: number, bytes: Buffer): { response: Buffer; to: number } {
    const { knownProtocols: known } = this.#service;
    let request: ReturnType<typeof readHandshakeRequest>;
    try {
      request = readHandshakeRequest(bytes);
    } catch (error) {
      if (!(error instanceof NotAvro)) throw error;
      const why = `its handshake can't be read: ${error.message}`;
      throw new PeerFault(why, encodeFrame(serial, writeSystemError(why)));
    }
    const { clientHash, clientProtocol, serverHash, to } = request;
    const hash = clientHash.toString('hex');
    if (!known.has(hash) && clientProtocol !== null) {
      const fault = protocolFault(clientProtocol);
      if (fault !== null)
        throw new PeerFault(
          fault,
          encodeFrame(serial, writeHandshakeResponse('CLIENT'), writeSystemError(fault)),
        );
      if (known.size < mostKnown) known.add(hash);
      this.#isAgreed = true;
    } else this.#isAgreed = known.has(hash);
    let match: HandshakeMatch = 'NONE';
    if (this.#isAgreed) match = serverHash.equals(protocolHash) ? 'BOTH' : 'CLIENT';
    return { response: writeHandshakeResponse(match), to };
  }

  /** What is answered behind the handshake; the bytes are not looked at any more once this waits. */
  async #answer(bytes: Buffer, at: number): Promise<Buffer> {
    let message: string;
    let events: EventBatch | null;
    try {
      const call = readCall(bytes, at);
      message = call.message;
      // A client that wants the handshake alone.
      if (message === '') return noBytes;
      if (message !== 'append' && message !== 'appendBatch')
        throw new NotAvro(`No such remote message: ${message}`);
      events = message === 'append' ? decodeAvroEvent(bytes, call.to) : decodeAvroList(bytes, call.to);
    } catch (error) {
      if (!(error instanceof NotAvro) && !(error instanceof MillraceError)) throw error;
      return this.#refuse(errorText(error));
    }
    return this.#put(events, message);
  }

  #refuse(why: string): Buffer {
    const { log, name } = this.#service;
    log.warn(`Avro source ${name}: a call of ${peerText(this.#connection.peer)} can't be read: ${why}`);
    return writeSystemError(why);
  }

  async #put(events: EventBatch | null, message: 'append' | 'appendBatch'): Promise<Buffer> {
    const { intake, log, name } = this.#service;
    const failure = await intake.offer(events, this.#connection.abandoned, message);
    if (failure === null) return answers.OK;
    const what = message === 'append' ? 'event' : `event batch of ${events?.count}`;
    log.error(
      `Avro source ${name}: Unable to process ${what} of ${peerText(this.#connection.peer)}: ${failure.reason}`,
    );
    return answers.FAILED;
  }
}
