import type { HttpTls } from '../../clients/http/http-client.ts';
import { type OptionValues, opt } from '../../config/options.ts';
import { readKeyStore } from '../../net/tls/key-store.ts';
import { readTrustStore } from '../../net/tls/trust-store.ts';
import { clientTlsOptions } from './client-tls.ts';
import { from } from './tls.ts';

/**
 * TLS of a client that speaks HTTP; `https` in a URL asks for it. The keys are our own: what Flume's components speak
 * HTTP with takes Java's system properties alone, which count here, too.
 */
export const httpTlsOptions = {
  truststore: clientTlsOptions.truststore,
  'truststore-password': clientTlsOptions['truststore-password'],
  keystore: opt.path({
    doc: 'The file with the key and the certificates for a server that asks for them: PKCS12, or PEM with both in one.',
    ...from('javax.net.ssl.keyStore', 'FLUME_SSL_KEYSTORE_PATH'),
  }),
  'keystore-password': opt.secret({
    doc: 'What opens it; a PEM file may do without.',
    ...from('javax.net.ssl.keyStorePassword', 'FLUME_SSL_KEYSTORE_PASSWORD'),
  }),
};

/** What connections to these URLs need; undefined: none of them is https. Throws as `readTrustStore` and `readKeyStore`. */
export async function httpTls(
  values: OptionValues<typeof httpTlsOptions>,
  urls: readonly URL[],
  component: string,
): Promise<HttpTls | undefined> {
  if (!urls.some(({ protocol }) => protocol === 'https:')) return undefined;
  return tlsOfStores(
    {
      truststore: values.truststore,
      truststorePassword: values['truststore-password']?.reveal(),
      keystore: values.keystore,
      keystorePassword: values['keystore-password']?.reveal(),
    },
    component,
  );
}

/** Files with certificates to trust and with a key of one's own, and what opens them. */
export interface HttpStores {
  readonly truststore?: string | undefined;
  readonly truststorePassword?: string | undefined;
  readonly keystore?: string | undefined;
  readonly keystorePassword?: string | undefined;
}

/** Reads them. Throws as `readTrustStore` and `readKeyStore`. */
export async function tlsOfStores(stores: HttpStores, component: string): Promise<HttpTls> {
  const { truststore, truststorePassword, keystore, keystorePassword } = stores;
  const trusted =
    truststore === undefined
      ? {}
      : { ca: await readTrustStore({ path: truststore, password: truststorePassword, component }) };
  if (keystore === undefined) return trusted;
  const own = await readKeyStore({ path: keystore, password: keystorePassword, component });
  return { ...own, ...trusted };
}
