import { describe, expect, it } from 'vitest';
import { FaultyFiles } from '../../../testkit/src/files/faulty-files.ts';
import { contents } from '../../../testkit/src/files/log-contents.ts';
import { eventBatch } from '../../../testkit/src/fuzz/event-batches.ts';
import { iterateBatches } from '../records/batch-header.ts';
import { sealBatch } from '../records/seal.ts';
import type { Diagnostic } from '../runtime/diagnostics.ts';
import { Log } from './log.ts';
import type { LogOptions } from './log-options.ts';
import { segmentName } from './segment.ts';

const dir = '/logs/t-0';
const firstSegment = `${dir}/${segmentName(0)}.log`;

function append(log: Log, ...bodies: readonly string[]) {
  const { header, records } = sealBatch(eventBatch(bodies), {});
  return log.append(header, records);
}

async function openWith(files: FaultyFiles, options: LogOptions = {}) {
  const told: Diagnostic[] = [];
  const log = await Log.open(dir, { files, report: (d) => told.push(d), ...options });
  return { log, told, codes: () => told.map((d) => d.code) };
}

/** A log of the batches a, b, c, d, e that was killed; also where each batch starts. */
async function killedLog(files: FaultyFiles, options: LogOptions = {}): Promise<number[]> {
  const { log } = await openWith(files, options);
  const starts: number[] = [];
  for (const body of ['a', 'b', 'c', 'd', 'e']) {
    starts.push(log.sizeBytes);
    append(log, body.repeat(20));
  }
  starts.push(log.sizeBytes);
  await log.flush();
  files.kill();
  return starts;
}

