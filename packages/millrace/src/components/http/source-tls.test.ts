/** The http source over TLS, by the names that Flume has had for its options. */
import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import type { TLSSocket } from 'node:tls';
import { afterEach, expect, it } from 'vitest';
import { certificates, keystorePassword } from '../../../../testkit/src/net/certificates.ts';
import { contextFor } from '../../component/testing/context.ts';
import { TestPuts } from '../../component/testing/driven-source.ts';
import { Deadline } from '../../runtime/deadline.ts';
import { jsonHttpHandler } from './json-http-handler.ts';
import { httpSource } from './source.ts';

const open: { stop(): unknown }[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each.stop();
});

async function listening(properties: Record<string, string | number | boolean>) {
  const puts = new TestPuts();
  const handler = 'org.apache.flume.source.http.JSONHandler';
  const context = contextFor(httpSource, { bind: '127.0.0.1', port: 0, handler, ...properties }, 'x1', [
    jsonHttpHandler,
  ]);
  const source = httpSource.create({ ...context, channels: puts });
  open.push({ stop: () => source.stop({ deadline: Deadline.in(0) }) });
  await source.start();
  return { port: Number(/:(\d+)$/.exec(context.log.lines.join('\n'))![1]), puts };
}

/** Status and protocol of one request; the certificate is checked, as for `localhost`. */
function ask(
  port: number,
  body: string,
  options: object = {},
): Promise<{ status: number; protocol: string }> {
  return new Promise((resolve, reject) => {
    const ca = readFileSync(certificates.certificate);
    const asked = request(
      { host: 'localhost', port, ca, method: 'POST', agent: false, ...options },
      (answer) => {
        const protocol = (answer.socket as TLSSocket).getProtocol() ?? '';
        answer.resume().on('end', () => resolve({ status: answer.statusCode!, protocol }));
      },
    );
    asked.on('error', reject);
    asked.end(body);
  });
}

const today = { ssl: true, keystore: certificates.pkcs12, 'keystore-password': keystorePassword };

it.each([
  ['today', today, 'TLSv1.3'],
  [
    'before',
    {
      enableSSL: true,
      keystore: certificates.pkcs12,
      keystorePassword,
      excludeProtocols: 'SSLv3 TLSv1.3',
    },
    'TLSv1.2',
  ],
])('takes events by the names of %s', async (_, properties, protocol) => {
  const { port, puts } = await listening(properties);
  expect(await ask(port, '[{"body":"one"},{"body":"two"}]')).toEqual({ status: 200, protocol });
  expect(puts.taken).toEqual(['one', 'two']);
  puts.rejectNext = 1;
  expect((await ask(port, '[{"body":"x"}]')).status).toBe(503);
  expect((await ask(port, '[')).status).toBe(400);
});

it('turns away who has no protocol in common, and serves others', async () => {
  const { port, puts } = await listening({ ...today, 'exclude-protocols': 'TLSv1.2' });
  await expect(ask(port, '[]', { maxVersion: 'TLSv1.2' })).rejects.toThrow();
  expect((await ask(port, '[{"body":"x"}]')).status).toBe(200);
  expect(puts.taken).toEqual(['x']);
});

it('takes cipher suites by patterns, as Jetty does', async () => {
  const { port } = await listening({ ...today, 'exclude-cipher-suites': 'TLS_AES_.* ^.*_CBC_.*$' });
  const ofTls12 = { maxVersion: 'TLSv1.2' } as const;
  await expect(ask(port, '[]', { ...ofTls12, ciphers: 'ECDHE-ECDSA-AES256-SHA384' })).rejects.toThrow();
  expect((await ask(port, '[]', { ...ofTls12, ciphers: 'ECDHE-ECDSA-AES256-GCM-SHA384' })).status).toBe(200);
  const one = await listening({ ...today, 'include-cipher-suites': '.*ECDHE.*GCM_SHA384' });
  await expect(
    ask(one.port, '[]', { ...ofTls12, ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256' }),
  ).rejects.toThrow();
  expect((await ask(one.port, '[]')).protocol).toBe('TLSv1.2');
  await expect(listening({ ...today, 'include-cipher-suites': '(' })).rejects.toThrow(
    "include-cipher-suites: '(' is not a valid regular expression",
  );
  await expect(listening({ ...today, 'include-cipher-suites': 'RC4.*' })).rejects.toThrow(
    'no cipher suite is left that could be used, by include-cipher-suites = RC4.*',
  );
});
