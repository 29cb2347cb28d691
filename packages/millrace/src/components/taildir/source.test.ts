import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { PollableSource } from '../../component/source.ts';
import { testSurroundings } from '../../component/testing/context.ts';
import type { EventBatch } from '../../records/event-batch.ts';
import type { Diagnostic } from '../../runtime/diagnostics.ts';
import { MillraceError } from '../../runtime/errors.ts';
import { silentLogger } from '../../runtime/logger.ts';
import { taildirSource } from './source.ts';

let dir: string;
const running: Tail[] = [];

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'taildir-'));
  mkdirSync(join(dir, 'in'));
});
afterEach(async () => {
  for (const tail of running.splice(0)) await tail.stop();
  rmSync(dir, { recursive: true });
});

const log = (name: string): string => join(dir, 'in', name);

/** A running TAILDIR source whose channel is an array. */
class Tail {
  readonly bodies: string[] = [];
  readonly headers: Record<string, string>[] = [];
  readonly batchSizes: number[] = [];
  readonly batchBytes: number[] = [];
  readonly reports: Diagnostic[] = [];
  readonly source: PollableSource;
  refuse = false;
  #abort = new AbortController();
  #loop: Promise<void> = Promise.resolve();

  constructor(settings: Record<string, unknown> = {}) {
    this.source = taildirSource.create({
      agent: 'a1',
      name: 'r1',
      log: silentLogger,
      ...testSurroundings(),
      report: (diagnostic) => this.reports.push(diagnostic),
      channels: { put: (batch) => this.#put(batch) },
      options: {
        filegroups: ['f1'],
        filegroupPaths: new Map([['f1', join(dir, 'in', 'app\\.log.*')]]),
        headers: new Map(),
        positionFile: join(dir, 'state', 'pos.json'),
        byteOffsetHeader: false,
        skipToEnd: false,
        idleTimeout: 120_000,
        writePosInterval: 3000,
        batchSize: 100,
        maxBatchCount: Number.MAX_SAFE_INTEGER,
        cachePatternMatching: true,
        fileHeader: false,
        fileHeaderKey: 'file',
        acknowledge: 'channel',
        deletedTimeout: 5000,
        skipBom: false,
        skipNul: false,
        continueReplaced: false,
        ...settings,
      } as never,
    }) as PollableSource;
    running.push(this);
  }

  async #put(batch: EventBatch): Promise<void> {
    if (this.refuse) throw new MillraceError('CHANNEL_FULL', 'full');
    this.batchSizes.push(batch.count);
    this.batchBytes.push(batch.sizeBytes);
    for (const event of batch) {
      this.bodies.push(event.body.toString('latin1'));
      this.headers.push(Object.fromEntries(event.headers()));
    }
  }

  async start(): Promise<this> {
    this.#abort = new AbortController();
    await this.source.start();
    const { signal } = this.#abort;
    this.#loop = (async () => {
      while (!signal.aborted) await this.source.process(signal);
    })();
    return this;
  }

  async stop(): Promise<void> {
    if (this.#abort.signal.aborted) return;
    this.#abort.abort();
    await this.#loop;
    await this.source.stop();
  }

  /** Ends as a killed process does: nothing is saved any more. */
  async kill(): Promise<void> {
    const position = join(dir, 'state', 'pos.json');
    const before = existsSync(position) ? readFileSync(position) : null;
    const journal = readFileSync(`${position}.journal`);
    await this.stop();
    if (before === null) rmSync(position, { force: true });
    else writeFileSync(position, before);
    writeFileSync(`${position}.journal`, journal);
  }

  async until(condition: () => boolean): Promise<void> {
    for (let i = 0; i < 1500 && !condition(); i++) await sleep(10);
    expect(condition(), `saw ${this.bodies.length} lines: ${this.bodies.slice(-5).join('|')}`).toBe(true);
  }

  /** Waits until the lines are there, and a little longer for any that are too many. */
  async expectLines(...lines: string[]): Promise<void> {
    await this.until(() => this.bodies.length >= lines.length);
    await sleep(300);
    expect(this.bodies).toEqual(lines);
  }
}

