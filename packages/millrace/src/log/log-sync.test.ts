import { afterEach, expect, it, vi } from 'vitest';
import { FaultyFiles } from '../../../testkit/src/files/faulty-files.ts';
import { errno, HookedFiles } from '../../../testkit/src/files/slow-files.ts';
import { batchBytes } from '../../../testkit/src/fuzz/event-batches.ts';
import { iterateBatches } from '../records/batch-header.ts';
import { Log } from './log.ts';

afterEach(() => vi.useRealTimers());

const dir = '/logs/t-0';
const path = `${dir}/00000000000000000000.log`;

/** Turns of the event loop, for all that waits for no timer. */
async function turns(): Promise<void> {
  for (let i = 0; i < 200; i++) await new Promise((resolve) => setImmediate(resolve));
}

it.each([
  ['ends well', false],
  ['fails', true],
])(
  'no flush is answered that covers what healing finds lost: a slow sync that began before a write failed, and %s',
  async (_how, fails) => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const faulty = new FaultyFiles(1);
    const files = new HookedFiles({}, faulty.life());
    const log = await Log.open(dir, { files });
    const lost: number[] = [];
    log.onCut((offset) => lost.push(offset));
    log.appendMany(batchBytes(['durable']));
    await log.flush();
    const at = log.sizeBytes;
    log.appendMany(batchBytes(['on its way']));

    const slow = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    files.hooks.datasync = () => {
      delete files.hooks.datasync;
      begun.resolve();
      return slow.promise;
    };
    let answer = 'none';
    const flush = log.flush().then(
      () => (answer = 'durable'),
      () => (answer = 'failed'),
    );
    await begun.promise;
    files.hooks.write = () => {
      delete files.hooks.write;
      throw errno('EIO', 'write');
    };
    expect(() => log.appendMany(batchBytes(['refused']))).toThrow(
      expect.objectContaining({ code: 'LOG_FAILED' }),
    );
    faulty.damage(path, at + 70, Buffer.from([255]));
    for (let i = 0; i < 5; i++) {
      await vi.advanceTimersByTimeAsync(1000);
      await turns();
    }
    expect([answer, log.failure?.code, lost]).toEqual(['none', 'LOG_FAILED', []]);

    if (fails) slow.reject(errno('EIO', 'fdatasync'));
    else slow.resolve();
    await flush;
    for (let i = 0; i < 5; i++) {
      await turns();
      await vi.advanceTimersByTimeAsync(1000);
    }
    expect(log.failure).toBe(null);
    // What a sync covered and was damaged then is a matter of its readers.
    expect([answer, lost]).toEqual(fails ? ['failed', [1]] : ['durable', []]);
    expect(log.appendMany(batchBytes(['next'])).baseOffset).toBe(2);
    await log.close();
  },
);

it.each(['ENOSPC', 'EDQUOT'])(
  'a sync that fails with %s is not answered by the next one: what the device dropped is lost, and told',
  async (code) => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const faulty = new FaultyFiles(1);
    const files = new HookedFiles({}, faulty.life());
    const log = await Log.open(dir, { files });
    const lost: number[] = [];
    log.onCut((offset) => lost.push(offset));
    log.appendMany(batchBytes(['durable']));
    await log.flush();
    const at = log.sizeBytes;
    log.appendMany(batchBytes(['dropped']));
    files.hooks.datasync = async () => {
      delete files.hooks.datasync;
      faulty.damage(path, at, Buffer.alloc(61));
      throw errno(code, 'fdatasync');
    };
    await expect(log.flush()).rejects.toMatchObject({ code: 'LOG_FAILED' });
    expect(log.durableEndOffset).toBe(1);
    for (let i = 0; i < 5; i++) {
      await turns();
      await vi.advanceTimersByTimeAsync(1000);
    }
    expect([log.failure, lost]).toEqual([null, [1]]);
    expect(log.appendMany(batchBytes(['next'])).baseOffset).toBe(2);
    await log.flush();
    await log.close();
  },
);

it('what stands for lost offsets is written again where the device loses that, too', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const faulty = new FaultyFiles(1);
  const files = new HookedFiles({}, faulty.life());
  const log = await Log.open(dir, { files });
  log.appendMany(batchBytes(['durable']));
  await log.flush();
  const at = log.sizeBytes;
  log.appendMany(batchBytes(['dropped']));
  let syncs = 0;
  files.hooks.datasync = async (synced) => {
    if (synced !== path) return;
    syncs++;
    // The events, and once the device has the cut, the empty batch in their place.
    if (syncs !== 1 && syncs !== 3) return;
    faulty.damage(path, at, Buffer.alloc(61));
    throw errno('EIO', 'fdatasync');
  };
  await expect(log.flush()).rejects.toMatchObject({ code: 'LOG_FAILED' });
  for (let i = 0; i < 5; i++) {
    await turns();
    await vi.advanceTimersByTimeAsync(1000);
  }
  expect([log.failure, syncs]).toEqual([null, 5]);
  log.appendMany(batchBytes(['next']));
  await log.flush();
  const held = [...iterateBatches(log.read(0, 1 << 20))].map(({ header }) => header);
  expect(held.map(({ baseOffset, recordCount }) => [baseOffset, recordCount])).toEqual([
    [0, 1],
    [1, 0],
    [2, 1],
  ]);
  await log.close();
});
