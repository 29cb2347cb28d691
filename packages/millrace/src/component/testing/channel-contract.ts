import assert from 'node:assert/strict';
import { BatchBuilder } from '../../records/batch-builder.ts';
import { fates } from './channel-contract-fates.ts';
import { lifecycle, limits, waiting } from './channel-contract-limits.ts';
import { positions } from './channel-contract-positions.ts';
import { progress } from './channel-contract-progress.ts';
import {
  type ChannelContractSetup,
  drain,
  inTransaction,
  put,
  rejects,
  takeExactly,
  use,
  wide,
} from './channel-fixture.ts';
import { batchOf, numbered, type TestApi } from './test-api.ts';

export type {
  ChannelContractSetup,
  ChannelFixture,
  ChannelLimits,
  ChannelSupport,
} from './channel-fixture.ts';

/** Tests a channel against the contract in `channel.ts`. */
export function channelContract(test: TestApi, name: string, setup: ChannelContractSetup): void {
  test.describe(`channel contract: ${name}`, () => {
    basics(test, setup);
    rollbacks(test, setup);
    if (setup.supports.openTakes) openTakes(test, setup);
    if (setup.supports.positions === true) positions(test, setup);
    limits(test, setup);
    waiting(test, setup);
    fates(test, setup);
    progress(test, setup);
    lifecycle(test, setup);
  });
}

function basics(test: TestApi, setup: ChannelContractSetup): void {
  test.it('gives events back in the order of their commits', () =>
    use(setup, wide, async ({ channel }) => {
      await put(channel, 'a', 'b');
      await put(channel, 'c');
      assert.deepEqual(await drain(channel), ['a', 'b', 'c']);
      assert.deepEqual(await drain(channel), []);
    }),
  );

  test.it('takes at most what is asked for, and keeps the rest', () =>
    use(setup, wide, async ({ channel }) => {
      await put(channel, ...numbered('e', 10));
      const transaction = channel.begin();
      const first = await takeExactly(transaction, 3);
      const second = await takeExactly(transaction, 4);
      await transaction.commit();
      assert.deepEqual([...first, ...second], numbered('e', 7));
      assert.deepEqual(await drain(channel), numbered('e', 3, 7));
    }),
  );

  test.it('keeps empty bodies, and bytes that are no text', () =>
    use(setup, wide, async ({ channel }) => {
      const builder = new BatchBuilder();
      builder.add(Buffer.alloc(0));
      builder.add(Buffer.from([0xff, 0x00, 0xfe]));
      await inTransaction(channel, (transaction) => transaction.put(builder.build()));
      const transaction = channel.begin();
      const bodies: string[] = [];
      for (let batch = await transaction.take(9); batch !== null; batch = await transaction.take(9)) {
        for (const event of batch) bodies.push(event.body.toString('hex'));
      }
      await transaction.commit();
      assert.deepEqual(bodies, ['', 'ff00fe']);
    }),
  );

  if (setup.supports.headers) {
    test.it('keeps the shared headers and those of single events', () =>
      use(setup, wide, async ({ channel }) => {
        const builder = new BatchBuilder();
        builder.add('a', [['own', '1']]);
        builder.add('b');
        const batch = builder.build(new Map([['shared', 's']]));
        await inTransaction(channel, (transaction) => transaction.put(batch));
        const transaction = channel.begin();
        const headers: Record<string, string>[] = [];
        for (let taken = await transaction.take(9); taken !== null; taken = await transaction.take(9)) {
          for (const event of taken) headers.push(Object.fromEntries(event.headers()));
        }
        await transaction.commit();
        assert.deepEqual(headers, [{ shared: 's', own: '1' }, { shared: 's' }]);
      }),
    );
  }

  test.it('shows events only after the commit of their put', () =>
    use(setup, wide, async ({ channel }) => {
      const putting = channel.begin();
      await putting.put(batchOf('a'));
      assert.deepEqual(await drain(channel), []);
      await putting.commit();
      assert.deepEqual(await drain(channel), ['a']);
    }),
  );

  test.it('refuses to use a transaction that has ended', () =>
    use(setup, wide, async ({ channel }) => {
      const committed = channel.begin();
      await committed.put(batchOf('a'));
      await committed.commit();
      const rolledBack = channel.begin();
      await rolledBack.rollback();
      for (const transaction of [committed, rolledBack]) {
        await rejects('TRANSACTION_STATE', () => transaction.put(batchOf('x')));
        await rejects('TRANSACTION_STATE', () => transaction.take(1));
        await rejects('TRANSACTION_STATE', () => transaction.commit());
      }
      assert.deepEqual(await drain(channel), ['a']);
    }),
  );

  test.it('counts what happens', () =>
    use(setup, wide, async ({ channel }) => {
      await put(channel, 'a', 'b', 'c');
      const { counter } = channel;
      assert.equal(counter.eventPutAttempt, 3);
      assert.equal(counter.eventPutSuccess, 3);
      await drain(channel);
      assert.equal(counter.eventTakeSuccess, 3);
      assert.ok(counter.eventTakeAttempt >= 3);
      assert.ok(counter.startTime > 0);
      assert.equal(counter.flumeAttributes().Type, 'CHANNEL');
    }),
  );

  if (setup.supports.eventCount) {
    test.it('knows how many events it holds, those in an open take among them', () =>
      use(setup, wide, async ({ channel }) => {
        await put(channel, 'a', 'b', 'c');
        assert.equal(channel.eventCount, 3);
        const transaction = channel.begin();
        await takeExactly(transaction, 2);
        assert.equal(channel.eventCount, 3);
        await transaction.commit();
        assert.equal(channel.eventCount, 1);
      }),
    );
  }

  test.it(
    setup.supports.mixed ? 'allows puts and takes in one transaction' : 'refuses to mix puts and takes',
    () =>
      use(setup, wide, async ({ channel }) => {
        await put(channel, 'a');
        const transaction = channel.begin();
        assert.deepEqual(await takeExactly(transaction, 1), ['a']);
        if (setup.supports.mixed) {
          await transaction.put(batchOf('b'));
          await transaction.commit();
          assert.deepEqual(await drain(channel), ['b']);
        } else {
          await rejects('TRANSACTION_STATE', () => transaction.put(batchOf('b')));
          await transaction.rollback();
          assert.deepEqual(await drain(channel), ['a']);
        }
      }),
  );
}

