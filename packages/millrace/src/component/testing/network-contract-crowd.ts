import assert from 'node:assert/strict';
import { type NetworkSourceSetup, withNetworkSource } from './network-fixture.ts';
import type { NetworkPeer } from './network-peer.ts';
import type { TestApi } from './test-api.ts';
import { until } from './until.ts';

/** What a peer may hold that counts for nothing: a read, and what the room for it may have more. */
const freeBytes = 64 * 1024;
/** So many connect at once; the system's own queue of those that wait is not endless. */
const atOnce = 100;

/** Connections of a crowd: `MILLRACE_CONNECTIONS`, as many as one likes, or the quick run's number. */
function crowdOr(quick: number): number {
  const given = Number(process.env.MILLRACE_CONNECTIONS);
  return Number.isInteger(given) && given > 0 ? given : quick;
}

/** What very many peers may do to a source. */
export function crowdContract(test: TestApi, setup: NetworkSourceSetup): void {
  const count = crowdOr(5000);
  test.it(`serves others while ${count} connections say nothing, and turns away who is one too many`, () =>
    withNetworkSource(setup, { maxConnections: count + 1 }, async ({ peer, taken, source }) => {
      const idle = await many(count, () => peer({ greets: false }));
      const last = await peer();
      await last.send(['the last one']);
      await until('the last one', () => taken().includes('the last one'));
      const { counter } = source;
      if (counter !== undefined && 'openConnections' in counter)
        assert.equal(counter.openConnections, count + 1);
      const tooMany = await peer({ greets: false });
      await until('the end of one too many', () => tooMany.isClosed);
      assert.ok(
        [...idle, last].every(({ isClosed }) => !isClosed),
        'nobody else is closed',
      );
      idle[0]!.destroy();
      // Until the source has seen that, who comes is still one too many.
      for (let next = await peer(); !taken().includes('the next'); next = await peer()) {
        await next.send(['the next']);
        await until('the next', () => next.isClosed || taken().includes('the next'));
      }
    }),
  );

  const halfCount = crowdOr(500);
  test.it(`serves others while ${halfCount} connections have half a message each`, () =>
    withNetworkSource(setup, { maxConnections: halfCount + 1 }, async ({ peer, taken, isServed }) => {
      const message = setup.language.message(['half']);
      const half = message.subarray(0, message.length - 2);
      const halves = await many(halfCount, async () => {
        const one = await peer();
        await one.write(half);
        return one;
      });
      await isServed('beside them');
      assert.ok(halves.every(({ isClosed }) => !isClosed));
      // One of them goes on, and the others are as they were.
      await halves[halfCount >> 1]!.write(message.subarray(message.length - 2));
      await until('its message', () => taken().length === 2);
      assert.deepEqual(taken(), ['beside them', 'half']);
    }),
  );

  test.it('holds no more of unfinished messages of all peers together than it may, and serves others', () => {
    const waitingBytes = setup.largestMessageBytes ?? 1024 * 1024;
    const messageBytes = waitingBytes / 4;
    const peers = 20;
    return withNetworkSource(setup, { messageBytes, waitingBytes }, async ({ peer, taken, isServed }) => {
      const body = 'x'.repeat(Math.floor(messageBytes * 0.9));
      const message = setup.language.message([body]);
      const half = message.subarray(0, message.length - 16);
      const halves = await many(peers, async () => {
        const one = await peer();
        await one.write(half);
        return one;
      });
      // So many and no more are whole but for their end; those for which there is no room are sent away.
      const most = Math.floor(waitingBytes / (half.length - freeBytes)) + 1;
      await until('the end of those without room', () => halves.filter(isOpen).length <= most);
      await isServed('small');
      const [first] = halves.filter(isOpen);
      assert.ok(first !== undefined, 'those that have room stay');
      for (const each of halves) if (each !== first) each.destroy();
      await first.write(message.subarray(message.length - 16));
      await until('the one that was begun', () => taken().length === 2);
      assert.deepEqual(taken(), ['small', body]);
      // What was held is free again.
      const again = await peer();
      await again.send([body]);
      await until('the same of another', () => taken().length === 3);
    });
  });
}

const isOpen = (peer: NetworkPeer): boolean => !peer.isClosed;

async function many(count: number, make: () => Promise<NetworkPeer>): Promise<NetworkPeer[]> {
  const made: NetworkPeer[] = [];
  while (made.length < count)
    made.push(
      ...(await Promise.all(Array.from({ length: Math.min(atOnce, count - made.length) }, () => make()))),
    );
  return made;
}
