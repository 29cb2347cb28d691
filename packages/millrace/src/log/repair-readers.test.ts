import { expect, it } from 'vitest';
import { batchBytes } from '../../../testkit/src/fuzz/event-batches.ts';
import { readBatchHeader } from '../records/batch-header.ts';
import { MillraceError } from '../runtime/errors.ts';
import { Log } from './log.ts';
import { MemoryFiles } from './memory-files.ts';

/** What a reader that asks for `offset` in every turn of the event loop is given until the repair has ended. */
async function seenWhileRepairing(log: Log, damaged: number, offset: number): Promise<Set<string>> {
  const seen = new Set<string>();
  let isDone = false;
  const repair = log.repair(damaged).finally(() => {
    isDone = true;
  });
  while (!isDone) {
    try {
      seen.add(String(readBatchHeader(log.read(offset, 1), 0).baseOffset));
    } catch (error) {
      seen.add(error instanceof MillraceError ? error.code : String(error));
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
  await repair;
  return seen;
}

it.each([3, 17])('a reader skips nothing while the batch of offset %i is being repaired', async (damaged) => {
  const files = new MemoryFiles();
  const log = await Log.open('/logs/t-0', { files });
  const starts: number[] = [];
  for (let i = 0; i < 60; i++) {
    starts.push(log.sizeBytes);
    log.appendMany(batchBytes([`${i} ${'x'.repeat(1_000_000)}`]));
  }
  log.roll();
  log.appendMany(batchBytes(['the next segment']));
  const file = files.open('/logs/t-0/00000000000000000000.log', 'write');
  file.write([Buffer.from([9])], starts[damaged]! + 16); // no magic of ours
  const seen = await seenWhileRepairing(log, damaged, 40);
  expect([...seen].filter((each) => each !== '40' && each !== 'LOG_CORRUPT')).toEqual([]);
  expect(readBatchHeader(log.read(damaged, 1), 0).baseOffset).toBe(damaged + 1);
  expect(readBatchHeader(log.read(40, 1), 0).baseOffset).toBe(40);
});
