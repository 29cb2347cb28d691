import { isIPv6, type Socket } from 'node:net';

/** Whoever is at the other end of a connection, or sent a datagram. */
export interface Peer {
  /** As Java writes addresses: `javaAddress`. */
  readonly address: string;
  readonly port: number;
}

/** The peer of an accepted socket; null where it has gone already. */
export function peerOf(socket: Socket): Peer | null {
  const { remoteAddress, remotePort } = socket;
  if (remoteAddress === undefined || remotePort === undefined) return null;
  return { address: javaAddress(remoteAddress), port: remotePort };
}

/** `127.0.0.1:514`, `[0:0:0:0:0:0:0:1]:514`: for messages. */
export function peerText({ address, port }: Peer): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

/**
 * An address as Java's `getHostAddress` writes it, which is what rules and headers of Flume have: an IPv4 address that
 * came over an IPv6 socket is plain IPv4, and IPv6 has all its eight groups, none of them cut short.
 */
export function javaAddress(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address);
  if (mapped !== null) return mapped[1]!;
  if (!isIPv6(address)) return address;
  const [plain = '', scope] = address.split('%');
  const [head = '', tail] = plain.split('::');
  const groups = (text: string | undefined): string[] =>
    text === undefined || text === '' ? [] : text.split(':');
  const [front, back] = [groups(head), groups(tail)];
  const zeros = tail === undefined ? [] : Array<string>(8 - front.length - back.length).fill('0');
  const full = [...front, ...zeros, ...back].map((group) => group.replace(/^0+(?=.)/, '').toLowerCase());
  return full.join(':') + (scope === undefined ? '' : `%${scope}`);
}
