import { type OptionFinding, type OptionValues, opt } from '../../config/options.ts';
import type { RequestServerOptions } from '../../net/request-server.ts';
import type { Logger } from '../../runtime/logger.ts';
import type { SourceCounter } from '../counters.ts';
import { filterFaults, filterOf, filterOptions, limitOptions, limitsOf } from './listen.ts';
import { serverTls, serverTlsFaults, serverTlsOptions, tlsNotes } from './tls.ts';

/** What a source has that serves over TCP: who may connect, how, and what a peer may cost. */
export const tcpServerOptions = {
  tls: opt.group(serverTlsOptions),
  filter: opt.group(filterOptions),
  limits: opt.group(limitOptions),
};
type Values = OptionValues<typeof tcpServerOptions>;

export const tcpServerFaults = ({ filter, tls }: Pick<Values, 'filter' | 'tls'>): OptionFinding[] => [
  ...filterFaults(filter),
  ...serverTlsFaults(tls),
];

export const tcpServerNotes = ({ tls }: Pick<Values, 'tls'>) => tlsNotes(tls);

interface ServingSource {
  readonly name: string;
  readonly log: Logger;
  readonly options: Values;
}

/**
 * What the request server of such a source is told, besides what it speaks: `counter` has its open connections,
 * `maxUnfinishedBytes` is what the protocol may have of a request before its end. Rejects where keys can't be read.
 */
export async function tcpServerSettings(
  { name, log, options: { tls, filter, limits } }: ServingSource,
  counter: SourceCounter,
  maxUnfinishedBytes: number,
): Promise<Omit<RequestServerOptions, 'converse'>> {
  const component = `source ${name}`;
  return {
    component,
    log,
    limits: limitsOf(limits, maxUnfinishedBytes),
    filter: filterOf(filter),
    tls: await serverTls(tls, component),
    onCount: (open) => {
      counter.openConnections = open;
    },
  };
}
