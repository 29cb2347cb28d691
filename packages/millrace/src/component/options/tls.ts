import type { TlsOptions } from 'node:tls';
import { nearest } from '../../config/nearest.ts';
import { type OptionFinding, type OptionValues, opt } from '../../config/options.ts';
import { javaTrim } from '../../java/blanks.ts';
import { cipherSuites } from '../../net/tls/cipher-suites.ts';
import { readKeyStore } from '../../net/tls/key-store.ts';
import {
  allowedProtocols,
  allowedSuites,
  knownProtocols,
  restrictionOptions,
  type TlsRestrictions,
} from '../../net/tls/restrictions.ts';

export const from = (property: string, variable: string) => ({ elsewhere: { property, variable } }) as const;
const listFrom = (property: string, variable: string) =>
  ({ elsewhere: { property, variable, commas: true } }) as const;

/** What may be spoken; the same for both sides of a connection. */
export const restrictionSpec = {
  'exclude-protocols': opt.list({
    doc: 'Protocols that are not spoken, besides SSLv3, which never is.',
    ...listFrom('flume.ssl.exclude.protocols', 'FLUME_SSL_EXCLUDE_PROTOCOLS'),
  }),
  'include-protocols': opt.list({
    doc: 'The only protocols that are spoken, of TLSv1.2 and TLSv1.3; both without.',
    ...listFrom('flume.ssl.include.protocols', 'FLUME_SSL_INCLUDE_PROTOCOLS'),
  }),
  'exclude-cipher-suites': opt.list({
    doc: "Cipher suites that are not used, by Java's names.",
    ...listFrom('flume.ssl.exclude.cipherSuites', 'FLUME_SSL_EXCLUDE_CIPHERSUITES'),
  }),
  'include-cipher-suites': opt.list({
    doc: "The only cipher suites that are used, by Java's names.",
    ...listFrom('flume.ssl.include.cipherSuites', 'FLUME_SSL_INCLUDE_CIPHERSUITES'),
  }),
};

/** TLS of a source that is a server; Flume's names (SslContextAwareAbstractSource). */
export const serverTlsOptions = {
  ssl: opt.boolean({ doc: 'Whether peers have to speak TLS.', default: false }),
  keystore: opt.path({
    doc: 'The file with the key and the certificates: PKCS12, or PEM with both in one.',
    ...from('javax.net.ssl.keyStore', 'FLUME_SSL_KEYSTORE_PATH'),
  }),
  'keystore-password': opt.secret({
    doc: 'What opens it; a PEM file may do without.',
    ...from('javax.net.ssl.keyStorePassword', 'FLUME_SSL_KEYSTORE_PASSWORD'),
  }),
  'keystore-type': opt.string({
    doc: "JKS, PKCS12 or PEM. A file is taken for what it is: Java's keytool writes PKCS12 also under the name JKS. Old JKS files are refused with the command that converts them.",
    default: 'JKS',
    ...from('javax.net.ssl.keyStoreType', 'FLUME_SSL_KEYSTORE_TYPE'),
  }),
  ...restrictionSpec,
};

type ServerTlsValues = OptionValues<typeof serverTlsOptions>;
type RestrictionValues = OptionValues<typeof restrictionSpec>;

const storeTypes = ['JKS', 'PKCS12', 'PEM'];

/** What keeps a source from speaking TLS, as far as it can be seen without reading the file. */
export function serverTlsFaults(options: ServerTlsValues): OptionFinding[] {
  if (!options.ssl) return [];
  const type = javaTrim(options['keystore-type']).toUpperCase();
  const faults = storeTypeFaults('keystore-type', options['keystore-type']);
  if (options.keystore === undefined)
    faults.push({ key: ['keystore', 'ssl'], message: 'keystore must be specified when SSL is enabled' });
  if (options['keystore-password'] === undefined && type !== 'PEM') {
    const message = 'keystore-password must be specified when SSL is enabled';
    faults.push({ key: ['keystore-password', 'ssl'], message });
  }
  return [...faults, ...restrictionFaults(options)];
}

/** What is wrong with a type of store. */
export function storeTypeFaults(key: string, written: string): OptionFinding[] {
  if (storeTypes.includes(javaTrim(written).toUpperCase())) return [];
  const message = `${key}: ${written} is none of ${storeTypes.join(', ')}`;
  return [{ key, message, code: 'bad-value', suggestion: 'convert it to PKCS12 with keytool' }];
}

/**
 * Told where the restrictions leave nothing. Flume leaves out names that it does not know and goes on with what is left;
 * with nothing left it keeps the component, and each handshake fails. Here it does not come so far.
 */
export function restrictionFaults(options: RestrictionValues): OptionFinding[] {
  const restrictions = restrictionsOf(options);
  if (allowedSuites(restrictions).length === 0)
    return [nothingLeft(options, 'cipher-suites', 'cipher suite', 'TLS_AES_128_GCM_SHA256')];
  if (allowedProtocols(restrictions).length === 0)
    return [nothingLeft(options, 'protocols', 'protocol', 'TLSv1.3')];
  return [];
}

/** Names that mean nothing here, and what is written without TLS being on. */
export function tlsNotes(options: RestrictionValues & { readonly ssl: boolean }): OptionFinding[] {
  if (!options.ssl) return [];
  const unknown = (key: keyof typeof restrictionSpec, known: readonly string[], what: string) =>
    options[key]
      .filter((name) => !known.includes(name))
      .map((name): OptionFinding => {
        const near = nearest(name, known);
        const message = `${key}: there is no ${what} ${name} here`;
        return near === undefined ? { key, message } : { key, message, suggestion: `did you mean ${near}?` };
      });
  const suites = [...cipherSuites.keys()];
  return [
    ...unknown('include-protocols', knownProtocols, 'protocol'),
    ...unknown('exclude-protocols', knownProtocols, 'protocol'),
    ...unknown('include-cipher-suites', suites, 'cipher suite'),
  ];
}

/** What the server needs; undefined: plain text. Throws as `readKeyStore`. */
export async function serverTls(
  options: ServerTlsValues,
  component: string,
): Promise<TlsOptions | undefined> {
  const { ssl, keystore: path, 'keystore-password': password } = options;
  if (!ssl || path === undefined) return undefined;
  const material = await readKeyStore({ path, password: password?.reveal(), component });
  return { ...material, ...restrictionOptions(restrictionsOf(options)) };
}

export function restrictionsOf(options: RestrictionValues): TlsRestrictions {
  return {
    includeProtocols: options['include-protocols'],
    excludeProtocols: ['SSLv3', ...options['exclude-protocols']],
    includeSuites: options['include-cipher-suites'],
    excludeSuites: options['exclude-cipher-suites'],
  };
}

function nothingLeft(
  options: RestrictionValues,
  list: 'protocols' | 'cipher-suites',
  what: string,
  example: string,
): OptionFinding {
  const key = [`include-${list}`, `exclude-${list}`] as const;
  const written = key.filter((name) => options[name].length > 0);
  const those = written.map((name) => `${name} = ${options[name].join(' ')}`).join(', ');
  const why = those === '' ? 'by the cipher suites that are allowed' : `by ${those}`;
  return { key, message: `no ${what} is left that could be used, ${why}`, suggestion: `allow ${example}` };
}
