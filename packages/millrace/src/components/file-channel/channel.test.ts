import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { FaultyFiles } from '../../../../testkit/src/files/faulty-files.ts';
import { fileChannelDefaults } from '../../../../testkit/src/flume/file-channel-options.ts';
import { eventBatch } from '../../../../testkit/src/fuzz/event-batches.ts';
import type { Channel } from '../../component/channel.ts';
import { testSurroundings } from '../../component/testing/context.ts';
import { segmentName } from '../../log/segment.ts';
import { BatchBuilder } from '../../records/batch-builder.ts';
import type { EventBatch } from '../../records/event-batch.ts';
import type { Diagnostic } from '../../runtime/diagnostics.ts';
import type { FileLayer } from '../../runtime/files.ts';
import { silentLogger } from '../../runtime/logger.ts';
import { FileChannel, type FileChannelOptions, fileChannel } from './channel.ts';

const defaults: FileChannelOptions = { ...fileChannelDefaults, capacity: 1000, transactionCapacity: 1000 };

function make(options: Partial<FileChannelOptions>, files?: FileLayer, told: Diagnostic[] = []): FileChannel {
  const context = {
    ...testSurroundings(),
    agent: 'a1',
    name: 'c1',
    options: { ...defaults, ...options },
    log: silentLogger,
    report: (diagnostic: Diagnostic) => told.push(diagnostic),
  };
  return new FileChannel(context, files === undefined ? {} : { files, lock: false });
}

async function started(options: Partial<FileChannelOptions>, files: FileLayer, told?: Diagnostic[]) {
  const channel = make(options, files, told);
  await channel.start();
  return channel;
}

async function put(channel: Channel, ...batches: EventBatch[]): Promise<void> {
  const transaction = channel.begin();
  try {
    for (const batch of batches) await transaction.put(batch);
    await transaction.commit();
  } catch (error) {
    await transaction.rollback();
    throw error;
  }
}

/** Takes and commits; each event as its body, with its headers where it has some. */
async function take(channel: Channel, most: number): Promise<string[]> {
  const transaction = channel.begin();
  const found: string[] = [];
  while (found.length < most) {
    const batch = await transaction.take(most - found.length);
    if (batch === null) break;
    for (const event of batch) {
      const headers = [...event.headers()].map(([name, value]) => ` ${name}=${value}`).join('');
      found.push(event.body.toString() + headers);
    }
  }
  await transaction.commit();
  return found;
}

describe('intervals beyond what a timer of Node can wait', () => {
  it.each([
    { checkpointInterval: 2 ** 31 },
    { checkpointInterval: Number.MAX_SAFE_INTEGER },
    { fsyncPerTransaction: false, fsyncInterval: 2_147_484 },
    { fsyncPerTransaction: false, fsyncInterval: Number.MAX_SAFE_INTEGER },
  ])('do not come at once: %o', async (options) => {
    const files = new FaultyFiles(1);
    const channel = await started(options, files);
    await put(channel, eventBatch(['a']));
    const { data } = files.syncs;
    for (let turn = 0; turn < 10; turn++) {
      await new Promise((resolve) => setTimeout(resolve, 2));
      await put(channel, eventBatch(['b']));
    }
    const ofPuts = options.fsyncPerTransaction === false ? 0 : 10;
    expect(files.syncs.data - data).toBe(ofPuts);
    await channel.stop();
  });
});

