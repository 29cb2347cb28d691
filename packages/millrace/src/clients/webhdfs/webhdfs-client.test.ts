/** What real servers can't be made to do at will: standby, redirects to odd places, pages of a security filter. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { certificates } from '../../../../testkit/src/net/certificates.ts';
import { freePort } from '../../../../testkit/src/net/free-port.ts';
import { type ScriptedAnswer, ScriptedHttp } from '../../../../testkit/src/net/scripted-http.ts';
import { WebHdfsClient, type WebHdfsOptions } from './webhdfs-client.ts';
import { WebHdfsStore } from './webhdfs-store.ts';

const json =
  (status: number, body: unknown, headers: Record<string, string> = {}): ScriptedAnswer =>
  (response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
  };
const remote = (status: number, exception: string, message = 'said\n\tat org.apache.X') =>
  json(status, { RemoteException: { exception, javaClassName: `x.${exception}`, message } });
const isFile = json(200, { FileStatus: { type: 'FILE', length: 5 } });

const open: AsyncDisposable[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each[Symbol.asyncDispose]();
});

async function scripted(script: ScriptedAnswer[] = [], then: ScriptedAnswer = 500): Promise<ScriptedHttp> {
  const server = await ScriptedHttp.start(script, then);
  open.push(server);
  return server;
}

function clientOf(servers: readonly string[], options: Partial<WebHdfsOptions> = {}): WebHdfsClient {
  const client = new WebHdfsClient({
    ...{ servers: servers.map((url) => new URL(url)), user: 'mill', callTimeoutMs: 2000 },
    ...options,
  });
  open.push({ [Symbol.asyncDispose]: () => client.close() });
  return client;
}

const storeOf = (client: WebHdfsClient) =>
  new WebHdfsStore({ client, url: 'hdfs://nn/f', folder: '/f', way: 'append' });

describe('servers of a name service', () => {
  it('are asked in turn until one is active, and that one from then on', async () => {
    const standby = await scripted([], remote(403, 'StandbyException'));
    const active = await scripted([], isFile);
    const client = clientOf([`http://127.0.0.1:${await freePort()}`, standby.url, active.url]);
    expect(await client.status('what', '/f')).toEqual({ isFile: true, sizeBytes: 5 });
    expect(await client.status('what', '/f')).toEqual({ isFile: true, sizeBytes: 5 });
    expect([standby.seen.length, active.seen.length]).toEqual([1, 2]);
  });

  it('are asked once each; what the last one says is told', async () => {
    const standby = await scripted(
      [],
      remote(403, 'StandbyException', 'Operation is not supported in state standby'),
    );
    const client = clientOf([standby.url, standby.url]);
    await expect(client.status('what', '/f')).rejects.toMatchObject({
      kind: 'transient',
      message: 'what: StandbyException: Operation is not supported in state standby',
    });
    expect(standby.seen).toHaveLength(2);
  });
});

describe('who asks', () => {
  it.each<[Partial<WebHdfsOptions>, Record<string, string>]>([
    [{}, { 'user.name': 'mill' }],
    [{ proxyUser: 'joe' }, { 'user.name': 'mill', doas: 'joe' }],
    [{ token: 's3cret' }, { delegation: 's3cret' }],
  ])('%o', async (options, query) => {
    const server = await scripted([], isFile);
    await clientOf([server.url], options).status('what', '/a b/ř+:');
    const url = new URL(server.seen[0]!.path, server.url);
    expect(Object.fromEntries(url.searchParams)).toEqual({ op: 'GETFILESTATUS', ...query });
    expect(url.pathname).toBe('/webhdfs/v1/a%20b/%C5%99%2B%3A');
  });

  it('is in no message', async () => {
    const server = await scripted([(response) => response.destroy()], (response) => response.destroy());
    const failure = await clientOf([server.url], { token: 's3cret' })
      .status('what', '/f')
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({ kind: 'transient' });
    expect(String(failure)).not.toContain('s3cret');
    expect(String((failure as Error).cause)).not.toContain('s3cret');
  });
});

describe('what a server refuses with', () => {
  it.each<[ScriptedAnswer, string, string]>([
    [remote(403, 'AccessControlException'), 'denied', 'AccessControlException: said'],
    [remote(403, 'SafeModeException'), 'transient', 'SafeModeException: said'],
    [remote(403, 'DSQuotaExceededException'), 'full', 'DSQuotaExceededException: said'],
    [remote(404, 'FileNotFoundException'), 'absent', 'FileNotFoundException: said'],
    [
      remote(
        500,
        'RemoteException',
        'org.apache.hadoop.hdfs.protocol.DSQuotaExceededException: full\n\tat x',
      ),
      'full',
      'DSQuotaExceededException',
    ],
    [remote(500, 'IOException', 'No space left on device'), 'full', 'No space left'],
    [remote(403, 'InvalidToken', 'token expired'), 'denied', 'token expired'],
    [401, 'denied', 'it wants to know who asks'],
    [502, 'transient', 'status 502'],
    [json(500, { RemoteException: { exception: 7 } }), 'transient', 'status 500'],
    [json(500, null), 'transient', 'status 500'],
    [(response) => response.writeHead(200).end('<html>'), 'transient', 'no JSON'],
  ])('%# is %s', async (answer, kind, text) => {
    const server = await scripted([], answer);
    const failure = await clientOf([server.url])
      .call('what', 'GET', '/f', { op: 'GETFILESTATUS' })
      .catch((error: Error) => error);
    expect(failure).toMatchObject({ kind });
    expect((failure as Error).message).toMatch(/^what: [^\n]*$/);
    expect((failure as Error).message).toContain(text);
  });
});

describe('where bytes go', () => {
  it.each<[string, ScriptedAnswer]>([
    ['in the answer', json(200, { Location: 'PLACE' })],
    ['in a redirect', json(307, {}, { location: 'PLACE' })],
  ])('is %s', async (_, answer) => {
    const node = await scripted([], 201);
    const place = `${node.url}/webhdfs/v1/f/x?op=CREATE`;
    const server = await scripted([
      (response, request) => {
        const filled = Object.assign(Object.create(response), {
          writeHead: (status: number, headers: Record<string, string>) =>
            response.writeHead(
              status,
              Object.fromEntries(Object.entries(headers).map(([k, v]) => [k, v.replace('PLACE', place)])),
            ) && filled,
          end: (text: string) => response.end(text.replace('PLACE', place)),
        });
        (answer as (r: unknown, q: unknown) => void)(filled, request);
      },
    ]);
    const file = await storeOf(clientOf([server.url])).create('x');
    await file.abandon();
    expect(node.seen[0]).toMatchObject({ method: 'PUT', path: '/webhdfs/v1/f/x?op=CREATE' });
    expect(node.seen[0]!.headers['content-type']).toBe('application/octet-stream');
  });

  it.each(['ftp://127.0.0.1/webhdfs/v1/f', 'http://127.0.0.1/other', 'nowhere', ''])(
    'is not %s',
    async (Location) => {
      const server = await scripted([], json(200, { Location }));
      await expect(storeOf(clientOf([server.url])).create('x')).rejects.toThrow(
        /which is not done|does not say/,
      );
    },
  );

  it('is never plain text after TLS', async () => {
    const pem = readFileSync(certificates.pem);
    const server = await ScriptedHttp.start([], json(200, { Location: 'http://127.0.0.1/webhdfs/v1/f' }), {
      ...{ key: pem, cert: pem },
    });
    open.push(server);
    const client = clientOf([server.url], {
      tls: { ca: pem, checkServerIdentity: () => undefined } as never,
    });
    await expect(storeOf(client).create('x')).rejects.toThrow('which is not done');
  });

  it('is another DataNode where one does not take connections, and the NameNode is told which', async () => {
    const node = await scripted([], 201);
    const dead = `http://127.0.0.1:${await freePort()}/webhdfs/v1/f/x`;
    const server = await scripted([
      json(200, { Location: dead }),
      json(200, { Location: dead }),
      json(200, { Location: `${node.url}/webhdfs/v1/f/x` }),
    ]);
    await (await storeOf(clientOf([server.url])).create('x')).abandon();
    expect(
      server.seen.map(({ path }) => new URL(path, 'http://x').searchParams.get('excludedatanodes')),
    ).toEqual([null, '127.0.0.1', '127.0.0.1,127.0.0.1']);
    server.play([], json(200, { Location: dead }));
    await expect(storeOf(clientOf([server.url])).create('x')).rejects.toMatchObject({ kind: 'transient' });
  });

  it('is given up when it takes a connection and says nothing', async () => {
    const silent = createServer(() => {});
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    open.push({ [Symbol.asyncDispose]: async () => void silent.close() });
    const { port } = silent.address() as { port: number };
    const server = await scripted([], json(200, { Location: `http://127.0.0.1:${port}/webhdfs/v1/f/x` }));
    await expect(storeOf(clientOf([server.url], { callTimeoutMs: 300 })).create('x')).rejects.toMatchObject({
      kind: 'transient',
      message: expect.stringContaining('no answer within 300 ms'),
    });
  });
});
