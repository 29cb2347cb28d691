import { mkdir, readdir, readFile, readlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { tempDir } from '../../../../testkit/src/files/temp-dir.ts';
import { deliveryOf } from '../../component/delivery.ts';
import { contextFor } from '../../component/testing/context.ts';
import { batchOf } from '../../component/testing/test-api.ts';
import type { EventBatch } from '../../records/event-batch.ts';
import { textSerializer } from '../text/text-serializer.ts';
import { defaultPathManager } from './default-path-manager.ts';
import { fileRollSink } from './file-roll-sink.ts';
import { rollTimePathManager } from './rolltime-path-manager.ts';

function make(directory: string, properties: Record<string, string | number> = {}) {
  const all = { 'sink.directory': directory, 'sink.rollInterval': 0, ...properties };
  const context = contextFor(fileRollSink, all, 'x1', [
    textSerializer,
    defaultPathManager,
    rollTimePathManager,
  ]);
  const sink = fileRollSink.create(context);
  const deliver = async (...batches: EventBatch[]) => {
    await sink.prepare?.();
    return await sink.deliver(deliveryOf(batches), { signal: new AbortController().signal });
  };
  return { sink, deliver };
}

/** Descriptors that this process has of files below a folder. */
async function openBelow(folder: string): Promise<number> {
  const descriptors = await readdir('/proc/self/fd');
  const paths = await Promise.all(
    descriptors.map((descriptor) => readlink(join('/proc/self/fd', descriptor)).catch(() => '')),
  );
  return paths.filter((path) => path.startsWith(`${folder}/`)).length;
}

describe('file_roll', () => {
  it('has events in the file before it acknowledges them', async () => {
    await using dir = tempDir();
    const { sink, deliver } = make(dir.path, { 'sink.batchSize': 3 });
    expect(sink.batch.events).toBe(3);
    await sink.start();
    await deliver(batchOf('a', 'b'), batchOf('c'));
    const [file] = await readdir(dir.path);
    expect(await readFile(join(dir.path, file!), 'utf8')).toBe('a\nb\nc\n');
    await sink.stop();
  });

  it('opens one file, however many ask for it, and leaves none open when it stops meanwhile', async () => {
    await using dir = tempDir();
    const { sink } = make(dir.path);
    const open = () => openBelow(dir.path);
    await sink.start();
    await Promise.all([sink.prepare?.(), sink.prepare?.()]);
    expect(await open()).toBe(1);
    await sink.stop();
    expect(await readdir(dir.path)).toHaveLength(1);
    await sink.start();
    const preparing = sink.prepare?.();
    await sink.stop();
    await preparing;
    expect(await open()).toBe(0);
    await expect(sink.prepare?.()).rejects.toThrow('sink x1 is not started');
    expect(await open()).toBe(0);
  });

  it('does not roll before its interval, however long that is', async () => {
    vi.useFakeTimers({
      toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance'],
    });
    try {
      for (const days of [1, 24, 25, 30, 365]) {
        await using dir = tempDir();
        const { sink, deliver } = make(dir.path, { 'sink.rollInterval': days * 86_400 });
        await sink.start();
        await deliver(batchOf('a'));
        for (let i = 0; i < 20; i++) {
          await vi.advanceTimersByTimeAsync(1000);
          await sink.prepare?.();
        }
        expect(await readdir(dir.path)).toHaveLength(1);
        await vi.advanceTimersByTimeAsync(days * 86_400_000);
        await sink.prepare?.();
        expect(await readdir(dir.path)).toHaveLength(2);
        await sink.stop();
      }
    } finally {
      vi.useRealTimers();
    }
  });

  it('never writes over a file of an earlier run', async () => {
    await using dir = tempDir();
    const { deliver, sink } = make(dir.path, { 'sink.pathManager': 'ROLLTIME' });
    await sink.start();
    const now = Date.now();
    for (let second = 0; second < 30; second++) {
      const options = { prefix: '', extension: '' };
      const path = rollTimePathManager
        .create({ directory: dir.path, options, now: () => now + second * 1000 })
        .current();
      await writeFile(path, 'kept');
    }
    await deliver(batchOf('a'));
    await sink.stop();
    const texts = await Promise.all(
      (await readdir(dir.path)).map((name) => readFile(join(dir.path, name), 'utf8')),
    );
    expect(texts.filter((text) => text === 'kept')).toHaveLength(30);
    expect(texts.filter((text) => text === 'a\n')).toHaveLength(1);
  });

  it('goes on by itself when its folder comes', async () => {
    await using dir = tempDir();
    const directory = dir.join('out');
    const { deliver, sink } = make(directory);
    await sink.start();
    await expect(deliver(batchOf('a'))).rejects.toMatchObject({ code: 'DELIVERY_FAILED' });
    expect(sink.counter?.connectionFailed).toBe(1);
    await mkdir(directory);
    await deliver(batchOf('a'));
    await sink.stop();
  });

  it.each([
    [{ 'sink.serializer': 'XML' }, 'XML'],
    [{ 'sink.pathManager': 'WEEKLY' }, 'WEEKLY'],
    [{ 'sink.rollInterval': 'x' }, 'sink.rollInterval'],
  ])('refuses %o', (properties, why) => {
    expect(() => make('/tmp', properties as unknown as Record<string, string>)).toThrow(why);
  });
});
