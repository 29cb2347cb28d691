import { describe, expect, it } from 'vitest';
import { waitFor } from '../../../../testkit/src/process/wait.ts';
import type { Channel, Progress, Transaction } from '../../component/channel.ts';
import type { Interceptor } from '../../component/interceptor.ts';
import type { Fate } from '../../component/lifetime.ts';
import type { ChannelSelector } from '../../component/selector.ts';
import { recordingLogger } from '../../component/testing/context.ts';
import { batchOf, bodiesOf } from '../../component/testing/test-api.ts';
import { fullChannel, TestChannel } from '../../component/testing/test-channel.ts';
import { keepEvents } from '../../records/edit.ts';
import { Deadline } from '../../runtime/deadline.ts';
import { MillraceError } from '../../runtime/errors.ts';
import { InterceptingChannelProcessor } from './channel-processor.ts';
import { InterceptorChain } from './interceptor-chain.ts';

function processor(parts: {
  required?: TestChannel[];
  optional?: TestChannel[];
  interceptors?: Interceptor[];
}) {
  const { required = [], optional = [], interceptors = [] } = parts;
  const selector: ChannelSelector = { select: (batch) => [{ batch, required, optional }] };
  const log = recordingLogger();
  return {
    put: new InterceptingChannelProcessor(interceptors, selector, [...required, ...optional], log, 'r1'),
    log,
  };
}

/** Has the channel's events end so. */
async function end(channel: TestChannel, fate: Fate): Promise<void> {
  if (fate !== 'delivered') return await channel.stop({ deadline: Deadline.never(), kept: fate === 'held' });
  const transaction = channel.begin();
  while ((await transaction.take(1)) !== null);
  await transaction.commit();
}

