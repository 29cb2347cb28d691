import { readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { describe, it } from 'vitest';
import { tempDir } from '../../../../testkit/src/files/temp-dir.ts';
import { contextFor } from '../../component/testing/context.ts';
import { sinkContract } from '../../component/testing/sink-contract.ts';
import { BatchBuilder } from '../../records/batch-builder.ts';
import { textSerializer } from '../text/text-serializer.ts';
import { hdfsSink } from './hdfs-sink.ts';

for (const writeMode of ['append', 'stream'] as const) {
  for (const rollCount of [0, 4]) {
    sinkContract({ describe, it }, `hdfs, ${writeMode}, ${rollCount} events a file`, {
      create: async () => {
        const dir = tempDir();
        const directory = dir.join('out');
        const sink = hdfsSink.create(
          contextFor(
            hdfsSink,
            {
              'hdfs.path': `file://${directory}/%{folder}`,
              'hdfs.fileType': 'DataStream',
              'hdfs.rollInterval': 0,
              'hdfs.rollSize': 0,
              'hdfs.rollCount': rollCount,
              ...{ writeMode, openFilesFolder: dir.join('open') },
            },
            'x1',
            [textSerializer],
          ),
        );
        return {
          sink,
          delivered: async () => {
            const files = (await readdir(directory)).sort((a, b) => a.length - b.length || (a < b ? -1 : 1));
            const texts = await Promise.all(files.map((file) => readFile(`${directory}/${file}`, 'utf8')));
            return texts.join('').split('\n').slice(0, -1);
          },
          // A file stands where the folder is needed.
          fail: async () => {
            await sink.stop();
            await rename(directory, `${directory}.away`);
            await writeFile(directory, '');
            await sink.start();
          },
          heal: async () => {
            await rename(directory, `${directory}.file`);
            await rename(`${directory}.away`, directory);
          },
          refusable: () => {
            const builder = new BatchBuilder();
            builder.add(Buffer.from('bad'), new Map([['folder', '../up']]));
            return builder.build();
          },
          dispose: async () => dir[Symbol.dispose](),
        };
      },
    });
  }
}
