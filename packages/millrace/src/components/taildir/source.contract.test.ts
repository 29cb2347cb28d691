import { appendFile } from 'node:fs/promises';
import { describe, it } from 'vitest';
import { tempDir } from '../../../../testkit/src/files/temp-dir.ts';
import { contextFor } from '../../component/testing/context.ts';
import { sourceContract } from '../../component/testing/source-contract.ts';
import { taildirSource } from './source.ts';

for (const acknowledge of ['channel', 'delivered']) {
  sourceContract({ describe, it }, `TAILDIR, acknowledge = ${acknowledge}`, {
    rejected: 'again',
    takesBack: acknowledge === 'delivered',
    create: async (channels) => {
      const dir = tempDir();
      const properties = {
        filegroups: 'f1',
        'filegroups.f1': dir.join('.*log'),
        positionFile: dir.join('positions.json'),
        batchSize: 7,
        acknowledge,
      };
      const make = (into: typeof channels) =>
        taildirSource.create({ ...contextFor(taildirSource, properties), channels: into });
      return {
        source: make(channels),
        again: make,
        feed: (bodies) => appendFile(dir.join('a.log'), bodies.map((body) => `${body}\n`).join('')),
        dispose: async () => dir[Symbol.dispose](),
      };
    },
  });
}
