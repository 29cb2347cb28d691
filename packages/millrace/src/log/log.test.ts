import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { FaultyFiles } from '../../../testkit/src/files/faulty-files.ts';
import { contents } from '../../../testkit/src/files/log-contents.ts';
import { batchBytes, eventBatch } from '../../../testkit/src/fuzz/event-batches.ts';
import { iterateBatches, readBatchHeader } from '../records/batch-header.ts';
import { sealBatch } from '../records/seal.ts';
import type { Diagnostic } from '../runtime/diagnostics.ts';
import { Log } from './log.ts';
import type { LogOptions } from './log-options.ts';
import { MemoryFiles } from './memory-files.ts';

const dir = '/logs/t-0';

function append(log: Log, bodies: readonly string[], timestampMs?: number) {
  const { header, records } = sealBatch(eventBatch(bodies, timestampMs), {});
  return log.append(header, records);
}

async function openWith(files: MemoryFiles | FaultyFiles, options: LogOptions = {}) {
  const told: Diagnostic[] = [];
  const log = await Log.open(dir, { files, report: (d) => told.push(d), ...options });
  return { log, told };
}

describe('append and read', () => {
  it('numbers records, writes base offset and leader epoch, and gives whole batches back', async () => {
    const { log } = await openWith(new MemoryFiles(), { leaderEpoch: 7, initialOffset: 40 });
    expect(append(log, ['a', 'b'])).toEqual({ baseOffset: 40, lastOffset: 41 });
    expect(append(log, ['c'])).toEqual({ baseOffset: 42, lastOffset: 42 });
    expect(contents(log)).toEqual(['40:a', '41:b', '42:c']);
    expect(readBatchHeader(log.read(42, 1 << 20), 0)).toMatchObject({
      baseOffset: 42,
      partitionLeaderEpoch: 7,
    });
    expect(log.read(43, 1 << 20)).toHaveLength(0);
  });

  it('appends a record set of several batches at once', async () => {
    const { log } = await openWith(new MemoryFiles());
    const bytes = Buffer.concat([batchBytes(['a', 'b']), batchBytes(['c'])]);
    expect(log.appendMany(bytes)).toEqual({ baseOffset: 0, lastOffset: 2 });
    expect(contents(log)).toEqual(['0:a', '1:b', '2:c']);
  });

  it('refuses bytes that end within a batch, and keeps nothing of them', async () => {
    const { log } = await openWith(new MemoryFiles());
    const bytes = Buffer.concat([batchBytes(['a']), batchBytes(['b']).subarray(0, 65)]);
    expect(() => log.appendMany(bytes)).toThrow(expect.objectContaining({ code: 'BATCH_CORRUPT' }));
    expect(log.endOffset).toBe(0);
    append(log, ['c']);
    expect(contents(log)).toEqual(['0:c']);
  });

  it('gives a batch larger than maxBytes only when one batch is asked for at least', async () => {
    const { log } = await openWith(new MemoryFiles());
    append(log, ['x'.repeat(5000)]);
    append(log, ['y']);
    expect(log.read(0, 100, false)).toHaveLength(0);
    const bytes = log.read(0, 100);
    expect([...iterateBatches(bytes)]).toHaveLength(1);
    expect(bytes.length).toBeGreaterThan(5000);
  });

  it('stops before a batch that ends at or after the limit', async () => {
    const { log } = await openWith(new MemoryFiles());
    append(log, ['a']);
    append(log, ['b', 'c']);
    expect([...iterateBatches(log.read(0, 1 << 20, true, 2))]).toHaveLength(1);
    expect([...iterateBatches(log.read(0, 1 << 20, true, 3))]).toHaveLength(2);
  });

  it('says which offsets can be read', async () => {
    const { log } = await openWith(new MemoryFiles());
    append(log, ['a']);
    expect(() => log.read(2, 100)).toThrow(expect.objectContaining({ code: 'OFFSET_OUT_OF_RANGE' }));
  });

  it('finds every offset over many segments and index entries', async () => {
    const { log } = await openWith(new MemoryFiles(), { segmentBytes: 2000, indexIntervalBytes: 100 });
    for (let i = 0; i < 300; i++) append(log, [`a${i}`, `b${i}`]);
    expect(log.segmentCount).toBeGreaterThan(10);
    for (let offset = 0; offset < 600; offset++) {
      const header = readBatchHeader(log.read(offset, 1), 0);
      expect(header.baseOffset).toBe(offset - (offset % 2));
    }
  });

  it('tells listeners the new end', async () => {
    const { log } = await openWith(new MemoryFiles());
    const ends: number[] = [];
    const stop = log.onAppend((end) => ends.push(end));
    append(log, ['a', 'b']);
    stop();
    append(log, ['c']);
    expect(ends).toEqual([2]);
  });
});

