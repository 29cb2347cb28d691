import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync, inflateSync, zstdDecompressSync } from 'node:zlib';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type TempDir, tempDir } from '../../../../testkit/src/files/temp-dir.ts';
import { deliveryOf } from '../../component/delivery.ts';
import { contextFor } from '../../component/testing/context.ts';
import { batchOf, numbered } from '../../component/testing/test-api.ts';
import { BatchBuilder } from '../../records/batch-builder.ts';
import type { EventBatch } from '../../records/event-batch.ts';
import { headerAndTextSerializer } from '../text/header-and-text-serializer.ts';
import { textSerializer } from '../text/text-serializer.ts';
import { hdfsSink } from './hdfs-sink.ts';

const never = new AbortController().signal;
const noRolls = { 'hdfs.rollInterval': 0, 'hdfs.rollSize': 0, 'hdfs.rollCount': 0 };
type Properties = Record<string, string | number | boolean>;

function make(dir: TempDir, properties: Properties = {}) {
  const context = contextFor(
    hdfsSink,
    {
      'hdfs.path': `file://${dir.path}/out`,
      'hdfs.fileType': 'DataStream',
      ...noRolls,
      openFilesFolder: dir.join('open'),
      ...properties,
    },
    'k1',
    [textSerializer, headerAndTextSerializer],
  );
  const sink = hdfsSink.create(context);
  const deliver = (...batches: EventBatch[]) => sink.deliver(deliveryOf(batches), { signal: never });
  return { sink, deliver, context };
}

/** Text by name without its number, in the order of the numbers; several of one name are a list. */
async function filesOf(
  folder: string,
  read = (bytes: Buffer) => bytes.toString(),
): Promise<[string, string][]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
  const number = (name: string) => Number(/\.(\d{13})/.exec(name)?.[1] ?? 0);
  files.sort((a, b) => number(a) - number(b));
  return Promise.all(
    files.map(
      async (file): Promise<[string, string]> => [
        file.replace(/\.\d{13}/, '.N'),
        read(await readFile(join(folder, file))),
      ],
    ),
  );
}

function withHeaders(...events: [body: string, headers: Record<string, string>][]): EventBatch {
  const builder = new BatchBuilder();
  for (const [body, headers] of events) builder.add(Buffer.from(body), new Map(Object.entries(headers)));
  return builder.build();
}

afterEach(() => vi.useRealTimers());

