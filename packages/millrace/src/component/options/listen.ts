import { type OptionFinding, opt } from '../../config/options.ts';
import { AddressFilter, parseFilterRules } from '../../net/address-filter.ts';
import type { ServerLimits } from '../../net/request-server.ts';

/** Where a source takes connections; Flume's names. */
export const listenOptions = {
  bind: opt.string({ doc: 'Address to listen on.', required: true }),
  port: opt.int({
    doc: 'Port to listen on.',
    required: true,
    min: 0,
    max: 65535,
    exclusive: { port: 'tcp', host: 'bind' },
  }),
};

/** What the peers of a server may cost; Flume has no such limits. */
export const limitOptions = {
  maxConnections: opt.int({
    doc: 'Most connections at a time; more are closed as they come, and told.',
    default: 2000,
    min: 1,
    onOutside: 'clamp',
  }),
  idleTimeout: opt.duration('ms', {
    doc: 'A connection without any request for so long is closed; 0: it may stay.',
    java: 'long',
    default: 0,
    min: 0,
  }),
  requestTimeout: opt.duration('ms', {
    doc: 'How long a peer may take for one request (a line, a frame, a TLS handshake) from its first byte to its last, and for taking an answer; then its connection is closed.',
    java: 'long',
    default: 300_000,
    min: 1,
  }),
  maxWaitingBytes: opt.bytes({
    doc: 'Most bytes of requests of all connections at a time, from their first byte until they are in the channels, beyond 64 KiB for each connection; one for whose bytes there is no room is closed, and told. It never is less than one request may have.',
    default: 256 * 1024 * 1024,
    min: 1,
  }),
};

/** Who may connect; Flume's names, of its Avro source. */
export const filterOptions = {
  ipFilter: opt.boolean({ doc: 'Whether `ipFilterRules` decide who may connect.', default: false }),
  ipFilterRules: opt.string({
    doc: 'Rules `allow|deny:ip|name:PATTERN`, separated by commas: the first that fits a peer decides, and where none does it may connect.',
  }),
};

interface FilterValues {
  readonly ipFilter: boolean;
  readonly ipFilterRules: string | undefined;
}

/** What keeps the rules from being used. */
export function filterFaults({ ipFilter, ipFilterRules = '' }: FilterValues): OptionFinding[] {
  if (!ipFilter) return [];
  const key = ['ipFilterRules', 'ipFilter'];
  if (ipFilterRules.trim() === '')
    return [{ key, message: 'ipFilter is configured with true but ipFilterRules is not defined' }];
  return parseFilterRules(ipFilterRules).faults.map((message) => ({ key, message, code: 'bad-value' }));
}

/** Undefined: everybody may connect. */
export function filterOf({ ipFilter, ipFilterRules = '' }: FilterValues): AddressFilter | undefined {
  return ipFilter ? new AddressFilter(parseFilterRules(ipFilterRules).rules) : undefined;
}

interface LimitValues {
  readonly maxConnections: number;
  readonly idleTimeout: number;
  readonly requestTimeout: number;
  readonly maxWaitingBytes: number;
}

/** `maxUnfinishedBytes`: what the protocol may have of a request before its end. */
export function limitsOf(options: LimitValues, maxUnfinishedBytes: number): ServerLimits {
  const { maxConnections, idleTimeout, requestTimeout, maxWaitingBytes } = options;
  return {
    maxConnections,
    maxUnfinishedBytes,
    maxHeldBytes: maxWaitingBytes,
    idleMs: idleTimeout === 0 ? Number.POSITIVE_INFINITY : idleTimeout,
    requestMs: requestTimeout,
  };
}
