/** What the channel contract is given, and what its tests share. */
import assert from 'node:assert/strict';
import { MillraceError } from '../../runtime/errors.ts';
import type { Channel, Transaction } from '../channel.ts';
import { batchOf, bodiesOf } from './test-api.ts';

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
  /**
   * When it tells of a put that it is held: at its commit, or at the stop of the channel, which saves what it has.
   * Default: at the commit where the channel is durable, else never.
   */
  readonly heldAt?: 'commit' | 'stop' | 'never';
  /** Whether takes may be open side by side, and come back in place when they roll back. */
  readonly openTakes: boolean;
  /** Whether events in open takes leave their room to others, within a bound. Default: they keep it. */
  readonly lends?: boolean;
  /** Whether takes tell their positions (needs `reopen`). Default: they don't. */
  readonly positions?: boolean;
  /** Whether all headers come out as they went in. */
  readonly headers: boolean;
  /** Whether it keeps the progress of sources (needs `reopen`). Default: it does not. */
  readonly progress?: boolean;
  /** Whether `eventCount` is known. */
  readonly eventCount: boolean;
}

export interface ChannelContractSetup {
  readonly supports: ChannelSupport;
  create(limits: ChannelLimits): Promise<ChannelFixture>;
}

/** Limits that no test reaches. */
export const wide: ChannelLimits = { capacity: 1000, transactionCapacity: 1000, keepAliveSeconds: 0 };

/** Runs a test with a started channel, and cleans up after it. */
export async function use(
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

export async function inTransaction(
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

export function put(channel: Channel, ...bodies: string[]): Promise<void> {
  return inTransaction(channel, (transaction) => transaction.put(batchOf(...bodies)));
}

/** Takes until `count` events are there; fails when they run out. */
export async function takeExactly(transaction: Transaction, count: number): Promise<string[]> {
  const bodies: string[] = [];
  while (bodies.length < count) {
    const batch = await transaction.take(count - bodies.length);
    assert.ok(batch !== null, `${bodies.length} of ${count} events came`);
    bodies.push(...bodiesOf(batch));
  }
  return bodies;
}

/** Takes and commits all there is. */
export async function drain(channel: Channel): Promise<string[]> {
  const bodies: string[] = [];
  await inTransaction(channel, async (transaction) => {
    for (let batch = await transaction.take(1000); batch !== null; batch = await transaction.take(1000)) {
      bodies.push(...bodiesOf(batch));
    }
  });
  return bodies;
}

export async function rejects(code: string, work: () => Promise<unknown>): Promise<void> {
  await assert.rejects(work, (error: unknown) => {
    assert.ok(error instanceof MillraceError, `a MillraceError, not ${String(error)}`);
    assert.equal(error.code, code);
    return true;
  });
}
