import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { certificates, keystorePassword } from '../../../../../testkit/src/net/certificates.ts';
import { freePort } from '../../../../../testkit/src/net/free-port.ts';
import { type ScriptedAnswer, ScriptedHttp } from '../../../../../testkit/src/net/scripted-http.ts';
import type { HttpStores } from '../../../component/options/http-tls.ts';
import { HttpText, type HttpTextOptions } from './http-text.ts';

const { signal } = new AbortController();
const modified = 'Sat, 28 Nov 2026 10:00:00 GMT';
const text =
  (body: string, headers: Record<string, string> = {}): ScriptedAnswer =>
  (response) =>
    response.writeHead(200, headers).end(body);

async function withText<T>(
  script: readonly ScriptedAnswer[],
  use: (text: HttpText, server: ScriptedHttp) => Promise<T>,
  options: HttpTextOptions = {},
): Promise<T> {
  await using server = await ScriptedHttp.start(script, 500);
  const http = new HttpText(`${server.url}/conf/flume.properties?token=hunter2`, options);
  try {
    return await use(http, server);
  } finally {
    await http.close();
  }
}

const bytes = (read: Uint8Array | null) => (read === null ? null : Buffer.from(read).toString());
const faultOf = (promise: Promise<unknown>) => promise.then(() => null).catch((error: Error) => error);

