import { expect, test } from 'vitest';
import { FaultyFiles } from '../../../../testkit/src/files/faulty-files.ts';
import { producedBatch } from '../../../../testkit/src/kafka/produced-batch.ts';
import { readBatchHeader } from '../../records/batch-header.ts';
import { silentLogger } from '../../runtime/logger.ts';
import { ErrorCode } from '../core/error-code.ts';
import { FetchWait } from '../requests/fetch-wait.ts';
import { effectiveConfig } from '../settings/topic-configs.ts';
import { Partition } from './partition.ts';

const dir = '/data/t-0';

/** `syncs`: appends ask for a sync by themselves. */
function open(files: FaultyFiles, syncs = true): Promise<Partition> {
  return Partition.open('t', 0, dir, effectiveConfig(new Map(), new Map()), {
    files: files.life(),
    logger: silentLogger,
    now: Date.now,
    hideUntilDurable: syncs,
    producerIdExpirationMs: 3_600_000,
  });
}

function checked(bytes: Buffer) {
  const copy = Buffer.from(bytes);
  return { header: readBatchHeader(copy, 0), headerBytes: copy.subarray(0, 61), records: copy.subarray(61) };
}

test('who waits for more is woken when a log that failed has healed: what was appended before is visible then', async () => {
  const files = new FaultyFiles(1);
  const partition = await open(files);
  files.faults.failSync = true;
  partition.append(checked(producedBatch(['not synced yet'])));
  const wait = new FetchWait([partition], 1, 600_000, false);
  await expect(partition.flush()).rejects.toMatchObject({ code: 'LOG_FAILED' });
  expect(partition.highWatermark).toBe(0);
  files.faults.failSync = false;
  await wait.done;
  expect([partition.highWatermark, partition.log.failure]).toEqual([1, null]);
  await partition.close();
});

test('a log that lost records while it healed forgets them of their producers', async () => {
  const files = new FaultyFiles(1);
  const partition = await open(files);
  const sequence = (body: string, baseSequence: number) =>
    checked(producedBatch([body], { producerId: 7, producerEpoch: 0, baseSequence }));
  partition.append(sequence('first', 0));
  await partition.flush();
  // Acknowledged with acks=1, and lost by the device.
  expect(partition.append(sequence('second', 1))).toEqual({ errorCode: 0, baseOffset: 1 });
  Object.assign(files.faults, { failSync: true, dropPages: true });
  await expect(partition.flush()).rejects.toMatchObject({ code: 'LOG_FAILED' });
  Object.assign(files.faults, { failSync: false, dropPages: false });
  await expect.poll(() => partition.log.failure, { timeout: 20_000 }).toBe(null);
  // Out of order, were the lost one still counted; a duplicate, were it sent again.
  expect(partition.append(sequence('third', 2)).errorCode).toBe(ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER);
  expect(partition.append(sequence('second', 1))).toEqual({ errorCode: 0, baseOffset: 2 });
  await partition.flush();
  expect([partition.highWatermark, partition.log.endOffset]).toEqual([3, 3]);
  await partition.close();
  const again = await open(files);
  expect(again.append(sequence('second', 1))).toEqual({ errorCode: 0, baseOffset: 2 });
  await again.close();
});

test('a producer snapshot never speaks of records that a power cut can take', async () => {
  const mine = producedBatch(['mine'.repeat(300)], { producerId: 7, producerEpoch: 0, baseSequence: 0 });
  const lost: number[] = [];
  for (let seed = 1; seed <= 150; seed++) {
    const files = new FaultyFiles(seed);
    const partition = await open(files, false);
    partition.append(checked(mine));
    for (let i = 0; i < seed % 4; i++) partition.append(checked(producedBatch(['another'])));
    // The power goes while the snapshot is written, or after.
    const writing = partition.writeSnapshot().catch(() => {});
    if (seed % 2 === 0) await writing;
    else for (let turns = seed % 7; turns > 0; turns--) await new Promise((resolve) => setImmediate(resolve));
    files.crash();
    const again = await open(files, false);
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
