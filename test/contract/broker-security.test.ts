/** Who may speak to the embedded broker, request by request: listeners, TLS and logins by Kafka's rules. */
import { execFileSync } from 'node:child_process';
import { copyFileSync, readFileSync, statSync } from 'node:fs';
import { connect as connectTls } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Broker } from '../../packages/millrace/src/broker/index.ts';
import { scramFile } from '../../packages/millrace/src/broker/security/scram-store.ts';
import { optionsOf } from '../../packages/millrace/src/broker/settings/setting-table.ts';
import { scramClient } from '../../packages/millrace/src/protocol/sasl/scram.ts';
import { credentialOf, saltPassword } from '../../packages/millrace/src/protocol/sasl/scram-server.ts';
import type { Logger } from '../../packages/millrace/src/runtime/logger.ts';
import { tempDir } from '../../packages/testkit/src/files/temp-dir.ts';
import { WireClient } from '../../packages/testkit/src/kafka/wire-client.ts';
import { certificates } from '../../packages/testkit/src/net/certificates.ts';
import { waitFor } from '../../packages/testkit/src/process/wait.ts';

const dir = tempDir('millrace-broker-security-');
const jaas =
  'org.apache.kafka.common.security.plain.PlainLoginModule required user_alice="alice-secret" user_bob="bob-secret";';
const keyFile = dir.join('server.pem');
const properties: [string, string][] = [
  ['listeners', 'PLAINTEXT://127.0.0.1:0,LOGIN://127.0.0.1:0,SSL://127.0.0.1:0'],
  ['advertised.listeners', 'LOGIN://kafka.example:29093'],
  ['listener.security.protocol.map', 'LOGIN:SASL_PLAINTEXT'],
  ['listener.name.login.sasl.enabled.mechanisms', 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512'],
  ['listener.name.login.plain.sasl.jaas.config', jaas],
  ['listener.name.login.plain.connections.max.reauth.ms', '3600000'],
  ['listener.name.login.connection.failed.authentication.delay.ms', '1'],
  ['listener.name.login.sasl.server.max.receive.size', '4096'],
  ['ssl.keystore.location', keyFile],
];
const lines: string[] = [];
const log = (text: string) => void lines.push(text);
const logger = { debug: log, info: log, warn: log, error: log } as unknown as Logger;
let broker: Broker;

beforeAll(async () => {
  copyFileSync(certificates.pem, keyFile);
  broker = await Broker.start({
    ...optionsOf(properties),
    addScram: ['SCRAM-SHA-512=[name=carol,password=carol-secret]'],
    dataDir: dir.join('data'),
    maxIdleMs: 200_000,
    retentionCheckIntervalMs: 100,
    logger,
  } as never);
});
afterAll(async () => {
  await broker.stop();
  dir[Symbol.dispose]();
});

const plainPort = () => broker.ports[0]!;
const loginPort = () => broker.ports[1]!;
const plainToken = (user: string, password: string) => Buffer.from(`\0${user}\0${password}`);

async function loggedIn(user = 'alice', password = `${user}-secret`): Promise<WireClient> {
  const client = await WireClient.connect(loginPort());
  expect((await client.request('saslHandshake', 1, { mechanism: 'PLAIN' })).errorCode).toBe(0);
  const { errorCode } = await client.request('saslAuthenticate', 2, {
    authBytes: plainToken(user, password),
  });
  expect(errorCode).toBe(0);
  return client;
}

describe('each listener', () => {
  test('gives its own address to those that come by it', async () => {
    using plain = await WireClient.connect(plainPort());
    using secure = await loggedIn();
    for (const [client, host, port] of [
      [plain, '127.0.0.1', plainPort()],
      [secure, 'kafka.example', 29_093],
    ] as const) {
      const { brokers } = await client.request('metadata', 12, { topics: [] } as never);
      expect(brokers[0]).toMatchObject({ host, port });
      const cluster = await client.request('describeCluster', 1, {} as never);
      expect(cluster.brokers[0]).toMatchObject({ host, port });
      const found = await client.request('findCoordinator', 4, {
        keyType: 0,
        coordinatorKeys: ['g'],
      } as never);
      expect(found.coordinators[0]).toMatchObject({ host, port });
    }
  });

  test('without SASL knows no login', async () => {
    using client = await WireClient.connect(plainPort());
    expect(await client.request('saslHandshake', 1, { mechanism: 'PLAIN' })).toMatchObject({
      errorCode: 34,
      mechanisms: [],
    });
    expect(
      await client.request('saslAuthenticate', 2, { authBytes: plainToken('alice', 'alice-secret') }),
    ).toMatchObject({ errorCode: 34 });
  });
});

describe('before a login', () => {
  test('ApiVersions is answered, and nothing else', async () => {
    using client = await WireClient.connect(loginPort());
    expect((await client.request('apiVersions', 3, {})).errorCode).toBe(0);
    client.post('metadata', 12, { topics: [] } as never);
    await expect(client.frame()).rejects.toThrow('closed');
    expect(lines.at(-1)).toContain('it has not logged in (SASL)');
  });

  test('between handshake and login only the login is taken', async () => {
    using client = await WireClient.connect(loginPort());
    await client.request('saslHandshake', 1, { mechanism: 'PLAIN' });
    client.post('apiVersions', 3, {});
    await expect(client.frame()).rejects.toThrow('closed');
  });

  test('requests are small; afterwards they may be large', async () => {
    using client = await WireClient.connect(loginPort());
    client.socket.write(Buffer.from('00001001', 'hex'));
    await expect(client.frame()).rejects.toThrow('closed');
    expect(lines.at(-1)).toContain('a frame announces 4097 bytes, 4096 are allowed');
    using secure = await loggedIn();
    const names = Array.from({ length: 500 }, (_, i) => ({
      name: `no-such-topic-${i}`,
      topicId: '00000000-0000-0000-0000-000000000000',
    }));
    const { topics } = await secure.request('metadata', 9, {
      topics: names,
      allowAutoTopicCreation: false,
    } as never);
    expect(topics).toHaveLength(500);
  });

  test('a handshake for what is not enabled is told what is, and the connection ends', async () => {
    using client = await WireClient.connect(loginPort());
    const answer = await client.request('saslHandshake', 1, { mechanism: 'GSSAPI' });
    expect(answer).toEqual({ errorCode: 33, mechanisms: ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] });
    await client.closed;
  });
});

