import assert from 'node:assert/strict';
import { pause } from '../../runtime/timers.ts';
import {
  type NetworkRun,
  type NetworkSourceSetup,
  type StrangeBytes,
  withNetworkSource,
} from './network-fixture.ts';
import type { NetworkPeer } from './network-peer.ts';
import type { TestApi } from './test-api.ts';
import { until } from './until.ts';

/** Who sends so much and is still read is never ended. */
const mostSent = 256 * 1024 * 1024;

/** The greeting of TLS, to whoever does not expect it. */
const clientHello = Buffer.from('16030100c8010000c40303', 'hex');

/** What peers may send that is no message: their connections end, or they are told; all others are served. */
export function strangeContract(test: TestApi, setup: NetworkSourceSetup): void {
  for (const strange of setup.strange) {
    test.it(`${strange.what}: ${outcome(strange.comes)}, and others are served`, () =>
      withNetworkSource(setup, {}, (run) => send(run, strange)),
    );
  }

  test.it(
    'ends a peer that takes too long for a message, a byte now and then, and serves others meanwhile',
    () =>
      withNetworkSource(setup, { requestMs: 400 }, async ({ peer, taken, isServed }) => {
        const message = setup.language.message(['too slow'.padEnd(800, '.')]);
        const slow = await peer();
        await slow.write(message.subarray(0, 20));
        const silent = await peer();
        await silent.write(message.subarray(0, 20));
        await isServed('meanwhile');
        // Its last byte never comes, however long this takes.
        for (let at = 20; !slow.isClosed; at = Math.min(at + 1, message.length - 3)) {
          await slow.write(message.subarray(at, at + 1));
          await pause(20);
        }
        await until('the end of the silent one', () => silent.isClosed);
        await isServed('afterwards');
        assert.deepEqual(taken(), ['meanwhile', 'afterwards']);
      }),
  );

  if (!setup.tls) return;

  test.it('takes messages over TLS', () =>
    withNetworkSource(setup, { tls: true }, async ({ peer, taken }) => {
      const one = await peer();
      await one.send(['one']);
      await one.send(['two']);
      await until('both', () => taken().length === 2);
      assert.deepEqual(taken(), ['one', 'two']);
    }),
  );

  const noTls: readonly [what: string, bytes: Buffer][] = [
    ['plain text', setup.language.message(['in the clear'])],
    ['garbage', Buffer.from(Array.from({ length: 2000 }, (_, i) => (i * 151) & 0xff))],
    ['a greeting whose rest is garbage', Buffer.concat([clientHello, Buffer.alloc(2000, 0xa5)])],
    ['a record of a length that none has', Buffer.from('160301ffff', 'hex')],
    ['an alert', Buffer.from('15030100020228', 'hex')],
  ];
  for (const [what, bytes] of noTls) {
    test.it(`ends who brings ${what} where TLS is expected, and serves others`, () =>
      withNetworkSource(setup, { tls: true, requestMs: 2000 }, async ({ peer, taken, isServed }) => {
        const bad = await peer({ tls: false, greets: false });
        await bad.write(bytes);
        await until('its end', () => bad.isClosed);
        await isServed('over TLS');
        assert.deepEqual(taken(), ['over TLS']);
      }),
    );
  }

  test.it('ends who never comes to the end of the handshake, and serves others meanwhile', () =>
    withNetworkSource(setup, { tls: true, requestMs: 400 }, async ({ peer, isServed }) => {
      const bad = [Buffer.alloc(0), clientHello.subarray(0, 1), clientHello].map(async (bytes) => {
        const one = await peer({ tls: false, greets: false });
        one.push(bytes);
        return one;
      });
      const peers: NetworkPeer[] = await Promise.all(bad);
      await isServed('meanwhile');
      await until('their end', () => peers.every(({ isClosed }) => isClosed));
    }),
  );
}

async function send({ peer, taken, isServed }: NetworkRun, strange: StrangeBytes): Promise<void> {
  const { comes, first = [] } = strange;
  const other = await peer();
  const bad = await peer({ greets: strange.isBare !== true });
  const bytes = strange.bytes();
  let sent = 0;
  for (const chunk of Buffer.isBuffer(bytes) ? [bytes] : bytes) {
    if (bad.isClosed) break;
    assert.ok(sent < mostSent, 'it is read without end');
    await bad.write(chunk);
    sent += chunk.length;
  }
  let expected = first;
  if (comes === 'closed') await until('its end', () => bad.isClosed);
  else if (comes === 'bad') {
    await until('an answer', () => bad.answers.length > 0);
    assert.deepEqual(bad.answers, ['bad']);
    assert.deepEqual(await bad.send(['better']), ['taken']);
    expected = [...first, 'better'];
  } else if (comes !== 'nothing') {
    expected = [...first, ...comes];
    await until('what comes of it', () => taken().length >= expected.length);
  }
  await isServed('new');
  await other.send(['other']);
  await until('the other', () => taken().includes('other'));
  assert.deepEqual(taken(), [...expected, 'new', 'other']);
}

function outcome(comes: StrangeBytes['comes']): string {
  if (comes === 'closed') return 'ends its connection';
  if (comes === 'bad') return 'is answered';
  return comes === 'nothing' ? 'is waited with' : `makes ${comes.length} events`;
}
