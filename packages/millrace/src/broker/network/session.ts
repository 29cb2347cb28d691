import type { Socket } from 'node:net';
import { apiVersionsKey } from '../../protocol/api.ts';
import { encodeApiVersionsResponse } from '../../protocol/generated/api-versions.ts';
import { decodeRequestHeader } from '../../protocol/generated/request-header.ts';
import { messages } from '../../protocol/messages.ts';
import { Reader } from '../../protocol/reader.ts';
import { Writer } from '../../protocol/writer.ts';
import { errorText, MillraceError } from '../../runtime/errors.ts';
import { after, pause } from '../../runtime/timers.ts';
import { ErrorCode } from '../core/error-code.ts';
import type { RequestBytes } from '../core/request-room.ts';
import { Serial } from '../core/serial.ts';
import type { Answer, BrokerContext, Call, Handler } from '../requests/call.ts';
import { handlerFor } from '../requests/dispatch.ts';
import type { Login } from '../security/login.ts';
import { plainHost } from '../security/plain-host.ts';
import { Inbox } from './inbox.ts';
import { Outbox } from './outbox.ts';

/** A request whose answer is not on its way yet. */
interface Slot {
  readonly frameBytes: number;
  readonly apiKey: number;
  readonly beganMs: number;
  readonly overlaps: boolean;
  /** What it holds of the room for requests; null: nothing, or nothing any more. */
  room: RequestBytes | null;
  /** Undefined while it is being worked on; null: there is no answer. */
  chunks: readonly Buffer[] | null | undefined;
}

/** Requests of one connection that are worked on at the same time, at most. */
const maxOverlapping = 128;
const maxOverlappingBytes = 32 << 20;
/** How often an ending connection looks whether it is done. */
const endPollMs = 2;
/** One connection's requests in one turn of the event loop; afterwards the others have theirs. */
const turnMs = 20;
/** The shortest request: key, version, correlation id. */
const minFrameBytes = 8;
/** How long a client may take until it has logged in. */
const loginGraceMs = 30_000;
/** How long a client that was refused may take to read why. */
const refusedGraceMs = 1_000;
/** In front of every request and answer. */
const lengthBytes = 4;

export interface SessionOptions {
  readonly login: Login;
  /** Where clients are told to connect to; a part that is absent is what this one has connected to. */
  readonly advertised: { readonly host?: string | undefined; readonly port?: number | undefined };
  /** The largest request before the client has logged in. */
  readonly maxLoginBytes: number;
  readonly onClosed: (session: Session) => void;
}

/**
 * One connection. Requests are worked on one after the other, as in Kafka; produce requests overlap, so that they can
 * share a sync. Answers leave in the order of the requests. While no further request may begin, the client does not
 * take its answers, or the requests of all connections hold too much, nothing is read from the socket.
 */
export class Session {
  readonly #socket: Socket;
  readonly #broker: BrokerContext;
  readonly #inbox: Inbox;
  readonly #outbox: Outbox;
  readonly #slots: Slot[] = [];
  readonly #appends = new Serial();
  readonly #onClosed = new Set<() => void>();
  readonly #name: string;
  /** Empty when the connection was gone before it was looked at. */
  readonly remoteAddress: string;
  readonly #clientHost: string;
  readonly #endpoint: Call['endpoint'];
  readonly #login: Login;
  readonly #beganAt = performance.now();
  #slotBytes = 0;
  /** A whole request that may not begin yet. */
  #next: Buffer | null = null;
  #isClosed = false;
  #isEnding = false;
  #isLetIn = false;
  #isPumping = false;
  #isPumpDue = false;
  /** `performance.now()` of the last whole request. */
  #lastRequestAt = performance.now();

