/** Who a client of the embedded broker is by its certificate (ssl.client.auth), and what it may do then. */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:tls';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Broker } from '../../packages/millrace/src/broker/index.ts';
import { optionsOf } from '../../packages/millrace/src/broker/settings/setting-table.ts';
import { Admin } from '../../packages/millrace/src/clients/kafka/admin/admin.ts';
import { KafkaClient } from '../../packages/millrace/src/clients/kafka/client.ts';
import { consumerOptionsFrom } from '../../packages/millrace/src/clients/kafka/settings/properties.ts';
import { tempDir } from '../../packages/testkit/src/files/temp-dir.ts';
import { certificates } from '../../packages/testkit/src/net/certificates.ts';
import { waitFor } from '../../packages/testkit/src/process/wait.ts';

const dir = tempDir('millrace-certificates-');
let broker: Broker;

function openssl(...args: string[]): void {
  execFileSync('openssl', args, { stdio: 'ignore' });
}
/** `NAME.pem` with key and certificate; signed by `signer`, or by itself. */
function certificate(name: string, subject: string, signer?: string): void {
  const [key, csr, cert] = ['key', 'csr', 'cert'].map((end) => dir.join(`${name}.${end}`)) as [
    string,
    string,
    string,
  ];
  const fresh = [
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-subj',
    subject,
    '-keyout',
    key,
  ];
  if (signer === undefined) openssl('req', '-x509', ...fresh, '-days', '2', '-out', cert);
  else {
    openssl('req', ...fresh, '-out', csr);
    const by = ['-CA', dir.join(`${signer}.cert`), '-CAkey', dir.join(`${signer}.key`), '-CAcreateserial'];
    openssl('x509', '-req', '-in', csr, ...by, '-days', '2', '-out', cert);
  }
  writeFileSync(dir.join(`${name}.pem`), readFileSync(key, 'utf8') + readFileSync(cert, 'utf8'));
}

beforeAll(async () => {
  certificate('ca', '/CN=Test CA');
  certificate('alice', '/O=Example/OU=Team/CN=Alice', 'ca');
  certificate('bob', '/O=Example/CN=Bob', 'ca');
  certificate('stranger', '/O=Elsewhere/CN=Alice,OU=Team', 'ca');
  certificate('eve', '/O=Example/OU=Team/CN=Alice');
  const options = optionsOf([
    ['listeners', 'MUST://127.0.0.1:0,MAY://127.0.0.1:0'],
    ['listener.security.protocol.map', 'MUST:SSL,MAY:SSL'],
    ['ssl.keystore.location', certificates.pem],
    ['ssl.truststore.location', dir.join('ca.cert')],
    ['listener.name.must.ssl.client.auth', 'required'],
    ['listener.name.may.ssl.client.auth', 'requested'],
    ['ssl.principal.mapping.rules', 'RULE:^CN=(.*?),OU=Team,O=Example$/$1/L,RULE:^CN=(Bob),.*$/$1/'],
    ['authorizer.class.name', 'org.apache.kafka.metadata.authorizer.StandardAuthorizer'],
    ['super.users', 'User:alice'],
    ['millrace.audit.log', dir.join('audit.log')],
  ]);
  broker = await Broker.start(options);
  await broker.createTopic('orders');
});
afterAll(async () => {
  await broker.stop();
  dir[Symbol.dispose]();
});

/** The topics that a client with this certificate sees. */
async function topics(listener: number, name?: string): Promise<readonly string[]> {
  const own =
    name === undefined
      ? []
      : [
          ['ssl.keystore.type', 'PEM'],
          ['ssl.keystore.location', dir.join(`${name}.pem`)],
        ];
  const trust = [
    ['ssl.truststore.type', 'PEM'],
    ['ssl.truststore.location', certificates.certificate],
  ];
  const properties = new Map([['security.protocol', 'SSL'], ...trust, ...own] as [string, string][]);
  const { client } = consumerOptionsFrom(properties);
  await using connection = new KafkaClient({
    ...client,
    bootstrapServers: [`127.0.0.1:${broker.ports[listener]}`],
  });
  return (await new Admin(connection).listTopics()).map((each) => each.topic);
}

test('the first rule that fits the subject says what a client is called', async () => {
  for (const listener of [0, 1]) {
    expect(await topics(listener, 'alice')).toEqual(['orders']);
    expect(await topics(listener, 'bob')).toEqual([]);
  }
});

test('who shows no certificate is nobody where one is asked for, and closed where one is demanded', async () => {
  expect(await topics(1)).toEqual([]);
  await expect(topics(0)).rejects.toMatchObject({ code: 'KAFKA_CONNECTION' });
});

test('a certificate that nobody trusts is no certificate of that name', async () => {
  for (const listener of [0, 1])
    await expect(topics(listener, 'eve')).rejects.toMatchObject({ code: 'KAFKA_CONNECTION' });
});

test('a subject that no rule fits is turned away, also one that only looks like another', async () => {
  for (const listener of [0, 1])
    await expect(topics(listener, 'stranger')).rejects.toMatchObject({ code: 'KAFKA_CONNECTION' });
});

test('each certificate that is refused is noted with its address and the reason, also where one is demanded', async () => {
  const attempt = (listener: number, own: object) =>
    new Promise<void>((resolve) => {
      const port = broker.ports[listener]!;
      const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false, ...own });
      socket.on('error', () => {}).on('close', () => resolve());
      socket.resume();
    });
  const noted = () =>
    readFileSync(dir.join('audit.log'), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, string>)
      .filter(({ event }) => event === 'certificate-refused');
  const before = noted().length;
  const eve = readFileSync(dir.join('eve.pem'), 'utf8');
  await attempt(0, {});
  await attempt(0, { key: eve, cert: eve });
  await attempt(1, { key: eve, cert: eve });
  const all = await waitFor('the notes', () => (noted().length >= before + 3 ? noted().slice(before) : null));
  expect(all.map(({ listener, why }) => [listener, why])).toEqual([
    ['MUST', 'there is none'],
    ['MUST', 'DEPTH_ZERO_SELF_SIGNED_CERT'],
    ['MAY', 'DEPTH_ZERO_SELF_SIGNED_CERT'],
  ]);
  for (const { from } of all) expect(from).toMatch(/^127\.0\.0\.1:\d+$/);
});
