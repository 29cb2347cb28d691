import { readFile } from 'node:fs/promises';
import { oauthBearerClient } from '../../../protocol/sasl/oauthbearer.ts';
import { plainClient } from '../../../protocol/sasl/plain.ts';
import { type SaslClient, saslFailure } from '../../../protocol/sasl/sasl-client.ts';
import { scramClient } from '../../../protocol/sasl/scram.ts';
import { explainFileError } from '../../../runtime/errors.ts';
import { type JaasEntry, JaasError, jaasSection, parseJaas } from './jaas.ts';
import type { SaslMechanism, SaslSettings } from './security-settings.ts';

/** The login modules that Kafka has for each mechanism; none is loaded, their names tell the mechanism. */
const modules: Readonly<Record<SaslMechanism, string>> = {
  PLAIN: 'PlainLoginModule',
  'SCRAM-SHA-256': 'ScramLoginModule',
  'SCRAM-SHA-512': 'ScramLoginModule',
  OAUTHBEARER: 'OAuthBearerLoginModule',
};

/** What is wrong with a login entry for a mechanism; null: nothing. Shows no value of it. */
export function jaasFault(mechanism: SaslMechanism, entry: JaasEntry): string | null {
  if (entry.loginModule !== modules[mechanism])
    return `${entry.loginModule} is not the login module of ${mechanism}, ${modules[mechanism]} is`;
  if (mechanism === 'OAUTHBEARER') return null;
  const missing = ['username', 'password'].filter((key) => !entry.options.has(key));
  return missing.length === 0 ? null : `${missing.join(' and ')} missing in the login module's options`;
}

/** Who logs in, read anew for each connection: a file may have changed. Throws `KAFKA_AUTHENTICATION`. */
export async function jaasOf({ mechanism, jaas }: SaslSettings): Promise<JaasEntry> {
  if (jaas === null) return { loginModule: modules[mechanism], options: new Map() };
  try {
    const entry =
      'text' in jaas ? parseJaas(jaas.text.reveal()) : jaasSection(await readLoginFile(jaas.path));
    const fault = jaasFault(mechanism, entry);
    if (fault !== null) throw new JaasError(fault);
    return entry;
  } catch (error) {
    if (!(error instanceof JaasError)) throw error;
    const where = 'text' in jaas ? 'sasl.jaas.config' : jaas.path;
    throw saslFailure(mechanism, `${where}: ${error.message}`);
  }
}

async function readLoginFile(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw explainFileError(error);
  }
}

/** The exchange for one connection. `tokenOf` gives a token that is good for now (OAUTHBEARER). */
export async function saslClientOf(
  settings: SaslSettings,
  tokenOf: (entry: JaasEntry) => Promise<string>,
): Promise<SaslClient> {
  const { mechanism } = settings;
  const entry = await jaasOf(settings);
  const login = {
    username: entry.options.get('username') ?? '',
    password: entry.options.get('password') ?? '',
  };
  switch (mechanism) {
    case 'PLAIN':
      return plainClient(login);
    case 'OAUTHBEARER':
      return oauthBearerClient({ token: await tokenOf(entry), extensions: extensionsOf(entry) });
    default:
      return scramClient({ ...login, mechanism, isToken: entry.options.get('tokenauth') === 'true' });
  }
}

/** KIP-342: `extension_NAME="VALUE"` in the login module's options. */
function extensionsOf({ options }: JaasEntry): ReadonlyMap<string, string> {
  const prefix = 'extension_';
  return new Map(
    [...options].flatMap(([key, value]) =>
      key.startsWith(prefix) ? [[key.slice(prefix.length), value] as const] : [],
    ),
  );
}
