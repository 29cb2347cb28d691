import { AvroCursor } from '../avro/cursor.ts';
import { writeLong } from '../avro/long.ts';
import { NotAvro } from '../avro/not-avro.ts';
import { protocolHash, protocolText } from './protocol.ts';

/**
 * How two peers agree on the protocol: in front of the first call of a connection and of its answer.
 *
 * ```
 * HandshakeRequest   clientHash fixed(16), clientProtocol union{null, string}, serverHash fixed(16), meta union{null, map<bytes>}
 * HandshakeResponse  match enum{BOTH, CLIENT, NONE}, serverProtocol union{null, string},
 *                    serverHash union{null, fixed(16)}, meta union{null, map<bytes>}
 * ```
 *
 * A client that is not known by its hash (`NONE`) asks again, with its protocol's text.
 */
export interface HandshakeRequest {
  readonly clientHash: Buffer;
  readonly clientProtocol: string | null;
  readonly serverHash: Buffer;
  /** Where the call begins. */
  readonly to: number;
}

export type HandshakeMatch = 'BOTH' | 'CLIENT' | 'NONE';
const matches: readonly HandshakeMatch[] = ['BOTH', 'CLIENT', 'NONE'];
const hashBytes = 16;

/** Throws `NotAvro`. */
export function readHandshakeRequest(bytes: Buffer): HandshakeRequest {
  const cursor = new AvroCursor(bytes);
  const clientHash = cursor.fixed(hashBytes);
  const clientProtocol = isThere(cursor) ? cursor.string() : null;
  const serverHash = cursor.fixed(hashBytes);
  if (isThere(cursor)) cursor.skipMap();
  return { clientHash, clientProtocol, serverHash, to: cursor.at };
}

/** `withText`: for a server that answered `NONE`. */
export function writeHandshakeRequest(withText: boolean): Buffer {
  const text = withText ? [writeLong(1), prefixed(protocolText)] : [writeLong(0)];
  return Buffer.concat([protocolHash, ...text, protocolHash, writeLong(0)]);
}

export function writeHandshakeResponse(match: HandshakeMatch): Buffer {
  const own = match === 'BOTH' ? [0, 0] : [1, prefixed(protocolText), 1, protocolHash];
  return Buffer.concat(
    [matches.indexOf(match), ...own, 0].map((part) => (typeof part === 'number' ? writeLong(part) : part)),
  );
}

/** Throws `NotAvro`. */
export function readHandshakeResponse(bytes: Buffer): {
  readonly match: HandshakeMatch;
  readonly serverProtocol: string | null;
  /** Where the answer begins. */
  readonly to: number;
} {
  const cursor = new AvroCursor(bytes);
  const match = matches[cursor.long()];
  if (match === undefined) throw new NotAvro('its handshake has an unknown outcome');
  const serverProtocol = isThere(cursor) ? cursor.string() : null;
  if (isThere(cursor)) cursor.fixed(hashBytes);
  if (isThere(cursor)) cursor.skipMap();
  return { match, serverProtocol, to: cursor.at };
}

/** The branch of a union of null and something. */
function isThere(cursor: AvroCursor): boolean {
  const branch = cursor.long();
  if (branch !== 0 && branch !== 1) throw new NotAvro(`a union has no branch ${branch}`);
  return branch === 1;
}

function prefixed(text: string): Buffer {
  const bytes = Buffer.from(text, 'utf8');
  return Buffer.concat([writeLong(bytes.length), bytes]);
}