function rollbacks(test: TestApi, setup: ChannelContractSetup): void {
  test.it('forgets a put that is rolled back', () =>
    use(setup, wide, async ({ channel }) => {
      const transaction = channel.begin();
      await transaction.put(batchOf('a'));
      await transaction.rollback();
      await put(channel, 'b');
      assert.deepEqual(await drain(channel), ['b']);
    }),
  );

  test.it('puts back what a take had when it rolls back, in front', () =>
    use(setup, wide, async ({ channel }) => {
      await put(channel, 'a', 'b', 'c');
      await put(channel, 'd');
      const transaction = channel.begin();
      await takeExactly(transaction, 2);
      await transaction.rollback();
      assert.deepEqual(await drain(channel), ['a', 'b', 'c', 'd']);
    }),
  );

  test.it('puts back takes from several batches in their order', () =>
    use(setup, wide, async ({ channel }) => {
      for (const body of ['a', 'b', 'c']) await put(channel, body);
      const transaction = channel.begin();
      await takeExactly(transaction, 3);
      await transaction.rollback();
      assert.deepEqual(await drain(channel), ['a', 'b', 'c']);
    }),
  );
}

function openTakes(test: TestApi, setup: ChannelContractSetup): void {
  test.it('gives the next events to each of several open takes', () =>
    use(setup, wide, async ({ channel }) => {
      await put(channel, ...numbered('e', 6));
      const one = channel.begin();
      const two = channel.begin();
      assert.deepEqual(await takeExactly(one, 2), ['e0', 'e1']);
      assert.deepEqual(await takeExactly(two, 2), ['e2', 'e3']);
      await two.commit();
      await one.commit();
      assert.deepEqual(await drain(channel), ['e4', 'e5']);
    }),
  );

  test.it('puts rolled back takes at their place, whichever rolls back first', () =>
    use(setup, wide, async ({ channel }) => {
      await put(channel, ...numbered('e', 8));
      const transactions = [channel.begin(), channel.begin(), channel.begin()];
      for (const transaction of transactions) await takeExactly(transaction, 2);
      await transactions[0]!.rollback();
      await transactions[2]!.rollback();
      await transactions[1]!.commit();
      assert.deepEqual(await drain(channel), ['e0', 'e1', 'e4', 'e5', 'e6', 'e7']);
    }),
  );

  test.it('puts back a take between events that were taken again and those not yet taken', () =>
    use(setup, wide, async ({ channel }) => {
      await put(channel, ...numbered('e', 6));
      const one = channel.begin();
      const two = channel.begin();
      await takeExactly(one, 2);
      await takeExactly(two, 2);
      await one.rollback();
      const again = channel.begin();
      assert.deepEqual(await takeExactly(again, 1), ['e0']);
      await two.rollback();
      await again.commit();
      assert.deepEqual(await drain(channel), numbered('e', 5, 1));
    }),
  );
}