describe('a text on a web server', () => {
  it('is asked for by its time once the server has told one, and 304 is no change', () =>
    withText(
      [text('a=1', { 'last-modified': modified }), 304, text('a=2', { 'last-modified': modified })],
      async (http, { seen }) => {
        expect(bytes(await http.read(signal))).toBe('a=1');
        expect(await http.look(signal)).toBe(null);
        expect(bytes(await http.look(signal))).toBe('a=2');
        expect(seen.map(({ headers }) => headers['if-modified-since'])).toEqual([
          undefined,
          modified,
          modified,
        ]);
        expect(seen[0]).toMatchObject({
          method: 'GET',
          path: '/conf/flume.properties?token=hunter2',
          headers: { 'content-type': 'text/x-java-properties' },
        });
      },
    ));

  it('with the same bytes is no change, where the server knows no times', () =>
    withText([text('a=1'), text('a=1'), text('a=2')], async (http) => {
      await http.read(signal);
      expect(await http.look(signal)).toBe(null);
      expect(bytes(await http.look(signal))).toBe('a=2');
    }));

  it.each<[what: string, answer: ScriptedAnswer, why: string]>([
    ['500', 500, 'it answered 500'],
    ['404', 404, 'it answered 404, there is no such file'],
    ['401', 401, 'it answered 401, authorization failed'],
    ['204', (response) => response.writeHead(204).end(), 'it answered 204'],
    [
      'half of it',
      (response) => {
        response.writeHead(200, { 'content-length': '100' }).write('a=2');
        setImmediate(() => response.destroy());
      },
      'the connection ended before the answer had',
    ],
    [
      'half of it in chunks',
      (response) => {
        response.writeHead(200).write('a=2');
        setImmediate(() => response.destroy());
      },
      'the connection ended before the answer had',
    ],
    [
      'too much',
      (response) => void response.writeHead(200).end(Buffer.alloc(17 << 20)),
      'more than 16777216 bytes',
    ],
    [
      'a way to another protocol',
      (response) => response.writeHead(302, { location: 'https://127.0.0.1:1/' }).end(),
      'redirects from http: to https:',
    ],
    ['no HTTP', (response) => response.socket?.end('hello\r\n'), "can't read"],
  ])('that is answered with %s is told, and what was there stays', (_, answer, why) =>
    withText([text('a=1'), answer, text('a=1'), text('a=2')], async (http, server) => {
      await http.read(signal);
      const fault = await faultOf(http.look(signal));
      expect(fault).toMatchObject({ code: 'CONFIG_INVALID', message: expect.stringContaining(why) });
      expect(fault?.message).toContain(`${server.url}/conf/flume.properties: `);
      expect(fault?.message).not.toContain('hunter2');
      // What was half read is not taken for what is there.
      expect(await http.look(signal)).toBe(null);
      expect(bytes(await http.look(signal))).toBe('a=2');
    }),
  );

  it('that never ends is given up', () =>
    withText(
      [
        (response) => {
          response.writeHead(200);
          const drip = setInterval(() => response.write('a'), 5);
          response.on('close', () => clearInterval(drip));
        },
      ],
      async (http) => {
        expect(await faultOf(http.read(signal))).toMatchObject({
          message: expect.stringContaining('it has not answered within 50 ms'),
        });
      },
      { limitMs: 50 },
    ));

  it('of a server that is not there is told', async () => {
    const http = new HttpText(`http://127.0.0.1:${await freePort()}/x.conf`);
    expect(await faultOf(http.read(signal))).toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('ECONNREFUSED'),
    });
    await http.close();
  });

  it('is followed where it moved, and the password goes to no other server', async () => {
    await using other = await ScriptedHttp.start([], text('a=1'));
    await withText(
      [
        (response) => response.writeHead(301, { location: '/there' }).end(),
        (response) => response.writeHead(302, { location: `${other.url}/elsewhere` }).end(),
      ],
      async (http, { seen }) => {
        expect(bytes(await http.read(signal))).toBe('a=1');
        const basic = `Basic ${Buffer.from('flume:pässword').toString('base64')}`;
        expect(seen.map(({ path, headers }) => [path, headers.authorization])).toEqual([
          ['/conf/flume.properties?token=hunter2', basic],
          ['/there', basic],
        ]);
        expect(other.seen).toMatchObject([{ path: '/elsewhere' }]);
        expect(other.seen[0]?.headers).not.toHaveProperty('authorization');
      },
      { user: { name: 'flume', password: 'pässword' } },
    );
  });

  it('that is no URI is told without the password in it', () => {
    expect(() => new HttpText('http://joe:hunter2@[x/a.conf')).toThrow(
      "-u takes a URI, not 'http://[x/a.conf'",
    );
  });

  it('that moves in a circle is given up', async () => {
    await using server = await ScriptedHttp.start([], (response) =>
      response.writeHead(302, { location: '/again' }).end(),
    );
    const http = new HttpText(`${server.url}/a`);
    expect(await faultOf(http.read(signal))).toMatchObject({
      message: expect.stringContaining('redirects more than 20 times'),
    });
    expect(server.seen).toHaveLength(21);
    await http.close();
  });

  it('over TLS comes to whom the server asks for a certificate, too', async () => {
    const pem = readFileSync(certificates.pem);
    const asking = { key: pem, cert: pem, ca: pem, requestCert: true, rejectUnauthorized: true };
    await using server = await ScriptedHttp.start([], (response) => response.end('a=1'), asking);
    const read = async (keystore: HttpStores) => {
      const stores = { truststore: certificates.certificate, ...keystore };
      const http = new HttpText(`${server.url}/x.conf`, { stores });
      return http
        .read(signal)
        .then(bytes)
        .catch((error: Error) => error.message)
        .finally(() => http.close());
    };
    const keystore = certificates.pkcs12;
    expect(await read({ keystore, keystorePassword })).toBe('a=1');
    expect(await read({ keystore, keystorePassword: 'wrong' })).toContain(
      'keystore-password does not open it',
    );
    expect(await read({})).toContain("can't read");
    expect(server.seen).toHaveLength(1);
  });

  it('over TLS needs a certificate that is trusted, for the name of the server', async () => {
    const server: Server = createServer(
      { key: readFileSync(certificates.pem), cert: readFileSync(certificates.pem) },
      (_request, response) => response.end('a=1'),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const ca = readFileSync(certificates.certificate);
    const read = async (options: HttpTextOptions) => {
      const http = new HttpText(`https://127.0.0.1:${port}/x.conf`, options);
      return http
        .read(signal)
        .then(bytes)
        .catch((error: Error) => error.message)
        .finally(() => http.close());
    };
    try {
      expect(await read({ client: { tls: { ca } } })).toBe('a=1');
      expect(await read({})).toContain('self-signed certificate');
      expect(await read({ client: { tls: { ca, servername: 'elsewhere.test' } } })).toContain('altnames');
      expect(await read({ stores: { truststore: certificates.certificate } })).toBe('a=1');
      expect(await read({ stores: {} })).toContain('self-signed certificate');
      expect(await read({ stores: { truststore: '/nowhere.p12' } })).toContain('/nowhere.p12');
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
});
