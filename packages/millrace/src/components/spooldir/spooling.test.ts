import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { tempDir } from '../../../../testkit/src/files/temp-dir.ts';
import { SourceCounter } from '../../component/counters.ts';
import { makeDeserializer } from '../../component/define.ts';
import { contextFor, RecordedRefusals, recordingLogger } from '../../component/testing/context.ts';
import { TestPuts } from '../../component/testing/driven-source.ts';
import { findCharset } from '../../java/charsets.ts';
import { TextReader } from '../../java/text-reader.ts';
import { noHeaders } from '../../records/event-batch.ts';
import type { Diagnostic } from '../../runtime/diagnostics.ts';
import { realFiles } from '../../runtime/files.ts';
import { Pace } from '../../tracking/pace.ts';
import { realSourceFiles, type SourceFiles } from '../../tracking/source-files.ts';
import { lineDeserializer } from '../text/line-deserializer.ts';
import { FileInput, InputMemory } from './file-input.ts';
import { SpoolFolder, type SpoolFolderOptions } from './spool-folder.ts';
import { Spooling } from './spooling.ts';

const folderOptions = (root: string): SpoolFolderOptions => ({
  ...{ root, suffix: '.COMPLETED', include: /^.*$/, ignore: /^$/, recursive: false },
  ...{ order: 'oldest', markers: null, settleMs: 0, pollMs: 60_000 },
});

/** Reads `dir` with these files and the given line length until there is nothing to read; may be called again. */
function spooling(dir: string, files: SourceFiles, maxLineLength = 2048) {
  const puts = new TestPuts();
  const counter = new SourceCounter();
  const refused = new RecordedRefusals();
  const diagnostics: Diagnostic[] = [];
  const memory = new InputMemory();
  const { options } = contextFor(lineDeserializer, { maxLineLength });
  const log = recordingLogger();
  const work = new Spooling(
    {
      ...{ channels: puts, counter, refused, log, files, state: realFiles },
      deserialize: (handle, sizeBytes) =>
        makeDeserializer(
          { type: 'LINE', definition: lineDeserializer, options },
          { log },
          new FileInput(handle, sizeBytes, new TextReader(findCharset('UTF-8')!, 'FAIL'), memory),
        ),
      report: (diagnostic) => diagnostics.push(diagnostic),
    },
    {
      ...folderOptions(dir),
      ...{ pollMs: 1, deletes: false, trackerDir: `${dir}/.flumespool`, maxEvents: 100, maxBackoffMs: 10 },
      ...{ stopsAtFaults: false, headersOf: () => noHeaders, source: 'r1' },
    },
  );
  const { signal } = new AbortController();
  return {
    ...{ puts, counter, refused, memory, work },
    codes: () => diagnostics.map(({ code }) => code),
    untilIdle: async (): Promise<void> => {
      while (await work.turn(signal));
    },
  };
}

const fail = (code: string, syscall: string): never => {
  throw Object.assign(new Error(`${code}: imitated, ${syscall}`), { code, syscall });
};

