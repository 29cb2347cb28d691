import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { consumerOptionsFrom, producerProperties } from './properties.ts';

const read = (properties: Record<string, string>) => consumerOptionsFrom(new Map(Object.entries(properties)));
const jaas = (module: string, options = 'username="alice" password="S3CRET"') =>
  `org.apache.kafka.common.security.${module} required ${options};`;
const scram = {
  'security.protocol': 'SASL_SSL',
  'sasl.mechanism': 'SCRAM-SHA-512',
  'sasl.jaas.config': jaas('scram.ScramLoginModule'),
};

describe('security.protocol', () => {
  it('is plain text by default, and then nothing of the rest counts', () => {
    expect(read({}).client.security).toBeUndefined();
    expect(read({ 'security.protocol': 'plaintext' }).client.security).toBeUndefined();
    const { problems } = read({ 'ssl.truststore.location': '/t', 'sasl.mechanism': 'PLAIN' });
    expect(problems).toEqual([
      {
        key: 'ssl.truststore.location',
        message: expect.stringContaining('TLS needs another security.protocol'),
      },
      { key: 'sasl.mechanism', message: expect.stringContaining('a login needs another security.protocol') },
    ]);
  });

  it('gives TLS with host names checked, as Kafka does', () => {
    const { client, problems } = read({
      'security.protocol': 'SSL',
      'ssl.truststore.location': '/t',
      'ssl.truststore.password': 'S3CRET',
    });
    expect(problems).toEqual([]);
    expect(client.security).toMatchObject({ tls: { checkHostName: true, trustStore: { path: '/t' } } });
    expect(client.security?.sasl).toBeUndefined();
    expect(
      read({ 'security.protocol': 'SSL', 'ssl.endpoint.identification.algorithm': '' }).client.security?.tls
        ?.checkHostName,
    ).toBe(false);
  });

  it.each(['true', 'TRUE', 'false', ''])(
    'leaves host names alone where Flume’s own property says %s',
    (text) => {
      const { client, problems } = read({
        'security.protocol': 'SSL',
        'ssl.disableTLSHostnameVerification': text,
      });
      expect([problems, client.security?.tls?.checkHostName]).toEqual([[], text.toLowerCase() !== 'true']);
    },
  );

  it('shows no secret of what it has read', () => {
    const { client } = read({
      ...scram,
      'ssl.key.password': 'S3CRET',
      'ssl.keystore.location': '/k',
      'ssl.keystore.password': 'S3CRET',
    });
    expect(client.security?.sasl).toMatchObject({ mechanism: 'SCRAM-SHA-512' });
    for (const shown of [JSON.stringify(client), inspect(client, { depth: 9 })])
      expect(shown).not.toContain('S3CRET');
  });

  it.each<[what: string, properties: Record<string, string>, key: string, text: RegExp]>([
    ['a protocol that is none', { 'security.protocol': 'SLS' }, 'security.protocol', /none of plaintext/],
    [
      'Kerberos',
      { 'security.protocol': 'SASL_SSL', 'sasl.mechanism': 'GSSAPI' },
      'sasl.mechanism',
      /Kerberos/,
    ],
    ['Kerberos by default', { 'security.protocol': 'SASL_PLAINTEXT' }, 'security.protocol', /Kerberos/],
    ['a mechanism that is none', { ...scram, 'sasl.mechanism': 'SCRAM-SHA-1' }, 'sasl.mechanism', /none of/],
    ['no login entry', { ...scram, 'sasl.jaas.config': '' }, 'sasl.jaas.config', /login module is missing/],
    [
      'no login at all',
      { 'security.protocol': 'SASL_SSL', 'sasl.mechanism': 'PLAIN' },
      'sasl.mechanism',
      /needs sasl\.jaas\.config/,
    ],
    [
      'the module of another mechanism',
      { ...scram, 'sasl.mechanism': 'PLAIN' },
      'sasl.jaas.config',
      /ScramLoginModule is not the login module of PLAIN/,
    ],
    [
      'half a login',
      { ...scram, 'sasl.jaas.config': jaas('scram.ScramLoginModule', 'username="a"') },
      'sasl.jaas.config',
      /password missing/,
    ],
    [
      'a type of store',
      { 'security.protocol': 'SSL', 'ssl.truststore.type': 'BKS' },
      'ssl.truststore.type',
      /none of JKS/,
    ],
    [
      'certificates and a file',
      {
        'security.protocol': 'SSL',
        'ssl.truststore.type': 'PEM',
        'ssl.truststore.location': '/t',
        'ssl.truststore.certificates': 'x',
      },
      'ssl.truststore.location',
      /is there, too/,
    ],
    [
      'certificates of another type',
      { 'security.protocol': 'SSL', 'ssl.truststore.certificates': 'x' },
      'ssl.truststore.certificates',
      /ssl\.truststore\.type=PEM/,
    ],
    [
      'half a keystore',
      { 'security.protocol': 'SSL', 'ssl.keystore.type': 'PEM', 'ssl.keystore.certificate.chain': 'x' },
      'ssl.keystore.certificate.chain',
      /ssl\.keystore\.key/,
    ],
    [
      'the other half',
      { 'security.protocol': 'SSL', 'ssl.keystore.key': 'S3CRET' },
      'ssl.keystore.key',
      /certificate\.chain/,
    ],
    [
      'old protocols alone',
      { 'security.protocol': 'SSL', 'ssl.enabled.protocols': 'TLSv1.1' },
      'ssl.enabled.protocols',
      /none of TLSv1\.1 can be used/,
    ],
    [
      'suites that nobody has',
      { 'security.protocol': 'SSL', 'ssl.cipher.suites': 'TLS_RSA_WITH_NULL_MD5' },
      'ssl.cipher.suites',
      /no cipher suite/,
    ],
    [
      'a look at names that is none',
      { 'security.protocol': 'SSL', 'ssl.endpoint.identification.algorithm': 'ldaps' },
      'ssl.endpoint.identification.algorithm',
      /neither https nor empty/,
    ],
    [
      'an endpoint that is none',
      {
        'security.protocol': 'SASL_SSL',
        'sasl.mechanism': 'OAUTHBEARER',
        'sasl.oauthbearer.token.endpoint.url': 'issuer',
      },
      'sasl.oauthbearer.token.endpoint.url',
      /neither/,
    ],
  ])('%s keeps the client from starting', (_, properties, key, text) => {
    const { problems } = read(properties);
    expect(problems).toContainEqual(
      expect.objectContaining({ key, fatal: true, message: expect.stringMatching(text) }),
    );
    expect(JSON.stringify(problems)).not.toContain('S3CRET');
  });

  it('loads no class that a configuration names', () => {
    const { problems } = read({ ...scram, 'sasl.client.callback.handler.class': 'org.example.Handler' });
    expect(problems).toEqual([
      { key: 'sasl.client.callback.handler.class', message: expect.stringContaining('never become code') },
    ]);
  });

  it('says of Kerberos’s own properties why they do nothing', () => {
    const { problems } = read({ ...scram, 'sasl.kerberos.service.name': 'kafka' });
    expect(problems).toEqual([
      { key: 'sasl.kerberos.service.name', message: 'has no effect: Kerberos is not built' },
    ]);
  });

  it('takes the stores of the process where TLS is asked for, and its login file where a login is', () => {
    const named = (properties: Record<string, string>) =>
      Object.values(producerProperties.elsewhere!(new Map(Object.entries(properties)))).map(
        ({ property }) => property,
      );
    expect(named({})).toEqual([]);
    expect(named({ 'security.protocol': 'SSL' })).toContain('javax.net.ssl.trustStore');
    expect(named({ 'security.protocol': 'SASL_PLAINTEXT' })).toEqual(['java.security.auth.login.config']);
    expect(named({ 'security.protocol': 'sasl_ssl' })).toHaveLength(7);
  });
});
