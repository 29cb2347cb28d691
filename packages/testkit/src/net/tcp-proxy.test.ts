import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { TcpProxy } from './tcp-proxy.ts';

async function echoServer(): Promise<AsyncDisposable & { port: number }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.pipe(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

async function client(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

async function ask(socket: Socket, text: string): Promise<string> {
  socket.write(text);
  const [chunk] = (await once(socket, 'data')) as [Buffer];
  return chunk.toString();
}

/** `once` would fail on the error that comes before. */
const closing = (socket: Socket) => new Promise<void>((resolve) => socket.once('close', () => resolve()));

test('passes bytes both ways, and a black hole keeps them until it ends', async () => {
  await using target = await echoServer();
  await using proxy = await TcpProxy.start({ targetPort: target.port });
  const socket = await client(proxy.port);
  expect(await ask(socket, 'one')).toBe('one');
  proxy.setBlackHole(true);
  const answer = ask(socket, 'two');
  expect(await Promise.race([answer, sleep(50, 'nothing')])).toBe('nothing');
  proxy.setBlackHole(false);
  expect(await answer).toBe('two');
  socket.destroy();
});

test('cuts in the middle of a message, and all connections at once', async () => {
  await using target = await echoServer();
  await using proxy = await TcpProxy.start({ targetPort: target.port });
  const [one, two] = [await client(proxy.port), await client(proxy.port)];
  await ask(one, 'warm');
  await ask(two, 'warm');
  expect(proxy.connectionCount).toBe(2);
  proxy.cutAfter(4 + 2);
  const closed = Promise.all([closing(one), closing(two)]);
  const seen: Buffer[] = [];
  one.on('data', (chunk: Buffer) => seen.push(chunk));
  one.write('abcd');
  await closed;
  expect(Buffer.concat(seen).length).toBeLessThan(4);
  expect(proxy.connectionCount).toBe(0);
});

test('refuses new connections while told to', async () => {
  await using target = await echoServer();
  await using proxy = await TcpProxy.start({ targetPort: target.port });
  proxy.setRefuse(true);
  const refused = connect(proxy.port, '127.0.0.1');
  refused.on('error', () => {});
  await closing(refused);
  proxy.setRefuse(false);
  const socket = await client(proxy.port);
  expect(await ask(socket, 'hello')).toBe('hello');
  socket.destroy();
});
