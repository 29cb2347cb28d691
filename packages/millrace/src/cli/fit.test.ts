import { expect, test } from 'vitest';
import { columnsOf, fit, fitItems } from './fit.ts';
import { type Status, statusText } from './start-status.ts';

/** Plain, wide, combining and joined characters. */
const pieces = ['a', 'bc', ' ', 'é', 'e\u0301', '日', '本語', '👩‍👩‍👧', '.', '0'];
const drawn = (): string =>
  Array.from(
    { length: Math.floor(Math.random() * 40) },
    () => pieces[Math.floor(Math.random() * pieces.length)],
  ).join('');

test('a text is never wider than what it is fitted into, and whole where it fits', () => {
  for (let i = 0; i < 500; i++) {
    const [text, columns] = [drawn(), Math.floor(Math.random() * 60)];
    const fitted = fit(text, columns);
    expect(columnsOf(fitted)).toBeLessThanOrEqual(columns);
    if (columnsOf(text) <= columns) expect(fitted).toBe(text);
    else if (columns > 0) expect(fitted.endsWith('…')).toBe(true);
  }
});

test('items stay whole, and what is left out is marked', () => {
  expect(fitItems(['one', 'two', 'three'], 15)).toBe('one  two  three');
  expect(fitItems(['one', 'two', 'three'], 14)).toBe('one  two …');
  expect(fitItems(['one', 'one', 'one'], 10)).toBe('one  one …');
  expect(fitItems(['one', 'two'], 2)).toBe('o…');
  expect(fitItems([], 10)).toBe('');
  for (let i = 0; i < 500; i++) {
    const items = Array.from({ length: Math.floor(Math.random() * 8) }, () => `x${drawn().trim()}`);
    const columns = Math.floor(Math.random() * 80);
    expect(columnsOf(fitItems(items, columns))).toBeLessThanOrEqual(columns);
  }
});

test('the status line: what matters most first, cut at any width', () => {
  const status: Status = {
    takenPerSecond: 1234.4,
    givenPerSecond: 0,
    notReady: 2,
    lags: [{ group: 'store', lag: 12_345 }],
    fills: [{ channel: 'collect.buffer', percent: 12.34 }],
  };
  const whole = '2 not ready  in 1,234/s  out 0/s  lag store 12,345  fill collect.buffer 12.3%';
  expect(statusText(status, 200)).toBe(whole);
  for (let columns = 1; columns < whole.length; columns++) {
    const text = statusText(status, columns);
    expect(text.length).toBeLessThanOrEqual(columns);
    expect(text.endsWith('…')).toBe(true);
  }
});
