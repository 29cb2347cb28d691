import type { Elsewhere } from '../../../config/options.ts';
import { allowedProtocols, allowedSuites, knownProtocols } from '../../../net/tls/restrictions.ts';
import { expandHome } from '../../../runtime/home-path.ts';
import { JaasError, parseJaas } from '../security/jaas.ts';
import { jaasFault } from '../security/sasl-login.ts';
import type {
  SaslMechanism,
  SaslSettings,
  SecuritySettings,
  StorePlace,
  TlsSettings,
  TokenSettings,
} from '../security/security-settings.ts';
import type { PropertyReader } from './property-reader.ts';

const protocols = ['plaintext', 'ssl', 'sasl_plaintext', 'sasl_ssl'] as const;
const mechanisms = ['plain', 'scram-sha-256', 'scram-sha-512', 'oauthbearer', 'gssapi'] as const;

const tlsKeys = [
  'ssl.protocol',
  'ssl.enabled.protocols',
  'ssl.cipher.suites',
  'ssl.endpoint.identification.algorithm',
  'ssl.disableTLSHostnameVerification',
  'ssl.truststore.location',
  'ssl.truststore.password',
  'ssl.truststore.type',
  'ssl.truststore.certificates',
  'ssl.keystore.location',
  'ssl.keystore.password',
  'ssl.keystore.type',
  'ssl.keystore.certificate.chain',
  'ssl.keystore.key',
  'ssl.key.password',
];
const saslKeys = [
  'sasl.mechanism',
  'sasl.jaas.config',
  'sasl.jaas.file',
  'sasl.oauthbearer.token.endpoint.url',
  'sasl.oauthbearer.client.credentials.client.id',
  'sasl.oauthbearer.client.credentials.client.secret',
  'sasl.oauthbearer.scope',
  'sasl.login.connect.timeout.ms',
  'sasl.login.read.timeout.ms',
  'sasl.login.refresh.window.factor',
];

/** Kafka's `security.protocol` with what belongs to it. Undefined: plain text. */
export function securityFrom(reader: PropertyReader): SecuritySettings | undefined {
  const protocol = reader.oneOf('security.protocol', protocols) ?? 'plaintext';
  ignoreWhatIsNoData(reader);
  const wantsTls = protocol.endsWith('ssl');
  const wantsSasl = protocol.startsWith('sasl');
  const why = (what: string) => `${what} needs another security.protocol than ${protocol.toUpperCase()}`;
  if (!wantsTls) for (const key of tlsKeys) reader.ignored(key, why('TLS'));
  if (!wantsSasl) for (const key of saslKeys) reader.ignored(key, why('a login'));
  const tls = wantsTls ? tlsFrom(reader) : undefined;
  const sasl = wantsSasl ? saslFrom(reader) : undefined;
  if (tls === undefined && sasl === undefined) return undefined;
  return { ...(tls === undefined ? {} : { tls }), ...(sasl === undefined ? {} : { sasl }) };
}

/** What Kafka has of code that a configuration names, and of Java's own providers. */
function ignoreWhatIsNoData(reader: PropertyReader): void {
  for (const key of [
    'sasl.login.class',
    'sasl.login.callback.handler.class',
    'sasl.client.callback.handler.class',
    'ssl.engine.factory.class',
    'security.providers',
    'sasl.oauthbearer.jwt.retriever.class',
  ]) {
    const text = reader.text(key) ?? '';
    if (!text.startsWith('org.apache.kafka.'))
      reader.ignored(key, 'names in a configuration never become code');
  }
  for (const key of [
    'ssl.provider',
    'ssl.keymanager.algorithm',
    'ssl.trustmanager.algorithm',
    'ssl.secure.random.implementation',
  ])
    reader.ignored(key, 'TLS is that of Node');
  for (const key of [
    'sasl.login.refresh.window.jitter',
    'sasl.login.refresh.min.period.seconds',
    'sasl.login.refresh.buffer.seconds',
    'sasl.login.retry.backoff.ms',
    'sasl.login.retry.backoff.max.ms',
  ])
    reader.ignored(key, 'a token is asked for when it is needed');
  for (const key of [
    'sasl.kerberos.service.name',
    'sasl.kerberos.kinit.cmd',
    'sasl.kerberos.ticket.renew.jitter',
    'sasl.kerberos.ticket.renew.window.factor',
    'sasl.kerberos.min.time.before.relogin',
  ])
    reader.ignored(key, 'Kerberos is not built');
}