describe('hdfs on a local folder', () => {
  it('has events in the file in use before it acknowledges them, and renames it at the stop', async () => {
    await using dir = tempDir();
    const { sink, deliver } = make(dir);
    await sink.start();
    await deliver(batchOf('a', 'b'));
    expect(await filesOf(dir.join('out'))).toEqual([['FlumeData.N.tmp', 'a\nb\n']]);
    await sink.stop();
    expect(await filesOf(dir.join('out'))).toEqual([['FlumeData.N', 'a\nb\n']]);
    expect(sink.counter).toMatchObject({ connectionCreated: 1, connectionClosed: 1, connectionFailed: 0 });
  });

  it('names and sorts files as Flume does', async () => {
    await using dir = tempDir();
    const { sink, deliver } = make(dir, {
      'hdfs.path': `file://${dir.path}/out/%{dc}/%y-%m-%d/%H%M/%S`,
      'hdfs.filePrefix': 'ev-%{dc}',
      'hdfs.fileSuffix': '.log',
      'hdfs.inUsePrefix': '_',
      'hdfs.rollCount': 3,
      'hdfs.round': true,
      'hdfs.roundValue': 10,
      'hdfs.roundUnit': 'minute',
      'hdfs.timeZone': 'GMT',
    });
    await sink.start();
    const event = (body: string): [string, Record<string, string>] => [
      body,
      { dc: 'cz', timestamp: '1350611220000' },
    ];
    await deliver(withHeaders(...numbered('event', 7).map(event)));
    const folder = 'cz/12-10-19/0140/00';
    expect(await filesOf(dir.join('out'))).toEqual([
      [`${folder}/ev-cz.N.log`, 'event0\nevent1\nevent2\n'],
      [`${folder}/ev-cz.N.log`, 'event3\nevent4\nevent5\n'],
      [`${folder}/_ev-cz.N.log.tmp`, 'event6\n'],
    ]);
    await sink.stop();
  });

  it.each([
    [{ 'hdfs.rollSize': 20 }, [3, 3, 1]],
    [{ 'hdfs.rollSize': 21 }, [3, 3, 1]],
    [{ 'hdfs.rollSize': 22 }, [4, 3]],
    [{ 'hdfs.rollCount': 2 }, [2, 2, 2, 1]],
    [{ 'hdfs.rollCount': 2, 'hdfs.rollSize': 1 }, [1, 1, 1, 1, 1, 1, 1]],
  ])('%o: the event that reaches a limit is in the old file', async (rules, counts) => {
    await using dir = tempDir();
    const { sink, deliver } = make(dir, rules);
    await sink.start();
    // 7 bytes each, in batches that are cut elsewhere than the files.
    await deliver(batchOf('event00', 'event01', 'event02', 'event03'), batchOf('event04'));
    await deliver(batchOf('event05', 'event06'));
    await sink.stop();
    expect((await filesOf(dir.join('out'))).map(([, text]) => text.split('\n').length - 1)).toEqual(counts);
  });

  it.each([
    ['hdfs.rollInterval', 7200, 'after its first event'],
    ['hdfs.idleTimeout', 7200, 'after its last event'],
  ])(
    '%s closes a file by the clock, however long it is, also while nothing comes',
    async (key, seconds, from) => {
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] });
      await using dir = tempDir();
      const { sink, deliver } = make(dir, { [key]: seconds });
      await sink.start();
      await deliver(batchOf('a'));
      await vi.advanceTimersByTimeAsync(seconds * 500);
      await deliver(batchOf('b'));
      await vi.advanceTimersByTimeAsync(seconds * 500 - 1);
      expect(await filesOf(dir.join('out'))).toEqual([['FlumeData.N.tmp', 'a\nb\n']]);
      await vi.advanceTimersByTimeAsync(2);
      if (from === 'after its last event') await vi.advanceTimersByTimeAsync(seconds * 500);
      await vi.waitFor(async () =>
        expect(await filesOf(dir.join('out'))).toEqual([['FlumeData.N', 'a\nb\n']]),
      );
      await deliver(batchOf('c'));
      expect(await filesOf(dir.join('out'))).toEqual([
        ['FlumeData.N', 'a\nb\n'],
        ['FlumeData.N.tmp', 'c\n'],
      ]);
      await sink.stop();
    },
  );

  it('has no more files open than it may, and closes the one that was longest without an event', async () => {
    await using dir = tempDir();
    const { sink, deliver } = make(dir, {
      'hdfs.path': `file://${dir.path}/out/%{h}`,
      'hdfs.maxOpenFiles': 2,
    });
    await sink.start();
    const to = (h: string) => withHeaders([h, { h }]);
    await deliver(to('a'), to('b'), to('a'), to('c'));
    const names = (await filesOf(dir.join('out'))).map(([name]) => name).sort();
    expect(names).toEqual(['a/FlumeData.N.tmp', 'b/FlumeData.N', 'c/FlumeData.N.tmp']);
    await sink.stop();
  });

  it.each([
    ['gzip', '.gz', gunzipSync],
    ['org.apache.hadoop.io.compress.GzipCodec', '.gz', gunzipSync],
    ['deflateCodec', '.deflate', inflateSync],
    ['zstandard', '.zst', zstdDecompressSync],
  ])(
    'compresses with %s: what is acknowledged can be read, and the whole',
    async (codec, extension, decompress) => {
      await using dir = tempDir();
      const { sink, deliver } = make(dir, { 'hdfs.fileType': 'CompressedStream', 'hdfs.codeC': codec });
      await sink.start();
      await deliver(batchOf('a'));
      expect(await filesOf(dir.join('out'), (bytes) => decompress(bytes).toString())).toEqual([
        [`FlumeData.N${extension}.tmp`, 'a\n'],
      ]);
      await sink.stop();
      expect(await filesOf(dir.join('out'), (bytes) => decompress(bytes).toString())).toEqual([
        [`FlumeData.N${extension}`, 'a\n'],
      ]);
    },
  );

  it.each([
    ['Writable', '', 'BytesWritable'],
    ['text', '', 'Text'],
    ['org.apache.flume.sink.hdfs.HDFSTextSerializer$Builder', 'gzip', 'GzipCodec'],
  ])('writes a SequenceFile of %s by default', async (format, codec, className) => {
    await using dir = tempDir();
    const { sink, deliver } = make(dir, {
      ...{ 'hdfs.fileType': 'sequencefile', 'hdfs.writeFormat': format },
      ...(codec === '' ? {} : { 'hdfs.codeC': codec }),
    });
    await sink.start();
    const outcome = await deliver(
      withHeaders(['a', { timestamp: '5' }], ['b', { timestamp: 'x' }], ['c', {}]),
    );
    expect(outcome).toMatchObject({ refused: [{ index: 1, reason: expect.stringContaining('timestamp') }] });
    await sink.stop();
    const [[name, text]] = (await filesOf(dir.join('out'), (bytes) => bytes.toString('latin1'))) as [
      [string, string],
    ];
    expect(name).toBe(codec === '' ? 'FlumeData.N' : 'FlumeData.N.gz');
    expect(text.slice(0, 4)).toBe('SEQ\x06');
    expect(text).toContain(`${className}`);
  });

  it('joins the events of many batches in one member in stream mode', async () => {
    await using dir = tempDir();
    const { sink, deliver } = make(dir, {
      ...{ 'hdfs.fileType': 'CompressedStream', 'hdfs.codeC': 'gzip', writeMode: 'stream' },
    });
    await sink.start();
    const delivering = numbered('event', 50).map((body) => deliver(batchOf(body)));
    await sink.flush?.();
    await Promise.all(delivering);
    const [file] = await filesOf(
      dir.join('out'),
      (bytes) => `${bytes.length} ${gunzipSync(bytes).toString()}`,
    );
    expect(Number.parseInt(file![1], 10)).toBeLessThan(250); // 50 members of 20 bytes and more
    expect(file![1].split('\n')).toHaveLength(51);
    await sink.stop();
  });

  it('writes events through the serializer that is named', async () => {
    await using dir = tempDir();
    const { sink, deliver } = make(dir, { serializer: 'HEADER_AND_TEXT', 'serializer.appendNewline': false });
    await sink.start();
    await deliver(withHeaders(['a', { k: 'v' }]));
    await sink.stop();
    expect(await filesOf(dir.join('out'))).toEqual([['FlumeData.N', '{k=v} a']]);
  });

  it('refuses events without a place, and writes the others of their batch', async () => {
    await using dir = tempDir();
    const { sink, deliver } = make(dir, {
      'hdfs.path': `file://${dir.path}/out/%{h}/%Y`,
      'hdfs.timeZone': 'GMT',
    });
    await sink.start();
    const timestamp = '1350611220000';
    const outcome = await deliver(
      withHeaders(
        ['a', { h: 'x', timestamp }],
        ['b', { h: '../..', timestamp }],
        ['c', { h: 'x' }],
        ['d', { h: 'x', timestamp }],
      ),
    );
    expect(outcome).toMatchObject({ refused: [{ index: 1 }, { index: 2 }], pending: [] });
    await sink.stop();
    expect(await filesOf(dir.path)).toContainEqual(['out/x/2012/FlumeData.N', 'a\nd\n']);
  });

  it('acknowledges in stream mode when the file is under its final name', async () => {
    await using dir = tempDir();
    const { sink, deliver } = make(dir, { writeMode: 'stream', 'hdfs.rollCount': 2 });
    await sink.start();
    let acknowledged = 0;
    const note = () => acknowledged++;
    const first = deliver(batchOf('a')).then(note);
    const second = deliver(batchOf('b', 'c')).then(note);
    await first; // its file is full
    expect(acknowledged).toBe(1);
    expect(await filesOf(dir.join('out'))).toEqual([
      ['FlumeData.N', 'a\nb\n'],
      ['FlumeData.N.tmp', 'c\n'],
    ]);
    await sink.flush?.({ idle: true });
    await new Promise(setImmediate);
    expect(acknowledged).toBe(1);
    await sink.flush?.();
    await second;
    await sink.stop();
  });

  it('finishes what a killed process has left: what may be acknowledged gets its name, the rest is removed', async () => {
    await using dir = tempDir();
    for (const writeMode of ['append', 'stream']) {
      const { sink, deliver } = make(dir, { writeMode, 'hdfs.path': `file://${dir.path}/out/${writeMode}` });
      await sink.start();
      void deliver(batchOf(writeMode));
      await vi.waitFor(async () =>
        expect(await filesOf(dir.join('out', writeMode))).toEqual([['FlumeData.N.tmp', `${writeMode}\n`]]),
      );
      // As after a kill: the note stays as it is, and the lock is gone.
      const note = await readFile(dir.join('open', 'open-files'));
      await sink.stop();
      await rm(dir.join('out', writeMode), { recursive: true });
      await mkdir(dir.join('out', writeMode));
      const { open } = JSON.parse(note.toString().trim().split('\n').at(-1)!);
      await writeFile(dir.join('out', writeMode, open), `${writeMode}\n`);
      await writeFile(dir.join('out', writeMode, 'FlumeData.1.tmp'), 'somebody else');
      await writeFile(dir.join('open', 'open-files'), note);
      const again = make(dir, { writeMode, 'hdfs.path': `file://${dir.path}/out/${writeMode}` });
      await again.sink.start();
      await again.sink.stop();
      const kept = writeMode === 'append' ? [['FlumeData.N', 'append\n']] : [];
      expect(
        (await filesOf(dir.join('out', writeMode))).filter(([name]) => name !== 'FlumeData.1.tmp'),
      ).toEqual(kept);
      expect(existsSync(dir.join('out', writeMode, 'FlumeData.1.tmp'))).toBe(true);
      expect(await readFile(dir.join('open', 'open-files'), 'utf8')).not.toContain('"open"');
    }
  });

  it('goes on without notes where they can not be had, and says so', async () => {
    await using dir = tempDir();
    await writeFile(dir.join('file'), '');
    const { sink, deliver, context } = make(dir, { openFilesFolder: dir.join('file', 'open') });
    await sink.start();
    await deliver(batchOf('a'));
    await sink.stop();
    expect(context.diagnostics).toMatchObject([{ code: 'file-left', severity: 'warning' }]);
    expect(await filesOf(dir.join('out'))).toEqual([['FlumeData.N', 'a\n']]);
  });

  it('writes over nothing: where a name is taken, the next number is', async () => {
    await using dir = tempDir();
    const { sink, deliver, context } = make(dir, { 'hdfs.rollCount': 1 });
    await sink.start();
    await deliver(batchOf('a'));
    const [inUse] = await readdir(dir.join('out'));
    await mkdir(dir.join('out', inUse!.replace('.tmp', '')));
    await deliver(batchOf('b'));
    await sink.stop();
    const texts = (await filesOf(dir.join('out')))
      .filter(([name]) => name === 'FlumeData.N')
      .map(([, text]) => text);
    expect(texts.sort()).toEqual(['a\n', 'b\n']);
    expect(context.diagnostics).toEqual([]);
  });

  it.each([
    [{ 'hdfs.path': 'flume/events' }, 'no absolute path'],
    [{ 'hdfs.path': 'gs://bucket/flume' }, 'gs:// is not built'],
    [{ 'hdfs.path': 'webhdfs:///flume' }, 'names no server'],
    [{ 'hdfs.path': 'hdfs://%{h}/flume' }, 'no server or name service'],
    [{ 'hdfs.path': 'hdfs://nn/flume', 'hdfs.kerberosPrincipal': 'flume/_HOST@X' }, 'Kerberos is not built'],
    [{ 'hdfs.proxyUser': 'etl@REALM' }, 'hdfs.proxyUser: etl@REALM is no short name of a user'],
    [{ 'hdfs.proxyUser': 'etl/host' }, 'is no short name of a user'],
    [{ 'hdfs.path': 'file://host/flume' }, 'no absolute path'],
    [{ 'hdfs.path': 'file:///a/../b' }, "'..'"],
    [{ 'hdfs.path': 'file:///a/%[hostname]' }, "static escape string 'hostname'"],
    [{ 'hdfs.codeC': 'gzip' }, 'which does NOT support compressed output'],
    [{ 'hdfs.fileType': 'CompressedStream' }, 'essential to set compress codec'],
    [{ 'hdfs.fileType': 'CompressedStream', 'hdfs.codeC': 'rar' }, "no compression codec 'rar'"],
    [{ 'hdfs.fileType': 'CompressedStream', 'hdfs.codeC': 'lzop' }, 'lzop is not built'],
    [{ 'hdfs.fileType': 'SequenceFile', 'hdfs.writeFormat': 'x.y.Z' }, "'x.y.Z' is not built"],
    [{ 'hdfs.round': true, 'hdfs.roundValue': 61 }, 'Round value must be > 0 and <= 60'],
    [{ 'hdfs.batchSize': 0 }, 'hdfs.batchSize'],
  ])('refuses %o', async (properties, why) => {
    await using dir = tempDir();
    expect(() => make(dir, properties as Properties)).toThrow(why);
  });
});
