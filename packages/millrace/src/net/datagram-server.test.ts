import { afterEach, expect, it } from 'vitest';
import { freeDatagramPort, sendDatagrams } from '../../../testkit/src/net/datagrams.ts';
import { waitFor } from '../../../testkit/src/process/wait.ts';
import { recordingLogger } from '../component/testing/context.ts';
import { Deadline } from '../runtime/deadline.ts';
import { nextTurn } from '../runtime/timers.ts';
import type { DatagramQueue } from './datagram-queue.ts';
import { DatagramServer, type DatagramServerOptions } from './datagram-server.ts';

const servers: DatagramServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop(Deadline.in(0));
});

/** A server whose service takes all that waits, once its gate is open. */
function serverOf(options: Partial<DatagramServerOptions> = {}) {
  const log = recordingLogger();
  const served: string[] = [];
  const dropped: [number, string][] = [];
  let gate: PromiseWithResolvers<void> | null = null;
  const server = new DatagramServer({
    component: 'source r1',
    log,
    maxWaitingBytes: 1_000_000,
    serve: async (waiting: DatagramQueue, abandoned) => {
      const aborted = new Promise<void>((resolve) =>
        abandoned.addEventListener('abort', () => resolve(), { once: true }),
      );
      if (gate !== null) await Promise.race([gate.promise, aborted]);
      for (let item = waiting.take(); item !== null; item = waiting.take())
        served.push(`${item.peer.address} ${item.bytes}`);
    },
    onDropped: (count, where) => dropped.push([count, where]),
    ...options,
  });
  servers.push(server);
  /** Gives what opens it again. */
  const close = () => {
    const closed = Promise.withResolvers<void>();
    gate = closed;
    return () => closed.resolve();
  };
  return { server, log, served, dropped, close };
}

it('serves what comes, in order, from either kind of address', async () => {
  const { server, served } = serverOf();
  const port = await server.listen(undefined, 0);
  await sendDatagrams(port, ['a', 'b', '']);
  await waitFor('the first', () => served.length === 3);
  await sendDatagrams(port, ['c'], '::1');
  await waitFor('the last', () => served.length === 4);
  expect(served).toEqual(['127.0.0.1 a', '127.0.0.1 b', '127.0.0.1 ', '0:0:0:0:0:0:0:1 c']);
});

it('names port and option where the port is taken, and the host where there is none', async () => {
  const { server } = serverOf();
  const port = await server.listen('127.0.0.1', 0);
  await expect(serverOf().server.listen('127.0.0.1', port)).rejects.toMatchObject({
    code: 'ADDRESS_IN_USE',
    message: `source r1: port ${port} on 127.0.0.1 is in use by another program`,
  });
  await expect(serverOf().server.listen(undefined, port)).rejects.toMatchObject({ code: 'ADDRESS_IN_USE' });
  await expect(serverOf().server.listen('no.such.host.invalid', port)).rejects.toMatchObject({
    code: 'SOURCE_FAILED',
  });
});

it('keeps what waits within its limit, and counts and tells what comes then', async () => {
  const { server, served, dropped, log, close } = serverOf({ maxWaitingBytes: 10 * 300 });
  const port = await server.listen('127.0.0.1', 0);
  const open = close();
  const bodies = Array.from({ length: 50 }, (_, i) => `${i}`.padEnd(44));
  await sendDatagrams(port, bodies);
  await waitFor('drops', () => dropped.length === 40);
  open();
  await server.stop();
  expect(served).toEqual(bodies.slice(0, 10).map((body) => `127.0.0.1 ${body}`));
  expect(dropped).toEqual(Array(40).fill([1, 'here']));
  expect(log.lines.filter((line) => line.startsWith('error'))).toEqual([
    'error source r1: 40 datagrams are lost: the channels did not take them in time, and 3000 bytes waited already (maxWaitingBytes)',
  ]);
});

it('serves at a stop what the system has received by then, and gives the port back', async () => {
  const { server, served } = serverOf();
  const port = await server.listen('127.0.0.1', 0);
  await sendDatagrams(
    port,
    Array.from({ length: 500 }, (_, i) => `${i}`),
  );
  await server.stop();
  expect(served).toEqual(Array.from({ length: 500 }, (_, i) => `127.0.0.1 ${i}`));
  await expect(serverOf().server.listen('127.0.0.1', port)).resolves.toBe(port);
});

it('gives up at the deadline of a stop, and counts what is lost with it', async () => {
  const { server, served, dropped, close } = serverOf();
  const port = await server.listen('127.0.0.1', 0);
  close();
  await sendDatagrams(port, ['a', 'b', 'c']);
  await server.stop(Deadline.in(200));
  expect(served).toEqual([]);
  expect(dropped).toEqual([[3, 'here']]);
});

it('goes on after a service that failed', async () => {
  let fail = true;
  const served: string[] = [];
  const { server, log } = serverOf({
    serve: async (waiting) => {
      const text = waiting.take()!.bytes.toString();
      if (fail) {
        fail = false;
        throw new Error(`no ${text}`);
      }
      served.push(text);
    },
  });
  const port = await server.listen('127.0.0.1', 0);
  await sendDatagrams(port, ['a', 'b']);
  await waitFor('b', () => served.length === 1);
  expect(served).toEqual(['b']);
  expect(log.lines).toContain('error source r1: no a');
});

it('does not call a service again and again that takes nothing', async () => {
  const begun = performance.now();
  let calls = 0;
  const { server, dropped } = serverOf({
    serve: async () => {
      calls++;
      await nextTurn();
      throw new Error('not now');
    },
  });
  const port = await server.listen('127.0.0.1', 0);
  await sendDatagrams(port, ['a', 'b']);
  await waitFor('two calls', () => calls >= 2);
  expect(calls).toBeLessThanOrEqual(1 + (performance.now() - begun) / 1000);
  await server.stop(Deadline.in(10));
  expect(dropped).toEqual([[2, 'here']]);
});

it('tells where the system keeps less than was asked for', async () => {
  const { server, log } = serverOf({ receiveBufferBytes: 0x7fff_ffff });
  await server.listen('127.0.0.1', await freeDatagramPort());
  expect(log.lines.join('\n')).toMatch(
    /warn source r1: the system keeps \d+ bytes of what arrives, not the 2147483647 of receiveBufferBytes/,
  );
});
