import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { waitFor } from '../../../testkit/src/process/wait.ts';
import { recordingLogger } from '../component/testing/context.ts';
import { Deadline } from '../runtime/deadline.ts';
import { AddressFilter, parseFilterRules } from './address-filter.ts';
import { type Conversation, PeerFault } from './conversation.ts';
import { RequestServer, type RequestServerOptions, type ServerLimits } from './request-server.ts';
import type { ServedConnection } from './served-connection.ts';

const sockets: Socket[] = [];
const servers: RequestServer[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const server of servers.splice(0)) await server.stop(Deadline.in(0));
});

const wide: ServerLimits = {
  maxConnections: 100,
  maxUnfinishedBytes: 1000,
  maxHeldBytes: 1 << 24,
  idleMs: Number.POSITIVE_INFINITY,
  requestMs: Number.POSITIVE_INFINITY,
};

/** Lines, each answered with itself in brackets; `!` is a fault, `?` fails. */
class Brackets implements Conversation<string> {
  #text = '';
  readonly #connection: ServedConnection;
  readonly #serve: (line: string, connection: ServedConnection) => Promise<void>;

  constructor(
    connection: ServedConnection,
    serve: (line: string, connection: ServedConnection) => Promise<void>,
  ) {
    this.#connection = connection;
    this.#serve = serve;
  }

  get unfinishedBytes(): number {
    return this.#text.length;
  }

  push(chunk: Buffer): void {
    this.#text += chunk.toString('latin1');
  }

  next(): string | null {
    const end = this.#text.indexOf('\n');
    if (end < 0) return null;
    const line = this.#text.slice(0, end);
    this.#text = this.#text.slice(end + 1);
    if (line === '!') throw new PeerFault('it said !', Buffer.from('no\n'));
    return line;
  }

  async serve(line: string): Promise<void> {
    if (line === '?') throw new Error('a bug');
    await this.#serve(line, this.#connection);
    await this.#connection.answer(`[${line}]\n`);
  }
}

async function serving(
  limits: Partial<ServerLimits> = {},
  serve: (line: string, connection: ServedConnection) => Promise<void> = async () => {},
  more: Partial<RequestServerOptions> = {},
) {
  const log = recordingLogger();
  const counts: number[] = [];
  const server = new RequestServer({
    component: 'source r1',
    log,
    limits: { ...wide, ...limits },
    onCount: (open) => counts.push(open),
    converse: (connection) => new Brackets(connection, serve),
    ...more,
  });
  servers.push(server);
  const port = await server.listen('127.0.0.1', 0);
  return { server, port, log, counts };
}

interface Peer {
  readonly socket: Socket;
  text(): string;
  /** Until the server has closed it. */
  closed(): Promise<unknown>;
}

async function peer(port: number): Promise<Peer> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  sockets.push(socket);
  let text = '';
  socket.setEncoding('latin1');
  socket.on('data', (data) => {
    text += data;
  });
  socket.on('error', () => {});
  const ended = new Promise((resolve) => socket.on('end', resolve).on('close', resolve));
  await once(socket, 'connect');
  return { socket, text: () => text, closed: () => ended };
}

