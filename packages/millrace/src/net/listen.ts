import type { Server } from 'node:net';
import { hasErrno, MillraceError } from '../runtime/errors.ts';

/** Peers that all connect at once, as after a restart, wait in the system's queue; it may allow fewer. */
const backlog = 4096;

export interface ListenOptions {
  /** Absent: all addresses of this machine. */
  readonly host?: string;
  /** 0: any free port. */
  readonly port: number;
  /** For messages: `source r1`. */
  readonly component: string;
  /** The option that holds the port, for messages. */
  readonly portOption: string;
}

/**
 * Listens; resolves with the port. Throws `ADDRESS_IN_USE` naming the port, the component and its option, or
 * `SOURCE_FAILED` where the address can't be had.
 */
export function listen(server: Server, options: ListenOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    const onError = (error: Error) => reject(listenFailure(error, options));
    server.once('error', onError);
    server.listen(
      { port: options.port, backlog, ...(options.host === undefined ? {} : { host: options.host }) },
      () => {
        server.off('error', onError);
        const address = server.address();
        resolve(typeof address === 'object' && address !== null ? address.port : options.port);
      },
    );
  });
}

/** Why a port can't be had, TCP or UDP: `ADDRESS_IN_USE` or `SOURCE_FAILED`. */
export function listenFailure(error: Error, options: ListenOptions): MillraceError {
  const { host = '*', port, component, portOption } = options;
  const details = { component, host, port, option: portOption };
  if (hasErrno(error, 'EADDRINUSE')) {
    const message = `${component}: port ${port} on ${host} is in use by another program`;
    const remedy = `Stop the program that holds port ${port}, or choose another ${portOption}.`;
    return new MillraceError('ADDRESS_IN_USE', message, { cause: error, remedy, details });
  }
  const message = `${component}: cannot listen on ${host}:${port}: ${error.message}`;
  return new MillraceError('SOURCE_FAILED', message, { cause: error, details });
}
