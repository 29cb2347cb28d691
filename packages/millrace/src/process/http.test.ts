import { expect, test, vi } from 'vitest';
import type { ComponentReport } from './api.ts';
import { HttpServer } from './http.ts';

const reasons = [{ component: 'agent a1, source r1', reason: 'its port is taken' }];
const component: ComponentReport = {
  ...{ agent: 'a1', kind: 'source', name: 'r1', type: 'netcat', state: 'started', since: 1000 },
  waits: [{ kind: 'held', what: 'room', since: 2000 }],
  counters: { EventAcceptedCount: '3' },
};
const components = [component];
const state = (ready: boolean) => async () => ({
  notReady: ready ? [] : reasons,
  broker: null,
  components: [component],
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
  const server = new HttpServer({ host: '127.0.0.1', port: 0, setBy: '--http', state: state(ready) });
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

test('HEAD is GET without the body, a query changes nothing, only metrics take a POST', async () => {
  await using server = await serve();
  const base = `http://127.0.0.1:${server.port}`;
  for (const path of ['/', '/metrics', '/prometheus', '/livez', '/healthz', '/readyz', '/api/state']) {
    const got = await fetch(`${base}${path}?a=b`);
    const head = await fetch(base + path, { method: 'HEAD' });
    expect([path, head.status]).toEqual([path, got.status]);
    // Prometheus's text has the CPU time, whose length changes.
    const bytes = String((await got.arrayBuffer()).byteLength);
    if (path !== '/prometheus') expect(head.headers.get('content-length')).toBe(bytes);
    expect((await head.arrayBuffer()).byteLength).toBe(0);
    const posted = await fetch(base + path, { method: 'POST', body: 'x'.repeat(300_000) });
    expect([path, posted.status]).toEqual([path, path === '/metrics' ? 200 : 404]);
  }
});

test('a state that can not be had is a 500 that says why, and a stop ends connections that wait', async () => {
  const never = Promise.withResolvers<never>();
  let asked = 0;
  const failing = () => (asked++ === 0 ? Promise.reject(new Error('the thread is gone')) : never.promise);
  const server = new HttpServer({ host: '127.0.0.1', port: 0, setBy: '--http', state: failing });
  await server.start();
  const answer = await fetch(`http://127.0.0.1:${server.port}/readyz`);
  expect([answer.status, await answer.text()]).toEqual([500, 'the thread is gone\n']);
  const waiting = fetch(`http://127.0.0.1:${server.port}/readyz`).catch((error: unknown) => error);
  await vi.waitUntil(() => asked === 2);
  await server.stop();
  expect(await waiting).toBeInstanceOf(TypeError);
});

test.each([
  [true, 200, { ready: true, reasons: [], components }],
  [false, 503, { ready: false, reasons, components }],
])('ready %s answers %i with the reasons; alive either way', async (ready, status, body) => {
  await using server = await serve(ready);
  const base = `http://127.0.0.1:${server.port}`;
  const answer = await fetch(`${base}/readyz`);
  expect(answer.status).toBe(status);
  expect(answer.headers.get('content-type')).toContain('application/json');
  expect(await answer.json()).toEqual(body);
  for (const path of ['/livez', '/healthz']) expect((await fetch(base + path)).status).toBe(200);
});

test('what the process does is there whole, and beside its health for who asks for JSON', async () => {
  await using server = await serve(false);
  const base = `http://127.0.0.1:${server.port}`;
  const whole = { ready: false, reasons, components, broker: null };
  expect(await (await fetch(`${base}/api/state`)).json()).toEqual(whole);
  const health = (accept: string) => fetch(`${base}/healthz`, { headers: { accept } });
  expect(await (await health('application/json')).json()).toEqual({ status: 'ok', components });
  expect(await (await health('*/*')).text()).toBe('ok\n');
});

const prometheus =
  'application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3,*/*;q=0.2';
test.each([
  ['/metrics', '*/*', 'application/json'],
  ['/metrics', '', 'application/json'],
  ['/metrics', 'text/html,application/xhtml+xml,*/*;q=0.8', 'application/json'],
  ['/metrics', 'application/json, text/plain;q=0.5', 'application/json'],
  ['/metrics', 'application/json;q=0.1, text/plain;q=0.5', 'text/plain'],
  ['/metrics', 'image/png', 'application/json'],
  ['/metrics', 'text/plain', 'text/plain'],
  ['/metrics', 'text/plain;q=0', 'application/json'],
  ['/metrics', prometheus, 'application/openmetrics-text'],
  ['/prometheus', prometheus, 'application/openmetrics-text'],
  ['/prometheus', '*/*', 'text/plain'],
  ['/prometheus', 'application/json', 'text/plain'],
])('%s for who accepts %j is %s', async (path, accept, type) => {
  await using server = await serve();
  const answer = await fetch(`http://127.0.0.1:${server.port}${path}`, { headers: { accept } });
  const text = await answer.text();
  expect(answer.headers.get('content-type')!.split(';')[0]).toBe(type);
  expect(answer.headers.get('vary')).toBe('accept');
  if (type === 'application/json') expect(JSON.parse(text)).toHaveProperty(['SOURCE.r1']);
  else expect(text).toContain('millrace_source_event_accepted_total{agent="a1",component="r1"} 3');
});

test('a taken port is told with the port, who asks for it and what changes it', async () => {
  await using first = await serve();
  const second = new HttpServer({
    host: '127.0.0.1',
    port: first.port,
    setBy: '-Dflume.monitoring.port',
    state: state(true),
  });
  await expect(second.start()).rejects.toMatchObject({
    code: 'ADDRESS_IN_USE',
    message: expect.stringContaining(String(first.port)),
    remedy: 'Choose another with -Dflume.monitoring.port.',
  });
});

test('an address of another machine is told as such, not as a bug', async () => {
  const elsewhere = new HttpServer({ host: '192.0.2.1', port: 0, setBy: '--http', state: state(true) });
  await expect(elsewhere.start()).rejects.toMatchObject({
    code: 'ADDRESS_UNAVAILABLE',
    message: expect.stringContaining('192.0.2.1:0 (--http)'),
  });
});