describe('requests', () => {
  it('of one connection are served and answered one after the other, however the bytes are cut', async () => {
    let open = 0;
    let mostOpen = 0;
    const { port } = await serving({}, async () => {
      mostOpen = Math.max(mostOpen, ++open);
      await new Promise((resolve) => setImmediate(resolve));
      open--;
    });
    const { socket, text, closed } = await peer(port);
    const lines = Array.from({ length: 50 }, (_, i) => `line ${i}`);
    socket.setNoDelay(true);
    for (const piece of `${lines.join('\n')}\n`.match(/.{1,7}|\n/gs)!) socket.write(piece);
    socket.end();
    await closed();
    expect(text()).toBe(lines.map((line) => `[${line}]\n`).join(''));
    expect(mostOpen).toBe(1);
  });

  it('of others go on while one waits for room, and its socket is not read', async () => {
    const gate = Promise.withResolvers<void>();
    const { port } = await serving({ maxUnfinishedBytes: 1 << 20 }, (line) =>
      line === 'wait' ? gate.promise : Promise.resolve(),
    );
    const [slow, quick] = [await peer(port), await peer(port)];
    slow.socket.write('wait\n');
    const filler = Buffer.alloc(65_536, 'x');
    let sent = 0;
    // What the system keeps for both sides, and not a byte more.
    while (sent < 64 && slow.socket.write(filler)) sent++;
    await waitFor('the buffers to be full', () => slow.socket.writableLength > 0 || sent === 64);
    quick.socket.write('a\n');
    await waitFor('the other to be answered', () => quick.text() === '[a]\n');
    expect(slow.text()).toBe('');
    gate.resolve();
    await waitFor('the first answer', () => slow.text().startsWith('[wait]\n'));
  });

  it('that are none end their connection after the answers to those before', async () => {
    const { port, log } = await serving();
    const [bad, broken, good] = [await peer(port), await peer(port), await peer(port)];
    bad.socket.write('a\n!\nb\n');
    broken.socket.write('a\n?\nb\n');
    await Promise.all([bad.closed(), broken.closed()]);
    expect(bad.text()).toBe('[a]\nno\n');
    expect(broken.text()).toBe('[a]\n');
    good.socket.write('a\n');
    await waitFor('the others', () => good.text() === '[a]\n');
    expect(log.lines.filter((line) => line.includes('is closed')).map((line) => line.split(' ')[0])).toEqual([
      'warn',
      'error',
    ]);
  });
});

describe('limits', () => {
  it('of connections: one more is closed, the others are served, and one that goes makes room', async () => {
    const { server, port, log, counts } = await serving({ maxConnections: 2 });
    const [a, b] = [await peer(port), await peer(port)];
    await waitFor('two', () => server.open === 2);
    const c = await peer(port);
    await c.closed();
    a.socket.write('a\n');
    await waitFor('an answer', () => a.text() === '[a]\n');
    b.socket.destroy();
    await waitFor('room', () => server.open === 1);
    const d = await peer(port);
    d.socket.write('d\n');
    await waitFor('an answer', () => d.text() === '[d]\n');
    expect(log.lines.filter((line) => line.includes('maxConnections'))).toHaveLength(1);
    expect(counts).toEqual([1, 2, 1, 2]);
  });

  it('of an unfinished request', async () => {
    const { port, log } = await serving({ maxUnfinishedBytes: 10 });
    const { socket, closed, text } = await peer(port);
    socket.write('0123456789');
    socket.write('\n');
    await waitFor('an answer', () => text() === '[0123456789]\n');
    socket.write('0123456789x');
    await closed();
    expect(log.lines.join()).toContain('a request is longer than 10 bytes');
  });

  it('of requests of all connections together, and no small one is held up by them', async () => {
    const { port, log } = await serving({ maxUnfinishedBytes: 300_000, maxHeldBytes: 400_000 });
    const begun: Peer[] = [];
    for (let i = 0; i < 4; i++) begun.push(await peer(port));
    // Each counts for what it has beyond 64 KiB: the first two nearly fill it.
    for (const { socket } of begun.slice(0, 2)) socket.write(Buffer.alloc(265_000, 'x'));
    const small = await peer(port);
    small.socket.write('small\n');
    await waitFor('an answer', () => small.text() === '[small]\n');
    for (const { socket } of begun.slice(2)) socket.write(Buffer.alloc(120_000, 'x'));
    await Promise.all(begun.slice(2).map(({ closed }) => closed()));
    expect(log.lines.filter((line) => line.includes('(maxWaitingBytes)'))).toHaveLength(2);
    for (const { socket, text } of begun.slice(0, 2)) {
      socket.write('\n');
      await waitFor('the answer', () => text().length === 265_003);
    }
    // All of it is free again.
    const next = await peer(port);
    next.socket.write(`${'y'.repeat(290_000)}\n`);
    await waitFor('its answer', () => next.text().length === 290_003);
  });

  it('hold what is served, too, until it is answered', async () => {
    const gate = Promise.withResolvers<void>();
    const { port } = await serving(
      { maxUnfinishedBytes: 200_000, maxHeldBytes: 200_000 },
      () => gate.promise,
    );
    const [waiting, other] = [await peer(port), await peer(port)];
    waiting.socket.write(`${'x'.repeat(199_000)}\n`);
    other.socket.write(Buffer.alloc(199_000, 'x'));
    await other.closed();
    gate.resolve();
    await waitFor('the answer', () => waiting.text().length === 199_003);
  });

  it('of the time for a request: a byte now and then does not prolong it', async () => {
    const { port, log } = await serving({ requestMs: 300 });
    const { socket, closed, text } = await peer(port);
    socket.write('a\n');
    await waitFor('an answer', () => text() === '[a]\n');
    const dripping = setInterval(() => socket.write('x'), 20);
    await closed();
    clearInterval(dripping);
    expect(log.lines.join()).toContain('not whole after 300 ms');
  });

  it('of idle time, which ends no request that is served', async () => {
    const gate = Promise.withResolvers<void>();
    const { port, log } = await serving({ idleMs: 200 }, () => gate.promise);
    const [idle, busy] = [await peer(port), await peer(port)];
    busy.socket.write('a\n');
    await idle.closed();
    expect(log.lines.join()).toContain('no request came for 200 ms');
    gate.resolve();
    await waitFor('an answer', () => busy.text() === '[a]\n');
  });

  it('of the time for taking an answer', async () => {
    const { server, port, log } = await serving({ requestMs: 300, maxUnfinishedBytes: 1 << 20 });
    const { socket } = await peer(port);
    socket.pause();
    const feed = () => {
      while (!socket.destroyed && socket.write('x'.repeat(1000).concat('\n').repeat(60)));
    };
    socket.on('drain', feed);
    feed();
    await waitFor('its end', () => server.open === 0);
    expect(log.lines.join()).toContain('took no answer for 300 ms');
  });

  it('of addresses', async () => {
    const filter = new AddressFilter(parseFilterRules('deny:ip:127.*').rules);
    const { server, port, log } = await serving({}, undefined, { filter });
    await (await peer(port)).closed();
    expect(log.lines.join()).toContain('ipFilterRules forbid');
    await waitFor('none', () => server.open === 0);
  });
});

