import type { SecureContextOptions, SecureVersion } from 'node:tls';
import { cipherSuites } from './cipher-suites.ts';

/** Which protocols and suites may be used, by Java's names; an empty list of included ones is all. */
export interface TlsRestrictions {
  readonly includeProtocols: readonly string[];
  readonly excludeProtocols: readonly string[];
  readonly includeSuites: readonly string[];
  readonly excludeSuites: readonly string[];
}

/** Of those that Java enables, from the oldest on; older ones are broken, and Java of today has none of them. */
const protocols: readonly SecureVersion[] = ['TLSv1.2', 'TLSv1.3'];
/** Names that Java knows; those that are not above are never used. */
export const knownProtocols: readonly string[] = ['SSLv2Hello', 'SSLv3', 'TLSv1', 'TLSv1.1', ...protocols];

/** The protocols that are left: those that are allowed, and have a suite that is. */
export function allowedProtocols(restrictions: TlsRestrictions): SecureVersion[] {
  const { includeProtocols: included, excludeProtocols: excluded } = restrictions;
  const suites = allowedSuites(restrictions);
  return protocols.filter(
    (name) =>
      (included.length === 0 || included.includes(name)) &&
      !excluded.includes(name) &&
      suites.some((suite) => isOfTls13(suite) === (name === 'TLSv1.3')),
  );
}

/** TLS 1.3 has suites of its own, which don't name how keys are exchanged. */
const isOfTls13 = (suite: string): boolean => !suite.includes('_WITH_');

/** The suites that are left, by Java's names. */
export function allowedSuites({ includeSuites, excludeSuites }: TlsRestrictions): string[] {
  return [...cipherSuites.keys()].filter(
    (name) => (includeSuites.length === 0 || includeSuites.includes(name)) && !excludeSuites.includes(name),
  );
}

/** What they are for Node; something must be left of both. Without restrictions of suites they are Node's own. */
export function restrictionOptions(restrictions: TlsRestrictions): SecureContextOptions {
  const allowed = allowedProtocols(restrictions);
  const limited = restrictions.includeSuites.length + restrictions.excludeSuites.length > 0;
  return {
    minVersion: allowed[0]!,
    maxVersion: allowed.at(-1)!,
    ...(limited
      ? {
          ciphers: allowedSuites(restrictions)
            .map((name) => cipherSuites.get(name))
            .join(':'),
        }
      : {}),
  };
}
