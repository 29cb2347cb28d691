import { expect, test } from 'vitest';
import { Deadline, late } from './deadline.ts';

test('what is left never grows by handing down', () => {
  const whole = Deadline.in(10_000);
  expect(whole.within(60_000).atMs).toBe(whole.atMs);
  expect(whole.within(10).atMs).toBeLessThan(whole.atMs);
  expect(whole.reserve(4000).atMs).toBe(whole.atMs - 4000);
  expect(whole.reserve(60_000).passed).toBe(true);
});

test('a race ends with the promise or with the deadline', async () => {
  expect(await Deadline.in(60_000).race(Promise.resolve(1))).toBe(1);
  expect(await Deadline.in(0).race(new Promise(() => {}))).toBe(late);
  await expect(Deadline.never().race(Promise.reject(new Error('no')))).rejects.toThrow('no');
});

test('a failure after the deadline disturbs nobody', async () => {
  const { promise, reject } = Promise.withResolvers<never>();
  expect(await Deadline.in(0).race(promise)).toBe(late);
  reject(new Error('too late'));
  await new Promise(setImmediate);
});

test('the signal aborts at the deadline, and one that never comes has no timer', async () => {
  const { signal } = Deadline.in(1);
  await new Promise((resolve) => signal.addEventListener('abort', resolve));
  expect(Deadline.never().signal.aborted).toBe(false);
  expect(Deadline.never().passed).toBe(false);
});