describe('rolling and retention', () => {
  it('starts a segment when the size, the time of the first batch or the index says so', async () => {
    const size = batchBytes(['a']).length;
    const bySize = await openWith(new MemoryFiles(), { segmentBytes: 2 * size });
    for (let i = 0; i < 5; i++) append(bySize.log, ['a']);
    expect(bySize.log.segmentCount).toBe(3);

    const byTime = await openWith(new MemoryFiles(), { segmentMs: 1000 });
    for (const time of [5000, 6000, 6001]) append(byTime.log, ['a'], time);
    expect(byTime.log.segmentCount).toBe(2);

    const byIndex = await openWith(new MemoryFiles(), { segmentIndexBytes: 36, indexIntervalBytes: 0 });
    for (let i = 0; i < 10; i++) append(byIndex.log, ['a'], 1000 + i);
    expect(byIndex.log.segmentCount).toBeGreaterThan(2);
  });

  it('removes segments by size and by time, the active one too, and nothing that is not durable', async () => {
    const size = batchBytes(['a']).length;
    const files = new MemoryFiles();
    const { log } = await openWith(files, { segmentBytes: size });
    for (let i = 0; i < 6; i++) append(log, ['a'], 1000 + i);
    log.configure({ retentionBytes: 4 * size });
    expect(log.applyRetention(2000)).toBe(0);
    await log.flush();
    expect(log.applyRetention(2000)).toBe(2);
    expect(log.startOffset).toBe(2);
    log.configure({ retentionBytes: -1, retentionMs: 10 });
    expect(log.applyRetention(1013)).toBe(1);
    append(log, ['a'], 9_999_990);
    expect(log.applyRetention(9_999_999)).toBe(3);
    expect(contents(log)).toEqual(['6:a']);
    await log.flush();
    expect(log.applyRetention(10_000_001)).toBe(1);
    expect([log.startOffset, log.endOffset]).toEqual([7, 7]);
    expect(log.applyRetention(10_000_001)).toBe(0);
    expect(files.list(dir).filter((name) => name.endsWith('.log'))).toHaveLength(1);
    expect(append(log, ['b'])).toMatchObject({ baseOffset: 7 });
  });

  it('keeps the start of the log over a restart', async () => {
    const files = new MemoryFiles();
    const { log } = await openWith(files, { segmentBytes: 100 });
    for (const body of ['a', 'b', 'c']) append(log, [body, body]);
    log.deleteRecordsBefore(3);
    await log.close();
    const again = await openWith(files);
    expect(again.log.startOffset).toBe(3);
    expect(contents(again.log)).toEqual(['3:b', '4:c', '5:c']);
  });

  it('cuts the end off and goes on from there', async () => {
    const files = new MemoryFiles();
    const { log } = await openWith(files, { segmentBytes: 150 });
    for (const body of ['a', 'b', 'c', 'd', 'e']) append(log, [body]);
    await log.truncateTo(2);
    expect(log.endOffset).toBe(2);
    append(log, ['z']);
    await log.close();
    expect(contents((await openWith(files)).log)).toEqual(['0:a', '1:b', '2:z']);
  });
});

describe('timestamps', () => {
  it('finds the first record at or after a time, and the newest', async () => {
    const { log } = await openWith(new MemoryFiles(), { segmentBytes: 400, indexIntervalBytes: 50 });
    for (let i = 0; i < 50; i++) append(log, ['a', 'b'], 1000 + 10 * i);
    expect(log.offsetForTimestamp(0)).toEqual({ offset: 0, timestamp: 1000 });
    expect(log.offsetForTimestamp(1201)).toEqual({ offset: 42, timestamp: 1210 });
    expect(log.offsetForTimestamp(1490)).toEqual({ offset: 98, timestamp: 1490 });
    expect(log.offsetForTimestamp(1491)).toBeNull();
    expect(log.offsetOfMaxTimestamp()).toEqual({ offset: 98, timestamp: 1490 });
    log.deleteRecordsBefore(43);
    expect(log.offsetForTimestamp(0)).toEqual({ offset: 43, timestamp: 1210 });
  });
});

