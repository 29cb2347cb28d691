/**
 * The protocol's side of one connection: cuts bytes into requests, and serves them. Made by `converse` of a request
 * server, which calls it one call after the other.
 *
 * Four protocols on it: lines with answers (a request is the lines of a read, answered one by one), syslog (the same,
 * without answers), frames of a length and a number that answers carry (Avro over Netty), frames of a length (Thrift).
 * HTTP has a server of its own behind the same `Listener`.
 */
export interface Conversation<R = unknown> {
  /**
   * Takes bytes as they came; they are its own from now on. What is whole is for `next`. Throws `PeerFault` for what no
   * request can begin with, or one that announces more than is allowed: before anything is allocated for it.
   */
  push(chunk: Buffer): void;
  /**
   * The next request that is whole; null: its rest has not come. Throws `PeerFault` where what follows is none; requests
   * before it were given out and served.
   */
  next(): R | null;
  /** Serves one; the promise is open until it is done and answered. A rejection ends the connection. */
  serve(request: R): Promise<void>;
  /** The peer has sent all it will, and the last requests are served: what is left, as a request or told. */
  rest?(): R | null;
  /** Bytes of the request whose rest has not come. */
  readonly unfinishedBytes: number;
}

/** What a peer did wrong. Its connection is closed after the answer, and nobody else's. */
export class PeerFault extends Error {
  /** Written before the close. */
  readonly answer: Buffer | null;

  /** `message`: goes on after `connection of … is closed: `. */
  constructor(message: string, answer: Buffer | null = null) {
    super(message);
    this.name = 'PeerFault';
    this.answer = answer;
  }
}