describe('a start after a crash', () => {
  it('finds what a killed process had written', async () => {
    const files = new FaultyFiles(1);
    await killedLog(files);
    const { log, told } = await openWith(files);
    expect(contents(log).map((line) => line.slice(0, 3))).toEqual(['0:a', '1:b', '2:c', '3:d', '4:e']);
    expect(told).toEqual([]);
  });

  it('cuts off a batch that was not finished, at every length', async () => {
    const starts = await killedLog(new FaultyFiles(1));
    for (let size = starts[5]! - 1; size > starts[4]!; size--) {
      const files = new FaultyFiles(1);
      await killedLog(files);
      files.open(firstSegment, 'write').truncate(size);
      const { log, codes } = await openWith(files);
      expect(contents(log)).toHaveLength(4);
      expect(codes()).toEqual(['log-torn-tail']);
      // The offset was given out, and is not given again: an empty batch has it.
      expect([log.endOffset, log.read(4, 1000).length]).toEqual([5, 61]);
      expect(append(log, 'f').baseOffset).toBe(5);
      expect(files.list(dir).filter((name) => name.endsWith('.corrupt'))).toEqual([]);
    }
  });

  it('loses only the batch whose bytes are damaged, wherever the damage is', async () => {
    const reference = new FaultyFiles(1);
    const starts = await killedLog(reference);
    for (let at = starts[2]!; at < starts[3]!; at++) {
      const inBatch = at - starts[2]!;
      if (inBatch >= 12 && inBatch < 16) continue; // the leader epoch: no checksum covers it and nothing is lost
      const files = new FaultyFiles(1);
      await killedLog(files);
      const byte = Buffer.alloc(1);
      files.open(firstSegment, 'read').read(byte, at);
      byte[0]! ^= 0x41;
      files.damage(firstSegment, at, byte);
      const { log, codes } = await openWith(files);
      const left = contents(log).map((line) => line.slice(0, 3));
      if (inBatch < 8) {
        expect(left).toEqual(['0:a', '1:b', '2:c', '3:d', '4:e']); // the base offset follows from the neighbours
        expect(codes()).toEqual(['log-offset-repaired']);
      } else {
        expect(left).toEqual(['0:a', '1:b', '3:d', '4:e']);
        expect(codes()).toEqual(['log-damaged']);
        expect(files.list(dir).filter((name) => name.endsWith('.corrupt'))).toHaveLength(1);
      }
      expect(append(log, 'f').baseOffset).toBe(5);
      await log.close();
      const again = await openWith(files);
      expect(contents(again.log)).toHaveLength(left.length + 1);
    }
  });

  it('sets a damaged last batch aside', async () => {
    const files = new FaultyFiles(1);
    const starts = await killedLog(files);
    files.damage(firstSegment, starts[4]! + 70, Buffer.from('????'));
    const { log, told } = await openWith(files);
    expect(contents(log)).toHaveLength(4);
    expect(told[0]!.message).toContain('set aside');
    expect(files.size(`${dir}/${segmentName(0)}.${starts[4]}.corrupt`)).toBe(starts[5]! - starts[4]!);
  });

  it('keeps later segments when an earlier one is damaged', async () => {
    const files = new FaultyFiles(1);
    await killedLog(files, { segmentBytes: 220 });
    files.damage(firstSegment, 70, Buffer.from('????'));
    files.remove(`${dir}/log.checkpoint`);
    const { log } = await openWith(files);
    expect(contents(log).map((line) => line.slice(0, 3))).toEqual(['1:b', '2:c', '3:d', '4:e']);
  });

  it('makes index files again that are missing, torn or wrong', async () => {
    const files = new FaultyFiles(1);
    const options = { segmentBytes: 1000, indexIntervalBytes: 100 };
    const { log } = await openWith(files, options);
    for (let i = 0; i < 30; i++) append(log, 'x'.repeat(30));
    await log.close();
    const stems = files
      .list(dir)
      .filter((name) => name.endsWith('.log'))
      .map((name) => `${dir}/${name.slice(0, -4)}`);
    expect(stems.length).toBeGreaterThan(2);
    files.remove(`${stems[0]}.index`);
    files.open(`${stems[1]}.index`, 'write').truncate(11);
    files.damage(`${stems[2]}.timeindex`, 0, Buffer.alloc(12, 0xff));
    const again = await openWith(files, options);
    for (let offset = 0; offset < 30; offset++) {
      expect([...iterateBatches(again.log.read(offset, 1))][0]!.header.baseOffset).toBe(offset);
    }
    expect(again.log.offsetForTimestamp(1000)).toEqual({ offset: 0, timestamp: 1000 });
    expect(files.size(`${stems[0]}.index`)).toBeGreaterThan(0);
  });

  it('repairs a running log where a reader met damage', async () => {
    const files = new FaultyFiles(1);
    const starts = await killedLog(files);
    const { log, codes } = await openWith(files);
    files.damage(firstSegment, starts[1]! + 8, Buffer.from([0x7f]));
    expect(() => log.read(1, 1000)).toThrow(expect.objectContaining({ code: 'LOG_CORRUPT' }));
    await log.repair(1);
    expect(contents(log).map((line) => line.slice(0, 3))).toEqual(['0:a', '2:c', '3:d', '4:e']);
    expect(codes()).toEqual(['log-damaged']);
    expect(append(log, 'f').baseOffset).toBe(5);
  });

  it('repairs while others append, and while the segment falls below the start of the log', async () => {
    const files = new FaultyFiles(1);
    const starts = await killedLog(files);
    const { log } = await openWith(files);
    files.damage(firstSegment, starts[1]! + 70, Buffer.from('????'));
    const repairs = [log.repair(1), log.repair(1)];
    await new Promise((resolve) => setImmediate(resolve));
    append(log, 'f');
    log.deleteRecordsBefore(5);
    append(log, 'g');
    await Promise.all(repairs);
    expect(contents(log)).toEqual(['5:f', '6:g']);
    expect(log.segmentCount).toBe(1);
    await log.close();
    expect(contents((await openWith(files)).log)).toEqual(['5:f', '6:g']);
  });

  it('repairs a log that was stopped cleanly and whose last segment was damaged since', async () => {
    for (const [extension, at] of [
      ['log', 8],
      ['log', 0],
      ['timeindex', 0],
    ] as const) {
      const files = new FaultyFiles(1);
      const { log } = await openWith(files, { indexIntervalBytes: 50 });
      for (let i = 0; i < 10; i++) append(log, 'x'.repeat(30));
      await log.close();
      files.damage(`${dir}/${segmentName(0)}.${extension}`, at, Buffer.from([0x7f]));
      const again = await openWith(files);
      expect(append(again.log, 'y').baseOffset).toBe(10);
      expect(contents(again.log)).toHaveLength(at === 8 ? 10 : 11);
    }
  });

  it('puts the base offset of a batch right only where it can be but one', async () => {
    const files = new FaultyFiles(1);
    const starts = await killedLog(files);
    files.damage(firstSegment, starts[1]! + 7, Buffer.from([9]));
    files.damage(firstSegment, starts[4]! + 7, Buffer.from([77]));
    const { log, codes } = await openWith(files);
    expect(contents(log).map((line) => line.slice(0, 3))).toEqual(['0:a', '1:b', '2:c', '3:d', '4:e']);
    expect(codes()).toEqual(['log-offset-repaired']);
    files.kill();
    // With damage in front of it, 2 and 3 were both possible.
    files.damage(firstSegment, starts[2]! + 70, Buffer.from('????'));
    files.damage(firstSegment, starts[3]! + 7, Buffer.from([77]));
    const again = await openWith(files);
    expect(contents(again.log).map((line) => line.slice(0, 3))).toEqual(['0:a', '1:b', '4:e']);
  });

  it('goes on behind damage only where a batch surely begins, and gives no offset twice', async () => {
    const files = new FaultyFiles(1);
    const starts = await killedLog(files);
    files.damage(firstSegment, 0, Buffer.alloc(starts[3]!, 0)); // where d begins, nothing says any more
    const { log, codes } = await openWith(files);
    expect(contents(log)).toEqual([]);
    expect(codes()).toEqual(['log-damaged']);
    expect(files.size(`${dir}/${segmentName(0)}.0.corrupt`)).toBe(starts[5]);
    expect(append(log, 'f').baseOffset).toBe(5);
  });

  it('goes on behind such damage at the next entry of the index', async () => {
    const files = new FaultyFiles(1);
    const options = { segmentBytes: 2000, indexIntervalBytes: 200 };
    const { log } = await openWith(files, options);
    for (let i = 0; i < 40; i++) append(log, 'x'.repeat(30));
    await log.flush();
    files.damage(firstSegment, 0, Buffer.alloc(100, 0));
    expect(() => log.read(0, 1000)).toThrow(expect.objectContaining({ code: 'LOG_CORRUPT' }));
    await log.repair(0);
    const left = contents(log);
    expect(left.length).toBeGreaterThanOrEqual(36);
    expect(left.length).toBeLessThan(40);
    expect(left.at(-1)).toMatch(/^39:/);
  });

  it('reads nothing but names and sizes of 1,000 segments after a clean stop', async () => {
    const files = new FaultyFiles(1);
    const { log } = await openWith(files, { segmentBytes: 100 });
    for (let i = 0; i < 1000; i++) append(log, 'x'.repeat(30));
    await log.close();
    expect(files.list(dir).filter((name) => name.endsWith('.log'))).toHaveLength(1000);
    const opened: string[] = [];
    const open = files.open.bind(files);
    files.open = (path, mode) => {
      opened.push(path);
      return open(path, mode);
    };
    const again = await openWith(files);
    expect(again.log.endOffset).toBe(1000);
    // The checkpoint, and the active segment: its indexes go on, and the time of its first batch matters for rolling.
    const names = opened
      .map((path) => path.slice(dir.length + 1))
      .filter((name) => name !== 'log.checkpoint');
    const stem = segmentName(again.log.activeBaseOffset);
    expect(new Set(names)).toEqual(new Set([`${stem}.log`, `${stem}.index`, `${stem}.timeindex`]));
  });
});
