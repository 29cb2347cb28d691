import { expect, it } from 'vitest';
import { drain, put } from '../../component/testing/channel-fixture.ts';
import { contextFor } from '../../component/testing/context.ts';
import { batchOf, numbered } from '../../component/testing/test-api.ts';
import { pseudoTxnChannel } from './pseudo-txn-channel.ts';

async function started(capacity: number) {
  const channel = pseudoTxnChannel.create(contextFor(pseudoTxnChannel, { capacity, 'keep-alive': 0 }));
  await channel.start();
  return channel;
}

it('lets a put wait for room until its signal aborts, whatever keep-alive says', async () => {
  const channel = await started(2);
  await put(channel, 'a', 'b');
  const abort = new AbortController();
  const transaction = channel.begin(abort.signal);
  await transaction.put(batchOf('c'));
  let ended = '';
  const commit = transaction.commit().catch(({ code }) => {
    ended = code;
  });
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setTimeout(resolve, 1));
  expect(ended).toBe('');
  abort.abort();
  await commit;
  expect(ended).toBe('CHANNEL_FULL');
  await transaction.rollback();
  const waiting = put(channel, 'd');
  expect(await drain(channel)).toEqual(['a', 'b']);
  await waiting;
  expect(await drain(channel)).toEqual(['d']);
});

it('takes more events than it has room for once it is empty, whole', async () => {
  const channel = await started(2);
  await put(channel, ...numbered('a', 5));
  const waiting = put(channel, 'b');
  const transaction = channel.begin();
  await transaction.take(3);
  await transaction.commit();
  expect(channel.eventCount).toBe(2);
  expect(await drain(channel)).toEqual(['a3', 'a4']);
  await waiting;
  expect(await drain(channel)).toEqual(['b']);
});

it('drops what is no capacity, as Flume does', () => {
  for (const capacity of [0, -1, '5x'])
    expect(() => contextFor(pseudoTxnChannel, { capacity })).toThrow("can't be configured");
  expect(pseudoTxnChannel.create(contextFor(pseudoTxnChannel)).counter.channelCapacity).toBe(50);
});