test('reads whole lines, without their carriage return, and waits for the rest of the last one', async () => {
  writeFileSync(log('app.log'), 'a-line1\na-line2\r\npartial');
  const tail = await new Tail().start();
  await tail.expectLines('a-line1', 'a-line2');
  appendFileSync(log('app.log'), 'END\nafter\n');
  await tail.expectLines('a-line1', 'a-line2', 'partialEND', 'after');
});

test('the position file has Flume’s form, and a restart goes on there', async () => {
  writeFileSync(log('app.log'), 'one\ntwo\n');
  const first = await new Tail().start();
  await first.expectLines('one', 'two');
  await first.stop();
  const { ino } = statSync(log('app.log'));
  expect(readFileSync(join(dir, 'state', 'pos.json'), 'utf8')).toBe(
    `[{"inode":${ino},"pos":8,"file":"${log('app.log')}"}]`,
  );
  appendFileSync(log('app.log'), 'three\n');
  const second = await new Tail().start();
  await second.expectLines('three');
});

test('a position file that Flume wrote is honoured; a deleted one means from the start', async () => {
  writeFileSync(log('app.log'), 'one\ntwo\n');
  const { ino } = statSync(log('app.log'));
  mkdirSync(join(dir, 'state'));
  writeFileSync(join(dir, 'state', 'pos.json'), `[{"inode":${ino},"pos":4,"file":"${log('app.log')}"}]`);
  const first = await new Tail().start();
  await first.expectLines('two');
  await first.stop();
  unlinkSync(join(dir, 'state', 'pos.json'));
  const second = await new Tail().start();
  await second.expectLines('one', 'two');
});

test.each(['', '{', '[{"inode":1}]', '"x"', '[{"inode":1,"pos":-5,"file":"/x"}]'])(
  'a position file with %j costs nothing but the positions',
  async (text) => {
    mkdirSync(join(dir, 'state'));
    writeFileSync(join(dir, 'state', 'pos.json'), text);
    writeFileSync(log('app.log'), 'one\n');
    const tail = await new Tail().start();
    await tail.expectLines('one');
  },
);

test('after a kill nothing is read twice: the journal knows each committed batch', async () => {
  writeFileSync(log('app.log'), 'one\ntwo\n');
  const first = await new Tail().start();
  await first.expectLines('one', 'two');
  await first.kill();
  expect(existsSync(join(dir, 'state', 'pos.json'))).toBe(false);
  appendFileSync(log('app.log'), 'three\n');
  const second = await new Tail().start();
  await second.expectLines('three');
});

test('an edited position file wins over the journal', async () => {
  writeFileSync(log('app.log'), 'one\ntwo\n');
  const first = await new Tail().start();
  await first.expectLines('one', 'two');
  await first.stop();
  const path = join(dir, 'state', 'pos.json');
  writeFileSync(path, readFileSync(path, 'utf8').replace('"pos":8', '"pos":4'));
  const second = await new Tail().start();
  await second.expectLines('two');
});

test('renamed within the pattern: goes on where it was', async () => {
  writeFileSync(log('app.log'), 'one\n');
  const tail = await new Tail().start();
  await tail.expectLines('one');
  renameSync(log('app.log'), log('app.log.1'));
  writeFileSync(log('app.log'), 'two\n');
  appendFileSync(log('app.log.1'), 'late\n');
  await tail.until(() => tail.bodies.length === 3);
  await sleep(300);
  expect(tail.bodies.toSorted()).toEqual(['late', 'one', 'two']);
});

