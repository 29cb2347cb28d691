import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { waitFor } from '../../../testkit/src/process/wait.ts';
import { recordingLogger } from '../component/testing/context.ts';
import { Deadline } from '../runtime/deadline.ts';
import { HttpServer, type HttpServerOptions } from './http-server.ts';

const servers: HttpServer[] = [];
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const server of servers.splice(0)) await server.stop(Deadline.in(0));
});

const usual = {
  maxConnections: 100,
  requestMs: 60_000,
  idleMs: 60_000,
  maxHeaderBytes: 8192,
  maxBodyBytes: 1_000_000,
  maxHeldBytes: 2_000_000,
};

/** A server that answers with what it got, once its gate is open. */
async function serverOf(limits: Partial<typeof usual> = {}, options: Partial<HttpServerOptions> = {}) {
  const log = recordingLogger();
  const served: string[] = [];
  let gate: PromiseWithResolvers<void> | null = null;
  let open = 0;
  const server = new HttpServer({
    component: 'source r1',
    log,
    limits: { ...usual, ...limits },
    onCount: (count) => {
      open = count;
    },
    serve: async ({ method, url, body, isCut }, abandoned) => {
      served.push(`${method} ${url} ${body.length}${isCut ? ' cut' : ''}`);
      const aborted = new Promise<void>((resolve) => abandoned.addEventListener('abort', () => resolve()));
      await Promise.race([gate?.promise, ...(gate === null ? [] : [aborted])]);
      return { status: abandoned.aborted ? 503 : 200, body: url };
    },
    ...options,
  });
  servers.push(server);
  const port = await server.listen('127.0.0.1', 0);
  const close = () => {
    const closed = Promise.withResolvers<void>();
    gate = closed;
    return () => closed.resolve();
  };
  return { server, port, log, served, close, open: () => open };
}

/** A connection, and what has come over it. */
async function peer(port: number) {
  const socket = connect(port, '127.0.0.1');
  sockets.push(socket);
  let text = '';
  const ended = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  socket.on('data', (chunk) => {
    text += chunk;
  });
  socket.on('error', () => {});
  await once(socket, 'connect');
  return {
    socket,
    ended,
    text: () => text,
    statuses: () => [...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => Number(status)),
  };
}

const post = (path: string, body: string, length = body.length): string =>
  `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: ${length}\r\n\r\n${body}`;

it('serves what one connection sends one after the other, however much is sent at once', async () => {
  const { port, served, close } = await serverOf();
  const open = close();
  const one = await peer(port);
  const other = await peer(port);
  one.socket.write(Array.from({ length: 200 }, (_, i) => post(`/${i}`, 'x')).join(''));
  await waitFor('the first', () => served.length === 1);
  other.socket.write(post('/other', ''));
  await waitFor('the other', () => served.length === 2);
  expect(served).toEqual(['POST /0 1', 'POST /other 0']);
  open();
  await waitFor('all', () => one.statuses().length === 200);
  expect(served.slice(2)).toEqual(Array.from({ length: 199 }, (_, i) => `POST /${i + 1} 1`));
  expect(one.text().match(/\r\n\r\n\/\d+/g)).toEqual(Array.from({ length: 200 }, (_, i) => `\r\n\r\n/${i}`));
});

it('refuses a body over its limit, announced or not, and serves the others', async () => {
  const { port, served, log } = await serverOf({ maxBodyBytes: 10 });
  const announced = await peer(port);
  announced.socket.write(post('/a', '', 11));
  await announced.ended;
  expect(announced.statuses()).toEqual([413]);
  const chunked = await peer(port);
  chunked.socket.write(
    'POST /b HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n6\r\n123456\r\n6\r\n123456\r\n',
  );
  await chunked.ended;
  expect(chunked.statuses()).toEqual([413]);
  const good = await peer(port);
  good.socket.write(post('/c', '0123456789'));
  await waitFor('an answer', () => good.statuses().length === 1);
  expect(served).toEqual(['POST /c 10']);
  expect(log.lines.filter((line) => line.includes('answered with 413'))).toHaveLength(2);
});

it('cuts a body where only so much of it is wanted', async () => {
  const { port, served } = await serverOf({ maxBodyBytes: 1000 }, { keptBodyBytes: 4 });
  const { socket, statuses } = await peer(port);
  socket.write(post('/a', 'x'.repeat(5000)) + post('/b', 'xxxx'));
  await waitFor('both answers', () => statuses().length === 2);
  expect(served).toEqual(['POST /a 4 cut', 'POST /b 4']);
});

