import { expect, test } from 'vitest';
import { FaultyFiles } from '../../../../test/support/faulty-files.ts';
import { producedBatch } from '../../../../test/support/produced-batch.ts';
import { readBatchHeader } from '../records/batch-header.ts';
import { silentLogger } from '../runtime/logger.ts';
import { Partition } from './partition.ts';
import { effectiveConfig } from './topic-configs.ts';

const dir = '/data/t-0';

function open(files: FaultyFiles): Promise<Partition> {
  return Partition.open('t', 0, dir, effectiveConfig(new Map(), new Map()), {
    files: files.life(),
    logger: silentLogger,
    now: Date.now,
    hideUntilDurable: true,
    producerIdExpirationMs: 3_600_000,
  });
}

function checked(bytes: Buffer) {
  const copy = Buffer.from(bytes);
  return { header: readBatchHeader(copy, 0), headerBytes: copy.subarray(0, 61), records: copy.subarray(61) };
}

test('a producer snapshot never speaks of records that a power cut can take', async () => {
  const mine = producedBatch(['mine'.repeat(300)], { producerId: 7, producerEpoch: 0, baseSequence: 0 });
  const lost: number[] = [];
  for (let seed = 1; seed <= 150; seed++) {
    const files = new FaultyFiles(seed);
    const partition = await open(files);
    partition.append(checked(mine));
    for (let i = 0; i < seed % 4; i++) partition.append(checked(producedBatch(['another'])));
    // The power goes while the snapshot is written, or after.
    const writing = partition.writeSnapshot().catch(() => {});
    if (seed % 2 === 0) await writing;
    else for (let turns = seed % 7; turns > 0; turns--) await new Promise((resolve) => setImmediate(resolve));
    files.crash();
    const again = await open(files);
    const outcome = again.append(checked(mine));
    expect(outcome.errorCode).toBe(0);
    await again.flush();
    const { log } = again;
    const isThere =
      log.endOffset > log.startOffset && log.read(log.startOffset, 1 << 20).includes('minemine');
    if (!isThere) lost.push(seed);
    await again.close();
  }
  expect(lost).toEqual([]);
});
