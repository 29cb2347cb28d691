import type { SourceCounter } from '../../component/counters.ts';
import type { Intake } from '../../component/intake.ts';
import type { RefusedEvents } from '../../component/refused.ts';
import { LineCutter } from '../../formats/syslog/line-cutter.ts';
import { SyslogMessage } from '../../formats/syslog/message.ts';
import type { Conversation } from '../../net/conversation.ts';
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
  readonly eventSize: number;
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
 * One peer that sends syslog over TCP: lines, without answers. What was read waits for room in the channels, and the
 * peer with it, as nothing more is read then.
 */
export class SyslogConversation implements Conversation<EventBatch> {
  readonly #connection: ServedConnection;
  readonly #service: SyslogService;
  readonly #headers: Headers;
  readonly #text: MessageText | undefined;
  readonly #cutter: LineCutter;
  readonly #message = new SyslogMessage();

  /** `headers`: what all events of this peer have. */
  constructor(connection: ServedConnection, service: SyslogService, headers: Headers, text?: MessageText) {
    this.#connection = connection;
    this.#service = service;
    this.#headers = headers;
    this.#text = text;
    this.#cutter = new LineCutter(service.eventSize);
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
    while (writer.count < most && this.#cutter.next()) this.#add();
    return writer.count === 0 ? null : writer.build(this.#headers);
  }

  async serve(batch: EventBatch): Promise<void> {
    const { intake, refused, log, component } = this.#service;
    if (await intake.insist(batch, this.#connection.abandoned, refused)) return;
    const of = `${batch.count} events of ${peerText(this.#connection.peer)}`;
    log.error(`${component}: ${of} are lost: the channels had no room for them before the stop's deadline`);
  }

  /** What has no newline at the end is no message: nobody knows whether it is whole. */
  rest(): null {
    const bytes = this.#cutter.unfinishedBytes;
    if (bytes > 0) {
      const { log, component } = this.#service;
      log.warn(
        `${component}: ${bytes} bytes of ${peerText(this.#connection.peer)} are dropped: no newline follows them`,
      );
    }
    return null;
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
