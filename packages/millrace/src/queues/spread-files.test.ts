import { expect, test } from 'vitest';
import { Log } from '../log/log.ts';
import { MemoryFiles } from '../log/memory-files.ts';
import { BatchBuilder } from '../records/batch-builder.ts';
import { sealBatch } from '../records/seal.ts';
import { SpreadFiles } from './spread-files.ts';

test('what is known of a segment goes with its last file', async () => {
  const files = new MemoryFiles();
  const dirs = ['/one', '/two'];
  const spread = await SpreadFiles.open({ owner: 'c', dirs, files, requiredBytes: 0 });
  const segmentMs = Number.POSITIVE_INFINITY;
  const log = await Log.open('/one/events-0', { files: spread, segmentBytes: 2000, segmentMs });
  const filesOf = (dir: string) => files.list(`${dir}/events-0`).filter((name) => name.endsWith('.log'));
  let most = 0;
  for (let n = 0; n < 400; n++) {
    const builder = new BatchBuilder();
    builder.add(Buffer.alloc(300));
    const { header, records } = sealBatch(builder.build(), {});
    log.append(header, records);
    // Consumers are some segments behind.
    if (n % 10 === 9) {
      await log.flush();
      log.deleteRecordsBefore(log.endOffset - 20);
    }
    most = Math.max(most, spread.segments);
    expect(spread.segments).toBe(filesOf('/one').length + filesOf('/two').length);
  }
  expect(log.startOffset).toBeGreaterThan(350);
  expect(most).toBeLessThan(12);
  // The rest is where it was: what is known of it is what a start finds.
  for (let offset = log.startOffset; offset < log.endOffset; offset++)
    expect(log.read(offset, 1, true).length).toBeGreaterThan(300);
  const before = spread.segments;
  await log.close();
  expect((await SpreadFiles.open({ owner: 'c', dirs, files, requiredBytes: 0 })).segments).toBe(before);
});
