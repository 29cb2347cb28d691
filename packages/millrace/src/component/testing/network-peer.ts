import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import type { NetStream } from '../../net/deflate-stream.ts';
import { until } from './until.ts';

/** What became of a message, as a source answers it: its events are in the channels, there was no room, it is none. */
export type NetworkAnswer = 'taken' | 'full' | 'bad';

/** How a source is spoken to. */
export interface NetworkLanguage {
  /** A whole message that holds events with these bodies. */
  message(bodies: readonly string[]): Buffer;
  /** What a peer says before its first message; absent: nothing. An answer to it is none of `answers`. */
  readonly greeting?: Buffer;
  /** What all answers of a connection say that have come so far, one after the other; absent: there are none. */
  answers?(received: Buffer): readonly NetworkAnswer[];
  /** Whether each event has an answer of its own. Default: a message has one. */
  readonly answersEach?: boolean;
  /** What both directions are wrapped into, as compression does. */
  layer?(socket: NetStream): Duplex;
}

export interface PeerOptions {
  readonly tls?: boolean;
  /** Whether it begins as the language has it: its layer and its greeting. Default true. */
  readonly greets?: boolean;
}

/** A peer of a source under test: writes bytes, and keeps what it is answered. */
export class NetworkPeer {
  readonly #language: NetworkLanguage;
  readonly #socket: Socket;
  readonly #stream: Duplex;
  readonly #received: Buffer[] = [];
  /** The source has ended the connection, or this side has. */
  isClosed = false;

  private constructor(language: NetworkLanguage, socket: Socket, stream: Duplex) {
    this.#language = language;
    this.#socket = socket;
    this.#stream = stream;
    const ended = (): void => {
      this.isClosed = true;
    };
    for (const each of new Set([socket, stream])) each.on('error', ended).on('close', ended).on('end', ended);
    stream.on('data', (chunk: Buffer) => {
      this.#received.push(chunk);
    });
  }

  static async connect(
    language: NetworkLanguage,
    port: number,
    { tls = false, greets = true }: PeerOptions = {},
  ): Promise<NetworkPeer> {
    // The suite's certificate is the fixture's own: who it is of is not what is tested here.
    const socket = tls
      ? connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false })
      : connect({ port, host: '127.0.0.1' });
    await once(socket, tls ? 'secureConnect' : 'connect');
    const stream = (greets ? language.layer?.(socket) : undefined) ?? socket;
    const peer = new NetworkPeer(language, socket, stream);
    if (greets && language.greeting !== undefined) stream.write(language.greeting);
    return peer;
  }

  /** All that came. */
  get received(): Buffer {
    return Buffer.concat(this.#received);
  }

  get answers(): readonly NetworkAnswer[] {
    return this.#language.answers?.(this.received) ?? [];
  }

  /** Resolves when this side has got rid of the bytes, or the connection has ended. */
  async write(bytes: Buffer): Promise<void> {
    if (this.isClosed || this.#stream.destroyed || this.#stream.write(bytes)) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const over = (): void => resolve();
    for (const event of ['drain', 'close', 'error'] as const) this.#stream.once(event, over);
    this.#socket.once('close', over);
    await promise;
    for (const event of ['drain', 'close', 'error'] as const) this.#stream.off(event, over);
    this.#socket.off('close', over);
  }

  /** Writes without waiting, also what the source does not read for now. */
  push(bytes: Buffer): void {
    this.#stream.write(bytes);
  }

  /** Sends a message, and gives what it is answered; without answers, nothing. */
  async send(bodies: readonly string[]): Promise<readonly NetworkAnswer[]> {
    const before = this.answers.length;
    await this.write(this.#language.message(bodies));
    return await this.answered(before, bodies.length);
  }

  /** What the message behind the first `before` answers is answered. */
  async answered(before: number, events: number): Promise<readonly NetworkAnswer[]> {
    if (this.#language.answers === undefined) return [];
    const count = this.#language.answersEach === true ? events : 1;
    await until('an answer', () => this.answers.length >= before + count || this.isClosed);
    return this.answers.slice(before, before + count);
  }

  /** Says that nothing more comes. */
  end(): void {
    this.#stream.end();
  }

  /** Ends the connection at once: what is under way is lost, and the other side learns of it by a reset. */
  reset(): void {
    this.#socket.resetAndDestroy();
  }

  destroy(): void {
    this.#stream.destroy();
    this.#socket.destroy();
  }
}
