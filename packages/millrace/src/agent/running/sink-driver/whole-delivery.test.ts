/** Deliveries that take effect as a whole, and may commit the take: what the driver and the channel do around them. */
import { expect, test } from 'vitest';
import type { BeginOptions, CommitOptions, Transaction } from '../../../component/channel.ts';
import type { Delivery, DeliveryOutcome } from '../../../component/delivery.ts';
import type { TakenPositions } from '../../../component/positions.ts';
import type { DeliverOptions, Sink } from '../../../component/sink.ts';
import { RecordedRefusals } from '../../../component/testing/context.ts';
import { batchOf, bodiesOf } from '../../../component/testing/test-api.ts';
import { TestChannel } from '../../../component/testing/test-channel.ts';
import { SinkDriver } from './sink-driver.ts';

const positions: TakenPositions = {
  ...{ cluster: 'x', groupId: 'g', memberId: 'm', generationId: 1, groupInstanceId: null },
  ranges: [{ topic: 't', partition: 0, from: 0, next: 3 }],
};

/** A channel with positions that notes how its transactions begin and end. */
class PositionedChannel extends TestChannel {
  readonly seen: string[] = [];
  refusesPositions = false;

  override begin(_signal?: AbortSignal, options: BeginOptions = {}): Transaction {
    const transaction = super.begin();
    const { seen } = this;
    seen.push(options.positions === true ? 'begin alone' : 'begin');
    const commit = transaction.commit.bind(transaction);
    const rollback = transaction.rollback.bind(transaction);
    return Object.assign(transaction, {
      positions: () => {
        if (this.refusesPositions) throw new Error('the partition is gone');
        return positions;
      },
      commit: async (how?: CommitOptions) => {
        seen.push(how?.by === 'sink' ? 'committed by the sink' : 'commit');
        await commit();
      },
      rollback: async () => {
        seen.push('rollback');
        await rollback();
      },
    });
  }
}

function driven(deliver: Sink['deliver'], onRefused: 'setAside' | 'retry' = 'setAside') {
  const channel = new PositionedChannel();
  const refused = new RecordedRefusals();
  const sink: Sink = {
    transactional: true,
    batch: { events: 10 },
    window: { deliveries: 8, bytes: 1000 },
    start: async () => {},
    stop: async () => {},
    deliver,
  };
  const driver = new SinkDriver({ name: 'k1', sink, channel, refused, held: [], onRefused });
  driver.open();
  channel.add(batchOf('a', 'P', 'c'));
  return { channel, refused, driver };
}

const signal = new AbortController().signal;

test('the delivery has the positions, and what the sink has committed the channel does not commit', async () => {
  const deliveries: Delivery[] = [];
  const { channel, driver } = driven(async (delivery) => {
    deliveries.push(delivery);
    return { committed: true };
  });
  expect(await driver.flow(signal)).toBe('ready');
  expect(deliveries.map((delivery) => delivery.positions)).toEqual([positions]);
  expect(channel.seen).toEqual(['begin alone', 'committed by the sink']);
  expect(channel.eventCount).toBe(0);
});

test('a sink that could not take the positions along has the channel commit', async () => {
  const { channel, driver } = driven(async () => ({ committed: false }));
  await driver.flow(signal);
  expect(channel.seen).toEqual(['begin alone', 'commit']);
});

test('refused events are set aside before the sink commits, and counted', async () => {
  const order: string[] = [];
  const { channel, refused, driver } = driven(async (_, { setAside }: DeliverOptions) => {
    await setAside!([{ index: 1, reason: 'poison' }]);
    order.push(`commit after ${refused.bodies().join()}`);
    return { committed: true } satisfies DeliveryOutcome;
  });
  await driver.flow(signal);
  expect(order).toEqual(['commit after P']);
  expect(driver.refusedEvents).toBe(1);
  expect(channel.seen.at(-1)).toBe('committed by the sink');
});

test('onRefused = retry: the sink learns that it must not commit, and all of the take comes again', async () => {
  const { channel, driver } = driven(async (_, { setAside }) => {
    await setAside!([{ index: 1, reason: 'poison' }]);
    return { committed: true };
  }, 'retry');
  await expect(driver.flow(signal)).rejects.toThrow('poison');
  expect(channel.seen).toEqual(['begin alone', 'rollback']);
  expect(channel.bodies()).toEqual(['a', 'P', 'c']);
});

test('a delivery that failed is rolled back as a whole and taken again, however often', async () => {
  let tries = 0;
  const got: string[][] = [];
  const { channel, driver } = driven(async ({ batches }) => {
    if (++tries < 3) throw new Error('fenced');
    got.push(batches.flatMap((batch) => bodiesOf(batch)));
    return { committed: true };
  });
  for (let i = 0; i < 2; i++) await expect(driver.flow(signal)).rejects.toThrow('fenced');
  await driver.flow(signal);
  expect(got).toEqual([['a', 'P', 'c']]);
  expect(channel.seen.filter((what) => what === 'rollback')).toHaveLength(2);
});

test('positions that can not be told any more: nothing is delivered, the take is rolled back', async () => {
  let deliveries = 0;
  const { channel, driver } = driven(async () => {
    deliveries++;
    return {};
  });
  channel.refusesPositions = true;
  await expect(driver.flow(signal)).rejects.toThrow('the partition is gone');
  expect(deliveries).toBe(0);
  expect(channel.seen).toEqual(['begin alone', 'rollback']);
});
