import { gzipSync } from 'node:zlib';
import { describe, it } from 'vitest';
import { certificates, keystorePassword } from '../../../../testkit/src/net/certificates.ts';
import { freePort } from '../../../../testkit/src/net/free-port.ts';
import { contextFor } from '../../component/testing/context.ts';
import { endless } from '../../component/testing/network-fixture.ts';
import type { NetworkAnswer } from '../../component/testing/network-peer.ts';
import { networkSourceContract } from '../../component/testing/network-source-contract.ts';
import { jsonHttpHandler } from './json-http-handler.ts';
import { httpSource } from './source.ts';

/** What status lines say, one for each answer that is whole. */
function answersOf(received: Buffer): NetworkAnswer[] {
  const said: NetworkAnswer[] = [];
  const text = received.toString('latin1');
  for (const [, status] of text.matchAll(/HTTP\/1\.1 (\d{3}) /g)) {
    if (status === '200') said.push('taken');
    else said.push(status === '503' ? 'full' : 'bad');
  }
  return said;
}

const json = 'application/json';

function request(body: Buffer | string, type = json, more = ''): Buffer {
  const bytes = Buffer.from(body);
  const head = `POST / HTTP/1.1\r\nHost: x\r\nContent-Type: ${type}\r\n${more}Content-Length: ${bytes.length}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), bytes]);
}

const head = (lines: string) => Buffer.from(`POST / HTTP/1.1\r\nHost: x\r\n${lines}\r\n`);
const utf8 = (text: string) => Buffer.from(text).toString('latin1');

networkSourceContract({ describe, it }, 'http', {
  create: async (channels, { tls, maxConnections, requestMs, messageBytes, waitingBytes }) => {
    const port = await freePort();
    const context = contextFor(
      httpSource,
      {
        bind: '127.0.0.1',
        port,
        handler: 'org.apache.flume.source.http.JSONHandler',
        maxConnections,
        requestTimeout: requestMs,
        maxRequestBytes: Math.max(100_000, messageBytes),
        maxWaitingBytes: waitingBytes,
        ...(tls ? { ssl: true, keystore: certificates.pkcs12, 'keystore-password': keystorePassword } : {}),
      },
      'x1',
      [jsonHttpHandler],
    );
    return { source: httpSource.create({ ...context, channels }), port };
  },
  language: {
    message: (bodies) => request(JSON.stringify(bodies.map((body) => ({ body })))),
    answers: answersOf,
  },
  full: 'told',
  tls: true,
  strange: [
    { what: 'what is no HTTP', bytes: () => Buffer.from('hello\r\n\r\n'), comes: 'closed' },
    {
      what: 'the greeting of TLS',
      bytes: () => Buffer.from('16030100c8010000c40303', 'hex'),
      comes: 'closed',
    },
    { what: 'a request line without end', bytes: () => endless('GET /x'), comes: 'closed' },
    {
      what: 'headers without end',
      bytes: function* () {
        yield Buffer.from('POST / HTTP/1.1\r\nHost: x\r\n');
        yield* endless('a: b\r\n');
      },
      comes: 'closed',
    },
    {
      what: 'a body of 2^63 bytes, announced',
      bytes: () => head('Content-Length: 9223372036854775807\r\n'),
      comes: 'closed',
    },
    { what: 'a body of -1 bytes', bytes: () => head('Content-Length: -1\r\n'), comes: 'closed' },
    {
      what: 'a body that is too long, announced',
      bytes: () => head('Content-Length: 100001\r\n'),
      comes: 'closed',
    },
    {
      what: 'a body in chunks without end',
      bytes: function* () {
        yield head('Transfer-Encoding: chunked\r\n');
        yield* endless(`1000\r\n${'x'.repeat(4096)}\r\n`);
      },
      comes: 'closed',
    },
    {
      what: 'a chunk of 2^64 bytes',
      bytes: () =>
        Buffer.concat([head('Transfer-Encoding: chunked\r\n'), Buffer.from('FFFFFFFFFFFFFFFFF\r\n')]),
      comes: 'closed',
    },
    {
      what: 'extensions of chunks without end',
      bytes: function* () {
        yield head('Transfer-Encoding: chunked\r\n');
        yield* endless('1;a=b;c=d;e=f;g=h;i=j\r\nx\r\n');
      },
      comes: 'closed',
    },
    {
      what: 'two lengths of one body',
      bytes: () => head('Content-Length: 2\r\nTransfer-Encoding: chunked\r\n'),
      comes: 'closed',
    },
    {
      what: 'two lengths of one body that differ',
      bytes: () => head('Content-Length: 2\r\nContent-Length: 3\r\n'),
      comes: 'closed',
    },
    { what: 'what is no JSON', bytes: () => request('[{"body":"x"},'), comes: 'bad' },
    { what: 'arrays in one another, 99,000 deep', bytes: () => request('['.repeat(99_000)), comes: 'bad' },
    {
      what: 'objects in one another, 16,000 deep',
      bytes: () => request(`[{"x":${'{"a":'.repeat(16_000)}1${'}'.repeat(16_000)}}]`),
      comes: [''],
    },
    {
      what: 'a few KB that would unpack to 10 MB',
      bytes: () => request(gzipSync(Buffer.alloc(10_000_000, ' ')), json, 'Content-Encoding: gzip\r\n'),
      comes: 'bad',
    },
    { what: 'ISO-8859-1', bytes: () => request('[]', 'text/plain; charset=ISO-8859-1'), comes: 'bad' },
    {
      what: 'a charset that is none',
      bytes: () => request('[]', 'text/plain; charset=x-none'),
      comes: 'bad',
    },
    {
      what: 'bytes that are no UTF-8',
      bytes: () => request(Buffer.from('[{"body":"\xff\xc3("}]', 'latin1')),
      comes: [utf8('\uFFFD\uFFFD(')],
    },
    {
      what: 'UTF-16 that says it is UTF-8',
      bytes: () => request(Buffer.from('[{"body":"x"}]', 'utf16le')),
      comes: 'bad',
    },
    {
      what: 'UTF-16 that ends in half a character',
      bytes: () =>
        request(Buffer.from('[{"body":"x"}]', 'utf16le').subarray(0, -1), `${json}; charset=utf-16`),
      comes: 'bad',
    },
  ],
});
