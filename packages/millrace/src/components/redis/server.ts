import type * as Redis from '@redis/client';
import type { HttpTls } from '../../clients/http/http-client.ts';
import { errorText } from '../../runtime/errors.ts';
import { after } from '../../runtime/timers.ts';
import type { RedisAddress } from './options.ts';

export type RedisCommand = readonly (string | Buffer)[];
/** Of one command of a transaction: what the server answers, or the error that it answers. */
export type RedisReply = unknown;

export interface RedisServerOptions {
  readonly address: RedisAddress;
  readonly tls?: HttpTls;
  readonly connectTimeoutMs: number;
  readonly requestTimeoutMs: number;
  /** A connection was opened, or is gone. */
  readonly onConnection: (opened: boolean) => void;
}

/** What keeps a transaction from being done for now. */
export class RedisFault extends Error {
  override readonly name = 'RedisFault';
  /** No connection could be had: nothing has been done. */
  readonly isConnection: boolean;

  constructor(
    message: string,
    { isConnection = false, ...options }: ErrorOptions & { isConnection?: boolean } = {},
  ) {
    super(message, options);
    this.isConnection = isConnection;
  }
}

type Client = ReturnType<typeof Redis.createClient>;

/**
 * One connection to a Redis server, made when it is needed and made anew after a fault. What it is given is done as a
 * whole (MULTI, EXEC), or, where the server refuses it or the connection is lost before, not at all.
 */
export class RedisServer {
  readonly #options: RedisServerOptions;
  #client: Client | null = null;
  #isClosed = false;

  constructor(options: RedisServerOptions) {
    this.#options = options;
  }

  /** Resolves with a reply for each command, errors among them. Rejects with `RedisFault`. */
  async transaction(commands: readonly RedisCommand[], signal: AbortSignal): Promise<RedisReply[]> {
    const client = await this.#connected(signal);
    const { requestTimeoutMs } = this.#options;
    let why: string | null = null;
    const give = (reason: string) => {
      why = reason;
      client.destroy();
    };
    const timer = after(requestTimeoutMs, () => give(`no answer within ${requestTimeoutMs} ms`));
    const onAbort = () => give('nobody waits for it any longer');
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      const transaction = client.multi();
      for (const command of commands) transaction.addCommand(command as (string | Buffer)[]);
      return (await transaction.exec()) as unknown[];
    } catch (error) {
      const { replies } = error as { replies?: unknown };
      if (Array.isArray(replies)) return replies;
      const isReply = isErrorReply(error);
      if (!isReply) this.#drop(client);
      throw new RedisFault(why ?? (isReply ? explained(errorText(error)) : errorText(error)), {
        cause: error,
      });
    } finally {
      timer.cancel();
      signal.removeEventListener('abort', onAbort);
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#client !== null) this.#drop(this.#client);
  }

  async #connected(signal: AbortSignal): Promise<Client> {
    if (this.#client !== null) return this.#client;
    const { createClient } = await load();
    const { address, tls, connectTimeoutMs: connectTimeout } = this.#options;
    const { host, port, database, user, password, isTls } = address;
    const client: Client = createClient({
      socket: {
        ...{ host, port, connectTimeout, reconnectStrategy: false as const },
        ...(isTls ? { tls: true as const, ...tls } : {}),
      } as Redis.RedisClientOptions['socket'] & object,
      database,
      ...(user === undefined ? {} : { username: user }),
      ...(password === undefined ? {} : { password }),
      disableOfflineQueue: true,
      disableClientInfo: true,
      name: 'millrace',
      RESP: 2,
    }) as unknown as Client;
    // What fails while nobody waits is found by the next transaction.
    client.on('error', () => this.#drop(client));
    const timer = after(connectTimeout, () => client.destroy());
    const onAbort = () => client.destroy();
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      if (this.#isClosed) throw new Error('it is closed');
      signal.throwIfAborted();
      await client.connect();
    } catch (cause) {
      client.destroy();
      throw new RedisFault(explained(errorText(cause)), { cause, isConnection: true });
    } finally {
      timer.cancel();
      signal.removeEventListener('abort', onAbort);
    }
    if (this.#isClosed) {
      client.destroy();
      throw new RedisFault('it is closed', { isConnection: true });
    }
    this.#client = client;
    this.#options.onConnection(true);
    return client;
  }

  #drop(client: Client): void {
    if (this.#client !== client) return;
    this.#client = null;
    client.destroy();
    this.#options.onConnection(false);
  }
}

const errorReplies = new Set(['ErrorReply', 'SimpleError', 'BlobError']);

/** An error that the server answered; the connection is as good as before. */
export const isErrorReply = (error: unknown): error is Error =>
  error instanceof Error && errorReplies.has(error.constructor.name);

const remedies: Readonly<Record<string, string>> = {
  MOVED:
    'the server is part of a cluster, and the stream has moved or the user may not ask where: grant INFO and CLUSTER',
  ASK: 'the stream is moving to another node of the cluster',
  TRYAGAIN: 'the stream is moving to another node of the cluster',
  CLUSTERDOWN: 'a node of the cluster is missing, or no node has the stream: the cluster has to be whole',
  CROSSSLOT:
    'the server is part of a cluster, and the user may not ask it: grant INFO and CLUSTER, or put braces around a part of stream, as {logs}',
  READONLY: 'it is a replica: name the server that takes writes',
  OOM: 'its memory (maxmemory) is full: set maxLength, or give it more',
  WRONGTYPE: 'the key is no stream: give stream another name, or delete the key',
  NOAUTH: 'set password',
};

/** The server's error with what to do about it. */
export function explained(text: string): string {
  const remedy = remedies[/^[A-Z]+/.exec(text)?.[0] ?? ''];
  return remedy === undefined ? text : `${text} (${remedy})`;
}

async function load(): Promise<typeof Redis> {
  try {
    return await import('@redis/client');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw cause;
    const message =
      'Redis needs the package @redis/client: install it beside millrace: npm install @redis/client';
    throw new RedisFault(message, { cause, isConnection: true });
  }
}
