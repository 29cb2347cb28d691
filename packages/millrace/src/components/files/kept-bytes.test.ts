/** Serializers that keep bytes back, promise them, and are sometimes of no more use. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { tempDir } from '../../../../testkit/src/files/temp-dir.ts';
import { defineSerializer } from '../../component/define.ts';
import { deliveryOf } from '../../component/delivery.ts';
import { NotWritable } from '../../component/serializer.ts';
import { contextFor } from '../../component/testing/context.ts';
import { batchOf } from '../../component/testing/test-api.ts';
import { defaultPathManager } from './default-path-manager.ts';
import { fileRollSink } from './file-roll-sink.ts';
import { hdfsSink } from './hdfs-sink.ts';

const never = new AbortController().signal;

/** Gives what it was given at the next flush; a body `bad` can't be written. */
function keeping() {
  const made = { breaks: 0 };
  const serializer = defineSerializer({
    type: 'KEEP',
    classNames: [],
    summary: 'keeps',
    options: {},
    create: () => {
      let kept = '';
      return {
        begin: () => Buffer.from('head\n'),
        encode: async (batch) => {
          const bodies = [...batch].map(({ body }) => body.toString());
          if (bodies.includes('bad')) throw new NotWritable('it is bad');
          for (const body of bodies) kept += `${body}\n`;
          if (made.breaks > 0 && made.breaks-- > 0) throw new Error('out of memory');
          return Buffer.alloc(0);
        },
        flush: () => {
          const bytes = Buffer.from(kept);
          kept = '';
          return bytes;
        },
        end: () => Buffer.from(`${kept}end\n`),
      };
    },
  });
  return { made, serializer };
}

async function textsOf(folder: string): Promise<string[]> {
  const names = (await readdir(folder)).sort();
  return Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')));
}

describe('file_roll', () => {
  const start = async (directory: string) => {
    const { made, serializer } = keeping();
    const properties = {
      ...{ 'sink.directory': directory, 'sink.rollInterval': 0, 'sink.serializer': 'KEEP' },
    };
    const parts = [serializer, defaultPathManager];
    const sink = fileRollSink.create(contextFor(fileRollSink, properties, 'k1', parts));
    await sink.start();
    const deliver = async (...bodies: string[]) =>
      await sink.deliver(deliveryOf([batchOf(...bodies)]), { signal: never });
    return { made, sink, deliver };
  };

  it('has all events of a delivery in the file before it acknowledges them', async () => {
    await using dir = tempDir();
    const { sink, deliver } = await start(dir.path);
    await deliver('a', 'b');
    expect(await textsOf(dir.path)).toEqual(['head\na\nb\n']);
    await sink.stop();
    expect(await textsOf(dir.path)).toEqual(['head\na\nb\nend\n']);
  });

  it('refuses what the serializer can’t write, also where it says so late', async () => {
    await using dir = tempDir();
    const { sink, deliver } = await start(dir.path);
    const outcome = await deliver('a', 'bad', 'c');
    expect(outcome?.refused).toEqual([{ index: 1, reason: "it can't be written: it is bad" }]);
    await sink.stop();
    expect(await textsOf(dir.path)).toEqual(['head\na\nc\nend\n']);
  });

  it('writes nothing twice when a serializer is of no more use, and leaves no empty files', async () => {
    await using dir = tempDir();
    const { made, sink, deliver } = await start(dir.path);
    made.breaks = 2;
    for (let i = 0; i < 2; i++) await expect(deliver('a')).rejects.toMatchObject({ code: 'DELIVERY_FAILED' });
    await deliver('a');
    made.breaks = 1;
    await expect(deliver('b')).rejects.toThrow('out of memory');
    await deliver('b');
    await sink.stop();
    expect(await textsOf(dir.path)).toEqual(['head\na\n', 'head\nb\nend\n']);
  });
});

describe('hdfs', () => {
  it.each(['append', 'stream'])('has what was kept back, with writeMode %s', async (writeMode) => {
    await using dir = tempDir();
    const { made, serializer } = keeping();
    const properties = {
      ...{ 'hdfs.path': `file://${dir.path}/out`, 'hdfs.fileType': 'DataStream', serializer: 'KEEP' },
      ...{ 'hdfs.rollInterval': 0, 'hdfs.rollSize': 0, 'hdfs.rollCount': 2, writeMode },
      openFilesFolder: dir.join('open'),
    };
    const sink = hdfsSink.create(contextFor(hdfsSink, properties, 'k1', [serializer]));
    await sink.start();
    const deliver = async (...bodies: string[]) =>
      await sink.deliver(deliveryOf([batchOf(...bodies)]), { signal: never });
    const first = deliver('a', 'b');
    if (writeMode === 'append') {
      await first;
      expect(await textsOf(dir.join('out'))).toEqual(['head\na\nb\n']);
      made.breaks = 1;
      // The file that is begun for it has nothing acknowledged, and is no more.
      const outcome = await deliver('c');
      expect(outcome?.refused ?? []).toEqual([]);
      expect(outcome?.pending).toEqual([0]);
    }
    const last = deliver('c', 'bad');
    await new Promise((resolve) => setImmediate(resolve));
    await sink.flush?.();
    expect((await last)?.refused).toEqual([{ index: 1, reason: "it can't be written: it is bad" }]);
    await first;
    await sink.stop();
    expect(await textsOf(dir.join('out'))).toEqual(['head\na\nb\nend\n', 'head\nc\nend\n']);
  });
});
