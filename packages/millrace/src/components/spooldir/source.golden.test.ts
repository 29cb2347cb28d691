/** What Flume 1.11.0 did with the same folder (C4, A13, A14 of the golden table), and Millrace does in its place. */
import { existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { runAgent } from '../../../../../test/golden/agent-harness.ts';
import { waitFor } from '../../../../testkit/src/process/wait.ts';

const fileSink = `
  a1.sinks.k1.type = file_roll
  a1.sinks.k1.sink.directory = DIR/out
  a1.sinks.k1.sink.rollInterval = 0
  a1.sinks.k1.sink.serializer = HEADER_AND_TEXT
  a1.channels.c1.capacity = 1000
  a1.sources.r1.type = spooldir
  a1.sources.r1.spoolDir = DIR/sp
  a1.sources.r1.settleTime = 0
`;

/** Runs an agent over a folder with these files (name, content, seconds) until so many events are written. */
async function written(
  lines: string,
  files: readonly (readonly [name: string, content: string | Buffer, mtimeS: number])[],
  events: number,
) {
  const run = await runAgent(async (dir) => {
    mkdirSync(dir.join('sp/sub'), { recursive: true });
    for (const [name, content, mtimeS] of files) {
      writeFileSync(dir.join('sp', name), content);
      utimesSync(dir.join('sp', name), mtimeS, mtimeS);
    }
    return fileSink + lines;
  });
  const text = (): string =>
    readdirSync(run.dir.join('out'))
      .map((file) => readFileSync(run.dir.join('out', file), 'utf8'))
      .join('');
  await waitFor('the text', () => text().split('\n').length > events);
  return { run, text: text().replaceAll(run.dir.path, 'DIR') };
}

it('C4: lines, headers, empty files and what is not read', async () => {
  const { run, text } = await written(
    'a1.sources.r1.fileHeader = true\na1.sources.r1.basenameHeader = true',
    [
      ['a.txt', 'one\ntwo\r\nlast-no-nl', 1000],
      ['b.txt', '', 2000],
      ['c.txt', '\n\n', 3000],
      ['.hidden', 'hidden', 10],
      ['x.COMPLETED', 'completed', 10],
    ],
    6,
  );
  await using _run = run;
  expect(text).toBe(
    [
      '{file=DIR/sp/a.txt, basename=a.txt} one',
      '{file=DIR/sp/a.txt, basename=a.txt} two\r',
      '{file=DIR/sp/a.txt, basename=a.txt} last-no-nl',
      '{file=DIR/sp/b.txt, basename=b.txt} ',
      '{file=DIR/sp/c.txt, basename=c.txt} ',
      '{file=DIR/sp/c.txt, basename=c.txt} ',
      '',
    ].join('\n'),
  );
  await waitFor('the renames', () => existsSync(run.dir.join('sp/c.txt.COMPLETED')));
  expect(readdirSync(run.dir.join('sp')).sort()).toEqual(
    [
      '.flumespool',
      '.hidden',
      'a.txt.COMPLETED',
      'b.txt.COMPLETED',
      'c.txt.COMPLETED',
      'sub',
      'x.COMPLETED',
    ].sort(),
  );
  expect(readdirSync(run.dir.join('sp/.flumespool'))).toEqual([]);
});

it('C4: tracker_dir, recursive, with a pattern to ignore', async () => {
  const { run, text } = await written(
    `a1.sources.r1.trackingPolicy = tracker_dir
     a1.sources.r1.trackerDir = DIR/tr
     a1.sources.r1.recursiveDirectorySearch = true
     a1.sources.r1.ignorePattern = ^.*\\\\.tmp$`,
    [
      ['a.log', 'a', 2000],
      ['b.log', 'b', 1000],
      ['sub/d.log', 'd', 3000],
      ['e.tmp', 'e', 500],
    ],
    3,
  );
  await using _run = run;
  expect(text).toBe('{} b\n{} a\n{} d\n');
  await waitFor('the marker', () => existsSync(run.dir.join('tr/sub/d.log.COMPLETED')));
  expect(readFileSync(run.dir.join('tr/a.log.COMPLETED'))).toHaveLength(0);
  expect(readdirSync(run.dir.join('sp')).sort()).toEqual(['a.log', 'b.log', 'e.tmp', 'sub']);
});

it('C4: REPLACE', async () => {
  const { run, text } = await written(
    'a1.sources.r1.decodeErrorPolicy = replace',
    [['a', Buffer.from('6162fffe6364', 'hex'), 1000]],
    1,
  );
  await using _run = run;
  expect(text).toBe('{} ab\ufffd\ufffdcd\n');
});

it('C4: a folder that is missing is tried again, and read once it is there', async () => {
  await using run = await runAgent(fileSink);
  await waitFor('word of it', () => run.logged('Directory does not exist').length > 0);
  mkdirSync(run.dir.join('sp'));
  writeFileSync(run.dir.join('sp/a'), 'a\n');
  await waitFor('the file', () => existsSync(run.dir.join('sp/a.COMPLETED')));
});

it('A13: lines that are too long', async () => {
  const { run, text } = await written(
    '',
    [['a', `${'L'.repeat(2048)}\n${'M'.repeat(5000)}\nend\n`, 1000]],
    6,
  );
  await using _run = run;
  const lengths = text.split('\n').map((line) => line.length - '{} '.length);
  expect(lengths.slice(0, -1)).toEqual([2048, 0, 2048, 2048, 904, 3]);
});

it('A14, with onFault = stop: a name that is used again ends the reading after its events', async () => {
  const { run, text } = await written(
    'a1.sources.r1.onFault = stop',
    [
      ['a.txt.COMPLETED', 'before', 1000],
      ['a.txt', 'again', 1000],
      ['later.txt', 'later', 2000],
    ],
    1,
  );
  await using _run = run;
  expect(text).toBe('{} again\n');
  await waitFor('the end', () => run.logged('FATAL: Spool Directory source r1:').length > 0);
  expect(existsSync(run.dir.join('sp/later.txt'))).toBe(true);
});
