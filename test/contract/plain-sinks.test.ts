import { mkdir, readdir, readFile, rename } from 'node:fs/promises';
import { describe, it } from 'vitest';
import { contextFor, sinkContract } from '../../packages/millrace/src/component/index.ts';
import { fileRollSink } from '../../packages/millrace/src/components/files/file-roll-sink.ts';
import { textSerializer } from '../../packages/millrace/src/components/text/text-serializer.ts';
import { loggerSink } from '../../packages/millrace/src/components/trial/logger-sink.ts';
import { nullSink } from '../../packages/millrace/src/components/trial/null-sink.ts';
import { tempDir } from '../support/temp-dir.ts';

sinkContract({ describe, it }, 'null', {
  readable: false,
  create: async () => ({
    sink: nullSink.create(contextFor(nullSink, { batchSize: 10 })),
    delivered: async () => [],
  }),
});

sinkContract({ describe, it }, 'logger', {
  create: async () => {
    const context = contextFor(loggerSink);
    return {
      sink: loggerSink.create(context),
      delivered: async () => context.log.lines.map((line) => line.replace(/^.* (\S+) }$/, '$1')),
    };
  },
});

sinkContract({ describe, it }, 'file_roll', {
  create: async () => {
    const dir = tempDir();
    const directory = dir.join('out');
    await mkdir(directory);
    const properties = { 'sink.directory': directory, 'sink.batchSize': 10, 'sink.rollInterval': 0 };
    const context = contextFor(fileRollSink, properties, 'x1', [textSerializer]);
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
