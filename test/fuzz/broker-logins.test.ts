/** Handshakes that no client would do, with SASL and with TLS: nobody gets in, and the broker serves others. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { connect as connectTls } from 'node:tls';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Broker } from '../../packages/millrace/src/broker/index.ts';
import { optionsOf } from '../../packages/millrace/src/broker/settings/setting-table.ts';
import { silentLogger } from '../../packages/millrace/src/runtime/logger.ts';
import { hostileBytes } from '../../packages/testkit/src/fuzz/fuzz-bytes.ts';
import { fuzzRuns } from '../../packages/testkit/src/fuzz/fuzz-runs.ts';
import { WireClient } from '../../packages/testkit/src/kafka/wire-client.ts';
import { certificates } from '../../packages/testkit/src/net/certificates.ts';

const mechanisms = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512', 'OAUTHBEARER'];
let broker: Broker;
/** What the broker logged as its own failure; whatever a client sends, there is none. */
const failures: string[] = [];
const good = Buffer.from('\0alice\0alice-word');

beforeAll(async () => {
  const options = optionsOf([
    ['listeners', 'SASL_PLAINTEXT://127.0.0.1:0,SSL://127.0.0.1:0,SASL_SSL://127.0.0.1:0'],
    ['ssl.keystore.location', certificates.pem],
    ['ssl.truststore.location', certificates.certificate],
    ['listener.name.ssl.ssl.client.auth', 'requested'],
    ['sasl.enabled.mechanisms', mechanisms.join(',')],
    ['connection.failed.authentication.delay.ms', '0'],
    ...['sasl_plaintext', 'sasl_ssl'].flatMap((name): [string, string][] => [
      [
        `listener.name.${name}.plain.sasl.jaas.config`,
        'o.PlainLoginModule required user_alice="alice-word";',
      ],
      [`listener.name.${name}.oauthbearer.sasl.oauthbearer.jwks.endpoint.url`, 'file:///nowhere/keys.json'],
    ]),
  ]);
  const logger = { ...silentLogger, error: (text: string) => void failures.push(text) };
  broker = await Broker.start({ ...options, addScram: ['SCRAM-SHA-256=[name=alice,password=x]'], logger });
});
afterAll(() => broker.stop());

async function isServing(): Promise<void> {
  using client = await WireClient.connect(broker.ports[0]!);
  await client.request('saslHandshake', 1, { mechanism: 'PLAIN' });
  expect((await client.request('saslAuthenticate', 2, { authBytes: good })).errorCode).toBe(0);
  expect((await client.request('metadata', 9, { topics: [] })).brokers).toHaveLength(1);
  expect(failures).toEqual([]);
}

const messages = [
  ...[
    '\0alice\0alice',
    'alice\0\0',
    '\0\0\0',
    'n,,n=alice,r=abc',
    'n,a=bob,n=alice,r=abc,tokenauth=true',
    'y,,m=1,n=a,r=b',
  ],
  ...[
    'c=biws,r=abc,p=AAAA',
    'n,,\x01auth=Bearer a.b.c\x01\x01',
    'n,,\x01auth=Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbGljZSIsImV4cCI6OTk5OTk5OTk5OX0.\x01\x01',
    '\x01',
  ],
].map((text) => Buffer.from(text));
const token = fc
  .oneof(fc.constantFrom(...messages), hostileBytes(messages))
  .filter((bytes) => !bytes.equals(good));
const step = fc.oneof(
  fc.record({
    kind: fc.constant('handshake' as const),
    mechanism: fc.constantFrom(...mechanisms, 'GSSAPI', ''),
    version: fc.constantFrom(0, 1),
  }),
  fc.record({ kind: fc.constant('token' as const), bytes: token, version: fc.constantFrom(0, 1, 2) }),
  fc.record({ kind: fc.constant('raw' as const), bytes: token }),
  fc.record({
    kind: fc.constant('login' as const),
    mechanism: fc.constantFrom(...mechanisms),
    bytes: fc.array(token, { minLength: 1, maxLength: 3 }),
  }),
  fc.record({ kind: fc.constant('versions' as const) }),
);

test('no steps of a login but the right ones open the broker', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 6 }), async (steps) => {
      using client = await WireClient.connect(broker.ports[0]!);
      for (const each of steps) {
        if (each.kind === 'handshake')
          client.post('saslHandshake', each.version, { mechanism: each.mechanism });
        else if (each.kind === 'token')
          client.post('saslAuthenticate', each.version, { authBytes: each.bytes });
        else if (each.kind === 'login') {
          client.post('saslHandshake', 1, { mechanism: each.mechanism });
          for (const authBytes of each.bytes) client.post('saslAuthenticate', 2, { authBytes });
        } else if (each.kind === 'versions') client.post('apiVersions', 3, {});
        else {
          const length = Buffer.alloc(4);
          length.writeInt32BE(each.bytes.length);
          client.socket.write(Buffer.concat([length, each.bytes]));
        }
      }
      const last = client.post('metadata', 9, { topics: [] });
      client.socket.end();
      const answers: number[] = [];
      for (;;) {
        const frame = await client.frame().catch(() => null);
        if (frame === null) break;
        if (frame.length >= 4) answers.push(frame.readInt32BE(0));
      }
      expect(answers).not.toContain(last);
    }),
    fuzzRuns(600, 0.4),
  );
  await isServing();
});

test('no message but the right one is a login', async () => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...mechanisms), token, async (mechanism, authBytes) => {
      using client = await WireClient.connect(broker.ports[0]!);
      await client.request('saslHandshake', 1, { mechanism });
      const { errorCode } = await client.request('saslAuthenticate', 2, { authBytes });
      // Of SCRAM the first of two messages may be right.
      if (errorCode !== 0) await client.closed;
      else {
        client.post('metadata', 9, { topics: [] });
        await expect(client.frame()).rejects.toThrow('closed');
      }
    }),
    fuzzRuns(600, 0.2),
  );
  await isServing();
});

/** What a client of TLS says first. */
async function clientHello(): Promise<Buffer> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connectTls({ port: (server.address() as AddressInfo).port, host: '127.0.0.1' });
  client.on('error', () => {});
  const [socket] = await once(server, 'connection');
  const [hello] = await once(socket, 'data');
  socket.destroy();
  client.destroy();
  server.close();
  return hello as Buffer;
}

test('hellos of TLS that are cut, changed or none leave nothing behind', async () => {
  const hello = await clientHello();
  await fc.assert(
    fc.asyncProperty(hostileBytes([hello]), fc.constantFrom(1, 2), fc.boolean(), (bytes, at, isCut) => {
      return new Promise<void>((resolve) => {
        const socket = connect({ port: broker.ports[at]!, host: '127.0.0.1' }, () => {
          if (isCut) socket.write(bytes, () => socket.resetAndDestroy());
          else socket.end(bytes);
        });
        socket.on('error', () => {});
        socket.on('close', () => resolve());
        socket.resume();
      });
    }),
    fuzzRuns(400, 0.3),
  );
  for (const at of [1, 2]) {
    const socket = connectTls({ port: broker.ports[at]!, host: '127.0.0.1', rejectUnauthorized: false });
    await once(socket, 'secureConnect');
    socket.destroy();
  }
  await isServing();
});