describe('a file that the system does not give', () => {
  it('is told once, tried again later, and holds up no other', async () => {
    using dir = tempDir();
    for (const name of ['a', 'b', 'c']) writeFileSync(dir.join(name), `${name}1\n`);
    let isShut = true;
    const files: SourceFiles = {
      ...realSourceFiles,
      open: (path) => (isShut && path.endsWith('/a') ? fail('EACCES', 'open') : realSourceFiles.open(path)),
    };
    const { puts, codes, untilIdle, work } = spooling(dir.path, files);
    await untilIdle();
    await untilIdle();
    expect(puts.taken).toEqual(['b1', 'c1']);
    expect(codes()).toEqual(['spooldir-unreadable']);
    isShut = false;
    while (!existsSync(dir.join('a.COMPLETED'))) await untilIdle();
    expect(puts.taken).toEqual(['b1', 'c1', 'a1']);
    work.close();
  });

  it('goes on where it was when a device gives its bytes again', async () => {
    using dir = tempDir();
    const line = 'x'.repeat(999);
    writeFileSync(dir.join('a'), `${line}\n`.repeat(1000));
    writeFileSync(dir.join('b'), 'b1\n');
    let isBroken = true;
    const files: SourceFiles = {
      ...realSourceFiles,
      open(path) {
        const handle = realSourceFiles.open(path);
        return Object.assign(Object.create(handle), {
          stat: () => handle.stat(),
          look: () => handle.look(),
          close: () => handle.close(),
          readSync: (into: Buffer, length: number, at: number) => handle.readSync(into, length, at),
          read: (into: Buffer, length: number, at: number) =>
            isBroken && at > 400_000 ? fail('EIO', 'read') : handle.read(into, length, at),
        });
      },
    };
    const { puts, codes, counter, untilIdle, work } = spooling(dir.path, files);
    await untilIdle();
    expect(codes()).toEqual(['spooldir-unreadable']);
    expect(puts.taken).toContain('b1');
    const before = puts.taken.length;
    expect(before).toBeGreaterThan(100);
    isBroken = false;
    while (!existsSync(dir.join('a.COMPLETED'))) await untilIdle();
    expect(puts.taken.filter((body) => body === line)).toHaveLength(1000);
    expect(counter.eventReadFail).toBe(1);
    work.close();
  });
});

describe('bytes that can not be set aside for the moment', () => {
  it('are read again, with all that was read with them', async () => {
    using dir = tempDir();
    writeFileSync(dir.join('a'), Buffer.from('one\n\xff\nthree\n', 'latin1'));
    const { puts, refused, untilIdle, work } = spooling(dir.path, realSourceFiles);
    refused.failure = new Error('no space left');
    await expect(untilIdle()).rejects.toThrow('no space left');
    expect(puts.taken).toEqual([]);
    refused.failure = null;
    await untilIdle();
    expect(puts.taken).toEqual(['one', 'three']);
    expect(refused.bytes).toHaveLength(1);
    work.close();
  });
});

describe('files that are larger than the memory they are read into', () => {
  it('come whole, lines of any length and characters across its end', async () => {
    using dir = tempDir();
    const lines = Array.from({ length: 400 }, (_, i) => `${i} ${'é€😀'.repeat((i * 37) % 500)}`);
    lines.splice(200, 0, 'long '.repeat(300_000));
    writeFileSync(dir.join('a'), lines.join('\n'));
    writeFileSync(dir.join('b'), 'small\n');
    const { puts, memory, untilIdle, work } = spooling(dir.path, realSourceFiles, 10_000_000);
    await untilIdle();
    expect(puts.taken).toEqual([...lines, 'small']);
    // What the long line had needed is given back.
    expect(memory.bytes.length).toBe(256 * 1024);
    work.close();
  });
});

describe('the folder', () => {
  class CountingPace extends Pace {
    handled = 0;
    override due(): boolean {
      this.handled++;
      return super.due();
    }
  }

  it('is listed once for all files that are there', async () => {
    using dir = tempDir();
    const count = 500;
    for (let i = 0; i < count; i++) writeFileSync(dir.join(`f${i}`), '');
    const pace = new CountingPace();
    const folder = new SpoolFolder(folderOptions(dir.path), pace, () => {});
    const names = new Set<string>();
    for (let i = 0; i < count; i++) names.add((await folder.next(() => false))!.name);
    expect(names.size).toBe(count);
    expect(pace.handled).toBe(count);
  });

  it('that is gone for a moment is told, and read when it is there again', async () => {
    using dir = tempDir();
    const failures: string[] = [];
    const folder = new SpoolFolder(folderOptions(dir.join('sp')), new Pace(), (path) => failures.push(path));
    expect(await folder.next(() => false)).toBeNull();
    expect(failures).toEqual([dir.join('sp')]);
    mkdirSync(dir.join('sp'));
    writeFileSync(dir.join('sp/a'), '');
    expect((await folder.next(() => false))?.name).toBe('a');
    expect(readdirSync(dir.join('sp'))).toEqual(['a']);
  });
});
