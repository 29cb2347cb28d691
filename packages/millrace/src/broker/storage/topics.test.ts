import { expect, test } from 'vitest';
import { HookedFiles } from '../../../../testkit/src/files/slow-files.ts';
import { tempDir } from '../../../../testkit/src/files/temp-dir.ts';
import { producedBatch } from '../../../../testkit/src/kafka/produced-batch.ts';
import { readBatchHeader } from '../../records/batch-header.ts';
import { type FileLayer, realFiles } from '../../runtime/files.ts';
import { silentLogger } from '../../runtime/logger.ts';
import { TopicStore } from './topics.ts';

function storeIn(dir: string, files: FileLayer): TopicStore {
  return new TopicStore({
    dir,
    topicDefaults: new Map(),
    files,
    logger: silentLogger,
    now: Date.now,
    hideUntilDurable: true,
    producerIdExpirationMs: 3_600_000,
  });
}

test('a start shows no topic before all partitions are there: who decides transactions would take one for deleted', async () => {
  await using dir = tempDir('millrace-topics-');
  const killed = storeIn(dir.path, realFiles);
  await killed.load();
  for (const name of ['early', 'late']) await killed.create(name, 2, new Map());
  for (const { partitions } of killed.all()) {
    for (const partition of partitions) {
      const bytes = producedBatch(['a record']);
      const headerBytes = bytes.subarray(0, 61);
      partition.append({ header: readBatchHeader(bytes, 0), headerBytes, records: bytes.subarray(61) });
      await partition.flush();
    }
  }

  const device = Promise.withResolvers<void>();
  const waits = Promise.withResolvers<void>();
  const held = (path: string) => {
    if (!path.includes('late-1')) return Promise.resolve();
    waits.resolve();
    return device.promise;
  };
  const store = storeIn(dir.path, new HookedFiles({ datasync: held, syncDir: held }));
  const loading = store.load();
  await waits.promise;
  expect([...store.all()]).toEqual([]);
  expect(store.partition('early', 0)).toBeUndefined();
  device.resolve();
  await loading;
  const counts = [...store.all()].map(({ name, partitions }) => [name, partitions.length]);
  expect(counts.toSorted()).toEqual([
    ['early', 2],
    ['late', 2],
  ]);
  await store.close();
  await killed.close();
});