test('renamed out of the pattern: the old file is read to its end first', async () => {
  const tail = new Tail({ filegroupPaths: new Map([['f1', log('app\\.log')]]) });
  writeFileSync(log('app.log'), 'one\n');
  await tail.start();
  await tail.expectLines('one');
  appendFileSync(log('app.log'), 'two\n');
  renameSync(log('app.log'), log('app.log.1'));
  writeFileSync(log('app.log'), 'three\n');
  await tail.expectLines('one', 'two', 'three');
  appendFileSync(log('app.log.1'), 'late\n');
  await tail.expectLines('one', 'two', 'three', 'late');
});

test('a rotation chain while the agent is down: every generation, oldest first', async () => {
  const onlyLive = { filegroupPaths: new Map([['f1', log('app\\.log')]]) };
  writeFileSync(log('app.log'), 'one\n');
  const first = await new Tail(onlyLive).start();
  await first.expectLines('one');
  await first.stop();
  appendFileSync(log('app.log'), 'two\n');
  renameSync(log('app.log'), log('app.log.1'));
  await sleep(20);
  writeFileSync(log('app.log'), 'three\n');
  renameSync(log('app.log.1'), log('app.log.2'));
  renameSync(log('app.log'), log('app.log.1'));
  await sleep(20);
  writeFileSync(log('app.log'), 'four\n');
  const second = await new Tail(onlyLive).start();
  await second.expectLines('two', 'three', 'four');
});

test('copytruncate: the copy in the pattern is not read again, and what was not read yet comes from it', async () => {
  writeFileSync(log('app.log'), 'one\ntwo\n');
  const first = await new Tail().start();
  await first.expectLines('one', 'two');
  await first.stop();
  appendFileSync(log('app.log'), 'three\n');
  copyFileSync(log('app.log'), log('app.log.1'));
  truncateSync(log('app.log'), 0);
  appendFileSync(log('app.log'), 'four\n');
  const second = await new Tail().start();
  await second.until(() => second.bodies.length >= 2);
  await sleep(300);
  expect(second.bodies.toSorted()).toEqual(['four', 'three']);
});

test('copytruncate while it runs: no line twice, none missing, though the copy matches the pattern', async () => {
  writeFileSync(log('app.log'), 'one\ntwo\n');
  const tail = await new Tail().start();
  await tail.expectLines('one', 'two');
  copyFileSync(log('app.log'), log('app.log.1'));
  await sleep(400); // the copy is seen before the truncation
  truncateSync(log('app.log'), 0);
  appendFileSync(log('app.log'), 'three\n');
  await tail.expectLines('one', 'two', 'three');
  expect(tail.reports).toEqual([]);
});

test('truncated and grown past the old position before anybody looked: starts again', async () => {
  writeFileSync(log('app.log'), 'one\n');
  const tail = await new Tail().start();
  await tail.expectLines('one');
  writeFileSync(log('app.log'), 'quite other lines\nthan before\n');
  await tail.expectLines('one', 'quite other lines', 'than before');
});

test('bytes that a truncation took before they were read are counted and told', async () => {
  writeFileSync(log('app.log'), 'one\n');
  const tail = await new Tail({ batchSize: 1 }).start();
  await tail.expectLines('one');
  tail.refuse = true;
  appendFileSync(log('app.log'), `${'x'.repeat(1000)}\n`.repeat(1000)); // more than one look takes in
  await sleep(400);
  truncateSync(log('app.log'), 0);
  tail.refuse = false;
  await tail.until(() => tail.reports.length > 0);
  expect(tail.reports[0]).toMatchObject({ code: 'taildir-lost-bytes', file: log('app.log') });
});

test('a deleted file under whose inode another one comes is read from the start', async () => {
  writeFileSync(log('app.log'), 'one\ntwo\n');
  const first = await new Tail().start();
  await first.expectLines('one', 'two');
  await first.stop();
  // The same inode with other content, longer than the position: what a reused inode looks like.
  writeFileSync(log('app.log'), 'new1\nnew2\nnew3\n');
  const second = await new Tail().start();
  await second.expectLines('new1', 'new2', 'new3');
});

