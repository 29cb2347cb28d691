import { expect, test } from 'vitest';
import { optionsOf } from './setting-table.ts';

const listeners = (properties: Record<string, string>) => optionsOf(Object.entries(properties)).listeners;
const plain = (password: string) => `a.b.PlainLoginModule required username="x" user_alice="${password}";`;

test('listeners, where they are advertised, and what is theirs alone, by the names of Kafka', () => {
  const found = listeners({
    listeners: 'inside://[::1]:9092, OUTSIDE://:9093,CONTROLLER://:9094',
    'advertised.listeners': 'OUTSIDE://kafka.example:19093,INSIDE://[fe80::1]:9092',
    'controller.listener.names': 'CONTROLLER',
    'listener.security.protocol.map': 'INSIDE:PLAINTEXT,OUTSIDE:SASL_SSL,CONTROLLER:PLAINTEXT',
    'sasl.enabled.mechanisms': 'SCRAM-SHA-512',
    'listener.name.outside.sasl.enabled.mechanisms': 'plain, scram-sha-256',
    'listener.name.outside.plain.sasl.jaas.config': plain(' s p'),
    'connections.max.reauth.ms': '5000',
    'listener.name.outside.plain.connections.max.reauth.ms': '7000',
    'ssl.keystore.location': '/global.p12',
    'listener.name.outside.ssl.keystore.location': '/own.p12',
    'ssl.keystore.password': ' word',
    'ssl.client.auth': 'requested',
    'listener.name.outside.ssl.client.auth': 'REQUIRED',
  });
  expect(found).toEqual([
    {
      name: 'INSIDE',
      protocol: 'PLAINTEXT',
      host: '::1',
      port: 9092,
      advertised: { host: 'fe80::1', port: 9092 },
    },
    {
      name: 'OUTSIDE',
      protocol: 'SASL_SSL',
      host: '0.0.0.0',
      port: 9093,
      advertised: { host: 'kafka.example', port: 19_093 },
      tls: {
        keyStore: { path: '/own.p12', password: ' word' },
        clientAuth: 'required',
        principalRules: 'DEFAULT',
        protocols: [],
        cipherSuites: [],
      },
      sasl: {
        mechanisms: ['PLAIN', 'SCRAM-SHA-256'],
        plainUsers: { alice: ' s p' },
        maxReauthMs: { PLAIN: 7000, 'SCRAM-SHA-256': 5000 },
        maxReceiveBytes: 524_288,
        failureDelayMs: 100,
      },
    },
  ]);
});

test('with SASL, certificates of clients are asked for where the listener itself says so alone (KIP-684)', () => {
  const [tls, both] = listeners({
    listeners: 'SSL://:1,SASL_SSL://:2',
    'ssl.client.auth': 'required',
    'ssl.keystore.location': '/k.p12',
    'sasl.enabled.mechanisms': 'SCRAM-SHA-256',
  })!;
  expect([tls!.tls!.clientAuth, both!.tls!.clientAuth]).toEqual(['required', 'none']);
});

