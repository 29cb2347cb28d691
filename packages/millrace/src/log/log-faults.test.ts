import { expect, it } from 'vitest';
import { FaultyFiles } from '../../../testkit/src/files/faulty-files.ts';
import { batchBytes } from '../../../testkit/src/fuzz/event-batches.ts';
import { iterateBatches } from '../records/batch-header.ts';
import { openBatch } from '../records/open-batch.ts';
import type { FileLayer, LayerFile, OpenMode } from '../runtime/files.ts';
import { logFaultOf } from './faults.ts';
import { Log } from './log.ts';
import { MemoryFiles } from './memory-files.ts';

const dir = '/logs/t-0';

/** A system that is short of something for a while. */
class MoodyFiles extends MemoryFiles implements FileLayer {
  mood: string | null = null;

  override open(path: string, mode: OpenMode): LayerFile {
    if (this.mood !== null)
      throw Object.assign(new Error(`${this.mood}: open '${path}'`), { code: this.mood });
    return super.open(path, mode);
  }
}

function bodies(log: Log): string[] {
  const found: string[] = [];
  for (let offset = log.startOffset; offset < log.endOffset; ) {
    const bytes = log.read(offset, 1 << 20);
    if (bytes.length === 0) break;
    for (const { at, header } of iterateBatches(bytes)) {
      for (let i = 0; i < header.recordCount; i++) found.push(openBatch(bytes, at).event(i).body.toString());
      offset = header.baseOffset + header.lastOffsetDelta + 1;
    }
  }
  return found;
}

it.each(['EMFILE', 'ENFILE', 'ENOSPC', 'EDQUOT'])(
  'refuses one append for %s, keeps nothing of it, and goes on when that is over',
  async (code) => {
    const files = new MoodyFiles();
    const log = await Log.open(dir, { files, segmentBytes: 100 });
    log.appendMany(batchBytes(['first']));
    files.mood = code;
    let thrown: unknown;
    try {
      log.appendMany(batchBytes(['refused: it needs a new segment']));
    } catch (error) {
      thrown = error;
    }
    expect([logFaultOf(thrown), log.endOffset, log.failure]).toEqual(['refused', 1, null]);
    files.mood = null;
    expect(log.appendMany(batchBytes(['second'])).baseOffset).toBe(1);
    await log.flush();
    expect([bodies(log), log.durableEndOffset]).toEqual([['first', 'second'], 2]);
    await log.close();
  },
);

it('takes nothing after a failed sync until it has written anew what was not durable, and then goes on', async () => {
  const files = new FaultyFiles(1);
  const log = await Log.open(dir, { files });
  log.appendMany(batchBytes(['durable']));
  await log.flush();
  log.appendMany(batchBytes(['in the page cache alone']));
  files.faults.failSync = true;
  await expect(log.flush()).rejects.toMatchObject({ code: 'LOG_FAILED' });
  expect(() => log.appendMany(batchBytes(['refused']))).toThrow(
    expect.objectContaining({ code: 'LOG_FAILED' }),
  );
  files.faults.failSync = false;
  await expect.poll(() => log.failure, { timeout: 20_000 }).toBe(null);
  expect(log.durableEndOffset).toBe(2);
  log.appendMany(batchBytes(['after']));
  await log.flush();
  files.crash();
  const again = await Log.open(dir, { files: files.life() });
  expect(bodies(again)).toEqual(['durable', 'in the page cache alone', 'after']);
});

/** Where a value holds a batch, and how much of the outer one a crash left. */
it.each([
  [2_000_000_000, 0.6],
  [1, 0.6],
  [1, 0.99],
  [7, 0.3],
])(
  'never takes a batch in a value for one of the log: base offset %i, torn at %d',
  async (baseOffset, part) => {
    const files = new FaultyFiles(1);
    const log = await Log.open(dir, { files });
    log.appendMany(batchBytes(['one']));
    await log.flush();
    const from = log.sizeBytes;
    const inner = batchBytes(['forged']);
    inner.writeBigInt64BE(BigInt(baseOffset), 0);
    const value = Buffer.concat([Buffer.alloc(100, 32), inner, inner, Buffer.alloc(900, 32)]);
    log.appendMany(batchBytes([value as never]));
    const size = from + Math.floor((log.sizeBytes - from) * part);
    files.kill();
    const path = `${dir}/00000000000000000000.log`;
    files.open(path, 'write').truncate(size);
    files.damage(path, from, Buffer.alloc(61)); // the sector with its header did not reach the device
    const again = await Log.open(dir, { files: files.life() });
    expect(bodies(again)).toEqual(['one']);
    expect(again.endOffset).toBe(1);
    await again.close();
  },
);