describe('a login', () => {
  test.each([
    [
      'a wrong password',
      plainToken('alice', 'bob-secret'),
      'Authentication failed: Invalid username or password',
    ],
    [
      'an unknown user',
      plainToken('mallory', 'bob-secret'),
      'Authentication failed: Invalid username or password',
    ],
    [
      'a name of Object.prototype',
      plainToken('constructor', 'x'),
      'Authentication failed: Invalid username or password',
    ],
    [
      'another authorization id',
      Buffer.from('bob\0alice\0alice-secret'),
      'an authorization id that is different',
    ],
    ['nothing', Buffer.alloc(0), 'expected 3 tokens'],
  ])('by PLAIN with %s is refused in words, then let go', async (_, authBytes, words) => {
    using client = await WireClient.connect(loginPort());
    await client.request('saslHandshake', 1, { mechanism: 'PLAIN' });
    const answer = await client.request('saslAuthenticate', 2, { authBytes });
    expect(answer).toMatchObject({
      errorCode: 58,
      errorMessage: expect.stringContaining(words),
      authBytes: Buffer.alloc(0),
    });
    await client.closed;
  });

  test('by SCRAM tells who is not known nothing else than a wrong password', async () => {
    const said: unknown[] = [];
    for (const username of ['carol', 'nobody']) {
      using client = await WireClient.connect(loginPort());
      await client.request('saslHandshake', 1, { mechanism: 'SCRAM-SHA-512' });
      const scram = scramClient({ mechanism: 'SCRAM-SHA-512', username, password: 'wrong' });
      const first = await client.request('saslAuthenticate', 2, { authBytes: scram.first() });
      const proof = await scram.next(first.authBytes);
      said.push(await client.request('saslAuthenticate', 2, { authBytes: proof! }));
      await client.closed;
    }
    expect(said[0]).toEqual(said[1]);
    expect(said[0]).toMatchObject({
      errorCode: 58,
      errorMessage: expect.stringContaining('invalid credentials'),
    });
  });

  test('goes on without the headers of requests after a handshake of version 0', async () => {
    using client = await WireClient.connect(loginPort());
    await client.request('saslHandshake', 0, { mechanism: 'PLAIN' });
    const token = plainToken('alice', 'alice-secret');
    const length = Buffer.alloc(4);
    length.writeInt32BE(token.length);
    client.socket.write(Buffer.concat([length, token]));
    expect(await client.frame()).toEqual(Buffer.alloc(0));
    expect((await client.request('metadata', 12, { topics: [] } as never)).brokers).toHaveLength(1);
  });

  test('tells how long it holds; a login anew keeps principal and mechanism (KIP-368)', async () => {
    const begun = performance.now();
    using tooSoon = await loggedIn();
    const { errorCode } = await tooSoon.request('saslHandshake', 1, { mechanism: 'PLAIN' });
    // On a machine that took a second for that, it is not too soon.
    expect(errorCode).toBe(performance.now() - begun < 1000 ? 34 : errorCode);
    const clients = await Promise.all([loggedIn(), loggedIn(), loggedIn()]);
    await new Promise((resolve) => setTimeout(resolve, 1100));
    const again = async (client: WireClient, mechanism: string, authBytes: Buffer) => {
      expect((await client.request('saslHandshake', 1, { mechanism })).errorCode).toBe(0);
      return client.request('saslAuthenticate', 2, { authBytes });
    };
    const [good, other, changed] = clients as [WireClient, WireClient, WireClient];
    expect(await again(good, 'PLAIN', plainToken('alice', 'alice-secret'))).toMatchObject({
      errorCode: 0,
      sessionLifetimeMs: 3_600_000,
    });
    expect((await good.request('metadata', 12, { topics: [] } as never)).brokers).toHaveLength(1);
    expect(await again(other, 'PLAIN', plainToken('bob', 'bob-secret'))).toMatchObject({
      errorCode: 58,
      errorMessage: expect.stringContaining(
        'Cannot change principals during re-authentication from User.alice: User.bob',
      ),
    });
    expect(await again(changed, 'SCRAM-SHA-256', Buffer.from('n,,n=a,r=b'))).toMatchObject({
      errorCode: 58,
      errorMessage: expect.stringContaining("not supported for re-authentication of mechanism 'PLAIN'"),
    });
    for (const client of clients) client[Symbol.dispose]();
  });
});

