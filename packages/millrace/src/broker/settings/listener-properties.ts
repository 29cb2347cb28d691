import { JaasError, parseJaas } from '../../clients/kafka/security/jaas.ts';
import { nearest } from '../../config/nearest.ts';
import { allowedProtocols, allowedSuites, knownProtocols } from '../../net/tls/restrictions.ts';
import {
  type ListenerSasl,
  type ListenerSettings,
  type ListenerTls,
  type SecurityProtocol,
  type ServerMechanism,
  type StoreFile,
  securityProtocols,
  serverMechanisms,
  type TokenRules,
} from './listener-settings.ts';
import { invalidProperty, type ServerProperties } from './server-properties.ts';

interface Address {
  readonly name: string;
  readonly host: string;
  readonly port: number;
}

/** Before what is of one listener alone; its name follows in small letters. */
export const listenerPrefix = 'listener.name.';
export const plainUsersKey = 'plain.sasl.jaas.config';
/** What is asked below for a listener. */
export const listenerPropertyNames: readonly string[] = [
  ...['location', 'password', 'type', 'key', 'certificate.chain'].map((each) => `ssl.keystore.${each}`),
  ...['location', 'password', 'type', 'certificates'].map((each) => `ssl.truststore.${each}`),
  'ssl.key.password',
  'ssl.client.auth',
  'ssl.principal.mapping.rules',
  'ssl.enabled.protocols',
  'ssl.cipher.suites',
  'sasl.enabled.mechanisms',
  'sasl.server.max.receive.size',
  'connections.max.reauth.ms',
  'connection.failed.authentication.delay.ms',
  'sasl.oauthbearer.jwks.endpoint.url',
  'sasl.oauthbearer.jwks.endpoint.refresh.ms',
  'sasl.oauthbearer.expected.issuer',
  'sasl.oauthbearer.expected.audience',
  'sasl.oauthbearer.sub.claim.name',
  'sasl.oauthbearer.clock.skew.seconds',
];

/** `listeners` and all that belongs to them. Throws `CONFIG_INVALID` with the key that is wrong. */
export function listenersFrom(properties: ServerProperties): readonly ListenerSettings[] {
  const controllers = namesOf(properties.text('controller.listener.names'));
  const protocols = protocolsFrom(properties);
  const isOurs = ({ name }: Address) => !controllers.has(name);
  const addresses = addressesOf('listeners', properties.text('listeners') ?? 'PLAINTEXT://:9092').filter(
    isOurs,
  );
  checkNames(properties, [...protocols.keys(), ...controllers]);
  if (addresses.length === 0)
    throw invalidProperty('listeners', 'has no listener for clients', 'Name one that is not of controllers.');
  const told = addressesOf('advertised.listeners', properties.text('advertised.listeners') ?? '');
  for (const { name } of told) {
    if (!addresses.some((address) => address.name === name) && !controllers.has(name))
      throw unknownListener('advertised.listeners', name, addresses);
  }
  return addresses.map(({ name, host, port }) => {
    const protocol = protocols.get(name);
    if (protocol === undefined)
      throw invalidProperty(
        'listener.security.protocol.map',
        `has nothing for the listener ${name}`,
        `Add ${name}:SASL_SSL, or what it is to speak.`,
      );
    const advertised = told.find((address) => address.name === name);
    if (advertised?.host === '' || advertised?.host === '0.0.0.0')
      throw invalidProperty(
        'advertised.listeners',
        `${name} has no address that clients could reach`,
        'Give the name or address of this machine as they see it.',
      );
    const own = properties.below(prefixOf(name));
    return {
      name,
      protocol,
      host: host === '' ? '0.0.0.0' : host,
      port,
      ...(advertised === undefined ? {} : { advertised: { host: advertised.host, port: advertised.port } }),
      ...(protocol.endsWith('SSL') ? { tls: tlsFrom(own, name, protocol === 'SASL_SSL') } : {}),
      ...(protocol.startsWith('SASL') ? { sasl: saslFrom(own, name) } : {}),
    };
  });
}

/** `NAME://HOST:PORT`, the form of Kafka's lists. Host '' is every address. */
function addressesOf(key: string, text: string): Address[] {
  const found: Address[] = [];
  for (const part of listOf(text)) {
    const match = /^([\w.-]+):\/\/(?:\[([0-9a-fA-F:.%]+)\]|([^:/]*)):(\d{1,5})$/.exec(part);
    const port = Number(match?.[4]);
    if (match === null || port > 65_535)
      throw invalidProperty(key, `'${part}' is not NAME://HOST:PORT`, 'Write it as SASL_SSL://0.0.0.0:9093.');
    const name = match[1]!.toUpperCase();
    if (found.some((each) => each.name === name))
      throw invalidProperty(
        key,
        `has ${name} twice`,
        'Give each listener a name of its own, and say what it speaks in listener.security.protocol.map.',
      );
    if (
      port !== 0 &&
      key === 'listeners' &&
      found.some((each) => each.port === port && each.host === (match[2] ?? match[3]))
    )
      throw invalidProperty(key, `has port ${port} twice`, 'Give each listener a port of its own.');
    found.push({ name, host: match[2] ?? match[3] ?? '', port });
  }
  return found;
}

