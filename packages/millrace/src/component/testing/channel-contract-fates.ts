/** The part of the channel contract that is about what becomes of a put, and about being told not to wait. */
import assert from 'node:assert/strict';
import { Deadline } from '../../runtime/deadline.ts';
import type { Channel, Transaction } from '../channel.ts';
import type { Fate } from '../lifetime.ts';
import {
  type ChannelContractSetup,
  inTransaction,
  rejects,
  takeExactly,
  use,
  wide,
} from './channel-fixture.ts';
import { batchOf, numbered, type TestApi } from './test-api.ts';

export function fates(test: TestApi, setup: ChannelContractSetup): void {
  if (heldAtOf(setup) === 'commit') heldFates(test, setup);
  else volatileFates(test, setup);

  test.it('tells nothing of a put that is rolled back', () =>
    use(setup, wide, async ({ channel }) => {
      const told: Fate[] = [];
      const transaction = channel.begin();
      await transaction.put(batchOf('a'), (fate) => told.push(fate));
      await transaction.rollback();
      await channel.stop();
      assert.deepEqual(told, []);
    }),
  );

  const { fullAt } = setup.supports;
  if (fullAt === 'never') return;
  test.it('ends the wait for room by the signal of the transaction', () =>
    use(setup, { capacity: 2, transactionCapacity: 2, keepAliveSeconds: 600 }, async ({ channel }) => {
      await inTransaction(channel, (transaction) => transaction.put(batchOf('a', 'b')));
      for (const abortsFirst of [true, false]) {
        const abort = new AbortController();
        const transaction = channel.begin(abort.signal);
        if (abortsFirst) abort.abort();
        const waiting = rejects('CHANNEL_FULL', async () => {
          await transaction.put(batchOf('c'));
          await transaction.commit();
        });
        abort.abort();
        await waiting;
        await transaction.rollback();
      }
    }),
  );
}

/** When a put is held for good. */
export function heldAtOf({ supports }: ChannelContractSetup): 'commit' | 'stop' | 'never' {
  return supports.heldAt ?? (supports.durable ? 'commit' : 'never');
}

function heldFates(test: TestApi, setup: ChannelContractSetup): void {
  test.it('tells of each put that it is held when it commits', () =>
    use(setup, wide, async ({ channel }) => {
      const told: string[] = [];
      const transaction = channel.begin();
      await transaction.put(batchOf('a'), (fate) => told.push(`a ${fate}`));
      await transaction.put(batchOf('b', 'c'), (fate) => told.push(`bc ${fate}`));
      assert.deepEqual(told, []);
      await transaction.commit();
      assert.deepEqual(told, ['a held', 'bc held']);
    }),
  );
}

/** Puts batches of these sizes, each in a transaction of its own; what is told of them, by the batch's number. */
async function putSizes(channel: Channel, sizes: readonly number[]): Promise<(Fate | undefined)[]> {
  const told: (Fate | undefined)[] = sizes.map(() => undefined);
  for (const [i, size] of sizes.entries()) {
    await inTransaction(channel, (transaction) =>
      transaction.put(batchOf(...numbered(`${i}-`, size)), (fate) => {
        assert.equal(told[i], undefined, 'told once');
        told[i] = fate;
      }),
    );
  }
  return told;
}

function volatileFates(test: TestApi, setup: ChannelContractSetup): void {
  test.it(
    'tells that a put is delivered when the last take of its events has committed, however it is cut',
    () =>
      use(setup, wide, async ({ channel }) => {
        const sizes = [3, 1, 5, 2, 4];
        const told = await putSizes(channel, sizes);
        // Takes of 1 to 4 events across the batches, committed in another order, some rolled back before.
        let seed = 7;
        const random = (below: number) => {
          seed = (seed * 48_271) % 0x7fff_ffff;
          return seed % below;
        };
        let left = sizes.reduce((sum, size) => sum + size, 0);
        while (left > 0) {
          const open: { transaction: Transaction; count: number }[] = [];
          let out = left;
          while (open.length < 3 && out > 0) {
            const count = Math.min(out, 1 + random(4));
            const transaction = channel.begin();
            await takeExactly(transaction, count);
            open.push({ transaction, count });
            out -= count;
          }
          const before = told.filter((fate) => fate === 'delivered').length;
          const [undone, ...done] = open.reverse();
          await undone!.transaction.rollback();
          assert.equal(
            told.filter((fate) => fate === 'delivered').length,
            before,
            'a rollback delivers nothing',
          );
          for (const { transaction, count } of done) {
            await transaction.commit();
            left -= count;
          }
          if (done.length > 0 || left === 0) continue;
          const last = channel.begin();
          await takeExactly(last, 1);
          await last.commit();
          left--;
        }
        assert.deepEqual(
          told,
          sizes.map(() => 'delivered'),
        );
      }),
  );

  const atStop = heldAtOf(setup) === 'stop' ? 'held' : 'lost';
  test.it(`tells at its stop that a put is ${atStop} of which any event is inside`, () =>
    use(setup, wide, async ({ channel }) => {
      const told = await putSizes(channel, [2, 3, 2]);
      const transaction = channel.begin();
      await takeExactly(transaction, 4);
      await transaction.commit();
      assert.deepEqual(told, ['delivered', undefined, undefined]);
      await channel.stop();
      assert.deepEqual(told, ['delivered', atStop, atStop]);
    }),
  );

  test.it('tells that what it has is held when it is stopped to be kept', () =>
    use(setup, wide, async ({ channel }) => {
      const told = await putSizes(channel, [2]);
      await channel.stop({ deadline: Deadline.never(), kept: true });
      assert.deepEqual(told, ['held']);
      await channel.start();
      const transaction = channel.begin();
      await takeExactly(transaction, 2);
      await transaction.commit();
      assert.deepEqual(told, ['held']);
    }),
  );

  test.it('tells that a put of nothing is delivered', () =>
    use(setup, wide, async ({ channel }) => {
      const told: Fate[] = [];
      await inTransaction(channel, (transaction) =>
        transaction.put(batchOf('a').slice(0, 0), (fate) => told.push(fate)),
      );
      assert.deepEqual(told, ['delivered']);
    }),
  );
}
