import { encodeFault, encodeStatus, faults, type RpcStatus } from '../../formats/thrift/flume-calls.ts';
import { FrameCutter } from '../../formats/thrift/frame.ts';
import { MissingField, NotThrift } from '../../formats/thrift/not-thrift.ts';
import { type ThriftProtocol, thriftReader } from '../../formats/thrift/protocol.ts';
import { kinds, type MessageHead, types } from '../../formats/thrift/types.ts';
import { type Conversation, PeerFault } from '../../net/conversation.ts';
import { peerText } from '../../net/peer.ts';
import type { ServedConnection } from '../../net/served-connection.ts';
import type { EventBatch } from '../../records/event-batch.ts';
import { decodeThriftEvents } from '../../records/thrift-events.ts';
import type { RpcService } from './source-base.ts';

/** What all connections of one source share. */
export interface ThriftService extends RpcService {
  readonly protocol: ThriftProtocol;
}

/** A call that was read: its events, null where it has none, or the answer that it gets without them. */
interface ThriftRequest {
  readonly call: MessageHead;
  readonly events: EventBatch | null;
  readonly answer: Buffer | null;
}

/**
 * One client that speaks Flume's protocol over Thrift's framed transport. A call is answered with what became of its
 * events: `FAILED` while the channels have no room, so that the client keeps them. What is no call of Flume's is
 * answered with Thrift's own exception; what is no Thrift ends the connection.
 */
export class ThriftConversation implements Conversation<ThriftRequest> {
  readonly #connection: ServedConnection;
  readonly #service: ThriftService;
  readonly #cutter = new FrameCutter();

  constructor(connection: ServedConnection, service: ThriftService) {
    this.#connection = connection;
    this.#service = service;
  }

  get unfinishedBytes(): number {
    return this.#cutter.unfinishedBytes;
  }

  push(chunk: Buffer): void {
    this.#cutter.push(chunk);
  }

  next(): ThriftRequest | null {
    try {
      const frame = this.#cutter.next();
      return frame === null ? null : this.#read(frame);
    } catch (error) {
      throw error instanceof NotThrift ? new PeerFault(`it is no Thrift call: ${error.message}`) : error;
    }
  }

  async serve({ call, events, answer }: ThriftRequest): Promise<void> {
    const { protocol } = this.#service;
    const bytes = answer ?? encodeStatus(protocol, call, await this.#put(call, events));
    await this.#connection.answer(bytes);
  }

  #read(frame: Buffer): ThriftRequest {
    const { protocol } = this.#service;
    const reader = thriftReader(protocol, frame);
    const call = reader.message();
    if (call.kind !== kinds.call && call.kind !== kinds.oneway)
      throw new NotThrift(`a message of kind ${call.kind} is none`);
    try {
      if (call.name !== 'append' && call.name !== 'appendBatch') {
        reader.skip(types.struct);
        reader.end();
        // The name stands in the log: it must not begin a line of its own there.
        const shown = call.name.replaceAll(/\p{Cc}/gu, '?');
        return this.#refuse(call, faults.unknownMethod, `Invalid method name: '${shown}'`);
      }
      return { call, events: decodeThriftEvents(reader, call.name === 'appendBatch'), answer: null };
    } catch (error) {
      if (error instanceof MissingField) return this.#refuse(call, faults.protocol, error.message);
      if (!(error instanceof NotThrift)) throw error;
      throw new PeerFault(
        `its call of ${call.name} can't be read: ${error.message}`,
        encodeFault(protocol, call, faults.protocol, error.message),
      );
    }
  }

  #refuse(call: MessageHead, fault: (typeof faults)[keyof typeof faults], why: string): ThriftRequest {
    const { log, name, protocol } = this.#service;
    log.warn(`Thrift source ${name}: a call of ${peerText(this.#connection.peer)} is refused: ${why}`);
    return { call, events: null, answer: encodeFault(protocol, call, fault, why) };
  }

  async #put(call: MessageHead, events: EventBatch | null): Promise<RpcStatus> {
    const { intake, log, name } = this.#service;
    const as = call.name === 'append' ? 'append' : 'appendBatch';
    const failure = await intake.offer(events, this.#connection.abandoned, as);
    if (failure === null) return 'OK';
    const peer = peerText(this.#connection.peer);
    log.warn(
      `Thrift source ${name} could not append events to the channel: ${events?.count} of ${peer}: ${failure.reason}`,
    );
    return 'FAILED';
  }
}
