import { readdirSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { Log } from '../../packages/millrace/src/log/log.ts';
import { EventLog } from '../../packages/millrace/src/queues/event-log.ts';
import { sealBatch } from '../../packages/millrace/src/records/seal.ts';
import { HookedFiles } from '../../packages/testkit/src/files/slow-files.ts';
import { tempDir } from '../../packages/testkit/src/files/temp-dir.ts';
import { eventBatch } from '../../packages/testkit/src/fuzz/event-batches.ts';
import { dumpSegment, runKafkaTool } from '../../packages/testkit/src/kafka/kafka-tools.ts';

const folder = tempDir('millrace-segments-');
afterAll(() => folder[Symbol.dispose]());

/** Kafka's judgement of all segments of a folder and of their indexes; the number of records. */
async function judge(dir: string): Promise<number> {
  let records = 0;
  const indexes: string[] = [];
  for (const name of readdirSync(dir).sort()) {
    if (name.endsWith('.log')) {
      const dump = await dumpSegment(join(dir, name));
      expect(dump.faults).toEqual([]);
      records += dump.recordCount;
    } else if (/\.(time)?index$/.test(name)) indexes.push(join(dir, name));
  }
  const { stdout } = await runKafkaTool('kafka-dump-log', [
    '--index-sanity-check',
    '--files',
    indexes.join(','),
  ]);
  for (const file of indexes) {
    expect(stdout).toContain(`${file} ${statSync(file).size === 0 ? 'is empty.' : 'passed sanity check.'}`);
  }
  const verified = await runKafkaTool('kafka-dump-log', [
    '--verify-index-only',
    '--files',
    indexes.join(','),
  ]);
  expect(verified.stdout + verified.stderr).not.toMatch(/Found|Mismatch|not found|Exception/);
  return records;
}

it('writes segments and indexes that Kafka takes for its own', async () => {
  const dir = folder.join('topic-0');
  const log = await Log.open(dir, { segmentBytes: 20_000, indexIntervalBytes: 500 });
  const types = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const;
  let records = 0;
  for (let i = 0; i < 400; i++) {
    const bodies = Array.from({ length: 1 + (i % 4) }, (_, n) => `line ${i}.${n} ${'x'.repeat(40)}`);
    const timestamp = 1_700_000_000_000 + (i % 7 === 0 ? -5000 : 10 * i);
    const { header, records: bytes } = sealBatch(eventBatch(bodies, timestamp), {
      compression: types[i % 5]!,
    });
    log.append(header, bytes);
    records += bodies.length;
  }
  await log.close();
  expect(readdirSync(dir).filter((name) => name.endsWith('.log')).length).toBeGreaterThan(2);
  expect(await judge(dir)).toBe(records);
});

it('leaves valid segments behind after a torn write', async () => {
  const dir = folder.join('torn-0');
  const log = await Log.open(dir, { indexIntervalBytes: 200 });
  for (let i = 0; i < 50; i++) {
    const { header, records } = sealBatch(eventBatch([`line ${i}`, 'more'], 1000 + i), {});
    log.append(header, records);
  }
  await log.flush();
  truncateSync(join(dir, '00000000000000000000.log'), log.sizeBytes - 10); // the log is never closed
  const again = await Log.open(dir, { indexIntervalBytes: 200 });
  await again.close();
  expect(await judge(dir)).toBe(98);
});

it('stands for records that a device lost with an empty batch that Kafka takes for its own', async () => {
  const dir = folder.join('lost-0');
  let keptBytes = -1;
  // A device that loses, with the sync that fails, what came after the one before.
  const files = new HookedFiles({
    datasync: async (path) => {
      if (keptBytes < 0 || !path.endsWith('.log')) return;
      truncateSync(path, keptBytes);
      throw Object.assign(new Error('EIO: fdatasync'), { code: 'EIO' });
    },
  });
  const log = await Log.open(dir, { files, indexIntervalBytes: 200 });
  const append = (body: string) => {
    const { header, records } = sealBatch(eventBatch([body, body, body]), {});
    return log.append(header, records).baseOffset;
  };
  for (let i = 0; i < 20; i++) append(`kept ${i}`);
  await log.flush();
  keptBytes = log.sizeBytes;
  for (let i = 0; i < 20; i++) append(`lost ${i}`);
  await expect(log.flush()).rejects.toMatchObject({ code: 'LOG_FAILED' });
  keptBytes = -1;
  await expect.poll(() => log.failure, { timeout: 20_000 }).toBe(null);
  for (let i = 0; i < 20; i++) expect(append(`new ${i}`)).toBe(120 + 3 * i);
  await log.close();
  expect(await judge(dir)).toBe(120);
});

it('keeps the transactions of a file channel in the same form', async () => {
  const dataDir = folder.join('channel');
  const store = await EventLog.open({
    dataDir,
    checkpointDir: folder.join('checkpoint'),
    segmentBytes: 1 << 20,
    takeUnsynced: false,
    report: () => {},
  });
  store.append([eventBatch(['a', 'b'], 1000, new Map([['file', 'x']])), eventBatch(['c'])]);
  store.append([eventBatch(['d', 'e', 'f'])]);
  await store.close();
  expect(await judge(join(dataDir, 'events-0'))).toBe(7);
});