const dropping = (body: string): Interceptor => ({
  intercept: (batch) => keepEvents(batch, (i) => batch.event(i).body.toString() !== body),
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

  it('goes on where a failed put ended: nobody gets a part twice, interceptors see the batch once', async () => {
    const draw = (list: TestChannel[]) => {
      for (const channel of list) channel.refusal = Math.random() < 0.5 ? fullChannel(channel.name) : null;
    };
    for (let round = 0; round < 50; round++) {
      const required = ['c1', 'c2', 'c3', 'c4'].map((name) => new TestChannel(name));
      const optional = [new TestChannel('o1')];
      let seen = 0;
      const counting: Interceptor = {
        intercept: (batch) => {
          seen++;
          return keepEvents(batch, (i) => batch.event(i).body.toString() !== 'x');
        },
      };
      const { put } = processor({ required, optional, interceptors: [counting] });
      const batches = [batchOf('a', 'x'), batchOf('b')];
      for (const batch of batches) {
        for (let tries = 0; ; tries++) {
          draw(tries < 20 ? [...required, ...optional] : []);
          if (tries >= 20) for (const channel of [...required, ...optional]) channel.refusal = null;
          try {
            await put.put(batch);
            break;
          } catch {
            expect(optional[0]!.bodies().includes(batch === batches[0] ? 'a' : 'b')).toBe(false);
          }
        }
      }
      expect(seen).toBe(2);
      for (const channel of required) expect(channel.bodies()).toEqual(['a', 'b']);
      expect(new Set(optional[0]!.bodies()).size).toBe(optional[0]!.bodies().length);
    }
  });

  it('at the end of its waits goes on with what some channels have, and with nothing else, until it gives up', async () => {
    const [one, two] = [new TestChannel('c1'), new TestChannel('c2')];
    const { put, log } = processor({ required: [one, two] });
    put.endWaits();
    one.refusal = fullChannel('c1');
    await expect(put.put(batchOf('a'))).rejects.toBe(one.refusal);
    expect(put.stuckAt).toBeNull();

    one.refusal = null;
    two.refusal = fullChannel('c2');
    const waiting = put.put(batchOf('b'));
    await waitFor('a put that is stuck', () => put.stuckAt === two);
    two.refusal = null;
    await waiting;
    expect([put.stuckAt, one.bodies(), two.bodies()]).toEqual([null, ['b'], ['b']]);

    two.refusal = fullChannel('c2');
    const batch = batchOf('c');
    const stuck = put.put(batch);
    stuck.catch(() => {});
    await waitFor('a put that is stuck', () => put.stuckAt === two);
    expect([put.hasPart(batch), log.lines]).toEqual([false, []]);
    put.giveUp();
    await expect(stuck).rejects.toBe(two.refusal);
    expect(put.hasPart(batch)).toBe(true);
    expect(log.lines).toHaveLength(1);
    await expect(put.put(batch)).rejects.toBe(two.refusal);
    expect(one.bodies()).toEqual(['b', 'c']);
  });

  it('waits at its end for room alone, not for what a channel will never take', async () => {
    const [one, two] = [new TestChannel('c1'), new TestChannel('c2')];
    const { put } = processor({ required: [one, two] });
    put.endWaits();
    two.refusal = new MillraceError('CHANNEL_CLOSED', 'channel c2 is stopped');
    await expect(put.put(batchOf('a'))).rejects.toBe(two.refusal);
  });

  it('puts a batch that has gone through as a new one when it comes again', async () => {
    const channel = new TestChannel();
    const { put } = processor({ required: [channel] });
    const batch = batchOf('a');
    await put.put(batch);
    await put.put(batch);
    expect(channel.bodies()).toEqual(['a', 'a']);
  });

  it('tells the worst fate of all required channels, once, also of parts that an earlier try committed', async () => {
    const fatesOf: Fate[] = ['delivered', 'held', 'lost'];
    const rank = (fate: Fate) => fatesOf.indexOf(fate);
    for (const one of fatesOf) {
      for (const two of fatesOf) {
        const [c1, c2, o1] = [new TestChannel('c1'), new TestChannel('c2'), new TestChannel('o1')];
        const { put } = processor({ required: [c1, c2], optional: [o1] });
        const told: Fate[] = [];
        const batch = batchOf('a', 'b');
        c2.refusal = fullChannel('c2');
        const options = { onFate: (fate: Fate) => told.push(fate) };
        await expect(put.put(batch, options)).rejects.toBe(c2.refusal);
        await end(c1, one);
        expect(told).toEqual([]);
        c2.refusal = null;
        await put.put(batch, options);
        expect(told).toEqual([]);
        await end(o1, 'lost');
        expect(told).toEqual([]);
        await end(c2, two);
        expect(told).toEqual([rank(one) > rank(two) ? one : two]);
      }
    }
  });

  it('tells that a batch is delivered of which interceptors left nothing', async () => {
    const { put } = processor({ required: [new TestChannel()], interceptors: [dropping('a')] });
    const told: Fate[] = [];
    await put.put(batchOf('a'), { onFate: (fate) => told.push(fate) });
    expect(told).toEqual(['delivered']);
  });

  it('gives the signal of a put to the transactions', async () => {
    const channel = new TestChannel();
    const signals: (AbortSignal | undefined)[] = [];
    const begin = channel.begin.bind(channel);
    Object.assign(channel, {
      begin: (signal?: AbortSignal) => {
        signals.push(signal);
        return begin();
      },
    });
    const { put } = processor({ required: [channel] });
    const { signal } = new AbortController();
    await put.put(batchOf('a'), { signal });
    expect(signals).toEqual([signal]);
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

  it('waits for an interceptor that answers later, and hands on batch by batch', async () => {
    const channel = new TestChannel();
    let inside = 0;
    const most: number[] = [];
    const slow: Interceptor = {
      intercept: async (batch) => {
        inside++;
        await new Promise((resolve) => setTimeout(resolve, batch.event(0).body.toString() === 'a' ? 20 : 1));
        most.push(inside);
        inside--;
        return batch.event(0).body.toString() === 'b' ? null : batch;
      },
    };
    const behind: Interceptor = {
      intercept: (batch) => {
        expect(inside).toBe(0);
        return batch;
      },
    };
    const { put } = processor({ required: [channel], interceptors: [slow, behind] });
    await Promise.all(['a', 'b', 'c'].map((body) => put.put(batchOf(body))));
    expect(most).toEqual([1, 1, 1]);
    expect(channel.bodies()).toEqual(['a', 'c']);
  });

  it('goes on with the next batch after one whose interceptor has failed', async () => {
    const channel = new TestChannel();
    const failing: Interceptor = {
      intercept: async (batch) => {
        if (batch.event(0).body.toString() === 'bad') throw new Error('no answer');
        return batch;
      },
    };
    const { put } = processor({ required: [channel], interceptors: [failing] });
    const bad = put.put(batchOf('bad'));
    const good = put.put(batchOf('good'));
    await expect(bad).rejects.toThrow('no answer');
    await good;
    expect(channel.bodies()).toEqual(['good']);
  });

  it('makes no promise of interceptors that answer at once', () => {
    const batch = batchOf('a');
    const chain = new InterceptorChain([{ intercept: (same) => same }, dropping('b')]);
    expect(chain.run(batch, new AbortController().signal)).toBe(batch);
  });

  it('cuts what an interceptor has made more of into transactions, and goes on with the one that failed', async () => {
    const channel = new TestChannel('c1', { transactionCapacity: 2 });
    const doubling: Interceptor = {
      intercept: (batch) => batchOf(...[...batch].flatMap(({ body }) => [`${body}1`, `${body}2`])),
    };
    let left = 1;
    const full: Channel = {
      name: channel.name,
      counter: channel.counter,
      transactionCapacity: 2,
      start: () => channel.start(),
      stop: () => channel.stop({ deadline: Deadline.never() }),
      begin: (signal) => {
        if (left-- === 0) throw new Error('full');
        signal?.throwIfAborted();
        return channel.begin();
      },
    };
    const selector: ChannelSelector = { select: (batch) => [{ batch, required: [full], optional: [] }] };
    const put = new InterceptingChannelProcessor([doubling], selector, [full], recordingLogger(), 'r1');
    const batch = batchOf('a', 'b', 'c');
    const fates: Fate[] = [];
    await expect(put.put(batch)).rejects.toThrow('full');
    expect(channel.bodies()).toEqual(['a1', 'a2']);
    await put.put(batch, { onFate: (fate) => fates.push(fate) });
    expect(channel.bodies()).toEqual(['a1', 'a2', 'b1', 'b2', 'c1', 'c2']);
  });

  it('leaves a batch alone that the source itself has made too large', async () => {
    const channel = new TestChannel('c1', { transactionCapacity: 2 });
    const { put } = processor({ required: [channel] });
    await expect(put.put(batchOf('a', 'b', 'c'))).rejects.toMatchObject({ code: 'TRANSACTION_TOO_BIG' });
  });

  it('starts interceptors in order, and tells of the first that can’t', async () => {
    const started: string[] = [];
    const starting = (name: string, error?: Error): Interceptor => ({
      start: async () => {
        started.push(name);
        if (error !== undefined) throw error;
      },
      intercept: (batch) => batch,
      close: () => {
        started.push(`${name} closed`);
      },
    });
    const { put } = processor({
      interceptors: [starting('one'), starting('two', new Error('no table')), starting('three')],
    });
    await expect(put.start(new AbortController().signal)).rejects.toThrow('no table');
    await put.close();
    expect(started).toEqual(['one', 'two', 'one closed', 'two closed', 'three closed']);
  });

  describe('with progress', () => {
    /** A test channel that keeps progress. */
    class Keeper extends TestChannel {
      readonly places = new Map<string, string>();
      readonly progress = { placeOf: (key: string) => this.places.get(key) };

      override begin(): Transaction {
        const transaction = super.begin();
        const put = transaction.put.bind(transaction);
        const commit = transaction.commit.bind(transaction);
        const given: Progress[] = [];
        transaction.put = async (batch, onFate, progress) => {
          await put(batch, onFate);
          if (progress !== undefined) given.push(progress);
        };
        transaction.commit = async () => {
          await commit();
          for (const { key, place } of given) this.places.set(key, place);
        };
        return transaction;
      }
    }
    const at = (place: number) => ({
      key: 'f',
      place: String(place),
      has: (other: string) => Number(other) >= place,
    });
    const bodies = (channel: TestChannel) => channel.items.flatMap(({ batch }) => bodiesOf(batch));

    function over(channels: readonly TestChannel[], interceptors: Interceptor[] = [], always = channels) {
      const selector: ChannelSelector = {
        always,
        select: (batch) => [{ batch, required: channels, optional: [] }],
      };
      return new InterceptingChannelProcessor(interceptors, selector, channels, recordingLogger(), 'r1');
    }

    it('stores it in each channel that keeps it, under the name of the source', async () => {
      const [one, two] = [new Keeper('c1'), new Keeper('c2')];
      const processor = over([one, two]);
      await processor.put(batchOf('a'), { progress: at(1) });
      expect([...one.places, ...two.places]).toEqual([
        ['r1/f', '1'],
        ['r1/f', '1'],
      ]);
      expect(processor.progress).toMatchObject({ complete: true });
      expect(processor.progress!.placesOf('f')).toEqual(['1', '1']);
    });

    it('says when not all channels keep it, and nothing where none does, or the events decide on the channel', () => {
      const [keeper, other] = [new Keeper('c1'), new TestChannel('c2')];
      const mixed = over([keeper, other]).progress;
      expect([mixed?.complete, mixed?.placesOf('f')]).toEqual([false, [undefined]]);
      expect(over([other]).progress).toBeUndefined();
      expect(over([keeper], [], []).progress).toBeUndefined();
    });

    it('gives no channel what it has already, and the others what they lack', async () => {
      const [ahead, behind] = [new Keeper('c1'), new Keeper('c2')];
      ahead.places.set('r1/f', '2');
      const processor = over([ahead, behind]);
      const fates: Fate[] = [];
      const onFate = (fate: Fate) => fates.push(fate);
      for (const place of [1, 2, 3])
        await processor.put(batchOf(`e${place}`), { progress: at(place), onFate });
      expect(bodies(ahead)).toEqual(['e3']);
      expect(bodies(behind)).toEqual(['e1', 'e2', 'e3']);
      await behind.stop();
      await ahead.stop();
      expect(fates).toEqual(['lost', 'lost', 'lost']);
    });

    it('goes on when interceptors leave nothing, and takes no channel back', async () => {
      const [ahead, behind] = [new Keeper('c1'), new Keeper('c2')];
      ahead.places.set('r1/f', '5');
      await over([ahead, behind], [dropping('x')]).put(batchOf('x'), { progress: at(3) });
      expect([ahead.places.get('r1/f'), behind.places.get('r1/f')]).toEqual(['5', '3']);
      expect([...bodies(ahead), ...bodies(behind)]).toEqual([]);
    });

    it('keeps it through a put that fails in between', async () => {
      const [one, two] = [new Keeper('c1'), new Keeper('c2')];
      two.refusal = fullChannel('c2');
      const processor = over([one, two]);
      const batch = batchOf('a');
      await expect(processor.put(batch, { progress: at(1) })).rejects.toThrow();
      expect([one.places.get('r1/f'), two.places.get('r1/f')]).toEqual(['1', undefined]);
      two.refusal = null;
      await processor.put(batch, { progress: at(1) });
      expect([bodies(one), bodies(two), two.places.get('r1/f')]).toEqual([['a'], ['a'], '1']);
    });
  });
});