function tlsFrom(reader: PropertyReader): TlsSettings {
  const trustStore = placeOf(reader, 'truststore', 'certificates');
  const keyStore = keyStoreOf(reader);
  const keyPassword = reader.secret('ssl.key.password');
  const algorithm = reader.text('ssl.endpoint.identification.algorithm')?.toLowerCase();
  if (algorithm !== undefined && algorithm !== '' && algorithm !== 'https')
    reader.fault('ssl.endpoint.identification.algorithm', `'${algorithm}' is neither https nor empty`);
  return {
    ...(trustStore === undefined ? {} : { trustStore }),
    ...(keyStore === undefined ? {} : { keyStore }),
    ...(keyPassword === undefined ? {} : { keyPassword }),
    // Flume's own (KafkaSSLUtil), beside Kafka's.
    checkHostName:
      algorithm !== '' && reader.text('ssl.disableTLSHostnameVerification')?.toLowerCase() !== 'true',
    restrictions: restrictionsFrom(reader),
  };
}

function restrictionsFrom(reader: PropertyReader): TlsSettings['restrictions'] {
  const listOf = (key: string) =>
    (reader.text(key) ?? '').split(',').flatMap((name) => (name.trim() === '' ? [] : [name.trim()]));
  reader.text('ssl.protocol'); // the newest that is enabled is spoken, whatever stands here
  const restrictions = {
    includeProtocols: listOf('ssl.enabled.protocols'),
    excludeProtocols: ['SSLv3'],
    includeSuites: listOf('ssl.cipher.suites'),
    excludeSuites: [],
  };
  if (allowedSuites(restrictions).length === 0)
    reader.fault(
      'ssl.cipher.suites',
      'no cipher suite is left that could be used',
      'allow TLS_AES_128_GCM_SHA256',
    );
  else if (allowedProtocols(restrictions).length === 0)
    reader.fault(
      'ssl.enabled.protocols',
      `none of ${restrictions.includeProtocols.join(', ')} can be used; known are ${knownProtocols.join(', ')}`,
      'allow TLSv1.3',
    );
  return restrictions;
}

function placeOf(
  reader: PropertyReader,
  store: 'truststore' | 'keystore',
  inline: string,
): StorePlace | undefined {
  const path = reader.text(`ssl.${store}.location`);
  const password = reader.secret(`ssl.${store}.password`);
  const type = reader.text(`ssl.${store}.type`)?.toUpperCase();
  const pem = reader.text(`ssl.${store}.${inline}`);
  if (type !== undefined && !['JKS', 'PKCS12', 'PEM'].includes(type))
    reader.fault(`ssl.${store}.type`, `'${type}' is none of JKS, PKCS12, PEM`);
  if (pem !== undefined) {
    if (path !== undefined)
      reader.fault(`ssl.${store}.location`, `ssl.${store}.${inline} is there, too`, 'give one of them');
    else if (type !== 'PEM') reader.fault(`ssl.${store}.${inline}`, `needs ssl.${store}.type=PEM`);
    return { pem };
  }
  return path === undefined || path === '' ? undefined : { path: expandHome(path), password };
}

function keyStoreOf(reader: PropertyReader): TlsSettings['keyStore'] {
  const place = placeOf(reader, 'keystore', 'certificate.chain');
  const key = reader.secret('ssl.keystore.key');
  if (place !== undefined && 'pem' in place) {
    if (key === undefined) reader.fault('ssl.keystore.certificate.chain', 'needs ssl.keystore.key beside it');
    return key === undefined ? undefined : { certificates: place.pem, key };
  }
  if (key !== undefined) reader.fault('ssl.keystore.key', 'needs ssl.keystore.certificate.chain beside it');
  return place;
}

