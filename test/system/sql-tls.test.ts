/** The sql sink and a PostgreSQL that speaks TLS, with a certificate of an authority made for it. */
import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import forge from 'node-forge';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { deliveryOf } from '../../packages/millrace/src/component/delivery.ts';
import { contextFor } from '../../packages/millrace/src/component/testing/context.ts';
import { batchOf } from '../../packages/millrace/src/component/testing/test-api.ts';
import { sqlSink } from '../../packages/millrace/src/components/sql/sink.ts';
import { errorText } from '../../packages/millrace/src/runtime/errors.ts';
import { type TempDir, tempDir } from '../../packages/testkit/src/files/temp-dir.ts';
import { giveToServer, RealPostgres } from '../../packages/testkit/src/sql/real-postgres.ts';

interface Identity {
  readonly certificate: forge.pki.Certificate;
  readonly privatePem: string;
}

/** A certificate for `name`; without an issuer it is an authority of its own. */
function identity(name: string, serial: string, issuer?: Identity): Identity {
  const keys = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  });
  const certificate = forge.pki.createCertificate();
  const subject = [{ name: 'commonName', value: name }];
  certificate.publicKey = forge.pki.publicKeyFromPem(keys.publicKey);
  certificate.serialNumber = serial;
  certificate.validity.notBefore = new Date(Date.now() - 86_400_000);
  certificate.validity.notAfter = new Date(Date.now() + 86_400_000);
  certificate.setSubject(subject);
  certificate.setIssuer(issuer?.certificate.subject.attributes ?? subject);
  certificate.setExtensions(
    issuer === undefined
      ? [{ name: 'basicConstraints', cA: true }]
      : [{ name: 'subjectAltName', altNames: [{ type: 2, value: name }] }],
  );
  certificate.sign(
    forge.pki.privateKeyFromPem(issuer?.privatePem ?? keys.privateKey),
    forge.md.sha256.create(),
  );
  return { certificate, privatePem: keys.privateKey };
}

let dir: TempDir;
let postgres: RealPostgres;
beforeAll(async () => {
  dir = tempDir('millrace-sql-tls-');
  const authority = identity('Millrace tests', '01');
  const server = identity('localhost', '02', authority);
  writeFileSync(dir.join('ca.pem'), forge.pki.certificateToPem(authority.certificate));
  writeFileSync(dir.join('other.pem'), forge.pki.certificateToPem(identity('Others', '03').certificate));
  writeFileSync(dir.join('server.pem'), forge.pki.certificateToPem(server.certificate));
  writeFileSync(dir.join('server.key'), server.privatePem, { mode: 0o600 });
  for (const file of ['server.pem', 'server.key']) giveToServer(dir.join(file));
  giveToServer(dir.path);
  postgres = await RealPostgres.start({
    settings: { ssl: 'on', ssl_cert_file: dir.join('server.pem'), ssl_key_file: dir.join('server.key') },
  });
  await postgres.rows(
    `CREATE FUNCTION secured() RETURNS boolean LANGUAGE sql AS 'SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()'`,
  );
});
afterAll(async () => {
  await postgres?.[Symbol.asyncDispose]();
  dir?.[Symbol.dispose]();
});
let tables = 0;

it.each<[host: string, mode: string, root: string | null, refused: RegExp | null]>([
  ['localhost', 'verify-full', 'ca.pem', null],
  ['localhost', 'verify-full', null, /unable to verify|self.signed|certificate/],
  ['localhost', 'verify-full', 'other.pem', /unable to verify|self.signed|certificate/],
  // The certificate is for the name.
  ['127.0.0.1', 'verify-full', 'ca.pem', /127\.0\.0\.1|altnames|does not match/i],
  ['127.0.0.1', 'verify-ca', 'ca.pem', null],
  ['127.0.0.1', 'verify-ca', 'other.pem', /unable to verify|self.signed|certificate/],
  ['127.0.0.1', 'require', null, null],
])('%s, sslmode = %s, sslrootcert %s', async (host, mode, root, refused) => {
  const table = `t${tables++}`;
  await postgres.rows(`CREATE TABLE ${table} (line text, secured boolean DEFAULT secured())`);
  const url = new URL(postgres.url());
  url.hostname = host;
  url.searchParams.set('sslmode', mode);
  if (root !== null) url.searchParams.set('sslrootcert', dir.join(root));
  const properties = { url: url.href, table, key: 'none', 'columns.line': 'body' };
  const sink = sqlSink.create(contextFor(sqlSink, properties));
  await sink.start();
  try {
    const { signal } = new AbortController();
    const told = await sink.deliver(deliveryOf([batchOf('a')]), { signal }).then(
      () => null,
      (error) => errorText(error),
    );
    if (refused === null) expect(told).toBe(null);
    else expect(told).toMatch(refused);
    expect(await postgres.rows(`SELECT line, secured FROM ${table}`)).toEqual(
      refused === null ? ['a|t'] : [],
    );
  } finally {
    await sink.stop();
  }
});
