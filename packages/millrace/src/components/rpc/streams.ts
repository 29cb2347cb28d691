/** An RPC port as a stream: who sends to the source of its own agent, or round over another, is found by it. */
import type { ReadStreams, WrittenStream } from '../../component/relations.ts';

type Protocol = 'avro' | 'thrift';

const everywhere = new Set(['0.0.0.0', '::', '']);
/** Names of this machine that need no look-up. */
const here = new Set(['localhost', '127.0.0.1', '::1']);

/** What comes in at a port. One that listens at every address is known under this machine's own name alone. */
export function receivedAt(protocol: Protocol, bind: string, port: number): ReadStreams {
  const host = bind.toLowerCase();
  return { at: [addressOf(protocol, everywhere.has(host) ? 'localhost' : host, port)], includes: () => true };
}

export function sentTo(protocol: Protocol, hostname: string, port: number): WrittenStream {
  return {
    at: [addressOf(protocol, hostname.toLowerCase(), port)],
    name: `${hostname}:${port}`,
    key: 'port',
    remedy: 'send to another agent',
  };
}

const addressOf = (protocol: Protocol, host: string, port: number): string =>
  `${protocol}://${here.has(host) ? 'localhost' : host}:${port}`;
