import { appendFileSync, copyFileSync, renameSync, truncateSync, unlinkSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { TailFolder } from '../../../../testkit/src/taildir/running-source.ts';

let folder: TailFolder;

beforeEach(() => {
  folder = new TailFolder();
});
afterEach(() => folder.remove());

test('renamed within the pattern: goes on where it was', async () => {
  writeFileSync(folder.log('app.log'), 'one\n');
  const tail = await folder.tail().start();
  await tail.expectLines('one');
  renameSync(folder.log('app.log'), folder.log('app.log.1'));
  writeFileSync(folder.log('app.log'), 'two\n');
  appendFileSync(folder.log('app.log.1'), 'late\n');
  await tail.until(() => tail.bodies.length === 3);
  await tail.settled();
  expect(tail.bodies.toSorted()).toEqual(['late', 'one', 'two']);
});

test('renamed out of the pattern: the old file is read to its end first', async () => {
  const tail = folder.tail({ filegroupPaths: new Map([['f1', folder.log('app\\.log')]]) });
  writeFileSync(folder.log('app.log'), 'one\n');
  await tail.start();
  await tail.expectLines('one');
  appendFileSync(folder.log('app.log'), 'two\n');
  renameSync(folder.log('app.log'), folder.log('app.log.1'));
  writeFileSync(folder.log('app.log'), 'three\n');
  await tail.expectLines('one', 'two', 'three');
  appendFileSync(folder.log('app.log.1'), 'late\n');
  await tail.expectLines('one', 'two', 'three', 'late');
});

test('a rotation chain while the agent is down: every generation, oldest first', async () => {
  const onlyLive = { filegroupPaths: new Map([['f1', folder.log('app\\.log')]]) };
  writeFileSync(folder.log('app.log'), 'one\n');
  const first = await folder.tail(onlyLive).start();
  await first.expectLines('one');
  await first.stop();
  appendFileSync(folder.log('app.log'), 'two\n');
  renameSync(folder.log('app.log'), folder.log('app.log.1'));
  await sleep(20);
  writeFileSync(folder.log('app.log'), 'three\n');
  renameSync(folder.log('app.log.1'), folder.log('app.log.2'));
  renameSync(folder.log('app.log'), folder.log('app.log.1'));
  await sleep(20);
  writeFileSync(folder.log('app.log'), 'four\n');
  const second = await folder.tail(onlyLive).start();
  await second.expectLines('two', 'three', 'four');
});

test('copytruncate: the copy in the pattern is not read again, and what was not read yet comes from it', async () => {
  writeFileSync(folder.log('app.log'), 'one\ntwo\n');
  const first = await folder.tail().start();
  await first.expectLines('one', 'two');
  await first.stop();
  appendFileSync(folder.log('app.log'), 'three\n');
  copyFileSync(folder.log('app.log'), folder.log('app.log.1'));
  truncateSync(folder.log('app.log'), 0);
  appendFileSync(folder.log('app.log'), 'four\n');
  const second = await folder.tail().start();
  await second.until(() => second.bodies.length >= 2);
  await second.settled();
  expect(second.bodies.toSorted()).toEqual(['four', 'three']);
});

test('copytruncate while it runs: no line twice, none missing, though the copy matches the pattern', async () => {
  writeFileSync(folder.log('app.log'), 'one\ntwo\n');
  const tail = await folder.tail().start();
  await tail.expectLines('one', 'two');
  copyFileSync(folder.log('app.log'), folder.log('app.log.1'));
  await sleep(400); // the copy is seen before the truncation
  truncateSync(folder.log('app.log'), 0);
  appendFileSync(folder.log('app.log'), 'three\n');
  await tail.expectLines('one', 'two', 'three');
  expect(tail.reports).toEqual([]);
});

test('truncated and grown past the old position before anybody looked: starts again', async () => {
  writeFileSync(folder.log('app.log'), 'one\n');
  const tail = await folder.tail().start();
  await tail.expectLines('one');
  writeFileSync(folder.log('app.log'), 'quite other lines\nthan before\n');
  await tail.expectLines('one', 'quite other lines', 'than before');
});

test('bytes that a truncation took before they were read are counted and told', async () => {
  writeFileSync(folder.log('app.log'), 'one\n');
  const tail = await folder.tail({ batchSize: 1 }).start();
  await tail.expectLines('one');
  tail.refuse = true;
  appendFileSync(folder.log('app.log'), `${'x'.repeat(1000)}\n`.repeat(1000)); // more than one look takes in
  await sleep(400);
  truncateSync(folder.log('app.log'), 0);
  tail.refuse = false;
  await tail.until(() => tail.reports.length > 0);
  expect(tail.reports[0]).toMatchObject({ code: 'taildir-lost-bytes', file: folder.log('app.log') });
});

test('a deleted file under whose inode another one comes is read from the start', async () => {
  writeFileSync(folder.log('app.log'), 'one\ntwo\n');
  const first = await folder.tail().start();
  await first.expectLines('one', 'two');
  await first.stop();
  // The same inode with other content, longer than the position: what a reused inode looks like.
  writeFileSync(folder.log('app.log'), 'new1\nnew2\nnew3\n');
  const second = await folder.tail().start();
  await second.expectLines('new1', 'new2', 'new3');
});

test('a file deleted while it is read is read to its end', async () => {
  writeFileSync(folder.log('app.log'), 'one\n');
  // Long enough that a busy machine does not find it closed when it is deleted.
  const tail = await folder.tail({ idleTimeout: 2000 }).start();
  await tail.expectLines('one');
  appendFileSync(folder.log('app.log'), 'two\nlast');
  unlinkSync(folder.log('app.log'));
  await tail.expectLines('one', 'two', 'last');
});