const prefixOf = (name: string): string => `${listenerPrefix}${name.toLowerCase()}.`;

/** What is set for a listener of a wrong name would be of none: `ssl.client.auth` would ask nobody. */
function checkNames(properties: ServerProperties, names: readonly string[]): void {
  for (const key of properties.keys()) {
    if (!key.startsWith(listenerPrefix) || names.some((name) => key.startsWith(prefixOf(name)))) continue;
    const written = key.slice(listenerPrefix.length).replace(/\..*/s, '');
    const small = names.map((name) => name.toLowerCase());
    const near =
      small.find((name) => name === written.toLowerCase()) ?? nearest(written.toLowerCase(), small);
    throw invalidProperty(
      key,
      `there is no listener ${written}`,
      near === undefined
        ? 'Name it in listeners and listener.security.protocol.map, or leave this out.'
        : `Did you mean ${listenerPrefix}${near}? Names are in small letters there.`,
    );
  }
}

/** Each protocol is also the name of a listener that speaks it. */
function protocolsFrom(properties: ServerProperties): ReadonlyMap<string, SecurityProtocol> {
  const key = 'listener.security.protocol.map';
  const protocols = new Map<string, SecurityProtocol>(securityProtocols.map((each) => [each, each]));
  for (const part of listOf(properties.text(key) ?? '')) {
    const [name = '', word = ''] = part.split(':').map((each) => each.trim().toUpperCase());
    const protocol = securityProtocols.find((each) => each === word);
    if (protocol === undefined) {
      const near = nearest(word, securityProtocols);
      throw invalidProperty(
        key,
        `'${part}' is not NAME:PROTOCOL, the protocol one of ${securityProtocols.join(', ')}`,
        near === undefined ? undefined : `Did you mean ${name}:${near}?`,
      );
    }
    protocols.set(name, protocol);
  }
  return protocols;
}

/** With SASL, certificates of clients are asked for where the listener itself says so alone (KIP-684). */
function tlsFrom(own: ServerProperties, name: string, hasSasl: boolean): ListenerTls {
  const at = `listener ${name}: `;
  const clientAuth =
    (hasSasl ? own.onlyHere() : own).oneOf('ssl.client.auth', ['none', 'requested', 'required'] as const) ??
    'none';
  const protocols = listOf(own.text('ssl.enabled.protocols') ?? '');
  const cipherSuites = listOf(own.text('ssl.cipher.suites') ?? '');
  const restrictions = {
    includeProtocols: protocols,
    excludeProtocols: [],
    includeSuites: cipherSuites,
    excludeSuites: [],
  };
  if (allowedSuites(restrictions).length === 0)
    throw invalidProperty(
      'ssl.cipher.suites',
      `${at}no cipher suite is left that could be used`,
      'Allow TLS_AES_128_GCM_SHA256.',
    );
  if (allowedProtocols(restrictions).length === 0)
    throw invalidProperty(
      'ssl.enabled.protocols',
      `${at}none of ${protocols.join(', ')} can be used; known are ${knownProtocols.join(', ')}`,
      'Allow TLSv1.3.',
    );
  const trustPem = own.text('ssl.truststore.certificates');
  const trustFile = storeOf(own, 'truststore');
  const trustStore = trustPem === undefined ? trustFile : { pem: trustPem };
  return {
    keyStore: keyStoreOf(own, at),
    ...(trustStore === undefined ? {} : { trustStore }),
    clientAuth,
    principalRules: own.text('ssl.principal.mapping.rules') ?? 'DEFAULT',
    protocols,
    cipherSuites,
  };
}

function keyStoreOf(own: ServerProperties, at: string): ListenerTls['keyStore'] {
  const file = storeOf(own, 'keystore');
  const keyPassword = own.secret('ssl.key.password');
  const key = own.secret('ssl.keystore.key');
  const certificates = own.text('ssl.keystore.certificate.chain');
  if (key !== undefined && certificates !== undefined)
    return { certificates, key, ...(keyPassword === undefined ? {} : { password: keyPassword }) };
  if (file === undefined)
    throw invalidProperty(
      'ssl.keystore.location',
      `${at}TLS needs the broker's key and certificate`,
      'Name a PKCS12 or PEM file in ssl.keystore.location.',
    );
  return { path: file.path, password: file.password ?? keyPassword };
}

function storeOf(own: ServerProperties, store: 'keystore' | 'truststore'): StoreFile | undefined {
  const path = own.text(`ssl.${store}.location`);
  const password = own.secret(`ssl.${store}.password`);
  own.oneOf(`ssl.${store}.type`, ['jks', 'pkcs12', 'pem'] as const);
  return path === undefined || path === '' ? undefined : { path, password };
}

