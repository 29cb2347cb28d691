import { describe, expect, it } from 'vitest';
import { freePort } from '../../../../testkit/src/net/free-port.ts';
import { type ScriptedAnswer, ScriptedHttp } from '../../../../testkit/src/net/scripted-http.ts';
import { HttpClient, type HttpClientOptions } from './http-client.ts';
import { HttpError } from './http-error.ts';

const secret = 'hunter2';

async function ask(answer: ScriptedAnswer, options: Partial<HttpClientOptions> = {}, signal?: AbortSignal) {
  await using server = await ScriptedHttp.start([], answer);
  const client = new HttpClient(options);
  const url = new URL(`${server.url}/path?token=${secret}`);
  url.username = 'me';
  url.password = secret;
  const headers = { authorization: `Bearer ${secret}` };
  try {
    return await client
      .request({ method: 'POST', url, headers, body: Buffer.from('body') }, signal)
      .catch((error) => error);
  } finally {
    await client.close();
  }
}

describe('an answer', () => {
  it('has status, headers and body, and the server what was sent', async () => {
    await using server = await ScriptedHttp.start([
      (response) => response.writeHead(201, { 'X-A': ['1', '2'] }).end('made'),
    ]);
    const client = new HttpClient();
    const url = new URL(`${server.url}/p?q=1`);
    const answer = await client.request({
      method: 'PUT',
      url,
      headers: { 'x-b': 'c' },
      body: Buffer.from('čaj'),
    });
    expect([answer.status, answer.headers.get('x-a'), answer.body.toString()]).toEqual([201, '1, 2', 'made']);
    expect(server.seen).toMatchObject([
      { method: 'PUT', path: '/p?q=1', body: 'čaj', headers: { 'x-b': 'c', 'content-length': '4' } },
    ]);
    await client.close();
  });

  it.each([301, 302, 307, 404, 500])(
    'with the status %i is one like others; nothing is followed',
    async (status) => {
      expect(
        await ask((response) => response.writeHead(status, { location: '/elsewhere' }).end()),
      ).toMatchObject({ status });
    },
  );

  it('goes over connections that are used again, and over no more than allowed', async () => {
    await using server = await ScriptedHttp.start();
    const client = new HttpClient({ maxConnections: 2 });
    const url = new URL(server.url);
    for (let round = 0; round < 3; round++)
      await Promise.all(Array.from({ length: 5 }, () => client.request({ method: 'GET', url })));
    expect(server.seen).toHaveLength(15);
    expect(server.connections).toBeLessThanOrEqual(2);
    await client.close();
  });
});

describe('no answer', () => {
  const stall: ScriptedAnswer = () => {};
  const large: ScriptedAnswer = (response) => response.writeHead(200).end(Buffer.alloc(100_000));
  const half: ScriptedAnswer = (response) => {
    response.writeHead(200, { 'content-length': '1000' });
    response.write('half', () => response.destroy());
  };
  const slowBody: ScriptedAnswer = (response) =>
    response.writeHead(200, { 'content-length': '1000' }).write('half');
  const noHttp: ScriptedAnswer = (response) => response.socket!.end('SSH-2.0-OpenSSH\r\n\r\n');

  it.each([
    ['timeout', stall, { connectTimeoutMs: 50, answerTimeoutMs: 50 }],
    ['timeout', slowBody, { bodyTimeoutMs: 50 }],
    ['too-large', large, { maxAnswerBytes: 99_999 }],
    ['cut', half, {}],
    ['cut', ((response) => response.destroy()) as ScriptedAnswer, {}],
    ['protocol', noHttp, {}],
  ] as const)('is told as %s, and may have been done', async (kind, answer, options) => {
    const error = await ask(answer, options);
    expect(error).toBeInstanceOf(HttpError);
    expect(error).toMatchObject({ kind, maybeDone: true });
  });

  it('shows no secret in any part of the error', async () => {
    for (const answer of [stall, half, noHttp]) {
      const error = await ask(answer, { connectTimeoutMs: 50, answerTimeoutMs: 50 });
      const { message, details, remedy } = error as HttpError;
      expect(JSON.stringify([message, details, remedy, String(error), (error as Error).cause])).not.toContain(
        secret,
      );
      expect(message).toContain('/path');
    }
  });

  it('is told as connect where nobody listens: nothing was sent', async () => {
    const client = new HttpClient();
    const url = new URL(`http://127.0.0.1:${await freePort()}/`);
    const error = await client.request({ method: 'GET', url }).catch((failure) => failure);
    expect(error).toMatchObject({ kind: 'connect', maybeDone: false, retryable: true, code: 'HTTP_FAILED' });
    await client.close();
  });

  it('is waited for until the signal aborts, or the client closes', async () => {
    const ending = new AbortController();
    const asking = ask(() => ending.abort(), {}, ending.signal);
    expect(await asking).toMatchObject({ kind: 'aborted' });
    await using server = await ScriptedHttp.start([], stall);
    const client = new HttpClient();
    const pending = client.request({ method: 'GET', url: new URL(server.url) }).catch((error) => error);
    while (server.seen.length === 0) await new Promise(setImmediate);
    await client.close();
    expect(await pending).toBeInstanceOf(HttpError);
    await expect(client.request({ method: 'GET', url: new URL(server.url) })).rejects.toMatchObject({
      kind: 'aborted',
    });
  });
});
