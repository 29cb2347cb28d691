import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { TailFolder } from '../../../../testkit/src/taildir/running-source.ts';

let folder: TailFolder;

beforeEach(() => {
  folder = new TailFolder();
});
afterEach(() => folder.remove());

test('the position file has Flume’s form, and a restart goes on there', async () => {
  writeFileSync(folder.log('app.log'), 'one\ntwo\n');
  const first = await folder.tail().start();
  await first.expectLines('one', 'two');
  await first.stop();
  const { ino } = statSync(folder.log('app.log'));
  expect(readFileSync(join(folder.dir, 'state', 'pos.json'), 'utf8')).toBe(
    `[{"inode":${ino},"pos":8,"file":"${folder.log('app.log')}"}]`,
  );
  appendFileSync(folder.log('app.log'), 'three\n');
  const second = await folder.tail().start();
  await second.expectLines('three');
});

test('a position file that Flume wrote is honoured; a deleted one means from the start', async () => {
  writeFileSync(folder.log('app.log'), 'one\ntwo\n');
  const { ino } = statSync(folder.log('app.log'));
  mkdirSync(join(folder.dir, 'state'));
  writeFileSync(
    join(folder.dir, 'state', 'pos.json'),
    `[{"inode":${ino},"pos":4,"file":"${folder.log('app.log')}"}]`,
  );
  const first = await folder.tail().start();
  await first.expectLines('two');
  await first.stop();
  unlinkSync(join(folder.dir, 'state', 'pos.json'));
  const second = await folder.tail().start();
  await second.expectLines('one', 'two');
});

test.each(['', '{', '[{"inode":1}]', '"x"', '[{"inode":1,"pos":-5,"file":"/x"}]'])(
  'a position file with %j costs nothing but the positions',
  async (text) => {
    mkdirSync(join(folder.dir, 'state'));
    writeFileSync(join(folder.dir, 'state', 'pos.json'), text);
    writeFileSync(folder.log('app.log'), 'one\n');
    const tail = await folder.tail().start();
    await tail.expectLines('one');
  },
);

test('after a kill nothing is read twice: the journal knows each committed batch', async () => {
  writeFileSync(folder.log('app.log'), 'one\ntwo\n');
  const first = await folder.tail().start();
  await first.expectLines('one', 'two');
  await first.kill();
  expect(existsSync(join(folder.dir, 'state', 'pos.json'))).toBe(false);
  appendFileSync(folder.log('app.log'), 'three\n');
  const second = await folder.tail().start();
  await second.expectLines('three');
});

test('an edited position file wins over the journal', async () => {
  writeFileSync(folder.log('app.log'), 'one\ntwo\n');
  const first = await folder.tail().start();
  await first.expectLines('one', 'two');
  await first.stop();
  const path = join(folder.dir, 'state', 'pos.json');
  writeFileSync(path, readFileSync(path, 'utf8').replace('"pos":8', '"pos":4'));
  const second = await folder.tail().start();
  await second.expectLines('two');
});

test('skipToEnd skips what is there at the start, not what comes later', async () => {
  writeFileSync(folder.log('app.log'), 'old\n');
  const tail = await folder.tail({ skipToEnd: true }).start();
  writeFileSync(folder.log('app.log.new'), 'later\n');
  appendFileSync(folder.log('app.log'), 'new\n');
  await tail.until(() => tail.bodies.length === 2);
  expect(tail.bodies.toSorted()).toEqual(['later', 'new']);
});

test('a full channel: the same lines are tried again, none is lost or doubled', async () => {
  const tail = folder.tail();
  tail.refuse = true;
  writeFileSync(folder.log('app.log'), 'one\ntwo\n');
  await tail.start();
  await sleep(200);
  expect(tail.bodies).toEqual([]);
  tail.refuse = false;
  await tail.expectLines('one', 'two');
});

test('stopped while the channel is full, the lines come after the next start', async () => {
  const first = folder.tail();
  first.refuse = true;
  writeFileSync(folder.log('app.log'), 'one\ntwo\n');
  await first.start();
  await sleep(200);
  await first.stop();
  const second = await folder.tail().start();
  await second.expectLines('one', 'two');
});

test('a folder that appears later, and one that can’t be read, hold up nothing', async () => {
  writeFileSync(folder.log('app.log'), 'here\n');
  const later = join(folder.dir, 'later');
  const tail = await folder
    .tail({
      filegroups: ['f1', 'f2'],
      filegroupPaths: new Map([
        ['f1', folder.log('app\\.log')],
        ['f2', join(later, '.*')],
      ]),
    })
    .start();
  await tail.expectLines('here');
  mkdirSync(later);
  writeFileSync(join(later, 'x'), 'there\n');
  await tail.expectLines('here', 'there');
});

test('an unreadable file is told once and read when it can be', async () => {
  writeFileSync(folder.log('app.log'), 'secret\n');
  chmodSync(folder.log('app.log'), 0);
  chmodSync(folder.dir, 0o777);
  const user = process.geteuid!();
  if (user === 0) process.seteuid!(65534); // root may read anything
  try {
    const tail = await folder.tail().start();
    await sleep(200);
    expect(tail.bodies).toEqual([]);
    expect(tail.source.counter!.eventReadFail).toBe(1);
    const what = `what can't be read: ${folder.log('app.log')}: EACCES: permission denied, open '${folder.log('app.log')}'`;
    expect(tail.state.waits()).toMatchObject([{ kind: 'fault', what }]);
    if (user === 0) process.seteuid!(0);
    chmodSync(folder.log('app.log'), 0o600);
    await tail.expectLines('secret');
    expect(tail.state.waits()).toEqual([]);
  } finally {
    if (user === 0) process.seteuid!(0);
  }
});
