import { constants } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { createSecureContext, type TlsOptions } from 'node:tls';
import { readKeyStore } from '../../net/tls/key-store.ts';
import { restrictionOptions } from '../../net/tls/restrictions.ts';
import { readTrustStore } from '../../net/tls/trust-store.ts';
import { errorText, MillraceError } from '../../runtime/errors.ts';
import type { ListenerTls } from '../settings/listener-settings.ts';

/** What a listener's TLS is made of, and when that was read. */
export class ServerTls {
  readonly #settings: ListenerTls;
  readonly #component: string;
  #seen: string;
  options: TlsOptions;

  private constructor(settings: ListenerTls, component: string, seen: string, options: TlsOptions) {
    this.#settings = settings;
    this.#component = component;
    this.#seen = seen;
    this.options = options;
  }

  /** Throws `CONFIG_INVALID` or `FILE_ACCESS` with the file and what to do. */
  static async read(settings: ListenerTls, component: string): Promise<ServerTls> {
    const seen = await look(settings);
    return new ServerTls(settings, component, seen, await optionsOf(settings, component));
  }

  /** Null: nothing has changed since the files were last read. What can't be read counts as seen, and throws. */
  async changed(): Promise<TlsOptions | null> {
    const seen = await look(this.#settings);
    if (seen === this.#seen) return null;
    this.#seen = seen;
    this.options = await optionsOf(this.#settings, this.#component);
    return this.options;
  }
}

/** Which files there are: another one under the name, or one that was written to, is seen. */
async function look({ keyStore, trustStore }: ListenerTls): Promise<string> {
  const seen: string[] = [];
  for (const store of [keyStore, trustStore]) {
    if (store === undefined || !('path' in store)) continue;
    const found = await stat(store.path).catch(() => null);
    seen.push(found === null ? '' : `${found.dev}/${found.ino}/${found.size}/${found.mtimeMs}`);
  }
  return seen.join(' ');
}

async function optionsOf(settings: ListenerTls, component: string): Promise<TlsOptions> {
  const { clientAuth, protocols, cipherSuites, trustStore } = settings;
  const restrictions = {
    includeProtocols: protocols,
    excludeProtocols: ['SSLv3'],
    includeSuites: cipherSuites,
    excludeSuites: [],
  };
  return {
    ...restrictionOptions(restrictions),
    ...(await ownKey(settings, component)),
    ...(trustStore === undefined ? {} : { ca: await trusted(trustStore, component) }),
    requestCert: clientAuth !== 'none',
    rejectUnauthorized: clientAuth === 'required',
    // A session that is resumed would bring a certificate that nobody looks at again.
    ...(clientAuth === 'none' ? {} : { secureOptions: constants.SSL_OP_NO_TICKET }),
  };
}

async function ownKey({ keyStore }: ListenerTls, component: string): Promise<TlsOptions> {
  if ('path' in keyStore)
    return readKeyStore({ path: keyStore.path, password: keyStore.password, component });
  const { certificates, key, password } = keyStore;
  const options = { key, cert: certificates, ...(password === undefined ? {} : { passphrase: password }) };
  return checked('ssl.keystore.key', options, component);
}

async function trusted(store: NonNullable<ListenerTls['trustStore']>, component: string): Promise<string[]> {
  if ('path' in store) return readTrustStore({ path: store.path, password: store.password, component });
  checked('ssl.truststore.certificates', { ca: store.pem }, component);
  return [store.pem];
}

function checked(key: string, options: TlsOptions, component: string): TlsOptions {
  try {
    createSecureContext(options);
    return options;
  } catch (error) {
    throw new MillraceError('CONFIG_INVALID', `${component}: ${key} can't be used: ${errorText(error)}`, {
      remedy: 'Give PEM with BEGIN and END lines; in a properties file a line ends with \\n\\.',
      details: { key },
    });
  }
}
