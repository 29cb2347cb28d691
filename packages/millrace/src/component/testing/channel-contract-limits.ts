/** The part of the channel contract that is about room, waiting and being opened and closed. */
import assert from 'node:assert/strict';
import type { MillraceError } from '../../runtime/errors.ts';
import type { Transaction } from '../channel.ts';
import { heldAtOf } from './channel-contract-fates.ts';
import {
  type ChannelContractSetup,
  type ChannelLimits,
  drain,
  put,
  rejects,
  takeExactly,
  use,
  wide,
} from './channel-fixture.ts';
import { batchOf, bodiesOf, numbered, type TestApi } from './test-api.ts';

export function limits(test: TestApi, setup: ChannelContractSetup): void {
  const { supports } = setup;
  if (supports.transactionCapacity) {
    test.it('refuses more events in a transaction than transactionCapacity', () =>
      use(setup, { ...wide, transactionCapacity: 3 }, async ({ channel }) => {
        assert.equal(channel.transactionCapacity, 3);
        const transaction = channel.begin();
        await transaction.put(batchOf('a', 'b'));
        await rejects('TRANSACTION_TOO_BIG', () => transaction.put(batchOf('c', 'd')));
        await transaction.rollback();
        await put(channel, 'e', 'f', 'g');
        assert.deepEqual(await drain(channel), ['e', 'f', 'g']);
      }),
    );
  }
  if (supports.fullAt === 'never') return;
  const small: ChannelLimits = { capacity: 3, transactionCapacity: 3, keepAliveSeconds: 0 };

  test.it('says CHANNEL_FULL beyond its capacity, and loses nothing', () =>
    use(setup, small, async ({ channel }) => {
      await put(channel, 'a', 'b', 'c');
      const transaction = channel.begin();
      if (supports.fullAt === 'commit') {
        await transaction.put(batchOf('d'));
        await rejects('CHANNEL_FULL', () => transaction.commit());
      } else {
        await rejects('CHANNEL_FULL', () => transaction.put(batchOf('d')));
      }
      await transaction.rollback();
      assert.deepEqual(await drain(channel), ['a', 'b', 'c']);
      await put(channel, 'd');
      assert.deepEqual(await drain(channel), ['d']);
    }),
  );

  if (setup.supports.lends === true) {
    test.it('lends the room of events that are in open takes, within a bound, and takes it back', () =>
      use(setup, small, async ({ channel }) => {
        const takes: Transaction[] = [];
        const bodies: string[] = [];
        const most = 10_000;
        while (takes.length <= most) {
          const next = numbered('e', 3, bodies.length);
          if (!(await isTaken(put(channel, ...next)))) break;
          bodies.push(...next);
          const taking = channel.begin();
          await takeExactly(taking, 3);
          takes.push(taking);
        }
        assert.ok(takes.length > 1 && takes.length < most, `${takes.length} takes of the whole channel`);
        for (const taking of takes) await taking.rollback();
        // They are all back: more than the capacity, and nothing may be added.
        await rejects('CHANNEL_FULL', () => put(channel, 'one more'));
        const back: string[] = [];
        for (let some = await drain(channel); some.length > 0; some = await drain(channel))
          back.push(...some);
        assert.deepEqual(back, bodies);
        await put(channel, 'a', 'b', 'c');
        await rejects('CHANNEL_FULL', () => put(channel, 'd'));
      }),
    );
  } else {
    test.it('keeps the room of events that are in an open take', () =>
      use(setup, small, async ({ channel }) => {
        await put(channel, 'a', 'b', 'c');
        const taking = channel.begin();
        await takeExactly(taking, 3);
        await rejects('CHANNEL_FULL', () => put(channel, 'd'));
        await taking.rollback();
        assert.deepEqual(await drain(channel), ['a', 'b', 'c']);
      }),
    );
  }

  test.it('lets a put wait keep-alive for room', () =>
    use(setup, { ...small, keepAliveSeconds: 600 }, async ({ channel }) => {
      await put(channel, 'a', 'b', 'c');
      const waiting = put(channel, 'd');
      const taking = channel.begin();
      await takeExactly(taking, 2);
      await taking.commit();
      await waiting;
      const rest = channel.begin();
      assert.deepEqual(await takeExactly(rest, 2), ['c', 'd']);
      await rest.commit();
    }),
  );

  test.it('refuses the put that waits for room when it is stopped', () =>
    use(setup, { ...small, keepAliveSeconds: 600 }, async ({ channel }) => {
      await put(channel, 'a', 'b', 'c');
      const waiting = put(channel, 'd').then(
        () => 'put',
        (error: MillraceError) => error.code,
      );
      await new Promise(setImmediate);
      await channel.stop();
      assert.equal(await waiting, 'CHANNEL_CLOSED');
    }),
  );
}