function saslFrom(own: ServerProperties, name: string): ListenerSasl {
  const mechanisms = listOf(own.text('sasl.enabled.mechanisms') ?? '').map((word) => mechanismOf(word));
  if (mechanisms.length === 0)
    throw invalidProperty(
      'sasl.enabled.mechanisms',
      `listener ${name}: none is there (GSSAPI, Kafka's default, is not built)`,
      'Write sasl.enabled.mechanisms=SCRAM-SHA-512.',
    );
  const maxReauthMs: Partial<Record<ServerMechanism, number>> = {};
  for (const mechanism of mechanisms) {
    const ms = own.below(`${mechanism.toLowerCase()}.`).whole('connections.max.reauth.ms', 0);
    if (ms !== undefined && ms > 0) maxReauthMs[mechanism] = ms;
  }
  return {
    mechanisms,
    plainUsers: mechanisms.includes('PLAIN') ? plainUsers(own, name) : {},
    ...(mechanisms.includes('OAUTHBEARER') ? { tokens: tokenRules(own, name) } : {}),
    maxReauthMs,
    maxReceiveBytes: own.whole('sasl.server.max.receive.size', 1024, 0x7fff_ffff) ?? 524_288,
    failureDelayMs: own.whole('connection.failed.authentication.delay.ms', 0, 60_000) ?? 100,
  };
}

function mechanismOf(word: string): ServerMechanism {
  const mechanism = serverMechanisms.find((each) => each === word.toUpperCase());
  if (mechanism !== undefined) return mechanism;
  throw invalidProperty(
    'sasl.enabled.mechanisms',
    `'${word}' is none of ${serverMechanisms.join(', ')}`,
    word.toUpperCase() === 'GSSAPI'
      ? 'Kerberos is not built; have clients log in with SCRAM-SHA-512.'
      : undefined,
  );
}

/** Without keys Kafka takes tokens that nobody has signed; here it is told. */
function tokenRules(listener: ServerProperties, name: string): TokenRules {
  const own = listener.below('oauthbearer.');
  const key = 'sasl.oauthbearer.jwks.endpoint.url';
  const keysUrl = own.text(key) ?? '';
  if (!['https:', 'http:', 'file:'].includes(URL.parse(keysUrl)?.protocol ?? ''))
    throw invalidProperty(
      `listener.name.${name.toLowerCase()}.oauthbearer.${key}`,
      'OAUTHBEARER needs the keys that sign its tokens; unsigned tokens are not taken',
      'Name a JWKS by an https: or file: URL.',
    );
  return {
    keysUrl,
    refreshMs: own.whole('sasl.oauthbearer.jwks.endpoint.refresh.ms', 1) ?? 3_600_000,
    issuer: own.text('sasl.oauthbearer.expected.issuer'),
    audience: listOf(own.text('sasl.oauthbearer.expected.audience') ?? ''),
    subjectClaim: own.text('sasl.oauthbearer.sub.claim.name') ?? 'sub',
    clockSkewMs: 1000 * (own.whole('sasl.oauthbearer.clock.skew.seconds', 0, 86_400) ?? 30),
  };
}

/** Kafka's `PlainServerCallbackHandler`: the options `user_NAME` of the login module. */
function plainUsers(own: ServerProperties, name: string): Record<string, string> {
  const key = plainUsersKey;
  const text = own.secret(key);
  const where = `listener.name.${name.toLowerCase()}.${key}`;
  const remedy = `Write ${where}=org.apache.kafka.common.security.plain.PlainLoginModule required user_alice="PASSWORD";`;
  if (text === undefined) throw invalidProperty(where, 'is not there, and PLAIN is enabled', remedy);
  try {
    const { options, loginModule } = parseJaas(text);
    if (loginModule !== 'PlainLoginModule') throw new JaasError('the login module is none of PLAIN');
    const users = [...options].flatMap(([option, password]) => {
      return option.startsWith('user_') ? [[option.slice('user_'.length), password] as const] : [];
    });
    return Object.fromEntries(users);
  } catch (error) {
    if (error instanceof JaasError) throw invalidProperty(where, error.message, remedy);
    throw error;
  }
}

function unknownListener(key: string, name: string, addresses: readonly Address[]): Error {
  const names = addresses.map((each) => each.name);
  const near = nearest(name, names);
  return invalidProperty(key, `there is no listener ${name}`, `Did you mean ${near ?? names.join(' or ')}?`);
}

const namesOf = (text: string | undefined): ReadonlySet<string> =>
  new Set(listOf(text ?? '').map((name) => name.toUpperCase()));

export function listOf(text: string): string[] {
  return text.split(',').flatMap((each) => (each.trim() === '' ? [] : [each.trim()]));
}
