import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { FaultyFiles } from '../../../testkit/src/files/faulty-files.ts';
import { BatchBuilder } from '../records/batch-builder.ts';
import { batchHeaderBytes, batchSizeBytes, iterateBatches } from '../records/batch-header.ts';
import { batchChecksum } from '../records/checksum.ts';
import type { FileLayer } from '../runtime/files.ts';
import { BatchCipher } from './batch-cipher.ts';
import { DurableQueue } from './durable-queue.ts';

const logPath = '/data/events-0/00000000000000000000.log';
const asidePath = '/data/tampered-1.batch';

function contentOf(files: FileLayer, path: string): Buffer | null {
  const size = files.size(path);
  if (size === null) return null;
  const bytes = Buffer.alloc(size);
  files.open(path, 'read').read(bytes, 0);
  return bytes;
}

/** The batch at offset 1 with another last byte and a right checksum, as somebody who means it would. */
function tamper(files: FaultyFiles): Buffer {
  const bytes = contentOf(files, logPath)!;
  for (const { at, header } of iterateBatches(bytes)) {
    if (header.baseOffset !== 1) continue;
    const batch = bytes.subarray(at, at + batchSizeBytes(header));
    batch[batch.length - 1]! ^= 1;
    batch.writeUInt32BE(batchChecksum(batch, 0, batch.subarray(batchHeaderBytes)), 17);
    files.damage(logPath, at, batch);
    return batch;
  }
  throw new Error('there is no batch at offset 1');
}

/** A disk with an encrypted queue in which each body is a batch of its own, and somebody has changed the second. */
async function tamperedQueue(seed: number, bodies: readonly string[]) {
  const disk = new FaultyFiles(seed);
  for (const dir of ['/data', '/checkpoint']) disk.makeDir(dir);
  const cipher = new BatchCipher(new Map([['k', randomBytes(32)]]), 'k');
  const told: string[] = [];
  const open = () =>
    DurableQueue.open({
      ...{ owner: 'c', dataDirs: ['/data'], checkpointDir: '/checkpoint', flumeDirs: [], cipher },
      ...{ fileBytes: 1e6, requiredSpaceBytes: 0, syncs: true, syncIntervalMs: 1e6 },
      ...{ checkpointIntervalMs: 1e6, files: disk.life(), lock: false },
      report: ({ code }) => told.push(code),
      checkpointFailed: () => {},
    });
  const written = await open();
  for (const body of bodies) {
    const builder = new BatchBuilder();
    builder.add(body);
    written.reserve(1);
    await written.store([builder.build()], 1);
  }
  await written.close();
  const changed = tamper(disk);
  return { disk, changed, told, queue: await open() };
}

test('a batch that somebody has changed is on the device before reading goes on behind it, over a power cut', async () => {
  for (let seed = 1; seed <= 30; seed++) {
    // Now and then nothing follows it that could be taken: then reading goes on to the end.
    const bodies = seed % 2 === 0 ? ['a', 'b', 'c'] : ['a', 'b'];
    const { disk, changed, queue } = await tamperedQueue(seed, bodies);
    const came: string[] = [];
    for (let run = await queue.take(10); run !== null; run = await queue.take(10)) {
      came.push(...[...run.batch].map(({ body }) => body.toString()));
      queue.consume([run], run.batch.count);
    }
    expect(came).toEqual(bodies.filter((body) => body !== 'b'));
    disk.crash();
    expect(contentOf(disk, asidePath), `seed ${seed}`).toEqual(changed);
  }
});

test('what can not be set aside is not passed, and is once the device is well', async () => {
  const { disk, told, queue } = await tamperedQueue(1, ['a', 'b']);
  expect((await queue.take(10))?.batch.count).toBe(1);
  disk.faults.failSync = true;
  for (let tries = 0; tries < 2; tries++) await expect(queue.take(10)).rejects.toThrow('EIO');
  expect(told).toEqual([]);
  disk.faults.failSync = false;
  expect(await queue.take(10)).toBe(null);
  expect(told).toEqual(['channel-events-tampered']);
  await queue.close();
});