test('a file deleted while it is read is read to its end', async () => {
  writeFileSync(log('app.log'), 'one\n');
  // Long enough that a busy machine does not find it closed when it is deleted.
  const tail = await new Tail({ idleTimeout: 2000 }).start();
  await tail.expectLines('one');
  appendFileSync(log('app.log'), 'two\nlast');
  unlinkSync(log('app.log'));
  await tail.expectLines('one', 'two', 'last');
});

test('a last line without newline is sent when the file is idle; what comes later is its own event', async () => {
  writeFileSync(log('app.log'), 'one\npartial');
  const tail = await new Tail({ idleTimeout: 200 }).start();
  await tail.expectLines('one', 'partial');
  appendFileSync(log('app.log'), 'REST\n');
  await tail.expectLines('one', 'partial', 'REST');
});

test('skipToEnd skips what is there at the start, not what comes later', async () => {
  writeFileSync(log('app.log'), 'old\n');
  const tail = await new Tail({ skipToEnd: true }).start();
  writeFileSync(log('app.log.new'), 'later\n');
  appendFileSync(log('app.log'), 'new\n');
  await tail.until(() => tail.bodies.length === 2);
  expect(tail.bodies.toSorted()).toEqual(['later', 'new']);
});

test('headers: of the group, the file and the byte offset (golden C3)', async () => {
  writeFileSync(log('app.log'), 'a-line1\na-line2\n');
  const tail = await new Tail({
    headers: new Map([
      ['f1.hk', 'hv1'],
      ['f1.dotted.key', 'x'],
      ['f2.no', 'no'],
    ]),
    fileHeader: true,
    byteOffsetHeader: true,
  }).start();
  await tail.expectLines('a-line1', 'a-line2');
  expect(tail.headers).toEqual([
    { byteoffset: '0', hk: 'hv1', 'dotted.key': 'x', file: log('app.log') },
    { byteoffset: '8', hk: 'hv1', 'dotted.key': 'x', file: log('app.log') },
  ]);
});

test('one group, three files: oldest first, a batch from each in turn (golden A5)', async () => {
  const age = { 'app.log.c': 300, 'app.log.a': 200, 'app.log.b': 100 };
  for (const [name, seconds] of Object.entries(age)) {
    const letter = name.at(-1);
    writeFileSync(log(name), [0, 1, 2, 3, 4].map((i) => `${letter}${i}\n`).join(''));
    const time = Date.now() / 1000 - seconds;
    utimesSync(log(name), time, time);
  }
  const tail = await new Tail({ batchSize: 2, maxBatchCount: 1 }).start();
  await tail.expectLines(...'c0 c1 a0 a1 b0 b1 c2 c3 a2 a3 b2 b3 c4 a4 b4'.split(' '));
});

test('groups go in Java’s hash order, and a file that two groups match is read once', async () => {
  writeFileSync(log('app.log.1'), 'first\n');
  writeFileSync(log('app.log.2'), 'second\n');
  linkSync(log('app.log.2'), log('app.log.2hard'));
  const tail = await new Tail({
    filegroups: ['z', 'y'],
    filegroupPaths: new Map([
      ['z', log('app\\.log\\.1')],
      ['y', log('app\\.log\\.2.*')],
    ]),
  }).start();
  await tail.expectLines('second', 'first');
});

test('a full channel: the same lines are tried again, none is lost or doubled', async () => {
  const tail = new Tail();
  tail.refuse = true;
  writeFileSync(log('app.log'), 'one\ntwo\n');
  await tail.start();
  await sleep(200);
  expect(tail.bodies).toEqual([]);
  tail.refuse = false;
  await tail.expectLines('one', 'two');
});

