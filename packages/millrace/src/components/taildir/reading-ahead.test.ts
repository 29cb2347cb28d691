import { appendFileSync, writeFileSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import { TailFolder } from '../../../../testkit/src/taildir/running-source.ts';
import { ReadingAhead } from './reading-ahead.ts';

const enough = 12 * 1024 * 1024;
const never = new AbortController().signal;

/** Whether it has resolved after some turns of the event loop. */
async function isOver(promise: Promise<void>): Promise<boolean> {
  let over = false;
  void promise.then(() => {
    over = true;
  });
  for (let i = 0; i < 5; i++) await new Promise(setImmediate);
  return over;
}

test('reading goes on while no more than enough is on its way, and when that is so again', async () => {
  const ahead = new ReadingAhead();
  ahead.begin(enough);
  expect(await isOver(ahead.pause(1e12, never))).toBe(true);
  ahead.begin(10);
  const paused = ahead.pause(1e12, never);
  expect(await isOver(paused)).toBe(false);
  ahead.end(9);
  expect(await isOver(paused)).toBe(false);
  ahead.end(1);
  expect(await isOver(paused)).toBe(true);
  expect(ahead.bytes).toBe(enough);
});

test('a pause ends by itself, however little arrives, and sooner for few bytes', async () => {
  const ahead = new ReadingAhead();
  ahead.begin(enough * 2);
  await ahead.pause(20_000, never); // a millisecond
  expect(await isOver(ahead.pause(0, never))).toBe(true);
  expect(ahead.bytes).toBe(enough * 2);
});

test('a stop ends a pause', async () => {
  const ahead = new ReadingAhead();
  ahead.begin(enough * 2);
  const stop = new AbortController();
  const paused = ahead.pause(1e12, stop.signal);
  expect(await isOver(paused)).toBe(false);
  stop.abort();
  expect(await isOver(paused)).toBe(true);
  expect(await isOver(ahead.pause(1e12, stop.signal))).toBe(true);
});

test('a file much larger than what may be under way is read to its end, though nothing arrives', async () => {
  const folder = new TailFolder();
  try {
    const line = `${'x'.repeat(99_999)}\n`;
    writeFileSync(folder.log('app.log'), line.repeat(180));
    const tail = await folder.tail({ batchSize: 10 }).start();
    await tail.until(() => tail.bodies.length === 180);
  } finally {
    await folder.remove();
  }
});

test('what arrives, and what was given up, is under way no longer', async () => {
  const folder = new TailFolder();
  const begun = vi.spyOn(ReadingAhead.prototype, 'begin');
  const ended = vi.spyOn(ReadingAhead.prototype, 'end');
  try {
    writeFileSync(folder.log('app.log'), 'a\nb\nc\nd\n');
    const tail = folder.tail({ batchSize: 2 });
    tail.delivers = true;
    await tail.start();
    await tail.expectLines('a', 'b', 'c', 'd');
    tail.refuse = true;
    appendFileSync(folder.log('app.log'), 'e\n');
    await tail.until(() => begun.mock.calls.length === 3);
    expect(ended).toHaveBeenCalledTimes(2);
    await tail.stop();
    expect(ended.mock.calls).toEqual(begun.mock.calls);
  } finally {
    await folder.remove();
    vi.restoreAllMocks();
  }
});