describe('over the end of the process', () => {
  it('brings what was not consumed, with shared headers and what record metadata shows', async () => {
    const files = new FaultyFiles(1);
    const first = await started({}, files);
    const headers = new Map([['file', 'a.log']]);
    await put(first, eventBatch(['a', 'b', 'c'], 1000, headers), eventBatch(['d', 'e']));
    const origin = { baseOffset: 70, offsetHeader: 'offset', headerNames: new Map([['h', 'kafka-h']]) };
    await put(first, eventBatch(['f', 'g']).withOrigin(origin));
    await put(first, eventBatch(['h']));
    expect(await take(first, 2)).toEqual(['a file=a.log', 'b file=a.log']);
    files.kill();
    const second = await started({}, files);
    expect(second.eventCount).toBe(6);
    expect(await take(second, 9)).toEqual(['c file=a.log', 'd', 'e', 'f offset=70', 'g offset=71', 'h']);
    expect(second.eventCount).toBe(0);
  });

  it('never brings an event twice whose take had committed, wherever the process ends', async () => {
    const batches = [
      eventBatch(['a', 'b', 'c'], 1, new Map([['n', '1']])),
      eventBatch(['d', 'e']),
      eventBatch(['f']),
    ];
    for (let taken = 0; taken <= 6; taken++) {
      const files = new FaultyFiles(1);
      const first = await started({}, files);
      await put(first, ...batches.slice(0, 2));
      await put(first, batches[2]!);
      const before = await take(first, taken);
      files.kill();
      const second = await started({}, files);
      expect(second.eventCount).toBe(6 - taken);
      const after = await take(second, 9);
      expect([...before, ...after].map((line) => line[0])).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
    }
  });

  it('gives the events of takes that were open once more', async () => {
    const files = new FaultyFiles(1);
    const first = await started({}, files);
    await put(first, eventBatch(['a', 'b', 'c', 'd']));
    const open = first.begin();
    await open.take(2);
    expect(await take(first, 1)).toEqual(['c']);
    files.kill();
    expect(await take(await started({}, files), 9)).toEqual(['a', 'b', 'c', 'd']);
  });

  it('drops a transaction that was torn in any place, as a whole', async () => {
    const reference = new FaultyFiles(1);
    const log = `/fc/data/events-0/${segmentName(0)}.log`;
    const fill = async (files: FaultyFiles) => {
      const channel = await started({}, files);
      await put(channel, eventBatch(['kept']));
      const size = files.size(log)!;
      await put(channel, eventBatch(['a'], 1, new Map([['n', '1']])), eventBatch(['b']), eventBatch(['c']));
      files.kill();
      return size;
    };
    const from = await fill(reference);
    for (let size = from; size < reference.size(log)!; size++) {
      const files = new FaultyFiles(1);
      await fill(files);
      files.open(log, 'write').truncate(size);
      const channel = await started({}, files);
      expect(channel.eventCount).toBe(1);
      await put(channel, eventBatch(['next']));
      expect(await take(channel, 9)).toEqual(['kept', 'next']);
    }
  });

  it('waits for events behind those that a device lost', async () => {
    const files = new FaultyFiles(1);
    const first = await started({}, files);
    await put(first, eventBatch(['kept']));
    Object.assign(files.faults, { failSync: true, dropPages: true });
    await expect(put(first, eventBatch(['lost', 'lost']))).rejects.toThrow();
    Object.assign(files.faults, { failSync: false, dropPages: false });
    files.kill();
    const channel = await started({}, files);
    expect(channel.eventCount).toBe(1);
    expect(await take(channel, 9)).toEqual(['kept']);
    expect(await take(channel, 9)).toEqual([]);
    let isAwake = false;
    const waiting = channel.waitForEvents(3_600_000, new AbortController().signal).then(() => {
      isAwake = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(isAwake).toBe(false);
    await put(channel, eventBatch(['next']));
    await waiting;
    expect(await take(channel, 9)).toEqual(['next']);
    await channel.stop();
  });

  it('keeps committed puts over a power cut, and notices a disk that lies', async () => {
    const survivors = async (seed: number, acknowledgeBeforeSync: boolean) => {
      const files = new FaultyFiles(seed);
      const channel = await started({}, files);
      await channel.stop();
      files.faults.acknowledgeBeforeSync = acknowledgeBeforeSync;
      const running = await started({}, files);
      for (let i = 0; i < 5; i++) await put(running, eventBatch([`${i}`], 1, new Map([['n', 'x']])));
      files.crash();
      files.faults.acknowledgeBeforeSync = false;
      return take(await started({}, files), 9);
    };
    const whole = ['0 n=x', '1 n=x', '2 n=x', '3 n=x', '4 n=x'];
    const lied: string[][] = [];
    for (let seed = 0; seed < 50; seed++) {
      expect(await survivors(seed, false)).toEqual(whole);
      lied.push(await survivors(seed, true));
    }
    expect(lied.some((found) => found.length < 5)).toBe(true);
  });

  it('removes what is consumed', async () => {
    const files = new FaultyFiles(1);
    const channel = await started({ maxFileSize: 1000 }, files);
    const logs = () => files.list('/fc/data/events-0').filter((name) => name.endsWith('.log'));
    for (let i = 0; i < 30; i++) await put(channel, eventBatch(['x'.repeat(100)]));
    expect(logs().length).toBeGreaterThan(4);
    await take(channel, 30);
    expect(logs()).toHaveLength(1);
    await channel.stop();
    expect((await started({ maxFileSize: 1000 }, files)).eventCount).toBe(0);
  });
});

describe('trouble', () => {
  it('says when the device is nearly full, keeps what it has, and goes on when there is room', async () => {
    const files = new FaultyFiles(1, { diskBytes: 3 << 20 });
    const channel = await started({ minimumRequiredSpace: 2 << 20 }, files);
    await put(channel, eventBatch(['a']));
    const large = eventBatch(['x'.repeat(1 << 20)]);
    await expect(put(channel, large)).rejects.toMatchObject({
      code: 'DISK_FULL',
      message: expect.stringContaining('Usable space exhausted, only'),
    });
    files.faults.diskBytes = 10 << 20;
    await put(channel, large);
    expect((await take(channel, 9)).map((body) => body.length)).toEqual([1, 1 << 20]);
  });

  it('does not wait for the device where fsyncPerTransaction is false', async () => {
    const files = new FaultyFiles(1);
    const channel = await started({ fsyncPerTransaction: false }, files);
    const before = files.syncs.data;
    await put(channel, eventBatch(['a']));
    expect(await take(channel, 9)).toEqual(['a']);
    expect(files.syncs.data).toBe(before);
    await put(channel, eventBatch(['b']));
    await channel.stop();
    files.crash();
    expect(await take(await started({}, files), 9)).toEqual(['b']);
  });

  it('is unhealthy after a failed sync, and does not show the put that was not synced', async () => {
    const files = new FaultyFiles(1);
    const channel = await started({}, files);
    files.faults.failSync = true;
    await expect(put(channel, eventBatch(['a']))).rejects.toMatchObject({ code: 'LOG_FAILED' });
    expect(await take(channel, 9)).toEqual([]);
    expect(channel.counter.flumeAttributes()).toMatchObject({ Unhealthy: '1', EventPutErrorCount: '1' });
  });

  it('sets damage aside that a take meets, and gives the rest', async () => {
    const files = new FaultyFiles(1);
    const log = `/fc/data/events-0/${segmentName(0)}.log`;
    const first = await started({}, files);
    const starts: number[] = [];
    for (const body of ['a', 'b', 'c']) {
      starts.push(files.size(log)!);
      await put(first, eventBatch([body.repeat(50)]));
    }
    await first.stop();
    files.damage(log, starts[1]! + 80, Buffer.from('????'));
    const told: Diagnostic[] = [];
    const second = await started({}, files, told);
    expect((await take(second, 9)).map((body) => body[0])).toEqual(['a', 'c']);
    expect(told.map((d) => d.code)).toEqual(['log-damaged']);
    expect(await take(second, 9)).toEqual([]);
    expect(second.eventCount).toBe(0);
  });

  it("speaks Flume's words when it is full", async () => {
    const channel = await started({ capacity: 3, transactionCapacity: 3 }, new FaultyFiles(1));
    await put(channel, eventBatch(['a', 'b', 'c']));
    await expect(put(channel, eventBatch(['d']))).rejects.toThrow(
      "The channel has reached it's capacity. This might be the result of a sink on the channel having too low of batch size, a downstream system running slower than normal, or that the channel capacity is just too low. [channel=c1]",
    );
    expect(channel.counter.flumeAttributes()).toMatchObject({
      ChannelSize: '3',
      ChannelFillPercentage: '100.0',
      EventPutAttemptCount: '4',
      EventPutSuccessCount: '3',
      EventPutErrorCount: '0',
      Open: 'true',
      Closed: '0',
    });
  });
});

describe('configuration', () => {
  it.each<[Partial<FileChannelOptions>, string]>([
    [{ transactionCapacity: 2000 }, 'cannot be greater than the capacity'],
    [{ useDualCheckpoints: true }, 'backup directory is not set'],
    [{ useDualCheckpoints: true, backupCheckpointDir: defaults.checkpointDir }, 'cannot be the same'],
    [
      { encryption: new Map([['activeKey', 'k']]) },
      'Encryption configuration problem: activeKey is present while key provider name is not.',
    ],
  ])('refuses %o', (change, reason) => {
    expect(fileChannel.validate?.({ ...defaults, ...change })).toMatchObject([
      { message: expect.stringContaining(reason) },
    ]);
  });
});

describe('the folders', () => {
  let folder = '';
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('belong to one channel at a time', async () => {
    folder = mkdtempSync(join(tmpdir(), 'millrace-channel-'));
    const options = { checkpointDir: join(folder, 'checkpoint'), dataDirs: [join(folder, 'data')] };
    const first = make(options);
    const second = make(options);
    await first.start();
    await expect(second.start()).rejects.toMatchObject({
      code: 'DIRECTORY_LOCKED',
      message: expect.stringContaining(`process ${process.pid}`),
    });
    await put(first, eventBatch(['a']));
    await first.stop();
    await second.start();
    expect(await take(second, 9)).toEqual(['a']);
    await second.stop();
  });

  it("are refused when Flume's own channel lives there", async () => {
    folder = mkdtempSync(join(tmpdir(), 'millrace-channel-'));
    const data = join(folder, 'data');
    mkdirSync(data);
    writeFileSync(join(data, 'log-7'), 'x');
    const channel = make({ checkpointDir: join(folder, 'checkpoint'), dataDirs: [data] });
    await expect(channel.start()).rejects.toThrow("log-7 belongs to Flume's own file channel");
  });
});

it('keeps bodies of single events apart where their headers differ', async () => {
  const channel = await started({}, new FaultyFiles(1));
  const builder = new BatchBuilder();
  builder.add('a', [['own', '1']]);
  builder.add('b');
  await put(channel, builder.build());
  expect(await take(channel, 9)).toEqual(['a own=1', 'b']);
});
