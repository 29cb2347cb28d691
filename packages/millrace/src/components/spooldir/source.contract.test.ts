import { rename, writeFile } from 'node:fs/promises';
import { describe, it } from 'vitest';
import { tempDir } from '../../../../testkit/src/files/temp-dir.ts';
import { contextFor } from '../../component/testing/context.ts';
import { sourceContract } from '../../component/testing/source-contract.ts';
import { lineDeserializer } from '../text/line-deserializer.ts';
import { spoolDirSource } from './source.ts';

for (const policy of [{}, { trackingPolicy: 'tracker_dir' }, { deletePolicy: 'immediate' }]) {
  sourceContract({ describe, it }, `spooldir ${JSON.stringify(policy)}`, {
    rejected: 'again',
    create: async (channels) => {
      const dir = tempDir();
      const properties = {
        ...{ spoolDir: dir.path, batchSize: 7, settleTime: 0, pollDelay: 10, maxBackoff: 20 },
        ...{ consumeOrder: 'oldest', ...policy },
      };
      const make = (into: typeof channels) =>
        spoolDirSource.create({
          ...contextFor(spoolDirSource, properties, 'r1', [lineDeserializer]),
          channels: into,
        });
      let files = 0;
      return {
        source: make(channels),
        again: make,
        feed: async (bodies) => {
          const name = String(files++).padStart(4, '0');
          await writeFile(dir.join(`.${name}`), bodies.join('\n'));
          await rename(dir.join(`.${name}`), dir.join(name));
        },
        dispose: async () => dir[Symbol.dispose](),
      };
    },
  });
}
