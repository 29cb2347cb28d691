import type { AddressInfo } from 'node:net';
import { createServer, type Server, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { waitFor } from '../../../../testkit/src/process/wait.ts';
import { parseConnectString } from './connect-string.ts';
import { Frames, largestFrame } from './jute.ts';
import { readNode, watchNode } from './node-watch.ts';

const int = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
};
const frame = (...parts: Buffer[]) => {
  const body = Buffer.concat(parts);
  return Buffer.concat([int(body.length), body]);
};
const session = (timeoutMs = 3000) =>
  frame(int(0), int(timeoutMs), Buffer.alloc(8), int(16), Buffer.alloc(16));
const header = (xid: number, error = 0) => Buffer.concat([int(xid), Buffer.alloc(8), int(error)]);
const data = (xid: number, text: string) =>
  frame(header(xid), int(text.length), Buffer.from(text), Buffer.alloc(68));
const event = (path: string) => frame(header(-1), int(3), int(3), int(path.length), Buffer.from(path));

/** Answers each request of a connection in turn with the next of the script; null: not at all. */
async function withServer<T>(
  script: readonly (readonly (Buffer | null)[])[],
  use: (servers: string, connections: () => number) => Promise<T>,
): Promise<T> {
  let connections = 0;
  const sockets: Socket[] = [];
  const server: Server = createServer((socket) => {
    const answers = [...(script[connections++] ?? [])];
    sockets.push(socket);
    socket.on('error', () => {});
    const frames = new Frames();
    socket.on('data', (chunk: Buffer) => {
      for (const _ of frames.push(chunk)) {
        const answer = answers.shift();
        if (answer === undefined) socket.destroy();
        else if (answer !== null) socket.write(answer);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    return await use(`127.0.0.1:${(server.address() as AddressInfo).port}`, () => connections);
  } finally {
    for (const socket of sockets) socket.destroy();
    server.close();
  }
}

const { signal } = new AbortController();
const fault = (servers: string, options = {}) =>
  readNode({ servers, path: '/a' }, signal, options).then(
    () => null,
    (error: Error) => error,
  );

describe('a server', () => {
  it('that is one gives the data, whatever pieces it comes in', () =>
    withServer([[session(), data(1, 'text')]], async (servers) => {
      expect((await readNode({ servers, path: '/a' }, signal))?.toString()).toBe('text');
    }));

  it.each<[what: string, answers: (Buffer | null)[], kind: string, message: RegExp]>([
    [
      'speaks HTTP',
      [Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')],
      'protocol',
      /frame of 1213486160 bytes/,
    ],
    ['tells a negative length', [int(-5)], 'protocol', /frame of -5 bytes/],
    ['tells an absurd length', [int(largestFrame + 1)], 'protocol', /frame of 16777217 bytes/],
    ['cuts its greeting short', [frame(int(0))], 'protocol', /cut short/],
    ['gives no session', [session(0)], 'refused', /gives no session/],
    ['hangs up', [], 'connection', /ended the connection/],
    ['hangs up on the question', [session()], 'connection', /ended the connection/],
    [
      'tells more data than it sends',
      [session(), frame(header(1), int(500), Buffer.alloc(9))],
      'protocol',
      /cut short/,
    ],
    ['tells data of a negative length', [session(), frame(header(1), int(-7))], 'protocol', /cut short/],
    ['answers another question', [session(), data(7, 'text')], 'protocol', /not asked \(7\)/],
    ['does not let everybody read', [session(), frame(header(1, -102))], 'denied', /ACL/],
    ['has an error of its own', [session(), frame(header(1, -110))], 'refused', /error -110/],
  ])('that %s is told', (_, answers, kind, message) =>
    withServer([answers], async (servers) => {
      const error = await fault(servers);
      expect(error).toMatchObject({ kind, message: expect.stringMatching(message) });
      expect(error?.message).toContain('127.0.0.1');
    }),
  );

  it('that says nothing is given up, before and after the greeting', () =>
    withServer([[null], [session(60), ...Array<null>(1000).fill(null)]], async (servers) => {
      expect(await fault(servers, { connectTimeoutMs: 30 })).toMatchObject({ kind: 'timeout' });
      expect(await fault(servers)).toMatchObject({ kind: 'timeout' });
    }));

  it('of several is passed over for another where it has not answered', () =>
    withServer([[session(), data(1, 'text')]], async (servers) => {
      const place = { servers: `127.0.0.1:1,${servers}`, path: '/a' };
      const read = await readNode(place, signal, { random: () => 0.5 });
      expect(read?.toString()).toBe('text');
    }));
});

it('a change that is told in one piece with the answer before it is seen', () =>
  withServer(
    [[session(), Buffer.concat([data(1, 'one'), event('/a')]), data(2, 'two'), null, null]],
    async (servers) => {
      const seen: string[] = [];
      const abort = new AbortController();
      const value = async (bytes: Buffer | null) => void seen.push(String(bytes));
      const running = watchNode({ servers, path: '/a' }, { value, trouble: () => {} }, abort.signal);
      await waitFor('two', () => seen.length === 2);
      expect(seen).toEqual(['one', 'two']);
      abort.abort();
      await running;
    },
  ));

it('a watch whose session is lost reads again with another', () =>
  withServer([[session(), data(1, 'one')], [], [session(), data(1, 'two'), null]], async (servers) => {
    const seen: string[] = [];
    const troubles: string[] = [];
    const abort = new AbortController();
    const listener = {
      value: async (bytes: Buffer | null) => void seen.push(String(bytes)),
      trouble: (error: Error) => void troubles.push(error.message),
    };
    const options = { retryMs: 1, random: () => 1 };
    const running = watchNode({ servers, path: '/a' }, listener, abort.signal, {
      ...options,
      sessionTimeoutMs: 50,
    });
    // The first session is closed by its ping, which the script has no answer for; the second at its greeting.
    await waitFor('two', () => seen.includes('two'), { timeoutMs: 10_000 });
    expect(seen).toEqual(['one', 'two']);
    expect(troubles).toHaveLength(2);
    abort.abort();
    await running;
  }));

it('a server that never hangs up is left after the close', async () => {
  let cut = false;
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    // It goes on talking: to a socket that is still there, for ever.
    const talking = setInterval(() => socket.write(event('/b')), 20);
    socket.on('error', () => {});
    socket.on('close', () => {
      clearInterval(talking);
      cut = true;
    });
    const frames = new Frames();
    const answers = [session(), data(1, 'text')];
    socket.on('data', (chunk: Buffer) => {
      for (const _ of frames.push(chunk)) {
        const answer = answers.shift();
        if (answer !== undefined) socket.write(answer);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const { port } = server.address() as AddressInfo;
    expect(String(await readNode({ servers: `127.0.0.1:${port}`, path: '/a' }, signal))).toBe('text');
    await waitFor('the end of the connection', () => cut, { timeoutMs: 10_000 });
  } finally {
    server.close();
  }
});

it('a session of a millisecond is kept, and its server is not flooded with pings', async () => {
  const troubles: string[] = [];
  let pings = 0;
  const begun = performance.now();
  const answers = [session(1), data(1, 'text')];
  const server = createServer((socket) => {
    const frames = new Frames();
    socket.on('error', () => {});
    socket.on('data', (chunk: Buffer) => {
      for (const _ of frames.push(chunk)) {
        const answer = answers.shift();
        if (answer === undefined) pings++;
        socket.write(answer ?? frame(header(-2)));
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const abort = new AbortController();
  const trouble = (error: Error) => void troubles.push(error.message);
  const { port } = server.address() as AddressInfo;
  const place = { servers: `127.0.0.1:${port}`, path: '/a' };
  const running = watchNode(place, { value: async () => {}, trouble }, abort.signal);
  try {
    await waitFor('pings', () => pings >= 3);
    expect(pings).toBeLessThanOrEqual((performance.now() - begun) / 50);
    expect(troubles).toEqual([]);
  } finally {
    abort.abort();
    await running;
    server.close();
  }
});

describe('a connect string', () => {
  it.each([
    ['h', [{ host: 'h', port: 2181 }], ''],
    [
      'h1:2182, h2,[::1]:7/a/b/',
      [
        { host: 'h1', port: 2182 },
        { host: 'h2', port: 2181 },
        { host: '::1', port: 7 },
      ],
      '/a/b',
    ],
  ])('%s', (text, servers, chroot) => {
    expect(parseConnectString(text)).toEqual({ servers, chroot });
  });

  it.each(['', ',', 'h:x', 'h:0', 'h:70000', '::1:2181', '/a'])("'%s' is none", (text) => {
    expect(() => parseConnectString(text)).toThrow();
  });
});