export function waiting(test: TestApi, setup: ChannelContractSetup): void {
  if (setup.supports.takeWaits) {
    test.it('lets a take on an empty channel wait for events', () =>
      use(setup, { ...wide, keepAliveSeconds: 600 }, async ({ channel }) => {
        const transaction = channel.begin();
        const taking = transaction.take(10);
        await put(channel, 'a');
        assert.deepEqual(bodiesOf(await taking), ['a']);
        assert.equal(await transaction.take(10), null, 'a transaction that holds events does not wait');
        await transaction.commit();
      }),
    );

    test.it('ends the wait of a take by its signal', () =>
      use(setup, { ...wide, keepAliveSeconds: 600 }, async ({ channel }) => {
        const abort = new AbortController();
        const transaction = channel.begin();
        const taking = transaction.take(10, abort.signal);
        abort.abort();
        assert.equal(await taking, null);
        await transaction.rollback();
      }),
    );
  }

  test.it('wakes who waits for events: by a put, by a rollback, by the signal', () =>
    use(setup, wide, async ({ channel }) => {
      if (channel.waitForEvents === undefined) return;
      const never = new AbortController();
      const byPut = channel.waitForEvents(600_000, never.signal);
      await put(channel, 'a');
      await byPut;
      await channel.waitForEvents(600_000, never.signal); // there is one: at once

      const taking = channel.begin();
      await takeExactly(taking, 1);
      const byRollback = channel.waitForEvents(600_000, never.signal);
      await taking.rollback();
      await byRollback;
      assert.deepEqual(await drain(channel), ['a']);

      const abort = new AbortController();
      const bySignal = channel.waitForEvents(600_000, abort.signal);
      abort.abort();
      await bySignal;
    }),
  );
}

export function lifecycle(test: TestApi, setup: ChannelContractSetup): void {
  test.it('refuses transactions before it is started and after it is stopped', async () => {
    const fixture = await setup.create(wide);
    try {
      await rejects('CHANNEL_CLOSED', async () => fixture.channel.begin());
      await fixture.channel.start();
      await put(fixture.channel, 'a');
      await fixture.channel.stop();
      await rejects('CHANNEL_CLOSED', async () => fixture.channel.begin());
      await fixture.channel.stop();
    } finally {
      await fixture.dispose?.();
    }
  });

  test.it('keeps its content over stop and start', () =>
    use(setup, wide, async ({ channel }) => {
      await put(channel, 'a', 'b');
      await channel.stop();
      await channel.start();
      assert.deepEqual(await drain(channel), ['a', 'b']);
    }),
  );

  test.it('says whether it is durable', () =>
    use(setup, wide, async ({ channel }) => {
      assert.equal(channel.durable ?? false, setup.supports.durable);
    }),
  );

  if (heldAtOf(setup) !== 'commit') return;
  test.it('has after a crash what was committed, and what was taken without commit', () =>
    use(setup, wide, async ({ channel, reopen }) => {
      await put(channel, 'a', 'b', 'c');
      await put(channel, 'd');
      const committed = channel.begin();
      await takeExactly(committed, 1);
      await committed.commit();
      const open = channel.begin();
      await takeExactly(open, 1);
      const uncommitted = channel.begin();
      await uncommitted.put(batchOf('never'));

      assert.ok(reopen !== undefined, 'a durable channel is tested with `reopen`');
      const again = await reopen();
      await again.start();
      try {
        assert.deepEqual(await drain(again), ['b', 'c', 'd']);
      } finally {
        await again.stop();
      }
    }),
  );
}

/** Whether a put was committed; false: the channel was full. */
async function isTaken(putting: Promise<void>): Promise<boolean> {
  try {
    await putting;
    return true;
  } catch {
    return false;
  }
}