describe('credentials of SCRAM', () => {
  const mechanism = 2;
  test('are added, shown, used and taken away by requests', async () => {
    using admin = await WireClient.connect(plainPort());
    const salt = Buffer.from('a salt of 16 byt');
    const saltedPassword = await saltPassword('SCRAM-SHA-512', 'dave-secret', salt, 4096);
    const upsertion = { name: 'dave', mechanism, iterations: 4096, salt, saltedPassword };
    const alter = (change: object) =>
      admin.request('alterUserScramCredentials', 0, { deletions: [], upsertions: [], ...change } as never);
    expect((await alter({ upsertions: [upsertion] })).results).toEqual([
      { user: 'dave', errorCode: 0, errorMessage: null },
    ]);
    const described = await admin.request('describeUserScramCredentials', 0, { users: null });
    expect(described.results.map(({ user, credentialInfos }) => [user, credentialInfos])).toEqual([
      ['carol', [{ mechanism, iterations: 4096 }]],
      ['dave', [{ mechanism, iterations: 4096 }]],
    ]);
    const missing = await admin.request('describeUserScramCredentials', 0, {
      users: [{ name: 'eve' }, { name: 'dave' }, { name: 'dave' }],
    });
    expect(missing.results.map(({ user, errorCode }) => [user, errorCode])).toEqual([
      ['eve', 91],
      ['dave', 92],
    ]);
    const kept = readFileSync(dir.join('data', scramFile), 'utf8');
    expect(kept).not.toContain('secret');
    expect(statSync(dir.join('data', scramFile)).mode & 0o077).toBe(0);
    expect(JSON.parse(kept).users.dave['SCRAM-SHA-512'].storedKey).toBe(
      credentialOf('SCRAM-SHA-512', upsertion).storedKey.toString('base64'),
    );
    const faults = await alter({
      deletions: [
        { name: 'eve', mechanism },
        { name: '', mechanism },
      ],
      upsertions: [
        { ...upsertion, name: 'few', iterations: 4095 },
        { ...upsertion, name: 'many', iterations: 16_385 },
        { ...upsertion, name: 'odd', mechanism: 3 },
        { ...upsertion, name: 'twice' },
        { ...upsertion, name: 'twice', mechanism: 1 },
      ],
    });
    expect(faults.results.map(({ user, errorCode }) => [user, errorCode])).toEqual([
      ['eve', 91],
      ['', 93],
      ['few', 93],
      ['many', 93],
      ['odd', 33],
      ['twice', 92],
    ]);
    expect((await alter({ deletions: [{ name: 'dave', mechanism }] })).results[0]!.errorCode).toBe(0);
    expect((await admin.request('describeUserScramCredentials', 0, { users: [] })).results).toHaveLength(1);
  });
});

test('a certificate that is renewed counts from the next connection on', async () => {
  const shown = () =>
    new Promise<string>((resolve, reject) => {
      const socket = connectTls({ port: broker.ports[2]!, host: '127.0.0.1', rejectUnauthorized: false });
      socket.once('secureConnect', () => {
        resolve(socket.getPeerX509Certificate()!.fingerprint256);
        socket.destroy();
      });
      socket.once('error', reject);
    });
  const before = await shown();
  execFileSync(
    'openssl',
    [
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-days',
      '2',
      '-subj',
      '/CN=localhost',
      '-keyout',
      dir.join('k.pem'),
      '-out',
      dir.join('c.pem'),
    ],
    { stdio: 'ignore' },
  );
  const pem = readFileSync(dir.join('k.pem'), 'utf8') + readFileSync(dir.join('c.pem'), 'utf8');
  const { writeFileSync, renameSync } = await import('node:fs');
  writeFileSync(dir.join('new.pem'), 'half a file');
  renameSync(dir.join('new.pem'), keyFile);
  await waitFor(
    'the fault in the log',
    () => lines.some((line) => line.includes('goes on with the certificate that it has')) || null,
  );
  expect(await shown()).toBe(before);
  writeFileSync(dir.join('new.pem'), pem);
  renameSync(dir.join('new.pem'), keyFile);
  await waitFor('the new certificate', async () => (await shown()) !== before || null);
});

test('no secret is in the log', () => {
  expect(lines.join('\n')).toContain('is refused');
  for (const secret of ['alice-secret', 'bob-secret', 'carol-secret', 'dave-secret'])
    expect(lines.join('\n')).not.toContain(secret);
});
