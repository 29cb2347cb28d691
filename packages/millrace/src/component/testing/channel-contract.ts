import assert from 'node:assert/strict';
import { BatchBuilder } from '../../records/batch-builder.ts';
import { MillraceError } from '../../runtime/errors.ts';
import type { Channel, Transaction } from '../channel.ts';
import { batchOf, bodiesOf, numbered, type TestApi } from './test-api.ts';

export interface ChannelLimits {
  readonly capacity: number;
  readonly transactionCapacity: number;
  readonly keepAliveSeconds: number;
}

/** What the suite is given to test: a channel that is made but not started. */
export interface ChannelFixture {
  readonly channel: Channel;
  /** Makes the channel anew over what the old one left outside the process, which is not stopped before. */
  reopen?(): Promise<Channel>;
  /** Removes files, topics, servers. The suite has stopped the channel. */
  dispose?(): Promise<void>;
}

/** What a channel can do beyond the promises of the contract; the suite tests what is claimed. */
export interface ChannelSupport {
  /** Where a full channel says so; `never`: it has no capacity of its own. */
  readonly fullAt: 'put' | 'commit' | 'never';
  /** Whether a transaction has a limit of events. */
  readonly transactionCapacity: boolean;
  /** Whether one transaction may hold puts and takes. */
  readonly mixed: boolean;
  /** Whether a take on an empty channel waits `keep-alive`. */
  readonly takeWaits: boolean;
  /** Whether what is committed survives the end of the process (needs `reopen`). */
  readonly durable: boolean;
  /** Whether takes may be open side by side, and come back in place when they roll back. */
  readonly openTakes: boolean;
  /** Whether all headers come out as they went in. */
  readonly headers: boolean;
  /** Whether `eventCount` is known. */
  readonly eventCount: boolean;
}

export interface ChannelContractSetup {
  readonly supports: ChannelSupport;
  create(limits: ChannelLimits): Promise<ChannelFixture>;
}

const wide: ChannelLimits = { capacity: 1000, transactionCapacity: 1000, keepAliveSeconds: 0 };

/** Tests a channel against the contract in `channel.ts`. */
export function channelContract(test: TestApi, name: string, setup: ChannelContractSetup): void {
  test.describe(`channel contract: ${name}`, () => {
    basics(test, setup);
    rollbacks(test, setup);
    if (setup.supports.openTakes) openTakes(test, setup);
    limits(test, setup);
    waiting(test, setup);
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

function limits(test: TestApi, setup: ChannelContractSetup): void {
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

function waiting(test: TestApi, setup: ChannelContractSetup): void {
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

function lifecycle(test: TestApi, setup: ChannelContractSetup): void {
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

  if (!setup.supports.durable) return;
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

async function use(
  setup: ChannelContractSetup,
  limits: ChannelLimits,
  body: (fixture: ChannelFixture) => Promise<void>,
): Promise<void> {
  const fixture = await setup.create(limits);
  await fixture.channel.start();
  try {
    await body(fixture);
  } finally {
    await fixture.channel.stop().catch(() => {});
    await fixture.dispose?.();
  }
}

async function inTransaction(
  channel: Channel,
  work: (transaction: Transaction) => Promise<void>,
): Promise<void> {
  const transaction = channel.begin();
  try {
    await work(transaction);
    await transaction.commit();
  } catch (error) {
    await transaction.rollback();
    throw error;
  }
}

function put(channel: Channel, ...bodies: string[]): Promise<void> {
  return inTransaction(channel, (transaction) => transaction.put(batchOf(...bodies)));
}

/** Takes until `count` events are there; fails when they run out. */
async function takeExactly(transaction: Transaction, count: number): Promise<string[]> {
  const bodies: string[] = [];
  while (bodies.length < count) {
    const batch = await transaction.take(count - bodies.length);
    assert.ok(batch !== null, `${bodies.length} of ${count} events came`);
    bodies.push(...bodiesOf(batch));
  }
  return bodies;
}

/** Takes and commits all there is. */
async function drain(channel: Channel): Promise<string[]> {
  const bodies: string[] = [];
  await inTransaction(channel, async (transaction) => {
    for (let batch = await transaction.take(1000); batch !== null; batch = await transaction.take(1000)) {
      bodies.push(...bodiesOf(batch));
    }
  });
  return bodies;
}

async function rejects(code: string, work: () => Promise<unknown>): Promise<void> {
  await assert.rejects(work, (error: unknown) => {
    assert.ok(error instanceof MillraceError, `a MillraceError, not ${String(error)}`);
    assert.equal(error.code, code);
    return true;
  });
}
