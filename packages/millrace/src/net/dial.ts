import { connect, type Socket } from 'node:net';
import { type ConnectionOptions, checkServerIdentity, connect as connectTls } from 'node:tls';
import { errorText, hasErrno, MillraceError } from '../runtime/errors.ts';
import { after } from '../runtime/timers.ts';
import type { NetStream } from './deflate-stream.ts';

/** How a client speaks TLS; `clientTls` of `component/options/client-tls.ts` makes it of what a component is given. */
export interface DialTls
  extends Pick<
    ConnectionOptions,
    | 'ca'
    | 'cert'
    | 'key'
    | 'pfx'
    | 'passphrase'
    | 'minVersion'
    | 'maxVersion'
    | 'ciphers'
    | 'rejectUnauthorized'
  > {
  /** Whether the certificate has to be for the host that is dialled. */
  readonly checkHostName: boolean;
}

export interface DialOptions {
  readonly host: string;
  readonly port: number;
  /** How long it may take in all: the name's look-up, the connection, the handshake of TLS. */
  readonly connectTimeoutMs: number;
  /** Absent: plain text. */
  readonly tls?: DialTls;
  /** What the connection is wrapped into, as compression does; with TLS that is within it. Absent: nothing. */
  readonly layer?: (socket: NetStream) => NetStream;
  /** Aborts the attempt. */
  readonly signal?: AbortSignal;
}

/** `host:port`, for messages. */
export const dialled = ({ host, port }: Pick<DialOptions, 'host' | 'port'>): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;

/**
 * Connects; resolves with a socket that is ready, its TLS established. It is paused, sends small writes at once, and has
 * an error listener already: an error afterwards shows as `close`. Rejects with `CONNECTION_FAILED`, or `TIMEOUT`.
 */
export function dial(options: DialOptions): Promise<NetStream> {
  const { connectTimeoutMs, signal, tls, layer } = options;
  const where = dialled(options);
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(failure(where, 'nobody waits for it'));
      return;
    }
    const socket = openSocket(options);
    const end = (error: MillraceError | null): void => {
      timer.cancel();
      signal?.removeEventListener('abort', onAbort);
      socket.off('error', onError).off('close', onClose);
      socket.on('error', () => {});
      if (error === null) resolve(tls === undefined && layer !== undefined ? layer(socket) : socket);
      else {
        socket.destroy();
        reject(error);
      }
    };
    const onAbort = () => end(failure(where, 'nobody waits for it'));
    const onError = (error: Error) => end(failure(where, connectionReason(error), error));
    const onClose = () => end(failure(where, 'the peer closed the connection'));
    const timer = after(connectTimeoutMs, () =>
      end(
        new MillraceError('TIMEOUT', `${where}: no connection after ${connectTimeoutMs} ms`, {
          remedy: 'Check host and port, that the peer is up, and that it speaks TLS where TLS is on.',
        }),
      ),
    );
    signal?.addEventListener('abort', onAbort);
    socket.on('error', onError).on('close', onClose);
    socket.once(tls === undefined ? 'connect' : 'secureConnect', () => end(null));
  });
}

/** A socket on its way, which is ready with `connect`, or with `secureConnect` where there is TLS. `dial` waits for that. */
export function openSocket({
  host,
  port,
  tls,
  layer,
}: Pick<DialOptions, 'host' | 'port' | 'tls' | 'layer'>): Socket {
  if (tls === undefined) return connect({ host, port, noDelay: true });
  const { checkHostName, ...material } = tls;
  const below = layer?.(connect({ host, port, noDelay: true }));
  const socket = connectTls({
    ...material,
    host,
    port,
    ...(below === undefined ? {} : { socket: below }),
    // Names are sent as such; an address is none.
    ...(/^[\d.]+$|:/.test(host) ? {} : { servername: host }),
    checkServerIdentity: checkHostName
      ? (_, certificate) => checkServerIdentity(host, certificate)
      : () => undefined,
  });
  socket.setNoDelay(true);
  return socket;
}

function failure(where: string, why: string, cause?: unknown): MillraceError {
  return new MillraceError('CONNECTION_FAILED', `${where}: ${why}`, cause === undefined ? {} : { cause });
}

/** What a person can do something with; codes of Node and OpenSSL. */
const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nobody listens there',
  ENOTFOUND: 'there is no such host',
  EAI_AGAIN: 'the name service does not answer',
  ECONNRESET: 'the peer closed the connection',
  EHOSTUNREACH: 'no route leads there',
  ENETUNREACH: 'no route leads there',
  ERR_SSL_WRONG_VERSION_NUMBER: 'the peer does not speak TLS',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'the peer does not speak TLS',
  DEPTH_ZERO_SELF_SIGNED_CERT: "the peer's certificate is not in the truststore",
  SELF_SIGNED_CERT_IN_CHAIN: "the peer's certificates end in one that is not in the truststore",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "who issued the peer's certificate is not in the truststore",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "who issued the peer's certificate is not in the truststore",
  CERT_HAS_EXPIRED: "the peer's certificate has expired",
};

/** What ended a connection, or kept it from being made, in words. */
export function connectionReason(error: unknown): string {
  const known = Object.keys(reasons).find((code) => hasErrno(error, code));
  return known === undefined ? errorText(error).replaceAll('\n', ' ').trim() : reasons[known]!;
}
