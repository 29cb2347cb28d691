import { mkdir, readdir, readFile, rename } from 'node:fs/promises';
import { describe, it } from 'vitest';
import { tempDir } from '../../../../testkit/src/files/temp-dir.ts';
import { contextFor } from '../../component/testing/context.ts';
import { sinkContract } from '../../component/testing/sink-contract.ts';
import { textSerializer } from '../text/text-serializer.ts';
import { defaultPathManager } from './default-path-manager.ts';
import { fileRollSink } from './file-roll-sink.ts';

sinkContract({ describe, it }, 'file_roll', {
  create: async () => {
    const dir = tempDir();
    const directory = dir.join('out');
    await mkdir(directory);
    const properties = { 'sink.directory': directory, 'sink.batchSize': 10, 'sink.rollInterval': 0 };
    const context = contextFor(fileRollSink, properties, 'x1', [textSerializer, defaultPathManager]);
    const sink = fileRollSink.create(context);
    return {
      sink,
      delivered: async () => {
        const files = (await readdir(directory)).sort();
        const texts = await Promise.all(files.map((file) => readFile(`${directory}/${file}`, 'utf8')));
        return texts.join('').split('\n').slice(0, -1);
      },
      // The folder is away: the next file can't be made.
      fail: async () => {
        await sink.stop();
        await rename(directory, `${directory}.away`);
        await sink.start();
      },
      heal: () => rename(`${directory}.away`, directory),
      dispose: async () => {
        dir[Symbol.dispose]();
      },
    };
  },
});
