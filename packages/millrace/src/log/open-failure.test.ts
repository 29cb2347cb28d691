import { expect, it } from 'vitest';
import { errno, HookedFiles } from '../../../testkit/src/files/slow-files.ts';
import { batchBytes } from '../../../testkit/src/fuzz/event-batches.ts';
import { Log } from './log.ts';
import { MemoryFiles } from './memory-files.ts';

const dir = '/logs/t-0';

/** A log of three segments whose process was killed: none of its files was closed. */
async function killedLog(): Promise<MemoryFiles> {
  const files = new MemoryFiles();
  const log = await Log.open(dir, { files, segmentBytes: 100 });
  for (const body of ['first', 'second', 'third']) {
    log.appendMany(batchBytes([body]));
    await log.flush();
    log.roll();
  }
  return files;
}

it.each(['open', 'read', 'datasync', 'syncDir'] as const)(
  'an open that fails leaves no file open, whichever %s it is that the device refuses',
  async (call) => {
    for (let n = 1, failed = true; failed; n++) {
      let left = n;
      const refuse = () => {
        if (--left === 0) throw errno('EIO', call);
      };
      const hooks = { [call]: call === 'datasync' || call === 'syncDir' ? async () => refuse() : refuse };
      const files = new HookedFiles(hooks, await killedLog());
      failed = await Log.open(dir, { files, segmentBytes: 100 }).then(
        async (log) => {
          const wasRefused = left <= 0;
          left = Number.POSITIVE_INFINITY;
          await log.close();
          return wasRefused;
        },
        () => true,
      );
      expect([n, files.openPaths]).toEqual([n, []]);
    }
  },
);
