import { type OptionFinding, type OptionValues, opt } from '../../config/options.ts';
import type { DialTls } from '../../net/dial.ts';
import { restrictionOptions } from '../../net/tls/restrictions.ts';
import { readTrustStore } from '../../net/tls/trust-store.ts';
import { from, restrictionFaults, restrictionSpec, restrictionsOf, storeTypeFaults } from './tls.ts';

/** TLS of a client; Flume's names (SSLContextAwareAbstractRpcClient), and one of our own. */
export const clientTlsOptions = {
  ssl: opt.boolean({ doc: 'Whether TLS is spoken.', default: false }),
  truststore: opt.path({
    doc: "The file with the certificates to trust: PKCS12, JKS or PEM. Without, those that come with the program's runtime count.",
    ...from('javax.net.ssl.trustStore', 'FLUME_SSL_TRUSTSTORE_PATH'),
  }),
  'truststore-password': opt.secret({
    doc: 'What opens it; PEM and JKS may do without.',
    ...from('javax.net.ssl.trustStorePassword', 'FLUME_SSL_TRUSTSTORE_PASSWORD'),
  }),
  'truststore-type': opt.string({
    doc: 'JKS, PKCS12 or PEM. A file is taken for what it is.',
    default: 'JKS',
    ...from('javax.net.ssl.trustStoreType', 'FLUME_SSL_TRUSTSTORE_TYPE'),
  }),
  'check-host-name': opt.boolean({
    doc: "Whether the peer's certificate has to be for the host that is named; Flume never looks at it.",
    default: false,
  }),
  ...restrictionSpec,
};

/** For clients in which Flume lets certificates go unchecked (Avro). */
export const trustAllOption = {
  'trust-all-certs': opt.boolean({
    doc: 'Whether any certificate is taken: the connection is encrypted, to whomever it goes.',
    default: false,
  }),
};

type ClientTlsValues = OptionValues<typeof clientTlsOptions> & { readonly 'trust-all-certs'?: boolean };

/**
 * What keeps a client from speaking TLS, as far as it can be seen without reading the file. Notes: `tlsNotes`. As in Flume,
 * nobody asks of what type a file is that is not given, or is not read (`trust-all-certs`).
 */
export function clientTlsFaults(options: ClientTlsValues): OptionFinding[] {
  if (!options.ssl) return [];
  const reads = options.truststore !== undefined && options['trust-all-certs'] !== true;
  const faults = reads ? storeTypeFaults('truststore-type', options['truststore-type']) : [];
  return [...faults, ...restrictionFaults(options)];
}

/** What `dial` needs; undefined: plain text. Reads the truststore; throws as `readTrustStore`. */
export async function clientTls(options: ClientTlsValues, component: string): Promise<DialTls | undefined> {
  const { ssl, truststore: path, 'truststore-password': password } = options;
  if (!ssl) return undefined;
  const restrictions = restrictionOptions(restrictionsOf(options));
  // As in Flume, whoever trusts all does not read the file.
  if (options['trust-all-certs'] === true)
    return { ...restrictions, rejectUnauthorized: false, checkHostName: false };
  const trusted =
    path === undefined ? {} : { ca: await readTrustStore({ path, password: password?.reveal(), component }) };
  return { ...restrictions, ...trusted, rejectUnauthorized: true, checkHostName: options['check-host-name'] };
}
