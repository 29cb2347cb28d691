import type { Client, ClientConfig, Connection, Submittable } from 'pg';
import { after } from '../../runtime/timers.ts';
import { DatabaseFault } from './database.ts';
import { reasonOf } from './postgres-faults.ts';

export interface PostgresAddress {
  readonly config: ClientConfig;
  readonly requestTimeoutMs: number;
}

type Row = Readonly<Record<string, unknown>>;

const closeMs = 1000;

/**
 * One connection. Every call has a limit and ends with its signal; then the connection is gone, because nobody knows what
 * the server is doing. The driver is loaded with the first connection.
 */
export class PostgresSession {
  readonly #client: Client;
  readonly #timeoutMs: number;
  #lost: unknown = null;

  private constructor(client: Client, timeoutMs: number) {
    this.#client = client;
    this.#timeoutMs = timeoutMs;
    client.on('error', (error) => {
      this.#lost ??= error;
    });
    client.on('end', () => {
      this.#lost ??= new Error('the server has ended the connection');
    });
  }

  /** Rejects with `DatabaseFault`. */
  static async open(address: PostgresAddress, signal: AbortSignal): Promise<PostgresSession> {
    const { default: pg } = await import('pg');
    const client = new pg.Client(address.config);
    const session = new PostgresSession(client, address.requestTimeoutMs);
    try {
      await session.#limited(client.connect(), signal);
      return session;
    } catch (cause) {
      session.drop(cause);
      throw new DatabaseFault(`no connection: ${reasonOf(cause)}`, { cause, isConnection: true });
    }
  }

  get isLost(): boolean {
    return this.#lost !== null;
  }

  /** One statement with values, or several without. Rejects with what the server says. */
  async query(sql: string, signal: AbortSignal, values?: readonly unknown[]): Promise<readonly Row[]> {
    const asked = values === undefined ? this.#client.query(sql) : this.#client.query(sql, [...values]);
    const { rows } = await this.#limited(asked, signal);
    return rows as Row[];
  }

  /** Gives a COPY … FROM STDIN its lines. Rejects with what the server says. */
  async copy(sql: string, lines: Buffer, signal: AbortSignal): Promise<void> {
    await this.#limited(this.#client.query(new CopyIn(sql, lines)).done, signal);
  }

  async #limited<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
    const { promise: cut, reject } = Promise.withResolvers<never>();
    const give = (error: unknown) => {
      reject(error);
      this.drop(error);
    };
    const late = after(this.#timeoutMs, () => give(new Error(`no answer within ${this.#timeoutMs} ms`)));
    const onAbort = () => give(new Error('the sink is stopped'));
    const onEnd = () => reject(this.#lost ?? new Error('the connection has ended'));
    signal.addEventListener('abort', onAbort);
    this.#client.once('end', onEnd);
    try {
      if (signal.aborted) onAbort();
      else if (this.isLost) onEnd();
      return await Promise.race([work, cut]);
    } finally {
      late.cancel();
      signal.removeEventListener('abort', onAbort);
      this.#client.removeListener('end', onEnd);
      work.catch(() => {});
    }
  }

  /** Ends at once. */
  drop(why: unknown = new Error('the connection is closed')): void {
    this.#lost ??= why;
    (this.#client as unknown as { readonly connection: Connection }).connection.stream.destroy();
  }

  /** Says goodbye, where there is somebody to hear it. */
  async close(): Promise<void> {
    if (this.isLost) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#client.once('end', () => resolve());
    this.#client.end().then(resolve, () => resolve());
    const late = after(closeMs, resolve);
    await promise;
    late.cancel();
    this.drop();
  }
}

/** The server reads and stores one message while the next is on its way. */
const pieceBytes = 128 * 1024;
const copyData = 0x64;
const copyDone = Buffer.from([0x63, 0, 0, 0, 4]);

/**
 * COPY … FROM STDIN as pg's client runs it: PostgreSQL's protocol, 55.2.6. The lines stand right behind the statement,
 * without waiting for the server to ask for them: where it refuses the statement it passes over them.
 */
class CopyIn implements Submittable {
  readonly done: Promise<void>;
  readonly #sql: string;
  readonly #lines: Buffer;
  readonly #resolve: () => void;
  readonly #reject: (error: Error) => void;

  constructor(sql: string, lines: Buffer) {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.done = promise;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#sql = sql;
    this.#lines = lines;
  }

  submit(connection: Connection): void {
    const { stream } = connection;
    const lines = this.#lines;
    stream.cork();
    connection.query(this.#sql);
    for (let at = 0; at < lines.length; at += pieceBytes) {
      const piece = lines.subarray(at, at + pieceBytes);
      const head = Buffer.alloc(5);
      head[0] = copyData;
      head.writeUInt32BE(piece.length + 4, 1);
      stream.write(head);
      stream.write(piece);
    }
    stream.write(copyDone);
    stream.uncork();
  }

  handleCopyInResponse(): void {}

  /** The server passes over what is still on its way. */
  handleError(error: Error): void {
    this.#reject(error);
  }

  handleCommandComplete(): void {}

  handleReadyForQuery(): void {
    this.#resolve();
  }
}