function saslFrom(reader: PropertyReader): SaslSettings | undefined {
  const named =
    reader.oneOf('sasl.mechanism', mechanisms) ?? (reader.has('sasl.mechanism') ? undefined : 'gssapi');
  const jaasText = reader.secret('sasl.jaas.config');
  const path = reader.text('sasl.jaas.file');
  const tokens = tokensFrom(reader);
  if (named === undefined) return undefined;
  if (named === 'gssapi') {
    reader.fault(
      reader.has('sasl.mechanism') ? 'sasl.mechanism' : 'security.protocol',
      'Kerberos (GSSAPI, what is meant without sasl.mechanism) is not built',
      'have the brokers offer SCRAM-SHA-512 or OAUTHBEARER, and set sasl.mechanism',
    );
    return undefined;
  }
  const mechanism = named.toUpperCase() as SaslMechanism;
  const jaas =
    jaasText !== undefined ? { text: jaasText } : path !== undefined ? { path: expandHome(path) } : null;
  if (jaasText !== undefined) {
    const fault = jaasTextFault(mechanism, jaasText.reveal());
    if (fault !== null) reader.fault('sasl.jaas.config', fault);
  } else if (jaas === null && mechanism !== 'OAUTHBEARER') {
    reader.fault('sasl.mechanism', `${mechanism} needs sasl.jaas.config, with user name and password`);
  }
  return { mechanism, jaas, tokens };
}

function jaasTextFault(mechanism: SaslMechanism, text: string): string | null {
  try {
    return jaasFault(mechanism, parseJaas(text));
  } catch (error) {
    if (error instanceof JaasError) return error.message;
    throw error;
  }
}

function tokensFrom(reader: PropertyReader): TokenSettings {
  const key = 'sasl.oauthbearer.token.endpoint.url';
  const endpoint = reader.text(key);
  if (endpoint !== undefined && !/^(https?|file):/i.test(URL.parse(endpoint)?.protocol ?? ''))
    reader.fault(key, 'is neither a https: nor a file: URL');
  const clientId = reader.text('sasl.oauthbearer.client.credentials.client.id');
  const clientSecret = reader.secret('sasl.oauthbearer.client.credentials.client.secret');
  const scope = reader.text('sasl.oauthbearer.scope');
  const connectMs = reader.int('sasl.login.connect.timeout.ms', 1) ?? 10_000;
  const readMs = reader.int('sasl.login.read.timeout.ms', 1) ?? 10_000;
  return {
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(clientId === undefined ? {} : { clientId }),
    ...(clientSecret === undefined ? {} : { clientSecret }),
    ...(scope === undefined ? {} : { scope }),
    timeoutMs: Math.max(connectMs, readMs),
    refreshAt: reader.share('sasl.login.refresh.window.factor', 0.5, 1) ?? 0.8,
  };
}

const store = (end: string, variable: string): Elsewhere => ({
  property: `javax.net.ssl.${end}`,
  variable: `FLUME_SSL_${variable}`,
});
const globalStores: Readonly<Record<string, Elsewhere>> = {
  'ssl.keystore.location': store('keyStore', 'KEYSTORE_PATH'),
  'ssl.keystore.password': store('keyStorePassword', 'KEYSTORE_PASSWORD'),
  'ssl.keystore.type': store('keyStoreType', 'KEYSTORE_TYPE'),
  'ssl.truststore.location': store('trustStore', 'TRUSTSTORE_PATH'),
  'ssl.truststore.password': store('trustStorePassword', 'TRUSTSTORE_PASSWORD'),
  'ssl.truststore.type': store('trustStoreType', 'TRUSTSTORE_TYPE'),
};

/**
 * Where TLS is asked for, Flume gives Kafka's clients the stores of the whole process (`KafkaSSLUtil`); a login file is
 * what Java has for logins.
 */
export function storesElsewhere(
  properties: ReadonlyMap<string, string>,
): Readonly<Record<string, Elsewhere>> {
  const protocol = properties.get('security.protocol')?.trim().toUpperCase() ?? '';
  return {
    ...(protocol.endsWith('SSL') ? globalStores : {}),
    ...(protocol.startsWith('SASL')
      ? {
          'sasl.jaas.file': {
            property: 'java.security.auth.login.config',
            variable: 'MILLRACE_KAFKA_LOGIN_FILE',
          },
        }
      : {}),
  };
}
