import { describe, expect, it } from 'vitest';
import type { Channel } from '../../component/channel.ts';
import { contextFor } from '../../component/testing/context.ts';
import { batchOf, bodiesOf, numbered } from '../../component/testing/test-api.ts';
import { MemoryShare } from '../../runtime/memory-share.ts';
import { MemoryChannel, memoryChannel } from './channel.ts';

type Properties = Record<string, string | number>;

async function started(properties: Properties): Promise<Channel> {
  const channel = memoryChannel.create(contextFor(memoryChannel, { 'keep-alive': 0, ...properties }, 'c1'));
  await channel.start();
  return channel;
}

async function put(channel: Channel, ...bodies: string[]): Promise<void> {
  const transaction = channel.begin();
  await transaction.put(batchOf(...bodies));
  await transaction.commit();
}

async function take(channel: Channel, count: number): Promise<string[]> {
  const transaction = channel.begin();
  const bodies = bodiesOf(await transaction.take(count));
  await transaction.commit();
  return bodies;
}

it('holds no more memory than about twice the bytes of its events, however large the batches they were cut from', async () => {
  for (const [events, kept, bodyBytes] of [
    [1000, 1, 1000],
    [1000, 10, 1000],
    [300, 7, 10_000],
    [5000, 100, 50],
  ] as const) {
    const channel = memoryChannel.create(
      contextFor(memoryChannel, { capacity: 100_000, transactionCapacity: 10_000 }),
    );
    await channel.start();
    const bodies = Array.from({ length: events }, (_, i) => `${i}`.padEnd(bodyBytes, 'x'));
    for (let i = 0; i < 10; i++) {
      const whole = batchOf(...bodies);
      const put = channel.begin();
      await put.put(whole.slice(i, i + kept));
      await put.commit();
    }
    const taking = channel.begin();
    let retained = 0;
    let used = 0;
    const got: string[] = [];
    for (let batch = await taking.take(1000); batch !== null; batch = await taking.take(1000)) {
      retained += batch.retainedBytes;
      used += batch.sizeBytes;
      got.push(...bodiesOf(batch));
    }
    expect(retained).toBeLessThan(2 * used + 10 * 8192);
    expect(got).toEqual(Array.from({ length: 10 }, (_, i) => bodies.slice(i, i + kept)).flat());
    await taking.commit();
    await channel.stop();
  }
});

