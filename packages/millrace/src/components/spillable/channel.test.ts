import { describe, expect, it } from 'vitest';
import { FaultyFiles } from '../../../../testkit/src/files/faulty-files.ts';
import { spillableContext } from '../../../../testkit/src/flume/spillable-channel.ts';
import { drain, put } from '../../component/testing/channel-fixture.ts';
import { batchOf, numbered } from '../../component/testing/test-api.ts';
import { Deadline } from '../../runtime/deadline.ts';
import { MemoryShare } from '../../runtime/memory-share.ts';
import { SpillableChannel, spillableChannel } from './channel.ts';

type Given = Record<string, number | string | boolean>;

function contextOf(given: Given) {
  return spillableContext({
    ...{ memoryCapacity: 4, overflowCapacity: 20, overflowTimeout: 0, transactionCapacity: 20 },
    ...given,
  });
}

async function started(given: Given = {}, files = new FaultyFiles(1), share?: MemoryShare) {
  const context = contextOf(given);
  const channel = new SpillableChannel(context, { files, lock: false }, share);
  await channel.start();
  return { channel, files, context, log: context.log.lines };
}

async function take(channel: SpillableChannel, events: number): Promise<void> {
  const transaction = channel.begin();
  for (let left = events; left > 0; ) left -= (await transaction.take(left))!.count;
  await transaction.commit();
}

/** Events in memory and in files. */
const places = ({ volatileCount, eventCount }: SpillableChannel) => [
  volatileCount,
  eventCount - volatileCount,
];

/** Whether it is settled after some turns of the event loop. */
async function isDone(promise: Promise<unknown>): Promise<boolean> {
  let done = false;
  const settled = () => {
    done = true;
  };
  promise.then(settled, settled);
  for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate);
  return done;
}

describe('where a put goes', () => {
  it('whole to memory or whole to files, and back to memory as soon as it has room', async () => {
    const { channel } = await started();
    await put(channel, 'a', 'b', 'c');
    expect(places(channel)).toEqual([3, 0]);
    await put(channel, 'd', 'e');
    expect(places(channel)).toEqual([3, 2]);
    await put(channel, 'f');
    expect(places(channel)).toEqual([4, 2]);
    await put(channel, ...numbered('g', 18));
    expect(places(channel)).toEqual([4, 20]);
    await expect(put(channel, 'h')).rejects.toMatchObject({ code: 'CHANNEL_FULL' });
    expect([...(await drain(channel)), ...(await drain(channel))]).toEqual([
      ...'abcdef',
      ...numbered('g', 18),
    ]);
  });

  it('that is larger than the memory spills at once, whatever overflowTimeout says', async () => {
    const { channel } = await started({ overflowTimeout: 600 });
    await put(channel, ...numbered('e', 5));
    expect(places(channel)).toEqual([0, 5]);
  });

  it('waits overflowTimeout for memory, then spills at once until enough of the memory is free again', async () => {
    const { channel } = await started({
      ...{ overflowTimeout: 600, memoryCapacity: 10, overflowDeactivationThreshold: 30 },
    });
    await put(channel, ...numbered('a', 10));
    const impatient = new AbortController();
    const waiting = channel.begin(impatient.signal);
    await waiting.put(batchOf('b'));
    const commit = waiting.commit();
    expect(await isDone(commit)).toBe(false);
    impatient.abort(); // as the timeout does
    await commit;
    await put(channel, 'c');
    expect(places(channel)).toEqual([10, 2]);
    await take(channel, 2);
    await put(channel, 'd', 'e', 'f'); // too many for what is free
    expect(places(channel)).toEqual([8, 5]);
    await take(channel, 1);
    const patient = put(channel, ...numbered('g', 4));
    expect(await isDone(patient)).toBe(false);
    await take(channel, 1);
    await patient;
    expect(places(channel)).toEqual([10, 5]);
  });

  it('waits for either where both are full', async () => {
    for (const given of [{ memoryCapacity: 1 }, { memoryCapacity: 0 }]) {
      const { channel } = await started({ overflowCapacity: 2, transactionCapacity: 2, ...given });
      if (given.memoryCapacity > 0) await put(channel, 'a');
      await put(channel, 'b', 'c');
      channel.configure(
        contextOf({ ...given, overflowCapacity: 2, transactionCapacity: 2, overflowTimeout: 600 }),
      );
      const waiting = put(channel, 'd', 'e');
      expect(await isDone(waiting)).toBe(false);
      for (let i = 0; i < 2 + given.memoryCapacity; i++) await take(channel, 1);
      await waiting;
      expect(await drain(channel)).toEqual(['d', 'e']);
    }
  });

  it('counts bodies in steps of avgEventSize, an empty one as one', async () => {
    const { channel } = await started({
      ...{ memoryCapacity: 1000, byteCapacity: 1000, byteCapacityBufferPercentage: 50, avgEventSize: 100 },
    });
    await put(channel, 'x'.repeat(101), 'x'.repeat(100), '');
    expect(places(channel)).toEqual([3, 0]); // 4 of 5
    await put(channel, 'x'.repeat(101));
    expect(places(channel)).toEqual([3, 1]);
    await put(channel, 'x');
    expect(places(channel)).toEqual([4, 1]);
  });

  it('goes by its part of the memory where byteCapacity is not given', async () => {
    const { channel } = await started({ memoryCapacity: 1000 }, undefined, new MemoryShare(5000));
    await put(channel, ...numbered('a', 6)); // 5,000 bytes × 0.8 × 0.8 in steps of 500
    await put(channel, 'b');
    expect(places(channel)).toEqual([6, 1]);
    await channel.stop();
    const alone = await started(
      { memoryCapacity: 1000, overflowCapacity: 0 },
      undefined,
      new MemoryShare(5000),
    );
    await put(alone.channel, 'x'.repeat(10_000));
    await expect(put(alone.channel, 'b')).rejects.toThrow(
      "Spillable Memory Channel's memory capacity has been reached.  0 bytes are free and overflow is disabled.",
    );
  });

  it('never to files where overflowCapacity is 0', async () => {
    const { channel } = await started({ overflowCapacity: 0 });
    await put(channel, ...'abcd');
    await expect(put(channel, 'e')).rejects.toThrow(
      "Spillable Memory Channel's memory capacity has been reached and overflow is disabled. Consider increasing memoryCapacity.",
    );
    await channel.stop();
    expect(places(channel)).toEqual([4, 0]);
    expect(channel.counter.channelCapacity).toBe(4);
  });

  it('to files alone where memoryCapacity is 0, and to none is not possible', async () => {
    const { channel } = await started({ memoryCapacity: 0 });
    await put(channel, 'a');
    expect(places(channel)).toEqual([0, 1]);
    const none = await started({ memoryCapacity: 0, overflowCapacity: 0 });
    expect(none.channel.counter.channelCapacity).toBe(100_000_000);
    expect(spillableChannel.notes?.(none.context.options)).toHaveLength(1);
  });
});

