/** The part of the channel contract that is about positions that a sink commits. */
import assert from 'node:assert/strict';
import type { Channel, Transaction } from '../channel.ts';
import { type ChannelContractSetup, drain, put, takeExactly, use, wide } from './channel-fixture.ts';
import { bodiesOf, numbered, type TestApi } from './test-api.ts';

const beginAlone = (channel: Channel): Transaction => channel.begin(undefined, { positions: true });

/** Takes and commits so many events, which may be a while in coming: they are read again from outside the process. */
async function takeLater(channel: Channel, count: number): Promise<string[]> {
  const bodies: string[] = [];
  const transaction = channel.begin();
  for (let tries = 0; bodies.length < count && tries < 50; tries++) {
    const batch = await transaction.take(count - bodies.length);
    if (batch === null) await channel.waitForEvents?.(1000, never);
    else bodies.push(...bodiesOf(batch));
  }
  await transaction.commit();
  return bodies;
}

const never = new AbortController().signal;

export function positions(test: TestApi, setup: ChannelContractSetup): void {
  test.it('tells where its takes stood, without gaps from one to the next', () =>
    use(setup, wide, async ({ channel }) => {
      await put(channel, ...numbered('e', 10));
      let before: number | null = null;
      for (const count of [3, 7]) {
        const transaction = beginAlone(channel);
        await takeExactly(transaction, count);
        const told = transaction.positions?.();
        assert.ok(told !== null && told !== undefined, 'it tells positions');
        const [range] = told.ranges;
        assert.ok(range !== undefined && range.next === range.from + count);
        if (before !== null) assert.equal(range.from, before);
        before = range.next;
        await transaction.commit({ by: 'sink' });
      }
      assert.deepEqual(await drain(channel), []);
    }),
  );

  test.it('leaves positions to the sink that commits them: where it has not, the events come again', () =>
    use(setup, wide, async ({ channel, reopen }) => {
      await put(channel, 'a', 'b');
      const transaction = beginAlone(channel);
      await takeExactly(transaction, 2);
      transaction.positions?.();
      await transaction.commit({ by: 'sink' });
      await channel.stop();
      const again = await reopen!();
      await again.start();
      try {
        assert.deepEqual(await takeLater(again, 2), ['a', 'b']);
      } finally {
        await again.stop();
      }
    }),
  );

  test.it('begins again at what is committed when a take rolls back that has told its positions', () =>
    use(setup, wide, async ({ channel }) => {
      await put(channel, ...numbered('e', 8));
      const first = beginAlone(channel);
      await takeExactly(first, 2);
      await first.commit();
      const second = beginAlone(channel);
      await takeExactly(second, 3);
      second.positions?.();
      await second.rollback();
      assert.deepEqual(await takeLater(channel, 6), numbered('e', 6, 2));
      assert.deepEqual(await drain(channel), []);
    }),
  );

  test.it('lets nobody else take while a take with positions is open, nor such a take while others are', () =>
    use(setup, wide, async ({ channel }) => {
      await put(channel, ...numbered('e', 4));
      for (const options of [{ positions: true }, {}]) {
        const open = channel.begin(undefined, options);
        const bodies = await takeExactly(open, 1);
        const other = channel.begin(undefined, { positions: options.positions !== true });
        assert.equal(await other.take(1), null);
        await open.commit();
        assert.notDeepEqual(await takeExactly(other, 1), bodies);
        await other.commit();
      }
      assert.deepEqual(await drain(channel), []);
    }),
  );
}