const sasl = { listeners: 'SASL_PLAINTEXT://:9092' };
test.each<[string, Record<string, string>, string, string]>([
  ['no address', { listeners: 'PLAINTEXT:9092' }, "listeners: 'PLAINTEXT:9092' is not NAME://HOST:PORT", ''],
  ['a name twice', { listeners: 'PLAINTEXT://:1,PLAINTEXT://:2' }, 'has PLAINTEXT twice', ''],
  ['a port twice', { listeners: 'PLAINTEXT://:1,SSL://:1' }, 'has port 1 twice', ''],
  ['an unknown name', { listeners: 'HOST://:1' }, 'has nothing for the listener HOST', 'HOST:SASL_SSL'],
  [
    'an unknown protocol',
    { listeners: 'H://:1', 'listener.security.protocol.map': 'H:SASL_SLS' },
    "'H:SASL_SLS'",
    'Did you mean H:SASL_SSL?',
  ],
  [
    'an unknown listener',
    { listeners: 'SSL://:1', 'advertised.listeners': 'SSS://a:1' },
    'there is no listener SSS',
    'Did you mean SSL?',
  ],
  [
    'every address advertised',
    { listeners: 'PLAINTEXT://:1', 'advertised.listeners': 'PLAINTEXT://:1' },
    'no address that clients could reach',
    '',
  ],
  [
    'controllers alone',
    { listeners: 'CONTROLLER://:1', 'controller.listener.names': 'CONTROLLER' },
    'no listener for clients',
    '',
  ],
  ['no key', { listeners: 'SSL://:1' }, "TLS needs the broker's key", 'ssl.keystore.location'],
  ['no mechanism', sasl, 'sasl.enabled.mechanisms: listener SASL_PLAINTEXT: none', 'SCRAM-SHA-512'],
  [
    'Kerberos',
    { ...sasl, 'sasl.enabled.mechanisms': 'GSSAPI' },
    "'GSSAPI' is none of",
    'Kerberos is not built',
  ],
  [
    'no passwords',
    { ...sasl, 'sasl.enabled.mechanisms': 'PLAIN' },
    'listener.name.sasl_plaintext.plain.sasl.jaas.config: is not there',
    'user_alice',
  ],
  [
    'broken passwords',
    {
      ...sasl,
      'sasl.enabled.mechanisms': 'PLAIN',
      'listener.name.sasl_plaintext.plain.sasl.jaas.config': plain('hush').slice(0, -1),
    },
    'the ; at its end is missing',
    '',
  ],
  [
    'no keys of tokens',
    { ...sasl, 'sasl.enabled.mechanisms': 'OAUTHBEARER' },
    'unsigned tokens are not taken',
    'JWKS',
  ],
  [
    'a strange number',
    { ...sasl, 'sasl.enabled.mechanisms': 'SCRAM-SHA-256', 'connections.max.reauth.ms': '1s' },
    "'1s' is not a whole number",
    '',
  ],
  [
    'a strange choice',
    { listeners: 'SSL://:1', 'ssl.client.auth': 'require', 'ssl.keystore.location': 'x' },
    "ssl.client.auth: 'require' is none of",
    'Did you mean required?',
  ],
])('%s is told with the key and what to do', (_, properties, message, remedy) => {
  const error = (() => {
    try {
      return listeners(properties);
    } catch (thrown) {
      return thrown;
    }
  })();
  expect(error).toMatchObject({
    code: 'CONFIG_INVALID',
    message: expect.stringContaining(message),
    remedy: expect.stringContaining(remedy),
  });
  expect(JSON.stringify(error) + String(error)).not.toContain('hush');
});

test.each([
  ['ssl.client.auht', 'required', 'USAGE', 'Did you mean ssl.client.auth?'],
  ['listener.name.ssl.ssl.client.auht', 'required', 'USAGE', 'Did you mean ssl.client.auth?'],
  ['sasl.oauthbearer.expected.audiense', 'me', 'USAGE', 'Did you mean sasl.oauthbearer.expected.audience?'],
  [
    'listener.name.sls.ssl.client.auth',
    'required',
    'CONFIG_INVALID',
    'Did you mean listener.name.ssl? Names are in small letters there.',
  ],
  [
    'listener.name.SSL.ssl.client.auth',
    'required',
    'CONFIG_INVALID',
    'Did you mean listener.name.ssl? Names are in small letters there.',
  ],
])('%s is not passed over in silence', (name, value, code, remedy) => {
  const properties = { listeners: 'SSL://:1', 'ssl.keystore.location': '/k.p12', [name]: value };
  expect(() => listeners(properties)).toThrow(expect.objectContaining({ code, remedy }));
});

test('what is set for listeners of controllers, and for protocols that nobody listens on, is no fault', () => {
  const found = listeners({
    listeners: 'PLAINTEXT://:1,CONTROLLER://:2',
    'controller.listener.names': 'CONTROLLER',
    'listener.name.controller.ssl.client.auth': 'required',
    'listener.name.sasl_ssl.ssl.client.auth': 'required',
  });
  expect(found).toHaveLength(1);
});
