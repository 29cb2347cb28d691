import { expect, test } from 'vitest';
import { HttpServer } from './http.ts';

const snapshot = (ready: boolean) => async () => ({
  ready,
  metrics: [
    {
      agent: 'a1',
      kind: 'SOURCE' as const,
      name: 'r1',
      attributes: { Type: 'SOURCE', EventAcceptedCount: '3' },
    },
  ],
});

async function serve(ready = true): Promise<HttpServer & AsyncDisposable> {
  const server = new HttpServer({ host: '127.0.0.1', port: 0, setBy: '--http', snapshot: snapshot(ready) });
  await server.start();
  return server;
}

test('Flume’s metrics answer GET and POST alike, / points there, other paths are 404 (golden G)', async () => {
  await using server = await serve();
  const base = `http://127.0.0.1:${server.port}`;
  for (const method of ['GET', 'POST']) {
    const answer = await fetch(`${base}/metrics`, method === 'POST' ? { method, body: 'x=1' } : { method });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('application/json;charset=utf-8');
    expect(await answer.json()).toEqual({ 'SOURCE.r1': { Type: 'SOURCE', EventAcceptedCount: '3' } });
  }
  const index = await fetch(`${base}/`);
  expect(await index.text()).toBe('For Flume metrics please click <a href = "./metrics"> here</a>.');
  expect(index.headers.get('content-type')).toBe('text/html;charset=utf-8');
  expect((await fetch(`${base}/other`)).status).toBe(404);
  expect((await fetch(`${base}/metrics`, { method: 'OPTIONS' })).status).toBe(403);
});

test.each([
  [true, 200],
  [false, 503],
])('ready %s answers %i; healthy either way', async (ready, status) => {
  await using server = await serve(ready);
  expect((await fetch(`http://127.0.0.1:${server.port}/readyz`)).status).toBe(status);
  expect((await fetch(`http://127.0.0.1:${server.port}/healthz`)).status).toBe(200);
});

test('a taken port is told with the port, who asks for it and what changes it', async () => {
  await using first = await serve();
  const second = new HttpServer({
    host: '127.0.0.1',
    port: first.port,
    setBy: '-Dflume.monitoring.port',
    snapshot: snapshot(true),
  });
  await expect(second.start()).rejects.toMatchObject({
    code: 'ADDRESS_IN_USE',
    message: expect.stringContaining(String(first.port)),
    remedy: 'Choose another with -Dflume.monitoring.port.',
  });
});

test('an address of another machine is told as such, not as a bug', async () => {
  const elsewhere = new HttpServer({ host: '192.0.2.1', port: 0, setBy: '--http', snapshot: snapshot(true) });
  await expect(elsewhere.start()).rejects.toMatchObject({
    code: 'ADDRESS_UNAVAILABLE',
    message: expect.stringContaining('192.0.2.1:0 (--http)'),
  });
});