describe('what outlives the process', () => {
  it('is what was spilled, and not what was in memory', async () => {
    const { channel, files } = await started();
    await put(channel, 'a', 'b', 'c');
    await put(channel, 'd', 'e');
    await put(channel, 'f');
    files.kill();
    const again = await started({}, files);
    expect(await drain(again.channel)).toEqual(['d', 'e']);
  });

  it('is all at a stop: the rest of the memory goes to the files, and their order is told', async () => {
    const { channel, files, log } = await started();
    await put(channel, 'a', 'b', 'c');
    await put(channel, 'd', 'e');
    await channel.stop();
    expect(log).toContain(
      'info channel x1: 3 events that were in memory are in its files now, behind younger ones that were there',
    );
    const again = await started({}, files);
    expect(places(again.channel)).toEqual([0, 5]);
    expect(await drain(again.channel)).toEqual([...'deabc']);
  });

  it('is not the memory at a stop with a full device: that is told, and it stays for a start', async () => {
    const files = new FaultyFiles(1);
    const { channel, log } = await started({ minimumRequiredSpace: 2 << 20 }, files);
    await put(channel, 'a', 'b');
    files.faults.diskBytes = 1;
    const fates: string[] = [];
    const transaction = channel.begin();
    await transaction.put(batchOf('c'), (fate) => fates.push(fate));
    await transaction.commit();
    await channel.stop();
    expect(log.join()).toContain(
      'warn channel x1: 3 events in memory could not be written to files: Usable space',
    );
    expect([...places(channel), ...fates]).toEqual([3, 0, 'lost']);
    delete files.faults.diskBytes;
    await channel.start();
    expect(await drain(channel)).toEqual(['a', 'b', 'c']);
  });

  it('what an open take has belongs to the channel again when it stops: its commit fails, and it comes once more', async () => {
    const { channel, files } = await started();
    await put(channel, ...'abcd');
    await put(channel, 'e');
    const open = channel.begin();
    await open.take(2);
    await channel.stop();
    await expect(open.commit()).rejects.toMatchObject({ code: 'CHANNEL_CLOSED' });
    await open.rollback();
    const again = await started({}, files);
    expect(await drain(again.channel)).toEqual([...'eabcd']);
  });

  it('stays in memory over a reload that keeps the channel, also when the folder is another', async () => {
    const { channel, files } = await started();
    await put(channel, 'a', 'b', 'c');
    await put(channel, 'd', 'e');
    await put(channel, 'f');
    const kept = { deadline: Deadline.never(), kept: true };
    await channel.stop(kept);
    channel.configure(contextOf({ memoryCapacity: 6 }));
    await channel.start();
    await put(channel, 'g', 'h');
    expect(places(channel)).toEqual([6, 2]);
    await channel.stop(kept);
    channel.configure(contextOf({ dataDirs: '/s/other', checkpointDir: '/s/otherc' }));
    await channel.start();
    await put(channel, 'i');
    expect(places(channel)).toEqual([6, 1]);
    expect(await drain(channel)).toEqual([...'abcfghi']);
    const old = await started({}, files);
    expect(await drain(old.channel)).toEqual(['d', 'e']);
  });
});

it('a device that fails refuses what would spill, while puts to memory go on', async () => {
  const { channel, files, context } = await started();
  await put(channel, ...'abc');
  files.faults.failSync = true;
  await expect(put(channel, 'd', 'e')).rejects.toMatchObject({ code: 'LOG_FAILED' });
  expect(context.state.waits().map(({ kind }) => kind)).toEqual(['fault']);
  await put(channel, 'f');
  expect(places(channel)).toEqual([4, 0]);
  expect(channel.counter).toMatchObject({ eventPutAttempt: 6, eventPutSuccess: 4, channelSize: 4 });
});

it('refuses its options as Flume does', () => {
  expect(() => contextOf({ overflowCapacity: 10, transactionCapacity: 11 })).toThrow(
    'File Channel transaction capacity cannot be greater than the capacity of the channel.',
  );
  expect(() => contextOf({ overflowCapacity: 0, transactionCapacity: 1_000_001 })).toThrow(
    'transaction capacity',
  );
});
