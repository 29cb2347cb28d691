import { appendFile, writeFile } from 'node:fs/promises';
import { describe, it } from 'vitest';
import { tempDir } from '../../../../testkit/src/files/temp-dir.ts';
import { contextFor } from '../../component/testing/context.ts';
import { sourceContract } from '../../component/testing/source-contract.ts';
import { execSource } from './source.ts';

// The command is given the lines that the suite has not fed to an earlier run of it.
sourceContract({ describe, it }, 'exec', {
  rejected: 'again',
  create: async (channels) => {
    const dir = tempDir();
    const file = dir.join('lines');
    await writeFile(file, '');
    const properties = { command: `tail -n +1 -f ${file}`, batchSize: 7 };
    const source = execSource.create({ ...contextFor(execSource, properties), channels });
    return {
      source: {
        counter: source.counter!,
        start: (signal) => source.start(signal),
        async stop(options) {
          await source.stop(options);
          await writeFile(file, '');
        },
      },
      feed: (bodies) => appendFile(file, bodies.map((body) => `${body}\n`).join('')),
      dispose: async () => dir[Symbol.dispose](),
    };
  },
});
