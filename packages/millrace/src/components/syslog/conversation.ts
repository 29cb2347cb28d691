import type { SourceCounter } from '../../component/counters.ts';
import type { Intake } from '../../component/intake.ts';
import type { RefusedEvents } from '../../component/refused.ts';
import { NotCounted } from '../../formats/syslog/counted-cutter.ts';
import { SyslogMessage } from '../../formats/syslog/message.ts';
import type { MessageCutter } from '../../formats/syslog/message-cutter.ts';
import { type Conversation, PeerFault } from '../../net/conversation.ts';
import { peerText } from '../../net/peer.ts';
import type { ServedConnection } from '../../net/served-connection.ts';
import type { EventBatch, Headers } from '../../records/event-batch.ts';
import type { Logger } from '../../runtime/logger.ts';
import type { SyslogEventWriter, SyslogParser } from './event-writer.ts';

/** What all connections of one source share. */
export interface SyslogService {
  readonly component: string;
  readonly log: Logger;
  readonly intake: Intake;
  readonly refused: RefusedEvents;
  readonly counter: SourceCounter;
  /** Finds the messages of one peer. */
  cutter(): MessageCutter;
  /** What is said of a message whose end has not come. */
  readonly ofUnfinished: string;
  /** Most events of a put. */
  readonly mostEvents: number;
  readonly writer: SyslogEventWriter;
  readonly parser: SyslogParser;
  /** A message that can't be understood is an event with its status alone, and counted; else it keeps its priority. */
  readonly strict: boolean;
}

/** How the bytes of a message are text. */
export interface MessageText {
  /** Whether they are text of the charset at all; a message that is none is not read. */
  isText(bytes: Buffer, from: number, to: number): boolean;
  /** A part in UTF-8, for headers; absent: it is so already. */
  toUtf8?(bytes: Buffer, from: number, to: number): Buffer;
}

/**
 * One peer that sends syslog over TCP: lines or counted messages, without answers. What was read waits for room in the channels, and the
 * peer with it, as nothing more is read then.
 */
export class SyslogConversation implements Conversation<EventBatch> {
  readonly #connection: ServedConnection;
  readonly #service: SyslogService;
  readonly #headers: Headers;
  readonly #text: MessageText | undefined;
  readonly #cutter: MessageCutter;
  /** What ends the connection, once the messages before it are served. */
  #fault: PeerFault | null = null;
  readonly #message = new SyslogMessage();

  /** `headers`: what all events of this peer have. */
  constructor(connection: ServedConnection, service: SyslogService, headers: Headers, text?: MessageText) {
    this.#connection = connection;
    this.#service = service;
    this.#headers = headers;
    this.#text = text;
    this.#cutter = service.cutter();
  }

  get unfinishedBytes(): number {
    return this.#cutter.unfinishedBytes;
  }

  push(chunk: Buffer): void {
    this.#cutter.push(chunk);
  }

  next(): EventBatch | null {
    const { writer, mostEvents, intake } = this.#service;
    const most = Math.min(mostEvents, intake.mostEvents);
    while (writer.count < most && this.#cut()) this.#add();
    if (writer.count > 0) return writer.build(this.#headers);
    if (this.#fault !== null) throw this.#fault;
    return null;
  }

  async serve(batch: EventBatch): Promise<void> {
    const { intake, refused, log, component } = this.#service;
    if (await intake.insist(batch, this.#connection.abandoned, refused)) return;
    const of = `${batch.count} events of ${peerText(this.#connection.peer)}`;
    log.error(`${component}: ${of} are lost: the channels had no room for them before the stop's deadline`);
  }

  /** What has no end is no message: nobody knows whether it is whole. */
  rest(): null {
    const bytes = this.#cutter.unfinishedBytes;
    if (bytes > 0) {
      const { log, component } = this.#service;
      log.warn(
        `${component}: ${bytes} bytes of ${peerText(this.#connection.peer)} are dropped: ${this.#service.ofUnfinished}`,
      );
    }
    return null;
  }

  #cut(): boolean {
    if (this.#fault !== null) return false;
    try {
      return this.#cutter.next();
    } catch (error) {
      if (!(error instanceof NotCounted)) throw error;
      this.#fault = new PeerFault(error.message);
      return false;
    }
  }

  #add(): void {
    const { bytes, from, to, isCut } = this.#cutter;
    const { writer, parser, strict } = this.#service;
    const message = this.#message;
    const text = this.#text;
    if (text === undefined || text.isText(bytes, from, to)) parser.parse(bytes, from, to, message);
    else message.clear();
    if (text?.toUtf8 !== undefined && message.understood)
      message.host = text.toUtf8(bytes, message.hostFrom, message.hostTo);
    if (strict && !message.understood) {
      this.#service.counter.eventReadFail++;
      writer.addInvalid(bytes, from, to);
    } else writer.add(bytes, from, to, message, isCut);
  }
}
