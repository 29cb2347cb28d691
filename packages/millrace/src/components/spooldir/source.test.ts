import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type TempDir, tempDir } from '../../../../testkit/src/files/temp-dir.ts';
import { waitFor } from '../../../../testkit/src/process/wait.ts';
import { contextFor } from '../../component/testing/context.ts';
import { DrivenSource, TestPuts } from '../../component/testing/driven-source.ts';
import type { EventBatch } from '../../records/event-batch.ts';
import { realFiles } from '../../runtime/files.ts';
import { lineDeserializer } from '../text/line-deserializer.ts';
import { MetaWriter, readMeta } from './meta-file.ts';
import { spoolDirSource } from './source.ts';

type Properties = Record<string, string | number | boolean>;

/** Notes batches beside their bodies. */
class Puts extends TestPuts {
  readonly batches: EventBatch[] = [];
  #limit = Number.POSITIVE_INFINITY;

  /** Rejects everything once so many events are taken. */
  rejectAfter(events: number): void {
    this.#limit = events;
  }

  override async put(batch: EventBatch, options?: Parameters<TestPuts['put']>[1]): Promise<void> {
    if (this.taken.length >= this.#limit) this.rejectNext = 1;
    await super.put(batch, options);
    this.batches.push(batch);
  }

  get headers(): Record<string, string>[] {
    return this.batches.flatMap((batch) => [...batch].map((event) => Object.fromEntries(event.headers())));
  }
}

/** A source over `DIR/sp`. */
function spool(dir: TempDir, properties: Properties = {}) {
  mkdirSync(dir.join('sp'), { recursive: true });
  const context = contextFor(
    spoolDirSource,
    { spoolDir: dir.join('sp'), settleTime: 0, pollDelay: 5, maxBackoff: 20, ...properties },
    'r1',
    [lineDeserializer],
  );
  const puts = new Puts();
  const source = spoolDirSource.create({ ...context, channels: puts });
  const driven = new DrivenSource(source);
  return {
    ...{ context, puts, driven, source },
    codes: () => context.diagnostics.map(({ code }) => code),
    start: () => driven.start(),
    taken: (count: number) => waitFor(`${count} events`, () => puts.taken.length >= count),
    [Symbol.asyncDispose]: async () => {
      puts.resume();
      puts.rejectNext = 0;
      await driven.stop();
    },
  };
}

const put = (dir: TempDir, name: string, text: string | Buffer, mtimeS?: number): void => {
  const path = dir.join('sp', name);
  mkdirSync(path.replace(/\/[^/]*$/, ''), { recursive: true });
  writeFileSync(path, text);
  if (mtimeS !== undefined) utimesSync(path, mtimeS, mtimeS);
};
const names = (dir: TempDir, folder = 'sp'): string[] => readdirSync(dir.join(folder)).sort();

describe('which files', () => {
  it('are read, and in which order', async () => {
    using dir = tempDir();
    put(dir, 'young', 'young', 3000);
    put(dir, 'b', 'b', 1000);
    put(dir, 'a', 'a', 1000);
    put(dir, 'old', 'old', 500);
    for (const name of ['.hidden', 'x.COMPLETED', 'x.tmp', 'sub/inner']) put(dir, name, name);
    for (const [consumeOrder, expected] of [
      ['oldest', ['old', 'a', 'b', 'young']],
      ['youngest', ['young', 'a', 'b', 'old']],
    ] as const) {
      await using run = spool(dir, {
        ...{
          consumeOrder,
          ignorePattern: '.*\\.tmp',
          trackingPolicy: 'tracker_dir',
          trackerDir: dir.join(consumeOrder),
        },
      });
      await run.start();
      await run.taken(4);
      expect(run.puts.taken).toEqual(expected);
    }
  });

  it('of folders within, as far as they are not ignored', async () => {
    using dir = tempDir();
    for (const [i, name] of [
      'a.log',
      's/b.log',
      's/t/c.log',
      's/t/d.txt',
      '.s/e.log',
      'skip/f.log',
    ].entries())
      put(dir, name, name, 1000 + i);
    await using run = spool(dir, {
      ...{ recursiveDirectorySearch: true, includePattern: '.*\\.log', ignorePattern: 'skip' },
      ...{ fileHeader: true, basenameHeader: true, basenameHeaderKey: 'base' },
    });
    await run.start();
    await run.taken(3);
    expect(run.puts.taken).toEqual(['a.log', 's/b.log', 's/t/c.log']);
    expect(run.puts.headers[1]).toEqual({ file: dir.join('sp/s/b.log'), base: 'b.log' });
    await waitFor('the rename', () => existsSync(dir.join('sp/s/t/c.log.COMPLETED')));
  });

  it('are marked in the tracker folder, which is believed after a restart', async () => {
    using dir = tempDir();
    const policy = {
      trackingPolicy: 'tracker_dir',
      trackerDir: dir.join('tr'),
      recursiveDirectorySearch: true,
    };
    put(dir, 'a.log', 'a', 1000);
    put(dir, 'sub/d.log', 'd', 2000);
    {
      await using run = spool(dir, policy);
      await run.start();
      await run.taken(2);
      await waitFor('the marker', () => existsSync(dir.join('tr/sub/d.log.COMPLETED')));
    }
    expect(names(dir, 'tr')).toEqual(['a.log.COMPLETED', 'sub']);
    expect(names(dir)).toEqual(['a.log', 'sub']);
    put(dir, 'new.log', 'new', 500);
    await using run = spool(dir, policy);
    await run.start();
    await run.taken(1);
    expect(run.puts.taken).toEqual(['new']);
  });

  it('are not read while they are written to', async () => {
    using dir = tempDir();
    put(dir, 'old', 'old', 1000);
    put(dir, 'fresh', 'fre');
    await using run = spool(dir, { settleTime: 3_600_000 });
    await run.start();
    await run.taken(1);
    expect(names(dir)).toEqual(expect.arrayContaining(['fresh', 'old.COMPLETED']));
    expect(run.puts.taken).toEqual(['old']);
  });
});

describe('a file', () => {
  it('without bytes is one event, once', async () => {
    using dir = tempDir();
    put(dir, 'empty', '');
    put(dir, 'empty2', '');
    await using run = spool(dir, { consumeOrder: 'random' });
    await run.start();
    await waitFor('the renames', () => names(dir).filter((name) => name.endsWith('.COMPLETED')).length === 2);
    expect(run.puts.taken).toEqual(['', '']);
  });

  it('leaves nothing behind in the tracker folder', async () => {
    using dir = tempDir();
    put(dir, 'a', 'line\n'.repeat(1000));
    await using run = spool(dir, { batchSize: 7 });
    await run.start();
    await waitFor('the rename', () => existsSync(dir.join('sp/a.COMPLETED')));
    expect(run.puts.taken).toHaveLength(1000);
    await waitFor('an empty folder', () => names(dir, 'sp/.flumespool').length === 0);
  });

  it('whose name was there before gets another one, and the others are read', async () => {
    using dir = tempDir();
    put(dir, 'a.txt.COMPLETED', 'before');
    put(dir, 'a.txt', 'again', 1000);
    put(dir, 'b.txt', 'b', 2000);
    await using run = spool(dir);
    await run.start();
    await run.taken(2);
    await waitFor('the rename', () => existsSync(dir.join('sp/b.txt.COMPLETED')));
    expect(names(dir)).toEqual(expect.arrayContaining(['a.txt.1.COMPLETED', 'a.txt.COMPLETED']));
    expect(readFileSync(dir.join('sp/a.txt.COMPLETED'), 'utf8')).toBe('before');
    expect(run.codes()).toEqual(['spooldir-name-reused']);
  });

  it('that is written to while it is read is read on, and the others meanwhile', async () => {
    using dir = tempDir();
    put(dir, 'a', 'a1\na2\n', 1000);
    put(dir, 'b', 'b1\n', 2000);
    await using run = spool(dir);
    run.puts.holdUp();
    await run.start();
    await waitFor('the put', () => run.puts.open === 1);
    appendFileSync(dir.join('sp/a'), 'a3\n');
    run.puts.resume();
    await run.taken(4);
    expect(run.puts.taken).toEqual(['a1', 'a2', 'b1', 'a3']);
    await waitFor('the rename', () => existsSync(dir.join('sp/a.COMPLETED')));
    expect(run.codes()).toEqual(['spooldir-still-written']);
  });

  it('that ends within a character because it is still written to is not set aside', async () => {
    using dir = tempDir();
    put(dir, 'a', Buffer.from('one\n€', 'utf8').subarray(0, 5), 1000);
    await using run = spool(dir);
    run.puts.holdUp();
    await run.start();
    await waitFor('the put', () => run.puts.open === 1);
    appendFileSync(dir.join('sp/a'), Buffer.concat([Buffer.from('€').subarray(1), Buffer.from('\n')]));
    run.puts.resume();
    await run.taken(2);
    expect(run.puts.taken).toEqual(['one', '€']);
    expect(run.context.refused.bytes).toEqual([]);
  });

  it('that is replaced while it is read is read from its start', async () => {
    using dir = tempDir();
    put(dir, 'a', 'a1\na2\n', 1000);
    await using run = spool(dir);
    run.puts.holdUp();
    await run.start();
    await waitFor('the put', () => run.puts.open === 1);
    rmSync(dir.join('sp/a'));
    put(dir, 'a', 'other\n', 1000);
    run.puts.resume();
    await run.taken(3);
    expect(run.puts.taken).toEqual(['a1', 'a2', 'other']);
    expect(run.codes()).toEqual(['spooldir-rewritten']);
  });

  it('that was deleted while it was read is told', async () => {
    using dir = tempDir();
    put(dir, 'a', 'a1\n');
    await using run = spool(dir);
    run.puts.holdUp();
    await run.start();
    await waitFor('the put', () => run.puts.open === 1);
    rmSync(dir.join('sp/a'));
    run.puts.resume();
    await waitFor('word of it', () => run.codes().length > 0);
    expect(run.codes()).toEqual(['spooldir-gone']);
  });

  it('that leads nowhere is passed over', async () => {
    using dir = tempDir();
    mkdirSync(dir.join('sp'));
    symlinkSync(dir.join('nowhere'), dir.join('sp/dead'));
    symlinkSync(dir.path, dir.join('sp/folder'));
    put(dir, 'a', 'a');
    await using run = spool(dir, { recursiveDirectorySearch: true });
    await run.start();
    await run.taken(1);
    expect(run.puts.taken).toEqual(['a']);
  });

  it('with bytes that are no text: they are set aside with their place, the rest goes on in order', async () => {
    using dir = tempDir();
    put(dir, 'a', Buffer.concat([Buffer.from('one\ntwo'), Buffer.from([0xff]), Buffer.from('\nthree\n')]));
    await using run = spool(dir);
    await run.start();
    await run.taken(2);
    expect(run.puts.taken).toEqual(['one', 'three']);
    expect(run.context.refused.bytes).toMatchObject([
      { bytes: Buffer.from('two\xff\n', 'latin1'), place: dir.join('sp/a'), position: 4, stage: 'decode' },
    ]);
  });
});

describe('onFault = stop', () => {
  it.each([
    ['a name that was there before', 'File name has been re-used'],
    ['a file that grows', 'File has been modified since being read'],
    ['bytes that are no text', 'are no UTF-8'],
  ])('ends all reading at %s, as Flume does', async (fault, says) => {
    using dir = tempDir();
    put(dir, 'a', fault.startsWith('bytes') ? Buffer.from('good\n\xff\n', 'latin1') : 'a1\n', 1000);
    put(dir, 'b', 'b1\n', 2000);
    if (fault.includes('before')) put(dir, 'a.COMPLETED', '');
    await using run = spool(dir, { onFault: 'stop' });
    run.puts.holdUp();
    await run.start();
    if (fault.includes('grows')) {
      await waitFor('the put', () => run.puts.open === 1);
      appendFileSync(dir.join('sp/a'), 'a2\n');
    }
    run.puts.resume();
    const fatal = await waitFor('the end', () =>
      run.context.log.lines.find((line) => line.includes('FATAL')),
    );
    expect(fatal).toContain(`Spool Directory source r1: { spoolDir: ${dir.join('sp')} }`);
    expect(fatal).toContain(says);
    // As in Flume, lines in front of bytes that are no text are not sent either.
    expect(run.puts.taken).toEqual(fault.startsWith('bytes') ? [] : ['a1']);
    expect(names(dir)).toContain('b');
  });
});

describe("Flume's meta file", () => {
  it('is read: the file goes on where Flume was', async () => {
    using dir = tempDir();
    put(dir, 'a', 'a1\na2\na3\n');
    const meta = new MetaWriter(
      realFiles,
      dir.join('sp/.flumespool/.flumespool-main.meta'),
      dir.join('sp/a'),
      0,
    );
    meta.store(3);
    meta.close();
    await using run = spool(dir);
    await run.start();
    await run.taken(2);
    expect(run.puts.taken).toEqual(['a2', 'a3']);
  });

  it('is written, and says what Flume would; its word goes before the journal', async () => {
    using dir = tempDir();
    const path = dir.join('sp/.flumespool/.flumespool-main.meta');
    put(dir, 'a', 'a1\na2\na3\na4\n');
    {
      await using run = spool(dir, { batchSize: 1 });
      run.puts.rejectAfter(2);
      await run.start();
      await waitFor('a rejection', () => run.puts.rejected > 0);
    }
    expect(readMeta(realFiles, path)).toEqual({ file: dir.join('sp/a'), offset: 6 });
    // Flume has gone on by one more line meanwhile.
    const meta = new MetaWriter(realFiles, path, dir.join('sp/a'), 9);
    meta.close();
    await using run = spool(dir);
    await run.start();
    await run.taken(1);
    expect(run.puts.taken).toEqual(['a4']);
  });

  it('of another file under the same name is not believed', async () => {
    using dir = tempDir();
    put(dir, 'a', 'a1\na2\na3\na4\n');
    {
      await using run = spool(dir, { batchSize: 1 });
      run.puts.rejectAfter(2);
      await run.start();
      await waitFor('a rejection', () => run.puts.rejected > 0);
    }
    put(dir, 'a', 'b1\nb2\nb3\nb4\n');
    await using run = spool(dir);
    await run.start();
    await run.taken(4);
    expect(run.puts.taken).toEqual(['b1', 'b2', 'b3', 'b4']);
    expect(run.codes()).toEqual(['spooldir-replaced']);
  });

  it.each(['', 'Obj\u0001', 'nonsense'])('%j is none', async (text) => {
    using dir = tempDir();
    put(dir, '.flumespool/.flumespool-main.meta', text);
    put(dir, 'a', 'a1\n');
    await using run = spool(dir);
    await run.start();
    await run.taken(1);
    expect(run.puts.taken).toEqual(['a1']);
  });
});

describe('options', () => {
  it('bufferMaxLineLength goes before deserializer.maxLineLength', async () => {
    using dir = tempDir();
    put(dir, 'a', 'abcdef\n');
    await using run = spool(dir, { bufferMaxLineLength: 4, 'deserializer.maxLineLength': 100 });
    await run.start();
    await run.taken(2);
    expect(run.puts.taken).toEqual(['abcd', 'ef']);
  });

  it.each([
    [{ includePattern: '[' }, 'includePattern'],
    [{ inputCharset: 'nope' }, 'charset nope is not known'],
    [{ 'deserializer.outputCharset': 'nope' }, 'charset nope is not known'],
    [{ deletePolicy: 'delay' }, 'deletePolicy'],
  ])('%j can’t be had', (properties, says) => {
    using dir = tempDir();
    expect(() => spool(dir, properties)).toThrow(says);
  });

  it('a folder that is not there is waited for', async () => {
    using dir = tempDir();
    const run = spool(dir, { spoolDir: dir.join('none') });
    await expect(run.source.start()).rejects.toThrow(`Directory does not exist: ${dir.join('none')}`);
  });
});
