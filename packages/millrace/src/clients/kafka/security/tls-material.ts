import { type ConnectionOptions, createSecureContext } from 'node:tls';
import { readKeyStore } from '../../../net/tls/key-store.ts';
import { restrictionOptions } from '../../../net/tls/restrictions.ts';
import { readTrustStore } from '../../../net/tls/trust-store.ts';
import { errorText, MillraceError } from '../../../runtime/errors.ts';
import type { StorePlace, TlsSettings } from './security-settings.ts';

/** What Node needs to connect with TLS, besides host and port. */
export type TlsMaterial = Pick<
  ConnectionOptions,
  'ca' | 'key' | 'cert' | 'pfx' | 'passphrase' | 'minVersion' | 'maxVersion' | 'ciphers'
>;

/**
 * Reads the stores. They are read for each connection, so a certificate that was renewed counts from the next one on.
 * Throws `CONFIG_INVALID` or `FILE_ACCESS`, with the file and what to do.
 */
export async function tlsMaterial(settings: TlsSettings): Promise<TlsMaterial> {
  const { trustStore, keyStore, restrictions } = settings;
  return {
    ...restrictionOptions(restrictions),
    ...(trustStore === undefined ? {} : { ca: await trusted(trustStore) }),
    ...(keyStore === undefined ? {} : await ownKey(keyStore, settings)),
  };
}

async function trusted(store: StorePlace): Promise<string[]> {
  if ('pem' in store) return checked('ssl.truststore.certificates', { ca: [store.pem] }).ca;
  return readTrustStore({ path: store.path, password: store.password?.reveal(), component: 'kafka client' });
}

async function ownKey(
  store: NonNullable<TlsSettings['keyStore']>,
  { keyPassword }: TlsSettings,
): Promise<TlsMaterial> {
  const passphrase = keyPassword === undefined ? {} : { passphrase: keyPassword.reveal() };
  if ('path' in store) {
    // Of PEM it is the key that has a password, and of PKCS12 the file; where both have one, OpenSSL wants the same.
    const password = store.password?.reveal() ?? keyPassword?.reveal();
    return (await readKeyStore({ path: store.path, password, component: 'kafka client' })) as TlsMaterial;
  }
  if ('pem' in store) return checked('ssl.keystore.key', { key: store.pem, cert: store.pem, ...passphrase });
  return checked('ssl.keystore.key', {
    key: store.key.reveal(),
    cert: store.certificates,
    ...passphrase,
  });
}

function checked<T extends TlsMaterial>(key: string, material: T): T {
  try {
    createSecureContext(material);
    return material;
  } catch (error) {
    throw new MillraceError('CONFIG_INVALID', `kafka client: ${key} can't be used: ${errorText(error)}`, {
      remedy: 'Give PEM with BEGIN and END lines; in a properties file a line ends with \\n\\.',
    });
  }
}