describe('the device', () => {
  it('shares one sync among all who ask at the same time, and never answers with one that began before', async () => {
    const files = new FaultyFiles(1);
    const { log } = await openWith(files);
    const before = files.syncs.data;
    append(log, ['a']);
    const first = [log.flush(), log.flush(), log.flush()];
    await new Promise((resolve) => setImmediate(resolve)); // the first sync is under way
    append(log, ['b']);
    const second = log.flush();
    await Promise.all(first);
    expect(log.durableEndOffset).toBe(1);
    await second;
    expect(log.durableEndOffset).toBe(2);
    expect(files.syncs.data - before).toBe(2);
    await log.flush();
    expect(files.syncs.data - before).toBe(2);
  });

  it('syncs on when a segment that waits for its turn is removed', async () => {
    const { log } = await openWith(new FaultyFiles(1), { segmentBytes: 100 });
    for (const body of ['a', 'b', 'c', 'd']) append(log, [body.repeat(50)]);
    const flushed = log.flush();
    await new Promise((resolve) => setImmediate(resolve)); // the first segment's sync is under way
    log.deleteRecordsBefore(3);
    await flushed;
    expect(log.durableEndOffset).toBe(4);
    expect(contents(log)).toHaveLength(1);
  });

  it('takes nothing more after a failed sync', async () => {
    const files = new FaultyFiles(1);
    const { log } = await openWith(files);
    append(log, ['a']);
    files.faults.failSync = true;
    await expect(log.flush()).rejects.toMatchObject({ code: 'LOG_FAILED' });
    files.faults.failSync = false;
    await expect(log.flush()).rejects.toMatchObject({ code: 'LOG_FAILED' });
    expect(() => append(log, ['b'])).toThrow(expect.objectContaining({ code: 'LOG_FAILED' }));
    expect(log.durableEndOffset).toBe(0);
  });

  it('keeps nothing of a batch that does not fit the disk, and works again when there is room', async () => {
    const files = new FaultyFiles(1, { diskBytes: 1500 });
    const { log } = await openWith(files);
    append(log, ['a']);
    expect(() => append(log, ['x'.repeat(3000)])).toThrow(expect.objectContaining({ code: 'DISK_FULL' }));
    expect(log.endOffset).toBe(1);
    // The part that was written is cut off again, and the device must know that before others stand there.
    expect(() => append(log, ['b'])).toThrow(expect.objectContaining({ code: 'DISK_FULL' }));
    await log.flush();
    append(log, ['b']);
    files.faults.diskBytes = 100_000;
    append(log, ['y'.repeat(3000)]);
    await log.close();
    expect(contents((await openWith(files)).log).map((line) => line.slice(0, 3))).toEqual([
      '0:a',
      '1:b',
      '2:y',
    ]);
  });

  it('goes on after short writes', async () => {
    const files = new FaultyFiles(3, { shortWrites: true });
    const { log } = await openWith(files);
    for (let i = 0; i < 50; i++) append(log, [`body ${i}`]);
    expect(contents(log)).toHaveLength(50);
  });
});

describe('the real file system', () => {
  let folder = '';
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('holds a log over a restart, with the files that Kafka has', async () => {
    folder = mkdtempSync(join(tmpdir(), 'millrace-log-'));
    const path = join(folder, 'deep', 'topic-0');
    const log = await Log.open(path, { segmentBytes: 1000, indexIntervalBytes: 100 });
    for (let i = 0; i < 40; i++) append(log, [`line ${i}`], 1000 + i);
    await log.flush();
    const before = contents(log);
    log.deleteRecordsBefore(20);
    await log.close();
    const names = readdirSync(path).filter((name) => name !== 'log.checkpoint');
    expect(names.length % 3).toBe(0);
    for (const name of names) expect(name).toMatch(/^\d{20}\.(log|index|timeindex)$/);
    const again = await Log.open(path);
    expect(contents(again)).toEqual(before.slice(20));
    append(again, ['more']);
    await again.close();
  });
});