it('holds no more than so many bytes of all bodies together, and has room again afterwards', async () => {
  const { port, served, close } = await serverOf({ maxHeldBytes: 1500 });
  const open = close();
  const first = await peer(port);
  first.socket.write(post('/a', 'x'.repeat(1000)));
  await waitFor('the first', () => served.length === 1);
  const second = await peer(port);
  second.socket.write(post('/b', 'x'.repeat(1000)));
  await second.ended;
  expect(second.statuses()).toEqual([503]);
  // One that goes before its end gives back what it held.
  const third = await peer(port);
  third.socket.write(post('/c', 'x'.repeat(400), 1000));
  third.socket.destroy();
  open();
  await waitFor('the first answer', () => first.statuses().length === 1);
  await waitFor('room', async () => {
    const last = await peer(port);
    last.socket.write(post('/d', 'x'.repeat(1500)));
    await waitFor('an answer', () => last.statuses().length === 1);
    return last.statuses()[0] === 200;
  });
  expect(served).not.toContain('POST /c 400');
});

it('ends connections that are slow with a request, before it, and between two', async () => {
  const { port, served, open } = await serverOf({ requestMs: 300, idleMs: 300 });
  const silent = await peer(port);
  const slowHeader = await peer(port);
  const slowBody = await peer(port);
  const idle = await peer(port);
  idle.socket.write(post('/idle', ''));
  slowBody.socket.write(post('/body', 'x', 10));
  slowHeader.socket.write('POST / HTTP/1.1\r\nHost: x\r\n');
  const drip = setInterval(() => slowHeader.socket.write('X: y\r\n'), 50);
  try {
    await Promise.all([silent.ended, slowHeader.ended, slowBody.ended, idle.ended]);
  } finally {
    clearInterval(drip);
  }
  expect(slowHeader.statuses()).toEqual([408]);
  expect(slowBody.statuses()).toEqual([408]);
  expect(idle.statuses()).toEqual([200]);
  expect(served).toEqual(['POST /idle 0']);
  await waitFor('no connection', () => open() === 0);
});

it('answers what is no HTTP, or too long, and ends nothing else', async () => {
  const { port, served } = await serverOf({ maxHeaderBytes: 1000 });
  const good = await peer(port);
  const cases: [text: string | Buffer, statuses: number[]][] = [
    ['garbage\r\n\r\n', [400]],
    [Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00]), [400]],
    [`GET /${'x'.repeat(2000)} HTTP/1.1\r\nHost: x\r\n\r\n`, [431]],
    ['POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n', [400]],
    ['POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n', [400]],
    ['POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n', [400]],
    ['POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n', [400]],
    ['GET / HTTP/1.1\r\n\r\n', [400]],
    [`${post('/before', 'x')}garbage\r\n\r\n`, [200, 400]],
  ];
  for (const [text, statuses] of cases) {
    const bad = await peer(port);
    bad.socket.write(text);
    await bad.ended;
    expect(bad.statuses(), String(text).slice(0, 80)).toEqual(statuses);
  }
  good.socket.write(post('/good', ''));
  await waitFor('an answer', () => good.statuses().length === 1);
  expect(served).toEqual(['POST /before 1', 'POST /good 0']);
});

it('turns away who is too many, and answers a failure with 500', async () => {
  const { port, log } = await serverOf(
    { maxConnections: 2 },
    { serve: () => Promise.reject(new Error('no')) },
  );
  const [first] = [await peer(port), await peer(port)];
  const third = await peer(port);
  await third.ended;
  first.socket.write(post('/', ''));
  await waitFor('an answer', () => first.statuses().length === 1);
  expect(first.statuses()).toEqual([500]);
  expect(log.lines.join('\n')).toContain('2 connections are open already (maxConnections)');
});

it('serves at a stop what is whole, refuses what is not, and closes all', async () => {
  const { server, port, served, close } = await serverOf();
  const open = close();
  const [whole, half, idle] = [await peer(port), await peer(port), await peer(port)];
  whole.socket.write(post('/whole', 'x'));
  await waitFor('the whole', () => served.length === 1);
  half.socket.write('POST /half HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 10\r\n\r\n');
  await waitFor('the half', () => half.statuses().length === 1);
  const stopped = server.stop(Deadline.in(20_000));
  await half.ended;
  expect(half.statuses()).toEqual([100, 503]);
  open();
  await stopped;
  await Promise.all([whole.ended, idle.ended]);
  expect(whole.statuses()).toEqual([200]);
  expect(whole.text()).toContain('Connection: close');
});

it('abandons at its deadline what is still served, and answers it', async () => {
  const { server, port, served, close } = await serverOf();
  close();
  const { socket, statuses, ended } = await peer(port);
  socket.write(post('/', 'x'));
  await waitFor('the request', () => served.length === 1);
  await server.stop(Deadline.in(50));
  await ended;
  expect(statuses()).toEqual([503]);
});
