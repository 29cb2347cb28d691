import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { Deadline } from '../../runtime/deadline.ts';
import { DatagramCounter } from '../counters.ts';
import type { ChannelProcessor, Source } from '../source.ts';
import { DrivenSource, TestPuts } from './driven-source.ts';
import { RecordedEvents } from './recorded-events.ts';
import type { TestApi } from './test-api.ts';
import { until } from './until.ts';

export interface DatagramFixture {
  readonly source: Source;
  /** On 127.0.0.1. */
  readonly port: number;
  /** What it has logged. */
  readonly lines: readonly string[];
}

export interface DatagramSourceSetup {
  /** Makes a source that puts into `channels` and keeps at most so many bytes that wait; not started. */
  create(channels: ChannelProcessor, limits: { readonly waitingBytes: number }): Promise<DatagramFixture>;
  /** What is sent for an event with this body. */
  datagram(body: string): Buffer;
  /** Datagrams that are strange, and the bodies of the events that come of them, a character a byte. */
  readonly strange: readonly {
    readonly what: string;
    readonly bytes: Buffer;
    readonly comes: readonly string[];
  }[];
}

/** The largest over IPv4. */
export const mostDatagramBytes = 65_507;
const usualWaiting = 64 * 1024 * 1024;

/**
 * Tests a source of datagrams: what strange ones do to it, and that each is an event or counted and told as lost.
 * `sourceContract` has what every source owes.
 */
export function datagramSourceContract(test: TestApi, name: string, setup: DatagramSourceSetup): void {
  const { datagram } = setup;

  test.describe(`datagram source contract: ${name}`, () => {
    for (const { what, bytes, comes } of setup.strange) {
      test.it(`${what}: makes ${comes.length} events, and others are served`, () =>
        use(setup, usualWaiting, async ({ taken, port }) => {
          await send(port, [datagram('before'), bytes, datagram('after')]);
          await until('all', () => taken().includes('after'));
          assert.deepEqual(taken(), ['before', ...comes, 'after']);
        }),
      );
    }

    test.it('takes what very many peers send, each a datagram', () =>
      use(setup, usualWaiting, async ({ taken, port }) => {
        const bodies = Array.from({ length: 300 }, (_, i) => `peer ${i}`);
        await Promise.all(bodies.map((body) => send(port, [datagram(body)])));
        await until('all', () => taken().length === bodies.length);
        assert.deepEqual(taken().sort(), bodies.sort());
      }),
    );

    test.it('keeps what comes while the channels are full, and loses nothing that has room', () =>
      use(setup, usualWaiting, async ({ taken, port, puts, dropped }) => {
        puts.rejectNext = 3;
        const bodies = Array.from({ length: 50 }, (_, i) => `line ${i}`);
        for (const body of bodies) await send(port, [datagram(body)]);
        await until('all', () => taken().length === bodies.length);
        assert.deepEqual(taken(), bodies);
        assert.equal(dropped(), 0);
      }),
    );

    test.it(
      'counts and tells each datagram for which there is no room, and holds no more than it may',
      () => {
        const waitingBytes = 65_536;
        return use(setup, waitingBytes, async ({ taken, port, puts, dropped, lines, driven }) => {
          puts.holdUp();
          await send(port, [datagram('first')]);
          await until('a put', () => puts.open === 1);
          const bodies = Array.from({ length: 1000 }, (_, i) => `${i}`.padEnd(500, '.'));
          for (const body of bodies) await send(port, [datagram(body)]);
          // Each has its own bytes and more around it.
          const most = Math.floor(waitingBytes / 500);
          await until('what is lost', () => dropped() >= bodies.length - most);
          puts.resume();
          // What the system itself has dropped is looked for at the end, too.
          await driven.stop();
          const there = new Set(taken());
          assert.equal(taken().length + dropped(), 1 + bodies.length);
          assert.deepEqual(taken(), ['first', ...bodies.filter((body) => there.has(body))]);
          assert.ok(lines.some((line) => /^error .* datagrams are lost: /.test(line)));
        });
      },
    );

    test.it('counts and tells what a stop loses', () =>
      use(setup, usualWaiting, async ({ taken, port, puts, dropped, lines, source }) => {
        puts.holdUp();
        await send(port, [datagram('a'), datagram('b'), datagram('c')]);
        await until('a put', () => puts.open === 1);
        await source.stop({ deadline: Deadline.in(50) });
        assert.deepEqual(taken(), []);
        assert.equal(dropped(), 3);
        assert.ok(lines.some((line) => /^error .* are lost: /.test(line)));
      }),
    );
  });
}

interface Run extends DatagramFixture {
  readonly puts: TestPuts;
  readonly driven: DrivenSource;
  taken(): string[];
  dropped(): number;
}

async function use(
  setup: DatagramSourceSetup,
  waitingBytes: number,
  body: (run: Run) => Promise<void>,
): Promise<void> {
  const puts = new TestPuts();
  const recorded = new RecordedEvents(puts);
  const fixture = await setup.create(recorded, { waitingBytes });
  const { counter } = fixture.source;
  assert.ok(counter instanceof DatagramCounter, 'it counts what is lost');
  const driven = new DrivenSource(fixture.source);
  try {
    await driven.start();
    await body({
      ...fixture,
      puts,
      driven,
      taken: () => recorded.events.map((event) => event.body),
      dropped: () => counter.datagramsDropped,
    });
  } finally {
    puts.rejectNext = 0;
    puts.resume();
    await driven.stop();
  }
}

/** From one port, in order. */
async function send(port: number, datagrams: readonly Buffer[]): Promise<void> {
  const socket = createSocket('udp4');
  try {
    for (const bytes of datagrams)
      await new Promise<void>((resolve, reject) =>
        socket.send(bytes, port, '127.0.0.1', (error) => (error === null ? resolve() : reject(error))),
      );
  } finally {
    socket.close();
  }
}