describe('a stop', () => {
  it('finishes and answers what was read, and reads no more', async () => {
    const gate = Promise.withResolvers<void>();
    const served: string[] = [];
    const { server, port } = await serving({}, async (line) => {
      served.push(line);
      await gate.promise;
    });
    const [busy, idle] = [await peer(port), await peer(port)];
    busy.socket.write('a\nb\n');
    await waitFor('the request', () => served.length === 1);
    const stopped = server.stop(Deadline.never());
    await idle.closed();
    busy.socket.write('c\n');
    gate.resolve();
    await stopped;
    await busy.closed();
    expect(busy.text()).toBe('[a]\n[b]\n');
    expect(served).toEqual(['a', 'b']);
    await expect(peer(port)).rejects.toThrow('ECONNREFUSED');
  });

  it('abandons what is not done at its deadline', async () => {
    let begun = false;
    const { server, port } = await serving({}, async (_, { abandoned }) => {
      begun = true;
      if (!abandoned.aborted) await once(abandoned, 'abort');
    });
    const { socket, text, closed } = await peer(port);
    socket.write('a\n');
    await waitFor('the request', () => begun);
    await server.stop(Deadline.in(50));
    await closed();
    expect(text()).toBe('');
    expect(server.open).toBe(0);
  });

  it('does not wait for peers that never began, nor for one whose name is still asked for', async () => {
    const never = new Promise<boolean>(() => {});
    const filter = { allows: () => never } as unknown as AddressFilter;
    const { server, port } = await serving({}, undefined, { filter });
    const { closed } = await peer(port);
    await waitFor('the peer', () => server.open === 1);
    await server.stop(Deadline.never());
    await closed();
  });
});

it('2,000 peers that say nothing leave the others served, within the limit', async () => {
  const { server, port } = await serving({ maxConnections: 500 });
  const first = await peer(port);
  const crowd = Array.from({ length: 2000 }, () => {
    const socket = connect(port, '127.0.0.1').resume();
    socket.on('error', () => {});
    sockets.push(socket);
    return socket;
  });
  await waitFor('the limit', () => server.open === 500);
  first.socket.write('a\n');
  await waitFor('an answer', () => first.text() === '[a]\n');
  await waitFor('the others to be closed', () => crowd.filter((socket) => socket.destroyed).length >= 1501);
  expect(server.open).toBe(500);
});
