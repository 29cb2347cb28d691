import { errorText } from '../../runtime/errors.ts';
import { pause } from '../../runtime/timers.ts';
import { parseConnectString, type ZooKeeperServers } from './connect-string.ts';
import { type NodeData, type SessionOptions, ZooKeeperSession } from './session.ts';
import { ZooKeeperError } from './zookeeper-error.ts';

export interface NodePlace {
  /** `host:port,host:port/chroot`. */
  readonly servers: string;
  readonly path: string;
}

export type NodeOptions = Pick<SessionOptions, 'sessionTimeoutMs' | 'connectTimeoutMs'> & {
  /** After a failure, twice as long each time up to 30 times as long; ms. Default 1000. */
  readonly retryMs?: number;
  /** For tests. */
  readonly random?: () => number;
};

/** Reads a node once. Throws a `ZooKeeperError` that says of each server why it has not answered. */
export async function readNode(
  place: NodePlace,
  signal: AbortSignal,
  options: NodeOptions = {},
): Promise<NodeData> {
  const { session, path } = await openSession(place, signal, options);
  try {
    return await session.getData(path);
  } finally {
    session.close();
  }
}

export interface NodeListener {
  /** What the node holds, or null, each time that it may be another; the next is not read before it resolves. */
  value(data: NodeData): Promise<void>;
  /** It can't be read now; it is tried again by itself. */
  trouble(error: ZooKeeperError): void;
}

/** Reads a node, and again after every change, until the signal aborts. Whatever fails is tried again. */
export async function watchNode(
  place: NodePlace,
  listener: NodeListener,
  signal: AbortSignal,
  options: NodeOptions = {},
): Promise<void> {
  const { retryMs = 1000, random = Math.random } = options;
  for (let failed = 0; !signal.aborted; failed++) {
    try {
      const { session, path } = await openSession(place, signal, options);
      const close = (): void => session.close();
      signal.addEventListener('abort', close);
      try {
        for (;;) {
          const { data, changed } = await session.watchData(path);
          await listener.value(data);
          failed = 0;
          await changed;
        }
      } finally {
        signal.removeEventListener('abort', close);
        session.close();
      }
    } catch (error) {
      if (signal.aborted) return;
      listener.trouble(
        error instanceof ZooKeeperError ? error : new ZooKeeperError('refused', errorText(error), error),
      );
      await pause(retryMs * Math.min(30, 2 ** failed) * (1 - random() / 2), signal);
    }
  }
}

/** A session with any of the servers, tried in an order of chance so that many clients spread over them. */
async function openSession(
  { servers: text, path }: NodePlace,
  signal: AbortSignal,
  options: NodeOptions,
): Promise<{ session: ZooKeeperSession; path: string }> {
  const { servers, chroot } = parseConnectString(text);
  const faults: ZooKeeperError[] = [];
  for (const server of inOrderOfChance(servers, options.random ?? Math.random)) {
    try {
      return {
        session: await ZooKeeperSession.connect({ ...server, ...options }, signal),
        path: `${chroot}${path}`,
      };
    } catch (error) {
      if (!(error instanceof ZooKeeperError) || signal.aborted) throw error;
      faults.push(error);
    }
  }
  throw new ZooKeeperError(faults[0]!.kind, faults.map(({ message }) => message).join('; '), faults[0]);
}

function inOrderOfChance(
  servers: ZooKeeperServers['servers'],
  random: () => number,
): ZooKeeperServers['servers'] {
  return servers
    .map((server) => ({ server, at: random() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ server }) => server);
}