test('stopped while the channel is full, the lines come after the next start', async () => {
  const first = new Tail();
  first.refuse = true;
  writeFileSync(log('app.log'), 'one\ntwo\n');
  await first.start();
  await sleep(200);
  await first.stop();
  const second = await new Tail().start();
  await second.expectLines('one', 'two');
});

test('a folder that appears later, and one that can’t be read, hold up nothing', async () => {
  writeFileSync(log('app.log'), 'here\n');
  const later = join(dir, 'later');
  const tail = await new Tail({
    filegroups: ['f1', 'f2'],
    filegroupPaths: new Map([
      ['f1', log('app\\.log')],
      ['f2', join(later, '.*')],
    ]),
  }).start();
  await tail.expectLines('here');
  mkdirSync(later);
  writeFileSync(join(later, 'x'), 'there\n');
  await tail.expectLines('here', 'there');
});

test('an unreadable file is told once and read when it can be', async () => {
  writeFileSync(log('app.log'), 'secret\n');
  chmodSync(log('app.log'), 0);
  chmodSync(dir, 0o777);
  const user = process.geteuid!();
  if (user === 0) process.seteuid!(65534); // root may read anything
  try {
    const tail = await new Tail().start();
    await sleep(200);
    expect(tail.bodies).toEqual([]);
    expect(tail.source.counter!.eventReadFail).toBe(1);
    if (user === 0) process.seteuid!(0);
    chmodSync(log('app.log'), 0o600);
    await tail.expectLines('secret');
  } finally {
    if (user === 0) process.seteuid!(0);
  }
});

test('1 MB lines, binary bytes and multi-byte text come through as they are', async () => {
  const long = 'x'.repeat(1024 * 1024);
  const binary = Buffer.from([0, 255, 254, 13, 1, 13]);
  writeFileSync(
    log('app.log'),
    Buffer.concat([Buffer.from(`${long}\n`), binary, Buffer.from('\n'), Buffer.from('héllo 日本\n\n')]),
  );
  const tail = await new Tail().start();
  await tail.expectLines(
    long,
    binary.subarray(0, -1).toString('latin1'),
    Buffer.from('héllo 日本').toString('latin1'),
    '',
  );
});

test('a batch of ten thousand long lines fits into one produce request of the default size', async () => {
  const lines = Array.from({ length: 12_000 }, (_, i) => `${i} ${'x'.repeat(200)}`);
  writeFileSync(log('app.log'), `${lines.join('\n')}\n`);
  const tail = await new Tail({ batchSize: 10_000 }).start();
  await tail.until(() => tail.bodies.length === lines.length);
  expect(tail.bodies).toEqual(lines);
  expect(Math.max(...tail.batchBytes)).toBeLessThanOrEqual(1024 * 1024 - 512);
  expect(tail.batchBytes[0]).toBeGreaterThan(800 * 1024);
});

test('2,000 files: every line of each', async () => {
  for (let i = 0; i < 2000; i++) writeFileSync(log(`app.log.${i}`), `${i}-0\n${i}-1\n`);
  const tail = await new Tail().start();
  await tail.until(() => tail.bodies.length >= 4000);
  expect(new Set(tail.bodies).size).toBe(4000);
});

test('a writer that is faster than the reader: all lines in order', async () => {
  const tail = await new Tail({ batchSize: 7 }).start();
  let written = 0;
  for (let round = 0; round < 50; round++) {
    let text = '';
    for (let i = 0; i < 100; i++) text += `line ${written++} ${'é'.repeat(i % 10)}\n`;
    const bytes = Buffer.from(text);
    const cut = Math.floor(bytes.length / 3); // in the middle of a line, perhaps of a character
    appendFileSync(log('app.log'), bytes.subarray(0, cut));
    if (round % 10 === 0) await sleep(5);
    appendFileSync(log('app.log'), bytes.subarray(cut));
  }
  await tail.until(() => tail.bodies.length >= written);
  expect(tail.bodies.map((body) => Number(body.split(' ')[1]))).toEqual([...Array(written).keys()]);
});
