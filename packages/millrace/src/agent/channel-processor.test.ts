import { describe, expect, it } from 'vitest';
import type { Interceptor } from '../component/interceptor.ts';
import type { ChannelSelector } from '../component/selector.ts';
import { recordingLogger } from '../component/testing/context.ts';
import { batchOf } from '../component/testing/test-api.ts';
import { fullChannel, TestChannel } from '../component/testing/test-channel.ts';
import { filterEvents } from '../records/transform.ts';
import { InterceptingChannelProcessor } from './channel-processor.ts';

function processor(parts: {
  required?: TestChannel[];
  optional?: TestChannel[];
  interceptors?: Interceptor[];
}) {
  const { required = [], optional = [], interceptors = [] } = parts;
  const selector: ChannelSelector = { select: (batch) => [{ batch, required, optional }] };
  const log = recordingLogger();
  return {
    put: new InterceptingChannelProcessor(interceptors, selector, [...required, ...optional], log),
    log,
  };
}

const dropping = (body: string): Interceptor => ({
  intercept: (batch) => filterEvents(batch, (event) => event.body.toString() !== body),
});

describe('the channel processor', () => {
  it('runs interceptors once, in order, whatever the number of channels', async () => {
    const [one, two] = [new TestChannel('c1'), new TestChannel('c2')];
    const seen: number[] = [];
    const counting: Interceptor = {
      intercept: (batch) => {
        seen.push(batch.count);
        return batch;
      },
    };
    const { put } = processor({
      required: [one, two],
      interceptors: [dropping('b'), counting, dropping('c')],
    });
    await put.put(batchOf('a', 'b', 'c', 'd'));
    expect(seen).toEqual([3]);
    expect([one.bodies(), two.bodies()]).toEqual([
      ['a', 'd'],
      ['a', 'd'],
    ]);
  });

  it('opens no transaction when all events are filtered', async () => {
    const channel = new TestChannel();
    const { put } = processor({ required: [channel], interceptors: [dropping('a')] });
    await put.put(batchOf('a', 'a'));
    expect([channel.commits, channel.rollbacks, channel.openTransactions]).toEqual([0, 0, 0]);
  });

  it('rolls back the required channel that fails, tells the source, and leaves the ones before', async () => {
    const [one, two, three] = [new TestChannel('c1'), new TestChannel('c2'), new TestChannel('c3')];
    two.refusal = fullChannel('c2');
    const { put } = processor({ required: [one, two, three], optional: [new TestChannel('c4')] });
    await expect(put.put(batchOf('a'))).rejects.toBe(two.refusal);
    expect([one.bodies(), two.bodies(), three.bodies()]).toEqual([['a'], [], []]);
    expect([one, two, three].map((channel) => channel.openTransactions)).toEqual([0, 0, 0]);
    expect(two.rollbacks).toBe(1);
  });

  it('logs the failure of an optional channel and goes on with the next', async () => {
    const [one, two, three] = [new TestChannel('c1'), new TestChannel('c2'), new TestChannel('c3')];
    two.refusal = fullChannel('c2');
    const { put, log } = processor({ required: [one], optional: [two, three] });
    await put.put(batchOf('a'));
    expect([one.bodies(), two.bodies(), three.bodies()]).toEqual([['a'], [], ['a']]);
    expect(log.lines).toEqual(['error Unable to put batch on optional channel: c2: channel c2 is full']);
  });

  it('passes on what an interceptor throws, with nothing put', async () => {
    const channel = new TestChannel();
    const broken: Interceptor = {
      intercept: () => {
        throw new Error('bad date');
      },
    };
    const { put } = processor({ required: [channel], interceptors: [broken] });
    await expect(put.put(batchOf('a'))).rejects.toThrow('bad date');
    expect(channel.eventCount).toBe(0);
  });
});
