import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { tempDir } from '../../../../test/support/temp-dir.ts';
import { contextFor } from '../component/testing/context.ts';
import { batchOf } from '../component/testing/test-api.ts';
import { TestChannel } from '../component/testing/test-channel.ts';
import { fileRollSink } from './file-roll.ts';
import { defaultPath, rollTimePath } from './file-roll-path.ts';

const signal = new AbortController().signal;

function make(directory: string, properties: Record<string, string | number> = {}) {
  const channel = new TestChannel();
  const context = contextFor(fileRollSink, {
    'sink.directory': directory,
    'sink.rollInterval': 0,
    ...properties,
  });
  return { channel, sink: fileRollSink.create({ ...context, channel }) };
}

describe('file_roll', () => {
  it('has a batch in the file before its take is committed', async () => {
    await using dir = tempDir();
    const { channel, sink } = make(dir.path, { 'sink.batchSize': 3 });
    await sink.start();
    channel.add(batchOf('a', 'b'));
    channel.add(batchOf('c', 'd'));
    expect(await sink.process(signal)).toBe('ready');
    const [file] = await readdir(dir.path);
    expect(await readFile(join(dir.path, file!), 'utf8')).toBe('a\nb\nc\n');
    expect(channel.eventCount).toBe(1);
    await sink.stop();
  });

  it('cuts a batch whose commit failed off the file, so that it is there once', async () => {
    await using dir = tempDir();
    const { channel, sink } = make(dir.path);
    await sink.start();
    channel.add(batchOf('a'));
    await sink.process(signal);
    channel.add(batchOf('b', 'c'));
    const begin = channel.begin.bind(channel);
    channel.begin = () => {
      channel.begin = begin;
      const transaction = begin();
      transaction.commit = () => Promise.reject(new Error('channel is down'));
      return transaction;
    };
    await expect(sink.process(signal)).rejects.toMatchObject({ code: 'DELIVERY_FAILED' });
    const [file] = await readdir(dir.path);
    expect(await readFile(join(dir.path, file!), 'utf8')).toBe('a\n');
    await sink.process(signal);
    expect(await readFile(join(dir.path, file!), 'utf8')).toBe('a\nb\nc\n');
    await sink.stop();
  });

  it('never writes over a file of an earlier run', async () => {
    await using dir = tempDir();
    const { channel, sink } = make(dir.path, { 'sink.pathManager': 'ROLLTIME' });
    await sink.start();
    const now = Date.now();
    for (let second = 0; second < 30; second++) {
      const path = rollTimePath(
        { directory: dir.path, prefix: '', extension: '' },
        () => now + second * 1000,
      ).current();
      await writeFile(path, 'kept');
    }
    channel.add(batchOf('a'));
    await sink.process(signal);
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
    const { channel, sink } = make(directory);
    await sink.start();
    channel.add(batchOf('a'));
    await expect(sink.process(signal)).rejects.toMatchObject({ code: 'DELIVERY_FAILED' });
    expect(sink.counter?.connectionFailed).toBe(1);
    await mkdir(directory);
    await sink.process(signal);
    expect(channel.eventCount).toBe(0);
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

describe('names of rolling files', () => {
  const options = { directory: '/d', prefix: 'pp-', extension: 'txt' };

  it('DEFAULT: start of the series and a number', () => {
    const clock = { now: 1795350722291 };
    const path = defaultPath(options, () => clock.now);
    expect([path.current(), path.current()]).toEqual([
      '/d/pp-1795350722291-1.txt',
      '/d/pp-1795350722291-1.txt',
    ]);
    clock.now += 5000;
    path.rotate();
    expect(path.current()).toBe('/d/pp-1795350722291-2.txt');
  });

  it('ROLLTIME: local time, numbered within the second', () => {
    const clock = { now: new Date(2026, 10, 22, 12, 32, 10).getTime() };
    const path = rollTimePath({ ...options, extension: '' }, () => clock.now);
    const names: string[] = [];
    for (const step of [0, 500, 1000]) {
      clock.now += step;
      names.push(path.current());
      path.rotate();
    }
    expect(names).toEqual(['/d/pp-20261122123210-1', '/d/pp-20261122123210-2', '/d/pp-20261122123211-1']);
  });
});