  constructor(socket: Socket, broker: BrokerContext, options: SessionOptions) {
    const { login, advertised, maxLoginBytes, onClosed } = options;
    this.#socket = socket;
    this.#broker = broker;
    this.#login = login;
    const { maxRequestBytes } = broker.settings;
    this.#inbox = new Inbox({
      maxFrameBytes: login.isPending ? Math.min(maxLoginBytes, maxRequestBytes) : maxRequestBytes,
      room: () => (login.isPending ? broker.loginRoom : broker.requestRoom),
      buffers: broker.buffers,
      mayGather: () => this.#slots.at(-1)?.overlaps !== false,
      onRoom: () => this.#pumpLater(),
    });
    const { settings } = broker;
    const { localAddress, localPort, remoteAddress, remotePort } = socket;
    this.remoteAddress = remoteAddress ?? '';
    this.#name = `${remoteAddress}:${remotePort}`;
    this.#clientHost = `/${plainHost(remoteAddress ?? 'unknown')}`;
    this.#endpoint = {
      host: advertised.host ?? plainHost(localAddress ?? settings.host),
      port: advertised.port ?? localPort ?? settings.port,
    };
    this.#outbox = new Outbox(socket, broker.pendingAnswers, broker.buffers, () => this.#pump());
    broker.traffic.opened();
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => {
      if (this.#isEnding) return;
      this.#inbox.push(chunk);
      this.#pump();
    });
    socket.on('error', (error) => broker.settings.logger.debug(`${this.#name}: ${errorText(error)}`));
    socket.on('close', () => {
      this.#isClosed = true;
      broker.traffic.closed();
      this.#outbox.drop();
      this.#inbox.drop();
      for (const slot of this.#slots) endRoom(slot);
      for (const callback of [...this.#onClosed]) callback();
      this.#onClosed.clear();
      onClosed(this);
    });
  }

  /** Closes at once. */
  destroy(): void {
    this.#socket.destroy();
  }

  /**
   * Takes no further request and closes; within `graceMs` what was appended is still acknowledged, so that a producer
   * need not send it again.
   */
  async end(graceMs: number): Promise<void> {
    this.#isEnding = true;
    const deadline = performance.now() + graceMs;
    const owes = () => this.#outbox.isPending || this.#slots.some((slot) => slot.overlaps);
    if (!owes()) {
      this.destroy();
      return;
    }
    while (!this.#isClosed && owes() && performance.now() < deadline) await pause(endPollMs);
    // First the end of our side: closing with unread bytes would take answers away that the client has not read yet.
    this.#socket.resume();
    this.#socket.end();
    while (!this.#isClosed && performance.now() < deadline) await pause(endPollMs);
    this.destroy();
  }

  /** Takes nothing more, and closes when the client has, or has had time to read what it was told. */
  #letGo(): void {
    this.#isEnding = true;
    this.#socket.resume();
    this.#socket.end();
    const timer = after(refusedGraceMs, () => this.destroy(), { background: true });
    this.#onClosed.add(() => timer.cancel());
  }

  /** Called now and then: closes when nothing was asked for too long, or when the client is too slow with either side. */
  checkIdle(nowMs: number, maxIdleMs: number, slowClientTimeoutMs: number): void {
    const { logger } = this.#broker.settings;
    if (this.#login.isPending && nowMs - this.#beganAt >= loginGraceMs) {
      logger.info(`${this.#name} has not logged in within ${loginGraceMs} ms: closed`);
      this.destroy();
    } else if (this.#outbox.isPending) {
      if (nowMs - this.#outbox.lastProgressAt < slowClientTimeoutMs) return;
      logger.warn(`${this.#name} does not take its answers: closed`);
      this.destroy();
    } else if (this.#inbox.isOverdue(nowMs, slowClientTimeoutMs)) {
      logger.warn(`${this.#name} does not finish its request while others wait for its memory: closed`);
      this.destroy();
    } else if (this.#slots.length === 0 && nowMs - this.#lastRequestAt >= maxIdleMs) {
      logger.info(`${this.#name} was idle for ${maxIdleMs} ms: closed`);
      this.destroy();
    }
  }

  /** Begins as many requests as may be. */
  #pump(): void {
    if (this.#isPumping || this.#isClosed || this.#isEnding) return;
    this.#isPumping = true;
    const turnEnd = performance.now() + turnMs;
    try {
      for (;;) {
        this.#next ??= this.#inbox.next();
        if (this.#next === null || !this.#mayBegin(this.#next)) break;
        if (performance.now() > turnEnd) {
          this.#pumpLater();
          break;
        }
        const frame = this.#next;
        this.#next = null;
        this.#begin(frame);
        if (this.#isClosed || this.#socket.destroyed) return;
      }
    } catch (error) {
      const isTheirs =
        error instanceof MillraceError && (error.code === 'PROTOCOL' || error.code === 'FRAME_TOO_LARGE');
      if (isTheirs) this.#refuse(error);
      else this.#fail(error);
      return;
    } finally {
      this.#isPumping = false;
    }
    // A held request is the back-pressure; between requests the socket is read, to see the client go.
    if (this.#next !== null || this.#inbox.isHeldUp) this.#socket.pause();
    else if (this.#socket.isPaused()) this.#socket.resume();
  }

  #pumpLater(): void {
    if (this.#isPumpDue) return;
    this.#isPumpDue = true;
    setImmediate(() => {
      this.#isPumpDue = false;
      this.#pump();
    });
  }

  #mayBegin(frame: Buffer): boolean {
    if (this.#isPumpDue) return false;
    if (this.#outbox.isFull) return false;
    if (this.#slots.length === 0) return true;
    if (this.#slots.length >= maxOverlapping || this.#slotBytes + frame.length > maxOverlappingBytes)
      return false;
    if (frame.length < minFrameBytes || !this.#slots[this.#slots.length - 1]!.overlaps) return false;
    return handlerFor(frame.readInt16BE(0), frame.readInt16BE(2))?.overlaps === true;
  }

  #begin(frame: Buffer): void {
    this.#lastRequestAt = performance.now();
    if (this.#login.takesRawTokens) {
      this.#beginToken(frame);
      return;
    }
    if (frame.length < minFrameBytes) {
      throw new MillraceError('PROTOCOL', `a request of ${frame.length} bytes is shorter than its header`);
    }
    const apiKey = frame.readInt16BE(0);
    const version = frame.readInt16BE(2);
    const correlationId = frame.readInt32BE(4);
    const fault = this.#login.fault(apiKey, this.#lastRequestAt);
    if (fault !== null) throw new MillraceError('PROTOCOL', `a request of API key ${apiKey}: ${fault}`);
    const handler = handlerFor(apiKey, version);
    if (handler === undefined) {
      if (apiKey !== apiVersionsKey)
        throw new MillraceError('PROTOCOL', `API key ${apiKey} version ${version} is not served`);
      this.#inbox.drop();
      this.#outbox.write(unsupportedApiVersions(correlationId));
      return;
    }
    const slot = this.#slot(apiKey, handler.name, frame.length, handler.overlaps === true);
    const reader = new Reader(frame, `${handler.name} request from ${this.#name}`);
    reader.limitElements(this.#broker.settings.maxRequestElements);
    const { clientId } = decodeRequestHeader(reader, handler.requestHeaderVersion(version));
    let isKept = handler.keepsNothing !== true;
    const keepRequest = () => {
      isKept = true;
    };
    const answer = handler.handle(reader, this.#call(version, clientId ?? '', keepRequest));
    if (!isKept) this.#inbox.release();
    // Whoever waits for what another client does must not keep that one's request out.
    if (!isKept || handler.waitsForOthers === true) endRoom(slot);
    if (answer instanceof Promise) {
      answer.then(
        (each) => this.#answered(slot, each, handler, version, correlationId),
        (error) => this.#fail(error),
      );
    } else {
      this.#answered(slot, answer, handler, version, correlationId);
    }
  }

  #slot(apiKey: number, name: string, frameBytes: number, overlaps: boolean): Slot {
    this.#broker.traffic.request(apiKey, name, frameBytes + lengthBytes);
    const room = this.#inbox.claim();
    const slot: Slot = {
      frameBytes,
      apiKey,
      beganMs: this.#lastRequestAt,
      overlaps,
      room,
      chunks: undefined,
    };
    this.#slots.push(slot);
    this.#slotBytes += frameBytes;
    return slot;
  }

  /** A message of SASL as it is, after SaslHandshake version 0. A refusal has no place in the answer: the connection ends. */
  #beginToken(frame: Buffer): void {
    const { apiKey, name } = messages.saslAuthenticate;
    const slot = this.#slot(apiKey, name, frame.length, false);
    this.#login.authenticate(frame, 0).then(
      ({ errorCode, authBytes }) => {
        if (errorCode !== ErrorCode.NONE) this.destroy();
        else this.#leave(slot, framed(authBytes));
      },
      (error) => this.#fail(error),
    );
  }

  #call(version: number, clientId: string, keepRequest: () => void): Call {
    return {
      broker: this.#broker,
      version,
      clientId,
      principal: this.#login.principal,
      login: this.#login,
      clientHost: this.#clientHost,
      endpoint: this.#endpoint,
      appends: this.#appends,
      keepRequest,
      isOwed: () => this.#outbox.isPending,
      onClosed: (callback) => {
        if (this.#isClosed) callback();
        else this.#onClosed.add(callback);
        return () => this.#onClosed.delete(callback);
      },
    };
  }

  #answered(slot: Slot, answer: Answer, handler: Handler, version: number, correlationId: number): void {
    endRoom(slot);
    if (this.#isClosed) return;
    let chunks: readonly Buffer[] | null;
    try {
      chunks = answer === null ? null : encodeAnswer(answer, handler, version, correlationId);
    } catch (error) {
      this.#fail(error);
      return;
    }
    this.#leave(slot, chunks);
  }

  /** What is due of the answers leaves, this one when its turn comes. */
  #leave(slot: Slot, chunks: readonly Buffer[] | null): void {
    endRoom(slot);
    if (this.#isClosed) return;
    slot.chunks = chunks;
    while (this.#slots.length > 0 && this.#slots[0]!.chunks !== undefined) {
      const { chunks, frameBytes, apiKey, beganMs } = this.#slots.shift()!;
      this.#slotBytes -= frameBytes;
      const bytes = chunks === null || chunks === undefined ? 0 : this.#outbox.write(chunks);
      this.#broker.traffic.answer(apiKey, bytes, performance.now() - beganMs);
    }
    if (this.#login.hasFailed) {
      this.#broker.traffic.failed();
      this.#letGo();
      return;
    }
    if (!this.#isLetIn && !this.#login.isPending) {
      this.#isLetIn = true;
      this.#inbox.limit(this.#broker.settings.maxRequestBytes);
    }
    this.#pump();
  }

  /** What the client sent makes no sense. */
  #refuse(error: MillraceError): void {
    this.#broker.settings.logger.warn(`${this.#name}: ${errorText(error)}; the connection is closed`);
    this.#broker.traffic.failed();
    this.destroy();
  }

  /** There is no answer that would be right: the broker failed on the request, or it asked for none (`acks=0`). */
  #fail(error: unknown): void {
    if (this.#isClosed) return;
    const isUnderstood = error instanceof MillraceError && error.code !== 'INTERNAL';
    const text = error instanceof Error && !isUnderstood ? error.stack : errorText(error);
    const isClients = error instanceof MillraceError && error.code === 'KAFKA';
    const { logger } = this.#broker.settings;
    const line = `${this.#name}: request failed, the connection is closed: ${text}`;
    if (isClients) logger.warn(line);
    else logger.error(line);
    this.#broker.traffic.failed();
    this.destroy();
  }
}

function endRoom(slot: Slot): void {
  slot.room?.end();
  slot.room = null;
}

function encodeAnswer(
  answer: Exclude<Answer, null>,
  handler: Handler,
  version: number,
  correlationId: number,
): readonly Buffer[] {
  const writer = new Writer({ framed: true });
  writer.int32(correlationId);
  if (handler.responseHeaderVersion(version) === 1) writer.uvarint(0);
  answer(writer);
  return writer.finish();
}

function framed(bytes: Buffer): readonly Buffer[] {
  const length = Buffer.alloc(lengthBytes);
  length.writeInt32BE(bytes.length);
  return [length, bytes];
}

/** KIP-511: whoever asks in a version that is too new is told, in version 0, which ones there are. */
function unsupportedApiVersions(correlationId: number): readonly Buffer[] {
  const { min, max } = handlerFor(apiVersionsKey, 0)!;
  const apiKeys = [{ apiKey: apiVersionsKey, minVersion: min, maxVersion: max }];
  const writer = new Writer({ framed: true });
  writer.int32(correlationId);
  encodeApiVersionsResponse(writer, { errorCode: ErrorCode.UNSUPPORTED_VERSION, apiKeys }, 0);
  return writer.finish();
}
