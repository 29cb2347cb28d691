import { hostNames } from '../../net/host-names.ts';
import type { Peer } from '../../net/peer.ts';
import { type Headers, noHeaders } from '../../records/event-batch.ts';

export interface PeerHeaderOptions {
  readonly clientIPHeader: string | undefined;
  readonly clientHostnameHeader: string | undefined;
}

/** The headers that all events of a peer have; asks for its name only where a header is for it. */
export async function peerHeaders(options: PeerHeaderOptions, { address }: Peer): Promise<Headers> {
  const { clientIPHeader, clientHostnameHeader } = options;
  if (clientIPHeader === undefined && clientHostnameHeader === undefined) return noHeaders;
  const headers = new Map<string, string>();
  if (clientIPHeader !== undefined) headers.set(clientIPHeader, address);
  if (clientHostnameHeader !== undefined) headers.set(clientHostnameHeader, await hostNames.nameOf(address));
  return headers;
}

/** Their names. */
export function peerHeaderNames({ clientIPHeader, clientHostnameHeader }: PeerHeaderOptions): Set<string> {
  return new Set([clientIPHeader, clientHostnameHeader].flatMap((name) => name ?? []));
}