describe('the memory channel', () => {
  it('has Flume’s defaults', () => {
    const { options } = contextFor(memoryChannel);
    expect(options).toMatchObject({
      capacity: 100,
      transactionCapacity: 100,
      'keep-alive': 3,
      byteCapacity: undefined,
      byteCapacityBufferPercentage: 20,
    });
  });

  it('says what is full, which channel, and what to do', async () => {
    const channel = await started({ capacity: 1, transactionCapacity: 1 });
    await put(channel, 'a');
    await expect(put(channel, 'b')).rejects.toMatchObject({
      code: 'CHANNEL_FULL',
      remedy: 'Raise capacity of channel c1 (1 events), or make its sink faster.',
      details: { channel: 'c1', capacity: 1 },
    });
  });

  it('names its limit in Flume’s words when a transaction is too big', async () => {
    const channel = await started({ capacity: 3, transactionCapacity: 3 });
    const transaction = channel.begin();
    await expect(transaction.put(batchOf('1', '2', '3', '4'))).rejects.toThrow(
      'Put queue for MemoryTransaction of capacity 3 full, consider committing more frequently, increasing capacity or increasing thread count',
    );
    await transaction.rollback();
    expect(channel.eventCount).toBe(0);
  });

  it('counts bytes by event: empty and short bodies take a slot each, room comes back when they are taken', async () => {
    // 500 bytes less 20 %: four slots.
    const channel = await started({ byteCapacity: 500 });
    await put(channel, '', 'x', 'x'.repeat(101));
    await expect(put(channel, '')).rejects.toThrow(
      'Byte capacity allocated to store event body 400.0reached',
    );
    await take(channel, 2);
    await put(channel, 'a', 'b');
    await expect(put(channel, '')).rejects.toThrow('Byte capacity');
    expect(await take(channel, 1)).toEqual(['x'.repeat(101)]);
    await put(channel, 'x'.repeat(200));
  });

  it('has no byte limit below 100 bytes', async () => {
    const channel = await started({ byteCapacity: 99 });
    await put(channel, 'x'.repeat(100_000));
    expect(channel.eventCount).toBe(1);
  });

  it.each([1, 2, 5])('%i channels without a limit of their own share the memory for them', async (count) => {
    const share = new MemoryShare(1_000_000);
    const make = (properties: Properties) =>
      new MemoryChannel(
        'c',
        contextFor(memoryChannel, { capacity: 10_000, 'keep-alive': 0, ...properties }).options as never,
        share,
      );
    const channels = Array.from({ length: count }, () => make({}));
    const limited = make({ byteCapacity: 2_000_000 });
    for (const channel of [...channels, limited]) await channel.start();
    const fill = async (channel: Channel) => {
      for (let bytes = 0; ; bytes += 1000) {
        try {
          await put(channel, 'x'.repeat(1000));
        } catch {
          return bytes;
        }
      }
    };
    // Of each part 80 % is the default of byteCapacity, and of that 80 % is for events.
    const part = (1_000_000 / count) * 0.8 * 0.8;
    for (const channel of channels) {
      const held = await fill(channel);
      expect(held).toBeLessThanOrEqual(part);
      expect(held).toBeGreaterThan(part * 0.9 - 1100);
    }
    expect(await fill(limited)).toBe(1_600_000);
    // What another gives up is there for those that go on, also for a put that waits.
    const [first, ...others] = channels;
    for (const channel of others) await channel.stop();
    await fill(first!);
    expect(first!.eventCount * 1000).toBeGreaterThan(1_000_000 * 0.64 * 0.9 - 1100);
    // An empty channel takes what is larger than its part; then it is full.
    while (first!.eventCount > 0) await take(first!, 100);
    await put(first!, 'x'.repeat(2_000_000));
    await expect(put(first!, 'x')).rejects.toMatchObject({ code: 'CHANNEL_FULL' });
  });

  it('serves commits that wait for room in their order', async () => {
    const channel = await started({ capacity: 4, transactionCapacity: 4, 'keep-alive': 600 });
    await put(channel, ...numbered('a', 4));
    const order: string[] = [];
    const large = put(channel, 'b', 'b', 'b').then(() => order.push('large'));
    const small = put(channel, 'c').then(() => order.push('small'));
    await take(channel, 1);
    await take(channel, 1);
    await new Promise(setImmediate);
    expect(order).toEqual([]); // two places: the small one would fit, but it came later
    await take(channel, 1);
    await take(channel, 1);
    await Promise.all([large, small]);
    expect(order).toEqual(['large', 'small']);
  });

  it('takes new limits while it runs; what is above a smaller capacity stays until it is taken', async () => {
    const channel = await started({ capacity: 3, transactionCapacity: 3, 'keep-alive': 600 });
    await put(channel, 'a', 'b', 'c');
    const waiting = put(channel, 'd');
    const reconfigure = (properties: Properties) =>
      memoryChannel.reconfigure?.(channel, contextFor(memoryChannel, properties, 'c1'));
    reconfigure({ capacity: 4, transactionCapacity: 4 });
    await waiting;
    reconfigure({ capacity: 2, transactionCapacity: 2, 'keep-alive': 0 });
    expect(channel.transactionCapacity).toBe(2);
    expect(channel.counter.flumeAttributes().ChannelFillPercentage).toBe('200.0');
    await take(channel, 2);
    await expect(put(channel, 'e')).rejects.toMatchObject({ code: 'CHANNEL_FULL' });
    expect(await take(channel, 2)).toEqual(['c']);
    expect(await take(channel, 2)).toEqual(['d']);
    await put(channel, 'e');
  });

  it('gives up each put when its own time is over, also one that came later and waits less', async () => {
    const channel = await started({ capacity: 1, transactionCapacity: 1, 'keep-alive': 600 });
    await put(channel, 'a');
    const patient = put(channel, 'b');
    await new Promise(setImmediate);
    memoryChannel.reconfigure?.(
      channel,
      contextFor(memoryChannel, { capacity: 1, transactionCapacity: 1, 'keep-alive': 0 }, 'c1'),
    );
    await expect(put(channel, 'c')).rejects.toMatchObject({ code: 'CHANNEL_FULL' });
    await take(channel, 1);
    await patient;
    expect(await take(channel, 1)).toEqual(['b']);
    await channel.stop();
  });

  it('gives up what waits under a signal that aborts, and only that, however many signals there were', async () => {
    const channel = await started({ capacity: 1, transactionCapacity: 1, 'keep-alive': 600 });
    await put(channel, 'a');
    const putUnder = async (signal: AbortSignal): Promise<void> => {
      const transaction = channel.begin(signal);
      await transaction.put(batchOf('x'));
      await transaction.commit();
    };
    const first = new AbortController();
    const waiting = [putUnder(first.signal), putUnder(first.signal)];
    for (let i = 0; i < 40; i++) {
      const other = new AbortController();
      const refused = putUnder(other.signal);
      await new Promise(setImmediate);
      other.abort();
      await expect(refused).rejects.toMatchObject({ code: 'CHANNEL_FULL' });
    }
    expect(await take(channel, 1)).toEqual(['a']);
    await waiting[0];
    first.abort();
    await expect(waiting[1]).rejects.toMatchObject({ code: 'CHANNEL_FULL' });
    // One that waits is heard, also when so many others come that signals are forgotten.
    const early = new AbortController();
    const refused = putUnder(early.signal);
    const others = Array.from({ length: 20 }, () => putUnder(new AbortController().signal));
    await new Promise(setImmediate);
    early.abort();
    await expect(refused).rejects.toMatchObject({ code: 'CHANNEL_FULL' });
    for (let i = 0; i <= others.length; i++) expect(await take(channel, 1)).toEqual(['x']);
    await Promise.all(others);
    await channel.stop();
  });

  it('gives the room of a mixed transaction back and takes it at once', async () => {
    const channel = await started({ capacity: 2, transactionCapacity: 2 });
    await put(channel, 'a', 'b');
    const transaction = channel.begin();
    await transaction.take(2);
    await transaction.put(batchOf('c', 'd'));
    await transaction.commit();
    expect(await take(channel, 2)).toEqual(['c', 'd']);
  });

  it('refuses a transactionCapacity above its capacity', () => {
    expect(() => contextFor(memoryChannel, { capacity: 50 })).toThrow(
      'Transaction Capacity of Memory Channel cannot be higher than the capacity.',
    );
  });
});
