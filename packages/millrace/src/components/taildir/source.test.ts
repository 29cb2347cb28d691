import { appendFileSync, linkSync, utimesSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { TailFolder } from '../../../../testkit/src/taildir/running-source.ts';

let folder: TailFolder;

beforeEach(() => {
  folder = new TailFolder();
});
afterEach(() => folder.remove());

test('reads whole lines, without their carriage return, and waits for the rest of the last one', async () => {
  writeFileSync(folder.log('app.log'), 'a-line1\na-line2\r\npartial');
  const tail = await folder.tail().start();
  await tail.expectLines('a-line1', 'a-line2');
  appendFileSync(folder.log('app.log'), 'END\nafter\n');
  await tail.expectLines('a-line1', 'a-line2', 'partialEND', 'after');
});

test('a last line without newline is sent when the file is idle; what comes later is its own event', async () => {
  writeFileSync(folder.log('app.log'), 'one\npartial');
  const tail = await folder.tail({ idleTimeout: 200 }).start();
  await tail.expectLines('one', 'partial');
  appendFileSync(folder.log('app.log'), 'REST\n');
  await tail.expectLines('one', 'partial', 'REST');
});

test('headers: of the group, the file and the byte offset (golden C3)', async () => {
  writeFileSync(folder.log('app.log'), 'a-line1\na-line2\n');
  const tail = await folder
    .tail({
      headers: new Map([
        ['f1.hk', 'hv1'],
        ['f1.dotted.key', 'x'],
        ['f2.no', 'no'],
      ]),
      fileHeader: true,
      byteOffsetHeader: true,
    })
    .start();
  await tail.expectLines('a-line1', 'a-line2');
  expect(tail.headers).toEqual([
    { byteoffset: '0', hk: 'hv1', 'dotted.key': 'x', file: folder.log('app.log') },
    { byteoffset: '8', hk: 'hv1', 'dotted.key': 'x', file: folder.log('app.log') },
  ]);
});

test('one group, three files: oldest first, a batch from each in turn (golden A5)', async () => {
  const age = { 'app.log.c': 300, 'app.log.a': 200, 'app.log.b': 100 };
  for (const [name, seconds] of Object.entries(age)) {
    const letter = name.at(-1);
    writeFileSync(folder.log(name), [0, 1, 2, 3, 4].map((i) => `${letter}${i}\n`).join(''));
    const time = Date.now() / 1000 - seconds;
    utimesSync(folder.log(name), time, time);
  }
  const tail = await folder.tail({ batchSize: 2, maxBatchCount: 1 }).start();
  await tail.expectLines(...'c0 c1 a0 a1 b0 b1 c2 c3 a2 a3 b2 b3 c4 a4 b4'.split(' '));
});

test('groups go in Java’s hash order, and a file that two groups match is read once', async () => {
  writeFileSync(folder.log('app.log.1'), 'first\n');
  writeFileSync(folder.log('app.log.2'), 'second\n');
  linkSync(folder.log('app.log.2'), folder.log('app.log.2hard'));
  const tail = await folder
    .tail({
      filegroups: ['z', 'y'],
      filegroupPaths: new Map([
        ['z', folder.log('app\\.log\\.1')],
        ['y', folder.log('app\\.log\\.2.*')],
      ]),
    })
    .start();
  await tail.expectLines('second', 'first');
});

test('1 MB lines, binary bytes and multi-byte text come through as they are', async () => {
  const long = 'x'.repeat(1024 * 1024);
  const binary = Buffer.from([0, 255, 254, 13, 1, 13]);
  writeFileSync(
    folder.log('app.log'),
    Buffer.concat([Buffer.from(`${long}\n`), binary, Buffer.from('\n'), Buffer.from('héllo 日本\n\n')]),
  );
  const tail = await folder.tail().start();
  await tail.expectLines(
    long,
    binary.subarray(0, -1).toString('latin1'),
    Buffer.from('héllo 日本').toString('latin1'),
    '',
  );
});

test('a batch of ten thousand long lines fits into one produce request of the default size', async () => {
  const lines = Array.from({ length: 12_000 }, (_, i) => `${i} ${'x'.repeat(200)}`);
  writeFileSync(folder.log('app.log'), `${lines.join('\n')}\n`);
  const tail = await folder.tail({ batchSize: 10_000 }).start();
  await tail.until(() => tail.bodies.length === lines.length);
  expect(tail.bodies).toEqual(lines);
  expect(Math.max(...tail.batchBytes)).toBeLessThanOrEqual(1024 * 1024 - 512);
  expect(tail.batchBytes[0]).toBeGreaterThan(800 * 1024);
});

test('2,000 files: every line of each', async () => {
  for (let i = 0; i < 2000; i++) writeFileSync(folder.log(`app.log.${i}`), `${i}-0\n${i}-1\n`);
  const tail = await folder.tail().start();
  await tail.until(() => tail.bodies.length >= 4000);
  expect(new Set(tail.bodies).size).toBe(4000);
});

test('a writer that is faster than the reader: all lines in order', async () => {
  const tail = await folder.tail({ batchSize: 7 }).start();
  let written = 0;
  for (let round = 0; round < 50; round++) {
    let text = '';
    for (let i = 0; i < 100; i++) text += `line ${written++} ${'é'.repeat(i % 10)}\n`;
    const bytes = Buffer.from(text);
    const cut = Math.floor(bytes.length / 3); // in the middle of a line, perhaps of a character
    appendFileSync(folder.log('app.log'), bytes.subarray(0, cut));
    if (round % 10 === 0) await sleep(5);
    appendFileSync(folder.log('app.log'), bytes.subarray(cut));
  }
  await tail.until(() => tail.bodies.length >= written);
  expect(tail.bodies.map((body) => Number(body.split(' ')[1]))).toEqual([...Array(written).keys()]);
});
